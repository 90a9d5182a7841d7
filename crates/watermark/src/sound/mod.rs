//! Watermarks in sound.
//!
//! The plane of time and frequency is cut into cells of 23.2 ms by 86 Hz, from 0.4 to 10.7 kHz, 48 frames of 120 cells to a
//! tile of 1.1 seconds that repeats. A key makes each cell louder or softer by a fraction of a decibel: some cells tell where the
//! tile lies, the others carry the chips of a [`crate::Code`]. A detector takes the level of each cell against its neighbours',
//! lays all tiles upon each other, finds where they begin, and reads. What was played faster, slower, higher or lower is found by
//! a search over both.
//!
//! Samples are interleaved, full scale is 1.0. All channels are changed alike, so that any mix of them carries the mark.
//! Samples that are no number stay as they are and count as silence.

mod grid;
mod pattern;

mod analysis;
mod detect;
mod embed;
mod fit;
mod gains;
mod locate;
mod mix;
mod read;
mod search;
mod spectrum;
mod track;
mod whiten;

pub use detect::{Clip, DetectError, Effort, Heard, Options, Placement, Recording, detect};
pub use embed::{EmbedError, Embedder, Strength, Summary};
pub use fit::embed;

/// How sound is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Frames a second, 8,000 to 192,000.
    pub rate: u32,
    /// Samples a frame, 1 to 32.
    pub channels: u16,
}

/// The least length that is marked, in seconds. Shorter sound does not hold enough of the code to be read again.
pub const SHORTEST: f64 = 5.0;

/// Why sound of this layout is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Too slow or too fast.
    #[error("sound of {0} samples a second is not taken: 8000 to 192000")]
    Rate(u32),
    /// None or very many.
    #[error("sound of {0} channels is not taken: 1 to 32")]
    Channels(u16),
}

impl Layout {
    /// Whether sound of this layout can be marked and read.
    ///
    /// # Errors
    /// If the rate or the number of channels is outside of what is taken.
    pub fn check(self) -> Result<(), LayoutError> {
        match self {
            Self { rate: 8_000..=192_000, channels: 1..=32 } => Ok(()),
            Self { rate: 8_000..=192_000, channels } => Err(LayoutError::Channels(channels)),
            Self { rate, .. } => Err(LayoutError::Rate(rate)),
        }
    }
}

/// The whole part of a number that is not negative.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, which is what is wanted"
)]
pub(crate) fn whole(value: f64) -> usize {
    value as usize
}

/// The least length that is looked at, in seconds: a tile.
pub(crate) const LEAST_HEARD: f64 = 1.2;

/// The payload of 64 bits in a decoded number.
#[allow(clippy::cast_possible_truncation, reason = "the code carries 64 bits")]
fn narrow_payload(payload: u128) -> u64 {
    payload as u64
}

/// A sample as it is looked at: 0 if it is no number, and not so large that its power would be none.
fn audible(value: f32) -> f32 {
    if value.is_finite() { value.clamp(-1e6, 1e6) } else { 0.0 }
}
