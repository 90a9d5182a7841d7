//! Where objects stand: cross-reference tables and streams, and the chain they form (ISO 32000-2, 7.5.4 to 7.5.8).

use std::collections::{BTreeMap, BTreeSet};

use super::entries::{ENTRY, Entries, Place};
use super::filter;
use super::lexer::{Lexer, is_space};
use super::object::{Dictionary, Object};
use super::read::Bytes;
use indicia_core::{FormatError, Limits, Problem, Span};

/// Most sections in one chain: each save of a file adds one.
const SECTIONS: usize = 1024;

/// Most runs of rows in one chain.
const RUNS: usize = 1 << 16;

/// How often [`Limits::inflated`] the cross-reference streams of one chain may hold together.
const INFLATIONS: u64 = 4;

/// One section, with its trailer.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// From its first byte to the end of the `%%EOF` that closes it, as far as these stand together.
    pub(crate) span: Span,
    /// Its trailer, or the dictionary of its stream.
    pub(crate) trailer: Dictionary,
    /// The bytes that the trailer was read from.
    pub(crate) source: Vec<u8>,
    /// Its entries.
    pub(crate) entries: Entries,
    /// What the table of a hybrid file hides from old readers.
    hidden: Option<Entries>,
}

/// Where every object stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Xref {
    /// The sections, newest first.
    pub(crate) sections: Vec<Section>,
    /// Where objects were found by looking for them, if the sections are of no use.
    pub(crate) found: Option<BTreeMap<u32, Place>>,
}

impl Xref {
    /// Follows the chain from the newest section.
    ///
    /// # Errors
    /// If a section is broken or the chain runs in a circle.
    pub(crate) fn read(bytes: &Bytes<'_>, newest: u64, limits: &Limits) -> Result<Self, FormatError> {
        let (mut sections, mut seen, mut next) = (Vec::new(), BTreeSet::new(), Some(newest));
        let (mut runs, mut held) = (0, 0_u64);
        while let Some(at) = next {
            if !seen.insert(at) {
                return Err(FormatError::malformed(at, "the chain of cross-references runs in a circle"));
            }
            if sections.len() >= SECTIONS {
                let problem = Problem::OverLimit { what: "cross-reference sections", limit: SECTIONS as u64 };
                return Err(FormatError::new(at, problem));
            }
            let section = Section::read(bytes, at, limits)?;
            next = match section.trailer.find(b"Prev") {
                None => None,
                Some(Object::Integer(at)) if *at >= 0 => at.unsigned_abs().checked_add(bytes.shift),
                Some(_) => return Err(FormatError::malformed(at, "/Prev is no offset")),
            };
            for entries in [Some(&section.entries), section.hidden.as_ref()].into_iter().flatten() {
                let (more_runs, more_held) = entries.weight();
                runs += more_runs;
                held = held.saturating_add(more_held);
            }
            let limit = limits.inflated.saturating_mul(INFLATIONS);
            let too_much = match () {
                () if runs > RUNS => Some(Problem::OverLimit { what: "runs of rows", limit: RUNS as u64 }),
                () if held > limit => Some(Problem::OverLimit { what: "bytes of rows", limit }),
                () => None,
            };
            if let Some(problem) = too_much {
                return Err(FormatError::new(at, problem));
            }
            sections.push(section);
        }
        Ok(Self { sections, found: None })
    }

    /// Number of runs that are looked through for an object.
    pub(crate) fn runs(&self) -> usize {
        self.sections.iter().map(|section| section.entries.weight().0).sum()
    }

    /// Where an object stands.
    ///
    /// # Errors
    /// If the row that says so is broken or cannot be read.
    pub(crate) fn place(&self, bytes: &Bytes<'_>, number: u32) -> Result<Place, FormatError> {
        if let Some(found) = &self.found {
            return Ok(found.get(&number).copied().unwrap_or(Place::Free));
        }
        for section in &self.sections {
            let number = u64::from(number);
            let mut place = section.entries.find(bytes, number)?;
            if matches!(place, None | Some(Place::Free))
                && let Some(hidden) = &section.hidden
            {
                place = hidden.find(bytes, number)?.or(place);
            }
            match place {
                Some(Place::Offset(at)) => return Ok(Place::Offset(at.saturating_add(bytes.shift))),
                Some(place) => return Ok(place),
                None => {}
            }
        }
        Ok(Place::Free)
    }

    /// What the newest trailer that has a key says under it, with that trailer.
    pub(crate) fn trailer(&self, key: &[u8]) -> Option<(&Section, &Object)> {
        self.sections.iter().find_map(|section| Some((section, section.trailer.find(key)?)))
    }
}

impl Section {
    /// A trailer that was found without its section.
    pub(crate) fn lost(span: Span, trailer: Dictionary, source: Vec<u8>, entries: Entries) -> Self {
        Self { span, trailer, source, entries, hidden: None }
    }

    /// Reads the section at `at`.
    fn read(bytes: &Bytes<'_>, at: u64, limits: &Limits) -> Result<Self, FormatError> {
        let head = bytes.up_to(at, 24)?;
        let blank = head.iter().take_while(|byte| is_space(**byte)).count();
        let at = at.saturating_add(blank as u64);
        let head = head.get(blank..).unwrap_or_default();
        if head.starts_with(b"xref") {
            Self::table(bytes, at, limits)
        } else {
            Self::stream(bytes, at, limits)
        }
    }

    fn table(bytes: &Bytes<'_>, start: u64, limits: &Limits) -> Result<Self, FormatError> {
        let (mut runs, mut at) = (Vec::new(), start.saturating_add(4));
        loop {
            let head = bytes.up_to(at, 64)?;
            let mut lexer = Lexer::new(&head, at, true, limits);
            lexer.skip_space();
            let here = at.saturating_add(lexer.at as u64);
            // No space need follow the word.
            if head.get(lexer.at..).is_some_and(|rest| rest.starts_with(b"trailer")) {
                at = here.saturating_add(7);
                break;
            }
            let (Some(first), Some(count)) = (lexer.count()?, lexer.count()?) else {
                return Err(FormatError::malformed(here, "the cross-reference table has no trailer"));
            };
            lexer.skip_space();
            let rows = at.saturating_add(lexer.at as u64);
            if runs.len() >= RUNS {
                let problem = Problem::OverLimit { what: "runs of rows", limit: RUNS as u64 };
                return Err(FormatError::new(here, problem));
            }
            at = count
                .checked_mul(ENTRY)
                .and_then(|len| rows.checked_add(len))
                .filter(|end| *end <= bytes.size())
                .ok_or(FormatError::malformed(
                    here,
                    "the cross-reference table runs past the end of the file",
                ))?;
            // The last row often lacks a byte of its end of line.
            let tail = bytes.up_to(at.saturating_sub(2), 2)?;
            at -= u64::from(count > 0 && tail.last().is_some_and(|byte| !is_space(*byte)));
            runs.push((first, count, rows));
        }
        let loaded = bytes.object(at, limits, false)?;
        let Object::Dictionary(trailer) = loaded.object else {
            return Err(FormatError::malformed(at, "the trailer is no dictionary"));
        };
        let hidden = match trailer.count(b"XRefStm") {
            Some(hidden) => Some(Self::stream(bytes, hidden.saturating_add(bytes.shift), limits)?.entries),
            None => None,
        };
        let span = Span { start, end: closed(bytes, loaded.end, limits)? };
        Ok(Self { span, trailer, source: loaded.bytes, entries: Entries::Table(runs), hidden })
    }

    fn stream(bytes: &Bytes<'_>, start: u64, limits: &Limits) -> Result<Self, FormatError> {
        let wrong = |what| FormatError::malformed(start, what);
        let loaded = bytes.object(start, limits, true)?;
        let Object::Dictionary(trailer) = loaded.object else {
            return Err(wrong("no cross-reference section where one should be"));
        };
        if !trailer.says(b"Type", b"XRef") {
            return Err(wrong("no cross-reference section where one should be"));
        }
        let data = loaded.stream.ok_or(wrong("a cross-reference stream has no data"))?;
        let len = trailer.count(b"Length").ok_or(wrong("a cross-reference stream has no length"))?;
        let span = Span::new(data, len).filter(|span| span.end <= bytes.size());
        let span = span.ok_or(wrong("a cross-reference stream runs past the end of the file"))?;
        let coded = limits.take(bytes.source, span)?;
        let rows =
            filter::decode(&trailer, &coded, limits).map_err(|problem| FormatError::new(data, problem))?;
        let counts = |key: &[u8]| -> Option<Vec<u64>> {
            trailer.find(key).map(|array| array.items().iter().map(Object::count).collect::<Option<_>>())?
        };
        let widths = counts(b"W").unwrap_or_default();
        let width = |at: usize| {
            widths.get(at).and_then(|width| usize::try_from(*width).ok()).filter(|width| *width <= 8)
        };
        let (Some(one), Some(two), Some(three)) = (width(0), width(1), width(2)) else {
            return Err(wrong("the columns of a cross-reference stream have no sensible widths"));
        };
        if one + two + three == 0 {
            return Err(wrong("the columns of a cross-reference stream have no sensible widths"));
        }
        let runs = match counts(b"Index") {
            Some(index) => {
                index.chunks_exact(2).filter_map(|run| Some((*run.first()?, *run.get(1)?))).collect()
            }
            None => vec![(0, trailer.count(b"Size").ok_or(wrong("a cross-reference stream has no size"))?)],
        };
        let end = closed(bytes, end_of_object(bytes, span.end)?, limits)?;
        let entries = Entries::Stream(runs, [one, two, three], rows);
        Ok(Self { span: Span { start, end }, trailer, source: loaded.bytes, entries, hidden: None })
    }
}

/// The end of `endstream endobj` after the data of a stream.
fn end_of_object(bytes: &Bytes<'_>, at: u64) -> Result<u64, FormatError> {
    let mut at = at;
    for word in [b"endstream".as_slice(), b"endobj"] {
        let tail = bytes.up_to(at, 32)?;
        let blank = tail.iter().take_while(|byte| is_space(**byte)).count();
        if !tail.get(blank..).is_some_and(|rest| rest.starts_with(word)) {
            break;
        }
        at = at.saturating_add((blank + word.len()) as u64);
    }
    Ok(at)
}

/// The end of `startxref N %%EOF` and its line, if that stands at `at`; else `at`.
fn closed(bytes: &Bytes<'_>, at: u64, limits: &Limits) -> Result<u64, FormatError> {
    let tail = bytes.up_to(at, 128)?;
    let mut lexer = Lexer::new(&tail, at, true, limits);
    if !lexer.takes(b"startxref")? || lexer.count()?.is_none() {
        return Ok(at);
    }
    let rest = tail.get(lexer.at..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| is_space(**byte)).count();
    let Some(after) = rest.get(blank..).and_then(|rest| rest.strip_prefix(b"%%EOF")) else { return Ok(at) };
    let line = match after {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    };
    Ok(at.saturating_add((lexer.at + blank + 5 + line) as u64))
}
