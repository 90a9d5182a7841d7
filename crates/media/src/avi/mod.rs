//! Audio Video Interleave: RIFF lists of headers, of media and of texts, and the indices that tell of places.

mod first_picture;
mod index;
mod parse;
mod splice;
#[cfg(test)]
mod tests;

pub(crate) use first_picture::messages;
pub(crate) use parse::parse;
pub(crate) use splice::splice;
