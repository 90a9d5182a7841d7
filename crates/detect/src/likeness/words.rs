//! Words: the runs of letters that two texts share, whatever stands between them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Likeness, Measure};
use indicia_core::FormatError;
use indicia_media::Asset;
use unicode_normalization::UnicodeNormalization;

/// Letters in a run: some words of English, a phrase of Chinese.
const RUN: usize = 12;

/// A converted text keeps nearly all of its runs; another text on the same subject shares some hundredths.
const RUNS: Measure = Measure { name: "the share of common runs of letters", same: 0.5, different: 0.1 };

pub(super) fn compare(one: &Asset<'_>, other: &Asset<'_>) -> Result<Likeness, FormatError> {
    Ok(judge(&one.text()?.words, &other.text()?.words))
}

/// Compares two texts.
pub(super) fn judge(one: &str, other: &str) -> Likeness {
    let (one, other) = (runs(one), runs(other));
    let fewest = one.len().min(other.len());
    if fewest < RUN {
        return Likeness::Unknown("the text is too short to compare".into());
    }
    RUNS.judge(one.intersection(&other).count() as f64 / fewest as f64)
}

/// Every run of letters and digits, in lower case. Ligatures are taken apart: pages are set with them, and files are not.
fn runs(words: &str) -> HashSet<u64> {
    let letters: Vec<char> =
        words.nfkc().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let digest = |run: &[char]| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        hasher.finish()
    };
    letters.windows(RUN).map(digest).collect()
}
