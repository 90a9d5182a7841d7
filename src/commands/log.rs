//! `log`: showing, verifying, proving, exporting and erasing.

mod alike;
mod export;
mod prove;
mod show;
mod verify;

use std::io::Write;
use std::path::{Path, PathBuf};

use indicia::records::{LogError, Reader, VerifierKey};

use super::{Stop, say};
use crate::args::{General, LogArgs, LogTask, Logging};
use crate::config::Config;
use crate::exit::Exit;
use crate::ledger::{Asked, key, open_or_create};
use crate::output::Output;

/// Does what is asked of a log.
pub(crate) fn log(args: &LogArgs, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let logging = Logging { log: args.log.clone(), retain: None };
    let asked = Asked::of(&logging, config).map_err(Stop::Usage)?;
    let mut out = Output::standard(general.color);
    if general.dump_config {
        write!(out, "{}", config.dump())?;
        out.flush()?;
        return Ok(Exit::Fine);
    }
    let folder = || {
        asked.folder.as_deref().ok_or_else(|| {
            Stop::Usage(
                "which log? --log FOLDER, or `log = \"FOLDER\"` in indicia.toml, names its folder".into(),
            )
        })
    };
    let exit = match &args.task {
        LogTask::New { origin } => {
            let folder = folder()?;
            if folder.join("key").exists() {
                return Err(Stop::Usage(format!("{}: it holds a log already", folder.display())));
            }
            let log = open_or_create(folder, Some(origin)).map_err(Stop::Usage)?;
            writeln!(out, "log        {}", folder.display())?;
            writeln!(out, "signed by  {}", log.verifier())?;
            writeln!(out, "key        {}", key::place().map_err(Stop::Usage)?.display())?;
            Exit::Fine
        }
        LogTask::Show(show) => show::show(&mut open(folder()?, args)?, show, &mut out)?,
        LogTask::Verify(verify) if !verify.proof.is_empty() => {
            verify::proofs(verify, args.signed_by.as_ref(), &mut out)?
        }
        LogTask::Verify(verify) => verify::log(folder()?, verify, args, general, &mut out)?,
        LogTask::Prove { entry, since, output } => {
            prove::prove(&mut open(folder()?, args)?, *entry, since.as_deref(), output.as_deref(), &mut out)?
        }
        LogTask::Export { format, output } => {
            export::export(&mut open(folder()?, args)?, *format, output.as_deref(), &mut out)?
        }
        LogTask::Erase { entry } => erase(folder()?, *entry, now, &mut out)?,
    };
    out.flush()?;
    Ok(exit)
}

/// Whom to trust for the log of a folder, and whether that is said by anyone but the log itself.
fn trusted(folder: &Path, signed_by: Option<&VerifierKey>) -> Result<(VerifierKey, bool), Stop> {
    let named = std::fs::read_to_string(folder.join("key")).unwrap_or_default();
    let named: Option<VerifierKey> = named.trim_end().parse().ok();
    if let Some(key) = signed_by {
        return Ok((key.clone(), true));
    }
    let Some(named) = named else {
        return Err(Stop::Log(format!(
            "{}: it holds no log, or its file `key` cannot be read",
            folder.display()
        )));
    };
    let own = key::trusted(None, named.name()).map_err(Stop::Usage)?;
    let is_own = own.is_some_and(|own| own == named);
    Ok((named, is_own))
}

fn open(folder: &Path, args: &LogArgs) -> Result<Reader, Stop> {
    let (key, is_known) = trusted(folder, args.signed_by.as_ref())?;
    let reader = Reader::open(folder, Some(&key)).map_err(|err| stop(&err))?;
    if !is_known {
        say(&format!(
            "note: the log is held against the key that it names itself, {key}; --signed-by names the one that you know"
        ));
    }
    Ok(reader)
}

fn stop(err: &LogError) -> Stop {
    Stop::Log(err.to_string())
}

fn erase(folder: &Path, entry: Option<u64>, now: u64, out: &mut dyn Write) -> Result<Exit, Stop> {
    if !folder.join("key").exists() {
        return Err(Stop::Log(format!("{}: it holds no log", folder.display())));
    }
    let mut log = open_or_create(folder, None).map_err(Stop::Log)?;
    let erasure = match log.erase(now, entry) {
        Ok(erasure) => erasure,
        Err(err @ LogError::Retained { .. }) => {
            writeln!(out, "left alone: {err}")?;
            return Ok(Exit::Refused);
        }
        Err(err) => return Err(stop(&err)),
    };
    if erasure.finished > 0 {
        writeln!(out, "{} records gone whose erasure had been broken off", erasure.finished)?;
    }
    match erasure.told_by {
        Some(told_by) => writeln!(
            out,
            "{} records erased at the end of their retention, told by entry {told_by}",
            erasure.count
        )?,
        None if erasure.finished == 0 => writeln!(out, "no record's retention has ended")?,
        None => {}
    }
    Ok(Exit::Fine)
}

/// A file that is written whole or not at all.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), Stop>) -> Result<(), Stop> {
    let failed =
        |err: &std::io::Error| Stop::Usage(format!("{}: {}", path.display(), crate::walk::reason(err)));
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or(PathBuf::from("."), PathBuf::from);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(&err))?;
    let mut buffered = std::io::BufWriter::new(file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush().map_err(|err| failed(&err))?;
    drop(buffered);
    file.persist(path).map_err(|err| failed(&err.error))?;
    Ok(())
}
