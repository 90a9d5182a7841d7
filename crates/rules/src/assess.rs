use crate::docket::{Docket, Listed};
use crate::{Binding, Case, Decidable, Force, Judgement, Regime, Rule, Severity, Truth};

/// Whether a rule is met. Ordered: all of several is the least, any the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is not.
    Unmet,
    /// It cannot be told.
    Unknown,
    /// It is.
    Met,
}

impl Outcome {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
            Self::Met => "met",
        }
    }
}

/// What came of one rule.
#[derive(Clone, Debug)]
pub struct Finding<'r> {
    /// The regime the rule belongs to.
    pub regime: &'r Regime,
    /// The rule.
    pub rule: &'r Rule,
    /// Whether it is in force; what is not yet is told apart and counts for nothing.
    pub force: Force,
    /// Who can decide it, as things are: a rule whose marks were left out on purpose needs evidence.
    pub decidable: Decidable,
    /// The decision and its reason.
    pub judgement: Judgement,
}

impl Finding<'_> {
    /// Whether the rule binds and the file itself can show that it is met: what a verdict on the file rests on.
    pub fn counts(&self) -> bool {
        self.force == Force::InForce
            && self.rule.severity == Severity::Error
            && matches!(self.decidable, Decidable::Auto | Decidable::Partial)
    }
}

/// Holds one regime against what was seen on a file, as the law stood on the case's day.
///
/// Rules for other media, other roles, or no longer in force that day are left out; so are drafts and rules that are not
/// yet in force, unless `drafts` asks for them.
pub fn assess<'r>(regime: &'r Regime, case: &Case<'_>, drafts: bool) -> Vec<Finding<'r>> {
    Docket::of([regime], case.situation(), drafts).assess(case)
}

pub(crate) fn judge<'r>(listed: &Listed<'r>, case: &Case<'_>) -> Finding<'r> {
    let Listed { regime, rule, force, ref binding } = *listed;
    let waiver = case.waived.filter(|waiver| rule.judge.concerns() == Some(waiver.channel));
    let (decidable, judgement) = if let Some(waiver) = waiver {
        (Decidable::Evidence, Judgement::unknown(waiver.why))
    } else {
        let judgement = decide(rule, case);
        match binding {
            Binding::Open(question) if judgement.outcome != Outcome::Met => {
                let decidable = if question.of_role { Decidable::Human } else { rule.decidable };
                let why = format!("{}; whether it binds turns on: {}", judgement.why, question.text);
                (decidable, Judgement::unknown(why))
            }
            _ => (rule.decidable, judgement),
        }
    };
    Finding { regime, rule, force, decidable, judgement }
}

fn decide(rule: &Rule, case: &Case<'_>) -> Judgement {
    let judgement = rule.judge.judge(case);
    let needs = |what: &str| {
        Judgement::unknown(format!("the file alone cannot show it: it takes {what}; {}", judgement.why))
    };
    match (rule.decidable, judgement.outcome) {
        (_, Outcome::Met) | (Decidable::Auto, _) | (Decidable::Partial, Outcome::Unknown) => judgement,
        (Decidable::Partial, Outcome::Unmet) => match left_open(rule, case) {
            None => judgement,
            Some(open) => Judgement::unknown(format!("{}; {open}", judgement.why)),
        },
        (Decidable::Evidence, _) => needs("a document or a log"),
        (Decidable::Human, _) => needs("a person's judgement"),
        (Decidable::Service, _) => needs("a look at the running service"),
    }
}

/// What keeps the file from showing that a rule is not met; `None` if the profile closes that.
fn left_open(rule: &Rule, case: &Case<'_>) -> Option<String> {
    let closes = |condition: &&crate::Condition| condition.holds(case.profile) == Truth::Yes;
    if !rule.closed_by.is_empty() && rule.closed_by.iter().all(|condition| closes(&condition)) {
        return None;
    }
    let open = rule.closed_by.iter().find(|condition| condition.holds(case.profile) == Truth::Open);
    Some(open.map_or_else(
        || "another lawful way may stand outside the file".into(),
        |condition| format!("another lawful way may stand outside the file: {}", condition.ask()),
    ))
}

#[cfg(test)]
mod tests {
    use super::{Case, Outcome, assess};
    use crate::Waiver;
    use crate::specimen::case;
    use crate::{Date, Pack, Severity};
    use indicia_core::{Evidence, Role};

    fn pack(rule: &str) -> Pack {
        let method = if rule.contains("method") { "" } else { "method='mark.any'\nneeds=['aigc']\n" };
        let head =
            "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\nin_force_from='2025-09-01'\n";
        Pack::parse(&format!(
            "{head}[[regime.check]]\nid='x.1'\ntext='t'\nclause='1'\nseverity='error'\n\
             role='provider'\nverified=true\n{method}{rule}"
        ))
        .unwrap()
    }

    fn outcomes(rule: &str, at: &str, role: Role) -> Vec<Outcome> {
        let evidence = Evidence::default();
        let case = Case { role, at: Date::parse(at).unwrap(), ..case(&evidence) };
        let pack = pack(rule);
        let findings = assess(&pack.regimes[0], &case, false);
        findings.iter().map(|finding| finding.judgement.outcome).collect()
    }

    #[test]
    fn only_what_a_file_can_close_is_unmet() {
        for (decidable, expected) in [
            ("auto", Outcome::Unmet),
            ("partial", Outcome::Unknown),
            ("human", Outcome::Unknown),
            ("evidence", Outcome::Unknown),
            ("service", Outcome::Unknown),
        ] {
            let rule = format!("modality=['any']\ndecidable='{decidable}'");
            assert_eq!(outcomes(&rule, "2026-01-01", Role::Producer), [expected], "{decidable}");
        }
    }

    #[test]
    fn what_was_left_out_on_purpose_is_not_held_against_the_file() {
        let evidence = Evidence::default();
        let case = Case { waived: Some(Waiver::OWED), ..case(&evidence) };
        let pack = pack("method='label.text.position'\nmodality=['any']\ndecidable='auto'");
        let findings = assess(&pack.regimes[0], &case, false);
        assert_eq!(findings[0].judgement.outcome, Outcome::Unknown);
        assert_eq!(findings[0].judgement.why, Waiver::OWED.why);
        assert!(!findings[0].counts());
    }

    #[test]
    fn only_an_error_that_a_file_can_show_counts() {
        let evidence = Evidence::default();
        for (severity, decidable, expected) in [
            (Severity::Error, "auto", true),
            (Severity::Error, "partial", true),
            (Severity::Error, "evidence", false),
            (Severity::Error, "human", false),
            (Severity::Error, "service", false),
            (Severity::Warn, "auto", false),
            (Severity::Info, "partial", false),
        ] {
            let mut pack = pack(&format!("modality=['any']\ndecidable='{decidable}'"));
            pack.regimes[0].rules[0].severity = severity;
            let findings = assess(&pack.regimes[0], &case(&evidence), false);
            assert_eq!(findings[0].counts(), expected, "{severity:?} {decidable}");
        }
    }

    #[test]
    fn a_rule_binds_its_media_its_role_and_its_days_only() {
        let rule = "modality=['image']\ndecidable='auto'";
        assert_eq!(outcomes(rule, "2025-09-01", Role::Producer).len(), 1);
        assert_eq!(outcomes(rule, "2025-08-31", Role::Producer).len(), 0, "not yet in force");
        assert_eq!(outcomes(rule, "2026-01-01", Role::Propagator).len(), 0, "another role");
        assert_eq!(outcomes("modality=['audio']\ndecidable='auto'", "2026-01-01", Role::Producer).len(), 0);
        let ended = "modality=['image']\ndecidable='auto'\nin_force_until='2026-01-01'";
        assert_eq!(outcomes(ended, "2026-01-01", Role::Producer).len(), 1, "its last day");
        assert_eq!(outcomes(ended, "2026-01-02", Role::Producer).len(), 0, "the day after");
    }

    fn finding(rule: &str, profile: &str, at: &str, drafts: bool) -> Option<(Outcome, bool, String)> {
        let (evidence, profile) = (Evidence::default(), toml::from_str(profile).unwrap());
        let case = Case { profile: &profile, at: Date::parse(at).unwrap(), ..case(&evidence) };
        let pack = pack(&format!("modality=['any']\n{rule}"));
        let mut findings = assess(&pack.regimes[0], &case, drafts);
        assert!(findings.len() < 2);
        findings.pop().map(|one| (one.judgement.outcome, one.counts(), one.judgement.why))
    }

    #[test]
    fn what_the_profile_leaves_open_is_unknown_with_the_question() {
        let rule = "decidable='auto'\nwhen=['is-deepfake']";
        let (outcome, counts, why) = finding(rule, "", "2026-01-01", false).unwrap();
        assert_eq!((outcome, counts), (Outcome::Unknown, true));
        assert!(
            why.contains("whether it binds turns on") && why.contains("`is-deepfake` in [profile]"),
            "{why}"
        );
        assert_eq!(finding(rule, "is-deepfake=true", "2026-01-01", false).unwrap().0, Outcome::Unmet);
        assert!(finding(rule, "is-deepfake=false", "2026-01-01", false).is_none());
    }

    #[test]
    fn what_a_file_shows_in_part_fails_only_if_the_profile_closes_it() {
        let rule = "decidable='partial'\nclosed_by=['is-deepfake', 'not artistic']";
        for (profile, expected) in [
            ("", Outcome::Unknown),
            ("is-deepfake=true", Outcome::Unknown),
            ("is-deepfake=true\nartistic=true", Outcome::Unknown),
            ("is-deepfake=true\nartistic=false", Outcome::Unmet),
        ] {
            assert_eq!(finding(rule, profile, "2026-01-01", false).unwrap().0, expected, "{profile}");
        }
        assert!(finding(rule, "", "2026-01-01", false).unwrap().2.contains("`is-deepfake` in [profile]"));
    }

    #[test]
    fn drafts_and_rules_to_come_are_judged_only_when_asked_for_and_never_count() {
        for rule in ["decidable='auto'\ndraft=true", "decidable='auto'\nin_force_from='2027-01-01'"] {
            assert!(finding(rule, "", "2026-01-01", false).is_none(), "{rule}");
            let (outcome, counts, _) = finding(rule, "", "2026-01-01", true).unwrap();
            assert_eq!((outcome, counts), (Outcome::Unmet, false), "{rule}");
        }
        let past = "decidable='auto'\nin_force_until='2025-12-31'";
        assert!(finding(past, "", "2026-01-01", true).is_none(), "what is over is over");
    }
}
