use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A half-open byte range, `start..end`, in a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// The range of `len` bytes from `start`, or `None` if it cannot be addressed.
    pub fn new(start: u64, len: u64) -> Option<Self> {
        Some(Self { start, end: start.checked_add(len)? })
    }

    /// Number of bytes.
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Bytes that can be read at any place, in any order, by several readers at once.
///
/// There is no cursor, so no reader can leave it in the wrong place for the next.
pub trait Source: Send + Sync {
    /// Size in bytes.
    fn size(&self) -> u64;

    /// Fills `buf` with the bytes from `at`.
    ///
    /// # Errors
    /// `UnexpectedEof` if fewer bytes follow `at` than `buf` holds, or what the system says.
    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()>;

    /// The file that the bytes are of, for readers in other processes; `None` if they are of none.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// A source with a cursor, for libraries that read streams.
#[derive(Clone)]
pub struct SourceStream<'a> {
    source: &'a dyn Source,
    at: u64,
}

impl<'a> SourceStream<'a> {
    /// At the start.
    pub fn new(source: &'a dyn Source) -> Self {
        Self { source, at: 0 }
    }
}

impl std::fmt::Debug for SourceStream<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SourceStream({} of {})", self.at, self.source.size())
    }
}

impl Read for SourceStream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.source.size().saturating_sub(self.at);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        self.source.read_at(self.at, buf.get_mut(..len).unwrap_or_default())?;
        self.at += len as u64;
        Ok(len)
    }
}

impl Seek for SourceStream<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.source.size().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Source for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(at).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(buf.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(at, buf)
    }
}

/// A file opened for reading, with its size as it was then.
#[derive(Debug)]
pub struct FileSource {
    file: std::fs::File,
    size: u64,
    path: Option<PathBuf>,
    /// Its first bytes, once some of them were asked for: nearly all metadata of pictures stands there, and is asked for by
    /// one reader after another.
    head: OnceLock<Vec<u8>>,
}

/// Bytes of a file that are kept.
const HEAD: u64 = 4096;

impl FileSource {
    /// Opens a regular file.
    ///
    /// # Errors
    /// What the system says, or `InvalidInput` for what is no regular file: a folder, a device, a pipe.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open_at_once(path)?;
        let facts = file.metadata()?;
        if facts.is_file() {
            Ok(Self { file, size: facts.len(), path: Some(path.to_owned()), head: OnceLock::new() })
        } else {
            Err(not_regular())
        }
    }

    /// Takes a file that is open already.
    ///
    /// # Errors
    /// What the system says of its size.
    pub fn from_file(file: std::fs::File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size, path: None, head: OnceLock::new() })
    }

    /// All that a stream holds, kept in memory; for pipes, which cannot be read at a place.
    ///
    /// # Errors
    /// What the system says, or `FileTooLarge` over `limit` bytes.
    pub fn drain(stream: impl Read, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        stream.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let kept = self.size.min(HEAD);
        if at.saturating_add(buf.len() as u64) > kept {
            return self.read_from_file(at, buf);
        }
        if let Some(head) = self.head.get() {
            return head.read_at(at, buf);
        }
        let mut head = vec![0; usize::try_from(kept).unwrap_or_default()];
        if self.read_from_file(0, &mut head).is_err() {
            // It has become shorter, or a part of it cannot be read: not what is asked for, perhaps.
            return self.read_from_file(at, buf);
        }
        head.read_at(at, buf)?;
        // If another reader was quicker, it has the same.
        let _ = self.head.set(head);
        Ok(())
    }
}

impl FileSource {
    #[cfg(unix)]
    fn read_from_file(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buf, at)
    }

    #[cfg(windows)]
    fn read_from_file(&self, mut at: u64, mut buf: &mut [u8]) -> io::Result<()> {
        while !buf.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.file, buf, at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    at += read as u64;
                    buf = buf.get_mut(read..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }
}

/// Opens without waiting for the other end of a pipe, which may never come.
#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    // What the system says of a socket.
    opened.map_err(|err| if err.raw_os_error() == Some(libc::ENXIO) { not_regular() } else { err })
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> io::Result<std::fs::File> {
    if std::fs::metadata(path)?.is_file() { std::fs::File::open(path) } else { Err(not_regular()) }
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

#[cfg(all(test, unix))]
mod tests {
    use super::{FileSource, HEAD, Source};
    use std::os::unix::net::UnixListener;

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        for path in [pipe.as_path(), &socket, folder.path(), "/dev/null".as_ref()] {
            let err = FileSource::open(path).unwrap_err();
            assert_eq!(err.to_string(), "not a regular file", "{}", path.display());
        }
    }

    #[test]
    fn every_range_reads_the_same_whether_it_is_kept_or_not() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let path = folder.path().join("file");
            std::fs::write(&path, &bytes).unwrap();
            for (at, len) in
                [(0, 1), (5, 9), (HEAD - 2, 2), (HEAD - 2, 3), (HEAD, 8), (size, 0), (size, 1), (u64::MAX, 2)]
            {
                let source = FileSource::open(&path).unwrap();
                for _ in 0..2 {
                    let (mut read, mut expected) = (vec![0; len], vec![0; len]);
                    let (one, other) = (source.read_at(at, &mut read), bytes.read_at(at, &mut expected));
                    assert_eq!(one.is_ok(), other.is_ok(), "{size} {at} {len}");
                    assert!(one.is_err() || read == expected, "{size} {at} {len}");
                }
            }
        }
    }

    #[test]
    fn a_file_that_became_shorter_is_read_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 100]).unwrap();
        let source = FileSource::open(&path).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(50).unwrap();
        let mut read = [0; 20];
        assert!(source.read_at(10, &mut read).is_ok() && read == [7; 20]);
        assert!(source.read_at(40, &mut read).is_err());
    }
}
