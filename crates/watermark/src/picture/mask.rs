//! How strong the mark may be where.

use super::{
    plane::Plane,
    whiten::{CELL, Detail},
};

/// Amplitudes by cells of [`CELL`] pixels at reference scale.
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
        // The local deviation of fine detail, as far as it reaches everywhere around: a flat area beside an edge stays flat.
        let mut activity = Detail::new(luminance.clone()).variance;
        activity.map(|value| value.max(0.0).sqrt());
        let mut activity = activity.eroded(1);
        activity.box_rows(3);
        activity.box_columns(3);
        let mut shape = luminance.cells(CELL, |value| value);
        for _ in 0..3 {
            shape.box_rows(3);
            shape.box_columns(3);
        }
        shape.zip(&activity, |light, activity| {
            let lit =
                1.0 + 0.25 * (light - 128.0).abs() / 128.0 - 0.35 * ((20.0 - light) / 20.0).clamp(0.0, 1.0);
            (activity / TYPICAL).powf(0.45).clamp(0.5, 3.0) * lit
        });
        let mut cap = activity;
        cap.map(|activity| FLAT + ACTIVE * activity);
        // Where white or black takes only one half of the pattern, twice as much of that half is the same pattern.
        let half = luminance.cells(CELL, |value| if (2.0..=253.0).contains(&value) { 0.0 } else { 1.0 });
        shape.zip(&half, |value, half| value * (1.0 + half));
        cap.zip(&half, |value, half| value * (1.0 + half));
        Self { shape, cap }
    }

    /// The amplitudes for a gain: as shaped, but never above the cap.
    pub(crate) fn amplitudes(&self, gain: f32) -> Plane {
        let mut out = self.shape.clone();
        out.zip(&self.cap, |shape, cap| (gain * shape).min(cap));
        out
    }
}
