use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::day::Day;
use crate::fault::Fault;
use crate::key::KeyError;

/// Why something could not be done with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be read or written.
    #[error("{}: {error}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another process is writing.
    #[error("{}: {} is writing to the log, and did not finish within {} s; try again", folder.display(), holder.map_or("another process".into(), |pid| format!("process {pid}")), waited.as_secs_f32())]
    Busy {
        /// The log.
        folder: PathBuf,
        /// The process, as it says of itself.
        holder: Option<u32>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The folder holds no log.
    #[error("{}: {why}", folder.display())]
    NotALog {
        /// The folder.
        folder: PathBuf,
        /// What speaks against it.
        why: String,
    },
    /// There is something in the folder already.
    #[error("{}: it holds a log already", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log is signed by another key.
    #[error("{}: the log is signed by {log}, and the key at hand is {key}", folder.display())]
    WrongKey {
        /// The folder.
        folder: PathBuf,
        /// The verifier key of the log.
        log: String,
        /// The verifier key that the key at hand would have.
        key: String,
    },
    /// The log is damaged or was tampered with.
    #[error("{}: {fault}", folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
    /// An entry is too long.
    #[error("an entry of {size} bytes is longer than the {most} that a log takes")]
    TooLong {
        /// Its length.
        size: usize,
        /// The limit.
        most: usize,
    },
    /// There is no such entry.
    #[error("there is no entry {index}: the log has {size}")]
    NoEntry {
        /// What was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The retention of a record has not ended.
    #[error("the record of entry {index} is kept {}", until.map_or("without end".into(), |day| format!("until {day}")))]
    Retained {
        /// The entry.
        index: u64,
        /// The last day of its retention; `None` if it is kept without end.
        until: Option<Day>,
    },
}
