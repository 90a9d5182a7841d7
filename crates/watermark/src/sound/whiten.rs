#![allow(
    clippy::indexing_slicing,
    reason = "indices are rows and cells of a table whose length is a multiple of a row's"
)]

use std::f32::consts::LN_2;

use super::{gains::Row, grid::CELLS};

/// Frames and cells on each side that a level is compared with.
const LEVEL_FRAMES: usize = 3;
const LEVEL_CELLS: usize = 3;
/// Frames, in halves, and cells on each side that say how much levels vary.
const SPREAD_HALF_FRAMES: usize = 5;
/// Variance of levels that is always taken to be there, in square decibels.
const SPREAD_FLOOR: f32 = 0.04;
/// What a level counts at most, in units of how much levels vary around it.
const MOST: f32 = 2.5;
/// A cell is at least this share of the mean of those around it.
const LEAKAGE: f32 = 0.02;
/// Power that is always taken to be there: far below what 16 bits can hold.
const FLOOR: f32 = 1e-13;
/// Cells on each side that say together how far sound stands above what is always there: noise, hiss, a codec's.
const HEARD_CELLS: usize = 2;
/// What is always there is the level that so many rows stay below, followed at so many decibels a frame.
const FLOOR_SHARE: f32 = 0.1;
const FLOOR_PACE: f32 = 0.8;
/// Sound that stands so much above it in power counts for nothing, and the least that a cell counts.
const DROWNED: f32 = 1.3;
const LEAST_HEARD: f32 = 0.15;
/// Rows that are whitened at once: with those around them half of what a processor core keeps at hand.
const CHUNK: usize = 192;

/// Levels of cells against those around them, in units of how much these vary: the pattern is left, the sound is not.
///
/// Rows of powers go in, as many rows come out, some later.
#[derive(Debug)]
pub(super) struct Whiten {
    level_reach: usize,
    spread_reach: usize,
    /// Levels in decibels, row by row; the first `context` rows are done.
    levels: Vec<f32>,
    context: usize,
    /// How much each level counts, likewise.
    heard: Vec<f32>,
    /// The level of what is always there, and how fast it is followed.
    floor: Option<Row>,
    pace: f32,
    deviations: Vec<f32>,
    squares: Vec<f32>,
}

impl Whiten {
    /// For rows of which `steps` make a frame.
    pub(super) fn new(steps: usize) -> Self {
        let (level_reach, spread_reach) = (LEVEL_FRAMES * steps, SPREAD_HALF_FRAMES * steps / 2);
        // What it will hold, at once rather than by and by, which would move it each time.
        let mut tables: [Vec<f32>; 4] = std::array::from_fn(|_| Vec::new());
        tables
            .iter_mut()
            .for_each(|table| table.reserve_exact((CHUNK + 2 * (level_reach + spread_reach)) * CELLS));
        let [levels, heard, deviations, squares] = tables;
        Self {
            level_reach,
            spread_reach,
            levels,
            context: 0,
            heard,
            floor: None,
            pace: FLOOR_PACE / steps as f32,
            deviations,
            squares,
        }
    }

    /// Takes the powers of the next row.
    pub(super) fn push(&mut self, power: &Row, take: impl FnMut(&Row)) {
        self.levels.extend_from_slice(&levels(power));
        let heard = self.weigh(power);
        self.heard.extend_from_slice(&heard);
        let rows = self.levels.len() / CELLS;
        let ahead = self.level_reach + self.spread_reach;
        if rows >= self.context + CHUNK + ahead {
            self.whiten(rows - ahead, take);
            let done = rows - ahead;
            let keep = done.saturating_sub(ahead);
            self.levels.drain(..keep * CELLS);
            self.heard.drain(..keep * CELLS);
            self.context = done - keep;
        }
    }

    /// Whitens what is left.
    pub(super) fn finish(&mut self, take: impl FnMut(&Row)) {
        let rows = self.levels.len() / CELLS;
        self.whiten(rows, take);
        self.levels.clear();
        self.heard.clear();
        self.context = 0;
    }

    /// How much the cells of a row count: less, the less they stand above what is always there.
    fn weigh(&mut self, power: &Row) -> Row {
        let level = smooth::<HEARD_CELLS>(power).map(|power| decibel(power.max(0.0) + FLOOR));
        let floor = self.floor.get_or_insert(level);
        let mut heard = [0.0; CELLS];
        for ((heard, floor), level) in heard.iter_mut().zip(floor).zip(&level) {
            *floor += self.pace * if level < floor { FLOOR_SHARE - 1.0 } else { FLOOR_SHARE };
            *heard = (1.0 - DROWNED * inverse_power(level - *floor)).max(0.0).powi(2).max(LEAST_HEARD);
        }
        heard
    }

    /// Whitens the rows from the first that is not done to `until`.
    fn whiten(&mut self, until: usize, mut take: impl FnMut(&Row)) {
        let rows = self.levels.len() / CELLS;
        let from = self.context.saturating_sub(self.spread_reach);
        let to = (until + self.spread_reach).min(rows);
        if from >= to {
            return;
        }
        self.deviate(from, to);
        let mut sums = [0.0_f32; CELLS];
        let (mut first, mut last) = (from, from);
        for row in self.context..until {
            let want =
                (row.saturating_sub(self.spread_reach).max(from), (row + self.spread_reach + 1).min(to));
            while last < want.1 {
                add(&mut sums, &self.squares[(last - from) * CELLS..], 1.0);
                last += 1;
            }
            while first < want.0 {
                add(&mut sums, &self.squares[(first - from) * CELLS..], -1.0);
                first += 1;
            }
            let share = 1.0 / (last - first) as f32;
            let mut out = [0.0; CELLS];
            let deviation = &self.deviations[(row - from) * CELLS..(row - from + 1) * CELLS];
            let heard = &self.heard[row * CELLS..(row + 1) * CELLS];
            for ((out, (deviation, heard)), sum) in out.iter_mut().zip(deviation.iter().zip(heard)).zip(&sums)
            {
                *out = heard * (deviation / (sum.max(0.0) * share + SPREAD_FLOOR).sqrt()).clamp(-MOST, MOST);
            }
            take(&out);
        }
    }

    /// Compares the levels of rows with those around them.
    fn deviate(&mut self, from: usize, to: usize) {
        let rows = self.levels.len() / CELLS;
        self.deviations.clear();
        self.squares.clear();
        let mut sums = [0.0_f32; CELLS];
        let mut first = from.saturating_sub(self.level_reach);
        let mut last = first;
        for row in from..to {
            let want = (row.saturating_sub(self.level_reach), (row + self.level_reach + 1).min(rows));
            while last < want.1 {
                add(&mut sums, &self.levels[last * CELLS..], 1.0);
                last += 1;
            }
            while first < want.0 {
                add(&mut sums, &self.levels[first * CELLS..], -1.0);
                first += 1;
            }
            let share = 1.0 / (last - first) as f32;
            let mut deviation = [0.0; CELLS];
            for (to, (level, sum)) in deviation.iter_mut().zip(self.levels[row * CELLS..].iter().zip(&sums)) {
                *to = level - sum * share;
            }
            let mean = smooth::<LEVEL_CELLS>(&deviation);
            deviation.iter_mut().zip(&mean).for_each(|(to, mean)| *to -= mean);
            self.deviations.extend_from_slice(&deviation);
            // Steps of 1/16, bounded, so that sums of them are exact and do not drift.
            let squares = smooth::<1>(&deviation.map(|value| (value * value).min(1000.0)));
            self.squares.extend_from_slice(&squares.map(sixteenths));
        }
    }
}

fn add(sums: &mut Row, row: &[f32], factor: f32) {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
}

/// Rounded to a multiple of 1/16.
fn sixteenths(value: f32) -> f32 {
    const SHIFT: f32 = 786_432.0;
    (value + SHIFT) - SHIFT
}

/// Means over `REACH` cells on each side, of those there are.
fn smooth<const REACH: usize>(row: &Row) -> Row {
    let mut means = *row;
    // A distance at a time, so that each pass goes straight through.
    for distance in 1..=REACH {
        means[distance..].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        means.iter_mut().zip(&row[distance..]).for_each(|(sum, value)| *sum += value);
    }
    for (at, mean) in means.iter_mut().enumerate() {
        let cells = 1 + at.min(REACH) + (CELLS - 1 - at).min(REACH);
        *mean /= cells as f32;
    }
    means
}

/// Levels of a row in decibels, in steps of 1/16.
fn levels(power: &Row) -> Row {
    let around = smooth::<4>(power);
    let mut levels = [0.0; CELLS];
    for (level, (power, around)) in levels.iter_mut().zip(power.iter().zip(&around)) {
        *level = decibel(power + LEAKAGE * around.max(0.0) + FLOOR);
    }
    levels
}

/// Ten times the common logarithm, to 0.002, in steps of 1/64: a sum of many is exact.
fn decibel(value: f32) -> f32 {
    const SHIFT: f32 = 196_608.0;
    let bits = value.to_bits();
    let exponent = (bits >> 23) as f32 - 127.0;
    let mantissa = f32::from_bits(bits & 0x007F_FFFF | 0x3F80_0000);
    // Minimax for log2 on 1..2.
    let log = -2.153_620_7 + mantissa * (3.047_884_2 + mantissa * (-1.051_875_1 + mantissa * (0.158_248_7)));
    let decibel = 3.010_3 * (exponent + log);
    (decibel + SHIFT) - SHIFT
}

/// One over the power that so many decibels are, to 0.02 %; of less than -30 decibels, what it is at -30.
fn inverse_power(decibel: f32) -> f32 {
    /// Added to a value of up to 2^22 either way, leaves the nearest whole number in the lowest bits.
    const SHIFT: f32 = 12_582_912.0;
    let exponent = (decibel * -0.332_192_8).clamp(-100.0, 10.0);
    let shifted = exponent + SHIFT;
    let part = exponent - (shifted - SHIFT);
    // The exponential series of part times ln 2, which is at most 0.35 either way.
    let power = 1.0 + part * (LN_2 + part * (0.240_226_5 + part * (0.055_504_1 + part * 0.009_618_1)));
    // The whole number added to the exponent of the float.
    f32::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_the_library() {
        for step in -2990..3000_i16 {
            let decibel = f32::from(step) / 100.0;
            let (own, exact) = (inverse_power(decibel), 10_f32.powf(-decibel / 10.0));
            assert!((own - exact).abs() < 0.0002 * exact, "{decibel}: {own} {exact}");
        }
        assert!(inverse_power(f32::INFINITY) < 1e-20 && inverse_power(-f32::INFINITY) > 999.0);
    }

    #[test]
    fn decibels_are_those_of_the_library() {
        for step in 0..4000 {
            let value = 10_f32.powf(-13.0 + step as f32 / 250.0);
            assert!((decibel(value) - 10.0 * value.log10()).abs() < 0.02, "{value}");
        }
    }

    #[test]
    fn as_many_rows_come_out_and_blocks_do_not_matter() {
        let rows: Vec<Row> = (0..1500_usize)
            .map(|row| std::array::from_fn(|cell| ((row * 7919 + cell * 104_729) % 1009) as f32 / 1e5 + 1e-4))
            .collect();
        let run = |chunked: bool| {
            let mut whiten = Whiten::new(8);
            let mut out = Vec::new();
            if chunked {
                rows.iter().for_each(|row| whiten.push(row, |row| out.push(*row)));
            } else {
                for row in &rows {
                    whiten.levels.extend_from_slice(&levels(row));
                    let heard = whiten.weigh(row);
                    whiten.heard.extend_from_slice(&heard);
                }
            }
            whiten.finish(|row| out.push(*row));
            out
        };
        let (a, b) = (run(true), run(false));
        assert_eq!((a.len(), b.len()), (rows.len(), rows.len()));
        let worst =
            a.iter().flatten().zip(b.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 0.01, "{worst}");
        assert!(a[700].iter().any(|value| value.abs() > 0.1));
    }
}
