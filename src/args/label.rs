//! The command line of `label`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Inputs, Judging, Logging};

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

    /// Put an invisible watermark into pictures, sound and text as well: short for --with watermark. Sound that is coded (MP3, AAC,
    /// Opus, Vorbis) is coded anew for it, at its own bit rate
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
