//! `profile.fact`: something that the profile says.

use crate::{Case, Check, Condition, Judge, Judgement, Truth};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "profile.fact",
    about: "Met if `holds` is so by the profile, unmet if it is not, and not to be told if the profile leaves it open.",
    build: |params| Ok(Box::new(params.try_into::<Holds>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holds {
    holds: Condition,
}

impl Judge for Holds {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match self.holds.holds(case.profile) {
            Truth::Yes => Judgement::met(format!("the profile says: {}", self.holds)),
            Truth::No => Judgement::unmet(format!("the profile does not say: {}", self.holds)),
            Truth::Open => Judgement::unknown(self.holds.ask()),
        }
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{labelled, outcome_for};

    #[test]
    fn the_profile_decides_and_silence_leaves_it_open() {
        let params = toml::toml! { holds = "free-detection" };
        for (profile, expected) in [
            ("", Outcome::Unknown),
            ("free-detection = true", Outcome::Met),
            ("free-detection = false", Outcome::Unmet),
        ] {
            assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), profile), expected, "{profile}");
        }
    }
}
