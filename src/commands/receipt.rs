//! Receipts of what a detector found: `verify --receipt` writes them, `receipt` verifies them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use indicia::records::{Moment, Receipt, Record, SigningKey, Tool, VerifierKey};
use indicia::{FileSource, Report, Seen};
use owo_colors::OwoColorize;
use serde_json::json;

use super::Stop;
use crate::args::{General, ReceiptArgs};
use crate::escape::escape;
use crate::exit::Exit;
use crate::ledger::{key, record_of};
use crate::output::Output;
use crate::record::SCHEMA_VERSION;
use crate::settings::Settings;
use crate::walk::{Found, reason};

/// How receipts name a detector that has no address.
const DETECTOR: &str = "indicia";

/// What writes receipts.
pub(crate) struct Receipts {
    target: PathBuf,
    /// Whether `target` is a folder.
    several: bool,
    detector: String,
    key: SigningKey,
    now: u64,
    packs: Vec<indicia::records::PackNote>,
}

impl Receipts {
    /// To a file, or below a folder if there are several.
    pub(crate) fn of(
        target: &Path,
        several: bool,
        detector: Option<String>,
        settings: &Settings,
    ) -> Result<Self, Stop> {
        let detector = detector.unwrap_or_else(|| DETECTOR.into());
        let key = key::kept_or_new().map_err(Stop::Usage)?;
        key.verifier(name_of(&detector)).map_err(|err| Stop::Usage(format!("--detector-id: {err}")))?;
        let several = several || target.is_dir();
        if several && target.exists() && !target.is_dir() {
            let why = format!("{} is a file; receipts of several files need a folder", target.display());
            return Err(Stop::Usage(why));
        }
        Ok(Self {
            target: target.to_owned(),
            several,
            detector,
            key,
            now: settings.cx.now,
            packs: settings.pack_notes(),
        })
    }

    /// The key that receipts are signed with.
    pub(crate) fn verifier(&self) -> Option<VerifierKey> {
        self.key.verifier(name_of(&self.detector)).ok()
    }

    /// Writes the receipt of one file.
    pub(crate) fn write(&self, found: &Found, record: &Record, report: &Report<'_>) -> Result<(), String> {
        let blind = report.evidence.looks.iter().filter(|look| matches!(look.seen, Seen::Blind(_)));
        let receipt = Receipt {
            sha256: record.sha256,
            size: record.size,
            detector: record
                .tool
                .clone()
                .unwrap_or_else(|| Tool { name: DETECTOR.into(), version: String::new() }),
            detector_id: self.detector.clone(),
            time: Moment::of_seconds(self.now),
            verdict: report.verdict.statement.name().to_owned(),
            outcome: report.outcome().name().to_owned(),
            marks: record.marks.clone(),
            not_looked_for: blind.map(|look| look.scheme.to_owned()).collect(),
            packs: self.packs.clone(),
        };
        let text = receipt.sign(&self.key, name_of(&self.detector)).map_err(|err| err.to_string())?;
        let mut path = self.target.clone();
        if self.several {
            path = path.join(&found.below);
            path.as_mut_os_string().push(".receipt");
        }
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, &text)
        };
        write().map_err(|err| format!("{}: {}", path.display(), reason(&err)))
    }
}

/// The name of the key: names of keys are URLs without their scheme.
fn name_of(detector: &str) -> &str {
    detector.split_once("://").map_or(detector, |(_, rest)| rest)
}

/// Verifies a receipt, and that a file is the one it is about.
pub(crate) fn receipt(args: &ReceiptArgs, general: &General) -> Result<Exit, Stop> {
    let path = args.receipt.display();
    let text =
        fs::read_to_string(&args.receipt).map_err(|err| Stop::Usage(format!("{path}: {}", reason(&err))))?;
    let mut out = Output::standard(general.color);
    let judged = judge(&text, args)?;
    if args.json {
        let (holds, receipt, why) = match &judged {
            Ok(receipt) => (true, Some(receipt), None),
            Err(why) => (false, None, Some(why)),
        };
        let line = json!({
            "schema_version": SCHEMA_VERSION, "type": "receipt", "holds": holds, "receipt": receipt, "error": why,
        });
        writeln!(out, "{line}")?;
    } else {
        match &judged {
            Ok(receipt) => {
                writeln!(out, "{}  it holds", path.to_string().bold())?;
                for (name, value) in [
                    ("file", format!("SHA-256 {}, {} bytes", receipt.sha256, receipt.size)),
                    ("found", format!("{}; rules {}", receipt.verdict, receipt.outcome)),
                    (
                        "detector",
                        format!(
                            "{} {}, {}",
                            receipt.detector.name, receipt.detector.version, receipt.detector_id
                        ),
                    ),
                    ("time", receipt.time.to_string()),
                ] {
                    writeln!(out, "  {name:<9} {}", escape(&value))?;
                }
                if !receipt.not_looked_for.is_empty() {
                    writeln!(out, "  could not look for {}", escape(&receipt.not_looked_for.join(", ")))?;
                }
            }
            Err(why) => {
                writeln!(out, "{}  {} {}", path.to_string().bold(), "does not hold:".red(), escape(why))?
            }
        }
    }
    out.flush()?;
    Ok(if judged.is_ok() { Exit::Fine } else { Exit::Unmet })
}

fn judge(text: &str, args: &ReceiptArgs) -> Result<Result<Receipt, String>, Stop> {
    let note = match indicia::records::Note::parse(text.as_bytes()) {
        Ok(note) => note,
        Err(err) => return Ok(Err(err.to_string())),
    };
    let signers = note.signers();
    let name = signers.first().and_then(|signer| signer.rsplit_once('+')).map_or("", |(name, _)| name);
    let Some(key) = key::trusted(args.signed_by.as_ref(), name).map_err(Stop::Usage)? else {
        return Err(Stop::Usage(format!(
            "it says that {} has signed it, and no key is at hand to verify that: give the detector's with --signed-by",
            escape(&signers.join(", "))
        )));
    };
    let receipt = match Receipt::open(text, &key) {
        Ok(receipt) => receipt,
        Err(err) => return Ok(Err(err.to_string())),
    };
    if let Some(file) = &args.file {
        let wrong = |err: &std::io::Error| Stop::Usage(format!("{}: {}", file.display(), reason(err)));
        let source = FileSource::open(file).map_err(|err| wrong(&err))?;
        let (content, _) = record_of::hashes(&source, None).map_err(|err| wrong(&err))?;
        if !receipt.is_of(&content) {
            let why = format!(
                "{} has SHA-256 {content}: the receipt is about another file, or another state of it",
                file.display()
            );
            return Ok(Err(why));
        }
    }
    Ok(Ok(receipt))
}
