//! Judging many files under the same terms.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::{Report, Terms, Verdict, contradictions};
use indicia_core::{Evidence, MediaKind};
use indicia_media::Asset;
use indicia_rules::{Case, Docket, Finding, Findings, is_outline, outline};

/// Judgements kept. The files of a folder have a few outlines only: by kind of media, by what could not be looked at, and by
/// which marks are there.
const KEPT: usize = 64;

/// Judges files under one set of terms, and does nothing twice: rules are sorted out once for each kind of media, and those that
/// look into none of a file's marks are judged once for all files with the same outline.
#[derive(Debug)]
pub struct Court<'t, 'r> {
    terms: &'t Terms<'r>,
    /// By kind of media, in the order of [`MediaKind::ALL`].
    dockets: [OnceLock<Docket<'r>>; MediaKind::ALL.len()],
    judged: RwLock<Vec<Arc<Judged<'r>>>>,
}

/// What came of all files with one outline.
#[derive(Debug)]
struct Judged<'r> {
    kind: MediaKind,
    whole: bool,
    outline: Evidence,
    findings: Arc<[Finding<'r>]>,
    /// The places of the rules that have to be judged for each file.
    others: Vec<usize>,
}

impl<'t, 'r> Court<'t, 'r> {
    /// A court under these terms.
    pub fn new(terms: &'t Terms<'r>) -> Self {
        Self { terms, dockets: std::array::from_fn(|_| OnceLock::new()), judged: RwLock::default() }
    }

    /// The report of a file whose marks are known.
    pub fn report(&self, name: &str, asset: &Asset<'_>, evidence: Evidence) -> Report<'r> {
        let whole = asset.layout.damage.is_none();
        Report {
            name: name.to_owned(),
            size: asset.source.size(),
            format: Ok(asset.format),
            damage: asset.layout.damage.clone(),
            verdict: Verdict::of(&evidence, whole),
            contradictions: contradictions(&evidence),
            findings: self.findings(asset.kind(), whole, &evidence),
            evidence,
        }
    }

    fn findings(&self, kind: MediaKind, whole: bool, evidence: &Evidence) -> Findings<'r> {
        let Terms { role, at, profile, drafts, waived, .. } = *self.terms;
        let case = Case { kind, role, profile, at, evidence, whole, waived };
        let sort_out = || Docket::of(self.terms.regimes.iter().copied(), case.situation(), drafts);
        let place = MediaKind::ALL.iter().position(|one| *one == kind);
        let unlisted;
        let docket = match place.and_then(|place| self.dockets.get(place)) {
            Some(docket) => docket.get_or_init(sort_out),
            None => {
                unlisted = sort_out();
                &unlisted
            }
        };
        let judged = self.judged(docket, &case);
        Findings::new(Arc::clone(&judged.findings), docket.assess_at(&judged.others, &case))
    }

    /// What is known of files with this outline, or comes to be known.
    fn judged(&self, docket: &Docket<'r>, case: &Case<'_>) -> Arc<Judged<'r>> {
        let Case { kind, whole, evidence, .. } = *case;
        let same = |judged: &&Arc<Judged<'r>>| {
            judged.kind == kind && judged.whole == whole && is_outline(&judged.outline, evidence)
        };
        let known = self.judged.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(judged) = known.iter().find(same) {
            return Arc::clone(judged);
        }
        drop(known);
        let outline = outline(evidence);
        let (findings, others) = docket.assess_outline(&Case { evidence: &outline, ..*case });
        let judged = Arc::new(Judged { kind, whole, outline, findings: findings.into(), others });
        let mut known = self.judged.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.push(Arc::clone(&judged));
        }
        judged
    }
}

#[cfg(test)]
mod tests {
    use super::Court;
    use crate::{Report, Terms};
    use indicia_core::{Basis, Channel, Evidence, Limits, Look, Mark, Seen};
    use indicia_media::Asset;
    use indicia_rules::{Date, Finding, Outcome, regimes_of, select};

    fn evidence(seen: Seen) -> Evidence {
        let look =
            Look { scheme: "aigc", channel: Channel::Metadata, basis: Basis::Read, seen, nearest: None };
        Evidence::from(vec![look])
    }

    fn told(report: &Report<'_>) -> Vec<(String, Outcome, String)> {
        let one = |finding: &Finding<'_>| {
            (finding.rule.id.clone(), finding.judgement.outcome, finding.judgement.why.clone())
        };
        report.findings.iter().map(one).collect()
    }

    /// In any order, after any other file: what is remembered of one is never told of another.
    #[test]
    fn a_court_that_remembers_says_of_each_file_what_one_says_that_does_not() {
        let packs = select(["cn", "eu"]).unwrap();
        let terms = Terms::new(regimes_of(&packs), Date::parse("2026-11-23").unwrap());
        let court = Court::new(&terms);
        let whole = (b"words\n".to_vec(), "a.txt");
        let sound = (
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
                .to_vec(),
            "a.wav",
        );
        let cut = (b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01".to_vec(), "a.png");
        let mark = |raw: &str| Seen::Present(vec![Mark { raw: raw.into(), ..Mark::default() }]);
        let sights = [Seen::Absent, Seen::Blind("a".into()), Seen::Blind("b".into()), mark("x"), mark("y")];
        let mut different = Vec::new();
        for _ in 0..2 {
            for (bytes, name) in [&whole, &sound, &cut] {
                let asset = Asset::open(bytes, Some(name), &Limits::default()).unwrap();
                for seen in &sights {
                    let report = court.report(name, &asset, evidence(seen.clone()));
                    let alone = Report::of_evidence(name, &asset, evidence(seen.clone()), &terms);
                    assert_eq!(told(&report), told(&alone), "{name} {seen:?}");
                    different.push(told(&report));
                }
            }
        }
        different.sort_unstable();
        different.dedup();
        assert!(different.len() >= 9, "{}", different.len());
    }
}
