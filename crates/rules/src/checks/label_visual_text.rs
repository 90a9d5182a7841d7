//! `label.visual.text`: the words of a notice that is seen or read.

use crate::{Case, Check, Judge, Judgement, labels};
use indicia_core::{Channel, Form, Look, MediaKind};
use indicia_marks::Scheme;
use regex_lite::Regex;
use serde::{Deserialize, Deserializer, de::Error};

pub(super) static CHECK: Check = Check {
    name: "label.visual.text",
    about: "Met if a notice that is seen or read has words that fit `regex`; `worded = false` says that this program words no such \
            notice.",
    build: |params| Ok(Box::new(params.try_into::<Words>()?)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    #[serde(deserialize_with = "regex")]
    regex: Regex,
    /// Whether this program words such notices.
    #[serde(default = "yes")]
    worded: bool,
}

fn yes() -> bool {
    true
}

fn regex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    Regex::new(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

impl Judge for Words {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        labels::notice(case, |notice, _| match notice.form {
            Form::Drawn { .. } | Form::Written if self.regex.is_match(&notice.words.replace('\n', " ")) => {
                Some(Ok(format!("the {} says \"{}\"", labels::form(&notice.form), notice.words)))
            }
            Form::Drawn { .. } | Form::Written => {
                Some(Err(format!("the {} says \"{}\"", labels::form(&notice.form), notice.words)))
            }
            Form::Rhythm { .. } | Form::Spoken { .. } => None,
        })
    }

    fn looks_into(&self, look: &Look) -> bool {
        look.channel == Channel::Explicit
    }

    fn wants(&self, kind: MediaKind) -> Vec<&'static Scheme> {
        labels::wants_notice(kind)
    }

    fn lacks(&self, _: MediaKind) -> Option<String> {
        (!self.worded).then(|| {
            "this version words no such notice: the words have to be set in the content itself".into()
        })
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
    fn words_fit_also_over_two_lines() {
        let params = toml::toml! { regex = "^AI.*生成$" };
        for (notice, expected) in [
            (drawn(9, 99, 9.0), Outcome::Met),
            (written("AI 生成", &[]), Outcome::Met),
            (written("AI\n生成", &[]), Outcome::Met),
            (written("生成 AI", &[]), Outcome::Unmet),
            (written("", &[]), Outcome::Unmet),
            (spoken(140.0), Outcome::Unmet),
            (rhythm(100.0, 300.0), Outcome::Unmet),
        ] {
            let said = outcome(&CHECK, &params, &noticed(vec![notice.clone()]));
            assert_eq!(said, expected, "{notice:?}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_refused() {
        assert!((CHECK.build)(toml::toml! { regex = "(" }).is_err());
    }
}
