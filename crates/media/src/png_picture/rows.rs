//! Some rows of a PNG, for little more than the price of inflating what stands above them.
//!
//! A compressed stream cannot be entered in its middle: what a file shows as a place to do so could be a lie, and
//! the rows read there not those that a viewer shows. So all that stands above is inflated, and only the work of
//! undoing its filters is saved: it is enough to begin with the last row that needs none above it.

use std::io::BufRead;
use std::ops::Range;

use super::decode::{Open, decode, orientation, samples};
use super::stream::Stream;
use super::unfilter::{PAETH, stands_alone, unfilter};
use super::{animated, problem};
use crate::{Band, Colour, Frame, Layout, Shape};
use indicia_core::{FormatError, Limits, Problem, Source};
use png::{BitDepth, ColorType, Decoded, Info, StreamingDecoder, UnfilterRegion};

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
    if animated(layout) {
        return decode(source, layout, limits).map(Band::from);
    }
    let opened = Opened::new(source, limits)?;
    if let Some(colour) = opened.colour() {
        let (width, height) = opened.size();
        limits.canvas(16, width, height, 1)?;
        let shape = Shape { width, height, orientation: orientation(source, layout, limits) };
        let rows = shape.clamp(&wanted(shape));
        let (line, pixel, sixteen) = opened.line(colour);
        let mut coded = CodedRows::new(opened, limits, height as usize, line, pixel);
        for _ in 0..rows.start {
            coded.pass()?;
        }
        let mut bytes = vec![0; rows.len() * line];
        for row in bytes.chunks_exact_mut(line.max(1)) {
            coded.read(row)?;
        }
        let frames = vec![Frame { samples: samples(bytes, sixteen) }];
        return Ok(Band { shape, colour, rows, frames });
    }
    let Open { mut reader, canvas, shape, colour } = Open::new(source, layout, limits)?;
    if reader.info().interlaced {
        return decode(source, layout, limits).map(Band::from);
    }
    let rows = shape.clamp(&wanted(shape));
    let line = canvas.width * canvas.pixel;
    let mut bytes = vec![0; rows.len() * line];
    let mut passed = vec![0; line];
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

/// A file read up to the first of its pixels.
struct Opened<'a> {
    stream: Stream<'a>,
    decoder: StreamingDecoder,
    info: Info<'static>,
}

impl<'a> Opened<'a> {
    fn new(source: &'a dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let mut decoder = StreamingDecoder::new();
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let mut stream = Stream::new(source);
        loop {
            let (used, event) = decoder.update(stream.ready()?, None).map_err(|err| problem(err, limits))?;
            stream.consume(used);
            if matches!(event, Decoded::ChunkBegin(_, png::chunk::IDAT)) {
                let info = decoder.info().cloned().ok_or(FormatError::new(0, Problem::Truncated))?;
                return Ok(Self { stream, decoder, info });
            }
        }
    }

    fn size(&self) -> (u32, u32) {
        (self.info.width, self.info.height)
    }

    /// What the samples mean, where they are stored as they are decoded: row by row, in 8 or 16 bits each, without a
    /// palette or a colour that stands for transparency.
    fn colour(&self) -> Option<Colour> {
        let Info { interlaced, bit_depth, color_type, trns, frame_control, .. } = &self.info;
        let whole = matches!(bit_depth, BitDepth::Eight | BitDepth::Sixteen);
        if *interlaced || !whole || trns.is_some() || frame_control.is_some() {
            return None;
        }
        match color_type {
            ColorType::Grayscale => Some(Colour::Gray),
            ColorType::GrayscaleAlpha => Some(Colour::GrayAlpha),
            ColorType::Rgb => Some(Colour::Rgb),
            ColorType::Rgba => Some(Colour::Rgba),
            ColorType::Indexed => None,
        }
    }

    /// Bytes of a row and of a pixel, and whether a sample has 16 bits.
    fn line(&self, colour: Colour) -> (usize, usize, bool) {
        let sixteen = self.info.bit_depth == BitDepth::Sixteen;
        let pixel = colour.channels() * if sixteen { 2 } else { 1 };
        (self.info.width as usize * pixel, pixel, sixteen)
    }
}

/// Rows held back at most before their filters are undone: more than lie between two that stand alone in a
/// picture coded here.
const HELD: usize = super::filter::ALONE_EVERY + 8;

/// Room for one call of the decoder, and for the 32 KB that inflating looks back on.
const ROOM: usize = 1 << 17;

/// The least room to call the decoder with.
const LEAST_ROOM: usize = 1 << 14;

/// The rows of a still picture as they are inflated, with filters that are undone as late as can be.
struct CodedRows<'a> {
    stream: Stream<'a>,
    decoder: StreamingDecoder,
    limits: &'a Limits,
    /// Inflated bytes: each row is a filter and `line` bytes.
    buffer: Vec<u8>,
    /// How far the buffer is filled, and how far inflating needs it no more.
    region: UnfilterRegion,
    /// Where in the buffer the first row is that is held back, and where the next begins.
    held: usize,
    next: usize,
    /// The row above the first that is held back, unfiltered; of no meaning if that one stands alone.
    above: Vec<u8>,
    /// Where rows that nobody wants are unfiltered to.
    spare: Vec<u8>,
    line: usize,
    pixel: usize,
}

impl<'a> CodedRows<'a> {
    /// Before the first row. The size of the picture must have been found to be within the limits.
    fn new(opened: Opened<'a>, limits: &'a Limits, height: usize, line: usize, pixel: usize) -> Self {
        // A small picture is held whole.
        let size = ((line + 1) * height + LEAST_ROOM).min((line + 1) * HELD + ROOM);
        Self {
            stream: opened.stream,
            decoder: opened.decoder,
            limits,
            buffer: vec![0; size],
            region: UnfilterRegion::default(),
            held: 0,
            next: 0,
            above: vec![0; line],
            spare: vec![0; line],
            line,
            pixel,
        }
    }

    /// Passes over the next row.
    fn pass(&mut self) -> Result<(), FormatError> {
        if stands_alone(self.filter()?) {
            self.held = self.next;
        }
        self.next += self.line + 1;
        Ok(())
    }

    /// Decodes the next row.
    fn read(&mut self, row: &mut [u8]) -> Result<(), FormatError> {
        if stands_alone(self.filter()?) {
            self.held = self.next;
        }
        self.settle();
        self.next += self.line + 1;
        self.settle();
        row.copy_from_slice(&self.above);
        Ok(())
    }

    /// The filter of the next row, which is then whole in the buffer.
    fn filter(&mut self) -> Result<u8, FormatError> {
        while self.region.filled - self.next <= self.line {
            self.inflate()?;
        }
        match self.buffer.get(self.next) {
            Some(filter) if *filter <= PAETH => Ok(*filter),
            _ => Err(FormatError::malformed(0, "the pixels cannot be decoded")),
        }
    }

    /// Inflates a little more.
    fn inflate(&mut self) -> Result<(), FormatError> {
        if self.buffer.len() - self.region.filled < LEAST_ROOM {
            self.make_room();
        }
        let input = self.stream.ready()?;
        let mut output = self.region.as_buf(&mut self.buffer);
        let (used, event) =
            self.decoder.update(input, Some(&mut output)).map_err(|err| problem(err, self.limits))?;
        self.stream.consume(used);
        match event {
            // The row that is waited for can have come with the end.
            Decoded::ImageDataFlushed if self.region.filled - self.next <= self.line => {
                Err(FormatError::new(0, Problem::Truncated))
            }
            _ => Ok(()),
        }
    }

    /// Drops from the buffer what neither the rows nor inflating need any more.
    fn make_room(&mut self) {
        if self.buffer.len() - (self.region.filled - self.held.min(self.region.available)) < ROOM / 4 {
            self.settle();
        }
        let gone = self.held.min(self.region.available);
        self.buffer.copy_within(gone..self.region.filled, 0);
        self.region.filled -= gone;
        self.region.available -= gone;
        self.held -= gone;
        self.next -= gone;
    }

    /// Undoes the filters of all rows held back, so that [`Self::above`] stands above the next.
    fn settle(&mut self) {
        let held = self.buffer.get(self.held..self.next).unwrap_or_default();
        for coded in held.chunks_exact(self.line + 1) {
            if let Some((filter, coded)) = coded.split_first() {
                unfilter(*filter, self.pixel, &self.above, coded, &mut self.spare);
                std::mem::swap(&mut self.above, &mut self.spare);
            }
        }
        self.held = self.next;
    }
}
