//! A place for coded content that is too large for memory.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicia_core::{FileSource, FormatError, Problem, Span};

/// A temporary file whose bytes, as addresses go, follow those of the source: a [`crate::Piece::Keep`] behind the end of the
/// source means bytes of it. It has no name, so that nothing of it stays, however the program ends.
#[derive(Clone, Debug, Default)]
pub struct Annex(Arc<Mutex<Option<FileSource>>>);

/// Writes an annex, which one format does once a file.
#[derive(Debug)]
pub(crate) struct AnnexWriter {
    file: BufWriter<File>,
    len: u64,
}

impl Annex {
    /// Keeps what was written; gives its place behind a source of this size.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn keep(&self, writer: AnnexWriter, size: u64) -> Result<Span, FormatError> {
        let AnnexWriter { file, len } = writer;
        let mut file = file.into_inner().map_err(|err| failed(&err.into_error()))?;
        file.rewind().map_err(|err| failed(&err))?;
        let source = FileSource::from_file(file).map_err(|err| failed(&err))?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
        let over = FormatError::new(size, Problem::OverLimit { what: "bytes in a file", limit: u64::MAX });
        Span::new(size, len).ok_or(over)
    }

    /// Takes out what was written, if anything was.
    pub(crate) fn take(&self) -> Option<FileSource> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl AnnexWriter {
    /// # Errors
    /// What the system says.
    pub(crate) fn new() -> Result<Self, FormatError> {
        let file = tempfile::tempfile().map_err(|err| failed(&err))?;
        Ok(Self { file: BufWriter::new(file), len: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), FormatError> {
        self.file.write_all(bytes).map_err(|err| failed(&err))?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}

fn failed(err: &std::io::Error) -> FormatError {
    FormatError::new(0, Problem::Io(err.kind()))
}
