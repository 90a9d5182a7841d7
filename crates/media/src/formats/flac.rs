//! FLAC: tags, `fLaC`, metadata blocks, frames, tags.

use crate::flac::{self, Flac};
use crate::{
    Carrier, Changes, Content, Format, Head, Home, Layout, Piece, SoundFacts, SoundStream, id3,
    vorbis_comment,
};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "flac",
    title: "FLAC",
    kind: MediaKind::Audio,
    extensions: &["flac"],
    mime: "audio/flac",
    cite: "RFC 9639",
    homes: &[Home { carrier: Carrier::Field, place: vorbis_comment::PLACE }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open, changeable: |source, _, limits| flac::changeable(source, limits) },
};

/// The signature, at the start or after ID3 tags. Where the tags reach past the bytes at hand, the name decides.
fn recognize(head: &Head<'_>) -> u32 {
    match id3::skip(head.bytes) {
        Some(rest) if rest.starts_with(b"fLaC") => 4 + if rest.len() < head.bytes.len() { 3 } else { 0 },
        None if head.extension == Some("flac") => 4,
        _ => 0,
    }
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Flac::read(source, limits).map(|flac| flac.into_layout(source.size()))
}

fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    flac::splice(source, changes, limits)
}

fn facts(source: &dyn Source, _: &Layout) -> Result<SoundFacts, FormatError> {
    flac::facts(source)
}

fn open<'a>(
    source: &'a dyn Source,
    _: &Layout,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    flac::open(source, limits)
}
