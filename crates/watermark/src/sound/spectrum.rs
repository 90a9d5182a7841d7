#![allow(clippy::indexing_slicing, reason = "indices are samples and bins of buffers made for one layout")]

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{
    grid::{FRAME, REFERENCE_RATE, Warp, narrow, quick_length},
    whole,
};

/// Power spectra of one channel, at even steps of which so many make a frame.
pub(super) struct Spectra {
    forward: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    hop: f64,
    bin_hertz: f64,
    held: Vec<f32>,
    held_from: u64,
    step: u64,
    time: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl Spectra {
    /// `steps` to a frame, as long as a frame now is.
    pub(super) fn new(rate: u32, warp: Warp, steps: usize) -> Self {
        let frame = FRAME * f64::from(rate) / REFERENCE_RATE * warp.time;
        let length = whole(frame.round());
        let forward = RealFftPlanner::new().plan_fft_forward(quick_length(length));
        let hann = |at: usize| 0.5 - 0.5 * (std::f64::consts::TAU * at as f64 / length as f64).cos();
        let unit = 2.0 / length as f64;
        Self {
            window: (0..length).map(|at| narrow(hann(at) * unit)).collect(),
            hop: frame / steps as f64,
            bin_hertz: f64::from(rate) / forward.len() as f64,
            held: Vec::new(),
            held_from: 0,
            step: 0,
            time: forward.make_input_vec(),
            bins: forward.make_output_vec(),
            scratch: forward.make_scratch_vec(),
            power: Vec::new(),
            forward,
        }
    }

    /// Distance of two bins in hertz.
    pub(super) fn bin_hertz(&self) -> f64 {
        self.bin_hertz
    }

    /// Number of bins.
    pub(super) fn bins(&self) -> usize {
        self.bins.len()
    }

    /// Takes samples, and hands on the first `reach` powers of each step that they complete.
    pub(super) fn push(&mut self, samples: &[f32], reach: usize, mut take: impl FnMut(&[f32])) {
        self.held.extend_from_slice(samples);
        loop {
            let start = whole((self.step as f64 * self.hop).round()) - whole(self.held_from as f64);
            let Some(frame) = self.held.get(start..start + self.window.len()) else { break };
            for (to, (value, window)) in self.time.iter_mut().zip(frame.iter().zip(&self.window)) {
                *to = value * window;
            }
            self.time[self.window.len()..].fill(0.0);
            // Lengths are those of the plan, so that it cannot fail.
            let _ = self.forward.process_with_scratch(&mut self.time, &mut self.bins, &mut self.scratch);
            self.power.clear();
            self.power.extend(self.bins.iter().take(reach).map(|bin| bin.norm_sqr()));
            take(&self.power);
            self.step += 1;
        }
        let next = whole((self.step as f64 * self.hop).round()) - whole(self.held_from as f64);
        let done = next.min(self.held.len());
        self.held.drain(..done);
        self.held_from += done as u64;
    }
}
