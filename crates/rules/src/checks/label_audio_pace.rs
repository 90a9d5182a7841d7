//! `label.audio.pace`: how fast a spoken notice is spoken.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind};
use indicia_marks::Scheme;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "label.audio.pace",
    about: "Met if a spoken notice has between `min` and `max` characters a minute, or if the rhythm is used instead.",
    build: |params| Ok(Box::new(params.try_into::<Pace>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pace {
    min: f32,
    max: f32,
}

impl Judge for Pace {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let judgement = labels::notice(case, |notice, _| match notice.form {
            Form::Spoken { characters_per_minute: pace } if pace > 0.0 => {
                let said = format!("{pace:.0} characters a minute");
                Some(if (self.min..=self.max).contains(&pace) { Ok(said) } else { Err(said) })
            }
            Form::Rhythm { .. } => Some(Ok("the rhythm is used, nothing is spoken".into())),
            _ => None,
        });
        let of_unknown_pace = case.evidence.looks.iter().any(|look| match &look.seen {
            indicia_core::Seen::Present(marks) => marks.iter().any(|mark| {
                matches!(&mark.notice, Some(notice) if matches!(notice.form, Form::Spoken { characters_per_minute: 0.0 }))
            }),
            _ => false,
        });
        if of_unknown_pace { Judgement::unknown("the pace of the recording is not known") } else { judgement }
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
    fn both_ends_count_and_an_unknown_pace_is_unknown() {
        let params = toml::toml! { min = 120.0 max = 160.0 };
        for (notice, expected) in [
            (spoken(120.0), Outcome::Met),
            (spoken(160.0), Outcome::Met),
            (spoken(119.0), Outcome::Unmet),
            (spoken(161.0), Outcome::Unmet),
            (spoken(0.0), Outcome::Unknown),
            (rhythm(100.0, 300.0), Outcome::Met),
            (written("AI生成", &[]), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
