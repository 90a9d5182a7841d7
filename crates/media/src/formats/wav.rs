//! WAVE: `RIFF`, size, `WAVE`, then chunks.

use crate::riff::{self, Chunk};
use crate::{
    Body, Carrier, Changes, Content, Format, Head, Layout, Packet, Piece, Role, Segment, SoundFacts,
    SoundStream, signature,
};
use indicia_core::{FormatError, Limits, MediaKind, Source, Span, Window};

pub(super) static FORMAT: Format = Format {
    name: "wav",
    title: "WAVE",
    kind: MediaKind::Audio,
    extensions: &["wav", "wave"],
    mime: "audio/wav",
    cite: "Multimedia Programming Interface and Data Specifications 1.0 (1991)",
    homes: &[Carrier::Field],
    recognize,
    parse,
    splice,
    content: Content::Sound { facts, open },
};

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"RIFF"), (8, b"WAVE")])
}

fn parse(source: &dyn Source, _: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    let mut layout = Layout::default();
    layout.segments.push(Segment { name: *b"RIFF", span: Span { start: 0, end: 12 }, role: Role::Structure });
    let mut at = 12;
    while at < source.size() {
        let chunk = match Chunk::read(&mut window, at, None) {
            Ok(chunk) => chunk,
            Err(err) => return Ok(layout.damaged(source.size(), err)),
        };
        let role = match &chunk.id {
            b"data" => Role::Essence,
            b"AIGC" => {
                layout.packets.push(Packet {
                    carrier: Carrier::Field,
                    key: "AIGC".into(),
                    place: "RIFF chunk",
                    span: chunk.body,
                    body: Body::Verbatim,
                });
                Role::Metadata
            }
            _ => Role::Structure,
        };
        layout.segments.push(Segment { name: chunk.id, span: chunk.span, role });
        at = chunk.span.end;
    }
    Ok(layout)
}

fn splice(source: &dyn Source, _: &Layout, changes: &Changes, _: &Limits) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = vec![Piece::Keep(Span { start: 0, end: source.size() })];
    for put in &changes.added {
        pieces.push(Piece::New(riff::chunk(*b"AIGC", &put.body)?));
    }
    Ok(pieces)
}

fn facts(_: &dyn Source, _: &Layout) -> Result<SoundFacts, FormatError> {
    Err(FormatError::unsupported(0, "sound"))
}

fn open<'a>(_: &'a dyn Source, _: &Layout, _: &Limits) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    Err(FormatError::unsupported(0, "sound"))
}
