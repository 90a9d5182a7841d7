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
    /// From a turn by quarters and a shift told from the first pixel at a scale.
    pub(crate) fn turned(turn: Turn, halved: bool, shift: Shift, scale: &Scale) -> Self {
        Self::of_frequencies(turn.0.map(|row| row.map(f64::from)), halved, shift, scale, [0.0, 0.0])
    }

    /// From the matrix that leads from frequencies of the pattern to those of the picture at a scale, and a shift told from a
    /// place there.
    pub(crate) fn of_frequencies(
        matrix: [[f64; 2]; 2],
        halved: bool,
        shift: Shift,
        scale: &Scale,
        origin: [f64; 2],
    ) -> Self {
        let sign = if halved { -1.0 } else { 1.0 };
        let [[a, b], [c, d]] = matrix.map(|row| row.map(|value| sign * value));
        // Phases agree where p'u = (A p)'x, so that u = A'x; pixels are counted from their centres at either scale.
        let (x, y) = ((scale.x() - 1.0) / 2.0 - origin[0], (scale.y() - 1.0) / 2.0 - origin[1]);
        let offset = [a * x + c * y - f64::from(shift.x), b * x + d * y - f64::from(shift.y)];
        Self {
            matrix: [[a * scale.x(), c * scale.y()], [b * scale.x(), d * scale.y()]],
            offset: offset.map(|place| place.rem_euclid(128.0)),
        }
    }

    /// The place in the pattern of a pixel of the picture, in 0.0..128.0.
    pub fn place(&self, pixel: [f64; 2]) -> [f64; 2] {
        let [x, y] = pixel;
        let along = |row: [f64; 2], offset: f64| (row[0] * x + row[1] * y + offset).rem_euclid(128.0);
        [along(self.matrix[0], self.offset[0]), along(self.matrix[1], self.offset[1])]
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
