//! AAC in ADTS: tags, frames, tags.

use crate::adts::{self, Adts, frames_at};
use crate::{Carrier, Changes, Content, Format, Head, Home, Layout, Piece, SoundFacts, SoundStream, id3};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "aac",
    title: "AAC",
    kind: MediaKind::Audio,
    extensions: &["aac", "adts"],
    mime: "audio/aac",
    cite: "ISO/IEC 13818-7 (ADTS); ID3v2.2 to 2.4 (id3.org)",
    homes: &[
        Home { carrier: Carrier::Field, place: "ID3 TXXX frame" },
        Home { carrier: Carrier::Xmp, place: "ID3 PRIV frame" },
    ],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open, changeable: |source, _, limits| adts::changeable(source, limits) },
};

/// Frames that follow one another, alone or after ID3 tags. Where they reach past the bytes at hand, the name
/// decides.
fn recognize(head: &Head<'_>) -> u32 {
    let named = matches!(head.extension, Some("aac" | "adts"));
    let complete = head.bytes.len() as u64 == head.size;
    let Some(rest) = id3::skip(head.bytes) else {
        return if named { 3 } else { 0 };
    };
    let tags = if rest.len() < head.bytes.len() { 3 } else { 0 };
    let count = if named { 2 } else { 3 };
    let padding = rest.iter().take_while(|byte| **byte == 0).count();
    let frames = rest.get(padding..).unwrap_or_default();
    if frames_at(frames, count, complete).is_some() {
        return tags + count;
    }
    if named && frames_at(frames, 1, false).is_some() { tags + 2 } else { 0 }
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Adts::read(source, limits).map(Adts::into_layout)
}

fn splice(
    source: &dyn Source,
    _: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    Adts::splice(source, changes, limits)
}

fn facts(source: &dyn Source, _: &Layout) -> Result<SoundFacts, FormatError> {
    adts::facts(source)
}

fn open<'a>(
    source: &'a dyn Source,
    _: &Layout,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    adts::open(source, limits)
}
