use std::io;
use std::sync::{Mutex, PoisonError};

use indicia_core::{Source, Span};

/// A file that counts what is read of it, also one that is too large to be held: some bytes, then zeros up to a size.
#[derive(Debug)]
pub struct CountedFile {
    head: Vec<u8>,
    size: u64,
    read: Mutex<Vec<Span>>,
}

impl CountedFile {
    /// The bytes and nothing else.
    pub fn new(bytes: Vec<u8>) -> Self {
        let size = bytes.size();
        Self::padded(bytes, size)
    }

    /// The bytes, then zeros up to `size`.
    ///
    /// # Panics
    /// If there are more bytes than that.
    pub fn padded(head: Vec<u8>, size: u64) -> Self {
        assert!(head.size() <= size, "more bytes than the file is to have");
        Self { head, size, read: Mutex::default() }
    }

    /// Bytes read so far, each as often as it was read.
    pub fn read(&self) -> u64 {
        self.read_within(Span { start: 0, end: self.size })
    }

    /// As [`CountedFile::read`], of a part of the file.
    pub fn read_within(&self, part: Span) -> u64 {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let common = |span: &Span| span.end.min(part.end).saturating_sub(span.start.max(part.start));
        read.iter().map(common).sum()
    }
}

impl Source for CountedFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let end = at.checked_add(buf.len() as u64).filter(|end| *end <= self.size);
        let span = Span { start: at, end: end.ok_or(io::ErrorKind::UnexpectedEof)? };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).push(span);
        let head = usize::try_from(at).ok().and_then(|at| self.head.get(at..)).unwrap_or_default();
        let (held, zeros) = buf.split_at_mut(head.len().min(buf.len()));
        held.copy_from_slice(head.get(..held.len()).unwrap_or_default());
        zeros.fill(0);
        Ok(())
    }
}
