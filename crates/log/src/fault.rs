use crate::day::Day;

/// What is wrong with a log: each kind of tampering or damage by its own name, with the entry and the bytes.
///
/// Entries are numbered from 0, bytes of a file too; `end` is the byte behind the last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The checkpoint is none.
    #[error("the checkpoint cannot be read: {why}")]
    Checkpoint {
        /// Where and why.
        why: String,
    },
    /// The checkpoint is not signed by the key that counts, or the signature does not hold.
    #[error("the checkpoint is not signed as it must be: {why}")]
    Signature {
        /// Which key, and what is wrong.
        why: String,
    },
    /// A file ends before what the checkpoint counts.
    #[error(
        "{file} is cut short: it ends at byte {byte} of {needs}; entry {entry} is the first that is lost"
    )]
    CutShort {
        /// The name of the file in the folder.
        file: &'static str,
        /// The first entry that is not there in full.
        entry: u64,
        /// How long the file is.
        byte: u64,
        /// How long it should be.
        needs: u64,
    },
    /// The words of an entry are not those that were signed.
    #[error("entry {entry} was altered: entries.jsonl, bytes {start} to {end}{}", because(why))]
    Altered {
        /// The entry.
        entry: u64,
        /// Its first byte.
        start: u64,
        /// The byte behind it.
        end: u64,
        /// What is plainly wrong with it, if anything is.
        why: String,
    },
    /// An entry was taken out, and those behind it moved up.
    #[error("entry {entry} was taken out of entries.jsonl, at byte {byte}")]
    Removed {
        /// The entry.
        entry: u64,
        /// Where it stood.
        byte: u64,
    },
    /// A line was put in that is no entry.
    #[error("a line was put into entries.jsonl before entry {entry}: bytes {start} to {end}")]
    Inserted {
        /// The entry behind it.
        entry: u64,
        /// The first byte of the line.
        start: u64,
        /// The byte behind it.
        end: u64,
    },
    /// An entry stands where another belongs.
    #[error(
        "entries were reordered: entry {holds} stands in the place of entry {entry}, entries.jsonl, bytes {start} to {end}"
    )]
    Reordered {
        /// The entry that belongs there.
        entry: u64,
        /// The entry that stands there.
        holds: u64,
        /// The first byte.
        start: u64,
        /// The byte behind it.
        end: u64,
    },
    /// Entries and hashes were changed together: they agree with each other, and not with what was signed.
    #[error(
        "entries {first} to {last} are not those that were signed: entries and hashes were rewritten together"
    )]
    Rewritten {
        /// The first entry that it may be.
        first: u64,
        /// The last entry that it may be.
        last: u64,
    },
    /// The stored hashes do not lead to the signed root; which of them is not known yet.
    #[error("the stored hashes do not lead to the signed root of {size} entries: `verify` says where")]
    RootDiffers {
        /// How many entries are signed.
        size: u64,
    },
    /// A stored hash is not that of the entries under it.
    #[error("a stored hash was altered: hashes, byte {byte}, over entries {first} to {last}")]
    HashAltered {
        /// The first entry under it.
        first: u64,
        /// The last entry under it.
        last: u64,
        /// Where it is stored.
        byte: u64,
    },
    /// The index does not say where an entry stands, or under which numbers it is found.
    #[error("the index was altered: index, byte {byte}, row of entry {entry}")]
    IndexAltered {
        /// The entry.
        entry: u64,
        /// The first byte of its row.
        byte: u64,
    },
    /// A record is not the one that the entry commits to.
    #[error("the record of entry {entry} was altered: records.jsonl, bytes {start} to {end}")]
    RecordAltered {
        /// The entry.
        entry: u64,
        /// Its first byte.
        start: u64,
        /// The byte behind it.
        end: u64,
    },
    /// A record is gone, and no entry says that it was erased.
    #[error("the record of entry {entry} is gone without an erasure: records.jsonl, byte {start}")]
    RecordGone {
        /// The entry.
        entry: u64,
        /// Where it stood.
        start: u64,
    },
    /// A record was erased before the end of its retention.
    #[error("the record of entry {entry} was erased on {on}, before its retention ended ({})", until.map_or("never".into(), |day| day.to_string()))]
    ErasedEarly {
        /// The entry.
        entry: u64,
        /// The last day of its retention; `None` if it is kept without end.
        until: Option<Day>,
        /// When it was erased.
        on: Day,
    },
    /// The log says that a record was erased, and it is still there: erasing was broken off.
    #[error("the record of entry {entry} was to be erased and is still there: erase again to finish")]
    ErasureUnfinished {
        /// The entry.
        entry: u64,
    },
    /// The log is shorter than it was.
    #[error("the log was rolled back: it has {size} entries and had {seen}")]
    RolledBack {
        /// How many it has.
        size: u64,
        /// How many it is known to have had.
        seen: u64,
    },
    /// Two heads are signed that cannot be of one log.
    #[error("the log was forked: its {size} entries do not begin with the {seen} that were signed before")]
    Forked {
        /// How many entries it has.
        size: u64,
        /// How many the other head has.
        seen: u64,
    },
}

fn because(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" ({why})") }
}

impl Fault {
    /// A word for it that does not change, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Checkpoint { .. } => "checkpoint-malformed",
            Self::Signature { .. } => "signature-invalid",
            Self::CutShort { .. } => "cut-short",
            Self::Altered { .. } => "entry-altered",
            Self::Removed { .. } => "entry-removed",
            Self::Inserted { .. } => "line-inserted",
            Self::Reordered { .. } => "reordered",
            Self::Rewritten { .. } => "rewritten",
            Self::RootDiffers { .. } => "root-differs",
            Self::HashAltered { .. } => "hash-altered",
            Self::IndexAltered { .. } => "index-altered",
            Self::RecordAltered { .. } => "record-altered",
            Self::RecordGone { .. } => "record-gone",
            Self::ErasedEarly { .. } => "erased-early",
            Self::ErasureUnfinished { .. } => "erasure-unfinished",
            Self::RolledBack { .. } => "rolled-back",
            Self::Forked { .. } => "forked",
        }
    }
}
