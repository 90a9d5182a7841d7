#![allow(clippy::indexing_slicing, reason = "rows are arrays of one length, indices are cells")]

use std::collections::VecDeque;

use super::grid::{CELLS, LOW_CELLS};

/// A number for each cell of a frame.
pub(super) type Row = [f32; CELLS];

/// Frames on each side that a level is compared with.
const LEVEL_REACH: usize = 3;
/// Frames and cells on each side whose levels are looked at for how much they vary.
const SPREAD_REACH: usize = 4;
const SPREAD_CELLS: usize = 1;
/// Change of a cell in decibels: so much of how its neighbourhood varies, within these bounds. Noise hides more than tones.
const SHARE: f32 = 0.25;
const LEAST: f32 = 0.25;
const MOST: f32 = 0.8;
/// The loudest cells of a frame hold most of its power and no more of the mark than others: for each decibel above the mean, the
/// change is so many decibels (of amplitude) less, within these bounds.
const LOUD_SLOPE: f32 = 0.15;
const LOUD_SHARE: (f32, f32) = (0.7, 1.15);
/// Below the second level, in decibels below full scale, nothing is changed; up to the first, the change grows.
const QUIET: (f32, f32) = (-66.0, -72.0);

/// How far each cell of a frame may be changed, from how the levels around it vary. Frames go in, and come out 7 frames later.
#[derive(Debug, Default)]
pub(super) struct Gains {
    levels: VecDeque<Row>,
    /// Squared deviations of levels, for the frames from `first_level + LEVEL_REACH` on.
    squares: VecDeque<Row>,
    /// For the same frames, what loudness makes of the change.
    shares: VecDeque<Row>,
    pushed: usize,
    compared: usize,
    given: usize,
}

impl Gains {
    /// Takes the power of the cells of the next frame. Gives the changes for the frame that lies so far back, in decibels.
    pub(super) fn push(&mut self, power: &Row) -> Option<Row> {
        self.levels.push_back(power.map(|power| 10.0 * (power + 1e-12).log10()));
        self.pushed += 1;
        if self.pushed > LEVEL_REACH {
            self.compare();
        }
        (self.compared > self.given + SPREAD_REACH).then(|| self.give())
    }

    /// The changes for the next of the frames that are still held, after the last one went in.
    pub(super) fn flush(&mut self) -> Option<Row> {
        while self.compared < self.pushed {
            self.compare();
        }
        (self.given < self.compared).then(|| self.give())
    }

    /// Compares the level of the next frame with those around it.
    fn compare(&mut self) {
        let first = self.pushed - self.levels.len();
        let at = self.compared - first;
        let from = at.saturating_sub(LEVEL_REACH);
        let to = (at + LEVEL_REACH + 1).min(self.levels.len());
        let mut mean = [0.0; CELLS];
        for row in self.levels.range(from..to) {
            mean.iter_mut().zip(row).for_each(|(mean, level)| *mean += level);
        }
        let count = (to - from) as f32;
        let power = self.levels[at].iter().map(|level| 10_f32.powf(level / 10.0)).sum::<f32>() / CELLS as f32;
        let loudness = 10.0 * power.max(1e-12).log10();
        let share = |level: f32| {
            10_f32.powf(LOUD_SLOPE * (loudness - level) / 20.0).clamp(LOUD_SHARE.0, LOUD_SHARE.1)
        };
        self.shares.push_back(self.levels[at].map(share));
        let mut square = self.levels[at];
        square.iter_mut().zip(&mean).for_each(|(level, mean)| *level = (*level - mean / count).powi(2));
        self.squares.push_back(square);
        self.compared += 1;
        while self.levels.len() > 2 * LEVEL_REACH
            && self.pushed - self.levels.len() + LEVEL_REACH < self.compared
        {
            self.levels.pop_front();
        }
    }

    fn give(&mut self) -> Row {
        let first = self.compared - self.squares.len();
        let at = self.given - first;
        let from = at.saturating_sub(SPREAD_REACH);
        let to = (at + SPREAD_REACH + 1).min(self.squares.len());
        let mut sums = [0.0; CELLS];
        for row in self.squares.range(from..to) {
            sums.iter_mut().zip(row).for_each(|(sum, square)| *sum += square);
        }
        let frames = (to - from) as f32;
        let mut changes = [0.0; CELLS];
        for (cell, change) in changes.iter_mut().enumerate() {
            let cells = cell.saturating_sub(SPREAD_CELLS)..(cell + SPREAD_CELLS + 1).min(CELLS);
            let count = frames * cells.len() as f32;
            let spread = (sums[cells].iter().sum::<f32>() / count).sqrt();
            let low = if cell < LOW_CELLS { 0.5 } else { 1.0 };
            *change = (SHARE * spread).clamp(LEAST, MOST) * low * self.shares[at][cell];
        }
        self.given += 1;
        while self.squares.len() > 2 * SPREAD_REACH
            && self.compared - self.squares.len() + SPREAD_REACH < self.given
        {
            self.squares.pop_front();
            self.shares.pop_front();
        }
        changes
    }
}

/// How much of the change a frame of this mean square takes: 0 where it is close to silence.
pub(super) fn loudness_share(mean_square: f32) -> f32 {
    let decibel = 10.0 * (mean_square + 1e-20).log10();
    ((decibel - QUIET.1) / (QUIET.0 - QUIET.1)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_comes_out_once_and_noise_takes_more_than_a_steady_tone() {
        for frames in [0, 1, 3, 8, 9, 40] {
            let mut gains = Gains::default();
            let mut out = Vec::new();
            let mut state = 1_u32;
            for _ in 0..frames {
                let mut row = [1.0; CELLS];
                for cell in &mut row[60..] {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *cell = (state >> 8) as f32 / 16_777_216.0;
                }
                out.extend(gains.push(&row));
            }
            out.extend(std::iter::from_fn(|| gains.flush()));
            assert_eq!(out.len(), frames);
            assert!(out.iter().all(|row| row[30] < 1.2 * LEAST && row[0] < 0.6 * LEAST));
            let noisy = out.iter().filter(|row| row[90] > 2.0 * LEAST).count();
            assert!(frames < 40 || noisy > 30, "{noisy}");
        }
    }

    #[test]
    fn silence_takes_nothing() {
        assert_eq!(loudness_share(0.0), 0.0);
        assert_eq!(loudness_share(5e-8), 0.0);
        assert_eq!(loudness_share(1e-4), 1.0);
    }
}
