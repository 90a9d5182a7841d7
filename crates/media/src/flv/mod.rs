//! Flash Video (Adobe Flash Video File Format Specification 10.1, annex E): tags of sound, pictures and scripts.

mod amf;
mod first_picture;
mod parse;
mod splice;
#[cfg(test)]
mod tests;

pub(crate) use first_picture::messages;
pub(crate) use parse::{PLACE, parse};
pub(crate) use splice::splice;
