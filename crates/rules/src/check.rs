use std::fmt::Debug;

use crate::{Date, Outcome, Profile, Situation};
use indicia_core::{Channel, Evidence, Look, MediaKind, Role};
use indicia_marks::Scheme;

/// One method of deciding a rule. A rule pack names it and gives it parameters.
#[derive(Debug)]
pub struct Check {
    /// The name packs call it by; with `_` for `.`, the name of its file here.
    pub name: &'static str,
    /// What it decides on, and how: what `explain` prints.
    pub about: &'static str,
    /// Reads a rule's parameters; what it returns cannot hold wrong ones.
    pub build: fn(toml::Table) -> Result<Box<dyn Judge>, toml::de::Error>,
}

/// A check with its parameters.
pub trait Judge: Debug + Send + Sync {
    /// Decides on one file.
    fn judge(&self, case: &Case<'_>) -> Judgement;

    /// Whether what it says depends on more of these marks than that they are there, and whether they are doubtful. Where it
    /// looks into no mark of a file, it is judged once for all files of the same [`outline`](crate::outline).
    fn looks_into(&self, _: &Look) -> bool {
        true
    }

    /// Whether what it says depends on how long a text is: then it is judged for each file by itself.
    fn measures(&self) -> bool {
        false
    }

    /// The marks to write so that [`judge`](Self::judge) says met; none if marks do not decide it.
    fn wants(&self, _: MediaKind) -> Vec<&'static Scheme> {
        Vec::new()
    }

    /// Marks of which one is enough to say met, in order of preference; none if there is no choice.
    fn any_of(&self, _: MediaKind) -> Vec<&'static Scheme> {
        Vec::new()
    }

    /// Whether a file with the marks it wants can meet it; otherwise they are part of what it asks, and something else shows the
    /// rest.
    fn shows(&self) -> bool {
        true
    }

    /// What would have to be written and cannot be, with the reason; `None` if nothing is wanting.
    fn lacks(&self, _: MediaKind) -> Option<String> {
        None
    }

    /// Whether what it [`lacks`](Self::lacks) is there once an authority is asked for time stamps.
    fn is_stamped(&self) -> bool {
        false
    }

    /// The channel whose marks it is about, where it is about one.
    fn concerns(&self) -> Option<Channel> {
        None
    }
}

/// A check without parameters: any that a pack gives is refused.
pub(crate) fn plain(
    params: toml::Table,
    judge: impl Judge + 'static,
) -> Result<Box<dyn Judge>, toml::de::Error> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let Nothing {} = params.try_into()?;
    Ok(Box::new(judge))
}

/// Marks of one channel that were left out knowingly: what a file lacks of them is not held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The channel.
    pub channel: Channel,
    /// Why, for reports: whether that is lawful no file can show.
    pub why: &'static str,
}

impl Waiver {
    /// A notice, at the recipient's request (Measures for labelling AI-generated content, article 9).
    pub const AT_REQUEST: Self = Self {
        channel: Channel::Explicit,
        why: "left out at the recipient's request; whether that is lawful stands in the agreement and the log",
    };
    /// A notice that this program cannot put on such files, where the caller takes them without.
    pub const OWED: Self = Self {
        channel: Channel::Explicit,
        why: "left out, since this program cannot put it on such a file; it is owed, and has to be put on by other means",
    };
    /// A notice in content whose metadata alone were written: what the content shows is as it was converted.
    pub const CARRIED: Self = Self {
        channel: Channel::Explicit,
        why: "not written: labels were carried over as metadata alone; what the content shows, a person has to look at",
    };
}

/// What there is to decide on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What the file holds.
    pub kind: MediaKind,
    /// On whose behalf the question is asked, where the profile names no roles.
    pub role: Role,
    /// What no file tells.
    pub profile: &'a Profile,
    /// The day whose law counts.
    pub at: Date,
    /// What was seen on it.
    pub evidence: &'a Evidence,
    /// Whether the file could be read to its end. If not, no check may conclude that there is nothing more.
    pub whole: bool,
    /// Marks that were left out knowingly, and why.
    pub waived: Option<Waiver>,
}

impl<'a> Case<'a> {
    /// For whom, of what and when it is asked.
    pub fn situation(&self) -> Situation<'a> {
        Situation { kind: self.kind, role: self.role, profile: self.profile, at: self.at, stamped: false }
    }
}

/// A decision and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The decision.
    pub outcome: Outcome,
    /// Why, in a sentence a tired person understands, with places and figures.
    pub why: String,
}

impl Judgement {
    /// The rule is met.
    pub fn met(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Met, why: why.into() }
    }

    /// The rule is not met.
    pub fn unmet(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unmet, why: why.into() }
    }

    /// It cannot be told.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unknown, why: why.into() }
    }
}
