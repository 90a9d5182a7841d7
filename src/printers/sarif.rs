//! For code scanning: SARIF 2.1.0 (OASIS), a result for each rule and file, written as the files come.
//!
//! A rule that is not met *fails*, with the level of its severity. One that cannot be told is *open* where another look
//! could settle it, and for *review* where a person, a document or a service must. `verify` also prints what *passes* and,
//! as *informational*, each mark; so does any run without rules, which has nothing else to say.

mod rules;

use std::collections::HashMap;
use std::io::{self, Write};

use indicia::{Decidable, Finding, Force, Mark, Outcome, Scheme, Seen, Severity, Statement};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Entry, Heading, Print, Printer};
use crate::escape::escape;
use crate::log_words;
use crate::record::{RulesRecord, Summary, moment};

pub(super) static PRINTER: Printer = Printer {
    name: "sarif",
    pictures: false,
    open: |out, heading| {
        let all = rules::all(&heading);
        let index = all.iter().enumerate().map(|(at, rule)| (rule.id.clone(), at)).collect();
        Box::new(Sarif { out, heading, rules: all, index, begun: false, any: false })
    },
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

struct Sarif<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading<'w>,
    rules: Vec<rules::Descriptor>,
    /// Where each rule stands among them.
    index: HashMap<String, usize>,
    begun: bool,
    any: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcomes<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints,
    properties: Properties<'a>,
}

#[derive(Serialize)]
pub(super) struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    physical_location: Physical<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact<'a> {
    uri: &'a str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    byte_offset: u64,
    byte_length: u64,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "ruleAndPath/v1")]
    rule_and_path: String,
}

#[derive(Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<bool>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<&'a str>,
}

impl Sarif<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let driver = serde_json::json!({
            "name": "Indicia",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": self.rules,
        });
        write!(
            self.out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{driver}}}"
        )?;
        self.out.write_all(b",\"results\":[")
    }

    fn result(&mut self, result: &Outcomes<'_>) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(&mut *self.out, result)?)
    }

    fn of<'a>(&self, rule: &'a str, entry: &Entry<'_>, uri: &'a str) -> Outcomes<'a> {
        let mut digest = Sha256::new();
        for part in [rule, "\0", uri] {
            digest.update(part);
        }
        let fingerprint = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Outcomes {
            rule_id: rule,
            rule_index: self.index.get(rule).copied(),
            kind: "informational",
            level: "none",
            message: message(""),
            locations: vec![Location::of(uri, None)],
            related_locations: Vec::new(),
            partial_fingerprints: Fingerprints { rule_and_path: fingerprint },
            properties: Properties {
                outcome: None,
                counts: None,
                verdict: entry.report.verdict.statement.name(),
                clause: None,
            },
        }
    }

    fn finding(&mut self, entry: &Entry<'_>, finding: &Finding<'_>, uri: &str) -> io::Result<()> {
        let rule = finding.rule;
        let (kind, level) = kind(finding);
        if !self.heading.in_depth && matches!(kind, "pass" | "review" | "informational") {
            return Ok(());
        }
        let mut text = format!("{} [{}]", finding.judgement.why, rule.clause);
        if kind == "fail" && !rule.remedy.is_empty() {
            text = format!("{text}. To mend: {}", rule.remedy);
        }
        let sites = sites(entry, finding);
        let mut result = Outcomes { kind, level, message: message(&text), ..self.of(&rule.id, entry, uri) };
        if let [first, others @ ..] = sites.as_slice() {
            result.locations = vec![Location::of(uri, Some(first))];
            let other =
                |(at, mark): (usize, &&Mark)| Location { id: Some(at), ..Location::of(uri, Some(mark)) };
            result.related_locations = others.iter().enumerate().map(other).collect();
        }
        result.properties.outcome = Some(finding.judgement.outcome.name());
        result.properties.counts = Some(finding.counts());
        result.properties.clause = Some(&rule.clause);
        self.result(&result)
    }

    fn marks(&mut self, entry: &Entry<'_>, uri: &str) -> io::Result<()> {
        for look in &entry.report.evidence.looks {
            let Seen::Present(marks) = &look.seen else { continue };
            let title = Scheme::named(look.scheme).map_or(look.scheme, |scheme| scheme.title);
            let id = rules::of_scheme(look.scheme);
            for mark in marks {
                let says = mark.claim.status.map(|status| format!(" says: {}", status.name()));
                let text = format!("{title} found ({}){}", mark.place, says.unwrap_or_default());
                let location = Location::of(uri, Some(mark));
                let result = Outcomes {
                    message: message(&text),
                    locations: vec![location],
                    ..self.of(&id, entry, uri)
                };
                self.result(&result)?;
            }
        }
        Ok(())
    }

    /// What of a file is neither right nor wrong: which of two regimes was followed, and what the log has of it.
    fn notes(&mut self, entry: &Entry<'_>, uri: &str) -> io::Result<()> {
        let conflicts: Vec<_> = entry.conflicts.iter().map(ToString::to_string).collect();
        for (rule, lines) in [(rules::REGIMES, conflicts), (rules::LOG, log_words::lines(entry))] {
            if !lines.is_empty() {
                let text = lines.join("; ");
                let result = Outcomes { message: message(&text), ..self.of(rule, entry, uri) };
                self.result(&result)?;
            }
        }
        Ok(())
    }

    /// What no rule is about: files that could not be read to their end or were left alone, and marks at odds.
    fn of_file(&mut self, entry: &Entry<'_>, uri: &str) -> io::Result<()> {
        let report = &entry.report;
        let damage = report.format.as_ref().err().or(report.damage.as_ref());
        let result = match (&entry.trouble, damage) {
            (Some(trouble), _) if trouble.refused => Outcomes {
                kind: "review",
                message: message(&trouble.reason),
                ..self.of(rules::REFUSED, entry, uri)
            },
            (Some(trouble), _) => Outcomes {
                kind: "fail",
                level: "error",
                message: message(&trouble.reason),
                ..self.of(rules::UNREADABLE, entry, uri)
            },
            (None, Some(err)) => {
                let region = Region { byte_offset: err.at, byte_length: report.size.saturating_sub(err.at) };
                let mut location = Location::of(uri, None);
                location.physical_location.region = Some(region);
                Outcomes {
                    kind: "open",
                    message: message(&format!("{err}; marks after that place would not be seen")),
                    locations: vec![location],
                    ..self.of(rules::UNREADABLE, entry, uri)
                }
            }
            (None, None) if report.verdict.statement == Statement::Conflicting => Outcomes {
                kind: "fail",
                level: "warning",
                message: message(Statement::Conflicting.sentence()),
                ..self.of(rules::CONFLICTING, entry, uri)
            },
            (None, None) => return Ok(()),
        };
        self.result(&result)
    }
}

impl Print for Sarif<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.begin()?;
        let uri = uri(entry.output.as_deref().unwrap_or(&entry.report.name));
        self.of_file(entry, &uri)?;
        self.notes(entry, &uri)?;
        for finding in entry.report.findings.iter() {
            self.finding(entry, finding, &uri)?;
        }
        if self.heading.in_depth || self.heading.packs.is_empty() {
            self.marks(entry, &uri)?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        let invocation = serde_json::json!({
            "executionSuccessful": summary.exit_code != 2,
            "exitCode": summary.exit_code,
            "startTimeUtc": moment(self.heading.now),
        });
        let properties = serde_json::json!({
            "terms": self.heading.terms,
            "rules": RulesRecord::of(&self.heading),
            "summary": summary,
        });
        writeln!(self.out, "\n],\"invocations\":[{invocation}],\"properties\":{properties}}}]}}")
    }
}

impl<'a> Location<'a> {
    fn of(uri: &'a str, mark: Option<&Mark>) -> Self {
        let span = mark.and_then(|mark| mark.site);
        let region = span.map(|span| Region { byte_offset: span.start, byte_length: span.len() });
        Self {
            id: None,
            message: mark.map(|mark| message(&mark.place)),
            physical_location: Physical { artifact_location: Artifact { uri }, region },
        }
    }
}

/// The marks that a rule is about, as far as their places are known.
fn sites<'e>(entry: &'e Entry<'_>, finding: &Finding<'_>) -> Vec<&'e Mark> {
    let Ok(format) = &entry.report.format else { return Vec::new() };
    let schemes = finding.rule.judge.wants(format.kind);
    let marks = schemes.iter().flat_map(|scheme| entry.report.evidence.marks(scheme.name));
    marks.filter(|mark| mark.site.is_some()).collect()
}

fn kind(finding: &Finding<'_>) -> (&'static str, &'static str) {
    if finding.force != Force::InForce {
        return ("informational", "none");
    }
    match finding.judgement.outcome {
        Outcome::Met => ("pass", "none"),
        Outcome::Unmet => ("fail", level(finding.rule.severity)),
        Outcome::Unknown => match finding.decidable {
            Decidable::Auto | Decidable::Partial => ("open", "none"),
            Decidable::Evidence | Decidable::Human | Decidable::Service => ("review", "none"),
        },
    }
}

/// The word for a severity in this standard.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    }
}

/// Text that is taken as it stands: what files say must not become a link or a placeholder (3.11.5, 3.11.6).
pub(super) fn message(text: &str) -> Message {
    let mut text = escape(text).into_owned();
    if text.contains("](") {
        text = text.replace('[', "\\[").replace(']', "\\]");
    }
    if text.split('{').skip(1).any(|after| after.starts_with(|first: char| first.is_ascii_digit())) {
        text = text.replace('{', "{{").replace('}', "}}");
    }
    Message { text }
}

/// A path as a URI reference (RFC 3986): absolute ones with their scheme, others as they are.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{message, uri};
    use crate::specimen;
    use serde_json::Value;

    fn parsed(in_depth: bool) -> Value {
        serde_json::from_str(&specimen::printed("sarif", in_depth)).unwrap()
    }

    fn results(log: &Value) -> &Vec<Value> {
        log["runs"][0]["results"].as_array().unwrap()
    }

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("sarif", false);
    }

    #[test]
    fn rules_are_named_by_their_place_and_only_failures_have_a_level() {
        let log = parsed(true);
        let rules = &log["runs"][0]["tool"]["driver"]["rules"];
        for result in results(&log) {
            let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[at]["id"], result["ruleId"]);
            assert_eq!(result["kind"] == "fail", result["level"] != "none", "{result}");
        }
        for rule in rules.as_array().unwrap() {
            for text in ["shortDescription", "fullDescription", "help"] {
                assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
            }
        }
    }

    #[test]
    fn a_scan_says_what_is_wrong_or_open_and_a_verification_everything() {
        let kinds = |in_depth| {
            let log = parsed(in_depth);
            let mut kinds: Vec<_> =
                results(&log).iter().map(|result| result["kind"].as_str().unwrap().to_owned()).collect();
            kinds.sort();
            kinds.dedup();
            kinds
        };
        let scan = ["fail", "informational", "open", "review"];
        assert_eq!(kinds(false), scan, "for review is the file left alone, and the log is told of");
        assert_eq!(kinds(true), ["fail", "informational", "open", "pass", "review"]);
    }

    #[test]
    fn a_rule_about_a_mark_points_to_its_bytes() {
        let log = parsed(true);
        let result = results(&log).iter().find(|result| result["ruleId"] == "xx.act.metadata").unwrap();
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(*region, serde_json::json!({ "byteOffset": 33, "byteLength": 177 }));
    }

    #[test]
    fn the_way_chosen_between_regimes_and_the_log_are_told() {
        let log = parsed(false);
        let told = |rule: &str| -> Vec<_> {
            let of_rule = results(&log).iter().filter(|result| result["ruleId"] == rule);
            of_rule.map(|result| result["message"]["text"].as_str().unwrap().to_owned()).collect()
        };
        let conflict = &indicia::conflicts()[0];
        let [text] = told("regimes.conflicting").try_into().unwrap();
        assert!(text.contains(&conflict.id) && text.contains(&conflict.chosen), "{text}");
        assert_eq!(told("log.entries"), ["recorded as entry 12 of the log"]);
    }

    #[test]
    fn fingerprints_tell_results_apart_and_stay() {
        let prints = |log: &Value| -> Vec<String> {
            let print =
                |result: &Value| result["partialFingerprints"]["ruleAndPath/v1"].as_str().unwrap().to_owned();
            results(log).iter().map(print).collect()
        };
        let (one, again) = (prints(&parsed(false)), prints(&parsed(false)));
        assert_eq!(one, again);
        let apart: std::collections::BTreeSet<_> = one.iter().collect();
        assert_eq!(apart.len(), one.len());
    }

    #[test]
    fn what_files_say_is_no_link_and_no_placeholder() {
        assert_eq!(message("see [here](http://x)").text, "see \\[here\\](http://x)");
        assert_eq!(message("{0} {a}").text, "{{0}} {{a}}");
        assert_eq!(message("{\"Label\":\"1\"} [5.1]").text, "{\"Label\":\"1\"} [5.1]");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("./a b/é%.png"), "a%20b/%C3%A9%25.png");
        assert_eq!(uri("/tmp/x:y#z?.png"), "file:///tmp/x%3Ay%23z%3F.png");
        assert_eq!(uri("a:b"), "a%3Ab");
    }
}
