//! `aigc.schema`: the AIGC label can be read and has every key.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Look, MediaKind};
use indicia_marks::Scheme;
use indicia_marks::aigc::codes;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "aigc.schema",
    about: "Met if a field whose name contains AIGC holds the JSON of GB 45438-2025 Annex E b) with all the keys in \
            `needs`, spelled as there.",
    build: |params| Ok(Box::new(params.try_into::<AigcSchema>()?)),
};

/// The flaws that mean: not the text of Annex E b).
const CODES: &[&str] = &[
    codes::FOREIGN_KEYS,
    codes::JSON,
    codes::KEY_MISSING,
    codes::KEY_REPEATED,
    codes::KEY_SPELLING,
    codes::MALFORMED,
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AigcSchema {
    needs: Vec<Key>,
}

/// The keys of Annex E; a pack that names another is refused when it is read.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Key {
    Label,
    ContentProducer,
    ProduceID,
    ReservedCode1,
    ContentPropagator,
    PropagateID,
    ReservedCode2,
}

impl Judge for AigcSchema {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::without_flaws(case, CODES, &format!("the label has all {} keys", self.needs.len()))
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == labels::AIGC
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_aigc(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::specimen::decided_by_flaws;

    #[test]
    fn its_flaws_decide_and_no_others() {
        let params = toml::toml! { needs = ["Label", "ProduceID"] };
        decided_by_flaws(
            &CHECK,
            &params,
            &["foreign-keys", "json", "key-missing", "key-repeated", "key-spelling", "malformed"],
        );
    }

    #[test]
    fn a_key_the_standard_does_not_know_is_refused() {
        assert!((CHECK.build)(toml::toml! { needs = ["Label", "Colour"] }).is_err());
    }
}
