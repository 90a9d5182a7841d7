//! MPEG audio (ISO/IEC 11172-3, 13818-3): frame headers, the frame that tells of the others, decoding, and
//! making Layer III frames for short notices.

pub(crate) mod anew;
mod crc;
pub(crate) mod decode;
pub(crate) mod edits;
mod encode;
mod header;
mod info;
mod notice;
pub(crate) mod sections;
#[cfg(test)]
mod sound_tests;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use header::FrameHeader;
pub(crate) use notice::Notices;
pub(crate) use sync::frames_at;
