//! Entries about a text with the words of another: by the fingerprints that records hold.

use std::path::Path;

use indicia::records::{Content, Reader, Stored};
use indicia::{Asset, FileSource, Limits, words_of};
use indicia_watermark::text::{Fingerprint, LEAST_WORDS};

use super::{Stop, stop};
use crate::escape::escape;
use crate::walk::reason;

/// The common logarithm of the chance below which an entry counts as one about the same words.
const LOG10_THRESHOLD: f64 = -9.0;

/// How far the words of an entry agree with those that are sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Agreement {
    /// In how many of the 64 places of a fingerprint.
    pub(super) slots: u32,
    /// The common logarithm of the probability that one unrelated text among all that were compared agrees in as many.
    pub(super) log10_false_match: f64,
}

/// The entries about a text or document with the words of this file, each with how far they agree.
///
/// # Errors
/// If the file cannot be read, or has no words or too few; if the log cannot be read.
pub(super) fn entries(reader: &mut Reader, path: &Path) -> Result<Vec<(Stored, Agreement)>, Stop> {
    let sought = fingerprint(path)
        .map_err(|why| Stop::Usage(format!("{}: {why}", escape(&path.to_string_lossy()))))?;
    let (mut found, mut compared) = (Vec::new(), 0.0_f64);
    for stored in reader.range(0..reader.size()) {
        let stored = stored.map_err(|err| stop(&err))?;
        let Content::Held(record) = &stored.content else { continue };
        let Some(words) = record.words.as_deref().and_then(Fingerprint::from_hex) else { continue };
        compared += 1.0;
        let slots = sought.agreement(&words);
        if Fingerprint::log10_false_match(slots) <= LOG10_THRESHOLD {
            found.push((stored, slots));
        }
    }
    let agreement = |slots| {
        let log10_false_match = Fingerprint::log10_false_match(slots) + compared.max(1.0).log10();
        Agreement { slots, log10_false_match }
    };
    let found = found.into_iter().map(|(stored, slots)| (stored, agreement(slots)));
    Ok(found.filter(|(_, agreement)| agreement.log10_false_match <= LOG10_THRESHOLD).collect())
}

fn fingerprint(path: &Path) -> Result<Fingerprint, String> {
    let source = FileSource::open(path).map_err(|err| reason(&err))?;
    let asset = Asset::open(&source, Some(&path.to_string_lossy()), &Limits::default())
        .map_err(|err| err.to_string())?;
    let words = words_of(&asset)?;
    Fingerprint::of(&words)
        .ok_or_else(|| format!("fewer than {LEAST_WORDS} words are too few to be recognised by"))
}
