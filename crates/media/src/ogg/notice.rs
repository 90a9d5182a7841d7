//! Opus packets before and after those of a file.
//!
//! Packets of Opus can be put beside others without a change to them, but a decoder goes on from what it has heard. So
//! between a notice and the sound the mode changes, between the CELT and the SILK layer: with that a decoder starts the
//! layer it changes to from nothing (RFC 6716, 4.5.2), and the sound decodes to what it was. The 5 ms that decoders
//! blend at such a change lie in what players skip at the start of a file, 6.5 ms with the usual encoder; of a file that skips
//! less, the rest of them is blended with silence.

use super::page::{Page, lacing};
use crate::Sound;
use indicia_core::{FormatError, Span};
use opus_pure::{Application, MAX_PACKET_BYTES, OpusEncoder};

/// Values a second, as Opus counts them.
const RATE: u32 = 48_000;
/// Values of a packet: 20 ms.
const FRAME: usize = 960;
/// Bits a second and channel.
const BIT_RATE: i32 = 64_000;
/// Bits a second of silence in the SILK layer, at 8 kHz.
const SILENCE: (i32, i32) = (12_000, 8_000);
/// Most packets of a page: a second of sound (RFC 7845, 3).
const MOST: usize = 50;
/// The lowest configuration of the CELT layer (RFC 6716, 3.1).
const CELT: u8 = 16;

/// Whether the layer that a packet begins with is CELT alone, by its first byte.
fn is_celt(first: u8) -> bool {
    first >> 3 >= CELT
}

/// Packets that are put at an end of a stream.
#[derive(Debug, Default)]
pub(super) struct Notice {
    packets: Vec<Vec<u8>>,
}

impl Notice {
    /// Codes sound to stand before a packet that begins with this byte. Players skip so many values at its start.
    ///
    /// # Errors
    /// If it cannot be coded.
    pub(super) fn before(first: u8, skip: u64, sound: &Sound, gain: f32) -> Result<Self, FormatError> {
        let skip = usize::try_from(skip).unwrap_or(0);
        let mut packets = coded(sound, skip, gain)?;
        if is_celt(first) {
            packets.push(silence()?);
        }
        Ok(Self { packets })
    }

    /// Codes sound to stand after a packet that begins with this byte.
    ///
    /// # Errors
    /// If it cannot be coded.
    pub(super) fn after(last: u8, sound: &Sound, gain: f32) -> Result<Self, FormatError> {
        let mut packets = Vec::new();
        if is_celt(last) {
            packets.push(silence()?);
        }
        packets.extend(coded(sound, 0, gain)?);
        Ok(Self { packets })
    }

    /// Values of all packets.
    pub(super) fn length(&self) -> u64 {
        (self.packets.len() * FRAME) as u64
    }

    /// Its pages: those of the stream `like` from a number and a position on; the last with these flags.
    pub(super) fn pages(&self, like: &Page, sequence: u32, position: u64, flags: u8) -> Vec<Vec<u8>> {
        let groups = self.packets.chunks(MOST);
        let count = groups.len();
        let page = |(number, packets): (usize, &[Vec<u8>])| {
            let body = packets.concat();
            let heard = (number * MOST + packets.len()) * FRAME;
            let page = Page {
                span: Span { start: 0, end: 0 },
                body: Span { start: 0, end: 0 },
                flags: if number + 1 == count { flags } else { 0 },
                position: position + heard as u64,
                serial: like.serial,
                sequence: sequence.wrapping_add(u32::try_from(number).unwrap_or(0)),
                lacing: packets.iter().flat_map(|packet| lacing(packet.len())).collect(),
            };
            [page.header(&body), body].concat()
        };
        groups.enumerate().map(page).collect()
    }
}

/// Sound after so many values of silence, coded in the CELT layer, to the end of what a coder is late by.
fn coded(sound: &Sound, lead: usize, gain: f32) -> Result<Vec<Vec<u8>>, FormatError> {
    let channels = usize::from(sound.channels);
    if sound.rate != RATE {
        return Err(FormatError::malformed(0, "sound of another rate than the file"));
    }
    let mut encoder = encoder(RATE, channels, Application::RestrictedLowDelay)?;
    encoder.bitrate_bps = BIT_RATE * i32::from(sound.channels);
    let mut values = vec![0.0; lead * channels];
    values.extend(sound.values.iter().map(|value| value * gain));
    let length = values.len() / channels + encoder.lookahead();
    values.resize(length.next_multiple_of(FRAME) * channels, 0.0);
    values.chunks_exact(FRAME * channels).map(|frame| packet(&mut encoder, frame, FRAME)).collect()
}

/// 20 ms of silence in the SILK layer, of one channel.
fn silence() -> Result<Vec<u8>, FormatError> {
    let (bit_rate, rate) = SILENCE;
    let mut encoder = encoder(rate.unsigned_abs(), 1, Application::Voip)?;
    encoder.bitrate_bps = bit_rate;
    let frame = vec![0.0; FRAME / 6];
    let packet = packet(&mut encoder, &frame, frame.len())?;
    if packet.len() < 2 || packet.first().is_none_or(|first| is_celt(*first)) {
        return Err(FormatError::unsupported(0, "silence in another layer of Opus"));
    }
    Ok(packet)
}

pub(super) fn encoder(
    rate: u32,
    channels: usize,
    application: Application,
) -> Result<OpusEncoder, FormatError> {
    let rate = i32::try_from(rate).unwrap_or(0);
    OpusEncoder::new(rate, channels, application)
        .map_err(|_| FormatError::unsupported(0, "new sound in an Opus file of more than two channels"))
}

pub(super) fn packet(
    encoder: &mut OpusEncoder,
    values: &[f32],
    length: usize,
) -> Result<Vec<u8>, FormatError> {
    let mut packet = vec![0; MAX_PACKET_BYTES];
    let coded = encoder.encode(values, length, &mut packet);
    let count = coded.map_err(|_| FormatError::unsupported(0, "sound that Opus cannot code"))?;
    packet.truncate(count);
    Ok(packet)
}

/// Values that a packet lasts, by its first two bytes (RFC 6716, 3.1 and 3.2.5).
pub(super) fn duration(packet: &[u8]) -> u64 {
    let Some(first) = packet.first() else { return 0 };
    let config = first >> 3;
    let frame: u64 = match config {
        0..12 => [480, 960, 1_920, 2_880].get(usize::from(config % 4)).copied().unwrap_or(0),
        12..16 => 480 << (config % 2),
        _ => 120 << (config % 4),
    };
    let count = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |second| u64::from(second & 0x3F)),
    };
    frame * count
}
