//! `wm.robustness`: marks withstand what happens to content.

use crate::{Case, Check, Judge, Judgement, watermarks};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "wm.robustness",
    about: "Never met by the file: how much a mark withstands is shown by tests. Says whether a watermark is there that \
            could, and names the `document` with the tests if the profile has it.",
    build: |params| Ok(Box::new(params.try_into::<Robustness>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Robustness {
    document: String,
}

impl Judge for Robustness {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let there = match watermarks::found(case) {
            Ok(marks) => watermarks::told(&marks),
            Err(judgement) if judgement.outcome == crate::Outcome::Unmet => {
                return Judgement::unmet(format!("{}; metadata alone is easily removed", judgement.why));
            }
            Err(judgement) => judgement.why,
        };
        let report = case.profile.documents.get(&self.document);
        let report = report.map_or_else(
            || format!("what it withstands takes tests (`documents.{}` in [profile])", self.document),
            |place| format!("tests are said to be at {place}; whether they are enough is a judgement"),
        );
        Judgement::unknown(format!("{there}; {report}"))
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Watermark
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        watermarks::wants(kind)
    }

    fn shows(&self) -> bool {
        false
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        watermarks::lacks(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{label, outcome, outcome_for, unseen, watermarked};
    use indicia_core::Channel;

    #[test]
    fn a_file_never_shows_it_and_without_a_watermark_it_is_not_so() {
        let params = toml::toml! { document = "robustness" };
        let there = watermarked(vec![label(None, &[])]);
        assert_eq!(outcome(&CHECK, &params, &there), Outcome::Unknown);
        assert_eq!(
            outcome_for(&CHECK, &params, &there, "documents = { robustness = 'a' }"),
            Outcome::Unknown
        );
        assert_eq!(outcome(&CHECK, &params, &watermarked(vec![])), Outcome::Unmet);
        assert_eq!(outcome(&CHECK, &params, &unseen("watermark", Channel::Watermark)), Outcome::Unknown);
    }
}
