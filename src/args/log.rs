//! The command line of what keeps records: `log`, `receipt`, and the flags that others share.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use indicia::records::{Hash, VerifierKey};

/// Where to record.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Records")]
pub(crate) struct Logging {
    /// Record what is labelled or checked in the tamper-evident log in this folder, which is made if there is none; none for
    /// no log
    #[arg(long, value_name = "FOLDER")]
    pub(crate) log: Option<PathBuf>,

    /// Keep the records for so many months; from then on `indicia log erase` erases them [default: without end; of copies
    /// without a notice: 6]
    #[arg(long, value_name = "MONTHS")]
    pub(crate) retain: Option<u16>,
}

/// `log`.
#[derive(Args, Debug)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    pub(crate) task: LogTask,

    /// The folder of the log [default: `log` in indicia.toml]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) log: Option<PathBuf>,

    /// Whom to trust: the verifier key of the log, NAME+ID+KEY, as `indicia log show` prints it [default: your own key]
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) signed_by: Option<VerifierKey>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogTask {
    /// Make a log; --log with label, verify or scan does so too, with a name made up
    New {
        /// The name of the log for the world: a schema-less URL such as example.com/labels, or any other that no log has
        #[arg(long, value_name = "NAME")]
        origin: String,
    },
    /// Show the head of the log and its last entries, or those that are asked for
    Show(Show),
    /// Read all of the log and name whatever is not as it was signed; or verify proofs
    Verify(VerifyLog),
    /// Write a proof that an entry is in the log, which verifies offline and alone; or one that the log goes on from an
    /// earlier checkpoint
    Prove {
        /// The number of the entry
        #[arg(value_name = "ENTRY", required_unless_present = "since")]
        entry: Option<u64>,
        /// An earlier checkpoint of the log
        #[arg(long, value_name = "CHECKPOINT", conflicts_with = "entry")]
        since: Option<PathBuf>,
        /// Write to this file [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Write all entries and what is left of their records
    Export {
        /// How
        #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
        format: ExportFormat,
        /// Write to this file [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Erase the records whose retention has ended; the tree stays as it is, and an entry tells of it
    Erase {
        /// Only the record of this entry
        #[arg(value_name = "ENTRY")]
        entry: Option<u64>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The numbers of entries
    #[arg(value_name = "ENTRY")]
    pub(crate) entries: Vec<u64>,

    /// How many of the last entries
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) last: u64,

    /// Those about content of this number, as the producer or a propagator gave it
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,

    /// Those about content whose watermark carries this id
    #[arg(long, value_name = "ID")]
    pub(crate) watermark: Option<String>,

    /// Those about a file with this SHA-256
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub(crate) sha256: Option<Hash>,

    /// Those about a text or document with the words of this file, whatever its format: also converted, normalised or typed anew
    #[arg(long, value_name = "FILE")]
    pub(crate) words: Option<PathBuf>,

    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyLog {
    /// Hold the log against this earlier checkpoint of it too
    #[arg(long, value_name = "CHECKPOINT")]
    pub(crate) since: Option<PathBuf>,

    /// Verify this proof in place of the log, without it; may be given again
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    pub(crate) proof: Vec<PathBuf>,

    /// Hold this file against what the proof is about
    #[arg(long, value_name = "FILE", requires = "proof")]
    pub(crate) content: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object a line
    Jsonl,
    /// A table
    Csv,
}

/// `receipt`.
#[derive(Args, Debug)]
pub(crate) struct ReceiptArgs {
    /// The receipt
    #[arg(value_name = "RECEIPT")]
    pub(crate) receipt: PathBuf,

    /// The file that it should be about
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// Whom to trust: the verifier key of the detector, NAME+ID+KEY [default: your own key]
    #[arg(long, value_name = "KEY")]
    pub(crate) signed_by: Option<VerifierKey>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn hash(text: &str) -> Result<Hash, String> {
    Hash::of_hex(&text.to_ascii_lowercase()).ok_or_else(|| "it is no SHA-256 in 64 hexadecimal digits".into())
}
