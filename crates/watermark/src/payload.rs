use std::fmt;

use crate::Key;

/// The 64 bits that a watermark carries.
///
/// | bits, from the most significant | meaning |
/// |---|---|
/// | 4 | version: 1. Others are reported, not guessed at |
/// | 2 | status: 0 not stated, 1 is generated, 2 may be, 3 suspected |
/// | 2 | sort of id: 0 none, 1 short name, 2 number, 3 digest |
/// | 56 | the id |
///
/// A **short name** has 1 to 9 characters of `A-Z a-z 0-9 - _` (values 0 to 63 in this order), a **number** 1 to 16 decimal
/// digits, zeros in front kept. Both are bijective numerals, so that every string has one value: with `n` digits of values
/// `d` in base `b`, the sum of `(d + 1)·b^k`, the last digit at `k = 0`. Any other id stands as a **digest**: the first 56
/// bits, most significant byte first, of the stream [`Key::stream`] named `payload id` followed by a zero byte and the id.
/// It leads to the record of that id for whoever has the key and the record. About 270 million ids under one key are as likely
/// as not to share a digest: what is found in a log is a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Payload(u64);

/// What a payload says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A payload of the version that this build writes.
    Label {
        /// Whether the content was generated.
        status: Status,
        /// What leads to its record.
        id: Id,
    },
    /// A version that this build does not know; its other bits could mean anything.
    UnknownVersion(u8),
}

/// Whether the content was generated, as the mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not stated.
    Unstated,
    /// It is.
    Is,
    /// It may be.
    MayBe,
    /// It is suspected to be.
    Suspected,
}

/// What leads to the record of the content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    /// Nothing.
    None,
    /// The id itself, which fits: up to 9 of `A-Z a-z 0-9 - _`, or up to 16 decimal digits.
    Literal(String),
    /// 56 bits of a keyed digest of the id.
    Digest(u64),
    /// Bits that no id of this version comes to.
    Malformed(u64),
}

const VERSION: u64 = 1;
const ID_BITS: u32 = 56;
const NAME: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NAME_LENGTH: usize = 9;
const NUMBER: &[u8; 10] = b"0123456789";
const NUMBER_LENGTH: usize = 16;

impl Payload {
    /// A payload of this version.
    ///
    /// # Errors
    /// Never for ids that [`Id::new`] made. An id that was made by hand and does not fit is given back.
    pub fn new(status: Status, id: &Id) -> Result<Self, Id> {
        let (sort, value) = match id {
            Id::None => (0, 0),
            Id::Literal(text) => encode(text, NUMBER, NUMBER_LENGTH)
                .map(|value| (2, value))
                .or_else(|| encode(text, NAME, NAME_LENGTH).map(|value| (1, value)))
                .ok_or_else(|| id.clone())?,
            Id::Digest(value) if value >> ID_BITS == 0 => (3, *value),
            Id::Digest(_) | Id::Malformed(_) => return Err(id.clone()),
        };
        Ok(Self(VERSION << 60 | status.bits() << 58 | sort << ID_BITS | value))
    }

    /// The payload of these bits, whatever they mean.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// What it says.
    pub fn meaning(self) -> Meaning {
        let version = self.0 >> 60;
        if version != VERSION {
            return Meaning::UnknownVersion(version.to_le_bytes()[0]);
        }
        let value = self.0 & ((1 << ID_BITS) - 1);
        let id = match self.0 >> ID_BITS & 3 {
            0 if value == 0 => Id::None,
            1 => decode(value, NAME, NAME_LENGTH).map_or(Id::Malformed(value), Id::Literal),
            2 => decode(value, NUMBER, NUMBER_LENGTH).map_or(Id::Malformed(value), Id::Literal),
            3 => Id::Digest(value),
            _ => Id::Malformed(value),
        };
        Meaning::Label { status: Status::of(self.0 >> 58 & 3), id }
    }
}

impl Id {
    /// The id of a record: itself where it fits, a digest under the key where not, none where it is empty.
    pub fn new(key: &Key, id: &str) -> Self {
        if id.is_empty() {
            Self::None
        } else if encode(id, NUMBER, NUMBER_LENGTH).or_else(|| encode(id, NAME, NAME_LENGTH)).is_some() {
            Self::Literal(id.to_owned())
        } else {
            let mut stream = key.stream(&format!("payload id\0{id}"));
            let value = u64::from(stream.word().swap_bytes()) << 32 | u64::from(stream.word().swap_bytes());
            Self::Digest(value >> (64 - ID_BITS))
        }
    }

    /// Whether a payload with this id leads to the record of `id`, under `key`.
    pub fn leads_to(&self, key: &Key, id: &str) -> bool {
        *self == Self::new(key, id)
    }
}

impl Status {
    fn bits(self) -> u64 {
        match self {
            Self::Unstated => 0,
            Self::Is => 1,
            Self::MayBe => 2,
            Self::Suspected => 3,
        }
    }

    fn of(bits: u64) -> Self {
        match bits {
            1 => Self::Is,
            2 => Self::MayBe,
            3 => Self::Suspected,
            _ => Self::Unstated,
        }
    }
}

/// The bijective numeral of a text in these digits; none if it has others, or is empty or longer.
fn encode(text: &str, digits: &[u8], longest: usize) -> Option<u64> {
    if text.is_empty() || text.len() > longest {
        return None;
    }
    text.bytes().try_fold(0, |value: u64, byte| {
        let digit = digits.iter().position(|&digit| digit == byte)? as u64;
        Some(value * digits.len() as u64 + digit + 1)
    })
}

/// The text of a bijective numeral; none if it is 0 or longer.
fn decode(mut value: u64, digits: &[u8], longest: usize) -> Option<String> {
    let base = digits.len() as u64;
    let mut text = Vec::new();
    while value > 0 {
        value -= 1;
        text.push(*digits.get(usize::try_from(value % base).ok()?)?);
        value /= base;
    }
    text.reverse();
    if text.is_empty() || text.len() > longest { None } else { String::from_utf8(text).ok() }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({self})")
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_fit_come_back_as_they_were() {
        let key = Key::public();
        for id in ["0", "00", "007", "9999999999999999", "A", "a", "zzzzzzzzz", "_________", "Gen-3_b", ""] {
            let payload = Payload::new(Status::MayBe, &Id::new(&key, id)).unwrap();
            let Meaning::Label { status, id: read } = payload.meaning() else { panic!("{id}") };
            assert_eq!(status, Status::MayBe);
            assert_eq!(read, if id.is_empty() { Id::None } else { Id::Literal(id.to_owned()) });
        }
    }

    #[test]
    fn other_ids_are_digests_under_the_key() {
        let (key, other) = (Key::public(), Key::from_bytes(b"other"));
        for id in ["10000000000000000", "abcdefghij", "a b", "生成", "3f2b8c1e-7d7a-4a61-9d5b-0b7f1c2d3e4f"]
        {
            let digest = Id::new(&key, id);
            assert!(matches!(digest, Id::Digest(value) if value < 1 << 56), "{id}: {digest:?}");
            assert!(
                digest.leads_to(&key, id) && !digest.leads_to(&other, id) && !digest.leads_to(&key, "x y")
            );
            let payload = Payload::new(Status::Is, &digest).unwrap();
            assert_eq!(payload.meaning(), Meaning::Label { status: Status::Is, id: digest });
        }
    }

    #[test]
    fn the_layout_is_as_documented() {
        let payload = Payload::new(Status::Suspected, &Id::Literal("BA".to_owned())).unwrap();
        assert_eq!(payload.bits(), 0x1D00_0000_0000_0000 | (2 * 64 + 1));
        assert_eq!(
            Payload::new(Status::Is, &Id::Literal("12".to_owned())).unwrap().bits(),
            0x1600_0000_0000_0017
        );
    }

    #[test]
    fn unknown_versions_and_malformed_ids_are_told() {
        assert_eq!(Payload::from_bits(0).meaning(), Meaning::UnknownVersion(0));
        assert_eq!(Payload::from_bits(u64::MAX).meaning(), Meaning::UnknownVersion(15));
        let longest = (1 << 56) - 1;
        let malformed = Payload::from_bits(0x1500_0000_0000_0000 | longest).meaning();
        assert_eq!(malformed, Meaning::Label { status: Status::Is, id: Id::Malformed(longest) });
        assert!(Payload::new(Status::Is, &Id::Digest(1 << 56)).is_err());
        assert!(Payload::new(Status::Is, &Id::Literal("a b".to_owned())).is_err());
    }
}
