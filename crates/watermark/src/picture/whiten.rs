//! Takes the picture away from the mark: what is left has the same strength everywhere.
//!
//! Smooth things are computed on fewer pixels: a half of them along each side for what is taken away, a quarter for the local
//! strength.

use super::plane::Plane;

/// Added to the local variance: a flat area is not blown up beyond rounding noise.
const FLOOR: f32 = 1.0;
/// Edges count for no more than this.
const CLIP: f32 = 2.2;
/// Pixels along each side of a cell of the coarse planes.
pub(crate) const CELL: usize = 4;

/// Luminance taken apart.
pub(crate) struct Detail {
    /// Luminance less its smoothed self: a Gaussian with a deviation of some 3.7 pixels.
    pub(crate) fine: Plane,
    /// By cells of [`CELL`] pixels: the mean square of `fine`, smoothed, with a deviation of some 3.5 pixels.
    pub(crate) variance: Plane,
}

impl Detail {
    pub(crate) fn new(luminance: &Plane) -> Self {
        let mut fine = luminance.clone();
        let mut smooth = luminance.cells(2, |value| value);
        for width in [3, 3, 5] {
            smooth.box_rows(width);
            smooth = smooth.box_columns(width);
        }
        let mut line = vec![0.0; smooth.width];
        for (y, row) in fine.rows_mut().enumerate() {
            smooth.between_rows(y, 2, &mut line);
            spread::<2>(&line, row, |value, smooth| value - smooth);
        }
        let mut variance = fine.cells(CELL, |value| value * value);
        variance.box_rows(3);
        Self { variance: variance.box_columns(3), fine }
    }
}

/// Luminance at about reference scale, high-passed, over its local deviation, clipped: in ±2.2.
pub(crate) fn whitened(luminance: &Plane) -> Plane {
    let Detail { fine: mut out, variance: mut unit } = Detail::new(luminance);
    unit.map(|variance| 1.0 / (variance.max(0.0) + FLOOR).sqrt());
    let mut line = vec![0.0; unit.width];
    for (y, row) in out.rows_mut().enumerate() {
        unit.between_rows(y, CELL, &mut line);
        spread::<CELL>(&line, row, |value, unit| (value * unit).clamp(-CLIP, CLIP));
    }
    out
}

/// Combines each value of a row with the coarse line there, interpolated between its cells of `N` values.
fn spread<const N: usize>(coarse: &[f32], row: &mut [f32], join: impl Fn(f32, f32) -> f32) {
    let part: [f32; N] = std::array::from_fn(|place| (place as f32 + 0.5) / N as f32);
    let combine = |[left, middle, right]: [f32; 3], values: &mut [f32]| {
        for (value, part) in values.iter_mut().zip(part) {
            let smooth = if part < 0.5 {
                left + (middle - left) * (part + 0.5)
            } else {
                middle + (right - middle) * (part - 0.5)
            };
            *value = join(*value, smooth);
        }
    };
    let at = |cell: usize| coarse[cell.min(coarse.len() - 1)];
    // Whole cells with one on either side are nearly all of a row, and need no look at its ends.
    let cells = row.len().div_ceil(N);
    for cell in [0].into_iter().chain(coarse.len().saturating_sub(1).max(1)..cells) {
        let around = [at(cell.saturating_sub(1)), at(cell), at(cell + 1)];
        let end = ((cell + 1) * N).min(row.len());
        combine(around, &mut row[cell * N..end]);
    }
    let inner = row.get_mut(N..).unwrap_or_default().as_chunks_mut::<N>().0;
    for (values, around) in inner.iter_mut().zip(coarse.array_windows()) {
        combine(*around, values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_taken_away_and_noise_comes_out_even() {
        let mut stream = crate::Key::public().stream("whiten");
        let (width, height) = (203, 150);
        let mut plane = Plane::new(width, height);
        for (place, value) in plane.data.iter_mut().enumerate() {
            let (x, y) = (place % width, place / width);
            let size = if x < width / 2 { 4.0 } else { 40.0 };
            *value = x as f32 * 0.5 + y as f32 * 0.2 + size * (stream.unit() - 0.5);
        }
        let white = whitened(&plane);
        let deviation = |from: usize, to: usize| {
            let squares =
                white.rows().skip(20).take(110).flat_map(|row| &row[from..to]).map(|value| value * value);
            let squares: Vec<f32> = squares.collect();
            (squares.iter().sum::<f32>() / squares.len() as f32).sqrt()
        };
        let (left, right) = (deviation(20, 80), deviation(123, 180));
        assert!((0.6..0.9).contains(&left), "{left}");
        assert!((0.9..1.05).contains(&right), "{right}");
        assert!(white.data.iter().all(|value| value.abs() <= CLIP));
        let flat = whitened(&Plane { width, height, data: vec![200.0; width * height] });
        assert!(flat.data.iter().all(|value| value.abs() < 1e-3));
    }
}
