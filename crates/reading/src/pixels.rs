//! A picture as the networks want it.

use rten_tensor::NdTensor;

/// A picture: red, green and blue of each pixel, row by row from the top, upright.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    width: usize,
    height: usize,
    rgb: &'a [u8],
}

/// A picture whose samples are not as many as its size says, or that has no pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{samples} samples are no picture of {width} x {height} pixels with three samples each")]
pub struct WrongSize {
    width: u32,
    height: u32,
    samples: usize,
}

impl<'a> Pixels<'a> {
    /// A picture of these samples.
    ///
    /// # Errors
    /// If there are not three samples for each pixel, or no pixel.
    pub fn new(width: u32, height: u32, rgb: &'a [u8]) -> Result<Self, WrongSize> {
        let wanted = (width as usize).checked_mul(height as usize).and_then(|pixels| pixels.checked_mul(3));
        if wanted != Some(rgb.len()) || rgb.is_empty() {
            return Err(WrongSize { width, height, samples: rgb.len() });
        }
        Ok(Self { width: width as usize, height: height as usize, rgb })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The picture scaled to a size, in a tensor of a width that may be larger: one picture, three planes (blue, green,
    /// red, as the networks were trained), values -1 to 1. What lies beyond the picture is 0.
    pub(crate) fn planes(&self, width: usize, height: usize, padded: usize) -> NdTensor<f32, 4> {
        let mut planes = NdTensor::zeros([1, 3, height, padded]);
        let columns = steps(self.width, width);
        let rows = steps(self.height, height);
        let Some(values) = planes.data_mut() else { return planes };
        let plane = height * padded;
        for (y, row) in rows.iter().enumerate() {
            for (x, column) in columns.iter().enumerate() {
                let [red, green, blue] = self.mixed(*column, *row);
                for (value, at) in [blue, green, red].into_iter().zip([0, plane, 2 * plane]) {
                    if let Some(target) = values.get_mut(at + y * padded + x) {
                        *target = value / 127.5 - 1.0;
                    }
                }
            }
        }
        planes
    }

    /// Four pixels mixed.
    fn mixed(&self, column: Step, row: Step) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for (y, vertical) in [(row.first, 1.0 - row.share), (row.second, row.share)] {
            for (x, horizontal) in [(column.first, 1.0 - column.share), (column.second, column.share)] {
                let at = (y * self.width + x) * 3;
                let weight = vertical * horizontal;
                for (sum, sample) in sum.iter_mut().zip(self.rgb.get(at..at + 3).unwrap_or_default()) {
                    *sum += weight * f32::from(*sample);
                }
            }
        }
        sum
    }
}

/// Which two rows or columns a row or column of the scaled picture is mixed of.
#[derive(Clone, Copy)]
struct Step {
    first: usize,
    second: usize,
    share: f32,
}

/// Bilinear scaling, the centres of the outer pixels kept.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "columns of a picture"
)]
fn steps(from: usize, to: usize) -> Vec<Step> {
    let last = from.saturating_sub(1);
    let scale = from as f32 / to.max(1) as f32;
    let step = |at: usize| {
        let exact = ((at as f32 + 0.5) * scale - 0.5).max(0.0);
        let first = (exact as usize).min(last);
        Step { first, second: (first + 1).min(last), share: exact.fract() }
    };
    (0..to).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::Pixels;
    use rten_tensor::prelude::*;

    #[test]
    fn samples_that_are_no_picture_are_refused() {
        assert!(Pixels::new(2, 2, &[0; 12]).is_ok());
        for (width, height, samples) in [(2, 2, 11), (2, 2, 13), (0, 5, 0), (u32::MAX, u32::MAX, 3)] {
            assert!(Pixels::new(width, height, &vec![0; samples]).is_err(), "{width} x {height}");
        }
    }

    #[test]
    fn planes_are_blue_green_red_and_end_in_nothing() {
        let rgb = [255, 0, 0, 255, 0, 0];
        let planes = Pixels::new(2, 1, &rgb).unwrap().planes(2, 2, 3);
        assert_eq!(planes.shape(), [1, 3, 2, 3]);
        let (low, high) = (-1.0, 1.0);
        let expected =
            [low, low, 0.0, low, low, 0.0, low, low, 0.0, low, low, 0.0, high, high, 0.0, high, high, 0.0];
        assert_eq!(planes.data().unwrap(), expected);
    }

    #[test]
    fn scaling_keeps_the_order_and_mixes_what_lies_between() {
        let rgb = [0, 0, 0, 100, 100, 100];
        let planes = Pixels::new(2, 1, &rgb).unwrap().planes(4, 1, 4);
        let row: Vec<f32> = planes.data().unwrap()[..4].iter().map(|value| (value + 1.0) * 127.5).collect();
        for (value, expected) in row.iter().zip([0.0, 25.0, 75.0, 100.0]) {
            assert!((value - expected).abs() < 0.01, "{row:?}");
        }
    }
}
