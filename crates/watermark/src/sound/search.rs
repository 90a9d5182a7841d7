#![allow(clippy::indexing_slicing, reason = "indices are rows and cells of tables whose size is known")]

use super::{
    gains::Row,
    grid::{CELLS, CellMap, PERIOD, PHASES, Warp},
    pattern::{Pattern, TILE},
    read::{Peak, peaks},
    spectrum::Spectra,
    whiten::Whiten,
    whole,
};

/// How much of a window is scanned, in seconds: long enough for a fit to show, and short enough that the steps may be coarse.
const SCANNED: f64 = 10.0;
/// Steps to a frame while scanning.
const SCAN_STEPS: usize = 4;
/// The farthest that sound may play faster or slower, and the step of the scan; at its ends the scanned part is off by a
/// third of a step of the frame.
const FARTHEST: f64 = 0.14;
const TIME_STEP: f64 = 0.0016;
/// Step of the scan over pitch: 8 cents.
const PITCH_STEP: f64 = 8.0 / 1200.0;
/// Candidates that are looked at closely, and how well the sync cells must fit for that, in standard deviations. The best of
/// all that is tried on unmarked sound comes to about 5.
const CANDIDATES: usize = 6;
const LEAST_FIT: f32 = 4.0;
/// Finer steps around a candidate, on each side.
const FINE_STEPS: i32 = 10;
const FINE_STEP: f64 = 0.0002;

/// A warp under which the sync cells of some key fit.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) fit: f32,
    pub(super) key: usize,
    pub(super) warp: Warp,
}

/// A candidate looked at closely: its tiles upon each other, and where they may begin.
#[derive(Debug)]
pub(super) struct Close {
    pub(super) warp: Warp,
    pub(super) sum: Vec<f32>,
    pub(super) peaks: Vec<Peak>,
}

/// The best warps for a window of one channel, the best first.
pub(super) fn scan<'a>(
    mono: &[f32],
    rate: u32,
    patterns: impl Iterator<Item = &'a Pattern> + Clone,
) -> Vec<Candidate> {
    let part = busiest(mono, rate);
    let mut spectra = Spectra::new(rate, Warp::NONE, SCAN_STEPS);
    let bin_hertz = spectra.bin_hertz();
    let reach = CellMap::new(bin_hertz, spectra.bins(), 1.0 + FARTHEST).reach().min(spectra.bins());
    let mut power = Vec::new();
    spectra.push(part, reach, |row| power.extend_from_slice(row));
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut sum = vec![0.0; SCAN_STEPS * TILE];
    for (pitch, times) in hypotheses() {
        let table = whitened(&power, reach, &CellMap::new(bin_hertz, reach, pitch));
        for time in times {
            fold(&table, time, SCAN_STEPS, &mut sum);
            for (key, pattern) in patterns.clone().enumerate() {
                if let Some(peak) =
                    peaks(&sum, pattern, SCAN_STEPS, 1).first().filter(|peak| peak.fit >= LEAST_FIT)
                {
                    // On the line of speed the pitch is that of the time, exactly.
                    let pitch =
                        if (pitch * time - 1.0).abs() < 0.51 * PITCH_STEP { 1.0 / time } else { pitch };
                    candidates.push(Candidate { fit: peak.fit, key, warp: Warp { time, pitch } });
                }
            }
        }
    }
    candidates.sort_by(|a, b| b.fit.total_cmp(&a.fit));
    distinct(candidates)
}

/// The best candidates, no two within a step of each other.
fn distinct(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let near = |other: &Candidate| {
            other.key == candidate.key
                && (other.warp.time / candidate.warp.time - 1.0).abs() < 1.6 * TIME_STEP
                && (other.warp.pitch / candidate.warp.pitch - 1.0).abs() < 1.6 * PITCH_STEP
        };
        if kept.len() < CANDIDATES && !kept.iter().any(near) {
            kept.push(candidate);
        }
    }
    kept
}

/// All warps that are tried: pitches, and for each the times. As tapes do (time and pitch together), and one without the other.
fn hypotheses() -> Vec<(f64, Vec<f64>)> {
    let reach = steps(FARTHEST.ln_1p() / TIME_STEP);
    let times: Vec<f64> = (-reach..=reach).map(|step| (f64::from(step) * TIME_STEP).exp()).collect();
    let pitches = steps(FARTHEST.ln_1p() / std::f64::consts::LN_2 / PITCH_STEP);
    let at = |time: f64| -(time.log2() / PITCH_STEP).round();
    (-pitches..=pitches)
        .map(|step| {
            let tape = times.iter().copied().filter(|&time| at(time) == f64::from(step));
            let mut of: Vec<f64> = if step == 0 { times.clone() } else { tape.collect() };
            if step != 0 {
                of.push(1.0);
            }
            ((f64::from(step) * PITCH_STEP).exp2(), of)
        })
        .collect()
}

/// Steps that cover a range.
fn steps(range: f64) -> i32 {
    i32::try_from(whole(range.ceil())).unwrap_or(0)
}

/// Whitened levels, row by row.
fn whitened(power: &[f32], reach: usize, map: &CellMap) -> Vec<f32> {
    let mut whiten = Whiten::new(SCAN_STEPS);
    let mut table = Vec::new();
    for row in power.chunks_exact(reach) {
        let mut cells: Row = [0.0; CELLS];
        map.gather(row, &mut cells);
        whiten.push(&cells, |row| table.extend_from_slice(row));
    }
    whiten.finish(|row| table.extend_from_slice(row));
    table
}

/// Lays tiles upon each other, as if time ran differently.
fn fold(table: &[f32], time: f64, steps: usize, sum: &mut [f32]) {
    sum.fill(0.0);
    let rows = table.len() / CELLS;
    for row in 0.. {
        let from = whole((row as f64 * time).round());
        if from >= rows {
            break;
        }
        let to = (row % steps * PERIOD + row / steps % PERIOD) * CELLS;
        let values = &table[from * CELLS..(from + 1) * CELLS];
        sum[to..to + CELLS].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
}

/// Looks closely at a candidate on the whole window: the time to a hundredth of a percent, and the best offsets there.
pub(super) fn close(mono: &[f32], rate: u32, candidate: &Candidate, pattern: &Pattern) -> Option<Close> {
    let mut spectra = Spectra::new(rate, candidate.warp, PHASES);
    let map = CellMap::new(spectra.bin_hertz(), spectra.bins(), candidate.warp.pitch);
    let mut whiten = Whiten::new(PHASES);
    let mut table = Vec::new();
    spectra.push(mono, map.reach(), |power| {
        let mut cells: Row = [0.0; CELLS];
        map.gather(power, &mut cells);
        whiten.push(&cells, |row| table.extend_from_slice(row));
    });
    whiten.finish(|row| table.extend_from_slice(row));
    let mut sum = vec![0.0; PHASES * TILE];
    let mut fit = |step: i32| {
        let time = 1.0 + f64::from(step) * FINE_STEP;
        fold(&table, time, PHASES, &mut sum);
        let fit = peaks(&sum, pattern, PHASES, 1).first().map_or(0.0, |peak| peak.fit);
        (fit, time)
    };
    let (_, time) = (-FINE_STEPS..=FINE_STEPS).map(&mut fit).max_by(|a, b| a.0.total_cmp(&b.0))?;
    fold(&table, time, PHASES, &mut sum);
    let peaks = peaks(&sum, pattern, PHASES, 2);
    let tape = (candidate.warp.time * candidate.warp.pitch - 1.0).abs() < 1e-9;
    let pitch = if tape { candidate.warp.pitch / time } else { candidate.warp.pitch };
    Some(Close { warp: Warp { time: candidate.warp.time * time, pitch }, sum, peaks })
}

/// The part of a window that is loud most of the time.
fn busiest(mono: &[f32], rate: u32) -> &[f32] {
    let chunk = whole(f64::from(rate) / 4.0);
    let chunks = whole(SCANNED * 4.0);
    let level =
        |samples: &[f32]| (samples.iter().map(|value| value * value).sum::<f32>() / chunk as f32 + 1e-8).ln();
    let levels: Vec<f32> = mono.chunks_exact(chunk).map(level).collect();
    let best = levels
        .windows(chunks)
        .enumerate()
        .map(|(at, levels)| (at, levels.iter().sum::<f32>()))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or(mono, |(at, _)| &mono[at * chunk..(at + chunks) * chunk])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_covers_speed_tempo_and_pitch_without_gaps() {
        let tried = hypotheses();
        let has = |time: f64, pitch: f64| {
            tried.iter().any(|(p, times)| {
                (p / pitch - 1.0).abs() < 0.0035
                    && times.iter().any(|t| (t / time - 1.0).abs() <= TIME_STEP * 0.51)
            })
        };
        for percent in -12..=12 {
            let factor = 1.0 + f64::from(percent) / 100.0;
            assert!(has(1.0 / factor, factor), "speed {factor}");
            assert!(has(1.0 / factor, 1.0), "tempo {factor}");
            assert!(has(1.0, factor), "pitch {factor}");
        }
    }
}
