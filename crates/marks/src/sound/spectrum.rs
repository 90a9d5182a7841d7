use std::f64::consts::TAU;
use std::sync::Arc;

use super::{single, whole};
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex32};

/// Seconds from one frame to the next.
const HOP: f64 = 0.005;
/// Seconds that a frame covers.
const WINDOW: f64 = 0.020;
/// Lowest and highest frequency of a tone, in hertz, with room for the skirts.
const BAND: (f64, f64) = (240.0, 3_160.0);
/// Mean square under which a frame is silence: one step of 16 bits.
const SILENCE: f32 = 1e-9;
/// Bins on either side of a peak that belong to it, by the width of a Hann window's main lobe.
const LOBE: usize = 2;

/// What sounds in 20 ms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// Mean square of all above 100 Hz.
    pub(crate) power: f32,
    /// How much of that is in the two strongest peaks of the band, 0 to 1. Two, because some notices are
    /// two tones at once.
    pub(crate) share: f32,
    /// The power spectrum of the band, scaled to length 1.
    pub(crate) shape: Vec<f32>,
    /// What to multiply the shape with to have the powers.
    pub(crate) scale: f32,
}

/// Cuts sound into frames of 20 ms, every 5 ms, and analyses them.
pub(crate) struct Spectrum {
    rate: f64,
    hop: usize,
    window: Vec<f32>,
    scale: f32,
    low: usize,
    bins: usize,
    transform: Arc<dyn RealToComplex<f32>>,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
    pending: Vec<f32>,
}

impl Spectrum {
    /// For sound of this rate; `None` if the rate is too low to hold the band.
    pub(crate) fn new(rate: f64) -> Option<Self> {
        let length = whole(rate * WINDOW);
        let width = rate / length as f64;
        let low = whole(BAND.0 / width);
        let high = whole(BAND.1.min(0.48 * rate) / width);
        let bins = high.checked_sub(low).filter(|bins| *bins >= 20)?;
        let turn = TAU / length as f64;
        let window: Vec<f32> =
            (0..length).map(|at| single(0.5 - 0.5 * ((at as f64 + 0.5) * turn).cos())).collect();
        let energy: f32 = window.iter().map(|value| value * value).sum();
        let transform = RealFftPlanner::new().plan_fft_forward(length);
        Some(Self {
            rate,
            hop: whole(rate * HOP),
            scale: 2.0 / (length as f32 * energy),
            low,
            bins,
            input: transform.make_input_vec(),
            output: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            // So that frame 0 is centred on the first value.
            pending: vec![0.0; length / 2],
            window,
            transform,
        })
    }

    /// Seconds from one frame to the next, exactly.
    pub(crate) fn hop(&self) -> f64 {
        self.hop as f64 / self.rate
    }

    /// The number of the band's lowest bin.
    pub(crate) fn low(&self) -> usize {
        self.low
    }

    /// Takes more sound and gives every frame that is complete.
    pub(crate) fn push(&mut self, values: &[f32], mut each: impl FnMut(Frame)) {
        self.pending.extend_from_slice(values);
        let mut at = 0;
        while let Some(values) = self.pending.get(at..at + self.window.len()) {
            let windowed = values.iter().zip(&self.window).map(|(value, weight)| value * weight);
            self.input.iter_mut().zip(windowed).for_each(|(slot, value)| *slot = value);
            each(self.analyse());
            at += self.hop;
        }
        self.pending.drain(..at.min(self.pending.len()));
    }

    /// The frequency of the strongest peak of a shape, in hertz, between bins.
    pub(crate) fn pitch(&self, shape: &[f32]) -> f64 {
        let width = self.rate / self.window.len() as f64;
        let (peak, _) = strongest(shape, |_| true);
        let at = |bin: usize| f64::from(shape.get(bin).copied().unwrap_or(0.0)).max(1e-12).ln();
        let (left, middle, right) = (at(peak.saturating_sub(1)), at(peak), at(peak + 1));
        let bend = left - 2.0 * middle + right;
        let shift = if bend < 0.0 { ((left - right) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 };
        ((self.low + peak) as f64 + shift) * width
    }

    fn analyse(&mut self) -> Frame {
        let quiet = Frame { power: 0.0, share: 0.0, shape: vec![0.0; self.bins], scale: 0.0 };
        let energy: f32 = self.input.iter().map(|value| value * value).sum();
        if energy * self.scale * self.input.len() as f32 / 2.0 < SILENCE {
            return quiet;
        }
        let Self { transform, input, output, scratch, .. } = self;
        if transform.process_with_scratch(input, output, scratch).is_err() {
            return quiet;
        }
        let total: f32 = self.output.iter().skip(2).map(Complex32::norm_sqr).sum();
        if total * self.scale < SILENCE {
            return quiet;
        }
        let band = self.output.iter().skip(self.low).take(self.bins);
        let mut shape: Vec<f32> = band.map(Complex32::norm_sqr).collect();
        let (first, _) = strongest(&shape, |_| true);
        let (second, _) = strongest(&shape, |bin| bin.abs_diff(first) > LOBE);
        let near = |bin: usize| bin.abs_diff(first) <= LOBE || bin.abs_diff(second) <= LOBE;
        let peaks: f32 = shape.iter().enumerate().filter(|(bin, _)| near(*bin)).map(|(_, power)| power).sum();
        let length = normalise(&mut shape);
        Frame { power: total * self.scale, share: peaks / total, shape, scale: length * self.scale }
    }
}

fn strongest(shape: &[f32], allowed: impl Fn(usize) -> bool) -> (usize, f32) {
    let powers = shape.iter().copied().enumerate().filter(|(bin, _)| allowed(*bin));
    powers.fold((0, 0.0), |best, one| if one.1 > best.1 { one } else { best })
}

/// Scales a shape to length 1, and gives the length it had.
pub(crate) fn normalise(shape: &mut [f32]) -> f32 {
    let length = shape.iter().map(|power| power * power).sum::<f32>().sqrt();
    if length > 0.0 {
        shape.iter_mut().for_each(|power| *power /= length);
    }
    length
}

/// How alike two shapes of length 1 are, 0 to 1.
pub(crate) fn likeness(one: &[f32], two: &[f32]) -> f32 {
    one.iter().zip(two).map(|(one, two)| one * two).sum()
}

#[cfg(test)]
mod tests {
    use super::{Frame, Spectrum};

    fn frames(values: &[f32]) -> (Spectrum, Vec<Frame>) {
        let mut spectrum = Spectrum::new(8_000.0).unwrap();
        let mut frames = Vec::new();
        spectrum.push(values, |frame| frames.push(frame));
        (spectrum, frames)
    }

    #[test]
    fn a_tone_is_measured() {
        for hz in [320.0f32, 1_000.0, 1_046.5, 2_963.0] {
            let step = hz / 8_000.0 * std::f32::consts::TAU;
            let values: Vec<f32> = (0..4_000).map(|at| 0.5 * (at as f32 * step).sin()).collect();
            let (spectrum, frames) = frames(&values);
            let frame = &frames[50];
            assert!((frame.power - 0.125).abs() < 0.002, "{hz}: {}", frame.power);
            assert!(frame.share > 0.99, "{hz}: {}", frame.share);
            assert!((spectrum.pitch(&frame.shape) - f64::from(hz)).abs() < 5.0, "{hz}");
        }
    }

    #[test]
    fn noise_has_no_peaks() {
        let noise = super::super::trial::noise(4_000, 0.5, 7);
        let (_, frames) = frames(&noise);
        let mean = frames.iter().map(|frame| frame.share).sum::<f32>() / frames.len() as f32;
        assert!(mean < 0.5, "{mean}");
    }

    #[test]
    fn too_low_a_rate_is_refused() {
        assert!(Spectrum::new(2_000.0).is_none());
        assert!(Spectrum::new(0.0).is_none());
        assert!(Spectrum::new(4_000.0).is_some());
    }
}
