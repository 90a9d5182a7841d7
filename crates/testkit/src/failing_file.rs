use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicia_core::Source;

/// A file on a disk that fails: after some reads every further one is an error.
#[derive(Debug)]
pub struct FailingFile {
    bytes: Vec<u8>,
    left: AtomicUsize,
}

impl FailingFile {
    /// These bytes, of which so many reads succeed.
    pub fn after(reads: usize, bytes: Vec<u8>) -> Self {
        Self { bytes, left: AtomicUsize::new(reads) }
    }

    /// Whether no more read succeeds.
    pub fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

impl Source for FailingFile {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
        self.bytes.read_at(at, buf)
    }
}
