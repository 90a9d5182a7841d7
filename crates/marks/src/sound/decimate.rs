use super::{MOST_CHANNELS, MOST_RATE, single};

/// Frames a second below which nothing is decimated; what comes out has this to twice this many.
const TARGET: u32 = 8_000;

/// Width of the filter's slope in hertz: from the highest tone looked for, 3 kHz, to the lowest frequency
/// that folds onto it.
const SLOPE: f64 = 2_000.0;

/// Products that a processor takes at once.
const STRANDS: usize = 8;

/// How much less each channel counts than the one before it. Equal weights would let the two channels of
/// an inverted pair cancel each other; with this, no sum of equal or opposite channels is silence.
const FALL: f32 = 0.6;

/// Mixes all channels into one and lowers the rate to about 8 kHz, block by block.
pub(crate) struct Decimator {
    rate: f64,
    factor: usize,
    weights: Vec<f32>,
    /// The filter, with zeros behind it so that eight are taken at once.
    taps: Vec<[f32; STRANDS]>,
    /// Values that the filter reaches to either side.
    reach: usize,
    channel: usize,
    mixed: f32,
    history: Vec<f32>,
    next: usize,
}

impl Decimator {
    /// Nothing heard yet; `None` for sound with more channels or a higher rate than any real one, or none.
    pub(crate) fn new(rate: u32, channels: u16) -> Option<Self> {
        if channels == 0 || channels > MOST_CHANNELS || rate == 0 || rate > MOST_RATE {
            return None;
        }
        let factor = (rate / TARGET).max(1);
        let mut taps = if factor == 1 { vec![1.0] } else { low_pass(f64::from(rate), f64::from(factor)) };
        let reach = taps.len() / 2;
        taps.resize(taps.len().next_multiple_of(STRANDS), 0.0);
        let weights: Vec<f32> = (0..i32::from(channels)).map(|at| FALL.powi(at)).collect();
        let sum: f32 = weights.iter().sum();
        Some(Self {
            rate: f64::from(rate) / f64::from(factor),
            factor: factor as usize,
            weights: weights.iter().map(|weight| weight / sum).collect(),
            channel: 0,
            mixed: 0.0,
            // So that the first value out stands at the time of the first frame in.
            history: vec![0.0; reach],
            taps: taps.as_chunks().0.to_vec(),
            reach,
            next: 0,
        })
    }

    /// Values a second that come out.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// Takes interleaved samples and appends what they become. Samples that are no numbers count as silence.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        match *self.weights {
            [weight] => self.history.extend(samples.iter().map(|sample| weight * audible(*sample))),
            [left, right] if self.channel == 0 => {
                let (frames, rest) = samples.as_chunks();
                let mixed = |[one, two]: &[f32; 2]| left * audible(*one) + right * audible(*two);
                self.history.extend(frames.iter().map(mixed));
                self.mix(rest);
            }
            _ => self.mix(samples),
        }
        self.filter(out);
    }

    /// Adds samples one by one to the frame that is not complete.
    fn mix(&mut self, samples: &[f32]) {
        for sample in samples {
            let weight = self.weights.get(self.channel).copied().unwrap_or(0.0);
            self.mixed += weight * audible(*sample);
            self.channel += 1;
            if self.channel == self.weights.len() {
                self.history.push(self.mixed);
                self.channel = 0;
                self.mixed = 0.0;
            }
        }
    }

    /// Appends what is left, once all samples were pushed.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) {
        let behind = self.taps.as_flattened().len() - 1 - self.reach;
        self.history.resize(self.history.len() + behind, 0.0);
        self.filter(out);
    }

    fn filter(&mut self, out: &mut Vec<f32>) {
        let length = self.taps.as_flattened().len();
        while let Some(window) = self.history.get(self.next..self.next + length) {
            out.push(product(window.as_chunks().0, &self.taps));
            self.next += self.factor;
        }
        let done = self.next.min(self.history.len());
        self.history.drain(..done);
        self.next -= done;
    }
}

/// One channel of sound at the lower rate, and that rate; `None` as for [`Decimator::new`].
pub(crate) fn lowered(values: &[f32], rate: u32) -> Option<(Vec<f32>, f64)> {
    let mut decimator = Decimator::new(rate, 1)?;
    let mut lower = Vec::new();
    decimator.push(values, &mut lower);
    decimator.finish(&mut lower);
    Some((lower, decimator.rate()))
}

fn audible(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-8.0, 8.0) } else { 0.0 }
}

/// Sum of products, in strands that a processor takes at once.
fn product(left: &[[f32; STRANDS]], right: &[[f32; STRANDS]]) -> f32 {
    let mut strands = [0.0f32; STRANDS];
    for (left, right) in left.iter().zip(right) {
        for ((strand, left), right) in strands.iter_mut().zip(left).zip(right) {
            *strand += left * right;
        }
    }
    strands.iter().sum()
}

/// A low-pass filter (sinc under a Hamming window) that lets 3 kHz through and stops what would fold onto it.
fn low_pass(rate: f64, factor: f64) -> Vec<f32> {
    // A Hamming window's slope is 3.3 / length of the rate wide.
    let half = super::whole(3.3 * rate / SLOPE / 2.0);
    let cutoff = (rate / factor / 2.0).min(3_000.0 + SLOPE / 2.0) / rate;
    let tap = |at: usize| {
        let from_middle = at as f64 - half as f64;
        let turn = std::f64::consts::PI * from_middle;
        let sinc = if from_middle == 0.0 { 2.0 * cutoff } else { (2.0 * cutoff * turn).sin() / turn };
        sinc * (0.54 + 0.46 * (turn / (half as f64 + 1.0)).cos())
    };
    let taps: Vec<f64> = (0..=2 * half).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| single(tap / sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Decimator, single};

    fn heard(rate: u32, channels: u16, samples: &[f32]) -> (f64, Vec<f32>) {
        let mut decimator = Decimator::new(rate, channels).unwrap();
        let mut out = Vec::new();
        for block in samples.chunks(997) {
            decimator.push(block, &mut out);
        }
        decimator.finish(&mut out);
        (decimator.rate(), out)
    }

    fn sine(rate: u32, hz: f32) -> Vec<f32> {
        (0..rate).map(|at| (at as f32 * hz / rate as f32 * std::f32::consts::TAU).sin()).collect()
    }

    fn power(values: &[f32]) -> f32 {
        let middle = &values[values.len() / 10..values.len() * 9 / 10];
        middle.iter().map(|value| value * value).sum::<f32>() / middle.len() as f32
    }

    #[test]
    fn tones_pass_and_what_would_fold_onto_them_does_not() {
        for rate in [16_000, 22_050, 44_100, 48_000] {
            let (lower, values) = heard(rate, 1, &sine(rate, 2_900.0));
            assert!((8_000.0..16_000.0).contains(&lower), "{rate}");
            assert!((values.len() as f64 - lower).abs() <= 1.0, "{rate}: {}", values.len());
            assert!((0.47..0.53).contains(&power(&values)), "{rate}: {}", power(&values));
            let folded = single(lower) - 1_000.0;
            if folded < rate as f32 / 2.0 {
                let (_, values) = heard(rate, 1, &sine(rate, folded));
                assert!(power(&values) < 0.5e-4, "{rate}: {}", power(&values));
            }
        }
    }

    #[test]
    fn opposite_channels_do_not_cancel() {
        let both: Vec<f32> = sine(44_100, 1_000.0).iter().flat_map(|value| [*value, -*value]).collect();
        assert!(power(&heard(44_100, 2, &both).1) > 0.02);
    }

    #[test]
    fn samples_that_are_no_numbers_are_silence() {
        let (_, values) = heard(8_000, 1, &[f32::NAN, f32::INFINITY, 0.5]);
        assert_eq!(values, [0.0, 0.0, 0.5]);
    }

    #[test]
    fn absurd_headers_are_refused() {
        assert!(Decimator::new(0, 1).is_none());
        assert!(Decimator::new(44_100, 0).is_none());
        assert!(Decimator::new(u32::MAX, 1).is_none());
        assert!(Decimator::new(44_100, u16::MAX).is_none());
    }
}
