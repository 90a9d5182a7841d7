//! From subbands to spectral lines (ISO/IEC 11172-3, C.1.5.3.3): a transform of 36 samples of each subband, half
//! of them of the granule before, and butterflies against the aliasing between subbands. Long blocks only.

use std::f64::consts::PI;

/// Samples of a subband in one granule.
pub(super) const SLOTS: usize = 18;
/// Lines in one granule.
pub(super) const LINES: usize = 576;

/// The c of table B.9, from which the butterflies are made.
const ALIAS: [f32; 8] = [-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037];

/// One channel on its way through the transform.
#[derive(Debug)]
pub(super) struct Mdct {
    /// The granule before, by subband.
    before: [[f32; SLOTS]; 32],
    /// Window and cosine for each line, by sample.
    weights: Vec<[f32; SLOTS]>,
}

impl Mdct {
    /// Silence so far.
    pub(super) fn new() -> Self {
        let row = |place: u8| {
            let place = f64::from(place);
            let window = (PI / 36.0 * (place + 0.5)).sin();
            let mut row = [0.0; SLOTS];
            for (weight, line) in row.iter_mut().zip(0_u8..) {
                let cosine = (PI / 72.0 * (2.0 * place + 19.0) * f64::from(2 * line + 1)).cos();
                *weight = narrow(window * cosine / 9.0);
            }
            row
        };
        Self { before: [[0.0; SLOTS]; 32], weights: (0..36).map(row).collect() }
    }

    /// The lines of a granule, from 18 samples of each subband.
    pub(super) fn granule(&mut self, slots: &[[f32; 32]; SLOTS]) -> [f32; LINES] {
        let mut lines = [0.0; LINES];
        for (band, (out, before)) in lines.chunks_exact_mut(SLOTS).zip(&mut self.before).enumerate() {
            let mut now = [0.0; SLOTS];
            for (at, (value, slot)) in now.iter_mut().zip(slots).enumerate() {
                // The filterbank turns the spectrum of every other subband round; this turns it back.
                let sign = if band % 2 == 1 && at % 2 == 1 { -1.0 } else { 1.0 };
                *value = sign * slot.get(band).copied().unwrap_or(0.0);
            }
            // All lines of a sample at once, as a processor takes them.
            for (value, weights) in before.iter().chain(&now).zip(&self.weights) {
                out.iter_mut().zip(weights).for_each(|(line, weight)| *line += value * weight);
            }
            *before = now;
        }
        for band in 1..32 {
            let (below, above) = lines.split_at_mut(SLOTS * band);
            for ((low, high), c) in below.iter_mut().rev().zip(above.iter_mut()).zip(ALIAS) {
                let length = (1.0 + c * c).sqrt();
                (*low, *high) = ((*low + *high * c) / length, (*high - *low * c) / length);
            }
        }
        lines
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a weight has no more than 24 bits to it")]
fn narrow(value: f64) -> f32 {
    value as f32
}
