#![allow(
    clippy::indexing_slicing,
    reason = "indices are positions below the period and blocks that were listed"
)]

use super::{
    analysis::{BLOCK, Blocks},
    grid::{PERIOD, PHASES},
    pattern::{Pattern, TILE},
    read::{Offset, fits},
};

/// Positions where a tile may begin: frames and phases within them, one after the other.
const POSITIONS: usize = PERIOD * PHASES;
/// What it takes, in standard deviations of the fit, to jump to any other position, and to slip to the next.
const JUMP: f32 = 3.0;
const SLIP: f32 = 0.5;

/// Blocks laid upon each other where the tile may begin elsewhere in each, and where it does.
#[derive(Debug)]
pub(super) struct Track {
    /// The tiles, as they were laid out.
    pub(super) tile: Vec<f32>,
    pub(super) offsets: Vec<Offset>,
}

/// Follows the tile through blocks, past cuts and splices and where clocks differ: the path of offsets along which the sync cells
/// fit best, each jump at its price.
pub(super) fn track(blocks: &Blocks, numbers: &[usize], pattern: &Pattern) -> Track {
    let mut scores = vec![0.0_f32; POSITIONS];
    let mut origins: Vec<Vec<u16>> = Vec::new();
    let mut block = vec![0.0; BLOCK];
    for &number in numbers {
        block.fill(0.0);
        blocks.add(number, &mut block);
        let fits = fits(&block, pattern, PHASES);
        let best = (0..POSITIONS).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0);
        let step = |at: usize| {
            let (before, after) = ((at + POSITIONS - 1) % POSITIONS, (at + 1) % POSITIONS);
            let ways = [
                (scores[at], at),
                (scores[before] - SLIP, before),
                (scores[after] - SLIP, after),
                (scores[best] - JUMP, best),
            ];
            let (score, from) = ways.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, at));
            (score + fits[at % PHASES * PERIOD + at / PHASES], u16::try_from(from).unwrap_or(0))
        };
        let (next, from) = (0..POSITIONS).map(step).unzip();
        scores = next;
        origins.push(from);
    }
    let mut at = (0..POSITIONS).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0);
    let mut track = Track { tile: vec![0.0; TILE], offsets: Vec::new() };
    for (&number, from) in numbers.iter().zip(&origins).rev() {
        let offset = Offset { phase: at % PHASES, frame: at / PHASES };
        blocks.add_tile(number, offset, &mut track.tile);
        if !track.offsets.contains(&offset) {
            track.offsets.push(offset);
        }
        at = from[at].into();
    }
    track
}
