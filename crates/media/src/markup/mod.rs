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

/// Whether it is worth looking for tags at the start of a file: a tag or white space, a byte-order mark before it,
/// half a letter of UTF-16 before it, or a name of such files.
pub(crate) fn may_begin(head: &Head<'_>, extensions: &[&str]) -> bool {
    // Asked of every file there is, so by its first bytes: pictures and films begin with 0xFF and with zeros, too.
    const MARKS: [&[u8]; 4] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF", b"\x84\x31\x95\x33"];
    let bare = head.bytes.strip_prefix(b"\0").unwrap_or(head.bytes);
    let tag = bare.first().is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'<');
    let named = || head.extension.is_some_and(|name| extensions.contains(&name));
    tag || MARKS.iter().any(|mark| head.bytes.starts_with(mark)) || named()
}
