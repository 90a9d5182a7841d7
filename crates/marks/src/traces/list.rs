//! The rows of the lists in `traces/`, and what they are looked up by.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use super::places::{Place, Region};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use indicia_core::{Tier, Trace};
use regex_lite::{Regex, RegexBuilder};

// The tables `TEXTS_TABLE` and `MANIFESTS_TABLE`, made of the lists by `build.rs`.
include!(concat!(env!("OUT_DIR"), "/traces.rs"));

/// One row of the list.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name.
    pub id: &'static str,
    /// How much it says.
    pub tier: Tier,
    /// What it means.
    pub means: &'static str,
    /// Who has seen it.
    pub source: &'static str,
    /// Where it is looked for: `field:parameters`, `xmp:CreatorTool`, `manifest`; `@name` stands for several.
    pub places: &'static [&'static str],
    /// Words of which one has to be there; none where the key alone is the trace.
    pub words: &'static [&'static str],
}

impl Row {
    /// What goes with a mark that was found by this row.
    pub(super) fn trace(&self) -> Trace {
        Trace { id: self.id, tier: self.tier, means: self.means, source: self.source }
    }
}

/// A list as it is built in.
struct Table {
    rows: &'static [Row],
    /// What has to hold for each row besides one of its words being there.
    tests: &'static [Test],
    /// Every word of every row, in small letters.
    needles: &'static [&'static str],
    /// The rows that have each of the words.
    by_needle: &'static [&'static [usize]],
    /// The rows that are known by a key alone, with its region; the key in small letters.
    keys: &'static [(Region, &'static str, &'static [usize])],
}

/// A list, ready to be looked up.
pub(super) struct List {
    table: &'static Table,
    /// Every word of every row.
    pub(super) needles: AhoCorasick,
}

/// What has to hold for a row.
pub(super) struct Test {
    places: &'static [Selector],
    all: &'static [&'static str],
    regex: Option<Pattern>,
    /// Whole texts that are none, in small letters.
    except: &'static [&'static str],
    /// The words, where letters count as written.
    exact: Option<&'static [&'static str]>,
    word: bool,
    whole: bool,
}

/// A regular expression, built where it is first needed.
struct Pattern {
    written: &'static str,
    exact: bool,
    built: OnceLock<Option<Regex>>,
}

/// A region, and a key in it if only one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Selector {
    /// `None` for all metadata.
    region: Option<Region>,
    key: Option<&'static str>,
}

/// Built only when there is a text to look through: most pictures have none, and few files have a manifest.
static TEXTS: LazyLock<List> = LazyLock::new(|| List::of_table(&TEXTS_TABLE));
static MANIFESTS: LazyLock<List> = LazyLock::new(|| List::of_table(&MANIFESTS_TABLE));

/// Every row of the lists, in their order.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TEXTS_TABLE.rows.iter().chain(MANIFESTS_TABLE.rows)
}

impl List {
    /// The list for the texts of a region.
    pub(super) fn of(region: Region) -> &'static Self {
        if region == Region::Manifest { &MANIFESTS } else { &TEXTS }
    }

    fn of_table(table: &'static Table) -> Self {
        // The quickest to build, since most runs look through few and short texts.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let builder = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).prefilter(false).clone();
        let needles = builder.build(table.needles);
        Self {
            table,
            needles: needles.unwrap_or_else(|err| panic!("the words of a list that is built in: {err}")),
        }
    }

    pub(super) fn row(&self, at: usize) -> Option<&'static Row> {
        self.table.rows.get(at)
    }

    pub(super) fn test(&self, row: usize) -> Option<&'static Test> {
        self.table.tests.get(row)
    }

    /// The rows that have a word.
    pub(super) fn by_needle(&self, needle: usize) -> &'static [usize] {
        self.table.by_needle.get(needle).copied().unwrap_or_default()
    }

    /// The rows that a place's key alone is a trace by.
    pub(super) fn by_key(&self, place: &Place<'_>) -> &'static [usize] {
        let is_here = |(region, key, _): &&(Region, &str, &[usize])| {
            *region == place.region && key.eq_ignore_ascii_case(&place.key)
        };
        self.table.keys.iter().find(is_here).map(|(_, _, rows)| *rows).unwrap_or_default()
    }

    /// The keys of a region that are traces by themselves.
    pub(super) fn keys_of(&self, region: Region) -> impl Iterator<Item = &'static str> {
        self.table.keys.iter().filter(move |(of, _, _)| *of == region).map(|(_, key, _)| *key)
    }
}

impl Pattern {
    const fn new(written: &'static str, exact: bool) -> Self {
        Self { written, exact, built: OnceLock::new() }
    }

    fn find(&self, text: &str) -> Option<Range<usize>> {
        // It can be built: `build.rs` has tried.
        let build = || RegexBuilder::new(self.written).case_insensitive(!self.exact).build().ok();
        self.built.get_or_init(build).as_ref()?.find(text).map(|found| found.range())
    }
}

impl Selector {
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
        if !self.except.is_empty() && self.except.contains(&place.text.trim().to_lowercase().as_str()) {
            return None;
        }
        if !self.all.is_empty() {
            let lower = place.text.to_ascii_lowercase();
            if !self.all.iter().all(|word| lower.contains(word)) {
                return None;
            }
        }
        match &self.regex {
            None => Some(None),
            Some(regex) => regex.find(&place.text).map(Some),
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
        let as_written = |exact: &[&str]| exact.iter().any(|word| text.get(hit.clone()) == Some(word));
        self.exact.is_none_or(as_written)
    }
}
