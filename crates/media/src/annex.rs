//! A place for coded content that is too large for memory.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::sync::{Arc, Mutex, PoisonError};

use indicia_core::{FileSource, FormatError, Problem, Source, Span};

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
    pub fn take(&self) -> Option<FileSource> {
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

fn failed(err: &io::Error) -> FormatError {
    FormatError::new(0, Problem::Io(err.kind()))
}

/// A source with what was kept in an annex behind it, for whoever reads a file of both.
pub(crate) struct Annexed<'a> {
    source: &'a dyn Source,
    annex: &'a Annex,
}

impl Annex {
    /// Both in one.
    pub(crate) fn behind<'a>(&'a self, source: &'a dyn Source) -> Annexed<'a> {
        Annexed { source, annex: self }
    }
}

impl Source for Annexed<'_> {
    fn size(&self) -> u64 {
        let kept = self.annex.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.source.size() + kept.as_ref().map_or(0, Source::size)
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let left = self.source.size().saturating_sub(at);
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let (first, second) = buf.split_at_mut(here);
        if !first.is_empty() {
            self.source.read_at(at, first)?;
        }
        if second.is_empty() {
            return Ok(());
        }
        let kept = self.annex.0.lock().unwrap_or_else(PoisonError::into_inner);
        let annex = kept.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
        annex.read_at(at + here as u64 - self.source.size(), second)
    }
}

#[cfg(test)]
mod tests {
    use super::{Annex, AnnexWriter};
    use indicia_core::Source;

    #[test]
    fn an_annex_reads_on_from_the_source() {
        let source = b"0123".to_vec();
        let annex = Annex::default();
        assert_eq!(annex.behind(&source).size(), 4);
        let mut writer = AnnexWriter::new().unwrap();
        writer.write(b"abc").unwrap();
        let span = annex.keep(writer, source.size()).unwrap();
        assert_eq!((span.start, span.end), (4, 7));
        let both = annex.behind(&source);
        for start in 0..7 {
            for end in start..=7 {
                let mut part = vec![0; end - start];
                both.read_at(start as u64, &mut part).unwrap();
                assert_eq!(part, b"0123abc"[start..end]);
            }
        }
        assert!(both.read_at(5, &mut [0; 3]).is_err());
    }
}
