//! The inside of JPEG: marker segments, what they carry, and how they change.

mod carried;
mod chroma;
mod edit;
mod extension;
mod frame;
mod marker;
mod multi;
mod pixels;
mod segments;

pub(crate) use edit::splice;
pub(crate) use pixels::decode;
pub(crate) use segments::parse;

#[cfg(test)]
mod tests;
