//! `label.audio.spoken`: sound has a spoken notice before it starts.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.audio.spoken",
    about: "Met if words are spoken before the sound starts. Tones, which only China names as a notice, do not count.",
    build: |params| plain(params, Spoken),
};

#[derive(Debug)]
struct Spoken;

impl Judge for Spoken {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Spoken { .. } if notice.positions.contains(&Position::Start) => {
                Some(Ok("spoken at the start".into()))
            }
            Form::Spoken { .. } => Some(Err("not spoken at the start".into())),
            _ => None,
        })
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        Scheme::named("spoken").filter(|scheme| scheme.suits(kind)).into_iter().collect()
    }

    fn lacks(&self, kind: MediaKind) -> Option<String> {
        self.wants(kind).is_empty().then(|| format!("nothing is spoken in {}", kind.name()))
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{notice, noticed, outcome, rhythm, spoken, unseen};
    use indicia_core::{Channel, Form, Position};

    #[test]
    fn words_before_the_sound_and_no_tones() {
        let late = notice(Form::Spoken { characters_per_minute: 140.0 }, "x", &[Position::End]);
        for (evidence, expected) in [
            (noticed(vec![spoken(140.0)]), Outcome::Met),
            (noticed(vec![late]), Outcome::Unmet),
            (noticed(vec![rhythm(100.0, 300.0)]), Outcome::Unmet),
            (noticed(vec![]), Outcome::Unmet),
            (unseen("spoken", Channel::Explicit), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }
}
