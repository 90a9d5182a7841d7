//! EBML (RFC 8794) as Matroska and WebM (RFC 9559) use it: elements with an ID, a size and a body that may hold
//! elements.

mod arrange;
mod element;
mod first_picture;
mod id;
mod parse;
mod positions;
mod rewrite;
mod splice;
#[cfg(test)]
mod tests;
mod texts;

pub(crate) use first_picture::messages;
pub(crate) use parse::{DocType, doc_type, parse};
pub(crate) use splice::splice;
pub(crate) use texts::PLACE;
