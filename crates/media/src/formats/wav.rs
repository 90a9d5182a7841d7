//! WAVE: `RIFF`, `RF64` or `BW64`, size, `WAVE`, then chunks.

use crate::riff::{self, Chunk};
use crate::wave_sizes::{self, FILE_HEADER, Sizes};
use crate::wave_stream::{Wave, WaveStream};
use crate::{
    Body, Carrier, Changes, Content, Format, Head, Home, Layout, Packet, Piece, Role, Segment, SoundFacts,
    SoundStream, signature,
};
use crate::{wave_id3, wave_info, wave_splice};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Span, Window};

pub(super) static FORMAT: Format = Format {
    name: "wav",
    title: "WAVE",
    kind: MediaKind::Audio,
    extensions: &["wav", "wave"],
    mime: "audio/wav",
    cite: "Multimedia Programming Interface and Data Specifications 1.0 (1991); EBU Tech 3306; ITU-R BS.2088",
    homes: &[
        Home { carrier: Carrier::Field, place: "RIFF chunk" },
        Home { carrier: Carrier::Xmp, place: "RIFF chunk" },
    ],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open, changeable: |_, _, _| Ok(()) },
};

/// Chunk types with a meaning of their own, which never hold a text with a key.
#[rustfmt::skip]
const KNOWN: [&[u8; 4]; 39] = [
    b"C2PA", b"DISP", b"FLLR", b"ID3 ", b"JUNK", b"LGWV", b"LIST", b"PAD ", b"PEAK", b"SNDM", b"_PMX",
    b"acid", b"afsp", b"axml", b"bext", b"bxml", b"cart", b"chna", b"cue ", b"data", b"ds64", b"fact",
    b"fmt ", b"iXML", b"id3 ", b"inst", b"junk", b"levl", b"link", b"pad ", b"plst", b"r64m", b"regn",
    b"slnt", b"smpl", b"strc", b"sxml", b"umid", b"wavl",
];

fn recognize(head: &Head<'_>) -> u32 {
    [b"RIFF", b"RF64", b"BW64"]
        .map(|form| signature(head, &[(0, form), (8, b"WAVE")]))
        .into_iter()
        .max()
        .unwrap_or(0)
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let mut window = Window::new(source);
    let sizes = Sizes::read(&mut window)?;
    let mut layout = Layout::default();
    let header = Span { start: 0, end: FILE_HEADER };
    layout.segments.push(Segment { name: sizes.form, span: header, role: Role::Structure });
    let mut at = FILE_HEADER;
    while at < size {
        if layout.segments.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "chunks", limit: limits.segments as u64 };
            return Ok(layout.damaged(size, FormatError::new(at, problem)));
        }
        let chunk = match sizes.chunk(&mut window, at) {
            Ok(chunk) => chunk,
            Err(err) if !matches!(err.problem, Problem::Io(_)) && sizes.end.is_some_and(|end| at >= end) => {
                let span = Span { start: at, end: size };
                layout.segments.push(Segment { name: *b"????", span, role: Role::Unknown });
                return Ok(layout);
            }
            Err(err) => return Ok(layout.damaged(size, err)),
        };
        let role = match read(source, &mut window, chunk, limits, &mut layout.packets) {
            Ok(role) => role,
            Err(err) => return Ok(layout.damaged(size, err)),
        };
        layout.segments.push(Segment { name: chunk.id, span: chunk.span, role });
        at = chunk.span.end;
    }
    if let Some(damage) = wave_sizes::cut_off(&sizes, size) {
        return Ok(layout.damaged(size, damage));
    }
    Ok(layout)
}

/// Says what a chunk is for, and notes the metadata in it.
fn read(
    source: &dyn Source,
    window: &mut Window<'_>,
    chunk: Chunk,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<Role, FormatError> {
    let (carrier, key) = match &chunk.id {
        b"data" => return Ok(Role::Essence),
        b"LIST" => {
            wave_info::packets(window, chunk.body, limits, packets)?;
            return Ok(Role::Metadata);
        }
        id if wave_id3::holds_tag(*id) => {
            packets.extend(wave_id3::packets(source, window, chunk.body, limits)?);
            return Ok(Role::Metadata);
        }
        b"axml" | b"bext" | b"bxml" | b"cart" | b"iXML" | b"sxml" => return Ok(Role::Metadata),
        b"_PMX" => (Carrier::Xmp, String::new()),
        b"C2PA" => (Carrier::Manifest, String::new()),
        id if KNOWN.contains(&id) => return Ok(Role::Structure),
        id => (Carrier::Field, riff::key(*id)),
    };
    let (place, span) = (wave_splice::PLACE, chunk.body);
    packets.push(Packet { carrier, key, place, span, body: Body::Verbatim });
    Ok(Role::Metadata)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    wave_splice::splice(source, layout, changes, limits, |id| !KNOWN.contains(&&id))
}

fn facts(source: &dyn Source, layout: &Layout) -> Result<SoundFacts, FormatError> {
    Wave::read(source, layout).map(|wave| wave.facts())
}

fn open<'a>(
    source: &'a dyn Source,
    layout: &Layout,
    _: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    Ok(Box::new(WaveStream::new(source, Wave::read(source, layout)?)))
}
