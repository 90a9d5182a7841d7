//! For people who answer for many files: one HTML page that needs nothing else, no network and no script.
//!
//! What is at odds comes first, then what is not met, what cannot be told, what was left alone, and what is met. Files are
//! put aside as they come, in temporary files once there are many, so that memory stays bounded; the page is put
//! together at the end.

mod file;
mod head;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};

use indicia::{Force, Outcome, Statement};
use tempfile::SpooledTempFile;

use super::{Entry, Heading, Print, Printer};
use crate::record::Summary;

pub(super) static PRINTER: Printer = Printer {
    name: "html",
    pictures: true,
    open: |out, heading| {
        let groups = Group::ALL.map(|_| SpooledTempFile::new(HELD));
        Box::new(Html { out, heading, groups, tally: Tally::default() })
    },
};

/// Most bytes of each group held in memory; more go to a temporary file.
const HELD: usize = 1 << 20;

/// Where on the page a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Conflicting,
    Unmet,
    Unknown,
    Refused,
    Met,
}

/// What is counted for the top of the page.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    /// Files in each group.
    groups: [u64; 5],
    /// Files by kind of media.
    kinds: BTreeMap<&'static str, u64>,
    /// By rule: files that do not meet it, of which it cannot be told, and that meet it.
    rules: BTreeMap<String, [u64; 3]>,
}

struct Html<'w> {
    out: &'w mut (dyn Write + Send),
    heading: Heading<'w>,
    groups: [SpooledTempFile; 5],
    tally: Tally,
}

impl Group {
    const ALL: [Self; 5] = [Self::Conflicting, Self::Unmet, Self::Unknown, Self::Refused, Self::Met];

    fn of(entry: &Entry<'_>) -> Self {
        match (&entry.trouble, entry.outcome()) {
            (Some(trouble), _) if trouble.refused => Self::Refused,
            _ if !entry.report.contradictions.is_empty() => Self::Conflicting,
            _ if entry.report.verdict.statement == Statement::Conflicting => Self::Conflicting,
            (_, Outcome::Unmet) => Self::Unmet,
            (_, Outcome::Unknown) => Self::Unknown,
            (_, Outcome::Met) => Self::Met,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Conflicting => "Files whose marks contradict one another",
            Self::Unmet => "Files that do not meet all that counts",
            Self::Unknown => "Files of which it cannot be told",
            Self::Refused => "Files that were left alone on purpose",
            Self::Met => "Files that meet all that counts",
        }
    }
}

impl Print for Html<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let group = Group::of(entry);
        self.tally.add(entry, group);
        let mut section = String::new();
        file::section(&mut section, entry, self.tally.files);
        match self.groups.get_mut(group as usize) {
            Some(spool) => spool.write_all(section.as_bytes()),
            None => Ok(()),
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut page = String::new();
        head::top(&mut page, &self.heading, &self.tally, summary);
        self.out.write_all(page.as_bytes())?;
        for (group, spool) in Group::ALL.into_iter().zip(&mut self.groups) {
            let count = self.tally.groups.get(group as usize).copied().unwrap_or_default();
            if count > 0 {
                writeln!(self.out, "<h2 id=\"group-{}\">{} ({count})</h2>", group as usize, group.title())?;
                spool.rewind()?;
                io::copy(spool, &mut self.out)?;
            }
        }
        let mut page = String::new();
        head::bottom(&mut page, &self.heading, summary);
        self.out.write_all(page.as_bytes())
    }
}

impl Tally {
    fn add(&mut self, entry: &Entry<'_>, group: Group) {
        self.files += 1;
        if let Some(count) = self.groups.get_mut(group as usize) {
            *count += 1;
        }
        if let Ok(format) = &entry.report.format {
            *self.kinds.entry(format.kind.name()).or_default() += 1;
        }
        for finding in entry.report.findings.iter().filter(|finding| finding.force == Force::InForce) {
            if !self.rules.contains_key(&finding.rule.id) {
                self.rules.insert(finding.rule.id.clone(), [0; 3]);
            }
            let counts = self.rules.get_mut(&finding.rule.id);
            if let Some(count) = counts.and_then(|counts| counts.get_mut(finding.judgement.outcome as usize))
            {
                *count += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::specimen;

    /// The page without what is the same for every report.
    fn page() -> String {
        specimen::printed("html", false)
    }

    #[test]
    fn it_prints_the_specimen_as_agreed() {
        specimen::agrees("html", false);
    }

    #[test]
    fn what_is_at_odds_comes_first_and_what_is_met_last() {
        let page = page();
        let titles = super::Group::ALL.map(super::Group::title);
        let places =
            titles.map(|title| page.find(&format!("\">{title} (")).unwrap_or_else(|| panic!("{title}")));
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn nothing_that_files_say_is_markup() {
        let page = page();
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"), "the text is there, as text");
        assert_eq!(page.matches("<script").count(), 1, "the page's own");
        assert!(!page.contains("<b>") && !page.contains(['\u{202e}', '\0', '\u{7}']));
        assert!(page.contains("=cmd|&#39;&amp;&lt;b&gt;&quot;]]&gt;\\u{202e}gnp\\n.png"));
    }

    #[test]
    fn the_page_asks_for_nothing_and_runs_nothing_but_its_own() {
        let page = page();
        let policy = page.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).unwrap();
        let policy = policy.split('"').next().unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        for attribute in [" src=\"http", " style=\"", " onclick", "<link", "<iframe", "@import", "url("] {
            assert!(!page.contains(attribute), "{attribute}");
        }
    }

    #[test]
    fn three_answers_are_told_apart_in_words() {
        let page = page();
        for word in ["not met", "cannot be told", "met", "left alone", "present", "none", "could not look"] {
            assert!(page.contains(&format!("</span> {word}</span>")), "{word}");
        }
        assert!(page.contains("does not show that a person made"));
    }

    #[test]
    fn a_run_without_files_is_a_page_too() {
        let page = specimen::printed_of("html", false, &[]);
        assert!(page.contains("No file was looked at") && page.ends_with("</html>\n"), "{page}");
    }
}
