//! Opus in Ogg.

use crate::ogg::{self, Codec, Ogg};
use crate::{Carrier, Changes, Content, Format, Head, Home, Layout, Piece, vorbis_comment};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "opus",
    title: "Opus",
    kind: MediaKind::Audio,
    extensions: &["opus"],
    mime: "audio/ogg",
    cite: "RFC 7845",
    homes: &[Home { carrier: Carrier::Field, place: vorbis_comment::PLACE }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound {
        facts: |source, _| ogg::opus_facts(source),
        open: |source, _, limits| ogg::open_opus(source, limits),
        changeable: |source, _, limits| ogg::changeable(source, limits),
    },
};

fn recognize(head: &Head<'_>) -> u32 {
    if ogg::codec_at_head(head.bytes) == Some(Codec::Opus) { 12 } else { 0 }
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Ogg::read(source, limits).map(|ogg| ogg.into_layout(source.size()))
}

fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    ogg::splice(source, changes, limits)
}
