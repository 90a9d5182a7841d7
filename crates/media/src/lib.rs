//! Containers: bytes to segments to content, and back. Knows no label and no law.

mod ape_tag;
mod asset;
mod content;
mod draft;
pub mod exif;
mod format;
pub mod formats;
mod id3;
mod jpeg;
mod layout;
mod mpeg_audio;
mod png_picture;
mod png_text;
mod riff;

pub use asset::Asset;
pub use content::{
    Colour, Ends, Frame, NewContent, Picture, Samples, Sound, SoundFacts, SoundStream, Text, TextEncoding,
};
pub use draft::{Draft, Rendered};
pub use format::{Content, Format, Head, OpenSound, Splice, recognize, signature};
pub use formats::FORMATS;
pub use layout::{Body, Carrier, Changes, Layout, Packet, Piece, Put, Role, Segment};
