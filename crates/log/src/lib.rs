//! A tamper-evident log of what was labelled and what was checked: outputs only, never prompts.
//!
//! The log is an append-only Merkle tree (RFC 9162) over canonical JSON (RFC 8785). Its head is signed with Ed25519 as a
//! checkpoint (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), so that programs of others can verify it, and an entry is
//! proved by a file that needs nothing else (c2sp.org/tlog-proof).
//!
//! An [`Entry`] stands in the tree for good. What it says of a file, its [`Record`], stands beside it under a salted hash,
//! and may be erased when its retention has ended: the tree stays as it is.
//!
//! ```
//! use indicia_log::{Event, Log, New, Options, Reader, Record, SigningKey};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path().join("log");
//! let key = SigningKey::generate()?;
//! let mut log = Log::create(&folder, "example.com/labels", &key, Options::default())?;
//! let record = Record { path: "picture.png".into(), ..Record::default() };
//! let first = log.append(1_800_000_000, vec![New::of(Event::Labelled, record)])?;
//!
//! let mut reader = Reader::open(&folder, Some(log.verifier()))?;
//! let proof = reader.prove(first)?;
//! assert_eq!(proof.verify(log.verifier())?.index, first);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The files of a log, all in one folder: `entries.jsonl` and `records.jsonl` for people and programs, a line an entry;
//! `index` and `hashes` for finding and proving; `checkpoint`, the signed head; `key`, who signs it; `append`, `lock` and
//! `turn`, for those who write.

mod checkpoint;
mod day;
mod entry;
mod erase;
mod error;
mod fault;
mod files;
mod hash;
mod journal;
mod key;
mod lock;
mod lookup;
mod note;
mod proof;
mod reader;
mod receipt;
mod record;
mod row;
mod seen;
mod shared;
mod tree;
mod verify;
mod writer;

pub use checkpoint::Checkpoint;
pub use day::{Day, Moment};
pub use entry::{Entry, Event, SCHEMA};
pub use erase::Erasure;
pub use error::LogError;
pub use fault::Fault;
pub use hash::{Hash, Hasher};
pub use key::{KeyError, SigningKey, VerifierKey};
pub use lookup::Sought;
pub use note::{Note, NoteError};
pub use proof::{Consistency, Proof, ProofError, Proved};
pub use reader::{Content, Reader, Stored};
pub use receipt::{Receipt, ReceiptError};
pub use record::{MarkNote, PackNote, Record, Tool, UnlabelledCopy};
pub use seen::Seen;
pub use shared::SharedLog;
pub use tree::{consistency_holds, inclusion_root};
pub use verify::{Verification, Verify};
pub use writer::{Log, New, Options, Recovery};
