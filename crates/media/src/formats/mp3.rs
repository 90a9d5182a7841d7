//! MP3.

use crate::{Carrier, Changes, Content, Format, Head, Layout, Piece, SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, MediaKind, Source};

pub(super) static FORMAT: Format = Format {
    name: "mp3",
    title: "MP3",
    kind: MediaKind::Audio,
    extensions: &["mp3"],
    mime: "audio/mpeg",
    cite: "ISO/IEC 11172-3 and 13818-3; ID3v2.2 to 2.4 (id3.org)",
    homes: &[Carrier::Field, Carrier::Xmp],
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open },
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

fn facts(_: &dyn Source, _: &Layout) -> Result<SoundFacts, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}

fn open<'a>(_: &'a dyn Source, _: &Layout, _: &Limits) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    Err(FormatError::unsupported(0, "not built yet"))
}
