use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{EmbedError, Prepared};
use indicia_core::{Context, Evidence, FileSource};
use indicia_media::Asset;

/// Where a labelled file goes.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The file.
    pub path: PathBuf,
    /// Whether one that is there may be replaced.
    pub overwrite: bool,
}

/// A file that was written, and what was read from it afterwards.
#[derive(Debug)]
pub struct Publication {
    /// The marks read back from the file as it now stands.
    pub evidence: Evidence,
    /// Its size in bytes.
    pub size: u64,
}

/// Writes a labelled file: into a temporary file beside its place, flushed to the disk, read back and verified,
/// and only then given its name. Whatever goes wrong before that, the place is as it was.
///
/// `model` is the file whose permissions the new one gets.
///
/// # Errors
/// If it cannot be written, or a mark in it cannot be read back.
pub fn publish(
    prepared: &Prepared<'_>,
    model: Option<&Path>,
    to: &Destination,
    cx: &Context,
) -> Result<Publication, EmbedError> {
    let shown = || to.path.display().to_string();
    let failed = |error: io::Error| EmbedError::Io { path: shown(), error };
    if !to.overwrite && to.path.symlink_metadata().is_ok() {
        return Err(EmbedError::Exists(shown()));
    }
    let folder = match to.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let temporary =
        tempfile::Builder::new().prefix(".indicia-").suffix(".tmp").tempfile_in(folder).map_err(failed)?;
    let mut out = BufWriter::new(temporary.as_file());
    prepared.rendered.write_to(&mut out).and_then(|()| out.flush()).map_err(failed)?;
    drop(out);
    if let Some(permissions) =
        model.and_then(|model| fs::metadata(model).ok()).map(|facts| facts.permissions())
    {
        temporary.as_file().set_permissions(permissions).map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    let source = FileSource::open(temporary.path()).map_err(failed)?;
    let name = to.path.file_name().and_then(|name| name.to_str());
    let evidence = prepared.read_back(&Asset::open(&source, name, &cx.limits)?, cx)?;
    let kept = if to.overwrite { temporary.persist(&to.path) } else { temporary.persist_noclobber(&to.path) };
    match kept {
        Ok(_) => Ok(Publication { evidence, size: prepared.rendered.len() }),
        Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => Err(EmbedError::Exists(shown())),
        Err(err) => Err(failed(err.error)),
    }
}
