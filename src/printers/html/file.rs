//! One file's section: what was found, where, and what each rule makes of it.

use std::fmt::Write;

use indicia::{Basis, Finding, Findings, Force, Gravity, Look, Mark, Outcome, Scheme, Seen, Severity};

use super::super::Entry;
use super::text::{Badge, Text};
use crate::escape::shortened;
use crate::log_words;

/// Most characters shown of what a mark says.
const SHOWN: usize = 300;

// Writing to a `String` cannot fail.
macro_rules! put {
    ($page:expr, $($part:tt)*) => { let _ = write!($page, $($part)*); };
}

/// Appends the section of a file; `number` tells it from the others on the page.
pub(super) fn section(page: &mut String, entry: &Entry<'_>, number: u64) {
    let report = &entry.report;
    let name = entry.output.as_deref().unwrap_or(&report.name);
    let format = report.format.as_ref().ok();
    let unmet = report
        .findings
        .iter()
        .filter(|finding| finding.force == Force::InForce && finding.judgement.outcome == Outcome::Unmet);
    let unmet: Vec<_> = unmet.map(|finding| finding.rule.id.as_str()).collect();
    put!(
        page,
        "<details class=\"file\" id=\"file-{number}\" data-outcome=\"{}\" data-verdict=\"{}\" data-kind=\"{}\" data-unmet=\"{}\">\n<summary>",
        entry.outcome_name(),
        report.verdict.statement.name(),
        format.map_or("", |format| format.kind.name()),
        Text(&unmet.join(" ")),
    );
    if let Some(thumbnail) = &entry.thumbnail {
        let (width, height) = (thumbnail.width, thumbnail.height);
        put!(page, "<img alt=\"\" width=\"{width}\" height=\"{height}\" src=\"{}\">", thumbnail.data_uri());
    }
    let said = match &entry.trouble {
        Some(trouble) => trouble.reason.as_str().into(),
        None => report.verdict.sentence(),
    };
    put!(
        page,
        "<div class=\"head\"><h3>{}</h3>{} {}</div></summary>\n<div class=\"body\">\n",
        Text(name),
        Badge::of_outcome(entry.outcome_name()),
        Text(&said),
    );
    facts(page, entry);
    if entry.trouble.is_none() {
        marks(page, &report.evidence.looks);
        rules(page, &report.findings);
    }
    page.push_str("</div></details>\n");
}

fn facts(page: &mut String, entry: &Entry<'_>) {
    let report = &entry.report;
    page.push_str("<dl class=\"facts\">");
    let mut fact = |name: &str, value: &str| {
        put!(page, "<dt>{name}</dt><dd>{}</dd>", Text(value));
    };
    match &report.format {
        Ok(format) => {
            fact("Format", &format!("{} ({}), {} bytes", format.title, format.kind.name(), report.size));
        }
        Err(err) if entry.trouble.is_none() => fact("Could not look", &err.to_string()),
        Err(_) => {}
    }
    if let Some(err) = &report.damage {
        fact("Damaged", &format!("{err}; marks after that place would not be seen"));
    }
    for found in &report.contradictions {
        let side = |side: &indicia::Side| format!("{} ({}) says {}", side.scheme, side.place, side.value);
        let sides: Vec<_> = found.sides.iter().map(side).collect();
        fact("Contradiction", &format!("{}: {}", found.matter, sides.join("; ")));
    }
    if entry.output.is_some() {
        fact("Made of", &report.name);
    }
    if entry.unchanged {
        fact("Labelling", "it carried every mark already; its bytes are as they were");
    }
    if let Some(origin) = &entry.origin {
        fact("Labels carried over from", &origin.path);
    }
    if let Some(why) = &entry.owed {
        fact("Without the notice it owes", why);
    }
    for (scheme, rules) in &entry.plan {
        let serves = if rules.is_empty() { "asked for".to_owned() } else { rules.join(", ") };
        fact("Would write", &format!("{} [{serves}]", scheme.title));
    }
    for left in &entry.left {
        let name = if left.unmet { "Stays unmet" } else { "Open" };
        fact(name, &format!("{}: {}", left.rule, left.why));
    }
    for conflict in &entry.conflicts {
        fact("Contradiction of laws", &conflict.to_string());
    }
    for line in log_words::lines(entry) {
        fact("Log", &line);
    }
    page.push_str("</dl>\n");
}

fn marks(page: &mut String, looks: &[Look]) {
    if looks.is_empty() {
        return;
    }
    page.push_str(
        "<table><caption>What was looked for</caption><thead><tr><th scope=\"col\">Mark</th>\
         <th scope=\"col\">Answer</th><th scope=\"col\">Where, and what it says</th></tr></thead><tbody>\n",
    );
    for look in looks {
        let title = Scheme::named(look.scheme).map_or(look.scheme, |scheme| scheme.title);
        let mut row = |badge: Badge, said: &str| {
            put!(page, "<tr><th scope=\"row\">{}</th><td>{badge}</td><td>{said}</td></tr>\n", Text(title));
        };
        match &look.seen {
            Seen::Absent => row(Badge::absent(), Scheme::misses_of(look.scheme).trim_start()),
            Seen::Blind(why) => row(Badge::blind(), &Text(why).to_string()),
            Seen::Present(marks) => {
                for mark in marks {
                    row(badge(mark), &said(mark, look.basis));
                }
            }
        }
    }
    page.push_str("</tbody></table>\n");
}

fn badge(mark: &Mark) -> Badge {
    match mark.flaws.iter().map(|flaw| flaw.gravity).max() {
        Some(Gravity::Doubt) => Badge::flawed("may be no mark"),
        _ if mark.trace.is_some() => Badge::flawed("trace, no mark"),
        Some(Gravity::Fault) => Badge::flawed("present, faulty"),
        Some(Gravity::Deviation) => Badge::flawed("present, deviates"),
        Some(Gravity::Note) | None => Badge::present(),
    }
}

fn said(mark: &Mark, basis: Basis) -> String {
    let mut said = format!("<p>{}", Text(&mark.place));
    if let Some(site) = mark.site {
        put!(said, ", bytes {} to {}", site.start, site.end);
    }
    if basis == Basis::Written {
        said.push_str(" (written and measured by this run)");
    }
    said.push_str("</p>");
    let mut facts = Vec::new();
    if let Some(trace) = &mark.trace {
        facts.push(format!("{} [{}: {}]", trace.means, trace.tier.name(), trace.id));
    }
    if let Some(notice) = mark.notice.as_ref().filter(|notice| !notice.words.is_empty()) {
        facts.push(format!("words: “{}”", notice.words));
    }
    facts.extend(
        mark.claim.status.filter(|_| mark.trace.is_none()).map(|status| format!("status: {}", status.name())),
    );
    facts.extend(mark.claim.origin.map(|origin| format!("origin: {}", origin.name())));
    for (field, value) in &mark.claim.fields {
        facts.push(format!("{}: {value}", field.name().replace('_', " ")));
    }
    if let Some(strength) = &mark.strength {
        facts.push(format!(
            "read out of noise: {:.2} where {:.2} counts; a file without it reaches that with a chance of at most {:.1e}",
            strength.statistic, strength.threshold, strength.false_alarm
        ));
    }
    for flaw in &mark.flaws {
        let word = match flaw.gravity {
            Gravity::Note => "note",
            Gravity::Deviation => "deviates",
            Gravity::Fault => "fault",
            Gravity::Doubt => "doubtful",
        };
        facts.push(format!("{word}: {}", flaw.text));
    }
    if !facts.is_empty() {
        said.push_str("<ul>");
        for fact in &facts {
            put!(said, "<li>{}</li>", Text(&shortened(fact, SHOWN)));
        }
        said.push_str("</ul>");
    }
    if !mark.raw.is_empty() {
        put!(said, "<p class=\"soft\">as written: <code>{}</code></p>", Text(&shortened(&mark.raw, SHOWN)));
    }
    said
}

fn rules(page: &mut String, findings: &Findings<'_>) {
    if findings.is_empty() {
        page.push_str("<p>No rule was asked for that is about this file.</p>\n");
        return;
    }
    page.push_str(
        "<table><caption>What the rules make of it</caption><thead><tr><th scope=\"col\">Answer</th>\
         <th scope=\"col\">Rule and clause</th><th scope=\"col\">Why</th></tr></thead>\n",
    );
    let all: Vec<_> = findings.iter().collect();
    for group in all.chunk_by(|one, next| one.regime.id == next.regime.id) {
        let Some(first) = group.first() else { continue };
        let (id, title) = (Text(&first.regime.id), Text(&first.regime.title));
        put!(page, "<tbody><tr><th scope=\"rowgroup\" colspan=\"3\">{title} <code>{id}</code></th></tr>\n");
        let mut sorted = group.to_vec();
        sorted.sort_by_key(|finding| finding.judgement.outcome);
        for finding in sorted {
            rule(page, finding);
        }
        page.push_str("</tbody>\n");
    }
    page.push_str("</table>\n");
}

fn rule(page: &mut String, finding: &Finding<'_>) {
    let rule = finding.rule;
    let outcome = finding.judgement.outcome;
    let badge = match outcome {
        _ if finding.force != Force::InForce => Badge::flawed("not in force, does not count"),
        Outcome::Unmet if rule.severity != Severity::Error => Badge::of_warning(),
        _ => Badge::of_outcome(outcome.name()),
    };
    put!(
        page,
        "<tr><td>{badge}</td><td><code>{}</code><br><span class=\"soft\">{}</span></td><td><p>{}</p>",
        Text(&rule.id),
        Text(&rule.clause),
        Text(&finding.judgement.why),
    );
    if outcome != Outcome::Met {
        put!(page, "<p class=\"soft\">asked: {}</p>", Text(&rule.text));
    }
    if outcome == Outcome::Unmet && !rule.remedy.is_empty() {
        put!(page, "<p class=\"soft\">to mend: {}</p>", Text(&rule.remedy));
    }
    page.push_str("</td></tr>\n");
}
