use super::{
    gains::Row,
    grid::{CELLS, CellMap, PERIOD, PHASES, Warp},
    pattern::TILE,
    read::Offset,
    spectrum::Spectra,
    whiten::Whiten,
};

/// Tiles of a block; where a mark stands is told in steps of so many.
pub(super) const BLOCK_TILES: usize = 1;
/// Values of a block: phase by phase, frame by frame, cell by cell.
pub(super) const BLOCK: usize = PHASES * TILE;
/// What one is stored as.
const UNIT: f32 = 50.0;

/// The tiles of some sound, laid upon each other block by block.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Vec<i8>>,
}

impl Blocks {
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether nothing was heard in them.
    pub(super) fn is_blank(&self) -> bool {
        self.blocks.iter().flatten().all(|&value| value == 0)
    }

    /// Adds a block to a sum.
    pub(super) fn add(&self, number: usize, sum: &mut [f32]) {
        if let Some(block) = self.blocks.get(number) {
            sum.iter_mut().zip(block).for_each(|(sum, &value)| *sum += f32::from(value) / UNIT);
        }
    }

    /// Adds the tile of a block that begins at an offset, as it was laid out.
    pub(super) fn add_tile(&self, number: usize, offset: Offset, tile: &mut [f32]) {
        let phase = self.blocks.get(number).and_then(|block| block.chunks_exact(TILE).nth(offset.phase));
        let halves = phase.and_then(|phase| phase.split_at_checked(offset.frame * CELLS));
        let Some((before, after)) = halves else { return };
        let values = after.iter().chain(before);
        tile.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f32::from(value) / UNIT);
    }

    /// The sum of blocks.
    pub(super) fn sum(&self, numbers: impl Iterator<Item = usize>) -> Vec<f32> {
        let mut sum = vec![0.0; BLOCK];
        numbers.for_each(|number| self.add(number, &mut sum));
        sum
    }
}

/// One channel in, blocks of whitened levels out.
pub(super) struct Analysis {
    spectra: Spectra,
    map: CellMap,
    reach: usize,
    whiten: Whiten,
    fold: Fold,
}

struct Fold {
    row: usize,
    current: Vec<f32>,
    used: bool,
    blocks: Blocks,
}

impl Analysis {
    pub(super) fn new(rate: u32, warp: Warp) -> Self {
        let spectra = Spectra::new(rate, warp, PHASES);
        let map = CellMap::new(spectra.bin_hertz(), spectra.bins(), warp.pitch);
        Self {
            reach: map.reach(),
            map,
            spectra,
            whiten: Whiten::new(PHASES),
            fold: Fold { row: 0, current: vec![0.0; BLOCK], used: false, blocks: Blocks::default() },
        }
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        let Self { spectra, map, whiten, fold, reach } = self;
        spectra.push(samples, *reach, |power| {
            let mut cells: Row = [0.0; CELLS];
            map.gather(power, &mut cells);
            whiten.push(&cells, |row| fold.push(row));
        });
    }

    pub(super) fn finish(mut self) -> Blocks {
        let fold = &mut self.fold;
        self.whiten.finish(|row| fold.push(row));
        fold.close();
        self.fold.blocks
    }
}

impl Fold {
    fn push(&mut self, row: &Row) {
        let (frame, phase) = (self.row / PHASES, self.row % PHASES);
        let at = (phase * PERIOD + frame % PERIOD) * CELLS;
        if let Some(sum) = self.current.get_mut(at..at + CELLS) {
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        self.used = true;
        self.row += 1;
        if self.row.is_multiple_of(PHASES * PERIOD * BLOCK_TILES) {
            self.close();
        }
    }

    fn close(&mut self) {
        if self.used {
            self.blocks.blocks.push(self.current.iter().map(|&value| stored(value)).collect());
            self.current.fill(0.0);
            self.used = false;
        }
    }
}

/// A value in steps of 1/50, of which 8 bits hold those of a tile.
#[allow(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
fn stored(value: f32) -> i8 {
    // Added to a small value, rounds it to a whole number; `round` is a call for each.
    const SHIFT: f32 = 12_582_912.0;
    let steps = (value * UNIT).clamp(f32::from(i8::MIN), f32::from(i8::MAX));
    ((steps + SHIFT) - SHIFT) as i8
}
