use crate::{Claim, Field, Notice, Span};

/// How a mark reaches whoever looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A person sees, hears or reads it.
    Explicit,
    /// It is in a signed manifest.
    Manifest,
    /// It is in the file's metadata.
    Metadata,
    /// It is something a generator leaves behind without meaning it as a mark.
    Trace,
    /// It is in the signal itself.
    Watermark,
}

impl Channel {
    /// The word for it in rule packs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Manifest => "manifest",
            Self::Metadata => "metadata",
            Self::Trace => "trace",
            Self::Watermark => "watermark",
        }
    }
}

/// One mark found on a file: what was written, what it means, and how well it is formed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// What it says.
    pub claim: Claim,
    /// Where it stands, in the words of the format: `APP1 XMP`, `iTXt chunk`.
    pub place: String,
    /// The bytes it stands in, where it stands in bytes.
    pub site: Option<Span>,
    /// The mark as written, shortened if long.
    pub raw: String,
    /// What is wrong or unusual with it.
    pub flaws: Vec<Flaw>,
    /// For marks that people perceive: what they perceive.
    pub notice: Option<Notice>,
    /// For marks read out of noise: how far from chance.
    pub strength: Option<Strength>,
    /// For traces: what this one is known to mean.
    pub trace: Option<Trace>,
    /// For watermarks: what was read, under which key and how.
    pub signal: Option<Signal>,
    /// For watermarks: how a manifest that they lead back to names them.
    pub binding: Option<Binding>,
    /// For signed labels: the signatures in it that fit.
    pub signatures: Vec<Signature>,
}

/// A watermark as it was read out of the content itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Its payload, in hexadecimal.
    pub payload: String,
    /// Version of the payload's layout.
    pub version: u8,
    /// What leads to the record of the content, in words: a number, a name, or a digest of one.
    pub id: String,
    /// Public name of the key it was read with.
    pub key: String,
    /// Whether that is the open key, under which anyone can write.
    pub open: bool,
    /// Whether it had to be searched for, since the content was cropped or turned, say.
    pub searched: bool,
    /// How many attempts at reading the bound on false alarms counts.
    pub attempts: u64,
    /// How the content was changed since it was marked, as far as the mark tells: what, and how much.
    pub geometry: Vec<(&'static str, f64)>,
    /// The parts of sound that carry it, in seconds from its beginning to some two seconds; none for other media.
    pub spans: Vec<(f64, f64)>,
    /// Frames it was read on.
    pub frames: usize,
    /// Frames there are.
    pub frames_in_all: usize,
}

/// A watermark as a C2PA manifest names it, in an assertion `c2pa.soft-binding` and an action
/// `c2pa.watermarked.bound` (C2PA 2.2, clauses 9.3 and 18.10).
///
/// A scheme of [`Channel::Watermark`] that sets it on the mark it writes has both written into the manifest that is
/// signed afterwards; on a mark that it finds, it is compared with what the file's manifest names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// The algorithm's identifier: one of the C2PA list of soft binding algorithms, such as `com.adobe.trustmark.P`, or
    /// one in reverse domain form.
    pub algorithm: String,
    /// What the watermark holds, as bytes; the manifest has them in Base64.
    pub value: Vec<u8>,
}

/// A signature in a metadata label that fits what it is over: that was not changed since it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The field of the label it stands in.
    pub field: Field,
    /// Who signed it, by what the label says: a name or code. Anyone can write that.
    pub signer: String,
    /// SHA-256 of the key's SubjectPublicKeyInfo, in hexadecimal.
    pub key: String,
}

/// Something known to be left behind by generators, cameras or editors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its name in the list of traces.
    pub id: &'static str,
    /// How much it says.
    pub tier: Tier,
    /// What it means.
    pub means: &'static str,
    /// Who has seen it.
    pub source: &'static str,
}

/// How much a trace says of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The file declares that AI made or edited it.
    Ai,
    /// A name that only generators write.
    Generator,
    /// Worth telling; never enough by itself.
    Hint,
    /// A binding or container of provenance, which has to be read further.
    Provenance,
    /// It speaks of another origin, or looks like a trace and is none.
    Negative,
}

impl Tier {
    /// The word for it in the list of traces and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Generator => "generator",
            Self::Hint => "hint",
            Self::Provenance => "provenance",
            Self::Negative => "negative",
        }
    }

    /// Whether it is a reason to suspect that content was generated.
    pub fn is_ground(self) -> bool {
        matches!(self, Self::Ai | Self::Generator)
    }
}

/// Something wrong or unusual with a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Stable name, by which rules refer to it: `label-value`, `key-missing`.
    pub code: &'static str,
    /// How bad.
    pub gravity: Gravity,
    /// What is there and what the standard asks instead.
    pub text: String,
    /// Offset of the mark's first byte in the file.
    pub at: u64,
}

/// How bad a flaw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// Lawful, but not what most write.
    Note,
    /// Not as the standard asks, though it can be understood.
    Deviation,
    /// It contradicts the standard, or cannot be understood.
    Fault,
    /// It may not be a mark at all: an example in a text, say.
    Doubt,
}

/// How far a reading is from chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// The detector's statistic.
    pub statistic: f64,
    /// The value from which on it counts.
    pub threshold: f64,
    /// A bound on how often an unmarked file would reach the threshold.
    pub false_alarm: f64,
}

/// What came of looking for one kind of mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The scheme that looked.
    pub scheme: &'static str,
    /// Where it looks.
    pub channel: Channel,
    /// Whether this was read from the file or is known from having written it.
    pub basis: Basis,
    /// What came of it.
    pub seen: Seen,
    /// For marks read out of noise, where none is there: how near the best attempt came.
    pub nearest: Option<Nearest>,
}

/// How near to a mark a search came that found none.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// The best attempt.
    pub strength: Strength,
    /// How far was looked, and what would look further.
    pub reach: String,
}

/// Where the knowledge of a mark comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It was read from the file.
    Read,
    /// This run wrote it and measured the result; a later reader of the file alone could not.
    Written,
}

/// Found, not there, or could not tell: three answers, never two.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// It looked everywhere, and there is none.
    Absent,
    /// It could not look, or not everywhere, and says why.
    Blind(String),
    /// It looked, and these are there.
    Present(Vec<Mark>),
}

/// All that was looked for on one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// One entry for each scheme that fits the file's kind.
    pub looks: Vec<Look>,
    /// How long it is, if it is a text whose words were looked through for a watermark.
    pub length: Option<TextLength>,
}

/// How long a text is: between so many words and so many bytes lies the number of its tokens, whatever they are. A token is a byte
/// or more, and the tokenizers in common use join no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLength {
    /// Stretches without white space.
    pub words: u64,
    /// Bytes in UTF-8.
    pub bytes: u64,
}

impl From<Vec<Look>> for Evidence {
    fn from(looks: Vec<Look>) -> Self {
        Self { looks, length: None }
    }
}

impl Mark {
    /// Whether it may not be a mark at all: an example, say, or a trace that is no ground for anything.
    pub fn is_doubtful(&self) -> bool {
        let weak = self.trace.is_some_and(|trace| !trace.tier.is_ground());
        weak || self.flaws.iter().any(|flaw| flaw.gravity == Gravity::Doubt)
    }

    /// Whether it has a flaw of this code.
    pub fn has(&self, code: &str) -> bool {
        self.flaws.iter().any(|flaw| flaw.code == code)
    }
}

impl Evidence {
    /// What one scheme saw; `None` if it is not for this kind of media.
    pub fn look(&self, scheme: &str) -> Option<&Look> {
        self.looks.iter().find(|look| look.scheme == scheme)
    }

    /// The marks one scheme found.
    pub fn marks(&self, scheme: &str) -> &[Mark] {
        match self.look(scheme).map(|look| &look.seen) {
            Some(Seen::Present(marks)) => marks,
            _ => &[],
        }
    }
}
