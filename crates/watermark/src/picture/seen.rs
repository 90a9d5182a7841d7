//! The values at the frequencies of the mark, from one hypothesis of how the picture was changed, and what they say.

use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::sync::{Arc, OnceLock};

use super::lattice::{Chips, Place, TILE, lattice};
use crate::statistic;

/// Values count for no more than this many deviations of the noise.
const CLIP: f32 = 3.0;
/// The strength of the mark around a frequency is averaged over this many neighbours in radius to each side.
const RING: usize = 64;
/// A square this many times as high as those around is the picture's own.
const OUTSTANDING: f32 = 8.0;

/// Values at the frequencies of the lattice, over the noise: of mean square 1 where nothing is marked.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    sync: Vec<Complex32>,
    chips: Vec<Complex32>,
    /// How much each chip is to be trusted. From squares alone, which tell nothing of signs.
    weight: Vec<f32>,
}

/// A shift of the pattern, in pixels at reference scale, and how clearly the sync frequencies show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Over the standard deviation of what noise gives at one place.
    pub(crate) peak: f32,
}

impl Seen {
    pub(crate) fn new(sync: Vec<Complex32>, chips: Vec<Complex32>) -> Self {
        let weight = weights(&chips);
        Self { sync, chips, weight }
    }

    /// The same as seen if the picture was turned by half.
    pub(crate) fn half_turned(&self) -> Self {
        let conjugate = |values: &[Complex32]| values.iter().map(Complex32::conj).collect();
        Self { sync: conjugate(&self.sync), chips: conjugate(&self.chips), weight: self.weight.clone() }
    }

    /// The shifts that the sync frequencies show most clearly, the clearest first.
    pub(crate) fn shifts(&self, count: usize) -> Vec<Shift> {
        let lattice = lattice();
        let matched: Vec<Complex32> = self
            .sync
            .iter()
            .zip(&lattice.sync_phase)
            .map(|(value, phase)| {
                let size = value.norm();
                value * phase.conj() * if size > CLIP { CLIP / size } else { 1.0 }
            })
            .collect();
        let deviation = (matched.iter().map(Complex32::norm_sqr).sum::<f32>() / 2.0).sqrt().max(1e-9);
        let mut map = correlation(&lattice.sync, &matched);
        let mut found = Vec::new();
        for _ in 0..count {
            let highest = highest(&map);
            let best = map.iter().position(|&value| value == highest).unwrap_or(0);
            let (x, y) = (best % TILE, best / TILE);
            for v in y + TILE - 2..=y + TILE + 2 {
                for u in x + TILE - 2..=x + TILE + 2 {
                    map[v % TILE * TILE + u % TILE] = f32::NEG_INFINITY;
                }
            }
            found.push(refined(&lattice.sync, &matched, x as f32, y as f32, deviation));
        }
        found.sort_by(|a, b| b.peak.total_cmp(&a.peak));
        found
    }

    /// Soft values of the bits of the code for a shift, under a key: above 0 for a bit that is not set.
    pub(crate) fn soft(&self, chips: &Chips, shift: Shift, values: &mut Vec<f32>) {
        let turns = Turns::new(shift);
        let by_place: Vec<f32> = lattice()
            .chips
            .iter()
            .zip(self.chips.iter().zip(&chips.phase))
            .zip(&self.weight)
            .map(|((&place, (value, phase)), &weight)| {
                let matched = (value * phase.conj() * turns.at(place)).re * std::f32::consts::SQRT_2;
                matched.clamp(-CLIP, CLIP) * weight
            })
            .collect();
        values.clear();
        values.extend(chips.place.iter().zip(&chips.scramble).map(|(&place, sign)| by_place[place] * sign));
    }

    /// Takes a codeword that was read away from soft values: as much of it as stands in them.
    pub(crate) fn take_away(&self, chips: &Chips, codeword: &[bool], values: &mut [f32]) {
        let sign = |bit: bool| if bit { -1.0 } else { 1.0 };
        let (mut share, mut whole) = (0.0, 0.0);
        for ((&value, &bit), &place) in values.iter().zip(codeword).zip(&chips.place) {
            let weight = self.weight[place];
            share += value * sign(bit) * weight;
            whole += weight * weight;
        }
        let size = share / whole.max(f32::MIN_POSITIVE);
        for ((value, &bit), &place) in values.iter_mut().zip(codeword).zip(&chips.place) {
            *value -= size * sign(bit) * self.weight[place];
        }
    }

    /// How clearly a known codeword stands in these values; for those who fit the strength of a mark.
    pub(crate) fn known(&self, chips: &Chips, shift: Shift, codeword: &[bool]) -> f64 {
        let mut values = Vec::new();
        self.soft(chips, shift, &mut values);
        statistic(&values, codeword)
    }
}

/// The trust in each chip: the root of what its neighbours in radius have above the noise, less where it stands out from them,
/// since the mark is as strong on all of them: that is the picture's own, such as lines of text.
fn weights(chips: &[Complex32]) -> Vec<f32> {
    let squares: Vec<f32> = chips.iter().map(Complex32::norm_sqr).collect();
    let excess = ring_means(&squares, |square| square.min(12.0));
    let sizes = ring_means(&squares, f32::sqrt);
    squares
        .iter()
        .zip(excess.iter().zip(sizes))
        .map(|(&square, (excess, size))| {
            let usual = OUTSTANDING * size * size;
            let trust = (excess - 1.0).max(0.02).sqrt();
            if square > usual { trust * usual / square } else { trust }
        })
        .collect()
}

/// Means over neighbours in radius, after a function.
fn ring_means(values: &[f32], of: impl Fn(f32) -> f32) -> Vec<f32> {
    let values: Vec<f32> = values.iter().map(|&value| of(value)).collect();
    let (first, last) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
    let at = |place: isize| match usize::try_from(place) {
        Ok(place) => values.get(place).copied().unwrap_or(last),
        Err(_) => first,
    };
    let ring = RING as isize;
    let mut sum: f64 = (-ring..=ring).map(|place| f64::from(at(place))).sum();
    (0..values.len() as isize)
        .map(|place| {
            let mean = sum / (2 * RING + 1) as f64;
            sum += f64::from(at(place + ring + 1)) - f64::from(at(place - ring));
            mean as f32
        })
        .collect()
}

/// The sum of values turned by each whole shift, for all shifts of the tile.
fn correlation(places: &[Place], values: &[Complex32]) -> Vec<f32> {
    static FFT: OnceLock<Arc<dyn Fft<f32>>> = OnceLock::new();
    let fft = FFT.get_or_init(|| FftPlanner::new().plan_fft_inverse(TILE));
    let mut scratch = vec![Complex32::default(); fft.get_inplace_scratch_len()];
    let mut rows = vec![Complex32::default(); TILE * TILE / 4];
    for (place, &value) in places.iter().zip(values) {
        rows[place.j as usize * TILE + place.i.rem_euclid(TILE as i32) as usize] = value;
    }
    rows.chunks_exact_mut(TILE).for_each(|row| fft.process_with_scratch(row, &mut scratch));
    let mut map = vec![0.0; TILE * TILE];
    let mut column = vec![Complex32::default(); TILE];
    for x in 0..TILE {
        column.fill(Complex32::default());
        for (to, row) in column.iter_mut().zip(rows.chunks_exact(TILE)) {
            *to = row[x];
        }
        fft.process_with_scratch(&mut column, &mut scratch);
        for (y, value) in column.iter().enumerate() {
            map[y * TILE + x] = value.re;
        }
    }
    map
}

/// The highest of values that are all numbers; in lanes, which are compared at once.
fn highest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<16>();
    let higher = |best: f32, value: f32| if value > best { value } else { best };
    let mut best = [f32::NEG_INFINITY; 16];
    for chunk in chunks {
        best.iter_mut().zip(chunk).for_each(|(best, &value)| *best = higher(*best, value));
    }
    best.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, higher)
}

/// The highest point near a whole shift, to an eighth of a pixel.
fn refined(places: &[Place], values: &[Complex32], x: f32, y: f32, deviation: f32) -> Shift {
    let height = |x: f32, y: f32| {
        let turns = Turns::new(Shift { x, y, peak: 0.0 });
        places.iter().zip(values).map(|(&place, value)| (value * turns.at(place)).re).sum::<f32>() / deviation
    };
    let mut best = Shift { x, y, peak: height(x, y) };
    for step in [0.5, 0.25, 0.125] {
        let centre = best;
        for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
            let (x, y) = (centre.x + step * dx as f32, centre.y + step * dy as f32);
            let peak = height(x, y);
            if peak > best.peak {
                best = Shift { x, y, peak };
            }
        }
    }
    best
}

/// The turns of all frequencies for one shift.
struct Turns {
    across: Vec<Complex32>,
    down: Vec<Complex32>,
}

/// No frequency has more cycles than this to either side.
const MOST: i32 = 32;

impl Turns {
    fn new(shift: Shift) -> Self {
        let turns = |shift: f32| {
            let turn =
                |n: i32| Complex32::from_polar(1.0, n as f32 * shift * std::f32::consts::TAU / TILE as f32);
            let (mut at, step) = (turn(-MOST), turn(1));
            (-MOST..=MOST)
                .map(|_| {
                    let this = at;
                    at *= step;
                    this
                })
                .collect()
        };
        Self { across: turns(shift.x), down: turns(shift.y) }
    }

    fn at(&self, place: Place) -> Complex32 {
        self.across[(place.i + MOST) as usize] * self.down[(place.j + MOST) as usize]
    }
}
