//! All tiles of a picture laid over each other, and the spectrum of that.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex32};

use super::{
    lattice::{Place, TILE, lattice},
    pixels::Picture,
    plane::Plane,
    reference::{Scale, resampled, row_luminance},
    seen::Seen,
    whiten::{CELL, HALO, whitened},
};

/// Two tiles wide and high, so that every other frequency is free of the mark and tells the noise.
const SIZE: usize = 2 * TILE;
/// Frequencies kept: those of the lattice and what lies three around them.
const REACH: i32 = 58;
const KEPT: usize = REACH as usize + 1;
/// Noise is averaged this far around a frequency.
const AROUND: i32 = 3;

/// Below this, whitened values are rounding.
const FLAT: f32 = 1e-3;

/// Frequencies of the lattice to each side.
const STEPS: i32 = 27;
const ROWS: usize = 2 * STEPS as usize + 1;

/// The spectrum of a folded plane at the frequencies of the lattice, over the noise around each.
#[derive(Debug)]
pub(crate) struct Folded {
    /// Column by column for frequencies across from 0 on; in each, frequencies down from -[`STEPS`] on.
    values: Vec<Complex32>,
}

static ACROSS: OnceLock<Arc<dyn RealToComplex<f32>>> = OnceLock::new();
static DOWN: OnceLock<Arc<dyn Fft<f32>>> = OnceLock::new();

impl Folded {
    /// Folds a picture, whitened at reference scale. `None` if it is nowhere anything but flat.
    ///
    /// Its halves are looked at by two threads where there are two; the sums are the same in any case.
    pub(crate) fn of_picture(picture: &Picture<'_>, scale: &Scale) -> Option<Self> {
        let height = scale.to_height;
        let middle = (height / 2).next_multiple_of(CELL).min(height);
        let strip = |rows: Range<usize>| {
            let seen = rows.start.saturating_sub(HALO)..(rows.end + HALO).min(height);
            let first = seen.start;
            let white = whitened(resampled(scale, seen, |y, line| row_luminance(picture, y, line)));
            let rows = || rows.clone().map(|y| (y, white.row(y - first)));
            let is_flat = rows().all(|(_, row)| row.iter().all(|value| value.abs() < FLAT));
            (sum(rows()), is_flat)
        };
        let ((mut all, above), (rest, below)) = rayon::join(|| strip(0..middle), || strip(middle..height));
        all.iter_mut().zip(rest).for_each(|(all, value)| *all += value);
        (!above || !below).then(|| Self::of_sum(all))
    }

    /// Folds a plane at reference scale.
    pub(crate) fn new(plane: &Plane) -> Self {
        Self::of_sum(sum(plane.rows().enumerate()))
    }

    fn of_sum(mut sum: Vec<f32>) -> Self {
        let across = ACROSS.get_or_init(|| RealFftPlanner::new().plan_fft_forward(SIZE));
        let down = DOWN.get_or_init(|| FftPlanner::new().plan_fft_forward(SIZE));
        let mut line = across.make_output_vec();
        let mut scratch =
            vec![Complex32::default(); across.get_scratch_len().max(down.get_inplace_scratch_len())];
        let mut columns = vec![Complex32::default(); KEPT * SIZE];
        for (y, row) in sum.chunks_exact_mut(SIZE).enumerate() {
            // It only fails on lengths other than those it was planned for.
            if across.process_with_scratch(row, &mut line, &mut scratch).is_ok() {
                (0..KEPT).for_each(|x| columns[x * SIZE + y] = line[x]);
            }
        }
        columns.chunks_exact_mut(SIZE).for_each(|column| down.process_with_scratch(column, &mut scratch));
        let halves = Halves { columns };
        let values = (0..=STEPS)
            .flat_map(|i| (-STEPS..=STEPS).map(move |j| Place { i, j }))
            .map(|place| halves.at(2 * place.i, 2 * place.j) / halves.noise(place).sqrt())
            .collect();
        Self { values }
    }

    /// The lattice as it is seen if the picture was turned or mirrored so.
    pub(crate) fn seen(&self, turn: Turn) -> Seen {
        let value = |place: &Place| {
            let Place { i, j } = turn.apply(*place);
            let (i, j, turned) = if i < 0 { (-i, -j, true) } else { (i, j, false) };
            let value = self.values[i as usize * ROWS + (j + STEPS) as usize];
            if turned { value.conj() } else { value }
        };
        let lattice = lattice();
        Seen::new(lattice.sync.iter().map(value).collect(), lattice.chips.iter().map(value).collect())
    }
}

/// Rows at reference scale, each with its number, laid over each other.
fn sum<'a>(rows: impl Iterator<Item = (usize, &'a [f32])>) -> Vec<f32> {
    let mut sum = vec![0.0_f32; SIZE * SIZE];
    for (y, row) in rows {
        let to = &mut sum[y % SIZE * SIZE..][..SIZE];
        for part in row.chunks(SIZE) {
            to.iter_mut().zip(part).for_each(|(to, &value)| *to += value);
        }
    }
    sum
}

/// The spectrum in half steps of the lattice.
struct Halves {
    /// Column by column for frequencies 0 to [`REACH`] across; in each, all frequencies down.
    columns: Vec<Complex32>,
}

impl Halves {
    /// The value at a frequency, in half steps.
    fn at(&self, i: i32, j: i32) -> Complex32 {
        let value = |i: i32, j: i32| self.columns[i as usize * SIZE + j.rem_euclid(SIZE as i32) as usize];
        if i < 0 { value(-i, -j).conj() } else { value(i, j) }
    }

    /// The mean square around a frequency of the lattice where the mark has nothing.
    fn noise(&self, place: Place) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for j in 2 * place.j - AROUND..=2 * place.j + AROUND {
            for i in 2 * place.i - AROUND..=2 * place.i + AROUND {
                if (i | j) & 1 == 1 {
                    sum += self.at(i, j).norm_sqr();
                    count += 1.0;
                }
            }
        }
        sum / count + 1e-9
    }
}

/// A turn by quarters, perhaps mirrored: what frequencies become, as a matrix by rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn(pub(crate) [[i32; 2]; 2]);

impl Turn {
    /// Those that are not half a turn apart from each other; half a turn makes every value its conjugate.
    pub(crate) const HALF: [Self; 4] =
        [Self([[1, 0], [0, 1]]), Self([[0, -1], [1, 0]]), Self([[-1, 0], [0, 1]]), Self([[0, 1], [1, 0]])];

    fn apply(self, place: Place) -> Place {
        let [[a, b], [c, d]] = self.0;
        Place { i: a * place.i + b * place.j, j: c * place.i + d * place.j }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use crate::picture::{Layout, Samples, reference::luminance};

    #[test]
    fn the_halves_come_to_what_the_whole_picture_comes_to() {
        for (width, height) in [(300, 411), (90, 700), (2000, 64), (32, 32), (1100, 900)] {
            let mut stream = Key::public().stream("halves");
            let samples: Vec<u8> = (0..width * height).map(|_| (stream.unit() * 255.0) as u8).collect();
            let picture =
                Picture::new(width as u32, height as u32, Layout::Gray, Samples::Eight(&samples)).unwrap();
            let scale = Scale::reference(width, height);
            let whole = Folded::new(&whitened(luminance(&picture, &scale)));
            let halves = Folded::of_picture(&picture, &scale).unwrap();
            for (whole, halves) in whole.values.iter().zip(&halves.values) {
                assert!((whole - halves).norm() < 2e-3, "{width} x {height}: {whole} {halves}");
            }
        }
    }
}
