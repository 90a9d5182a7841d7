//! Rich Text Format: groups in braces, of which a few say something of the document.

mod groups;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use groups::{parse, words};
