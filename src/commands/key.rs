//! `key`: making and taking in the key that signs C2PA manifests.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use indicia::manifests::DevelopmentChain;

use super::{Stop, say};
use crate::args::{General, Key, KeyTask};
use crate::exit::Exit;
use crate::manifest_key::{Kept, pair, secret};
use crate::output::Output;
use crate::walk::reason;

/// Makes a key, takes one in, or shows where it is.
pub(crate) fn key(args: &Key, general: &General, now: u64) -> Result<Exit, Stop> {
    let kept = Kept::of_user().map_err(Stop::Usage)?;
    let mut out = Output::standard(general.color);
    match &args.task {
        KeyTask::New { organization, overwrite } => {
            let made =
                DevelopmentChain::new(organization, now).map_err(|err| Stop::Usage(err.to_string()))?;
            keep(&kept, &made.private_key, &made.chain, *overwrite)?;
            write(&kept.authority(), &made.authority, true)?;
            if !general.quiet {
                say(
                    "note: this key is for development. No one in the world trusts it: manifests signed with it hold, and \
                     every validator says that the signer is unknown, unless it is given the root below.",
                );
            }
            writeln!(out, "key    {}", kept.key().display())?;
            writeln!(out, "chain  {}", kept.chain().display())?;
            writeln!(out, "root   {}", kept.authority().display())?;
        }
        KeyTask::Import { key, chain, overwrite } => {
            let private_key = secret(key).map_err(Stop::Usage)?;
            let taken = pair(&private_key, chain, now).map_err(Stop::Usage)?;
            let certificates = fs::read_to_string(chain).map_err(|err| Stop::Usage(reason(&err)))?;
            keep(&kept, &private_key, &certificates, *overwrite)?;
            let _ = fs::remove_file(kept.authority());
            writeln!(out, "key    {}  {}", kept.key().display(), taken.algorithm())?;
            writeln!(out, "chain  {}", kept.chain().display())?;
        }
        KeyTask::Show => {
            let private_key = secret(&kept.key().to_string_lossy()).map_err(Stop::Usage)?;
            let held = pair(&private_key, &kept.chain(), now).map_err(Stop::Usage)?;
            writeln!(out, "key    {}  {}", kept.key().display(), held.algorithm())?;
            writeln!(out, "chain  {}", kept.chain().display())?;
            if kept.authority().exists() {
                writeln!(out, "root   {}  for development: trusted by no one", kept.authority().display())?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Fine)
}

fn keep(kept: &Kept, private_key: &str, chain: &str, overwrite: bool) -> Result<(), Stop> {
    fs::create_dir_all(&kept.folder).map_err(|err| failed(&kept.folder, &err))?;
    write(&kept.key(), private_key, overwrite)?;
    write(&kept.chain(), chain, true)
}

/// Writes a file that only its owner can read, whole or not at all.
fn write(path: &Path, text: &str, overwrite: bool) -> Result<(), Stop> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Temporary files are made with 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(path, &err))?;
    file.write_all(text.as_bytes()).map_err(|err| failed(path, &err))?;
    file.as_file().sync_all().map_err(|err| failed(path, &err))?;
    let named = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    match named {
        Ok(_) => Ok(()),
        Err(err) if err.error.kind() == io::ErrorKind::AlreadyExists => Err(Stop::Usage(format!(
            "{} is there already: --overwrite replaces it, and what only that key can sign is lost",
            path.display()
        ))),
        Err(err) => Err(failed(path, &err.error)),
    }
}

fn failed(path: &Path, err: &io::Error) -> Stop {
    Stop::Usage(format!("{}: {}", path.display(), reason(err)))
}
