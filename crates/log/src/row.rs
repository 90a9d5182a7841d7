/// Bytes of a row.
pub(crate) const ROW: u64 = 56;

/// Numbers under which an entry is found.
pub(crate) const KEYS: usize = 5;

/// A row of the index: where the lines of an entry end, and under which numbers it is found. Little endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The byte behind its line in `entries.jsonl`.
    pub(crate) entry_end: u64,
    /// The byte behind its line in `records.jsonl`.
    pub(crate) record_end: u64,
    /// See [`crate::lookup`]; zero for none.
    pub(crate) keys: [u64; KEYS],
}

impl Row {
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        let ends = [self.entry_end, self.record_end];
        to.extend(ends.iter().chain(&self.keys).flat_map(|number| number.to_le_bytes()));
    }

    /// Reads [`ROW`] bytes; what is missing is zero.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut numbers = bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        let mut next = || numbers.next().unwrap_or_default();
        Self { entry_end: next(), record_end: next(), keys: [next(), next(), next(), next(), next()] }
    }
}

#[cfg(test)]
mod tests {
    use super::{ROW, Row};

    #[test]
    fn a_row_reads_as_it_is_written() {
        let row = Row { entry_end: 1, record_end: u64::MAX, keys: [2, 0, 1 << 40, 3, 4] };
        let mut bytes = Vec::new();
        row.write(&mut bytes);
        assert_eq!(bytes.len() as u64, ROW);
        assert_eq!(Row::read(&bytes), row);
        assert_eq!(Row::read(&[]), Row::default());
    }
}
