//! How the words of a text file are coded: told from its bytes, since a text file has no header.

use std::borrow::Cow;

use crate::TextEncoding;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use indicia_core::{FormatError, Limits, Problem, Source, Span};

/// What is said of bytes that no encoding known here explains.
pub(crate) const UNDECODABLE: &str = "neither UTF-8 nor UTF-16 nor GB 18030";

/// Valid UTF-8 characters beyond ASCII from which on a file is UTF-8 even if it goes wrong later. Text in
/// GB 18030 does not look like that many UTF-8 characters in a row.
const SURELY_UTF8: usize = 8;

/// How a file's words are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Coding {
    /// The encoding.
    pub(crate) encoding: TextEncoding,
    /// Size of the byte-order mark, in bytes; 0 if there is none.
    pub(crate) mark: u64,
}

/// What bytes are, seen as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not text, or in no encoding known here, such as UTF-32.
    Binary,
    /// Text with something in it that cannot be decoded, first at this offset.
    Damaged(Coding, u64),
    /// Text.
    Text(Coding),
}

impl Coding {
    fn plain(encoding: TextEncoding) -> Self {
        Self { encoding, mark: 0 }
    }
}

/// Tells how bytes from the start of a file are coded. Unless they are the `whole` file, a character may be
/// cut at their end.
///
/// Other encodings of two bytes a character, such as Big5 or EUC-KR, are told from GB 18030 by how often their
/// characters are; a few of them may still pass for it.
pub(crate) fn detect(bytes: &[u8], whole: bool) -> Verdict {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return match utf8_error(bytes, whole) {
            None => Verdict::Text(Coding { encoding: TextEncoding::Utf8, mark: 3 }),
            Some(at) => Verdict::Damaged(Coding { encoding: TextEncoding::Utf8, mark: 3 }, at as u64),
        };
    }
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Verdict::Binary;
    }
    for (mark, encoding) in [(b"\xFF\xFE", TextEncoding::Utf16Le), (b"\xFE\xFF", TextEncoding::Utf16Be)] {
        if bytes.starts_with(mark) {
            let coding = Coding { encoding, mark: 2 };
            return match utf16_error(bytes, encoding, whole) {
                None => Verdict::Text(coding),
                Some(at) => Verdict::Damaged(coding, at as u64),
            };
        }
    }
    if bytes.starts_with(b"\x84\x31\x95\x33") {
        let coding = Coding { encoding: TextEncoding::Gb18030, mark: 4 };
        return if is_gb18030(bytes, whole) { Verdict::Text(coding) } else { Verdict::Damaged(coding, 4) };
    }
    without_mark(bytes, whole)
}

fn without_mark(bytes: &[u8], whole: bool) -> Verdict {
    if memchr::memchr(0, bytes).is_some() {
        return match plainly_utf16(bytes, whole) {
            Some(encoding) => Verdict::Text(Coding::plain(encoding)),
            None => Verdict::Binary,
        };
    }
    // The end-of-file sign of old systems stands last and says nothing.
    let body = bytes.strip_suffix(b"\x1A").unwrap_or(bytes);
    let controls = body.iter().filter(|byte| is_control(**byte)).count();
    if controls.saturating_mul(32) > body.len() {
        return Verdict::Binary;
    }
    let Some(at) = utf8_error(bytes, whole) else {
        return Verdict::Text(Coding::plain(TextEncoding::Utf8));
    };
    let valid = bytes.get(..at).unwrap_or_default();
    let beyond_ascii = valid.iter().filter(|byte| **byte >= 0xC0).count();
    let cut_short = beyond_ascii > 0 && utf8_error(bytes, false).is_none();
    if beyond_ascii < SURELY_UTF8
        && !cut_short
        && is_gb18030(bytes, whole)
        && is_likely_gb18030(bytes)
        && !is_of_neighbours(bytes, whole)
    {
        return Verdict::Text(Coding::plain(TextEncoding::Gb18030));
    }
    Verdict::Damaged(Coding::plain(TextEncoding::Utf8), at as u64)
}

/// Control characters that text does not have: all but tab, line feed, form feed, return and escape.
fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// The first byte that is not UTF-8.
fn utf8_error(bytes: &[u8], whole: bool) -> Option<usize> {
    let err = std::str::from_utf8(bytes).err()?;
    (whole || err.error_len().is_some()).then(|| err.valid_up_to())
}

/// The first byte that is not UTF-16 of this order.
fn utf16_error(bytes: &[u8], encoding: TextEncoding, whole: bool) -> Option<usize> {
    let mut at = 0;
    for unit in char::decode_utf16(units(bytes, encoding)) {
        match unit {
            Ok(letter) => at += 2 * letter.len_utf16(),
            // A high surrogate at the end of bytes that go on may find its other half.
            Err(err) => {
                let cut = !whole && at + 3 >= bytes.len() && err.unpaired_surrogate() < 0xDC00;
                return (!cut).then_some(at);
            }
        }
    }
    (whole && bytes.len() % 2 == 1).then(|| bytes.len() - 1)
}

/// The encoding of text that is UTF-16 for certain, though it does not say so with a byte-order mark.
fn plainly_utf16(bytes: &[u8], whole: bool) -> Option<TextEncoding> {
    if whole && bytes.len() % 2 == 1 {
        return None;
    }
    let usual = |unit: u16| {
        matches!(unit, 9 | 10 | 13 | 0x20..=0x7E | 0xA0..=0x5FF | 0x2010..=0x2026 | 0x3000..=0x30FF)
            || matches!(unit, 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xFF01..=0xFF5E)
    };
    let reading = |encoding: TextEncoding| {
        let all = units(bytes, encoding).count();
        let fit = units(bytes, encoding).filter(|unit| usual(*unit)).count();
        let ascii = units(bytes, encoding).filter(|unit| (9..=0x7E).contains(unit)).count();
        // Nearly all letters must be of the commonest scripts: chance does not bring that about.
        let good = all > 0 && fit >= all - all / 20 && utf16_error(bytes, encoding, whole).is_none();
        good.then_some(ascii)
    };
    match (reading(TextEncoding::Utf16Le), reading(TextEncoding::Utf16Be)) {
        (Some(little), Some(big)) if little > big => Some(TextEncoding::Utf16Le),
        (Some(little), Some(big)) if big > little => Some(TextEncoding::Utf16Be),
        (Some(little), None) if little > 0 => Some(TextEncoding::Utf16Le),
        (None, Some(big)) if big > 0 => Some(TextEncoding::Utf16Be),
        _ => None,
    }
}

fn units(bytes: &[u8], encoding: TextEncoding) -> impl Iterator<Item = u16> {
    let big = encoding == TextEncoding::Utf16Be;
    bytes.chunks_exact(2).map(move |pair| {
        let pair = pair.try_into().unwrap_or_default();
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    })
}

fn is_gb18030(bytes: &[u8], whole: bool) -> bool {
    let cuts = if whole { 0..=0 } else { 0..=3 };
    cuts.filter_map(|cut| bytes.get(..bytes.len().saturating_sub(cut))).any(|bytes| {
        encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).is_some()
    })
}

/// Whether enough characters are among those that Chinese text consists of.
///
/// Western text of one byte a character often happens to be valid GB 18030, but then its accented letters
/// are followed by plain ones, which gives characters outside of GB 2312.
fn is_likely_gb18030(bytes: &[u8]) -> bool {
    let (mut all, mut usual, mut at) = (0usize, 0usize, 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let len = gb18030_len(rest);
        at += len;
        all += usize::from(len > 1 || rest.first().is_some_and(|lead| *lead >= 0x80));
        usual += usize::from(len == 4 || matches!(rest, [0xA1..=0xFE, 0xA1..=0xFE, ..]));
    }
    usual.saturating_mul(3) >= all
}

/// Whether the bytes are rather of another encoding of East Asia that can pass for GB 18030.
fn is_of_neighbours(bytes: &[u8], whole: bool) -> bool {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    [encoding_rs::BIG5, encoding_rs::EUC_JP, encoding_rs::EUC_KR, encoding_rs::SHIFT_JIS].contains(&guess)
}

/// Number of bytes of the GB 18030 character that these begin with; 1 if they begin with none, so that a
/// reader who comes in within a character goes on with the next line at the latest.
fn gb18030_len(bytes: &[u8]) -> usize {
    match bytes {
        [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, ..] => 4,
        [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, ..] => 2,
        _ => 1,
    }
}

/// The text with one byte for each unit of its encoding: ASCII as it is, all else 0x80 or above.
///
/// What gives a text its structure is ASCII, so that it can be looked for here whatever the encoding. An
/// offset times [`unit`] is an offset in the file's bytes.
pub(crate) fn narrow(bytes: &[u8], encoding: TextEncoding) -> Cow<'_, [u8]> {
    match encoding {
        TextEncoding::Utf8 => Cow::Borrowed(bytes),
        TextEncoding::Utf16Be | TextEncoding::Utf16Le => {
            let ascii = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0x80);
            Cow::Owned(units(bytes, encoding).map(ascii).collect())
        }
        TextEncoding::Gb18030 => {
            let mut narrow = bytes.to_vec();
            let mut at = 0;
            while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
                let len = gb18030_len(rest);
                if len > 1 {
                    narrow.get_mut(at..at + len).unwrap_or_default().fill(0x80);
                }
                at += len;
            }
            Cow::Owned(narrow)
        }
    }
}

/// Bytes of one unit of an encoding.
pub(crate) fn unit(encoding: TextEncoding) -> usize {
    if matches!(encoding, TextEncoding::Utf16Be | TextEncoding::Utf16Le) { 2 } else { 1 }
}

/// The words that bytes stand for, and whether something could not be decoded.
pub(crate) fn decode(bytes: &[u8], encoding: TextEncoding) -> (String, bool) {
    let coder = match encoding {
        TextEncoding::Gb18030 => encoding_rs::GB18030,
        TextEncoding::Utf16Be => encoding_rs::UTF_16BE,
        TextEncoding::Utf16Le => encoding_rs::UTF_16LE,
        TextEncoding::Utf8 => encoding_rs::UTF_8,
    };
    let (words, lossy) = coder.decode_without_bom_handling(bytes);
    (words.into_owned(), lossy)
}

/// Words in an encoding.
///
/// # Errors
/// If it has no code for one of the characters.
pub(crate) fn encode(words: &str, encoding: TextEncoding) -> Result<Vec<u8>, FormatError> {
    match encoding {
        TextEncoding::Utf8 => Ok(words.as_bytes().to_vec()),
        TextEncoding::Utf16Be => Ok(words.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        TextEncoding::Utf16Le => Ok(words.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        TextEncoding::Gb18030 => match encoding_rs::GB18030.encode(words) {
            (bytes, _, false) => Ok(bytes.into_owned()),
            _ => Err(FormatError::unsupported(0, "a character that GB 18030 has no code for")),
        },
    }
}

/// The line break a text uses: its first one, or a line feed if it has none. `narrow` is as [`narrow`] gives it.
pub(crate) fn line_break(narrow: &[u8]) -> &'static str {
    let first = memchr::memchr2(b'\r', b'\n', narrow).and_then(|at| narrow.get(at..));
    match first {
        Some([b'\r', b'\n', ..]) => "\r\n",
        Some([b'\r', ..]) => "\r",
        _ => "\n",
    }
}

/// Copies the start of a file: all of it, unless it is over [`Limits::text`].
///
/// # Errors
/// [`Problem::Io`] if the source cannot be read.
pub(crate) fn take(source: &dyn Source, limits: &Limits) -> Result<Vec<u8>, FormatError> {
    let head = Span { start: 0, end: source.size().min(limits.text) };
    Limits { block: limits.text, ..*limits }.take(source, head)
}

/// Refuses a file over [`Limits::text`].
///
/// # Errors
/// [`Problem::OverLimit`].
pub(crate) fn within(source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
    if source.size() > limits.text {
        return Err(FormatError::new(
            limits.text,
            Problem::OverLimit { what: "bytes of text", limit: limits.text },
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Coding, Verdict, decode, detect, encode, line_break, narrow};
    use crate::TextEncoding::{self, Gb18030, Utf8, Utf16Be, Utf16Le};

    fn text(encoding: TextEncoding, mark: u64) -> Verdict {
        Verdict::Text(Coding { encoding, mark })
    }

    /// `中文` and a line feed in each encoding; bytes from the code charts.
    #[test]
    fn each_encoding_is_told_by_its_bytes() {
        for (bytes, verdict) in [
            (&b"\xE4\xB8\xAD\xE6\x96\x87\n"[..], text(Utf8, 0)),
            (b"\xEF\xBB\xBF\xE4\xB8\xAD\xE6\x96\x87\n", text(Utf8, 3)),
            (b"\xD6\xD0\xCE\xC4\n", text(Gb18030, 0)),
            (b"\x84\x31\x95\x33\xD6\xD0\xCE\xC4\n", text(Gb18030, 4)),
            (b"\xFF\xFE\x2D\x4E\x87\x65\n\0", text(Utf16Le, 2)),
            (b"\xFE\xFF\x4E\x2D\x65\x87\0\n", text(Utf16Be, 2)),
            (b"\x2D\x4E\x87\x65\n\0", text(Utf16Le, 0)),
            (b"\x4E\x2D\x65\x87\0\n", text(Utf16Be, 0)),
            // U+4E00, the commonest character with a zero byte of its own.
            (b"\x00\x4E\x2D\x4E\x20\0\x87\x65\n\0", text(Utf16Le, 0)),
            (b"h\0i\0\n\0", text(Utf16Le, 0)),
            (b"\0h\0i\0\n", text(Utf16Be, 0)),
            (b"hello\n", text(Utf8, 0)),
            (b"\xEF\xBB\xBF", text(Utf8, 3)),
            (b"dos\r\n\x1A", text(Utf8, 0)),
            (b"\x1B[1mbold\x1B[0m\n", text(Utf8, 0)),
        ] {
            assert_eq!(detect(bytes, true), verdict, "{bytes:02x?}");
        }
    }

    #[test]
    fn binary_data_is_not_text() {
        for bytes in [
            &b"text with a \0 in it"[..],
            b"\xFF\xFE\0\0h\0\0\0",
            b"\0\0\xFE\xFF",
            b"\x01\x02\x03\x04",
            b"\x7FELF\x02\x01\x01",
            b"\0\0\0\0\0\0",
            b"\x01\0\x02\0\x03\0",
            b"PK\x03\x04\x14\0\x08\0",
        ] {
            assert_eq!(detect(bytes, true), Verdict::Binary, "{bytes:02x?}");
        }
    }

    #[test]
    fn a_character_cut_by_the_window_is_no_damage_but_one_cut_by_the_end_is() {
        let utf8 = "汉字汉字".as_bytes();
        assert_eq!(detect(&utf8[..11], false), text(Utf8, 0));
        assert_eq!(detect(&utf8[..11], true), Verdict::Damaged(Coding { encoding: Utf8, mark: 0 }, 9));
        let gb = b"\xD6\xD0\xCE\xC4\xD6";
        assert_eq!(detect(gb, false), text(Gb18030, 0));
        assert!(matches!(detect(gb, true), Verdict::Damaged(..)));
        let utf16 = b"\xFF\xFEh\0i\0\x3D\xD8";
        assert_eq!(detect(utf16, false), text(Utf16Le, 2));
        assert_eq!(detect(utf16, true), Verdict::Damaged(Coding { encoding: Utf16Le, mark: 2 }, 6));
        assert_eq!(detect(b"\xFF\xFEh\0i", true), Verdict::Damaged(Coding { encoding: Utf16Le, mark: 2 }, 4));
        assert_eq!(detect(b"\xFF\xFEh\0i", false), text(Utf16Le, 2));
    }

    #[test]
    fn damaged_utf8_is_not_taken_for_gb18030() {
        let mut bytes = "这是一段用来检验编码的文字".repeat(2).into_bytes();
        bytes[40] = b'x';
        assert_eq!(detect(&bytes, true), Verdict::Damaged(Coding { encoding: Utf8, mark: 0 }, 39));
    }

    /// An even number of Chinese characters in UTF-8 is valid GB 18030 as well, and so is what was spliced on.
    #[test]
    fn many_valid_characters_outweigh_a_later_wrong_one() {
        let bytes = ["世内和这码成中上容界".as_bytes(), b"\xC4\xE3"].concat();
        assert!(super::is_gb18030(&bytes, true) && super::is_likely_gb18030(&bytes));
        assert_eq!(detect(&bytes, true), Verdict::Damaged(Coding { encoding: Utf8, mark: 0 }, 30));
    }

    #[test]
    fn western_text_of_one_byte_a_character_is_not_taken_for_gb18030() {
        // "naïve, très café" in ISO 8859-1; the first alone is valid GB 18030.
        for bytes in [&b"na\xEFve"[..], b"na\xEFve, tr\xE8s caf\xE9"] {
            assert!(matches!(detect(bytes, true), Verdict::Damaged(..)), "{bytes:02x?}");
        }
    }

    #[test]
    fn neighbours_of_gb18030_are_not_taken_for_it() {
        for (encoding, words) in [
            (
                encoding_rs::BIG5,
                "本內容由人工智慧生成，僅供參考。這裡是臺灣常用的文字，說明圖片與聲音的來源。",
            ),
            (
                encoding_rs::EUC_KR,
                "이 콘텐츠는 인공지능으로 만들어졌습니다. 사진과 소리의 출처를 알려 줍니다.",
            ),
            (
                encoding_rs::SHIFT_JIS,
                "この内容は人工知能によって生成されました。画像と音声の出所を示します。",
            ),
            (encoding_rs::EUC_JP, "この内容は人工知能によって生成されました。画像と音声の出所を示します。"),
        ] {
            let (bytes, _, lossy) = encoding.encode(words);
            assert!(!lossy);
            let found = detect(&bytes, true);
            assert!(
                matches!(found, Verdict::Damaged(Coding { encoding: Utf8, .. }, _)),
                "{}: {found:?}",
                encoding.name()
            );
        }
        for words in [
            "中文\n",
            "本内容由人工智能生成\n",
            "# 河流\n\n这条河从山里流出来，经过三个村子，最后流进大海。\n",
            "AI生成：第1章\n",
            "生僻字𠀀龘镕\n",
        ] {
            assert_eq!(detect(&encode(words, Gb18030).unwrap(), true), text(Gb18030, 0), "{words}");
        }
    }

    #[test]
    fn words_return_from_every_encoding() {
        for encoding in [Utf8, Utf16Be, Utf16Le, Gb18030] {
            let words = "AI生成\r\n𠀀ё";
            let bytes = encode(words, encoding).unwrap();
            assert_eq!(decode(&bytes, encoding), (words.to_owned(), false));
        }
        assert_eq!(encode("生成", Gb18030).unwrap(), b"\xC9\xFA\xB3\xC9");
        assert_eq!(encode("生", Utf16Be).unwrap(), b"\x75\x1F");
    }

    #[test]
    fn structure_is_seen_through_every_encoding() {
        // The second byte of 8C 60 would read as a backtick.
        assert_eq!(narrow(b"\x8C\x60-\x81\x30\x81\x30-", Gb18030).as_ref(), b"\x80\x80-\x80\x80\x80\x80-");
        assert_eq!(narrow(b"-\0\x2D\x4E", Utf16Le).as_ref(), b"-\x80");
        assert_eq!(narrow("中-".as_bytes(), Utf8).as_ref(), "中-".as_bytes());
    }

    /// As when the end of a file is looked at: the first byte is the second half of a character.
    #[test]
    fn coming_in_within_a_character_hides_no_line_break() {
        assert_eq!(narrow(b"\xD0\xCE\xC4\n", Gb18030).last(), Some(&b'\n'));
        assert_eq!(narrow(b"\xD01\n", Gb18030).last(), Some(&b'\n'));
    }

    #[test]
    fn the_first_line_break_is_the_one() {
        assert_eq!(line_break(b"a\r\nb\nc"), "\r\n");
        assert_eq!(line_break(b"a\nb\r\n"), "\n");
        assert_eq!(line_break(b"a\rb"), "\r");
        assert_eq!(line_break(b"a"), "\n");
    }
}
