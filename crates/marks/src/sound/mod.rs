//! Sound that says "AI": made, matched to what it stands beside, and heard again.

pub(crate) mod amid;
pub(crate) mod clip;
pub(crate) mod contour;
pub(crate) mod correlate;
pub(crate) mod decimate;
pub(crate) mod edges;
pub(crate) mod ends;
pub(crate) mod kept_voices;
pub(crate) mod keyed;
pub(crate) mod listen;
pub(crate) mod loudness;
pub(crate) mod matched;
pub(crate) mod message;
pub(crate) mod morse;
pub(crate) mod resample;
pub(crate) mod segment;
pub(crate) mod spectrum;
pub(crate) mod timing;
pub(crate) mod voices;

#[cfg(test)]
pub(crate) mod trial;

/// Most frames a second that are read or written: more than any converter makes.
pub(crate) const MOST_RATE: u32 = 768_000;

/// Most channels that sound is made for. Bounds what a header's two numbers can make this program allocate.
pub(crate) const MOST_CHANNELS: u16 = 32;

/// The nearest whole number, 0 for what is below.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and all values here are small")]
pub(crate) fn whole(value: f64) -> usize {
    value.round().max(0.0) as usize
}

/// The nearest single-precision number.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
pub(crate) fn single(value: f64) -> f32 {
    value as f32
}
