//! WebP: `RIFF`, size, `WEBP`, then chunks.

use std::ops::Range;

use crate::riff::{self, Chunk, HEADER};
use crate::webp_splice::{TRAILER, exif_block};
use crate::{
    Band, Body, Carrier, Changes, Content, Format, Head, Home, Layout, Packet, Picture, Piece, Role, Segment,
    Shape, signature,
};
use crate::{webp_decode, webp_splice};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Span, Window};

pub(super) static FORMAT: Format = Format {
    name: "webp",
    title: "WebP",
    kind: MediaKind::Image,
    extensions: &["webp"],
    mime: "image/webp",
    cite: "RFC 9649; WebP container specification",
    homes: &[Home { carrier: Carrier::Xmp, place: "RIFF chunk" }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Picture { decode, rows },
};

/// Bytes of the file header: `RIFF`, size, `WEBP`.
const FILE_HEADER: u64 = 12;

fn recognize(head: &Head<'_>) -> u32 {
    signature(head, &[(0, b"RIFF"), (8, b"WEBP")])
}

fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let mut window = Window::new(source);
    let (_, written) = riff::header(&mut window, 0)?;
    window.bytes(HEADER, 4)?;
    let end = HEADER + u64::from(written);
    let mut layout = Layout::default();
    let header = Span { start: 0, end: FILE_HEADER };
    layout.segments.push(Segment { name: *b"RIFF", span: header, role: Role::Structure });
    let mut at = FILE_HEADER;
    let mut picture = false;
    while at < end.min(size) {
        if layout.segments.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "chunks", limit: limits.segments as u64 };
            return Ok(layout.damaged(size, FormatError::new(at, problem)));
        }
        let read = chunk(&mut window, at, end).and_then(|chunk| {
            let role = role(&mut window, chunk, &mut layout.packets)?;
            Ok(Segment { name: chunk.id, span: chunk.span, role })
        });
        match read {
            Ok(segment) => {
                picture |= matches!(&segment.name, b"VP8 " | b"VP8L" | b"ANMF");
                layout.segments.push(segment);
                at = segment.span.end;
            }
            Err(err) => return Ok(layout.damaged(size, err)),
        }
    }
    // The last byte of padding is often left out, though the size counts it.
    let damage = if end > size + 1 {
        Some(FormatError::new(size, Problem::Truncated))
    } else if !picture {
        Some(FormatError::malformed(at, "no picture within the size that the file states"))
    } else {
        None
    };
    if let Some(damage) = damage {
        return Ok(layout.damaged(size, damage));
    }
    if at < size {
        let span = Span { start: at, end: size };
        layout.segments.push(Segment { name: TRAILER, span, role: Role::Unknown });
    }
    Ok(layout)
}

/// Reads a chunk that must end by `end`, its padding aside.
fn chunk(window: &mut Window<'_>, at: u64, end: u64) -> Result<Chunk, FormatError> {
    // Seen in the wild: the fourth character of `XMP ` left out.
    let chunk = match window.array(at)? {
        id @ [b'X', b'M', b'P', 0] => {
            let size = u32::from_le_bytes(window.array(at + 4)?);
            let body = Span { start: at + HEADER, end: at + HEADER + u64::from(size) };
            if body.end > window.size() {
                return Err(FormatError::new(at, Problem::Truncated));
            }
            let past = body.end.saturating_add(body.len() % 2).min(window.size());
            Chunk { id, span: Span { start: at, end: past }, body }
        }
        _ => Chunk::read(window, at, None)?,
    };
    if chunk.body.end > end {
        return Err(FormatError::malformed(at, "chunk past the end that the file states"));
    }
    Ok(chunk)
}

/// Says what a chunk is for, and notes the metadata in it.
fn role(window: &mut Window<'_>, chunk: Chunk, packets: &mut Vec<Packet>) -> Result<Role, FormatError> {
    let (carrier, place, key, span) = match &chunk.id {
        b"VP8 " | b"VP8L" | b"ALPH" | b"ANMF" => return Ok(Role::Essence),
        b"VP8X" if chunk.body.len() < 10 => {
            return Err(FormatError::malformed(chunk.span.start, "VP8X chunk shorter than 10 bytes"));
        }
        b"VP8X" | b"ANIM" | b"ICCP" => return Ok(Role::Structure),
        b"EXIF" => (Carrier::Exif, "EXIF chunk", String::new(), exif_block(window, chunk.body)?),
        b"XMP " | b"XMP\0" => (Carrier::Xmp, "XMP chunk", String::new(), chunk.body),
        b"C2PA" => (Carrier::Manifest, "C2PA chunk", String::new(), chunk.body),
        id => (Carrier::Field, "RIFF chunk", riff::key(*id), chunk.body),
    };
    packets.push(Packet { carrier, key, place, span, body: Body::Verbatim });
    Ok(Role::Metadata)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    webp_splice::splice(source, layout, changes, limits)
}

fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Picture, FormatError> {
    webp_decode::decode(source, layout, limits)
}

/// All rows: neither coding of WebP can be entered in the middle.
fn rows(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
    _: &dyn Fn(Shape) -> Range<u32>,
) -> Result<Band, FormatError> {
    decode(source, layout, limits).map(Band::from)
}
