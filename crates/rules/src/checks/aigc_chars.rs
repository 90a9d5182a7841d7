//! `aigc.chars`: the characters that the AIGC label's values are made of.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::Look;
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.chars",
    about: "Met if the values of the AIGC label are made of the characters that GB 45438-2025 Annex E j) names: 0x21, 0x23 to 0x5B, 0x5D to 0x7E and an escaped quote.",
    build: |params| plain(params, AigcChars),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::CHARS];

#[derive(Debug)]
struct AigcChars;

impl Judge for AigcChars {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, "only characters of Annex E j)")
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
        decided_by_flaws(&CHECK, &params, &["chars"]);
    }
}
