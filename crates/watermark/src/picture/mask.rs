//! How strong the mark may be where.

use super::{plane::Plane, whiten::high_pass};

/// Amplitudes at reference scale.
#[derive(Debug)]
pub(crate) struct Mask {
    /// The shape: multiplied by the gain, it is the wished root mean square in gray levels.
    pub(crate) shape: Plane,
    /// The root mean square in gray levels that does not show.
    pub(crate) cap: Plane,
}

/// Of the local deviation, in gray levels.
const TYPICAL: f32 = 6.0;
/// What a flat area takes, root mean square in gray levels.
const FLAT: f32 = 0.8;
/// What an active one takes more, over its local deviation.
const ACTIVE: f32 = 0.4;

impl Mask {
    /// From the luminance at reference scale.
    pub(crate) fn new(luminance: &Plane) -> Self {
        let activity = activity(luminance);
        let mut shape = luminance.smoothed(6.0);
        shape.zip(&activity, |light, activity| {
            let lit =
                1.0 + 0.25 * (light - 128.0).abs() / 128.0 - 0.35 * ((20.0 - light) / 20.0).clamp(0.0, 1.0);
            (activity / TYPICAL).powf(0.45).clamp(0.5, 3.0) * lit
        });
        let mut cap = activity;
        cap.map(|activity| FLAT + ACTIVE * activity);
        Self { shape, cap }
    }

    /// The amplitudes for a gain: as shaped, but never above the cap.
    pub(crate) fn amplitudes(&self, gain: f32) -> Plane {
        let mut out = self.shape.clone();
        out.zip(&self.cap, |shape, cap| (gain * shape).min(cap));
        out
    }
}

/// The local deviation of fine detail, as far as it reaches everywhere around: a flat area beside an edge stays flat.
fn activity(luminance: &Plane) -> Plane {
    let mut squares = high_pass(luminance);
    squares.map(|value| value * value);
    let mut deviation = squares.smoothed(4.0);
    deviation.map(|value| value.max(0.0).sqrt());
    deviation.eroded(4).smoothed(4.0)
}
