//! New pixels for the pages of a TIFF file: strips at its end, and the tags that tell how to read them.

use std::collections::BTreeMap;
use std::io::Write;

use crate::tiff_directories::{Directory, Entry, Numbers, Tree};
use crate::tiff_picture::{Coding, Page, find};
use crate::tiff_splice::Edit;
use crate::{Colour, Picture, Role, Samples};
use flate2::{Compression, write::ZlibEncoder};
use indicia_core::{FormatError, Span};
use weezl::{BitOrder, encode::Encoder};

/// Bytes of a strip before it is compressed, about: TIFF 6.0 asks for strips that fit small memories.
const STRIP: usize = 1 << 16;

/// Tags that tell of samples as they were: tiles, predictor, palette, range, curve, format.
const GONE: [u16; 11] =
    [0x0118, 0x0119, 0x0122, 0x0123, 0x013D, 0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x0153];
/// Where Photoshop keeps its layers: the picture once more, which a notice would not be on.
const LAYERS: u16 = 0x935C;
/// Where the first JPEG in TIFF was.
const JPEG: u16 = 0x0201;

/// The strips of all pages that are there, without overlap, and the size of the file without those at its end.
pub(crate) fn old_strips(tree: &Tree, pages: &[Page], size: u64) -> Result<(Vec<Span>, u64), FormatError> {
    let mut strips: Vec<Span> = pages.iter().flat_map(|page| page.chunks.iter().copied()).collect();
    strips.sort_unstable_by_key(|span| (span.start, span.end));
    let mut runs: Vec<Span> = Vec::new();
    for strip in strips.into_iter().filter(|strip| !strip.is_empty()) {
        match runs.last_mut() {
            Some(run) if strip.start <= run.end => run.end = run.end.max(strip.end),
            _ => runs.push(strip),
        }
    }
    for region in tree.regions.iter().filter(|region| region.role != Role::Essence) {
        let before = runs.partition_point(|run| run.end <= region.span.start);
        if runs.get(before).is_some_and(|run| run.start < region.span.end) {
            return Err(FormatError::unsupported(region.span.start, "pixels that share bytes with tags"));
        }
    }
    let mut end = size;
    while let Some(run) = runs.pop_if(|run| run.end == end) {
        end = run.start;
    }
    Ok((runs, end))
}

/// Writes the frames of a picture as strips, and changes the directories of their pages.
pub(crate) fn put(
    edit: &mut Edit,
    tree: &Tree,
    pages: &[Page],
    picture: &Picture,
    directories: &mut BTreeMap<usize, Directory>,
) -> Result<(), FormatError> {
    if pages.len() != picture.frames.len() {
        return Err(FormatError::unsupported(0, "another number of pages than the file has"));
    }
    let channels = picture.colour.channels();
    let photometric = match picture.colour {
        Colour::Gray | Colour::GrayAlpha => 1,
        Colour::Rgb | Colour::Rgba => 2,
        Colour::YCbCr => return Err(FormatError::unsupported(0, "YCbCr in TIFF")),
    };
    for (page, frame) in pages.iter().zip(&picture.frames) {
        let missing = || FormatError::malformed(4, "no directory");
        let whole = tree.directories.get(page.directory).ok_or_else(missing)?;
        let directory = directories.entry(page.directory).or_insert_with(|| whole.clone());
        if find(directory, LAYERS).is_some() || find(directory, JPEG).is_some() {
            return Err(FormatError::unsupported(
                whole.span.start,
                "new pixels in TIFF with layers or previews, which show the picture without them: save it flat",
            ));
        }
        let (bytes, depth) = match &frame.samples {
            Samples::Eight(bytes) => (bytes.clone(), 8),
            Samples::Sixteen(values) => (bytes_of(values, tree.numbers), 16),
        };
        let line = picture.width as usize * channels * depth / 8;
        if line == 0 || bytes.len() != line * picture.height as usize {
            return Err(FormatError::unsupported(0, "a frame of another size than its picture"));
        }
        let rows = (STRIP / line).max(1).min(picture.height as usize);
        let (mut offsets, mut counts) = (Vec::new(), Vec::new());
        for strip in bytes.chunks(line * rows) {
            let coded = code(strip, line, page.coding)?;
            offsets.push(edit.append(&coded)?);
            counts.push(coded.len() as u64);
        }
        let long = if tree.numbers.wide { 16 } else { 4 };
        let alpha = matches!(picture.colour, Colour::GrayAlpha | Colour::Rgba);
        let mut tags: Vec<(u16, u16, Vec<u64>)> = vec![
            (0x0102, 3, vec![depth as u64; channels]),
            (0x0103, 3, vec![page.compression]),
            (0x0106, 3, vec![photometric]),
            (0x0111, long, offsets),
            (0x0115, 3, vec![channels as u64]),
            (0x0116, 4, vec![rows as u64]),
            (0x0117, long, counts),
            (0x011C, 3, vec![1]),
        ];
        if alpha {
            tags.push((0x0152, 3, vec![2]));
        }
        let is_old = |tag: u16| GONE.contains(&tag) || tag == 0x0152 && !alpha;
        let (old, kept): (Vec<_>, Vec<_>) = directory.entries.drain(..).partition(|entry| is_old(entry.tag));
        directory.entries = kept;
        for entry in old {
            edit.blank(room(tree, &entry))?;
        }
        for (tag, kind, values) in tags {
            set(edit, tree, directory, tag, kind, &values)?;
        }
    }
    Ok(())
}

/// The bytes of a value that may be written over: none within an entry, or if others share them.
fn room(tree: &Tree, entry: &Entry) -> Span {
    let start = entry.value.start;
    if entry.is_inline || tree.is_shared(entry.value) { Span { start, end: start } } else { entry.value }
}

fn set(
    edit: &mut Edit,
    tree: &Tree,
    directory: &mut Directory,
    tag: u16,
    kind: u16,
    values: &[u64],
) -> Result<(), FormatError> {
    let numbers = tree.numbers;
    let len = match kind {
        3 => 2,
        4 => 4,
        _ => 8,
    };
    let bytes: Vec<u8> = values.iter().flat_map(|value| numbers.write(*value, len)).collect();
    let old = find(directory, tag).cloned();
    let room = old.as_ref().map_or(Span { start: 0, end: 0 }, |entry| room(tree, entry));
    let mut raw = edit.entry(tag, kind, &bytes, room)?;
    raw.splice(4..4 + numbers.offset(), numbers.write(values.len() as u64, numbers.offset()));
    // Entries stand in the order of their tags.
    directory.entries.retain(|entry| entry.tag != tag);
    let place = directory.entries.iter().position(|entry| entry.tag > tag).unwrap_or(directory.entries.len());
    let value = Span { start: 0, end: 0 };
    directory.entries.insert(place, Entry { tag, kind, value, is_inline: true, raw });
    Ok(())
}

fn bytes_of(values: &[u16], numbers: Numbers) -> Vec<u8> {
    let split = if numbers.big_endian { u16::to_be_bytes } else { u16::to_le_bytes };
    values.iter().flat_map(|value| split(*value)).collect()
}

fn code(strip: &[u8], line: usize, coding: Coding) -> Result<Vec<u8>, FormatError> {
    let failed = || FormatError::unsupported(0, "the compression of new pixels");
    match coding {
        Coding::Plain => Ok(strip.to_vec()),
        // Rows are packed each for itself.
        Coding::PackBits => Ok(strip.chunks(line).flat_map(pack_bits).collect()),
        Coding::Lzw => Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(strip).map_err(|_| failed()),
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(strip).map_err(|_| failed())?;
            encoder.finish().map_err(|_| failed())
        }
    }
}

fn pack_bits(row: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let count = |len: usize| u8::try_from(len - 1).unwrap_or(127);
    let mut literal: Vec<u8> = Vec::new();
    for run in row.chunk_by(|one, next| one == next) {
        if run.len() < 3 {
            literal.extend_from_slice(run);
            continue;
        }
        for part in literal.chunks(128) {
            packed.push(count(part.len()));
            packed.extend_from_slice(part);
        }
        literal.clear();
        for part in run.chunks(128) {
            match part {
                [one] => packed.extend([0, *one]),
                [one, ..] => packed.extend([255 - (count(part.len()) - 1), *one]),
                [] => {}
            }
        }
    }
    for part in literal.chunks(128) {
        packed.push(count(part.len()));
        packed.extend_from_slice(part);
    }
    packed
}
