//! All tiles of a picture laid over each other, and the spectrum of that.

use std::sync::{Arc, OnceLock};

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex32};

use super::{
    lattice::{Place, TILE, lattice},
    plane::Plane,
    seen::Seen,
};

/// Two tiles wide and high, so that every other frequency is free of the mark and tells the noise.
const SIZE: usize = 2 * TILE;
/// Frequencies kept: those of the lattice and what lies three around them.
const REACH: i32 = 58;
const KEPT: usize = REACH as usize + 1;
/// Noise is averaged this far around a frequency.
const AROUND: i32 = 3;

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
    /// Folds a plane at reference scale.
    pub(crate) fn new(plane: &Plane) -> Self {
        let mut sum = vec![0.0_f32; SIZE * SIZE];
        for (y, row) in plane.rows().enumerate() {
            let to = &mut sum[y % SIZE * SIZE..][..SIZE];
            for part in row.chunks(SIZE) {
                to.iter_mut().zip(part).for_each(|(to, &value)| *to += value);
            }
        }
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
