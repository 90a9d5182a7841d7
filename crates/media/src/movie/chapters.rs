//! Chapters as Nero's programs and those who follow them list them: `chpl` in the movie's user data. In no standard; the form is that
//! which libavformat and libmp4v2 read and write.

use super::offsets::of;
use super::parse::Parser;
use super::patch::Patches;
use indicia_core::{FormatError, Span};

/// Units of their time in a second.
const UNITS: u64 = 10_000_000;
/// Bytes before the number of chapters: version, flags and four that mean nothing.
const HEAD: usize = 8;

/// Lets every chapter start later by so many values.
///
/// # Errors
/// If the list cannot be read. One of another version is left as it is.
pub(super) fn shift(
    parser: &mut Parser<'_>,
    values: u64,
    rate: u64,
    patches: &mut Patches,
) -> Result<(), FormatError> {
    let Some((user_data, _)) = parser.moov.as_ref().and_then(|moov| moov.user_data) else { return Ok(()) };
    let Some(list) = of(parser.walk.children(user_data.body)?, b"chpl").next() else { return Ok(()) };
    let bytes = parser.limits.take(parser.source, list.body)?;
    if bytes.first() != Some(&1) {
        return Ok(());
    }
    let count = bytes.get(HEAD).copied().unwrap_or(0);
    let later =
        u64::try_from(u128::from(values) * u128::from(UNITS) / u128::from(rate.max(1))).unwrap_or(u64::MAX);
    let mut at = HEAD + 1;
    for _ in 0..count {
        let broken = FormatError::malformed(list.span.start, "a list of chapters");
        let entry = bytes.get(at..).ok_or(broken.clone())?;
        let (time, title) = entry.split_first_chunk::<8>().ok_or(broken.clone())?;
        let start = list.body.start + at as u64;
        let new = u64::from_be_bytes(*time).saturating_add(later);
        patches.put(Span { start, end: start + 8 }, new.to_be_bytes().to_vec(), &[]);
        at += 9 + usize::from(*title.first().ok_or(broken)?);
    }
    Ok(())
}
