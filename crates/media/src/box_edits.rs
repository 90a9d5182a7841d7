//! Edits to a file made of boxes: what stands where is replaced, and whoever points at a byte learns where it went.

use crate::Piece;
use crate::boxes::{BoxSize, IsoBox};
use crate::riff::joined;
use indicia_core::{FormatError, Problem, Span};

/// Replacements that do not overlap. Positions are those of the file as it was.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    /// Sorted by span, once [`Edits::settle`] was called.
    list: Vec<(Span, Vec<u8>)>,
}

impl Edits {
    /// Puts bytes in place of a span; an empty span inserts them before the byte at its start.
    pub(crate) fn replace(&mut self, span: Span, bytes: Vec<u8>) {
        self.list.push((span, bytes));
    }

    /// Puts other bytes of the same number in the place of those that replace a span.
    pub(crate) fn amend(&mut self, span: Span, bytes: Vec<u8>) {
        if let Some((_, old)) = self.list.iter_mut().find(|(edit, _)| *edit == span) {
            *old = bytes;
        }
    }

    /// Sorts the edits.
    ///
    /// # Errors
    /// If two of them overlap.
    pub(crate) fn settle(&mut self) -> Result<(), FormatError> {
        self.list.sort_by_key(|(span, _)| *span);
        let mut end = 0;
        for (span, _) in &self.list {
            if span.start < end {
                return Err(FormatError::unsupported(span.start, "two changes to the same bytes"));
            }
            end = span.end;
        }
        Ok(())
    }

    /// Where every byte comes to stand. The edits must be settled.
    pub(crate) fn map(&self) -> Map {
        let (mut grown, mut shrunk) = (0_u64, 0_u64);
        let steps = self.list.iter().map(|(span, bytes)| {
            grown = grown.saturating_add(bytes.len() as u64);
            shrunk = shrunk.saturating_add(span.len());
            (*span, grown, shrunk)
        });
        Map { steps: steps.collect() }
    }

    /// Number of bytes that are put in.
    pub(crate) fn grown(&self) -> u64 {
        self.list.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Whether no byte that is kept comes to stand elsewhere, as far as `size`.
    pub(crate) fn keep_places(&self, size: u64) -> bool {
        self.list.iter().all(|(span, bytes)| span.len() == bytes.len() as u64 || span.start >= size)
    }

    /// The first edit that changes a byte of a span, or puts one in between.
    pub(crate) fn touching(&self, span: Span) -> Option<Span> {
        let inside = |edit: &Span| match edit.is_empty() {
            true => span.start < edit.start && edit.start < span.end,
            false => edit.start < span.end && span.start < edit.end,
        };
        self.list.iter().map(|(edit, _)| *edit).find(inside)
    }

    /// States the sizes of boxes that something within them changes. The edits must be settled, and are so after.
    ///
    /// # Errors
    /// If a box grows past what its size can say.
    pub(crate) fn resize(&mut self, boxes: &[IsoBox]) -> Result<(), FormatError> {
        let map = self.map();
        let mut sizes = Vec::new();
        for one in boxes {
            let (old, new) = (one.span.len(), map.span(one.span).len());
            // What stands in the place of a whole box says its size itself.
            let is_replaced = |edit: &Span| edit.start <= one.span.start && one.span.start < edit.end;
            let before = self.list.partition_point(|(span, _)| span.start <= one.span.start);
            if old == new
                || self.list.iter().take(before).next_back().is_some_and(|(edit, _)| is_replaced(edit))
            {
                continue;
            }
            match one.size {
                BoxSize::ToEnd => {}
                BoxSize::Short => {
                    sizes.push((Span { start: one.span.start, end: one.span.start + 4 }, short(one, new)?))
                }
                BoxSize::Long => {
                    let at = one.span.start + 8;
                    sizes.push((Span { start: at, end: at + 8 }, new.to_be_bytes().to_vec()));
                }
            }
        }
        self.list.extend(sizes);
        self.settle()
    }

    /// States the size of a box that reached to the end of the file, because something follows it now.
    ///
    /// # Errors
    /// If the size does not fit into the four bytes that there are.
    pub(crate) fn close(&mut self, one: &IsoBox) -> Result<(), FormatError> {
        if one.size == BoxSize::ToEnd {
            let at = one.span.start;
            let size = self.map().span(one.span).len();
            self.replace(Span { start: at, end: at + 4 }, short(one, size)?);
            self.settle()?;
        }
        Ok(())
    }

    /// The file with the edits made.
    pub(crate) fn pieces(self, size: u64) -> Vec<Piece> {
        let (mut pieces, mut at) = (Vec::new(), 0);
        for (span, bytes) in self.list {
            pieces.push(Piece::Keep(Span { start: at, end: span.start }));
            pieces.push(Piece::New(bytes));
            at = span.end;
        }
        pieces.push(Piece::Keep(Span { start: at, end: size }));
        joined(pieces)
    }
}

/// Where the bytes of a file come to stand.
#[derive(Debug)]
pub(crate) struct Map {
    /// The edits, with the number of bytes put in and taken out up to and with each.
    steps: Vec<(Span, u64, u64)>,
}

impl Map {
    /// Where what starts at `at` comes to start.
    pub(crate) fn start(&self, at: u64) -> u64 {
        self.after(at, self.steps.partition_point(|(span, ..)| span.start < at || span.end == at))
    }

    /// Where what ends at `at` comes to end: before what is put in there.
    pub(crate) fn end(&self, at: u64) -> u64 {
        self.after(at, self.steps.partition_point(|(span, ..)| span.start < at))
    }

    /// Where what has this span comes to stand.
    pub(crate) fn span(&self, span: Span) -> Span {
        Span { start: self.start(span.start), end: self.end(span.end) }
    }

    fn after(&self, at: u64, count: usize) -> u64 {
        let step = count.checked_sub(1).and_then(|index| self.steps.get(index));
        step.map_or(at, |(_, grown, shrunk)| at.saturating_add(*grown).saturating_sub(*shrunk))
    }
}

/// A size in four bytes.
fn short(one: &IsoBox, size: u64) -> Result<Vec<u8>, FormatError> {
    let fits = u32::try_from(size).map_err(|_| {
        let problem =
            Problem::OverLimit { what: "bytes in a box with a 32-bit size", limit: u64::from(u32::MAX) };
        FormatError::new(one.span.start, problem)
    })?;
    Ok(fits.to_be_bytes().to_vec())
}

/// A whole box.
///
/// # Errors
/// [`Problem::OverLimit`] if the body is too long for a 32-bit size.
pub(crate) fn whole(kind: [u8; 4], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut bytes = head(kind, body.len() as u64)?;
    bytes.extend_from_slice(body);
    Ok(bytes)
}

/// The header of a box whose body has `len` bytes.
///
/// # Errors
/// [`Problem::OverLimit`] if that is too long for a 32-bit size.
pub(crate) fn head(kind: [u8; 4], len: u64) -> Result<Vec<u8>, FormatError> {
    let size = len.checked_add(8).and_then(|size| u32::try_from(size).ok()).ok_or_else(|| {
        FormatError::new(0, Problem::OverLimit { what: "bytes in a box", limit: u64::from(u32::MAX) })
    })?;
    Ok([size.to_be_bytes(), kind].concat())
}

#[cfg(test)]
mod tests {
    use super::{Edits, head, whole};
    use crate::Piece;
    use crate::boxes::IsoBox;
    use indicia_core::{Span, Window};

    fn span(start: u64, end: u64) -> Span {
        Span { start, end }
    }

    #[test]
    fn what_stands_behind_an_edit_moves_and_what_ends_before_it_does_not() {
        let mut edits = Edits::default();
        edits.replace(span(20, 20), vec![7; 5]);
        edits.replace(span(4, 8), vec![9; 6]);
        edits.settle().unwrap();
        let map = edits.map();
        for (old, start, end) in [(0, 0, 0), (4, 4, 4), (8, 10, 10), (20, 27, 22), (21, 28, 28)] {
            assert_eq!((map.start(old), map.end(old)), (start, end), "{old}");
        }
        assert_eq!(map.span(span(8, 20)), span(10, 22), "what ends where something is put in");
        assert_eq!(map.span(span(20, 24)), span(27, 31), "what starts there");
        assert_eq!(edits.touching(span(7, 9)), Some(span(4, 8)));
        assert_eq!(edits.touching(span(19, 22)), Some(span(20, 20)));
        assert_eq!(edits.touching(span(8, 20)), None);
        assert_eq!(edits.touching(span(20, 22)), None);
        let out = [
            Piece::Keep(span(0, 4)),
            Piece::New(vec![9; 6]),
            Piece::Keep(span(8, 20)),
            Piece::New(vec![7; 5]),
        ];
        assert_eq!(edits.pieces(20), out);
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let mut edits = Edits::default();
        edits.replace(span(4, 8), vec![]);
        edits.replace(span(7, 9), vec![]);
        assert!(edits.settle().is_err());
    }

    #[test]
    fn a_box_states_its_new_size_in_the_way_it_did() {
        let bytes = b"\0\0\0\x0Cfreeabcd\0\0\0\x01skip\0\0\0\0\0\0\0\x12ab\0\0\0\0wideab".to_vec();
        let mut window = Window::new(&bytes);
        let boxes = [0, 12, 30].map(|at| IsoBox::read(&mut window, at, 40).unwrap());
        let mut edits = Edits::default();
        edits.replace(span(9, 10), b"123".to_vec());
        edits.replace(span(28, 29), vec![]);
        edits.replace(span(38, 39), b"123".to_vec());
        edits.settle().unwrap();
        edits.resize(&boxes).unwrap();
        edits.close(&boxes[2]).unwrap();
        let mut out = Vec::new();
        for piece in edits.pieces(40) {
            match piece {
                Piece::New(new) => out.extend(new),
                Piece::Keep(kept) => out
                    .extend(&bytes[usize::try_from(kept.start).unwrap()..usize::try_from(kept.end).unwrap()]),
            }
        }
        assert_eq!(out, b"\0\0\0\x0Efreea123cd\0\0\0\x01skip\0\0\0\0\0\0\0\x11b\0\0\0\x0Cwide123b");
    }

    #[test]
    fn a_box_that_is_replaced_as_a_whole_says_its_own_size() {
        let bytes = b"\0\0\0\x0Cbrobabcd\0\0\0\x0Afreeab".to_vec();
        let mut window = Window::new(&bytes);
        let boxes = [0, 12].map(|at| IsoBox::read(&mut window, at, 22).unwrap());
        let mut edits = Edits::default();
        edits.replace(boxes[0].span, b"\0\0\0\x09xml a".to_vec());
        edits.replace(boxes[1].span, vec![]);
        edits.settle().unwrap();
        edits.resize(&boxes).unwrap();
        assert_eq!(edits.pieces(22), [Piece::New(b"\0\0\0\x09xml a".to_vec())]);
    }

    #[test]
    fn a_body_of_four_gigabytes_is_refused() {
        assert_eq!(whole(*b"xml ", b"a").unwrap(), b"\0\0\0\x09xml a");
        assert!(head(*b"mdat", u64::from(u32::MAX) - 7).is_err() && head(*b"mdat", u64::MAX).is_err());
    }
}
