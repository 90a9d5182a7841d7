//! The command line: what can be asked, and the help that teaches it.

mod label;
mod log;
mod look;
mod sampled;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use indicia::Date;

use crate::exit::FailOn;
use crate::printers::PRINTERS;
pub(crate) use label::{ClaimArgs, KindArg, Label, PartArg, PlaceArg, SoundArg, StatusArg, StyleArgs};
pub(crate) use log::{ExportFormat, LogArgs, LogTask, Logging, ReceiptArgs, Show, VerifyLog};
pub(crate) use look::{Look, Scan, Verify, WatermarkArgs};
pub(crate) use sampled::Sampled;

const KEY_HELP: &str = "\
Examples:
  indicia key new --organization \"Example Ltd\"
  indicia label picture.jpg -o labelled.jpg --with c2pa
  indicia verify labelled.jpg --trust-anchors ~/.config/indicia/c2pa-development-ca.pem

The key is kept in the folder for configuration, readable by its owner alone. A trusted signer needs a certificate from an
authority on the C2PA trust list, for a product on its list of conforming products: import that.";

const MODELS_HELP: &str = "\
Examples:
  pip download --no-deps rapidocr-onnxruntime==1.4.4
  indicia models add rapidocr_onnxruntime-1.4.4-py3-none-any.whl
  indicia verify picture.jpg

The networks (PP-OCR, Apache-2.0, 15 MB) are kept in the folder for data of this user. Without them notices drawn in
pictures are not looked for. Nothing is fetched from a network by this program.";

const EXIT_CODES: &str = "\
Exit codes:
  0  all that was asked for is met
  1  a rule is not met, or a mark does not hold
  2  the command line or the configuration is wrong
  3  something could not be told: a file is unreadable, unknown or over a limit, or a rule needs another look
  4  a file was left alone on purpose: it is signed, or the output exists
Of several, the first of 2, 4, 1, 3 counts. --fail-on and --exit-zero change what counts.";

const EXAMPLES: &str = "\
Examples:
  indicia label photo.png -o out/ --for cn --producer \"Example Ltd\"
  indicia verify out/photo.png
  indicia label --from photo.png photo.webp
  indicia diff out/photo.png photo.webp
  indicia scan uploads/ --format jsonl -o report.jsonl
  indicia explain cn.gb.meta.one";

/// Label generated media as the law asks, and tell which marks a file carries and which rules it meets.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) general: General,
}

/// What goes with every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "General options")]
pub(crate) struct General {
    /// Read settings from this file instead of the nearest indicia.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Read no indicia.toml
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) isolated: bool,

    /// Print the settings in force and where each comes from, and stop
    #[arg(long, global = true)]
    pub(crate) dump_config: bool,

    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,

    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put on files every mark that the rules ask for, and read it back
    #[command(after_long_help = EXIT_CODES)]
    Label(Box<Label>),
    /// Tell of files, in depth, which marks they carry and which rules they meet
    #[command(after_long_help = EXIT_CODES)]
    Verify(Verify),
    /// Tell of whole folders, a line a file, which marks they carry and which rules they meet, without decoding sound or
    /// pictures unless asked with --look
    #[command(after_long_help = EXIT_CODES)]
    Scan(Scan),
    /// Tell which marks of a file a later file has kept, lost or changed
    #[command(after_long_help = EXIT_CODES)]
    Diff(Diff),
    /// List the rule packs, the days from which they bind, and what comes into force next; or compare two
    Rules(Rules),
    /// Explain a rule, a regime, a scheme, a format or a check, with its source
    Explain(Explain),
    /// Show, verify, prove and export the tamper-evident log of what was labelled and checked, and erase what it need not keep
    #[command(after_long_help = EXIT_CODES)]
    Log(LogArgs),
    /// Verify a signed receipt of what a detector found, as `indicia verify --receipt` writes it
    #[command(after_long_help = EXIT_CODES)]
    Receipt(ReceiptArgs),
    /// Test token numbers for the watermark that a language model's sampling leaves (KGW, SynthID-Text), given its key
    #[command(after_long_help = sampled::HELP)]
    Sampled(Sampled),
    /// Make or take in the key that signs C2PA manifests
    #[command(after_long_help = KEY_HELP)]
    Key(Key),
    /// Put in place the networks that words in pictures are read with, or tell which are there
    #[command(after_long_help = MODELS_HELP)]
    Models(Models),
}

/// Which files.
#[derive(Args, Debug)]
pub(crate) struct Inputs {
    /// Files and folders; - for standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Take paths from a file too, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,

    /// Paths in --files-from end in NUL, as find -print0 writes them
    #[arg(short = '0', long = "null", requires = "files_from")]
    pub(crate) nul: bool,

    /// Look at this many files at once
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
}

/// Under which rules, and what to say of it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Rules and output")]
pub(crate) struct Judging {
    /// Rule packs to hold files against, such as cn,eu,us-ca (`indicia rules` lists them); none for no rules [default: cn]
    #[arg(long = "for", value_name = "PACK,..", value_delimiter = ',')]
    pub(crate) packs: Option<Vec<String>>,

    /// Judge by the law of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) at: Option<Date>,

    /// Judge by drafts and by rules not yet in force too; they are shown apart and never count
    #[arg(long)]
    pub(crate) include_drafts: bool,

    /// Take rule packs from the files NAME.toml of this folder too; they go before those built in
    #[arg(long, value_name = "FOLDER")]
    pub(crate) rules: Option<PathBuf>,

    /// On whose behalf: the service that made the content, or a platform that spreads it [default: producer]
    #[arg(long = "as", value_name = "ROLE")]
    pub(crate) role: Option<RoleArg>,

    /// Trust C2PA signers that these roots vouch for: the C2PA Trust List or its TSA Trust List, as JSON or PEM, the interim
    /// list (anchors.pem), or any PEM file of authorities; may be given again
    #[arg(long, value_name = "FILE")]
    pub(crate) trust_anchors: Vec<PathBuf>,

    /// Trust these C2PA signers by themselves: a PEM file of their certificates, such as allowed.pem of the interim list, or a
    /// list of their SHA-256 fingerprints, such as allowed.sha256.txt; may be given again
    #[arg(long, value_name = "FILE")]
    pub(crate) trust_signers: Vec<PathBuf>,

    /// Accept certificates of C2PA signers for these extended key usages besides those of the specification: a file of object
    /// identifiers, such as store.cfg of the interim list; may be given again
    #[arg(long, value_name = "FILE")]
    pub(crate) trust_config: Vec<PathBuf>,

    /// Take signed metadata labels that name this producer or platform to be signed by it only with these keys: a PEM file of
    /// public keys or certificates (TC260-PG-202511A); may be given again
    #[arg(long, value_name = "NAME=FILE", value_parser = named_file)]
    pub(crate) security_trust: Vec<(String, PathBuf)>,

    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = PossibleValuesParser::new(PRINTERS.iter().map(|printer| printer.name)))]
    pub(crate) format: String,

    /// What makes the exit code other than 0 [default: unmet,unknown,refused]
    #[arg(long, value_name = "WHAT,..", value_delimiter = ',')]
    pub(crate) fail_on: Option<Vec<FailOn>>,

    /// Exit with 0 whatever is found; wrong usage is still 2
    #[arg(long, conflicts_with = "fail_on")]
    pub(crate) exit_zero: bool,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("it takes the form NAME=FILE")?;
    match (name.trim(), path) {
        ("", _) | (_, "") => Err("it takes the form NAME=FILE".into()),
        (name, path) => Ok((name.into(), path.into())),
    }
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "it is no date of the form YYYY-MM-DD".into())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArg {
    /// The service that generated the content
    Producer,
    /// A platform that spreads content others made
    Propagator,
}

/// `models`.
#[derive(Args, Debug)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) task: Option<ModelsTask>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsTask {
    /// Take the networks out of a wheel of rapidocr-onnxruntime, or out of a folder, and check them by their digests
    Add {
        /// The wheel, or a folder that holds the files
        #[arg(value_name = "WHEEL|FOLDER")]
        from: PathBuf,
    },
}

/// `key`.
#[derive(Args, Debug)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) task: KeyTask,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyTask {
    /// Make a key with certificates for development: no one else will trust it
    New {
        /// The organization that the certificates name
        #[arg(long, value_name = "NAME", default_value = "Development")]
        organization: String,
        /// Replace a key that is there
        #[arg(long)]
        overwrite: bool,
    },
    /// Take in a private key and its certificates, after checking that they may sign C2PA manifests
    Import {
        /// The private key: a PEM file (PKCS#8, SEC1 or PKCS#1), or env:NAME for an environment variable
        #[arg(long, value_name = "FILE")]
        key: String,
        /// Its certificates: a PEM file, the signer's own first
        #[arg(long, value_name = "FILE")]
        chain: PathBuf,
        /// Replace a key that is there
        #[arg(long)]
        overwrite: bool,
    },
    /// Tell which key is kept, and whether it may sign today
    Show,
}

/// `diff`.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// The file before a step of a pipeline
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// The file after it, in whatever format
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    /// Print one JSON object in place of words
    #[arg(long)]
    pub(crate) json: bool,

    /// Exit with 0 whatever is found; wrong usage is still 2
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

/// `rules`.
#[derive(Args, Debug)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) task: Option<RulesTask>,

    /// Tell what is in force on this day, and what comes after it [default: today]
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) at: Option<Date>,

    /// Take rule packs from the files NAME.toml of this folder too; they go before those built in
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) rules: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesTask {
    /// Tell which rules differ between two packs, regimes, or days of one: cn eu, us.ca.caita.v2026-08 us.ca.caita,
    /// us-ca@2026-09-01 us-ca@2026-10-01, or files
    Diff {
        /// A pack, a regime or a file, with @YYYY-MM-DD for what is in force that day
        #[arg(value_name = "A")]
        before: String,
        /// Another
        #[arg(value_name = "B")]
        after: String,
    },
}

/// `explain`.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A rule, regime, scheme, format or check by its name; nothing for a list of all
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
