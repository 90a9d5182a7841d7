use std::collections::VecDeque;

use super::whole;

/// Seconds of one block.
const BLOCK: f64 = 0.1;
/// Blocks measured at either end: 5 s.
const BLOCKS: usize = 50;
/// Mean square under which a block is silence and does not count: -50 dBFS.
const SILENCE: f64 = 1e-5;
/// Root mean squares a notice may have: -24 dBFS, which is heard at any usual volume, to -9 dBFS, whose
/// peaks stay 6 dB under full scale.
const BOUNDS: (f64, f64) = (0.063_1, 0.354_8);

/// How loud sound is at its start and at its end.
pub(crate) struct Loudness {
    length: usize,
    filled: usize,
    sum: f64,
    first: Vec<f64>,
    last: VecDeque<f64>,
}

impl Loudness {
    /// Nothing heard yet.
    pub(crate) fn new(rate: u32, channels: u16) -> Self {
        let length = whole(f64::from(rate) * BLOCK).max(1) * usize::from(channels.max(1));
        Self { length, filled: 0, sum: 0.0, first: Vec::new(), last: VecDeque::new() }
    }

    /// Hears more: interleaved samples. What is left over at the end is less than a block and does not count.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            let value = f64::from(if sample.is_finite() { sample.clamp(-8.0, 8.0) } else { 0.0 });
            self.sum += value * value;
            self.filled += 1;
            if self.filled == self.length {
                let mean = self.sum / self.length as f64;
                (self.filled, self.sum) = (0, 0.0);
                if self.first.len() < BLOCKS {
                    self.first.push(mean);
                }
                self.last.push_back(mean);
                if self.last.len() > BLOCKS {
                    self.last.pop_front();
                }
            }
        }
    }

    /// The root mean square for a notice before the content: as loud as its first 5 s, within bounds.
    ///
    /// As loud as the content, because a weaker notice would drown in a listener's volume setting and a
    /// stronger one would startle. Silent blocks do not count, else a pause would make the notice faint.
    pub(crate) fn before(&self) -> f64 {
        level(self.first.iter())
    }

    /// The root mean square for a notice after the content: as loud as its last 5 s, within bounds.
    pub(crate) fn after(&self) -> f64 {
        level(self.last.iter())
    }
}

fn level<'b>(blocks: impl Iterator<Item = &'b f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for block in blocks.filter(|block| **block > SILENCE) {
        sum += block;
        count += 1;
    }
    let mean = if count == 0 { 0.0 } else { sum / f64::from(count) };
    mean.sqrt().clamp(BOUNDS.0, BOUNDS.1)
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS, Loudness};

    fn loudness(parts: &[(f32, usize)]) -> Loudness {
        let mut loudness = Loudness::new(1_000, 2);
        for (value, seconds) in parts {
            loudness.push(&vec![*value; seconds * 2_000]);
        }
        loudness
    }

    #[test]
    fn each_end_is_measured_on_its_own() {
        let loudness = loudness(&[(0.1, 5), (0.9, 7), (-0.2, 5)]);
        assert!((loudness.before() - 0.1).abs() < 1e-6);
        assert!((loudness.after() - 0.2).abs() < 1e-6);
    }

    #[test]
    fn pauses_do_not_count_and_bounds_hold() {
        let paused = loudness(&[(0.0, 4), (0.1, 1)]);
        assert!((paused.before() - 0.1).abs() < 1e-6);
        assert_eq!(loudness(&[(0.0, 9)]).before(), BOUNDS.0);
        assert_eq!(loudness(&[(1.0, 9)]).after(), BOUNDS.1);
        assert_eq!(Loudness::new(8_000, 1).before(), BOUNDS.0);
        assert_eq!(loudness(&[(f32::NAN, 9)]).before(), BOUNDS.0);
    }
}
