//! `diff.preserved`: marks survive a step of a pipeline.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement};
use indicia_core::Look;

pub(super) static CHECK: Check = Check {
    name: "diff.preserved",
    about: "Not decided from one file: it takes the file before the step and the file after it, and \
            `indicia diff BEFORE AFTER` tells which marks were kept, lost or changed.",
    build: |params| plain(params, Preserved),
};

#[derive(Debug)]
struct Preserved;

impl Judge for Preserved {
    fn judge(&self, _: &Case<'_>) -> Judgement {
        Judgement::unknown("it takes the file before the step too: indicia diff BEFORE AFTER")
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{label, labelled, outcome};

    #[test]
    fn one_file_never_shows_it() {
        for evidence in [labelled(vec![]), labelled(vec![label(None, &[])])] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), Outcome::Unknown);
        }
    }
}
