//! A packet whose bytes lie on several pages, seen as one stretch of bytes.

use std::io;

use indicia_core::{Source, Span};

/// The bytes of a packet, wherever they lie.
#[derive(Clone)]
pub(super) struct Extents<'a> {
    source: &'a dyn Source,
    /// Place in the packet and place in the file, in order.
    parts: Vec<(u64, Span)>,
    len: u64,
}

impl<'a> Extents<'a> {
    /// Puts parts of a file together.
    pub(super) fn new(source: &'a dyn Source, parts: &[Span]) -> Self {
        let mut extents = Self { source, parts: Vec::new(), len: 0 };
        for part in parts {
            extents.parts.push((extents.len, *part));
            extents.len += part.len();
        }
        extents
    }

    /// Where in the file these bytes of the packet are, and whether they lie there in one piece. If not, the
    /// place is that of all from the first to the last, with whatever lies between.
    pub(super) fn place(&self, span: Span) -> (Span, bool) {
        let holder = self.parts.iter().rev().find(|(start, _)| *start <= span.start);
        let last = self.parts.iter().rev().find(|(start, _)| *start < span.end.max(1));
        let (Some((start, first)), Some((last_start, last))) = (holder, last) else {
            return (span, false);
        };
        let begin = first.start + (span.start - start);
        if span.is_empty() {
            return (Span { start: begin, end: begin }, true);
        }
        let end = last.start + (span.end - last_start);
        (Span { start: begin, end }, start == last_start)
    }
}

impl Source for Extents<'_> {
    fn size(&self) -> u64 {
        self.len
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let (mut at, mut buf) = (at, buf);
        let first = self.parts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        for (start, part) in self.parts.get(first..).unwrap_or_default() {
            let from = part.start + (at - start).min(part.len());
            let len = usize::try_from(part.end - from).unwrap_or(usize::MAX).min(buf.len());
            let (now, later) = buf.split_at_mut(len);
            self.source.read_at(from, now)?;
            at += len as u64;
            buf = later;
            if buf.is_empty() {
                return Ok(());
            }
        }
        if buf.is_empty() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Extents;
    use indicia_core::{Source, Span};

    #[test]
    fn bytes_are_read_across_parts() {
        let bytes = b"..abc---de".to_vec();
        let extents = Extents::new(&bytes, &[Span { start: 2, end: 5 }, Span { start: 8, end: 10 }]);
        assert_eq!(extents.size(), 5);
        for start in 0..5_u64 {
            for end in start..=5 {
                let mut read = vec![0; usize::try_from(end - start).unwrap()];
                extents.read_at(start, &mut read).unwrap();
                assert_eq!(read, b"abcde"[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]);
            }
        }
        assert!(extents.read_at(4, &mut [0; 2]).is_err());
        assert_eq!(extents.place(Span { start: 1, end: 3 }), (Span { start: 3, end: 5 }, true));
        assert_eq!(extents.place(Span { start: 1, end: 4 }), (Span { start: 3, end: 9 }, false));
        assert_eq!(extents.place(Span { start: 3, end: 5 }), (Span { start: 8, end: 10 }, true));
    }
}
