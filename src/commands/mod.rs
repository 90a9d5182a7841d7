//! The commands: arguments in, entries to a printer, an ending out.

mod carry;
mod diff;
mod explain;
mod key;
mod label;
mod log;
mod look;
mod models;
mod receipt;
mod restore;
mod rules;
mod sampled;

use std::io::{self, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

pub(crate) use carry::Origin;
pub(crate) use diff::{content, diff};
pub(crate) use explain::explain;
pub(crate) use key::key;
pub(crate) use label::label;
pub(crate) use log::log;
pub(crate) use look::{scan, verify};
pub(crate) use models::{folder as models_folder, models};
pub(crate) use receipt::receipt;
pub(crate) use rules::rules;
pub(crate) use sampled::sampled;

use crate::args::{General, Inputs};
use crate::exit::{Exit, FailOn};
use crate::ledger::Ledger;
use crate::printers::{Entry, Heading, named};
use crate::record::Summary;
use crate::settings::Settings;
use crate::walk::{self, Found};
use indicia::Date;

/// Files handed to the workers at once: enough to keep them busy, few enough to print soon.
const BATCH: usize = 64;

/// Days after the day on which the law was read for a pack, from which on a report says so.
const OLD: i32 = 180;

/// Why a run could not begin or go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The command line or the configuration is wrong.
    Usage(String),
    /// The log cannot be read or written.
    Log(String),
    /// Output cannot be written.
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(err: io::Error) -> Self {
        Self::Output(err)
    }
}

/// The files that a command is about.
fn inputs(
    inputs: &Inputs,
    without: Option<&Path>,
) -> Result<impl Iterator<Item = Found> + Send + use<>, Stop> {
    let mut paths = inputs.paths.clone();
    if let Some(list) = &inputs.files_from {
        let listed = walk::listed(list, inputs.nul);
        paths.extend(
            listed.map_err(|err| Stop::Usage(format!("{}: {}", list.display(), walk::reason(&err))))?,
        );
    }
    if paths.is_empty() {
        return Err(Stop::Usage("no files given; name files or folders, or - for standard input".into()));
    }
    Ok(walk::files(paths, without))
}

/// What a run needs besides its files.
struct Run<'a> {
    settings: &'a Settings,
    general: &'a General,
    format: &'a str,
    in_depth: bool,
    /// Where files that were checked are recorded.
    ledger: Option<&'a Ledger>,
}

impl Run<'_> {
    /// Works on every file, several at once, and prints the results in the order of the files.
    fn over<'r>(
        &self,
        files: impl Iterator<Item = Found> + Send,
        out: &mut (dyn Write + Send),
        work: impl Fn(&Found) -> Entry<'r> + Sync,
    ) -> Result<Exit, Stop> {
        let printer =
            named(self.format).ok_or_else(|| Stop::Usage(format!("no output format `{}`", self.format)))?;
        let warnings = self.settings.fail_on.contains(&FailOn::Warn);
        let heading = Heading {
            in_depth: self.in_depth,
            terms: self.terms(),
            packs: &self.settings.packs,
            at: self.settings.at,
            role: self.settings.role,
            now: self.settings.cx.now,
            warnings,
        };
        let mut summary = Summary::of(&heading);
        let mut print = (printer.open)(out, heading);
        let progress = self.progress();
        let mut exit = Exit::Fine;
        let mut files = files.fuse();
        let mut batch: Vec<_> = files.by_ref().take(BATCH).collect();
        // To hand one small file to other threads would take as long as looking at it.
        let threads =
            if batch.len() > 1 || self.settings.jobs.is_some() { Some(self.threads()?) } else { None };
        let mut entries = Vec::new();
        loop {
            let work = || {
                let done = |found: &Found| {
                    let entry = work(found);
                    progress.inc(1);
                    entry
                };
                if threads.is_some() {
                    batch.par_iter().map(done).collect()
                } else {
                    batch.iter().map(done).collect()
                }
            };
            let mut print = || {
                progress.suspend(|| {
                    entries.iter().try_for_each(|entry: &Entry<'_>| {
                        summary.add(entry);
                        exit = exit.min(entry.exit(warnings).under(&self.settings.fail_on));
                        print.entry(entry)
                    })
                })
            };
            // One batch is printed and another one found while a third is worked on: each is a tenth of a quick run.
            let mut aside = || (print(), files.by_ref().take(BATCH).collect());
            let ((printed, found), done): ((io::Result<()>, Vec<_>), Vec<Entry<'_>>) = match &threads {
                Some(threads) => threads.install(|| rayon::join(aside, work)),
                None => (aside(), work()),
            };
            printed?;
            if batch.is_empty() {
                break;
            }
            (batch, entries) = (found, done);
            if let Some(ledger) = self.ledger {
                ledger.checked(&mut entries)?;
            }
        }
        progress.finish_and_clear();
        summary.exit_code = exit.number();
        print.finish(&summary)?;
        drop(print);
        out.flush()?;
        Ok(exit)
    }

    fn threads(&self) -> Result<rayon::ThreadPool, Stop> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.settings.jobs.unwrap_or(0));
        threads.build().map_err(|err| Stop::Usage(err.to_string()))
    }

    fn terms(&self) -> String {
        let regimes = indicia::regimes(&self.settings.packs);
        let names: Vec<_> = regimes.iter().map(|regime| regime.id.as_str()).collect();
        match names.as_slice() {
            [] => "no rules".into(),
            names => format!("{}; law of {}{}", names.join(", "), self.settings.at, self.old_packs()),
        }
    }

    /// Which packs were last held against the law long before the day whose law counts.
    fn old_packs(&self) -> String {
        let at = self.settings.at;
        let is_old = |read: &Date| at.days_after(*read) > OLD;
        let old = self.settings.packs.iter().filter(|pack| pack.as_of.as_ref().is_some_and(is_old));
        match old.map(|pack| pack.name.as_str()).collect::<Vec<_>>().as_slice() {
            [] => String::new(),
            names => {
                let names = names.join(", ");
                format!(
                    "; more than {OLD} days after the law was read for {names}: see whether it has changed"
                )
            }
        }
    }

    fn progress(&self) -> ProgressBar {
        if self.general.quiet {
            return ProgressBar::hidden();
        }
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::no_length();
        let style = ProgressStyle::with_template("{spinner} {pos} files, {per_sec}, {elapsed}");
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
    }
}

/// Says something to the person at the terminal, on standard error.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
