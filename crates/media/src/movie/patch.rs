//! Changes to bytes of a file, and what they do to the sizes of boxes and to the places of other bytes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::boxes::{BoxSize, IsoBox};
use crate::{Piece, riff};
use indicia_core::{FormatError, Problem, Span};

/// New bytes in place of old ones; an empty span is a place to put them in.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    /// The old bytes.
    pub(super) span: Span,
    /// The new ones.
    pub(super) new: Vec<u8>,
    /// The boxes that grow or shrink with them, the outermost first.
    chain: Vec<IsoBox>,
}

impl Patch {
    /// By how many bytes the file grows.
    pub(super) fn growth(&self) -> i64 {
        growth(self.new.len() as u64, self.span.len())
    }
}

/// All changes to a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Patches {
    /// In no order.
    pub(super) list: Vec<Patch>,
}

impl Patches {
    /// Puts new bytes in place of old ones, within these boxes.
    pub(super) fn put(&mut self, span: Span, new: Vec<u8>, chain: &[IsoBox]) {
        self.list.push(Patch { span, new, chain: chain.to_vec() });
    }

    /// Puts bytes before those at `at`.
    pub(super) fn insert(&mut self, at: u64, new: Vec<u8>, chain: &[IsoBox]) {
        self.put(Span { start: at, end: at }, new, chain);
    }

    /// By how many bytes all of them together make the file grow.
    pub(super) fn growth(&self) -> i64 {
        self.list.iter().map(Patch::growth).sum()
    }

    /// Where bytes of the file go.
    pub(super) fn shifts(&self) -> Shifts {
        let mut shifts = Shifts::default();
        for patch in self.list.iter().filter(|patch| patch.growth() != 0) {
            shifts.add(patch.span, patch.growth());
        }
        shifts
    }

    /// Sets the sizes of all boxes that grow or shrink.
    ///
    /// # Errors
    /// If a size does not fit into the bits there are for it, or stands nowhere.
    fn set_sizes(&mut self, size: u64) -> Result<(), FormatError> {
        let mut grown: BTreeMap<u64, (IsoBox, i64, bool)> = BTreeMap::new();
        for patch in &self.list {
            for (depth, one) in patch.chain.iter().enumerate() {
                let entry = grown.entry(one.span.start).or_insert((*one, 0, depth == 0));
                entry.1 += patch.growth();
            }
        }
        for (start, (one, growth, is_top)) in grown {
            if growth == 0 {
                continue;
            }
            let over = || {
                let limit = u64::from(u32::MAX);
                FormatError::new(
                    start,
                    Problem::OverLimit { what: "bytes in a box with a 32-bit size", limit },
                )
            };
            let new = one.span.len().checked_add_signed(growth).ok_or_else(over)?;
            match one.size {
                BoxSize::Short => {
                    let new = u32::try_from(new).map_err(|_| over())?.to_be_bytes().to_vec();
                    self.put(Span { start, end: start + 4 }, new, &[]);
                }
                BoxSize::Long => {
                    self.put(Span { start: start + 8, end: start + 16 }, new.to_be_bytes().to_vec(), &[]);
                }
                BoxSize::ToEnd if is_top && one.span.end == size => {}
                BoxSize::ToEnd => {
                    return Err(FormatError::unsupported(start, "changes in a box without a size"));
                }
            }
        }
        Ok(())
    }

    /// The file with all changes.
    ///
    /// # Errors
    /// If a size does not fit, or changes contradict each other.
    pub(super) fn pieces(mut self, size: u64) -> Result<Vec<Piece>, FormatError> {
        self.set_sizes(size)?;
        // At one place, what is put into an inner box comes before what is put behind it.
        self.list.sort_by_key(|patch| (patch.span.start, patch.span.end, Reverse(patch.chain.len())));
        let (mut pieces, mut at) = (Vec::new(), 0);
        for patch in self.list {
            if patch.span.start < at {
                return Err(FormatError::unsupported(patch.span.start, "two changes of the same bytes"));
            }
            pieces.push(Piece::Keep(Span { start: at, end: patch.span.start }));
            pieces.push(Piece::New(patch.new));
            at = patch.span.end;
        }
        pieces.push(Piece::Keep(Span { start: at, end: size }));
        Ok(riff::joined(pieces))
    }
}

/// By how much the bytes at each place move.
#[derive(Clone, Debug, Default)]
pub(super) struct Shifts {
    /// What is replaced, and by how much that makes the file grow; in file order.
    steps: Vec<(Span, i64)>,
}

impl Shifts {
    /// Notes one more change of length.
    pub(super) fn add(&mut self, span: Span, growth: i64) {
        let at = self.steps.partition_point(|(other, _)| (other.end, other.start) <= (span.end, span.start));
        self.steps.insert(at, (span, growth));
    }

    /// The changes of length.
    pub(super) fn steps(&self) -> impl Iterator<Item = Span> {
        self.steps.iter().map(|(span, _)| *span)
    }

    /// By how much the byte at `at` moves.
    pub(super) fn at(&self, at: u64) -> i64 {
        self.steps.iter().take_while(|(span, _)| span.end <= at).map(|(_, growth)| growth).sum()
    }

    /// Where the byte at `at` goes.
    ///
    /// # Errors
    /// If it goes away.
    pub(super) fn moved(&self, at: u64) -> Result<u64, FormatError> {
        if self.steps.iter().any(|(span, _)| span.start <= at && at < span.end) {
            return Err(FormatError::unsupported(at, "media in a place for metadata"));
        }
        at.checked_add_signed(self.at(at))
            .ok_or(FormatError::malformed(at, "an offset past the end of any file"))
    }
}

/// The difference of two lengths.
pub(super) fn growth(new: u64, old: u64) -> i64 {
    i64::try_from(new).unwrap_or(i64::MAX).saturating_sub(i64::try_from(old).unwrap_or(i64::MAX))
}
