//! The ways to print reports: one file each, one row each.

mod csv;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod sarif;

use std::io::{self, Write};

use indicia::{Date, Findings, Outcome, Pack, Report, Role, Scheme};

use crate::commands::Origin;
use crate::exit::Exit;
use crate::ledger::LogFacts;
use crate::record::Summary;
use crate::thumbnail::Thumbnail;

/// The printer of this name.
pub(crate) fn named(name: &str) -> Option<&'static Printer> {
    PRINTERS.iter().find(|printer| printer.name == name).copied()
}

/// Every printer, by name.
#[rustfmt::skip] // one row a line, so that two additions never touch the same line
pub(crate) static PRINTERS: &[&Printer] = &[
    &csv::PRINTER,
    &html::PRINTER,
    &human::PRINTER,
    &json::PRINTER,
    &jsonl::PRINTER,
    &junit::PRINTER,
    &sarif::PRINTER,
];

/// One output format.
#[derive(Debug)]
pub(crate) struct Printer {
    /// Its name after `--format`; the name of its file here.
    pub(crate) name: &'static str,
    /// Whether it shows pictures, so that files are decoded for them.
    pub(crate) pictures: bool,
    /// Starts printing.
    pub(crate) open: for<'w> fn(&'w mut (dyn Write + Send), Heading<'w>) -> Box<dyn Print + 'w>,
}

/// What the output is of.
#[derive(Clone, Debug)]
pub(crate) struct Heading<'r> {
    /// Everything of each file, or a line a file.
    pub(crate) in_depth: bool,
    /// The rules and the day, in words: `cn, law of 2026-11-23`.
    pub(crate) terms: String,
    /// The rules.
    pub(crate) packs: &'r [Pack],
    /// The day whose law counts.
    pub(crate) at: Date,
    /// On whose behalf the question is asked.
    pub(crate) role: Role,
    /// The moment of the run, in seconds since 1970.
    pub(crate) now: u64,
    /// Whether warnings count as errors.
    pub(crate) warnings: bool,
}

/// One file's part of the output.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    /// What is known of the file: after labelling, of the labelled one.
    pub(crate) report: Report<'r>,
    /// Where the labelled file is, if one was written.
    pub(crate) output: Option<String>,
    /// Whether labelling had nothing to change.
    pub(crate) unchanged: bool,
    /// For a run that writes nothing: each mark that would be written, with the rules it serves.
    pub(crate) plan: Vec<(&'static Scheme, Vec<String>)>,
    /// For such a run: what these marks leave open.
    pub(crate) left: Vec<Left>,
    /// For such a run: where the rules contradict one another.
    pub(crate) conflicts: Vec<&'static indicia::Conflict>,
    /// Where its labels were carried over from, if they were.
    pub(crate) origin: Option<Origin>,
    /// Why it was labelled without the notice that it owes, if it was.
    pub(crate) owed: Option<String>,
    /// The picture in it, made small, if it is to be shown.
    pub(crate) thumbnail: Option<Thumbnail>,
    /// What a log has to do with it.
    pub(crate) log: LogFacts,
    /// Why the file could not be looked at or was not labelled.
    pub(crate) trouble: Option<Trouble>,
}

/// A rule that the marks of a plan leave open.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) rule: String,
    /// Why, and what would close it.
    pub(crate) why: String,
    /// Whether it stays unmet, as far as this program can see.
    pub(crate) unmet: bool,
}

/// Why a file could not be looked at or was not labelled.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// In words.
    pub(crate) reason: String,
    /// Whether it was left alone on purpose.
    pub(crate) refused: bool,
    /// Whether the command line is to blame.
    pub(crate) usage: bool,
}

/// A run's output under way.
pub(crate) trait Print: Send {
    /// Prints one file's report.
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()>;

    /// Prints what comes after the last one.
    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

impl<'r> Entry<'r> {
    /// A file that was looked at.
    pub(crate) fn seen(report: Report<'r>) -> Self {
        Self {
            report,
            output: None,
            unchanged: false,
            plan: Vec::new(),
            left: Vec::new(),
            conflicts: Vec::new(),
            origin: None,
            owed: None,
            thumbnail: None,
            log: LogFacts::default(),
            trouble: None,
        }
    }

    /// A file that could not be looked at or was not labelled.
    pub(crate) fn troubled(mut report: Report<'r>, trouble: Trouble) -> Self {
        report.findings = Findings::default();
        Self { trouble: Some(trouble), ..Self::seen(report) }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if self.trouble.is_some() { Outcome::Unknown } else { self.report.outcome() }
    }

    pub(crate) fn outcome_name(&self) -> &'static str {
        match &self.trouble {
            Some(trouble) if trouble.refused => "refused",
            _ => self.outcome().name(),
        }
    }

    /// How a run with this file alone would end; `warnings` tells whether warnings count as errors.
    pub(crate) fn exit(&self, warnings: bool) -> Exit {
        let warned = |finding: &indicia::Finding<'_>| {
            finding.rule.severity >= indicia::Severity::Warn && finding.judgement.outcome == Outcome::Unmet
        };
        match &self.trouble {
            Some(trouble) if trouble.usage => Exit::Usage,
            Some(trouble) if trouble.refused => Exit::Refused,
            Some(_) => Exit::Unknown,
            None if warnings && self.report.findings.iter().any(warned) => Exit::Unmet,
            None => self.report.outcome().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_has_its_row() {
        let names: Vec<_> = super::PRINTERS.iter().map(|printer| printer.name).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/printers"), &names);
    }
}
