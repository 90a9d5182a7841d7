//! AIFF and AIFF-C: `FORM`, size, `AIFF` or `AIFC`, then chunks.

use crate::{
    Carrier, Changes, Content, Format, Head, Home, Layout, Piece, SoundFacts, SoundStream, aiff, signature,
};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "aiff",
    title: "AIFF",
    kind: MediaKind::Audio,
    extensions: &["aiff", "aif", "aifc"],
    mime: "audio/aiff",
    cite: "Audio Interchange File Format 1.3 and AIFF-C (Apple, 1989 and 1991)",
    homes: &[Home { carrier: Carrier::Field, place: "ID3 TXXX frame" }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open, changeable: |_, _, _| Ok(()) },
};

fn recognize(head: &Head<'_>) -> u32 {
    let form = |form| signature(head, &[(0, b"FORM"), (8, form)]);
    form(b"AIFF").max(form(b"AIFC"))
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    aiff::parse(source, limits)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    aiff::splice(source, layout, changes, limits)
}

fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    aiff::facts(source, layout)
}

fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
    _: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    aiff::open(source, layout)
}
