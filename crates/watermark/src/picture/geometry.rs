//! How a marked picture was changed, as the mark tells.

use super::{fold::Turn, reference::Scale, seen::Shift};

/// Where the pattern lies in a picture: `u = M x + o` leads from a pixel `x` to the place `u` in the pattern, in pixels at
/// reference scale. The pattern repeats every 128 of them, so that the offset is only known up to that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// `M`, by rows.
    pub matrix: [[f64; 2]; 2],
    /// `o`, in 0.0..128.0.
    pub offset: [f64; 2],
}

impl Geometry {
    pub(crate) fn turned(turn: Turn, halved: bool, shift: Shift, scale: &Scale) -> Self {
        let [[a, b], [c, d]] = turn.0.map(|row| row.map(f64::from));
        Self::of_frequencies([[a, b], [c, d]], halved, shift, scale)
    }

    /// From the matrix that leads from frequencies of the pattern to those of the picture at a scale.
    pub(crate) fn of_frequencies(matrix: [[f64; 2]; 2], halved: bool, shift: Shift, scale: &Scale) -> Self {
        let sign = if halved { -1.0 } else { 1.0 };
        let [[a, b], [c, d]] = matrix;
        // Phases agree where p'u = (A p)'x, so that u = A'x.
        let matrix =
            [[sign * a * scale.x(), sign * c * scale.y()], [sign * b * scale.x(), sign * d * scale.y()]];
        let offset = [-f64::from(shift.x), -f64::from(shift.y)].map(|place| place.rem_euclid(128.0));
        Self { matrix, offset }
    }

    /// Whether the picture was mirrored.
    pub fn is_mirrored(&self) -> bool {
        self.determinant() < 0.0
    }

    /// By how many degrees it was turned clockwise (after mirroring left to right, if it was), in -180.0..=180.0.
    pub fn rotation_degrees(&self) -> f64 {
        let [[a, b], [c, d]] = self.matrix;
        let (x, y) = if self.is_mirrored() { (d - a, -b - c) } else { (a + d, b - c) };
        y.atan2(x).to_degrees()
    }

    /// Pixels of the pattern at reference scale for one of the picture: how much was cut away or put around it shows where it
    /// is compared with what the picture's size would have come to.
    pub fn scale(&self) -> f64 {
        self.determinant().abs().sqrt()
    }

    fn determinant(&self) -> f64 {
        let [[a, b], [c, d]] = self.matrix;
        a * d - b * c
    }
}
