//! Finding entries by what a file still has: its bytes, a number in a label, or the id in a watermark.

use crate::hash::Hash;
use crate::record::Record;
use crate::row::KEYS;

/// What an entry is sought by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// SHA-256 of a file.
    Content(Hash),
    /// SHA-256 of the coded media of a file, without its metadata.
    Media(Hash),
    /// The producer's number for the content.
    ContentId(String),
    /// A propagator's number for the content.
    PropagationId(String),
    /// The id in a watermark, as its scheme writes it.
    Watermark(String),
}

impl Sought {
    /// Where its number stands in a row of the index, and the number.
    pub(crate) fn key(&self) -> (usize, u64) {
        match self {
            Self::Content(hash) => (0, number(&hash.0)),
            Self::Media(hash) => (1, number(&hash.0)),
            Self::ContentId(id) => (2, number(id.as_bytes())),
            Self::PropagationId(id) => (3, number(id.as_bytes())),
            Self::Watermark(id) => (4, number(id.as_bytes())),
        }
    }

    /// Whether a record is one that is sought.
    pub(crate) fn is_in(&self, record: &Record) -> bool {
        let field = |name: &str, id: &String| record.claim.get(name) == Some(id);
        match self {
            Self::Content(hash) => record.sha256 == *hash,
            Self::Media(hash) => record.media == Some(*hash),
            Self::ContentId(id) => field("content_id", id),
            Self::PropagationId(id) => field("propagation_id", id),
            Self::Watermark(id) => record.watermark.as_ref() == Some(id),
        }
    }
}

/// The numbers under which a record is found.
pub(crate) fn keys(record: &Record) -> [u64; KEYS] {
    let field = |name: &str| record.claim.get(name).filter(|value| !value.is_empty()).cloned();
    let sought = [
        Some(Sought::Content(record.sha256)),
        record.media.map(Sought::Media),
        field("content_id").map(Sought::ContentId),
        field("propagation_id").map(Sought::PropagationId),
        record.watermark.clone().map(Sought::Watermark),
    ];
    sought.map(|sought| sought.map_or(0, |sought| sought.key().1))
}

/// The first eight bytes of a hash, which is never zero, since zero stands for none.
fn number(bytes: &[u8]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = Hash::of(bytes).0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

#[cfg(test)]
mod tests {
    use super::{Sought, keys};
    use crate::hash::Hash;
    use crate::record::Record;

    #[test]
    fn a_record_is_found_by_each_of_its_numbers() {
        let claim = [("content_id", "C"), ("propagation_id", "P")];
        let record = Record {
            sha256: Hash::of(b"x"),
            media: Some(Hash::of(b"m")),
            claim: claim.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            watermark: Some("00ff".into()),
            ..Record::default()
        };
        let row = keys(&record);
        for (sought, other) in [
            (Sought::Content(Hash::of(b"x")), Sought::Content(Hash::of(b"y"))),
            (Sought::ContentId("C".into()), Sought::ContentId("P".into())),
            (Sought::PropagationId("P".into()), Sought::PropagationId("C".into())),
            (Sought::Watermark("00ff".into()), Sought::Watermark("00fe".into())),
            (Sought::Media(Hash::of(b"m")), Sought::Media(Hash::of(b"x"))),
        ] {
            let (place, key) = sought.key();
            assert_eq!(row[place], key, "{sought:?}");
            assert!(sought.is_in(&record) && !other.is_in(&record), "{sought:?}");
            assert_ne!(row[place], other.key().1);
        }
        assert_eq!(keys(&Record::default())[1..], [0, 0, 0, 0]);
    }
}
