//! Containers: bytes to segments to content, and back. Knows no label and no law.

mod ape_tag;
mod asset;
mod avi;
mod band;
#[cfg_attr(not(test), expect(dead_code, reason = "the formats made of boxes come next"))]
mod boxes;
mod content;
mod draft;
mod ebml;
pub mod exif;
mod flv;
mod format;
pub mod formats;
mod id3;
mod jpeg;
mod layout;
mod mpeg_audio;
mod png_picture;
mod png_text;
mod riff;
mod text;
mod text_comment;
mod text_front;
mod text_recognize;
mod text_splice;
mod vp8_quantizer;
mod wave_format;
mod wave_id3;
mod wave_info;
mod wave_sizes;
mod wave_sound;
mod wave_splice;
mod wave_stream;
#[cfg(test)]
mod wave_tests;
mod webp_chunks;
mod webp_decode;
mod webp_encode;
mod webp_splice;
#[cfg(test)]
mod webp_tests;

pub use asset::Asset;
pub use band::{Band, Shape};
pub use content::{
    Colour, Ends, Frame, NewContent, Picture, Samples, Sites, Sound, SoundFacts, SoundStream, Text,
    TextEncoding,
};
pub use draft::{Draft, Rendered};
pub use format::{Content, DecodeRows, Format, Head, Home, OpenSound, Splice, recognize, signature};
pub use formats::FORMATS;
pub use layout::{Body, Carrier, Changes, Layout, Packet, Piece, Put, Role, Segment};
