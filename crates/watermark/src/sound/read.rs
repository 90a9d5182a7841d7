#![allow(clippy::indexing_slicing, reason = "indices are places in a tile and offsets below its period")]

use super::{
    analysis::BLOCK,
    grid::{CELLS, PERIOD, PHASES},
    pattern::{CHIPS, Pattern, TILE},
};
use crate::{Code, Decoded, Workspace, statistic};

/// What a chip counts at most, in units of the root mean square of all.
const MOST: f32 = 3.5;
/// Cells on each side whose sync cells say together how well the pattern stands at a cell.
const QUALITY_CELLS: usize = 6;

/// Where the tile begins, against the grid of the detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) phase: usize,
    pub(super) frame: usize,
}

/// How well the sync cells fit at an offset, in standard deviations of chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    pub(super) fit: f32,
    pub(super) offset: Offset,
}

/// What reading at an offset came to.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) offset: Offset,
    /// The soft values of the chips, the scramble taken off.
    pub(super) values: Vec<f32>,
    pub(super) decoded: Decoded,
    pub(super) statistic: f64,
}

/// How well the sync cells fit at each offset of a sum of blocks, phase by phase, in standard deviations of chance.
pub(super) fn fits(sum: &[f32], pattern: &Pattern, phases: usize) -> Vec<f32> {
    let mut fits = vec![0.0; phases * PERIOD];
    let mut columns = vec![0.0; CELLS * 2 * PERIOD];
    let mut square = 0.0_f64;
    for (sums, fits) in sum.chunks_exact(TILE).zip(fits.chunks_exact_mut(PERIOD)) {
        for (frame, row) in sums.chunks_exact(CELLS).enumerate() {
            square += f64::from(row.iter().map(|value| value * value).sum::<f32>());
            for (cell, &value) in row.iter().enumerate() {
                columns[cell * 2 * PERIOD + frame] = value;
                columns[cell * 2 * PERIOD + PERIOD + frame] = value;
            }
        }
        for &(frame, cell, sign) in &pattern.sync_cells {
            let from = cell * 2 * PERIOD + frame;
            let column = &columns[from..from + PERIOD];
            fits.iter_mut().zip(column).for_each(|(fit, value)| *fit += sign * value);
        }
    }
    let mean = square / (phases * TILE) as f64;
    let scale = super::grid::narrow(1.0 / (mean * pattern.sync_cells.len() as f64).sqrt().max(1e-9));
    fits.iter_mut().for_each(|fit| *fit *= scale);
    fits
}

/// The best offsets of a sum of blocks, of `phases` phases, the best first; no two within a frame of each other.
pub(super) fn peaks(sum: &[f32], pattern: &Pattern, phases: usize, count: usize) -> Vec<Peak> {
    let fits = fits(sum, pattern, phases);
    let mut peaks: Vec<Peak> = Vec::new();
    let place = |offset: Offset| offset.frame * phases + offset.phase;
    while peaks.len() < count {
        let apart = |at: &usize| {
            let offset = Offset { phase: at / PERIOD, frame: at % PERIOD };
            peaks.iter().all(|peak| {
                let distance = place(peak.offset).abs_diff(place(offset));
                distance.min(phases * PERIOD - distance) >= phases
            })
        };
        let Some(at) = (0..fits.len()).filter(apart).max_by(|&a, &b| fits[a].total_cmp(&fits[b])) else {
            break;
        };
        peaks.push(Peak { fit: fits[at], offset: Offset { phase: at / PERIOD, frame: at % PERIOD } });
    }
    peaks
}

/// The tile at an offset, as it was laid out.
pub(super) fn align(sum: &[f32], offset: Offset) -> Vec<f32> {
    let sums = &sum[offset.phase * TILE..(offset.phase + 1) * TILE];
    let split = offset.frame * CELLS;
    [&sums[split..], &sums[..split]].concat()
}

/// How much each cell counts: how well the sync cells around it fit, over how much the levels there vary. Needs no payload.
fn weights(tile: &[f32], pattern: &Pattern) -> [f32; CELLS] {
    let (mut fits, mut counts, mut squares) = ([0.0_f32; CELLS], [0.0_f32; CELLS], [0.0_f32; CELLS]);
    for &(frame, cell, sign) in &pattern.sync_cells {
        fits[cell] += sign * tile[frame * CELLS + cell];
        counts[cell] += 1.0;
    }
    for row in tile.chunks_exact(CELLS) {
        squares.iter_mut().zip(row).for_each(|(square, value)| *square += value * value / PERIOD as f32);
    }
    let mut weights = [0.0; CELLS];
    let mut most = 0.0_f32;
    for cell in 0..CELLS {
        let around = cell.saturating_sub(QUALITY_CELLS)..(cell + QUALITY_CELLS + 1).min(CELLS);
        let count = counts[around.clone()].iter().sum::<f32>().max(1.0);
        let fit = fits[around.clone()].iter().sum::<f32>() / count;
        // What chance adds to the square of the fit is taken off.
        let chance = squares[around.clone()].iter().sum::<f32>() / around.len() as f32 / count;
        let fit = if fit > 0.0 { (fit - chance / fit).max(0.0) } else { 0.0 };
        weights[cell] = fit / squares[cell].max(1e-3);
        most = most.max(weights[cell]);
    }
    weights.map(|weight| if most > 0.0 { (weight / most).max(0.02) } else { 1.0 })
}

/// Soft values of the chips at an offset, the scramble taken off.
pub(super) fn values(sum: &[f32], pattern: &Pattern, offset: Offset) -> Vec<f32> {
    debug_assert_eq!(sum.len() % TILE, 0);
    let tile = align(sum, offset);
    let weights = weights(&tile, pattern);
    let mut values = vec![0.0; CHIPS];
    for &(place, chip, sign) in &pattern.carriers {
        values[chip] += sign * tile[place] * weights[place % CELLS];
    }
    let square = values.iter().map(|value| value * value).sum::<f32>() / CHIPS as f32;
    let scale = 1.0 / square.sqrt().max(1e-9);
    for (value, turned) in values.iter_mut().zip(&pattern.scramble) {
        let clipped = (*value * scale).clamp(-MOST, MOST);
        *value = if *turned { -clipped } else { clipped };
    }
    values
}

/// Reads what stands at an offset.
pub(super) fn read(
    sum: &[f32],
    pattern: &Pattern,
    offset: Offset,
    code: &Code,
    workspace: &mut Workspace,
) -> Reading {
    let values = values(sum, pattern, offset);
    let decoded = code.decode(&values, workspace);
    let statistic = statistic(&values, &decoded.codeword);
    Reading { offset, values, decoded, statistic }
}

/// Where a known tile stands best in a sum of blocks, by all its cells.
pub(super) fn place(sum: &[f32], tile: &[f32], offsets: &[Offset]) -> Option<Peak> {
    let square = sum.iter().map(|value| f64::from(value * value)).sum::<f64>() / BLOCK as f64;
    let scale = super::grid::narrow(1.0 / (square * TILE as f64).sqrt().max(1e-9));
    let fit = |&offset: &Offset| {
        let sums = &sum[offset.phase * TILE..(offset.phase + 1) * TILE];
        let (after, before) = sums.split_at(offset.frame * CELLS);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let fit = dot(before, tile) + dot(after, &tile[TILE - after.len()..]);
        Peak { fit: fit * scale, offset }
    };
    offsets.iter().map(fit).max_by(|a, b| a.fit.total_cmp(&b.fit))
}

/// All offsets.
pub(super) fn offsets() -> Vec<Offset> {
    (0..PERIOD).flat_map(|frame| (0..PHASES).map(move |phase| Offset { phase, frame })).collect()
}
