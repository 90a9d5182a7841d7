//! Which program a package is for.

use crate::Head;
use crate::zip;

/// What all media types of `OpenDocument` begin with.
const PREFIX: &str = "application/vnd.oasis.opendocument.";

/// A kind of package.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What its media types end with.
    types: &'static [&'static str],
    /// File name endings.
    pub(crate) extensions: &'static [&'static str],
}

/// Texts.
pub(crate) const TEXT: Kind =
    Kind { types: &["text", "text-template", "text-master", "text-web"], extensions: &["odt", "ott"] };

/// Spreadsheets.
pub(crate) const SPREADSHEET: Kind =
    Kind { types: &["spreadsheet", "spreadsheet-template"], extensions: &["ods", "ots"] };

/// Presentations.
pub(crate) const PRESENTATION: Kind =
    Kind { types: &["presentation", "presentation-template"], extensions: &["odp", "otp"] };

impl Kind {
    /// Whether a media type is one of this kind.
    pub(crate) fn holds(&self, mime: &[u8]) -> bool {
        let end = mime.trim_ascii().strip_prefix(PREFIX.as_bytes());
        end.is_some_and(|end| self.types.iter().any(|one| one.as_bytes() == end))
    }
}

/// How surely a file that starts like this is of a kind. The first entry should be the media type as it is; where
/// it is not, the names of parts tell that it is such a package, and the name of the file of which kind.
pub(crate) fn recognize(head: &Head<'_>, kind: &Kind) -> u32 {
    let seen = zip::names(head);
    if seen.is_empty() {
        return if zip::look(head, kind.extensions) { 2 } else { 0 };
    }
    if let Some(mime) = seen.iter().find(|one| one.name == b"mimetype") {
        let words = mime.words();
        // Of a size that follows the data, only the start is known.
        let end = words.iter().position(|byte| *byte == 0 || *byte == b'P').unwrap_or(words.len());
        let sure = 12 + u32::try_from(PREFIX.len()).unwrap_or(0);
        return if kind.holds(words.get(..end).unwrap_or_default()) { sure } else { 0 };
    }
    let named = head.extension.is_some_and(|extension| kind.extensions.contains(&extension));
    if named { 4 } else { 0 }
}
