//! The pixels of PNG and APNG: every frame decoded onto the full canvas, and coded again in the file's own terms.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::{Band, Colour, Frame, Layout, Picture, Piece, Samples, Segment, Shape, exif};
use indicia_core::{FormatError, Limits, Problem, Source, Span};
use png::{BitDepth, BlendOp, ColorType, Compression, Decoder, DisposeOp, Encoder, Reader, Transformations};

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

/// Decodes the rows that are wanted and passes over those above; of animations and of interlaced pictures all,
/// since each of their rows may need the whole coded data.
///
/// # Errors
/// As [`decode`]; damage below the rows goes unnoticed.
pub(crate) fn decode_rows(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
    wanted: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    let Open { mut reader, canvas, shape, colour } = Open::new(source, layout, limits)?;
    if animated(layout) || reader.info().interlaced {
        return decode(source, layout, limits).map(Band::from);
    }
    let rows = shape.clamp(&wanted(shape));
    let line = canvas.width * canvas.pixel;
    let mut passed = vec![0; line];
    let mut bytes = vec![0; rows.len() * line];
    let mut read = |row: &mut [u8]| match reader.read_row(row) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(FormatError::new(0, Problem::Truncated)),
        Err(err) => Err(problem(err, limits)),
    };
    for _ in 0..rows.start {
        read(&mut passed)?;
    }
    for row in bytes.chunks_exact_mut(line.max(1)) {
        read(row)?;
    }
    let frames = vec![Frame { samples: samples(bytes, canvas.sample == 2) }];
    Ok(Band { shape, colour, rows, frames })
}

fn animated(layout: &Layout) -> bool {
    layout.segments.iter().any(|segment| segment.name == *b"acTL")
}

/// A picture whose header was read and found to be within the limits.
struct Open<'a> {
    reader: Reader<Stream<'a>>,
    canvas: Canvas,
    shape: Shape,
    colour: Colour,
}

impl<'a> Open<'a> {
    fn new(source: &'a dyn Source, layout: &Layout, limits: &Limits) -> Result<Self, FormatError> {
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

fn orientation(source: &dyn Source, layout: &Layout, limits: &Limits) -> u8 {
    let block = layout.packets.iter().find(|packet| packet.carrier == crate::Carrier::Exif);
    let block = block.and_then(|packet| packet.read(source, limits).ok());
    block.map_or(1, |block| exif::orientation(&block))
}

fn samples(bytes: Vec<u8>, sixteen: bool) -> Samples {
    if !sixteen {
        return Samples::Eight(bytes);
    }
    Samples::Sixteen(bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

/// The canvas that frames are drawn onto.
struct Canvas {
    width: usize,
    height: usize,
    /// Bytes a pixel.
    pixel: usize,
    /// Bytes a sample.
    sample: usize,
}

/// Where on the canvas a frame goes, and what becomes of it (APNG: `fcTL`).
#[derive(Clone, Copy)]
struct Area {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Canvas {
    fn new(width: u32, height: u32, pixel: usize, sample: usize) -> Self {
        Self { width: width as usize, height: height as usize, pixel, sample }
    }

    fn len(&self) -> usize {
        self.width * self.height * self.pixel
    }

    fn still(&self, reader: &mut Reader<Stream<'_>>, limits: &Limits) -> Result<Vec<u8>, FormatError> {
        let mut bytes = vec![0; self.len()];
        reader.next_frame(&mut bytes).map_err(|err| problem(err, limits))?;
        Ok(bytes)
    }

    fn animation(
        &self,
        reader: &mut Reader<Stream<'_>>,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Vec<Vec<u8>>, FormatError> {
        let mut frames = Vec::new();
        if default_image_apart(layout) {
            frames.push(self.still(reader, limits)?);
        }
        let count = layout.segments.iter().filter(|segment| segment.name == *b"fcTL").count();
        let (mut canvas, mut raw) = (vec![0; self.len()], vec![0; self.len()]);
        for _ in 0..count {
            reader.next_frame(&mut raw).map_err(|err| problem(err, limits))?;
            let Some(control) = reader.info().frame_control().copied() else {
                return Err(FormatError::malformed(0, "a frame has no fcTL chunk"));
            };
            let area = Area {
                x: control.x_offset as usize,
                y: control.y_offset as usize,
                width: control.width as usize,
                height: control.height as usize,
            };
            let before = (control.dispose_op == DisposeOp::Previous).then(|| canvas.clone());
            self.draw(&mut canvas, &raw, area, control.blend_op);
            frames.push(canvas.clone());
            match (control.dispose_op, before) {
                (DisposeOp::Background, _) => self.clear(&mut canvas, area),
                (DisposeOp::Previous, Some(before)) => canvas = before,
                _ => {}
            }
        }
        Ok(frames)
    }

    /// The bytes of one row of an area.
    fn row(&self, area: Area, row: usize) -> Range<usize> {
        let start = ((area.y + row) * self.width + area.x) * self.pixel;
        start..start + area.width * self.pixel
    }

    fn draw(&self, canvas: &mut [u8], frame: &[u8], area: Area, blend: BlendOp) {
        for (row, new) in frame.chunks_exact((area.width * self.pixel).max(1)).take(area.height).enumerate() {
            let Some(old) = canvas.get_mut(self.row(area, row)) else { continue };
            match blend {
                BlendOp::Source => old.copy_from_slice(new),
                BlendOp::Over => {
                    for (old, new) in old.chunks_exact_mut(self.pixel).zip(new.chunks_exact(self.pixel)) {
                        over(old, new, self.sample);
                    }
                }
            }
        }
    }

    fn clear(&self, canvas: &mut [u8], area: Area) {
        for row in 0..area.height {
            if let Some(old) = canvas.get_mut(self.row(area, row)) {
                old.fill(0);
            }
        }
    }
}

/// One pixel over another, alpha last (PNG third edition, section 13.16). Samples are big-endian.
fn over(old: &mut [u8], new: &[u8], sample: usize) {
    let most: u64 = if sample == 2 { 0xFFFF } else { 0xFF };
    let value = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let split = |bytes: &[u8]| value(bytes.get(bytes.len() - sample..).unwrap_or_default());
    let (front, back) = (split(new), split(old));
    if front == most || back == 0 {
        return old.copy_from_slice(new);
    }
    if front == 0 {
        return;
    }
    // All alphas in units of `most` squared, so that nothing is rounded twice.
    let behind = back * (most - front);
    let whole = front * most + behind;
    let colours = old.len() - sample;
    let mixed =
        |old: &[u8], new: &[u8]| (value(new) * front * most + value(old) * behind + whole / 2) / whole;
    let store = |bytes: &mut [u8], value: u64| {
        let wide = value.to_be_bytes();
        bytes.copy_from_slice(wide.get(8 - bytes.len()..).unwrap_or_default());
    };
    let (old_colours, old_alpha) = old.split_at_mut(colours);
    for (old, new) in old_colours.chunks_exact_mut(sample).zip(new.chunks_exact(sample)) {
        let value = mixed(old, new);
        store(old, value);
    }
    store(old_alpha, (whole + most / 2) / most);
}

/// Whether the pixels of `IDAT` are no frame of the animation: no `fcTL` stands before them.
fn default_image_apart(layout: &Layout) -> bool {
    let first = layout.segments.iter().find(|segment| matches!(&segment.name, b"IDAT" | b"fcTL"));
    first.is_some_and(|segment| segment.name == *b"IDAT")
}

/// A picture coded as the chunks that replace those of the file.
pub(crate) struct Coded {
    header: Vec<u8>,
    control: Option<Vec<u8>>,
    pixels: Vec<u8>,
    /// First segment of pixels or frame control in the file, where the new ones go.
    first: u64,
    /// Whether the colour type changed, so that chunks which depend on it no longer fit.
    recoloured: bool,
}

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
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(colour);
    encoder.set_depth(if sixteen { BitDepth::Sixteen } else { BitDepth::Eight });
    encoder.set_compression(Compression::Fast);
    let controls = controls(source, layout, limits)?;
    let apart = default_image_apart(layout);
    let writes = |_| FormatError::malformed(0, "the picture cannot be coded as PNG");
    if let Some(plays) = controls.plays {
        let count = u32::try_from(picture.frames.len() - usize::from(apart)).unwrap_or(u32::MAX);
        encoder.set_animated(count, plays).map_err(writes)?;
        encoder.set_sep_def_img(apart).map_err(writes)?;
    }
    let mut writer = encoder.write_header().map_err(writes)?;
    let mut delays = controls.delays.iter();
    for (at, frame) in picture.frames.iter().enumerate() {
        if let (Some((numerator, denominator)), false) =
            (controls.plays.and(delays.as_slice().first()), apart && at == 0)
        {
            delays.next();
            writer.set_frame_delay(*numerator, *denominator).map_err(writes)?;
            writer.set_blend_op(BlendOp::Source).map_err(writes)?;
            writer.set_dispose_op(DisposeOp::None).map_err(writes)?;
        }
        match &frame.samples {
            Samples::Eight(bytes) => writer.write_image_data(bytes),
            Samples::Sixteen(values) => writer
                .write_image_data(&values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<_>>()),
        }
        .map_err(writes)?;
    }
    writer.finish().map_err(writes)?;
    Coded::take(&bytes, source, layout, limits)
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

impl Coded {
    /// Takes the chunks out of a PNG that was just written.
    fn take(
        bytes: &[u8],
        source: &dyn Source,
        layout: &Layout,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let pixels = |segment: &&Segment| matches!(&segment.name, b"IDAT" | b"fcTL");
        let first = layout.segments.iter().find(pixels).map_or(0, |segment| segment.span.start);
        let old = limits.take(source, Span { start: 8, end: 33 })?;
        let mut coded =
            Self { header: Vec::new(), control: None, pixels: Vec::new(), first, recoloured: false };
        let mut at = 8;
        while let Some(length) =
            bytes.get(at..at + 4).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes)
        {
            let end = at + 12 + length as usize;
            let whole = bytes.get(at..end).unwrap_or_default();
            match whole.get(4..8) {
                Some(b"IHDR") => coded.header = whole.to_vec(),
                Some(b"acTL") => coded.control = Some(whole.to_vec()),
                Some(b"IDAT" | b"fcTL" | b"fdAT") => coded.pixels.extend_from_slice(whole),
                _ => {}
            }
            at = end;
        }
        coded.recoloured = coded.header.get(16..18) != old.get(16..18);
        Ok(coded)
    }

    /// Puts in place of a segment what the new picture has there.
    pub(crate) fn place(&self, segment: &Segment, pieces: &mut Vec<Piece>) {
        match &segment.name {
            b"IHDR" => pieces.push(Piece::New(self.header.clone())),
            b"acTL" => pieces.extend(self.control.clone().map(Piece::New)),
            b"IDAT" | b"fcTL" | b"fdAT" => {
                if segment.span.start == self.first {
                    pieces.push(Piece::New(self.pixels.clone()));
                }
            }
            b"PLTE" | b"tRNS" | b"bKGD" | b"hIST" | b"sBIT" if self.recoloured => {}
            _ => pieces.push(Piece::Keep(segment.span)),
        }
    }
}

fn problem(err: png::DecodingError, limits: &Limits) -> FormatError {
    match err {
        png::DecodingError::IoError(err) if err.kind() == std::io::ErrorKind::UnexpectedEof => {
            FormatError::new(0, Problem::Truncated)
        }
        png::DecodingError::IoError(err) => FormatError::new(0, Problem::Io(err.kind())),
        png::DecodingError::LimitsExceeded => {
            FormatError::new(0, Problem::OverLimit { what: "pixels", limit: limits.pixels })
        }
        png::DecodingError::Format(_) => FormatError::malformed(0, "the pixels cannot be decoded"),
        png::DecodingError::Parameter(_) => {
            FormatError::malformed(0, "there are fewer frames than the file says")
        }
    }
}

/// A source read from its start to its end, in large blocks.
struct Stream<'a> {
    source: &'a dyn Source,
    at: u64,
    block: Cursor<Vec<u8>>,
}

/// Bytes fetched at a time.
const BLOCK: u64 = 1 << 16;

impl<'a> Stream<'a> {
    fn new(source: &'a dyn Source) -> Self {
        Self { source, at: 0, block: Cursor::new(Vec::new()) }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), ready.get(..len)) {
            to.copy_from_slice(from);
        }
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Stream<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.block.position() >= self.block.get_ref().len() as u64 {
            let len = (self.source.size() - self.at).min(BLOCK);
            let block = self.block.get_mut();
            block.resize(usize::try_from(len).unwrap_or(0), 0);
            self.source.read_at(self.at, block)?;
            self.at += len;
            self.block.set_position(0);
        }
        self.block.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.block.consume(amount);
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let here = self.at - (self.block.get_ref().len() as u64 - self.block.position());
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => here.checked_add_signed(by),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
        };
        let target = target.filter(|at| *at <= self.source.size()).ok_or(std::io::ErrorKind::InvalidInput)?;
        self.at = target;
        self.block = Cursor::new(Vec::new());
        Ok(target)
    }
}

#[cfg(test)]
mod tests;
