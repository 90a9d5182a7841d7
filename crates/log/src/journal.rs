//! A note of what is about to be appended: it tells an append that was broken off from a head that someone has set back.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::error::LogError;

const JOURNAL: &str = "append";

/// What was about to be appended last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The size before.
    pub(crate) first: u64,
    /// The size after, had it come to that.
    pub(crate) size: u64,
    /// The process.
    pub(crate) process: u32,
}

/// Notes, before anything else is written, what is about to be.
pub(crate) fn write(folder: &Path, first: u64, size: u64) -> Result<(), LogError> {
    let file = folder.join(JOURNAL);
    let text = format!("{first} {size} {}\n", std::process::id());
    let write = || {
        let mut handle = OpenOptions::new().create(true).truncate(true).write(true).open(&file)?;
        handle.write_all(text.as_bytes())?;
        handle.sync_data()
    };
    write().map_err(|error| LogError::Io { file: file.clone(), error })
}

/// The note; `None` if there is none, or it was not finished: then nothing was written behind it either.
pub(crate) fn read(folder: &Path) -> Option<Journal> {
    let text = fs::read_to_string(folder.join(JOURNAL)).ok()?;
    let mut words = text.strip_suffix('\n')?.split(' ');
    let (first, size, process) = (words.next()?, words.next()?, words.next()?);
    Some(Journal { first: first.parse().ok()?, size: size.parse().ok()?, process: process.parse().ok()? })
}
