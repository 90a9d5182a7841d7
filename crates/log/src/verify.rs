use std::collections::BTreeMap;

use crate::day::Day;
use crate::entry::{Entry, Event};
use crate::erase::left;
use crate::error::LogError;
use crate::fault::Fault;
use crate::files::Lengths;
use crate::hash::{Hash, LENGTH};
use crate::lookup;
use crate::reader::{Content, Reader};
use crate::row::{ROW, Row};

mod lines;
mod trees;

use lines::Lines;
use trees::{Trees, lowest_true};

/// How a log is verified.
#[derive(Clone, Copy, Debug)]
pub struct Verify {
    /// Most faults that are named.
    pub most: usize,
}

impl Default for Verify {
    fn default() -> Self {
        Self { most: 100 }
    }
}

/// What came of verifying a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many entries its head counts.
    pub size: u64,
    /// How many of them have a record.
    pub held: u64,
    /// Records erased on purpose: how many, by the day their retention ended and the day they were erased.
    pub erased: BTreeMap<(Day, Day), u64>,
    /// Bytes behind what is signed, by file: another process is writing, or was broken off.
    pub unacknowledged: Vec<(&'static str, u64)>,
    /// All that is wrong with it, up to the limit, in the order of entries.
    pub faults: Vec<Fault>,
    /// Whether there is more that is wrong.
    pub more: bool,
}

impl Verification {
    /// Whether nothing is wrong with it.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Reader {
    /// Reads all of the log, holds it against its signed head, and names every fault with its place. Its memory does not
    /// grow with the log.
    ///
    /// # Errors
    /// If a file cannot be read at all. What is wrong with the log is no error here.
    pub fn verify(&mut self, how: Verify, mut progress: impl FnMut(u64)) -> Result<Verification, LogError> {
        let size = self.size();
        let mut pass = Pass::new(how.most, self.files.lengths()?);
        pass.result.size = size;
        for fault in self.files.shortfalls(size)? {
            pass.fault(fault);
        }
        let whole = pass.result.faults.is_empty();
        if whole {
            let (needs, has) = (self.files.lengths_of(size)?, self.files.lengths()?);
            let ends = [
                ("entries.jsonl", needs.entries, has.entries),
                ("records.jsonl", needs.records, has.records),
                ("index", needs.index, has.index),
                ("hashes", needs.hashes, has.hashes),
            ];
            let behind = ends.iter().filter(|(_, needs, has)| has > needs);
            pass.result.unacknowledged = behind.map(|(name, needs, has)| (*name, has - needs)).collect();
        }
        for index in 0..size {
            if pass.is_over(index) {
                break;
            }
            pass.entry(self, index)?;
            progress(index + 1);
        }
        if whole && !pass.broken_off {
            pass.conclude(self)?;
        }
        Ok(pass.result)
    }
}

/// An entry whose line is not the one that its stored hash is of.
struct Mismatch {
    entry: u64,
    start: u64,
    end: u64,
    /// The hash of the line that stands there.
    holds: Hash,
    /// The hash that is stored.
    meant: Hash,
    why: String,
}

/// One pass over a log.
struct Pass {
    most: usize,
    /// How long the files are.
    has: Lengths,
    result: Verification,
    entries: Lines,
    records: Lines,
    /// Where the next line of an entry is.
    at: u64,
    /// By how much lines stand behind where the index says, after lines were put in or taken out.
    drift: i128,
    record_at: u64,
    trees: Trees,
    mismatches: Vec<Mismatch>,
    /// Faults of entries whose line was never compared, which the mismatches are told after.
    erasures: Vec<(u64, Entry)>,
    broken_off: bool,
}

impl Pass {
    fn new(most: usize, has: Lengths) -> Self {
        Self {
            most,
            has,
            result: Verification::default(),
            entries: Lines::new(),
            records: Lines::new(),
            at: 0,
            drift: 0,
            record_at: 0,
            trees: Trees::default(),
            mismatches: Vec::new(),
            erasures: Vec::new(),
            broken_off: false,
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.result.faults.len() < self.most {
            self.result.faults.push(fault);
        } else {
            self.result.more = true;
        }
    }

    /// Whether nothing of an entry can be told, since a file ends before it.
    fn is_over(&mut self, index: u64) -> bool {
        let hashes = crate::tree::stored(index + 1) * LENGTH as u64;
        let has = &self.has;
        let over = has.index < (index + 1) * ROW || has.hashes < hashes || has.entries <= self.at;
        self.broken_off |= over;
        over
    }

    fn entry(&mut self, reader: &mut Reader, index: u64) -> Result<(), LogError> {
        let (before, row) = (reader.files.starts(index)?, reader.files.row(index)?);
        let meant = reader.files.leaf(index)?;
        self.trees.store(reader, index)?;
        let start = self.at;
        let (line, end) = self.entries.line(&mut reader.files.entries, start)?;
        let holds = Hash::leaf(&line);
        if holds == meant {
            self.trees.push(index, holds, meant);
            let cut_off = line.len() as u64 == end - start;
            if i128::from(row.entry_end) + self.drift != i128::from(end) && !cut_off {
                self.fault(Fault::IndexAltered { entry: index, byte: index * ROW });
                self.drift = i128::from(end) - i128::from(row.entry_end);
                if self.drift_is_one_rows(reader, index, end)? {
                    self.drift = 0;
                }
            }
            self.at = end;
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) => self.record(reader, index, &entry, before, row)?,
                Err(err) => self.fault(Fault::Altered { entry: index, start, end, why: err.to_string() }),
            }
            return Ok(());
        }
        self.mismatch(reader, index, &line, (start, end), (before, row), (holds, meant))?;
        // The entry says which record it commits to, and it is not known.
        self.record_at = row.record_end;
        Ok(())
    }

    /// Whether only this row of the index is wrong, and the next line ends where the index says.
    fn drift_is_one_rows(&mut self, reader: &mut Reader, index: u64, end: u64) -> Result<bool, LogError> {
        if index + 1 >= reader.size() {
            return Ok(true);
        }
        let (_, next) = self.entries.line(&mut reader.files.entries, end)?;
        Ok(reader.files.row(index + 1)?.entry_end == next)
    }

    fn mismatch(
        &mut self,
        reader: &mut Reader,
        index: u64,
        line: &[u8],
        (start, end): (u64, u64),
        (before, row): (Row, Row),
        (holds, meant): (Hash, Hash),
    ) -> Result<(), LogError> {
        let next_meant = if index + 1 < reader.size() { reader.files.leaf(index + 1).ok() } else { None };
        let (next, next_end) = self.entries.line(&mut reader.files.entries, end)?;
        let next_holds = Hash::leaf(&next);
        let length = i128::from(row.entry_end) - i128::from(before.entry_end);
        if next_meant == Some(holds) && next_holds != meant {
            self.trees.push(index, meant, meant);
            self.trees.lines_differ = true;
            self.drift -= length;
            self.fault(Fault::Removed { entry: index, byte: start });
            return Ok(());
        }
        // Two that changed places are not one put in.
        if next_holds == meant && next_meant != Some(holds) {
            self.trees.push(index, meant, meant);
            self.trees.lines_differ = true;
            self.drift += i128::from(end) - i128::from(start);
            self.at = next_end;
            self.fault(Fault::Inserted { entry: index, start, end });
            return Ok(());
        }
        self.trees.push(index, holds, meant);
        // Where the index is to be trusted, the next line begins where it says: a newline may be what was altered.
        let framed = u64::try_from(i128::from(row.entry_end) + self.drift).ok();
        let framed = framed.filter(|framed| *framed > start && *framed <= start + (1 << 20));
        let (mut from, mut to, mut next_at) = (start, end, end);
        let mut why =
            serde_json::from_slice::<Entry>(line).err().map(|err| err.to_string()).unwrap_or_default();
        if let Some(framed) = framed.filter(|framed| *framed != end) {
            let bytes = self.entries.bytes(&mut reader.files.entries, start, framed)?;
            if let Some((last, words)) = bytes.split_last() {
                if Hash::leaf(words) == meant {
                    (from, to, next_at) = (framed - 1, framed, framed);
                    why = "the end of its line".into();
                } else if *last == b'\n' {
                    (to, next_at) = (framed, framed);
                    why = "a line end within".into();
                }
            }
        }
        self.at = next_at;
        if self.mismatches.len() < 10_000.max(self.most) {
            self.mismatches.push(Mismatch { entry: index, start: from, end: to, holds, meant, why });
        } else {
            self.result.more = true;
        }
        Ok(())
    }

    fn record(
        &mut self,
        reader: &mut Reader,
        index: u64,
        entry: &Entry,
        before: Row,
        row: Row,
    ) -> Result<(), LogError> {
        if entry.event == Event::Erased {
            self.erasures.push((index, Entry { concerns: entry.concerns.clone(), ..entry.clone() }));
        }
        let start = self.record_at;
        if self.has.records <= start {
            // Told of already: the file is cut short.
            return Ok(());
        }
        let (line, end) = self.records.line(&mut reader.files.records, start)?;
        if line.len() as u64 == end - start && self.has.records == end {
            // So is the line.
            return Ok(());
        }
        let altered = Fault::IndexAltered { entry: index, byte: index * ROW };
        match reader.judge(index, entry, &line, start, end)? {
            Ok(content) => {
                self.record_at = end;
                if row.record_end != end && before.record_end == start {
                    self.fault(altered.clone());
                }
                match content {
                    Content::Held(record) => {
                        self.result.held += 1;
                        if lookup::keys(&record) != row.keys {
                            self.fault(altered);
                        }
                    }
                    Content::Erased { on, .. } => {
                        let until = entry.retain_until.unwrap_or(on);
                        *self.result.erased.entry((until, on)).or_default() += 1;
                    }
                    Content::None => {}
                }
            }
            Err(fault) => {
                // The next begins where the index says, if that is where a line begins.
                let framed = row.record_end;
                let plausible = framed > start && framed <= start + (1 << 21);
                let bytes = if plausible {
                    self.records.bytes(&mut reader.files.records, framed - 1, framed)?
                } else {
                    Vec::new()
                };
                self.record_at = if bytes == b"\n" { framed } else { end };
                let told = match fault {
                    Fault::RecordAltered { entry, start, .. } => {
                        Fault::RecordAltered { entry, start, end: self.record_at }
                    }
                    other => other,
                };
                self.fault(told);
            }
        }
        Ok(())
    }

    fn conclude(&mut self, reader: &mut Reader) -> Result<(), LogError> {
        let signed = reader.head().root;
        let (lines, hashes) = (self.trees.lines_root(), self.trees.hashes_root());
        let (lines, hashes) = (lines == signed && !self.trees.lines_differ, hashes == signed);
        let mismatches = std::mem::take(&mut self.mismatches);
        if lines {
            // The words are what was signed: the stored hashes are not.
            for fault in self.trees.against_lines() {
                self.fault(fault);
            }
        } else if hashes {
            for fault in self.trees.against_hashes() {
                self.fault(fault);
            }
            self.tell(mismatches);
        } else if !self.trees.lines_differ || !mismatches.is_empty() {
            let told = !mismatches.is_empty();
            self.tell(mismatches);
            let rewritten = lowest_true(reader)?;
            let known = |first: u64, last: u64, faults: &[Fault]| {
                faults.iter().any(
                    |fault| matches!(fault, Fault::Altered { entry, .. } if (first..=last).contains(entry)),
                )
            };
            for (first, last) in rewritten {
                if !told || !known(first, last, &self.result.faults) {
                    self.fault(Fault::Rewritten { first, last });
                }
            }
        }
        for (told_by, told) in std::mem::take(&mut self.erasures) {
            if self.result.faults.iter().any(|fault| matches!(fault, Fault::IndexAltered { .. })) {
                break;
            }
            for entry in left(reader, &told)?.into_iter().filter(|entry| *entry < told_by) {
                self.fault(Fault::ErasureUnfinished { entry });
            }
        }
        Ok(())
    }

    /// Tells of entries that are not what they were, and of those that only stand elsewhere.
    fn tell(&mut self, mismatches: Vec<Mismatch>) {
        let places: BTreeMap<Hash, u64> =
            mismatches.iter().map(|mismatch| (mismatch.meant, mismatch.entry)).collect();
        for Mismatch { entry, start, end, holds, why, .. } in mismatches {
            self.fault(match places.get(&holds) {
                Some(holds) => Fault::Reordered { entry, holds: *holds, start, end },
                None => Fault::Altered { entry, start, end, why },
            });
        }
    }
}
