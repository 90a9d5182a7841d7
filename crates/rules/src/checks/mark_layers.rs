//! `mark.layers`: several layers of machine-readable marking.

use crate::{Case, Check, Judge, Judgement, Outcome, manifests, watermarks};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "mark.layers",
    about: "Met if at least `min` of these are there: signed metadata that holds, and a watermark. Metadata without a \
            signature, notices, fingerprints and logs are no layers.",
    build: |params| Ok(Box::new(params.try_into::<Layers>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layers {
    min: usize,
}

impl Judge for Layers {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let signed = match manifests::holding(case) {
            Ok(_) => Judgement::met("signed metadata that holds"),
            Err(judgement) => judgement,
        };
        let watermark = match watermarks::found(case) {
            Ok(_) => Judgement::met("a watermark"),
            Err(judgement) => judgement,
        };
        let layers = [signed, watermark];
        let count = |outcome: Outcome| layers.iter().filter(|layer| layer.outcome >= outcome).count();
        let why = layers.iter().map(|layer| layer.why.as_str()).collect::<Vec<_>>().join("; ");
        let (sure, possible) = (count(Outcome::Met), count(Outcome::Unknown));
        let said = format!("{sure} of {} layers: {why}", self.min);
        if sure >= self.min {
            Judgement::met(said)
        } else if possible >= self.min {
            Judgement::unknown(said)
        } else {
            Judgement::unmet(said)
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.scheme == manifests::C2PA || look.channel == Channel::Watermark
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        [manifests::wants(kind), watermarks::wants(kind)].concat()
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        (self.wants(kind).len() < self.min).then(|| {
            let parts = [manifests::lacks(kind), watermarks::lacks(kind)];
            parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{
        drawn, flawed, label, labelled, noticed, outcome, signed, together, unseen, watermarked,
    };
    use indicia_core::{Channel, Gravity};

    #[test]
    fn a_manifest_and_a_watermark_are_two_and_nothing_else_is_one() {
        let params = toml::toml! { min = 2 };
        let mark = || label(None, &[]);
        let (manifest, watermark) = (|| signed(vec![mark()]), || watermarked(vec![mark()]));
        let broken = signed(vec![flawed(mark(), "c2pa-broken", Gravity::Fault)]);
        let blind = || unseen("watermark", Channel::Watermark);
        for (parts, expected) in [
            (vec![manifest(), watermark()], Outcome::Met),
            (vec![manifest(), watermarked(vec![])], Outcome::Unmet),
            (vec![manifest(), blind()], Outcome::Unknown),
            (vec![broken, watermark()], Outcome::Unmet),
            (vec![signed(vec![]), blind()], Outcome::Unmet),
            (
                vec![
                    manifest(),
                    watermarked(vec![]),
                    labelled(vec![mark()]),
                    noticed(vec![drawn(9, 99, 9.0)]),
                ],
                Outcome::Unmet,
            ),
        ] {
            let evidence = together(parts);
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{evidence:?}");
        }
        assert_eq!(outcome(&CHECK, &toml::toml! { min = 1 }, &manifest()), Outcome::Met);
    }
}
