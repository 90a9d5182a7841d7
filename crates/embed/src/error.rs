use std::io;

use indicia_core::FormatError;
use indicia_marks::MarkError;

/// A file was not labelled. Nothing was written then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// It cannot be read as its format says, or the format cannot hold what has to be written.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// One mark could not be written.
    #[error("{scheme}: {error}")]
    Mark {
        /// The scheme.
        scheme: &'static str,
        /// Why.
        error: MarkError,
    },
    /// A notice that people perceive cannot be put on it.
    #[error("{scheme}: {why}; --without {scheme} or --allow-missing-notice labels the metadata alone")]
    NoNotice {
        /// The scheme.
        scheme: &'static str,
        /// Why, and what would do it.
        why: String,
    },
    /// No mark here can meet binding rules for this kind of media.
    #[error("nothing here can meet {}", .0.join(", "))]
    Unserved(Vec<String>),
    /// The file carries a signed manifest that any change would break.
    #[error("it carries a C2PA manifest ({place}), which any change would break; left as it is ({way_out})")]
    Signed {
        /// Byte that the manifest starts at; 0 where it is not in the file.
        at: u64,
        /// Where the manifest stands, in words.
        place: String,
        /// What can be done about it.
        way_out: &'static str,
    },
    /// A mark that was written was not found again as it was written. The output was not published.
    #[error("{scheme}: what was written could not be read back: {why}; nothing was published")]
    NotReadBack {
        /// The scheme.
        scheme: &'static str,
        /// How what was read differs.
        why: String,
    },
    /// The platform has no reason to label the file.
    #[error("{0}")]
    NoReason(String),
    /// The output exists already.
    #[error("{0} exists already; --overwrite replaces it")]
    Exists(String),
    /// The output is the input.
    #[error("the output would be the file itself; --in-place says that this is meant")]
    OntoItself,
    /// No record could be kept of the output. Nothing was published then.
    #[error("it could not be recorded, so nothing was published: {0}")]
    NotRecorded(String),
    /// The output could not be written.
    #[error("cannot write {path}: {error}")]
    Io {
        /// The output's name, escaped.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl EmbedError {
    /// Whether the file was left alone on purpose, rather than for want of understanding it.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Signed { .. }
            | Self::Exists(_)
            | Self::OntoItself
            | Self::NoReason(_)
            | Self::NoNotice { .. }
            | Self::NotReadBack { .. } => true,
            Self::Mark { error, .. } => matches!(error, MarkError::Refused(_)),
            _ => false,
        }
    }

    /// Whether the order itself is wrong, rather than the file.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Mark { error: MarkError::Order(_), .. })
    }
}
