//! Where the first coded picture of an AVI file stands, and what its encoder wrote beside it.

use super::parse::LIST;
use crate::riff::HEADER;
use crate::sei::{self, Coded, Coding, Units};
use crate::{Layout, Messages};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// Most chunks that are passed over on the way to the first picture, and most lists that are looked into for it.
const PASSED: usize = 4_096;
/// Where the code of a coding stands in the format of a stream of pictures (`BITMAPINFOHEADER`), and where that ends.
const CODE: u64 = 16;
const FORMAT: u64 = 40;

/// What stands beside the first picture of the first stream of pictures.
///
/// # Errors
/// If the first picture cannot be found, or its coding is not known here.
pub(crate) fn messages(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
) -> Result<Messages, FormatError> {
    let named = |name: &[u8; 4]| layout.segments.iter().find(|segment| segment.name == *name);
    let header =
        named(b"hdrl").ok_or(FormatError::unsupported(0, "a file that does not say what its streams are"))?;
    let Some((number, coding, units)) = stream(source, header.span)? else {
        return Ok(Messages::NoPlace);
    };
    let media = named(b"movi").ok_or(FormatError::unsupported(0, "a file without media"))?;
    // A list whose size was never set reaches as far as the file.
    let end = if media.span.len() > LIST { media.span.end } else { source.size() };
    let span = first(source, Span { end, ..media.span }, number)?;
    sei::messages(source, Coded { coding, units, span }, limits).map(Messages::First)
}

/// Number, coding and units of the first stream of pictures; `None` if there is none, or its coding has no place for messages.
fn stream(source: &dyn Source, list: Span) -> Result<Option<(u8, Coding, Units)>, FormatError> {
    let mut next = 0_u8;
    for one in chunks(source, Span { start: list.start + LIST, ..list })? {
        if &one.id != b"LIST" || fetch::<4>(source, one.body.start)? != *b"strl" {
            continue;
        }
        let number = next;
        next = next.saturating_add(1);
        let parts = chunks(source, Span { start: one.body.start + 4, ..one.body })?;
        let part = |id: &[u8; 4]| parts.iter().find(|part| part.id == *id).map(|part| part.body);
        let (Some(header), Some(format)) = (part(b"strh"), part(b"strf")) else { continue };
        if fetch::<4>(source, header.start)? != *b"vids" {
            continue;
        }
        let code: [u8; 4] = fetch(source, format.start + CODE)?;
        let coding = match &code.map(|letter| letter.to_ascii_uppercase()) {
            b"H264" | b"X264" | b"AVC1" | b"DAVC" | b"VSSH" => Coding::Avc,
            b"HEVC" | b"H265" | b"X265" | b"HVC1" | b"HEV1" => Coding::Hevc,
            b"\0\0\0\0" | b"DIB " | b"MJPG" => return Ok(None),
            _ => return Err(FormatError::unsupported(format.start, "this coding of pictures")),
        };
        // A configuration behind the format tells that units have their lengths; it starts with its version, a one.
        let (start, at) = (format.start + FORMAT, if coding == Coding::Avc { 4 } else { 21 });
        let lengths = start + at < format.end && fetch(source, start)? == [1];
        let units = if lengths {
            let [bits] = fetch(source, start + at)?;
            Units::Lengths(usize::from(bits & 3) + 1)
        } else {
            Units::StartCodes
        };
        return Ok(Some((number, coding, units)));
    }
    Ok(None)
}

/// The first chunk of pictures of a stream.
fn first(source: &dyn Source, media: Span, number: u8) -> Result<Span, FormatError> {
    let digits = format!("{number:02x}");
    let mut at = media.start + LIST;
    for _ in 0..PASSED {
        if at >= media.end {
            break;
        }
        let chunk = Chunk::read(source, at)?;
        if &chunk.id == b"LIST" && fetch::<4>(source, chunk.body.start)? == *b"rec " {
            at = chunk.body.start + 4;
            continue;
        }
        let id = chunk.id.map(|letter| letter.to_ascii_lowercase());
        if id.starts_with(digits.as_bytes())
            && matches!(&id, [_, _, b'd', b'b' | b'c'])
            && !chunk.body.is_empty()
        {
            return Ok(chunk.body);
        }
        at = chunk.end();
    }
    Err(FormatError::unsupported(at, "a file whose first picture was not found"))
}

/// A chunk, by its header alone: a few bytes are read, and no block around them.
struct Chunk {
    id: [u8; 4],
    body: Span,
}

impl Chunk {
    fn read(source: &dyn Source, at: u64) -> Result<Self, FormatError> {
        let [a, b, c, d, size @ ..]: [u8; 8] = fetch(source, at)?;
        let body = Span { start: at + HEADER, end: at + HEADER + u64::from(u32::from_le_bytes(size)) };
        if body.end > source.size() {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        Ok(Self { id: [a, b, c, d], body })
    }

    /// Where the next one starts, on an even place.
    fn end(&self) -> u64 {
        self.body.end + self.body.len() % 2
    }
}

/// The chunks of a list, as many as may be passed over.
fn chunks(source: &dyn Source, list: Span) -> Result<Vec<Chunk>, FormatError> {
    let (mut at, mut found) = (list.start, Vec::new());
    while at + HEADER <= list.end && found.len() < PASSED {
        let chunk = Chunk::read(source, at)?;
        at = chunk.end();
        found.push(chunk);
    }
    Ok(found)
}

fn fetch<const N: usize>(source: &dyn Source, at: u64) -> Result<[u8; N], FormatError> {
    let mut bytes = [0; N];
    if source.size().saturating_sub(at) < N as u64 {
        return Err(FormatError::new(at, Problem::Truncated));
    }
    source.read_at(at, &mut bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
    Ok(bytes)
}
