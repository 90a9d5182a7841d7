//! `c2pa.text`: a text has a C2PA manifest that holds. The judge of `c2pa.valid`, under the name that rules for text use.

use super::c2pa_valid::Valid;
use crate::Check;
use crate::check::plain;

pub(super) static CHECK: Check = Check {
    name: "c2pa.text",
    about: "Met if a text has a C2PA manifest, in characters that are not seen or in a block of its own, and it validates. A signer that no given trust list \
            names does not count against it; a manifest that only stands in the network cannot be told.",
    build: |params| plain(params, Valid),
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{flawed, label, outcome, signed};
    use indicia_core::{Gravity, Status};

    #[test]
    fn a_broken_manifest_is_none() {
        let manifest = || label(Some(Status::Generated), &[]);
        let broken = flawed(manifest(), "c2pa-broken", Gravity::Fault);
        assert_eq!(outcome(&CHECK, &toml::Table::new(), &signed(vec![manifest()])), Outcome::Met);
        assert_eq!(outcome(&CHECK, &toml::Table::new(), &signed(vec![broken])), Outcome::Unmet);
    }
}
