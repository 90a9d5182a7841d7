//! Containers: bytes to segments to content, and back. Knows no label and no law.

mod asset;
mod content;
mod draft;
pub mod exif;
mod format;
pub mod formats;
mod layout;
mod riff;
mod text;
mod text_comment;
mod text_front;
mod text_recognize;
mod text_splice;

pub use asset::Asset;
pub use content::{
    Colour, Ends, Frame, NewContent, Picture, Samples, Sound, SoundFacts, SoundStream, Text, TextEncoding,
};
pub use draft::{Draft, Rendered};
pub use format::{Content, Format, Head, recognize, signature};
pub use formats::FORMATS;
pub use layout::{Body, Carrier, Changes, Layout, Packet, Piece, Put, Role, Segment};
