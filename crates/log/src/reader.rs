use std::fs::OpenOptions;
use std::ops::Range;
use std::path::Path;

use crate::checkpoint::Checkpoint;
use crate::day::Day;
use crate::entry::{Entry, Event, LONGEST, Sealed, Tombstone};
use crate::error::LogError;
use crate::fault::Fault;
use crate::files::{self, CHECKPOINT, Files, read_whole};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::lookup::Sought;
use crate::proof::{Consistency, Proof};
use crate::record::Record;
use crate::row::{ROW, Row};
use crate::seen::{Seen, begins_with};
use crate::tree;
use crate::writer::verifier_of;

/// A log as it stood when it was opened, to be read. It never waits for those who write.
#[derive(Debug)]
pub struct Reader {
    pub(crate) files: Files,
    key: VerifierKey,
    head: Checkpoint,
}

/// An entry, and what is left of what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its number, from 0.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// Its record.
    pub content: Content,
}

/// What is left of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// All of it.
    Held(Box<Record>),
    /// It was erased on purpose, at the end of its retention.
    Erased {
        /// When.
        on: Day,
        /// The entry that tells of it.
        told_by: u64,
    },
    /// The entry never had one.
    None,
}

impl Reader {
    /// Opens a log. `key` is whom to trust; without one, whoever the log itself names, which shows that it is whole, and not
    /// whose it is.
    ///
    /// # Errors
    /// If there is no log, its head is not signed by the key, or files are shorter than that says.
    pub fn open(folder: &Path, key: Option<&VerifierKey>) -> Result<Self, LogError> {
        let mut reader = Self::open_damaged(folder, key)?;
        match reader.files.shortfalls(reader.head.size)?.into_iter().next() {
            Some(fault) => Err(reader.files.damaged(fault)),
            None => Ok(reader),
        }
    }

    /// Opens a log of which only the head is sure, for [`Reader::verify`].
    ///
    /// # Errors
    /// If there is no log, or its head is not signed by the key.
    pub fn open_damaged(folder: &Path, key: Option<&VerifierKey>) -> Result<Self, LogError> {
        let key = match key {
            Some(key) => key.clone(),
            None => verifier_of(folder)?,
        };
        let bytes = read_whole(folder.join(CHECKPOINT))?;
        let head = Checkpoint::open(&bytes, &key);
        let head = head.map_err(|fault| LogError::Damaged { folder: folder.to_owned(), fault })?;
        Ok(Self { files: Files::open(folder, OpenOptions::new().read(true))?, key, head })
    }

    /// The head that everything here is held against.
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    /// The key that has signed it.
    pub fn verifier(&self) -> &VerifierKey {
        &self.key
    }

    /// How many entries there are.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// An entry with its record, each checked against the hash that is stored for it.
    ///
    /// # Errors
    /// If there is none of this number, or it was altered.
    pub fn read(&mut self, index: u64) -> Result<Stored, LogError> {
        let (entry, _) = self.entry(index)?;
        let content = self.content(index, &entry)?;
        Ok(Stored { index, entry, content })
    }

    /// Several entries, in order.
    pub fn range(&mut self, range: Range<u64>) -> impl Iterator<Item = Result<Stored, LogError>> + '_ {
        let end = range.end.min(self.size());
        (range.start..end).map(|index| self.read(index))
    }

    /// An entry and its line without the end.
    pub(crate) fn entry(&mut self, index: u64) -> Result<(Entry, Vec<u8>), LogError> {
        if index >= self.size() {
            return Err(LogError::NoEntry { index, size: self.size() });
        }
        let (start, end) = (self.files.starts(index)?.entry_end, self.files.row(index)?.entry_end);
        let line = line(&mut self.files.entries, start, end)?;
        let leaf = self.files.leaf(index)?;
        let altered = |why: &str| Fault::Altered { entry: index, start, end, why: why.to_owned() };
        let line =
            line.ok_or_else(|| self.files.damaged(Fault::IndexAltered { entry: index, byte: index * ROW }))?;
        if Hash::leaf(&line) != leaf {
            return Err(self.files.damaged(altered("")));
        }
        match serde_json::from_slice(&line) {
            Ok(entry) => Ok((entry, line)),
            Err(err) => Err(self.files.damaged(altered(&err.to_string()))),
        }
    }

    /// The line of a record without its end, and the byte it begins at.
    pub(crate) fn record_line(&mut self, index: u64) -> Result<(Vec<u8>, u64, u64), LogError> {
        let (start, end) = (self.files.starts(index)?.record_end, self.files.row(index)?.record_end);
        let line = line(&mut self.files.records, start, end)?;
        let altered = Fault::IndexAltered { entry: index, byte: index * ROW };
        Ok((line.ok_or_else(|| self.files.damaged(altered))?, start, end))
    }

    pub(crate) fn content(&mut self, index: u64, entry: &Entry) -> Result<Content, LogError> {
        let (line, start, end) = self.record_line(index)?;
        self.judge(index, entry, &line, start, end)?.map_err(|fault| self.files.damaged(fault))
    }

    /// What is left of a record, from its line.
    pub(crate) fn judge(
        &mut self,
        index: u64,
        entry: &Entry,
        line: &[u8],
        start: u64,
        end: u64,
    ) -> Result<Result<Content, Fault>, LogError> {
        let altered = Fault::RecordAltered { entry: index, start, end };
        let Some(commitment) = entry.commitment else {
            return Ok(if line.is_empty() { Ok(Content::None) } else { Err(altered) });
        };
        if Hash::of(line) == commitment {
            let sealed: Result<Sealed, _> = serde_json::from_slice(line);
            return Ok(sealed.map(|sealed| Content::Held(Box::new(sealed.record))).map_err(|_| altered));
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(Err(Fault::RecordGone { entry: index, start }));
        }
        let Ok(Tombstone { erased }) = serde_json::from_slice(line) else { return Ok(Err(altered)) };
        let told = if erased < self.size() { Some(self.entry(erased)?.0) } else { None };
        let Some(told) = told.filter(|told| told.event == Event::Erased && told.is_about(index)) else {
            return Ok(Err(Fault::RecordGone { entry: index, start }));
        };
        let on = told.time.day();
        Ok(match entry.retain_until {
            Some(until) if until < on => Ok(Content::Erased { on, told_by: erased }),
            until => Err(Fault::ErasedEarly { entry: index, until, on }),
        })
    }

    /// Every entry whose record has this, the latest first.
    ///
    /// # Errors
    /// If the log cannot be read, or one of them was altered.
    pub fn find(&mut self, sought: &Sought) -> Result<Vec<Stored>, LogError> {
        const ROWS: u64 = 1 << 14;
        let (place, key) = sought.key();
        let (mut found, mut first) = (Vec::new(), 0);
        let mut buffer = vec![0; usize::try_from(ROWS * ROW).unwrap_or_default()];
        while first < self.size() {
            let read = self.files.index.read(first * ROW, &mut buffer)?;
            let rows = buffer.get(..read).unwrap_or_default().as_chunks::<56>().0;
            let hits = (first..self.head.size).zip(rows);
            found.extend(
                hits.filter(|(_, row)| Row::read(&row[..]).keys.get(place) == Some(&key))
                    .map(|(index, _)| index),
            );
            first += ROWS;
        }
        let mut stored = Vec::new();
        for index in found.into_iter().rev() {
            let one = self.read(index)?;
            // Eight bytes of a hash may be those of another, too.
            if matches!(&one.content, Content::Held(record) if sought.is_in(record)) {
                stored.push(one);
            }
        }
        Ok(stored)
    }

    /// The proof that an entry is in the log, with its record if that is still there.
    ///
    /// # Errors
    /// If there is no such entry, it was altered, or the stored hashes do not lead to the signed root.
    pub fn prove(&mut self, index: u64) -> Result<Proof, LogError> {
        let (entry, line) = self.entry(index)?;
        let record = match self.content(index, &entry)? {
            Content::Held(_) => Some(self.record_line(index)?.0),
            Content::Erased { .. } | Content::None => None,
        };
        let size = self.size();
        let path = tree::inclusion(index, size, |position| self.files.hash(position))?;
        if tree::inclusion_root(index, size, Hash::leaf(&line), &path) != Some(self.head.root) {
            return Err(self.files.damaged(Fault::RootDiffers { size }));
        }
        Ok(Proof { index, entry: line, record, path, checkpoint: self.head.to_string() })
    }

    /// The proof that the log begins with what an earlier head of it says.
    ///
    /// # Errors
    /// [`Fault::RolledBack`] or [`Fault::Forked`] if it does not.
    pub fn prove_consistency(&mut self, was: &Checkpoint) -> Result<Consistency, LogError> {
        self.holds(was)?;
        let path = match was.size {
            0 => Vec::new(),
            old => tree::consistency(old, self.size(), |position| self.files.hash(position))?,
        };
        Ok(Consistency { old_size: was.size, path, checkpoint: self.head.to_string() })
    }

    /// Whether the log begins with what an earlier head of it says.
    ///
    /// # Errors
    /// [`Fault::RolledBack`] or [`Fault::Forked`] if it does not.
    pub fn holds(&mut self, was: &Checkpoint) -> Result<(), LogError> {
        begins_with(&mut self.files, &self.head, was)
    }

    /// Holds the log against the head that was seen last, and remembers this one.
    ///
    /// # Errors
    /// [`Fault::RolledBack`] or [`Fault::Forked`] if it is not the log that was seen.
    pub fn hold_against(&mut self, seen: &Seen) -> Result<(), LogError> {
        if let Some(was) = seen.recall(&self.key) {
            self.holds(&was)?;
        }
        seen.remember(&self.head, &self.key)
    }
}

/// A line without its end; `None` if the bytes are not a line at all.
fn line(part: &mut files::Part, start: u64, end: u64) -> Result<Option<Vec<u8>>, LogError> {
    let length = end.checked_sub(start).and_then(|length| usize::try_from(length).ok());
    let Some(length) = length.filter(|length| (1..=LONGEST + 1).contains(length)) else { return Ok(None) };
    let mut line = vec![0; length];
    if part.read(start, &mut line)? < length || line.pop() != Some(b'\n') {
        return Ok(None);
    }
    Ok(Some(line))
}
