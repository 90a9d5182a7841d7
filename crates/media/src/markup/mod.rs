//! Tags and words of pages and drawings, found by position in text that need not be well-formed.
//!
//! Nothing is run, fetched or expanded. The text is looked at with one byte for each unit of its encoding, as
//! [`crate::text::narrow`] gives it, so that offsets lead back to the file's bytes.

mod base64;
mod letters;
mod scanner;

pub(crate) use base64::base64;
pub(crate) use letters::Letters;
pub(crate) use scanner::{Attribute, Notation, Scanner, Token, attributes};

use std::ops::Range;

use crate::Head;

/// The bytes of a range; empty if it is not in the text.
pub(crate) fn part<'t>(text: &'t [u8], range: &Range<usize>) -> &'t [u8] {
    text.get(range.clone()).unwrap_or_default()
}

/// Whether a range holds this word in upper or lower case.
pub(crate) fn says(text: &[u8], range: &Range<usize>, word: &str) -> bool {
    part(text, range).eq_ignore_ascii_case(word.as_bytes())
}

/// Whether it is worth looking for tags at the start of a file: by its first byte, or by its name.
pub(crate) fn may_begin(head: &Head<'_>, extensions: &[&str]) -> bool {
    // A tag, white space before it, a byte-order mark, or the high byte of one in UTF-16.
    let fits = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | 0 | 0xEF | 0xFE | 0xFF | 0x84);
    head.bytes.first().is_some_and(fits) || head.extension.is_some_and(|name| extensions.contains(&name))
}
