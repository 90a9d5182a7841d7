//! The rows of a cross-reference section: of text in a table, of bytes in a stream (ISO 32000-2, 7.5.4 and 7.5.8.3).

use super::read::Bytes;
use indicia_core::FormatError;

/// Length of an entry in a table.
pub(crate) const ENTRY: u64 = 20;

/// Where one object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere.
    Free,
    /// At this offset.
    Offset(u64),
    /// In an object stream of this number, at this index.
    Within(u32, u32),
}

/// The entries of a section.
#[derive(Clone, Debug)]
pub(crate) enum Entries {
    /// Rows of text in the file: first number, count and offset of each run.
    Table(Vec<(u64, u64, u64)>),
    /// Rows of bytes: first number and count of each run, widths of the columns, rows.
    Stream(Vec<(u64, u64)>, [usize; 3], Vec<u8>),
}

impl Entries {
    /// One past the largest object number.
    pub(crate) fn end(&self) -> u64 {
        let ends = |runs: &mut dyn Iterator<Item = (u64, u64)>| {
            runs.map(|(first, count)| first.saturating_add(count)).max().unwrap_or(0)
        };
        match self {
            Self::Table(runs) => ends(&mut runs.iter().map(|(first, count, _)| (*first, *count))),
            Self::Stream(runs, ..) => ends(&mut runs.iter().copied()),
        }
    }

    /// The numbers it speaks of; `None` if there are more than `most`.
    pub(crate) fn numbers(&self, most: u64) -> Option<Vec<u64>> {
        let runs: Vec<(u64, u64)> = match self {
            Self::Table(runs) => runs.iter().map(|(first, count, _)| (*first, *count)).collect(),
            Self::Stream(runs, ..) => runs.clone(),
        };
        let count = runs.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        (count <= most)
            .then(|| runs.iter().flat_map(|(first, count)| *first..first.saturating_add(*count)).collect())
    }

    /// Number of runs, and bytes of rows held in memory.
    pub(crate) fn weight(&self) -> (usize, u64) {
        match self {
            Self::Table(runs) => (runs.len(), 0),
            Self::Stream(runs, _, rows) => (runs.len(), rows.len() as u64),
        }
    }

    pub(crate) fn find(&self, bytes: &Bytes<'_>, number: u64) -> Result<Option<Place>, FormatError> {
        let within = |first: u64, count: u64| number.checked_sub(first).filter(|at| *at < count);
        match self {
            Self::Table(runs) => {
                let found = runs.iter().find_map(|(first, count, at)| Some((within(*first, *count)?, *at)));
                let Some((row, at)) = found else { return Ok(None) };
                let at = at.saturating_add(row.saturating_mul(ENTRY));
                table_row(&bytes.exactly(at, ENTRY)?, at).map(Some)
            }
            Self::Stream(runs, widths, rows) => {
                let mut before = 0_u64;
                for (first, count) in runs {
                    if let Some(row) = within(*first, *count) {
                        return Ok(stream_row(*widths, rows, before.saturating_add(row)));
                    }
                    before = before.saturating_add(*count);
                }
                Ok(None)
            }
        }
    }
}

fn table_row(row: &[u8], at: u64) -> Result<Place, FormatError> {
    let wrong =
        || FormatError::malformed(at, "a row of the cross-reference table is not 20 bytes as they should be");
    let digits = |range: std::ops::Range<usize>| -> Result<u64, FormatError> {
        let text = row.get(range).filter(|text| text.iter().all(u8::is_ascii_digit)).ok_or_else(wrong)?;
        std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or_else(wrong)
    };
    let (offset, _generation) = (digits(0..10)?, digits(11..16)?);
    match (row.get(10), row.get(16), row.get(17)) {
        (Some(b' '), Some(b' '), Some(b'n')) => Ok(Place::Offset(offset)),
        (Some(b' '), Some(b' '), Some(b'f')) => Ok(Place::Free),
        _ => Err(wrong()),
    }
}

fn stream_row(widths: [usize; 3], rows: &[u8], row: u64) -> Option<Place> {
    let len: usize = widths.iter().sum();
    let start = usize::try_from(row).ok()?.checked_mul(len)?;
    let row = rows.get(start..start.checked_add(len)?)?;
    let mut from = 0;
    let [kind, second, third] = widths.map(|width| {
        let column = row.get(from..from + width).unwrap_or_default();
        from += width;
        (width > 0).then(|| column.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)))
    });
    match (kind.unwrap_or(1), second.unwrap_or(0), third.unwrap_or(0)) {
        (1, offset, _) => Some(Place::Offset(offset)),
        (2, stream, index) => Some(Place::Within(u32::try_from(stream).ok()?, u32::try_from(index).ok()?)),
        // Other kinds are to be read as references to nothing (table 18).
        _ => Some(Place::Free),
    }
}
