//! Changes to a WAVE file: chunks put in, replaced and taken out, and every size set right.

use std::collections::BTreeMap;

use crate::riff::{self, HEADER};
use crate::wave_sizes::{self, DS64, FILE_HEADER, Sizes};
use crate::wave_sound::{Extension, data_chunk};
use crate::wave_stream::Wave;
use crate::{Carrier, Changes, Ends, Layout, NewContent, Packet, Piece, Put, Role};
use crate::{wave_id3, wave_info};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where packets stand that are a chunk of their own.
pub(crate) const PLACE: &str = "RIFF chunk";

/// One chunk of the file to be written.
#[derive(Debug)]
struct Part {
    name: [u8; 4],
    role: Role,
    pieces: Vec<Piece>,
}

impl Part {
    fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    fn metadata(name: [u8; 4], body: &[u8]) -> Result<Self, FormatError> {
        Ok(Self { name, role: Role::Metadata, pieces: vec![Piece::New(riff::chunk(name, body)?)] })
    }
}

/// Says how the file reads with these changes; whether a key is free to be used is `free`'s to say.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
    free: fn([u8; 4]) -> bool,
) -> Result<Vec<Piece>, FormatError> {
    let whole = Span { start: 0, end: source.size() };
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(whole)]);
    }
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of sound"));
    }
    let unchanged = Ends::default();
    let ends = match &changes.content {
        None => changes.filter.is_some().then_some(&unchanged),
        Some(NewContent::Sound(ends)) => Some(ends),
        Some(_) => return Err(FormatError::unsupported(0, "content other than sound in WAVE")),
    };
    let extend = |ends| Extension::new(source, layout, ends, changes.filter.as_ref(), &changes.annex);
    let extension = ends.map(extend).transpose()?;
    let mut window = Window::new(source);
    let sizes = Sizes::read(&mut window)?;
    let mut parts = parts(layout);
    replace(source, layout, changes, &mut parts, limits)?;

    let data = layout.segments.iter().position(|part| part.name == *b"data" && part.role == Role::Essence);
    let mut frames = match sizes.wide {
        Some(wide) => wide.frames,
        None => Wave::read(source, layout).ok().and_then(|wave| wave.facts().frames).unwrap_or(0),
    };
    let mut body = match data.and_then(|index| layout.segments.get(index)) {
        Some(segment) => vec![Piece::Keep(sizes.chunk(&mut window, segment.span.start)?.body)],
        None => Vec::new(),
    };
    if let Some(extension) = extension {
        frames = extension.frames();
        for (index, count) in extension.counts(source, layout, limits)? {
            if let (Some(part), Some(segment)) = (parts.get_mut(index), layout.segments.get(index)) {
                let start = segment.span.start;
                part.pieces = vec![Piece::Keep(Span { start, end: start + HEADER }), Piece::New(count)];
                part.pieces.extend((part.len() % 2 == 1).then(|| Piece::New(vec![0])));
            }
        }
        body = extension.body();
    }
    let data_len: u64 = body.iter().map(Piece::len).sum();

    let added = changes.added.iter().map(|put| add(put, free)).collect::<Result<Vec<_>, _>>()?;
    let wide_already = sizes.form != *b"RIFF";
    let rest = parts.iter().enumerate().filter(|(index, _)| Some(*index) != data).map(|(_, part)| part.len());
    let rest: u64 = rest.chain(added.iter().map(Part::len)).sum();
    // `WAVE`, the header of `data` and its padding.
    let wide = wide_already || rest + data_len + 4 + HEADER + data_len % 2 > u64::from(u32::MAX);

    if let Some(part) = data.and_then(|index| parts.get_mut(index)) {
        set_data(&mut window, part, body, wide)?;
    }
    let before = data.or_else(|| parts.iter().position(|part| part.role == Role::Unknown));
    let before = before.unwrap_or(parts.len());
    parts.splice(before..before, added);
    if wide {
        make_room_for_ds64(source, &sizes, &mut parts)?;
    }
    let inside = parts.iter().filter(|part| part.role != Role::Unknown).map(Part::len).sum::<u64>();
    let ds64 = if wide && sizes.wide.is_none() { HEADER + DS64 } else { 0 };
    let whole = 4 + ds64 + inside;
    if wide {
        set_ds64(&sizes, &mut parts, [whole, data_len, frames]);
    }
    let form = if wide && !wide_already { *b"RF64" } else { sizes.form };
    let size = if wide {
        u32::MAX
    } else {
        u32::try_from(whole).map_err(|_| {
            FormatError::new(0, Problem::OverLimit { what: "bytes in RIFF", limit: u64::from(u32::MAX) })
        })?
    };
    let head = [form, size.to_le_bytes(), *b"WAVE"].concat();
    let mut pieces = vec![Piece::New(head)];
    if window.bytes(0, 12)? == pieces.first().map(bytes).unwrap_or_default() {
        pieces = vec![Piece::Keep(Span { start: 0, end: FILE_HEADER })];
    }
    pieces.extend(parts.into_iter().flat_map(|part| part.pieces));
    Ok(riff::joined(pieces))
}

fn bytes(piece: &Piece) -> &[u8] {
    match piece {
        Piece::New(bytes) => bytes,
        Piece::Keep(_) => &[],
    }
}

/// Every segment as it is; padded where its writer forgot. The file header stands as an empty part, so
/// that parts have the indices of their segments.
fn parts(layout: &Layout) -> Vec<Part> {
    let part = |(index, segment): (usize, &crate::Segment)| {
        let mut pieces = Vec::new();
        if index > 0 {
            pieces.push(Piece::Keep(segment.span));
            if segment.span.len() % 2 == 1 && segment.role != Role::Unknown {
                pieces.push(Piece::New(vec![0]));
            }
        }
        Part { name: segment.name, role: segment.role, pieces }
    };
    layout.segments.iter().enumerate().map(part).collect()
}

/// Gives packets that are there their new values.
fn replace(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    parts: &mut [Part],
    limits: &Limits,
) -> Result<(), FormatError> {
    let mut lists: BTreeMap<usize, BTreeMap<u64, Option<&[u8]>>> = BTreeMap::new();
    let mut tags = lists.clone();
    for (index, value) in &changes.replaced {
        let Some(packet) = layout.packets.get(*index) else {
            return Err(FormatError::unsupported(0, "a change to a packet that is not there"));
        };
        let at = packet.span.start;
        let home =
            holder(layout, packet).ok_or(FormatError::malformed(at, "packet outside of all chunks"))?;
        let part = parts.get_mut(home).ok_or(FormatError::malformed(at, "packet outside of all chunks"))?;
        match packet.place {
            PLACE => {
                part.pieces = match value {
                    Some(value) => vec![Piece::New(riff::chunk(part.name, value)?)],
                    None => Vec::new(),
                };
            }
            wave_info::PLACE => {
                lists.entry(home).or_default().insert(at, value.as_deref());
            }
            _ => {
                tags.entry(home).or_default().insert(at, value.as_deref());
            }
        }
    }
    for (home, edits) in tags {
        let (Some(part), Some(segment)) = (parts.get_mut(home), layout.segments.get(home)) else {
            continue;
        };
        let chunk = riff::Chunk::read(&mut Window::new(source), segment.span.start, None)?;
        part.pieces = wave_id3::rewrite(source, (part.name, riff::head), chunk.body, &edits, &[], limits)?;
    }
    for (home, edits) in lists {
        let (Some(part), Some(segment)) = (parts.get_mut(home), layout.segments.get(home)) else {
            continue;
        };
        let list = riff::Chunk::read(&mut Window::new(source), segment.span.start, None)?;
        part.pieces = wave_info::rewrite(source, list.body, &edits)?;
    }
    Ok(())
}

/// The index of the segment that a packet stands in.
fn holder(layout: &Layout, packet: &Packet) -> Option<usize> {
    let at = packet.span.start;
    let found = layout.segments.partition_point(|segment| segment.span.start < at).checked_sub(1)?;
    layout.segments.get(found).filter(|segment| at <= segment.span.end).map(|_| found)
}

/// A new chunk.
fn add(put: &Put, free: fn([u8; 4]) -> bool) -> Result<Part, FormatError> {
    let id = match put.carrier {
        Carrier::Xmp => *b"_PMX",
        Carrier::Field => <[u8; 4]>::try_from(put.key.as_bytes())
            .ok()
            .filter(|id| riff::is_printable(*id) && free(*id))
            .ok_or(FormatError::unsupported(0, "a RIFF chunk type that is not four free characters"))?,
        _ => return Err(FormatError::unsupported(0, "this sort of metadata in WAVE")),
    };
    Part::metadata(id, &put.body)
}

/// Sets the body of the `data` chunk; leaves the chunk as it is if its sizes are right already.
fn set_data(
    window: &mut Window<'_>,
    part: &mut Part,
    body: Vec<Piece>,
    wide: bool,
) -> Result<(), FormatError> {
    let mut new = data_chunk(body, wide)?;
    if let (Some(Piece::Keep(old)), Some(Piece::New(head))) = (part.pieces.first(), new.first())
        && window.bytes(old.start, 8)? == head.as_slice()
    {
        let kept = Piece::Keep(Span { start: old.start, end: old.start + HEADER });
        new.splice(0..1, [kept]);
        // Padding stays what it was, even if it is not zero.
        let len: u64 = new.iter().map(Piece::len).sum();
        let stays = |piece: &Piece| match piece {
            Piece::Keep(span) => old.start <= span.start && span.end <= old.end,
            Piece::New(bytes) => bytes.len() <= 1,
        };
        if len == old.len() && new.iter().all(stays) {
            new = vec![Piece::Keep(*old)];
        }
    }
    part.pieces = new;
    Ok(())
}

/// Sees to it that there is a `ds64` chunk first, in the place of reserved space if there is enough.
fn make_room_for_ds64(source: &dyn Source, sizes: &Sizes, parts: &mut Vec<Part>) -> Result<(), FormatError> {
    if sizes.wide.is_some() {
        return Ok(());
    }
    let ds64 = Part { name: *b"ds64", role: Role::Structure, pieces: Vec::new() };
    let junk = match parts.get(1) {
        Some(part) if part.name == *b"JUNK" => {
            Some(riff::Chunk::read(&mut Window::new(source), FILE_HEADER, None)?)
        }
        _ => None,
    };
    match junk.filter(|junk| {
        junk.body.len() >= DS64 && junk.body == Span { start: FILE_HEADER + HEADER, ..junk.span }
    }) {
        Some(junk) => {
            let left = junk.span.len() - HEADER - DS64;
            let mut fill = Vec::new();
            // Less than a chunk header that is left becomes part of ds64, after its empty table.
            if left >= HEADER {
                fill.push(Piece::New(riff::head(*b"JUNK", left - HEADER)?));
                let start = junk.span.end - (left - HEADER);
                fill.push(Piece::Keep(Span { start, end: junk.span.end }));
            } else if left > 0 {
                fill.push(Piece::New(vec![0; usize::try_from(left).unwrap_or(0)]));
            }
            if let Some(part) = parts.get_mut(1) {
                *part = Part { pieces: fill, ..ds64 };
            }
        }
        None => parts.insert(1, ds64),
    }
    Ok(())
}

/// Sets the sizes in the `ds64` chunk.
fn set_ds64(sizes: &Sizes, parts: &mut [Part], [whole, data, frames]: [u64; 3]) {
    let new = wave_sizes::ds64(whole, data, frames);
    let Some(part) = parts.get_mut(1) else { return };
    match sizes.wide {
        Some(wide) => {
            // The table and whatever else follows stay.
            let start = wide.body.start;
            let numbers = new.get(..24).unwrap_or_default().to_vec();
            let rest = part.pieces.iter().filter_map(|piece| match piece {
                Piece::Keep(span) => Some(Piece::Keep(Span { start: start + 24, end: span.end })),
                Piece::New(_) => None,
            });
            let mut pieces = vec![Piece::Keep(Span { start: FILE_HEADER, end: start }), Piece::New(numbers)];
            pieces.extend(rest);
            part.pieces = pieces;
        }
        None => {
            let grown = match part.pieces.as_slice() {
                [Piece::New(fill)] => fill.len() as u64,
                _ => 0,
            };
            let size = u32::try_from(DS64 + grown).unwrap_or(u32::MAX);
            let head = [*b"ds64", size.to_le_bytes()].concat();
            part.pieces.insert(0, Piece::New([head, new].concat()));
        }
    }
}
