use super::{Layout, audible};

/// Frames of samples that are mixed in one way.
const CHUNK: usize = 512;
/// A mix of less than this share of the channels' power is one where they cancel each other out.
const CANCELLED: f32 = 0.01;
/// How much of the power so far a chunk keeps.
const MEMORY: f32 = 0.98;

/// Mixes all channels into one. Where they cancel each other out, takes the strongest.
#[derive(Debug)]
pub(super) struct Mix {
    channels: usize,
    mixed: f32,
    powers: Vec<f32>,
}

impl Mix {
    pub(super) fn new(layout: Layout) -> Self {
        let channels = usize::from(layout.channels).max(1);
        Self { channels, mixed: 0.0, powers: vec![0.0; channels] }
    }

    /// Appends the mix of whole frames of samples. What is no number is 0.
    pub(super) fn push(&mut self, block: &[f32], out: &mut Vec<f32>) {
        if self.channels == 1 {
            out.extend(block.iter().map(|&value| audible(value)));
            return;
        }
        let share = 1.0 / self.channels as f32;
        for chunk in block.chunks(CHUNK * self.channels) {
            let start = out.len();
            self.mixed *= MEMORY;
            self.powers.iter_mut().for_each(|power| *power *= MEMORY);
            for frame in chunk.chunks_exact(self.channels) {
                let mut sum = 0.0;
                for (value, power) in frame.iter().zip(&mut self.powers) {
                    let value = audible(*value);
                    sum += value;
                    *power += value * value;
                }
                let mixed = sum * share;
                self.mixed += mixed * mixed;
                out.push(mixed);
            }
            let total: f32 = self.powers.iter().sum();
            if self.mixed < CANCELLED * total * share {
                let strongest = (0..self.channels)
                    .max_by(|&a, &b| {
                        let power = |at: usize| self.powers.get(at).copied().unwrap_or(0.0);
                        power(a).total_cmp(&power(b))
                    })
                    .unwrap_or(0);
                let frames = chunk.chunks_exact(self.channels);
                for (to, frame) in out.iter_mut().skip(start).zip(frames) {
                    *to = frame.get(strongest).map_or(0.0, |&value| audible(value));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_cancel_each_other_out_are_heard_and_others_are_mixed() {
        let mut mix = Mix::new(Layout { rate: 48_000, channels: 2 });
        let mut out = Vec::new();
        mix.push(&[0.5, -0.5].repeat(600), &mut out);
        assert_eq!(out.len(), 600);
        assert!(out.iter().all(|value| value.abs() == 0.5));
        let mut mix = Mix::new(Layout { rate: 48_000, channels: 2 });
        out.clear();
        mix.push(&[0.5, 0.25, f32::NAN, 0.5], &mut out);
        assert_eq!(out, [0.375, 0.25]);
    }
}
