//! `label.visual.contrast`: how well a drawn notice stands out.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look};
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "label.visual.contrast",
    about: "Met if the least contrast between the glyphs of a drawn notice and their surroundings is at least `min`, \
            as WCAG 2.2 computes it (1 to 21), on the pixels as encoded.",
    build: |params| Ok(Box::new(params.try_into::<Contrast>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contrast {
    min: f32,
}

impl Judge for Contrast {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Drawn { contrast, .. } => {
                let said = format!("contrast {contrast:.1} to 1");
                Some(if contrast >= self.min { Ok(said) } else { Err(said) })
            }
            _ => None,
        })
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
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
    fn the_least_contrast_is_enough_and_less_is_not() {
        let params = toml::toml! { min = 4.5 };
        for (notice, expected) in [
            (drawn(50, 1000, 4.5), Outcome::Met),
            (drawn(50, 1000, 4.49), Outcome::Unmet),
            (drawn(50, 1000, f32::NAN), Outcome::Unmet),
            (written("AI生成", &[]), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
