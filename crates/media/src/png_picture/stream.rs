//! A source as the decoder of PNG reads it.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};

use indicia_core::{FormatError, Problem, Source};

/// A source read from its start to its end, in large blocks.
pub(super) struct Stream<'a> {
    source: &'a dyn Source,
    at: u64,
    block: Cursor<Vec<u8>>,
}

/// Bytes fetched at a time.
const BLOCK: u64 = 1 << 16;

impl<'a> Stream<'a> {
    pub(super) fn new(source: &'a dyn Source) -> Self {
        Self { source, at: 0, block: Cursor::new(Vec::new()) }
    }

    /// The bytes that come next: at least one.
    ///
    /// # Errors
    /// [`Problem::Truncated`] at the end, [`Problem::Io`] if the system cannot read.
    pub(super) fn ready(&mut self) -> Result<&[u8], FormatError> {
        match self.fill_buf() {
            Ok([]) => Err(FormatError::new(0, Problem::Truncated)),
            Ok(bytes) => Ok(bytes),
            Err(err) => Err(FormatError::new(0, Problem::Io(err.kind()))),
        }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let ready = self.fill_buf()?;
        let len = ready.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..len), ready.get(..len)) {
            to.copy_from_slice(from);
        }
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Stream<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.block.position() >= self.block.get_ref().len() as u64 {
            let len = (self.source.size() - self.at).min(BLOCK);
            let block = self.block.get_mut();
            block.resize(usize::try_from(len).unwrap_or(0), 0);
            self.source.read_at(self.at, block)?;
            self.at += len;
            self.block.set_position(0);
        }
        self.block.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.block.consume(amount);
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let here = self.at - (self.block.get_ref().len() as u64 - self.block.position());
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => here.checked_add_signed(by),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
        };
        let target = target.filter(|at| *at <= self.source.size()).ok_or(std::io::ErrorKind::InvalidInput)?;
        self.at = target;
        self.block = Cursor::new(Vec::new());
        Ok(target)
    }
}
