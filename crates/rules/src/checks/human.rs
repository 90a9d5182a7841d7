//! `human`: what only a person can decide.

use crate::{Case, Check, Judge, Judgement};
use indicia_core::Look;
use serde::Deserialize;

pub(super) static CHECK: Check = Check {
    name: "human",
    about: "Never decided from the file: puts `question` to a person.",
    build: |params| Ok(Box::new(params.try_into::<Human>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Human {
    #[serde(default)]
    question: String,
}

impl Judge for Human {
    fn judge(&self, _: &Case<'_>) -> Judgement {
        let question = Some(&self.question).filter(|question| !question.is_empty());
        Judgement::unknown(question.map_or("a person has to decide", String::as_str))
    }

    fn looks_into(&self, _: &Look) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{case, drawn, labelled, noticed, outcome};

    #[test]
    fn no_file_decides_it() {
        for evidence in [labelled(vec![]), noticed(vec![drawn(9, 9, 21.0)])] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), Outcome::Unknown);
        }
    }

    #[test]
    fn the_question_is_the_reason() {
        let judge = (CHECK.build)(toml::toml! { question = "is it art?" }).unwrap();
        assert_eq!(judge.judge(&case(&labelled(vec![]))).why, "is it art?");
    }
}
