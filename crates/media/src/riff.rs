//! RIFF chunks: a type, a little-endian size, a body padded to even length. WAVE and WebP are made of them.

use indicia_core::{FormatError, Problem, Span, Window};

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
    /// [`Problem::Truncated`] if the header or the body runs past the end of the file.
    pub(crate) fn read(window: &mut Window<'_>, at: u64, size: Option<u64>) -> Result<Self, FormatError> {
        let header: [u8; 8] = window.array(at)?;
        let [a, b, c, d, rest @ ..] = header;
        let size = size.unwrap_or(u64::from(u32::from_le_bytes(rest)));
        let truncated = FormatError::new(at, Problem::Truncated);
        let body = Span::new(at + 8, size).ok_or(truncated.clone())?;
        if body.end > window.size() {
            return Err(truncated);
        }
        let end = body.end.saturating_add(size % 2).min(window.size());
        Ok(Self { id: [a, b, c, d], span: Span { start: at, end }, body })
    }
}

/// A whole chunk, padded.
///
/// # Errors
/// [`Problem::OverLimit`] if the body is too long for a 32-bit size.
pub(crate) fn chunk(id: [u8; 4], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let size = u32::try_from(body.len()).map_err(|_| {
        FormatError::new(0, Problem::OverLimit { what: "bytes in a RIFF chunk", limit: u64::from(u32::MAX) })
    })?;
    let mut bytes = id.to_vec();
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes.extend(std::iter::repeat_n(0, body.len() % 2));
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Chunk, chunk};
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
}
