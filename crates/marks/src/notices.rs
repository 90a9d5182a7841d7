//! The words of notices in languages beside Chinese and English: a table, and how a line of one is read again.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::notice_line::Reading;
use crate::words::Length;
use indicia_core::{Claim, Origin, Status};
use serde::Deserialize;

/// One language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Its code (ISO 639-1).
    pub code: String,
    /// Its name, in English.
    pub name: String,
    /// Whether the bundled font has its letters, and they stand one by one.
    #[serde(default = "yes")]
    pub drawn: bool,
    /// For pictures: generated, altered, possibly, suspected.
    short: [String; 4],
    /// For texts: the same.
    long: [String; 4],
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    language: Vec<Wording>,
}

static TABLE: LazyLock<Vec<Wording>> = LazyLock::new(|| {
    // A test holds the table to it that it can be read.
    toml::from_str::<Table>(include_str!("../notices.toml")).map(|table| table.language).unwrap_or_default()
});

/// Which of the four the words say, by all words of the table in lower case.
static KNOWN: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let each = TABLE.iter().flat_map(|wording| [&wording.short, &wording.long]);
    each.flat_map(|four| four.iter().map(|words| words.to_lowercase()).zip(0..)).collect()
});

/// Every language, by code.
pub fn wordings() -> &'static [Wording] {
    &TABLE
}

impl Wording {
    /// The language of this code.
    pub fn named(code: &str) -> Option<&'static Self> {
        TABLE.iter().find(|wording| wording.code == code)
    }

    /// The words for a claim; `None` for one that has no notice.
    pub fn words(&self, length: Length, claim: &Claim) -> Option<&str> {
        let each = match length {
            Length::Long => &self.long,
            Length::Short => &self.short,
        };
        let at = match claim.status? {
            Status::Generated if claim.origin == Some(Origin::Altered) => 1,
            Status::Generated => 0,
            Status::Possible => 2,
            Status::Suspected => 3,
            Status::NotGenerated => return None,
        };
        each.get(at).map(String::as_str)
    }
}

/// How a clause in one of these languages reads: only the very words of the table are known.
pub(crate) fn read(clause: &str) -> Option<Reading> {
    let clause = clause.trim();
    if clause.is_ascii() && !clause.contains("IA") && !clause.contains("KI") {
        return None;
    }
    let (status, origin) = match KNOWN.get(&clause.to_lowercase())? {
        0 => (Status::Generated, Some(Origin::Generated)),
        1 => (Status::Generated, Some(Origin::Altered)),
        2 => (Status::Possible, None),
        _ => (Status::Suspected, None),
    };
    Some(Reading { status, origin, sure: true, is_bare: false })
}

#[cfg(test)]
mod tests {
    use super::{Table, Wording, read, wordings};
    use crate::words::Length;
    use indicia_core::{Claim, Origin, Status};

    fn claim(status: Status, origin: Option<Origin>) -> Claim {
        Claim { status: Some(status), origin, ..Claim::default() }
    }

    #[test]
    fn every_language_says_each_of_the_four_in_words_of_its_own() {
        let table: Table = toml::from_str(include_str!("../notices.toml")).unwrap();
        assert!(
            table.language.len() >= 10 && table.language.is_sorted_by_key(|wording| wording.code.clone())
        );
        let words = table.language.iter().flat_map(|one| one.short.iter().chain(&one.long));
        let mut all: Vec<String> = words.map(|words| words.to_lowercase()).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "two notices share their words");
        for words in all {
            assert!(!words.contains([',', '.', ';', ':', '!', '(', '/']), "{words}: punctuation parts it");
        }
    }

    #[test]
    fn what_is_worded_is_read_again_and_nothing_else() {
        for wording in wordings() {
            for length in [Length::Short, Length::Long] {
                for (status, origin) in [
                    (Status::Generated, Some(Origin::Generated)),
                    (Status::Generated, Some(Origin::Altered)),
                    (Status::Possible, None),
                    (Status::Suspected, None),
                ] {
                    let words = wording.words(length, &claim(status, origin)).unwrap();
                    let reading = read(words).unwrap_or_else(|| panic!("{words}"));
                    assert_eq!((reading.status, reading.origin), (status, origin), "{words}");
                    assert!(read(&format!("{words} x")).is_none(), "{words}");
                }
            }
            assert!(wording.words(Length::Short, &claim(Status::NotGenerated, None)).is_none());
        }
        assert!(Wording::named("xx").is_none());
    }
}
