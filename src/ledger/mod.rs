//! The log of this run: what is recorded in it, and what it knows of a file.

pub(crate) mod article9;
mod found;
pub(crate) mod key;
pub(crate) mod record_of;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicia::records::{
    Day, Event, Log, LogError, Moment, New, Options, PackNote, Record, SharedLog, VerifierKey,
};

pub(crate) use found::{Finder, Found, Way};

use crate::args::Logging;
use crate::commands::{Stop, say};
use crate::config::{Config, File};
use crate::printers::Entry;
use crate::settings::Settings;

/// Longest that another process is waited for.
const WAIT: Duration = Duration::from_secs(30);

/// What is asked of the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Its folder, if there is to be one.
    pub(crate) folder: Option<PathBuf>,
    /// For how many months records are kept.
    pub(crate) months: Option<u16>,
}

impl Asked {
    /// From flags, or else from the configuration.
    pub(crate) fn of(args: &Logging, config: &mut Config) -> Result<Self, String> {
        let shown = |path: &PathBuf| format!("{:?}", path.display().to_string());
        let from_file = |file: &File| file.log.clone().map(Ok);
        let folder = config.pick("log", args.log.clone(), from_file, None, shown)?;
        let from_file = |file: &File| file.retain.map(Ok);
        let months = config.pick("retain", args.retain, from_file, None, u16::to_string)?;
        let is_off = args.log.as_deref() == Some(Path::new("none"));
        Ok(Self { folder: folder.filter(|_| !is_off), months })
    }
}

/// What a log has to do with one file.
#[derive(Debug, Default)]
pub(crate) struct LogFacts {
    /// What is to be recorded.
    pub(crate) record: Option<Record>,
    /// The entry it was recorded as.
    pub(crate) entry: Option<u64>,
    /// What was recorded before.
    pub(crate) found: Vec<Found>,
    /// The entry whose record was put back on the file, and how the file led to it.
    pub(crate) restored: Option<(u64, Way)>,
}

/// A log that this run writes to.
#[derive(Debug)]
pub(crate) struct Ledger {
    log: SharedLog,
    verifier: VerifierKey,
    now: u64,
    until: Option<Day>,
    packs: Vec<PackNote>,
}

impl Ledger {
    /// Opens the log of a folder, or makes one where there is none.
    pub(crate) fn open(folder: &Path, asked: &Asked, settings: &Settings) -> Result<Self, String> {
        let now = settings.cx.now;
        let log = open_or_create(folder, None)?;
        for recovery in log.recoveries() {
            say(&format!("note: {}: {recovery}", folder.display()));
        }
        Ok(Self {
            verifier: log.verifier().clone(),
            log: SharedLog::new(log),
            now,
            until: asked.months.map(|months| Moment::of_seconds(now).day().months_later(months)),
            packs: settings.pack_notes(),
        })
    }

    /// Who signs it.
    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Records one output, before it goes out, and answers the entry.
    pub(crate) fn output(&self, event: Event, record: Record) -> Result<u64, String> {
        self.append(New { retain_until: self.until(&record), ..New::of(event, self.complete(record)) })
    }

    /// Records that an output did not go out after all.
    pub(crate) fn withdraw(&self, entry: u64, record: Record) {
        let retain_until = self.until(&record);
        let new = New { concerns: vec![[entry, entry]], retain_until, ..New::of(Event::Withdrawn, record) };
        if let Err(why) = self.append(new) {
            say(&format!("warning: entry {entry} of the log is about a file that was not published: {why}"));
        }
    }

    fn until(&self, record: &Record) -> Option<Day> {
        match record.unlabelled_copy {
            Some(_) => Some(article9::until(self.now, self.until)),
            None => self.until,
        }
    }

    fn append(&self, new: New) -> Result<u64, String> {
        self.log.append(self.now, new).map_err(|err: Arc<LogError>| err.to_string())
    }

    fn complete(&self, record: Record) -> Record {
        Record { packs: self.packs.clone(), ..record }
    }

    /// Records files that were checked, all at once.
    pub(crate) fn checked(&self, entries: &mut [Entry<'_>]) -> Result<(), Stop> {
        let new = |record| New { retain_until: self.until, ..New::of(Event::Checked, self.complete(record)) };
        let (mut batch, mut recorded) = (Vec::new(), Vec::new());
        for entry in entries {
            if let Some(record) = entry.log.record.take() {
                batch.push(new(record));
                recorded.push(&mut entry.log.entry);
            }
        }
        let first =
            self.log.with(|log| log.append(self.now, batch)).map_err(|err| Stop::Log(err.to_string()))?;
        for (entry, number) in recorded.into_iter().zip(first..) {
            *entry = Some(number);
        }
        Ok(())
    }
}

/// Whether the own key signs the log of a folder.
pub(crate) fn is_own(folder: &Path) -> Result<bool, String> {
    let text = std::fs::read_to_string(folder.join("key")).unwrap_or_default();
    let Ok(named) = text.trim_end().parse::<VerifierKey>() else { return Ok(true) };
    Ok(key::trusted(None, named.name())?.is_some_and(|own| own == named))
}

/// Opens the log of a folder, or makes one, named by its user or at random.
pub(crate) fn open_or_create(folder: &Path, origin: Option<&str>) -> Result<Log, String> {
    let key = key::kept_or_new()?;
    let options = Options { wait: WAIT, seen: Some(key::seen()?) };
    let is_log = folder.join("key").exists();
    let log = match (is_log, origin) {
        (true, _) => Log::open(folder, &key, options),
        (false, Some(origin)) => Log::create(folder, origin, &key, options),
        (false, None) => Log::create(folder, &format!("indicia-log/{}", random()), &key, options),
    };
    log.map_err(|err| err.to_string())
}

/// A name that no other log has.
fn random() -> String {
    let fresh = indicia::records::SigningKey::generate().and_then(|key| key.verifier("name"));
    let digits = fresh.map(|key| indicia::records::Hash::of(key.to_string().as_bytes()).to_string());
    digits.unwrap_or_default().chars().take(16).collect()
}
