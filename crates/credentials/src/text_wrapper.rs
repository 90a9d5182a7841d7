//! The wrapper that holds a manifest store in plain text, as variation selectors that no one sees (C2PA 2.4, A.8).
//!
//! After the text stands U+FEFF, then one variation selector for each byte of: the letters `C2PATXT` and a zero byte,
//! the version (1), the length of the store (four bytes, the greatest first), the store, and whatever pads it.

/// What stands before the selectors: U+FEFF in UTF-8.
const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The first bytes of what the selectors hold.
const MAGIC: &[u8; 8] = b"C2PATXT\0";

/// The only version there is.
const VERSION: u8 = 1;

/// Bytes before the store.
const HEADER: usize = MAGIC.len() + 1 + 4;

/// A wrapper found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextWrapper {
    /// Where its U+FEFF stands, in bytes.
    pub start: usize,
    /// How many bytes of the text it takes, with U+FEFF, every selector, and padding.
    pub length: usize,
    /// The manifest store.
    pub store: Vec<u8>,
}

/// Why no manifest store could be taken from a text that has a wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapperError {
    /// It starts as a wrapper, and its version or length is wrong (`manifest.text.corruptedWrapper`).
    #[error("the wrapper at byte {offset} is corrupted: {what}")]
    Corrupted {
        /// Where its U+FEFF stands, in bytes.
        offset: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// There is more than one (`manifest.text.multipleWrappers`).
    #[error("there is more than one wrapper, at bytes {first} and {second}")]
    Several {
        /// Where the first one stands, in bytes.
        first: usize,
        /// Where the second one stands, in bytes.
        second: usize,
    },
}

/// The variation selector for a byte.
fn selector(byte: u8) -> char {
    let code = match byte {
        0..16 => 0xFE00 + u32::from(byte),
        16.. => 0xE0100 + u32::from(byte - 16),
    };
    // All of U+FE00 to U+FE0F and of U+E0100 to U+E01EF are characters.
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that the variation selector at the start of `text` stands for, and the selector's length in UTF-8.
fn byte(text: &[u8]) -> Option<(u8, usize)> {
    match *text {
        [0xEF, 0xB8, last @ 0x80..=0x8F, ..] => Some((last & 0x0F, 3)),
        [0xF3, 0xA0, third @ 0x84..=0x87, last @ 0x80..=0xBF, ..] => {
            let index = (u16::from(third - 0x84) << 6 | u16::from(last & 0x3F)) + 16;
            u8::try_from(index).ok().map(|byte| (byte, 4))
        }
        _ => None,
    }
}

/// The wrapper of a manifest store, without padding. `None` if the store is longer than a wrapper can say.
pub fn encode(store: &[u8]) -> Option<String> {
    let length = u32::try_from(store.len()).ok()?.to_be_bytes();
    let bytes = MAGIC.iter().chain([&VERSION]).chain(&length).chain(store);
    Some(std::iter::once('\u{FEFF}').chain(bytes.map(|&byte| selector(byte))).collect())
}

/// The length in bytes of the wrapper of a store, without padding.
pub(crate) fn encoded_length(store: &[u8]) -> usize {
    let low = store.iter().filter(|&&byte| byte < 16).count();
    // The header has no low bytes but one zero, the version, and some of the length.
    let header = encode(&[]).map_or(0, |empty| empty.len());
    let length = u32::try_from(store.len()).unwrap_or(u32::MAX).to_be_bytes();
    let high_in_length = length.iter().filter(|&&byte| byte >= 16).count();
    header + high_in_length + store.len() * 4 - low
}

/// Finds the one wrapper of a text. Selectors and U+FEFF that are no wrapper, as those of emoji, do not count.
///
/// # Errors
/// If there is one that is corrupted, or more than one.
pub fn find(text: &[u8]) -> Result<Option<TextWrapper>, WrapperError> {
    let mut found: Option<TextWrapper> = None;
    let mut position = 0;
    while let Some(next) = next_mark(text, position) {
        position = next + MARK.len();
        let Some((bytes, length)) = run(text.get(position..).unwrap_or_default()) else { continue };
        position += length;
        let store = content(&bytes).map_err(|what| WrapperError::Corrupted { offset: next, what })?;
        if let Some(first) = &found {
            return Err(WrapperError::Several { first: first.start, second: next });
        }
        found = Some(TextWrapper { start: next, length: MARK.len() + length, store: store.to_vec() });
    }
    Ok(found)
}

/// Where the next U+FEFF stands that a selector follows.
fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let found = memchr::memmem::find_iter(rest, MARK)
        .find(|at| rest.get(at + MARK.len()..).is_some_and(|after| byte(after).is_some()))?;
    Some(from + found)
}

/// The bytes of a run of selectors that starts as a wrapper does, and its length in the text.
fn run(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some((byte, size)) = byte(text.get(length..)?) {
        if MAGIC.get(bytes.len()).is_some_and(|&expected| expected != byte) {
            return None;
        }
        bytes.push(byte);
        length += size;
    }
    (bytes.len() >= MAGIC.len()).then_some((bytes, length))
}

/// The store in what the selectors hold, or what is wrong with it.
fn content(bytes: &[u8]) -> Result<&[u8], &'static str> {
    let header = bytes.get(..HEADER).ok_or("it ends in its header")?;
    let [.., version, a, b, c, d] = *header else { return Err("it ends in its header") };
    if version != VERSION {
        return Err("its version is not 1");
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| "it is too long")?;
    bytes.get(HEADER..).and_then(|store| store.get(..length)).ok_or("it ends before the length it tells")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &[u8] = b"c2pa-manifest-01";

    #[test]
    fn a_known_payload_takes_114_bytes_and_is_found_where_it_stands() {
        // Vector of the C2PA public test files: a host of 73 bytes gives the exclusion 73, 114.
        let wrapper = encode(PAYLOAD).unwrap();
        assert_eq!(wrapper.len(), 114);
        assert_eq!(wrapper.chars().next(), Some('\u{FEFF}'));
        // 'C' is 0x43, and a zero byte is U+FE00.
        assert_eq!(wrapper.chars().nth(1), char::from_u32(0xE0100 + 0x43 - 16));
        assert_eq!(wrapper.chars().nth(8), Some('\u{FE00}'));
        assert_eq!(wrapper.chars().nth(9), Some('\u{FE01}'));
        let text = "x".repeat(73) + &wrapper;
        let found = find(text.as_bytes()).unwrap().unwrap();
        assert_eq!((found.start, found.length, found.store.as_slice()), (73, 114, PAYLOAD));
    }

    #[test]
    fn padding_belongs_to_the_wrapper_and_not_to_the_store() {
        // The padded form of the same vector: 00 10 10, and 125 bytes.
        let text = encode(PAYLOAD).unwrap() + "\u{FE00}\u{E0100}\u{E0100}";
        assert_eq!(text.len(), 125);
        let found = find(text.as_bytes()).unwrap().unwrap();
        assert_eq!((found.length, found.store.as_slice()), (125, PAYLOAD));
    }

    #[test]
    fn every_byte_comes_back() {
        let every: Vec<u8> = (0..=255).collect();
        let wrapper = encode(&every).unwrap();
        assert_eq!(find(wrapper.as_bytes()).unwrap().unwrap().store, every);
        assert_eq!(encoded_length(&every), wrapper.len());
        for size in [0, 1, 15, 16, 255, 256, 4095, 4096, 70_000] {
            let store = vec![7; size];
            assert_eq!(encoded_length(&store), encode(&store).unwrap().len(), "{size}");
        }
    }

    #[test]
    fn emoji_and_byte_order_marks_are_no_wrappers() {
        let mut texts = vec![String::new(), "\u{FEFF}text".into(), "\u{2764}\u{FE0F}\u{FEFF}\u{FE0F}".into()];
        let all: Vec<char> = encode(PAYLOAD).unwrap().chars().collect();
        texts.push(all[1..].iter().collect());
        texts.push(all[..8].iter().collect());
        for text in texts {
            assert_eq!(find(text.as_bytes()), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn a_wrapper_cut_anywhere_after_its_magic_is_corrupted_and_not_absent() {
        let all: Vec<char> = encode(PAYLOAD).unwrap().chars().collect();
        for end in 9..all.len() {
            let text: String = "ab".chars().chain(all[..end].iter().copied()).chain("cd".chars()).collect();
            assert!(
                matches!(find(text.as_bytes()), Err(WrapperError::Corrupted { offset: 2, .. })),
                "{end}: {:?}",
                find(text.as_bytes())
            );
        }
        let mut other = all.clone();
        other[9] = '\u{FE02}';
        let other: String = other.into_iter().collect();
        assert_eq!(
            find(other.as_bytes()),
            Err(WrapperError::Corrupted { offset: 0, what: "its version is not 1" })
        );
        let mut long = all;
        long[10] = selector(255);
        let long: String = long.into_iter().collect();
        assert!(matches!(find(long.as_bytes()), Err(WrapperError::Corrupted { .. })));
    }

    #[test]
    fn two_wrappers_are_told_of() {
        let wrapper = encode(PAYLOAD).unwrap();
        let text = format!("a{wrapper}b{wrapper}");
        assert_eq!(find(text.as_bytes()), Err(WrapperError::Several { first: 1, second: 116 }));
        // One directly after the other: the mark ends the first run.
        let text = format!("{wrapper}{wrapper}");
        assert_eq!(find(text.as_bytes()), Err(WrapperError::Several { first: 0, second: 114 }));
    }

    #[test]
    fn bytes_that_are_no_text_are_searched_as_well() {
        let mut text = vec![0xFF, 0xEF, 0xBB];
        text.extend(encode(PAYLOAD).unwrap().as_bytes());
        text.extend([0xEF, 0xB8]);
        assert_eq!(find(&text).unwrap().unwrap().start, 3);
    }
}
