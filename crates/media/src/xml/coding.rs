//! How the characters of a part are coded: UTF-8, or UTF-16 with a byte-order mark or without.

use indicia_core::Problem;

/// The coding of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// ASCII by content, something else by its declaration.
    Ascii,
    Utf8,
    Utf16 {
        big_endian: bool,
    },
}

/// The text of a part, without byte-order mark.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    /// The text.
    pub(crate) text: String,
    coding: Coding,
    mark: Vec<u8>,
}

/// Decodes a part.
///
/// # Errors
/// [`Problem::Malformed`] if it is not in the encoding that it seems to be in, [`Problem::Unsupported`] if it
/// declares another than UTF-8 and UTF-16 and needs it.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Decoded, Problem> {
    let (coding, mark) = match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, ..] => (Coding::Utf8, 3),
        [0xFE, 0xFF, ..] => (Coding::Utf16 { big_endian: true }, 2),
        [0xFF, 0xFE, ..] => (Coding::Utf16 { big_endian: false }, 2),
        [0, b'<', ..] => (Coding::Utf16 { big_endian: true }, 0),
        [b'<', 0, ..] => (Coding::Utf16 { big_endian: false }, 0),
        _ => (Coding::Utf8, 0),
    };
    let malformed = Problem::Malformed("the characters of an XML part");
    let (start, rest) = bytes.split_at_checked(mark).ok_or(malformed.clone())?;
    let mark = start.to_vec();
    let Coding::Utf16 { big_endian } = coding else {
        let declared = declaration(rest);
        let ascii = rest.is_ascii();
        if !declared
            .is_none_or(|name| name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"utf8"))
        {
            if !ascii {
                return Err(Problem::Unsupported("XML in another encoding than UTF-8 and UTF-16"));
            }
            let text = String::from_utf8(rest.to_vec()).map_err(|_| malformed)?;
            return Ok(Decoded { text, coding: Coding::Ascii, mark });
        }
        let bytes = if mark.is_empty() { bytes } else { rest.to_vec() };
        let text = String::from_utf8(bytes).map_err(|_| malformed)?;
        return Ok(Decoded { text, coding, mark });
    };
    let (pairs, odd) = rest.as_chunks::<2>();
    let unit =
        |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(unit)).collect();
    match text {
        Ok(text) if odd.is_empty() => Ok(Decoded { text, coding, mark }),
        _ => Err(malformed),
    }
}

/// The encoding that an XML declaration names.
fn declaration(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let head = head.get(..head.len().min(200))?;
    let head = head.get(..memchr::memmem::find(head, b"?>")?)?;
    let after = head.get(memchr::memmem::find(head, b"encoding")? + 8..)?.trim_ascii_start();
    let quoted = after.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, name) = quoted.split_first()?;
    name.split(|byte| byte == quote).next()
}

impl Decoded {
    /// Another text, coded as this one was.
    pub(crate) fn encode(&self, text: &str) -> Vec<u8> {
        let mut bytes = self.mark.clone();
        match self.coding {
            Coding::Utf8 => bytes.extend_from_slice(text.as_bytes()),
            Coding::Utf16 { big_endian } => bytes.extend(
                text.encode_utf16()
                    .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }),
            ),
            Coding::Ascii => {
                for sign in text.chars() {
                    match u8::try_from(sign) {
                        Ok(byte) if byte.is_ascii() => bytes.push(byte),
                        _ => bytes.extend(format!("&#x{:X};", u32::from(sign)).into_bytes()),
                    }
                }
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::decode;
    use indicia_core::Problem;

    #[test]
    fn every_coding_comes_back_as_it_was() {
        let utf16 = |big: bool| -> Vec<u8> {
            "<a>中😀</a>"
                .encode_utf16()
                .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
                .collect()
        };
        for bytes in [
            "<a>中</a>".as_bytes().to_vec(),
            [&b"\xEF\xBB\xBF"[..], "<a>中</a>".as_bytes()].concat(),
            [&b"\xFE\xFF"[..], &utf16(true)].concat(),
            [&b"\xFF\xFE"[..], &utf16(false)].concat(),
            utf16(true),
            utf16(false),
            b"<?xml version='1.0' encoding = 'GBK'?><a/>".to_vec(),
            Vec::new(),
        ] {
            let decoded = decode(bytes.clone()).unwrap();
            assert_eq!(decoded.encode(&decoded.text), bytes);
        }
    }

    #[test]
    fn what_is_in_another_coding_is_told_from_what_is_broken() {
        let other = b"<?xml version='1.0' encoding='GBK'?><a>\xD6\xD0</a>".to_vec();
        assert!(matches!(decode(other), Err(Problem::Unsupported(_))));
        for broken in [&b"<a>\xD6\xD0</a>"[..], b"\xFE\xFF\0<\0", b"\xFF\xFE\x00\xD8", b"\xEF\xBB\xBF\xFF"] {
            assert!(matches!(decode(broken.to_vec()), Err(Problem::Malformed(_))), "{broken:02x?}");
        }
        let ascii = decode(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>".to_vec()).unwrap();
        assert_eq!(ascii.encode("<a>中</a>"), b"<a>&#x4E2D;</a>", "what it cannot hold becomes a reference");
    }
}
