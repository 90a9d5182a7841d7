//! MP3: tags, frames of MPEG audio, tags.

use crate::anew::spliced_anew;
use crate::mpeg_audio::edits::Edits;
use crate::mpeg_audio::sections::{Sections, What};
use crate::mpeg_audio::{FrameHeader, Notices, anew, decode, frames_at};
use crate::{
    Carrier, Changes, Content, Format, Head, Home, Layout, NewContent, Piece, SoundFacts, SoundStream,
};
use indicia_core::{FormatError, Limits, MediaKind, Source, Window};

pub(super) static FORMAT: Format = Format {
    name: "mp3",
    title: "MP3",
    kind: MediaKind::Audio,
    extensions: &["mp3"],
    mime: "audio/mpeg",
    cite: "ISO/IEC 11172-3 and 13818-3; ID3v2.2 to 2.4 (id3.org)",
    homes: &[
        Home { carrier: Carrier::Field, place: "ID3 TXXX frame" },
        Home { carrier: Carrier::Xmp, place: "ID3 PRIV frame" },
    ],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound {
        facts,
        open,
        changeable: |source, _, limits| {
            let sections = Sections::read(source, limits)?;
            anew::check(&sections, source.size()).map(|_| ())
        },
    },
};

/// A frame whose follower fits, alone or after `ID3` tags, zeros, or, in a file named so, junk.
///
/// `ID3` says little alone: AAC and FLAC files carry such tags too. So what follows the tags decides where
/// it can be seen.
fn recognize(head: &Head<'_>) -> u32 {
    let named = matches!(head.extension, Some("mp3"));
    let mut tags = 0;
    let mut at = 0_usize;
    while let Some([b'I', b'D', b'3', _, _, flags, a, b, c, d]) =
        head.bytes.get(at..).and_then(|rest| rest.first_chunk())
    {
        tags = 3;
        if (a | b | c | d) & 0x80 != 0 {
            return 0;
        }
        let [a, b, c, d] = [a, b, c, d].map(|byte| usize::from(*byte));
        let footer = if flags & 0x10 != 0 { 10 } else { 0 };
        at = at.saturating_add(10 + footer + (a << 21 | b << 14 | c << 7 | d));
    }
    let Some(rest) = head.bytes.get(at..) else {
        return if named || head.extension.is_none() { 3 } else { 2 };
    };
    let complete = head.bytes.len() as u64 == head.size;
    let padding = rest.iter().take_while(|byte| **byte == 0).count();
    let rest = rest.get(padding..).unwrap_or_default();
    if frames_at(rest, 2, complete).is_some() || ends_in_tag(rest) {
        return tags + 2;
    }
    let junk = || {
        (0..rest.len()).any(|at| rest.get(at..).is_some_and(|rest| frames_at(rest, 3, complete).is_some()))
    };
    match (tags, rest.len()) {
        // The frames, or enough of them to be sure, are past the bytes at hand.
        (3, ..3000) if !complete && !is_other(rest) => 3,
        (3, 0) => 3,
        _ if named && junk() => tags + 1,
        _ => 0,
    }
}

/// Whether a frame starts here that a tag follows, as the only one or the last.
fn ends_in_tag(bytes: &[u8]) -> bool {
    let len = FrameHeader::at(bytes).and_then(|header| header.len());
    let rest = len.and_then(|len| bytes.get(len..)).unwrap_or_default();
    rest.starts_with(b"TAG") || rest.starts_with(crate::ape_tag::SIGNATURE)
}

/// Whether another format that carries ID3 tags starts here.
fn is_other(bytes: &[u8]) -> bool {
    let adts = matches!(bytes, [0xFF, second, ..] if second & 0xF6 == 0xF0);
    adts || [&b"fLaC"[..], b"OggS", b"RIFF", b"FORM", b"MAC ", b"wvpk", b"TTA1", b"MPCK", b"DSD "]
        .iter()
        .any(|other| bytes.starts_with(other))
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    Sections::read(source, limits).map(Sections::into_layout)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let Some(filter) = &changes.filter else { return spliced(source, changes, limits) };
    let new = anew::coded(source, layout, filter, &changes.annex, limits)?;
    spliced_anew(source, new, changes, |file, changes| spliced(file, changes, limits))
}

fn spliced(source: &dyn Source, changes: &Changes, limits: &Limits) -> Result<Vec<Piece>, FormatError> {
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cuts in sound"));
    }
    let sections = Sections::read(source, limits)?;
    let mut notices = None;
    match &changes.content {
        None => {}
        Some(NewContent::Sound(ends)) => {
            let (at, header, info) =
                sections.sound().ok_or(FormatError::malformed(source.size(), "no MPEG audio frame"))?;
            let mut window = Window::new(source);
            notices = Some(Notices::encode(at, header, window.up_to(at, 8)?, info, ends)?);
        }
        Some(_) => return Err(FormatError::unsupported(0, "content other than sound in MP3")),
    }
    let mut edits = Edits::new(&sections.packets, changes);
    edits.begin(source, sections.parts.first(), limits)?;
    for part in &sections.parts {
        match &part.what {
            What::Info(info) if let Some(notices) = &notices => {
                let frame = limits.take(source, part.span)?;
                edits.pieces.push(Piece::New(notices.update(info, &frame)?));
            }
            What::Sound(_) if let Some(notices) = notices.take() => {
                let start = Piece::New(notices.start.bytes);
                let end = Piece::New(notices.end.bytes);
                let all = [start, Piece::Keep(part.span), end];
                edits.pieces.extend(all.into_iter().filter(|piece| !piece.is_empty()));
            }
            _ => edits.write(source, part, limits)?,
        }
    }
    Ok(edits.pieces)
}

fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    decode::facts(source, layout)
}

fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
    _: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    decode::open(source, layout)
}
