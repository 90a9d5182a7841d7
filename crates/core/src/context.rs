use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use crate::{FormatError, Problem, Source, Span, WatermarkKey, WordReader};

/// Everything a run takes from outside the file: nothing else is ambient.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What the run may spend on one file.
    pub limits: Limits,
    /// The moment the run counts as now, in seconds since 1970-01-01T00:00:00Z.
    pub now: u64,
    /// For which marks media are decoded.
    pub decode: Decode,
    /// Whom C2PA manifests may be signed by to count as trusted.
    pub trust: Trust,
    /// Under which keys watermarks are looked for, and how far.
    pub watermarks: WatermarkSearch,
    /// Whose keys signed metadata labels are known to be signed with.
    pub pinned: PinnedKeys,
    /// Where readers run that a hostile file could hang or bloat; without one they run in this process.
    pub sandbox: Option<Arc<dyn Sandbox>>,
    /// What reads words in pictures; without it notices drawn in pictures are not looked for.
    pub words: Option<Arc<dyn WordReader>>,
}

/// Under which keys watermarks are looked for, and how far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatermarkSearch {
    /// Keys besides the open one, which is always tried.
    pub keys: Vec<WatermarkKey>,
    /// Ids that are known and looked for: a mark of one of them is recognised where too little of it is left to be read.
    pub ids: Vec<String>,
    /// Whether marks are searched for that do not lie where they were put: in cropped, turned or padded pictures, say.
    pub deep: bool,
}

/// What makes the signer of a C2PA manifest trusted: texts in PEM, one certificate after the other, where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Roots of public trust lists, of signers and of time-stamping authorities.
    pub anchors: String,
    /// Roots of the user's own.
    pub user_anchors: String,
    /// Certificates of signers that are trusted by themselves, or their fingerprints (SHA-256 of the DER, Base64), a line each.
    pub allowed: String,
    /// Extended key usages that signers' certificates may have besides those of the specification: object identifiers, a line
    /// each.
    pub usages: String,
    /// Where they come from and of which date, in words for reports.
    pub origin: String,
    /// The lists that `anchors` and `allowed` were put together of, in their order. Without them it is not told which list
    /// vouches for a signer.
    pub lists: Vec<TrustPart>,
}

/// What one list gave to the texts of a [`Trust`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustPart {
    /// The list in words for reports: its name, and of which date it is.
    pub name: String,
    /// How many bytes of `anchors` are from it.
    pub anchors: usize,
    /// How many bytes of `allowed` are from it.
    pub allowed: usize,
}

/// Keys known from elsewhere to belong to producers and platforms. The key of a signed label travels in the label: only
/// with these can be told who signed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinnedKeys {
    keys: BTreeMap<String, BTreeSet<String>>,
}

impl PinnedKeys {
    /// Ties a key to a name or code, as labels have it. `key` is the SHA-256 of its SubjectPublicKeyInfo in hexadecimal.
    pub fn pin(&mut self, name: &str, key: String) {
        self.keys.entry(name.trim().to_owned()).or_default().insert(key.to_ascii_lowercase());
    }

    /// Whether a key is known for a name or code.
    pub fn knows(&self, name: &str) -> bool {
        self.keys.contains_key(name.trim())
    }

    /// Whether a key is one of those of a name or code; `None` if no key is known for it.
    pub fn holds(&self, name: &str, key: &str) -> Option<bool> {
        self.keys.get(name.trim()).map(|keys| keys.contains(&key.to_ascii_lowercase()))
    }
}

/// A place outside this process for readers that a hostile file could hang or bloat, with limits of time and memory.
pub trait Sandbox: Debug + Send + Sync {
    /// Sends a request and waits for its answer, both in the words of the reader that is meant.
    ///
    /// # Errors
    /// In words, if the limits were reached or the reader came to an end.
    fn ask(&self, request: &str) -> Result<String, String>;
}

/// For which marks media are decoded. Looking for the others costs little more than reading metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Decode {
    /// For all that need it.
    #[default]
    All,
    /// For these schemes, by name.
    Only(Vec<String>),
}

impl Decode {
    /// Whether media are decoded to look for the marks of this scheme.
    pub fn asks_for(&self, scheme: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(schemes) => schemes.iter().any(|one| one == scheme),
        }
    }
}

/// What the run may spend on one file.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest single metadata block copied out of a file, in bytes.
    pub block: u64,
    /// Most that one compressed metadata block may inflate to, in bytes.
    pub inflated: u64,
    /// Most segments a container may be cut into.
    pub segments: usize,
    /// Largest canvas decoded, in pixels, all frames together.
    pub pixels: u64,
    /// Longest text read, in bytes.
    pub text: u64,
    /// Deepest nesting followed in XML, YAML or JSON.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block: 16 << 20,
            inflated: 8 << 20,
            segments: 1 << 20,
            pixels: 1 << 28,
            text: 64 << 20,
            depth: 64,
        }
    }
}

impl Limits {
    /// Copies one range out of a source, refusing first what would be too large.
    ///
    /// # Errors
    /// If the range is over [`Limits::block`], runs past the end or cannot be read.
    pub fn take(&self, source: &dyn Source, span: Span) -> Result<Vec<u8>, FormatError> {
        if span.len() > self.block {
            return Err(FormatError::new(
                span.start,
                Problem::OverLimit { what: "bytes in one block", limit: self.block },
            ));
        }
        read(source, span)
    }

    /// Refuses a canvas over [`Limits::pixels`].
    ///
    /// # Errors
    /// If `width * height * frames` pixels are more than allowed.
    pub fn canvas(&self, at: u64, width: u32, height: u32, frames: u64) -> Result<(), FormatError> {
        let pixels = u64::from(width).checked_mul(u64::from(height)).and_then(|one| one.checked_mul(frames));
        match pixels {
            Some(pixels) if pixels <= self.pixels => Ok(()),
            _ => Err(FormatError::new(at, Problem::OverLimit { what: "pixels", limit: self.pixels })),
        }
    }
}

/// Copies one range, once its size is known to be acceptable.
fn read(source: &dyn Source, span: Span) -> Result<Vec<u8>, FormatError> {
    if span.end > source.size() {
        return Err(FormatError::new(span.start, Problem::Truncated));
    }
    let len = usize::try_from(span.len()).map_err(|_| {
        FormatError::new(span.start, Problem::OverLimit { what: "bytes", limit: usize::MAX as u64 })
    })?;
    let mut bytes = vec![0; len];
    source
        .read_at(span.start, &mut bytes)
        .map_err(|err| FormatError::new(span.start, Problem::Io(err.kind())))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::Limits;
    use crate::{Problem, Span};

    #[test]
    fn a_block_over_the_limit_is_refused_before_it_is_read() {
        let limits = Limits { block: 4, ..Limits::default() };
        let bytes = vec![7; 8];
        assert_eq!(limits.take(&bytes, Span { start: 0, end: 4 }).unwrap(), [7; 4]);
        let past = limits.take(&bytes, Span { start: 6, end: 9 }).unwrap_err();
        assert_eq!((past.at, past.problem), (6, Problem::Truncated));
        let refused = limits.take(&bytes, Span { start: 1, end: 6 }).unwrap_err();
        assert_eq!(refused.at, 1);
        assert!(matches!(refused.problem, Problem::OverLimit { limit: 4, .. }));
    }

    #[test]
    fn a_huge_canvas_is_refused_without_overflow() {
        let limits = Limits::default();
        assert!(limits.canvas(0, 4_000, 3_000, 1).is_ok());
        let small = Limits { pixels: 12, ..limits };
        assert!(small.canvas(0, 4, 3, 1).is_ok() && small.canvas(0, 13, 1, 1).is_err());
        assert!(small.canvas(0, 3, 2, 2).is_ok() && small.canvas(0, 3, 2, 3).is_err(), "all frames count");
        assert!(limits.canvas(0, 100_000, 100_000, 1).is_err());
        assert!(limits.canvas(0, u32::MAX, u32::MAX, u64::MAX).is_err());
    }
}
