use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::day::{Day, Moment};
use crate::error::LogError;
use crate::hash::{Hash, hex};
use crate::key::KeyError;
use crate::record::Record;

/// What entries are written after. Raised when a field changes its meaning or goes; new fields may come at any time.
pub const SCHEMA: &str = "indicia-log/1";

/// Most bytes of an entry or a record.
pub(crate) const LONGEST: usize = 1 << 20;

/// Bytes of a salt: as many as no one can guess.
const SALT: usize = 16;

/// What stands in the tree for good, and tells no one what it is about.
///
/// It is hashed as canonical JSON (RFC 8785), one line of `entries.jsonl` without its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// What happened.
    pub event: Event,
    /// When it was logged.
    pub time: Moment,
    /// The last day on which the record must be kept; `None` if it is kept without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_until: Option<Day>,
    /// SHA-256 of the line of `records.jsonl`, without its end; `None` if there is no record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Hash>,
    /// The earlier entries that it is about, as pairs of the first and the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<[u64; 2]>,
}

impl Entry {
    /// Whether it is about this earlier entry.
    pub fn is_about(&self, index: u64) -> bool {
        self.concerns.iter().any(|[first, last]| (first..=last).contains(&&index))
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A file was labelled, and is to be published.
    Labelled,
    /// A file was checked for marks.
    Checked,
    /// Metadata that a file had lost was put back on it.
    Restored,
    /// A file that was labelled could not be published after all.
    Withdrawn,
    /// Records were erased at the end of their retention.
    Erased,
    /// Something that a later version knows of.
    #[serde(other)]
    Other,
}

impl Event {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Labelled => "labelled",
            Self::Checked => "checked",
            Self::Restored => "restored",
            Self::Withdrawn => "withdrawn",
            Self::Erased => "erased",
            Self::Other => "other",
        }
    }
}

/// A record as it is committed to: with a salt, so that the hash of an erased one tells nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    pub(crate) record: Record,
    pub(crate) salt: String,
}

/// What is in the place of an erased record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tombstone {
    /// The entry that tells of the erasure.
    pub(crate) erased: u64,
}

/// A salt for each of so many records, as hexadecimal digits.
pub(crate) fn salts(count: usize) -> Result<Vec<String>, LogError> {
    let mut bytes = vec![0; count * SALT];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeyError::NoRandom)?;
    Ok(bytes.chunks_exact(SALT).map(hex).collect())
}

/// Canonical JSON (RFC 8785).
pub(crate) fn canonical(value: &impl Serialize) -> Result<Vec<u8>, LogError> {
    // Entries and records hold nothing that JSON cannot.
    let bytes = serde_json_canonicalizer::to_vec(value).unwrap_or_default();
    match bytes.len() {
        1..=LONGEST => Ok(bytes),
        size => Err(LogError::TooLong { size, most: LONGEST }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Event, SCHEMA, canonical, salts};
    use crate::day::{Day, Moment};

    #[test]
    fn an_entry_has_one_form() {
        let entry = Entry {
            schema: SCHEMA.into(),
            event: Event::Erased,
            time: Moment::of_seconds(0),
            retain_until: Day::parse("2027-05-27"),
            commitment: None,
            concerns: vec![[3, 5], [9, 9]],
        };
        let text = String::from_utf8(canonical(&entry).unwrap()).unwrap();
        let expected = r#"{"concerns":[[3,5],[9,9]],"event":"erased","retain_until":"2027-05-27","schema":"indicia-log/1","time":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
        let about: Vec<_> = (0..12).filter(|index| entry.is_about(*index)).collect();
        assert_eq!(about, [3, 4, 5, 9]);
        let later = text.replace("erased", "foreseen");
        assert_eq!(serde_json::from_str::<Entry>(&later).unwrap().event, Event::Other);
        assert!(canonical(&"x".repeat(1 << 20)).is_err());
    }

    #[test]
    fn no_two_salts_are_alike() {
        let mut salts = salts(100).unwrap();
        salts.sort();
        salts.dedup();
        assert_eq!((salts.len(), salts[0].len()), (100, 32));
    }
}
