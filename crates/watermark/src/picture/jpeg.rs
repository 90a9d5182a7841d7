//! What JPEG does to luminance: blocks of eight by eight, their cosine transform rounded to steps.

use std::sync::OnceLock;

/// Rows and columns of a block.
pub(crate) const BLOCK: usize = 8;
type Block = [[f32; BLOCK]; BLOCK];

/// Steps for luminance of ITU-T T.81, table K.1, row by row.
const STEPS: [[u16; BLOCK]; BLOCK] = [
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
];

/// The steps of a quality from 1 to 100, scaled as the Independent JPEG Group's encoder does.
pub(crate) struct Quality {
    steps: Block,
    inverse: Block,
}

impl Quality {
    pub(crate) fn new(quality: u16) -> Self {
        let quality = quality.clamp(1, 100);
        let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
        let step =
            |base: u16| f32::from(((u32::from(base) * u32::from(scale) + 50) / 100).clamp(1, 255) as u16);
        let steps = STEPS.map(|row| row.map(step));
        Self { steps, inverse: steps.map(|row| row.map(|step| 1.0 / step)) }
    }

    /// Rows of luminance, eight at most, as they come back. Those missing at the bottom and right are taken as the last ones.
    pub(crate) fn apply(&self, rows: &mut [f32], width: usize) {
        let height = rows.len() / width;
        for left in (0..width).step_by(BLOCK) {
            let columns = BLOCK.min(width - left);
            let mut block = [[0.0; BLOCK]; BLOCK];
            for (v, line) in block.iter_mut().enumerate() {
                let row = &rows[v.min(height - 1) * width + left..][..columns];
                line[..columns].copy_from_slice(row);
                let last = row[columns - 1];
                line[columns..].fill(last);
                line.iter_mut().for_each(|value| *value = round(*value) - 128.0);
            }
            self.block(&mut block);
            for (v, line) in block.iter().enumerate().take(height) {
                let row = &mut rows[v * width + left..][..columns];
                row.iter_mut().zip(line).for_each(|(to, value)| *to = (value + 128.0).clamp(0.0, 255.0));
            }
        }
    }

    fn block(&self, block: &mut Block) {
        let cosines = cosines();
        let (forward, back) = (&cosines.0, &cosines.1);
        // F = C B C', twice a product with a transposition between.
        let mut frequencies = transposed(&product(forward, &transposed(&product(forward, block))));
        for (row, (steps, inverse)) in frequencies.iter_mut().zip(self.steps.iter().zip(&self.inverse)) {
            for (value, (step, inverse)) in row.iter_mut().zip(steps.iter().zip(inverse)) {
                *value = round(*value * inverse) * step;
            }
        }
        *block = transposed(&product(back, &transposed(&product(back, &frequencies))));
    }
}

/// To the nearest whole number, of those below four million, by the addition that leaves no room for fractions.
pub(crate) fn round(value: f32) -> f32 {
    const ROOM: f32 = 12_582_912.0;
    (value + ROOM) - ROOM
}

/// The orthonormal cosine transform and its inverse, as matrices by rows.
fn cosines() -> &'static (Block, Block) {
    static COSINES: OnceLock<(Block, Block)> = OnceLock::new();
    COSINES.get_or_init(|| {
        let entry = |u: usize, x: usize| {
            let norm = if u == 0 { 0.125_f64.sqrt() } else { 0.5 };
            (norm * ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos()) as f32
        };
        let forward: Block = std::array::from_fn(|u| std::array::from_fn(|x| entry(u, x)));
        (forward, transposed(&forward))
    })
}

fn product(a: &Block, b: &Block) -> Block {
    let mut out = [[0.0; BLOCK]; BLOCK];
    for (to, factors) in out.iter_mut().zip(a) {
        for (&factor, row) in factors.iter().zip(b) {
            for (to, &value) in to.iter_mut().zip(row) {
                *to += factor * value;
            }
        }
    }
    out
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|v| std::array::from_fn(|u| block[u][v]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_quality_hardly_changes_anything_and_the_worst_flattens() {
        let mut stream = crate::Key::public().stream("jpeg");
        let rows: Vec<f32> = (0..8 * 19).map(|_| (stream.unit() * 255.0).round()).collect();
        let (mut best, mut worst) = (rows.clone(), rows.clone());
        Quality::new(100).apply(&mut best, 19);
        Quality::new(1).apply(&mut worst, 19);
        let error = |out: &[f32]| out.iter().zip(&rows).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(error(&best) < 2.0, "{}", error(&best));
        assert!(error(&worst) > 50.0, "{}", error(&worst));
    }

    #[test]
    fn a_step_is_kept_or_lost_by_its_size() {
        // The frequency (0, 2) has the step 10 at quality 50.
        let line = |size: f32| -> Vec<f32> {
            (0..64)
                .map(|at| {
                    128.0 + size * (((2 * (at % 8) + 1) as f32) * 2.0 * std::f32::consts::PI / 16.0).cos()
                })
                .collect()
        };
        let spread = |size: f32| {
            let mut rows = line(size);
            Quality::new(50).apply(&mut rows, 8);
            rows.iter().copied().fold(0.0, f32::max) - 128.0
        };
        // Its coefficient is sqrt(8) * sqrt(8) / sqrt(2) times the amplitude.
        assert!(spread(0.5) < 0.01, "{}", spread(0.5));
        assert!(spread(2.0) > 1.0, "{}", spread(2.0));
    }
}
