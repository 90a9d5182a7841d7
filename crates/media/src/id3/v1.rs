//! ID3v1: the last 128 bytes of a file, starting with `TAG`, fixed fields of ISO 8859-1.

use super::text::Coding;
use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Problem, Span, Window};

/// Bytes of the tag.
pub(crate) const LEN: u64 = 128;
/// Bytes of the "enhanced" tag that may stand before it, starting with `TAG+`.
pub(crate) const PLUS_LEN: u64 = 227;

/// The fields a text can stand in: key, offset, length. A zero before the last byte of the comment makes
/// that byte the track number (ID3v1.1).
const FIELDS: [(&str, u64, u64); 4] = [("title", 3, 30), ("artist", 33, 30), ("album", 63, 30), ("", 97, 30)];

/// The packets of the tag at `at`, without empty fields.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn packets(window: &mut Window<'_>, at: u64) -> Result<Vec<Packet>, FormatError> {
    let bytes = window.array::<128>(at)?;
    let mut packets = Vec::new();
    for (key, offset, len) in FIELDS {
        let len = if key.is_empty() && bytes.get(125) == Some(&0) { 28 } else { len };
        let span = Span { start: at + offset, end: at + offset + len };
        let range = usize::try_from(offset).unwrap_or(0)..usize::try_from(offset + len).unwrap_or(0);
        if value(bytes.get(range).unwrap_or_default()).is_empty() {
            continue;
        }
        packets.push(Packet {
            carrier: if key.is_empty() { Carrier::Comment } else { Carrier::Field },
            key: key.to_owned(),
            place: "ID3v1 tag",
            span,
            body: Body::Coded(|bytes, _| Ok(value(bytes))),
        });
    }
    Ok(packets)
}

/// A field up to its first zero, less the spaces that fill it.
fn value(field: &[u8]) -> Vec<u8> {
    let text = field.split(|byte| *byte == 0).next().unwrap_or_default();
    Coding::Latin1.decode(text).trim_end().as_bytes().to_vec()
}

/// The bytes of a field with a new value, or empty.
///
/// # Errors
/// [`Problem::OverLimit`] if it is too long; [`Problem::Unsupported`] if it is not ISO 8859-1.
pub(crate) fn field(packet: &Packet, value: Option<&[u8]>) -> Result<Vec<u8>, FormatError> {
    let at = packet.span.start;
    let text = std::str::from_utf8(value.unwrap_or_default())
        .map_err(|_| FormatError::malformed(at, "a text for an ID3v1 field that is no UTF-8"))?;
    if Coding::for_texts(1, &[text]) != Coding::Latin1 {
        return Err(FormatError::unsupported(at, "this script in an ID3v1 field"));
    }
    let mut bytes = Coding::Latin1.encode(text).into_owned();
    if bytes.len() as u64 > packet.span.len() {
        let limit = packet.span.len();
        return Err(FormatError::new(at, Problem::OverLimit { what: "bytes in an ID3v1 field", limit }));
    }
    bytes.resize(usize::try_from(packet.span.len()).unwrap_or(0), 0);
    Ok(bytes)
}

/// Whether a tag ends at `end`, not before `start`; its span, with the enhanced tag if there is one.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn find(window: &mut Window<'_>, start: u64, end: u64) -> Result<Option<Span>, FormatError> {
    let Some(at) = end.checked_sub(LEN).filter(|at| *at >= start) else {
        return Ok(None);
    };
    if window.array::<3>(at)? != *b"TAG" {
        return Ok(None);
    }
    if let Some(plus) = at.checked_sub(PLUS_LEN).filter(|plus| *plus >= start)
        && window.array::<4>(plus)? == *b"TAG+"
    {
        return Ok(Some(Span { start: plus, end }));
    }
    Ok(Some(Span { start: at, end }))
}

#[cfg(test)]
mod tests {
    use super::{field, find, packets};
    use crate::Carrier;
    use indicia_core::{Limits, Window};

    fn tag() -> Vec<u8> {
        let mut tag = b"TAGA song".to_vec();
        tag.resize(97, b' ');
        tag.extend_from_slice(b"{\"Label\":\"1\"}");
        tag.resize(125, 0);
        tag.extend_from_slice(&[0, 7, 255]);
        tag
    }

    #[test]
    fn title_and_comment_are_read_without_their_filling() {
        let tag = tag();
        let found = packets(&mut Window::new(&tag), 0).unwrap();
        let read: Vec<_> = found
            .iter()
            .map(|one| (one.carrier, one.key.as_str(), one.read(&tag, &Limits::default()).unwrap()))
            .collect();
        assert_eq!(
            read,
            [
                (Carrier::Field, "title", b"A song".to_vec()),
                (Carrier::Comment, "", b"{\"Label\":\"1\"}".to_vec())
            ]
        );
        assert_eq!(found[1].span.len(), 28, "the track number is no comment");
        assert_eq!(field(&found[0], Some(b"x")).unwrap().len(), 30);
        assert!(field(&found[0], Some(&[b'x'; 31])).is_err());
        assert!(field(&found[0], Some("灯".as_bytes())).is_err());
    }

    #[test]
    fn it_is_found_only_at_the_end() {
        let mut bytes = vec![0; 300];
        bytes.extend(tag());
        let size = bytes.len() as u64;
        let found = find(&mut Window::new(&bytes), 0, size).unwrap().unwrap();
        assert_eq!(found.len(), 128);
        assert!(find(&mut Window::new(&bytes), 301, size).unwrap().is_none(), "it would overlap");
        bytes[300 - 227..300 - 223].copy_from_slice(b"TAG+");
        assert_eq!(find(&mut Window::new(&bytes), 0, size).unwrap().unwrap().len(), 355);
    }
}
