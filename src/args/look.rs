//! The command line of `scan` and `verify`.

use std::path::PathBuf;

use clap::Args;

use super::{Inputs, Judging, Logging};

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
