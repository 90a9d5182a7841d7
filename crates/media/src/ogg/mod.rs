//! Ogg (RFC 3533): pages of logical streams, the comments in their header packets (Vorbis I, RFC 7845), and
//! Vorbis and Opus decoded.

mod anew;
mod around;
#[cfg(test)]
mod around_tests;
mod decode;
mod extents;
mod headers;
mod notice;
mod opus_anew;
mod opus_decode;
mod page;
mod splice;
#[cfg(test)]
mod tests;
mod vorbis_anew;
#[cfg(test)]
mod vorbis_tests;

pub(crate) use anew::changeable;
pub(crate) use decode::{facts, open};
pub(crate) use headers::{Codec, Ogg, codec_at_head};
pub(crate) use opus_decode::{open_opus, opus_facts};
pub(crate) use splice::splice;
