//! Words: the runs of letters that two texts share, whatever stands between them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Likeness, Measure};
use indicia_core::FormatError;
use indicia_media::Asset;

/// Letters in a run: some words of English, a phrase of Chinese.
const RUN: usize = 12;

/// A converted text keeps nearly all of its runs; another text on the same subject shares some hundredths.
const RUNS: Measure = Measure { name: "the share of common runs of letters", same: 0.5, different: 0.1 };

pub(super) fn compare(one: &Asset<'_>, other: &Asset<'_>) -> Result<Likeness, FormatError> {
    let (one, other) = (runs(&one.text()?.words), runs(&other.text()?.words));
    let fewest = one.len().min(other.len());
    if fewest < RUN {
        return Ok(Likeness::Unknown("the text is too short to compare".into()));
    }
    Ok(RUNS.judge(one.intersection(&other).count() as f64 / fewest as f64))
}

/// Every run of letters and digits, in lower case.
fn runs(words: &str) -> HashSet<u64> {
    let letters: Vec<char> =
        words.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let digest = |run: &[char]| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        hasher.finish()
    };
    letters.windows(RUN).map(digest).collect()
}
