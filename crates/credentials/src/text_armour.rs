//! The lines that hold a manifest store in structured text, such as Markdown or source code, or say where one is
//! (C2PA 2.4, A.9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What stands before the reference.
const BEGIN: &str = "-----BEGIN C2PA MANIFEST-----";

/// What stands after it.
const END: &str = "-----END C2PA MANIFEST-----";

/// What a store in the text itself begins with.
const DATA: &str = "data:application/c2pa;base64,";

/// Where a structured text says that its manifest store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// In the text.
    Here(Vec<u8>),
    /// In the network.
    Remote(String),
}

/// Why no manifest store could be taken from a text that has such lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmourError {
    /// There is more than one.
    #[error("manifest.structuredText.multipleReferences: there is more than one reference to a manifest")]
    Several,
    /// Nothing stands between the lines.
    #[error("manifest.structuredText.emptyReference: the reference to a manifest is empty")]
    Empty,
    /// What stands between them is neither an address nor a manifest store.
    #[error("manifest.structuredText.malformedReference: the reference to a manifest {0}")]
    Malformed(&'static str),
}

impl ArmourError {
    /// Whether the lines may be words about the format, as in its documentation, rather than a reference.
    pub fn may_be_an_example(self) -> bool {
        !matches!(self, Self::Several)
    }
}

/// The reference to a manifest store in a structured text, and its place in bytes.
///
/// # Errors
/// If there is one and it cannot be followed.
pub fn reference(text: &str) -> Result<Option<(usize, Reference)>, ArmourError> {
    let mut places = memchr::memmem::find_iter(text.as_bytes(), BEGIN);
    let Some(start) = places.next() else { return Ok(None) };
    if places.next().is_some() {
        return Err(ArmourError::Several);
    }
    let inner = text.get(start + BEGIN.len()..).and_then(|rest| rest.split_once(END));
    let (inner, _) = inner.ok_or(ArmourError::Malformed("does not end"))?;
    // In front matter the text is cut into indented lines.
    let inner: String = inner.split_whitespace().collect();
    if inner.is_empty() {
        return Err(ArmourError::Empty);
    }
    if let Some(data) = inner.strip_prefix(DATA) {
        let store = STANDARD.decode(data).map_err(|_| ArmourError::Malformed("is no Base64"))?;
        return Ok(Some((start, Reference::Here(store))));
    }
    if inner.starts_with("https://") || inner.starts_with("http://") {
        return Ok(Some((start, Reference::Remote(inner))));
    }
    Err(ArmourError::Malformed("is neither an address nor a manifest store"))
}

#[cfg(test)]
mod tests {
    use super::{ArmourError, BEGIN, END, Reference, reference};

    #[test]
    fn a_reference_is_read_on_one_line_or_several() {
        let read = |inner: &str| reference(&format!("a\n# {BEGIN}{inner}{END}\nb"));
        let here = Ok(Some((4, Reference::Here(b"store".to_vec()))));
        assert_eq!(read(" data:application/c2pa;base64,c3RvcmU= "), here);
        assert_eq!(read("\n  data:application/c2pa;base64,c3Rv\n  cmU=\n"), here);
        let remote = Reference::Remote("https://example.org/m.c2pa".into());
        assert_eq!(read(" https://example.org/m.c2pa "), Ok(Some((4, remote))));
        assert_eq!(read("  "), Err(ArmourError::Empty));
        assert!(matches!(read(" <URL> "), Err(ArmourError::Malformed(_))));
        assert!(matches!(read(" data:application/c2pa;base64,c3Rvcm "), Err(ArmourError::Malformed(_))));
        assert!(matches!(reference(&format!("# {BEGIN} https://a")), Err(ArmourError::Malformed(_))));
        assert_eq!(reference("words"), Ok(None));
    }

    #[test]
    fn two_references_are_told_of() {
        let one = format!("# {BEGIN} https://example.org/m {END}\n");
        assert_eq!(reference(&one.repeat(2)), Err(ArmourError::Several));
        assert!(!ArmourError::Several.may_be_an_example());
    }
}
