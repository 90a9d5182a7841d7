//! For CI: JUnit XML, a suite for each file and a case for each rule, written as the files come.
//!
//! A case *fails* where the exit code says so too. What cannot be told is *skipped* with its reason, never passed; a file
//! that could not be read is an *error*.

use std::io::{self, Write};

use indicia::{Finding, Force, Outcome, Seen, Severity};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Entry, Heading, Print, Printer};
use crate::escape::escape;
use crate::log_words;
use crate::record::{Summary, moment};

pub(super) static PRINTER: Printer = Printer {
    name: "junit",
    pictures: false,
    open: |out, heading| {
        Box::new(Junit { xml: Writer::new_with_indent(out, b' ', 1), heading, begun: false })
    },
};

/// The class of cases about a file itself; those about rules have their regime's name.
const FILE: &str = "indicia.file";

struct Junit<'w> {
    xml: Writer<&'w mut (dyn Write + Send)>,
    heading: Heading<'w>,
    begun: bool,
}

/// One `testcase`.
struct Case {
    class: String,
    name: String,
    /// The element in it, if it did not simply pass: `failure`, `error` or `skipped`.
    problem: Option<Problem>,
    said: Option<String>,
}

struct Problem {
    element: &'static str,
    /// Of a failure or an error.
    r#type: Option<&'static str>,
    message: String,
    text: String,
}

impl Junit<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.xml.write_event(Event::Start(element("testsuites", &[("name", "indicia")])))
    }

    fn case(&mut self, case: &Case) -> io::Result<()> {
        let start = element("testcase", &[("classname", &case.class), ("name", &case.name)]);
        if case.problem.is_none() && case.said.is_none() {
            return self.xml.write_event(Event::Empty(start));
        }
        self.xml.write_event(Event::Start(start))?;
        if let Some(problem) = &case.problem {
            let mut attributes = vec![("message", problem.message.as_str())];
            attributes.extend(problem.r#type.map(|kind| ("type", kind)));
            self.text(element(problem.element, &attributes), &problem.text)?;
        }
        if let Some(said) = &case.said {
            self.text(element("system-out", &[]), said)?;
        }
        self.xml.write_event(Event::End(BytesEnd::new("testcase")))
    }

    fn text(&mut self, start: BytesStart<'_>, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return self.xml.write_event(Event::Empty(start));
        }
        self.xml.write_event(Event::Start(start.borrow()))?;
        self.xml.write_event(Event::Text(BytesText::new(text)))?;
        self.xml.write_event(Event::End(start.to_end()))
    }
}

impl Print for Junit<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.begin()?;
        let path = legal(entry.output.as_deref().unwrap_or(&entry.report.name));
        let mut cases = vec![of_file(entry, &path)];
        cases.extend(
            entry.report.findings.iter().map(|finding| of_rule(finding, &path, self.heading.warnings)),
        );
        let count = |element: &str| {
            let is = |case: &&Case| case.problem.as_ref().is_some_and(|problem| problem.element == element);
            cases.iter().filter(is).count().to_string()
        };
        let suite = element(
            "testsuite",
            &[
                ("name", &path),
                ("tests", &cases.len().to_string()),
                ("failures", &count("failure")),
                ("errors", &count("error")),
                ("skipped", &count("skipped")),
                ("timestamp", moment(self.heading.now).trim_end_matches('Z')),
            ],
        );
        self.xml.write_event(Event::Start(suite))?;
        for case in &cases {
            self.case(case)?;
        }
        self.xml.write_event(Event::End(BytesEnd::new("testsuite")))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.begin()?;
        // The root has no place for properties, so that the rules stand in a suite of their own.
        let suite = element("testsuite", &[("name", "indicia: rules of this run"), ("tests", "0")]);
        self.xml.write_event(Event::Start(suite))?;
        self.xml.write_event(Event::Start(element("properties", &[])))?;
        let mut properties = vec![
            ("program".to_owned(), format!("indicia {}", env!("CARGO_PKG_VERSION"))),
            ("terms".to_owned(), self.heading.terms.clone()),
            ("exit-code".to_owned(), summary.exit_code.to_string()),
        ];
        for pack in self.heading.packs {
            properties.push((format!("pack.{}.sha256", pack.name), pack.sha256.clone()));
            properties.extend(pack.version.clone().map(|one| (format!("pack.{}.version", pack.name), one)));
            properties.extend(pack.as_of.map(|day| (format!("pack.{}.as-of", pack.name), day.to_string())));
        }
        for (name, value) in &properties {
            self.xml.write_event(Event::Empty(element(
                "property",
                &[("name", name), ("value", &legal(value))],
            )))?;
        }
        for name in ["properties", "testsuite", "testsuites"] {
            self.xml.write_event(Event::End(BytesEnd::new(name)))?;
        }
        self.xml.get_mut().write_all(b"\n")
    }
}

fn element<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}

/// Whether the file could be read, and what its marks say.
fn of_file(entry: &Entry<'_>, path: &str) -> Case {
    let report = &entry.report;
    let damage = report.format.as_ref().err().or(report.damage.as_ref());
    let error = |kind, message: &str| Problem {
        element: "error",
        r#type: Some(kind),
        message: legal(message),
        text: String::new(),
    };
    let problem = match (&entry.trouble, damage) {
        (Some(trouble), _) if trouble.refused => Some(error("refused", &trouble.reason)),
        (Some(trouble), _) => Some(error("unreadable", &trouble.reason)),
        (None, Some(err)) => Some(error("damaged", &err.to_string())),
        (None, None) => None,
    };
    let mut said = vec![report.verdict.sentence().into_owned()];
    for look in &report.evidence.looks {
        said.push(match &look.seen {
            Seen::Absent => format!("{}: none", look.scheme),
            Seen::Blind(why) => format!("{}: could not look: {}", look.scheme, legal(why)),
            Seen::Present(marks) => {
                let places: Vec<_> = marks.iter().map(|mark| legal(&mark.place)).collect();
                format!("{}: {}", look.scheme, places.join(", "))
            }
        });
    }
    said.extend(entry.conflicts.iter().map(|conflict| format!("conflict {conflict}")));
    said.extend(log_words::lines(entry).iter().map(|line| legal(line)));
    let said = entry.trouble.is_none().then(|| said.join("\n"));
    Case { class: FILE.into(), name: format!("read: {path}"), problem, said }
}

fn of_rule(finding: &Finding<'_>, path: &str, warnings: bool) -> Case {
    let (rule, why) = (finding.rule, &finding.judgement.why);
    let fails = finding.counts() || (warnings && rule.severity >= Severity::Warn);
    let skipped =
        |message: String| Problem { element: "skipped", r#type: None, message, text: String::new() };
    let problem = match finding.judgement.outcome {
        Outcome::Met => None,
        _ if finding.force != Force::InForce => {
            Some(skipped(format!("not in force, so it does not count: {why} [{}]", rule.clause)))
        }
        Outcome::Unknown => Some(skipped(format!("cannot be told: {why} [{}]", rule.clause))),
        Outcome::Unmet if fails => {
            let mend = if rule.remedy.is_empty() {
                String::new()
            } else {
                format!("\nto mend: {}", legal(&rule.remedy))
            };
            Some(Problem {
                element: "failure",
                r#type: Some(rule.severity.name()),
                message: format!("{why} [{}]", rule.clause),
                text: format!("asked: {}\nclause: {}{mend}", legal(&rule.text), legal(&rule.clause)),
            })
        }
        Outcome::Unmet => {
            let severity = rule.severity.name();
            Some(skipped(format!(
                "not met, but of severity {severity}, which does not count: {why} [{}]",
                rule.clause
            )))
        }
    };
    let problem = problem.map(|problem| Problem { message: legal(&problem.message), ..problem });
    Case { class: finding.regime.id.clone(), name: format!("{}: {path}", rule.id), problem, said: None }
}

/// Text that may stand in XML 1.0: what is no character there (2.2) is spelled out like what is hostile.
fn legal(text: &str) -> String {
    let shown = escape(text);
    shown.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

#[cfg(test)]
mod tests {
    use super::legal;
    use crate::specimen;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    /// Names of elements, how often each stands there; fails if it is not well formed.
    fn elements(text: &str) -> std::collections::BTreeMap<String, usize> {
        let mut reader = Reader::from_str(text);
        let mut found = std::collections::BTreeMap::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => return found,
                Event::Start(start) | Event::Empty(start) => {
                    assert!(start.attributes().all(|attribute| attribute.is_ok()));
                    *found.entry(start.name().as_ref().to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("junit", false);
    }

    #[test]
    fn every_file_is_a_suite_and_every_rule_a_case() {
        let packs = specimen::packs();
        let entries = specimen::entries(&packs);
        let found = elements(&specimen::printed("junit", false));
        assert_eq!(found["testsuite"], entries.len() + 1);
        let findings: usize = entries.iter().map(|entry| entry.report.findings.len()).sum();
        assert_eq!(found["testcase"], entries.len() + findings);
    }

    #[test]
    fn a_case_fails_only_where_the_exit_code_counts_it() {
        let packs = specimen::packs();
        let entries = specimen::entries(&packs);
        let unmet = |finding: &&indicia::Finding<'_>| {
            finding.counts() && finding.judgement.outcome == indicia::Outcome::Unmet
        };
        let expected = entries.iter().flat_map(|entry| entry.report.findings.iter()).filter(unmet).count();
        assert!(expected > 0);
        assert_eq!(elements(&specimen::printed("junit", false))["failure"], expected);
    }

    #[test]
    fn a_run_without_files_is_well_formed() {
        assert_eq!(elements(&specimen::printed_of("junit", false, &[]))["testsuites"], 1);
    }

    #[test]
    fn no_character_is_there_that_xml_does_not_know() {
        assert_eq!(legal("a\u{0}\u{fffe}\u{ffff}b"), "a\\u{0}\\u{fffe}\\u{ffff}b");
        let text = specimen::printed("junit", false);
        let illegal = |one: char| one < ' ' && one != '\n' || "\u{fffe}\u{ffff}\u{202e}".contains(one);
        assert!(!text.contains(illegal) && !text.contains("]]>"), "{text}");
    }
}
