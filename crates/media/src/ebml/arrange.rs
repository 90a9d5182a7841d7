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

    fn old_len(&self) -> u64 {
        self.old.map_or(0, Span::len)
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

/// The free space before the first Cluster takes up what the other elements there have grown or shrunk by, if any
/// one of it can. `front` is the number of elements before the first Cluster; the last of them must be new and
/// empty, to become free space if there is none.
pub(super) fn balance(parts: &mut [Part], front: usize) {
    let Some(parts) = parts.get_mut(..front) else { return };
    let is_void = |part: &Part| part.name == *b"Void" && part.old.is_some();
    let sum = |len: fn(&Part) -> u64| parts.iter().filter(|part| !is_void(part)).map(len).sum::<u64>();
    let spare = parts.len().wrapping_sub(1);
    let new = sum(Part::len) - parts.get(spare).map_or(0, Part::len);
    let (old, mut done) = (sum(Part::old_len), false);
    for index in (0..parts.len()).rev() {
        let Some(part) = parts.get_mut(index).filter(|part| part.name == *b"Void") else { continue };
        let space = part.old_len();
        let wanted = (space + old).checked_sub(new).filter(|len| *len != 1);
        match wanted {
            Some(len) if !done && index != spare => {
                part.set_void(len);
                done = true;
            }
            _ if index != spare => part.set_void(space),
            _ => part.set_void(0),
        }
    }
    if !done && let (Some(part), Some(len)) = (parts.get_mut(spare), old.checked_sub(new)) {
        part.set_void(if len == 1 { 0 } else { len });
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
