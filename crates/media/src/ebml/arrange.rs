//! The elements of a Segment in their new order, with free space given up or made so that Clusters need not move.

use super::element;
use crate::Piece;
use indicia_core::Span;

/// One element of the Segment to be written.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The name of its kind, as in the layout.
    pub(super) name: [u8; 4],
    /// Where it stood; nothing if it is new.
    pub(super) old: Option<Span>,
    /// What it will read.
    pub(super) pieces: Vec<Piece>,
}

impl Part {
    /// Bytes that it will have.
    pub(super) fn len(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    fn is_void(&self) -> bool {
        self.name == *b"Void" && self.old.is_some()
    }

    /// Free space of this many bytes in its place; what was free stays as it was.
    pub(super) fn set_void(&mut self, len: u64) {
        if len == 0 {
            return self.pieces.clear();
        }
        if let Some(old) = self.old.filter(|old| old.len() == len && self.name == *b"Void") {
            self.pieces = vec![Piece::Keep(old)];
            return;
        }
        let mut head = element::void(len);
        let body = len.saturating_sub(head.len() as u64);
        let kept = match self.old {
            // The header of the old Void may be as long as the new one, so what is kept starts after it.
            Some(old) if self.name == *b"Void" => old.len().saturating_sub(9).min(body),
            _ => 0,
        };
        // What is not kept was the old header or the element's own bytes: at most as much as was copied already.
        head.resize(head.len() + usize::try_from(body - kept).unwrap_or(0), 0);
        self.pieces = vec![Piece::New(head)];
        if let (Some(old), true) = (self.old, kept > 0) {
            self.pieces.push(Piece::Keep(Span { start: old.end - kept, end: old.end }));
        }
    }
}

/// The free space before the first Cluster takes up what all that stands there has grown or shrunk by, if any one
/// piece of it can. `front` is the number of elements before the first Cluster, which had `len` bytes; the last of
/// them must be new and empty, to become free space if there is none.
pub(super) fn balance(parts: &mut [Part], front: usize, len: u64) {
    let Some((spare, parts)) = parts.get_mut(..front).and_then(<[Part]>::split_last_mut) else { return };
    spare.pieces.clear();
    for part in parts.iter_mut().filter(|part| part.is_void()) {
        part.set_void(part.old.map_or(0, Span::len));
    }
    let now: u64 = parts.iter().map(Part::len).sum();
    for part in parts.iter_mut().rev().filter(|part| part.is_void()) {
        // Free space of one byte cannot be written.
        if let Some(wanted) = (part.len() + len).checked_sub(now).filter(|wanted| *wanted != 1) {
            return part.set_void(wanted);
        }
    }
    if let Some(wanted) = len.checked_sub(now).filter(|wanted| *wanted != 1) {
        spare.set_void(wanted);
    }
}

/// Where the parts start, one after another.
pub(super) fn starts(parts: &[Part], first: u64) -> Vec<u64> {
    let mut at = first;
    let next = |part: &Part| {
        let start = at;
        at += part.len();
        start
    };
    parts.iter().map(next).collect()
}
