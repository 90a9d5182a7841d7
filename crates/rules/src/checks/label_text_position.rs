//! `label.text.position`: where in a text a written notice stands.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.text.position",
    about: "Met if a written notice stands at the start, the end or a fitting place in the middle of a text.",
    build: |params| plain(params, InText),
};

#[derive(Debug)]
struct InText;

impl Judge for InText {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Written => Some(match notice.positions.first() {
                Some(position @ (Position::Start | Position::End | Position::Middle)) => {
                    Ok(format!("at the {}", position.name()))
                }
                _ => Err("its place is not known".into()),
            }),
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
    use indicia_core::Position;

    #[test]
    fn any_place_of_a_text_that_is_known() {
        let params = toml::Table::new();
        for (notice, expected) in [
            (written("x", &[Position::Start]), Outcome::Met),
            (written("x", &[Position::End]), Outcome::Met),
            (written("x", &[Position::Middle]), Outcome::Met),
            (written("x", &[Position::Start, Position::End]), Outcome::Met),
            (written("x", &[]), Outcome::Unmet),
            (written("x", &[Position::Corner]), Outcome::Unmet),
            (drawn(9, 99, 9.0), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }
}
