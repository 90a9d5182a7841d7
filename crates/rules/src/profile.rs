use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::{Bound, Date};
use serde::Deserialize;

/// What no file tells, and rules turn on: who asks, and what is known of the system, the service and the content.
///
/// Everything may be left open. What is open is never taken for no: a rule that turns on it cannot be told, and says
/// which question to answer ([`FACTS`]).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Profile {
    /// In which roles the caller is bound.
    pub roles: Option<Vec<Bound>>,
    /// When the system was first placed on the market.
    pub placed_on_market: Option<Date>,
    /// Users of the system or service in a month.
    pub monthly_users: Option<u64>,
    /// Whether it may confuse people about what is real: looks like real persons, places or events.
    pub is_deepfake: Option<bool>,
    /// Whether it depicts a real-looking person or event, so that it can hardly be told from one.
    pub realistic: Option<bool>,
    /// Whether it is evidently an artistic, creative, satirical or fictional work.
    pub artistic: Option<bool>,
    /// Whether a text informs the public on matters of public interest.
    pub public_interest: Option<bool>,
    /// Who holds editorial responsibility after a person's review; empty for nobody.
    pub editor_of_record: Option<String>,
    /// What sort of output it is.
    pub output_class: Option<String>,
    /// Whether the content leaves the service that made it.
    pub exported: Option<bool>,
    /// Whether it is shown by a physical product only, with no way to export it.
    pub closed_product: Option<bool>,
    /// What AI changed on existing content, in the words of rule packs: `crop`, `denoise`, `color`.
    pub edits: Option<Vec<String>>,
    /// Whether the edits are standard editing that changes no meaning, and that is written down.
    pub standard_editing: Option<bool>,
    /// The marks the provider uses, by the names of schemes, if this program reads all of them.
    pub marks_used: Option<Vec<String>>,
    /// Where the means of detection are: addresses, or `indicia` for this program.
    pub detectors: Option<Vec<String>>,
    /// Whether detection costs nothing.
    pub free_detection: Option<bool>,
    /// How others can reach the detectors of watermarks.
    pub interoperability: Option<String>,
    /// Whether section 1 of the EU Code of Practice was signed.
    pub signatory_providers: Option<bool>,
    /// Whether section 2 of the EU Code of Practice was signed.
    pub signatory_deployers: Option<bool>,
    /// Whether it is an advertisement.
    pub advertisement: Option<bool>,
    /// Whether an advertisement shows a performer that is synthetic.
    pub synthetic_performer: Option<bool>,
    /// Whether it is election propaganda.
    pub election: Option<bool>,
    /// Whether the system is mainly assistive technology.
    pub assistive_technology: Option<bool>,
    /// Documents and logs that exist, by name, each with its address or digest.
    pub documents: BTreeMap<String, String>,
}

static UNKNOWN: LazyLock<Profile> = LazyLock::new(Profile::default);

impl Profile {
    /// The profile that leaves everything open.
    pub fn unknown() -> &'static Self {
        &UNKNOWN
    }
}

/// Something a profile may say, by which rules are bound or decided.
#[derive(Debug)]
pub struct Fact {
    /// Its key under `[profile]`, and its name in the conditions of rule packs.
    pub name: &'static str,
    /// What has to be answered to know it.
    pub question: &'static str,
    /// What sort of value it has.
    pub sort: Sort,
    /// What a profile says of it; `None` if that is open.
    pub read: for<'p> fn(&'p Profile) -> Option<Value<'p>>,
}

/// What sort of value a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// Words, of which each counts.
    List,
    /// A number.
    Number,
    /// A text.
    Text,
}

/// The value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'p> {
    /// A day.
    Day(Date),
    /// Yes or no.
    Flag(bool),
    /// Words, of which each counts.
    List(&'p [String]),
    /// A number.
    Number(u64),
    /// A text; empty means that there is none.
    Text(&'p str),
}

macro_rules! fact {
    ($sort:ident, $name:literal, $field:ident, $question:literal) => {
        Fact {
            name: $name,
            question: $question,
            sort: Sort::$sort,
            read: |profile| read::$sort(&profile.$field),
        }
    };
}

/// How each sort of fact is read.
#[expect(non_snake_case, reason = "named as the sorts are")]
mod read {
    use super::{Date, Value};

    pub(super) fn Day(value: &Option<Date>) -> Option<Value<'_>> {
        value.map(Value::Day)
    }
    pub(super) fn Flag(value: &Option<bool>) -> Option<Value<'_>> {
        value.map(Value::Flag)
    }
    pub(super) fn List(value: &Option<Vec<String>>) -> Option<Value<'_>> {
        value.as_deref().map(Value::List)
    }
    pub(super) fn Number(value: &Option<u64>) -> Option<Value<'_>> {
        value.map(Value::Number)
    }
    pub(super) fn Text(value: &Option<String>) -> Option<Value<'_>> {
        value.as_deref().map(Value::Text)
    }
}

/// Every fact, by name. The roles are none: they decide whom a rule binds.
#[rustfmt::skip] // one fact a line
pub static FACTS: &[Fact] = &[
    fact!(Flag, "advertisement", advertisement, "is it an advertisement?"),
    fact!(Flag, "artistic", artistic, "is it evidently an artistic, creative, satirical or fictional work?"),
    fact!(Flag, "assistive-technology", assistive_technology, "is the system mainly assistive technology?"),
    fact!(Flag, "closed-product", closed_product, "is it only shown by a physical product, with no way to export it?"),
    fact!(List, "detectors", detectors, "where can those who meet the content detect each mark? `indicia` stands for this program"),
    fact!(Text, "editor-of-record", editor_of_record, "did a person review it, and who holds editorial responsibility? an empty text says: nobody"),
    fact!(List, "edits", edits, "what did AI change on existing content?"),
    fact!(Flag, "election", election, "is it election propaganda?"),
    fact!(Flag, "exported", exported, "does the content leave the service that made it?"),
    fact!(Flag, "free-detection", free_detection, "is detection free of charge?"),
    fact!(Text, "interoperability", interoperability, "how can others reach the detector of the watermark?"),
    fact!(Flag, "is-deepfake", is_deepfake, "does it look like real persons, objects, places or events, so that people would take it for authentic?"),
    fact!(List, "marks-used", marks_used, "which marks does the provider use, and does this program read all of them?"),
    fact!(Number, "monthly-users", monthly_users, "how many users does the system or service have in a month?"),
    fact!(Text, "output-class", output_class, "what sort of output is it: content, short-sequence, source-code, machine-to-machine or intermediate?"),
    fact!(Day, "placed-on-market", placed_on_market, "when was the system first placed on the market?"),
    fact!(Flag, "public-interest", public_interest, "is the text published to inform the public on matters of public interest?"),
    fact!(Flag, "realistic", realistic, "does it depict a person or an event so that it can hardly be told from a real one?"),
    fact!(Flag, "signatory-deployers", signatory_deployers, "is section 2 of the Code of Practice signed?"),
    fact!(Flag, "signatory-providers", signatory_providers, "is section 1 of the Code of Practice signed?"),
    fact!(Flag, "standard-editing", standard_editing, "did AI only do standard editing that changes no meaning, and is that written down?"),
    fact!(Flag, "synthetic-performer", synthetic_performer, "does the advertisement show a performer that is synthetic?"),
];

impl Fact {
    /// The fact of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FACTS.iter().find(|fact| fact.name == name)
    }

    /// What to answer, and where.
    pub fn ask(&self) -> String {
        format!("{} (`{}` in [profile])", self.question, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{FACTS, Fact, Profile};

    #[test]
    fn every_key_is_a_fact_and_every_fact_a_key() {
        for fact in FACTS {
            let value = match fact.sort {
                super::Sort::Day => "'2026-08-02'",
                super::Sort::Flag => "true",
                super::Sort::List => "['a']",
                super::Sort::Number => "3",
                super::Sort::Text => "'a'",
            };
            let profile: Profile = toml::from_str(&format!("{} = {value}", fact.name)).unwrap();
            assert!((fact.read)(&profile).is_some(), "{}", fact.name);
            let others = FACTS.iter().filter(|other| (other.read)(&profile).is_some());
            assert_eq!(others.count(), 1, "{}", fact.name);
            assert!((fact.read)(Profile::unknown()).is_none(), "{}", fact.name);
        }
        assert!(FACTS.is_sorted_by_key(|fact| fact.name));
        assert!(Fact::named("colour").is_none());
    }

    #[test]
    fn a_key_that_is_none_is_refused_by_name_and_line() {
        let refused =
            toml::from_str::<Profile>("election = true\nis-deepfak = true\n").unwrap_err().to_string();
        assert!(refused.contains("is-deepfak") && refused.contains("line 2"), "{refused}");
        assert!(toml::from_str::<Profile>("placed-on-market = 'soon'").is_err());
        assert!(toml::from_str::<Profile>("roles = ['king']").is_err());
    }
}
