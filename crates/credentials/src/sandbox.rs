//! Reading in another process: what is asked of it, and what it answers.

use std::fs::File;
use std::io::{Read, Result as IoResult};
use std::path::{Path, PathBuf};

use indicia_core::{Sandbox, Trust, TrustPart};
use serde::{Deserialize, Serialize};

use crate::credentials::{Credentials, Unread};

/// Longest text and sidecar read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Where the manifest store of a file is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In the file, where its container has a place for it.
    Inside,
    /// In a file of its own.
    Beside(PathBuf),
    /// Among the words of a text.
    Words,
}

/// A file to be read, and on what terms.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    path: Name,
    mime: String,
    store: Option<Name>,
    words: bool,
    anchors: String,
    user_anchors: String,
    allowed: String,
    usages: String,
    /// The lists that the texts above were put together of: the name, and the bytes of `anchors` and `allowed` that are from it.
    lists: Vec<(String, usize, usize)>,
}

/// A path; names need not be Unicode.
#[derive(Debug, Serialize, Deserialize)]
enum Name {
    Text(String),
    Bytes(Vec<u8>),
}

impl Name {
    fn of(path: &Path) -> Option<Self> {
        if let Some(text) = path.to_str() {
            return Some(Self::Text(text.to_owned()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            Some(Self::Bytes(path.as_os_str().as_bytes().to_vec()))
        }
        #[cfg(not(unix))]
        None
    }

    fn path(self) -> PathBuf {
        match self {
            Self::Text(text) => text.into(),
            #[cfg(unix)]
            Self::Bytes(bytes) => {
                use std::os::unix::ffi::OsStringExt;
                std::ffi::OsString::from_vec(bytes).into()
            }
            #[cfg(not(unix))]
            Self::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        }
    }
}

/// Has the manifest store of a file read in a sandbox.
///
/// # Errors
/// As [`crate::read`], [`crate::read_beside`] and [`crate::read_text`], and [`Unread::Stopped`] if the reader reached a
/// limit or ended.
pub fn ask(
    sandbox: &dyn Sandbox,
    path: &Path,
    mime: &str,
    store: &StorePlace,
    trust: &Trust,
) -> Result<Credentials, Unread> {
    let named = |path| Name::of(path).ok_or(Unread::Unsupported("its name is no Unicode".into()));
    let request = Request {
        path: named(path)?,
        mime: mime.to_owned(),
        store: match store {
            StorePlace::Beside(store) => Some(named(store)?),
            StorePlace::Inside | StorePlace::Words => None,
        },
        words: *store == StorePlace::Words,
        anchors: trust.anchors.clone(),
        user_anchors: trust.user_anchors.clone(),
        allowed: trust.allowed.clone(),
        usages: trust.usages.clone(),
        lists: trust.lists.iter().map(|list| (list.name.clone(), list.anchors, list.allowed)).collect(),
    };
    let request = serde_json::to_string(&request).map_err(|err| Unread::Unsupported(err.to_string()))?;
    let answer = sandbox.ask(&request).map_err(Unread::Stopped)?;
    serde_json::from_str(&answer).unwrap_or_else(|err| Err(Unread::Stopped(format!("no answer: {err}"))))
}

/// Answers a request, in the process that may be killed for it.
pub fn answer(request: &str) -> String {
    let answered = || {
        let request: Request =
            serde_json::from_str(request).map_err(|err| Unread::Unsupported(err.to_string()))?;
        let Request { path, mime, store, words, anchors, user_anchors, allowed, usages, lists } = request;
        let lists = lists.into_iter().map(|(name, anchors, allowed)| TrustPart { name, anchors, allowed });
        let lists = lists.collect();
        let trust = Trust { anchors, user_anchors, allowed, usages, lists, ..Trust::default() };
        let file = File::open(path.path()).map_err(|err| unreadable(&err))?;
        match store {
            Some(store) => {
                let store = File::open(store.path()).and_then(whole).map_err(|err| unreadable(&err))?;
                crate::read_beside(&store, file, &mime, &trust)
            }
            None if words => crate::read_text(&whole(file).map_err(|err| unreadable(&err))?, &trust),
            None => crate::read(file, &mime, &trust),
        }
    };
    let answered: Result<Credentials, Unread> = answered();
    serde_json::to_string(&answered).unwrap_or_default()
}

/// All of a file that is not too long.
fn whole(file: File) -> IoResult<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST { Err(std::io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

fn unreadable(err: &std::io::Error) -> Unread {
    Unread::Unsupported(err.to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use super::Name;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn names_that_are_no_unicode_come_back_as_they_were() {
        for bytes in [&b"plain"[..], b"\xFF/\xFE name"] {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            assert_eq!(Name::of(path).expect("a name").path(), path);
        }
    }
}
