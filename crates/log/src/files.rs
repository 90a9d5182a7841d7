//! The files of a log, and how long each is at which size.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::fault::Fault;
use crate::hash::{Hash, LENGTH};
use crate::row::{ROW, Row};
use crate::tree;

pub(crate) const ENTRIES: &str = "entries.jsonl";
pub(crate) const RECORDS: &str = "records.jsonl";
pub(crate) const INDEX: &str = "index";
pub(crate) const HASHES: &str = "hashes";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const KEY: &str = "key";

/// One file that grows.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    path: PathBuf,
    file: File,
    /// The block read last and where it begins: one after another, small reads are most of what verifying does.
    block: (u64, Vec<u8>),
}

/// Bytes of a block; no more, since a proof reads a few hashes far apart.
const BLOCK: usize = 4096;

impl Part {
    fn open(folder: &Path, name: &'static str, options: &OpenOptions) -> Result<Self, LogError> {
        let path = folder.join(name);
        match options.open(&path) {
            Ok(file) => Ok(Self { name, path, file, block: (0, Vec::new()) }),
            Err(error) => Err(LogError::Io { file: path, error }),
        }
    }

    fn failed(&self, error: io::Error) -> LogError {
        LogError::Io { file: self.path.clone(), error }
    }

    pub(crate) fn size(&self) -> Result<u64, LogError> {
        self.file.metadata().map(|facts| facts.len()).map_err(|err| self.failed(err))
    }

    /// Reads as many bytes as there are, up to the length of the buffer.
    pub(crate) fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize, LogError> {
        if buffer.len() > BLOCK / 8 {
            return self.read_file(at, buffer);
        }
        if let Some(held) = self.held(at, buffer.len()) {
            buffer.copy_from_slice(held);
            return Ok(buffer.len());
        }
        let mut block = std::mem::take(&mut self.block.1);
        block.resize(BLOCK, 0);
        let read = self.read_file(at, &mut block)?;
        block.truncate(read);
        self.block = (at, block);
        let length = read.min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), self.held(at, length)) {
            to.copy_from_slice(from);
        }
        Ok(length)
    }

    /// Bytes of the block read last.
    fn held(&self, at: u64, length: usize) -> Option<&[u8]> {
        let offset = usize::try_from(at.checked_sub(self.block.0)?).ok()?;
        self.block.1.get(offset..offset.checked_add(length)?)
    }

    /// Reads the file anew, which another process may have changed.
    pub(crate) fn forget(&mut self) {
        self.block.1.clear();
    }

    fn read_file(&mut self, at: u64, buffer: &mut [u8]) -> Result<usize, LogError> {
        let mut read = || {
            self.file.seek(SeekFrom::Start(at))?;
            let mut filled = 0;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match self.file.read(rest) {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
                    Err(err) => return Err(err),
                }
            }
            Ok(filled)
        };
        read().map_err(|err| self.failed(err))
    }

    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), LogError> {
        self.forget();
        let mut write = || {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(bytes)
        };
        write().map_err(|err| self.failed(err))
    }

    pub(crate) fn sync(&self) -> Result<(), LogError> {
        self.file.sync_data().map_err(|err| self.failed(err))
    }

    pub(crate) fn cut(&self, size: u64) -> Result<(), LogError> {
        self.file.set_len(size).map_err(|err| self.failed(err))
    }
}

/// The four files that grow.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
    pub(crate) entries: Part,
    pub(crate) records: Part,
    pub(crate) index: Part,
    pub(crate) hashes: Part,
}

/// How long they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) entries: u64,
    pub(crate) records: u64,
    pub(crate) index: u64,
    pub(crate) hashes: u64,
}

impl Files {
    pub(crate) fn open(folder: &Path, options: &OpenOptions) -> Result<Self, LogError> {
        let part = |name| Part::open(folder, name, options);
        Ok(Self {
            folder: folder.to_owned(),
            entries: part(ENTRIES)?,
            records: part(RECORDS)?,
            index: part(INDEX)?,
            hashes: part(HASHES)?,
        })
    }

    pub(crate) fn damaged(&self, fault: Fault) -> LogError {
        LogError::Damaged { folder: self.folder.clone(), fault }
    }

    pub(crate) fn parts(&self) -> [&Part; 4] {
        [&self.entries, &self.records, &self.index, &self.hashes]
    }

    /// Reads all files anew.
    pub(crate) fn forget(&mut self) {
        for part in [&mut self.entries, &mut self.records, &mut self.index, &mut self.hashes] {
            part.forget();
        }
    }

    /// The row of an entry.
    pub(crate) fn row(&mut self, entry: u64) -> Result<Row, LogError> {
        let mut bytes = [0; 56];
        let at = entry * ROW;
        if self.index.read(at, &mut bytes)? < bytes.len() {
            let byte = self.index.size()?;
            return Err(self.damaged(Fault::CutShort {
                file: INDEX,
                entry: byte / ROW,
                byte,
                needs: at + ROW,
            }));
        }
        Ok(Row::read(&bytes))
    }

    /// Where the lines of an entry begin.
    pub(crate) fn starts(&mut self, entry: u64) -> Result<Row, LogError> {
        if entry == 0 { Ok(Row::default()) } else { self.row(entry - 1) }
    }

    /// A stored hash.
    pub(crate) fn hash(&mut self, position: u64) -> Result<Hash, LogError> {
        let mut hash = Hash::default();
        let at = position * LENGTH as u64;
        if self.hashes.read(at, &mut hash.0)? < LENGTH {
            let byte = self.hashes.size()?;
            let entry = entry_of_hash(byte / LENGTH as u64);
            return Err(self.damaged(Fault::CutShort {
                file: HASHES,
                entry,
                byte,
                needs: at + LENGTH as u64,
            }));
        }
        Ok(hash)
    }

    /// The hash of an entry.
    pub(crate) fn leaf(&mut self, entry: u64) -> Result<Hash, LogError> {
        self.hash(tree::position(0, entry))
    }

    /// How long the files are to be with so many entries.
    pub(crate) fn lengths_of(&mut self, entries: u64) -> Result<Lengths, LogError> {
        let ends = self.starts(entries)?;
        Ok(Lengths {
            entries: ends.entry_end,
            records: ends.record_end,
            index: entries * ROW,
            hashes: tree::stored(entries) * LENGTH as u64,
        })
    }

    /// How long they are.
    pub(crate) fn lengths(&self) -> Result<Lengths, LogError> {
        Ok(Lengths {
            entries: self.entries.size()?,
            records: self.records.size()?,
            index: self.index.size()?,
            hashes: self.hashes.size()?,
        })
    }

    /// Files that are shorter than so many entries ask.
    pub(crate) fn shortfalls(&mut self, entries: u64) -> Result<Vec<Fault>, LogError> {
        let has = self.lengths()?;
        let mut faults = Vec::new();
        if has.index < entries * ROW {
            let entry = has.index / ROW;
            faults.push(Fault::CutShort { file: INDEX, entry, byte: has.index, needs: entries * ROW });
        }
        let hashes = tree::stored(entries) * LENGTH as u64;
        if has.hashes < hashes {
            let entry = entry_of_hash(has.hashes / LENGTH as u64);
            faults.push(Fault::CutShort { file: HASHES, entry, byte: has.hashes, needs: hashes });
        }
        if has.index < entries * ROW {
            return Ok(faults);
        }
        let needs = self.lengths_of(entries)?;
        if has.entries < needs.entries {
            let entry = self.first_behind(entries, has.entries, |row| row.entry_end)?;
            faults.push(Fault::CutShort { file: ENTRIES, entry, byte: has.entries, needs: needs.entries });
        }
        if has.records < needs.records {
            let entry = self.first_behind(entries, has.records, |row| row.record_end)?;
            faults.push(Fault::CutShort { file: RECORDS, entry, byte: has.records, needs: needs.records });
        }
        Ok(faults)
    }

    /// The first entry whose line ends behind a byte.
    fn first_behind(&mut self, entries: u64, byte: u64, end: impl Fn(Row) -> u64) -> Result<u64, LogError> {
        let (mut low, mut high) = (0, entries);
        while low < high {
            let middle = low + (high - low) / 2;
            if end(self.row(middle)?) > byte { high = middle } else { low = middle + 1 }
        }
        Ok(low)
    }
}

/// The first entry whose hashes do not all stand among so many.
fn entry_of_hash(hashes: u64) -> u64 {
    // Between one and two hashes are stored for each entry.
    let (mut low, mut high) = (0, hashes + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if tree::stored(middle + 1) > hashes { high = middle } else { low = middle + 1 }
    }
    low
}

/// Makes what was done to the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LogError> {
    if cfg!(unix) {
        let sync = || File::open(folder)?.sync_all();
        sync().map_err(|error| LogError::Io { file: folder.to_owned(), error })?;
    }
    Ok(())
}

/// Reads a small file whole.
pub(crate) fn read_whole(file: PathBuf) -> Result<Vec<u8>, LogError> {
    std::fs::read(&file).map_err(|error| LogError::Io { file, error })
}

/// Puts a small file in the place of another in one step. Only whoever holds the lock may.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), LogError> {
    let (new, place) = (folder.join(format!("{name}.new")), folder.join(name));
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        std::fs::rename(&new, &place)
    };
    write().map_err(|error| LogError::Io { file: place.clone(), error })?;
    sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::entry_of_hash;
    use crate::tree::stored;

    #[test]
    fn the_first_entry_without_its_hashes_is_named() {
        for hashes in 0..300 {
            let entry = entry_of_hash(hashes);
            assert!(stored(entry) <= hashes && stored(entry + 1) > hashes, "{hashes}: {entry}");
        }
    }
}
