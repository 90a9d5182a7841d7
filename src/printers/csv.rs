//! For spreadsheets: a row for each file and rule, so that one sheet filters and sums by file, regime, rule or outcome.
//!
//! A file that no rule is about, or that could not be read, has one row with the columns of the rule left empty.

use std::borrow::Cow;
use std::io::{self, Write};

use indicia::{Finding, Force, Look, Scheme, Seen};

use super::{Entry, Heading, Print, Printer};
use crate::escape::escape;
use crate::log_words;
use crate::record::Summary;

pub(super) static PRINTER: Printer = Printer {
    name: "csv",
    pictures: false,
    open: |out, heading| Box::new(Rows { out, heading, begun: false, line: String::new() }),
};

/// The columns, in order; docs/reports.md says what they mean.
const HEADER: [&str; 25] = [
    "path",
    "output",
    "size",
    "format",
    "kind",
    "verdict",
    "marks",
    "could_not_look",
    "file_outcome",
    "error",
    "plan",
    "conflicts",
    "log",
    "regime",
    "rule",
    "clause",
    "severity",
    "decidable",
    "counts",
    "in_force",
    "outcome",
    "reason",
    "remedy",
    "law_of",
    "pack_sha256",
];

/// Columns that are about the file; the rest is about a rule.
const OF_FILE: usize = 13;

struct Rows<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading<'w>,
    begun: bool,
    /// The row under way.
    line: String,
}

impl Rows<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            for name in HEADER {
                self.cell(name);
            }
            self.end()?;
        }
        Ok(())
    }

    fn rule(&mut self, finding: &Finding<'_>) -> io::Result<()> {
        let (rule, regime) = (finding.rule, finding.regime);
        let pack = self.heading.packs.iter().find(|pack| pack.regimes.iter().any(|one| one.id == regime.id));
        let law_of = self.heading.at.to_string();
        let in_force = if finding.force == Force::InForce { "yes" } else { "no" };
        let counts = if finding.counts() { "yes" } else { "no" };
        for cell in [
            regime.id.as_str(),
            &rule.id,
            &rule.clause,
            rule.severity.name(),
            finding.decidable.name(),
            counts,
            in_force,
            finding.judgement.outcome.name(),
            &finding.judgement.why,
            &rule.remedy,
            &law_of,
            pack.map_or("", |pack| &pack.sha256),
        ] {
            self.cell(&safe(cell));
        }
        self.end()
    }

    /// Adds a cell, in quotes where RFC 4180 (2.6, 2.7) wants them.
    fn cell(&mut self, text: &str) {
        if !self.line.is_empty() {
            self.line.push(',');
        }
        if text.is_empty() || text.contains([',', '"', '\r', '\n']) {
            // An empty cell is quoted too, so that a row never begins with nothing.
            self.line.push('"');
            self.line.push_str(&text.replace('"', "\"\""));
            self.line.push('"');
        } else {
            self.line.push_str(text);
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.push_str("\r\n");
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl Print for Rows<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.begin()?;
        let file = of_file(entry);
        let findings = &entry.report.findings;
        for finding in findings.iter() {
            for cell in &file {
                self.cell(cell);
            }
            self.rule(finding)?;
        }
        if findings.is_empty() {
            for cell in file.iter().map(String::as_str).chain([""; HEADER.len() - OF_FILE]) {
                self.cell(cell);
            }
            self.end()?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.begin()
    }
}

fn of_file(entry: &Entry<'_>) -> [String; OF_FILE] {
    let report = &entry.report;
    let format = report.format.as_ref().ok();
    let damage = report.format.as_ref().err().or(report.damage.as_ref());
    let error = match (&entry.trouble, damage) {
        (Some(trouble), _) => trouble.reason.clone(),
        (None, Some(err)) => err.to_string(),
        (None, None) => String::new(),
    };
    let looks = &report.evidence.looks;
    let blind = |look: &&Look| matches!(look.seen, Seen::Blind(_));
    let cells: [Cow<'_, str>; OF_FILE] = [
        report.name.as_str().into(),
        entry.output.as_deref().unwrap_or_default().into(),
        report.size.to_string().into(),
        format.map_or("", |format| format.name).into(),
        format.map_or("", |format| format.kind.name()).into(),
        report.verdict.statement.name().into(),
        looks.iter().filter_map(marks).collect::<Vec<_>>().join("; ").into(),
        looks.iter().filter(blind).map(|look| look.scheme).collect::<Vec<_>>().join("; ").into(),
        entry.outcome_name().into(),
        error.into(),
        entry.plan.iter().map(planned).collect::<Vec<_>>().join("; ").into(),
        entry.conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join(". ").into(),
        log_words::lines(entry).join("; ").into(),
    ];
    cells.map(|cell| safe(&cell).into_owned())
}

/// The marks of one scheme with their places: `aigc (iTXt chunk, bytes 33 to 210)`.
fn marks(look: &Look) -> Option<String> {
    let Seen::Present(marks) = &look.seen else { return None };
    let place = |mark: &indicia::Mark| match mark.site {
        Some(site) => format!("{}, bytes {} to {}", mark.place, site.start, site.end),
        None => mark.place.clone(),
    };
    let places: Vec<_> = marks.iter().map(place).collect();
    Some(format!("{} ({})", look.scheme, places.join(", and ")))
}

/// A mark that would be written, with the rules it serves: `visible (cn.gb45438.5.2)`.
fn planned((scheme, rules): &(&'static Scheme, Vec<String>)) -> String {
    if rules.is_empty() { scheme.name.to_owned() } else { format!("{} ({})", scheme.name, rules.join(", ")) }
}

/// A cell that no spreadsheet takes for a formula: one that begins as formulas do gets an apostrophe before it.
fn safe(text: &str) -> Cow<'_, str> {
    let shown = escape(text);
    if shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{shown}"))
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::{HEADER, safe};
    use crate::specimen;

    /// The cells of each row, read back by the letter of RFC 4180.
    fn rows(text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if quoted && characters.peek() == Some(&'"') => {
                    characters.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {
                    assert_eq!(characters.next(), Some('\n'));
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                other => cell.push(other),
            }
        }
        assert!(!quoted && row.is_empty() && cell.is_empty(), "the last row ends like the others");
        rows
    }

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("csv", false);
    }

    #[test]
    fn every_file_has_a_row_for_each_rule_or_one_that_says_why_not() {
        let packs = specimen::packs();
        let rows = rows(&specimen::printed("csv", false));
        assert_eq!(rows[0], HEADER);
        let expected: usize =
            specimen::entries(&packs).iter().map(|entry| entry.report.findings.len().max(1)).sum();
        assert_eq!(rows.len() - 1, expected);
        let unreadable = rows.iter().find(|row| row[0] == "gone.jpg").unwrap();
        assert_eq!((&*unreadable[8], &*unreadable[9], &*unreadable[14]), ("unknown", "no such file", ""));
        let labelled = rows.iter().find(|row| row[0] == "planned.png").unwrap();
        let conflict = indicia::conflicts()[0].to_string();
        let told = ["visible (xx.act.notice)", &conflict, "recorded as entry 12 of the log"];
        assert_eq!(labelled[10..13], told);
    }

    #[test]
    fn without_files_there_is_still_a_header() {
        assert_eq!(rows(&specimen::printed_of("csv", false, &[])), [HEADER]);
    }

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_row() {
        for text in ["=1+1", "+1", "-1", "@x", "＝1"] {
            assert_eq!(safe(text), format!("'{text}"));
        }
        assert_eq!(safe("\t=1"), "\\t=1", "a tab is spelled out, so that what follows begins no cell");
        assert_eq!(safe("a=1"), "a=1");
        let text = specimen::printed("csv", false);
        assert!(text.contains(specimen::HOSTILE_SHOWN), "{text}");
        assert!(rows(&text).iter().flatten().all(|cell| !cell.starts_with(['=', '@', '+', '-'])));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\u{202e}', '\0']));
    }
}
