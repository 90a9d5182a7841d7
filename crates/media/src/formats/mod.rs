//! The formats this program reads and writes: one file each, one row each.

mod aac;
mod aiff;
mod flac;
mod bmp;
mod dng;
mod gif;
mod docx;
mod epub;
mod avi;
mod flv;
mod jpeg;
mod m4a;
mod avif;
mod heif;
mod jpeg;
mod jxl;
mod md;
mod mov;
mod mkv;
mod mp3;
mod mp4;
mod ogg;
mod opus;
mod pdf;
mod png;
mod psd;
mod tiff;
mod odp;
mod ods;
mod odt;
mod png;
mod pptx;
mod txt;
mod wav;
mod webm;
mod webp;
mod xlsx;

use crate::Format;

/// Every format, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub static FORMATS: &[&Format] = &[
    &aac::FORMAT,
    &aiff::FORMAT,
    &flac::FORMAT,
    &bmp::FORMAT,
    &dng::FORMAT,
    &gif::FORMAT,
    &docx::FORMAT,
    &epub::FORMAT,
    &avi::FORMAT,
    &flv::FORMAT,
    &jpeg::FORMAT,
    &m4a::FORMAT,
    &avif::FORMAT,
    &heif::FORMAT,
    &jpeg::FORMAT,
    &jxl::FORMAT,
    &md::FORMAT,
    &mov::FORMAT,
    &mkv::FORMAT,
    &mp3::FORMAT,
    &mp4::FORMAT,
    &ogg::FORMAT,
    &opus::FORMAT,
    &pdf::FORMAT,
    &png::FORMAT,
    &psd::FORMAT,
    &tiff::FORMAT,
    &odp::FORMAT,
    &ods::FORMAT,
    &odt::FORMAT,
    &png::FORMAT,
    &pptx::FORMAT,
    &txt::FORMAT,
    &wav::FORMAT,
    &webm::FORMAT,
    &webp::FORMAT,
    &xlsx::FORMAT,
];

#[cfg(test)]
mod tests {
    use super::FORMATS;

    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/formats"), &names);
    }

    #[test]
    fn no_extension_is_claimed_twice() {
        let mut all: Vec<_> = FORMATS.iter().flat_map(|format| format.extensions).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
