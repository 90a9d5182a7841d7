//! Logs to test on.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use indicia_log::{
    Day, Event, Hash, Log, LogError, New, Options, Reader, Record, SigningKey, Verification, Verify,
};

/// 2027-01-15T08:00:00Z.
pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;
pub const ORIGIN: &str = "example.com/labels";

/// A log in a folder that goes with it.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub key: SigningKey,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), key: SigningKey::generate().unwrap() }
    }

    /// With a log of so many entries.
    pub fn of(count: u64) -> Self {
        let place = Self::new();
        place.create().append(NOW, (0..count).map(labelled).collect()).unwrap();
        place
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.log().join(name)
    }

    pub fn create(&self) -> Log {
        Log::create(&self.log(), ORIGIN, &self.key, Options::default()).unwrap()
    }

    pub fn open(&self) -> Result<Log, LogError> {
        Log::open(&self.log(), &self.key, Options::default())
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.log(), Some(&self.key.verifier(ORIGIN).unwrap())).unwrap()
    }

    pub fn verify(&self) -> Verification {
        let key = self.key.verifier(ORIGIN).unwrap();
        let mut reader = Reader::open_damaged(&self.log(), Some(&key)).unwrap();
        reader.verify(Verify::default(), |_| ()).unwrap()
    }

    /// The lines of a file.
    pub fn lines(&self, name: &str) -> Vec<String> {
        fs::read_to_string(self.file(name)).unwrap().lines().map(str::to_owned).collect()
    }

    /// Where the line of an entry begins and ends.
    pub fn span(&self, name: &str, entry: usize) -> (u64, u64) {
        let lines = self.lines(name);
        let start: usize = lines[..entry].iter().map(|line| line.len() + 1).sum();
        (start as u64, (start + lines[entry].len() + 1) as u64)
    }

    pub fn write_lines(&self, name: &str, lines: &[String]) {
        fs::write(self.file(name), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    }

    /// Turns bits of one byte.
    pub fn flip(&self, name: &str, byte: u64, bits: u8) {
        let mut bytes = fs::read(self.file(name)).unwrap();
        bytes[usize::try_from(byte).unwrap()] ^= bits;
        fs::write(self.file(name), bytes).unwrap();
    }
}

pub fn record(number: u64) -> Record {
    Record {
        path: format!("out/picture-{number}.png"),
        sha256: Hash::of(&number.to_le_bytes()),
        size: 1000 + number,
        media: Some(Hash::of(format!("media {number}").as_bytes())),
        format: "png".into(),
        claim: [("content_id", format!("C-{number}")), ("producer", "Example Ltd".into())]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        watermark: Some(format!("{number:016x}")),
        ..Record::default()
    }
}

pub fn labelled(number: u64) -> New {
    New { retain_until: Day::parse("2027-07-15"), ..New::of(Event::Labelled, record(number)) }
}

/// Copies a folder of files.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
