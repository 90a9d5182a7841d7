//! The `TXXX` frames of an ID3v2 tag inside a RIFF chunk (ID3v2.3 section 4.2.2, ID3v2.4 section 4.2.6).

use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where these packets stand.
pub(crate) const PLACE: &str = "ID3v2 TXXX frame";

/// Bytes before a frame's body, and before a tag's first frame.
const HEADER: u64 = 10;

/// The user-defined texts of the tag in a chunk. What cannot be read is a broken packet, not absent.
///
/// # Errors
/// [`Problem::Io`] if the system cannot read.
pub(crate) fn packets(
    source: &dyn Source,
    chunk: Span,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    match walk(source, chunk, limits, packets) {
        Err(err) if matches!(err.problem, Problem::Io(_)) => Err(err),
        Err(err) => {
            packets.push(packet(String::new(), chunk, Body::Broken(err)));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn packet(key: String, span: Span, body: Body) -> Packet {
    Packet { carrier: Carrier::Field, key, place: PLACE, span, body }
}

fn walk(
    source: &dyn Source,
    chunk: Span,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    let mut window = Window::new(source);
    let [i, d, three, version, _, flags, size @ ..]: [u8; 10] = window.array(chunk.start)?;
    if [i, d, three] != *b"ID3" {
        return Err(FormatError::malformed(chunk.start, "ID3 chunk without a tag"));
    }
    if !matches!(version, 3 | 4) {
        return Err(FormatError::unsupported(chunk.start, "ID3 tag of a version other than 2.3 and 2.4"));
    }
    let start = chunk.start + HEADER;
    let end = start + u64::from(synchsafe(size));
    if end > chunk.end {
        return Err(FormatError::new(chunk.start, Problem::Truncated));
    }
    let extended = flags & 0x40 != 0;
    if version == 3 && flags & 0x80 != 0 {
        // Its sizes count the bytes before zeros were put in, so it is read as it was then.
        let plain = resynchronized(&limits.take(source, Span { start, end })?);
        let mut found = Vec::new();
        let whole = Span { start: 0, end: plain.len() as u64 };
        frames(&plain, whole, version, extended, limits, &mut found)?;
        packets.extend(found.into_iter().map(|one| Packet { span: Span { start, end }, ..one }));
        return Ok(());
    }
    frames(source, Span { start, end }, version, extended, limits, packets)
}

fn frames(
    source: &dyn Source,
    tag: Span,
    version: u8,
    extended: bool,
    limits: &Limits,
    packets: &mut Vec<Packet>,
) -> Result<(), FormatError> {
    let mut window = Window::new(source);
    let number = |bytes: [u8; 4]| if version == 4 { synchsafe(bytes) } else { u32::from_be_bytes(bytes) };
    let mut at = tag.start;
    if extended {
        let size = u64::from(number(window.array(at)?));
        at += if version == 4 { size.max(6) } else { size + 4 };
    }
    while at + HEADER <= tag.end {
        let [a, b, c, d, s, i, z, e, _, flags]: [u8; 10] = window.array(at)?;
        if a == 0 {
            return Ok(());
        }
        let body = at + HEADER;
        let end = body + u64::from(number([s, i, z, e]));
        if end > tag.end {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        if [a, b, c, d] == *b"TXXX" {
            if packets.len() >= limits.segments {
                let problem =
                    Problem::OverLimit { what: "pieces of metadata", limit: limits.segments as u64 };
                return Err(FormatError::new(at, problem));
            }
            let span = Span { start: body, end };
            packets.push(match text(source, span, version, flags, limits) {
                Ok((key, value)) => packet(key, span, Body::Decoded(value.into_bytes())),
                Err(err) => packet(String::new(), span, Body::Broken(err)),
            });
        }
        at = end;
    }
    Ok(())
}

/// The description and the value of one frame.
fn text(
    source: &dyn Source,
    span: Span,
    version: u8,
    flags: u8,
    limits: &Limits,
) -> Result<(String, String), FormatError> {
    let (coded, grouped) = if version == 4 { (0x0C, 0x40) } else { (0xC0, 0x20) };
    if flags & coded != 0 {
        return Err(FormatError::unsupported(span.start, "compressed or encrypted ID3 frame"));
    }
    let mut bytes = limits.take(source, span)?;
    let prefix = usize::from(flags & grouped != 0) + if version == 4 && flags & 1 != 0 { 4 } else { 0 };
    bytes.drain(..prefix.min(bytes.len()));
    if version == 4 && flags & 2 != 0 {
        bytes = resynchronized(&bytes);
    }
    let broken = || FormatError::malformed(span.start, "TXXX frame");
    let (encoding, rest) = bytes.split_first().ok_or_else(broken)?;
    let wide = match encoding {
        0 | 3 => false,
        1 | 2 => true,
        _ => return Err(broken()),
    };
    let unit = if wide { 2 } else { 1 };
    let split = rest.chunks_exact(unit).position(|unit| unit.iter().all(|byte| *byte == 0));
    let split = split.ok_or_else(broken)? * unit;
    let (description, value) = rest.split_at(split);
    let value = value.get(unit..).unwrap_or_default();
    let mut words = [description, value].map(|part| match encoding {
        0 => part.iter().map(|byte| char::from(*byte)).collect(),
        1 => encoding_rs::UTF_16LE.decode(part).0.into_owned(),
        2 => encoding_rs::UTF_16BE.decode(part).0.into_owned(),
        _ => encoding_rs::UTF_8.decode(part).0.into_owned(),
    });
    for part in &mut words {
        part.truncate(part.trim_end_matches('\0').len());
    }
    let [description, value] = words;
    Ok((description, value))
}

/// A number of 7 bits a byte.
fn synchsafe(bytes: [u8; 4]) -> u32 {
    bytes.iter().fold(0, |number, byte| (number << 7) | u32::from(byte & 0x7F))
}

/// Takes out the zeros that were put in after each byte of all ones (ID3v2.4 section 6.1).
fn resynchronized(bytes: &[u8]) -> Vec<u8> {
    let before = std::iter::once(&0).chain(bytes);
    bytes
        .iter()
        .zip(before)
        .filter(|(byte, before)| **byte != 0 || **before != 0xFF)
        .map(|(b, _)| *b)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::packets;
    use crate::{Body, Packet};
    use indicia_core::{Limits, Source, Span};

    fn read(tag: &[u8]) -> Vec<Packet> {
        let mut found = Vec::new();
        packets(&tag.to_vec(), Span { start: 0, end: tag.size() }, &Limits::default(), &mut found).unwrap();
        found
    }

    fn value(packet: &Packet) -> (&str, &str) {
        match &packet.body {
            Body::Decoded(bytes) => (&packet.key, std::str::from_utf8(bytes).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_are_read_in_both_versions_and_every_encoding() {
        let latin = b"ID3\x03\0\0\0\0\0\x18TIT2\0\0\0\x01\0\0\0TXXX\0\0\0\x03\0\0\0K\0";
        let latin = [&latin[..], &[]].concat();
        assert_eq!(read(&latin).len(), 1);
        assert_eq!(value(&read(&latin)[0]), ("K", ""));
        let utf16 = b"ID3\x04\0\0\0\0\0\x17TXXX\0\0\0\x0D\0\0\x01\xFF\xFEK\0\0\0\xFF\xFE\xE9\0x\0";
        assert_eq!(value(&read(utf16)[0]), ("K", "\u{e9}x"));
        let utf8 = b"ID3\x04\0\0\0\0\0\x10TXXX\0\0\0\x06\0\0\x03K\0\xC3\xA9\0";
        assert_eq!(value(&read(utf8)[0]), ("K", "\u{e9}"));
    }

    #[test]
    fn an_unsynchronized_tag_is_read_as_it_was_before() {
        let tag = b"ID3\x03\0\x80\0\0\0\x11TXXX\0\0\0\x06\0\0\0K\0\xFF\0bc";
        assert_eq!(value(&read(tag)[0]), ("K", "\u{ff}bc"));
    }

    #[test]
    fn what_cannot_be_read_is_broken_and_not_absent() {
        for tag in [
            &b"ID3\x02\0\0\0\0\0\0"[..],
            b"ID3\x04\0\0\0\0\0\x7F",
            b"TAG\x04\0\0\0\0\0\0",
            b"ID3\x04",
            b"ID3\x04\0\0\0\0\0\x10TXXX\0\0\0\x06\0\x04\x03K\0abc",
            b"ID3\x04\0\0\0\0\0\x10TXXX\0\0\0\x07\0\0\x03K\0abc",
        ] {
            let found = read(tag);
            assert_eq!(found.len(), 1, "{tag:?}");
            assert!(matches!(found[0].body, Body::Broken(_)), "{tag:?}");
        }
    }
}
