//! `profile.date`: from which day a duty binds, by a day that the profile gives.

use crate::{Case, Check, Condition, Date, Judge, Judgement, Truth};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "profile.date",
    about: "Met if it is known from which day the duty binds: from `then` on for those of whom `of` holds, at once for \
            others. Unknown while the profile leaves that open and it makes a difference. No date breaks a rule.",
    build: |params| Ok(Box::new(params.try_into::<Due>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Due {
    of: Condition,
    then: Date,
}

impl Judge for Due {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match (case.at < self.then, self.of.holds(case.profile)) {
            (false, _) => Judgement::met(format!("since {} it binds all", self.then)),
            (true, Truth::Yes) => Judgement::met(format!("it binds from {} ({})", self.then, self.of)),
            (true, Truth::No) => Judgement::met("it binds already"),
            (true, Truth::Open) => {
                Judgement::unknown(format!("it binds at once, or from {}: {}", self.then, self.of.ask()))
            }
        }
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::specimen::{case, labelled};
    use crate::{Case, Date, Outcome, Profile};

    #[test]
    fn it_is_open_only_while_it_makes_a_difference() {
        let params = toml::toml! { of = "placed-on-market < 2026-08-02" then = "2026-12-02" };
        let (judge, evidence) = ((CHECK.build)(params).unwrap(), labelled(vec![]));
        for (profile, at, expected, said) in [
            ("", "2026-12-01", Outcome::Unknown, "binds at once, or from 2026-12-02"),
            ("", "2026-12-02", Outcome::Met, "since 2026-12-02"),
            ("placed-on-market='2026-08-01'", "2026-12-01", Outcome::Met, "from 2026-12-02"),
            ("placed-on-market='2026-08-02'", "2026-12-01", Outcome::Met, "already"),
        ] {
            let profile: Profile = toml::from_str(profile).unwrap();
            let case = Case { profile: &profile, at: Date::parse(at).unwrap(), ..case(&evidence) };
            let judgement = judge.judge(&case);
            assert_eq!(judgement.outcome, expected, "{at}");
            assert!(judgement.why.contains(said), "{}", judgement.why);
        }
    }
}
