#![allow(
    clippy::indexing_slicing,
    reason = "every index is a cell or a bin below a bound taken from the same slice, none comes from content"
)]

use super::whole;

/// Rate that the grid is drawn in, in samples a second. Sound of any other rate has its frames scaled, and is not resampled.
pub(super) const REFERENCE_RATE: f64 = 44_100.0;
/// Length of a frame in reference samples: 23.2 ms.
pub(super) const FRAME: f64 = 1024.0;
/// Length over which one frame fades into the next, in reference samples.
pub(super) const EDGE: f64 = 128.0;
/// Frames in a tile, after which the pattern begins again: 1.115 s.
pub(super) const PERIOD: usize = 48;
/// Cells of a frame, one above the other.
pub(super) const CELLS: usize = 120;
/// Positions within a frame that the detector looks at.
pub(super) const PHASES: usize = 8;
/// The lowest cells, which carry at half strength: speech has much of its energy there.
pub(super) const LOW_CELLS: usize = 5;
/// Where telephone sound ends (3.4 kHz) and where wide-band speech does (6.9 kHz): every chip has cells in each stratum.
pub(super) const STRATA: [usize; 4] = [0, 35, 75, CELLS];

/// Height of a cell in hertz: two bins of a reference frame.
const CELL_HERTZ: f64 = 2.0 * REFERENCE_RATE / FRAME;
/// Where the lowest cell begins, in hertz.
const LOWEST_HERTZ: f64 = 9.5 * REFERENCE_RATE / FRAME;

/// Seconds a frame lasts.
pub(super) const FRAME_SECONDS: f64 = FRAME / REFERENCE_RATE;

/// How time and frequency of what is heard relate to what was marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Warp {
    /// Duration now over duration then.
    pub(super) time: f64,
    /// Frequency now over frequency then.
    pub(super) pitch: f64,
}

impl Warp {
    /// Played as it was marked.
    pub(super) const NONE: Self = Self { time: 1.0, pitch: 1.0 };
}

/// Which cell a frequency falls into.
pub(super) fn cell_of(hertz: f64) -> Option<usize> {
    let cell = (hertz - LOWEST_HERTZ) / CELL_HERTZ;
    (cell >= 0.0 && cell < CELLS as f64).then(|| whole(cell))
}

/// Where in a spectrum the cells lie, for one length of transform and one pitch.
#[derive(Debug)]
pub(super) struct CellMap {
    /// First bin of each cell, and what it takes of this one and the next three.
    cells: Vec<(usize, [f32; 4])>,
}

impl CellMap {
    /// `bin_hertz` is the distance of two bins, `bins` their number.
    pub(super) fn new(bin_hertz: f64, bins: usize, pitch: f64) -> Self {
        let cell = |cell: usize| {
            let low = (LOWEST_HERTZ + cell as f64 * CELL_HERTZ) * pitch / bin_hertz + 0.5;
            let high = low + CELL_HERTZ * pitch / bin_hertz;
            let first = whole(low);
            let mut weights = [0.0; 4];
            if first + 4 <= bins {
                for (at, weight) in weights.iter_mut().enumerate() {
                    let bin = (first + at) as f64;
                    *weight = narrow((high.min(bin + 1.0) - low.max(bin)).max(0.0));
                }
            }
            (first.min(bins.saturating_sub(4)), weights)
        };
        Self { cells: (0..CELLS).map(cell).collect() }
    }

    /// The number of bins that the cells need.
    pub(super) fn reach(&self) -> usize {
        self.cells.iter().map(|(first, _)| first + 4).max().unwrap_or(0)
    }

    /// The power of each cell.
    pub(super) fn gather(&self, power: &[f32], cells: &mut [f32]) {
        for (to, (first, weights)) in cells.iter_mut().zip(&self.cells) {
            let bins = &power[*first..first + 4];
            *to = bins[0] * weights[0] + bins[1] * weights[1] + bins[2] * weights[2] + bins[3] * weights[3];
        }
    }
}

/// A number of double precision as one of single precision.
#[allow(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

/// The least length of at least `least` whose only prime factors are 2 and at most two 3s: transforms of it are quick.
pub(super) fn quick_length(least: usize) -> usize {
    [1, 3, 9].iter().map(|odd| odd * least.div_ceil(*odd).next_power_of_two()).min().unwrap_or(least)
}
