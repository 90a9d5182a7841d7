//! A picture coded as PNG or APNG, in the file's own terms.

use std::borrow::Cow;
use std::io::Write;

use super::canvas::default_image_apart;
use super::coded::Coded;
use super::unfilter::paeth;
use crate::{Colour, Layout, Picture, Samples};
use indicia_core::{FormatError, Limits, Source};
use png::{BitDepth, BlendOp, ColorType, Compression, DisposeOp, Encoder, EncodingError, Filter};

/// A still picture has a row that needs none above it this often, where it costs little: decoding some rows can
/// begin there.
pub(super) const ALONE_EVERY: usize = 32;

/// Bytes of a small picture's file besides its samples: signature, header, end and the ends of its stream.
const OVERHEAD: usize = 8 + 25 + 12 + 12 + 6;

/// How many bytes one `IDAT` chunk of a still picture has at most. Each has a CRC of its own.
const CHUNK: usize = 1 << 18;

/// Codes a picture: same size, depth and animation as the file has.
///
/// # Errors
/// If the picture does not fit the file.
pub(crate) fn encode(
    source: &dyn Source,
    layout: &Layout,
    picture: &Picture,
    limits: &Limits,
) -> Result<Coded, FormatError> {
    let colour = match picture.colour {
        Colour::Gray => ColorType::Grayscale,
        Colour::GrayAlpha => ColorType::GrayscaleAlpha,
        Colour::Rgb => ColorType::Rgb,
        Colour::Rgba => ColorType::Rgba,
        Colour::YCbCr => return Err(FormatError::unsupported(25, "Y, Cb, Cr in PNG")),
    };
    let sixteen = matches!(picture.frames.first().map(|frame| &frame.samples), Some(Samples::Sixteen(_)));
    let controls = controls(source, layout, limits)?;
    let terms = Terms {
        width: picture.width,
        height: picture.height,
        colour,
        depth: if sixteen { BitDepth::Sixteen } else { BitDepth::Eight },
    };
    let bytes = match (controls.plays, picture.frames.as_slice()) {
        (None, [frame]) => terms.still(&big_endian(&frame.samples)),
        _ => terms.frames(picture, &controls, default_image_apart(layout)),
    };
    let bytes = bytes.map_err(|_| FormatError::malformed(0, "the picture cannot be coded as PNG"))?;
    Coded::take(&bytes, source, layout, limits)
}

fn big_endian(samples: &Samples) -> Cow<'_, [u8]> {
    match samples {
        Samples::Eight(bytes) => Cow::Borrowed(bytes),
        Samples::Sixteen(values) => Cow::Owned(values.iter().flat_map(|value| value.to_be_bytes()).collect()),
    }
}

/// What the header says of a picture.
struct Terms {
    width: u32,
    height: u32,
    colour: ColorType,
    depth: BitDepth,
}

impl Terms {
    fn encoder<'a>(&self, bytes: &'a mut Vec<u8>, compression: Compression) -> Encoder<'a, &'a mut Vec<u8>> {
        let mut encoder = Encoder::new(bytes, self.width, self.height);
        encoder.set_color(self.colour);
        encoder.set_depth(self.depth);
        encoder.set_compression(compression);
        encoder
    }

    /// A file of one picture, with rows here and there that need none above them.
    fn still(&self, data: &[u8]) -> Result<Vec<u8>, EncodingError> {
        let pixel = self.colour.samples() * if self.depth == BitDepth::Sixteen { 2 } else { 1 };
        let line = self.width as usize * pixel;
        let mut bytes = Vec::new();
        let mut writer = self.encoder(&mut bytes, Compression::Fast).write_header()?;
        let mut stream = writer.stream_writer_with_size(CHUNK)?;
        let mut above: &[u8] = &[];
        let mut due = 0;
        for (at, row) in data.chunks(line.max(1)).enumerate() {
            let alone = at >= due && (at == 0 || cheap_alone(above, row, pixel));
            if alone {
                due = at + ALONE_EVERY;
            }
            stream.set_filter(if alone { Filter::Sub } else { Filter::Adaptive });
            stream.write_all(row)?;
            above = row;
        }
        stream.finish()?;
        writer.finish()?;
        // A filter a row, and 5 bytes for each block of deflate, which is at most 65535 bytes long.
        let plain = data.len() + self.height as usize;
        if bytes.len() > plain + plain.div_ceil(0xFFFF) * 5 + OVERHEAD {
            // Noise: plain bytes are shorter.
            bytes.clear();
            let mut writer = self.encoder(&mut bytes, Compression::NoCompression).write_header()?;
            writer.write_image_data(data)?;
            writer.finish()?;
        }
        Ok(bytes)
    }

    /// A file of an animation, each frame over the whole canvas.
    fn frames(&self, picture: &Picture, controls: &Controls, apart: bool) -> Result<Vec<u8>, EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = self.encoder(&mut bytes, Compression::Fast);
        if let Some(plays) = controls.plays {
            let count = u32::try_from(picture.frames.len() - usize::from(apart)).unwrap_or(u32::MAX);
            encoder.set_animated(count, plays)?;
            encoder.set_sep_def_img(apart)?;
        }
        let mut writer = encoder.write_header()?;
        let mut delays = controls.delays.iter();
        for (at, frame) in picture.frames.iter().enumerate() {
            if let (Some((numerator, denominator)), false) =
                (controls.plays.and(delays.as_slice().first()), apart && at == 0)
            {
                delays.next();
                writer.set_frame_delay(*numerator, *denominator)?;
                writer.set_blend_op(BlendOp::Source)?;
                writer.set_dispose_op(DisposeOp::None)?;
            }
            writer.write_image_data(&big_endian(&frame.samples))?;
        }
        writer.finish()?;
        Ok(bytes)
    }
}

/// Whether a row costs little more without a look at the one above.
///
/// What a row costs is judged as encoders do, by the sum of what is left of its bytes.
fn cheap_alone(above: &[u8], row: &[u8], pixel: usize) -> bool {
    let rest = |value: u8, foretold: u8| u64::from(value.wrapping_sub(foretold).cast_signed().unsigned_abs());
    let (mut alone, mut up, mut plane) = (0, 0, 0);
    let skipped = row.get(pixel..).unwrap_or_default().iter().zip(above.get(pixel..).unwrap_or_default());
    for (((value, above), before), corner) in skipped.zip(row).zip(above) {
        alone += rest(*value, *before);
        up += rest(*value, *above);
        plane += rest(*value, paeth(*before, *above, *corner));
    }
    alone <= up.min(plane) * 5 / 4
}

/// What the file says of its animation.
struct Controls {
    /// How often it plays; `None` if it is a still picture.
    plays: Option<u32>,
    /// How long each frame stays, as a fraction of seconds.
    delays: Vec<(u16, u16)>,
}

fn controls(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Controls, FormatError> {
    let mut controls = Controls { plays: None, delays: Vec::new() };
    for segment in &layout.segments {
        match &segment.name {
            b"acTL" => {
                let bytes = limits.take(source, segment.span)?;
                let plays = bytes.get(12..16).and_then(|plays| plays.try_into().ok()).map(u32::from_be_bytes);
                controls.plays = Some(plays.unwrap_or(0));
            }
            b"fcTL" => {
                let bytes = limits.take(source, segment.span)?;
                let short = |at: usize| {
                    bytes.get(at..at + 2).and_then(|short| short.try_into().ok()).map(u16::from_be_bytes)
                };
                // Length, type, sequence number, width, height, x, y, then the delay.
                controls.delays.push((short(28).unwrap_or(0), short(30).unwrap_or(0)));
            }
            _ => {}
        }
    }
    Ok(controls)
}
