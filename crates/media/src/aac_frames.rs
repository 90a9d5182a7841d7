//! AAC frames to stand before and after those of a file.
//!
//! A frame overlaps with those on both sides, and what a decoder keeps from one to the next is that overlap and the shape of the
//! window (ISO/IEC 14496-3, 4.6.11). So next to the frames of the file stands a silent one with the window that decoders begin
//! with, and the frames of the file decode to what they were.

use crate::anew::play;
use crate::{Filter, Sound, SoundStream};
use indicia_core::{FormatError, Problem};
use syom::{
    AacError, ChannelMode, DecodeOptions, Decoder, EncodeContainer, EncodeOptions, EncodedFrame, Encoder,
};

/// Values of a frame.
pub(crate) const FRAME: u32 = 1024;
/// How well a notice is coded, of 0 to 10: noise stays under what the ear hides.
const QUALITY: u8 = 6;
/// Most bits of a value: 6144 of a frame and channel (ISO/IEC 14496-3, 4.5.3.1).
const MOST_BITS: u64 = 6;
/// One channel of silence: a single channel element without bands, under a sine window, and the end.
const SILENT_MONO: &[u8] = &[0, 0, 0, 0b0000_0111];
/// Two of it: a channel pair element with a common window of that sort, and the end.
const SILENT_STEREO: &[u8] = &[0b0010_0001, 0, 0, 0, 0, 0b0001_1100];

/// Frames, each without a header.
#[derive(Debug, Default)]
pub(crate) struct AacFrames(pub(crate) Vec<Vec<u8>>);

impl AacFrames {
    /// Sound to stand before the first frame of a file, after so many frames of silence that players leave out.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] for more than two channels, and rates that AAC has no number for.
    pub(crate) fn before(sound: &Sound, silence: u64) -> Result<Self, FormatError> {
        let silent = silent(sound.channels)?;
        let mut frames: Vec<_> = (0..silence).map(|_| silent.to_vec()).collect();
        frames.append(&mut coded(sound)?);
        frames.push(silent.to_vec());
        Ok(Self(frames))
    }

    /// Sound to stand after the last frame of a file, before so many frames of silence that players leave out.
    ///
    /// # Errors
    /// As [`AacFrames::before`].
    pub(crate) fn after(sound: &Sound, silence: u64) -> Result<Self, FormatError> {
        let silent = silent(sound.channels)?;
        let mut frames = vec![silent.to_vec()];
        frames.append(&mut coded(sound)?);
        frames.extend((0..silence).map(|_| silent.to_vec()));
        Ok(Self(frames))
    }
}

fn silent(channels: u16) -> Result<&'static [u8], FormatError> {
    match channels {
        1 => Ok(SILENT_MONO),
        2 => Ok(SILENT_STEREO),
        _ => Err(FormatError::unsupported(0, "new sound in AAC of more than two channels")),
    }
}

fn coded(sound: &Sound) -> Result<Vec<Vec<u8>>, FormatError> {
    let mut coder = AacCoder::of_quality(sound.rate, sound.channels)?;
    let mut frames = coder.push(&sound.values)?;
    frames.append(&mut coder.finish()?);
    Ok(frames)
}

/// Codes sound as it comes.
pub(crate) struct AacCoder {
    encoder: Encoder,
    channels: usize,
}

impl AacCoder {
    /// For sound that takes as many bits as it needs to sound well.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] for rates that AAC has no number for.
    fn of_quality(rate: u32, channels: u16) -> Result<Self, FormatError> {
        // By quality no bit rate counts, and yet one is looked at that low rates cannot have.
        Self::new(rate, channels, options().with_quality(QUALITY).with_bitrate_bps(rate))
    }

    /// For sound that takes about so many bits a second.
    ///
    /// # Errors
    /// [`Problem::Unsupported`] for rates that AAC has no number for, and bit rates that it cannot have with them.
    pub(crate) fn of_bit_rate(rate: u32, channels: u16, bit_rate: u32) -> Result<Self, FormatError> {
        Self::new(rate, channels, options().with_bitrate_bps(bit_rate))
    }

    fn new(rate: u32, channels: u16, options: EncodeOptions) -> Result<Self, FormatError> {
        let channels = usize::from(channels);
        let encoder = Encoder::new(rate, channels, &options).map_err(refused)?;
        Ok(Self { encoder, channels })
    }

    /// Takes whole frames of interleaved values, and gives the AAC frames that are ready.
    ///
    /// The first AAC frame is one of silence before the sound, whose second half overlaps with it.
    ///
    /// # Errors
    /// If they cannot be coded.
    pub(crate) fn push(&mut self, values: &[f32]) -> Result<Vec<Vec<u8>>, FormatError> {
        let plane = |channel: usize| -> Vec<f32> {
            let values = values.iter().skip(channel).step_by(self.channels.max(1));
            values.map(|value| value.clamp(-1.0, 1.0)).collect()
        };
        let planes: Vec<_> = (0..self.channels).map(plane).collect();
        let planes: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let mut frames = Vec::new();
        let keep = |frame: EncodedFrame<'_>| {
            frames.push(frame.payload.to_vec());
            Ok(())
        };
        self.encoder.feed(&planes, keep).map_err(refused)?;
        Ok(frames)
    }

    /// Gives the last AAC frames.
    ///
    /// # Errors
    /// As [`AacCoder::push`].
    pub(crate) fn finish(mut self) -> Result<Vec<Vec<u8>>, FormatError> {
        let mut frames = Vec::new();
        let keep = |frame: EncodedFrame<'_>| {
            frames.push(frame.payload.to_vec());
            Ok(())
        };
        self.encoder.finish(keep).map_err(refused)?;
        Ok(frames)
    }
}

/// Changes the sound of so many frames and codes it anew, in as many, each of which decodes to what it stood for before. `average`
/// is the mean length of the old frames in bytes.
///
/// # Errors
/// If the sound cannot be decoded, changed or coded.
pub(crate) fn coded_anew(
    stream: &mut dyn SoundStream,
    filter: &Filter,
    count: u64,
    average: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let facts = stream.facts();
    let most = u64::from(facts.rate) * u64::from(facts.channels) * MOST_BITS;
    let bit_rate = (average * 8 * u64::from(facts.rate) / u64::from(FRAME)).clamp(1, most);
    let bit_rate = u32::try_from(bit_rate).unwrap_or(u32::MAX);
    let mut coder = AacCoder::of_bit_rate(facts.rate, facts.channels, bit_rate)?;
    // The coder's first frame is silence before the sound; a file begins with the next, as it did.
    let mut places = 0..=count;
    let mut add = |frames: Vec<Vec<u8>>| {
        let placed = frames.iter().zip(places.by_ref());
        placed.filter(|(_, place)| *place > 0).try_for_each(|(frame, _)| take(frame))
    };
    play(stream, Some(filter), |values| add(coder.push(values)?))?;
    add(coder.finish()?)?;
    let silent = silent(facts.channels)?;
    places.filter(|place| *place > 0).try_for_each(|_| take(silent))
}

fn options() -> EncodeOptions {
    // Looking ahead, the noise of a tone's start does not go before it: 15 dB less of it, in fewer bytes.
    EncodeOptions::default().with_container(EncodeContainer::Raw).with_lookahead(true)
}

fn refused(_: AacError) -> FormatError {
    FormatError::new(0, Problem::Unsupported("new sound in AAC of this rate"))
}

/// Whether the upper half of the sound is made from the lower one when it is played (HE-AAC, ISO/IEC 14496-3, 4.6.18): by
/// the first frames, as what stands around them need not say so. `config` is the `AudioSpecificConfig` of the core.
pub(crate) fn is_replicated<'f>(config: [u8; 2], frames: impl Iterator<Item = &'f [u8]>) -> bool {
    let options = DecodeOptions::unbounded().with_channel_mode(ChannelMode::Split);
    let mut replicated = false;
    for frame in frames {
        let Ok(mut decoder) = Decoder::from_asc(&config, options.clone()) else { return false };
        // A frame that cannot be decoded says nothing of the others.
        let _ = decoder.decode_au(frame, |decoded| {
            replicated |= decoded.meta.output_rate > decoded.meta.core_rate;
            Ok(())
        });
    }
    replicated
}

#[cfg(test)]
mod tests {
    use super::{AacFrames, is_replicated};
    use crate::Sound;
    use syom::{ChannelMode, DecodeOptions, Decoder};

    const FRAME: usize = super::FRAME as usize;

    /// What frames of 44.1 kHz decode to, channel by channel.
    fn heard(channels: u16, frames: &[Vec<u8>]) -> Vec<Vec<f32>> {
        let config = [0x12, u8::try_from(channels).unwrap() << 3];
        let options = DecodeOptions::unbounded().with_channel_mode(ChannelMode::Split);
        let mut decoder = Decoder::from_asc(&config, options).unwrap();
        let mut planes = vec![Vec::new(); usize::from(channels)];
        for frame in frames {
            let mut take = |frame: syom::Frame<'_>| {
                planes.iter_mut().zip(frame.planar).for_each(|(all, new)| all.extend_from_slice(new));
                Ok(())
            };
            decoder.decode_au(frame, &mut take).unwrap();
        }
        planes
    }

    fn tone(channels: u16) -> Sound {
        let value = |at: usize| 0.4 * (at as f32 * 0.1).sin();
        let values = (0..20_000).flat_map(|at| std::iter::repeat_n(value(at), channels.into())).collect();
        Sound { rate: 44_100, channels, values }
    }

    #[test]
    fn a_notice_is_heard_and_ends_in_silence() {
        for channels in [1, 2] {
            let sound = tone(channels);
            let frames = AacFrames::before(&sound, 0).unwrap().0;
            for plane in heard(channels, &frames) {
                // The coder begins with a frame of silence.
                let same = plane[FRAME..].iter().zip(sound.values.iter().step_by(channels.into()));
                let worst = same.map(|(one, two)| (one - two).abs()).fold(0.0, f32::max);
                assert!(worst < 0.02, "{worst}");
                assert!(plane.len() >= FRAME + 20_000);
            }
            let silence = vec![frames.last().unwrap().clone(); 3];
            assert!(heard(channels, &silence).iter().flatten().all(|value| *value == 0.0));
            let config = [0x12, u8::try_from(channels).unwrap() << 3];
            assert!(!is_replicated(config, frames.iter().map(Vec::as_slice)));
        }
        for rate in [8_000, 16_000, 96_000] {
            assert!(AacFrames::before(&Sound { rate, ..tone(1) }, 0).is_ok(), "{rate}");
        }
        assert!(AacFrames::before(&tone(3), 0).is_err());
        assert!(AacFrames::before(&Sound { rate: 44_101, ..tone(1) }, 0).is_err());
    }

    #[test]
    fn what_follows_a_notice_or_goes_before_one_is_as_it_was() {
        let own = AacFrames::before(&tone(2), 0).unwrap().0;
        let alone = heard(2, &own);
        let before = AacFrames::before(&tone(2), 0).unwrap().0;
        let after = AacFrames::after(&tone(2), 2).unwrap().0;
        let all = heard(2, &[before.clone(), own.clone(), after].concat());
        for (all, alone) in all.iter().zip(&alone) {
            assert_eq!(all[before.len() * FRAME..][..alone.len()], *alone);
        }
    }

    #[test]
    fn replicated_sound_is_known() {
        let sound = tone(1);
        let options = syom::EncodeOptions::default().with_container(syom::EncodeContainer::Raw).with_he(true);
        let mut encoder = syom::Encoder::new(44_100, 1, &options.with_bitrate_bps(48_000)).unwrap();
        let mut frames = Vec::new();
        let mut keep = |frame: syom::EncodedFrame<'_>| {
            frames.push(frame.payload.to_vec());
            Ok(())
        };
        encoder.feed(&[&sound.values], &mut keep).unwrap();
        encoder.finish(&mut keep).unwrap();
        // Low complexity at 22.05 kHz, as a header that does not tell of it has it.
        assert!(is_replicated([0x13, 0x88], frames.iter().map(Vec::as_slice)));
    }
}
