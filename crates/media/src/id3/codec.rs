use std::io::Read;

use super::text;
use indicia_core::{Limits, Problem};

/// What stands before the value in the content of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The encoding: `T***`.
    Text,
    /// Encoding, description: `TXXX`.
    Described,
    /// Encoding, language, description: `COMM`.
    Comment,
    /// Owner: `PRIV`. The value is bytes.
    Owned,
    /// Encoding, media type, file name, description: `GEOB`. The value is bytes.
    Object,
}

/// Where the value of a frame begins and what was said before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Description, owner or media type.
    pub(super) key: String,
    /// Offset of the value in the content.
    pub(super) value: usize,
    /// How a text value is coded; `None` for bytes.
    pub(super) coding: Option<text::Coding>,
}

impl Shape {
    /// Reads what stands before the value.
    ///
    /// # Errors
    /// [`Problem::Malformed`] for an unknown encoding or a description that does not end.
    pub(super) fn head(self, content: &[u8]) -> Result<Head, Problem> {
        let open = Problem::Malformed("an ID3 frame that ends before its value");
        if self == Self::Owned {
            let len = content.iter().position(|byte| *byte == 0).ok_or(open)?;
            let owner = text::Coding::Latin1.decode(content.get(..len).unwrap_or_default());
            return Ok(Head { key: owner, value: len + 1, coding: None });
        }
        let (first, rest) = content.split_first().ok_or(open.clone())?;
        let coding = text::Coding::numbered(*first).ok_or(Problem::Malformed("an ID3 text encoding"))?;
        // The end of a text that starts at `from` in `rest`, and of the zero after it.
        let after = |coding: text::Coding, from: usize| -> Result<(usize, usize), Problem> {
            let len = rest.get(from..).and_then(|bytes| coding.end(bytes)).ok_or(open.clone())?;
            Ok((from + len, from + len + coding.unit()))
        };
        let (key, value) = match self {
            Self::Described | Self::Comment => {
                let from = if self == Self::Comment { 3 } else { 0 };
                let (end, value) = after(coding, from)?;
                (rest.get(from..end).unwrap_or_default(), value)
            }
            Self::Object => {
                let (end, name) = after(text::Coding::Latin1, 0)?;
                let (_, description) = after(coding, name)?;
                let (_, value) = after(coding, description)?;
                let kind = text::Coding::Latin1.decode(rest.get(..end).unwrap_or_default());
                return Ok(Head { key: kind, value: value + 1, coding: None });
            }
            Self::Text | Self::Owned => (&[][..], 0),
        };
        // A second text without a byte-order mark goes by that of the first: programs forget it.
        let second = coding.marked(key).unwrap_or(coding);
        Ok(Head { key: coding.decode(key), value: value + 1, coding: Some(second) })
    }

    /// Reads the value out of the whole content.
    ///
    /// # Errors
    /// As [`Shape::head`].
    pub(super) fn value(self, content: &[u8]) -> Result<Vec<u8>, Problem> {
        let head = self.head(content)?;
        let value = content.get(head.value..).unwrap_or_default();
        Ok(head.coding.map_or_else(|| value.to_vec(), |coding| coding.value(value)))
    }

    /// The function that reads the value out of content stored in this way.
    pub(super) fn reader(self, unsynchronised: bool, compressed: bool) -> super::packet::Reader {
        match self {
            Self::Text => reader::<0>(unsynchronised, compressed),
            Self::Described => reader::<1>(unsynchronised, compressed),
            Self::Comment => reader::<2>(unsynchronised, compressed),
            Self::Owned => reader::<3>(unsynchronised, compressed),
            Self::Object => reader::<4>(unsynchronised, compressed),
        }
    }
}

fn reader<const SHAPE: u8>(unsynchronised: bool, compressed: bool) -> super::packet::Reader {
    match (unsynchronised, compressed) {
        (false, false) => read::<SHAPE, false, false>,
        (false, true) => read::<SHAPE, false, true>,
        (true, false) => read::<SHAPE, true, false>,
        (true, true) => read::<SHAPE, true, true>,
    }
}

/// Reads the value of a frame. A packet holds a plain function, so the way of storage is in its type.
fn read<const SHAPE: u8, const UNSYNCHRONISED: bool, const COMPRESSED: bool>(
    stored: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, Problem> {
    let content = restore(stored, UNSYNCHRONISED, COMPRESSED, limits.inflated)?;
    let shape = match SHAPE {
        0 => Shape::Text,
        1 => Shape::Described,
        2 => Shape::Comment,
        3 => Shape::Owned,
        _ => Shape::Object,
    };
    shape.value(&content)
}

/// Undoes unsynchronisation and compression of a frame's whole content.
///
/// # Errors
/// [`Problem::OverLimit`] if it inflates to more than `most` bytes, [`Problem::Malformed`] if it is no zlib
/// stream.
pub(super) fn restore(
    stored: &[u8],
    unsynchronised: bool,
    compressed: bool,
    most: u64,
) -> Result<Vec<u8>, Problem> {
    let stored = if unsynchronised { resynchronise(stored) } else { stored.to_vec() };
    if !compressed {
        return Ok(stored);
    }
    let mut content = Vec::new();
    let mut stream = flate2::read::ZlibDecoder::new(stored.as_slice()).take(most.saturating_add(1));
    stream.read_to_end(&mut content).map_err(|_| Problem::Malformed("a compressed ID3 frame"))?;
    if content.len() as u64 > most {
        return Err(Problem::OverLimit { what: "bytes in an inflated ID3 frame", limit: most });
    }
    Ok(content)
}

/// The first bytes of a frame's content, from the first bytes of what is stored.
pub(super) fn restore_start(stored: &[u8], unsynchronised: bool, compressed: bool) -> Vec<u8> {
    let stored = if unsynchronised { resynchronise(stored) } else { stored.to_vec() };
    if !compressed {
        return stored;
    }
    let mut start = vec![0; 1024];
    let mut filled = 0;
    let mut stream = flate2::read::ZlibDecoder::new(stored.as_slice());
    // An error only means that the bytes at hand are used up, or broken: reading the value will tell.
    while let Some(free) = start.get_mut(filled..).filter(|free| !free.is_empty()) {
        match stream.read(free) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    start.truncate(filled);
    start
}

/// Drops the zero after every 0xFF.
pub(super) fn resynchronise(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut before = 0;
    for byte in bytes {
        if !(before == 0xFF && *byte == 0) {
            plain.push(*byte);
        }
        before = *byte;
    }
    plain
}

/// Puts a zero after every 0xFF that a zero or a sync word's second byte follows, or nothing.
pub(super) fn unsynchronise(bytes: &[u8]) -> Vec<u8> {
    let mut safe = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        safe.push(*byte);
        if *byte == 0xFF && bytes.get(at + 1).is_none_or(|next| *next == 0 || *next >= 0xE0) {
            safe.push(0);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{Shape, restore, resynchronise, unsynchronise};
    use indicia_core::Problem;

    #[test]
    fn unsynchronisation_is_undone() {
        let plain = [0xFF, 0xFB, 0, 0xFF, 0, 0xFF, 0x41, 0xFF];
        let safe = unsynchronise(&plain);
        assert_eq!(safe, [0xFF, 0, 0xFB, 0, 0xFF, 0, 0, 0xFF, 0x41, 0xFF, 0]);
        assert_eq!(resynchronise(&safe), plain);
    }

    #[test]
    fn a_zlib_bomb_is_over_the_limit() {
        use std::io::Write;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(&vec![0; 1 << 20]).unwrap();
        let bomb = zlib.finish().unwrap();
        let refused = restore(&bomb, false, true, 1000).unwrap_err();
        assert!(matches!(refused, Problem::OverLimit { limit: 1000, .. }));
        assert_eq!(restore(&bomb[..20], false, true, 1 << 21).ok(), None, "cut off");
    }

    #[test]
    fn heads_of_all_shapes() {
        let head = Shape::Described.head(b"\x03AIGC\0{}").unwrap();
        assert_eq!((head.key.as_str(), head.value), ("AIGC", 6));
        let head = Shape::Comment.head(b"\0engnote\0text").unwrap();
        assert_eq!((head.key.as_str(), head.value), ("note", 9));
        let head = Shape::Object.head(b"\0application/c2pa\0\0c2pa\0data").unwrap();
        assert_eq!((head.key.as_str(), head.value), ("application/c2pa", 24));
        let head = Shape::Owned.head(b"XMP\0<x/>").unwrap();
        assert_eq!((head.key.as_str(), head.value), ("XMP", 4));
        // UTF-16 with a byte-order mark on the description only.
        let wide = b"\x01\xFE\xFF\0A\0\0\0B";
        assert_eq!(Shape::Described.value(wide).unwrap(), b"B");
        assert!(Shape::Described.head(b"\x03AIGC").is_err(), "no end of the description");
        assert!(Shape::Text.head(b"\x04x").is_err(), "no such encoding");
    }
}
