use crate::day::Moment;
use crate::entry::{Entry, Event, Tombstone};
use crate::error::LogError;
use crate::reader::{Content, Reader};
use crate::row::ROW;
use crate::writer::{Log, New};

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The records that are gone now, as pairs of the first and the last entry.
    pub erased: Vec<[u64; 2]>,
    /// How many they are.
    pub count: u64,
    /// The entry that tells of it; `None` if there was nothing to erase.
    pub told_by: Option<u64>,
    /// Records whose erasure was broken off earlier, and that are gone now too.
    pub finished: u64,
}

impl Log {
    /// Erases every record whose retention has ended, of all entries or of one. The tree stays as it is, and an entry tells
    /// of the erasure. Copies elsewhere, such as backups, are not reached.
    ///
    /// `now` is in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`LogError::Retained`] if one is named whose retention has not ended; else as [`Log::append`].
    pub fn erase(&mut self, now: u64, only: Option<u64>) -> Result<Erasure, LogError> {
        self.locked(|log| log.erase_locked(now, only))
    }

    fn erase_locked(&mut self, now: u64, only: Option<u64>) -> Result<Erasure, LogError> {
        let today = Moment::of_seconds(now).day();
        let mut reader = Reader::open(self.folder(), Some(&self.verifier().clone()))?;
        let range = only.map_or(0..reader.size(), |one| one..one.saturating_add(1));
        let (mut erasure, mut unfinished) = (Erasure::default(), Vec::new());
        if let Some(index) = only.filter(|index| *index >= reader.size()) {
            return Err(LogError::NoEntry { index, size: reader.size() });
        }
        for index in 0..reader.size() {
            let (entry, _) = reader.entry(index)?;
            if entry.event == Event::Erased {
                unfinished.extend(left(&mut reader, &entry)?.into_iter().map(|at| (at, index)));
            }
            if !range.contains(&index) || !matches!(reader.content(index, &entry)?, Content::Held(_)) {
                continue;
            }
            match entry.retain_until {
                Some(until) if until < today => erasure.add(index),
                until if only.is_some() => return Err(LogError::Retained { index, until }),
                _ => {}
            }
        }
        // Those whose erasure is told of already are finished, not told of again.
        if !unfinished.is_empty() {
            let told: std::collections::BTreeSet<u64> = unfinished.iter().map(|(at, _)| *at).collect();
            let again: Vec<_> = indexes(&erasure.erased).filter(|index| !told.contains(index)).collect();
            erasure = Erasure::default();
            again.into_iter().for_each(|index| erasure.add(index));
        }
        for (index, told_by) in &unfinished {
            self.bury(*index, *told_by)?;
        }
        erasure.finished = unfinished.len() as u64;
        if erasure.count > 0 {
            let new = New {
                event: Event::Erased,
                record: None,
                retain_until: None,
                concerns: erasure.erased.clone(),
            };
            // Told first: a record that is gone and not told of would look like tampering.
            let told_by = self.append_locked(now, vec![new])?;
            for index in indexes(&erasure.erased) {
                self.bury(index, told_by)?;
            }
            erasure.told_by = Some(told_by);
        }
        let files = self.files();
        files.records.sync()?;
        files.index.sync()?;
        Ok(erasure)
    }

    /// Overwrites a record, and the numbers it was found by.
    fn bury(&mut self, index: u64, told_by: u64) -> Result<(), LogError> {
        let files = self.files();
        let (start, end) = (files.starts(index)?.record_end, files.row(index)?.record_end);
        let mut line = serde_json::to_vec(&Tombstone { erased: told_by }).unwrap_or_default();
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or_default();
        line.resize(length.saturating_sub(1), b' ');
        files.records.write(start, &line)?;
        // Behind the two ends, a row has nothing but numbers.
        files.index.write(index * ROW + 16, &[0; 40])
    }
}

impl Erasure {
    fn add(&mut self, index: u64) {
        self.count += 1;
        match self.erased.last_mut() {
            Some([_, last]) if last.checked_add(1) == Some(index) => *last = index,
            _ => self.erased.push([index, index]),
        }
    }
}

fn indexes(ranges: &[[u64; 2]]) -> impl Iterator<Item = u64> + '_ {
    ranges.iter().flat_map(|[first, last]| *first..=*last)
}

/// The records that an entry says were erased, and that are still there, or still to be found.
pub(crate) fn left(reader: &mut Reader, told: &Entry) -> Result<Vec<u64>, LogError> {
    let mut left = Vec::new();
    let size = reader.size();
    for index in indexes(&told.concerns).take_while(|index| *index < size) {
        let (line, ..) = reader.record_line(index)?;
        let buried = line.starts_with(br#"{"erased":"#);
        if !buried || reader.files.row(index)?.keys != [0; 5] {
            left.push(index);
        }
    }
    Ok(left)
}
