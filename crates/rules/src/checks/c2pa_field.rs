//! `c2pa.field`: the manifest names who, what, when and under which number.

use crate::{Case, Check, Judge, Judgement, manifests};
use indicia_core::{Channel, Field, Look, MediaKind};
use indicia_marks::Scheme;
use serde::{Deserialize, Deserializer, de::Error};

pub(super) static CHECK: Check = Check {
    name: "c2pa.field",
    about: "Met if the manifest holds and has a value in each of `fields`. Where only the provider's name is missing and the \
            certificate names somebody, it cannot be told: the signer may be the provider or a third party.",
    build: |params| Ok(Box::new(params.try_into::<Fields>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(deserialize_with = "fields")]
    fields: Vec<Field>,
}

pub(super) fn fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let named =
        |name: String| Field::named(&name).ok_or_else(|| D::Error::custom(format!("no field `{name}`")));
    names.into_iter().map(named).collect()
}

impl Judge for Fields {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let mark = match manifests::holding(case) {
            Ok(mark) => mark,
            Err(judgement) => return judgement,
        };
        let value = |field: &Field| mark.claim.field(*field);
        let lacks: Vec<_> = self.fields.iter().filter(|field| value(field).is_empty()).copied().collect();
        let signer = mark.claim.field(Field::Signer);
        match lacks.as_slice() {
            [] => {
                let said = self
                    .fields
                    .iter()
                    .map(|field| format!("{} {}", field.name().replace('_', " "), value(field)));
                Judgement::met(format!("the manifest says {}", said.collect::<Vec<_>>().join(", ")))
            }
            [Field::Producer] if !signer.is_empty() => Judgement::unknown(format!(
                "the manifest names no provider; {signer} signed it, who may be the provider or a third party"
            )),
            lacks => {
                let names = lacks.iter().map(|field| field.name().replace('_', " ")).collect::<Vec<_>>();
                Judgement::unmet(format!("the manifest lacks: {}", names.join(", ")))
            }
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
    use crate::specimen::{flawed, label, outcome, signed};
    use indicia_core::{Field, Gravity};

    #[test]
    fn every_field_counts_and_a_signer_may_be_the_provider() {
        let params = toml::toml! { fields = ["producer", "system"] };
        for (fields, expected) in [
            (vec![Field::Producer, Field::System], Outcome::Met),
            (vec![Field::System], Outcome::Unmet),
            (vec![Field::System, Field::Signer], Outcome::Unknown),
            (vec![Field::Producer, Field::Signer], Outcome::Unmet),
            (vec![Field::Signer], Outcome::Unmet),
        ] {
            let named: Vec<_> = fields.iter().map(|field| (*field, "x")).collect();
            assert_eq!(outcome(&CHECK, &params, &signed(vec![label(None, &named)])), expected, "{fields:?}");
        }
        let all = label(None, &[(Field::Producer, "x"), (Field::System, "x")]);
        let broken = signed(vec![flawed(all, "c2pa-broken", Gravity::Fault)]);
        assert_eq!(outcome(&CHECK, &params, &broken), Outcome::Unmet);
        assert_eq!(outcome(&CHECK, &params, &signed(vec![])), Outcome::Unmet);
    }
}
