//! How a packet's characters are coded: UTF-8 by rule, UTF-16 in some old files.

use std::ops::Range;

use super::Damage;
use indicia_core::Problem;

/// The coding of a packet, told by its byte-order mark or its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Utf8,
    Utf16 { big_endian: bool },
}

/// A packet's text, with the way back to its bytes.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Without the byte-order mark. Offsets fit the packet's even where bytes could not be decoded.
    pub(super) text: String,
    /// Where the packet could not be decoded.
    pub(super) damage: Option<Damage>,
    coding: Coding,
    /// Length of the byte-order mark.
    mark: usize,
}

/// Decodes a packet.
pub(super) fn decode(packet: &[u8]) -> Decoded {
    let (coding, mark) = match packet {
        [0xEF, 0xBB, 0xBF, ..] => (Coding::Utf8, 3),
        [0xFE, 0xFF, ..] => (Coding::Utf16 { big_endian: true }, 2),
        [0xFF, 0xFE, ..] => (Coding::Utf16 { big_endian: false }, 2),
        [0, b'<', ..] => (Coding::Utf16 { big_endian: true }, 0),
        [b'<', 0, ..] => (Coding::Utf16 { big_endian: false }, 0),
        _ => (Coding::Utf8, 0),
    };
    let bytes = packet.get(mark..).unwrap_or_default();
    let (text, bad) = match coding {
        Coding::Utf8 => utf8(bytes),
        Coding::Utf16 { big_endian } => utf16(bytes, big_endian),
    };
    let damage = bad.map(|at| Damage { at: at + mark, problem: Problem::Malformed("text coding of XMP") });
    Decoded { text, damage, coding, mark }
}

/// The text, and the offset of the first byte that is none. Such bytes become one `?` each.
fn utf8(bytes: &[u8]) -> (String, Option<usize>) {
    let mut text = String::new();
    let mut bad = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            bad = bad.or(Some(text.len()));
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
    }
    (text, bad)
}

fn utf16(bytes: &[u8], big_endian: bool) -> (String, Option<usize>) {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs
        .iter()
        .map(|pair| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    let (mut text, mut bad, mut at) = (String::new(), None, 0);
    for unit in char::decode_utf16(units) {
        let unit = unit.unwrap_or_else(|_| {
            bad = bad.or(Some(at));
            char::REPLACEMENT_CHARACTER
        });
        at += 2 * unit.len_utf16();
        text.push(unit);
    }
    // A single zero byte at the end is padding.
    if odd.iter().any(|byte| *byte != 0) {
        bad = bad.or(Some(at));
    }
    (text, bad)
}

impl Decoded {
    /// The bytes in the packet of a range of the text.
    pub(super) fn site(&self, range: Range<usize>) -> Range<usize> {
        let before = self.text.get(..range.start).unwrap_or(&self.text);
        let within = self.text.get(range).unwrap_or_default();
        let start = self.mark + self.len(before);
        start..start + self.len(within)
    }

    /// Number of bytes that a text takes in the packet.
    pub(super) fn len(&self, text: &str) -> usize {
        match self.coding {
            Coding::Utf8 => text.len(),
            Coding::Utf16 { .. } => 2 * text.encode_utf16().count(),
        }
    }

    /// Codes a text as the packet was, with the byte-order mark that it had.
    pub(super) fn encode(&self, text: &str, packet: &[u8]) -> Vec<u8> {
        let mut bytes = packet.get(..self.mark).unwrap_or_default().to_vec();
        match self.coding {
            Coding::Utf8 => bytes.extend_from_slice(text.as_bytes()),
            Coding::Utf16 { big_endian: true } => {
                bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Coding::Utf16 { big_endian: false } => {
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
        }
        bytes
    }
}
