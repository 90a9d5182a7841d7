use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, Sealed};
use crate::fault::Fault;
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::record::Record;
use crate::tree::{consistency_holds, inclusion_root};

/// The first line of a proof.
const HEADING: &str = "c2sp.org/tlog-proof@v1";

/// That an entry is in a log, in one file that needs nothing else (c2sp.org/tlog-proof).
///
/// Its extra data is the line of the entry and, behind a newline, that of the record, if it was not erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub(crate) index: u64,
    pub(crate) entry: Vec<u8>,
    pub(crate) record: Option<Vec<u8>>,
    pub(crate) path: Vec<Hash>,
    pub(crate) checkpoint: String,
}

/// What a proof shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// The number of the entry.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
    /// Its record, if the proof has it.
    pub record: Option<Record>,
    /// The head of the log that it was proved against.
    pub checkpoint: Checkpoint,
}

impl Proof {
    /// Reads the text of a proof. It shows nothing before [`Proof::verify`].
    ///
    /// # Errors
    /// If it is none; the error names the line.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let malformed = |line, why| ProofError::Malformed { line, why };
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed(1, "no empty line stands in it"))?;
        let mut lines = head.lines().zip(1..).peekable();
        if lines.next().map(|(line, _)| line) != Some(HEADING) {
            return Err(malformed(1, "it is no proof of the form c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next_if(|(line, _)| line.starts_with("extra "));
        let extra = extra.and_then(|(line, _)| STANDARD.decode(line.trim_start_matches("extra ")).ok());
        let extra =
            extra.ok_or(malformed(2, "its extra data, which is the entry, is missing or no Base64"))?;
        let mut parts = extra.splitn(2, |byte| *byte == b'\n').map(<[u8]>::to_vec);
        let (entry, record) = (parts.next().unwrap_or_default(), parts.next());
        let decimal = lines.next().and_then(|(line, _)| line.strip_prefix("index ")).unwrap_or_default();
        let index = decimal.parse().ok().filter(|index: &u64| index.to_string() == decimal);
        let index = index.ok_or(malformed(3, "it does not give the index of the entry"))?;
        let hash =
            |(line, number): (&str, usize)| Hash::of_base64(line).ok_or(malformed(number, "it is no hash"));
        let path = lines.map(hash).collect::<Result<_, _>>()?;
        Ok(Self { index, entry, record, path, checkpoint: checkpoint.to_owned() })
    }

    /// What it shows, if the log's key has signed the head that it leads to.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<Proved, ProofError> {
        let checkpoint = Checkpoint::open(self.checkpoint.as_bytes(), key)?;
        let root = inclusion_root(self.index, checkpoint.size, Hash::leaf(&self.entry), &self.path);
        if root != Some(checkpoint.root) {
            return Err(ProofError::NotIncluded { index: self.index, size: checkpoint.size });
        }
        let entry: Entry =
            serde_json::from_slice(&self.entry).map_err(|err| ProofError::Entry(err.to_string()))?;
        let record = match &self.record {
            None => None,
            Some(line) if entry.commitment == Some(Hash::of(line)) => {
                let sealed: Sealed =
                    serde_json::from_slice(line).map_err(|err| ProofError::Entry(err.to_string()))?;
                Some(sealed.record)
            }
            Some(_) => return Err(ProofError::Record { index: self.index }),
        };
        Ok(Proved { index: self.index, entry, record, checkpoint })
    }

    /// Which log it says it is of, which no one vouches for before [`Proof::verify`].
    pub fn origin(&self) -> &str {
        self.checkpoint.lines().next().unwrap_or_default()
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut extra = self.entry.clone();
        if let Some(record) = &self.record {
            extra.push(b'\n');
            extra.extend(record);
        }
        writeln!(f, "{HEADING}\nextra {}\nindex {}", STANDARD.encode(extra), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash.base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// That a log begins with an earlier head of it, in the form that witnesses take (c2sp.org/tlog-witness).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    pub(crate) old_size: u64,
    pub(crate) path: Vec<Hash>,
    pub(crate) checkpoint: String,
}

impl Consistency {
    /// Reads the text of a proof.
    ///
    /// # Errors
    /// If it is none; the error names the line.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let malformed = |line, why| ProofError::Malformed { line, why };
        let (head, checkpoint) = text.split_once("\n\n").ok_or(malformed(1, "no empty line stands in it"))?;
        let mut lines = head.lines().zip(1..);
        let old = lines.next().and_then(|(line, _)| line.strip_prefix("old ")?.parse().ok());
        let old_size = old.ok_or(malformed(1, "it does not give the size of the earlier head"))?;
        let hash =
            |(line, number): (&str, usize)| Hash::of_base64(line).ok_or(malformed(number, "it is no hash"));
        let path = lines.map(hash).collect::<Result<_, _>>()?;
        Ok(Self { old_size, path, checkpoint: checkpoint.to_owned() })
    }

    /// The later head, if it begins with the earlier.
    ///
    /// # Errors
    /// If it does not, or its key has not signed it.
    pub fn verify(&self, was: &Checkpoint, key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        let now = Checkpoint::open(self.checkpoint.as_bytes(), key)?;
        let holds = was.size == self.old_size
            && consistency_holds(was.size, &was.root, now.size, &now.root, &self.path);
        if holds { Ok(now) } else { Err(ProofError::Inconsistent { old: was.size, size: now.size }) }
    }
}

impl std::fmt::Display for Consistency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.path {
            let _ = writeln!(text, "{}", hash.base64());
        }
        write!(f, "{text}\n{}", self.checkpoint)
    }
}

/// Why a proof shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is none.
    #[error("line {line}: {why}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The head in it is not to be trusted.
    #[error(transparent)]
    Head(#[from] Fault),
    /// It does not lead from the entry to the signed root.
    #[error(
        "it does not lead from entry {index} to the signed root of {size} entries: entry, proof or both were altered"
    )]
    NotIncluded {
        /// The number of the entry.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// The entry is in the log, and cannot be understood.
    #[error("the entry is in the log, but cannot be read: {0}")]
    Entry(String),
    /// The record in it is not that of the entry.
    #[error("the record is not the one that entry {index} commits to: it was altered")]
    Record {
        /// The number of the entry.
        index: u64,
    },
    /// The later head does not begin with the earlier.
    #[error(
        "{size} entries are not shown to begin with the earlier {old}: the log was forked, or the proof altered"
    )]
    Inconsistent {
        /// The earlier size.
        old: u64,
        /// The later size.
        size: u64,
    },
}
