//! FLAC decoded frame by frame.

use super::blocks::Flac;
use super::stream_info::StreamInfo;
use super::walk::{Frame, Walk};
use crate::{SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Problem, Source};
use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::FlacDecoder;

/// Decodes single frames.
pub(super) struct Decoder {
    decoder: FlacDecoder,
    info: StreamInfo,
}

impl Decoder {
    /// # Errors
    /// If sound of this sort is not decoded.
    pub(super) fn new(info: StreamInfo, at: u64) -> Result<Self, FormatError> {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_FLAC).with_extra_data(info.bytes.into());
        let decoder = FlacDecoder::try_new(&params, &AudioDecoderOptions::default())
            .map_err(|_| FormatError::unsupported(at, "this sort of sound in FLAC"))?;
        Ok(Self { decoder, info })
    }

    /// The samples of a frame, interleaved, each with its sign in the highest of 32 bits.
    ///
    /// # Errors
    /// If it cannot be decoded, or is of other sound than the file says.
    pub(super) fn decode(&mut self, frame: &Frame) -> Result<Vec<i32>, FormatError> {
        let at = frame.span.start;
        if !frame.header.fits(&self.info) {
            return Err(FormatError::unsupported(
                at,
                "FLAC sound whose rate, channels or sample size change",
            ));
        }
        let packet = Packet::new(0, Timestamp::from(0), Duration::ZERO, frame.bytes.as_slice());
        let sound = self
            .decoder
            .decode(&packet)
            .map_err(|_| FormatError::malformed(at, "a FLAC frame that cannot be decoded"))?;
        let mut values: Vec<i32> = Vec::new();
        sound.copy_to_vec_interleaved(&mut values);
        Ok(values)
    }
}

/// Rate, channels and, where it is told, length.
///
/// # Errors
/// If there is no STREAMINFO block that can be read.
pub(crate) fn facts(source: &dyn Source) -> Result<SoundFacts, FormatError> {
    Flac::read(source, &Limits::default())?.info().map(StreamInfo::facts)
}

/// Opens the sound for decoding, frame by frame.
///
/// # Errors
/// If there is no STREAMINFO block that can be read, or sound of this sort is not decoded.
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let flac = Flac::read(source, limits)?;
    let info = *flac.info()?;
    let decoder = Decoder::new(info, flac.signature.start)?;
    Ok(Box::new(Frames { walk: Walk::new(source, flac.frames, info), decoder, info }))
}

/// Sound being decoded, a frame at a time.
struct Frames<'a> {
    walk: Walk<'a>,
    decoder: Decoder,
    info: StreamInfo,
}

impl SoundStream for Frames<'_> {
    fn facts(&self) -> SoundFacts {
        self.info.facts()
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let at = self.walk.at();
        let Some(frame) = self.walk.next_frame()? else {
            return Ok(false);
        };
        let values = self.decoder.decode(&frame)?;
        if values.is_empty() {
            return Err(FormatError::new(at, Problem::Malformed("a FLAC frame without samples")));
        }
        block.extend(values.iter().map(|value| to_float(*value)));
        Ok(true)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the precision of samples is meant")]
fn to_float(value: i32) -> f32 {
    (f64::from(value) / 2_147_483_648.0) as f32
}
