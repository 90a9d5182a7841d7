use std::fmt;

use crate::profile::Sort;
use crate::{Date, Fact, Profile, Value};
use serde::{Deserialize, Deserializer, de::Error};

/// Something that holds or not by what a profile says.
///
/// Written `is-deepfake`, `not artistic`, `monthly-users > 1000000`, `placed-on-market < 2026-08-02`,
/// `output-class = source-code`, `edits has filter`. A text holds by itself if it is not empty.
#[derive(Clone, Debug)]
pub struct Condition {
    fact: &'static Fact,
    test: Test,
    written: String,
}

#[derive(Clone, Debug)]
enum Test {
    Is(bool),
    Number(Order, u64),
    Day(Order, Date),
    Equals(String),
    Has(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Less,
    More,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does not.
    No,
    /// The profile does not say.
    Open,
    /// It does.
    Yes,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// In words, if it names no fact, or asks of a fact what its sort cannot answer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_whitespace().collect();
        let known = |name: &str| {
            let all = || crate::FACTS.iter().map(|fact| fact.name).collect::<Vec<_>>().join(", ");
            Fact::named(name)
                .ok_or_else(|| format!("`{name}` in `{text}` is no fact of a profile; there are: {}", all()))
        };
        let (fact, test) = match words.as_slice() {
            [name] => (known(name)?, Test::Is(true)),
            ["not", name] => (known(name)?, Test::Is(false)),
            [name, "=", value] => (known(name)?, Test::Equals((*value).into())),
            [name, "has", value] => (known(name)?, Test::Has((*value).into())),
            [name, sign @ ("<" | ">"), value] => {
                let order = if *sign == "<" { Order::Less } else { Order::More };
                let fact = known(name)?;
                let test = match (value.parse(), Date::parse(value)) {
                    (Ok(number), _) => Test::Number(order, number),
                    (_, Some(day)) => Test::Day(order, day),
                    _ => return Err(format!("`{value}` in `{text}` is neither a number nor a day")),
                };
                (fact, test)
            }
            _ => {
                return Err(format!(
                    "`{text}` is no condition: write `FACT`, `not FACT`, `FACT > NUMBER`, `FACT < DAY`, `FACT = WORD` or `FACT has WORD`"
                ));
            }
        };
        let fits = matches!(
            (fact.sort, &test),
            (Sort::Flag | Sort::Text, Test::Is(_))
                | (Sort::Number, Test::Number(..))
                | (Sort::Day, Test::Day(..))
                | (Sort::Text, Test::Equals(_))
                | (Sort::List, Test::Has(_))
        );
        if !fits {
            return Err(format!("`{text}`: `{}` is a {:?} and cannot be asked that", fact.name, fact.sort));
        }
        Ok(Self { fact, test, written: words.join(" ") })
    }

    /// Whether it holds.
    pub fn holds(&self, profile: &Profile) -> Truth {
        let Some(value) = (self.fact.read)(profile) else { return Truth::Open };
        let holds = match (&self.test, value) {
            (Test::Is(expected), Value::Flag(flag)) => flag == *expected,
            (Test::Is(expected), Value::Text(text)) => text.is_empty() != *expected,
            (Test::Number(order, bound), Value::Number(number)) => order.holds(&number, bound),
            (Test::Day(order, bound), Value::Day(day)) => order.holds(&day, bound),
            (Test::Equals(expected), Value::Text(text)) => text == expected,
            (Test::Has(word), Value::List(list)) => list.contains(word),
            _ => false,
        };
        if holds { Truth::Yes } else { Truth::No }
    }

    /// What to answer to know it.
    pub fn ask(&self) -> String {
        self.fact.ask()
    }
}

impl Order {
    fn holds<T: Ord>(self, value: &T, bound: &T) -> bool {
        match self {
            Self::Less => value < bound,
            Self::More => value > bound,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Condition, Truth};
    fn holds(condition: &str, profile: &str) -> Truth {
        Condition::parse(condition).unwrap().holds(&toml::from_str(profile).unwrap())
    }

    #[test]
    fn what_is_not_said_is_open_and_never_no() {
        for condition in
            ["is-deepfake", "not is-deepfake", "monthly-users > 3", "editor-of-record", "edits has crop"]
        {
            assert_eq!(holds(condition, ""), Truth::Open, "{condition}");
        }
    }

    #[test]
    fn every_sort_of_fact_answers() {
        use Truth::{No, Yes};
        for (condition, profile, expected) in [
            ("is-deepfake", "is-deepfake = true", Yes),
            ("is-deepfake", "is-deepfake = false", No),
            ("not is-deepfake", "is-deepfake = false", Yes),
            ("monthly-users > 1000000", "monthly-users = 1000000", No),
            ("monthly-users > 1000000", "monthly-users = 1000001", Yes),
            ("monthly-users < 3", "monthly-users = 2", Yes),
            ("placed-on-market < 2026-08-02", "placed-on-market = '2026-08-01'", Yes),
            ("placed-on-market < 2026-08-02", "placed-on-market = '2026-08-02'", No),
            ("editor-of-record", "editor-of-record = ''", No),
            ("editor-of-record", "editor-of-record = 'A. Editor'", Yes),
            ("output-class = source-code", "output-class = 'source-code'", Yes),
            ("output-class = source-code", "output-class = 'content'", No),
            ("edits has crop", "edits = ['denoise', 'crop']", Yes),
            ("edits has crop", "edits = []", No),
        ] {
            assert_eq!(holds(condition, profile), expected, "{condition} with {profile}");
        }
    }

    #[test]
    fn a_wrong_condition_is_refused_with_what_would_do() {
        for (wrong, said) in [
            ("is-deepfak", "no fact of a profile; there are: advertisement"),
            ("monthly-users", "cannot be asked that"),
            ("is-deepfake > 3", "cannot be asked that"),
            ("monthly-users > 2026-01-01", "cannot be asked that"),
            ("monthly-users > many", "neither a number nor a day"),
            ("", "no condition"),
            ("is-deepfake or artistic", "no condition"),
        ] {
            let refused = Condition::parse(wrong).unwrap_err();
            assert!(refused.contains(said), "{wrong}: {refused}");
        }
    }
}
