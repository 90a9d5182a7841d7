//! HEIF, the container of HEIC and AVIF: boxes, of which `meta` lists items and where their bytes stand.

mod brands;
mod file;
mod items;
mod locations;
mod packets;
mod rebuild;
mod splice;
#[cfg(test)]
mod tests;
mod tracks;

pub(crate) use brands::{Coding, recognize};
pub(crate) use file::parse;
pub(crate) use splice::splice;
