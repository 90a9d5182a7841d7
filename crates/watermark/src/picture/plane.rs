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

    /// Means over cells of `size` by `size` values, after a function; those at the right and the bottom may hold fewer.
    pub(crate) fn cells(&self, size: usize, of: impl Fn(f32) -> f32) -> Self {
        let mut out = Self::new(self.width.div_ceil(size), self.height.div_ceil(size));
        let mut sum = vec![0.0_f32; self.width];
        let (width, height) = (self.width, self.height);
        for (cell, to) in out.rows_mut().enumerate() {
            let rows = cell * size..((cell + 1) * size).min(height);
            let count = rows.len();
            sum.fill(0.0);
            for y in rows {
                sum.iter_mut().zip(self.row(y)).for_each(|(sum, &value)| *sum += of(value));
            }
            let unit = 1.0 / (size * count) as f32;
            // The sizes in use, told to the compiler.
            match size {
                2 => totals(sum.as_chunks::<2>().0, to),
                4 => totals(sum.as_chunks::<4>().0, to),
                _ => to.iter_mut().zip(sum.chunks(size)).for_each(|(to, values)| *to = values.iter().sum()),
            }
            to.iter_mut().for_each(|value| *value *= unit);
            if let (rest @ 1.., Some(last)) = (width % size, to.last_mut()) {
                let values = sum.get(width - rest..).unwrap_or_default();
                *last = values.iter().sum::<f32>() * unit * (size as f32 / rest as f32);
            }
        }
        out
    }

    /// The row of cells of `size` rows each that stands for row `y` of what they were made of, interpolated.
    pub(crate) fn between_rows(&self, y: usize, size: usize, out: &mut [f32]) {
        let at = (y as f32 + 0.5) / size as f32 - 0.5;
        let (first, part) = if at <= 0.0 { (0, 0.0) } else { (at as usize, at - at.floor()) };
        let first = first.min(self.height - 1);
        let (above, below) = (self.row(first), self.row((first + 1).min(self.height - 1)));
        for (out, (&above, &below)) in out.iter_mut().zip(above.iter().zip(below)) {
            *out = above + (below - above) * part;
        }
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

    /// Each value the mean of `width` values of its row, an odd number; mirrored at the edges.
    pub(crate) fn box_rows(&mut self, width: usize) {
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
            // The widths in use, in the order of sums that doubling has.
            match width {
                3 => windows(&padded, row, |[a, b, c]| (a + (b + c)) * scale),
                5 => windows(&padded, row, |[a, b, c, d, e]| (a + ((b + c) + (d + e))) * scale),
                _ => {
                    doubling(&mut padded, row, width, 0.0, |a, b| a + b);
                    row.iter_mut().for_each(|value| *value *= scale);
                }
            }
        }
    }

    /// Each value the mean of `width` values of its column, an odd number; mirrored at the edges.
    pub(crate) fn box_columns(&self, width: usize) -> Self {
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

/// The sum of each group.
fn totals<const N: usize>(groups: &[[f32; N]], out: &mut [f32]) {
    out.iter_mut().zip(groups).for_each(|(to, group)| *to = group.iter().sum());
}

/// What is made of each `N` values that follow one another.
fn windows<const N: usize>(values: &[f32], out: &mut [f32], of: impl Fn([f32; N]) -> f32) {
    for (to, window) in out.iter_mut().zip(values.array_windows()) {
        *to = of(*window);
    }
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
    fn boxes_and_cells_are_means() {
        let plane = noise(31, 22);
        let mut boxed = plane.clone();
        boxed.box_rows(5);
        let boxed = boxed.box_columns(7);
        let cells = plane.cells(4, |value| 2.0 * value);
        for (x, y) in [(15, 11), (0, 0), (30, 21), (1, 20)] {
            let mut sum = 0.0;
            for v in y - 3..=y + 3 {
                for u in x - 2..=x + 2 {
                    sum += plane.data[mirrored(v, 22) * 31 + mirrored(u, 31)];
                }
            }
            let value = boxed.data[y as usize * 31 + x as usize];
            assert!((value - sum / 35.0).abs() < 1e-4, "{x} {y}");
        }
        assert_eq!((cells.width, cells.height), (8, 6));
        let last: Vec<f32> =
            (20..22).flat_map(|y| (28..31).map(move |x| y * 31 + x)).map(|at| plane.data[at]).collect();
        let mean = 2.0 * last.iter().sum::<f32>() / 6.0;
        assert!((cells.data[5 * 8 + 7] - mean).abs() < 1e-4, "{} {mean}", cells.data[5 * 8 + 7]);
    }

    #[test]
    fn a_constant_stays_constant_however_thin_the_plane() {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (7, 3)] {
            let plane = Plane { width, height, data: vec![7.0; width * height] };
            let mut rows = plane.clone();
            rows.box_rows(7);
            for out in [rows, plane.box_columns(7), plane.eroded(4), plane.cells(4, |value| value)] {
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
