//! Changes to an AVI file. Texts stand before the media, where every reader finds them; the media are moved only if
//! there is no free space, and the indices are then set right.

use std::collections::BTreeMap;

use super::index::{self, Patch};
use super::parse::{CHUNK, LIST, is_known};
use crate::riff::{self, Chunk, HEADER};
use crate::{Carrier, Changes, Layout, Piece, Role, wave_info};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// One segment of the file to be written.
struct Part {
    name: [u8; 4],
    role: Role,
    old: Span,
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
    let whole = Span { start: 0, end: source.size() };
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(whole)]);
    }
    if !changes.cuts.is_empty() || changes.content.is_some() {
        return Err(FormatError::unsupported(0, "a change to the content of an AVI file"));
    }
    let part = |one: &crate::Segment| Part {
        name: one.name,
        role: one.role,
        old: one.span,
        pieces: vec![Piece::Keep(one.span)],
    };
    let mut parts: Vec<Part> = layout.segments.iter().map(part).collect();
    let lists = replace(source, layout, changes, &mut parts)?;
    let media = parts.iter().position(|part| part.role == Role::Essence).unwrap_or(parts.len());
    add(source, changes, &mut parts, media, lists)?;
    balance(source, &mut parts, media)?;
    let mut patches = Vec::new();
    let first = parts.get(media).map(|part| part.old.start);
    let moves: Vec<(Span, u64)> = placed(&parts);
    let is_moved =
        moves.iter().any(|(old, new)| first.is_some_and(|first| old.start >= first) && old.start != *new);
    if is_moved {
        let moved = |place: u64| {
            let found = moves.partition_point(|(old, _)| old.start <= place).checked_sub(1);
            found
                .and_then(|found| moves.get(found))
                .map_or(place, |(old, new)| new.saturating_add(place - old.start))
        };
        let chunks: Vec<_> = parts.iter().map(|part| (part.name, part.old)).collect();
        patches = index::patches(source, &chunks, &moved, limits)?;
    }
    set_sizes(source, &mut parts)?;
    Ok(riff::joined(patched(parts.into_iter().flat_map(|part| part.pieces), patches)))
}

/// Where each segment will stand.
fn placed(parts: &[Part]) -> Vec<(Span, u64)> {
    let mut at = 0;
    let place = |part: &Part| {
        let start = at;
        at += part.len();
        (part.old, start)
    };
    parts.iter().map(place).collect()
}

/// Texts to be changed in lists, by the segment of the list.
type Lists = BTreeMap<usize, BTreeMap<u64, Option<Vec<u8>>>>;

/// Gives chunks that are there their new values; says what is to change in lists of texts.
fn replace(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    parts: &mut [Part],
) -> Result<Lists, FormatError> {
    let mut lists = Lists::new();
    for (index, value) in &changes.replaced {
        let missing = || FormatError::unsupported(0, "a change to a packet that is not there");
        let packet = layout.packets.get(*index).ok_or_else(missing)?;
        let at = packet.span.start;
        let home = parts.partition_point(|part| part.old.start < at).checked_sub(1).ok_or_else(missing)?;
        let part = parts.get_mut(home).ok_or_else(missing)?;
        match packet.place {
            CHUNK => {
                part.pieces = match value {
                    Some(value) => vec![Piece::New(riff::chunk(part.name, value)?)],
                    None => Vec::new(),
                };
            }
            wave_info::PLACE => {
                lists.entry(home).or_default().insert(at, value.as_deref().map(closed));
            }
            _ => return Err(FormatError::unsupported(at, "a change to the header lists of an AVI file")),
        }
    }
    // What is only replaced is written at once; where more is added, that is done along with it.
    let media = parts.iter().position(|part| part.role == Role::Essence).unwrap_or(parts.len());
    let home = parts.iter().take(media).position(|part| part.name == *b"INFO");
    let home = home.filter(|_| !changes.added.is_empty());
    for (at, edits) in lists.iter().filter(|(at, _)| Some(**at) != home) {
        if let Some(part) = parts.get_mut(*at) {
            part.pieces = info(source, part.old, edits)?;
        }
    }
    Ok(lists)
}

/// A text as lists of texts have it: with a zero at the end.
fn closed(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    if text.last() != Some(&0) {
        text.push(0);
    }
    text
}

/// A list of texts with other texts in it.
fn info(
    source: &dyn Source,
    list: Span,
    edits: &BTreeMap<u64, Option<Vec<u8>>>,
) -> Result<Vec<Piece>, FormatError> {
    let list = Chunk::read(&mut Window::new(source), list.start, None)?;
    let edits = edits.iter().map(|(at, value)| (*at, value.as_deref())).collect();
    wave_info::rewrite(source, list.body, &edits)
}

/// Puts new texts into the list before the media, or into a new one there.
fn add(
    source: &dyn Source,
    changes: &Changes,
    parts: &mut Vec<Part>,
    media: usize,
    mut lists: Lists,
) -> Result<(), FormatError> {
    if changes.added.is_empty() {
        return Ok(());
    }
    let mut new = Vec::new();
    for put in &changes.added {
        if put.carrier != Carrier::Field {
            return Err(FormatError::unsupported(0, "this sort of metadata in AVI"));
        }
        let id = <[u8; 4]>::try_from(put.key.as_bytes()).ok();
        let id = id.filter(|id| riff::is_printable(*id) && !is_known(*id));
        let id =
            id.ok_or(FormatError::unsupported(0, "a RIFF chunk type that is not four free characters"))?;
        new.extend(riff::chunk(id, &closed(&put.body))?);
    }
    let home = parts.iter().take(media).position(|part| part.name == *b"INFO");
    let mut items = vec![Piece::New(b"INFO".to_vec())];
    if let Some((at, part)) = home.and_then(|at| parts.get(at).map(|part| (at, part))) {
        let edits = lists.remove(&at).unwrap_or_default();
        let old = info(source, part.old, &edits)?;
        if !old.is_empty() {
            items = old.into_iter().skip(1).collect();
        }
    }
    items.push(Piece::New(new));
    let size = items.iter().map(Piece::len).sum();
    items.insert(0, Piece::New(riff::head(*b"LIST", size)?));
    match home.and_then(|at| parts.get_mut(at)) {
        Some(part) => part.pieces = items,
        None => {
            let at = parts.get(media).or(parts.last()).map_or(0, |part| part.old.start);
            let old = Span { start: at, end: at };
            parts.insert(media, Part { name: *b"INFO", role: Role::Metadata, old, pieces: items });
        }
    }
    Ok(())
}

/// Free space before the media takes up what the chunks there have grown or shrunk by, if it can.
fn balance(source: &dyn Source, parts: &mut [Part], media: usize) -> Result<(), FormatError> {
    let media = parts.iter().position(|part| part.role == Role::Essence).unwrap_or(media);
    let Some(front) = parts.get_mut(..media) else { return Ok(()) };
    let new: u64 = front.iter().map(Part::len).sum();
    let old: u64 = front.iter().map(|part| part.old.len()).sum();
    let mut window = Window::new(source);
    for part in front.iter_mut().rev().filter(|part| part.name == *b"JUNK") {
        let chunk = Chunk::read(&mut window, part.old.start, None)?;
        let Some(left) = (part.old.len() + old).checked_sub(new) else { continue };
        if left == 0 {
            part.pieces.clear();
            return Ok(());
        }
        if left < HEADER || left % 2 == 1 || chunk.span.len() % 2 == 1 {
            continue;
        }
        let body = left - HEADER;
        let kept = body.min(chunk.body.len());
        let kept = Span { start: part.old.end - kept, end: part.old.end };
        let grown = body - kept.len();
        part.pieces = vec![Piece::New(riff::head(*b"JUNK", body)?), Piece::Keep(kept)];
        part.pieces.push(Piece::New(vec![0; usize::try_from(grown).unwrap_or(0)]));
        return Ok(());
    }
    Ok(())
}

/// Sets the size of each RIFF list whose chunks have changed.
fn set_sizes(source: &dyn Source, parts: &mut [Part]) -> Result<(), FormatError> {
    let mut window = Window::new(source);
    let heads: Vec<usize> = (0..parts.len())
        .filter(|at| parts.get(*at).is_some_and(|part| part.name == *b"RIFF" && part.old.len() == LIST))
        .collect();
    for (number, head) in heads.iter().enumerate() {
        let next = heads.get(number + 1).copied().unwrap_or(parts.len());
        let inside = parts.get(head + 1..next).unwrap_or_default();
        let inside = inside.iter().filter(|part| part.name != *b"????");
        let (new, old) = inside.fold((0, 0), |(new, old), part| (new + part.len(), old + part.old.len()));
        let Some(part) = parts.get_mut(*head).filter(|_| new != old) else { continue };
        let (_, written) = riff::header(&mut window, part.old.start)?;
        if matches!(written, 0 | u32::MAX) {
            continue;
        }
        let size = (u64::from(written) + new).saturating_sub(old);
        let rest = Span { start: part.old.start + HEADER, end: part.old.end };
        part.pieces = vec![Piece::New(riff::head(*b"RIFF", size)?), Piece::Keep(rest)];
    }
    Ok(())
}

/// The pieces with changes made in what they keep.
fn patched(pieces: impl Iterator<Item = Piece>, patches: Vec<Patch>) -> Vec<Piece> {
    let mut out = Vec::new();
    for piece in pieces {
        let Piece::Keep(span) = piece else {
            out.push(piece);
            continue;
        };
        let mut at = span.start;
        let inside = patches.partition_point(|(place, _)| *place < span.start);
        for (place, bytes) in patches.iter().skip(inside).take_while(|(place, _)| *place < span.end) {
            out.push(Piece::Keep(Span { start: at, end: *place }));
            out.push(Piece::New(bytes.clone()));
            at = place + bytes.len() as u64;
        }
        out.push(Piece::Keep(Span { start: at, end: span.end }));
    }
    out
}
