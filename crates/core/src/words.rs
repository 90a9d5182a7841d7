use std::fmt::Debug;

/// A picture, or a part of one, for whoever reads the words in it: upright, opaque, 8 bits a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Number of columns, at least 1.
    pub width: u32,
    /// Number of rows, at least 1.
    pub height: u32,
    /// Red, green and blue (sRGB) of each pixel, row by row from the top.
    pub rgb: Vec<u8>,
}

/// Where a line of text stands in a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextRegion {
    /// Left edge, in pixels.
    pub left: f32,
    /// Upper edge, in pixels.
    pub top: f32,
    /// Width, in pixels.
    pub width: f32,
    /// Height, in pixels.
    pub height: f32,
}

/// A letter of a line of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextLetter {
    /// The letter.
    pub sign: char,
    /// Where its middle stands, in shares of the line's width from the left: 0 to 1.
    pub middle: f32,
    /// How sure the reader is of it, 0 to 1.
    pub confidence: f32,
}

/// Reads words in pictures. It comes from outside, since it needs networks that are no part of this program.
pub trait WordReader: Debug + Send + Sync {
    /// Whether it can read, found out before a picture is decoded for it.
    ///
    /// # Errors
    /// In words, with what would help.
    fn ready(&self) -> Result<(), String>;

    /// Where lines of text stand. Letters of 8 to 60 pixels are found.
    ///
    /// # Errors
    /// In words, if it fails.
    fn regions(&self, picture: &Raster) -> Result<Vec<TextRegion>, String>;

    /// The letters of a picture that holds one line of text, from left to right.
    ///
    /// # Errors
    /// In words, if it fails.
    fn letters(&self, line: &Raster) -> Result<Vec<TextLetter>, String>;
}
