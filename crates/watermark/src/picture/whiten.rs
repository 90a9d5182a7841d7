//! Takes the picture away from the mark: what is left has the same strength everywhere.

use super::plane::Plane;

/// Standard deviation of the smoothing that is taken away, in pixels at reference scale.
pub(crate) const HIGH_PASS: f32 = 3.5;
/// Standard deviation of the smoothing of the local variance.
const LOCAL: f32 = 4.0;
/// Added to the local variance: a flat area is not blown up beyond rounding noise.
const FLOOR: f32 = 1.0;
/// Edges count for no more than this.
const CLIP: f32 = 2.2;

/// A plane less its smoothed self.
pub(crate) fn high_pass(plane: &Plane) -> Plane {
    let mut out = plane.smoothed(HIGH_PASS);
    out.zip(plane, |smooth, value| value - smooth);
    out
}

/// Luminance at about reference scale, high-passed, over its local deviation, clipped: in ±2.2.
pub(crate) fn whitened(luminance: &Plane) -> Plane {
    let mut out = high_pass(luminance);
    let mut variance = out.clone();
    variance.map(|value| value * value);
    let variance = variance.smoothed(LOCAL);
    out.zip(&variance, |value, variance| (value / (variance.max(0.0) + FLOOR).sqrt()).clamp(-CLIP, CLIP));
    out
}
