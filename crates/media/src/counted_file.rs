//! For tests: files that count what is read of them, also such as are too large to be held.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use indicia_core::Source;

/// Some bytes, then zeros up to a size; how much is read of it is counted.
pub(crate) struct CountedFile {
    head: Vec<u8>,
    size: u64,
    read: AtomicU64,
}

impl CountedFile {
    /// The bytes and nothing else.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let size = bytes.size();
        Self::padded(bytes, size)
    }

    /// The bytes, then zeros up to `size`.
    pub(crate) fn padded(head: Vec<u8>, size: u64) -> Self {
        assert!(head.size() <= size);
        Self { head, size, read: AtomicU64::new(0) }
    }

    /// Bytes read so far, each as often as it was read.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

impl Source for CountedFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let end = at.checked_add(buf.size()).filter(|end| *end <= self.size);
        end.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.read.fetch_add(buf.size(), Ordering::Relaxed);
        let written = usize::try_from(at).ok().and_then(|at| self.head.get(at..)).unwrap_or_default();
        let (written, zeros) = (written.get(..buf.len()).unwrap_or(written), buf.len());
        buf[..written.len()].copy_from_slice(written);
        buf[written.len()..zeros].fill(0);
        Ok(())
    }
}
