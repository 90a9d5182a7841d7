//! XML parts of documents: found by position and changed by splicing text, so that all else stays as it was.
//!
//! No entity but the built-in ones (and, in words, the names of XHTML) is ever expanded, nothing outside of the
//! part is ever fetched, and nesting is followed in a list, never by recursion.

mod coding;
mod reference;
mod tag;
mod tree;
mod walk;

pub(crate) use coding::{Decoded, decode};
pub(crate) use reference::{escape, quotable, unescape};
pub(crate) use tag::{Attribute, attributes, local, prefix};
pub(crate) use tree::{Element, Tree, tree};
pub(crate) use walk::{Event, Walk};

use std::ops::Range;

/// A range of a part's text to be replaced by other text; either may be empty.
pub(crate) type Edit = (Range<usize>, String);

/// A text with edits made to it, in the order of their places. Edits of one place are made in the order given;
/// what begins within an earlier edit is left out.
pub(crate) fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::new();
    let mut at = 0;
    for (range, new) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
