//! `aigc.label`: the AIGC label's values are of the right type, and `Label` is one of those allowed.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Look, MediaKind, Status};
use indicia_marks::Scheme;
use indicia_marks::aigc::codes;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "aigc.label",
    about: "Met if every value of the AIGC label is a string and `Label` is one of `allowed`: \"1\" is, \"2\" may be, \
            \"3\" is suspected to be generated.",
    build: |params| Ok(Box::new(params.try_into::<AigcLabel>()?)),
};

/// The flaws that mean: not a value that Annex E c) to i) allow.
const CODES: &[&str] = &[codes::DOUBLE_ENCODED, codes::LABEL_VALUE, codes::MALFORMED, codes::VALUE_TYPE];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AigcLabel {
    allowed: Vec<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
enum Value {
    #[serde(rename = "1")]
    Is,
    #[serde(rename = "2")]
    May,
    #[serde(rename = "3")]
    Suspected,
}

impl Value {
    fn of(status: Status) -> Option<Self> {
        match status {
            Status::Generated => Some(Self::Is),
            Status::Possible => Some(Self::May),
            Status::Suspected => Some(Self::Suspected),
            Status::NotGenerated => None,
        }
    }
}

impl Judge for AigcLabel {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let labels = match labels::aigc(case) {
            Ok(labels) => labels,
            Err(judgement) => return judgement,
        };
        let allowed = |status: Option<Status>| {
            status.and_then(Value::of).is_some_and(|value| self.allowed.contains(&value))
        };
        match labels.iter().find(|mark| !allowed(mark.claim.status)) {
            None => labels::without_flaws(case, CODES, "`Label` is allowed and all values are strings"),
            Some(mark) => {
                let said = mark.claim.status.map_or("nothing that can be understood", Status::name);
                Judgement::unmet(format!("`Label` says {said} ({})", mark.place))
            }
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == labels::AIGC
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_aigc(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, labelled, outcome};
    use indicia_core::{Gravity, Mark, Status};

    fn answer(allowed: &str, labels: Vec<Mark>) -> Outcome {
        let params = format!("allowed = {allowed}").parse().unwrap();
        outcome(&CHECK, &params, &labelled(labels))
    }

    fn says(status: Status) -> Mark {
        label(Some(status), &[])
    }

    #[test]
    fn label_is_one_of_those_allowed() {
        let all = r#"["1", "2", "3"]"#;
        for (status, number, others) in [
            (Status::Generated, "1", "['2', '3']"),
            (Status::Possible, "2", "['1', '3']"),
            (Status::Suspected, "3", "['1', '2']"),
        ] {
            assert_eq!(answer(all, vec![says(status)]), Outcome::Met, "{number}");
            assert_eq!(answer(&format!("['{number}']"), vec![says(status)]), Outcome::Met, "{number}");
            assert_eq!(answer(others, vec![says(status)]), Outcome::Unmet, "{number} under {others}");
        }
        assert_eq!(answer(all, vec![says(Status::NotGenerated)]), Outcome::Unmet);
        assert_eq!(answer(all, vec![label(None, &[])]), Outcome::Unmet);
        assert_eq!(answer(all, vec![says(Status::Generated), label(None, &[])]), Outcome::Unmet);
    }

    #[test]
    fn a_value_of_another_type_is_refused_though_it_can_be_understood() {
        for code in ["double-encoded", "label-value", "malformed", "value-type"] {
            let answer = |gravity| answer("['1']", vec![flawed(says(Status::Generated), code, gravity)]);
            assert_eq!(answer(Gravity::Deviation), Outcome::Unmet, "{code}");
            assert_eq!(answer(Gravity::Note), Outcome::Met, "{code}");
        }
        let other = flawed(says(Status::Generated), "carrier", Gravity::Fault);
        assert_eq!(answer("['1']", vec![other]), Outcome::Met);
    }
}
