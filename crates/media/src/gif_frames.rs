//! The images of a GIF file, played onto the full canvas as viewers do.

use std::ops::Range;

use crate::gif_blocks::{CONTROL, IMAGE, PLAIN_TEXT, table_len};
use crate::{Band, Colour, Frame, Layout, Picture, Samples, Shape};
use indicia_core::{FormatError, Limits, Problem, Source, Span};
use weezl::{BitOrder, decode::Decoder};

/// A rectangle of the canvas, in pixels. It may reach past the canvas, where nothing is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Area {
    /// Columns to the left of it.
    pub(crate) left: u16,
    /// Rows above it.
    pub(crate) top: u16,
    /// Columns.
    pub(crate) width: u16,
    /// Rows.
    pub(crate) height: u16,
}

/// What becomes of an image when the next one is shown (GIF89a, section 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// It stays.
    Keep,
    /// Its rectangle becomes transparent, as all viewers have it.
    Clear,
    /// What was there before comes back.
    Restore,
}

/// One image, with what is needed to show it or to code it anew.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// Its segment.
    pub(crate) segment: usize,
    /// The segment of its control extension.
    pub(crate) control: Option<usize>,
    /// The packed field, delay and transparent index of its control extension; zeros without one.
    pub(crate) settings: [u8; 4],
    /// Where it goes.
    pub(crate) area: Area,
    /// Its own palette; empty if it has none.
    pub(crate) palette: Vec<[u8; 3]>,
    interlaced: bool,
    /// Code size and sub-blocks.
    data: Span,
}

impl Image {
    pub(crate) fn disposal(&self) -> Disposal {
        match self.settings.first().map_or(0, |packed| packed >> 2 & 7) {
            2 => Disposal::Clear,
            // Some writers count the bits as flags, and viewers follow them.
            3 | 4 => Disposal::Restore,
            _ => Disposal::Keep,
        }
    }

    fn transparent(&self) -> Option<u8> {
        let [packed, _, _, index] = self.settings;
        (packed & 1 == 1).then_some(index)
    }
}

/// The canvas and all images of a file.
#[derive(Debug)]
pub(crate) struct Movie {
    /// Columns of the canvas.
    pub(crate) width: u16,
    /// Rows of the canvas.
    pub(crate) height: u16,
    /// The palette of images that have none of their own.
    pub(crate) palette: Vec<[u8; 3]>,
    /// In order.
    pub(crate) images: Vec<Image>,
}

impl Movie {
    /// Reads all headers, and refuses what would be too large to decode.
    ///
    /// # Errors
    /// If the source cannot be read, there is no image, or a limit is passed.
    pub(crate) fn read(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Self, FormatError> {
        let screen = limits.take(source, Span { start: 0, end: 13 })?;
        let width = short(&screen, 6);
        let height = short(&screen, 8);
        let global = screen.get(10).map_or(0, |packed| table_len(*packed));
        let palette = colours(&limits.take(source, Span { start: 13, end: 13 + global })?);
        let mut movie = Self { width, height, palette, images: Vec::new() };
        let mut control = None;
        for (at, segment) in layout.segments.iter().enumerate() {
            match segment.name {
                CONTROL => control = Some((at, segment.span)),
                PLAIN_TEXT => control = None,
                IMAGE => movie.images.push(image(source, limits, at, segment.span, control.take())?),
                _ => {}
            }
        }
        let coded: u64 =
            movie.images.iter().map(|one| u64::from(one.area.width) * u64::from(one.area.height)).sum();
        if movie.images.is_empty() || width == 0 || height == 0 {
            return Err(FormatError::malformed(6, "a picture without pixels"));
        }
        if coded > limits.pixels {
            return Err(FormatError::new(6, Problem::OverLimit { what: "pixels", limit: limits.pixels }));
        }
        limits.canvas(6, width.into(), height.into(), movie.images.len() as u64)?;
        Ok(movie)
    }

    /// The canvas without any image: transparent.
    pub(crate) fn blank(&self) -> Vec<[u8; 4]> {
        vec![[0; 4]; usize::from(self.width) * usize::from(self.height)]
    }

    /// The pixels of the canvas in one row of an area, and how many of the area's columns they are.
    pub(crate) fn row(&self, area: Area, row: u16) -> Range<usize> {
        let y = usize::from(area.top) + usize::from(row);
        let left = usize::from(area.left).min(self.width.into());
        let right = (usize::from(area.left) + usize::from(area.width)).min(self.width.into());
        if y >= usize::from(self.height) {
            return 0..0;
        }
        let start = y * usize::from(self.width);
        start + left..start + right
    }

    /// Makes an area of the canvas transparent.
    pub(crate) fn clear(&self, canvas: &mut [[u8; 4]], area: Area) {
        for row in 0..area.height {
            canvas.get_mut(self.row(area, row)).unwrap_or_default().fill([0; 4]);
        }
    }

    /// Puts an image on the canvas.
    fn draw(&self, canvas: &mut [[u8; 4]], image: &Image, indices: &[u8]) {
        let palette = if image.palette.is_empty() { &self.palette } else { &image.palette };
        let transparent = image.transparent();
        let width = usize::from(image.area.width).max(1);
        for (row, line) in (0..image.area.height).zip(indices.chunks_exact(width)) {
            let under = canvas.get_mut(self.row(image.area, row)).unwrap_or_default();
            for (under, index) in under.iter_mut().zip(line) {
                if Some(*index) != transparent {
                    // An index past the palette is black to most viewers.
                    let [red, green, blue] = palette.get(usize::from(*index)).copied().unwrap_or_default();
                    *under = [red, green, blue, u8::MAX];
                }
            }
        }
    }
}

/// Plays a file, image by image.
pub(crate) struct Player<'a> {
    source: &'a dyn Source,
    movie: &'a Movie,
    limits: &'a Limits,
    canvas: Vec<[u8; 4]>,
    /// Image that is shown, and the canvas before it if that comes back.
    shown: Option<(&'a Image, Option<Vec<[u8; 4]>>)>,
}

impl<'a> Player<'a> {
    pub(crate) fn new(source: &'a dyn Source, movie: &'a Movie, limits: &'a Limits) -> Self {
        Self { source, movie, limits, canvas: movie.blank(), shown: None }
    }

    /// The canvas with the next image on it.
    ///
    /// # Errors
    /// If its coded pixels are broken or cannot be read.
    pub(crate) fn show(&mut self, image: &'a Image) -> Result<&[[u8; 4]], FormatError> {
        if let Some((last, before)) = self.shown.take() {
            match (last.disposal(), before) {
                (Disposal::Clear, _) => self.movie.clear(&mut self.canvas, last.area),
                (Disposal::Restore, Some(before)) => self.canvas = before,
                _ => {}
            }
        }
        let before = (image.disposal() == Disposal::Restore).then(|| self.canvas.clone());
        let indices = self.indices(image)?;
        self.movie.draw(&mut self.canvas, image, &indices);
        self.shown = Some((image, before));
        Ok(&self.canvas)
    }

    fn indices(&self, image: &Image) -> Result<Vec<u8>, FormatError> {
        // The size of coded pixels is bounded by the file, not by the limit of a metadata block.
        let limits = Limits { block: u64::MAX, ..*self.limits };
        let data = limits.take(self.source, image.data)?;
        let (code_size, mut blocks) =
            data.split_first().ok_or(FormatError::new(image.data.start, Problem::Truncated))?;
        // One bit a pixel is coded with two (GIF89a, appendix F); 12 bits are the most that a code may have.
        if !(1..12).contains(code_size) {
            return Err(FormatError::malformed(image.data.start, "code size of the pixels"));
        }
        let mut codes = Vec::new();
        while let Some((len, rest)) = blocks.split_first() {
            let (block, rest) = rest.split_at(usize::from(*len).min(rest.len()));
            codes.extend_from_slice(block);
            blocks = rest;
        }
        let (width, height) = (usize::from(image.area.width), usize::from(image.area.height));
        let mut indices = vec![0; width * height];
        let (mut read, mut written) = (0, 0);
        let mut decoder = Decoder::new(BitOrder::Lsb, *code_size);
        while written < indices.len() {
            let (codes, left) =
                (codes.get(read..).unwrap_or_default(), indices.get_mut(written..).unwrap_or_default());
            let step = decoder.decode_bytes(codes, left);
            let broken = FormatError::malformed(image.data.start, "the pixels cannot be decoded");
            if step.status.is_err() || (step.consumed_in == 0 && step.consumed_out == 0) {
                return Err(broken);
            }
            read += step.consumed_in;
            written += step.consumed_out;
        }
        Ok(if image.interlaced { deinterlaced(&indices, width, height) } else { indices })
    }
}

/// Puts rows stored in four passes in order (GIF89a, appendix E).
fn deinterlaced(stored: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut ordered = vec![0; stored.len()];
    let rows =
        [(0, 8), (4, 8), (2, 4), (1, 2)].into_iter().flat_map(|(first, step)| (first..height).step_by(step));
    for (row, line) in rows.zip(stored.chunks_exact(width.max(1))) {
        if let Some(target) = ordered.get_mut(row * width..(row + 1) * width) {
            target.copy_from_slice(line);
        }
    }
    ordered
}

fn image(
    source: &dyn Source,
    limits: &Limits,
    segment: usize,
    span: Span,
    control: Option<(usize, Span)>,
) -> Result<Image, FormatError> {
    let descriptor = limits.take(source, Span { start: span.start, end: span.start + 10 })?;
    let packed = descriptor.get(9).copied().unwrap_or(0);
    let table = Span { start: span.start + 10, end: span.start + 10 + table_len(packed) };
    let mut settings = [0; 4];
    if let Some((_, span)) = control
        && let [_, _, 4, read @ .., 0] = limits.take(source, span)?.as_slice()
        && let Ok(read) = read.try_into()
    {
        settings = read;
    }
    Ok(Image {
        segment,
        control: control.map(|(at, _)| at),
        settings,
        area: Area {
            left: short(&descriptor, 1),
            top: short(&descriptor, 3),
            width: short(&descriptor, 5),
            height: short(&descriptor, 7),
        },
        palette: colours(&limits.take(source, table)?),
        interlaced: packed & 0x40 != 0,
        data: Span { start: table.end, end: span.end },
    })
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |short| u16::from_le_bytes(*short))
}

fn colours(table: &[u8]) -> Vec<[u8; 3]> {
    table.as_chunks::<3>().0.to_vec()
}

/// Decodes every frame onto the full canvas.
///
/// # Errors
/// If the file is broken, or the canvas is over the limit.
pub(crate) fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let movie = Movie::read(source, layout, limits)?;
    let mut player = Player::new(source, &movie, limits);
    let frames = movie.images.iter().map(|image| {
        let samples = player.show(image)?.as_flattened().to_vec();
        Ok(Frame { samples: Samples::Eight(samples) })
    });
    let frames = frames.collect::<Result<Vec<_>, FormatError>>()?;
    let (width, height) = (movie.width.into(), movie.height.into());
    Ok(Picture { width, height, colour: Colour::Rgba, orientation: 1, frames })
}

/// All rows: each may need the whole of the coded data.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_rows(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
    _: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    decode(source, layout, limits).map(Band::from)
}
