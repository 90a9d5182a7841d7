//! A file as it reads once it has been cut and put together, for whoever cuts it again.

use std::io;

use crate::{Piece, riff};
use indicia_core::{Source, Span};

/// A file put together from pieces of another, without a copy of either.
pub(crate) struct Recut<'a> {
    source: &'a dyn Source,
    /// Where each piece starts, and the piece.
    pieces: Vec<(u64, Piece)>,
    size: u64,
}

impl<'a> Recut<'a> {
    /// The pieces in their order.
    pub(crate) fn new(source: &'a dyn Source, pieces: Vec<Piece>) -> Self {
        let mut size = 0;
        let placed = pieces.into_iter().map(|piece| {
            let start = size;
            size += len(&piece);
            (start, piece)
        });
        let pieces = placed.collect();
        Self { source, pieces, size }
    }

    /// Pieces of this file as pieces of that which it was made from.
    pub(crate) fn back(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        let mut back = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Keep(span) => back.extend(self.parts(span)),
                Piece::New(bytes) => back.push(Piece::New(bytes)),
            }
        }
        riff::joined(back)
    }

    /// What a span of this file is made of.
    fn parts(&self, span: Span) -> impl Iterator<Item = Piece> {
        let first = self.pieces.partition_point(|(start, piece)| start + len(piece) <= span.start);
        let within = self.pieces.iter().skip(first).take_while(move |(start, _)| *start < span.end);
        within.filter_map(move |(start, piece)| {
            let from = span.start.saturating_sub(*start);
            let to = len(piece).min(span.end - start);
            Some(match piece {
                Piece::Keep(kept) => Piece::Keep(Span { start: kept.start + from, end: kept.start + to }),
                Piece::New(bytes) => {
                    Piece::New(bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)?.to_vec())
                }
            })
        })
    }
}

impl Source for Recut<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let end = at.checked_add(buf.len() as u64).filter(|end| *end <= self.size);
        let mut rest = buf;
        for piece in self.parts(Span { start: at, end: end.ok_or(io::ErrorKind::UnexpectedEof)? }) {
            let len = usize::try_from(len(&piece)).unwrap_or(usize::MAX);
            let (part, left) =
                std::mem::take(&mut rest).split_at_mut_checked(len).ok_or(io::ErrorKind::UnexpectedEof)?;
            match piece {
                Piece::Keep(span) => self.source.read_at(span.start, part)?,
                Piece::New(bytes) => part.copy_from_slice(&bytes),
            }
            rest = left;
        }
        Ok(())
    }
}

fn len(piece: &Piece) -> u64 {
    match piece {
        Piece::Keep(span) => span.len(),
        Piece::New(bytes) => bytes.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::Recut;
    use crate::Piece;
    use indicia_core::{Source, Span};

    #[test]
    fn it_reads_as_it_will_be_written_and_can_be_cut_again() {
        let source = b"0123456789".to_vec();
        let keep = |start, end| Piece::Keep(Span { start, end });
        let new = |text: &[u8]| Piece::New(text.to_vec());
        let recut = Recut::new(&source, vec![keep(2, 5), new(b"abc"), keep(7, 9), new(b""), new(b"z")]);
        let mut whole = vec![0; 9];
        assert_eq!(recut.size(), 9);
        recut.read_at(0, &mut whole).unwrap();
        assert_eq!(whole, b"234abc78z");
        for start in 0..9 {
            for end in start..=9 {
                let mut part = vec![0; end - start];
                recut.read_at(start as u64, &mut part).unwrap();
                assert_eq!(part, whole[start..end], "{start}..{end}");
            }
        }
        assert!(recut.read_at(5, &mut [0; 5]).is_err());
        let again = recut.back(vec![keep(1, 5), new(b"-"), keep(5, 8)]);
        let written = Recut::new(&source, again);
        let mut bytes = vec![0; usize::try_from(written.size()).unwrap()];
        written.read_at(0, &mut bytes).unwrap();
        assert_eq!(bytes, b"34ab-c78");
    }
}
