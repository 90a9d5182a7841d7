//! AIFF and AIFF-C: chunks with high bytes first, the sound in them, and changes to both.

mod chunks;
mod format;
mod sound;
mod splice;
#[cfg(test)]
mod tests;

pub(crate) use chunks::parse;
pub(crate) use sound::{facts, open};
pub(crate) use splice::splice;
