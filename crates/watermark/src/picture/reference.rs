//! Luminance at reference scale: what both sides look at.

use super::{
    pixels::{Layout, Picture, Samples},
    plane::Plane,
};

/// Luminance of pictures of any size is brought to this many pixels, the square of 800: the pattern is as large on a picture
/// that was resized as on the one it was put on.
pub(crate) const SIDE: f64 = 800.0;
/// Small pictures are enlarged by this much at most.
const LARGEST_SCALE: f64 = 4.0;

/// How a picture of one size is seen at another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// Pixels of the picture.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels it is seen at.
    pub(crate) to_width: usize,
    pub(crate) to_height: usize,
}

impl Scale {
    /// So that a picture of this size has about `side²` pixels.
    pub(crate) fn to_area(width: usize, height: usize, side: f64) -> Self {
        let factor = (side / (width as f64 * height as f64).sqrt()).min(LARGEST_SCALE);
        if (factor - 1.0).abs() < 1e-3 {
            return Self { width, height, to_width: width, to_height: height };
        }
        let scaled = |length: usize| ((length as f64 * factor).round() as usize).max(1);
        Self { width, height, to_width: scaled(width), to_height: scaled(height) }
    }

    /// Reference scale.
    pub(crate) fn reference(width: usize, height: usize) -> Self {
        Self::to_area(width, height, SIDE)
    }

    /// Columns there for one here.
    pub(crate) fn x(&self) -> f64 {
        self.to_width as f64 / self.width as f64
    }

    /// Rows there for one here.
    pub(crate) fn y(&self) -> f64 {
        self.to_height as f64 / self.height as f64
    }
}

/// Which values make up each value of a line resampled to another length.
struct Taps {
    /// By place: where its first value stands in the padded line, and where its weights stand.
    places: Vec<(usize, std::ops::Range<usize>)>,
    weights: Vec<f32>,
}

/// Values repeated at both ends of a line, which cubic interpolation reaches.
const PAD: usize = 2;

impl Taps {
    /// Means over areas where there are fewer, cubic interpolation where there are more.
    fn new(from: usize, to: usize) -> Self {
        let mut taps = Self { places: Vec::new(), weights: Vec::new() };
        let ratio = from as f64 / to as f64;
        for place in 0..to {
            let begin = taps.weights.len();
            let first = if ratio > 1.0 {
                let (start, end) = (place as f64 * ratio, ((place + 1) as f64 * ratio).min(from as f64));
                let first = (start + 1e-6).floor().min((from - 1) as f64);
                let mut at = first;
                while at < end - 1e-6 {
                    taps.weights.push((((at + 1.0).min(end) - at.max(start)) / (end - start)) as f32);
                    at += 1.0;
                }
                first as usize + PAD
            } else if from == to {
                taps.weights.push(1.0);
                place + PAD
            } else {
                let centre = (place as f64 + 0.5) * ratio - 0.5;
                taps.weights.extend(cubic((centre - centre.floor()) as f32));
                (centre.floor() + (PAD - 1) as f64) as usize
            };
            taps.places.push((first, begin..taps.weights.len()));
        }
        taps
    }

    fn apply(&self, padded: &[f32], out: &mut [f32]) {
        // Enlarged, every value is made of four: a length known to the compiler makes this twice as fast.
        if self.weights.len() == 4 * self.places.len() {
            for ((to, (first, _)), weights) in
                out.iter_mut().zip(&self.places).zip(self.weights.as_chunks().0)
            {
                let [far, near, after, last]: [f32; 4] = *weights;
                if let Some([a, b, c, d]) = padded.get(*first..).and_then(|rest| rest.first_chunk()) {
                    *to = a * far + b * near + c * after + d * last;
                }
            }
            return;
        }
        for (to, (first, weights)) in out.iter_mut().zip(&self.places) {
            let weights = &self.weights[weights.clone()];
            *to = padded[*first..].iter().zip(weights).map(|(value, weight)| value * weight).sum();
        }
    }
}

/// Weights of the four values around a place `t` past the second.
pub(crate) fn cubic(t: f32) -> [f32; 4] {
    const A: f32 = -0.75;
    let near = |d: f32| ((A + 2.0) * d - (A + 3.0)) * d * d + 1.0;
    let far = |d: f32| ((A * d - 5.0 * A) * d + 8.0 * A) * d - 4.0 * A;
    [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)]
}

/// The luminance of a picture in 0..255, seen at a scale. What is transparent is seen on white.
///
/// Rows of the picture are taken one by one: nothing as large as the picture is held.
pub(crate) fn luminance(picture: &Picture<'_>, scale: &Scale) -> Plane {
    resampled(scale, |y, line| row_luminance(picture, y, line))
}

/// The luminance of one row, in 0..255.
pub(crate) fn row_luminance(picture: &Picture<'_>, y: usize, line: &mut [f32]) {
    let span = picture.width * picture.layout.channels();
    let range = y * span..(y + 1) * span;
    match picture.samples {
        Samples::Eight(all) => convert(&all[range], picture.layout, 1.0, line),
        Samples::Sixteen(all) => convert(&all[range], picture.layout, 1.0 / 257.0, line),
    }
}

fn convert<S: Copy + Into<f32>>(row: &[S], layout: Layout, unit: f32, line: &mut [f32]) {
    let (red, green, blue) = (0.299 * unit, 0.587 * unit, 0.114 * unit);
    let on_white = |value: f32, alpha: S| 255.0 + (value - 255.0) * (alpha.into() * unit / 255.0);
    match layout {
        Layout::Gray => line.iter_mut().zip(row).for_each(|(to, &gray)| *to = gray.into() * unit),
        Layout::GrayAlpha => {
            for (to, pixel) in line.iter_mut().zip(row.as_chunks::<2>().0) {
                *to = on_white(pixel[0].into() * unit, pixel[1]);
            }
        }
        Layout::YCbCr => {
            for (to, pixel) in line.iter_mut().zip(row.as_chunks::<3>().0) {
                *to = pixel[0].into() * unit;
            }
        }
        Layout::Rgb => {
            for (to, pixel) in line.iter_mut().zip(row.as_chunks::<3>().0) {
                *to = pixel[0].into() * red + pixel[1].into() * green + pixel[2].into() * blue;
            }
        }
        Layout::Rgba => {
            for (to, pixel) in line.iter_mut().zip(row.as_chunks::<4>().0) {
                *to = on_white(
                    pixel[0].into() * red + pixel[1].into() * green + pixel[2].into() * blue,
                    pixel[3],
                );
            }
        }
    }
}

/// Rows taken one by one, seen at a scale.
pub(crate) fn resampled(scale: &Scale, mut fill: impl FnMut(usize, &mut [f32])) -> Plane {
    let mut out = Plane::new(scale.to_width, scale.to_height);
    let across = Taps::new(scale.width, scale.to_width);
    let down = Taps::new(scale.height, scale.to_height);
    // The last rows taken: at most four go into one that is made.
    let mut lines: [(usize, Vec<f32>); 4] = std::array::from_fn(|_| (usize::MAX, vec![0.0; scale.width]));
    let mut sum = vec![0.0; scale.width + 2 * PAD];
    for (to, (first, weights)) in out.rows_mut().zip(&down.places) {
        sum.fill(0.0);
        for (place, &weight) in (*first..).zip(&down.weights[weights.clone()]) {
            let y = place.saturating_sub(PAD).min(scale.height - 1);
            let (number, line) = &mut lines[y % 4];
            if *number != y {
                fill(y, line);
                *number = y;
            }
            sum[PAD..].iter_mut().zip(line.iter()).for_each(|(sum, &value)| *sum += weight * value);
        }
        let (left, right) = (sum[PAD], sum[PAD + scale.width - 1]);
        sum[..PAD].fill(left);
        sum[PAD + scale.width..].fill(right);
        across.apply(&sum, to);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp_at_any_scale() {
        let (width, height) = (90, 60);
        for (to_width, to_height) in [(90, 60), (45, 30), (71, 47), (200, 150), (360, 240), (33, 90)] {
            let scale = Scale { width, height, to_width, to_height };
            let out = resampled(&scale, |y, line| {
                line.iter_mut().enumerate().for_each(|(x, value)| *value = (x + 2 * y) as f32);
            });
            for y in to_height / 8..to_height * 7 / 8 {
                for x in to_width / 8..to_width * 7 / 8 {
                    let expected =
                        (x as f64 + 0.5) / scale.x() - 0.5 + 2.0 * ((y as f64 + 0.5) / scale.y() - 0.5);
                    let value = f64::from(out.data[y * to_width + x]);
                    assert!((value - expected).abs() < 0.25, "{to_width}: {value} for {expected} at {x} {y}");
                }
            }
        }
    }

    #[test]
    fn every_layout_gives_the_same_gray() {
        let seen = |layout, samples: Samples<'_>| {
            let picture = Picture::new(2, 1, layout, samples).unwrap();
            luminance(&picture, &Scale { width: 2, height: 1, to_width: 2, to_height: 1 }).data
        };
        for gray in [
            seen(Layout::Gray, Samples::Eight(&[100, 200])),
            seen(Layout::Gray, Samples::Sixteen(&[25_700, 51_400])),
            seen(Layout::GrayAlpha, Samples::Eight(&[100, 255, 200, 255])),
            seen(Layout::Rgb, Samples::Eight(&[100, 100, 100, 200, 200, 200])),
            seen(Layout::Rgba, Samples::Eight(&[100, 100, 100, 255, 200, 200, 200, 255])),
            seen(Layout::YCbCr, Samples::Eight(&[100, 9, 9, 200, 9, 9])),
        ] {
            assert!((gray[0] - 100.0).abs() < 0.01 && (gray[1] - 200.0).abs() < 0.01, "{gray:?}");
        }
        let clear = seen(Layout::Rgba, Samples::Eight(&[1, 2, 3, 0, 4, 5, 6, 0]));
        assert!(clear.iter().all(|&gray| (gray - 255.0).abs() < 0.01), "{clear:?}");
    }
}
