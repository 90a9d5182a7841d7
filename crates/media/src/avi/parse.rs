//! AVI files cut into the chunks of their RIFF lists, without a look into the media.

use crate::riff::{self, Chunk, HEADER};
use crate::wave_info;
use crate::{Body, Carrier, Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Bytes of the header of a RIFF list: type, size, type of list.
pub(super) const LIST: u64 = 12;
/// Where chunks stand that are packets of their own.
pub(super) const CHUNK: &str = "RIFF chunk";
/// Where the texts of streams stand.
const STREAM: &str = "hdrl LIST chunk";

/// Cuts the file up.
///
/// # Errors
/// If it does not start with a RIFF header.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let mut window = Window::new(source);
    riff::header(&mut window, 0)?;
    window.bytes(HEADER, 4)?;
    let mut layout = Layout::default();
    match lists(&mut window, limits, &mut layout) {
        Ok(()) => Ok(layout),
        Err(err) => Ok(layout.damaged(size, err)),
    }
}

/// The RIFF lists of the file, one after another. What follows them is not looked at.
fn lists(window: &mut Window<'_>, limits: &Limits, layout: &mut Layout) -> Result<(), FormatError> {
    let size = window.size();
    let mut at = 0;
    while at < size {
        let kind: Option<[u8; 4]> = if size - at < LIST { None } else { Some(window.array(at + HEADER)?) };
        let kind = kind.filter(|kind| matches!(kind, b"AVI " | b"AVIX"));
        let is_list = kind.is_some() && window.array::<4>(at)? == *b"RIFF";
        if !is_list {
            let span = Span { start: at, end: size };
            return push(limits, layout, Segment { name: *b"????", span, role: Role::Unknown });
        }
        let (_, written) = riff::header(window, at)?;
        // A stream's writer cannot go back to set the size.
        let stated = if matches!(written, 0 | u32::MAX) { size } else { at + HEADER + u64::from(written) };
        let span = Span { start: at, end: at + LIST };
        push(limits, layout, Segment { name: *b"RIFF", span, role: Role::Structure })?;
        at = chunks(window, at + LIST, stated.min(size), limits, layout)?;
        if stated > size {
            return Err(FormatError::new(size, Problem::Truncated));
        }
        if stated % 2 == 1 && at < size && at == stated {
            // Padding that the size does not count.
            if let Some(last) = layout.segments.last_mut() {
                last.span.end += 1;
                at += 1;
            }
        }
    }
    Ok(())
}

/// The chunks of one RIFF list that ends at `end`; says where they end.
fn chunks(
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    limits: &Limits,
    layout: &mut Layout,
) -> Result<u64, FormatError> {
    let mut at = start;
    while at < end {
        if is_open_media(window, at)? {
            let span = Span { start: at, end: at + LIST };
            push(limits, layout, Segment { name: *b"movi", span, role: Role::Essence })?;
            at = span.end;
            continue;
        }
        let mut chunk = Chunk::read(window, at, None)?.unpadded(window)?;
        if chunk.body.end > end {
            return Err(FormatError::malformed(at, "a chunk past the end of its RIFF list"));
        }
        chunk.span.end = chunk.span.end.min(end.max(chunk.body.end));
        let role = read(window, chunk, limits, &mut layout.packets)?;
        match layout.segments.last_mut() {
            // Media without a list of their own, as after a list whose size was never set.
            Some(last) if role == Role::Essence && last.role == role && is_media(last.name) => {
                last.span.end = chunk.span.end;
            }
            _ => push(limits, layout, Segment { name: list_name(window, chunk)?, span: chunk.span, role })?,
        }
        at = chunk.span.end;
    }
    Ok(at)
}

/// Whether a list of media starts at `at` whose size a stream's writer could not go back to set.
fn is_open_media(window: &mut Window<'_>, at: u64) -> Result<bool, FormatError> {
    Ok(window.up_to(at, 12)? == b"LIST\xFF\xFF\xFF\xFFmovi")
}

fn push(limits: &Limits, layout: &mut Layout, segment: Segment) -> Result<(), FormatError> {
    if layout.segments.len() >= limits.segments {
        let problem = Problem::OverLimit { what: "chunks", limit: limits.segments as u64 };
        return Err(FormatError::new(segment.span.start, problem));
    }
    layout.segments.push(segment);
    Ok(())
}

/// The type of a chunk, or of list if it is one.
fn list_name(window: &mut Window<'_>, chunk: Chunk) -> Result<[u8; 4], FormatError> {
    if chunk.id == *b"LIST" && chunk.body.len() >= 4 { window.array(chunk.body.start) } else { Ok(chunk.id) }
}

/// Whether a chunk of this type is a piece of sound or pictures: two digits of its stream, two letters.
fn is_media(id: [u8; 4]) -> bool {
    let [a, b, kind @ ..] = id.map(|byte| byte.to_ascii_lowercase());
    a.is_ascii_hexdigit()
        && b.is_ascii_hexdigit()
        && matches!(&kind, b"dc" | b"db" | b"wb" | b"tx" | b"pc" | b"iv" | b"sb")
}

/// Whether a chunk of this type has a meaning of its own, and is never a text with a key.
pub(super) fn is_known(id: [u8; 4]) -> bool {
    is_media(id)
        || id.starts_with(b"ix")
        || matches!(
            &id,
            b"C2PA" | b"JUNK" | b"LIST" | b"PAD " | b"RIFF" | b"_PMX" | b"idx1" | b"indx" | b"junk"
        )
}

/// Says what a chunk is for, and notes the metadata in it.
fn read(
    window: &mut Window<'_>,
    chunk: Chunk,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<Role, FormatError> {
    let name = list_name(window, chunk)?;
    let (carrier, key) = match (&chunk.id, &name) {
        (b"LIST", b"movi") => return Ok(Role::Essence),
        (b"LIST", b"INFO") => {
            wave_info::packets(window, chunk.body, limits, packets)?;
            return Ok(Role::Metadata);
        }
        (b"LIST", kind) => {
            let place = if kind == b"hdrl" { STREAM } else { "LIST chunk" };
            list(window, chunk.body, place, limits, packets)?;
            return Ok(Role::Metadata);
        }
        (b"_PMX", _) => (Carrier::Xmp, String::new()),
        (b"C2PA", _) => (Carrier::Manifest, String::new()),
        (id, _) if is_media(*id) => return Ok(Role::Essence),
        (id, _) if is_known(*id) => return Ok(Role::Structure),
        (id, _) => (Carrier::Field, riff::key(*id)),
    };
    count(limits, packets, chunk.span.start)?;
    packets.push(Packet { carrier, key, place: CHUNK, span: chunk.body, body: Body::Verbatim });
    Ok(Role::Metadata)
}

/// The texts in a list, and in the lists in it. A list that cannot be read is a broken packet.
fn list(
    window: &mut Window<'_>,
    body: Span,
    place: &'static str,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    let mut open = vec![body];
    while let Some(list) = open.pop() {
        let mut at = list.start.saturating_add(4);
        while at < list.end {
            let chunk = Chunk::read(window, at, None).and_then(|chunk| match chunk.body.end > list.end {
                true => Err(FormatError::malformed(at, "a chunk past the end of its list")),
                false => Ok(chunk),
            });
            let (key, span, body) = match chunk {
                Err(FormatError { problem: Problem::Io(kind), at }) => {
                    return Err(FormatError::new(at, Problem::Io(kind)));
                }
                Err(err) => {
                    let span = Span { start: at, end: list.end };
                    at = list.end;
                    (String::new(), span, Body::Broken(err))
                }
                Ok(chunk) => {
                    at = chunk.span.end;
                    if chunk.id == *b"LIST" {
                        if open.len() >= limits.depth {
                            let limit = limits.depth as u64;
                            let problem = Problem::OverLimit { what: "lists in a list", limit };
                            return Err(FormatError::new(at, problem));
                        }
                        open.push(chunk.body);
                        continue;
                    }
                    let is_header =
                        matches!(&chunk.id, b"avih" | b"dmlh" | b"strd" | b"strf" | b"strh" | b"vprp");
                    if is_header || is_known(chunk.id) {
                        continue;
                    }
                    (riff::key(chunk.id), chunk.body, Body::Verbatim)
                }
            };
            count(limits, packets, span.start)?;
            packets.push(Packet { carrier: Carrier::Field, key, place, span, body });
        }
    }
    Ok(())
}

fn count(limits: &Limits, packets: &[Packet], at: u64) -> Result<(), FormatError> {
    if packets.len() < limits.segments {
        return Ok(());
    }
    let problem = Problem::OverLimit { what: "pieces of metadata", limit: limits.segments as u64 };
    Err(FormatError::new(at, problem))
}
