//! The pattern: one tile of it, and rows of it at the scale of a picture.

use rustfft::{FftPlanner, num_complex::Complex32};

use super::{
    lattice::{CHIPS, Chips, Lattice, TILE, lattice},
    reference::Scale,
};

/// Values of the tile for each pixel at reference scale, across and down.
const FINE: usize = 4;
const SIZE: usize = TILE * FINE;

/// One period of the pattern, finely sampled, with a mean square of 1.
#[derive(Debug)]
pub(crate) struct Tile {
    data: Vec<f32>,
}

impl Tile {
    /// The pattern of a codeword. Frequencies that a picture at this scale cannot hold are left out.
    pub(crate) fn new(chips: &Chips, codeword: &[bool], scale: &Scale) -> Self {
        let Lattice { sync, sync_phase, sync_amplitude, chips: places, chip_amplitude } = lattice();
        let mut spectrum = vec![Complex32::default(); SIZE * SIZE];
        let mut put = |place: super::lattice::Place, value: Complex32| {
            let column = place.i.rem_euclid(SIZE as i32) as usize;
            spectrum[place.j as usize * SIZE + column] = value * held(place, scale);
        };
        for ((&place, &phase), &amplitude) in sync.iter().zip(sync_phase).zip(sync_amplitude) {
            put(place, phase * amplitude);
        }
        for ((&at, &bit), &scramble) in chips.place.iter().zip(codeword).zip(&chips.scramble).take(CHIPS) {
            let sign = if bit { -scramble } else { scramble };
            put(places[at], chips.phase[at] * (chip_amplitude[at] * sign));
        }
        let energy: f32 = spectrum.iter().map(|value| value.norm_sqr()).sum();
        // The real part of e^(i..) has half the square of its amplitude.
        let unit = 1.0 / (energy / 2.0).max(f32::MIN_POSITIVE).sqrt();
        Self { data: real_inverse(&mut spectrum).into_iter().map(|value| value * unit).collect() }
    }

    /// The pattern at a place, in pixels at reference scale, to the nearest quarter.
    pub(crate) fn at(&self, place: [f64; 2]) -> f32 {
        let nearest = |place: f64| (place * FINE as f64 + 0.5).rem_euclid(SIZE as f64) as usize % SIZE;
        self.data[nearest(place[1]) * SIZE + nearest(place[0])]
    }

    /// A sampler of rows of the pattern on a picture of this scale.
    pub(crate) fn rows(&self, scale: &Scale) -> Rows<'_> {
        let columns = (0..scale.width)
            .map(|x| {
                let (first, part) = fine((x as f64 + 0.5) * scale.x() - 0.5);
                (first as u32, ((first + 1) % SIZE) as u32, part)
            })
            .collect();
        Rows { tile: self, step: scale.y(), columns, line: vec![0.0; SIZE] }
    }
}

/// How much of a frequency a picture at this scale can hold: all of it below 0.40 cycles a pixel, nothing above 0.48.
pub(crate) fn held(place: super::lattice::Place, scale: &Scale) -> f32 {
    let x = f64::from(place.i) / TILE as f64 * scale.x();
    let y = f64::from(place.j) / TILE as f64 * scale.y();
    let highest = x.abs().max(y.abs());
    ((0.48 - highest) / 0.08).clamp(0.0, 1.0) as f32
}

/// Rows of the pattern.
pub(crate) struct Rows<'a> {
    tile: &'a Tile,
    step: f64,
    columns: Vec<(u32, u32, f32)>,
    line: Vec<f32>,
}

impl Rows<'_> {
    /// The pattern on row `y` of the picture.
    pub(crate) fn row(&mut self, y: usize, out: &mut [f32]) {
        let (first, part) = fine((y as f64 + 0.5) * self.step - 0.5);
        let row = |y: usize| &self.tile.data[y * SIZE..(y + 1) * SIZE];
        let (above, below) = (row(first), row((first + 1) % SIZE));
        for (line, (&above, &below)) in self.line.iter_mut().zip(above.iter().zip(below)) {
            *line = above + (below - above) * part;
        }
        for (out, &(left, right, part)) in out.iter_mut().zip(&self.columns) {
            let (left, right) = (self.line[left as usize % SIZE], self.line[right as usize % SIZE]);
            *out = left + (right - left) * part;
        }
    }
}

/// A place at reference scale in the fine tile: the value before it and how far past that.
fn fine(place: f64) -> (usize, f32) {
    let at = (place * FINE as f64).rem_euclid(SIZE as f64);
    let first = at.floor();
    (first as usize % SIZE, (at - first) as f32)
}

/// The real part of the inverse transform of a square spectrum of which only the first rows are not zero.
fn real_inverse(spectrum: &mut [Complex32]) -> Vec<f32> {
    let fft = FftPlanner::new().plan_fft_inverse(SIZE);
    let mut scratch = vec![Complex32::default(); fft.get_inplace_scratch_len()];
    let rows = TILE / 4;
    for row in spectrum.chunks_exact_mut(SIZE).take(rows) {
        fft.process_with_scratch(row, &mut scratch);
    }
    let mut out = vec![0.0; SIZE * SIZE];
    let mut column = vec![Complex32::default(); SIZE];
    for x in 0..SIZE {
        column.fill(Complex32::default());
        for (y, value) in column.iter_mut().enumerate().take(rows) {
            *value = spectrum[y * SIZE + x];
        }
        fft.process_with_scratch(&mut column, &mut scratch);
        for (y, value) in column.iter().enumerate() {
            out[y * SIZE + x] = value.re;
        }
    }
    out
}
