//! Decoding of WebP pictures onto the full canvas.

use std::io::Cursor;

use crate::riff;
use crate::webp_chunks::{ALPHA, Coded, Pictures, extended};
use crate::{Carrier, Colour, Frame, Layout, Picture, Samples};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Decodes every frame onto the full canvas.
///
/// # Errors
/// If the file is broken, or the canvas is over the limit.
pub(crate) fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let pictures = Pictures::read(source, layout)?;
    let Pictures { width, height, .. } = pictures;
    let first = pictures.coded.first().map_or(0, |one| one.colours.start);
    limits.canvas(first, width, height, pictures.coded.len() as u64)?;
    let mut frames = Vec::new();
    let colour = match pictures.coded.as_slice() {
        [still] if still.frame.is_none() => {
            frames.push(picture(source, still, limits)?);
            if still.transparent { Colour::Rgba } else { Colour::Rgb }
        }
        coded => animation(source, &pictures, coded, limits, &mut frames)?,
    };
    let exif = layout.packets.iter().find(|packet| packet.carrier == Carrier::Exif);
    // A block that cannot be read says nothing of how the picture is turned.
    let block = exif.and_then(|packet| packet.read(source, limits).ok());
    let orientation = block.map_or(1, |block| crate::exif::orientation(&block));
    let frames = frames.into_iter().map(|samples| Frame { samples: Samples::Eight(samples) }).collect();
    Ok(Picture { width, height, colour, orientation, frames })
}

/// Puts the frames of an animation on the canvas, one after the other.
fn animation(
    source: &dyn Source,
    pictures: &Pictures,
    coded: &[Coded],
    limits: &Limits,
    frames: &mut Vec<Vec<u8>>,
) -> Result<Colour, FormatError> {
    let width = pictures.width as usize;
    // The background colour is a hint that viewers ignore: the canvas starts out transparent.
    let mut canvas = vec![0u8; width * pictures.height as usize * 4];
    for one in coded {
        let Some(placing) = one.frame else { continue };
        let samples = picture(source, one, limits)?;
        let channels = if one.transparent { 4 } else { 3 };
        let from = |row: usize| ((placing.y as usize + row) * width + placing.x as usize) * 4;
        for (row, line) in samples.chunks_exact(one.width as usize * channels).enumerate() {
            let under = canvas.get_mut(from(row)..).unwrap_or_default().as_chunks_mut().0;
            for (under, over) in under.iter_mut().zip(line.chunks_exact(channels)) {
                *under = match *over {
                    [r, g, b] => [r, g, b, 255],
                    [r, g, b, a] if placing.opaque => [r, g, b, a],
                    [r, g, b, a] => blended(*under, [r, g, b, a]),
                    _ => *under,
                };
            }
        }
        frames.push(canvas.clone());
        if placing.cleared {
            for row in 0..one.height as usize {
                let under = canvas.get_mut(from(row)..).unwrap_or_default();
                under.get_mut(..one.width as usize * 4).unwrap_or_default().fill(0);
            }
        }
    }
    let shows_through = |frame: &Vec<u8>| frame.as_chunks().0.iter().any(|[_, _, _, alpha]| *alpha != 255);
    if pictures.flags.is_some_and(|flags| flags & ALPHA != 0) || frames.iter().any(shows_through) {
        return Ok(Colour::Rgba);
    }
    for frame in frames {
        *frame = frame.as_chunks().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    }
    Ok(Colour::Rgb)
}

/// One pixel over another, neither premultiplied (RFC 9649 section 2.7.1.1).
fn blended(under: [u8; 4], over: [u8; 4]) -> [u8; 4] {
    let [_, _, _, above] = over.map(u32::from);
    let [_, _, _, below] = under.map(u32::from);
    let below = below * (255 - above);
    let sum = above * 255 + below;
    let mix = |over: u8, under: u8| {
        let value = (u32::from(over) * above * 255 + u32::from(under) * below + sum / 2).checked_div(sum);
        u8::try_from(value.unwrap_or(0)).unwrap_or(u8::MAX)
    };
    let ([r, g, b, _], [x, y, z, _]) = (over, under);
    [mix(r, x), mix(g, y), mix(b, z), u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)]
}

/// Decodes one picture: RGBA if it has transparency, else RGB.
fn picture(source: &dyn Source, coded: &Coded, limits: &Limits) -> Result<Vec<u8>, FormatError> {
    let at = coded.colours.start;
    limits.canvas(at, coded.width, coded.height, 1)?;
    // No coding takes more bytes than its pixels by far, so what is longer is not a picture of this size.
    let pixels = u64::from(coded.width) * u64::from(coded.height);
    let limits = Limits { block: limits.block.max(8 * pixels), ..*limits };
    let chunk = |id: &[u8; 4], span: Span| riff::chunk(*id, &limits.take(source, span)?);
    // Alone in a file of its own, so that nothing else in the file matters.
    let flags = if coded.transparent { ALPHA } else { 0 };
    let mut inside = [b"WEBP".to_vec(), extended(flags, coded.width, coded.height)?].concat();
    if let Some(alpha) = coded.alpha {
        inside.extend(chunk(b"ALPH", alpha)?);
    }
    inside.extend(chunk(if coded.lossless { b"VP8L" } else { b"VP8 " }, coded.colours)?);
    let file = riff::chunk(*b"RIFF", &inside)?;
    let broken = |err: image_webp::DecodingError| match err {
        image_webp::DecodingError::IoError(_) | image_webp::DecodingError::NotEnoughInitData => {
            FormatError::new(at, Problem::Truncated)
        }
        image_webp::DecodingError::UnsupportedFeature(_) => {
            FormatError::unsupported(at, "coding of the picture")
        }
        _ => FormatError::malformed(at, "coded picture"),
    };
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).map_err(broken)?;
    let size = decoder.output_buffer_size().ok_or(FormatError::malformed(at, "coded picture"))?;
    let channels = if coded.transparent { 4 } else { 3 };
    if size as u64 != pixels * channels {
        return Err(FormatError::malformed(at, "coded picture"));
    }
    let mut samples = vec![0; size];
    decoder.read_image(&mut samples).map_err(broken)?;
    Ok(samples)
}
