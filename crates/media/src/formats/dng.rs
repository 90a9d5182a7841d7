//! DNG: a camera's raw picture in TIFF. Its label is read and never written: raw pictures are no generated content.

use crate::{Changes, Content, Format, Head, Layout, Piece, tiff_directories};
use indicia_core::{FormatError, Limits, MediaKind, Source, Span};

pub(super) static FORMAT: Format = Format {
    name: "dng",
    title: "DNG",
    kind: MediaKind::Image,
    extensions: &["dng"],
    mime: "image/x-adobe-dng",
    cite: "Digital Negative specification 1.7 (Adobe, 2023)",
    homes: &[],
    no_notice: Some(
        "raw pictures are not decoded by this program: develop it, and label the picture that comes of it",
    ),
    recognize,
    parse: tiff_directories::parse,
    splice,
    content: Content::Closed { words: None },
};

fn recognize(head: &Head<'_>) -> u32 {
    // More than the four bytes by which it is TIFF.
    if tiff_directories::head_has(head.bytes, tiff_directories::DNG_VERSION) { 8 } else { 0 }
}

fn splice(source: &dyn Source, _: &Layout, changes: &Changes, _: &Limits) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    Err(FormatError::unsupported(0, "changes to a raw picture"))
}
