//! `c2pa.valid`: the file has a C2PA manifest that holds.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "c2pa.valid",
    about: "Met if the file has a C2PA manifest whose signature and hashes validate. A signer that no given trust list \
            names does not count against it; a manifest that only stands in the network cannot be told.",
    build: |params| plain(params, Valid),
};

/// Whether a manifest is there that holds.
#[derive(Debug)]
pub(super) struct Valid;

impl Judge for Valid {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match manifests::holding(case) {
            Ok(mark) => Judgement::met(format!("the C2PA manifest {} ({})", mark.raw, mark.place)),
            Err(judgement) => judgement,
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == manifests::C2PA
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        manifests::wants(kind)
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        manifests::lacks(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, labelled, outcome, signed, unseen};
    use indicia_core::{Channel, Evidence, Gravity, Status};

    #[test]
    fn what_does_not_hold_is_unmet_and_an_unknown_signer_is_none_of_its_faults() {
        let manifest = || label(Some(Status::Generated), &[]);
        for (evidence, expected) in [
            (signed(vec![manifest()]), Outcome::Met),
            (signed(vec![flawed(manifest(), "c2pa-untrusted", Gravity::Note)]), Outcome::Met),
            (signed(vec![flawed(manifest(), "c2pa-broken", Gravity::Fault)]), Outcome::Unmet),
            (signed(vec![flawed(manifest(), "c2pa-expired", Gravity::Deviation)]), Outcome::Unmet),
            (signed(vec![]), Outcome::Unmet),
            (Evidence::default(), Outcome::Unmet),
            (labelled(vec![manifest()]), Outcome::Unmet),
            (unseen("c2pa", Channel::Manifest), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
