//! `aigc.code`: the provider codes in the AIGC label.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.code",
    about: "Met if each producer and propagator is a plain name or a 27-character code of TC260-PG-20252A whose unified social credit code has the right check digit (GB 32100-2015).",
    build: |_| Ok(Box::new(AigcCode)),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::CODE];

#[derive(Debug)]
struct AigcCode;

impl Judge for AigcCode {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, "names and codes are well formed")
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
        assert_eq!(answer("code", Gravity::Fault), Outcome::Unmet);
        assert_eq!(answer("code", Gravity::Deviation), Outcome::Unmet);
        assert_eq!(answer("code", Gravity::Note), Outcome::Met);
        assert_eq!(answer("another", Gravity::Fault), Outcome::Met);
    }
}
