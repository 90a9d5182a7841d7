//! `aigc.carrier`: whether the AIGC label stands where the guides put it, in the form they give.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::Look;
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.carrier",
    about: "Met if the AIGC label stands in the place that the TC260 practice guide for this medium names, coded as it says.",
    build: |params| plain(params, AigcCarrier),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::CARRIER, codes::ENCODING, codes::NAMESPACE];

#[derive(Debug)]
struct AigcCarrier;

impl Judge for AigcCarrier {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, "the label stands where the guide puts it")
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == labels::AIGC
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::specimen::decided_by_flaws;

    #[test]
    fn its_flaws_decide_and_no_others() {
        let params = toml::Table::new();
        decided_by_flaws(&CHECK, &params, &["carrier", "encoding", "namespace"]);
    }
}
