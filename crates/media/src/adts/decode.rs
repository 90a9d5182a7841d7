//! AAC decoded frame by frame.

use super::header::{AdtsHeader, LONGEST};
use super::stream::Adts;
use crate::{SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Source, Span, Window};
use symphonia::core::audio::{Channels, Position};
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::AacDecoder;

/// Samples a channel in a frame.
const BLOCK: usize = 1024;

/// Rate and channels. How long it is, nothing tells.
///
/// # Errors
/// If there is no frame, or the channels are told only within it.
pub(crate) fn facts(source: &dyn Source) -> Result<SoundFacts, FormatError> {
    let adts = Adts::read(source, &Limits::default())?;
    opening(&adts).map(|(_, facts)| facts)
}

fn opening(adts: &Adts) -> Result<(AdtsHeader, SoundFacts), FormatError> {
    let at = adts.frames.start;
    let header = adts.header.ok_or(FormatError::malformed(at, "no AAC frame"))?;
    let what = "AAC whose frames tell the channels";
    let channels = header.channels.ok_or(FormatError::unsupported(at, what))?;
    Ok((header, SoundFacts { rate: header.rate, channels, frames: None }))
}

/// Opens the sound for decoding. What spectral band replication would add to it is left out.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for other profiles than low complexity, and more than two channels.
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let adts = Adts::read(source, limits)?;
    let (header, facts) = opening(&adts)?;
    let at = adts.frames.start;
    if header.profile != 1 {
        return Err(FormatError::unsupported(at, "AAC of other profiles than low complexity"));
    }
    let left = Position::FRONT_LEFT;
    let channels = match facts.channels {
        1 => Channels::Positioned(left),
        2 => Channels::Positioned(left | Position::FRONT_RIGHT),
        _ => return Err(FormatError::unsupported(at, "AAC of more than two channels")),
    };
    let mut params = AudioCodecParameters::new();
    params.for_codec(CODEC_ID_AAC).with_sample_rate(facts.rate).with_channels(channels);
    let decoder = AacDecoder::try_new(&params, &AudioDecoderOptions::default())
        .map_err(|_| FormatError::unsupported(at, "this sort of AAC"))?;
    let window = Window::new(source);
    Ok(Box::new(Frames { window, left: adts.frames, header, facts, decoder, decoded: false, failed: false }))
}

/// Sound being decoded, a frame at a time.
struct Frames<'a> {
    window: Window<'a>,
    left: Span,
    header: AdtsHeader,
    facts: SoundFacts,
    decoder: AacDecoder,
    /// Whether a frame was decoded.
    decoded: bool,
    /// Whether a frame could not be decoded.
    failed: bool,
}

impl SoundStream for Frames<'_> {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let at = self.left.start;
        if self.left.is_empty() {
            if self.failed && !self.decoded {
                return Err(FormatError::malformed(at, "no AAC frame could be decoded"));
            }
            return Ok(false);
        }
        let near = usize::try_from(self.left.len()).unwrap_or(LONGEST).min(LONGEST);
        let bytes = self.window.up_to(at, near)?;
        let broken = FormatError::malformed(at, "an AAC frame");
        let header =
            AdtsHeader::at(bytes).filter(|header| header.goes_with(&self.header)).ok_or(broken.clone())?;
        if header.blocks > 1 {
            return Err(FormatError::unsupported(at, "AAC frames of more than one block"));
        }
        let frame = bytes.get(header.head..header.len).ok_or(broken)?.to_vec();
        self.left.start += header.len as u64;
        let packet = Packet::new(0, Timestamp::from(0), Duration::ZERO, frame);
        let mut values: Vec<f32> = Vec::new();
        match self.decoder.decode(&packet) {
            Ok(sound) => {
                self.decoded = true;
                sound.copy_to_vec_interleaved(&mut values);
            }
            // Silence keeps the place of a frame that cannot be decoded, as in players.
            Err(Error::DecodeError(_) | Error::IoError(_)) => self.failed = true,
            Err(_) => return Err(FormatError::unsupported(at, "this sort of AAC frame")),
        }
        values.resize(BLOCK * usize::from(self.facts.channels), 0.0);
        block.extend(values.iter().map(|value| value.clamp(-1.0, 1.0)));
        Ok(true)
    }
}
