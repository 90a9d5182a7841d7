//! How the letters of a page or drawing are coded: by its byte-order mark, by what it declares, by its bytes.

use std::borrow::Cow;

use crate::text::{self, UNDECODABLE, Verdict, detect};
use crate::xml::unescape;
use crate::{Body, TextEncoding};
use encoding_rs::Encoding;
use indicia_core::{FormatError, Problem};

/// How letters are coded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Letters {
    /// In an encoding that words can be put in as they are.
    Known(TextEncoding),
    /// In another that has ASCII in it: what it lacks is put as references.
    Other(&'static Encoding),
}

impl Letters {
    /// Tells how the bytes from the start of a file are coded, given the name of the encoding that it declares:
    /// the letters, the size of the byte-order mark, and what cannot be decoded, if anything.
    ///
    /// # Errors
    /// If it is no text.
    pub(crate) fn of(
        bytes: &[u8],
        declared: Option<&[u8]>,
        whole: bool,
    ) -> Result<(Self, u64, Option<FormatError>), FormatError> {
        let damaged = |at| Some(FormatError::malformed(at, UNDECODABLE));
        let verdict = detect(bytes, whole);
        let (coding, bad) = match verdict {
            Verdict::Text(coding) => (coding, None),
            Verdict::Damaged(coding, at) => (coding, Some(at)),
            Verdict::Binary if memchr::memchr(0, bytes).is_some() || declared.is_none() => {
                return Err(FormatError::malformed(0, "not text"));
            }
            Verdict::Binary => (text::Coding { encoding: TextEncoding::Utf8, mark: 0 }, Some(0)),
        };
        let wide = matches!(coding.encoding, TextEncoding::Utf16Be | TextEncoding::Utf16Le);
        // A byte-order mark says more than a declaration, and so does every other byte being zero.
        if coding.mark > 0 || wide {
            return Ok((Self::Known(coding.encoding), coding.mark, bad.and_then(damaged)));
        }
        let named = declared.and_then(Encoding::for_label);
        let encoding = match named {
            None if bad.is_some_and(|at| head(bytes, at).is_ascii()) => encoding_rs::WINDOWS_1252,
            None => return Ok((Self::Known(coding.encoding), 0, bad.and_then(damaged))),
            Some(encoding) => encoding,
        };
        if encoding == encoding_rs::GBK || encoding == encoding_rs::GB18030 {
            let lossy = text::decode(bytes, TextEncoding::Gb18030).1 && whole;
            let damage = if lossy { damaged(bad.unwrap_or(0)) } else { None };
            return Ok((Self::Known(TextEncoding::Gb18030), 0, damage));
        }
        if encoding == encoding_rs::UTF_8
            || encoding == encoding_rs::UTF_16LE
            || encoding == encoding_rs::UTF_16BE
        {
            // UTF-16 that is none is UTF-8 (HTML, 13.2.3.2).
            let bad = std::str::from_utf8(bytes).err().filter(|err| whole || err.error_len().is_some());
            let damage = bad.and_then(|err| damaged(err.valid_up_to() as u64));
            return Ok((Self::Known(TextEncoding::Utf8), 0, damage));
        }
        if !encoding.is_ascii_compatible() {
            let damage = FormatError::unsupported(0, "text in an encoding that does not have ASCII in it");
            return Ok((Self::Known(TextEncoding::Utf8), 0, Some(damage)));
        }
        Ok((Self::Other(encoding), 0, None))
    }

    /// The text with one byte for each unit.
    pub(crate) fn narrow(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Known(encoding) => text::narrow(bytes, encoding),
            // In none of them does `<`, `>`, `=` or a quotation mark follow within a character.
            Self::Other(_) => Cow::Borrowed(bytes),
        }
    }

    /// Bytes of one unit.
    pub(crate) fn unit(self) -> usize {
        match self {
            Self::Known(encoding) => text::unit(encoding),
            Self::Other(_) => 1,
        }
    }

    /// The words that bytes stand for.
    pub(crate) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Known(encoding) => text::decode(bytes, encoding).0,
            Self::Other(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }

    /// Words in this encoding. `with_references` is for where references stand for characters.
    ///
    /// # Errors
    /// If it has no code for one of them.
    pub(crate) fn encode(self, words: &str, with_references: bool) -> Result<Vec<u8>, FormatError> {
        match self {
            Self::Known(encoding) => text::encode(words, encoding),
            Self::Other(_) if words.is_ascii() => Ok(words.as_bytes().to_vec()),
            Self::Other(_) if with_references => {
                let coded = words.chars().map(|sign| match sign {
                    '\0'..='\x7F' => sign.to_string(),
                    _ => format!("&#x{:X};", u32::from(sign)),
                });
                Ok(coded.collect::<String>().into_bytes())
            }
            Self::Other(_) => Err(FormatError::unsupported(0, "these letters in the encoding of this file")),
        }
    }

    /// How a value is read that stands as it is in these bytes.
    pub(crate) fn plain(self, bytes: &[u8]) -> Body {
        match self {
            Self::Known(encoding) => crate::text_splice::body_of(encoding),
            Self::Other(_) => Body::Decoded(self.decode(bytes).into_bytes()),
        }
    }

    /// How a value is read that stands with references in these bytes.
    pub(crate) fn escaped(self, bytes: &[u8]) -> Body {
        fn to_utf8(bytes: &[u8], encoding: TextEncoding) -> Result<Vec<u8>, Problem> {
            match text::decode(bytes, encoding) {
                (words, false) => Ok(unescape(&words).into_owned().into_bytes()),
                _ => Err(Problem::Malformed(UNDECODABLE)),
            }
        }
        match self {
            Self::Known(TextEncoding::Utf8) => Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Utf8)),
            Self::Known(TextEncoding::Gb18030) => {
                Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Gb18030))
            }
            Self::Known(TextEncoding::Utf16Be) => {
                Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Utf16Be))
            }
            Self::Known(TextEncoding::Utf16Le) => {
                Body::Coded(|bytes, _| to_utf8(bytes, TextEncoding::Utf16Le))
            }
            Self::Other(_) => Body::Decoded(unescape(&self.decode(bytes)).into_owned().into_bytes()),
        }
    }
}

fn head(bytes: &[u8], at: u64) -> &[u8] {
    bytes.get(..usize::try_from(at).unwrap_or(usize::MAX)).unwrap_or_default()
}
