//! Text strings (ISO 32000-2, 7.9.2.2), and how names and strings are spelled in a file.

/// What the bytes 0x18 to 0x1F and 0x80 to 0xA0 mean in PDFDocEncoding (annex D.2).
const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
#[rustfmt::skip]
const HIGH: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ',
    'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}', '€',
];

/// The words of a text string.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks(2).map(|two| match two {
            [one, two] => unit([*one, *two]),
            _ => 0xFFFD,
        });
        without_language(
            &char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{FFFD}')).collect::<String>(),
        )
    };
    match bytes {
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Against the standard, yet common: UTF-8 without its mark. No sensible text in
        // PDFDocEncoding has the shape of UTF-8.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.to_owned(),
            _ => bytes.iter().map(|byte| single(*byte)).collect(),
        },
    }
}

fn single(byte: u8) -> char {
    let from =
        |table: &[char], first: u8| table.get(usize::from(byte - first)).copied().unwrap_or('\u{FFFD}');
    match byte {
        0x18..=0x1F => from(&LOW, 0x18),
        0x80..=0xA0 => from(&HIGH, 0x80),
        _ => char::from(byte),
    }
}

/// Takes out marks of language, which stand between two escape characters (7.9.2.2.2).
fn without_language(text: &str) -> String {
    let mut parts = text.split('\u{1B}');
    let mut words = parts.next().unwrap_or_default().to_owned();
    while let Some(inside) = parts.next() {
        match (inside.len() <= 6 && inside.is_ascii()).then(|| parts.next()).flatten() {
            Some(after) => words.push_str(after),
            None => words.push_str(inside),
        }
    }
    words
}

/// A text string as it is spelled in a file: ASCII as it is, else UTF-16.
pub(crate) fn spelled(text: &str) -> Vec<u8> {
    let plain = |byte: u8| matches!(byte, 0x20..=0x7E | b'\n' | b'\r' | b'\t');
    if text.bytes().all(plain) {
        let mut out = vec![b'('];
        for byte in text.bytes() {
            match byte {
                b'(' | b')' | b'\\' => out.extend([b'\\', byte]),
                b'\n' => out.extend(b"\\n"),
                b'\r' => out.extend(b"\\r"),
                b'\t' => out.extend(b"\\t"),
                _ => out.push(byte),
            }
        }
        out.push(b')');
        return out;
    }
    hexadecimal(&wide(text))
}

/// Words in UTF-16, high byte first, with the mark.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
}

/// Bytes as a hexadecimal string.
pub(crate) fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("<{digits}>").into_bytes()
}

/// A name with its slash, as it is spelled in a file.
pub(crate) fn name(key: &[u8]) -> Vec<u8> {
    let mut out = vec![b'/'];
    for byte in key {
        match byte {
            b'!'..=b'~' if !b"#()<>[]{}/%".contains(byte) => out.push(*byte),
            _ => out.extend(format!("#{byte:02X}").bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{decode, name, spelled};

    #[test]
    fn every_coding_of_text_is_read() {
        assert_eq!(decode(b"a\x18\x80\xA0\xE9"), "a˘•€é");
        assert_eq!(decode(b"\xFE\xFF\x4E\x2D\0a"), "中a");
        assert_eq!(decode(b"\xFF\xFE\x2D\x4Ea\0"), "中a");
        assert_eq!(decode(b"\xEF\xBB\xBF\xE4\xB8\xAD"), "中");
        assert_eq!(decode("中".as_bytes()), "中");
        assert_eq!(decode(b"\xFE\xFF\0\x1B\0e\0n\0\x1B\0a"), "a");
        assert_eq!(decode(b"\xFE\xFF\xD8\0\0"), "\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn what_is_spelled_needs_no_more_than_ascii() {
        assert_eq!(spelled("{\"a\":\"(\\)\"}\n"), b"({\"a\":\"\\(\\\\\\)\"}\\n)");
        assert_eq!(spelled("中"), b"<FEFF4E2D>");
        assert_eq!(name("A b/中".as_bytes()), b"/A#20b#2F#E4#B8#AD");
    }
}
