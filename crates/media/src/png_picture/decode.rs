//! Every frame of a PNG or APNG, decoded onto the full canvas.

use super::animated;
use super::canvas::Canvas;
use super::problem;
use super::stream::Stream;
use crate::{Colour, Frame, Layout, Picture, Samples, Shape, exif};
use indicia_core::{FormatError, Limits, Source};
use png::{BitDepth, ColorType, Decoder, Reader, Transformations};

/// Decodes every frame. An animation is decoded with alpha, since its frames may clear what was there.
///
/// If the default image is not part of the animation, it is the first frame.
pub(crate) fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let Open { mut reader, canvas, shape, colour } = Open::new(source, layout, limits)?;
    let frames = if animated(layout) {
        canvas.animation(&mut reader, layout, limits)?
    } else {
        vec![canvas.still(&mut reader, limits)?]
    };
    let frames =
        frames.into_iter().map(|bytes| Frame { samples: samples(bytes, canvas.sample == 2) }).collect();
    let Shape { width, height, orientation } = shape;
    Ok(Picture { width, height, colour, orientation, frames })
}

/// A picture whose header was read and found to be within the limits.
pub(super) struct Open<'a> {
    pub(super) reader: Reader<Stream<'a>>,
    pub(super) canvas: Canvas,
    pub(super) shape: Shape,
    pub(super) colour: Colour,
}

impl<'a> Open<'a> {
    pub(super) fn new(source: &'a dyn Source, layout: &Layout, limits: &Limits) -> Result<Self, FormatError> {
        let mut decoder = Decoder::new(Stream::new(source));
        let reads = |err: png::DecodingError| problem(err, limits);
        let info = decoder.read_header_info().map_err(reads)?;
        let (width, height) = info.size();
        let animated = animated(layout);
        let frames = if animated {
            layout.segments.iter().filter(|segment| segment.name == *b"fcTL").count() + 1
        } else {
            1
        };
        limits.canvas(16, width, height, frames as u64)?;
        let bytes = usize::try_from(limits.pixels.saturating_mul(8)).unwrap_or(usize::MAX);
        decoder.set_limits(png::Limits { bytes });
        let alpha = if animated { Transformations::ALPHA } else { Transformations::IDENTITY };
        decoder.set_transformations(Transformations::EXPAND | alpha);
        decoder.set_ignore_text_chunk(true);
        let reader = decoder.read_info().map_err(reads)?;
        let (colour, depth) = reader.output_color_type();
        let colour = match colour {
            ColorType::Grayscale => Colour::Gray,
            ColorType::GrayscaleAlpha => Colour::GrayAlpha,
            ColorType::Rgb => Colour::Rgb,
            ColorType::Rgba => Colour::Rgba,
            ColorType::Indexed => return Err(FormatError::unsupported(25, "a palette that does not expand")),
        };
        let sample = if depth == BitDepth::Sixteen { 2 } else { 1 };
        let canvas = Canvas::new(width, height, colour.channels() * sample, sample);
        let shape = Shape { width, height, orientation: orientation(source, layout, limits) };
        Ok(Self { reader, canvas, shape, colour })
    }
}

/// How a viewer turns the picture: 1 where the file says nothing that can be read.
pub(super) fn orientation(source: &dyn Source, layout: &Layout, limits: &Limits) -> u8 {
    let block = layout.packets.iter().find(|packet| packet.carrier == crate::Carrier::Exif);
    let block = block.and_then(|packet| packet.read(source, limits).ok());
    block.map_or(1, |block| exif::orientation(&block))
}

pub(super) fn samples(bytes: Vec<u8>, sixteen: bool) -> Samples {
    if !sixteen {
        return Samples::Eight(bytes);
    }
    Samples::Sixteen(bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}
