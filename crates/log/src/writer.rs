use std::fmt;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use crate::checkpoint::Checkpoint;
use crate::day::{Day, Moment};
use crate::entry::{Entry, Event, SCHEMA, Sealed, canonical, salts};
use crate::error::LogError;
use crate::fault::Fault;
use crate::files::{self, CHECKPOINT, Files, KEY, Lengths};
use crate::hash::Hash;
use crate::journal;
use crate::key::{SigningKey, VerifierKey};
use crate::lock::Lock;
use crate::lookup;
use crate::record::Record;
use crate::row::Row;
use crate::seen::{Seen, begins_with};
use crate::tree::Edge;

/// How a log is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long another process is waited for.
    pub wait: Duration,
    /// Where heads are remembered, if they are.
    pub seen: Option<Seen>,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait: Duration::from_secs(10), seen: None }
    }
}

/// What is to be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// What happened.
    pub event: Event,
    /// To what.
    pub record: Option<Record>,
    /// The last day on which the record must be kept; `None` for without end.
    pub retain_until: Option<Day>,
    /// The earlier entries that it is about, as pairs of the first and the last.
    pub concerns: Vec<[u64; 2]>,
}

impl New {
    /// Something that happened to a file, to be kept without end.
    pub fn of(event: Event, record: Record) -> Self {
        Self { event, record: Some(record), retain_until: None, concerns: Vec::new() }
    }
}

/// What an append that was broken off had left, and was cut off: none of it was acknowledged to anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The entry that would have been the first.
    pub first: u64,
    /// Of each file that was cut: its name, and the bytes that were there from where to where.
    pub cut: Vec<(&'static str, u64, u64)>,
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an append after entry {} was broken off before it was acknowledged, and what it had left was cut off:",
            self.first.saturating_sub(1)
        )?;
        self.cut.iter().enumerate().try_for_each(|(number, (name, from, to))| {
            write!(f, "{} {name} bytes {from} to {to}", if number == 0 { "" } else { "," })
        })
    }
}

/// A log that is written to. Several processes may write to one: each append locks it for its time.
#[derive(Debug)]
pub struct Log {
    files: Files,
    lock: Lock,
    key: SigningKey,
    verifier: VerifierKey,
    options: Options,
    head: Checkpoint,
    edge: Edge,
    lengths: Lengths,
    recoveries: Vec<Recovery>,
    /// Whether it was opened without a fault, so that its head may be remembered.
    is_sound: bool,
}

impl Log {
    /// Makes a log in a new or empty folder. `origin` names it for the world: a schema-less URL, or any name that no other
    /// log has.
    ///
    /// # Errors
    /// If the folder is not empty or cannot be written, or the name cannot be a log's.
    pub fn create(folder: &Path, origin: &str, key: &SigningKey, options: Options) -> Result<Self, LogError> {
        let verifier = key.verifier(origin)?;
        let failed = |error| LogError::Io { file: folder.to_owned(), error };
        if folder.join(CHECKPOINT).exists() || folder.join(KEY).exists() {
            return Err(LogError::Exists { folder: folder.to_owned() });
        }
        if !folder.exists() {
            make_private(folder).map_err(failed)?;
        } else if fs::read_dir(folder).map_err(failed)?.next().is_some() {
            let why = "it is not empty, and holds no log: name a new folder".to_owned();
            return Err(LogError::NotALog { folder: folder.to_owned(), why });
        }
        let lock = Lock::open(folder)?;
        let locked = lock.take(options.wait)?;
        Files::open(folder, OpenOptions::new().create(true).truncate(false).write(true))?;
        let head = Checkpoint::sign(0, Edge::default().root(), key, &verifier);
        files::replace(folder, CHECKPOINT, head.to_string().as_bytes())?;
        // Last, since it is what makes the folder a log.
        files::replace(folder, KEY, format!("{verifier}\n").as_bytes())?;
        drop(locked);
        Self::open(folder, key, options)
    }

    /// Opens a log. What a broken off append has left is cut off, and named by [`Log::recoveries`].
    ///
    /// # Errors
    /// If there is none, it is signed by another key, was damaged, or another process does not stop writing.
    pub fn open(folder: &Path, key: &SigningKey, options: Options) -> Result<Self, LogError> {
        let named = verifier_of(folder)?;
        let verifier = key.verifier(named.name())?;
        if verifier != named {
            let (log, key) = (named.to_string(), verifier.to_string());
            return Err(LogError::WrongKey { folder: folder.to_owned(), log, key });
        }
        let files = Files::open(folder, OpenOptions::new().read(true).write(true))?;
        let lock = Lock::open(folder)?;
        let head = Checkpoint::sign(0, Edge::default().root(), key, &verifier);
        let mut log = Self {
            files,
            lock,
            key: key.clone(),
            verifier,
            options,
            head,
            edge: Edge::default(),
            lengths: Lengths::default(),
            recoveries: Vec::new(),
            is_sound: false,
        };
        log.locked(|log| match log.options.seen.as_ref().and_then(|seen| seen.recall(&log.verifier)) {
            Some(was) => begins_with(&mut log.files, &log.head, &was),
            None => Ok(()),
        })?;
        log.is_sound = true;
        Ok(log)
    }

    /// The public key that verifies it.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Its head after the last append of this process.
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    /// The folder it is in.
    pub fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// What was cut off so far, since the log was opened.
    pub fn recoveries(&self) -> &[Recovery] {
        &self.recoveries
    }

    /// Adds entries, all or none, and answers the number of the first. When it returns, they are on the disk, signed.
    ///
    /// `now` is in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// If another process does not stop writing, the log was damaged or rolled back, or the disk is full: then the log is as
    /// it was.
    pub fn append(&mut self, now: u64, batch: Vec<New>) -> Result<u64, LogError> {
        self.locked(|log| log.append_locked(now, batch))
    }

    pub(crate) fn append_locked(&mut self, now: u64, batch: Vec<New>) -> Result<u64, LogError> {
        let first = self.head.size;
        if batch.is_empty() {
            return Ok(first);
        }
        let lines = Lines::of(Moment::of_seconds(now), batch, &self.edge, self.lengths)?;
        let size = first + lines.count;
        journal::write(&self.files.folder, first, size)?;
        let head = Checkpoint::sign(size, lines.edge.root(), &self.key, &self.verifier);
        if let Err(err) = self.write(&lines, &head) {
            // Whatever was written is cut off again; if that fails too, the next to open it does.
            let _ = self.cut_back();
            return Err(err);
        }
        self.lengths = lines.lengths(self.lengths);
        (self.head, self.edge) = (head, lines.edge);
        Ok(first)
    }

    fn write(&mut self, lines: &Lines, head: &Checkpoint) -> Result<(), LogError> {
        let (files, at) = (&mut self.files, self.lengths);
        files.entries.write(at.entries, &lines.entries)?;
        files.records.write(at.records, &lines.records)?;
        files.index.write(at.index, &lines.index)?;
        files.hashes.write(at.hashes, &lines.hashes)?;
        files.parts().into_iter().try_for_each(files::Part::sync)?;
        files::replace(&files.folder, CHECKPOINT, head.to_string().as_bytes())
    }

    fn cut_back(&self) -> Result<(), LogError> {
        self.files.entries.cut(self.lengths.entries)?;
        self.files.records.cut(self.lengths.records)?;
        self.files.index.cut(self.lengths.index)?;
        self.files.hashes.cut(self.lengths.hashes)
    }

    /// Takes over what other processes have appended, and cuts off what one of them has left when it was ended.
    fn refresh(&mut self) -> Result<(), LogError> {
        self.files.forget();
        let bytes = files::read_whole(self.files.folder.join(CHECKPOINT))?;
        if bytes != self.head.to_string().into_bytes() || self.head.size == 0 {
            let opened = Checkpoint::open(&bytes, &self.verifier);
            let head = opened.map_err(|fault| self.files.damaged(fault))?;
            if let Some(fault) = self.files.shortfalls(head.size)?.into_iter().next() {
                return Err(self.files.damaged(fault));
            }
            let edge = Edge::read(head.size, |position| self.files.hash(position))?;
            if edge.root() != head.root {
                return Err(self.files.damaged(Fault::RootDiffers { size: head.size }));
            }
            begins_with(&mut self.files, &head, &self.head)?;
            self.lengths = self.files.lengths_of(head.size)?;
            (self.head, self.edge) = (head, edge);
        }
        let has = self.files.lengths()?;
        if has == self.lengths {
            return self.check_journal().map(drop);
        }
        if let Some(fault) = self.files.shortfalls(self.head.size)?.into_iter().next() {
            return Err(self.files.damaged(fault));
        }
        self.check_journal()?;
        let (was, names) = (self.lengths, self.files.parts().map(|part| part.name));
        let ends = |lengths: Lengths| [lengths.entries, lengths.records, lengths.index, lengths.hashes];
        let cut = names.into_iter().zip(ends(was)).zip(ends(has)).map(|((name, from), to)| (name, from, to));
        let cut = cut.filter(|(_, from, to)| from < to).collect();
        self.cut_back()?;
        self.recoveries.push(Recovery { first: self.head.size, cut });
        Ok(())
    }

    fn check_journal(&self) -> Result<(), LogError> {
        let size = self.head.size;
        match journal::read(&self.files.folder).map(|journal| journal.first) {
            Some(seen) if seen > size => Err(self.files.damaged(Fault::RolledBack { size, seen })),
            _ => Ok(()),
        }
    }

    pub(crate) fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let lock = self.lock.clone();
        let _locked = lock.take(self.options.wait)?;
        self.refresh()?;
        work(self)
    }

    pub(crate) fn files(&mut self) -> &mut Files {
        &mut self.files
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // What is not remembered cannot be missed later; nothing else depends on it.
        let Some(seen) = self.options.seen.as_ref().filter(|_| self.is_sound) else { return };
        if seen.recall(&self.verifier).is_none_or(|was| was.size < self.head.size) {
            let _ = seen.remember(&self.head, &self.verifier);
        }
    }
}

/// Who signs the log in a folder, as it says itself.
pub(crate) fn verifier_of(folder: &Path) -> Result<VerifierKey, LogError> {
    let not = |why: String| LogError::NotALog { folder: folder.to_owned(), why };
    let file = folder.join(KEY);
    if !file.exists() {
        return Err(not("it holds no log: there is no file `key` in it".into()));
    }
    let text = String::from_utf8(files::read_whole(file)?).unwrap_or_default();
    text.trim_end().parse().map_err(|err| not(format!("its file `key`: {err}")))
}

/// Records name files and people: the folder is for its owner alone.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What an append adds to each file.
struct Lines {
    count: u64,
    entries: Vec<u8>,
    records: Vec<u8>,
    index: Vec<u8>,
    hashes: Vec<u8>,
    edge: Edge,
}

impl Lines {
    fn of(time: Moment, batch: Vec<New>, edge: &Edge, at: Lengths) -> Result<Self, LogError> {
        let mut lines = Self {
            count: 0,
            entries: Vec::new(),
            records: Vec::new(),
            index: Vec::new(),
            hashes: Vec::new(),
            edge: edge.clone(),
        };
        let salts = salts(batch.len())?;
        for (new, salt) in batch.into_iter().zip(salts) {
            lines.add(time, new, salt, at)?;
        }
        Ok(lines)
    }

    fn add(&mut self, time: Moment, new: New, salt: String, at: Lengths) -> Result<(), LogError> {
        let New { event, record, retain_until, concerns } = new;
        let (mut keys, mut commitment) = (Default::default(), None);
        if let Some(record) = record {
            keys = lookup::keys(&record);
            let line = canonical(&Sealed { record, salt })?;
            commitment = Some(Hash::of(&line));
            self.records.extend(line);
        }
        self.records.push(b'\n');
        let entry = Entry { schema: SCHEMA.into(), event, time, retain_until, commitment, concerns };
        let line = canonical(&entry)?;
        let hashes = &mut self.hashes;
        self.edge.push(Hash::leaf(&line), |hash| hashes.extend(hash.0));
        self.entries.extend(line);
        self.entries.push(b'\n');
        let entry_end = at.entries + self.entries.len() as u64;
        let record_end = at.records + self.records.len() as u64;
        Row { entry_end, record_end, keys }.write(&mut self.index);
        self.count += 1;
        Ok(())
    }

    fn lengths(&self, before: Lengths) -> Lengths {
        Lengths {
            entries: before.entries + self.entries.len() as u64,
            records: before.records + self.records.len() as u64,
            index: before.index + self.index.len() as u64,
            hashes: before.hashes + self.hashes.len() as u64,
        }
    }
}
