//! RIFF chunks: a type, a little-endian size, a body padded to even length. WAVE and WebP are made of them.

use crate::Piece;
use indicia_core::{FormatError, Problem, Span, Window};

/// Bytes before a chunk's body: type and size.
pub(crate) const HEADER: u64 = 8;

/// One chunk of a RIFF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Its type.
    pub(crate) id: [u8; 4],
    /// Header, body and padding, cut off at the end of the file.
    pub(crate) span: Span,
    /// The body.
    pub(crate) body: Span,
}

impl Chunk {
    /// Reads the chunk header at `at`, with `size` in place of the size written there if given.
    ///
    /// # Errors
    /// [`Problem::Malformed`] if the type is not printable, [`Problem::Truncated`] if the header or the
    /// body runs past the end of the file.
    pub(crate) fn read(window: &mut Window<'_>, at: u64, size: Option<u64>) -> Result<Self, FormatError> {
        let (id, written) = header(window, at)?;
        let truncated = FormatError::new(at, Problem::Truncated);
        let body = Span::new(at + HEADER, size.unwrap_or(written.into())).ok_or(truncated.clone())?;
        if body.end > window.size() {
            return Err(truncated);
        }
        let end = body.end.saturating_add(body.len() % 2).min(window.size());
        Ok(Self { id, span: Span { start: at, end }, body })
    }

    /// The same chunk without padding, if its writer forgot to pad it: the next chunk starts right after
    /// the body, and none starts where it should.
    ///
    /// # Errors
    /// [`Problem::Io`] if the system cannot read.
    pub(crate) fn unpadded(mut self, window: &mut Window<'_>) -> Result<Self, FormatError> {
        if self.span.end > self.body.end
            && !starts(window, self.span.end)?
            && self.span.end < window.size()
            && starts(window, self.body.end)?
        {
            self.span.end = self.body.end;
        }
        Ok(self)
    }
}

/// The type and size written at `at`.
///
/// # Errors
/// As [`Chunk::read`].
pub(crate) fn header(window: &mut Window<'_>, at: u64) -> Result<([u8; 4], u32), FormatError> {
    let [a, b, c, d, size @ ..]: [u8; 8] = window.array(at)?;
    let id = [a, b, c, d];
    if !is_printable(id) {
        return Err(FormatError::malformed(at, "chunk type"));
    }
    Ok((id, u32::from_le_bytes(size)))
}

/// Whether a chunk starts at `at` that fits into the file.
///
/// # Errors
/// [`Problem::Io`] if the system cannot read.
pub(crate) fn starts(window: &mut Window<'_>, at: u64) -> Result<bool, FormatError> {
    match Chunk::read(window, at, None) {
        Ok(_) => Ok(true),
        Err(FormatError { problem: Problem::Io(kind), at }) => Err(FormatError::new(at, Problem::Io(kind))),
        Err(_) => Ok(false),
    }
}

/// Whether a chunk type consists of printable ASCII characters.
pub(crate) fn is_printable(id: [u8; 4]) -> bool {
    id.iter().all(|byte| (0x20..0x7F).contains(byte))
}

/// A chunk type as a key: without the blanks that fill it up.
pub(crate) fn key(id: [u8; 4]) -> String {
    id.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned()
}

/// The header of a chunk whose body has `size` bytes.
///
/// # Errors
/// [`Problem::OverLimit`] if that is too long for a 32-bit size.
pub(crate) fn head(id: [u8; 4], size: u64) -> Result<Vec<u8>, FormatError> {
    let size = u32::try_from(size).map_err(|_| {
        FormatError::new(0, Problem::OverLimit { what: "bytes in a RIFF chunk", limit: u64::from(u32::MAX) })
    })?;
    Ok([id, size.to_le_bytes()].concat())
}

/// A whole chunk, padded.
///
/// # Errors
/// [`Problem::OverLimit`] if the body is too long for a 32-bit size.
pub(crate) fn chunk(id: [u8; 4], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut bytes = head(id, body.len() as u64)?;
    bytes.extend_from_slice(body);
    bytes.extend(std::iter::repeat_n(0, body.len() % 2));
    Ok(bytes)
}

/// Joins pieces that are one in the file, and drops empty ones.
pub(crate) fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, piece) if piece.is_empty() => {}
            (Some(Piece::Keep(last)), Piece::Keep(next)) if last.end == next.start => last.end = next.end,
            (Some(Piece::New(last)), Piece::New(mut next)) => last.append(&mut next),
            (_, piece) => out.push(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Chunk, chunk, starts};
    use indicia_core::{Problem, Window};

    #[test]
    fn an_odd_body_is_padded_and_read_back_without_its_padding() {
        let bytes = chunk(*b"AIGC", b"abc").unwrap();
        assert_eq!(bytes, b"AIGC\x03\0\0\0abc\0");
        let read = Chunk::read(&mut Window::new(&bytes), 0, None).unwrap();
        assert_eq!((read.id, read.body.len(), read.span.len()), (*b"AIGC", 3, 12));
    }

    #[test]
    fn a_body_past_the_end_is_truncated() {
        let bytes = b"AIGC\xFF\xFF\xFF\xFFabc".to_vec();
        let refused = Chunk::read(&mut Window::new(&bytes), 0, None).unwrap_err();
        assert_eq!((refused.at, refused.problem), (0, Problem::Truncated));
    }

    #[test]
    fn a_type_that_cannot_be_printed_is_no_chunk() {
        let bytes = b"AIG\0\x01\0\0\0a\0".to_vec();
        assert!(!starts(&mut Window::new(&bytes), 0).unwrap());
    }

    #[test]
    fn forgotten_padding_is_noticed_by_the_chunk_that_follows() {
        let mut bytes = b"AIGC\x03\0\0\0abc".to_vec();
        bytes.extend(chunk(*b"cue ", &[0; 4]).unwrap());
        let mut window = Window::new(&bytes);
        let read = Chunk::read(&mut window, 0, None).unwrap().unpadded(&mut window).unwrap();
        assert_eq!(read.span.end, 11);

        let mut bytes = chunk(*b"AIGC", b"abc").unwrap();
        bytes.extend(chunk(*b"cue ", &[0; 4]).unwrap());
        let mut window = Window::new(&bytes);
        let read = Chunk::read(&mut window, 0, None).unwrap().unpadded(&mut window).unwrap();
        assert_eq!(read.span.end, 12);
    }
}
