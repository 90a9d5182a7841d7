//! The formats this program reads and writes: one file each, one row each.

mod aac;
mod aiff;
mod avi;
mod avif;
mod bmp;
mod dng;
mod docx;
mod epub;
mod flac;
mod flv;
mod gif;
mod heif;
mod html;
mod jpeg;
mod jxl;
mod m4a;
mod md;
mod mkv;
mod mov;
mod mp3;
mod mp4;
mod odp;
mod ods;
mod odt;
mod ogg;
mod opus;
mod pdf;
mod png;
mod pptx;
mod psd;
mod rtf;
mod svg;
mod tiff;
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
    &avi::FORMAT,
    &avif::FORMAT,
    &bmp::FORMAT,
    &dng::FORMAT,
    &docx::FORMAT,
    &epub::FORMAT,
    &flac::FORMAT,
    &flv::FORMAT,
    &gif::FORMAT,
    &heif::FORMAT,
    &html::FORMAT,
    &jpeg::FORMAT,
    &jxl::FORMAT,
    &m4a::FORMAT,
    &md::FORMAT,
    &mkv::FORMAT,
    &mov::FORMAT,
    &mp3::FORMAT,
    &mp4::FORMAT,
    &odp::FORMAT,
    &ods::FORMAT,
    &odt::FORMAT,
    &ogg::FORMAT,
    &opus::FORMAT,
    &pdf::FORMAT,
    &png::FORMAT,
    &pptx::FORMAT,
    &psd::FORMAT,
    &rtf::FORMAT,
    &svg::FORMAT,
    &tiff::FORMAT,
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
