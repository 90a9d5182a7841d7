//! Elements with other values in them: every size around a changed value set anew, and every checksum.

use std::collections::BTreeMap;

use super::element::{self, Element};
use super::id;
use crate::Piece;
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// What is to change in elements.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits {
    /// New bodies of elements, by where the body starts; `None` takes the element out.
    pub(super) values: BTreeMap<u64, Option<Vec<u8>>>,
    /// New elements at the end of others, by where those start.
    pub(super) appended: BTreeMap<u64, Vec<u8>>,
}

impl Edits {
    /// Whether anything changes in an element.
    fn touch(&self, element: Element) -> bool {
        self.values.range(element.body.start..=element.body.end).next().is_some()
            || self.appended.range(element.span.start..element.span.end).next().is_some()
    }
}

/// Bytes of a CRC-32 element.
const CHECKSUM: u64 = 6;
/// Bytes read at a time for a checksum.
const BLOCK: u64 = 1 << 16;

/// The element with changes made in it; nothing if it is taken out, or would stand empty where it must not.
///
/// # Errors
/// If it cannot be read, or nests deeper than allowed.
pub(super) fn rewrite(
    source: &dyn Source,
    element: Element,
    edits: &Edits,
    limits: &Limits,
    depth: usize,
) -> Result<Vec<Piece>, FormatError> {
    if !edits.touch(element) {
        return Ok(vec![Piece::Keep(element.span)]);
    }
    if depth > limits.depth {
        let problem = Problem::OverLimit { what: "levels of elements", limit: limits.depth as u64 };
        return Err(FormatError::new(element.span.start, problem));
    }
    if !id::is_master(element.id) {
        return Ok(match edits.values.get(&element.body.start) {
            Some(None) if !id::is_mandatory(element.id) => Vec::new(),
            Some(value) => {
                let value = value.as_deref().unwrap_or_default();
                let mut bytes = element::header(element.id, value.len() as u64, element.width);
                bytes.extend_from_slice(value);
                vec![Piece::New(bytes)]
            }
            None => vec![Piece::Keep(element.span)],
        });
    }
    let children = element.children(&mut Window::new(source), limits)?;
    if matches!(element.id, id::SEEK | id::SIMPLE_TAG) && loses_its_value(&children, edits) {
        return Ok(Vec::new());
    }
    let mut body = Vec::new();
    let mut left = false;
    for child in &children {
        if child.id == id::CRC_32 {
            continue;
        }
        let pieces = rewrite(source, *child, edits, limits, depth + 1)?;
        left |= !pieces.is_empty() && needed_in(element.id).is_none_or(|id| id == child.id);
        body.extend(pieces);
    }
    if let Some(new) = edits.appended.get(&element.span.start) {
        left = true;
        body.push(Piece::New(new.clone()));
    }
    if needed_in(element.id).is_some() && !left {
        return Ok(Vec::new());
    }
    let mut size: u64 = body.iter().map(Piece::len).sum();
    let mut head = Vec::new();
    if children.iter().any(|child| child.id == id::CRC_32) {
        size += CHECKSUM;
        head = element::element(id::CRC_32, &checksum(source, &body)?.to_le_bytes());
    }
    let mut start = element::header(element.id, size, element.width);
    start.append(&mut head);
    let mut pieces = vec![Piece::New(start)];
    pieces.append(&mut body);
    Ok(pieces)
}

/// Whether the value of a tag or the place in an entry is taken out, and with it the tag or entry.
fn loses_its_value(children: &[Element], edits: &Edits) -> bool {
    children.iter().any(|child| {
        matches!(child.id, id::SEEK_POSITION | id::TAG_BINARY | id::TAG_STRING)
            && matches!(edits.values.get(&child.body.start), Some(None))
    })
}

/// What an element must hold at least one of.
fn needed_in(master: u32) -> Option<u32> {
    match master {
        id::TAG => Some(id::SIMPLE_TAG),
        id::TAGS => Some(id::TAG),
        _ => None,
    }
}

/// The CRC-32 of what pieces will read.
fn checksum(source: &dyn Source, pieces: &[Piece]) -> Result<u32, FormatError> {
    let mut sum = crc32fast::Hasher::new();
    for piece in pieces {
        match piece {
            Piece::New(bytes) => sum.update(bytes),
            Piece::Keep(span) => {
                let mut at = span.start;
                while at < span.end {
                    let end = span.end.min(at + BLOCK);
                    let block = Span { start: at, end };
                    sum.update(&Limits { block: BLOCK, ..Limits::default() }.take(source, block)?);
                    at = end;
                }
            }
        }
    }
    Ok(sum.finalize())
}
