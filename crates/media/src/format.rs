use std::ops::Range;

use crate::{
    Band, Carrier, Changes, FORMATS, Layout, Messages, PageWords, Picture, Piece, Shape, SoundFacts,
    SoundStream, Text,
};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Window};

/// One container format: a row of facts and the functions that read and write it.
#[derive(Debug)]
pub struct Format {
    /// Short name; the name of its file here.
    pub name: &'static str,
    /// The name people know it by.
    pub title: &'static str,
    /// What it holds.
    pub kind: MediaKind,
    /// File name endings, the usual one first.
    pub extensions: &'static [&'static str],
    /// Media type.
    pub mime: &'static str,
    /// The document that defines it.
    pub cite: &'static str,
    /// The places for metadata that [`Format::splice`] can add to a file; empty if it is only read.
    pub homes: &'static [Home],
    /// Why no notice that people perceive can be put on the content, and what would do it; `None` if one can.
    pub no_notice: Option<&'static str>,
    /// How surely a file that starts like this is of the format: the number of signature bytes that
    /// fit, 0 if it is not. The surest format wins, so the order of [`FORMATS`] says nothing.
    pub recognize: fn(&Head<'_>) -> u32,
    /// Cuts the file into segments.
    ///
    /// An error means that nothing can be said of the file. Where a part can be read, the layout is
    /// given with [`Layout::damage`] set.
    pub parse: fn(&dyn Source, &Limits) -> Result<Layout, FormatError>,
    /// Says how the file reads with these changes made to it. With no changes, it reads as it was.
    pub splice: Splice,
    /// Reads what a person perceives.
    pub content: Content,
}

/// A place that a format has for metadata of one sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Of which sort.
    pub carrier: Carrier,
    /// The format's words for it: the [`crate::Packet::place`] of what stands there.
    pub place: &'static str,
}

impl Format {
    /// The place for metadata of one sort.
    pub fn home(&self, carrier: Carrier) -> Option<&Home> {
        self.homes.iter().find(|home| home.carrier == carrier)
    }
}

/// Why video takes no notice, and what would do it.
pub(crate) const NO_VIDEO_NOTICE: &str = "the frames of video are not decoded by this program: burn the notice in with a video \
                                          editor or the drawtext filter of ffmpeg, then label the file";

/// Says how a file reads with changes made to it.
pub type Splice = fn(&dyn Source, &Layout, &Changes, &Limits) -> Result<Vec<Piece>, FormatError>;

/// Begins to decode sound.
pub type OpenSound =
    for<'a> fn(&'a dyn Source, &Layout, &Limits) -> Result<Box<dyn SoundStream + 'a>, FormatError>;

/// Says whether the samples of a file can be changed: what keeps them may be the file's own, not the format's.
pub type Changeable = fn(&dyn Source, &Layout, &Limits) -> Result<(), FormatError>;

/// Decodes at least the rows that are wanted, of every frame, from the same coded bytes as the whole picture.
/// Which rows those are is asked once the shape of the picture is known, so that it is read only once.
pub type DecodeRows =
    fn(&dyn Source, &Layout, &Limits, &dyn Fn(Shape) -> Range<u32>) -> Result<Band, FormatError>;

/// Reads the words of content that is neither shown nor changed.
pub type DecodeWords = fn(&dyn Source, &Layout, &Limits) -> Result<String, FormatError>;

/// Words of content that is neither shown nor changed: they tell one file from another.
#[derive(Clone, Copy, Debug)]
pub enum ClosedWords {
    /// Running text.
    Text(DecodeWords),
    /// Cells of tables, a line each.
    Cells(DecodeWords),
}

/// How a format's content is read. A list that is whole by nature: content is seen, heard or read.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// This program does not decode it: only its metadata is read.
    Closed {
        /// Reads the words in it, where that is known, to tell one file from another.
        words: Option<ClosedWords>,
    },
    /// A still or animated picture.
    Picture {
        /// Decodes every frame onto the full canvas.
        decode: fn(&dyn Source, &Layout, &Limits) -> Result<Picture, FormatError>,
        /// Decodes some rows of every frame, and no more of the picture than the format makes it.
        rows: DecodeRows,
    },
    /// Sound.
    Sound {
        /// Rate, channels and length, without decoding.
        facts: fn(&dyn Source, &Layout) -> Result<SoundFacts, FormatError>,
        /// Decodes block by block.
        open: OpenSound,
        /// Whether the samples of a file can be changed; if not, the error says why.
        changeable: Changeable,
    },
    /// Pages that can be drawn on, but are not decoded.
    Pages {
        /// Reads what the first and the last page say that their marked shapes stand for.
        words: fn(&dyn Source, &Layout, &Limits) -> Result<PageWords, FormatError>,
    },
    /// Moving pictures, which are not decoded.
    Video {
        /// Reads what the encoder wrote beside the first of them.
        messages: fn(&dyn Source, &Layout, &Limits) -> Result<Messages, FormatError>,
    },
    /// Words.
    Text {
        /// Decodes the words, without any front matter.
        decode: fn(&dyn Source, &Layout, &Limits) -> Result<Text, FormatError>,
        /// Why nothing can be put among its words, and what would do it; `None` if it can.
        no_change: Option<&'static str>,
    },
}

/// What a file starts with, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The first bytes, at most 4096.
    pub bytes: &'a [u8],
    /// Size of the whole file.
    pub size: u64,
    /// The ending of its name in lower case, without the dot; for formats that have no signature.
    pub extension: Option<&'a str>,
}

/// The number of signature bytes if all of them stand where they should, else 0.
pub fn signature(head: &Head<'_>, parts: &[(usize, &[u8])]) -> u32 {
    let fits =
        parts.iter().all(|(at, bytes)| head.bytes.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
    if fits { parts.iter().map(|(_, bytes)| u32::try_from(bytes.len()).unwrap_or(0)).sum() } else { 0 }
}

/// Recognizes a file by its first bytes. Its name decides only between formats that have no signature.
///
/// # Errors
/// [`Problem::Unrecognized`] if it starts like no format in [`FORMATS`]; [`Problem::Truncated`] if it is empty.
pub fn recognize(source: &dyn Source, name: Option<&str>) -> Result<&'static Format, FormatError> {
    if source.size() == 0 {
        return Err(FormatError::new(0, Problem::Truncated));
    }
    let mut window = Window::new(source);
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let head = Head { size: source.size(), bytes: window.up_to(0, 4096)?, extension: extension.as_deref() };
    FORMATS
        .iter()
        .map(|format| ((format.recognize)(&head), *format))
        .filter(|(sure, _)| *sure > 0)
        .max_by_key(|(sure, _)| *sure)
        .map(|(_, format)| format)
        .ok_or(FormatError::new(0, Problem::Unrecognized))
}
