//! Changes to a WebP file: metadata put in, replaced and taken out, pictures coded anew, flags set right.

use crate::riff::{self, HEADER};
use crate::webp_chunks::{ALPHA, ANIMATED, EXIF, Pictures, XMP, extended};
use crate::webp_encode::{Encoded, encode};
use crate::{Carrier, Changes, Layout, NewContent, Piece};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// What some writers put before an Exif block, as JPEG has it.
pub(crate) const EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// The name of the segment of bytes after the file's end.
pub(crate) const TRAILER: [u8; 4] = *b"????";

/// One chunk of the file to be written.
#[derive(Debug)]
struct Part {
    name: [u8; 4],
    pieces: Vec<Piece>,
}

impl Part {
    fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }
}

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of a picture"));
    }
    let mut parts: Vec<Part> = layout.segments.iter().skip(1).map(part).collect();
    replace(source, layout, changes, &mut parts)?;
    add(changes, &mut parts)?;
    let pictures = Pictures::read(source, layout)?;
    let mut flags =
        pictures.flags.unwrap_or(if pictures.coded.iter().any(|one| one.transparent) { ALPHA } else { 0 });
    match &changes.content {
        None => {}
        Some(NewContent::Picture(new)) => {
            let encoded = encode(source, &pictures, new, limits)?;
            let transparent = encoded.iter().any(|one| one.transparent);
            if flags & ANIMATED == 0 {
                flags &= !ALPHA;
            }
            flags |= if transparent { ALPHA } else { 0 };
            put_pictures(&pictures, encoded, &mut parts);
        }
        Some(_) => return Err(FormatError::unsupported(0, "content other than a picture in WebP")),
    }
    set_flags(&pictures, flags, &mut parts)?;

    let inside: u64 = parts.iter().filter(|part| part.name != TRAILER).map(Part::len).sum();
    let size = u32::try_from(4 + inside).ok().filter(|size| *size < u32::MAX - 9).ok_or_else(|| {
        let problem = Problem::OverLimit { what: "bytes in a WebP file", limit: u64::from(u32::MAX - 10) };
        FormatError::new(0, problem)
    })?;
    let mut pieces = vec![Piece::New([*b"RIFF", size.to_le_bytes(), *b"WEBP"].concat())];
    pieces.extend(parts.into_iter().flat_map(|part| part.pieces));
    Ok(riff::joined(pieces))
}

/// A segment as it is; padded where its writer forgot.
fn part(segment: &crate::Segment) -> Part {
    let mut pieces = vec![Piece::Keep(segment.span)];
    if segment.span.len() % 2 == 1 && segment.name != TRAILER {
        pieces.push(Piece::New(vec![0]));
    }
    Part { name: segment.name, pieces }
}

/// Gives packets that are there their new values.
fn replace(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    parts: &mut [Part],
) -> Result<(), FormatError> {
    for (index, value) in &changes.replaced {
        let missing = || FormatError::unsupported(0, "a change to a packet that is not there");
        let packet = layout.packets.get(*index).ok_or_else(missing)?;
        let at = packet.span.start;
        let home = layout.segments.partition_point(|segment| segment.span.start < at);
        // One for the segment itself, one for the file header, which is no part.
        let home = home.checked_sub(2).ok_or_else(missing)?;
        let (Some(part), Some(segment)) = (parts.get_mut(home), layout.segments.get(home + 1)) else {
            return Err(missing());
        };
        let Some(value) = value else {
            part.pieces.clear();
            continue;
        };
        let prefix = segment.span.start + HEADER;
        let mut body = Limits::default().take(source, Span { start: prefix, end: at })?;
        body.extend_from_slice(value);
        let name = if packet.carrier == Carrier::Xmp { *b"XMP " } else { part.name };
        part.pieces = vec![Piece::New(riff::chunk(name, &body)?)];
        part.name = name;
    }
    Ok(())
}

/// Puts new metadata after all else, Exif before XMP.
fn add(changes: &Changes, parts: &mut Vec<Part>) -> Result<(), FormatError> {
    for put in &changes.added {
        let (name, before): (_, &[[u8; 4]]) = match put.carrier {
            Carrier::Exif => (*b"EXIF", &[*b"XMP ", *b"XMP\0", TRAILER]),
            Carrier::Xmp => (*b"XMP ", &[TRAILER]),
            _ => return Err(FormatError::unsupported(0, "this sort of metadata in WebP")),
        };
        let at = parts.iter().position(|part| before.contains(&part.name)).unwrap_or(parts.len());
        parts.insert(at, Part { name, pieces: vec![Piece::New(riff::chunk(name, &put.body)?)] });
    }
    Ok(())
}

/// Puts newly coded pictures in the place of the old ones.
fn put_pictures(pictures: &Pictures, encoded: Vec<Encoded>, parts: &mut [Part]) {
    for part in parts.iter_mut().filter(|part| part.name == *b"ALPH") {
        part.pieces.clear();
    }
    for (old, new) in pictures.coded.iter().zip(encoded) {
        if let Some(part) = old.segment.checked_sub(1).and_then(|index| parts.get_mut(index)) {
            part.pieces = vec![Piece::New(new.chunks)];
        }
    }
}

/// Makes the flags of the `VP8X` chunk say what is there; puts one in if the file needs it.
fn set_flags(pictures: &Pictures, flags: u8, parts: &mut Vec<Part>) -> Result<(), FormatError> {
    let there = |names: &[[u8; 4]]| parts.iter().any(|part| names.contains(&part.name) && part.len() > 0);
    let mut flags = flags & !(EXIF | XMP);
    flags |= if there(&[*b"EXIF"]) { EXIF } else { 0 };
    flags |= if there(&[*b"XMP ", *b"XMP\0"]) { XMP } else { 0 };
    // A simple lossless file says itself that it is transparent; a lossy one cannot.
    let needed = flags & (EXIF | XMP | ANIMATED) != 0
        || (flags & ALPHA != 0 && pictures.coded.iter().any(|one| !one.lossless));
    let extended = Piece::New(extended(flags, pictures.width, pictures.height)?);
    match parts.iter_mut().find(|part| part.name == *b"VP8X") {
        Some(part) if pictures.flags != Some(flags) => {
            let Some(Piece::Keep(old)) = part.pieces.first().cloned() else { return Ok(()) };
            let head = Span { start: old.start, end: old.start + HEADER };
            let rest = Span { start: old.start + HEADER + 1, end: old.end };
            part.pieces = vec![Piece::Keep(head), Piece::New(vec![flags]), Piece::Keep(rest)];
        }
        None if needed => parts.insert(0, Part { name: *b"VP8X", pieces: vec![extended] }),
        _ => {}
    }
    Ok(())
}

/// Where the Exif block starts in the body of its chunk.
///
/// # Errors
/// [`Problem::Io`] if the system cannot read.
pub(crate) fn exif_block(window: &mut Window<'_>, body: Span) -> Result<Span, FormatError> {
    let len = usize::try_from(body.len()).map_or(EXIF_PREFIX.len(), |len| len.min(EXIF_PREFIX.len()));
    let prefixed = window.up_to(body.start, len)? == EXIF_PREFIX;
    Ok(Span { start: body.start + if prefixed { EXIF_PREFIX.len() as u64 } else { 0 }, ..body })
}
