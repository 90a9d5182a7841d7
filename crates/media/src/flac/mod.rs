//! FLAC (RFC 9639): metadata blocks, frames, decoding, and making frames for short notices.

mod bits;
mod blocks;
mod checksum;
mod decode;
mod encode;
mod frame;
mod notice;
mod splice;
mod stream_info;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use blocks::Flac;
pub(crate) use decode::{facts, open};
pub(crate) use splice::{changeable, splice};
