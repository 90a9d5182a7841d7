use crate::{Evidence, KeyId, Payload};

/// What a detection came to. `A` says where the mark lies: the geometry of a picture, the alignment of sound.
#[derive(Clone, Debug, PartialEq)]
pub enum Detection<A> {
    /// At least one mark, the surest first.
    Present(Vec<Found<A>>),
    /// No mark under these keys could be read: the best attempt, which did not reach the threshold.
    Absent(Evidence),
    /// Nothing could be read from this content, marked or not.
    Unable(Unable),
}

/// A mark that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<A> {
    /// What it says.
    pub payload: Payload,
    /// The key it was read with.
    pub key: KeyId,
    /// How sure that is.
    pub evidence: Evidence,
    /// How it was come by.
    pub route: Route,
    /// Where it lies.
    pub alignment: A,
}

/// How a mark was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// In the place where it was put, or turned by quarters or mirrored.
    Direct,
    /// By a search over scale, rotation and offset (pictures), or speed, pitch and offset (sound).
    Search,
}

/// Why nothing could be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unable {
    /// Too small to hold any of the mark.
    #[error("{size} is too small to read a watermark from: {least} at least")]
    TooSmall {
        /// What there is, with its unit.
        size: String,
        /// What it takes.
        least: String,
    },
    /// The same everywhere: nothing remains that could carry a mark.
    #[error("the content is the same everywhere, so that no watermark can stand in it")]
    Constant,
    /// No key was given.
    #[error("no key was given to read with")]
    NoKey,
}

impl<A> Detection<A> {
    /// The marks found, the surest first; none if absent or unable.
    pub fn found(&self) -> &[Found<A>] {
        match self {
            Self::Present(found) => found,
            Self::Absent(_) | Self::Unable(_) => &[],
        }
    }
}
