use std::{fmt, io};

/// A file could not be read or written as its format says: what was wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (at byte {at})")]
pub struct FormatError {
    /// Offset of the byte at which it went wrong.
    pub at: u64,
    /// What went wrong.
    pub problem: Problem,
}

/// The ways in which a file can be wrong. The same few for every format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The system could not read.
    Io(io::ErrorKind),
    /// The bytes contradict the format.
    Malformed(&'static str),
    /// Going on would cost more than allowed.
    OverLimit {
        /// What there was too much of.
        what: &'static str,
        /// The most allowed.
        limit: u64,
    },
    /// The file ends too early.
    Truncated,
    /// No known format starts like this.
    Unrecognized,
    /// The format has it, this program does not.
    Unsupported(&'static str),
}

impl FormatError {
    /// A problem at a place.
    pub fn new(at: u64, problem: Problem) -> Self {
        Self { at, problem }
    }

    /// The bytes at `at` contradict the format.
    pub fn malformed(at: u64, what: &'static str) -> Self {
        Self::new(at, Problem::Malformed(what))
    }

    /// The format allows what stands at `at`, this program cannot handle it.
    pub fn unsupported(at: u64, what: &'static str) -> Self {
        Self::new(at, Problem::Unsupported(what))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(kind) => write!(f, "cannot read: {kind}"),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::OverLimit { what, limit } => write!(f, "over the limit of {limit} {what}"),
            Self::Truncated => f.write_str("the file ends too early"),
            Self::Unrecognized => f.write_str("not a format this program knows"),
            Self::Unsupported(what) => write!(f, "not supported: {what}"),
        }
    }
}
