//! A picture coded as PNG or APNG, in the file's own terms.

use std::borrow::Cow;
use std::io::{self, Cursor};

use super::canvas::default_image_apart;
use super::coded::Coded;
use super::filter::Filtering;
use super::unfilter::NONE;
use crate::png_text::chunk;
use crate::{Colour, Layout, Picture, Samples};
use fdeflate::{Compressor, StoredOnlyCompressor};
use indicia_core::{FormatError, Limits, Source};
use png::{BitDepth, BlendOp, ColorType, Compression, DisposeOp, Encoder, EncodingError};

/// How many bytes one `IDAT` chunk of a still picture has at most. Each has a CRC of its own, so that damage is
/// found early.
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
    let writes = || FormatError::malformed(0, "the picture cannot be coded as PNG");
    let coded = match (controls.plays, picture.frames.as_slice()) {
        (None, [frame]) => {
            let stream = terms.stream(&big_endian(&frame.samples)).map_err(|_| writes())?;
            let mut pixels = Vec::new();
            for part in stream.chunks(CHUNK) {
                pixels.extend(chunk(*b"IDAT", part)?);
            }
            Coded::new(terms.header()?, None, pixels)
        }
        _ => {
            let bytes = terms.animation(picture, &controls, default_image_apart(layout));
            Coded::take(&bytes.map_err(|_| writes())?)
        }
    };
    coded.fit(source, layout, limits)
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
    /// Bytes of a pixel.
    fn pixel(&self) -> usize {
        self.colour.samples() * if self.depth == BitDepth::Sixteen { 2 } else { 1 }
    }

    /// The `IHDR` chunk, of a picture that is not interlaced.
    fn header(&self) -> Result<Vec<u8>, FormatError> {
        let [width, height] = [self.width, self.height].map(u32::to_be_bytes);
        chunk(*b"IHDR", &[&width[..], &height, &[self.depth as u8, self.colour as u8, 0, 0, 0]].concat())
    }

    /// The compressed stream of one picture.
    fn stream(&self, data: &[u8]) -> io::Result<Vec<u8>> {
        let line = self.width as usize * self.pixel();
        if line == 0 || data.len() != line * self.height as usize {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut filtering = Filtering::new(line, self.pixel());
        let mut stream = Compressor::new(Vec::new())?;
        let first = vec![0; line];
        let mut above = first.as_slice();
        for row in data.chunks_exact(line) {
            stream.write_data(filtering.row(above, row))?;
            above = row;
        }
        let stream = stream.finish()?;
        if stream.len() <= StoredOnlyCompressor::<()>::compressed_size(data.len() + self.height as usize) {
            return Ok(stream);
        }
        // Noise is shorter as it is.
        let mut stream = StoredOnlyCompressor::new(Cursor::new(Vec::new()))?;
        for row in data.chunks_exact(line) {
            stream.write_data(&[NONE])?;
            stream.write_data(row)?;
        }
        Ok(stream.finish()?.into_inner())
    }

    /// A file of an animation, each frame over the whole canvas.
    fn animation(
        &self,
        picture: &Picture,
        controls: &Controls,
        apart: bool,
    ) -> Result<Vec<u8>, EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(self.colour);
        encoder.set_depth(self.depth);
        encoder.set_compression(Compression::Fast);
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
