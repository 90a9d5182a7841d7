//! Finding the objects of a file whose cross-references are of no use: by looking at every byte.

use std::collections::BTreeMap;

use super::entries::{Entries, Place};
use super::object::{Dictionary, Id, Object};
use super::read::Bytes;
use super::xref::Section;
use indicia_core::{FormatError, Limits, Problem, Span};
use memchr::memmem;

/// Bytes looked at in one go.
const CHUNK: usize = 1 << 18;

/// Bytes looked at twice, so that no word is cut by the edge of a chunk.
const OVERLAP: usize = 64;

/// Most trailers kept.
const TRAILERS: usize = 64;

/// Most words followed to what they may stand for, and the most bytes read for each of them.
const TRIES: usize = 128;
const TRY: u64 = 1 << 16;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The last object of each number.
    pub(crate) places: BTreeMap<u32, Place>,
    /// Trailers, the last one first.
    pub(crate) trailers: Vec<Section>,
    /// Objects that may be object streams, the last one first.
    pub(crate) streams: Vec<u32>,
    /// The last object that may be a catalog.
    pub(crate) catalog: Option<Id>,
    /// The last object that may be an Info dictionary.
    pub(crate) info: Option<Id>,
    /// Where the looking was given up.
    pub(crate) cut: Option<FormatError>,
    tries: usize,
}

/// Looks at the file, as far as [`Limits::text`] goes.
///
/// # Errors
/// If the system cannot read.
pub(crate) fn scan(bytes: &Bytes<'_>, limits: &Limits) -> Result<Scan, FormatError> {
    let mut scan = Scan::default();
    let mut headers: Vec<(u64, Id)> = Vec::new();
    let mut hints: Vec<(u64, &[u8])> = Vec::new();
    let end = bytes.size().min(limits.text);
    if end < bytes.size() {
        let problem = Problem::OverLimit { what: "bytes looked through for lost objects", limit: end };
        scan.cut = Some(FormatError::new(end, problem));
    }
    let mut at = 0_u64;
    while at < end {
        let chunk = bytes.up_to(at, CHUNK)?;
        // What begins in the overlap is found in the next chunk.
        let last = at.saturating_add(chunk.len() as u64) >= end;
        let edge = if last { chunk.len() } else { chunk.len().saturating_sub(OVERLAP / 2) };
        let from = if at == 0 { 0 } else { OVERLAP / 2 };
        let own = |found: usize| found >= from && found < edge;
        for found in memmem::find_iter(&chunk, b"obj").filter(|found| own(*found)) {
            if let Some((start, id)) = header_before(&chunk, found) {
                headers.push((at.saturating_add(start as u64), id));
            }
        }
        for word in [b"trailer".as_slice(), b"/ObjStm", b"/XRef", b"/Catalog", b"/Producer", b"/CreationDate"]
        {
            for found in memmem::find_iter(&chunk, word).filter(|found| own(*found)) {
                hints.push((at.saturating_add(found as u64), word));
            }
        }
        if headers.len().saturating_add(hints.len()) > limits.segments {
            let problem = Problem::OverLimit { what: "objects looked for", limit: limits.segments as u64 };
            scan.cut = Some(FormatError::new(at, problem));
            break;
        }
        if last {
            break;
        }
        at = at.saturating_add((chunk.len() - OVERLAP) as u64);
    }
    headers.sort_unstable();
    hints.sort_unstable();
    for (at, id) in &headers {
        scan.places.insert(id.number, Place::Offset(*at));
    }
    for (at, word) in hints.into_iter().rev() {
        let owner = headers.partition_point(|(start, _)| *start < at).checked_sub(1);
        let owner = owner.and_then(|owner| headers.get(owner)).copied();
        scan.hint(bytes, limits, at, word, owner)?;
    }
    Ok(scan)
}

impl Scan {
    /// Follows one word to what it may stand for. Words come last to first.
    fn hint(
        &mut self,
        bytes: &Bytes<'_>,
        limits: &Limits,
        at: u64,
        word: &[u8],
        owner: Option<(u64, Id)>,
    ) -> Result<(), FormatError> {
        let limits = Limits { block: limits.block.min(TRY), ..*limits };
        let tries = &mut self.tries;
        let mut read = |at: u64, numbered: bool| {
            *tries += 1;
            if *tries > TRIES {
                return Ok(None);
            }
            match bytes.object(at, &limits, numbered) {
                Err(err) if matches!(err.problem, Problem::Io(_)) => Err(err),
                Err(_) => Ok(None),
                Ok(read) => Ok(match read.object {
                    Object::Dictionary(dictionary) => Some((dictionary, read.bytes)),
                    _ => None,
                }),
            }
        };
        if word == b"trailer" {
            if self.trailers.len() < TRAILERS
                && let Some((trailer, source)) = read(at.saturating_add(7), false)?
            {
                self.trailers.push(section(at, trailer, source));
            }
            return Ok(());
        }
        let Some((start, id)) = owner else { return Ok(()) };
        let place = Some(&Place::Offset(start));
        let is_current = self.places.get(&id.number) == place;
        match word {
            b"/ObjStm" if is_current && !self.streams.contains(&id.number) && self.streams.len() < 4096 => {
                self.streams.push(id.number);
            }
            b"/XRef" if self.trailers.len() < TRAILERS => {
                let found = read(start, true)?.filter(|(dictionary, _)| dictionary.says(b"Type", b"XRef"));
                if let Some((trailer, source)) = found {
                    self.trailers.push(section(start, trailer, source));
                }
            }
            b"/Catalog" if is_current && self.catalog.is_none() => {
                let found = read(start, true)?;
                self.catalog = found.and_then(|(found, _)| found.says(b"Type", b"Catalog").then_some(id));
            }
            b"/Producer" | b"/CreationDate" if is_current && self.info.is_none() => {
                let found = read(start, true)?;
                self.info = found.and_then(|(found, _)| found.find(b"Type").is_none().then_some(id));
            }
            _ => {}
        }
        Ok(())
    }
}

fn section(at: u64, trailer: Dictionary, source: Vec<u8>) -> Section {
    Section::lost(Span { start: at, end: at }, trailer, source, Entries::Table(Vec::new()))
}

/// Start and number of the header whose `obj` stands at `at`.
fn header_before(bytes: &[u8], at: usize) -> Option<(usize, Id)> {
    let before = bytes.get(at.saturating_sub(OVERLAP / 2)..at)?;
    let base = at - before.len();
    let trimmed = before.trim_ascii_end();
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let generation = trimmed.get(trimmed.len() - digits(trimmed)..)?;
    let rest = trimmed.get(..trimmed.len() - generation.len())?;
    let number_end = rest.trim_ascii_end();
    let number = number_end.get(number_end.len() - digits(number_end)..)?;
    if generation.is_empty() || number.is_empty() || number_end.len() == rest.len() {
        return None;
    }
    let parse = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u32>().ok();
    let id = Id { number: parse(number)?, generation: u16::try_from(parse(generation)?).ok()? };
    Some((base + number_end.len() - number.len(), id))
}
