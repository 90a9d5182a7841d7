//! `edit.ops`: whether what AI changed is so little that no mark is owed.

use crate::{Case, Check, Fact, Judge, Judgement};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "edit.ops",
    about: "By the profile's `edits`: met if all are among `minor`, so that nothing is owed. If the list is `closed`, any \
            other edit is unmet; if it is not, it is a judgement. Without edits in the profile it cannot be told.",
    build: |params| Ok(Box::new(params.try_into::<Minor>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Minor {
    #[serde(default)]
    minor: Vec<String>,
    #[serde(default)]
    closed: bool,
}

impl Judge for Minor {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let Some(edits) = &case.profile.edits else {
            return Judgement::unknown(Fact::named("edits").map_or_else(String::new, Fact::ask));
        };
        let beyond: Vec<_> =
            edits.iter().filter(|edit| !self.minor.contains(edit)).map(String::as_str).collect();
        match (edits.is_empty(), beyond.is_empty(), self.closed) {
            (true, ..) => Judgement::unmet("the profile names no edits: the content was made, not edited"),
            (false, true, _) => {
                Judgement::met(format!("only minor edits ({}): no mark is owed", edits.join(", ")))
            }
            (false, false, true) => Judgement::unmet(format!(
                "{} is not on the closed list of minor edits: marks are owed",
                beyond.join(", ")
            )),
            (false, false, false) => {
                Judgement::unknown(format!("whether {} is minor is a judgement", beyond.join(", ")))
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
    use crate::Outcome;
    use crate::specimen::{labelled, outcome_for};

    #[test]
    fn a_closed_list_decides_and_an_open_one_asks() {
        let closed = toml::toml! { minor = ["crop", "denoise"] closed = true };
        let open = toml::toml! { minor = ["crop", "denoise"] };
        for (params, profile, expected) in [
            (&closed, "", Outcome::Unknown),
            (&closed, "edits = ['crop']", Outcome::Met),
            (&closed, "edits = ['crop', 'filter']", Outcome::Unmet),
            (&closed, "edits = []", Outcome::Unmet),
            (&open, "edits = ['denoise']", Outcome::Met),
            (&open, "edits = ['filter']", Outcome::Unknown),
        ] {
            assert_eq!(outcome_for(&CHECK, params, &labelled(vec![]), profile), expected, "{profile}");
        }
    }
}
