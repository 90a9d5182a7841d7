//! Boxes of the ISO base media file format: a size, a type, a body that may hold boxes. MP4, MOV, HEIF and JPEG XL
//! files are made of them.

use indicia_core::{FormatError, Problem, Span, Window};

/// One box (ISO/IEC 14496-12, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsoBox {
    /// Its type.
    pub(crate) kind: [u8; 4],
    /// For type `uuid`: which.
    pub(crate) uuid: Option<[u8; 16]>,
    /// Header and body.
    pub(crate) span: Span,
    /// What follows the header, and the UUID if there is one.
    pub(crate) body: Span,
    /// How its size is written.
    pub(crate) size: BoxSize,
}

/// How the size of a box is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BoxSize {
    /// In 32 bits.
    Short,
    /// In 64 bits after the type.
    Long,
    /// Not at all: it reaches to the end of the file.
    ToEnd,
}

impl IsoBox {
    /// Reads the header of the box at `at`, within something that ends at `end`.
    ///
    /// # Errors
    /// [`Problem::Truncated`] if the header or the body runs past the end of the file, [`Problem::Malformed`] if it
    /// only runs past `end` or is smaller than its own header.
    pub(crate) fn read(window: &mut Window<'_>, at: u64, end: u64) -> Result<Self, FormatError> {
        let [a, b, c, d, kind @ ..]: [u8; 8] = window.array(at)?;
        let (len, size, mut header) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (end.saturating_sub(at), BoxSize::ToEnd, 8),
            1 => (u64::from_be_bytes(window.array(at + 8)?), BoxSize::Long, 16),
            short => (u64::from(short), BoxSize::Short, 8),
        };
        let uuid = if kind == *b"uuid" { Some(window.array(at + header)?) } else { None };
        header += if uuid.is_some() { 16 } else { 0 };
        if len < header {
            return Err(FormatError::malformed(at, "a box smaller than its own header"));
        }
        let span = Span::new(at, len).ok_or(FormatError::malformed(at, "a box larger than any file"))?;
        if span.end > window.size() {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        if span.end > end {
            return Err(FormatError::malformed(at, "a box larger than what it stands in"));
        }
        Ok(Self { kind, uuid, span, body: Span { start: at + header, end: span.end }, size })
    }
}

#[cfg(test)]
mod tests {
    use super::{BoxSize, IsoBox};
    use indicia_core::{FormatError, Problem, Span, Window};

    fn read(bytes: &[u8], at: u64, end: u64) -> Result<IsoBox, FormatError> {
        let bytes = bytes.to_vec();
        IsoBox::read(&mut Window::new(&bytes), at, end)
    }

    #[test]
    fn a_size_is_short_long_or_up_to_the_end() {
        let free = |span: Span, body: u64, size| IsoBox {
            kind: *b"free",
            uuid: None,
            span,
            body: Span { start: body, end: span.end },
            size,
        };
        let span = |start, end| Span { start, end };
        assert_eq!(read(b"\0\0\0\x0Afreeab..", 0, 12).unwrap(), free(span(0, 10), 8, BoxSize::Short));
        let long = b"..\0\0\0\x01free\0\0\0\0\0\0\0\x11a.";
        assert_eq!(read(long, 2, 20).unwrap(), free(span(2, 19), 18, BoxSize::Long));
        assert_eq!(read(b"\0\0\0\0freeabc", 0, 11).unwrap(), free(span(0, 11), 8, BoxSize::ToEnd));
        let own = [&b"\0\0\0\x1Auuid"[..], &[7; 16], b"xy"].concat();
        let own = read(&own, 0, 26).unwrap();
        assert_eq!((own.uuid, own.body), (Some([7; 16]), span(24, 26)));
    }

    #[test]
    fn a_box_that_does_not_fit_is_refused_at_its_place() {
        let problem = |bytes: &[u8], end| read(bytes, 0, end).unwrap_err().problem;
        assert_eq!(problem(b"\0\0\0\x0Bfreeab", 10), Problem::Truncated);
        assert_eq!(problem(b"\0\0\0\x01free\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16), Problem::Truncated);
        assert_eq!(problem(b"\0\0\0\x08fre", 7), Problem::Truncated);
        let larger = Problem::Malformed("a box larger than what it stands in");
        assert_eq!(problem(b"\0\0\0\x0Afreeab", 9), larger);
        let smaller = Problem::Malformed("a box smaller than its own header");
        assert_eq!(problem(b"\0\0\0\x07free", 8), smaller);
        assert_eq!(problem(&[&b"\0\0\0\x17uuid"[..], &[0; 16]].concat(), 24), smaller);
    }
}
