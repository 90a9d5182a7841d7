use std::borrow::Cow;

/// The text encodings of ID3v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// ISO 8859-1.
    Latin1,
    /// UTF-16 with a byte-order mark; low byte first where it is missing.
    Marked,
    /// UTF-16, high byte first.
    Utf16Be,
    /// UTF-8.
    Utf8,
}

impl Coding {
    /// The encoding of this number; 2 and 3 came with ID3v2.4.
    pub(super) fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Latin1),
            1 => Some(Self::Marked),
            2 => Some(Self::Utf16Be),
            3 => Some(Self::Utf8),
            _ => None,
        }
    }

    /// Its number.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Latin1 => 0,
            Self::Marked => 1,
            Self::Utf16Be => 2,
            Self::Utf8 => 3,
        }
    }

    /// Bytes of its smallest unit, and so of the zero that ends a text.
    pub(super) fn unit(self) -> usize {
        match self {
            Self::Latin1 | Self::Utf8 => 1,
            Self::Marked | Self::Utf16Be => 2,
        }
    }

    /// Length of the text that ends in a zero; `None` if none does.
    pub(super) fn end(self, bytes: &[u8]) -> Option<usize> {
        match self.unit() {
            1 => memchr::memchr(0, bytes),
            unit => bytes.chunks_exact(unit).position(|pair| pair == [0, 0]).map(|at| unit * at),
        }
    }

    /// The encoding of a text after one that reads like this, should it have no mark of its own.
    pub(super) fn marked(self, before: &[u8]) -> Option<Self> {
        (self == Self::Marked && before.starts_with(&[0xFE, 0xFF])).then_some(Self::Utf16Be)
    }

    /// The words; what cannot be decoded is U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Latin1 => bytes.iter().copied().map(char::from).collect(),
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Marked | Self::Utf16Be => {
                let high_first = match bytes.first_chunk() {
                    Some([0xFE, 0xFF]) => true,
                    Some([0xFF, 0xFE]) => false,
                    _ => self == Self::Utf16Be,
                };
                let unit = |pair: &[u8]| match pair {
                    [a, b] if high_first => u16::from_be_bytes([*a, *b]),
                    [a, b] => u16::from_le_bytes([*a, *b]),
                    _ => 0xFFFD,
                };
                let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
                String::from_utf16_lossy(&units).trim_start_matches('\u{FEFF}').to_owned()
            }
        }
    }

    /// A value as UTF-8, without the zeros that some programs end it in.
    pub(super) fn value(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            // As it stands, even if it is not UTF-8: the reader may know better what it is.
            Self::Utf8 => {
                let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
                bytes.get(..bytes.len() - zeros).unwrap_or_default().to_vec()
            }
            _ => self.decode(bytes).trim_end_matches('\0').as_bytes().to_vec(),
        }
    }

    /// The encoding in which a tag of this version holds these texts.
    pub(super) fn for_texts(version: u8, texts: &[&str]) -> Self {
        let narrow = texts.iter().all(|text| text.chars().all(|one| u32::from(one) < 0x100));
        match (version, narrow) {
            (4, _) => Self::Utf8,
            (_, true) => Self::Latin1,
            (_, false) => Self::Marked,
        }
    }

    /// The bytes of a text.
    pub(super) fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 => Cow::Borrowed(text.as_bytes()),
            Self::Latin1 => text.chars().map(|one| u8::try_from(u32::from(one)).unwrap_or(b'?')).collect(),
            Self::Marked => {
                let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Coding;

    #[test]
    fn all_four_encodings_read_as_utf8() {
        assert_eq!(Coding::Latin1.value(b"caf\xE9\0"), "café".as_bytes());
        assert_eq!(Coding::Marked.value(b"\xFF\xFE\x6F\x70\0\0"), "灯".as_bytes());
        assert_eq!(Coding::Marked.value(b"\xFE\xFF\x70\x6F"), "灯".as_bytes());
        assert_eq!(Coding::Marked.value(b"\x6F\x70"), "灯".as_bytes());
        assert_eq!(Coding::Utf16Be.value(b"\x70\x6F"), "灯".as_bytes());
        assert_eq!(Coding::Utf8.value("灯\0\0".as_bytes()), "灯".as_bytes());
        assert_eq!(Coding::Utf8.value(b"\xFF{}"), b"\xFF{}", "not changed, though it is no UTF-8");
    }

    #[test]
    fn an_odd_byte_of_utf16_is_not_lost_in_silence() {
        assert_eq!(Coding::Utf16Be.value(b"\0A\0"), "A\u{FFFD}".as_bytes());
    }

    #[test]
    fn the_version_decides_the_encoding() {
        assert_eq!(Coding::for_texts(4, &["灯"]), Coding::Utf8);
        assert_eq!(Coding::for_texts(3, &["{}", "é"]), Coding::Latin1);
        assert_eq!(Coding::for_texts(2, &["AIGC", "灯"]), Coding::Marked);
        assert_eq!(&*Coding::Marked.encode("A"), b"\xFF\xFEA\0");
    }
}
