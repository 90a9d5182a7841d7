//! The chunks of an AIFF file and the texts in them.

use crate::riff::{self, Chunk, HEADER};
use crate::{Body, Carrier, Layout, Packet, Role, Segment, wave_id3};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Bytes before the first chunk: `FORM`, size, form.
pub(super) const FILE_HEADER: u64 = 12;
/// Where texts stand that are a chunk of their own.
pub(super) const TEXT: &str = "AIFF text chunk";
/// Where chunks stand that AIFF does not define.
pub(super) const OTHER: &str = "AIFF chunk";
/// Where application data stands.
pub(super) const APPLICATION: &str = "AIFF APPL chunk";
/// Where remarks with a time stand.
pub(super) const REMARK: &str = "AIFF COMT chunk";

/// Chunk types with a meaning of their own, which never hold a text with a key.
#[rustfmt::skip]
const KNOWN: [&[u8; 4]; 19] = [
    b"AESD", b"CHAN", b"COMM", b"FLLR", b"FVER", b"INST", b"LGWV", b"MARK", b"MIDI", b"PEAK", b"SAXL", b"SSND",
    b"ResU", b"TRNS", b"afsp", b"basc", b"cate", b"minf", b"elm1",
];

/// The chunk at `at`. The size is written with its high byte first.
pub(super) fn chunk(window: &mut Window<'_>, at: u64) -> Result<Chunk, FormatError> {
    let (_, size) = riff::header(window, at)?;
    let chunk = Chunk::read(window, at, Some(size.swap_bytes().into()))?;
    // Some programs forget to pad odd bodies: then a chunk starts right after the body, and none where it should.
    let starts = |window: &mut Window<'_>, at: u64| match riff::header(window, at) {
        Ok((_, size)) => {
            let end = size.swap_bytes();
            Ok(at + HEADER + u64::from(end) <= window.size())
        }
        Err(err @ FormatError { problem: Problem::Io(_), .. }) => Err(err),
        Err(_) => Ok(false),
    };
    let padded = chunk.span.end > chunk.body.end && chunk.span.end < window.size();
    if padded && !starts(window, chunk.span.end)? && starts(window, chunk.body.end)? {
        return Ok(Chunk { span: Span { end: chunk.body.end, ..chunk.span }, ..chunk });
    }
    Ok(chunk)
}

/// The header of a chunk whose body has `size` bytes.
///
/// # Errors
/// [`Problem::OverLimit`] if that is too long for a 32-bit size.
pub(super) fn head(id: [u8; 4], size: u64) -> Result<Vec<u8>, FormatError> {
    let limit = u64::from(u32::MAX);
    let over = FormatError::new(0, Problem::OverLimit { what: "bytes in an AIFF chunk", limit });
    Ok([id, u32::try_from(size).map_err(|_| over)?.to_be_bytes()].concat())
}

/// Cuts a file up.
///
/// # Errors
/// If the source cannot be read, or is no AIFF file.
pub(crate) fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let mut window = Window::new(source);
    let [_, _, _, _, a, b, c, d, _, _, _, _] = window.array::<12>(0)?;
    let end = HEADER + u64::from(u32::from_be_bytes([a, b, c, d]));
    let mut layout = Layout::default();
    let header = Span { start: 0, end: FILE_HEADER };
    layout.segments.push(Segment { name: *b"FORM", span: header, role: Role::Structure });
    let mut at = FILE_HEADER;
    while at < size {
        if layout.segments.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "chunks", limit: limits.segments as u64 };
            return Ok(layout.damaged(size, FormatError::new(at, problem)));
        }
        let chunk = match chunk(&mut window, at) {
            Ok(chunk) => chunk,
            Err(err) if !matches!(err.problem, Problem::Io(_)) && at >= end => {
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
    if end > size && !(end == size + 1 && size % 2 == 1) {
        return Ok(layout.damaged(size, FormatError::new(size, Problem::Truncated)));
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
    let mut span = chunk.body;
    let mut body = Body::Verbatim;
    let (carrier, key, place) = match &chunk.id {
        b"SSND" => return Ok(Role::Essence),
        b"COMT" => {
            remarks(window, chunk.body, limits, packets)?;
            return Ok(Role::Metadata);
        }
        id if wave_id3::holds_tag(*id) => {
            packets.extend(wave_id3::packets(source, window, chunk.body, limits)?);
            return Ok(Role::Metadata);
        }
        b"C2PA" => (Carrier::Manifest, String::new(), OTHER),
        b"APPL" if span.len() >= 4 => {
            let signature = window.array::<4>(span.start)?;
            span.start += 4;
            match &signature {
                // XMP Specification Part 3, 1.1.1.
                b"XMP " => (Carrier::Xmp, String::new(), APPLICATION),
                _ => (Carrier::Blob, String::from_utf8_lossy(&signature).trim().to_owned(), APPLICATION),
            }
        }
        b"NAME" | b"AUTH" | b"(c) " | b"ANNO" => {
            body = Body::Coded(|bytes, _| Ok(text(bytes)));
            (Carrier::Field, riff::key(chunk.id), TEXT)
        }
        id if KNOWN.contains(&id) => return Ok(Role::Structure),
        id => (Carrier::Field, riff::key(*id), OTHER),
    };
    packets.push(Packet { carrier, key, place, span, body });
    Ok(Role::Metadata)
}

/// A text without the zeros that end it.
fn text(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..len).unwrap_or_default().to_vec()
}

/// The remarks of a `COMT` chunk, each with a time and a marker before it.
fn remarks(
    window: &mut Window<'_>,
    body: Span,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    let broken = |at| FormatError::malformed(at, "a remark in an AIFF file");
    if body.len() < 2 {
        return Err(broken(body.start));
    }
    let count = u16::from_be_bytes(window.array(body.start)?);
    let mut at = body.start + 2;
    for _ in 0..usize::from(count).min(limits.segments) {
        if body.end.saturating_sub(at) < 8 {
            return Err(broken(at));
        }
        let len = u64::from(u16::from_be_bytes(window.array(at + 6)?));
        let span = Span { start: at + 8, end: at + 8 + len };
        if span.end > body.end {
            return Err(broken(at));
        }
        let (carrier, key, body) = (Carrier::Comment, String::new(), Body::Verbatim);
        packets.push(Packet { carrier, key, place: REMARK, span, body });
        at = span.end + len % 2;
    }
    Ok(())
}
