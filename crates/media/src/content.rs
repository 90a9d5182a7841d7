use std::ops::Range;

use crate::{Packet, PageMark};
use indicia_core::{FormatError, Span};

/// A still or animated picture, decoded: every frame covers the whole canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width in pixels, as stored: before [`Picture::orientation`] is applied.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// What the samples of a pixel mean.
    pub colour: Colour,
    /// How a viewer turns it, as Exif tag 0x0112 has it: 1 to 8.
    pub orientation: u8,
    /// At least one.
    pub frames: Vec<Frame>,
}

/// One frame of a picture, on the whole canvas; in a [`crate::Band`] only the rows of the band.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Row by row from the top, pixel by pixel from the left, all samples of a pixel together.
    pub samples: Samples,
}

/// The samples of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 8 bits each, full range.
    Eight(Vec<u8>),
    /// 16 bits each, full range.
    Sixteen(Vec<u16>),
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Luminance.
    Gray,
    /// Luminance, alpha (not premultiplied).
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha (not premultiplied).
    Rgba,
    /// Y, Cb, Cr of ITU-T T.871 (JFIF).
    YCbCr,
}

impl Colour {
    /// Samples a pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb | Self::YCbCr => 3,
            Self::Rgba => 4,
        }
    }
}

/// Interleaved sound, each sample in -1.0..=1.0.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Frames a second.
    pub rate: u32,
    /// Samples a frame.
    pub channels: u16,
    /// All samples, frame by frame.
    pub values: Vec<f32>,
}

/// What is known of sound before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundFacts {
    /// Frames a second.
    pub rate: u32,
    /// Samples a frame.
    pub channels: u16,
    /// Number of frames, where the file tells.
    pub frames: Option<u64>,
}

/// Sound being decoded, block by block.
pub trait SoundStream: Send {
    /// Rate and channels; the same for the whole stream.
    fn facts(&self) -> SoundFacts;

    /// Appends the next block to `block`, interleaved, each sample in -1.0..=1.0; false at the end.
    ///
    /// # Errors
    /// If the sound cannot be decoded further.
    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError>;
}

/// Something to put before the content and something to put after it. The content itself stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Ends<T> {
    /// Before it.
    pub start: Option<T>,
    /// After it.
    pub end: Option<T>,
}

impl<T> Default for Ends<T> {
    fn default() -> Self {
        Self { start: None, end: None }
    }
}

/// What an encoder wrote among coded moving pictures.
#[derive(Clone, Debug)]
pub enum Messages {
    /// The coding has no place for it.
    NoPlace,
    /// What stands beside the first picture; pictures after it may have more.
    First(Vec<Packet>),
}

/// The words of a file, without any front matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The words; what could not be decoded is U+FFFD.
    pub words: String,
    /// Where in the file they stand.
    pub sites: Sites,
    /// Those lines among them and beside them that stand out: headings, headers and footers.
    pub standing_out: Vec<StandingOut>,
}

/// A line that stands out of the running words, or beside them on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingOut {
    /// As what.
    pub part: TextPart,
    /// The line.
    pub words: String,
}

/// What a line is that stands out of the running words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// A heading; one of the words of the text.
    Heading,
    /// At the top of a page; in a document with pages of its own, no word of the text.
    Header,
    /// At the bottom of a page.
    Footer,
}

/// Where in a file its words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sites {
    /// All of them in one piece, as they are.
    Coded {
        /// How they are coded.
        encoding: TextEncoding,
        /// Offset of the first word's first byte in the file: after a byte-order mark and front matter.
        start: u64,
    },
    /// Somewhere within these bytes: between tags, compressed, or both. No word has bytes of its own.
    Within(Span),
}

/// How words are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// GB 18030.
    Gb18030,
    /// UTF-16, high byte first.
    Utf16Be,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-8.
    Utf8,
}

impl Text {
    /// The bytes in the file of a range of [`Text::words`].
    ///
    /// Exact for words that stand in one piece and were decoded without loss; else the bytes they stand within.
    pub fn site(&self, range: Range<usize>) -> Span {
        self.siting().site(range)
    }

    /// Tells the bytes of many ranges, one after the other.
    pub fn siting(&self) -> Siting<'_> {
        Siting { text: self, reached: (0, 0) }
    }
}

/// Tells where words stand in their file, and goes on from where it was: ranges in rising order take one pass over the
/// text together.
#[derive(Debug)]
pub struct Siting<'a> {
    text: &'a Text,
    /// Words passed over, in bytes of [`Text::words`], and the bytes that they take in the file.
    reached: (usize, u64),
}

impl Siting<'_> {
    /// As [`Text::site`].
    pub fn site(&mut self, range: Range<usize>) -> Span {
        let (encoding, first) = match self.text.sites {
            Sites::Within(span) => return span,
            Sites::Coded { encoding, start } => (encoding, start),
        };
        if range.start < self.reached.0 {
            self.reached = (0, 0);
        }
        let words = &self.text.words;
        let (from, passed) = self.reached;
        let between = words.get(from..range.start).or_else(|| words.get(from..)).unwrap_or_default();
        let start = passed + encoding.len(between);
        self.reached = (from + between.len(), start);
        let within = words.get(range).unwrap_or_default();
        Span { start: first + start, end: first + start + encoding.len(within) }
    }
}

impl TextEncoding {
    /// Number of bytes that words take in this encoding.
    fn len(self, words: &str) -> u64 {
        match self {
            Self::Utf8 => words.len() as u64,
            Self::Utf16Be | Self::Utf16Le => 2 * words.encode_utf16().count() as u64,
            Self::Gb18030 => encoding_rs::GB18030.encode(words).0.len() as u64,
        }
    }
}

/// New content for a file.
#[derive(Clone, Debug, PartialEq)]
pub enum NewContent {
    /// A picture in place of the one that is there; same size, colour and number of frames.
    Picture(Picture),
    /// Sound before and after, at the file's own rate and channels.
    Sound(Ends<Sound>),
    /// Words before and after, each ending in a line break where the format needs one.
    Text(Ends<String>),
    /// Marks drawn over the first page and over the last.
    Pages(Ends<PageMark>),
}
