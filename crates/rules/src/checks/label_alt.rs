//! `label.alt`: assistive technology reaches the notice.

use crate::check::plain;
use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look};
use indicia_marks::ALTERNATIVE_TEXT;

pub(super) static CHECK: Check = Check {
    name: "label.alt",
    about: "Met if a notice is words in a text, which are read aloud as they are, or sounded. Of a notice drawn into a \
            picture it cannot be told: an alternative text in the file (IPTC Alt Text), which the reason names, helps only \
            if the page hands it on, and one may stand in the page around it.",
    build: |params| plain(params, Alternative),
};

#[derive(Debug)]
struct Alternative;

impl Judge for Alternative {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        let judgement = labels::notice(case, |notice, _| match notice.form {
            Form::Written => Some(Ok("words in the text".into())),
            Form::Rhythm { .. } | Form::Spoken { .. } => Some(Ok("sounded".into())),
            Form::Drawn { .. } => None,
        });
        let drawn = case.evidence.looks.iter().filter(|look| look.channel == Channel::Explicit);
        let drawn = drawn
            .flat_map(|look| case.evidence.marks(look.scheme))
            .find_map(|mark| Some((mark, mark.notice.as_ref()?)));
        match drawn {
            Some((mark, notice)) if matches!(notice.form, Form::Drawn { .. }) => {
                let flaw = mark.flaws.iter().find(|flaw| flaw.code == ALTERNATIVE_TEXT);
                Judgement::unknown(flaw.map_or_else(
                    || {
                        let words = &notice.words;
                        format!(
                            "the notice is drawn: does the page around the picture say \"{words}\" in an alternative text?"
                        )
                    },
                    |flaw| format!("{}; does the page hand it on to those who do not see?", flaw.text),
                ))
            }
            _ => judgement,
        }
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
    use super::{ALTERNATIVE_TEXT, CHECK};
    use crate::Outcome;
    use crate::specimen::{drawn, flawed, noticed, outcome, rhythm, unseen, written};
    use indicia_core::{Channel, Gravity, Position};

    #[test]
    fn words_are_reached_and_pictures_may_be() {
        for (evidence, expected) in [
            (noticed(vec![written("x", &[Position::Start])]), Outcome::Met),
            (noticed(vec![rhythm(100.0, 300.0)]), Outcome::Met),
            (noticed(vec![drawn(9, 99, 9.0)]), Outcome::Unknown),
            (noticed(vec![flawed(drawn(9, 99, 9.0), ALTERNATIVE_TEXT, Gravity::Note)]), Outcome::Unknown),
            (noticed(vec![]), Outcome::Unmet),
            (unseen("visible", Channel::Explicit), Outcome::Unknown),
        ] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), expected, "{evidence:?}");
        }
    }

    #[test]
    fn an_alternative_text_in_the_file_is_named_and_not_enough() {
        let evidence = noticed(vec![flawed(drawn(9, 99, 9.0), ALTERNATIVE_TEXT, Gravity::Note)]);
        let judge = (CHECK.build)(toml::Table::new()).unwrap();
        let why = judge.judge(&crate::specimen::case(&evidence)).why;
        assert!(why.starts_with("a flaw; does the page hand it on"), "{why}");
    }
}
