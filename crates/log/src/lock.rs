use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::LogError;
use crate::journal;

/// Longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// The lock of a log: one process at a time writes, and those that wait get their turn.
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    folder: PathBuf,
    /// Whose turn it is next. Without it, whoever writes one entry after another would leave no gap for anyone.
    turn: Arc<File>,
    writer: Arc<File>,
}

impl Lock {
    /// The lock of a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, LogError> {
        let open = |name: &str| {
            let path = folder.join(name);
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            file.map(Arc::new).map_err(|error| LogError::Io { file: path, error })
        };
        Ok(Self { folder: folder.to_owned(), turn: open("turn")?, writer: open("lock")? })
    }

    /// Takes the lock, until what is answered goes.
    pub(crate) fn take(&self, wait: Duration) -> Result<Locked<'_>, LogError> {
        let until = Instant::now() + wait;
        let _turn = self.wait_for(&self.turn, wait, until)?;
        self.wait_for(&self.writer, wait, until)
    }

    fn wait_for<'f>(&self, file: &'f File, wait: Duration, until: Instant) -> Result<Locked<'f>, LogError> {
        let mut pause = Duration::from_micros(100);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked(file)),
                Err(TryLockError::Error(error)) => {
                    return Err(LogError::Io { file: self.folder.join("lock"), error });
                }
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    let holder = journal::read(&self.folder).map(|journal| journal.process);
                    return Err(LogError::Busy { folder: self.folder.clone(), holder, waited: wait });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
            }
            pause = (pause * 2).min(PAUSE);
        }
    }
}

/// A lock that is held.
pub(crate) struct Locked<'f>(&'f File);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // When the file is closed it is given back in any case.
        let _ = self.0.unlock();
    }
}
