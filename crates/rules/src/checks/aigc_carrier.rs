//! `aigc.carrier`: whether the AIGC label stands where the guides put it, in the form they give.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.carrier",
    about: "Met if the AIGC label stands in the place that the TC260 practice guide for this medium names, coded as it says.",
    build: |_| Ok(Box::new(AigcCarrier)),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::CARRIER, codes::ENCODING, codes::NAMESPACE];

#[derive(Debug)]
struct AigcCarrier;

impl Judge for AigcCarrier {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, "the label stands where the guide puts it")
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, labelled, outcome};
    use indicia_core::{Gravity, Status};

    #[test]
    fn its_flaws_decide_and_no_others() {
        let params = toml::Table::new();
        let answer = |code, gravity| {
            let label = flawed(label(Some(Status::Generated), &[]), code, gravity);
            outcome(&CHECK, &params, &labelled(vec![label]))
        };
        for code in ["carrier", "encoding", "namespace"] {
            assert_eq!(answer(code, Gravity::Fault), Outcome::Unmet, "{code}");
            assert_eq!(answer(code, Gravity::Deviation), Outcome::Unmet, "{code}");
            assert_eq!(answer(code, Gravity::Note), Outcome::Met, "{code}");
        }
        assert_eq!(answer("another", Gravity::Fault), Outcome::Met);
    }
}
