//! Containers: bytes to segments to content, and back. Knows no label and no law.

mod aac_frames;
mod adts;
mod aiff;
mod alac_frames;
mod anew;
mod annex;
mod ape_tag;
mod asset;
mod avi;
mod band;
mod bmp_pixels;
mod box_edits;
mod box_packets;
mod boxes;
mod cells;
mod compressed;
mod content;
mod draft;
mod ebml;
mod epub;
pub mod exif;
mod filter;
mod flac;
mod flv;
mod format;
pub mod formats;
mod gif_blocks;
mod gif_encode;
mod gif_frames;
mod gif_palette;
mod gif_splice;
#[cfg(test)]
mod gif_tests;
mod heif;
mod html;
mod id3;
mod jpeg;
mod jxl_file;
mod jxl_jpeg;
mod jxl_splice;
#[cfg(test)]
mod jxl_tests;
mod kept_sound;
mod layout;
mod markup;
mod movie;
mod mpeg_audio;
mod odf;
mod ogg;
mod ooxml;
mod package;
mod pages;
mod paragraphs;
mod pdf;
mod png_picture;
mod png_text;
mod recut;
mod riff;
mod rtf;
mod samsung_trailer;
mod sei;
mod slides;
mod sound_frames;
mod svg;
mod text;
mod text_comment;
mod text_front;
mod text_recognize;
mod text_splice;
mod tiff_directories;
mod tiff_encode;
mod tiff_picture;
#[cfg(test)]
mod tiff_picture_tests;
mod tiff_splice;
#[cfg(test)]
mod tiff_tests;
mod tiff_values;
mod vorbis_comment;
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
mod xml;
mod zip;

pub use annex::Annex;
pub use asset::Asset;
pub use band::{Band, Shape};
pub use content::{
    Colour, Ends, Frame, Messages, NewContent, Picture, Samples, Sites, Siting, Sound, SoundFacts,
    SoundStream, StandingOut, Text, TextEncoding, TextPart,
};
pub use draft::{Draft, Rendered};
pub use filter::{Filter, SoundFilter};
pub use format::{
    Changeable, ClosedWords, Content, DecodeRows, DecodeWords, Format, Head, Home, OpenSound, Splice,
    recognize, signature,
};
pub use formats::FORMATS;
pub use layout::{Body, Carrier, Changes, Layout, Packet, Piece, Put, Role, Segment};
pub use pages::{PageMark, PageWords, PathStep};
pub use zip::zip_entry;
