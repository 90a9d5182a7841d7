//! For people: what the marks say first, then the marks, then the rules.

mod rules;

use std::io::{self, Write};

use indicia::{
    Basis, Finding, Gravity, Likeness, Look, Mark, Outcome, PLACEHOLDER_PRODUCER, Report, Scheme, Seen,
    Severity,
};
use owo_colors::{OwoColorize, Style};

use super::{Entry, Heading, Print, Printer};
use crate::commands::Origin;
use crate::escape::{escape, shortened};
use crate::log_words;
use crate::record::Summary;
use crate::watermark_words;
use rules::by_reason;

pub(super) static PRINTER: Printer = Printer {
    name: "human",
    pictures: false,
    open: |out, heading| Box::new(Human { out, heading, printed: false }),
};

struct Human<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading<'w>,
    printed: bool,
}

impl Print for Human<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        if self.heading.in_depth {
            if self.printed {
                writeln!(self.out)?;
            }
            self.printed = true;
            self.in_depth(entry)
        } else {
            self.line(entry)
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.heading.in_depth && summary.files < 2 {
            return Ok(());
        }
        let plural = if summary.files == 1 { "file" } else { "files" };
        let mut parts = vec![format!("{} {plural}", summary.files)];
        for (count, what) in [
            (summary.met, "meet all that counts"),
            (summary.unmet, "do not"),
            (summary.unknown, "cannot be told"),
            (summary.refused, "left alone"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        writeln!(self.out, "\n{}  ({})", parts.join(", ").bold(), self.heading.terms)
    }
}

impl Human<'_> {
    fn line(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let report = &entry.report;
        let name = escape(entry.output.as_deref().unwrap_or(&report.name));
        let (sign, style) = sign(entry);
        let said = match &entry.trouble {
            Some(trouble) => escape(&trouble.reason).into_owned(),
            None => match report.format.as_ref().err().or(report.damage.as_ref()) {
                Some(err) if report.format.is_err() => err.to_string(),
                Some(err) => format!("{}; damaged: {err}", report.verdict.sentence()),
                None => said(report),
            },
        };
        writeln!(self.out, "{} {name}: {said}", sign.style(style))?;
        if let Some(why) = &entry.owed {
            writeln!(self.out, "    {} {}", "without the notice it owes:".yellow(), why.dimmed())?;
        }
        if let Some(line) = log_words::restored(entry) {
            writeln!(self.out, "    {}", line.dimmed())?;
        }
        self.plan(entry)?;
        self.contradictions(report, "    ")?;
        for group in by_reason(report) {
            let [first, others @ ..] = group.as_slice() else { continue };
            let style = severity_style(first);
            let rules: Vec<_> =
                group.iter().map(|finding| finding.rule.id.style(style).to_string()).collect();
            let more = if others.is_empty() { "" } else { " and others" };
            let why = shortened(&first.judgement.why, 200);
            let clause = format!("[{}{more}]", first.rule.clause);
            writeln!(self.out, "    {} {why} {}", rules.join(", "), clause.dimmed())?;
        }
        let unknown: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.counts() && finding.judgement.outcome == Outcome::Unknown)
            .collect();
        if let Some(first) = unknown.first() {
            let rules: Vec<_> = unknown.iter().map(|finding| finding.rule.id.as_str()).collect();
            let why = shortened(&first.judgement.why, 160);
            writeln!(
                self.out,
                "    {} {}",
                "cannot be told:".yellow(),
                format!("{} ({why})", rules.join(", ")).dimmed()
            )?;
        }
        Ok(())
    }

    fn in_depth(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let report = &entry.report;
        let name = escape(entry.output.as_deref().unwrap_or(&report.name));
        match &report.format {
            Ok(format) => writeln!(
                self.out,
                "{}  {} {}, {} bytes",
                name.bold(),
                format.title,
                format.kind.name(),
                report.size
            )?,
            Err(_) => writeln!(self.out, "{}  {} bytes", name.bold(), report.size)?,
        }
        if let Some(trouble) = &entry.trouble {
            let word = if trouble.refused { "left alone" } else { "error" };
            return writeln!(self.out, "  {} {}", format!("{word}:").red().bold(), escape(&trouble.reason));
        }
        match report.format.as_ref().err().or(report.damage.as_ref()) {
            Some(err) if report.format.is_err() => {
                return writeln!(self.out, "  {} {err}", "could not look:".yellow().bold());
            }
            Some(err) => writeln!(
                self.out,
                "  {} {err}; marks after that place would not be seen",
                "damaged:".yellow().bold()
            )?,
            None => {}
        }
        writeln!(self.out, "  {}", report.verdict.sentence().bold())?;
        self.contradictions(report, "  ")?;
        if entry.unchanged {
            writeln!(self.out, "  it carried every mark already; its bytes are as they were")?;
        }
        if let Some(why) = &entry.owed {
            writeln!(self.out, "  {} {why}", "without the notice it owes:".yellow().bold())?;
        }
        if let Some(origin) = &entry.origin {
            self.origin(origin)?;
        }
        for line in log_words::lines(entry) {
            writeln!(self.out, "  {line}")?;
        }
        self.plan(entry)?;
        writeln!(self.out, "\n  {}", "Marks".underline())?;
        for look in &report.evidence.looks {
            self.look(look)?;
        }
        self.rules(report)
    }

    /// The matters on which the marks differ, a line each.
    fn contradictions(&mut self, report: &Report<'_>, indent: &str) -> io::Result<()> {
        for found in &report.contradictions {
            let side = |side: &indicia::Side| format!("{} {}", side.scheme, shortened(&side.value, 80));
            let sides: Vec<_> = found.sides.iter().map(side).collect();
            let matter = found.matter.replace('_', " ");
            writeln!(
                self.out,
                "{indent}{} {matter}: {}",
                "marks differ on".yellow().bold(),
                sides.join(", ")
            )?;
        }
        Ok(())
    }

    fn origin(&mut self, origin: &Origin) -> io::Result<()> {
        writeln!(self.out, "  labels carried over from {}", escape(&origin.path))?;
        match &origin.likeness {
            Likeness::Alike(..) => {}
            Likeness::Different(why) => {
                let what = "as asked, though the two hold plainly different content:";
                writeln!(self.out, "  {} {}", what.red(), escape(why))?;
            }
            Likeness::Unknown(why) => {
                let what = "whether it holds the same content could not be told:";
                writeln!(self.out, "  {} {}", what.yellow(), escape(why))?;
            }
        }
        for scheme in &origin.left_behind {
            let title = Scheme::named(scheme).map_or(*scheme, |scheme| scheme.title);
            writeln!(self.out, "  {} {title}: not for this kind of media", "left behind:".yellow())?;
        }
        Ok(())
    }

    fn look(&mut self, look: &Look) -> io::Result<()> {
        let title = Scheme::named(look.scheme).map_or(look.scheme, |scheme| scheme.title);
        match &look.seen {
            Seen::Absent => {
                let short = look.nearest.as_ref().map(watermark_words::short).unwrap_or_default();
                let misses = Scheme::misses_of(look.scheme);
                writeln!(self.out, "  {} {title}: none{}{}", "-".dimmed(), short.dimmed(), misses.dimmed())
            }
            Seen::Blind(why) => {
                writeln!(self.out, "  {} {title}: could not look: {}", "?".yellow(), escape(why))
            }
            Seen::Present(marks) => {
                for mark in marks {
                    self.mark(title, look.basis, mark)?;
                }
                Ok(())
            }
        }
    }

    fn mark(&mut self, title: &str, basis: Basis, mark: &Mark) -> io::Result<()> {
        let worst = mark.flaws.iter().map(|flaw| flaw.gravity).max();
        let sign = match worst {
            None if mark.trace.is_some() && mark.is_doubtful() => "·".dimmed().to_string(),
            None if mark.trace.is_some() => "!".style(Style::new().yellow()).to_string(),
            Some(Gravity::Doubt) => "?".style(Style::new().yellow()).to_string(),
            Some(Gravity::Fault) => "✗".style(Style::new().red()).to_string(),
            Some(Gravity::Deviation) => "!".style(Style::new().yellow()).to_string(),
            Some(Gravity::Note) | None => "✓".style(Style::new().green()).to_string(),
        };
        let site =
            mark.site.map(|site| format!(", bytes {} to {}", site.start, site.end)).unwrap_or_default();
        let known = if basis == Basis::Written { " (written and measured by this run)" } else { "" };
        writeln!(self.out, "  {sign} {title}: {}{site}{}", escape(&mark.place), known.dimmed())?;
        let mut facts = Vec::new();
        if let Some(trace) = &mark.trace {
            facts.push(format!("{} [{}: {}]", trace.means, trace.tier.name(), trace.id));
            facts.push(format!("\"{}\"", shortened(&mark.raw, 120)));
        }
        if let Some(notice) = mark.notice.as_ref().filter(|notice| !notice.words.is_empty()) {
            facts.push(format!("\"{}\"", shortened(&notice.words, 80)));
        }
        if let Some(status) = mark.claim.status.filter(|_| mark.trace.is_none()) {
            facts.push(format!("status {}", status.name()));
        }
        if let Some(origin) = mark.claim.origin {
            facts.push(format!("origin {}", origin.name()));
        }
        for (field, value) in &mark.claim.fields {
            facts.push(format!("{} {}", field.name().replace('_', " "), shortened(value, 80)));
        }
        facts.extend(watermark_words::facts(mark));
        for fact in &facts {
            writeln!(self.out, "      {fact}")?;
        }
        if mark.claim.fields.values().any(|value| value == PLACEHOLDER_PRODUCER) {
            let warning = "the placeholder, no one's name: label again with --producer";
            writeln!(self.out, "      {}", warning.red().bold())?;
        }
        for flaw in &mark.flaws {
            let word = match flaw.gravity {
                Gravity::Note => "note:".dimmed().to_string(),
                Gravity::Deviation => "deviates:".yellow().to_string(),
                Gravity::Fault => "fault:".red().to_string(),
                Gravity::Doubt => "doubtful:".yellow().to_string(),
            };
            writeln!(self.out, "      {word} {}", escape(&flaw.text))?;
        }
        Ok(())
    }
}

/// What the marks say, and which marks they are.
fn said(report: &Report<'_>) -> String {
    let present = |look: &&Look| matches!(&look.seen, Seen::Present(marks) if marks.iter().any(|mark| mark.trace.is_none() || !mark.is_doubtful()));
    let marks: Vec<_> = report.evidence.looks.iter().filter(present).map(|look| look.scheme).collect();
    let sentence = report.verdict.sentence();
    if marks.is_empty() { sentence.into_owned() } else { format!("{sentence} ({})", marks.join(", ")) }
}

fn sign(entry: &Entry<'_>) -> (&'static str, Style) {
    match (&entry.trouble, entry.outcome()) {
        (Some(trouble), _) if trouble.refused => ("×", Style::new().red()),
        (Some(_), _) => ("?", Style::new().red()),
        (None, Outcome::Met) => ("✓", Style::new().green()),
        (None, Outcome::Unmet) => ("✗", Style::new().red()),
        (None, Outcome::Unknown) => ("?", Style::new().yellow()),
    }
}

fn severity_style(finding: &Finding<'_>) -> Style {
    if finding.rule.severity == Severity::Error { Style::new().red() } else { Style::new().yellow() }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Heading, PRINTER};
    use crate::record::{Record, Summary};
    use crate::specimen::{self, CUT, pixel};
    use indicia::{Context, Date, Terms, packs, regimes, scan};

    /// What people read of a file, what machines read of it, and what the summary counts.
    fn printed(name: &str, bytes: &[u8], in_depth: bool) -> (String, serde_json::Value, Summary) {
        let packs = packs(["cn"]).unwrap();
        let terms = Terms::new(regimes(&packs), Date::parse("2026-01-01").unwrap());
        let entry = Entry::seen(scan(name, &bytes.to_vec(), &terms, &Context::default()));
        let heading = Heading { terms: "cn".into(), ..specimen::heading(&packs, in_depth) };
        let (mut out, mut summary) = (Vec::new(), Summary::of(&heading));
        let mut printer = (PRINTER.open)(&mut out, heading);
        printer.entry(&entry).unwrap();
        drop(printer);
        summary.add(&entry);
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        (text, serde_json::to_value(Record::of(&entry)).unwrap(), summary)
    }

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("human", false);
        specimen::agrees("human", true);
    }

    #[test]
    fn a_file_without_marks_is_not_called_fine_nor_made_by_a_person() {
        let (line, record, summary) = printed("a.md", b"# Title\n", false);
        assert!(line.starts_with("✗ a.md: no mark found (which does not show"), "{line}");
        assert!(line.contains("cn.gb.meta.present") && line.contains("[GB 45438-2025, 6.1 a), b)"), "{line}");
        assert_eq!((summary.met, summary.unmet, summary.unknown), (0, 1, 0));
        assert_eq!(record["outcome"], "unmet");
        let findings = record["findings"].as_array().unwrap();
        let counts = |rule: &str| {
            findings.iter().find(|finding| finding["rule"] == rule).unwrap()["counts"].as_bool().unwrap()
        };
        assert!(counts("cn.gb.meta.present") && !counts("cn.gb.meta.first") && !counts("cn.measures.9"));
    }

    #[test]
    fn a_damaged_file_is_unknown_and_says_where() {
        let (line, record, summary) = printed("a.png", CUT, false);
        assert!(line.starts_with("? a.png: ") && line.contains("could not be read to the end"), "{line}");
        assert!(line.contains("damaged: ") && line.contains("byte 8"), "{line}");
        assert_eq!((summary.met, summary.unmet, summary.unknown), (0, 0, 1));
        assert_eq!((&record["outcome"], &record["error"]["at"]), (&"unknown".into(), &8.into()));
        assert!(record["looks"].as_array().unwrap().iter().all(|look| look["answer"] == "could_not_look"));
        let (depth, ..) = printed("a.png", CUT, true);
        assert!(depth.contains("damaged: ") && !depth.contains("none\n"), "{depth}");
    }

    #[test]
    fn where_nothing_could_be_seen_nobody_says_none() {
        let (depth, record, _) = printed("a.png", &pixel(), true);
        assert!(depth.contains("AIGC metadata label: none"), "{depth}");
        assert!(depth.contains("visible notice: could not look: "), "{depth}");
        let look = |scheme: &str| {
            let looks = record["looks"].as_array().unwrap();
            looks.iter().find(|look| look["scheme"] == scheme).unwrap()["answer"].clone()
        };
        assert_eq!((look("aigc"), look("visible")), ("absent".into(), "could_not_look".into()));
        let (line, ..) = printed("a.png", &pixel(), false);
        assert!(line.contains("cannot be told: ") && line.contains("cn.gb.image.size"), "{line}");
    }

    #[test]
    fn rules_are_put_together_only_where_they_are_unknown_for_one_reason() {
        let (depth, ..) = printed("a.png", &pixel(), true);
        assert!(depth.contains("? cn.gb.image.words, "), "{depth}");
        assert!(depth.contains("✗ cn.gb.meta.present: "), "{depth}");
        assert!(depth.contains("✗ cn.gb.meta.one: "), "unmet rules stand alone: {depth}");
        assert!(depth.contains("What no file can show\n  · cn.measures.9: "), "{depth}");
        assert!(depth.ends_with("not all that counts is met\n"), "{depth}");
    }
}
