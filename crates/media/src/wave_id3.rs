//! The `id3 ` chunk of WAVE and AIFF: an ID3v2 tag in a chunk.

use std::collections::BTreeMap;

use crate::id3::{self, Tag};
use crate::{Body, Carrier, Packet, Piece, Put};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// Whether a chunk of this type holds a tag. Both spellings are in use.
pub(crate) fn holds_tag(id: [u8; 4]) -> bool {
    matches!(&id, b"id3 " | b"ID3 ")
}

/// The packets of the tag in a chunk. What cannot be read is a broken packet, not absent.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn packets(
    source: &dyn Source,
    window: &mut Window<'_>,
    body: Span,
    limits: &Limits,
) -> Result<Vec<Packet>, FormatError> {
    let broken = |err| Packet {
        carrier: Carrier::Field,
        key: String::new(),
        place: "id3 chunk",
        span: body,
        body: Body::Broken(err),
    };
    let Some(tag) = Tag::read(source, window, body.start, body.end, limits)? else {
        return Ok(vec![broken(FormatError::malformed(body.start, "an id3 chunk without a tag"))]);
    };
    let mut packets: Vec<_> = tag.packets(window)?.into_iter().map(|(_, packet)| packet).collect();
    packets.extend(tag.damage.map(broken));
    Ok(packets)
}

/// Writes the header of a chunk with a body of so many bytes.
pub(crate) type ChunkHead = fn([u8; 4], u64) -> Result<Vec<u8>, FormatError>;

/// The chunk with new values for packets of its tag, by where they stand, and new frames; nothing if no frame
/// is left.
///
/// # Errors
/// If the tag is damaged, or cannot hold a value.
pub(crate) fn rewrite(
    source: &dyn Source,
    (id, head): ([u8; 4], ChunkHead),
    body: Span,
    edits: &BTreeMap<u64, Option<&[u8]>>,
    added: &[&Put],
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let mut window = Window::new(source);
    let tag = Tag::read(source, &mut window, body.start, body.end, limits)?
        .ok_or(FormatError::malformed(body.start, "an id3 chunk without a tag"))?;
    if let Some(damage) = tag.damage {
        return Err(damage);
    }
    let mut replaced = BTreeMap::new();
    for (frame, packet) in tag.packets(&mut window)? {
        if let Some(value) = edits.get(&packet.span.start) {
            replaced.insert(frame, *value);
        }
    }
    chunk(id, head, id3::rewrite(source, Some(&tag), &replaced, added, limits)?)
}

/// A chunk with a new tag in it.
///
/// # Errors
/// If a tag cannot hold what is put.
pub(crate) fn new(
    source: &dyn Source,
    (id, head): ([u8; 4], ChunkHead),
    added: &[&Put],
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    chunk(id, head, id3::rewrite(source, None, &BTreeMap::new(), added, limits)?)
}

fn chunk(id: [u8; 4], head: ChunkHead, tag: Vec<Piece>) -> Result<Vec<Piece>, FormatError> {
    let size: u64 = tag.iter().map(Piece::len).sum();
    if size == 0 {
        return Ok(Vec::new());
    }
    let mut pieces = vec![Piece::New(head(id, size)?)];
    pieces.extend(tag);
    pieces.extend((size % 2 == 1).then(|| Piece::New(vec![0])));
    Ok(pieces)
}
