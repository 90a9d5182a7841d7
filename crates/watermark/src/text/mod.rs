//! A mark that finished text carries as it is written: short keyed tokens of invisible characters, repeated so that a quoted
//! paragraph still holds one.
//!
//! A [`Token`] is six variation selectors after a word. It carries a quarter of the 64 bits of a [`crate::Payload`] and a keyed
//! check; tokens take turns, so four of them tell the whole payload. Copying and pasting, NFC, NFKC, HTML and JSON keep
//! variation selectors, since real scripts need them. What removes all default-ignorable characters, and typing the text
//! anew, takes the mark away without a trace: [`Fingerprint`] then still recognises the words for whoever has a record.
//!
//! - [`write_tokens`] and [`read_tokens`]: the mark;
//! - [`WORDING`] and [`TYPOGRAPHY`]: presence marks in choices that a text leaves open, between words of one meaning, and
//!   between signs;
//! - [`Fingerprint`]: what recognises a text without any mark in it;
//! - [`foreign_marks`]: invisible characters that other tools hide things in.

mod choices;
mod fingerprint;
mod foreign;
mod places;
mod selectors;
mod token;
mod tokens;
mod typography;
mod wording;

pub use choices::{Choices, ChoicesScore};
pub use fingerprint::{Fingerprint, LEAST_WORDS};
pub use foreign::{Foreign, Sort, foreign_marks};
pub use token::{LN_CHANCE, Token};
pub use tokens::{
    Options, Part, Read, Refused, SPACING, TokenAt, Written, place_tokens, read_tokens, strip_tokens,
    write_tokens,
};
pub use typography::TYPOGRAPHY;
pub use wording::WORDING;
