#![allow(clippy::indexing_slicing, reason = "indices are places in a tile, which the layout permutes")]

use super::grid::{CELLS, PERIOD, STRATA};
use crate::{Code, Key};

/// Chips of the code.
pub(super) const CHIPS: usize = 1024;
/// Cells of a tile.
pub(super) const TILE: usize = PERIOD * CELLS;
/// One cell in so many tells where the tile lies; the others carry the payload.
const SYNC_SHARE: usize = 5;

/// What a key makes of a tile: which cells tell where it lies and which carry the payload, with what signs.
///
/// The scramble comes from a stream that nothing else uses: the bound on false alarms rests on that.
#[derive(Debug)]
pub(super) struct Pattern {
    /// By cell of the tile: the sign of those that tell where it lies, else 0.
    pub(super) sync: Vec<f32>,
    /// The cells that tell where the tile lies: frame, cell, sign.
    pub(super) sync_cells: Vec<(usize, usize, f32)>,
    /// The cells that carry: place in the tile, chip, sign.
    pub(super) carriers: Vec<(usize, usize, f32)>,
    /// By chip, whether it is turned over.
    pub(super) scramble: Vec<bool>,
}

impl Pattern {
    pub(super) fn new(key: &Key) -> Self {
        let mut layout = key.stream("sound layout");
        let mut sync_signs = key.stream("sound sync signs");
        let mut cell_signs = key.stream("sound cell signs");
        let mut pattern = Self {
            sync: vec![0.0; TILE],
            sync_cells: Vec::new(),
            carriers: Vec::new(),
            scramble: key.stream("sound scramble").bits(CHIPS),
        };
        let mut chip = 0;
        for bounds in STRATA.windows(2) {
            let (low, high) = (bounds[0], bounds[1]);
            let cells = PERIOD * (high - low);
            let order = layout.permutation(u32::try_from(cells).unwrap_or(u32::MAX));
            let place = |at: usize| (at / (high - low), low + at % (high - low));
            let (sync, carriers) = order.split_at(cells / SYNC_SHARE);
            for (&at, sign) in sync.iter().zip(sync_signs.signs(sync.len())) {
                let (frame, cell) = place(at);
                pattern.sync[frame * CELLS + cell] = sign;
                pattern.sync_cells.push((frame, cell, sign));
            }
            for (&at, sign) in carriers.iter().zip(cell_signs.signs(carriers.len())) {
                let (frame, cell) = place(at);
                pattern.carriers.push((frame * CELLS + cell, chip % CHIPS, sign));
                chip += 1;
            }
        }
        pattern
    }

    /// The whole tile for a codeword: 1 or -1 in each cell.
    pub(super) fn tile(&self, codeword: &[bool]) -> Vec<f32> {
        let mut tile = self.sync.clone();
        for &(place, chip, sign) in &self.carriers {
            tile[place] = if codeword[chip] ^ self.scramble[chip] { -sign } else { sign };
        }
        tile
    }
}

/// The code that carries the payload.
pub(super) fn code() -> Option<Code> {
    Code::new(CHIPS, 64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_one_purpose_and_every_chip_cells_in_each_stratum() {
        let pattern = Pattern::new(&Key::public());
        let mut used = vec![0; TILE];
        pattern.sync_cells.iter().for_each(|&(frame, cell, _)| used[frame * CELLS + cell] += 1);
        pattern.carriers.iter().for_each(|&(place, _, _)| used[place] += 1);
        assert!(used.iter().all(|&count| count == 1));
        for bounds in STRATA.windows(2) {
            let mut chips = vec![0; CHIPS];
            for &(place, chip, _) in &pattern.carriers {
                chips[chip] += usize::from((bounds[0]..bounds[1]).contains(&(place % CELLS)));
            }
            assert!(chips.iter().all(|&count| count >= 1), "{bounds:?}");
        }
    }
}
