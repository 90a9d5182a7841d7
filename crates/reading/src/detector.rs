//! The network that finds where text stands.

use crate::pixels::Pixels;
use crate::reader::{ReadError, run};
use crate::regions::{Map, Region};
use rten::Model;
use rten_tensor::prelude::*;

/// What the network's sides are multiples of.
const GRID: usize = 32;

/// The lines of text in a picture, which is looked at in the size it has.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
pub(crate) fn regions(model: &Model, pixels: &Pixels<'_>) -> Result<Vec<Region>, ReadError> {
    let side = |side: usize| ((side + GRID / 2) / GRID).max(1) * GRID;
    let (width, height) = (side(pixels.width()), side(pixels.height()));
    let values = run(model, pixels.planes(width, height, width))?;
    match values.shape() {
        [1, 1, rows, columns] if (*rows, *columns) == (height, width) => {}
        other => return Err(ReadError::Answer(format!("{other:?} for a picture of {width} x {height}"))),
    }
    let values = values.to_vec();
    let map = Map { width, height, values: &values };
    let picture = (pixels.width() as f32, pixels.height() as f32);
    Ok(map.regions((picture.0 / width as f32, picture.1 / height as f32), picture))
}
