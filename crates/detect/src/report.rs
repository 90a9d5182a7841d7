use crate::Verdict;
use indicia_core::{Channel, Context, Evidence, FormatError, Role, Source};
use indicia_marks::survey;
use indicia_media::{Asset, Format};
use indicia_rules::{Case, Date, Finding, Outcome, Regime, assess};

/// Under which rules a file is looked at.
#[derive(Clone, Debug)]
pub struct Terms<'r> {
    /// The rule sets.
    pub regimes: Vec<&'r Regime>,
    /// The day whose law counts.
    pub at: Date,
    /// On whose behalf the question is asked.
    pub role: Role,
    /// Marks left out on purpose, as the law allows when its conditions are met outside the file.
    pub waived: Option<Channel>,
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
    /// What the rules make of it.
    pub findings: Vec<Finding<'r>>,
}

impl<'r> Terms<'r> {
    /// The producer's terms, with nothing left out.
    pub fn new(regimes: Vec<&'r Regime>, at: Date) -> Self {
        Self { regimes, at, role: Role::Producer, waived: None }
    }
}

impl<'r> Report<'r> {
    /// The report of a file that could not be opened or recognized.
    pub fn unreadable(name: &str, size: u64, err: FormatError) -> Self {
        let (evidence, findings) = (Evidence::default(), Vec::new());
        let verdict = Verdict::of(&evidence, false);
        Self { name: name.to_owned(), size, format: Err(err), damage: None, evidence, verdict, findings }
    }

    /// The report of a file whose marks are known already.
    pub fn of_evidence(name: &str, asset: &Asset<'_>, evidence: Evidence, terms: &Terms<'r>) -> Self {
        let case = Case {
            kind: asset.kind(),
            role: terms.role,
            evidence: &evidence,
            whole: asset.layout.damage.is_none(),
            waived: terms.waived,
        };
        let findings = terms.regimes.iter().flat_map(|regime| assess(regime, &case, terms.at)).collect();
        Self {
            name: name.to_owned(),
            size: asset.source.size(),
            format: Ok(asset.format),
            damage: asset.layout.damage.clone(),
            verdict: Verdict::of(&evidence, asset.layout.damage.is_none()),
            evidence,
            findings,
        }
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
