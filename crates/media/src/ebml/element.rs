//! One EBML element (RFC 8794): its header, read and written.

use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

use super::id;

/// Most bytes of a header: four of ID, eight of size.
pub(super) const HEADER: usize = 12;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Its ID, with the length marker.
    pub(super) id: u32,
    /// Header and body.
    pub(super) span: Span,
    /// The body; up to the end of what it stands in if the size is not known.
    pub(super) body: Span,
    /// Bytes of the size.
    pub(super) width: usize,
    /// Whether the size is not known.
    pub(super) is_open: bool,
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The ID, with the length marker.
    pub(super) id: u32,
    /// The size of the body, if it is known.
    pub(super) size: Option<u64>,
    /// Bytes of ID and size.
    pub(super) len: usize,
    /// Bytes of the size.
    pub(super) width: usize,
}

impl Header {
    /// Reads the header that these bytes at `at` of a file start with.
    ///
    /// # Errors
    /// [`Problem::Malformed`] if it is none, [`Problem::Truncated`] if it is not all there.
    pub(super) fn read(bytes: &[u8], at: u64) -> Result<Self, FormatError> {
        let truncated = || FormatError::new(at, Problem::Truncated);
        let first = *bytes.first().ok_or_else(truncated)?;
        let id_len = length(first, 4).ok_or(FormatError::malformed(at, "an element ID"))?;
        let id = bytes.get(..id_len).ok_or_else(truncated)?;
        let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let first = *bytes.get(id_len).ok_or_else(truncated)?;
        let width = length(first, 8).ok_or(FormatError::malformed(at, "the size of an element"))?;
        let size = bytes.get(id_len..id_len + width).ok_or_else(truncated)?;
        let marked = size.iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
        let size = marked & most(width);
        let size = if size == most(width) { None } else { Some(size) };
        Ok(Self { id, size, len: id_len + width, width })
    }

    /// Reads the header at `at` with a read of its own, for places far from one another.
    ///
    /// # Errors
    /// As [`Header::read`], or [`Problem::Io`] if the system cannot read.
    pub(super) fn fetch(source: &dyn Source, at: u64) -> Result<Self, FormatError> {
        let mut bytes = [0; HEADER];
        let left = usize::try_from(source.size().saturating_sub(at)).unwrap_or(HEADER);
        let bytes = bytes.get_mut(..left.min(HEADER)).unwrap_or_default();
        source.read_at(at, bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
        Self::read(bytes, at)
    }

    /// The element that it is the header of, at `at` within something that ends at `end`.
    ///
    /// # Errors
    /// [`Problem::Truncated`] if it runs past the end of the file of `size` bytes, [`Problem::Malformed`] if only
    /// past `end`.
    pub(super) fn element(self, at: u64, end: u64, size: u64) -> Result<Element, FormatError> {
        let truncated = FormatError::new(at, Problem::Truncated);
        let start = at.checked_add(self.len as u64).ok_or(truncated.clone())?;
        let body =
            Span::new(start, self.size.unwrap_or(end.saturating_sub(start))).ok_or(truncated.clone())?;
        if body.end > size {
            return Err(truncated);
        }
        if body.end > end {
            return Err(FormatError::malformed(at, "an element larger than what it stands in"));
        }
        let span = Span { start: at, end: body.end };
        Ok(Element { id: self.id, span, body, width: self.width, is_open: self.size.is_none() })
    }
}

impl Element {
    /// Reads the element at `at`, within something that ends at `end`.
    ///
    /// # Errors
    /// As [`Header::element`].
    pub(super) fn read(window: &mut Window<'_>, at: u64, end: u64) -> Result<Self, FormatError> {
        Header::read(window.up_to(at, HEADER)?, at)?.element(at, end, window.size())
    }

    /// Reads the element at `at`, which must say its size.
    ///
    /// # Errors
    /// As [`Element::read`]; [`Problem::Malformed`] if its size is not known.
    pub(super) fn closed(window: &mut Window<'_>, at: u64, end: u64) -> Result<Self, FormatError> {
        let element = Self::read(window, at, end)?;
        if element.is_open {
            return Err(FormatError::malformed(at, "an element of unknown size that must say it"));
        }
        Ok(element)
    }

    /// The elements in its body.
    ///
    /// # Errors
    /// As [`Element::closed`], for the first that cannot be read; [`Problem::OverLimit`] if there are too many.
    pub(super) fn children(self, window: &mut Window<'_>, limits: &Limits) -> Result<Vec<Self>, FormatError> {
        let mut children = Vec::new();
        let mut at = self.body.start;
        while at < self.body.end {
            if children.len() >= limits.segments {
                let problem = Problem::OverLimit { what: "elements", limit: limits.segments as u64 };
                return Err(FormatError::new(at, problem));
            }
            let child = Self::closed(window, at, self.body.end)?;
            children.push(child);
            at = child.span.end;
        }
        Ok(children)
    }

    /// Its body as a number.
    ///
    /// # Errors
    /// [`Problem::Malformed`] if it is longer than eight bytes.
    pub(super) fn number(self, window: &mut Window<'_>) -> Result<u64, FormatError> {
        let len = usize::try_from(self.body.len()).ok().filter(|len| *len <= 8);
        let len = len.ok_or(FormatError::malformed(self.span.start, "a number longer than eight bytes"))?;
        let bytes = window.up_to(self.body.start, len)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

/// The length that a first byte gives by the place of its first set bit.
fn length(first: u8, most: usize) -> Option<usize> {
    let len = first.leading_zeros() as usize + 1;
    (len <= most).then_some(len)
}

/// The largest value that a size of `width` bytes has room for; as a size it means "not known".
fn most(width: usize) -> u64 {
    (1 << (7 * width)) - 1
}

/// The least number of bytes, from `width` on, in which a size can be written.
pub(super) fn size_width(size: u64, width: usize) -> usize {
    (width.max(1)..8).find(|width| size < most(*width)).unwrap_or(8)
}

/// The header of an element whose body has `size` bytes, with a size of at least `width` bytes.
pub(super) fn header(id: u32, size: u64, width: usize) -> Vec<u8> {
    let width = size_width(size, width);
    let marked = size | 1 << (7 * width);
    let id_bytes = id.to_be_bytes();
    let skip = id.leading_zeros() as usize / 8;
    let mut bytes: Vec<u8> = id_bytes.into_iter().skip(skip).collect();
    bytes.extend(marked.to_be_bytes().into_iter().skip(8 - width));
    bytes
}

/// A whole element.
pub(super) fn element(id: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = header(id, body.len() as u64, 1);
    bytes.extend_from_slice(body);
    bytes
}

/// A number in at least `width` bytes.
pub(super) fn number(value: u64, width: usize) -> Vec<u8> {
    let needed = 8 - value.leading_zeros() as usize / 8;
    value.to_be_bytes().into_iter().skip(8 - width.max(needed).min(8)).collect()
}

/// The header of a Void element that takes `len` bytes in all, at least 2.
pub(super) fn void(len: u64) -> Vec<u8> {
    let fits = |width: &usize| len > *width as u64 && len - 1 - (*width as u64) < most(*width);
    let width = (1..8).find(fits).unwrap_or(8);
    header(id::VOID, len.saturating_sub(1 + width as u64), width)
}
