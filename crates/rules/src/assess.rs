use crate::{Case, Date, Decidable, Judgement, Regime, Rule, Severity};

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
    /// Who can decide it, as things are: a rule whose marks were left out on purpose needs evidence.
    pub decidable: Decidable,
    /// The decision and its reason.
    pub judgement: Judgement,
}

impl Finding<'_> {
    /// Whether the rule binds and the file itself can show that it is met: what a verdict on the file rests on.
    pub fn counts(&self) -> bool {
        self.rule.severity == Severity::Error
            && matches!(self.decidable, Decidable::Auto | Decidable::Partial)
    }
}

/// Holds one regime against what was seen on a file, as the law stood on a day.
///
/// Rules for other media, other roles, or not in force that day are left out.
pub fn assess<'r>(regime: &'r Regime, case: &Case<'_>, at: Date) -> Vec<Finding<'r>> {
    let rules = regime.rules.iter().filter(|rule| regime.in_force(at) && rule.in_force(at));
    let rules = rules.filter(|rule| rule.applies(case.kind, case.role));
    rules.map(|rule| judge(regime, rule, case)).collect()
}

fn judge<'r>(regime: &'r Regime, rule: &'r Rule, case: &Case<'_>) -> Finding<'r> {
    let waived = case.waived.is_some() && rule.judge.concerns() == case.waived;
    let (decidable, judgement) = if waived {
        let why =
            "left out at the recipient's request; whether that is lawful stands in the agreement and the log";
        (Decidable::Evidence, Judgement::unknown(why))
    } else {
        (rule.decidable, decide(rule, case))
    };
    Finding { regime, rule, decidable, judgement }
}

fn decide(rule: &Rule, case: &Case<'_>) -> Judgement {
    let needs = |what: &str| Judgement::unknown(format!("the file alone cannot show it: it takes {what}"));
    match rule.decidable {
        Decidable::Auto => rule.judge.judge(case),
        Decidable::Partial => match rule.judge.judge(case) {
            // Another lawful way may stand outside the file.
            Judgement { outcome: Outcome::Unmet, why } => {
                Judgement::unknown(format!("{why}; another lawful way may stand outside the file"))
            }
            other => other,
        },
        Decidable::Evidence => needs("a document or a log"),
        Decidable::Human => needs("a person's judgement"),
        Decidable::Service => needs("a look at the running service"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Outcome, assess};
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
        let case = Case { role, ..case(&evidence) };
        let pack = pack(rule);
        let findings = assess(&pack.regimes[0], &case, Date::parse(at).unwrap());
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
        let waived = Some(indicia_core::Channel::Explicit);
        let case = Case { waived, ..case(&evidence) };
        let pack = pack("method='label.text.position'\nmodality=['any']\ndecidable='auto'");
        let findings = assess(&pack.regimes[0], &case, Date::parse("2026-01-01").unwrap());
        assert_eq!(findings[0].judgement.outcome, Outcome::Unknown);
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
            let findings = assess(&pack.regimes[0], &case(&evidence), Date::parse("2026-01-01").unwrap());
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
}
