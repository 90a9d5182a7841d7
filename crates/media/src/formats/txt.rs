//! plain text.

use crate::{Carrier, Changes, Content, Format, Head, Layout, Piece, Text};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "txt",
    title: "plain text",
    kind: MediaKind::Text,
    extensions: &["txt", "text"],
    mime: "text/plain",
    cite: "Unicode 16.0; GB 18030-2022",
    homes: &[],
    recognize,
    parse,
    splice,
    content: Content::Text { decode },
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

fn decode(_: &dyn Source, _: &Layout, _: &Limits) -> Result<Text, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}
