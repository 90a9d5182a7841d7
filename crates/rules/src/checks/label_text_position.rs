//! `label.text.position`: where in a text a written notice stands.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, MediaKind, Position};
use indicia_marks::Scheme;

pub(super) static CHECK: Check = Check {
    name: "label.text.position",
    about: "Met if a written notice stands at the start, the end or a fitting place in the middle of a text.",
    build: |_| Ok(Box::new(InText)),
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

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn concerns(&self) -> Option<Channel> {
        Some(Channel::Explicit)
    }
}
