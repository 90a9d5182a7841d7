//! `text.tokens`: a text that is long enough has a watermark.

use crate::{Case, Check, Judge, Judgement, Outcome, watermarks};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "text.tokens",
    about: "Met if a watermark that this program reads is in the words. Whether a text without one is shorter than \
            `threshold` tokens cannot be told: which tokens count is not said.",
    build: |params| Ok(Box::new(params.try_into::<Tokens>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    threshold: u32,
}

impl Judge for Tokens {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match watermarks::found(case) {
            Ok(marks) => Judgement::met(watermarks::told(&marks)),
            Err(Judgement { outcome: Outcome::Unmet | Outcome::Unknown | Outcome::Met, why }) => {
                Judgement::unknown(format!("{why}; a text under {} tokens needs none", self.threshold))
            }
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Watermark
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        watermarks::wants(kind)
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        watermarks::lacks(kind).map(|why| format!("{why}; a text under {} tokens needs none", self.threshold))
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Watermark)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{label, labelled, outcome, watermarked};

    #[test]
    fn without_a_watermark_the_length_decides_which_is_not_known() {
        let params = toml::toml! { threshold = 200 };
        for (evidence, expected) in [
            (watermarked(vec![label(None, &[])]), Outcome::Met),
            (watermarked(vec![]), Outcome::Unknown),
            (labelled(vec![]), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{evidence:?}");
        }
    }
}
