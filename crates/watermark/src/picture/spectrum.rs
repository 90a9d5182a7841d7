//! The whole spectrum of a whitened plane, finely enough to look between its frequencies.

use realfft::RealFftPlanner;
use rustfft::{FftPlanner, num_complex::Complex32};

use super::{
    lattice::{Place, TILE, lattice},
    plane::Plane,
    reference::cubic,
    seen::Seen,
};

/// Frequencies kept, in cycles a pixel: those of the pattern at the largest scale that is searched.
const HIGHEST: f64 = 0.27;
/// The noise is averaged over a square of frequencies this wide, in cycles a pixel: some four steps of the lattice.
const AROUND: f64 = 0.03;
/// Columns kept to the left of the middle, and rows and columns beyond the highest frequency, for interpolation.
const MARGIN: usize = 4;

/// The low frequencies of a plane padded to twice its size, over the local noise; phases are told from the plane's middle.
pub(crate) struct Spectrum {
    /// Transform lengths: frequencies are in cycles over these.
    pub(crate) across: usize,
    pub(crate) down: usize,
    /// Values of a column stand together, from the most negative frequency down to the most positive.
    values: Vec<Complex32>,
    /// Their squares.
    pub(crate) power: Vec<f32>,
    columns: usize,
    /// Rows of a column.
    pub(crate) stride: usize,
    /// The row of frequency 0.
    middle: usize,
}

impl Spectrum {
    pub(crate) fn new(plane: &Plane) -> Self {
        let (across, down) = (length(2 * plane.width), length(2 * plane.height));
        let columns = (across as f64 * HIGHEST) as usize + 2 * MARGIN;
        let middle = (down as f64 * HIGHEST) as usize + MARGIN;
        let stride = 2 * middle + 1;
        let mut all = Self { across, down, values: Vec::new(), power: Vec::new(), columns, stride, middle };
        let rows = all.row_transforms(plane);
        all.column_transforms(plane, &rows);
        all.over_noise();
        all
    }

    /// Transforms of the rows, column by column; the plane's middle column is moved to the start.
    fn row_transforms(&self, plane: &Plane) -> Vec<Complex32> {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(self.across);
        let mut line = fft.make_input_vec();
        let mut out = fft.make_output_vec();
        let mut scratch = fft.make_scratch_vec();
        let kept = self.columns - MARGIN;
        let mut rows = vec![Complex32::default(); kept * plane.height];
        let half = plane.width / 2;
        for (y, row) in plane.rows().enumerate() {
            line.fill(0.0);
            line[..plane.width - half].copy_from_slice(&row[half..]);
            line[self.across - half..].copy_from_slice(&row[..half]);
            // It only fails on lengths other than those it was planned for.
            if fft.process_with_scratch(&mut line, &mut out, &mut scratch).is_ok() {
                for (x, value) in out.iter().take(kept).enumerate() {
                    rows[x * plane.height + y] = *value;
                }
            }
        }
        rows
    }

    fn column_transforms(&mut self, plane: &Plane, rows: &[Complex32]) {
        let fft = FftPlanner::new().plan_fft_forward(self.down);
        let mut scratch = vec![Complex32::default(); fft.get_inplace_scratch_len()];
        let mut line = vec![Complex32::default(); self.down];
        let half = plane.height / 2;
        self.values = vec![Complex32::default(); self.columns * self.stride];
        for (x, column) in rows.chunks_exact(plane.height).enumerate() {
            line.fill(Complex32::default());
            line[..plane.height - half].copy_from_slice(&column[half..]);
            line[self.down - half..].copy_from_slice(&column[..half]);
            fft.process_with_scratch(&mut line, &mut scratch);
            let to = &mut self.values[(x + MARGIN) * self.stride..][..self.stride];
            let (negative, positive) = to.split_at_mut(self.middle);
            negative.copy_from_slice(&line[self.down - self.middle..]);
            positive.copy_from_slice(&line[..=self.middle]);
        }
        // To the left of the middle stands the conjugate of what is to its right.
        for x in 1..=MARGIN {
            for y in 0..self.stride {
                let value = self.values[(MARGIN + x) * self.stride + self.stride - 1 - y];
                self.values[(MARGIN - x) * self.stride + y] = value.conj();
            }
        }
    }

    fn over_noise(&mut self) {
        self.power = self.values.iter().map(Complex32::norm_sqr).collect();
        let (x, y) =
            ((self.across as f64 * AROUND / 2.0) as usize, (self.down as f64 * AROUND / 2.0) as usize);
        let noise = means(&self.power, self.stride, x, y);
        for ((value, power), noise) in self.values.iter_mut().zip(&mut self.power).zip(noise) {
            let over = 1.0 / (noise + 1e-9);
            *value *= over.sqrt();
            *power *= over;
        }
    }

    /// Where the square at a frequency stands, if it was kept: in cycles over the transform's lengths, `x` not negative.
    pub(crate) fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (column, row) = (x as usize + MARGIN, (y + self.middle as i32) as usize);
        (column < self.columns && row < self.stride).then(|| column * self.stride + row)
    }

    /// The square at a frequency between others: 1 where it was not kept, which is what noise gives.
    pub(crate) fn power_at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = if x < 0.0 { (-x, -y) } else { (x, y) };
        let (column, row) = (below(x), below(y));
        let (right, below) = (x - column as f32, y - row as f32);
        let Some(at) = self.index(column, row) else { return 1.0 };
        let Some([a, b]) = self.power.get(at..at + 2) else { return 1.0 };
        let Some([c, d]) = self.power.get(at + self.stride..at + self.stride + 2) else { return 1.0 };
        let left = a + (b - a) * below;
        left + (c + (d - c) * below - left) * right
    }

    /// The value at a frequency between others; 0 where it was not kept.
    fn value_at(&self, x: f32, y: f32) -> Complex32 {
        if x < 0.0 {
            return self.value_at(-x, -y).conj();
        }
        let (column, row) = (x.floor(), y.floor());
        let (across, down) = (cubic(x - column), cubic(y - row));
        let Some(at) = self.index(column as i32, row as i32) else { return Complex32::default() };
        let mut sum = Complex32::default();
        for (column, across) in across.iter().enumerate() {
            let first = (at + column * self.stride).wrapping_sub(self.stride + 1);
            let Some(values) = self.values.get(first..first.wrapping_add(4)) else {
                return Complex32::default();
            };
            let line: Complex32 = values.iter().zip(down).map(|(value, weight)| value * weight).sum();
            sum += line * *across;
        }
        sum
    }

    /// The lattice as it is seen if its frequencies became those of this matrix, in cycles a pixel for cycles a pixel.
    pub(crate) fn seen(&self, matrix: [[f64; 2]; 2]) -> Seen {
        let [[a, b], [c, d]] = matrix;
        let (x, y) = (self.across as f64 / TILE as f64, self.down as f64 / TILE as f64);
        let value = |place: &Place| {
            let (i, j) = (f64::from(place.i), f64::from(place.j));
            self.value_at(((a * i + b * j) * x) as f32, ((c * i + d * j) * y) as f32)
        };
        let lattice = lattice();
        Seen::new(lattice.sync.iter().map(value).collect(), lattice.chips.iter().map(value).collect())
    }
}

/// The whole number not above a frequency.
fn below(value: f32) -> i32 {
    (value + 8192.0) as i32 - 8192
}

/// The least length not below this that transforms quickly: a multiple of 16 with no factor above 5.
fn length(least: usize) -> usize {
    let smooth = |mut n: usize| {
        for factor in [2, 3, 5] {
            while n.is_multiple_of(factor) {
                n /= factor;
            }
        }
        n == 1
    };
    (least.div_ceil(16).max(1)..).map(|n| n * 16).find(|&n| smooth(n)).unwrap_or(least)
}

/// Means over squares reaching so far to each side, less at the edges.
fn means(values: &[f32], stride: usize, across: usize, down: usize) -> Vec<f32> {
    let columns = values.len() / stride;
    let mut lines = vec![0.0_f32; values.len()];
    for (line, out) in values.chunks_exact(stride).zip(lines.chunks_exact_mut(stride)) {
        let mut sum: f64 = line[..down.min(stride)].iter().map(|&value| f64::from(value)).sum();
        for y in 0..stride {
            sum += line.get(y + down).map_or(0.0, |&value| f64::from(value));
            if y > down {
                sum -= f64::from(line[y - down - 1]);
            }
            let count = (y + down).min(stride - 1) - y.saturating_sub(down) + 1;
            out[y] = (sum / count as f64) as f32;
        }
    }
    let line = |x: usize| &lines[x * stride..(x + 1) * stride];
    let mut out = vec![0.0; values.len()];
    let mut sum = vec![0.0_f64; stride];
    let mut count = 0.0;
    for x in 0..across.min(columns) {
        sum.iter_mut().zip(line(x)).for_each(|(sum, &value)| *sum += f64::from(value));
        count += 1.0;
    }
    for (x, to) in out.chunks_exact_mut(stride).enumerate() {
        if x + across < columns {
            sum.iter_mut().zip(line(x + across)).for_each(|(sum, &value)| *sum += f64::from(value));
            count += 1.0;
        }
        if x > across {
            sum.iter_mut().zip(line(x - across - 1)).for_each(|(sum, &value)| *sum -= f64::from(value));
            count -= 1.0;
        }
        to.iter_mut().zip(&sum).for_each(|(to, &sum)| *to = (sum / count).max(0.0) as f32);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_found_between_frequencies_with_its_phase() {
        let mut plane = Plane::new(300, 200);
        let (fx, fy, phase) = (0.0931, -0.0617, 0.7_f64);
        let mut stream = crate::Key::public().stream("spectrum");
        for y in 0..200 {
            for x in 0..300 {
                let turn = fx * (x as f64 - 150.0) + fy * (y as f64 - 100.0);
                plane.data[y * 300 + x] =
                    (turn * std::f64::consts::TAU + phase).cos() as f32 * 0.5 + stream.unit() - 0.5;
            }
        }
        let spectrum = Spectrum::new(&plane);
        let value =
            spectrum.value_at((fx * spectrum.across as f64) as f32, (fy * spectrum.down as f64) as f32);
        assert!(value.norm_sqr() > 50.0, "{value}");
        assert!((f64::from(value.arg()) - phase).abs() < 0.05, "{}", value.arg());
        let mirrored =
            spectrum.value_at((-fx * spectrum.across as f64) as f32, (-fy * spectrum.down as f64) as f32);
        assert!((mirrored.conj() - value).norm() < 1e-3);
    }

    #[test]
    fn means_are_those_of_the_neighbours() {
        let values: Vec<f32> = (0..7 * 11).map(|n| (n * n % 17) as f32).collect();
        let out = means(&values, 11, 2, 3);
        for x in 0..7_usize {
            for y in 0..11_usize {
                let near: Vec<f32> = (x.saturating_sub(2)..(x + 3).min(7))
                    .flat_map(|u| (y.saturating_sub(3)..(y + 4).min(11)).map(move |v| (u, v)))
                    .map(|(u, v)| values[u * 11 + v])
                    .collect();
                let mean = near.iter().sum::<f32>() / near.len() as f32;
                assert!((out[x * 11 + y] - mean).abs() < 1e-3, "{x} {y}");
            }
        }
    }

    #[test]
    fn lengths_are_smooth_and_no_shorter() {
        for least in [1, 16, 17, 1000, 1601, 2240, 3333] {
            let found = length(least);
            assert!(found >= least && found <= least * 5 / 4 + 16, "{least}: {found}");
        }
    }
}
