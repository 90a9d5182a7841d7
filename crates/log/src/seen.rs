use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::checkpoint::Checkpoint;
use crate::error::LogError;
use crate::fault::Fault;
use crate::files::Files;
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::tree::{consistency, consistency_holds};

/// Where the last head of each log is remembered, apart from the log: whoever restores an old copy of a log, or replaces
/// it by another with the same key, is found out by it.
#[derive(Clone, Debug)]
pub struct Seen {
    folder: PathBuf,
}

impl Seen {
    /// In this folder, which is made when it is needed.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn file(&self, key: &VerifierKey) -> PathBuf {
        let name = Hash::of(key.to_string().as_bytes()).to_string();
        self.folder.join(format!("{}.checkpoint", name.get(..16).unwrap_or_default()))
    }

    /// The head that was seen last. What is not signed by the key is worth nothing, and counts as never seen.
    pub fn recall(&self, key: &VerifierKey) -> Option<Checkpoint> {
        Checkpoint::open(&fs::read(self.file(key)).ok()?, key).ok()
    }

    /// Remembers a head.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remember(&self, checkpoint: &Checkpoint, key: &VerifierKey) -> Result<(), LogError> {
        let file = self.file(key);
        let write = || {
            fs::create_dir_all(&self.folder)?;
            let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
            new.write_all(checkpoint.to_string().as_bytes())?;
            new.as_file().sync_data()?;
            new.persist(&file).map_err(|err| err.error)
        };
        write().map(drop).map_err(|error| LogError::Io { file: file.clone(), error })
    }
}

/// Whether a log begins with what another head of it says.
pub(crate) fn begins_with(files: &mut Files, now: &Checkpoint, was: &Checkpoint) -> Result<(), LogError> {
    let (size, seen) = (now.size, was.size);
    if seen > size {
        return Err(files.damaged(Fault::RolledBack { size, seen }));
    }
    let path = match seen {
        0 => Vec::new(),
        _ => consistency(seen, size, |position| files.hash(position))?,
    };
    if consistency_holds(seen, &was.root, size, &now.root, &path) {
        return Ok(());
    }
    Err(files.damaged(Fault::Forked { size, seen }))
}
