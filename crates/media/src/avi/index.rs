//! The places that the indices of an AVI file tell of (AVI 1.0: `idx1`; OpenDML AVI 1.02: `indx` and `ix##`).

use crate::riff::{Chunk, HEADER};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Bytes of the header of an OpenDML index, and where its base offset stands if it tells of media.
const OPENDML: u64 = 24;
const BASE: u64 = 12;
/// Bytes of an entry that tells of another index, and of one of `idx1`.
const ENTRY: u64 = 16;

/// A change in place: where, and what.
pub(super) type Patch = (u64, Vec<u8>);

/// What must change in the indices when parts of the file move. `moved` gives the new place of an old one.
///
/// # Errors
/// If an index cannot be read, or a place has no room.
pub(super) fn patches(
    source: &dyn Source,
    chunks: &[([u8; 4], Span)],
    moved: &dyn Fn(u64) -> u64,
    limits: &Limits,
) -> Result<Vec<Patch>, FormatError> {
    let mut patches = Vec::new();
    let mut window = Window::new(source);
    let movi = chunks.iter().find(|(name, _)| name == b"movi").map(|(_, span)| *span);
    for (name, span) in chunks {
        match name {
            b"hdrl" => {
                for index in indices(&mut window, *span)? {
                    open_dml(&mut window, index, moved, &mut patches)?;
                }
            }
            b"idx1" => {
                let chunk = Chunk::read(&mut window, span.start, None)?;
                let bytes = limits.take(source, chunk.body)?;
                if let Some(movi) = movi.filter(|_| !bytes.is_empty())
                    && is_absolute(&mut window, &bytes, movi)?
                {
                    patches.push((chunk.body.start, absolute(bytes, chunk.body.start, moved)?));
                }
            }
            _ => {}
        }
    }
    patches.sort_by_key(|(at, _)| *at);
    patches.dedup_by_key(|(at, _)| *at);
    Ok(patches)
}

/// The bodies of the `indx` chunks in the header list.
fn indices(window: &mut Window<'_>, hdrl: Span) -> Result<Vec<Span>, FormatError> {
    let mut found = Vec::new();
    let mut open = vec![Chunk::read(window, hdrl.start, None)?.body];
    while let Some(list) = open.pop() {
        let mut at = list.start + 4;
        while at + HEADER <= list.end {
            let chunk = Chunk::read(window, at, None)?;
            match &chunk.id {
                b"LIST" => open.push(chunk.body),
                b"indx" => found.push(chunk.body),
                _ => {}
            }
            at = chunk.span.end;
        }
    }
    Ok(found)
}

/// An index in the header list: of other indices, or of media.
fn open_dml(
    window: &mut Window<'_>,
    index: Span,
    moved: &dyn Fn(u64) -> u64,
    patches: &mut Vec<Patch>,
) -> Result<(), FormatError> {
    if index.len() < OPENDML {
        return Ok(());
    }
    let [_, _, _, kind, count @ ..]: [u8; 8] = window.array(index.start)?;
    if kind == 1 {
        return base(window, index, moved, patches);
    }
    if kind != 0 {
        return Err(FormatError::unsupported(
            index.start,
            "moving the media of an AVI file with such an index",
        ));
    }
    for entry in 0..u64::from(u32::from_le_bytes(count)) {
        let at = index.start + OPENDML + entry * ENTRY;
        if at + ENTRY > index.end {
            return Err(FormatError::malformed(at, "an index with fewer entries than it says"));
        }
        let place = u64::from_le_bytes(window.array(at)?);
        if place == 0 {
            continue;
        }
        place64(at, place, moved, patches);
        let inner = Chunk::read(window, place, None)?;
        if !inner.id.starts_with(b"ix") && !inner.id.ends_with(b"ix") {
            return Err(FormatError::malformed(place, "an index tells of one where there is none"));
        }
        base(window, inner.body, moved, patches)?;
    }
    Ok(())
}

/// The offset that all places in an index of media are counted from.
fn base(
    window: &mut Window<'_>,
    index: Span,
    moved: &dyn Fn(u64) -> u64,
    patches: &mut Vec<Patch>,
) -> Result<(), FormatError> {
    if index.len() < OPENDML {
        return Err(FormatError::malformed(index.start, "an index shorter than its header"));
    }
    let at = index.start + BASE;
    let place = u64::from_le_bytes(window.array(at)?);
    place64(at, place, moved, patches);
    Ok(())
}

fn place64(at: u64, place: u64, moved: &dyn Fn(u64) -> u64, patches: &mut Vec<Patch>) {
    let new = moved(place);
    if new != place {
        patches.push((at, new.to_le_bytes().to_vec()));
    }
}

/// Whether the places in `idx1` are counted from the start of the file: both ways are in use.
fn is_absolute(window: &mut Window<'_>, entries: &[u8], movi: Span) -> Result<bool, FormatError> {
    let (entries, _) = entries.as_chunks::<16>();
    for [a, b, c, d, _, _, _, _, w, x, y, z, ..] in entries.iter().take(64) {
        let id = [*a, *b, *c, *d];
        let place = u64::from(u32::from_le_bytes([*w, *x, *y, *z]));
        let from_list = movi.start + HEADER + place;
        let mut stands = |at: u64| Ok(window.up_to(at, 4)? == id);
        match (stands(from_list)?, stands(place)?) {
            (true, false) => return Ok(false),
            (false, true) => return Ok(true),
            _ => {}
        }
    }
    // Neither fits: from the list is what the format asks for, and nothing then changes.
    Ok(false)
}

fn absolute(mut entries: Vec<u8>, start: u64, moved: &dyn Fn(u64) -> u64) -> Result<Vec<u8>, FormatError> {
    let limit = u64::from(u32::MAX);
    let (chunks, _) = entries.as_chunks_mut::<16>();
    for [_, _, _, _, _, _, _, _, place @ .., _, _, _, _] in chunks {
        let new = u32::try_from(moved(u64::from(u32::from_le_bytes(*place))));
        let problem = Problem::OverLimit { what: "bytes before a place in idx1", limit };
        *place = new.map_err(|_| FormatError::new(start, problem))?.to_le_bytes();
    }
    Ok(entries)
}
