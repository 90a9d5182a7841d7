//! Vorbis comments: a vendor string and texts of the form `KEY=value`, each after its length as a 32-bit
//! little-endian number. FLAC has them in a metadata block, Ogg in a header packet.

use std::collections::BTreeMap;

use crate::{Body, Carrier, Packet, Piece, Put};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Where the comments stand.
pub(crate) const PLACE: &str = "Vorbis comment";
/// Where the name of the encoder stands.
const VENDOR_PLACE: &str = "Vorbis vendor string";
/// The key under which the name of the encoder is shown.
const VENDOR_KEY: &str = "vendor";
/// Bytes looked at for a key: keys are words, not books.
const KEY: usize = 1024;
/// Keys of pictures in Base64, which hold no text.
const PICTURES: [&str; 2] = ["METADATA_BLOCK_PICTURE", "COVERART"];

/// The comments of a file. All places are those in the source they were read from.
#[derive(Debug)]
pub(crate) struct Comments {
    /// The text of the vendor string.
    vendor: Span,
    entries: Vec<Entry>,
    /// Where the number of comments stands.
    count: u64,
    /// Where the comments end; what may follow is not theirs.
    pub(crate) end: u64,
    /// Where they stop being readable.
    pub(crate) damage: Option<FormatError>,
}

/// One comment.
#[derive(Debug)]
struct Entry {
    /// Length and text.
    span: Span,
    /// As it is spelled; `None` for a text without one.
    key: Option<String>,
    value: Span,
}

impl Comments {
    /// Reads the comments that start at `area.start`. Values are left where they are.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read(window: &mut Window<'_>, area: Span, limits: &Limits) -> Result<Self, FormatError> {
        let start = Span { start: area.start, end: area.start };
        let mut comments =
            Self { vendor: start, entries: Vec::new(), count: area.start, end: area.start, damage: None };
        match comments.fill(window, area, limits) {
            Err(err) if !matches!(err.problem, Problem::Io(_)) => comments.damage = Some(err),
            filled => filled?,
        }
        Ok(comments)
    }

    fn fill(&mut self, window: &mut Window<'_>, area: Span, limits: &Limits) -> Result<(), FormatError> {
        self.vendor = text(window, area.start, area)?;
        self.count = self.vendor.end;
        let count = number(window, self.count, area)?;
        self.end = self.count + 4;
        for _ in 0..count {
            if self.entries.len() >= limits.segments {
                let problem = Problem::OverLimit { what: "comments", limit: limits.segments as u64 };
                return Err(FormatError::new(self.end, problem));
            }
            let text = text(window, self.end, area)?;
            let span = Span { start: self.end, end: text.end };
            let near = usize::try_from(text.len()).unwrap_or(usize::MAX).min(KEY);
            let head = window.up_to(text.start, near)?;
            let mut entry = Entry { span, key: None, value: text };
            if let Some(len) = head.iter().position(|byte| *byte == b'=') {
                entry.key = Some(String::from_utf8_lossy(head.get(..len).unwrap_or_default()).into_owned());
                entry.value.start += len as u64 + 1;
            }
            self.entries.push(entry);
            self.end = span.end;
        }
        Ok(())
    }

    /// The packets, each with its number: 0 for the vendor string, then the comments in order.
    pub(crate) fn packets(&self) -> impl Iterator<Item = (usize, Packet)> {
        let vendor = (!self.vendor.is_empty()).then(|| {
            let key = VENDOR_KEY.to_owned();
            let (place, span) = (VENDOR_PLACE, self.vendor);
            (0, Packet { carrier: Carrier::Field, key, place, span, body: Body::Verbatim })
        });
        let entries = self.entries.iter().enumerate().filter_map(|(at, entry)| {
            let key = entry.key.clone().unwrap_or_default();
            if PICTURES.iter().any(|known| key.eq_ignore_ascii_case(known)) {
                return None;
            }
            let carrier = if entry.key.is_some() { Carrier::Field } else { Carrier::Comment };
            Some((at + 1, Packet { carrier, key, place: PLACE, span: entry.value, body: Body::Verbatim }))
        });
        vendor.into_iter().chain(entries)
    }

    /// The comments with new values by number (`None` takes one out) and new ones, as pieces of the source
    /// they were read from. What follows them is not among the pieces.
    ///
    /// # Errors
    /// If they are damaged, or a text is not one that a comment can hold.
    pub(crate) fn rewrite(
        &self,
        replaced: &BTreeMap<usize, Option<&[u8]>>,
        added: &[&Put],
    ) -> Result<Vec<Piece>, FormatError> {
        if let Some(damage) = &self.damage {
            return Err(damage.clone());
        }
        let mut pieces = vec![match replaced.get(&0) {
            Some(value) => Piece::New(entry(&[value.unwrap_or_default()])?),
            None => Piece::Keep(Span { start: self.vendor.start - 4, end: self.vendor.end }),
        }];
        let mut texts = Vec::new();
        for (at, one) in self.entries.iter().enumerate() {
            match replaced.get(&(at + 1)) {
                None => texts.push(Piece::Keep(one.span)),
                Some(None) => continue,
                Some(Some(value)) => {
                    let key = Span { start: one.span.start + 4, end: one.value.start };
                    let len = length(key.len().saturating_add(value.len() as u64))?;
                    texts.extend([Piece::New(len), Piece::Keep(key), Piece::New(value.to_vec())]);
                }
            }
        }
        let gone = replaced.iter().filter(|(at, value)| **at > 0 && value.is_none()).count();
        let count = self.entries.len() - gone.min(self.entries.len()) + added.len();
        pieces.push(Piece::New(length(count as u64)?));
        pieces.extend(texts);
        for put in added {
            pieces.push(Piece::New(field(put)?));
        }
        Ok(pieces)
    }
}

/// Comments for a file that has none.
///
/// # Errors
/// If a text is not one that a comment can hold.
pub(crate) fn new(added: &[&Put]) -> Result<Vec<u8>, FormatError> {
    let mut bytes = entry(&[env!("CARGO_PKG_NAME").as_bytes()])?;
    bytes.extend(length(added.len() as u64)?);
    for put in added {
        bytes.extend(field(put)?);
    }
    Ok(bytes)
}

/// A new comment. A key may hold any ASCII that can be printed but `=`.
fn field(put: &Put) -> Result<Vec<u8>, FormatError> {
    let fits = |byte: &u8| (0x20..=0x7D).contains(byte) && *byte != b'=';
    if put.carrier != Carrier::Field || put.key.is_empty() || !put.key.as_bytes().iter().all(fits) {
        return Err(FormatError::unsupported(0, "this sort of metadata in Vorbis comments"));
    }
    if std::str::from_utf8(&put.body).is_err() {
        return Err(FormatError::malformed(0, "a text for a Vorbis comment that is no UTF-8"));
    }
    entry(&[put.key.as_bytes(), b"=", &put.body])
}

/// A text after its length.
fn entry(parts: &[&[u8]]) -> Result<Vec<u8>, FormatError> {
    let mut bytes = length(parts.iter().map(|part| part.len() as u64).sum())?;
    bytes.extend(parts.concat());
    Ok(bytes)
}

fn length(len: u64) -> Result<Vec<u8>, FormatError> {
    let limit = u64::from(u32::MAX);
    let over = FormatError::new(0, Problem::OverLimit { what: "bytes in a Vorbis comment", limit });
    Ok(u32::try_from(len).map_err(|_| over)?.to_le_bytes().to_vec())
}

/// The number at `at`, within the area.
fn number(window: &mut Window<'_>, at: u64, area: Span) -> Result<u32, FormatError> {
    if area.end.saturating_sub(at) < 4 {
        return Err(FormatError::malformed(at, "Vorbis comments that end too early"));
    }
    window.array(at).map(u32::from_le_bytes)
}

/// The text whose length stands at `at`, within the area.
fn text(window: &mut Window<'_>, at: u64, area: Span) -> Result<Span, FormatError> {
    let len = number(window, at, area)?;
    Span::new(at + 4, len.into())
        .filter(|text| text.end <= area.end)
        .ok_or(FormatError::malformed(at, "the length of a Vorbis comment"))
}

/// The bytes of pieces of a source.
///
/// # Errors
/// If they are over a limit together, or the source cannot be read.
pub(crate) fn gathered(
    source: &dyn Source,
    pieces: &[Piece],
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    for piece in pieces {
        if (bytes.len() as u64).saturating_add(piece.len()) > limits.block {
            let problem = Problem::OverLimit { what: "bytes in one block", limit: limits.block };
            return Err(FormatError::new(0, problem));
        }
        match piece {
            Piece::New(new) => bytes.extend_from_slice(new),
            Piece::Keep(span) => bytes.extend(limits.take(source, *span)?),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::ptr_arg, reason = "a source is a vector, not a slice")]
mod tests {
    use super::{Comments, gathered, new};
    use crate::{Carrier, Put};
    use indicia_core::{Limits, Span, Window};
    use std::collections::BTreeMap;

    const BYTES: &[u8] =
        b"\x03\0\0\0enc\x04\0\0\0\x05\0\0\0a=one\x08\0\0\0no equal\x03\0\0\0A=2\x05\0\0\0a=\xE7\x81\xAF!";

    fn read(bytes: &Vec<u8>) -> Comments {
        let area = Span { start: 0, end: bytes.len() as u64 };
        Comments::read(&mut Window::new(bytes), area, &Limits::default()).unwrap()
    }

    #[test]
    fn keys_stay_as_they_are_spelled_and_a_text_without_one_is_a_comment() {
        let bytes = BYTES.to_vec();
        let found: Vec<_> = read(&bytes)
            .packets()
            .map(|(at, one)| {
                (at, one.carrier, one.key.clone(), one.read(&bytes, &Limits::default()).unwrap())
            })
            .collect();
        let field =
            |at, key: &str, value: &str| (at, Carrier::Field, key.to_owned(), value.as_bytes().to_vec());
        let comment = (2, Carrier::Comment, String::new(), b"no equal".to_vec());
        let expected = [
            field(0, "vendor", "enc"),
            field(1, "a", "one"),
            comment,
            field(3, "A", "2"),
            field(4, "a", "灯"),
        ];
        assert_eq!(found, expected);
        assert_eq!(read(&bytes).end, bytes.len() as u64 - 1);
    }

    #[test]
    fn texts_are_replaced_taken_out_and_put_in() {
        let bytes = BYTES.to_vec();
        let put = Put { carrier: Carrier::Field, key: "AIGC".into(), body: b"{}".to_vec() };
        let replaced = BTreeMap::from([(0, Some(&b"x"[..])), (2, None), (3, Some(&b"three"[..]))]);
        let pieces = read(&bytes).rewrite(&replaced, &[&put]).unwrap();
        let new = gathered(&bytes, &pieces, &Limits::default()).unwrap();
        assert_eq!(
            new,
            b"\x01\0\0\0x\x04\0\0\0\x05\0\0\0a=one\x07\0\0\0A=three\x05\0\0\0a=\xE7\x81\xAF\x07\0\0\0AIGC={}"
        );
    }

    #[test]
    fn a_length_past_the_end_is_damage_and_what_stands_before_it_is_read() {
        for (at, left) in [(0, 0), (7, 5), (11, 1), (20, 2)] {
            let mut bytes = BYTES.to_vec();
            bytes[at..at + 4].fill(0xFF);
            let comments = read(&bytes);
            assert!(comments.damage.is_some(), "{at}");
            assert_eq!(comments.packets().count(), left, "{at}");
            assert!(comments.rewrite(&BTreeMap::new(), &[]).is_err());
        }
        for cut in 0..BYTES.len() - 1 {
            assert!(read(&BYTES[..cut].to_vec()).damage.is_some(), "{cut}");
        }
    }

    #[test]
    fn keys_that_a_comment_cannot_have_are_refused() {
        for key in ["", "a=b", "灯", "a\n"] {
            let put = Put { carrier: Carrier::Field, key: key.into(), body: Vec::new() };
            assert!(new(&[&put]).is_err(), "{key:?}");
        }
        let put = Put { carrier: Carrier::Xmp, key: String::new(), body: Vec::new() };
        assert!(new(&[&put]).is_err());
    }

    #[test]
    fn a_picture_is_no_text() {
        let bytes = b"\0\0\0\0\x01\0\0\0\x1B\0\0\0metadata_block_picture=AAAA".to_vec();
        assert_eq!(read(&bytes).packets().count(), 0);
        assert_eq!(read(&bytes).damage, None);
    }
}
