//! `aigc.security`: the signatures in the AIGC label.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, Outcome, labels};
use indicia_core::Look;
use indicia_marks::aigc::codes;

pub(super) static CHECK: Check = Check {
    name: "aigc.security",
    about: "Met if no security data in ReservedCode1 and ReservedCode2 (TC260-PG-202511A) is broken, has a signature that does not fit the label, or is signed with another key than those pinned for the name in the label; met, too, without security data and with such as cannot be verified. A signature that fits says that the label was not changed; who signed it is told only where a key is pinned for the name.",
    build: |params| plain(params, AigcSecurity),
};

/// The flaws that decide it.
const CODES: &[&str] = &[codes::SECURITY_BROKEN, codes::SECURITY_OTHER_KEY, codes::SECURITY_UNREAD];

#[derive(Debug)]
struct AigcSecurity;

impl Judge for AigcSecurity {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let judgement =
            labels::without_flaws(case, CODES, "no signature in the label is broken, or there is none");
        let has = |code: &str| labels::aigc(case).is_ok_and(|found| found.iter().any(|mark| mark.has(code)));
        match (judgement.outcome, has(codes::SECURITY_VALID), has(codes::SECURITY_UNSUPPORTED)) {
            (Outcome::Met, true, false) if has(codes::SECURITY_UNPINNED) => Judgement::met(
                "the signature fits the label, which was not changed since; who signed it cannot be told without a \
                 pinned key",
            ),
            (Outcome::Met, true, false) => {
                Judgement::met("the signature fits the label, with a key pinned for the name in it")
            }
            (Outcome::Met, _, true) => {
                Judgement::met("no signature is known to be broken; not all could be verified")
            }
            _ => judgement,
        }
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
        decided_by_flaws(&CHECK, &params, &["security-broken", "security-other-key", "security-unread"]);
    }
}
