//! The search for a pattern that was scaled, rotated, mirrored or sheared by an unknown amount.
//!
//! Squares of the spectrum alone are looked at. They do not tell where the pattern begins, so that no offset is searched, and
//! they tell nothing of the key's signs, so that the search costs nothing in the bound on false alarms.

use super::{
    lattice::{Place, TILE, lattice},
    plane::Plane,
    spectrum::Spectrum,
};

/// Scales of the pattern looked for at each size of the picture, up to this.
const LARGEST: f64 = 1.205;
/// Squares count for no more than this, in the coarse and the fine search.
const COARSE_CLIP: f32 = 10.0;
const FINE_CLIP: f32 = 14.0;
/// Coarse hypotheses that are looked at finely.
const KEPT: usize = 60;
/// What a pattern that was not rotated is given ahead: cropped pictures are the common case.
const STRAIGHT: f32 = 1.8;
/// Uneven scale looked for: one side by this much more, the other by as much less.
const STRETCH: f64 = 0.14;

/// How the pattern may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hypothesis {
    /// How clearly, in deviations of noise.
    pub(crate) score: f32,
    mirrored: bool,
    scale: f64,
    angle: f64,
    anisotropy: f64,
    shear: f64,
}

impl Hypothesis {
    fn new(score: f32, mirrored: bool, scale: f64, angle: f64) -> Self {
        Self { score, mirrored, scale, angle, anisotropy: 0.0, shear: 0.0 }
    }

    /// What frequencies of the pattern became, in cycles a pixel for cycles a pixel.
    pub(crate) fn matrix(&self) -> [[f64; 2]; 2] {
        let (sin, cos) = self.angle.sin_cos();
        let stretch = [[1.0 + self.anisotropy, self.shear], [self.shear, 1.0 - self.anisotropy]];
        let mirror = if self.mirrored { -1.0 } else { 1.0 };
        let row = |a: f64, b: f64| {
            let across = a * stretch[0][0] + b * stretch[1][0];
            let down = a * stretch[0][1] + b * stretch[1][1];
            [self.scale * across * mirror, self.scale * down]
        };
        [row(cos, -sin), row(sin, cos)]
    }

    /// Whether two lie about the same.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        let turn = (self.angle - other.angle).abs();
        self.mirrored == other.mirrored
            && (self.anisotropy - other.anisotropy).abs() < 0.01
            && (self.scale - other.scale).abs() < 0.01
            && turn.min((std::f64::consts::PI - turn).abs()) < 0.015
    }
}

/// A picture at one size, ready to be searched.
pub(crate) struct Level {
    pub(crate) spectrum: Spectrum,
    /// The squares, clipped, and their mean and deviation.
    clipped: Vec<f32>,
    mean: f32,
    deviation: f32,
}

/// Frequencies of the pattern in cycles a pixel, and their weights: squares of amplitudes, with a square sum of 1.
struct Energy {
    places: Vec<(f64, f64)>,
    weights: Vec<f32>,
    sum: f32,
}

impl Energy {
    fn new() -> Self {
        let lattice = lattice();
        let places = lattice.sync.iter().chain(&lattice.chips).map(frequency).collect();
        let squares = lattice.sync_amplitude.iter().chain(&lattice.chip_amplitude).map(|a| a * a);
        let mut weights: Vec<f32> = squares.collect();
        let norm = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
        weights.iter_mut().for_each(|weight| *weight /= norm);
        Self { places, sum: weights.iter().sum(), weights }
    }
}

fn frequency(place: &Place) -> (f64, f64) {
    (f64::from(place.i) / TILE as f64, f64::from(place.j) / TILE as f64)
}

impl Level {
    /// From a whitened plane.
    pub(crate) fn new(white: &Plane) -> Self {
        let spectrum = Spectrum::new(white);
        let clipped: Vec<f32> = spectrum.power.iter().map(|power| power.min(FINE_CLIP)).collect();
        let (mean, deviation) = moments(&clipped);
        Self { spectrum, clipped, mean, deviation }
    }

    /// Where the pattern may lie, the likeliest first, at this scale or a larger one.
    pub(crate) fn hypotheses(&self, smallest: f64) -> Vec<Hypothesis> {
        let energy = Energy::new();
        let mut found: Vec<Hypothesis> = self
            .coarse(smallest)
            .into_iter()
            .map(|(hypothesis, step)| self.fine(&energy, hypothesis, step))
            .collect();
        found.extend(self.straight(&energy, smallest));
        found.extend(self.stretched(&energy, smallest));
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut apart: Vec<Hypothesis> = Vec::new();
        for hypothesis in found {
            if !apart.iter().any(|other| other.is_near(&hypothesis)) {
                apart.push(hypothesis);
            }
        }
        apart
    }

    /// All scales, angles and both sides, by the sync frequencies on a coarse grid of squares.
    fn coarse(&self, smallest: f64) -> Vec<(Hypothesis, f64)> {
        let grid = Coarse::new(&self.spectrum);
        let longest = self.spectrum.across.max(self.spectrum.down) as f64 / 2.0;
        let step = 1.2 / (0.17 * longest);
        let scales = steps(smallest.ln(), LARGEST.ln(), step).map(f64::exp).collect::<Vec<_>>();
        let sync: Vec<(f64, f64)> = lattice().sync.iter().map(frequency).collect();
        let deviation = grid.deviation * (sync.len() as f32).sqrt();
        let mut found = Vec::new();
        let mut places: Vec<(f32, f32)> = Vec::new();
        for mirrored in [false, true] {
            for angle in steps(0.0, std::f64::consts::PI, step) {
                grid.places(&sync, Hypothesis::new(0.0, mirrored, 1.0, angle).matrix(), &mut places);
                for &scale in &scales {
                    let score = (grid.sum(&places, scale as f32) - grid.mean * sync.len() as f32) / deviation;
                    if score > 2.8 {
                        found.push(Hypothesis::new(score, mirrored, scale, angle));
                    }
                }
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(KEPT);
        found.into_iter().map(|hypothesis| (hypothesis, step)).collect()
    }

    /// The best near a coarse hypothesis, by all frequencies of the pattern.
    fn fine(&self, energy: &Energy, coarse: Hypothesis, step: f64) -> Hypothesis {
        let mut best = Hypothesis { score: f32::MIN, ..coarse };
        for turn in -2..=2 {
            for growth in -2..=2 {
                let by = |count: i32| f64::from(count) * 0.35 * step;
                let hypothesis = Hypothesis {
                    scale: coarse.scale * (1.0 + by(growth)),
                    angle: coarse.angle + by(turn),
                    ..coarse
                };
                let score = self.score(energy, &hypothesis);
                if score > best.score {
                    best = Hypothesis { score, ..hypothesis };
                }
            }
        }
        best
    }

    /// Patterns that were not rotated but by quarters, on a fine grid of scales.
    fn straight(&self, energy: &Energy, smallest: f64) -> Vec<Hypothesis> {
        let longest = self.spectrum.across.max(self.spectrum.down) as f64;
        let mut found = Vec::new();
        for mirrored in [false, true] {
            for angle in [0.0, std::f64::consts::FRAC_PI_2] {
                let mut best = [Hypothesis::new(f32::MIN, mirrored, 1.0, angle); 2];
                for scale in steps(smallest.ln(), LARGEST.ln(), 0.35 / (0.2 * longest)).map(f64::exp) {
                    let mut hypothesis = Hypothesis::new(0.0, mirrored, scale, angle);
                    hypothesis.score = self.score(energy, &hypothesis) + STRAIGHT;
                    if hypothesis.score > best[0].score {
                        best = [hypothesis, best[0]];
                    } else if hypothesis.score > best[1].score {
                        best[1] = hypothesis;
                    }
                }
                found.extend(best);
            }
        }
        found
    }

    /// Patterns that were scaled unevenly along the sides of the picture, on a coarse grid and then a fine one.
    fn stretched(&self, energy: &Energy, smallest: f64) -> Vec<Hypothesis> {
        let grid = Coarse::new(&self.spectrum);
        let longest = self.spectrum.across.max(self.spectrum.down) as f64 / 2.0;
        let step = 1.2 / (0.17 * longest);
        let sync: Vec<(f64, f64)> = lattice().sync.iter().map(frequency).collect();
        let deviation = grid.deviation * (sync.len() as f32).sqrt();
        let mut found = Vec::new();
        let mut places: Vec<(f32, f32)> = Vec::new();
        for mirrored in [false, true] {
            for angle in [0.0, std::f64::consts::FRAC_PI_2] {
                for anisotropy in steps(-STRETCH, STRETCH, step) {
                    let unit = Hypothesis { anisotropy, ..Hypothesis::new(0.0, mirrored, 1.0, angle) };
                    grid.places(&sync, unit.matrix(), &mut places);
                    for scale in steps(smallest.ln(), LARGEST.ln(), step).map(f64::exp) {
                        let score =
                            (grid.sum(&places, scale as f32) - grid.mean * sync.len() as f32) / deviation;
                        if score > 2.8 {
                            found.push(Hypothesis { score, scale, ..unit });
                        }
                    }
                }
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(KEPT / 3);
        found.into_iter().map(|coarse| self.fine_stretched(energy, coarse, step)).collect()
    }

    fn fine_stretched(&self, energy: &Energy, coarse: Hypothesis, step: f64) -> Hypothesis {
        let mut best = Hypothesis { score: f32::MIN, ..coarse };
        for stretch in -2..=2 {
            for growth in -2..=2 {
                let by = |count: i32| f64::from(count) * 0.35 * step;
                let hypothesis = Hypothesis {
                    scale: coarse.scale * (1.0 + by(growth)),
                    anisotropy: coarse.anisotropy + by(stretch),
                    ..coarse
                };
                let score = self.score(energy, &hypothesis);
                if score > best.score {
                    best = Hypothesis { score, ..hypothesis };
                }
            }
        }
        best
    }

    /// The weighted squares at the nearest frequencies of all of the pattern's, in deviations of noise.
    fn score(&self, energy: &Energy, hypothesis: &Hypothesis) -> f32 {
        let (x, y) = (self.spectrum.across as f64, self.spectrum.down as f64);
        let [[a, b], [c, d]] = hypothesis.matrix();
        let [[a, b], [c, d]] = [[a * x, b * x], [c * y, d * y]].map(|row| row.map(|value| value as f32));
        let mut sum = 0.0;
        for (&(i, j), &weight) in energy.places.iter().zip(&energy.weights) {
            let (i, j) = (i as f32, j as f32);
            let (x, y) = (a * i + b * j, c * i + d * j);
            let (x, y) = if x < 0.0 { (-x, -y) } else { (x, y) };
            let index = self.spectrum.index(nearest(x), nearest(y));
            let power = index.and_then(|index| self.clipped.get(index)).copied().unwrap_or(self.mean);
            sum += power * weight;
        }
        (sum - self.mean * energy.sum) / self.deviation
    }

    /// The same between frequencies, of how a hypothesis is mended.
    fn smooth_score(&self, energy: &Energy, hypothesis: &Hypothesis) -> f32 {
        let (x, y) = (self.spectrum.across as f64, self.spectrum.down as f64);
        let [[a, b], [c, d]] = hypothesis.matrix();
        let [[a, b], [c, d]] = [[a * x, b * x], [c * y, d * y]].map(|row| row.map(|value| value as f32));
        let mut sum = 0.0;
        for (&(i, j), &weight) in energy.places.iter().zip(&energy.weights) {
            let (i, j) = (i as f32, j as f32);
            sum += self.spectrum.power_at(a * i + b * j, c * i + d * j).min(FINE_CLIP) * weight;
        }
        (sum - self.mean * energy.sum) / self.deviation
    }

    /// Mends scale, angle, uneven scale and shear until all of the pattern's squares are as high as they get.
    pub(crate) fn refined(&self, hypothesis: &Hypothesis) -> Hypothesis {
        let energy = Energy::new();
        let longest = self.spectrum.across.max(self.spectrum.down) as f64;
        let mut step = 0.6 / (0.2 * longest);
        let score = |hypothesis: Hypothesis| Hypothesis {
            score: self.smooth_score(&energy, &hypothesis),
            ..hypothesis
        };
        let mut best = score(*hypothesis);
        let centre = best;
        for turn in -2..=2 {
            for growth in -2..=2 {
                let by = |count: i32| f64::from(count) * step;
                let other = score(Hypothesis {
                    scale: centre.scale * (1.0 + by(growth)),
                    angle: centre.angle + by(turn),
                    ..centre
                });
                if other.score > best.score {
                    best = other;
                }
            }
        }
        step *= 0.5;
        for _ in 0..5 {
            for parameter in 0..4 {
                for sign in [1.0, -1.0] {
                    // As many steps as go up, within bounds that a picture could have been stretched by.
                    for _ in 0..16 {
                        let mut other = best;
                        match parameter {
                            0 => other.scale *= 1.0 + sign * step,
                            1 => other.angle += sign * step,
                            2 => other.anisotropy += sign * step,
                            _ => other.shear += sign * step,
                        }
                        let other = score(other);
                        if other.score <= best.score {
                            break;
                        }
                        best = other;
                    }
                }
            }
            step /= 1.9;
        }
        best
    }
}

/// Squares of which each stands for the highest of nine, at half the resolution.
struct Coarse {
    power: Vec<f32>,
    /// Cycles a pixel become places by these.
    across: f64,
    down: f64,
    stride: usize,
    columns: usize,
    middle: f32,
    mean: f32,
    deviation: f32,
}

impl Coarse {
    fn new(spectrum: &Spectrum) -> Self {
        let mut power = Vec::new();
        let rows = spectrum.stride as i32 / 4 - 1;
        let mut columns = 0;
        for x in 0.. {
            if spectrum.index(2 * x + 1, 0).is_none() {
                break;
            }
            columns += 1;
            for y in -rows..=rows {
                // To the left of the middle stands the mirror image.
                let column = |x: i32, y: i32| if x < 0 { (-x, -y) } else { (x, y) };
                let near = (-1..=1).flat_map(|u| (-1..=1).map(move |v| column(2 * x + u, 2 * y + v)));
                let highest = near
                    .filter_map(|(x, y)| spectrum.index(x, y).and_then(|index| spectrum.power.get(index)))
                    .copied()
                    .fold(0.0, f32::max);
                power.push(highest.min(COARSE_CLIP));
            }
        }
        let (mean, deviation) = moments(&power);
        Self {
            power,
            across: spectrum.across as f64 / 2.0,
            down: spectrum.down as f64 / 2.0,
            stride: 2 * rows as usize + 1,
            columns,
            middle: rows as f32,
            mean,
            deviation,
        }
    }

    /// Where frequencies of the pattern stand under a matrix.
    fn places(&self, frequencies: &[(f64, f64)], matrix: [[f64; 2]; 2], places: &mut Vec<(f32, f32)>) {
        let [[a, b], [c, d]] = matrix;
        places.clear();
        places.extend(frequencies.iter().map(|&(x, y)| {
            let (x, y) = ((a * x + b * y) * self.across, (c * x + d * y) * self.down);
            let (x, y) = if x < 0.0 { (-x, -y) } else { (x, y) };
            (x as f32, y as f32)
        }));
    }

    fn sum(&self, places: &[(f32, f32)], scale: f32) -> f32 {
        let mut sum = 0.0;
        for &(x, y) in places {
            let (column, row) = (nearest(x * scale) as usize, nearest(y * scale + self.middle) as usize);
            let index = column * self.stride + row;
            let kept = column < self.columns && row < self.stride;
            sum += if kept { self.power[index] } else { self.mean };
        }
        sum
    }
}

fn nearest(value: f32) -> i32 {
    (value + 65_536.5) as i32 - 65_536
}

fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    (0..((to - from) / step).ceil() as usize).map(move |count| from + count as f64 * step)
}

/// Mean and standard deviation.
fn moments(values: &[f32]) -> (f32, f32) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let variance = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt().max(1e-6) as f32)
}
