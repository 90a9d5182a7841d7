//! The page around the files: the sums first, then what each regime asks, then the filters.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indicia::{Decidable, Regime, Statement};
use sha2::{Digest, Sha256};

use super::super::Heading;
use super::text::{Badge, Text};
use super::{Group, Tally};
use crate::record::{Summary, moment};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Outcomes of files, with how the tiles at the top put them.
const OUTCOMES: [(&str, &str); 4] = [
    ("unmet", "do not meet all that counts"),
    ("unknown", "cannot be told"),
    ("refused", "left alone on purpose"),
    ("met", "meet all that counts"),
];

// Writing to a `String` cannot fail.
macro_rules! put {
    ($page:expr, $($part:tt)*) => { let _ = write!($page, $($part)*); };
}

/// The source expression by which a policy allows one inline text and no other (CSP 3, 2.3.1).
fn allowed(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

fn count(summary: &Summary, outcome: &str) -> u64 {
    match outcome {
        "met" => summary.met,
        "unmet" => summary.unmet,
        "refused" => summary.refused,
        _ => summary.unknown,
    }
}

/// Everything before the files.
pub(super) fn top(page: &mut String, heading: &Heading<'_>, tally: &Tally, summary: &Summary) {
    put!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Indicia report: {} files, {} do not meet all that counts</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        allowed(STYLE),
        allowed(SCRIPT),
        summary.files,
        summary.unmet,
    );
    put!(
        page,
        "<a class=\"skip\" href=\"#files\">Skip to the files</a>\n<header>\n<h1>Which marks the files carry, and which rules they meet</h1>\n\
         <p class=\"soft\">{}. Checked on {}.</p>\n</header>\n<main>\n",
        Text(&heading.terms),
        moment(heading.now),
    );
    sums(page, tally, summary);
    regimes(page, heading, tally);
    page.push_str("<div id=\"files\">\n");
    filters(page, tally, summary);
}

fn sums(page: &mut String, tally: &Tally, summary: &Summary) {
    page.push_str("<section aria-labelledby=\"sums\">\n<h2 id=\"sums\">At a glance</h2>\n");
    let conflicting = tally.groups.get(Group::Conflicting as usize).copied().unwrap_or_default();
    let lead = match (summary.files, summary.unmet, summary.unknown, conflicting) {
        (0, ..) => "No file was looked at.".to_owned(),
        (files, 0, 0, 0) if summary.refused == 0 => {
            format!("All that counts is met by every one of {files} files.")
        }
        (files, unmet, unknown, _) => {
            format!(
                "Of {files} files, {unmet} do not meet all that counts, and of {unknown} it cannot be told."
            )
        }
    };
    put!(page, "<p class=\"lead\">{lead}</p>\n");
    if conflicting > 0 {
        put!(
            page,
            "<p>{} The marks of {conflicting} of them contradict one another: <a href=\"#group-0\">these come first</a>.</p>\n",
            Badge::flawed("inconsistent")
        );
    }
    page.push_str("<ul class=\"tiles\">\n");
    for (outcome, words) in OUTCOMES {
        let number = count(summary, outcome);
        if number > 0 || outcome != "refused" {
            let sign = Badge::of_outcome(outcome).sign;
            put!(
                page,
                "<li class=\"{outcome}\"><strong>{number}</strong><span aria-hidden=\"true\">{sign}</span> {words}</li>\n"
            );
        }
    }
    page.push_str("</ul>\n");
    bar(page, summary);
    page.push_str(
        "<p class=\"note\">No mark found does not show that a person made a file; a mark is a claim and does not show that \
         it is true. “Could not look” and “cannot be told” are neither yes nor no.</p>\n",
    );
    if summary.files > 0 {
        page.push_str(
            "<table><caption>What the marks say</caption><thead><tr><th scope=\"col\">The file is</th>\
             <th scope=\"col\" class=\"number\">Files</th></tr></thead><tbody>\n",
        );
        for (statement, number) in statements(summary) {
            let sentence = statement.sentence();
            put!(page, "<tr><th scope=\"row\">{sentence}</th><td class=\"number\">{number}</td></tr>\n");
        }
        page.push_str("</tbody></table>\n");
    }
    page.push_str("</section>\n");
}

/// The shares of the outcomes, for the eye; the tiles say the same in words.
fn bar(page: &mut String, summary: &Summary) {
    if summary.files == 0 {
        return;
    }
    page.push_str("<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">");
    let mut start = 0;
    for (outcome, _) in OUTCOMES {
        let share = count(summary, outcome) * 1000 / summary.files;
        put!(page, "<rect class=\"{outcome}\" x=\"{start}\" width=\"{share}\" height=\"10\"/>");
        start += share;
    }
    page.push_str("</svg>\n");
}

/// What marks say and of how many files, what is at odds first.
fn statements(summary: &Summary) -> impl Iterator<Item = (Statement, u64)> {
    const ORDER: [Statement; 10] = [
        Statement::Conflicting,
        Statement::Generated,
        Statement::Altered,
        Statement::Possible,
        Statement::Suspected,
        Statement::Traced,
        Statement::OtherOrigin,
        Statement::Unclear,
        Statement::NotFound,
        Statement::Inconclusive,
    ];
    ORDER.into_iter().filter_map(|one| Some((one, *summary.verdicts.get(one.name())?)))
}

fn regimes(page: &mut String, heading: &Heading<'_>, tally: &Tally) {
    page.push_str("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rule by rule</h2>\n");
    let mut any = false;
    for pack in heading.packs {
        for regime in &pack.regimes {
            if !regime.rules.iter().any(|rule| tally.rules.contains_key(&rule.id)) {
                continue;
            }
            any = true;
            put!(page, "<h3>{} <code>{}</code></h3>\n", Text(&regime.title), Text(&regime.id));
            put!(page, "<p class=\"soft\">{}, {}. ", Text(&regime.jurisdiction), Text(&regime.status));
            let sources: Vec<_> =
                pack.sources.iter().filter(|source| regime.sources.contains(&source.id)).collect();
            for source in &sources {
                put!(page, "Source: {} (how sure: {}). ", Text(&source.title), Text(&source.confidence));
            }
            page.push_str("</p>\n");
            regime_table(page, regime, tally);
            if !regime.cannot.is_empty() {
                put!(
                    page,
                    "<p class=\"soft\">No program can tell: {}.</p>\n",
                    Text(&regime.cannot.join("; "))
                );
            }
        }
    }
    if !any {
        page.push_str("<p>No rule was asked for that is about one of these files.</p>\n");
    }
    page.push_str("</section>\n");
}

fn regime_table(page: &mut String, regime: &Regime, tally: &Tally) {
    put!(
        page,
        "<table><caption>Files by rule of {}</caption><thead><tr><th scope=\"col\">Rule and clause</th><th scope=\"col\" class=\"wide\">Asks that</th>\
         <th scope=\"col\" class=\"number\"><span aria-hidden=\"true\">✗</span> not met</th>\
         <th scope=\"col\" class=\"number\"><span aria-hidden=\"true\">?</span> cannot be told</th>\
         <th scope=\"col\" class=\"number\"><span aria-hidden=\"true\">✓</span> met</th></tr></thead><tbody>\n",
        Text(&regime.id),
    );
    for rule in &regime.rules {
        let Some([unmet, unknown, met]) = tally.rules.get(&rule.id) else { continue };
        let weight = match rule.decidable {
            Decidable::Auto | Decidable::Partial => rule.severity.name(),
            Decidable::Evidence => "takes a document",
            Decidable::Human => "takes a person",
            Decidable::Service => "takes a service",
        };
        put!(
            page,
            "<tr><th scope=\"row\"><code>{}</code><br><span class=\"soft\">{} · {weight}</span></th><td class=\"wide\">{}</td>\
             <td class=\"number\">{unmet}</td><td class=\"number\">{unknown}</td><td class=\"number\">{met}</td></tr>\n",
            Text(&rule.id),
            Text(&rule.clause),
            Text(&rule.text),
        );
    }
    page.push_str("</tbody></table>\n");
}

fn filters(page: &mut String, tally: &Tally, summary: &Summary) {
    page.push_str(
        "<h2>Files</h2>\n<form id=\"filter\" hidden aria-label=\"Filter the files\">\n<fieldset><legend>Show files that are</legend><div class=\"fields\">",
    );
    for (outcome, _) in OUTCOMES {
        let (number, badge) = (count(summary, outcome), Badge::of_outcome(outcome));
        if number > 0 {
            put!(
                page,
                "<label><input type=\"checkbox\" name=\"outcome\" value=\"{outcome}\" checked> {badge} {number}</label>\n"
            );
        }
    }
    page.push_str("</div></fieldset>\n<div class=\"fields\">\n");
    let mut select = |name: &str, label: &str, options: &mut dyn Iterator<Item = (String, String)>| {
        put!(page, "<label>{label} <select name=\"{name}\"><option value=\"\">any</option>");
        for (value, text) in options {
            put!(page, "<option value=\"{}\">{}</option>", Text(&value), Text(&text));
        }
        page.push_str("</select></label>\n");
    };
    let said =
        |(one, number): (Statement, u64)| (one.name().to_owned(), format!("{} ({number})", one.sentence()));
    select("verdict", "Marks say", &mut statements(summary).map(said));
    let unmet = tally.rules.iter().filter(|(_, [unmet, ..])| *unmet > 0);
    let rule = |(id, [unmet, ..]): (&String, &[u64; 3])| (id.clone(), format!("{id} ({unmet})"));
    select("rule", "Rule that is not met", &mut unmet.map(rule));
    let kind = |(kind, number): (&&str, &u64)| ((*kind).to_owned(), format!("{kind} ({number})"));
    select("kind", "Kind", &mut tally.kinds.iter().map(kind));
    page.push_str(
        "<label>Name has <input type=\"search\" name=\"name\" autocomplete=\"off\"></label>\n\
         <button type=\"reset\">Show all</button> <button type=\"button\" id=\"open\">Open all shown</button> \
         <button type=\"button\" id=\"close\">Close all</button>\n</div>\n<p><output id=\"shown\" role=\"status\"></output></p>\n</form>\n",
    );
}

/// Everything after the files.
pub(super) fn bottom(page: &mut String, heading: &Heading<'_>, summary: &Summary) {
    put!(
        page,
        "</div>\n</main>\n<footer>\n<p>Made by indicia {} on {}; exit code {}. It is no legal advice.</p>\n",
        env!("CARGO_PKG_VERSION"),
        moment(heading.now),
        summary.exit_code,
    );
    for pack in heading.packs {
        let version = pack.version.as_deref().map(|one| format!(", version {one}")).unwrap_or_default();
        let read = pack.as_of.map(|day| format!(", law as read on {day}")).unwrap_or_default();
        put!(
            page,
            "<p>Rule pack {}{}{read}; SHA-256 <code>{}</code></p>\n",
            Text(&pack.name),
            Text(&version),
            pack.sha256
        );
    }
    put!(page, "<p>C2PA manifests are judged by {}.</p>\n", indicia::VALIDATOR);
    put!(page, "</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
}
