//! `verify` and `scan`: files in, reports out.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use indicia::{Asset, Context, Court, FileSource, FormatError, Problem, Report, Source, survey};

use super::receipt::Receipts;
use super::{Run, Stop, inputs, say};
use crate::args::{General, Look, Scan, Verify};
use crate::config::Config;
use crate::exit::Exit;
use crate::ledger::{Asked, Finder, Ledger, LogFacts, record_of};
use crate::output::Output;
use crate::printers::{Entry, Trouble, named};
use crate::settings::Settings;
use crate::thumbnail::{Thumbnail, Thumbnails};
use crate::walk::{Found, reason};

/// Most that is taken from a stream, which has to be held in memory.
const STREAM: u64 = 1 << 30;

/// Tells of every file everything.
pub(crate) fn verify(args: &Verify, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let settings = Settings::of_verify(&args.look, config, now).map_err(Stop::Usage)?;
    let detector = config.pick(
        "detector-id",
        args.detector_id.clone(),
        |file| file.detector_id.clone().map(Ok),
        None,
        |text| format!("{text:?}"),
    );
    let detector = detector.map_err(Stop::Usage)?;
    let several = !matches!(args.look.inputs.paths.as_slice(), [one] if !one.is_dir())
        || args.look.inputs.files_from.is_some();
    let receipts = match &args.receipt {
        Some(target) if !general.dump_config => Some(Receipts::of(target, several, detector, &settings)?),
        _ => None,
    };
    let exit = look(&args.look, &settings, true, receipts.as_ref(), general, config)?;
    if let Some(key) = receipts.as_ref().and_then(Receipts::verifier).filter(|_| !general.quiet) {
        say(&format!("receipts are signed by {key}"));
    }
    Ok(exit)
}

/// Tells of every file a line.
pub(crate) fn scan(args: &Scan, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let settings = Settings::of_scan(args, config, now).map_err(Stop::Usage)?;
    look(&args.look, &settings, false, None, general, config)
}

fn look(
    args: &Look,
    settings: &Settings,
    in_depth: bool,
    receipts: Option<&Receipts>,
    general: &General,
    config: &mut Config,
) -> Result<Exit, Stop> {
    let asked = Asked::of(&args.logging, config).map_err(Stop::Usage)?;
    if general.dump_config {
        write!(Output::standard(general.color), "{}", config.dump())?;
        return Ok(Exit::Fine);
    }
    let files = inputs(&args.inputs, None)?;
    let (finder, ledger) = match &asked.folder {
        Some(folder) => logs(folder, &asked, settings, in_depth)?,
        None => (None, None),
    };
    let run = Run { settings, general, format: &args.judging.format, in_depth, ledger: ledger.as_ref() };
    let terms = settings.terms(None);
    let court = Court::new(&terms);
    let shown = named(&args.judging.format).is_some_and(|printer| printer.pictures) && !args.no_thumbnails;
    let thumbnails = shown.then(Thumbnails::default);
    let task = Task {
        court: &court,
        thumbnails: thumbnails.as_ref(),
        finder: finder.as_ref(),
        receipts,
        records: ledger.is_some() || receipts.is_some(),
        cx: &settings.cx,
    };
    let work = |found: &Found| task.file(found);
    match &args.output {
        None => run.over(files, &mut Output::standard(general.color), work),
        Some(path) => {
            let failed = |err: io::Error| Stop::Usage(format!("{}: {}", path.display(), reason(&err)));
            run.over(files, &mut Output::plain(File::create(path).map_err(failed)?), work)
        }
    }
}

/// The log to look things up in, and the one to record in. A log of others is only looked up.
fn logs(
    folder: &Path,
    asked: &Asked,
    settings: &Settings,
    in_depth: bool,
) -> Result<(Option<Finder>, Option<Ledger>), Stop> {
    let is_others = folder.join("key").exists() && !crate::ledger::is_own(folder).map_err(Stop::Usage)?;
    if is_others {
        if !in_depth {
            let why = "another key signs it, so nothing can be recorded in it; --log none records nothing";
            return Err(Stop::Usage(format!("{}: {why}", folder.display())));
        }
        say(&format!(
            "note: {}: another key signs this log; it is looked up, and what is checked is not recorded in it",
            folder.display()
        ));
        return Ok((Some(Finder::open(folder, None).map_err(Stop::Log)?), None));
    }
    let ledger = Ledger::open(folder, asked, settings).map_err(Stop::Log)?;
    // A look-up passes over the whole index: too slow for each of many files.
    let finder = in_depth.then(|| Finder::open(folder, Some(ledger.verifier())));
    Ok((finder.transpose().map_err(Stop::Log)?, Some(ledger)))
}

/// What is to be told of each file.
struct Task<'t, 'r> {
    court: &'t Court<'t, 'r>,
    /// The small pictures of the report, if it shows them.
    thumbnails: Option<&'t Thumbnails>,
    finder: Option<&'t Finder>,
    receipts: Option<&'t Receipts>,
    /// Whether a record is made of each file.
    records: bool,
    cx: &'t Context,
}

impl<'r> Task<'_, 'r> {
    fn file(&self, found: &Found) -> Entry<'r> {
        let name = found.path.to_string_lossy();
        if let Some(why) = &found.error {
            return unreadable(&name, why.clone());
        }
        if found.path == Path::new("-") {
            return match FileSource::drain(io::stdin().lock(), STREAM) {
                Ok(bytes) => self.source("-", &bytes, found),
                Err(err) => unreadable("-", reason(&err)),
            };
        }
        match FileSource::open(&found.path) {
            Ok(source) => self.source(&name, &source, found),
            Err(err) => unreadable(&name, reason(&err)),
        }
    }

    fn source(&self, name: &str, source: &dyn Source, found: &Found) -> Entry<'r> {
        let (report, thumbnail) = self.seen(name, source);
        if !self.records && self.finder.is_none() {
            return Entry { thumbnail, ..Entry::seen(report) };
        }
        match self.log(name, source, found, &report) {
            Ok(log) => Entry { log, thumbnail, ..Entry::seen(report) },
            Err(reason) => Entry::troubled(report, Trouble { reason, refused: false, usage: false }),
        }
    }

    /// Surveys a file, and makes its thumbnail of the picture, if that was decoded for a mark then of the same.
    fn seen(&self, name: &str, source: &dyn Source) -> (Report<'r>, Option<Thumbnail>) {
        match Asset::open(source, Some(name), &self.cx.limits) {
            Ok(asset) => {
                let evidence = survey(&asset, self.cx);
                let report = self.court.report(name, &asset, evidence);
                (report, self.thumbnails.and_then(|thumbnails| thumbnails.of(&asset)))
            }
            Err(err) => (Report::unreadable(name, source.size(), err), None),
        }
    }

    /// What the log knows of a file, and what is to be recorded.
    fn log(
        &self,
        name: &str,
        source: &dyn Source,
        found: &Found,
        report: &Report<'r>,
    ) -> Result<LogFacts, String> {
        let asset = Asset::open(source, Some(name), &self.cx.limits).ok();
        let mut facts = LogFacts::default();
        if let Some(finder) = self.finder {
            facts.found = finder.of(source, asset.as_ref(), &report.evidence, None)?;
        }
        if self.records {
            let record = record_of::record(name, source, asset.as_ref(), &report.evidence);
            let record = record_of::concluded(record.map_err(|err| reason(&err))?, report);
            if let Some(receipts) = self.receipts {
                receipts.write(found, &record, report)?;
            }
            facts.record = Some(record);
        }
        Ok(facts)
    }
}

/// A file of which nothing can be told.
pub(super) fn unreadable<'r>(name: &str, why: String) -> Entry<'r> {
    let report = Report::unreadable(name, 0, FormatError::new(0, Problem::Io(io::ErrorKind::Other)));
    Entry::troubled(report, Trouble { reason: why, refused: false, usage: false })
}
