//! A plane of numbers, and the filters over it.

/// Numbers in rows, from the top left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<f32>,
}

impl Plane {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, data: vec![0.0; width * height] }
    }

    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.data.chunks_exact(self.width)
    }

    pub(crate) fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.data.chunks_exact_mut(self.width)
    }

    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    pub(crate) fn map(&mut self, f: impl Fn(f32) -> f32) {
        self.data.iter_mut().for_each(|value| *value = f(*value));
    }

    /// Combines this plane with another of the same size, in place.
    pub(crate) fn zip(&mut self, other: &Self, f: impl Fn(f32, f32) -> f32) {
        self.data.iter_mut().zip(&other.data).for_each(|(value, &other)| *value = f(*value, other));
    }

    /// The plane smoothed by three boxes, close to a Gaussian of this standard deviation; mirrored at the edges.
    pub(crate) fn smoothed(&self, sigma: f32) -> Self {
        let mut out = self.clone();
        for width in boxes(sigma) {
            out.box_rows(width);
        }
        for width in boxes(sigma) {
            out = out.box_columns(width);
        }
        out
    }

    /// The least value within `radius` columns and rows.
    pub(crate) fn eroded(&self, radius: usize) -> Self {
        let mut out = self.clone();
        let mut padded = vec![0.0; self.width + 2 * radius];
        for (row, to) in self.rows().zip(out.rows_mut()) {
            padded.fill(f32::INFINITY);
            padded[radius..radius + row.len()].copy_from_slice(row);
            doubling(&mut padded, to, 2 * radius + 1, f32::INFINITY, f32::min);
        }
        // The same along columns, whole rows at a time.
        let rows = out.clone();
        for y in 0..self.height {
            let (first, last) = (y.saturating_sub(radius), (y + radius).min(self.height - 1));
            let to = &mut out.data[y * self.width..(y + 1) * self.width];
            to.copy_from_slice(rows.row(first));
            for other in first + 1..=last {
                to.iter_mut().zip(rows.row(other)).for_each(|(to, &other)| *to = to.min(other));
            }
        }
        out
    }

    fn box_rows(&mut self, width: usize) {
        let radius = width / 2;
        let columns = self.width;
        let mut padded = vec![0.0; columns + 2 * radius];
        let scale = 1.0 / width as f32;
        for row in self.rows_mut() {
            for (x, to) in padded.iter_mut().enumerate() {
                if x < radius || x >= radius + columns {
                    *to = row[mirrored(x as isize - radius as isize, columns)];
                }
            }
            padded[radius..radius + columns].copy_from_slice(row);
            doubling(&mut padded, row, width, 0.0, |a, b| a + b);
            row.iter_mut().for_each(|value| *value *= scale);
        }
    }

    fn box_columns(&self, width: usize) -> Self {
        let radius = (width / 2) as isize;
        let mut out = Self::new(self.width, self.height);
        let mut sum = vec![0.0_f32; self.width];
        for y in -radius..=radius {
            sum.iter_mut().zip(self.row(mirrored(y, self.height))).for_each(|(sum, &value)| *sum += value);
        }
        let scale = 1.0 / width as f32;
        for (y, to) in out.rows_mut().enumerate() {
            let enter = self.row(mirrored(y as isize + radius + 1, self.height));
            let leave = self.row(mirrored(y as isize - radius, self.height));
            for ((to, sum), (&enter, &leave)) in to.iter_mut().zip(&mut sum).zip(enter.iter().zip(leave)) {
                *to = *sum * scale;
                *sum += enter - leave;
            }
        }
        out
    }
}

/// Widths of three boxes whose variances add up to about that of a Gaussian.
fn boxes(sigma: f32) -> [usize; 3] {
    // A box of width w has the variance (w² - 1) / 12; widths are odd.
    let ideal = (4.0 * sigma * sigma + 1.0).sqrt();
    let narrow = (((ideal - 1.0) / 2.0).floor() as usize) * 2 + 1;
    let variance = |width: usize| (width * width - 1) as f32 / 12.0;
    let step = variance(narrow + 2) - variance(narrow);
    let wide = ((sigma * sigma - 3.0 * variance(narrow)) / step).round().clamp(0.0, 3.0) as usize;
    std::array::from_fn(|index| if index < wide { narrow + 2 } else { narrow })
}

/// For each place the values of the `width` places from it on, joined by an associative operation, in about log2(width)
/// steps that have no dependency along the row. Overwrites `values`.
fn doubling(values: &mut [f32], out: &mut [f32], width: usize, neutral: f32, join: impl Fn(f32, f32) -> f32) {
    out.fill(neutral);
    let (mut size, mut offset) = (1, 0);
    while size <= width {
        if width & size != 0 {
            out.iter_mut().zip(&values[offset..]).for_each(|(out, &value)| *out = join(*out, value));
            offset += size;
        }
        if size * 2 <= width {
            let last = values.len() - size;
            for x in 0..last {
                values[x] = join(values[x], values[x + size]);
            }
        }
        size *= 2;
    }
}

/// The place that stands for one beyond the edge: mirrored, without doubling the edge itself.
pub(crate) fn mirrored(place: isize, length: usize) -> usize {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length as isize - 1);
    let place = place.rem_euclid(period);
    place.min(period - place) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: usize, height: usize) -> Plane {
        let mut stream = crate::Key::public().stream("plane");
        Plane { width, height, data: (0..width * height).map(|_| stream.unit()).collect() }
    }

    #[test]
    fn smoothing_is_close_to_a_gaussian() {
        for sigma in [3.5_f32, 4.0, 6.0] {
            let mut impulse = Plane::new(101, 101);
            impulse.data[50 * 101 + 50] = 1.0;
            let smooth = impulse.smoothed(sigma);
            let (mut sum, mut variance) = (0.0, 0.0);
            for (place, &value) in smooth.data.iter().enumerate() {
                let x = (place % 101) as f32 - 50.0;
                sum += value;
                variance += value * x * x;
            }
            assert!((sum - 1.0).abs() < 1e-4, "{sigma}: {sum}");
            assert!((variance.sqrt() - sigma).abs() < 0.2, "{sigma}: {}", variance.sqrt());
        }
    }

    #[test]
    fn a_constant_stays_constant_however_thin_the_plane() {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (7, 3)] {
            let plane = Plane { width, height, data: vec![7.0; width * height] };
            for out in [plane.smoothed(6.0), plane.eroded(4)] {
                assert!(out.data.iter().all(|value| (value - 7.0).abs() < 1e-4), "{width} x {height}");
            }
        }
    }

    #[test]
    fn erosion_is_the_least_neighbour() {
        let plane = noise(40, 30);
        let eroded = plane.eroded(4);
        for y in 0..30_usize {
            for x in 0..40_usize {
                let least = (y.saturating_sub(4)..(y + 5).min(30))
                    .flat_map(|v| (x.saturating_sub(4)..(x + 5).min(40)).map(move |u| (u, v)))
                    .map(|(u, v)| plane.data[v * 40 + u])
                    .fold(f32::INFINITY, f32::min);
                assert_eq!(eroded.data[y * 40 + x], least);
            }
        }
    }
}
