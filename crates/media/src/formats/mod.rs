//! The formats this program reads and writes: one file each, one row each.

mod avi;
mod flv;
mod jpeg;
mod md;
mod mkv;
mod mp3;
mod png;
mod txt;
mod wav;
mod webm;
mod webp;

use crate::Format;

/// Every format, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub static FORMATS: &[&Format] = &[
    &avi::FORMAT,
    &flv::FORMAT,
    &jpeg::FORMAT,
    &md::FORMAT,
    &mkv::FORMAT,
    &mp3::FORMAT,
    &png::FORMAT,
    &txt::FORMAT,
    &wav::FORMAT,
    &webm::FORMAT,
    &webp::FORMAT,
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
