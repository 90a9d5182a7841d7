//! Reading in another process: what is asked of it, and what it answers.

use std::fs::File;
use std::path::{Path, PathBuf};

use indicia_core::{Sandbox, Trust};
use serde::{Deserialize, Serialize};

use crate::credentials::{Credentials, Unread};

/// A file to be read, and on what terms.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    path: PathBuf,
    mime: String,
    anchors: String,
    user_anchors: String,
    allowed: String,
}

/// Has the manifest store of a file read in a sandbox.
///
/// # Errors
/// As [`crate::read`], and [`Unread::Stopped`] if the reader reached a limit or ended. [`Unread::Unsupported`] for a
/// path that is no Unicode.
pub fn ask(sandbox: &dyn Sandbox, path: &Path, mime: &str, trust: &Trust) -> Result<Credentials, Unread> {
    let Trust { anchors, user_anchors, allowed } = trust.clone();
    let request = Request { path: path.to_owned(), mime: mime.to_owned(), anchors, user_anchors, allowed };
    let request =
        serde_json::to_string(&request).map_err(|_| Unread::Unsupported("its name is no Unicode".into()))?;
    let answer = sandbox.ask(&request).map_err(Unread::Stopped)?;
    serde_json::from_str(&answer).unwrap_or_else(|err| Err(Unread::Stopped(format!("no answer: {err}"))))
}

/// Answers a request, in the process that may be killed for it.
pub fn answer(request: &str) -> String {
    let answered = || {
        let Request { path, mime, anchors, user_anchors, allowed } =
            serde_json::from_str(request).map_err(|err| Unread::Unsupported(err.to_string()))?;
        let file = File::open(path).map_err(|err| Unread::Unsupported(err.to_string()))?;
        crate::read(file, &mime, &Trust { anchors, user_anchors, allowed })
    };
    let answered: Result<Credentials, Unread> = answered();
    serde_json::to_string(&answered).unwrap_or_default()
}
