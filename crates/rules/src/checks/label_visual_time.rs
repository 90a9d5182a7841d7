//! `label.visual.time`: from when and how long a drawn notice is shown.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind, Position};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "label.visual.time",
    about: "Met if a notice is there from the first moment, and, where it is drawn, on at least `min_coverage` of all \
            frames: on a still picture on its only one, in sound and text at the start.",
    build: |params| Ok(Box::new(params.try_into::<Time>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    #[serde(default)]
    min_coverage: f64,
}

impl Judge for Time {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Drawn { frames, frames_in_all, .. } => {
                let said = format!("shown on {frames} of {frames_in_all} frames");
                let share = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
                let enough = share(frames) >= self.min_coverage * share(frames_in_all) && frames > 0;
                // On which frames it stands is not known, only on how many.
                let from_the_first = frames == frames_in_all;
                Some(if enough && from_the_first { Ok(said) } else { Err(said) })
            }
            Form::Rhythm { .. } | Form::Spoken { .. } | Form::Written => {
                let at_start = notice.positions.contains(&Position::Start);
                Some(if at_start { Ok("at the start".into()) } else { Err("not at the start".into()) })
            }
        })
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn any_of(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::any_notice(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{notice, noticed, outcome, unseen, written};
    use indicia_core::{Channel, Form, Mark, Position};

    fn on(frames: usize, frames_in_all: usize) -> Mark {
        let form = Form::Drawn { glyph_height: 9, short_side: 99, contrast: 9.0, frames, frames_in_all };
        notice(form, "AI", &[Position::Corner])
    }

    #[test]
    fn from_the_first_moment_and_long_enough() {
        let params = toml::toml! { min_coverage = 1.0 };
        for (evidence, expected) in [
            (noticed(vec![on(3, 3)]), Outcome::Met),
            (noticed(vec![on(2, 3)]), Outcome::Unmet),
            (noticed(vec![on(0, 0)]), Outcome::Unmet),
            (noticed(vec![written("x", &[Position::Start])]), Outcome::Met),
            (noticed(vec![written("x", &[Position::End])]), Outcome::Unmet),
            (unseen("visible", Channel::Explicit), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &params, &evidence), expected, "{evidence:?}");
        }
    }
}
