//! MPEG audio (ISO/IEC 11172-3, 13818-3): frame headers, the frame that tells of the others, decoding, and
//! making Layer III frames for short notices.

pub(crate) mod decode;
mod header;
mod info;
pub(crate) mod sections;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use header::FrameHeader;
pub(crate) use sync::frames_at;
