//! The end of a file, which says where to begin (ISO 32000-2, 7.5.5).

use super::lexer::{Lexer, is_space};
use super::read::Bytes;
use indicia_core::{FormatError, Limits, Problem};

/// Bytes at either end in which `%PDF-` and `startxref` must stand.
pub(crate) const EDGE: usize = 1024;

/// Where the newest cross-references stand, and what is wrong with the end of the file.
pub(crate) fn ending(bytes: &Bytes<'_>) -> Result<(Option<u64>, Option<FormatError>), FormatError> {
    let start = bytes.size().saturating_sub(EDGE as u64);
    let tail = bytes.up_to(start, EDGE)?;
    let cut = FormatError::new(bytes.size(), Problem::Truncated);
    let Some(at) = memchr::memmem::rfind(&tail, b"startxref") else { return Ok((None, Some(cut))) };
    let mut lexer = Lexer::new(&tail, start, true, &Limits::default());
    lexer.at = at + 9;
    let Some(newest) = lexer.count()? else { return Ok((None, Some(cut))) };
    let rest = tail.get(lexer.at..).unwrap_or_default();
    let Some(end) = memchr::memmem::rfind(rest, b"%%EOF") else { return Ok((Some(newest), Some(cut))) };
    let after = rest.get(end + 5..).unwrap_or_default();
    let junk = after.iter().position(|byte| !is_space(*byte)).map(|junk| {
        let at = start.saturating_add((lexer.at + end + 5 + junk) as u64);
        FormatError::malformed(at, "other bytes follow the end, such as those of an update that was cut off")
    });
    Ok((Some(newest), junk))
}
