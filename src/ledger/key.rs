//! The key that signs logs and receipts: made on first use, in the folder for configuration, for its owner alone.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use indicia::records::{Seen, SigningKey, VerifierKey};

use crate::manifest_key::Kept;
use crate::walk::reason;

/// Where the key is.
pub(crate) fn place() -> Result<PathBuf, String> {
    Ok(Kept::of_user()?.folder.join("log-key.pem"))
}

/// Where the last head of each log is remembered.
pub(crate) fn seen() -> Result<Seen, String> {
    Ok(Seen::in_folder(Kept::of_user()?.folder.join("log-heads")))
}

/// The key, if there is one.
pub(crate) fn kept() -> Result<Option<SigningKey>, String> {
    let path = place()?;
    let wrong = |why: String| format!("{}: {why}", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => SigningKey::of_pem(&text).map(Some).map_err(|err| wrong(err.to_string())),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(wrong(reason(&err))),
    }
}

/// The key; a new one if there is none.
pub(crate) fn kept_or_new() -> Result<SigningKey, String> {
    if let Some(key) = kept()? {
        return Ok(key);
    }
    let path = place()?;
    let failed = |err: &io::Error| format!("{}: {}", path.display(), reason(err));
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    fs::create_dir_all(&folder).map_err(|err| failed(&err))?;
    let key = SigningKey::generate().map_err(|err| err.to_string())?;
    // Temporary files are made with 0600.
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(|err| failed(&err))?;
    file.write_all(key.to_pem().as_bytes()).map_err(|err| failed(&err))?;
    file.as_file().sync_all().map_err(|err| failed(&err))?;
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key),
        // Another process was quicker.
        Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => {
            kept()?.ok_or_else(|| failed(&err.error))
        }
        Err(err) => Err(failed(&err.error)),
    }
}

/// Whom to trust for something signed under a name: who is named, or else the own key.
pub(crate) fn trusted(signed_by: Option<&VerifierKey>, name: &str) -> Result<Option<VerifierKey>, String> {
    if let Some(key) = signed_by {
        return Ok(Some(key.clone()));
    }
    let own = kept()?.map(|key| key.verifier(name)).transpose();
    own.map_err(|err| err.to_string())
}
