//! `label.audio.prefix`: sound has a spoken notice or the rhythm, at its start, end or middle.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.audio.prefix",
    about: "Met if sound has a spoken notice or the rhythm short-long-short-short at its start, end or middle.",
    build: |params| plain(params, InSound),
};

#[derive(Debug)]
struct InSound;

impl Judge for InSound {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Rhythm { .. } | Form::Spoken { .. } => {
                let at: Vec<_> = notice.positions.iter().map(|position: &Position| position.name()).collect();
                Some(Ok(format!("{}, {}", labels::form(&notice.form), at.join(" and "))))
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
    use crate::specimen::{drawn, noticed, outcome, rhythm, spoken, written};

    #[test]
    fn what_is_heard_counts_and_nothing_else() {
        let params = toml::Table::new();
        for (notice, expected) in [
            (rhythm(100.0, 300.0), Outcome::Met),
            (spoken(0.0), Outcome::Met),
            (written("AI生成", &[]), Outcome::Unmet),
            (drawn(9, 99, 9.0), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
