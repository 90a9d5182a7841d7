//! A file that is written before it has its name.
//!
//! On Linux it has no name at all until it is whole, where the file system can do that: whatever ends the program,
//! nothing of it stays. Elsewhere it is a hidden file beside its place, which a killed program leaves behind.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Where there is no other way, the name begins and ends so.
const NAME: (&str, &str) = (".indicia-", ".tmp");

/// A file being written.
#[derive(Debug)]
pub(crate) enum Temporary {
    /// Without a name.
    #[cfg(target_os = "linux")]
    Unnamed { file: File, folder: PathBuf },
    /// Beside its place.
    Named(NamedTempFile),
}

impl Temporary {
    /// A new file in this folder, so that it can be given its name at once.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(unnamed) = unnamed::open(folder) {
            return Ok(unnamed);
        }
        Self::named(folder)
    }

    /// As [`Temporary::new`], with a name from the start: for readers in other processes.
    pub(crate) fn named(folder: &Path) -> io::Result<Self> {
        named().tempfile_in(folder).map(Self::Named)
    }

    pub(crate) fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, .. } => file,
            Self::Named(named) => named.as_file(),
        }
    }

    pub(crate) fn file_mut(&mut self) -> &mut File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, .. } => file,
            Self::Named(named) => named.as_file_mut(),
        }
    }

    /// A path under which it can be opened now.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, .. } => unnamed::path(file),
            Self::Named(named) => named.path().to_owned(),
        }
    }

    /// Gives it its name, in one step; what has that name is replaced if `overwrite`.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if there is one and it is not to be replaced.
    pub(crate) fn keep(self, path: &Path, overwrite: bool) -> io::Result<()> {
        let named = match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, .. } if !overwrite => return unnamed::link(&file, path),
            // A link replaces nothing: the file gets another name first.
            #[cfg(target_os = "linux")]
            Self::Unnamed { file, folder } => {
                let kept = named().make_in(folder, |path| unnamed::link(&file, path))?;
                return kept.persist(path).map(drop).map_err(|err| err.error);
            }
            Self::Named(named) => named,
        };
        let kept = if overwrite { named.persist(path) } else { named.persist_noclobber(path) };
        kept.map(drop).map_err(|err| err.error)
    }
}

fn named() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(NAME.0).suffix(NAME.1);
    builder
}

#[cfg(target_os = "linux")]
mod unnamed {
    use super::Temporary;
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    /// A file without a name; `None` where the file system knows none, or it could not be named later.
    pub(super) fn open(folder: &Path) -> Option<Temporary> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?);
        path(&file).exists().then(|| Temporary::Unnamed { file, folder: folder.to_owned() })
    }

    /// Files of this process, as the system shows them.
    pub(super) fn path(file: &File) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()).into()
    }

    pub(super) fn link(file: &File, to: &Path) -> io::Result<()> {
        Ok(linkat(CWD, path(file), CWD, to, AtFlags::SYMLINK_FOLLOW)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Temporary;
    use std::fs;
    use std::io::{ErrorKind, Write};
    use std::path::Path;

    fn written(mut file: Temporary) -> Temporary {
        file.file_mut().write_all(b"new").unwrap();
        assert_eq!(fs::read(file.path()).unwrap(), b"new");
        file
    }

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_gets_its_name_in_one_step_and_replaces_another_only_if_that_is_said() {
        for make in [Temporary::new, Temporary::named] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a");
            written(make(folder.path()).unwrap()).keep(&path, false).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
            fs::write(&path, "mine").unwrap();
            let refused = written(make(folder.path()).unwrap()).keep(&path, false).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&path).unwrap(), b"mine");
            written(make(folder.path()).unwrap()).keep(&path, true).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
            assert_eq!(count(folder.path()), 1);
        }
    }

    /// What a killed program leaves is what is there at that moment.
    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_in_the_folder_before_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(Temporary::new(folder.path()).unwrap());
        match file {
            Temporary::Unnamed { .. } => assert_eq!(count(folder.path()), 0),
            // A file system without such files, as some network file systems are.
            Temporary::Named(_) => assert_eq!(count(folder.path()), 1),
        }
        drop(file);
        assert_eq!(count(folder.path()), 0);
    }
}
