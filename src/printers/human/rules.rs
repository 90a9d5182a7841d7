//! What rules make of a file, and what a plan does about them.

use std::io;

use indicia::{Decidable, Finding, Force, Outcome, Report, Severity};
use owo_colors::{OwoColorize, Style};

use super::{Entry, Human};
use crate::escape::escape;

/// The rules that are not met, those with one and the same reason together.
pub(super) fn by_reason<'e, 'r>(report: &'e Report<'r>) -> Vec<Vec<&'e Finding<'r>>> {
    let mut groups: Vec<Vec<&Finding<'_>>> = Vec::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.force == Force::InForce && finding.judgement.outcome == Outcome::Unmet)
    {
        let why = |group: &&mut Vec<&Finding<'_>>| {
            group.first().is_some_and(|first| first.judgement.why == finding.judgement.why)
        };
        match groups.iter_mut().find(why) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

impl Human<'_> {
    pub(super) fn plan(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        for (scheme, rules) in &entry.plan {
            let serves = if rules.is_empty() { "asked for".to_owned() } else { rules.join(", ") };
            writeln!(self.out, "    would write {} {}", scheme.title.bold(), format!("[{serves}]").dimmed())?;
        }
        self.left(entry, true, "stays unmet:")?;
        self.left(entry, false, "open:")?;
        for conflict in &entry.conflicts {
            writeln!(self.out, "    {} {}: {}", "conflict".yellow(), conflict.id, conflict.what)?;
            writeln!(self.out, "      {} {}", "chosen:".dimmed(), conflict.chosen)?;
        }
        Ok(())
    }

    /// What a plan leaves open, the rules with one and the same reason together.
    fn left(&mut self, entry: &Entry<'_>, unmet: bool, word: &str) -> io::Result<()> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for left in entry.left.iter().filter(|left| left.unmet == unmet) {
            match reasons.iter_mut().find(|(why, _)| *why == left.why) {
                Some((_, rules)) => rules.push(&left.rule),
                None => reasons.push((&left.why, vec![&left.rule])),
            }
        }
        for (why, rules) in reasons {
            writeln!(
                self.out,
                "    {} {} {}",
                word.yellow(),
                escape(why),
                format!("[{}]", rules.join(", ")).dimmed()
            )?;
        }
        Ok(())
    }

    pub(super) fn rules(&mut self, report: &Report<'_>) -> io::Result<()> {
        if report.findings.is_empty() {
            return writeln!(self.out, "\n  No rule was asked for that is about this file.");
        }
        writeln!(self.out, "\n  {} ({})", "Rules".underline(), self.heading.terms)?;
        let (decided, left): (Vec<_>, Vec<_>) = report
            .findings
            .iter()
            .filter(|finding| finding.force == Force::InForce)
            .partition(|finding| matches!(finding.decidable, Decidable::Auto | Decidable::Partial));
        // Where one thing could not be looked at, several rules say so in the same words.
        for group in decided.chunk_by(|one, next| {
            one.judgement == next.judgement && one.judgement.outcome == Outcome::Unknown
        }) {
            self.findings(group)?;
        }
        if !left.is_empty() {
            writeln!(self.out, "\n  {}", "What no file can show".underline())?;
        }
        for finding in left {
            let clause = format!("[{}]", finding.rule.clause);
            writeln!(self.out, "  · {}: {} {}", finding.rule.id, finding.rule.text, clause.dimmed())?;
            let mark = if finding.judgement.outcome == Outcome::Met { "declared:" } else { "to do:" };
            writeln!(self.out, "      {} {}", mark.dimmed(), escape(&finding.judgement.why))?;
        }
        let to_come: Vec<_> =
            report.findings.iter().filter(|finding| finding.force != Force::InForce).collect();
        if !to_come.is_empty() {
            writeln!(self.out, "\n  {}", "Drafts and rules to come, which do not count".underline())?;
        }
        for finding in to_come {
            let when = match finding.force {
                Force::From(day) => format!("from {day}"),
                _ => "a draft".into(),
            };
            write!(self.out, "  {} ", when.dimmed())?;
            self.findings(&[finding])?;
        }
        let (word, style) = match report.outcome() {
            Outcome::Met => ("all that counts is met", Style::new().green().bold()),
            Outcome::Unmet => ("not all that counts is met", Style::new().red().bold()),
            Outcome::Unknown => ("some of what counts cannot be told", Style::new().yellow().bold()),
        };
        writeln!(self.out, "\n  {}", word.style(style))
    }

    /// Rules that came out alike, for the same reason.
    fn findings(&mut self, group: &[&Finding<'_>]) -> io::Result<()> {
        let Some(finding) = group.first() else { return Ok(()) };
        let rule = finding.rule;
        let (sign, style) = match finding.judgement.outcome {
            Outcome::Met => ("✓", Style::new().green()),
            Outcome::Unknown => ("?", Style::new().yellow()),
            Outcome::Unmet if rule.severity == Severity::Error => ("✗", Style::new().red()),
            Outcome::Unmet => ("!", Style::new().yellow()),
        };
        let rules: Vec<_> = group.iter().map(|finding| finding.rule.id.as_str()).collect();
        let clauses: Vec<_> = group.iter().map(|finding| finding.rule.clause.as_str()).collect();
        let clauses = format!("[{}]", clauses.join("; "));
        let why = escape(&finding.judgement.why);
        writeln!(self.out, "  {} {}: {why} {}", sign.style(style), rules.join(", "), clauses.dimmed())?;
        if finding.judgement.outcome == Outcome::Unmet {
            writeln!(self.out, "      asked: {}", rule.text)?;
            if !rule.remedy.is_empty() {
                writeln!(self.out, "      mend:  {}", rule.remedy)?;
            }
        }
        Ok(())
    }
}
