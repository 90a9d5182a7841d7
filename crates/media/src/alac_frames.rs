//! ALAC packets that hold their values as they are (Apple Lossless Audio Codec, `alac.h` and the escape flag of its bit stream).
//!
//! A packet is decoded by itself, so that those of a file stay what they were whatever stands beside them.

use crate::Sound;
use indicia_core::FormatError;

/// Bytes of the configuration.
const CONFIG: usize = 24;
/// Values a packet may have at most: 64 times what encoders write.
const MOST: u32 = 1 << 18;

/// What the packets of a stream have in common (`ALACSpecificConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlacConfig {
    /// Values of a packet.
    pub(crate) frame: u32,
    /// Bits of a value.
    depth: u8,
    pub(crate) channels: u16,
    /// Bytes of the longest packet; 0 if not known.
    pub(crate) longest: u32,
}

impl AlacConfig {
    /// Bytes before that of the longest packet.
    pub(crate) const LONGEST: u64 = 12;

    /// The configuration that starts here; `None` if it is broken or of more than two channels.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; CONFIG] = bytes.first_chunk()?;
        let [a, b, c, d, _, depth, _, _, _, channels, _, _, e, f, g, h, ..] = *bytes;
        let (frame, longest) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        let taken =
            matches!(channels, 1 | 2) && matches!(depth, 16 | 20 | 24 | 32) && (1..=MOST).contains(&frame);
        taken.then_some(Self { frame, depth, channels: channels.into(), longest })
    }

    /// Packets of some sound; the last one ends in silence.
    ///
    /// # Errors
    /// If the sound has other channels.
    pub(crate) fn packets(&self, sound: &Sound) -> Result<Vec<Vec<u8>>, FormatError> {
        if sound.channels != self.channels {
            return Err(FormatError::malformed(0, "sound of other channels than the file"));
        }
        let len = usize::try_from(self.frame).unwrap_or(1) * usize::from(self.channels);
        Ok(sound.values.chunks(len).map(|values| self.packet(values, len)).collect())
    }

    fn packet(&self, values: &[f32], len: usize) -> Vec<u8> {
        let mut bits = Bits::default();
        // One or two channels, the first of their sort; twelve bits that mean nothing; not a shorter packet; no bytes set aside;
        // values as they are.
        bits.put(u32::from(self.channels) - 1, 3);
        bits.put(0, 4 + 12 + 1 + 2);
        bits.put(1, 1);
        let scale = 2_f64.powi(i32::from(self.depth) - 1);
        for value in values.iter().chain(std::iter::repeat(&0.0)).take(len) {
            let value = (f64::from(*value) * scale).round().clamp(-scale, scale - 1.0);
            bits.put(whole(value), self.depth);
        }
        bits.put(7, 3);
        bits.bytes()
    }
}

/// The lowest bits of a whole number in two's complement.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and within 32 bits")]
fn whole(value: f64) -> u32 {
    value as i64 as u32
}

/// Bits being put into bytes, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    left: u64,
    count: u8,
}

impl Bits {
    /// Appends the lowest `count` bits of a number.
    fn put(&mut self, number: u32, count: u8) {
        let mask = (1_u64 << count) - 1;
        self.left = self.left << count | u64::from(number) & mask;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.extend((self.left >> self.count).to_be_bytes().last());
        }
    }

    /// All of them, with zeros at the end.
    fn bytes(mut self) -> Vec<u8> {
        self.put(0, (8 - self.count) % 8);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::AlacConfig;
    use crate::Sound;
    use symphonia::core::audio::{Channels, Position};
    use symphonia::core::codecs::audio::well_known::CODEC_ID_ALAC;
    use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
    use symphonia::core::packet::Packet;
    use symphonia::core::units::{Duration, Timestamp};
    use symphonia::default::codecs::AlacDecoder;

    fn cookie(depth: u8, channels: u8) -> Vec<u8> {
        let head = [0, 0, 16, 0, 0, depth, 40, 10, 14, channels, 0, 255];
        [&head[..], &[0; 8], &44_100_u32.to_be_bytes()].concat()
    }

    #[test]
    fn packets_decode_to_the_values_that_went_in() {
        for (depth, channels) in [(16, 1), (16, 2), (20, 1), (24, 2), (32, 2)] {
            let cookie = cookie(depth, channels);
            let config = AlacConfig::read(&cookie).unwrap();
            let values: Vec<f32> =
                (0..5_000 * i32::from(channels)).map(|at| (at as f32 * 0.37).sin()).collect();
            let sound = Sound { rate: 44_100, channels: channels.into(), values };
            let packets = config.packets(&sound).unwrap();
            assert_eq!(packets.len(), 2);
            let left = Position::FRONT_LEFT;
            let both = if channels == 1 { left } else { left | Position::FRONT_RIGHT };
            let mut params = AudioCodecParameters::new();
            params
                .for_codec(CODEC_ID_ALAC)
                .with_sample_rate(44_100)
                .with_channels(Channels::Positioned(both));
            params.with_extra_data(cookie.into());
            let mut decoder = AlacDecoder::try_new(&params, &AudioDecoderOptions::default()).unwrap();
            let mut heard: Vec<f32> = Vec::new();
            for packet in packets {
                let packet = Packet::new(0, Timestamp::from(0), Duration::ZERO, packet);
                let mut values: Vec<f32> = Vec::new();
                decoder.decode(&packet).unwrap().copy_to_vec_interleaved(&mut values);
                heard.extend(values);
            }
            assert_eq!(heard.len(), 2 * 4_096 * usize::from(channels));
            let step = 1.01 / 2_f32.powi(i32::from(depth.min(24)) - 1);
            let worst =
                heard.iter().zip(&sound.values).map(|(one, two)| (one - two).abs()).fold(0.0, f32::max);
            assert!(worst <= step, "{depth} {channels}: {worst}");
            assert!(heard[sound.values.len()..].iter().all(|value| *value == 0.0));
        }
    }

    #[test]
    fn a_configuration_that_is_none_is_told() {
        assert!(AlacConfig::read(&cookie(16, 2)[..23]).is_none());
        assert!(AlacConfig::read(&cookie(16, 3)).is_none());
        assert!(AlacConfig::read(&cookie(17, 2)).is_none());
        assert!(AlacConfig::read(&[0; 24]).is_none());
    }
}
