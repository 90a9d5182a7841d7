//! The blocks that cameras and editors of Samsung put behind the end of a picture: each with a name, found by a directory
//! at the end of the file (`SEFH` to `SEFT`). HEIC files have the same in a box `sefd`.
//!
//! No specification is public: the layout is as ExifTool's documentation of the Samsung trailer and files seen have it.

use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Span, Window};

/// Most blocks that are looked at; some ten are usual.
const BLOCKS: u32 = 256;
/// Longest name of a block, in bytes.
const NAME: u32 = 128;
/// Bytes in which the end of a first block is looked for, where the directory is missing.
const FIRST: u64 = 4 << 10;
/// Bytes of an entry of the directory, and of what stands in it before the first.
const ENTRY: u64 = 12;
/// Bytes of a block before its name: two unused, its sort, the length of the name.
const HEAD: u64 = 8;

/// The blocks of text within what follows the end of a picture. Others hold pictures, video and depths: they are left out.
/// What is no such trailer, or a broken one, has none.
pub(crate) fn packets(window: &mut Window<'_>, tail: Span) -> Vec<Packet> {
    let listed = directory(window, tail).ok().flatten();
    listed.or_else(|| first(window, tail).ok().flatten()).unwrap_or_default()
}

/// The block at the start of a trailer whose directory was cut off: up to the sign of the directory.
fn first(window: &mut Window<'_>, tail: Span) -> Result<Option<Vec<Packet>>, FormatError> {
    let bytes = window.up_to(tail.start, usize::try_from(tail.len().min(FIRST)).unwrap_or_default())?;
    let end = memchr::memmem::find(bytes, b"SEFH").filter(|_| bytes.starts_with(&[0, 0]));
    let Some(end) = end else { return Ok(None) };
    let span = Span { start: tail.start, end: tail.start + end as u64 };
    Ok(block(window, span)?.map(|packet| vec![packet]))
}

fn directory(window: &mut Window<'_>, tail: Span) -> Result<Option<Vec<Packet>>, FormatError> {
    let Some(end) = tail.end.checked_sub(8).filter(|end| *end >= tail.start) else { return Ok(None) };
    let [a, b, c, d, sign @ ..]: [u8; 8] = window.array(end)?;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let start = match end.checked_sub(length).filter(|start| *start >= tail.start && sign == *b"SEFT") {
        Some(start) if length >= ENTRY => start,
        _ => return Ok(None),
    };
    let head: [u8; 12] = window.array(start)?;
    let [b'S', b'E', b'F', b'H', _, _, _, _, count @ ..] = head else { return Ok(None) };
    let room = (length - ENTRY) / ENTRY;
    let count = u64::from(u32::from_le_bytes(count).min(BLOCKS)).min(room);
    let mut packets = Vec::new();
    for index in 0..count {
        let [_, _, _, _, a, b, c, d, size @ ..]: [u8; 12] = window.array(start + ENTRY * (index + 1))?;
        // Counted back from the directory.
        let back = u64::from(u32::from_le_bytes([a, b, c, d]));
        let size = u64::from(u32::from_le_bytes(size));
        let at = start.checked_sub(back).filter(|at| *at >= tail.start && at.saturating_add(size) <= start);
        if let Some(at) = at {
            packets.extend(block(window, Span { start: at, end: at + size })?);
        }
    }
    packets.sort_by_key(|packet| packet.span.start);
    Ok(Some(packets))
}

/// The packet of a block; `None` if it is broken, or holds no text.
fn block(window: &mut Window<'_>, span: Span) -> Result<Option<Packet>, FormatError> {
    if span.len() <= HEAD {
        return Ok(None);
    }
    let [_, _, _, _, length @ ..]: [u8; 8] = window.array(span.start)?;
    let length = u32::from_le_bytes(length);
    let value = Span { start: span.start + HEAD + u64::from(length), end: span.end };
    if length > NAME || value.start >= value.end {
        return Ok(None);
    }
    let name = window.bytes(span.start + HEAD, usize::try_from(length).unwrap_or_default())?;
    let key = String::from_utf8_lossy(name).into_owned();
    let first = window.up_to(value.start, 16)?;
    let first = first.get(..usize::try_from(value.len()).unwrap_or(16).min(first.len())).unwrap_or_default();
    // Pictures and video have bytes at their start that no text has.
    let is_text = first.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let packet = Packet {
        carrier: Carrier::Field,
        key,
        place: "Samsung trailer block",
        span: value,
        body: Body::Verbatim,
    };
    Ok(is_text.then_some(packet))
}

#[cfg(test)]
mod tests {
    use super::packets;
    use crate::Carrier;
    use indicia_core::{Span, Window};

    /// A picture of 5 bytes with these blocks behind it.
    fn file(blocks: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = b"image".to_vec();
        let mut starts = Vec::new();
        for (name, value) in blocks {
            starts.push(bytes.len());
            bytes.extend([0, 0, 1, 0x0A]);
            bytes.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(*value);
        }
        let directory = bytes.len();
        bytes.extend(b"SEFH\x6B\0\0\0");
        bytes.extend(u32::try_from(blocks.len()).unwrap().to_le_bytes());
        for (start, (name, value)) in starts.iter().zip(blocks) {
            bytes.extend([0, 0, 1, 0x0A]);
            bytes.extend(u32::try_from(directory - start).unwrap().to_le_bytes());
            bytes.extend(u32::try_from(8 + name.len() + value.len()).unwrap().to_le_bytes());
        }
        bytes.extend(u32::try_from(bytes.len() - directory).unwrap().to_le_bytes());
        bytes.extend(b"SEFT");
        bytes
    }

    #[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
    fn read(bytes: &Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let tail = Span { start: 5, end: bytes.len() as u64 };
        let found = packets(&mut Window::new(bytes), tail);
        assert!(found.iter().all(|packet| packet.carrier == Carrier::Field));
        let value = |span: Span| {
            bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()].to_vec()
        };
        found.into_iter().map(|packet| (packet.key, value(packet.span))).collect()
    }

    #[test]
    fn blocks_of_text_are_found_by_the_directory_and_others_left_out() {
        let json = br#"{"genAIType":8}"#;
        let bytes = file(&[
            ("PhotoEditor_Re_Edit_Data", json),
            ("MotionPhoto_Data", b"\0\0\0\x18ftypmp42\0\0\0\0"),
            ("Image_UTC_Data", b"1"),
        ]);
        let expected = [
            ("PhotoEditor_Re_Edit_Data".to_owned(), json.to_vec()),
            ("Image_UTC_Data".to_owned(), b"1".to_vec()),
        ];
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn a_trailer_that_breaks_off_shows_its_first_block_at_most() {
        let whole = file(&[("Name", b"value")]);
        let expected = [("Name".to_owned(), b"value".to_vec())];
        assert_eq!(read(&whole), expected);
        let sign = 5 + 8 + 4 + 5 + 4;
        for cut in 5..whole.len() {
            let shown = read(&whole[..cut].to_vec());
            assert_eq!(shown, if cut < sign { &expected[..0] } else { &expected }, "{cut}");
        }
        // Every length and offset, at its least and at its most.
        for at in 5..whole.len() {
            for value in [0, 0xFF] {
                let mut broken = whole.clone();
                broken[at] = value;
                assert!(read(&broken).len() <= 1);
            }
        }
    }
}
