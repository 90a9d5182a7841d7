//! `c2pa.softbinding`: the manifest names the watermark that leads back to it.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Look};

pub(super) static CHECK: Check = Check {
    name: "c2pa.softbinding",
    about: "Met if the manifest holds and has a soft binding, the watermark or fingerprint by which it is found again once it \
            is taken off.",
    build: |params| plain(params, SoftBinding),
};

#[derive(Debug)]
struct SoftBinding;

impl Judge for SoftBinding {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match manifests::holding(case) {
            Ok(mark) if mark.has("c2pa-soft-binding") => Judgement::met("the manifest has a soft binding"),
            Ok(_) => Judgement::unmet("the manifest has no soft binding"),
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
    use crate::specimen::{flawed, label, outcome, signed, unseen};
    use indicia_core::{Channel, Gravity};

    #[test]
    fn only_a_manifest_that_names_one_has_one() {
        let bound = flawed(label(None, &[]), "c2pa-soft-binding", Gravity::Note);
        for (evidence, expected) in [
            (signed(vec![bound]), Outcome::Met),
            (signed(vec![label(None, &[])]), Outcome::Unmet),
            (unseen("c2pa", Channel::Manifest), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
