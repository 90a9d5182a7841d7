//! Changes to an AIFF file: chunks put in, replaced and taken out, sound put around the old, every size set right.

use std::collections::BTreeMap;

use super::chunks::{APPLICATION, FILE_HEADER, OTHER, TEXT, chunk, head};
use super::sound::Aiff;
use crate::riff::{self, Chunk, HEADER};
use crate::{Carrier, Changes, Ends, Layout, NewContent, Packet, Piece, Put, Role, Sound, wave_id3};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// The type of the chunk that a new tag gets: what most programs look for.
const TAG: [u8; 4] = *b"ID3 ";

/// One chunk of the file to be written.
struct Part {
    name: [u8; 4],
    role: Role,
    span: Span,
    pieces: Vec<Piece>,
}

impl Part {
    /// The chunk as it was.
    fn chunk(&self, source: &dyn Source) -> Result<Chunk, FormatError> {
        chunk(&mut Window::new(source), self.span.start)
    }

    /// Gives it a new body.
    fn set(&mut self, body: Vec<Piece>) -> Result<(), FormatError> {
        let size: u64 = body.iter().map(Piece::len).sum();
        self.pieces = vec![Piece::New(head(self.name, size)?)];
        self.pieces.extend(body);
        self.pieces.extend((size % 2 == 1).then(|| Piece::New(vec![0])));
        Ok(())
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
        return Err(FormatError::unsupported(0, "cutting bytes out of sound"));
    }
    let mut parts: Vec<Part> = layout
        .segments
        .iter()
        .filter(|segment| segment.span.start >= FILE_HEADER)
        .map(|segment| {
            let mut pieces = vec![Piece::Keep(segment.span)];
            if segment.span.len() % 2 == 1 && segment.role != Role::Unknown {
                pieces.push(Piece::New(vec![0]));
            }
            Part { name: segment.name, role: segment.role, span: segment.span, pieces }
        })
        .collect();
    change_packets(source, layout, changes, &mut parts, limits)?;
    match &changes.content {
        None if changes.filter.is_none() => {}
        None => extend(source, layout, changes, &Ends::default(), &mut parts, limits)?,
        Some(NewContent::Sound(ends)) => extend(source, layout, changes, ends, &mut parts, limits)?,
        Some(_) => return Err(FormatError::unsupported(0, "content other than sound in AIFF")),
    }
    let inside = parts.iter().filter(|part| part.role != Role::Unknown).flat_map(|part| &part.pieces);
    let size = 4 + inside.map(Piece::len).sum::<u64>();
    let mut pieces =
        vec![Piece::New(head(*b"FORM", size)?), Piece::Keep(Span { start: HEADER, end: FILE_HEADER })];
    pieces.extend(parts.into_iter().flat_map(|part| part.pieces));
    Ok(riff::joined(pieces))
}

/// Gives packets new values, and adds new ones to the tag.
fn change_packets(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    parts: &mut Vec<Part>,
    limits: &Limits,
) -> Result<(), FormatError> {
    let mut tags: BTreeMap<usize, BTreeMap<u64, Option<&[u8]>>> = BTreeMap::new();
    for (index, value) in &changes.replaced {
        let packet = layout.packets.get(*index);
        let packet = packet.ok_or(FormatError::unsupported(0, "a change to a packet that is not there"))?;
        let missing = FormatError::malformed(packet.span.start, "packet outside of all chunks");
        let at = parts.iter().position(|part| holds(part, packet)).ok_or(missing.clone())?;
        let part = parts.get_mut(at).ok_or(missing)?;
        match (packet.place, value) {
            (TEXT | OTHER | APPLICATION, None) => part.pieces.clear(),
            (TEXT | OTHER, Some(value)) => part.set(vec![Piece::New(value.clone())])?,
            (APPLICATION, Some(value)) => {
                let start = part.span.start + HEADER;
                let signature = Piece::Keep(Span { start, end: start + 4 });
                part.set(vec![signature, Piece::New(value.clone())])?;
            }
            _ if wave_id3::holds_tag(part.name) => {
                tags.entry(at).or_default().insert(packet.span.start, value.as_deref());
            }
            _ => return Err(FormatError::unsupported(packet.span.start, "a change to an AIFF remark")),
        }
    }
    let mut added: Vec<&Put> = changes.added.iter().collect();
    if added.iter().any(|put| put.carrier != Carrier::Field) {
        return Err(FormatError::unsupported(0, "this sort of metadata in AIFF"));
    }
    let first = parts.iter().position(|part| wave_id3::holds_tag(part.name) && part.role == Role::Metadata);
    if let Some(first) = first
        && !added.is_empty()
    {
        tags.entry(first).or_default();
    }
    for (at, edits) in tags {
        let Some(part) = parts.get_mut(at) else { continue };
        let added = if Some(at) == first { std::mem::take(&mut added) } else { Vec::new() };
        let body = part.chunk(source)?.body;
        part.pieces = wave_id3::rewrite(source, (part.name, head), body, &edits, &added, limits)?;
    }
    if !added.is_empty() {
        let pieces = wave_id3::new(source, (TAG, head), &added, limits)?;
        let at = parts.iter().position(|part| part.role == Role::Unknown).unwrap_or(parts.len());
        let span = Span { start: source.size(), end: source.size() };
        parts.insert(at, Part { name: TAG, role: Role::Metadata, span, pieces });
    }
    Ok(())
}

/// Whether the packet stands in the chunk.
fn holds(part: &Part, packet: &Packet) -> bool {
    part.span.start < packet.span.start && packet.span.end <= part.span.end
}

/// Puts sound before and after the old, makes the old anew if that is asked for, and sets right what counts frames: `COMM`
/// and `MARK`.
fn extend(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    ends: &Ends<Sound>,
    parts: &mut [Part],
    limits: &Limits,
) -> Result<(), FormatError> {
    let aiff = Aiff::read(source, layout)?;
    let (format, at) = (aiff.format, aiff.chunk.span.start);
    let coded = |sound: &Option<Sound>| match sound {
        None => Ok(Vec::new()),
        Some(sound) if (sound.rate, sound.channels) != (format.rate, format.channels) => {
            Err(FormatError::unsupported(at, "sound of another rate or channel count"))
        }
        Some(sound) if sound.values.len() % usize::from(format.channels) != 0 => {
            Err(FormatError::malformed(at, "new sound that ends within a frame"))
        }
        Some(sound) => Ok(format.encode(&sound.values)),
    };
    let (start, end) = (coded(&ends.start)?, coded(&ends.end)?);
    let before = start.len() as u64 / format.frame;
    let frames = (aiff.data.len() + end.len() as u64) / format.frame + before;
    let over = FormatError::unsupported(at, "more frames than an AIFF file can count");
    let frames = u32::try_from(frames).map_err(|_| over.clone())?;
    let before = u32::try_from(before).map_err(|_| over)?;
    let middle = match &changes.filter {
        None => aiff.data,
        Some(filter) => changes.annex.keep(aiff.changed(source, filter)?, source.size())?,
    };
    for part in parts.iter_mut().filter(|part| part.role != Role::Unknown) {
        match &part.name {
            b"SSND" if part.span == aiff.chunk.span => part.set(vec![
                Piece::Keep(Span { start: aiff.chunk.body.start, end: aiff.data.start }),
                Piece::New(start.clone()),
                Piece::Keep(middle),
                Piece::New(end.clone()),
                Piece::Keep(Span { start: aiff.data.end, end: aiff.chunk.body.end }),
            ])?,
            b"COMM" => {
                let body = part.chunk(source)?.body;
                let count = Span { start: body.start + 2, end: body.start + 6 };
                part.set(vec![
                    Piece::Keep(Span { start: body.start, end: count.start }),
                    Piece::New(frames.to_be_bytes().to_vec()),
                    Piece::Keep(Span { start: count.end, end: body.end }),
                ])?;
            }
            b"MARK" => {
                let mut markers = limits.take(source, part.chunk(source)?.body)?;
                move_markers(&mut markers, before);
                part.set(vec![Piece::New(markers)])?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Moves the positions of markers: after their number, each has one, and a name padded to even length with its count.
fn move_markers(markers: &mut [u8], frames: u32) {
    let mut at = 2;
    while let Some(place) = markers.get_mut(at + 2..).and_then(|rest| rest.first_chunk_mut::<4>()) {
        *place = u32::from_be_bytes(*place).saturating_add(frames).to_be_bytes();
        let Some(name) = markers.get(at + 6) else { break };
        let len = usize::from(*name) + 1;
        at += 6 + len + len % 2;
    }
}
