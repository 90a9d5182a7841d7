//! Rich Text Format: read only.

use crate::{Changes, ClosedWords, Content, Format, Head, Layout, Piece, rtf, signature};
use indicia_core::{FormatError, Limits, MediaKind, Source, Span};

pub(super) static FORMAT: Format = Format {
    name: "rtf",
    title: "RTF",
    kind: MediaKind::Document,
    extensions: &["rtf"],
    mime: "application/rtf",
    cite: "Rich Text Format (RTF) Specification 1.9.1 (Microsoft, 2008)",
    homes: &[],
    no_notice: Some(
        "documents in RTF are only read by this program: save it as DOCX or ODT, and label what comes of it",
    ),
    recognize,
    parse: rtf::parse,
    splice,
    content: Content::Closed { words: Some(ClosedWords::Text(rtf::words)) },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"{\\rtf")])
}

fn splice(source: &dyn Source, _: &Layout, changes: &Changes, _: &Limits) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    Err(FormatError::unsupported(0, "changes to RTF: save it as DOCX or ODT, and label what comes of it"))
}
