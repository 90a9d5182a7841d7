//! Pictures: the first frame as it is shown, reduced to a small raster of where it is brighter than around.

use super::{Likeness, Measure, correlation};
use indicia_core::FormatError;
use indicia_media::{Asset, Colour, Picture, Samples};

/// Cells of the raster a side.
const CELLS: usize = 32;

/// Of the pictures this was tried on, copies in another size, format and quality stay above 0.9, and other pictures
/// below 0.2. A strong crop looks like another picture.
const DETAIL: Measure =
    Measure { name: "the correlation of details over the picture", same: 0.6, different: 0.25 };

/// Cells around a cell that it is held against, to each side.
const AROUND: usize = 2;

/// Most that the brightness of two even pictures may differ by, of 1.
const EVEN: f64 = 0.1;

pub(super) fn compare(one: &Asset<'_>, other: &Asset<'_>) -> Result<Likeness, FormatError> {
    let (one, other) = (raster(one.picture()?), raster(other.picture()?));
    let (detail, others) = (details(&one), details(&other));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    Ok(match correlation(&detail, &others) {
        Some(value) => DETAIL.judge(value),
        None if (mean(&one) - mean(&other)).abs() > EVEN => {
            Likeness::Different("one is of one even colour, and the other is not as bright".into())
        }
        None => Likeness::Unknown("one is of one even colour, which many pictures are".into()),
    })
}

/// How much brighter each cell is than the cells around it: what photographs have in common, light in the middle and
/// from above, is gone.
fn details(raster: &[f64]) -> Vec<f64> {
    let cell = |row: usize, column: usize| raster.get(row * CELLS + column).copied().unwrap_or(0.0);
    let near = |at: usize| at.saturating_sub(AROUND)..(at + AROUND + 1).min(CELLS);
    let mut details = Vec::new();
    for (row, column) in (0..CELLS).flat_map(|row| (0..CELLS).map(move |column| (row, column))) {
        let around = near(row).flat_map(|row| near(column).map(move |column| cell(row, column)));
        let (count, sum) = around.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
        details.push(cell(row, column) - sum / count);
    }
    details
}

/// Mean brightness of each cell, 0 to 1, row by row as the picture is shown.
fn raster(picture: &Picture) -> Vec<f64> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let Some(frame) = picture.frames.first() else { return Vec::new() };
    let channels = picture.colour.channels();
    let (mut sums, mut counts) = (vec![0.0; CELLS * CELLS], vec![0.0; CELLS * CELLS]);
    // Every row and column of large pictures would say no more.
    let step = (width.min(height) / (8 * CELLS)).max(1);
    for y in (0..height).step_by(step) {
        for x in (0..width).step_by(step) {
            let (column, row) = shown(picture.orientation, x * CELLS / width, y * CELLS / height);
            let cell = row * CELLS + column;
            let at = (y * width + x) * channels;
            if let (Some(sum), Some(count)) = (sums.get_mut(cell), counts.get_mut(cell)) {
                *sum += brightness(&frame.samples, picture.colour, at);
                *count += 1.0;
            }
        }
    }
    // A picture smaller than the raster leaves cells empty: they are as bright as the one before.
    let mut last = 0.0;
    let mean = |(sum, count): (f64, f64)| {
        last = if count > 0.0 { sum / count } else { last };
        last
    };
    sums.into_iter().zip(counts).map(mean).collect()
}

/// The cell that a viewer sees a stored cell in (Exif tag 0x0112).
fn shown(orientation: u8, column: usize, row: usize) -> (usize, usize) {
    let last = CELLS - 1;
    match orientation {
        2 => (last - column, row),
        3 => (last - column, last - row),
        4 => (column, last - row),
        5 => (row, column),
        6 => (last - row, column),
        7 => (last - row, last - column),
        8 => (row, last - column),
        _ => (column, row),
    }
}

/// Brightness of the pixel whose first sample stands at `at`, over mid gray where it is transparent.
fn brightness(samples: &Samples, colour: Colour, at: usize) -> f64 {
    let value = |offset: usize| match samples {
        Samples::Eight(values) => f64::from(values.get(at + offset).copied().unwrap_or(0)) / 255.0,
        Samples::Sixteen(values) => f64::from(values.get(at + offset).copied().unwrap_or(0)) / 65_535.0,
    };
    let (light, alpha) = match colour {
        Colour::Gray | Colour::YCbCr => (value(0), 1.0),
        Colour::GrayAlpha => (value(0), value(1)),
        Colour::Rgb => (0.299 * value(0) + 0.587 * value(1) + 0.114 * value(2), 1.0),
        Colour::Rgba => (0.299 * value(0) + 0.587 * value(1) + 0.114 * value(2), value(3)),
    };
    0.5 + alpha * (light - 0.5)
}
