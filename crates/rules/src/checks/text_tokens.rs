//! `text.tokens`: a text that is long enough has a watermark.

use crate::{Case, Check, Judge, Judgement, watermarks};
use indicia_core::{Channel, Look, MediaKind, TextLength};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "text.tokens",
    about: "Met if a watermark that this program reads is in the words, or if these are fewer bytes than `threshold`: no token is \
            less than a byte. Not met if none is in more words than that: the tokenizers in common use join no words. What \
            lies between cannot be told: which tokens count is not said.",
    build: |params| Ok(Box::new(params.try_into::<Tokens>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    threshold: u64,
}

impl Judge for Tokens {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let without = match watermarks::found(case) {
            Ok(marks) => return Judgement::met(watermarks::told(&marks)),
            Err(without) => without,
        };
        let (least, why) = (self.threshold, &without.why);
        match case.evidence.length {
            Some(TextLength { bytes, .. }) if bytes < least && case.whole => Judgement::met(format!(
                "{bytes} bytes of text are fewer than {least} tokens, which need no watermark"
            )),
            Some(TextLength { words, .. }) if words > least => {
                Judgement { why: format!("{why}; {words} words are more than {least} tokens"), ..without }
            }
            Some(TextLength { words, bytes }) => Judgement::unknown(format!(
                "{why}; a text under {least} tokens needs none, and this one has {words} to {bytes}, by its words and bytes"
            )),
            None => Judgement::unknown(format!("{why}; a text under {least} tokens needs none")),
        }
    }

    fn measures(&self) -> bool {
        true
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
    use indicia_core::{Evidence, TextLength};

    #[test]
    fn without_a_watermark_the_length_decides_if_it_is_known() {
        let params = toml::toml! { threshold = 200 };
        let long = |evidence: Evidence, words, bytes| Evidence {
            length: Some(TextLength { words, bytes }),
            ..evidence
        };
        let none = || watermarked(vec![]);
        for (evidence, expected) in [
            (watermarked(vec![label(None, &[])]), Outcome::Met),
            (long(watermarked(vec![label(None, &[])]), 300, 2_000), Outcome::Met),
            (none(), Outcome::Unknown),
            (labelled(vec![]), Outcome::Unknown),
            (long(none(), 30, 199), Outcome::Met),
            (long(none(), 40, 200), Outcome::Unknown),
            (long(none(), 200, 1_200), Outcome::Unknown),
            (long(none(), 201, 1_200), Outcome::Unmet),
            (long(labelled(vec![]), 201, 1_200), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{evidence:?}");
        }
    }
}
