use std::borrow::Cow;

use super::codec::{Head, Shape, restore, restore_start};
use super::frame::Frame;
use super::tag::Tag;
use super::text::Coding;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Reads a value out of the bytes at a packet's span.
pub(super) type Reader = fn(&[u8], &Limits) -> Result<Vec<u8>, Problem>;

/// Bytes looked at for a description: keys are words, not books.
const START: usize = 1024;

/// The owner of a `PRIV` frame that holds XMP (XMP Specification Part 3, 1.1.3).
pub(super) const XMP_OWNER: &str = "XMP";

/// Media types under which `GEOB` frames hold a C2PA manifest store (C2PA 2.1, A.3.5, and drafts before it).
const MANIFEST_TYPES: [&str; 2] = ["application/x-c2pa-manifest-store", "application/c2pa"];

impl Tag {
    /// The packets in this tag, each with the index of its frame.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn packets(&self, window: &mut Window<'_>) -> Result<Vec<(usize, Packet)>, FormatError> {
        let mut packets = Vec::new();
        for (at, frame) in self.frames.iter().enumerate() {
            if let Some(shape) = shape(frame)
                && let Some(packet) = packet(window, frame, shape)?
            {
                packets.push((at, packet));
            }
        }
        Ok(packets)
    }
}

/// How the content of a frame is made up; `None` for frames that no mark can stand in.
pub(super) fn shape(frame: &Frame) -> Option<Shape> {
    match frame.name() {
        "TXXX" | "TXX" => Some(Shape::Described),
        "COMM" | "COM" => Some(Shape::Comment),
        "PRIV" => Some(Shape::Owned),
        "GEOB" | "GEO" => Some(Shape::Object),
        name => name.starts_with('T').then_some(Shape::Text),
    }
}

fn packet(window: &mut Window<'_>, frame: &Frame, shape: Shape) -> Result<Option<Packet>, FormatError> {
    let at = frame.span.start;
    let broken = |problem: Problem| {
        let body = Body::Broken(FormatError::new(at, problem));
        let (carrier, key) = sort(frame, shape, "").unwrap_or((Carrier::Blob, frame.name().to_owned()));
        Packet { carrier, key, place: place(shape), span: frame.content, body }
    };
    if frame.encrypted {
        return Ok(Some(broken(Problem::Unsupported("encrypted ID3 frames"))));
    }
    let len = usize::try_from(frame.content.len()).unwrap_or(usize::MAX);
    let stored = window.up_to(frame.content.start, len.min(START))?;
    let plain = !frame.unsynchronised && !frame.compressed;
    let start = if plain {
        Cow::Borrowed(stored)
    } else {
        Cow::Owned(restore_start(stored, frame.unsynchronised, frame.compressed))
    };
    let head = match shape.head(&start) {
        Ok(head) => head,
        Err(_) if len > START => {
            let limit = START as u64;
            return Ok(Some(broken(Problem::OverLimit {
                what: "bytes before the value of an ID3 frame",
                limit,
            })));
        }
        Err(problem) => return Ok(Some(broken(problem))),
    };
    let Some((carrier, key)) = sort(frame, shape, &head.key) else {
        return Ok(None);
    };
    if !plain {
        let body = Body::Coded(shape.reader(frame.unsynchronised, frame.compressed));
        return Ok(Some(Packet { carrier, key, place: place(shape), span: frame.content, body }));
    }
    let span = Span { start: frame.content.start + head.value as u64, end: frame.content.end };
    let body = match head.coding {
        None => Body::Verbatim,
        Some(Coding::Latin1) => Body::Coded(|bytes, _| Ok(Coding::Latin1.value(bytes))),
        Some(Coding::Marked) => Body::Coded(|bytes, _| Ok(Coding::Marked.value(bytes))),
        Some(Coding::Utf16Be) => Body::Coded(|bytes, _| Ok(Coding::Utf16Be.value(bytes))),
        Some(Coding::Utf8) => Body::Coded(|bytes, _| Ok(Coding::Utf8.value(bytes))),
    };
    Ok(Some(Packet { carrier, key, place: place(shape), span, body }))
}

/// The sort and key of a frame whose value is preceded by this; `None` for private data of others.
fn sort(frame: &Frame, shape: Shape, key: &str) -> Option<(Carrier, String)> {
    match shape {
        Shape::Text => Some((Carrier::Field, frame.name().to_owned())),
        Shape::Described => Some((Carrier::Field, key.to_owned())),
        Shape::Comment if key.is_empty() => Some((Carrier::Field, frame.name().to_owned())),
        Shape::Comment => Some((Carrier::Field, format!("{}:{key}", frame.name()))),
        Shape::Owned => (key == XMP_OWNER).then_some((Carrier::Xmp, String::new())),
        Shape::Object => {
            let known = MANIFEST_TYPES.iter().any(|known| key.eq_ignore_ascii_case(known));
            known.then_some((Carrier::Manifest, String::new()))
        }
    }
}

fn place(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "ID3 text frame",
        Shape::Described => "ID3 TXXX frame",
        Shape::Comment => "ID3 COMM frame",
        Shape::Owned => "ID3 PRIV frame",
        Shape::Object => "ID3 GEOB frame",
    }
}

/// The content of a frame and what it starts with.
///
/// # Errors
/// If it is over a limit or cannot be read.
pub(super) fn content(
    source: &dyn Source,
    frame: &Frame,
    shape: Shape,
    limits: &Limits,
) -> Result<(Vec<u8>, Head), FormatError> {
    let fail = |problem| FormatError::new(frame.span.start, problem);
    if frame.encrypted {
        return Err(FormatError::unsupported(frame.span.start, "encrypted ID3 frames"));
    }
    let stored = limits.take(source, frame.content)?;
    let content = restore(&stored, frame.unsynchronised, frame.compressed, limits.inflated).map_err(fail)?;
    let head = shape.head(&content).map_err(fail)?;
    Ok((content, head))
}
