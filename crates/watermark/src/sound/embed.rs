#![allow(
    clippy::indexing_slicing,
    reason = "indices are samples of buffers made for one layout, bins and cells; none comes from content"
)]

use std::{collections::VecDeque, fmt, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use super::{
    Layout, LayoutError, SHORTEST,
    gains::{Gains, Row, loudness_share},
    grid::{CELLS, EDGE, FRAME, FRAME_SECONDS, PERIOD, REFERENCE_RATE, cell_of, narrow},
    pattern::{Pattern, code},
    whole,
};
use crate::{Key, Payload};

/// How strongly sound is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength(pub(super) f32);

impl Strength {
    /// Changes of 0.25 dB in tones to 0.8 dB in noise.
    pub const NORMAL: Self = Self(1.0);

    /// So many times the normal changes, 0.25 to 2.
    pub fn times(factor: f32) -> Self {
        Self(if factor.is_finite() { factor.clamp(0.25, 2.0) } else { 1.0 })
    }

    /// How many times the normal changes.
    pub fn factor(self) -> f32 {
        self.0
    }
}

/// What marking came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How long the sound is.
    pub seconds: f64,
    /// How much of it is loud enough to carry.
    pub carrying_seconds: f64,
    /// Power of the sound over the power of the change, in decibels; infinite if nothing was changed.
    pub signal_to_noise: f64,
}

/// Why sound cannot be marked.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum EmbedError {
    /// Of a rate or a number of channels that is not taken.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A block ends within a frame.
    #[error(
        "a block of sound ends in the middle of a frame: its length must be a multiple of the number of channels"
    )]
    Torn,
    /// Too short to be read again.
    #[error("the sound lasts {seconds:.1} seconds: a watermark needs {SHORTEST} to be read again")]
    Short {
        /// Its length.
        seconds: f64,
    },
    /// Too little of it is loud enough.
    #[error(
        "only {carrying_seconds:.1} of {seconds:.1} seconds are louder than -66 dB of full scale: a watermark needs \
         {SHORTEST} to be read again"
    )]
    Silent {
        /// Its length.
        seconds: f64,
        /// How much of it is loud enough.
        carrying_seconds: f64,
    },
}

/// A frame that waits for those after it.
struct Frame {
    number: u64,
    share: f32,
    spectra: Vec<Vec<Complex<f32>>>,
}

/// Marks sound as it streams by: blocks in, blocks out, some 0.25 seconds later; memory does not grow with length.
///
/// Sound that lasts under [`SHORTEST`] seconds or is silent for all but as much is only known at the end:
/// [`Embedder::finish`] then refuses it, and what came out before is to be thrown away.
pub struct Embedder {
    layout: Layout,
    strength: Strength,
    tile: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    fade: Vec<f32>,
    /// By bin, its cell.
    bins: Vec<Option<usize>>,
    gains: Gains,
    waiting: VecDeque<Frame>,
    spare: Vec<Frame>,
    /// Samples that came in and did not go out yet, and what is to be added to them, from this frame of samples on.
    held: Vec<f32>,
    change: Vec<f32>,
    held_from: u64,
    received: u64,
    next_frame: u64,
    time: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    carrying: u64,
    signal: f64,
    noise: f64,
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedder")
            .field("layout", &self.layout)
            .field("strength", &self.strength)
            .finish_non_exhaustive()
    }
}

impl Embedder {
    /// An embedder for one stream of sound.
    ///
    /// # Errors
    /// If the layout is not taken.
    pub fn new(layout: Layout, key: &Key, payload: Payload, strength: Strength) -> Result<Self, EmbedError> {
        layout.check()?;
        let scale = f64::from(layout.rate) / REFERENCE_RATE;
        let half_edge = whole((EDGE * scale / 2.0).round()).max(1);
        let longest = whole(FRAME * scale) + 1 + 2 * half_edge;
        let length = (longest + longest / 2).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        let edge = 2 * half_edge;
        let fade = (0..edge)
            .map(|at| narrow(0.5 - 0.5 * (std::f64::consts::PI * (at as f64 + 0.5) / edge as f64).cos()));
        let bin_hertz = f64::from(layout.rate) / length as f64;
        let codeword = code().map(|code| code.encode(payload.bits().into())).unwrap_or_default();
        Ok(Self {
            layout,
            strength,
            tile: Pattern::new(key).tile(&codeword),
            fade: fade.collect(),
            bins: (0..length / 2 + 1).map(|bin| cell_of(bin as f64 * bin_hertz)).collect(),
            gains: Gains::default(),
            waiting: VecDeque::new(),
            spare: Vec::new(),
            held: Vec::new(),
            change: Vec::new(),
            held_from: 0,
            received: 0,
            next_frame: 0,
            time: forward.make_input_vec(),
            scratch: vec![Complex::default(); scratch],
            forward,
            inverse,
            carrying: 0,
            signal: 0.0,
            noise: 0.0,
        })
    }

    /// Takes the next block, and appends what is ready to `out`.
    ///
    /// # Errors
    /// If the block ends within a frame of samples. Nothing of it was taken then.
    pub fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), EmbedError> {
        let channels = self.channels();
        if !block.len().is_multiple_of(channels) {
            return Err(EmbedError::Torn);
        }
        // A long block is taken in pieces, so that what is held stays small.
        for piece in block.chunks(8192 * channels) {
            self.held.extend_from_slice(piece);
            self.change.resize(self.held.len(), 0.0);
            self.received += (piece.len() / channels) as u64;
            while self.frame_end(self.next_frame) <= self.received {
                self.analyse();
            }
            self.release(self.finished(), out);
        }
        Ok(())
    }

    /// Ends the stream: appends the rest to `out`, so that as many samples went out as came in.
    ///
    /// # Errors
    /// If the sound was too short or too silent.
    pub fn finish(mut self, out: &mut Vec<f32>) -> Result<Summary, EmbedError> {
        while self.start(self.next_frame) < self.received {
            self.analyse();
        }
        while let Some(changes) = self.gains.flush() {
            self.apply(&changes);
        }
        self.release(self.received, out);
        let seconds = self.received as f64 / f64::from(self.layout.rate);
        let carrying_seconds = (self.carrying as f64 * FRAME_SECONDS).min(seconds);
        if seconds < SHORTEST {
            return Err(EmbedError::Short { seconds });
        }
        if carrying_seconds < SHORTEST {
            return Err(EmbedError::Silent { seconds, carrying_seconds });
        }
        Ok(Summary { seconds, carrying_seconds, signal_to_noise: 10.0 * (self.signal / self.noise).log10() })
    }

    fn channels(&self) -> usize {
        usize::from(self.layout.channels)
    }

    /// The frame of samples where a frame of the grid begins: exact at any distance, and never off by more than half a sample.
    fn start(&self, frame: u64) -> u64 {
        let exact = u128::from(frame) * 1024 * u128::from(self.layout.rate);
        u64::try_from((exact + 22_050) / 44_100).unwrap_or(u64::MAX)
    }

    /// The frame of samples up to which a frame of the grid is heard.
    fn frame_end(&self, frame: u64) -> u64 {
        self.start(frame + 1).saturating_add(self.fade.len() as u64 / 2)
    }

    /// Up to where nothing will be changed any more.
    fn finished(&self) -> u64 {
        let frame = self.waiting.front().map_or(self.next_frame, |frame| frame.number);
        self.start(frame).saturating_sub(self.fade.len() as u64 / 2).min(self.received)
    }

    /// Where a frame's window begins, which may lie before the sound, and how long it is.
    fn window(&self, frame: u64) -> (i64, usize) {
        let half = self.fade.len() / 2;
        let (start, end) = (self.start(frame), self.start(frame + 1));
        let length = usize::try_from(end - start).unwrap_or(0) + 2 * half;
        (i64::try_from(start).unwrap_or(i64::MAX) - half as i64, length.min(self.time.len()))
    }

    /// Looks at the next frame, and changes the one that is ready then.
    fn analyse(&mut self) {
        let number = self.next_frame;
        self.next_frame += 1;
        let (from, length) = self.window(number);
        let channels = self.channels();
        let mut frame = self.spare.pop().unwrap_or_else(|| Frame {
            number,
            share: 0.0,
            spectra: vec![self.forward.make_output_vec(); channels],
        });
        frame.number = number;
        let mut power: Row = [0.0; CELLS];
        let mut square = 0.0;
        let skip = usize::try_from(self.held_from as i64 - from).unwrap_or(0).min(length);
        let first = usize::try_from(from - self.held_from as i64).unwrap_or(0);
        let available = (self.held.len() / channels).saturating_sub(first).min(length - skip);
        let edge = self.fade.len();
        for (channel, spectrum) in frame.spectra.iter_mut().enumerate() {
            self.time.fill(0.0);
            let samples = self.held[first * channels..(first + available) * channels].chunks_exact(channels);
            for (to, samples) in self.time[skip..].iter_mut().zip(samples) {
                let value = samples[channel];
                *to = super::audible(value);
            }
            square += self.time[..length].iter().map(|value| value * value).sum::<f32>();
            self.time[..edge].iter_mut().zip(&self.fade).for_each(|(value, fade)| *value *= fade);
            self.time[length - edge..length]
                .iter_mut()
                .zip(self.fade.iter().rev())
                .for_each(|(value, fade)| *value *= fade);
            // Lengths are those of the plan, so that it cannot fail.
            let _ = self.forward.process_with_scratch(&mut self.time, spectrum, &mut self.scratch);
            for (value, cell) in spectrum.iter().zip(&self.bins) {
                if let Some(cell) = cell {
                    power[*cell] += value.norm_sqr();
                }
            }
        }
        frame.share = loudness_share(square / (length * channels) as f32);
        self.carrying += u64::from(frame.share >= 1.0);
        self.waiting.push_back(frame);
        // In units of a full-scale sine of one bin, so that the floor under levels means the same at any rate.
        let unit = 4.0 / (length * length) as f32;
        if let Some(changes) = self.gains.push(&power.map(|power| power * unit)) {
            self.apply(&changes);
        }
    }

    /// Adds the change of the frame that waits longest.
    fn apply(&mut self, changes: &Row) {
        let Some(mut frame) = self.waiting.pop_front() else { return };
        if frame.share > 0.0 {
            let row = usize::try_from(frame.number % PERIOD as u64).unwrap_or(0) * CELLS;
            let signs = &self.tile[row..row + CELLS];
            let mut factors = [0.0; CELLS];
            for (factor, (change, sign)) in factors.iter_mut().zip(changes.iter().zip(signs)) {
                let decibel = change * sign * frame.share * self.strength.0;
                *factor = (10_f32.powf(decibel / 20.0) - 1.0) / self.time.len() as f32;
            }
            let (from, length) = self.window(frame.number);
            let channels = self.channels();
            let skip = usize::try_from(self.held_from as i64 - from).unwrap_or(0).min(length);
            let first = usize::try_from(from - self.held_from as i64).unwrap_or(0);
            for (channel, spectrum) in frame.spectra.iter_mut().enumerate() {
                for (value, cell) in spectrum.iter_mut().zip(&self.bins) {
                    *value = cell.map_or(Complex::default(), |cell| *value * factors[cell]);
                }
                if let Some(last) = spectrum.last_mut() {
                    last.im = 0.0;
                }
                let _ = self.inverse.process_with_scratch(spectrum, &mut self.time, &mut self.scratch);
                let samples =
                    self.change.get_mut(first * channels..).unwrap_or_default().chunks_exact_mut(channels);
                for (sample, value) in samples.zip(&self.time[skip..length]) {
                    sample[channel] += value;
                }
            }
        }
        self.spare.push(frame);
    }

    /// Gives out what is held up to this frame of samples.
    fn release(&mut self, until: u64, out: &mut Vec<f32>) {
        let count = usize::try_from(until.saturating_sub(self.held_from)).unwrap_or(0) * self.channels();
        let count = count.min(self.held.len());
        let (mut signal, mut noise) = (0.0_f64, 0.0_f64);
        out.extend(self.held.drain(..count).zip(self.change.drain(..count)).map(|(sample, change)| {
            if !sample.is_finite() {
                return sample;
            }
            let limit = sample.abs().max(1.0);
            let marked = (sample + change).clamp(-limit, limit);
            signal += f64::from(sample) * f64::from(sample);
            noise += f64::from(marked - sample).powi(2);
            marked
        }));
        self.signal += signal;
        self.noise += noise;
        self.held_from = self.held_from.max(until);
    }
}
