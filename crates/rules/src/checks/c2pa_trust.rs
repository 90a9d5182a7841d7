//! `c2pa.trust`: the signer of the manifest is one that the given trust lists name.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Look};

pub(super) static CHECK: Check = Check {
    name: "c2pa.trust",
    about: "Met if the manifest holds and a trust list that was given names its signer. A signer that none names is not \
            called false: it cannot be told who it is.",
    build: |params| plain(params, Trusted),
};

#[derive(Debug)]
struct Trusted;

impl Judge for Trusted {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match manifests::holding(case) {
            Ok(mark) if mark.has("c2pa-trusted") => {
                Judgement::met("a trust list that was given names the signer")
            }
            Ok(_) => Judgement::unknown(
                "the manifest holds, and no trust list that was given names its signer: --trust-anchors takes one",
            ),
            Err(judgement) => judgement,
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == manifests::C2PA
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, outcome, signed};
    use indicia_core::Gravity;

    #[test]
    fn a_signer_nobody_names_is_unknown_and_not_false() {
        let with = |code, gravity| signed(vec![flawed(label(None, &[]), code, gravity)]);
        for (evidence, expected) in [
            (with("c2pa-trusted", Gravity::Note), Outcome::Met),
            (with("c2pa-untrusted", Gravity::Note), Outcome::Unknown),
            (with("c2pa-broken", Gravity::Fault), Outcome::Unmet),
            (signed(vec![]), Outcome::Unmet),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
