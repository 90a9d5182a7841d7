//! Ogg with Vorbis, FLAC or Speex in it.

use crate::ogg::{self, Codec, Ogg};
use crate::{
    Carrier, Changes, Content, Format, Head, Home, Layout, Piece, SoundFacts, SoundStream, vorbis_comment,
};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "ogg",
    title: "Ogg",
    kind: MediaKind::Audio,
    extensions: &["ogg", "oga"],
    mime: "audio/ogg",
    cite: "RFC 3533; Vorbis I specification (Xiph.Org)",
    homes: &[Home { carrier: Carrier::Field, place: vorbis_comment::PLACE }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open, changeable: |source, _, limits| ogg::changeable(source, limits) },
};

fn recognize(head: &Head<'_>) -> u32 {
    match ogg::codec_at_head(head.bytes) {
        None | Some(Codec::Opus) => 0,
        Some(_) => 4,
    }
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

fn facts(source: &dyn Source, _: &Layout) -> Result<SoundFacts, FormatError> {
    ogg::facts(source)
}

fn open<'a>(
    source: &'a dyn Source,
    _: &Layout,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    ogg::open(source, limits)
}
