//! AAC in ADTS (ISO/IEC 13818-7): frame headers, the tags around the frames, decoding.

mod anew;
mod decode;
mod header;
mod notice;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use anew::changeable;
pub(crate) use decode::{facts, open};
pub(crate) use header::frames_at;
pub(crate) use stream::Adts;
