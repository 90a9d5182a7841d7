//! How texts in boxes are coded.

use encoding_rs::{MACINTOSH, UTF_16BE, UTF_16LE};
use indicia_core::{Limits, Problem};

/// Language codes of QuickTime below this one also name a Macintosh encoding; those above are ISO 639-2 letters, and
/// the text is Unicode (QuickTime File Format, "Language code values").
pub(super) const ISO_LANGUAGE: u16 = 0x400;

/// The letters `und`, for a language that is not told, packed in 16 bits.
pub(super) const UNDETERMINED: u16 = 0x55C4;

/// Text without a header: UTF-8, UTF-16 with a byte-order mark, or what old Macintosh programs wrote.
pub(super) fn plain(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    Ok(text(bytes))
}

/// A text of QuickTime: length, language, characters.
pub(super) fn international(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    Ok(text(bytes.get(4..).unwrap_or_default()))
}

/// UTF-16, high byte first.
pub(super) fn utf16(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    Ok(UTF_16BE.decode(bytes).0.trim_end_matches('\0').as_bytes().to_vec())
}

/// The name of a handler: ended by a zero, or, in QuickTime, counted by its first byte.
pub(super) fn handler_name(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    Ok(match bytes {
        [len, name @ ..] if usize::from(*len) <= name.len() && *len > 0 && counts(*len, name) => {
            text(name.get(..usize::from(*len)).unwrap_or_default())
        }
        _ => text(bytes),
    })
}

/// Whether the length at the head of a name is one: nothing but zeros follows what it counts.
fn counts(len: u8, name: &[u8]) -> bool {
    name.get(usize::from(len)..).unwrap_or_default().iter().all(|byte| *byte == 0)
        && (len < b' ' || usize::from(len) == name.len())
}

/// A text counted by its first byte, in a field of fixed width.
pub(super) fn counted(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let [len, rest @ ..] = bytes else {
        return Ok(Vec::new());
    };
    Ok(text(rest.get(..usize::from(*len)).unwrap_or(rest)))
}

/// UTF-8 of a text in one of the encodings that are in use, without zeros at its end.
fn text(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => return UTF_16BE.decode(rest).0.trim_end_matches('\0').as_bytes().to_vec(),
        [0xFF, 0xFE, rest @ ..] => return UTF_16LE.decode(rest).0.trim_end_matches('\0').as_bytes().to_vec(),
        _ => {}
    }
    let bytes =
        bytes.iter().rposition(|byte| *byte != 0).map_or(&[][..], |last| bytes.get(..=last).unwrap_or(bytes));
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        Err(_) => MACINTOSH.decode(bytes).0.into_owned().into_bytes(),
    }
}

/// A box type as a key: its bytes as Latin-1, so that 0xA9 reads `©`.
pub(super) fn key(kind: [u8; 4]) -> String {
    kind.into_iter().map(char::from).collect()
}
