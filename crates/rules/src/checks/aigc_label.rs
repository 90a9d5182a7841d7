//! `aigc.label`: the AIGC label's values are of the right type, and `Label` is one of those allowed.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{MediaKind, Status};
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

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_aigc(kind)
    }
}
