//! `aigc.code`: the provider codes in the AIGC label.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::Look;
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.code",
    about: "Met if each producer and propagator is a plain name or a 27-character code of TC260-PG-20252A whose unified social credit code has the right check digit (GB 32100-2015).",
    build: |params| plain(params, AigcCode),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::CODE];

#[derive(Debug)]
struct AigcCode;

impl Judge for AigcCode {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, "names and codes are well formed")
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
        decided_by_flaws(&CHECK, &params, &["code"]);
    }
}
