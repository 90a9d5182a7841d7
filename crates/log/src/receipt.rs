use serde::{Deserialize, Serialize};

use crate::day::Moment;
use crate::entry::canonical;
use crate::hash::Hash;
use crate::key::{SigningKey, VerifierKey};
use crate::note::{Note, NoteError};
use crate::record::{MarkNote, PackNote, Tool};

/// The first line of a receipt, so that its signature can be taken for nothing else.
const HEADING: &str = "indicia detection receipt v1";

/// What a detector found on one file, to be signed and handed to whoever asked (Code of Practice, sub-measure 2.1.2).
///
/// As a file it is a signed note (c2sp.org/signed-note) of two lines: a heading, and this as canonical JSON (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// SHA-256 of all bytes of the file.
    pub sha256: Hash,
    /// Its size in bytes.
    pub size: u64,
    /// The detector: the program.
    pub detector: Tool,
    /// Where the detector is found, or another name for it that stays.
    pub detector_id: String,
    /// When it looked.
    pub time: Moment,
    /// What it concluded, in the words of reports.
    pub verdict: String,
    /// Whether all that the rules ask was met: `met`, `unmet` or `unknown`.
    pub outcome: String,
    /// The marks it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<MarkNote>,
    /// What it could not look for, by scheme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_looked_for: Vec<String>,
    /// The rules it went by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<PackNote>,
}

impl Receipt {
    /// The signed text.
    ///
    /// # Errors
    /// If it is longer than a note may be, or the name is no key's.
    pub fn sign(&self, key: &SigningKey, name: &str) -> Result<String, ReceiptError> {
        let verifier = key.verifier(name).map_err(|err| ReceiptError::Malformed(err.to_string()))?;
        let json = canonical(self).map_err(|err| ReceiptError::Malformed(err.to_string()))?;
        let text = format!("{HEADING}\n{}\n", String::from_utf8_lossy(&json));
        Ok(Note::sign(text, key, &verifier).to_string())
    }

    /// Reads a receipt, and verifies that this key has signed it.
    ///
    /// # Errors
    /// If it is none, or the key has not.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, ReceiptError> {
        let note = Note::parse(text.as_bytes())?;
        let signed = note.open(key)?;
        let Some((HEADING, json)) = signed.split_once('\n') else {
            return Err(ReceiptError::Malformed(format!("its first line is not `{HEADING}`")));
        };
        serde_json::from_str(json).map_err(|err| ReceiptError::Malformed(err.to_string()))
    }

    /// Whether it is about a file with these bytes.
    pub fn is_of(&self, content: &Hash) -> bool {
        self.sha256 == *content
    }
}

/// Why a text is no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is no note, or not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It is signed, and no receipt.
    #[error("it is no detection receipt: {0}")]
    Malformed(String),
}

#[cfg(test)]
mod tests {
    use super::{HEADING, Receipt, ReceiptError};
    use crate::day::Moment;
    use crate::hash::Hash;
    use crate::key::SigningKey;
    use crate::note::{Note, NoteError};
    use crate::record::{MarkNote, Tool};

    fn receipt() -> Receipt {
        Receipt {
            sha256: Hash::of(b"file"),
            size: 4,
            detector: Tool { name: "indicia".into(), version: "1".into() },
            detector_id: "https://example.com/detector".into(),
            time: Moment::of_seconds(1_800_000_000),
            verdict: "generated".into(),
            outcome: "met".into(),
            marks: vec![MarkNote { scheme: "aigc".into(), id: Some("\u{7}7".into()) }],
            not_looked_for: vec!["visible".into()],
            packs: Vec::new(),
        }
    }

    #[test]
    fn a_receipt_holds_for_its_key_alone() {
        let key = SigningKey::generate().unwrap();
        let text = receipt().sign(&key, "example.com").unwrap();
        let verifier = key.verifier("example.com").unwrap();
        let read = Receipt::open(&text, &verifier).unwrap();
        assert_eq!(read, receipt());
        assert!(read.is_of(&Hash::of(b"file")) && !read.is_of(&Hash::of(b"other")));
        for (from, to) in [("met", "unmet"), ("generated", "unmarked"), ("2027", "2028")] {
            assert_ne!(text, text.replace(from, to));
            let refused = Receipt::open(&text.replace(from, to), &verifier).unwrap_err();
            assert!(matches!(refused, ReceiptError::Note(NoteError::Invalid { .. })), "{refused}");
        }
        let stranger = SigningKey::generate().unwrap().verifier("example.com").unwrap();
        let refused = Receipt::open(&text, &stranger).unwrap_err();
        assert!(matches!(refused, ReceiptError::Note(NoteError::NotSignedBy { .. })), "{refused}");
    }

    #[test]
    fn other_signed_texts_are_no_receipts() {
        let key = SigningKey::generate().unwrap();
        let verifier = key.verifier("n").unwrap();
        for text in ["n\n1\nAAAA\n".to_owned(), format!("{HEADING}\n{{}}\n")] {
            let note = Note::sign(text, &key, &verifier).to_string();
            assert!(matches!(Receipt::open(&note, &verifier), Err(ReceiptError::Malformed(_))));
        }
    }
}
