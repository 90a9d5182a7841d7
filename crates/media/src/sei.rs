//! Messages of encoders in the coded pictures of H.264 and HEVC: SEI of the kind that holds anybody's own data.

use crate::{Body, Carrier, Packet};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Type of the payload `user_data_unregistered` (ITU-T H.274, 8.3): a UUID, then what its owner likes.
const UNREGISTERED: usize = 5;
/// Most units before the first slice of a picture that are looked at.
const UNITS: usize = 64;
/// Bytes of a picture that are looked at first.
const FIRST: u64 = 1 << 12;
/// Most bytes of one unit of messages.
const LARGEST: u64 = 1 << 18;
/// Where they stand, in words.
const PLACE: &str = "SEI message beside the first picture";

/// A coding that has such messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// ITU-T H.264.
    Avc,
    /// ITU-T H.265.
    Hevc,
}

/// How units are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Units {
    /// Each has its length before it, in so many bytes (ISO/IEC 14496-15).
    Lengths(usize),
    /// Before each stand two zeros and a one (H.264 and H.265, annex B).
    StartCodes,
}

/// One coded picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coded {
    pub(crate) coding: Coding,
    pub(crate) units: Units,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Units {
    /// The next unit of a picture; `None` at its end.
    fn next(
        self,
        coding: Coding,
        window: &mut Window<'_>,
        at: u64,
        end: u64,
    ) -> Result<Option<Span>, FormatError> {
        match self {
            Self::Lengths(width) => {
                let start = at.saturating_add(width as u64);
                if start >= end {
                    return Ok(None);
                }
                let len = window.bytes(at, width)?.iter().fold(0, |len, byte| len << 8 | u64::from(*byte));
                let unit = Span::new(start, len).filter(|unit| unit.end <= end);
                unit.ok_or(FormatError::malformed(at, "the length of a unit of a picture")).map(Some)
            }
            Self::StartCodes => {
                let Some(start) = start_code(window, at, end, FIRST)?.map(|code| code + 3) else {
                    return Ok(None);
                };
                // Where a slice ends need not be known, and it is most of the picture.
                let first = window.up_to(start, 1)?.first().copied().unwrap_or(0);
                let next =
                    if coding.is_slice(first) { None } else { start_code(window, start, end, LARGEST)? };
                Ok(Some(Span { start, end: next.unwrap_or(end) }))
            }
        }
    }
}

/// Where the next start code is, at most so far on. Zeros before it belong to no unit.
fn start_code(window: &mut Window<'_>, at: u64, end: u64, far: u64) -> Result<Option<u64>, FormatError> {
    let left = end.saturating_sub(at).min(far);
    let mut near = FIRST;
    loop {
        let bytes = window.up_to(at, usize::try_from(left.min(near)).unwrap_or(0))?;
        if let Some(found) = memchr::memmem::find(bytes, &[0, 0, 1]) {
            return Ok(Some(at + found as u64));
        }
        if near >= left {
            return Ok(None);
        }
        near *= 8;
    }
}

impl Coding {
    /// Bytes of a unit before its payload.
    fn header(self) -> u64 {
        match self {
            Self::Avc => 1,
            Self::Hevc => 2,
        }
    }

    /// Whether the unit that begins with this byte is a part of the picture itself.
    fn is_slice(self, first: u8) -> bool {
        match self {
            Self::Avc => matches!(first & 0x1F, 1..=5),
            Self::Hevc => first >> 1 & 0x3F < 32,
        }
    }

    /// Whether it holds messages.
    fn is_sei(self, first: u8) -> bool {
        match self {
            Self::Avc => first & 0x1F == 6,
            Self::Hevc => first >> 1 & 0x3F == 39,
        }
    }
}

/// The messages before the first slice of a picture, each with its UUID in hexadecimal as the key.
///
/// # Errors
/// If the lengths of the units do not fit, or a unit of messages is too large.
pub(crate) fn messages(
    source: &dyn Source,
    picture: Coded,
    limits: &Limits,
) -> Result<Vec<Packet>, FormatError> {
    let Coded { coding, units, span } = picture;
    let (mut window, mut at) = (Window::new(source), span.start);
    let mut found = Vec::new();
    let none = FormatError::malformed(span.start, "a picture of which no part was found");
    for _ in 0..UNITS {
        let Some(unit) = units.next(coding, &mut window, at, span.end)? else {
            // Behind start codes that are not there nothing was read.
            let nothing = units == Units::StartCodes && at == span.start;
            return if nothing { Err(none) } else { Ok(found) };
        };
        let Some(first) = window.up_to(unit.start, 1)?.first().copied().filter(|_| !unit.is_empty()) else {
            return Err(FormatError::malformed(at, "an empty unit of a picture"));
        };
        if coding.is_slice(first) {
            return Ok(found);
        }
        if coding.is_sei(first) {
            if unit.len() > LARGEST {
                let problem = Problem::OverLimit { what: "bytes of messages in a picture", limit: LARGEST };
                return Err(FormatError::new(unit.start, problem));
            }
            let body = Span { start: (unit.start + coding.header()).min(unit.end), end: unit.end };
            let payloads = plain(&limits.take(source, body)?);
            found.extend(unregistered(&payloads).map(|(uuid, body)| Packet {
                carrier: Carrier::Blob,
                key: uuid.iter().map(|byte| format!("{byte:02x}")).collect(),
                place: PLACE,
                span: unit,
                body: Body::Decoded(body.to_vec()),
            }));
        }
        at = unit.end;
    }
    Err(none)
}

/// A unit without the bytes that keep its payload from looking like the start of another (H.264, 7.4.1).
fn plain(unit: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut zeros = 0;
    for byte in unit {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    plain
}

/// UUID and data of each message of anybody's own; what follows one that breaks off is none.
fn unregistered(mut rest: &[u8]) -> impl Iterator<Item = (&[u8; 16], &[u8])> {
    std::iter::from_fn(move || {
        loop {
            let kind = number(&mut rest)?;
            let size = number(&mut rest)?;
            let (payload, after) = rest.split_at_checked(size)?;
            rest = after;
            if let (UNREGISTERED, Some(parts)) = (kind, payload.split_first_chunk::<16>()) {
                return Some(parts);
            }
        }
    })
}

/// A type or size: each byte 255 says that more follows (H.264, 7.3.2.3.1).
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut number: usize = 0;
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number = number.checked_add(usize::from(*byte))?;
        if *byte != 0xFF {
            return Some(number);
        }
    }
}

/// The messages of a video, for tests; `None` where its coding has no place for them.
#[cfg(test)]
pub(crate) fn texts(asset: &crate::Asset<'_>) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    match asset.messages().map_err(|err| err.problem)? {
        crate::Messages::NoPlace => Ok(None),
        crate::Messages::First(found) => {
            Ok(Some(found.iter().map(|packet| asset.read(packet).unwrap()).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Coded, Coding, LARGEST, Units, messages};
    use indicia_core::{FormatError, Limits, Problem, Span};

    /// A picture of units, each with its length in four bytes.
    fn picture(units: &[&[u8]]) -> Vec<u8> {
        let length = |unit: &[u8]| u32::try_from(unit.len()).unwrap().to_be_bytes();
        units.iter().flat_map(|unit| [&length(unit)[..], unit].concat()).collect()
    }

    fn texts(coding: Coding, bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, FormatError> {
        let bytes = bytes.to_vec();
        let span = Span { start: 0, end: bytes.len() as u64 };
        let found = messages(&bytes, Coded { coding, units: Units::Lengths(4), span }, &Limits::default())?;
        let read = |packet: &crate::Packet| packet.read(&bytes, &Limits::default()).unwrap();
        Ok(found.iter().map(|packet| (packet.key.clone(), read(packet))).collect())
    }

    /// A message with this UUID byte and text.
    fn message(uuid: u8, text: &[u8]) -> Vec<u8> {
        let mut size = 16 + text.len();
        let mut bytes = vec![5];
        while size >= 255 {
            bytes.push(255);
            size -= 255;
        }
        bytes.push(u8::try_from(size).unwrap());
        [&bytes[..], &[uuid; 16], text].concat()
    }

    #[test]
    fn messages_of_both_codings_are_found_up_to_the_first_slice() {
        let long = vec![b'x'; 600];
        for (coding, parameters, sei, slice) in [
            (Coding::Avc, &[0x67, 1][..], &[6][..], &[0x65, 9][..]),
            (Coding::Hevc, &[0x42, 1, 1], &[0x4E, 1], &[0x26, 1, 9]),
        ] {
            // Another kind of message stands before both.
            let body = [sei, &[1, 2, 7, 7], &message(0xAB, b"one"), &message(0xCD, &long), &[0x80]].concat();
            let late = [sei, &message(1, b"late")].concat();
            let found = texts(coding, &picture(&[parameters, &body, slice, &late])).unwrap();
            assert_eq!(found, [("ab".repeat(16), b"one".to_vec()), ("cd".repeat(16), long.clone())]);
            assert_eq!(texts(coding, &picture(&[parameters, slice])).unwrap(), []);
        }
    }

    #[test]
    fn units_behind_start_codes_are_found_too() {
        let units = |codes: &[&[u8]], units: &[&[u8]]| {
            let pairs = codes.iter().zip(units).map(|(code, unit)| [*code, *unit].concat());
            pairs.collect::<Vec<_>>().concat()
        };
        let (short, long) = (&[0, 0, 1][..], &[0, 0, 0, 1][..]);
        let body = [&[6][..], &message(0xAB, b"one"), &[0x80]].concat();
        let late = [&[6][..], &message(1, b"late")].concat();
        let bytes = units(
            &[long, long, short, long, short],
            &[&[9, 0xF0], &[0x67, 1, 2], &body, &[0x65, 9, 9], &late],
        );
        let span = Span { start: 0, end: bytes.len() as u64 };
        let picture = Coded { coding: Coding::Avc, units: Units::StartCodes, span };
        let found = messages(&bytes, picture, &Limits::default()).unwrap();
        let texts: Vec<_> =
            found.iter().map(|packet| packet.read(&bytes, &Limits::default()).unwrap()).collect();
        assert_eq!(texts, [b"one"]);
        let none = Coded { span: Span { start: 0, end: 8 }, ..picture };
        assert!(messages(&b"no codes".to_vec(), none, &Limits::default()).is_err(), "nothing was read");
    }

    #[test]
    fn bytes_that_keep_a_start_code_from_showing_are_no_part_of_the_text() {
        let unit = [&[6, 5, 21][..], &[7; 16], &[0, 0, 3, 1, 0, 0, 3, 0x80]].concat();
        let found = texts(Coding::Avc, &picture(&[&unit, &[0x65]])).unwrap();
        assert_eq!(found, [("07".repeat(16), vec![0, 0, 1, 0, 0])]);
    }

    #[test]
    fn what_does_not_fit_is_an_error_and_never_no_message() {
        let problem = |bytes: &[u8]| texts(Coding::Avc, bytes).unwrap_err().problem;
        assert_eq!(problem(&[0, 0, 0, 9, 6, 5]), Problem::Malformed("the length of a unit of a picture"));
        assert_eq!(problem(&picture(&[b"", &[0x65]])), Problem::Malformed("an empty unit of a picture"));
        assert!(matches!(problem(&picture(&[&[9, 0xF0][..]; 70])), Problem::Malformed(_)));
        let large = [&[6][..], &vec![0; usize::try_from(LARGEST).unwrap()]].concat();
        assert!(matches!(problem(&picture(&[&large])), Problem::OverLimit { .. }));
        // A message that is longer than its unit is not read beyond it.
        assert_eq!(texts(Coding::Avc, &picture(&[&[6, 5, 200, 1, 2], &[0x65]])).unwrap(), []);
    }
}
