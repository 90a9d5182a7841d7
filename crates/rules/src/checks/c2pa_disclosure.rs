//! `c2pa.disclosure`: the manifest tells of the model that made the content.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{AI_DISCLOSURE_PARTS, Channel, Field, Look};

pub(super) static CHECK: Check = Check {
    name: "c2pa.disclosure",
    about: "Met if the manifest holds and has an AI disclosure with each of its parts, unmet if it has one that lacks a part. \
            Without one it cannot be told: it is new in C2PA 2.4, and a manifest does not say of which version it is.",
    build: |params| plain(params, Disclosure),
};

#[derive(Debug)]
struct Disclosure;

impl Judge for Disclosure {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let mark = match manifests::holding(case) {
            Ok(mark) => mark,
            Err(judgement) => return judgement,
        };
        let told = mark.claim.field(Field::AiDisclosure);
        if told.is_empty() {
            return Judgement::unknown(
                "the manifest has no AI disclosure, which is new in C2PA 2.4; of earlier versions none is asked",
            );
        }
        let lacks: Vec<_> =
            AI_DISCLOSURE_PARTS.into_iter().filter(|part| told.split(", ").all(|has| has != *part)).collect();
        match lacks.as_slice() {
            [] => Judgement::met("the manifest has an AI disclosure with all its parts"),
            lacks => Judgement::unmet(format!("the AI disclosure lacks: {}", lacks.join(", "))),
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
    use crate::specimen::{label, outcome, signed};
    use indicia_core::Field;

    #[test]
    fn every_part_counts_and_none_at_all_says_nothing() {
        for (told, expected) in [
            ("", Outcome::Unknown),
            ("modelType, modelName, modelIdentifier, contentProfile", Outcome::Met),
            ("modelType, modelName, contentProfile", Outcome::Unmet),
            ("nothing", Outcome::Unmet),
        ] {
            let evidence = signed(vec![label(None, &[(Field::AiDisclosure, told)])]);
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{told}");
        }
    }
}
