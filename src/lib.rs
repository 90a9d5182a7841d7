//! Labels generated text, pictures and sound as the law asks, and tells of any file which marks it carries,
//! whether they hold and which rules it meets.
//!
//! The line runs from bytes to a report, and from rules back to bytes:
//!
//! ```
//! use indicia::{Claim, Context, Date, Field, Job, Order, Outcome, Status, Terms, label, packs, regimes, scan};
//!
//! let packs = packs(["cn"])?;
//! let at = Date::parse("2026-11-23").ok_or("no date")?;
//! let cx = Context::default();
//!
//! // Label what a model wrote ...
//! let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
//! claim.set(Field::Producer, "Example Ltd");
//! let job = Job::new(Order { claim, ..Order::default() }, regimes(&packs), at);
//! let text = "# A report\n\nIt rained.\n".as_bytes().to_vec();
//! let labelled = label(&text, Some("report.md"), &job, &cx)?;
//!
//! // ... and hold what came out against the rules.
//! let terms = Terms::new(regimes(&packs), at);
//! let report = scan("report.md", &labelled.bytes, &terms, &cx);
//! assert_eq!(report.outcome(), Outcome::Met);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod reading;

pub use indicia_core::{
    Basis, Binding, Channel, Claim, Context, Decode, Evidence, Field, FileSource, Flaw, Form, FormatError,
    Gravity, Language, Limits, Look, Mark, MediaKind, Nearest, Notice, Order, Origin, Part, PinnedKeys,
    Place, Position, Problem, Raster, Role, Sandbox, Seen, Signal, Signature, SigningKey, SoundNotice,
    Source, Span, Status, Strength, Style, TextLetter, TextRegion, Tier, Trace, Trust, TrustPart,
    WatermarkKey, WatermarkSearch, WordReader,
};
pub use indicia_credentials::{VALIDATOR, answer};
/// C2PA manifests: keys and what makes them, and lists of whom to trust.
pub mod manifests {
    pub use indicia_credentials::{
        Algorithm, CommandError, DevelopmentChain, DevelopmentError, Fault, KeyError, SigningCommand,
        SigningKey, TimeStamper, TrustList, TrustListError, algorithm_of, certificate_faults,
    };
}
/// The log of what was labelled and checked, and receipts.
pub mod records {
    pub use indicia_log::*;
}
pub use indicia_detect::{
    Change, Contradiction, Court, Difference, Likeness, Report, Side, Statement, Terms, Verdict,
    contradictions, difference, is_loss, likeness, scan, words_of,
};
pub use indicia_embed::{
    Carried, Destination, EmbedError, Job, Prepared, Publication, Sealing, carried, prepare, publish,
    publish_after, tier,
};
pub use indicia_marks::aigc::{KeyError, PinError, guide, pinned_keys, signing_key};
pub use indicia_marks::notices::{Wording, wordings};
pub use indicia_marks::traces::{Row as TraceRow, rows as trace_rows};
pub use indicia_marks::{MarkError, SCHEMES, Scheme, survey};
pub use indicia_media::{
    Asset, Colour, Content, FORMATS, Format, Frame, Picture, Role as SegmentRole, Samples, recognize,
    zip_entry,
};
pub use indicia_rules::{
    Bound, CHECKS, Check, Condition, Conflict, Date, Decidable, FACTS, Fact, Finding, Findings, Force, Open,
    Outcome, PACKS, Pack, PackError, Plan, Profile, Regime, Rule, RuleChange, SelectError, Severity,
    Situation, Standing, Truth, Waiver, What, changes, conflicts, load as load_packs, regimes_of as regimes,
    select as packs,
};

/// The producer that a run without configuration writes: no one's name, and reported as such.
pub const PLACEHOLDER_PRODUCER: &str = "placeholder-producer";

/// A file labelled in memory.
#[derive(Debug)]
pub struct Labelled {
    /// The file.
    pub bytes: Vec<u8>,
    /// The marks read back from it.
    pub evidence: Evidence,
    /// Whether it carried every mark already and is as it was.
    pub unchanged: bool,
    /// Marks that its rules ask for and its content does not hold, each with the reason.
    pub cannot: Vec<(&'static Scheme, String)>,
}

/// Labels a file in memory: bytes in, bytes out, every mark read back. `name` is the file's name, for formats
/// without signature. For files on disk, [`prepare`] and [`publish`] hold nothing but what changes.
///
/// # Errors
/// If the file cannot be read to its end, is signed, or one mark cannot be written or read back.
pub fn label(
    source: &dyn Source,
    name: Option<&str>,
    job: &Job<'_>,
    cx: &Context,
) -> Result<Labelled, EmbedError> {
    let asset = Asset::open(source, name, &cx.limits)?;
    let once = |job: &Job<'_>| {
        let prepared = prepare(&asset, job, cx)?;
        let (bytes, evidence) = prepared.to_bytes(name, cx)?;
        Ok(Labelled { bytes, evidence, unchanged: prepared.unchanged, cannot: job.cannot.clone() })
    };
    let first = once(job);
    match first.as_ref().err().and_then(|err| job.relieved(err)) {
        Some(relieved) => once(&relieved),
        None => first,
    }
}
