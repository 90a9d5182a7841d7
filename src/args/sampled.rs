//! Arguments of `sampled`.

use std::path::PathBuf;

use clap::Args;

/// How to try it, and what the file in TOML says.
pub(crate) const HELP: &str = "\
The file says how text was sampled, in the names of the published code:

  scheme = \"kgw\"             scheme = \"synthid-text\"
  vocabulary = 50272         keys = [654, 400, 836, ...]
  gamma = 0.25               ngram_len = 5
  seeding = \"lefthash\"       sampling_table_size = 65536
  hash_key = 15485863        sampling_table_seed = 0

With --tokenizer the files are texts, as the model wrote them. The
file is the model's own, tokenizer.json beside its weights. A text under 200 scored tokens is too short to be called unmarked.";

#[derive(Args, Debug)]
pub(crate) struct Sampled {
    /// Files of token numbers: a list in JSON, or numbers with white space between; with --tokenizer, texts in UTF-8
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,

    /// How text is sampled, with the key
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) by: PathBuf,

    /// Make the token numbers with the tokenizer of the model: tokenizer.json, as it stands beside the weights
    #[arg(long, value_name = "FILE.json")]
    pub(crate) tokenizer: Option<PathBuf>,

    /// Print a line of JSON a file
    #[arg(long)]
    pub(crate) json: bool,
}
