use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// What an entry says of one file that went out or was checked. There is no place in it for prompts or for the content
/// itself (Code of Practice, sub-measure 1.1.3: outputs only).
///
/// In JSON, empty parts are left out, and names are those of the fields here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The name of the file as it was given.
    pub path: String,
    /// SHA-256 of all its bytes: of the output, if it was labelled.
    pub sha256: Hash,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of the coded media alone, which stays when a program takes the metadata away and re-encodes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Hash>,
    /// The format, by its name in Indicia.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// The marks that were written or found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<MarkNote>,
    /// What the marks claim: `status`, `origin` and the fields of a claim, by their names in reports.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claim: BTreeMap<String, String>,
    /// The id that a watermark carries, as its scheme writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watermark: Option<String>,
    /// What recognises its words in a copy that was converted or typed anew: the fingerprint that Indicia makes of a text, in
    /// hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// What was concluded of a file that was checked, in the words of reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Whether all asked for was met: `met`, `unmet` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The program that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// The rules that counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<PackNote>,
    /// That the notice people perceive was left out at someone's request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlabelled_copy: Option<UnlabelledCopy>,
}

/// A mark on a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkNote {
    /// The scheme.
    pub scheme: String,
    /// The number that the mark itself carries, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A pack of rules, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackNote {
    /// Its name.
    pub id: String,
    /// SHA-256 of the pack as it was read.
    pub sha256: Hash,
}

/// A copy without an explicit label (Measures for Labelling, article 9): it may be given to a user who asks for it, and
/// who is recorded for at least six months.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlabelledCopy {
    /// Who received it.
    pub recipient: String,
}

#[cfg(test)]
mod tests {
    use super::{MarkNote, Record, UnlabelledCopy};

    #[test]
    fn a_record_reads_as_it_is_written_and_leaves_out_what_is_empty() {
        let bare = serde_json::to_string(&Record::default()).unwrap();
        let zeros = "0".repeat(64);
        assert_eq!(bare, format!(r#"{{"path":"","sha256":"{zeros}","size":0}}"#));
        let full = Record {
            path: "照片.png".into(),
            marks: vec![MarkNote { scheme: "aigc".into(), id: Some("7".into()) }],
            claim: [("content_id".to_owned(), "7".to_owned())].into(),
            unlabelled_copy: Some(UnlabelledCopy { recipient: "Studio".into() }),
            ..Record::default()
        };
        let text = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), full);
        let later = text.replacen('{', r#"{"added_later":1,"#, 1);
        assert_eq!(serde_json::from_str::<Record>(&later).unwrap(), full, "newer logs can be read");
    }

    /// Code of Practice, sub-measure 1.1.3: a log covers outputs, never prompts.
    #[test]
    fn no_field_can_hold_a_prompt() {
        let everything = Record {
            format: "png".into(),
            watermark: Some("00".into()),
            verdict: Some("x".into()),
            outcome: Some("met".into()),
            ..Record::default()
        };
        let text = serde_json::to_string(&everything).unwrap();
        for word in ["prompt", "user_input", "conversation", "request"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
