//! How the values of TIFF tags are read as texts, and written again.

use crate::exif;
use indicia_core::{Limits, Problem};

/// Tag of the Exif comment, which starts with a character code.
pub(crate) const USER_COMMENT: u16 = 0x9286;

/// Whether a tag holds UTF-16, low byte first, as Windows writes it.
pub(crate) fn is_wide(tag: u16) -> bool {
    matches!(tag, 0x9C9B..=0x9C9F)
}

/// The name of a tag that holds text; its number where it is not among those that Exif names.
pub(crate) fn name(tag: u16) -> String {
    exif::text_name(tag).map_or_else(|| format!("0x{tag:04X}"), str::to_owned)
}

/// Reads a text: UTF-8, else Latin-1, without closing NULs.
pub(crate) fn text(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = bytes.get(..end).unwrap_or_default();
    Ok(match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
    })
}

/// Reads a text of UTF-16, low byte first, without closing NULs.
pub(crate) fn wide(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let units: Vec<_> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Ok(String::from_utf16_lossy(&units).trim_end_matches('\0').as_bytes().to_vec())
}

/// Number of bytes before the comment in a block made by [`comment`].
const BEFORE: usize = 44;

/// A comment as an Exif block that holds nothing else, so that it is read as in every other format.
pub(crate) fn comment<const BIG_ENDIAN: bool>(bytes: &[u8], _: &Limits) -> Result<Vec<u8>, Problem> {
    let short = |value: u16| if BIG_ENDIAN { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if BIG_ENDIAN { value.to_be_bytes() } else { value.to_le_bytes() };
    let len = u32::try_from(bytes.len()).map_err(|_| Problem::Malformed("length of a comment"))?;
    let mut block = if BIG_ENDIAN { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    block.extend(long(8));
    // The main directory at 8 with one entry, the Exif directory at 26 with one entry, then the comment.
    for (tag, kind, count, value) in [(0x8769, 4, 1, 26), (USER_COMMENT, 7, len, 44)] {
        block.extend([short(1), short(tag), short(kind)].concat());
        block.extend([long(count), long(value), long(0)].concat());
    }
    if bytes.len() <= 4 {
        // So short a value stands in its entry.
        let inline: Vec<u8> = bytes.iter().copied().chain([0; 4]).take(4).collect();
        block.splice(36..40, inline);
        return Ok(block);
    }
    block.extend_from_slice(bytes);
    Ok(block)
}

/// The value of a tag for a new body of its packet.
pub(crate) fn coded(tag: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    match (tag, kind) {
        (USER_COMMENT, _) => body.get(BEFORE..).unwrap_or_default().to_vec(),
        _ if is_wide(tag) => {
            let words = String::from_utf8_lossy(body);
            words.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
        }
        // A text ends in a NUL, and its length counts it.
        (_, 2) => [body, b"\0"].concat(),
        _ => body.to_vec(),
    }
}
