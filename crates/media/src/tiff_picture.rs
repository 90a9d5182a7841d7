//! The pixels of TIFF: pages of strips or tiles, decoded as the frames of one picture.

use std::io::Read;
use std::ops::Range;

use crate::tiff_directories::{Directory, Entry, MANIFEST, Numbers, Place, SUB_DIRECTORIES, Tree};
use crate::{Band, Colour, Frame, Layout, Picture, Samples, Shape};
use flate2::read::ZlibDecoder;
use indicia_core::{FormatError, Limits, Problem, Source, Span};
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// How strips and tiles are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Plain,
    Lzw,
    Deflate,
    PackBits,
}

/// What the tags of a page say of its pixels.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Its place in [`Tree::directories`].
    pub(crate) directory: usize,
    pub(crate) coding: Coding,
    /// The value of the tag, kept when the page is written again.
    pub(crate) compression: u64,
    /// All strips or tiles.
    pub(crate) chunks: Vec<Span>,
    at: u64,
    width: u32,
    height: u32,
    chunk_width: u32,
    chunk_height: u32,
    bits: u32,
    /// Samples of a stored pixel.
    samples: usize,
    is_separate: bool,
    is_predicted: bool,
    photometric: u64,
    /// Reds, then greens, then blues; empty if there is no palette.
    palette: Vec<u8>,
    colour: Colour,
    orientation: u8,
}

/// Decodes all pages.
pub(crate) fn decode(source: &dyn Source, _: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    let tree = Tree::read(source, limits)?;
    let pages = pages(source, &tree, limits)?;
    let Some(first) = pages.first() else { return Err(FormatError::malformed(4, "no directory")) };
    let mut frames = Vec::new();
    for page in &pages {
        frames.push(Frame { samples: page.decode(source, tree.numbers, limits)? });
    }
    let Page { width, height, colour, orientation, .. } = *first;
    Ok(Picture { width, height, colour, orientation, frames })
}

/// All rows, then cut: strips of any height hold them.
pub(crate) fn decode_rows(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
    wanted: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    let picture = decode(source, layout, limits)?;
    let rows = wanted(picture.shape());
    Ok(Band::cut(&picture, rows))
}

/// The pages, one after the other; all of the same size, colour and depth.
pub(crate) fn pages(source: &dyn Source, tree: &Tree, limits: &Limits) -> Result<Vec<Page>, FormatError> {
    let mut pages: Vec<Page> = Vec::new();
    let mut seen = 0;
    let mut next = tree.directories.iter().position(|one| one.place == Place::First);
    while let Some(directory) = next.and_then(|index| tree.directories.get(index)) {
        seen += 1;
        if seen > tree.directories.len() {
            return Err(FormatError::malformed(directory.span.start, "directories in a loop"));
        }
        let at = tree.numbers.read(&directory.next);
        let follows = tree.directories.iter().position(|one| at != 0 && one.span.start == at);
        // A manifest stands in a directory of its own, which is no page.
        if find(directory, MANIFEST).is_some() && find(directory, 0x0100).is_none() {
            next = follows;
            continue;
        }
        let page = Page::read(source, tree.numbers, directory, next.unwrap_or_default(), limits)?;
        if let Some(first) = pages.first() {
            let facts =
                |page: &Page| (page.width, page.height, page.colour, page.bits == 16, page.orientation);
            if facts(first) != facts(&page) {
                return Err(FormatError::unsupported(
                    directory.span.start,
                    "pages of different sizes, colours, depths or orientations in one TIFF: save each page as a \
                     file of its own",
                ));
            }
        }
        pages.push(page);
        next = follows;
    }
    if let Some(first) = pages.first() {
        limits.canvas(first.at, first.width, first.height, pages.len() as u64)?;
    }
    Ok(pages)
}

/// The whole numbers of a tag; none if it is not there.
fn values(
    source: &dyn Source,
    numbers: Numbers,
    directory: &Directory,
    tag: u16,
    limits: &Limits,
) -> Result<Vec<u64>, FormatError> {
    let Some(entry) = find(directory, tag) else { return Ok(Vec::new()) };
    let size = match entry.kind {
        1 => 1,
        3 => 2,
        4 | 13 => 4,
        16 | 18 => 8,
        _ => return Err(FormatError::malformed(entry.value.start, "a tag of pixels that is no number")),
    };
    let bytes = limits.take(source, entry.value)?;
    Ok(bytes.chunks_exact(size).map(|bytes| numbers.read(bytes)).collect())
}

pub(crate) fn find(directory: &Directory, tag: u16) -> Option<&Entry> {
    directory.entries.iter().find(|entry| entry.tag == tag)
}

impl Page {
    fn read(
        source: &dyn Source,
        numbers: Numbers,
        directory: &Directory,
        index: usize,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let at = directory.span.start;
        let all = |tag| values(source, numbers, directory, tag, limits);
        let one = |tag, default| all(tag).map(|values| values.first().copied().unwrap_or(default));
        let no = |what| Err(FormatError::unsupported(at, what));
        let size =
            |value: u64| u32::try_from(value).map_err(|_| FormatError::malformed(at, "size of a page"));
        let (width, height) = (size(one(0x0100, 0)?)?, size(one(0x0101, 0)?)?);
        if width == 0 || height == 0 {
            return Err(FormatError::malformed(at, "a page without pixels"));
        }
        limits.canvas(at, width, height, 1)?;
        if find(directory, SUB_DIRECTORIES).is_some() {
            return no("TIFF with further pictures below a page: save it flat");
        }
        let compression = one(0x0103, 1)?;
        let coding = match compression {
            1 => Coding::Plain,
            5 => Coding::Lzw,
            8 | 32946 => Coding::Deflate,
            32773 => Coding::PackBits,
            2..=4 => return no("the fax codings of TIFF: save it with LZW"),
            6 | 7 => return no("JPEG in TIFF: save it with LZW"),
            _ => return no("this compression of TIFF: save it with LZW"),
        };
        let samples = usize::try_from(one(0x0115, 1)?).unwrap_or(usize::MAX);
        let depths = all(0x0102)?;
        let bits = depths.first().copied().unwrap_or(1);
        if depths.iter().any(|depth| *depth != bits) {
            return no("samples of different depths in TIFF");
        }
        if all(0x0153)?.iter().any(|format| *format != 1) {
            return no("TIFF whose samples are not whole numbers from zero on: save it with 8 or 16 bits");
        }
        if one(0x010A, 1)? != 1 {
            return no("TIFF with reversed bits");
        }
        let photometric = one(0x0106, u64::MAX)?;
        let extra = all(0x0152)?;
        let colour = match (photometric, samples, bits) {
            (0 | 1, 1, 1 | 2 | 4 | 8 | 16) => Colour::Gray,
            (0 | 1, 2, 8 | 16) => Colour::GrayAlpha,
            (2, 3, 8 | 16) => Colour::Rgb,
            (2, 4, 8 | 16) => Colour::Rgba,
            (3, 1, 1 | 2 | 4 | 8) => Colour::Rgb,
            (5, ..) => return no("CMYK in TIFF: save it as RGB"),
            (6, ..) => return no("YCbCr in TIFF: save it as RGB"),
            _ => return no("this colour model or depth of TIFF: save it as gray or RGB with 8 or 16 bits"),
        };
        if matches!(colour, Colour::GrayAlpha | Colour::Rgba) && extra != [2] {
            return no("TIFF whose alpha is premultiplied or not declared");
        }
        let mut palette = Vec::new();
        if photometric == 3 {
            let map = all(0x0140)?;
            if map.len() as u64 != 3 << bits {
                return Err(FormatError::malformed(at, "length of the palette"));
            }
            // Some writers give 8 bits where 16 are asked.
            let shift = if map.iter().any(|value| *value > 255) { 8 } else { 0 };
            palette = map.iter().map(|value| u8::try_from(value >> shift).unwrap_or(u8::MAX)).collect();
        }
        let tiled = find(directory, 0x0142).is_some();
        let (chunk_width, chunk_height) = if tiled {
            (size(one(0x0142, 0)?)?, size(one(0x0143, 0)?)?)
        } else {
            // "No limit" is 2^32 - 1, or the tag left out.
            (width, size(one(0x0116, u32::MAX.into())?.min(height.into()))?)
        };
        if chunk_width == 0 || chunk_height == 0 {
            return Err(FormatError::malformed(at, "strips or tiles without pixels"));
        }
        limits.canvas(at, chunk_width, chunk_height.min(height), 1)?;
        let predictor = if matches!(coding, Coding::Lzw | Coding::Deflate) { one(0x013D, 1)? } else { 1 };
        if !(predictor == 1 || predictor == 2 && bits >= 8) {
            return no("this predictor of TIFF");
        }
        let is_separate = match one(0x011C, 1)? {
            1 => false,
            2 => samples > 1,
            _ => return Err(FormatError::malformed(at, "planes")),
        };
        let tags = if tiled { (0x0144, 0x0145) } else { (0x0111, 0x0117) };
        let (offsets, counts) = (all(tags.0)?, all(tags.1)?);
        let planes = if is_separate { samples as u64 } else { 1 };
        let count =
            planes * u64::from(width.div_ceil(chunk_width)) * u64::from(height.div_ceil(chunk_height));
        if (offsets.len() as u64) < count || (counts.len() as u64) < count {
            return Err(FormatError::malformed(at, "fewer strips or tiles than the page needs"));
        }
        let mut chunks = Vec::new();
        for (start, len) in offsets.into_iter().zip(counts) {
            let span = Span::new(start, len).filter(|span| span.end <= source.size());
            chunks.push(span.ok_or(FormatError::new(start, Problem::Truncated))?);
        }
        let orientation =
            u8::try_from(one(0x0112, 1)?).ok().filter(|turn| (1..=8).contains(turn)).unwrap_or(1);
        Ok(Self {
            directory: index,
            coding,
            compression,
            chunks,
            at,
            width,
            height,
            chunk_width,
            chunk_height,
            bits: size(bits)?,
            samples,
            is_separate,
            is_predicted: predictor == 2,
            photometric,
            palette,
            colour,
            orientation,
        })
    }

    fn decode(&self, source: &dyn Source, numbers: Numbers, limits: &Limits) -> Result<Samples, FormatError> {
        let mut eight = Vec::new();
        let mut sixteen = Vec::new();
        let (width, chunk_width) = (self.width as usize, self.chunk_width as usize);
        let (planes, per) = if self.is_separate { (self.samples, 1) } else { (1, self.samples) };
        let line = (chunk_width as u64 * per as u64 * u64::from(self.bits)).div_ceil(8);
        let line = usize::try_from(line).map_err(|_| FormatError::malformed(self.at, "size of a page"))?;
        let across = width.div_ceil(chunk_width);
        let down = self.height.div_ceil(self.chunk_height) as usize;
        for band in 0..down {
            let above = band * self.chunk_height as usize;
            let rows = (self.height as usize - above).min(self.chunk_height as usize);
            // Made large only once there are pixels to fill it.
            let mut pixels: Vec<u16> = Vec::new();
            for (plane, column) in
                (0..planes).flat_map(|plane| (0..across).map(move |column| (plane, column)))
            {
                let Some(span) = self.chunks.get((plane * down + band) * across + column) else { continue };
                let expected = line.saturating_mul(rows);
                let bytes = self.chunk(source, *span, expected, limits)?;
                if bytes.len() < expected {
                    return Err(FormatError::new(span.start, Problem::Truncated));
                }
                pixels.resize(rows * width * self.samples, 0);
                let left = column * chunk_width;
                for (row, coded) in bytes.chunks_exact(line).take(rows).enumerate() {
                    let mut values = self.unpack(coded, numbers);
                    if self.is_predicted {
                        self.undo_prediction(&mut values, per);
                    }
                    let start = (row * width + left) * self.samples + plane;
                    let room = pixels.get_mut(start..(row + 1) * width * self.samples).unwrap_or_default();
                    for (pixel, values) in room.chunks_mut(self.samples).zip(values.chunks_exact(per)) {
                        for (sample, value) in pixel.iter_mut().zip(values) {
                            *sample = *value;
                        }
                    }
                }
            }
            self.colours(&pixels, &mut eight, &mut sixteen);
        }
        Ok(if self.bits == 16 { Samples::Sixteen(sixteen) } else { Samples::Eight(eight) })
    }

    /// The bytes of a strip or tile, no more than are needed.
    fn chunk(
        &self,
        source: &dyn Source,
        span: Span,
        most: usize,
        limits: &Limits,
    ) -> Result<Vec<u8>, FormatError> {
        // No coding here makes pixels twice as long.
        let stored = if self.coding == Coding::Plain { most as u64 } else { 2 * most as u64 + 1024 };
        let span = Span { end: span.end.min(span.start.saturating_add(stored)), ..span };
        let coded = Limits { block: stored, ..*limits }.take(source, span)?;
        let broken = |_| FormatError::malformed(span.start, "the pixels cannot be decoded");
        match self.coding {
            Coding::Plain => Ok(coded),
            Coding::PackBits => Ok(unpack_bits(&coded, most)),
            Coding::Deflate => {
                let mut bytes = Vec::new();
                ZlibDecoder::new(coded.as_slice())
                    .take(most as u64)
                    .read_to_end(&mut bytes)
                    .map_err(broken)?;
                Ok(bytes)
            }
            Coding::Lzw => {
                if let [0, second, ..] = coded.as_slice()
                    && second & 1 == 1
                {
                    return Err(FormatError::unsupported(span.start, "the LZW of TIFF 5"));
                }
                unpack_lzw(&coded, most)
                    .ok_or(FormatError::malformed(span.start, "the pixels cannot be decoded"))
            }
        }
    }

    /// The samples of a row.
    fn unpack(&self, line: &[u8], numbers: Numbers) -> Vec<u16> {
        match self.bits {
            16 => {
                let join = if numbers.big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
                line.as_chunks::<2>().0.iter().map(|pair| join(*pair)).collect()
            }
            8 => line.iter().map(|byte| u16::from(*byte)).collect(),
            bits => {
                let mask = (1_u16 << bits) - 1;
                let parts = |byte: &u8| {
                    let byte = u16::from(*byte);
                    (1..=8 / bits).map(move |part| byte >> (8 - part * bits) & mask)
                };
                line.iter().flat_map(parts).collect()
            }
        }
    }

    fn undo_prediction(&self, values: &mut [u16], per: usize) {
        let mask = if self.bits == 16 { u16::MAX } else { 0xFF };
        let mut left = [0_u16; 4];
        for pixel in values.chunks_mut(per) {
            for (value, left) in pixel.iter_mut().zip(&mut left) {
                *value = value.wrapping_add(*left) & mask;
                *left = *value;
            }
        }
    }

    /// Appends what the samples mean.
    fn colours(&self, pixels: &[u16], eight: &mut Vec<u8>, sixteen: &mut Vec<u16>) {
        let byte = |value: u16| u8::try_from(value).unwrap_or(u8::MAX);
        if self.photometric == 3 {
            let (palette, third) = (&self.palette, self.palette.len() / 3);
            let entry = |value: u16| (0..3).map(move |part| part * third + usize::from(value));
            let found = pixels.iter().copied().flat_map(entry);
            eight.extend(found.map(|index| palette.get(index).copied().unwrap_or(0)));
            return;
        }
        let most = u16::MAX >> (16 - self.bits.min(16));
        let is_inverted = self.photometric == 0;
        for pixel in pixels.chunks(self.samples) {
            for (index, value) in pixel.iter().enumerate() {
                let value = if is_inverted && index == 0 { most - value.min(&most) } else { *value };
                match self.bits {
                    16 => sixteen.push(value),
                    // 1, 2 and 4 bits fill 8 without remainder.
                    _ => eight.push(byte(value.saturating_mul(255 / most))),
                }
            }
        }
    }
}

fn unpack_bits(mut coded: &[u8], most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let [head, rest @ ..] = coded
        && bytes.len() < most
    {
        coded = match (head, rest) {
            (0..=127, rest) => {
                let (run, rest) = rest.split_at_checked(usize::from(*head) + 1).unwrap_or((rest, &[]));
                bytes.extend_from_slice(run);
                rest
            }
            (129.., [value, rest @ ..]) => {
                bytes.extend(std::iter::repeat_n(*value, 257 - usize::from(*head)));
                rest
            }
            _ => rest,
        };
    }
    bytes.truncate(most);
    bytes
}

fn unpack_lzw(mut coded: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut bytes, mut block) = (Vec::new(), vec![0; 1 << 14]);
    while bytes.len() < most {
        let result = decoder.decode_bytes(coded, &mut block);
        bytes.extend_from_slice(block.get(..result.consumed_out)?);
        coded = coded.get(result.consumed_in..)?;
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(_) => return None,
        }
    }
    bytes.truncate(most);
    Some(bytes)
}
