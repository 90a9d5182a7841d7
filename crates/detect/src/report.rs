use crate::{Contradiction, Court, Verdict};
use indicia_core::{Context, Evidence, FormatError, Role, Source};
use indicia_marks::survey;
use indicia_media::{Asset, Format};
use indicia_rules::{Date, Findings, Outcome, Profile, Regime, Waiver};

/// Under which rules a file is looked at.
#[derive(Clone, Debug)]
pub struct Terms<'r> {
    /// The rule sets.
    pub regimes: Vec<&'r Regime>,
    /// The day whose law counts.
    pub at: Date,
    /// On whose behalf the question is asked.
    pub role: Role,
    /// What no file tells, and rules turn on.
    pub profile: &'r Profile,
    /// Whether drafts and rules that are not yet in force are judged too; they never count.
    pub drafts: bool,
    /// Marks that were left out knowingly, and why.
    pub waived: Option<Waiver>,
}

/// All that is known of one file. There is always a report, even of a broken file.
#[derive(Debug)]
pub struct Report<'r> {
    /// The name it was given by.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its format, or why it is not known.
    pub format: Result<&'static Format, FormatError>,
    /// Where it stops being readable.
    pub damage: Option<FormatError>,
    /// What was looked for and what came of it.
    pub evidence: Evidence,
    /// What the marks say, taken together.
    pub verdict: Verdict,
    /// The matters on which its marks differ.
    pub contradictions: Vec<Contradiction>,
    /// What the rules make of it.
    pub findings: Findings<'r>,
}

impl<'r> Terms<'r> {
    /// The producer's terms, with nothing left out.
    pub fn new(regimes: Vec<&'r Regime>, at: Date) -> Self {
        let profile = Profile::unknown();
        Self { regimes, at, role: Role::Producer, profile, drafts: false, waived: None }
    }
}

impl<'r> Report<'r> {
    /// The report of a file that could not be opened or recognized.
    pub fn unreadable(name: &str, size: u64, err: FormatError) -> Self {
        let (evidence, findings, contradictions) = (Evidence::default(), Findings::default(), Vec::new());
        let verdict = Verdict::of(&evidence, false);
        Self {
            name: name.to_owned(),
            size,
            format: Err(err),
            damage: None,
            evidence,
            verdict,
            contradictions,
            findings,
        }
    }

    /// The report of a file whose marks are known already. For many files a [`Court`] is quicker.
    pub fn of_evidence(name: &str, asset: &Asset<'_>, evidence: Evidence, terms: &Terms<'r>) -> Self {
        Court::new(terms).report(name, asset, evidence)
    }

    /// The worst of all that counts: a file that cannot be read to its end is not known to be fine.
    pub fn outcome(&self) -> Outcome {
        let whole = self.format.is_ok() && self.damage.is_none();
        let floor = if whole { Outcome::Met } else { Outcome::Unknown };
        let counting = self.findings.iter().filter(|finding| finding.counts());
        counting.map(|finding| finding.judgement.outcome).fold(floor, Outcome::min)
    }
}

/// Looks at a file with every scheme that suits it, and holds it against the rules.
///
/// `name` is the file's name; it stands in the report, and its ending decides between formats without signature.
pub fn scan<'r>(name: &str, source: &dyn Source, terms: &Terms<'r>, cx: &Context) -> Report<'r> {
    match Asset::open(source, Some(name), &cx.limits) {
        Ok(asset) => Report::of_evidence(name, &asset, survey(&asset, cx), terms),
        Err(err) => Report::unreadable(name, source.size(), err),
    }
}

#[cfg(test)]
mod tests {
    use super::{Terms, scan};
    use crate::Statement;
    use indicia_core::{Context, Role};
    use indicia_rules::{Date, Outcome, Severity, regimes_of, select};

    const PLAIN: &[u8] = b"# Title\n\nwords\n";
    const LABELLED: &[u8] =
        "---\nAIGC: '{\"Label\":\"1\",\"ContentProducer\":\"A\",\"ProduceID\":\"1\",\"ReservedCode1\":\"\",\
        \"ContentPropagator\":\"A\",\"PropagateID\":\"1\",\"ReservedCode2\":\"\"}'\n---\n\nAI生成\n\nwords\n"
            .as_bytes();
    /// Signature and half a header.
    const CUT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01";

    /// What counts, what the marks say, and what was asked of the file.
    fn look(name: &str, bytes: &[u8], role: Role) -> (Outcome, Statement, usize) {
        let packs = select(["cn"]).unwrap();
        let terms = Terms { role, ..Terms::new(regimes_of(&packs), Date::parse("2026-01-01").unwrap()) };
        let report = scan(name, &bytes.to_vec(), &terms, &Context::default());
        (report.outcome(), report.verdict.statement, report.findings.len())
    }

    #[test]
    fn fine_is_said_only_of_what_was_read_to_its_end() {
        let (outcome, statement, rules) = look("a.md", LABELLED, Role::Producer);
        assert_eq!((outcome, statement), (Outcome::Met, Statement::Generated));
        assert!(rules > 10, "{rules}");
        let (outcome, statement, _) = look("a.md", PLAIN, Role::Producer);
        assert_eq!((outcome, statement), (Outcome::Unmet, Statement::NotFound));
        assert_eq!(
            look("a.bin", &[0, 159, 146, 150], Role::Producer),
            (Outcome::Unknown, Statement::Inconclusive, 0)
        );
        let (outcome, statement, _) = look("a.png", CUT, Role::Producer);
        assert_eq!((outcome, statement), (Outcome::Unknown, Statement::Inconclusive));
    }

    #[test]
    fn without_rules_a_whole_file_meets_them_and_a_damaged_one_is_unknown() {
        let terms = Terms::new(Vec::new(), Date::parse("2026-01-01").unwrap());
        let outcome = |name, bytes: &[u8]| scan(name, &bytes.to_vec(), &terms, &Context::default()).outcome();
        assert_eq!(outcome("a.md", PLAIN), Outcome::Met);
        assert_eq!(outcome("a.png", CUT), Outcome::Unknown);
    }

    #[test]
    fn warnings_do_not_count_and_a_platform_is_asked_for_its_own_part() {
        let packs = select(["cn"]).unwrap();
        let mut terms = Terms::new(regimes_of(&packs), Date::parse("2026-01-01").unwrap());
        let half = String::from_utf8(LABELLED.to_vec())
            .unwrap()
            .replace("\"PropagateID\":\"1\"", "\"PropagateID\":\"2\"");
        let report = scan("a.md", &half.into_bytes(), &terms, &Context::default());
        let unmet: Vec<_> =
            report.findings.iter().filter(|finding| finding.judgement.outcome == Outcome::Unmet).collect();
        assert!(unmet.iter().all(|finding| finding.rule.severity == Severity::Warn), "{unmet:?}");
        assert!(unmet.iter().any(|finding| finding.rule.id == "cn.gb.meta.first"), "{unmet:?}");
        assert_eq!(report.outcome(), Outcome::Met);
        terms.role = Role::Propagator;
        let asked = scan("a.md", &PLAIN.to_vec(), &terms, &Context::default());
        assert!(asked.findings.iter().any(|finding| finding.rule.id == "cn.measures.6.metadata"));
        assert!(asked.findings.iter().all(|finding| finding.rule.id != "cn.measures.5"));
    }
}
