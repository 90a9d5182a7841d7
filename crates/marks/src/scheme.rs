use indicia_core::{Basis, Channel, Context, FormatError, Look, Mark, MediaKind, Nearest, Order, Seen};
use indicia_media::{Asset, Content, Draft};

/// One way to mark content: a row of facts, how to find it, how to write it.
#[derive(Debug)]
pub struct Scheme {
    /// Short name; the name of its file here.
    pub name: &'static str,
    /// The name people know it by.
    pub title: &'static str,
    /// How it reaches whoever looks for it.
    pub channel: Channel,
    /// The kinds of media it is for.
    pub kinds: &'static [MediaKind],
    /// Whether it is the one to write where a rule leaves the choice between schemes of one channel.
    pub default: bool,
    /// Whether looking for it means decoding pictures or sound.
    pub decodes: bool,
    /// What its reader is known to miss, as measured: told beside each absence. Empty where nothing is known to be missed.
    pub misses: &'static str,
    /// The document that defines it, with any doubt about it.
    pub cite: &'static str,
    /// What it is, where it is put, what destroys it: what `explain` prints.
    pub about: &'static str,
    /// Reads the marks on a file.
    pub find: Find,
    /// Puts a mark on a file.
    pub write: Write,
}

/// Reads the marks on a file. No marks is an empty list; not being able to look is an error.
pub type Find = fn(&Asset<'_>, &Context) -> Result<Vec<Mark>, MarkError>;

/// Makes one mark's changes to a file and returns the mark as it should be found again; `None` if the
/// mark is there already and nothing had to change.
pub type Change = fn(&Order, &mut Draft<'_>, &Context) -> Result<Option<Mark>, MarkError>;

/// Measures on the finished file a mark that was just written: one that [`Find`] cannot read, or one of which more is
/// asked than that it can be read.
pub type Confirm = fn(&Mark, &Asset<'_>, &Context) -> Result<Mark, MarkError>;

/// How a scheme puts its mark on a file.
#[derive(Clone, Copy, Debug)]
pub enum Write {
    /// It changes content or metadata, in one pass with other schemes.
    Draft {
        /// Makes the changes.
        change: Change,
        /// Measures the result, for schemes of which reading the file alone does not tell enough.
        confirm: Option<Confirm>,
    },
    /// It signs the finished file, after all others, and needs a key for that.
    Seal,
    /// It is read here, but not written.
    Never,
}

/// A mark could not be read or written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// The file is not as its format says, or the format cannot hold the mark.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It cannot be looked for, and why.
    #[error("{0}")]
    Blind(String),
    /// It was looked for, and none is there: the best attempt fell short of what counts.
    #[error("none: {} where {} is needed", .0.strength.statistic, .0.strength.threshold)]
    Short(Nearest),
    /// It must not or cannot be written on this file, why, and what would help.
    #[error("{0}")]
    Refused(String),
    /// The order does not say what the mark needs, or says what the mark cannot hold.
    #[error("{0}")]
    Order(String),
}

impl Scheme {
    /// Looks for this mark; whatever happens becomes an answer.
    ///
    /// Not finding it in a damaged file is not absence: it may stand in what could not be read.
    pub fn look(&self, asset: &Asset<'_>, cx: &Context) -> Look {
        let perceived = self.channel == Channel::Explicit;
        let found = match asset.format.content {
            Content::Closed { .. } | Content::Video { .. } if perceived || self.decodes => {
                let who = if perceived { ": a person has to look" } else { "" };
                let why = format!("this program does not decode {}{who}", asset.format.title);
                Err(MarkError::Blind(why))
            }
            // Words are read in any case.
            Content::Text { .. } => (self.find)(asset, cx),
            _ if self.decodes && !cx.decode.asks_for(self.name) => {
                Err(MarkError::Blind(format!("decoding for the {} was not asked for", self.title)))
            }
            _ => (self.find)(asset, cx),
        };
        let (found, nearest) = match found {
            Err(MarkError::Short(nearest)) => (Ok(Vec::new()), Some(nearest)),
            found => (found, None),
        };
        let seen = match (found, &asset.layout.damage) {
            (Ok(marks), Some(damage)) if marks.is_empty() => {
                Seen::Blind(format!("the file is damaged: {damage}"))
            }
            (Ok(marks), _) if marks.is_empty() => Seen::Absent,
            (Ok(marks), _) => Seen::Present(marks),
            (Err(err), _) => Seen::Blind(err.to_string()),
        };
        Look { scheme: self.name, channel: self.channel, basis: Basis::Read, seen, nearest }
    }

    /// What the scheme of this name is known to miss, in parentheses, to be put after a sentence of absence; or nothing.
    pub fn misses_of(name: &str) -> String {
        match Self::named(name).map_or("", |scheme| scheme.misses) {
            "" => String::new(),
            misses => format!(" ({misses})"),
        }
    }

    /// Whether it is for this kind of media.
    pub fn suits(&self, kind: MediaKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether it can be written.
    pub fn is_writable(&self) -> bool {
        !matches!(self.write, Write::Never)
    }
}
