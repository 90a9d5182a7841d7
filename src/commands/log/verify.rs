use std::fs;
use std::io::Write;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use indicia::FileSource;
use indicia::records::{
    Checkpoint, Consistency, Fault, LogError, Proof, Proved, Reader, Verification, VerifierKey, Verify,
};
use owo_colors::OwoColorize;
use serde_json::{Value, json};

use super::prove::checkpoint;
use super::{Stop, stop, trusted};
use crate::args::{General, LogArgs, VerifyLog};
use crate::escape::escape;
use crate::exit::Exit;
use crate::ledger::{key, record_of};
use crate::record::SCHEMA_VERSION;
use crate::walk::reason;

/// Reads all of a log.
pub(super) fn log(
    folder: &Path,
    args: &VerifyLog,
    general: &LogArgs,
    quiet: &General,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let (key, is_known) = trusted(folder, general.signed_by.as_ref())?;
    let (head, verified) = match look(folder, &key, args, quiet) {
        Ok((head, verified)) => (Some(head), verified),
        // Of a log whose head is not to be trusted, nothing else is worth telling.
        Err(LookError::Damaged(fault)) => {
            (None, Verification { faults: vec![fault], ..Verification::default() })
        }
        Err(LookError::Stop(stop)) => return Err(stop),
    };
    if args.json {
        writeln!(out, "{}", value(&key, is_known, head.as_ref(), &verified))?;
    } else {
        in_words(&key, is_known, head.as_ref(), &verified, out)?;
    }
    Ok(if verified.holds() { Exit::Fine } else { Exit::Unmet })
}

enum LookError {
    Damaged(Fault),
    Stop(Stop),
}

impl From<LogError> for LookError {
    fn from(err: LogError) -> Self {
        match err {
            LogError::Damaged { fault, .. } => Self::Damaged(fault),
            other => Self::Stop(stop(&other)),
        }
    }
}

fn look(
    folder: &Path,
    key: &VerifierKey,
    args: &VerifyLog,
    general: &General,
) -> Result<(Checkpoint, Verification), LookError> {
    let mut reader = Reader::open_damaged(folder, Some(key))?;
    let progress = if general.quiet { ProgressBar::hidden() } else { ProgressBar::new(reader.size()) };
    let style = ProgressStyle::with_template("{spinner} {pos} of {len} entries, {per_sec}, {eta} left");
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let step = |done: u64| {
        if done.is_multiple_of(1024) {
            progress.set_position(done);
        }
    };
    let mut verified = reader.verify(Verify::default(), step)?;
    progress.finish_and_clear();
    let mut hold = |held: Result<(), LogError>| match held {
        Ok(()) => Ok(()),
        Err(LogError::Damaged {
            fault: fault @ (Fault::RolledBack { .. } | Fault::Forked { .. }), ..
        }) => {
            verified.faults.push(fault);
            Ok(())
        }
        // What cannot be compared since hashes are missing is told of already.
        Err(LogError::Damaged { .. }) => Ok(()),
        Err(other) => Err(stop(&other)),
    };
    if let Some(since) = &args.since {
        let was = checkpoint(since, &reader).map_err(LookError::Stop)?;
        hold(reader.holds(&was)).map_err(LookError::Stop)?;
    }
    let seen = key::seen().map_err(|why| LookError::Stop(Stop::Usage(why)))?;
    hold(reader.hold_against(&seen)).map_err(LookError::Stop)?;
    Ok((reader.head().clone(), verified))
}

fn value(key: &VerifierKey, is_known: bool, head: Option<&Checkpoint>, verified: &Verification) -> Value {
    let erased: Vec<_> = verified
        .erased
        .iter()
        .map(|((until, on), count)| json!({ "retention_ended": until, "erased_on": on, "records": count }))
        .collect();
    let faults: Vec<_> = verified
        .faults
        .iter()
        .map(|fault| json!({ "code": fault.code(), "text": fault.to_string() }))
        .collect();
    json!({
        "schema_version": SCHEMA_VERSION, "type": "log_verification", "holds": verified.holds(),
        "signed_by": key.to_string(), "key_known": is_known,
        "origin": head.map(|head| &head.origin), "size": head.map(|head| head.size), "root": head.map(|head| head.root),
        "records": verified.held, "erased": erased, "faults": faults, "more_faults": verified.more,
    })
}

fn in_words(
    key: &VerifierKey,
    is_known: bool,
    head: Option<&Checkpoint>,
    verified: &Verification,
    out: &mut dyn Write,
) -> Result<(), Stop> {
    writeln!(out, "log        {}", escape(key.name()))?;
    let whose =
        if is_known { "" } else { "  as the log itself says: --signed-by names the key that you know" };
    writeln!(out, "signed by  {}{}", escape(&key.to_string()), whose.yellow())?;
    if let Some(head) = head {
        writeln!(out, "entries    {}, {} with a record", head.size, verified.held)?;
        writeln!(out, "root       {}", head.root)?;
    }
    for ((until, on), count) in &verified.erased {
        let records = if *count == 1 { "record" } else { "records" };
        writeln!(out, "erased     {count} {records} erased on purpose on {on}, retention ended {until}")?;
    }
    for (name, bytes) in &verified.unacknowledged {
        let what = "behind what is signed: another process is writing, or was broken off";
        writeln!(out, "{}  {name}: {bytes} bytes {what}", "note".yellow())?;
    }
    for fault in &verified.faults {
        writeln!(out, "{} {} {fault}", "✗".red(), fault.code().red())?;
    }
    if verified.more {
        writeln!(out, "and more faults than are told here")?;
    }
    match verified.holds() {
        true => writeln!(out, "{}", "it holds: every entry is as it was signed".green())?,
        false => writeln!(out, "{}", "it does not hold".red().bold())?,
    }
    Ok(())
}

/// Verifies proofs, without the log.
pub(super) fn proofs(
    args: &VerifyLog,
    signed_by: Option<&VerifierKey>,
    out: &mut dyn Write,
) -> Result<Exit, Stop> {
    let mut exit = Exit::Fine;
    for path in &args.proof {
        let shown = path.display().to_string();
        let text =
            fs::read_to_string(path).map_err(|err| Stop::Usage(format!("{shown}: {}", reason(&err))))?;
        let judged = proof(&text, args, signed_by)?;
        match (&judged, args.json) {
            (Ok(proved), true) => {
                let (index, origin) = (proved.index, &proved.checkpoint.origin);
                let line = json!({
                    "schema_version": SCHEMA_VERSION, "type": "proof", "path": shown, "holds": true, "index": index,
                    "origin": origin, "size": proved.checkpoint.size, "entry": proved.entry, "record": proved.record,
                });
                writeln!(out, "{line}")?;
            }
            (Err(why), true) => {
                let line = json!({
                    "schema_version": SCHEMA_VERSION, "type": "proof", "path": shown, "holds": false, "error": why,
                });
                writeln!(out, "{line}")?;
            }
            (Ok(proved), false) => {
                let Proved { index, entry, record, checkpoint } = proved;
                writeln!(out, "{}  it holds", shown.bold())?;
                writeln!(out, "  entry {index} of {} in {}", checkpoint.size, escape(&checkpoint.origin))?;
                writeln!(out, "  {} on {}", entry.event.name(), entry.time)?;
                match record {
                    Some(record) => {
                        writeln!(out, "  {}  SHA-256 {}", escape(&record.path), record.sha256)?;
                        for (name, value) in &record.claim {
                            writeln!(out, "  {name:<16} {}", escape(value))?;
                        }
                    }
                    None => writeln!(out, "  the proof has no record: there was none, or it was erased")?,
                }
            }
            (Err(why), false) => {
                writeln!(out, "{}  {} {}", shown.bold(), "does not hold:".red(), escape(why))?;
            }
        }
        if judged.is_err() {
            exit = Exit::Unmet;
        }
    }
    Ok(exit)
}

fn proof(
    text: &str,
    args: &VerifyLog,
    signed_by: Option<&VerifierKey>,
) -> Result<Result<Proved, String>, Stop> {
    if Consistency::parse(text).is_ok() {
        return Err(Stop::Usage(
            "it is a proof of consistency: hold the log against the earlier checkpoint with --since".into(),
        ));
    }
    let proof = match Proof::parse(text) {
        Ok(proof) => proof,
        Err(err) => return Ok(Err(err.to_string())),
    };
    let Some(key) = key::trusted(signed_by, proof.origin()).map_err(Stop::Usage)? else {
        return Err(Stop::Usage(format!(
            "it is of the log {}, and no key is at hand to verify that: give the log's with --signed-by",
            escape(proof.origin())
        )));
    };
    let proved = match proof.verify(&key) {
        Ok(proved) => proved,
        Err(err) => return Ok(Err(err.to_string())),
    };
    if let Some(file) = &args.content {
        let wrong = |err: &std::io::Error| Stop::Usage(format!("{}: {}", file.display(), reason(err)));
        let source = FileSource::open(file).map_err(|err| wrong(&err))?;
        let (content, _) = record_of::hashes(&source, None).map_err(|err| wrong(&err))?;
        let recorded = proved.record.as_ref().map(|record| record.sha256);
        if recorded != Some(content) {
            let shown = file.display();
            return Ok(Err(match recorded {
                Some(_) => format!(
                    "{shown} has SHA-256 {content}: the entry is about another file, or another state of it"
                ),
                None => format!("the proof has no record that {shown} could be held against"),
            }));
        }
    }
    Ok(Ok(proved))
}
