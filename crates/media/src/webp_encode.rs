//! Coding of pictures as WebP, near to how the file was coded before.

use crate::riff::{self, Chunk};
use crate::vp8_quantizer::{coarseness, quality};
use crate::webp_chunks::{Coded, Pictures, three};
use crate::{Colour, Frame, Picture, Samples};
use indicia_core::{FormatError, Limits, Source, Span, Window};
use webp::{Encoder, PixelLayout, WebPConfig};

/// The effort of the encoder, 0 to 6; its own default.
const METHOD: i32 = 4;

/// The chunks of one picture, and whether they hold transparency.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// `ALPH` and `VP8 `, or `VP8L`; within `ANMF` for a frame of an animation.
    pub(crate) chunks: Vec<u8>,
    /// Whether some pixel is not opaque.
    pub(crate) transparent: bool,
}

/// Codes a picture in place of those of a file: lossless what was lossless, else at about the same quality.
///
/// # Errors
/// If it differs from the file in size or number of frames, or cannot be coded.
pub(crate) fn encode(
    source: &dyn Source,
    old: &Pictures,
    new: &Picture,
    limits: &Limits,
) -> Result<Vec<Encoded>, FormatError> {
    let layout = match new.colour {
        Colour::Rgb => PixelLayout::Rgb,
        Colour::Rgba => PixelLayout::Rgba,
        _ => return Err(FormatError::unsupported(0, "a picture in WebP that is not RGB or RGBA")),
    };
    if (new.width, new.height, new.frames.len()) != (old.width, old.height, old.coded.len()) {
        return Err(FormatError::unsupported(0, "a picture of another size or number of frames"));
    }
    let one = |(old, frame): (&Coded, &Frame)| {
        let Samples::Eight(samples) = &frame.samples else {
            return Err(FormatError::unsupported(0, "16-bit samples in WebP"));
        };
        // The encoder would not return from too few samples.
        if samples.len() as u64 != u64::from(new.width) * u64::from(new.height) * new.colour.channels() as u64
        {
            return Err(FormatError::malformed(0, "number of samples of the new picture"));
        }
        let encoder = Encoder::new(samples, layout, new.width, new.height);
        let encoded = near(source, old, &encoder, limits)?;
        match old.frame {
            None => Ok(encoded),
            Some(placing) => {
                let sides = [0, 0, new.width - 1, new.height - 1].map(three).concat();
                // Every frame is the whole canvas: it replaces what was there, and nothing is cleared.
                let mut body = [&sides[..], &placing.duration, &[2]].concat();
                body.extend(encoded.chunks);
                Ok(Encoded { chunks: riff::chunk(*b"ANMF", &body)?, ..encoded })
            }
        }
    };
    old.coded.iter().zip(&new.frames).map(one).collect()
}

/// Codes one picture at the quality at which the old one was coded.
///
/// The quality is not stored, the quantizers are. Coded in one segment, a picture gets the quantizer that the quality
/// names, whatever its detail, so that the mean of the old ones is met at once.
fn near(
    source: &dyn Source,
    old: &Coded,
    encoder: &Encoder<'_>,
    limits: &Limits,
) -> Result<Encoded, FormatError> {
    let at = old.colours.start;
    if old.lossless {
        return run(encoder, at, None);
    }
    let start = Span { start: at, end: old.colours.end.min(at + 128) };
    let problem = |problem| FormatError::new(at, problem);
    let wanted = coarseness(&limits.take(source, start)?).map_err(problem)?;
    run(encoder, at, Some(quality(wanted)))
}

/// Codes at a quality, or without loss.
fn run(encoder: &Encoder<'_>, at: u64, quality: Option<f32>) -> Result<Encoded, FormatError> {
    let refused = FormatError::unsupported(at, "a picture that the WebP encoder does not take");
    let mut config = WebPConfig::new().map_err(|()| refused.clone())?;
    config.method = METHOD;
    config.alpha_quality = 100;
    match quality {
        Some(quality) => {
            config.quality = quality;
            config.segments = 1;
        }
        None => {
            config.lossless = 1;
            config.exact = 1;
            config.quality = 75.0;
        }
    }
    let file = encoder.encode_advanced(&config).map_err(|_| refused.clone())?.to_vec();
    let mut window = Window::new(&file);
    let mut encoded = Encoded { chunks: Vec::new(), transparent: false };
    let mut at = 12;
    while at < file.len() as u64 {
        let chunk = Chunk::read(&mut window, at, None)?;
        at = chunk.span.end;
        let range = |span: Span| {
            let bound = |at| usize::try_from(at).unwrap_or(usize::MAX);
            file.get(bound(span.start)..bound(span.end)).unwrap_or_default()
        };
        match &chunk.id {
            b"ALPH" => encoded.transparent = true,
            b"VP8L" => encoded.transparent = range(chunk.body).get(4).is_some_and(|bits| bits & 0x10 != 0),
            b"VP8 " => {}
            _ => continue,
        }
        encoded.chunks.extend_from_slice(range(chunk.span));
    }
    Ok(encoded)
}
