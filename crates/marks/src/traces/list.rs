//! The rows of the lists in `traces/`, and what they are looked up by.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use super::places::{Place, Region};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use indicia_core::{Tier, Trace};
use regex_lite::{Regex, RegexBuilder};
use serde::Deserialize;

/// One row of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// How much it says.
    pub tier: Tier,
    /// What it means.
    pub means: String,
    /// Who has seen it.
    pub source: String,
    /// Where it is looked for: `field:parameters`, `xmp:CreatorTool`, `manifest`; `@name` stands for several.
    pub places: Vec<String>,
    /// Words of which one has to be there; none where the key alone is the trace.
    pub words: Vec<String>,
}

impl Row {
    /// What goes with a mark that was found by this row.
    pub(super) fn trace(&'static self) -> Trace {
        Trace { id: &self.id, tier: self.tier, means: &self.means, source: &self.source }
    }
}

/// A row as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    tier: Word,
    means: String,
    source: String,
    #[serde(rename = "in")]
    places: Vec<String>,
    /// One of these has to be there.
    #[serde(default)]
    any: Vec<String>,
    /// All of these have to be there too.
    #[serde(default)]
    all: Vec<String>,
    /// The text has to fit this as well.
    regex: Option<String>,
    /// Whole texts that are no trace.
    #[serde(default)]
    except: Vec<String>,
    /// Letters count as written.
    #[serde(default)]
    exact: bool,
    /// What is found is a word of its own.
    #[serde(default)]
    word: bool,
    /// It is the whole text.
    #[serde(default)]
    whole: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Ai,
    Generator,
    Hint,
    Provenance,
    Negative,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Places under one name.
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    trace: Vec<Written>,
}

/// A list, ready to be looked up.
pub(super) struct List {
    rows: Vec<Row>,
    /// What has to hold for each row besides one of its words being there.
    pub(super) tests: Vec<Test>,
    /// Every word of every row.
    pub(super) needles: AhoCorasick,
    /// The rows that have each of the words.
    pub(super) by_needle: Vec<Vec<usize>>,
    /// The rows that are known by a key alone.
    keys: BTreeMap<(Region, String), Vec<usize>>,
}

/// What has to hold for a row.
pub(super) struct Test {
    places: Vec<Selector>,
    all: Vec<String>,
    regex: Option<Regex>,
    /// Texts that are none, in small letters.
    except: Vec<String>,
    /// The words, where letters count as written.
    exact: Option<Vec<String>>,
    word: bool,
    whole: bool,
}

/// A region, and a key in it if only one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Selector {
    /// `None` for all metadata.
    region: Option<Region>,
    key: Option<String>,
}

/// Built only when there is a text to look through: most pictures have none, and few files have a manifest.
static TEXTS: LazyLock<List> = LazyLock::new(|| List::built_in(include_str!("../../traces/texts.toml")));
static MANIFESTS: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("../../traces/manifests.toml")));

/// Every row of the lists, in their order.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TEXTS.rows.iter().chain(&MANIFESTS.rows)
}

impl List {
    /// The list for the texts of a region.
    pub(super) fn of(region: Region) -> &'static Self {
        if region == Region::Manifest { &MANIFESTS } else { &TEXTS }
    }

    fn built_in(text: &str) -> Self {
        Self::read(text).unwrap_or_else(|err| panic!("a list of traces that is built in: {err}"))
    }

    /// Reads a list.
    ///
    /// # Errors
    /// In words, if it is not as it should be.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|err| err.to_string())?;
        let mut list = Self {
            rows: Vec::new(),
            tests: Vec::new(),
            needles: automaton(&[])?,
            by_needle: Vec::new(),
            keys: BTreeMap::new(),
        };
        let mut needles = HashMap::new();
        for row in document.trace {
            let id = row.id.clone();
            list.add(row, &document.groups, &mut needles).map_err(|why| format!("{id}: {why}"))?;
        }
        let mut words: Vec<_> = needles.into_iter().collect();
        words.sort_unstable_by_key(|(_, index)| *index);
        list.needles = automaton(&words.into_iter().map(|(word, _)| word).collect::<Vec<_>>())?;
        Ok(list)
    }

    fn add(
        &mut self,
        row: Written,
        groups: &BTreeMap<String, Vec<String>>,
        needles: &mut HashMap<String, usize>,
    ) -> Result<(), String> {
        let at = self.rows.len();
        let places = Selector::all(&row.places, groups)?;
        for word in &row.any {
            let next = needles.len();
            let index = *needles.entry(word.to_ascii_lowercase()).or_insert(next);
            if index == next {
                self.by_needle.push(Vec::new());
            }
            if let Some(rows) = self.by_needle.get_mut(index) {
                rows.push(at);
            }
        }
        if row.any.is_empty() {
            for selector in &places {
                let (Some(region), Some(key)) = (selector.region, &selector.key) else {
                    return Err("neither a word nor a key that it could be found by".into());
                };
                self.keys.entry((region, key.clone())).or_default().push(at);
            }
        }
        let build = |regex: &String| RegexBuilder::new(regex).case_insensitive(!row.exact).build();
        let regex = row.regex.as_ref().map(build).transpose().map_err(|err| err.to_string())?;
        self.tests.push(Test {
            places,
            all: row.all.iter().map(|word| word.to_ascii_lowercase()).collect(),
            regex,
            except: row.except.iter().map(|text| text.to_lowercase()).collect(),
            exact: row.exact.then(|| row.any.clone()),
            word: row.word,
            whole: row.whole,
        });
        let Written { id, means, source, places, any: words, .. } = row;
        self.rows.push(Row { id, tier: row.tier.into(), means, source, places, words });
        Ok(())
    }

    pub(super) fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }

    /// The rows that a place's key alone is a trace by.
    pub(super) fn by_key(&self, place: &Place<'_>) -> &[usize] {
        let key = (place.region, place.key.to_ascii_lowercase());
        self.keys.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The keys of a region that are traces by themselves.
    pub(super) fn keys_of(&self, region: Region) -> impl Iterator<Item = &str> {
        self.keys.keys().filter(move |(of, _)| *of == region).map(|(_, key)| key.as_str())
    }
}

fn automaton(needles: &[String]) -> Result<AhoCorasick, String> {
    // The quickest to build, since most runs look through few and short texts.
    let kind = Some(AhoCorasickKind::NoncontiguousNFA);
    let built =
        AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).prefilter(false).build(needles);
    built.map_err(|err| err.to_string())
}

impl From<Word> for Tier {
    fn from(word: Word) -> Self {
        match word {
            Word::Ai => Self::Ai,
            Word::Generator => Self::Generator,
            Word::Hint => Self::Hint,
            Word::Provenance => Self::Provenance,
            Word::Negative => Self::Negative,
        }
    }
}

impl Selector {
    /// What places are meant by their names.
    fn all(names: &[String], groups: &BTreeMap<String, Vec<String>>) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for name in names {
            match name.strip_prefix('@') {
                None => all.push(Self::named(name)?),
                Some(group) => {
                    let members = groups.get(group).ok_or_else(|| format!("no group is called {group}"))?;
                    for member in members {
                        all.push(Self::named(member)?);
                    }
                }
            }
        }
        if all.is_empty() { Err("no place that it could be found in".into()) } else { Ok(all) }
    }

    fn named(name: &str) -> Result<Self, String> {
        let (region, key) = match name.split_once(':') {
            Some((region, key)) => (region, Some(key.to_ascii_lowercase())),
            None => (name, None),
        };
        match (region, Region::named(region)) {
            ("any", _) => Ok(Self { region: None, key }),
            (_, Some(region)) => Ok(Self { region: Some(region), key }),
            (_, None) => Err(format!("no region is called {region}")),
        }
    }

    fn takes(&self, place: &Place<'_>) -> bool {
        let region = match self.region {
            Some(region) => region == place.region,
            // Manifests and words say what others say, and messages what encoders are: they are named where they count.
            None => !matches!(place.region, Region::Manifest | Region::Message | Region::Words),
        };
        region && self.key.as_ref().is_none_or(|key| key.eq_ignore_ascii_case(place.key.as_ref()))
    }
}

impl Test {
    /// Whether a text as a whole can hold the row; if a pattern tells which part of it does, that part.
    pub(super) fn admits(&self, place: &Place<'_>) -> Option<Option<Range<usize>>> {
        if !self.places.iter().any(|selector| selector.takes(place)) {
            return None;
        }
        if !self.except.is_empty() && self.except.contains(&place.text.trim().to_lowercase()) {
            return None;
        }
        if !self.all.is_empty() {
            let lower = place.text.to_ascii_lowercase();
            if !self.all.iter().all(|word| lower.contains(word.as_str())) {
                return None;
            }
        }
        match &self.regex {
            None => Some(None),
            Some(regex) => regex.find(&place.text).map(|found| Some(found.range())),
        }
    }

    /// Whether what was hit in a text that can hold the row is one of its words.
    pub(super) fn is_at(&self, text: &str, hit: &Range<usize>) -> bool {
        if self.whole && text.trim().len() != hit.len() {
            return false;
        }
        let letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
        let before = text.get(..hit.start).and_then(|before| before.chars().next_back());
        let after = text.get(hit.end..).and_then(|after| after.chars().next());
        if self.word && (letter(before) || letter(after)) {
            return false;
        }
        let as_written =
            |exact: &Vec<String>| exact.iter().any(|word| text.get(hit.clone()) == Some(word.as_str()));
        self.exact.as_ref().is_none_or(as_written)
    }
}
