//! `result.schema`: what a detector tells, and does not tell.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "result.schema",
    about: "Met if the profile names this program (`indicia`) among its detectors, whose reports tell `shows`; of other \
            detectors, a look at them shows it.",
    build: |params| Ok(Box::new(params.try_into::<Shows>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shows {
    shows: String,
}

/// The name by which a profile calls this program.
const THIS: &str = "indicia";

impl Judge for Shows {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match &case.profile.detectors {
            Some(detectors) if detectors.iter().any(|one| one == THIS) => {
                Judgement::met(format!("this program's reports tell {}", self.shows))
            }
            Some(detectors) => {
                Judgement::unknown(format!("whether {} tells {}", detectors.join(", "), self.shows))
            }
            None => Judgement::unknown(format!(
                "which detector is offered, and does it tell {}? (`detectors` in [profile])",
                self.shows
            )),
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
    fn of_other_detectors_nothing_is_known() {
        let params = toml::toml! { shows = "what it rests on" };
        for (profile, expected) in [
            ("", Outcome::Unknown),
            ("detectors = ['https://example.org']", Outcome::Unknown),
            ("detectors = ['https://example.org', 'indicia']", Outcome::Met),
        ] {
            assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), profile), expected, "{profile}");
        }
    }
}
