//! `label.visual.size`: how high the glyphs of a drawn notice are.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "label.visual.size",
    about: "Met if the lowest glyph of a drawn notice is at least `min_ratio` of the picture's shorter side high. The \
            glyph's rendered box is measured, since the standard does not say what text height is.",
    build: |params| Ok(Box::new(params.try_into::<Size>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    min_ratio: f64,
}

impl Judge for Size {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Drawn { glyph_height, short_side, .. } => {
                let ratio = f64::from(glyph_height) / f64::from(short_side.max(1));
                let said = format!("glyphs {glyph_height} px of {short_side} px, {:.1} %", ratio * 100.0);
                Some(if ratio >= self.min_ratio { Ok(said) } else { Err(said) })
            }
            _ => None,
        })
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{drawn, noticed, outcome, written};

    #[test]
    fn five_in_a_hundred_is_enough_and_less_is_not() {
        let params = toml::toml! { min_ratio = 0.05 };
        for (notice, expected) in [
            (drawn(50, 1000, 21.0), Outcome::Met),
            (drawn(49, 1000, 21.0), Outcome::Unmet),
            (drawn(51, 1000, 1.0), Outcome::Met),
            (drawn(1, 0, 21.0), Outcome::Met),
            (drawn(0, 0, 21.0), Outcome::Unmet),
            (written("AI生成", &[]), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
