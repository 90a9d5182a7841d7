//! What is told of the manifest store of a file: plain facts, without any opinion on labels.

use serde::{Deserialize, Serialize};

/// Everything that was read of a file's manifest store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The program that judged it, with its version: validators differ.
    pub validator: String,
    /// The validation state as the specification has it.
    pub state: State,
    /// The manifests, the active one first, then those it was made of, each once.
    pub manifests: Vec<Manifest>,
    /// What validation said of the active manifest and of its ingredients.
    pub statuses: Vec<Status>,
    /// The names of the trust lists that vouch for the signer of the active manifest, where the lists given have names.
    pub vouched_by: Vec<String>,
}

/// The validation state of a manifest store (C2PA 2.2, clause 14.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does not hold: changed after signing, or not formed as the specification asks.
    Invalid,
    /// It holds, but who signed it is not known to anyone this run trusts.
    Valid,
    /// It holds, and the signer is trusted.
    Trusted,
}

/// One manifest of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its label in the store.
    pub label: String,
    /// How it goes into the active manifest.
    pub part: Part,
    /// How many ingredients deep it stands; 0 for the active one.
    pub depth: usize,
    /// The title it gives its content: whatever someone wrote.
    pub title: Option<String>,
    /// The program that made it, with its version.
    pub generator: Option<String>,
    /// Who signed it.
    pub signer: Option<Signer>,
    /// What was done to the content, in the order told.
    pub actions: Vec<Action>,
    /// The other assertions, by label, with their content.
    pub assertions: Vec<(String, serde_json::Value)>,
    /// What it was made of, with what its signer found of each.
    pub ingredients: Vec<Ingredient>,
}

/// Something that content was made of, as the manifest of the content tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredient {
    /// Its title: whatever someone wrote.
    pub title: Option<String>,
    /// How it goes into the content.
    pub part: Part,
    /// The label of its own manifest, if it has one.
    pub manifest: Option<String>,
    /// What the signer's validator said of its manifest when the content was signed: failures only.
    pub recorded: Vec<String>,
}

/// How an ingredient goes into the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// It is the content, or what it was derived from all along.
    #[default]
    Whole,
    /// It is one part of a composition.
    Component,
    /// It was only an input to a process: its pixels are not in the content.
    Input,
}

/// Who signed a manifest, as its certificate names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Organization (O).
    pub organization: Option<String>,
    /// Common name (CN).
    pub common_name: Option<String>,
    /// Signature algorithm, as `es256`.
    pub algorithm: Option<String>,
    /// Serial number of the certificate.
    pub serial: Option<String>,
    /// When it was signed, if a time stamp says so, as RFC 3339.
    pub time: Option<String>,
    /// Whether the certificate was revoked, if the manifest has word of that.
    pub revoked: Option<bool>,
}

/// Something that was done to content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its name, as `c2pa.created`.
    pub name: String,
    /// The digital source type, as written.
    pub source_type: Option<String>,
    /// The program that did it.
    pub agent: Option<String>,
    /// The version of that program, where it is told apart from the name.
    pub agent_version: Option<String>,
    /// When, as written.
    pub when: Option<String>,
    /// What its author says of it.
    pub description: Option<String>,
}

/// One word of the validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The specification's status code, as `assertion.dataHash.mismatch`.
    pub code: String,
    /// Whether it is good, neutral or bad.
    pub kind: Kind,
    /// Whether it is about an ingredient, not about the active manifest.
    pub of_ingredient: bool,
    /// The part of the store it is about.
    pub url: Option<String>,
    /// The validator's own words.
    pub explanation: Option<String>,
}

/// Whether a status is good, neutral or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A check was passed.
    Success,
    /// It says something and decides nothing.
    Informational,
    /// A check failed.
    Failure,
}

/// Why a manifest store was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// There is none in the file.
    #[error("there is no manifest store in the file")]
    None,
    /// The file only names a place in the network; nothing was fetched.
    #[error("the file only names a manifest in the network ({0}), and nothing is fetched")]
    Remote(String),
    /// It is not formed as the specification asks, so that no word of it can be relied on.
    #[error("the manifest store is malformed: {0}")]
    Malformed(String),
    /// This version cannot read manifests in such a file.
    #[error("manifests in such a file cannot be read by this version: {0}")]
    Unsupported(String),
    /// Reading took too long, too much memory, or ended the process that read.
    #[error("the manifest reader was stopped: {0}")]
    Stopped(String),
}
