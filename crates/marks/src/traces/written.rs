//! The lists of `traces/` as they are written. Read when the program is built, so that no run of it has to.

use std::collections::{BTreeMap, HashMap};

use regex_lite::RegexBuilder;
use serde::Deserialize;

/// A row as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) id: String,
    pub(crate) tier: Word,
    pub(crate) means: String,
    pub(crate) source: String,
    #[serde(rename = "in")]
    pub(crate) places: Vec<String>,
    /// One of these has to be there.
    #[serde(default, rename = "any")]
    pub(crate) words: Vec<String>,
    /// All of these have to be there too.
    #[serde(default)]
    pub(crate) all: Vec<String>,
    /// The text has to fit this as well.
    pub(crate) regex: Option<String>,
    /// Whole texts that are no trace.
    #[serde(default)]
    pub(crate) except: Vec<String>,
    /// Letters count as written.
    #[serde(default)]
    pub(crate) exact: bool,
    /// What is found is a word of its own.
    #[serde(default)]
    pub(crate) word: bool,
    /// It is the whole text.
    #[serde(default)]
    pub(crate) whole: bool,
}

/// A tier as written; by the names of `Tier`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Word {
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

/// A region, by the name of its variant, and a key in it, in small letters, if only one counts.
pub(crate) type Selector = (Option<&'static str>, Option<String>);

/// The names of regions as written, each with its variant.
const REGIONS: [(&str, &str); 9] = [
    ("blob", "Blob"),
    ("comment", "Comment"),
    ("exif", "Exif"),
    ("field", "Field"),
    ("front-matter", "FrontMatter"),
    ("manifest", "Manifest"),
    ("message", "Message"),
    ("words", "Words"),
    ("xmp", "Xmp"),
];

/// A list, read and sorted out.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) rows: Vec<Written>,
    /// Where each row is looked for.
    pub(crate) selectors: Vec<Vec<Selector>>,
    /// Every word of every row once, in small letters.
    pub(crate) needles: Vec<String>,
    /// The rows that have each of the words.
    pub(crate) by_needle: Vec<Vec<usize>>,
    /// The rows that are known by a key alone, by region and key.
    pub(crate) keys: BTreeMap<(&'static str, String), Vec<usize>>,
}

impl List {
    /// Reads a list.
    ///
    /// # Errors
    /// In words, if it is not as it should be.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|err| err.to_string())?;
        let (mut list, mut known) = (Self::default(), HashMap::new());
        for row in document.trace {
            let id = row.id.clone();
            list.add(row, &document.groups, &mut known).map_err(|why| format!("{id}: {why}"))?;
        }
        Ok(list)
    }

    fn add(
        &mut self,
        row: Written,
        groups: &BTreeMap<String, Vec<String>>,
        known: &mut HashMap<String, usize>,
    ) -> Result<(), String> {
        let at = self.rows.len();
        let places = selectors(&row.places, groups)?;
        for word in row.words.iter().map(|word| word.to_ascii_lowercase()) {
            let index = *known.entry(word.clone()).or_insert(self.needles.len());
            if index == self.needles.len() {
                self.needles.push(word);
                self.by_needle.push(Vec::new());
            }
            if let Some(rows) = self.by_needle.get_mut(index) {
                rows.push(at);
            }
        }
        if row.words.is_empty() {
            for selector in &places {
                let (Some(region), Some(key)) = selector else {
                    return Err("neither a word nor a key that it could be found by".into());
                };
                self.keys.entry((region, key.clone())).or_default().push(at);
            }
        }
        if let Some(regex) = &row.regex {
            let built = RegexBuilder::new(regex).case_insensitive(!row.exact).build();
            built.map_err(|err| err.to_string())?;
        }
        self.rows.push(row);
        self.selectors.push(places);
        Ok(())
    }
}

/// What places are meant by their names.
fn selectors(names: &[String], groups: &BTreeMap<String, Vec<String>>) -> Result<Vec<Selector>, String> {
    let mut all = Vec::new();
    for name in names {
        match name.strip_prefix('@') {
            None => all.push(selector(name)?),
            Some(group) => {
                let members = groups.get(group).ok_or_else(|| format!("no group is called {group}"))?;
                for member in members {
                    all.push(selector(member)?);
                }
            }
        }
    }
    if all.is_empty() { Err("no place that it could be found in".into()) } else { Ok(all) }
}

fn selector(name: &str) -> Result<Selector, String> {
    let (region, key) = match name.split_once(':') {
        Some((region, key)) => (region, Some(key.to_ascii_lowercase())),
        None => (name, None),
    };
    match REGIONS.iter().find(|(written, _)| *written == region) {
        _ if region == "any" => Ok((None, key)),
        Some((_, variant)) => Ok((Some(variant), key)),
        None => Err(format!("no region is called {region}")),
    }
}
