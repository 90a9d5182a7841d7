//! `human`: what only a person, a document or a running service can show.

use crate::{Case, Check, Judge, Judgement};

pub(super) static CHECK: Check = Check {
    name: "human",
    about: "Never decided from the file: says what has to be looked at instead.",
    build: |_| Ok(Box::new(Human)),
};

#[derive(Debug)]
struct Human;

impl Judge for Human {
    fn judge(&self, _: &Case<'_>) -> Judgement {
        Judgement::unknown("a person has to decide")
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::Outcome;
    use crate::specimen::{drawn, labelled, noticed, outcome};

    #[test]
    fn no_file_decides_it() {
        for evidence in [labelled(vec![]), noticed(vec![drawn(9, 9, 21.0)])] {
            assert_eq!(outcome(&CHECK, &toml::Table::new(), &evidence), Outcome::Unknown);
        }
    }
}
