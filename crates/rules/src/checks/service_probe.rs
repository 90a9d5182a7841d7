//! `service.probe`: what only a look at a running service shows.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "service.probe",
    about: "Never decided from the file, and no network is asked: says what to look at, and names the detectors of the \
            profile. Unmet if the profile says that there is none.",
    build: |params| Ok(Box::new(params.try_into::<Probe>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    question: String,
}

impl Judge for Probe {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match case.profile.detectors.as_deref() {
            Some([]) => Judgement::unmet("the profile says that there is no detector"),
            Some(detectors) => {
                Judgement::unknown(format!("{} Look at {}", self.question, detectors.join(", ")))
            }
            None => Judgement::unknown(format!("{} (`detectors` in [profile])", self.question)),
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
    fn it_is_a_question_unless_there_is_nothing_to_look_at() {
        let params = toml::toml! { question = "is it free?" };
        for (profile, expected) in [
            ("", Outcome::Unknown),
            ("detectors = ['https://example.org']", Outcome::Unknown),
            ("detectors = []", Outcome::Unmet),
        ] {
            assert_eq!(outcome_for(&CHECK, &params, &labelled(vec![]), profile), expected, "{profile}");
        }
    }
}
