//! WebP.

use crate::{Carrier, Changes, Content, Format, Head, Layout, Picture, Piece};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "webp",
    title: "WebP",
    kind: MediaKind::Image,
    extensions: &["webp"],
    mime: "image/webp",
    cite: "WebP container specification; RFC 9649",
    homes: &[Carrier::Xmp],
    recognize,
    parse,
    splice,
    content: Content::Picture { decode },
};

fn recognize(_: &Head<'_>) -> u32 {
    0
}

fn parse(_: &dyn Source, _: &Limits) -> Result<Layout, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}

fn splice(_: &dyn Source, _: &Layout, _: &Changes, _: &Limits) -> Result<Vec<Piece>, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}

fn decode(_: &dyn Source, _: &Layout, _: &Limits) -> Result<Picture, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}
