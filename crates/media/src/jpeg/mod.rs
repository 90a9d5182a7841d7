//! The inside of JPEG: marker segments, what they carry, and how they change.

mod blocks;
mod carried;
mod chroma;
mod edit;
mod extension;
mod frame;
mod marker;
mod multi;
mod pixels;
mod rows;
mod segments;

pub(crate) use edit::splice;
pub(crate) use pixels::decode;
pub(crate) use rows::decode_rows;
pub(crate) use segments::parse;

#[cfg(test)]
mod rows_tests;
#[cfg(test)]
mod tests;
