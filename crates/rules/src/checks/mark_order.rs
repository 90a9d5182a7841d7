//! `mark.order`: the signature was made last, over every other mark.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, Outcome, manifests};
use indicia_core::{Channel, Look};

pub(super) static CHECK: Check = Check {
    name: "mark.order",
    about: "Met if the file has a manifest that holds: whatever was written after it would have broken it. Without a \
            manifest there is nothing that an order could break, which cannot be told from a manifest taken off.",
    build: |params| plain(params, LastOfAll),
};

#[derive(Debug)]
struct LastOfAll;

impl Judge for LastOfAll {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match (manifests::store(case), manifests::holding(case)) {
            (_, Ok(_)) => Judgement::met("the manifest holds, so that nothing was written after it"),
            (Ok(_), Err(judgement)) => judgement,
            (Err(Judgement { outcome: Outcome::Unknown, why }), _) => Judgement::unknown(why),
            (Err(_), _) => Judgement::unknown("there is no manifest that an order could break"),
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
    use crate::specimen::{flawed, label, outcome, signed, unseen};
    use indicia_core::{Channel, Gravity};

    #[test]
    fn a_manifest_that_holds_was_made_last() {
        let broken = flawed(label(None, &[]), "c2pa-broken", Gravity::Fault);
        for (evidence, expected) in [
            (signed(vec![label(None, &[])]), Outcome::Met),
            (signed(vec![broken]), Outcome::Unmet),
            (signed(vec![]), Outcome::Unknown),
            (unseen("c2pa", Channel::Manifest), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
