//! The command line: what can be asked, and the help that teaches it.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use indicia::Date;

pub(crate) use crate::args_log::{ExportFormat, LogArgs, LogTask, Logging, ReceiptArgs, Show, VerifyLog};
use crate::exit::FailOn;
use crate::printers::PRINTERS;

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
    #[command(after_long_help = crate::args_sampled::HELP)]
    Sampled(crate::args_sampled::Sampled),
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

/// `scan`.
#[derive(Args, Debug)]
pub(crate) struct Scan {
    #[command(flatten)]
    pub(crate) look: Look,

    /// Decode sound and pictures for these schemes too, which takes much longer: their names, or explicit, all, none; what is
    /// not looked for is told as such; --deep implies watermark [default: none]
    #[arg(long = "look", value_name = "SCHEME,..", value_delimiter = ',')]
    pub(crate) look_for: Option<Vec<String>>,
}

/// `verify`.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) look: Look,

    /// Write a signed receipt of what was found, with the hash of the file, the detector and the time: to this file, or below
    /// this folder if there are several
    #[arg(long, value_name = "OUT", help_heading = "Records")]
    pub(crate) receipt: Option<PathBuf>,

    /// Where the detector is found, as receipts name it: a URL [default: indicia]
    #[arg(long, value_name = "URL", help_heading = "Records")]
    pub(crate) detector_id: Option<String>,
}

/// What `verify` and `scan` share.
#[derive(Args, Debug)]
pub(crate) struct Look {
    #[command(flatten)]
    pub(crate) inputs: Inputs,

    #[command(flatten)]
    pub(crate) judging: Judging,

    #[command(flatten)]
    pub(crate) logging: Logging,

    /// Write the report to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Show no small pictures in an HTML report: pictures are decoded for them, some 10 ms a megapixel, which is most of
    /// the time of a scan
    #[arg(long)]
    pub(crate) no_thumbnails: bool,

    #[command(flatten)]
    pub(crate) watermarks: WatermarkArgs,
}

/// Under which keys watermarks are looked for, and how far.
#[derive(Args, Debug)]
#[command(next_help_heading = "Watermarks")]
pub(crate) struct WatermarkArgs {
    /// Search for watermarks in pictures that were cropped, turned or padded, too, and in sound that plays faster, slower, higher
    /// or lower: some tenths of a second a picture, and a second a minute of sound
    #[arg(long)]
    pub(crate) deep: bool,

    /// Look for watermarks under this key besides the open one: a file, or env:NAME for an environment variable; may be given
    /// again
    #[arg(long, value_name = "FILE", alias = "key")]
    pub(crate) watermark_key: Vec<String>,

    /// Look for the watermark of this id: one that is known is recognised where too little is left of it to be read; may be given
    /// again
    #[arg(long, value_name = "ID")]
    pub(crate) watermark_id: Vec<String>,
}

/// `label`.
#[derive(Args, Debug)]
pub(crate) struct Label {
    #[command(flatten)]
    pub(crate) inputs: Inputs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Carry over the metadata labels of SOURCE, which the file was made of by converting, resizing or transcoding;
    /// without -o the file itself gets them. Refused where the two plainly hold different content
    #[arg(long, value_name = "SOURCE", conflicts_with_all = ["role", "producer", "propagator", "system", "id", "status", "kind", "declared", "security_key", "c2pa_key", "c2pa_chain", "c2pa_command", "c2pa_tsa", "c2pa_sidecar", "c2pa_training", "c2pa_metadata", "with", "watermark", "watermark_key", "language", "text", "place", "part", "sound", "font", "clip"])]
    pub(crate) from: Option<PathBuf>,

    /// With --from: carry the labels over though the content plainly differs, as after a strong crop or a new mix; the report
    /// says so
    #[arg(long, requires = "from")]
    pub(crate) though_different: bool,

    /// Put back the metadata labels that the file was published with and has lost, from the log: found by its media, by the
    /// id in its watermark, by a number in a label that is left, or by --id; without -o the file itself gets them
    #[arg(long, conflicts_with_all = ["from", "role", "producer", "propagator", "system", "status", "kind", "declared", "security_key", "c2pa_key", "c2pa_chain", "c2pa_command", "with", "language", "text", "place", "part", "sound", "font", "clip", "no_explicit"])]
    pub(crate) restore: bool,

    #[command(flatten)]
    pub(crate) logging: Logging,

    #[command(flatten)]
    pub(crate) claim: ClaimArgs,

    #[command(flatten)]
    pub(crate) style: StyleArgs,

    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// Where labelled files go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where to")]
pub(crate) struct OutputArgs {
    /// Write to this file, or below this folder, keeping the tree; - for standard output
    #[arg(short, long, value_name = "OUT", conflicts_with = "in_place")]
    pub(crate) output: Option<PathBuf>,

    /// Replace the files themselves, each in one step and only when the labelled file was read back
    #[arg(long)]
    pub(crate) in_place: bool,

    /// Replace outputs that exist
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Print each mark with the rules it serves, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What the marks say.
#[derive(Args, Debug)]
#[command(next_help_heading = "What the marks say")]
pub(crate) struct ClaimArgs {
    /// Name or code of the service that made the content
    #[arg(long, value_name = "NAME|CODE")]
    pub(crate) producer: Option<String>,

    /// Name or code of the platform, with --as propagator
    #[arg(long, value_name = "NAME|CODE")]
    pub(crate) propagator: Option<String>,

    /// Name and version of the generating system
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub(crate) system: Option<String>,

    /// Number of the content [default: a random one for each file]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,

    /// How sure it is that the content is generated
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<StatusArg>,

    /// Whether it was made whole or existing content was altered
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<KindArg>,

    /// With --as propagator: the uploader declared the content as generated
    #[arg(long)]
    pub(crate) declared: bool,

    /// Replace the label of another producer
    #[arg(long)]
    pub(crate) replace_label: bool,

    /// Sign the metadata label with this private key: PEM, PKCS#8, on the curve of SM2 or on P-256 (TC260-PG-202511A)
    #[arg(long, value_name = "FILE")]
    pub(crate) security_key: Option<PathBuf>,

    /// Sign a C2PA manifest with this private key: a PEM file, or env:NAME for an environment variable; needs --c2pa-chain
    /// [default for --with c2pa: the key of `indicia key`]
    #[arg(long, value_name = "FILE", requires = "c2pa_chain", conflicts_with = "c2pa_command")]
    pub(crate) c2pa_key: Option<String>,

    /// The certificates of the C2PA key: a PEM file, the signer's own first
    #[arg(long, value_name = "FILE")]
    pub(crate) c2pa_chain: Option<PathBuf>,

    /// Sign C2PA manifests with this program and its arguments, words apart by spaces: the bytes to be signed are on its
    /// standard input, the raw signature (ECDSA: r and s) is expected on its standard output; needs --c2pa-chain
    #[arg(long, value_name = "COMMAND", requires = "c2pa_chain")]
    pub(crate) c2pa_command: Option<String>,

    /// Kill the program of --c2pa-command when it has not signed after so many seconds; the file is left alone then
    /// [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) c2pa_command_timeout: Option<u32>,

    /// Have a time-stamping authority (RFC 3161) say when C2PA manifests are signed, so that they hold when the certificate
    /// has run out: its http:// address. The only use of the network; it gets a digest, nothing of the file
    #[arg(long, value_name = "URL")]
    pub(crate) c2pa_tsa: Option<String>,

    /// Put C2PA manifests beside the files, as NAME.c2pa, even where they could be put in
    #[arg(long)]
    pub(crate) c2pa_sidecar: bool,

    /// Have C2PA manifests say what may be done with the content (CAWG training and data mining): allowed, notAllowed or
    /// constrained for all, or for one of ai_training, ai_generative_training, ai_inference, data_mining, as
    /// ai_training=notAllowed
    #[arg(long, value_name = "[ENTRY=]USE,..", value_delimiter = ',')]
    pub(crate) c2pa_training: Vec<String>,

    /// Put this JSON-LD object, which has its @context, into C2PA manifests as a CAWG metadata assertion
    #[arg(long, value_name = "FILE")]
    pub(crate) c2pa_metadata: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusArg {
    /// It is generated
    Is,
    /// It may be generated
    May,
    /// It is suspected to be generated
    Suspected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// Made by a model
    Generated,
    /// Existing content edited with a model
    Altered,
}

/// Which marks, and how they look and sound.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which marks, and how")]
pub(crate) struct StyleArgs {
    /// Write this mark as well, such as iptc
    #[arg(long, value_name = "SCHEME,..", value_delimiter = ',')]
    pub(crate) with: Vec<String>,

    /// Put an invisible watermark into pictures, sound and text as well: short for --with watermark
    #[arg(long)]
    pub(crate) watermark: bool,

    /// Write the watermark under a key of your own, which implies --watermark: a file of 16 bytes or more, or env:NAME for an
    /// environment variable [default: the open key, which everyone has]
    #[arg(long, value_name = "FILE", alias = "key")]
    pub(crate) watermark_key: Option<String>,

    /// Do not write this mark, whatever the rules ask
    #[arg(long, value_name = "SCHEME,..", value_delimiter = ',')]
    pub(crate) without: Vec<String>,

    /// Leave out what people perceive, at the recipient's request (Measures, article 9): needs --recipient and --log, where
    /// the recipient is kept for at least six months
    #[arg(long)]
    pub(crate) no_explicit: bool,

    /// Who receives the copies without a notice
    #[arg(long, value_name = "NAME", requires = "no_explicit")]
    pub(crate) recipient: Option<String>,

    /// Where no notice can be put on a format (videos, HEIC, slides), label the metadata alone and say what is owed
    #[arg(long)]
    pub(crate) allow_missing_notice: bool,

    /// Languages of notices, as `zh`, `en,ko` or `both` for Chinese and English [default: what the rules want, Chinese
    /// where they want none]
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub(crate) language: Option<Vec<String>>,

    /// Words of the notice on pictures and texts, in place of the usual ones
    #[arg(long, value_name = "WORDS")]
    pub(crate) text: Option<String>,

    /// Where on pictures [default: bottom-right]
    #[arg(long, value_name = "PLACE")]
    pub(crate) place: Option<PlaceArg>,

    /// Where in sound and texts [default: start]
    #[arg(long, value_name = "PART")]
    pub(crate) part: Option<PartArg>,

    /// Which notice sound gets [default: rhythm]
    #[arg(long, value_name = "NOTICE")]
    pub(crate) sound: Option<SoundArg>,

    /// A font for notices on pictures, in place of the bundled one
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Option<PathBuf>,

    /// A recording (WAVE) in place of the bundled voices; implies --sound voice
    #[arg(long, value_name = "FILE")]
    pub(crate) clip: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceArg {
    TopLeft,
    Top,
    TopRight,
    BottomLeft,
    Bottom,
    BottomRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartArg {
    Start,
    End,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SoundArg {
    /// Tones: short, long, short, short
    Rhythm,
    /// Spoken words
    Voice,
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
