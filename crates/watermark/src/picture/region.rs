//! Where in a picture a mark shows that was read off the whole of it.

use super::{
    embed::code,
    geometry::Geometry,
    lattice::Chips,
    pixels::Picture,
    reference::{Scale, luminance},
    tile::Tile,
    whiten::whitened,
};
use crate::Found;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Columns to its left.
    pub left: usize,
    /// Rows above it.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Pixels at reference scale along each side of a block.
const BLOCK: usize = 32;

/// The rectangle of blocks that agree with the pattern most, each counted for what it has above half of what the best have.
pub(super) fn of(picture: &Picture<'_>, found: &Found<Geometry>, chips: &Chips) -> Region {
    let scale = Scale::reference(picture.width, picture.height);
    let same = Scale { width: 128, height: 128, to_width: 128, to_height: 128 };
    let tile = Tile::new(chips, &code().encode(found.payload.bits().into()), &same);
    let white = whitened(luminance(picture, &scale));
    let (columns, rows) = (white.width.div_ceil(BLOCK), white.height.div_ceil(BLOCK));
    let mut agreement = vec![0.0_f32; columns * rows];
    for (y, row) in white.rows().enumerate() {
        let native = |place: usize, scale: f64| (place as f64 + 0.5) / scale - 0.5;
        let start = found.alignment.place([native(0, scale.x()), native(y, scale.y())]);
        let [step_x, step_y] = found.alignment.matrix.map(|row| row[0] / scale.x());
        for (x, &value) in row.iter().enumerate() {
            let at = [start[0] + step_x * x as f64, start[1] + step_y * x as f64];
            agreement[y / BLOCK * columns + x / BLOCK] += value * tile.at(at);
        }
    }
    let mut sorted = smooth(&agreement, columns);
    let agreement = sorted.clone();
    sorted.sort_by(f32::total_cmp);
    let high = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(0.0);
    let (left, top, right, bottom) = best_rectangle(&agreement, columns, high * 0.4);
    let native = |block: usize, blocks: usize, scale: f64, length: usize| {
        if block == blocks { length } else { ((block * BLOCK) as f64 / scale).round() as usize }
    };
    let (left, right) =
        (native(left, columns, scale.x(), picture.width), native(right, columns, scale.x(), picture.width));
    let (top, bottom) =
        (native(top, rows, scale.y(), picture.height), native(bottom, rows, scale.y(), picture.height));
    Region { left, top, width: right - left, height: bottom - top }
}

/// Means with the blocks around.
fn smooth(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    let near = |place: usize, length: usize| place.saturating_sub(1)..(place + 2).min(length);
    (0..values.len())
        .map(|at| {
            let all = near(at / columns, rows)
                .flat_map(|y| near(at % columns, columns).map(move |x| y * columns + x));
            let (sum, count) = all.fold((0.0, 0.0), |(sum, count), at| (sum + values[at], count + 1.0));
            sum / count
        })
        .collect()
}

/// Left, top, right and bottom of the rectangle with the highest sum of what values have above a level.
fn best_rectangle(values: &[f32], columns: usize, level: f32) -> (usize, usize, usize, usize) {
    let rows = values.len() / columns;
    let (mut best, mut sum) = ((0, 0, columns, rows), f32::MIN);
    for top in 0..rows {
        let mut strip = vec![0.0; columns];
        for bottom in top..rows {
            let row = &values[bottom * columns..(bottom + 1) * columns];
            strip.iter_mut().zip(row).for_each(|(strip, value)| *strip += value - level);
            // The best run of columns ends somewhere, and begins after the last time that the sum fell below nothing.
            let (mut run, mut left) = (0.0, 0);
            for (right, value) in strip.iter().enumerate() {
                run += value;
                if run > sum {
                    (best, sum) = ((left, top, right + 1, bottom + 1), run);
                }
                if run < 0.0 {
                    (run, left) = (0.0, right + 1);
                }
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_rectangle_holds_what_is_high() {
        let mut values = vec![0.1; 8 * 5];
        for y in 1..4 {
            for x in 2..7 {
                values[y * 8 + x] = 1.0;
            }
        }
        values[2 * 8 + 4] = 0.0;
        assert_eq!(best_rectangle(&values, 8, 0.4), (2, 1, 7, 4));
        assert_eq!(best_rectangle(&[1.0; 6], 3, 0.4), (0, 0, 3, 2));
    }
}
