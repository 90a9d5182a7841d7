//! `label.audio.rhythm`: where the rhythm is used, it is short-long-short-short and plain to hear.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "label.audio.rhythm",
    about: "Met if the rhythm is short-long-short-short with a long tone of at least `min_ratio` short ones, or if \
            the notice is spoken instead.",
    build: |params| Ok(Box::new(params.try_into::<Rhythm>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rhythm {
    min_ratio: f32,
}

impl Judge for Rhythm {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Rhythm { short_ms, long_ms, tone_hz } => {
                let said = format!("short {short_ms:.0} ms, long {long_ms:.0} ms, {tone_hz:.0} Hz");
                Some(if long_ms >= self.min_ratio * short_ms { Ok(said) } else { Err(said) })
            }
            Form::Spoken { .. } => Some(Ok("the notice is spoken".into())),
            _ => None,
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
    use crate::specimen::{noticed, outcome, rhythm, spoken, written};

    #[test]
    fn the_long_tone_is_long_or_the_notice_is_spoken() {
        let params = toml::toml! { min_ratio = 2.0 };
        for (notice, expected) in [
            (rhythm(100.0, 200.0), Outcome::Met),
            (rhythm(100.0, 199.0), Outcome::Unmet),
            (rhythm(200.0, 100.0), Outcome::Unmet),
            (spoken(140.0), Outcome::Met),
            (written("AI生成", &[]), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
