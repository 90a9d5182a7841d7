//! Movies and sound in boxes of the ISO base media file format and of QuickTime, which it grew out of: MP4, MOV and
//! M4A are one structure under three brands.
//!
//! Only the boxes that describe the file are read; of the media itself, what an encoder wrote beside the first picture
//! (SEI messages of H.264 and HEVC), and nothing else. The tables of samples are read whole only where bytes must move.

mod anew;
mod brand;
mod chapters;
mod coding;
mod first_picture;
mod fragments;
mod items;
mod notice;
#[cfg(test)]
mod notice_tests;
mod offsets;
mod parse;
mod patch;
mod samples;
mod sound;
mod splice;
#[cfg(test)]
mod splice_tests;
#[cfg(test)]
mod tests;
mod text;
mod tracks;
mod trimmed;
mod user_data;
mod walk;

pub(crate) use anew::changeable;
pub(crate) use brand::{Kind, recognize};
pub(crate) use first_picture::messages;
pub(crate) use items::HOME;
pub(crate) use parse::parse;
pub(crate) use sound::{facts, open};
pub(crate) use splice::splice;
