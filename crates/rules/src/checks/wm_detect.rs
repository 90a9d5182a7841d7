//! `wm.detect`: a watermark is in the content.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, watermarks};
use indicia_core::{Channel, Look, MediaKind};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "wm.detect",
    about: "Met if a watermark that this program reads is in the content. Of watermarks whose detector is not built in, \
            nothing can be told.",
    build: |params| plain(params, Detect),
};

#[derive(Debug)]
struct Detect;

impl Judge for Detect {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        match watermarks::found(case) {
            Ok(marks) => Judgement::met(watermarks::told(&marks)),
            Err(judgement) => judgement,
        }
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Watermark
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        watermarks::wants(kind)
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        watermarks::lacks(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Watermark)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{doubtful, label, labelled, outcome, unseen, watermarked};
    use indicia_core::Channel;

    #[test]
    fn no_detector_is_not_the_same_as_no_watermark() {
        for (evidence, expected) in [
            (watermarked(vec![label(None, &[])]), Outcome::Met),
            (watermarked(vec![doubtful(label(None, &[]))]), Outcome::Unmet),
            (watermarked(vec![]), Outcome::Unmet),
            (unseen("watermark", Channel::Watermark), Outcome::Unknown),
            (labelled(vec![label(None, &[])]), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
