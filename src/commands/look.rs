//! `verify` and `scan`: files in, reports out.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use indicia::{Asset, Context, FileSource, FormatError, Problem, Report, Source, Terms, survey};

use super::{Run, Stop, inputs};
use crate::args::{General, Look, Scan};
use crate::config::Config;
use crate::exit::Exit;
use crate::output::Output;
use crate::printers::{Entry, Trouble, named};
use crate::settings::Settings;
use crate::thumbnail::Thumbnails;
use crate::walk::{Found, reason};

/// Most that is taken from a stream, which has to be held in memory.
const STREAM: u64 = 1 << 30;

/// Tells of every file everything.
pub(crate) fn verify(args: &Look, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let settings = Settings::of_verify(args, config, now).map_err(Stop::Usage)?;
    look(args, &settings, true, general, config)
}

/// Tells of every file a line.
pub(crate) fn scan(args: &Scan, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let settings = Settings::of_scan(args, config, now).map_err(Stop::Usage)?;
    look(&args.look, &settings, false, general, config)
}

fn look(
    args: &Look,
    settings: &Settings,
    in_depth: bool,
    general: &General,
    config: &Config,
) -> Result<Exit, Stop> {
    if general.dump_config {
        write!(Output::standard(general.color), "{}", config.dump())?;
        return Ok(Exit::Fine);
    }
    let files = inputs(&args.inputs, None)?;
    let run = Run { settings, general, format: &args.judging.format, in_depth };
    let terms = settings.terms(None);
    let shown = named(&args.judging.format).is_some_and(|printer| printer.pictures) && !args.no_thumbnails;
    let thumbnails = shown.then(Thumbnails::default);
    let task = Task { terms: &terms, cx: &settings.cx, thumbnails: thumbnails.as_ref() };
    let work = |found: &Found| task.file(found);
    match &args.output {
        None => run.over(files, &mut Output::standard(general.color), work),
        Some(path) => {
            let failed = |err: io::Error| Stop::Usage(format!("{}: {}", path.display(), reason(&err)));
            run.over(files, &mut Output::plain(File::create(path).map_err(failed)?), work)
        }
    }
}

/// On what terms each file is looked at.
struct Task<'t, 'r> {
    terms: &'t Terms<'r>,
    cx: &'t Context,
    /// The small pictures of the report, if it shows them.
    thumbnails: Option<&'t Thumbnails>,
}

impl<'r> Task<'_, 'r> {
    fn file(&self, found: &Found) -> Entry<'r> {
        let name = found.path.to_string_lossy();
        if let Some(why) = &found.error {
            return unreadable(&name, why.clone());
        }
        if found.path == Path::new("-") {
            return match FileSource::drain(io::stdin().lock(), STREAM) {
                Ok(bytes) => self.source("-", &bytes),
                Err(err) => unreadable("-", reason(&err)),
            };
        }
        match FileSource::open(&found.path) {
            Ok(source) => self.source(&name, &source),
            Err(err) => unreadable(&name, reason(&err)),
        }
    }

    /// Surveys a file, and makes its thumbnail of the picture if that was decoded for a mark already.
    fn source(&self, name: &str, source: &dyn Source) -> Entry<'r> {
        match Asset::open(source, Some(name), &self.cx.limits) {
            Ok(asset) => {
                let evidence = survey(&asset, self.cx);
                let report = Report::of_evidence(name, &asset, evidence, self.terms);
                let thumbnail = self.thumbnails.and_then(|thumbnails| thumbnails.of(&asset));
                Entry { thumbnail, ..Entry::seen(report) }
            }
            Err(err) => Entry::seen(Report::unreadable(name, source.size(), err)),
        }
    }
}

/// A file of which nothing can be told.
pub(super) fn unreadable<'r>(name: &str, why: String) -> Entry<'r> {
    let report = Report::unreadable(name, 0, FormatError::new(0, Problem::Io(io::ErrorKind::Other)));
    Entry::troubled(report, Trouble { reason: why, refused: false, usage: false })
}
