//! ID3 tags: version 2 (2.2 to 2.4, id3.org) at the head of a sound file or in a chunk of one, version 1 at
//! its end.

mod codec;
mod frame;
mod packet;
mod tag;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod v1;
mod write;

pub(crate) use tag::{Place, Tag, skip};
pub(crate) use write::rewrite;
