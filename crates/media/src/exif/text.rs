use std::ops::Range;

/// Tag of the comment that starts with a character code.
const USER_COMMENT: u16 = 0x9286;

/// A text found in an Exif block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExifText {
    /// Its tag: 0x9286 UserComment, 0x010E ImageDescription and so on.
    pub tag: u16,
    /// The tag's name in the Exif standard.
    pub name: &'static str,
    /// Where its value stands in the block.
    pub site: Range<usize>,
    /// The value's bytes, with the 8-byte character code in front for UserComment.
    pub bytes: Vec<u8>,
    /// Whether the block has the high byte first.
    pub big_endian: bool,
}

/// How a text's characters are coded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    Utf16 { big_endian: bool },
}

impl ExifText {
    /// The words, without character code and without closing NULs and blanks.
    ///
    /// What cannot be decoded is U+FFFD. Writers often code otherwise than they say, so the bytes decide
    /// where they can: a UserComment marked `UNICODE` is read as UTF-8 if it is that, and in the byte
    /// order in which it makes sense. Comments marked `JIS` are not converted.
    pub fn decoded(&self) -> String {
        let bytes = self.bytes.get(self.code()..).unwrap_or_default();
        let words = match self.coding(bytes) {
            Coding::Utf8 => {
                String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).into_owned()
            }
            Coding::Utf16 { big_endian } => utf16(bytes, big_endian),
        };
        let words = words.trim_start_matches('\u{FEFF}');
        words.trim_end_matches(['\0', ' ']).to_owned()
    }

    /// Length of the character code in front.
    fn code(&self) -> usize {
        const CODES: [&[u8; 8]; 4] = [b"ASCII\0\0\0", b"UNICODE\0", b"JIS\0\0\0\0\0", b"\0\0\0\0\0\0\0\0"];
        let coded = CODES.iter().any(|code| self.bytes.starts_with(*code));
        if self.tag == USER_COMMENT && coded { 8 } else { 0 }
    }

    fn coding(&self, bytes: &[u8]) -> Coding {
        if matches!(self.tag, 0x9C9B..=0x9C9F) {
            return Coding::Utf16 { big_endian: false };
        }
        let unicode = self.tag == USER_COMMENT && self.bytes.starts_with(b"UNICODE\0");
        if self.tag != USER_COMMENT || self.bytes.starts_with(b"ASCII\0\0\0") {
            return Coding::Utf8;
        }
        match bytes {
            [0xFE, 0xFF, ..] => return Coding::Utf16 { big_endian: true },
            [0xFF, 0xFE, ..] => return Coding::Utf16 { big_endian: false },
            _ => {}
        }
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let text = bytes.get(..end).unwrap_or_default();
        // Every ASCII character of UTF-16 text has a zero in its high byte, and UTF-8 text has none.
        let zeros = |half: usize| text.iter().skip(half).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        match even.cmp(&odd) {
            std::cmp::Ordering::Greater => Coding::Utf16 { big_endian: true },
            std::cmp::Ordering::Less => Coding::Utf16 { big_endian: false },
            std::cmp::Ordering::Equal if unicode && std::str::from_utf8(text).is_err() => {
                Coding::Utf16 { big_endian: self.big_endian }
            }
            std::cmp::Ordering::Equal => Coding::Utf8,
        }
    }
}

fn utf16(bytes: &[u8], big_endian: bool) -> String {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs
        .iter()
        .map(|pair| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    let mut words: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if odd.iter().any(|byte| *byte != 0) {
        words.push(char::REPLACEMENT_CHARACTER);
    }
    words
}

/// Overwrites a value of the block with blanks; `text` says what it is.
pub(super) fn blank(value: &mut [u8], text: &ExifText) {
    let code = text.code();
    let bytes = text.bytes.get(code..).unwrap_or_default();
    let coding = text.coding(bytes);
    let Some(value) = value.get_mut(code..) else { return };
    match coding {
        Coding::Utf8 => {
            let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            value.iter_mut().take(end).for_each(|byte| *byte = b' ');
        }
        Coding::Utf16 { big_endian } => {
            let blank = if big_endian { [0, b' '] } else { [b' ', 0] };
            let (pairs, odd) = value.as_chunks_mut::<2>();
            pairs.iter_mut().filter(|pair| **pair != [0, 0]).for_each(|pair| *pair = blank);
            odd.fill(0);
        }
    }
}
