//! Changes to an FLV file: texts in script tags, and the places and sizes in `onMetaData` that depend on them.

use std::collections::BTreeMap;

use super::amf::{self, Kind, Script};
use super::parse::{BACK, METADATA, SCRIPT, TAG};
use crate::riff::joined;
use crate::{Carrier, Changes, Layout, Piece};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Longest body of a tag.
const LONGEST: usize = 0xFF_FFFF;

/// One script tag, as it was and as it will be.
struct Tag {
    span: Span,
    old: Vec<u8>,
    script: Script,
    new: Vec<u8>,
}

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or a script tag to be changed cannot be read.
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
        return Err(FormatError::unsupported(0, "a change to the content of an FLV file"));
    }
    let mut edits = BTreeMap::new();
    for (index, value) in &changes.replaced {
        let missing = FormatError::unsupported(0, "a change to a packet that is not there");
        let packet = layout.packets.get(*index).ok_or(missing)?;
        edits.insert(packet.span.end, value.as_deref());
    }
    let added = changes.added.iter().map(|put| {
        if put.carrier != Carrier::Field {
            return Err(FormatError::unsupported(0, "this sort of metadata in FLV"));
        }
        Ok([amf::name(put.key.as_bytes())?, amf::text(&put.body)?].concat())
    });
    let added = added.collect::<Result<Vec<_>, _>>()?;

    let mut tags = Vec::new();
    let mut placed = added.is_empty();
    // With many script tags, such as captions, only those are read that change or tell of places.
    for segment in layout.segments.iter().filter(|segment| segment.name == SCRIPT) {
        let span = segment.span;
        let is_touched = edits.range(span.start..=span.end).next().is_some();
        let mut head = [0; 32];
        if !is_touched && !starts_as_metadata(source, span, &mut head)? {
            continue;
        }
        let body = Span { start: span.start + TAG, end: span.end - BACK };
        let old = limits.take(source, body)?;
        let script = amf::read(&old, body.start, limits);
        let is_home = !placed && script.name == METADATA && script.end.is_some();
        let added: &[Vec<u8>] = if is_home { &added } else { &[] };
        placed |= is_home;
        if let Some(damage) = script.damage.clone().filter(|_| is_touched || is_home) {
            return Err(damage);
        }
        let new = rewritten(&old, &script, body, &edits, added)?;
        tags.push(Tag { span, old, script, new });
    }
    let mut pieces = Vec::new();
    let first = layout.segments.first().map_or(0, |segment| segment.span.end);
    let mut moves: Vec<(u64, i64)> = tags.iter().map(|tag| (tag.span.end, tag.growth())).collect();
    let made = if placed { Vec::new() } else { metadata(&added)? };
    if !made.is_empty() {
        moves.insert(0, (first, i64::try_from(made.len()).unwrap_or(i64::MAX)));
    }
    pieces.push(Piece::Keep(Span { start: 0, end: first }));
    pieces.push(Piece::New(made));
    let mut at = first;
    for tag in &tags {
        pieces.push(Piece::Keep(Span { start: at, end: tag.span.start }));
        pieces.extend(tag.pieces(&moves, whole.end)?);
        at = tag.span.end;
    }
    pieces.push(Piece::Keep(Span { start: at, end: whole.end }));
    Ok(joined(pieces))
}

/// Whether a script tag may be the file's description, by its first bytes.
fn starts_as_metadata(source: &dyn Source, span: Span, head: &mut [u8; 32]) -> Result<bool, FormatError> {
    let start = span.start + TAG;
    let len = usize::try_from(span.end - start).map_or(head.len(), |len| len.min(head.len()));
    let head = head.get_mut(..len).unwrap_or_default();
    source.read_at(start, head).map_err(|err| FormatError::new(start, Problem::Io(err.kind())))?;
    Ok(head.starts_with(&[&[2, 0, 10], METADATA.as_bytes()].concat()))
}

/// The body of a script tag with other texts in it, and more.
fn rewritten(
    old: &[u8],
    script: &Script,
    body: Span,
    edits: &BTreeMap<u64, Option<&[u8]>>,
    added: &[Vec<u8>],
) -> Result<Vec<u8>, FormatError> {
    let mut new = Vec::new();
    let mut at = 0;
    let mut count = i64::try_from(added.len()).unwrap_or(0);
    let part = |from: usize, to: usize| old.get(from..to).unwrap_or_default();
    let insert = |new: &mut Vec<u8>, at: &mut usize, upto: usize| {
        if let Some(end) = script.end.filter(|end| (*at..=upto).contains(end)) {
            new.extend_from_slice(part(*at, end));
            new.extend(added.concat());
            *at = end;
        }
    };
    let mut is_inserted = false;
    for leaf in &script.leaves {
        let Some(value) = edits.get(&(body.start + leaf.end as u64)) else { continue };
        if !matches!(leaf.kind, Kind::Text(_)) {
            continue;
        }
        if script.end.is_some_and(|end| end <= leaf.start) && !is_inserted {
            insert(&mut new, &mut at, leaf.start);
            is_inserted = true;
        }
        match value {
            Some(value) => {
                new.extend_from_slice(part(at, leaf.marker));
                new.extend(amf::text(value)?);
            }
            None if leaf.start == leaf.marker => {
                new.extend_from_slice(part(at, leaf.marker));
                new.extend(amf::text(b"")?);
            }
            None => {
                new.extend_from_slice(part(at, leaf.start));
                count -= i64::from(leaf.depth == 1);
            }
        }
        at = leaf.end;
    }
    if !is_inserted {
        insert(&mut new, &mut at, old.len());
    }
    new.extend_from_slice(part(at, old.len()));
    if new.len() > LONGEST {
        let problem = Problem::OverLimit { what: "bytes in a script tag", limit: LONGEST as u64 };
        return Err(FormatError::new(body.start, problem));
    }
    // The count stands before all that has changed. It is a hint: some writers leave it at zero.
    if let Some(site) = script.count.and_then(|count| new.get_mut(count..count + 4))
        && let Ok(four) = <[u8; 4]>::try_from(&*site)
        && four != [0; 4]
    {
        let sum = i64::from(u32::from_be_bytes(four)).saturating_add(count);
        site.copy_from_slice(&u32::try_from(sum).unwrap_or(0).to_be_bytes());
    }
    Ok(new)
}

/// A description made anew, as a whole tag.
fn metadata(added: &[Vec<u8>]) -> Result<Vec<u8>, FormatError> {
    let count = u32::try_from(added.len()).unwrap_or(u32::MAX);
    let body = [
        amf::text(METADATA.as_bytes())?,
        vec![8],
        count.to_be_bytes().to_vec(),
        added.concat(),
        vec![0, 0, 9],
    ]
    .concat();
    let len = body.len();
    if len > LONGEST {
        let problem = Problem::OverLimit { what: "bytes in a script tag", limit: LONGEST as u64 };
        return Err(FormatError::new(0, problem));
    }
    Ok([&[18][..], &size(len), &[0; 7], &body, &back(len)].concat())
}

/// The size in the header of a tag.
fn size(len: usize) -> [u8; 3] {
    let [.., a, b, c] = (len as u64).to_be_bytes();
    [a, b, c]
}

/// The size after a tag.
fn back(len: usize) -> [u8; 4] {
    let [.., a, b, c, d] = (len as u64 + TAG).to_be_bytes();
    [a, b, c, d]
}

impl Tag {
    /// Bytes by which it grows.
    fn growth(&self) -> i64 {
        let len = |bytes: &[u8]| i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        len(&self.new) - len(&self.old)
    }

    /// The whole tag, with places in the file set anew.
    fn pieces(&self, moves: &[(u64, i64)], size_before: u64) -> Result<Vec<Piece>, FormatError> {
        let mut new = self.new.clone();
        if self.script.name == METADATA && self.script.damage.is_none() {
            let start = self.span.start + TAG;
            for leaf in amf::read(&new, start, &Limits { segments: usize::MAX, ..Limits::default() }).leaves {
                let site = new.get_mut(leaf.marker + 1..leaf.end);
                let Some(Ok(bytes)) = site.as_deref().map(<[u8; 8]>::try_from) else { continue };
                let Some(old) = whole_number(f64::from_be_bytes(bytes)) else { continue };
                let is_place = match leaf.kind {
                    Kind::Place => old <= size_before,
                    Kind::Size => old == size_before,
                    Kind::Text(_) => false,
                };
                if let (true, Some(site)) = (is_place, site) {
                    site.copy_from_slice(&number(moved(old, moves)).to_be_bytes());
                }
            }
        }
        if new == self.old {
            return Ok(vec![Piece::Keep(self.span)]);
        }
        let after_size = Span { start: self.span.start + 4, end: self.span.start + TAG };
        let len = new.len();
        let mut tail = new;
        tail.extend(back(len));
        Ok(vec![
            Piece::Keep(Span { start: self.span.start, end: self.span.start + 1 }),
            Piece::New(size(len).to_vec()),
            Piece::Keep(after_size),
            Piece::New(tail),
        ])
    }
}

/// A place after all tags before it have grown or shrunk.
fn moved(place: u64, moves: &[(u64, i64)]) -> u64 {
    let by = moves.iter().filter(|(end, _)| *end <= place).map(|(_, by)| by).sum();
    place.saturating_add_signed(by)
}

/// A number as a place in a file, if it is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is whole and within the range in which all whole numbers can be told apart"
)]
fn whole_number(number: f64) -> Option<u64> {
    let is_place = (0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0;
    is_place.then_some(number as u64)
}

#[expect(clippy::cast_precision_loss, reason = "places in files are far below 2^53")]
fn number(place: u64) -> f64 {
    place as f64
}
