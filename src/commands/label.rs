//! `label`: files in, labelled files and their reports out.

use std::cell::Cell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indicia::records::{Event, Record, UnlabelledCopy};
use indicia::{
    Asset, Context, Destination, EmbedError, Evidence, FileSource, FormatError, Job, PLACEHOLDER_PRODUCER,
    Report, Source, Terms, Waiver, prepare, publish_after,
};

use super::carry::Original;
use super::look::unreadable;
use super::restore::Restoring;
use super::{Run, Stop, inputs, say};
use crate::args::{General, Label};
use crate::config::Config;
use crate::exit::Exit;
use crate::ledger::{Asked, Ledger, LogFacts, article9, record_of};
use crate::output::Output;
use crate::printers::{Entry, Left, Trouble};
use crate::settings::Labelling;
use crate::walk::{Found, reason};

/// Most that is taken from a stream, which has to be held in memory.
const STREAM: u64 = 1 << 30;

/// Labels every file.
pub(crate) fn label(args: &Label, general: &General, config: &mut Config, now: u64) -> Result<Exit, Stop> {
    let (settings, labelling) = Labelling::of(args, config, now).map_err(Stop::Usage)?;
    let asked = Asked::of(&args.logging, config).map_err(Stop::Usage)?;
    if general.dump_config {
        write!(Output::standard(general.color), "{}", config.dump())?;
        return Ok(Exit::Fine);
    }
    let original = Original::of(args, &settings.cx)?;
    let target = Target::of(args)?;
    let recipient = args.style.recipient.as_deref();
    if labelling.waive_notice && original.is_none() && !matches!(target, Target::DryRun) {
        article9::check(&settings.job(&labelling), &asked, recipient).map_err(Stop::Usage)?;
    }
    let ledger = match &asked.folder {
        Some(folder) if !matches!(target, Target::DryRun) => {
            Some(Ledger::open(folder, &asked, &settings).map_err(Stop::Log)?)
        }
        _ => None,
    };
    let restoring = args.restore.then(|| Restoring::of(&asked, ledger.as_ref(), args.claim.id.as_deref()));
    let restoring = restoring.transpose()?;
    let files = inputs(&args.inputs, target.folder())?;
    if labelling.placeholder && original.is_none() && restoring.is_none() && !general.quiet {
        say(&format!(
            "warning: no producer is configured. The labels name `{PLACEHOLDER_PRODUCER}`, which is no one: give \
             --producer NAME, or `producer = \"NAME\"` in indicia.toml, before files go out."
        ));
    }
    if labelling.waive_notice && !general.quiet {
        say(
            "note: files without a notice go out only at the recipient's request, after an agreement on the duty to \
             label, and logged with the recipient for at least six months (Measures, article 9).",
        );
    }
    let usual = settings.job(&labelling);
    let job = original.as_ref().map_or(usual.clone(), |original| original.job(&usual));
    // Labels carried over are metadata: the notices are in the content, as it was converted.
    let carries = original.is_some() || restoring.is_some();
    let waived = job.waived.or(carries.then_some(Waiver::CARRIED));
    let terms = settings.terms(waived);
    let task = Task {
        target: &target,
        job: &job,
        terms: &terms,
        original: original.as_ref(),
        restoring: restoring.as_ref(),
        ledger: ledger.as_ref(),
        recipient: recipient.filter(|_| labelling.waive_notice),
        lenient: args.style.allow_missing_notice,
        cx: &settings.cx,
    };
    let work = |found: &Found| task.file(found);
    let one =
        matches!(args.inputs.paths.as_slice(), [one] if !one.is_dir()) && args.inputs.files_from.is_none();
    let carried_to_one = original.is_some() || (restoring.is_some() && one);
    let single = matches!(target, Target::File(_) | Target::Stream) || carried_to_one;
    let format = &args.judging.format;
    let run = Run { settings: &settings, general, format, in_depth: single, ledger: None };
    match target {
        // The labelled file is on standard output; what is said of it goes beside.
        Target::Stream => run.over(files, &mut anstream::stderr(), work),
        _ => run.over(files, &mut Output::standard(general.color), work),
    }
}

/// Where labelled files go.
enum Target {
    DryRun,
    File(Destination),
    Folder { folder: PathBuf, overwrite: bool },
    InPlace,
    Stream,
}

impl Target {
    fn of(args: &Label) -> Result<Self, Stop> {
        let output = &args.output;
        if output.dry_run {
            return Ok(Self::DryRun);
        }
        if output.in_place || ((args.from.is_some() || args.restore) && output.output.is_none()) {
            return Ok(Self::InPlace);
        }
        let Some(path) = &output.output else {
            return Err(Stop::Usage(
                "say where labelled files go: -o FILE or FOLDER, or --in-place; --dry-run only shows the plan".into(),
            ));
        };
        if path == Path::new("-") {
            return Ok(Self::Stream);
        }
        let inputs = &args.inputs;
        let one = matches!(inputs.paths.as_slice(), [one] if !one.is_dir()) && inputs.files_from.is_none();
        let as_folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/') || !one;
        if as_folder && path.exists() && !path.is_dir() {
            return Err(Stop::Usage(format!("{} is a file; several inputs need a folder", path.display())));
        }
        let overwrite = output.overwrite;
        Ok(if as_folder {
            Self::Folder { folder: path.clone(), overwrite }
        } else {
            Self::File(Destination { path: path.clone(), overwrite })
        })
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder { folder, .. } => Some(folder),
            _ => None,
        }
    }

    /// Where one file goes; `None` if nothing is written to disk.
    fn of_file(&self, found: &Found) -> Option<Destination> {
        match self {
            Self::DryRun | Self::Stream => None,
            Self::File(destination) => Some(destination.clone()),
            Self::Folder { folder, overwrite } => {
                Some(Destination { path: folder.join(&found.below), overwrite: *overwrite })
            }
            // A link is kept: the file it leads to is replaced.
            Self::InPlace => {
                let path = fs::canonicalize(&found.path).unwrap_or_else(|_| found.path.clone());
                Some(Destination { path, overwrite: true })
            }
        }
    }
}

/// What is to be done to each file, and on what terms.
struct Task<'t, 'r> {
    target: &'t Target,
    job: &'t Job<'t>,
    terms: &'t Terms<'r>,
    original: Option<&'t Original>,
    restoring: Option<&'t Restoring>,
    /// Where what goes out is recorded first.
    ledger: Option<&'t Ledger>,
    /// Who receives copies without a notice.
    recipient: Option<&'t str>,
    /// Whether formats that take no notice are labelled without one.
    lenient: bool,
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
                Ok(bytes) => self.source(&bytes, "-", None, found),
                Err(err) => unreadable("-", reason(&err)),
            };
        }
        match FileSource::open(&found.path) {
            Ok(source) => self.source(&source, &name, Some(&found.path), found),
            Err(err) => unreadable(&name, reason(&err)),
        }
    }

    fn source(&self, source: &dyn Source, name: &str, path: Option<&Path>, found: &Found) -> Entry<'r> {
        let labelled = || {
            let asset = Asset::open(source, Some(name), &self.cx.limits)?;
            let origin = self.original.map(|original| original.compare(&asset, self.cx)).transpose()?;
            if let Some(restoring) = self.restoring {
                let (job, number, way) = restoring.job(&asset, self.job, self.cx)?;
                let entry = Task { job: &job, ..*self }.asset(&asset, name, path, found)?;
                let log = LogFacts { restored: Some((number, way)), ..entry.log };
                return Ok(Entry { log, ..entry });
            }
            let owes = self.lenient && self.terms.waived.is_none();
            let without = |why: String| -> Result<Entry<'r>, EmbedError> {
                let waived = Some(Waiver::OWED);
                let job = &Job { waived, ..self.job.clone() };
                let terms = &Terms { waived, ..self.terms.clone() };
                let entry = Task { job, terms, ..*self }.asset(&asset, name, path, found)?;
                Ok(Entry { owed: Some(why), ..entry })
            };
            let entry = match asset.format.no_notice.filter(|_| owes) {
                Some(why) => without(why.to_owned())?,
                None => match self.asset(&asset, name, path, found) {
                    Err(EmbedError::NoNotice { why, .. }) if owes => without(why)?,
                    labelled => labelled?,
                },
            };
            Ok(Entry { origin, ..entry })
        };
        labelled().unwrap_or_else(|err| failed(name, source.size(), err))
    }

    /// Labels a file; without a watermark that only the rules ask for, where its content does not hold it.
    fn asset(
        &self,
        asset: &Asset<'_>,
        name: &str,
        path: Option<&Path>,
        found: &Found,
    ) -> Result<Entry<'r>, EmbedError> {
        let first = self.once(asset, name, path, found);
        let Some(job) = first.as_ref().err().and_then(|err| self.job.relieved(err)) else {
            return first;
        };
        let entry = Task { job: &job, ..*self }.once(asset, name, path, found)?;
        let left = if entry.left.is_empty() { left_open(&job, asset, &job.cannot) } else { entry.left };
        Ok(Entry { left, ..entry })
    }

    fn once(
        &self,
        asset: &Asset<'_>,
        name: &str,
        path: Option<&Path>,
        found: &Found,
    ) -> Result<Entry<'r>, EmbedError> {
        let Self { target, job, terms, cx, .. } = *self;
        let destination = target.of_file(found);
        if let (Some(destination), Some(path)) = (&destination, path) {
            refuse_onto_itself(path, destination, target)?;
        }
        let prepared = prepare(asset, job, cx)?;
        let unchanged = prepared.unchanged;
        if let Some(destination) = destination {
            let output = destination.path.to_string_lossy().into_owned();
            let recorded = Recorded::default();
            let before =
                |asset: &Asset<'_>, evidence: &Evidence| self.record(&output, asset, evidence, &recorded);
            let published = publish_after(&prepared, path, &destination, cx, before);
            let entry = self.settle(recorded, published.is_ok());
            let publication = published?;
            let mut report = Report::of_evidence(name, asset, publication.evidence, terms);
            report.size = publication.size;
            let log = LogFacts { entry, ..LogFacts::default() };
            return Ok(Entry { output: Some(output), unchanged, log, ..Entry::seen(report) });
        }
        if !matches!(target, Target::Stream) {
            return Ok(dry_run(name, asset, job, terms, prepared.intended()));
        }
        let (bytes, evidence) = prepared.to_bytes(Some(name), cx)?;
        let after = Asset::open(&bytes, Some(name), &cx.limits)?;
        let recorded = Recorded::default();
        self.record("-", &after, &evidence, &recorded).map_err(EmbedError::NotRecorded)?;
        let written = io::stdout().lock().write_all(&bytes);
        let entry = self.settle(recorded, written.is_ok());
        written.map_err(|error| EmbedError::Io { path: "-".into(), error })?;
        let report = Report::of_evidence(name, &after, evidence, terms);
        let log = LogFacts { entry, ..LogFacts::default() };
        Ok(Entry { unchanged, output: Some("-".into()), log, ..Entry::seen(report) })
    }

    /// Records what is about to go out.
    fn record(
        &self,
        name: &str,
        asset: &Asset<'_>,
        evidence: &Evidence,
        recorded: &Recorded,
    ) -> Result<(), String> {
        let Some(ledger) = self.ledger else { return Ok(()) };
        let event = if self.restoring.is_some() { Event::Restored } else { Event::Labelled };
        let record =
            record_of::record(name, asset.source, Some(asset), evidence).map_err(|err| reason(&err))?;
        let copy = self.recipient.map(|recipient| UnlabelledCopy { recipient: recipient.to_owned() });
        let words = record_of::fingerprint(asset).map(|fingerprint| fingerprint.to_hex());
        let record = Record { unlabelled_copy: copy, words, ..record };
        let entry = ledger.output(event, record.clone())?;
        recorded.set(Some((entry, record)));
        Ok(())
    }

    /// The entry of what went out; if it did not after all, that is recorded too.
    fn settle(&self, recorded: Recorded, is_out: bool) -> Option<u64> {
        let (entry, record) = recorded.into_inner()?;
        if !is_out && let Some(ledger) = self.ledger {
            ledger.withdraw(entry, record);
        }
        Some(entry)
    }
}

/// The entry that an output was recorded as, with its record.
type Recorded = Cell<Option<(u64, Record)>>;

/// A file must never be replaced while it is being read, unless that is what was asked for.
fn refuse_onto_itself(path: &Path, destination: &Destination, target: &Target) -> Result<(), EmbedError> {
    let same = || Some(fs::canonicalize(path).ok()? == fs::canonicalize(&destination.path).ok()?);
    if !matches!(target, Target::InPlace) && same() == Some(true) {
        return Err(EmbedError::OntoItself);
    }
    Ok(())
}

/// The rules that stay open since the content does not hold these marks.
fn left_open(job: &Job<'_>, asset: &Asset<'_>, cannot: &[(&'static indicia::Scheme, String)]) -> Vec<Left> {
    let plan = job.plan_for(asset.format);
    let reasons = |open: &&indicia::Open<'_>| cannot.iter().any(|(_, why)| *why == open.why);
    let left = |open: &indicia::Open<'_>| Left {
        rule: open.rule.id.clone(),
        why: open.why.clone(),
        unmet: open.unmet,
    };
    plan.open.iter().filter(reasons).map(left).collect()
}

/// What a dry run shows: the marks as they would be, and the rules as they would stand.
fn dry_run<'r>(
    name: &str,
    asset: &Asset<'_>,
    job: &Job<'_>,
    terms: &Terms<'r>,
    intended: Vec<indicia::Look>,
) -> Entry<'r> {
    let serves = |rules: &Vec<&indicia::Rule>| rules.iter().map(|rule| rule.id.clone()).collect();
    let planned =
        |(scheme, rules): &(&'static indicia::Scheme, Vec<&indicia::Rule>)| (*scheme, serves(rules));
    let full = job.plan_for(asset.format);
    let plan = full.marks.iter().map(planned).collect();
    let left = |open: &indicia::Open<'_>| Left {
        rule: open.rule.id.clone(),
        why: open.why.clone(),
        unmet: open.unmet,
    };
    let left = full.open.iter().map(left).collect();
    let conflicts = full.conflicts;
    let evidence = Evidence::from(intended);
    Entry { plan, left, conflicts, ..Entry::seen(Report::of_evidence(name, asset, evidence, terms)) }
}

fn failed<'r>(name: &str, size: u64, err: EmbedError) -> Entry<'r> {
    let trouble = Trouble { reason: err.to_string(), refused: err.is_refusal(), usage: err.is_usage() };
    let at = match err {
        EmbedError::Format(err) => err,
        other => FormatError::unsupported(0, if other.is_refusal() { "refused" } else { "labelling it" }),
    };
    Entry::troubled(Report::unreadable(name, size, at), trouble)
}
