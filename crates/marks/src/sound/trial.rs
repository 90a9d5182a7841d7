//! Sound to test with.

use indicia_core::FormatError;
use indicia_media::{SoundFacts, SoundStream};

/// Tones and rests one after another, one channel.
#[derive(Clone)]
pub(crate) struct Score {
    pub(crate) rate: u32,
    pub(crate) values: Vec<f32>,
}

/// White noise of a root mean square, from a generator of its own so that runs repeat.
pub(crate) fn noise(length: usize, rms: f32, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..length).map(|_| draw() * rms * 3.0f32.sqrt()).collect()
}

impl Score {
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate, values: Vec::new() }
    }

    fn frames(&self, ms: f64) -> usize {
        super::whole(ms * f64::from(self.rate) / 1_000.0)
    }

    pub(crate) fn rest(mut self, ms: f64) -> Self {
        self.values.resize(self.values.len() + self.frames(ms), 0.0);
        self
    }

    /// A sine with straight ramps of 2 ms.
    pub(crate) fn tone(mut self, ms: f64, hz: f32, peak: f32) -> Self {
        let (length, ramp) = (self.frames(ms), self.frames(2.0).max(1));
        let step = hz / self.rate as f32 * std::f32::consts::TAU;
        self.values.extend((0..length).map(|at| {
            let edge = (at.min(length - 1 - at) as f32 / ramp as f32).min(1.0);
            peak * edge * (at as f32 * step).sin()
        }));
        self
    }

    /// Tones of these lengths with rests of these between them, in milliseconds.
    pub(crate) fn tones(mut self, lengths: &[f64], rests: &[f64], hz: f32, peak: f32) -> Self {
        for (at, ms) in lengths.iter().enumerate() {
            self = self.tone(*ms, hz, peak);
            if at + 1 < lengths.len() {
                self = self.rest(rests[at % rests.len()]);
            }
        }
        self
    }

    /// Morse code: `.`, `-`, a space between letters, `/` between words.
    pub(crate) fn morse(mut self, code: &str, unit: f64, hz: f32, peak: f32) -> Self {
        for sign in code.chars() {
            self = match sign {
                '.' => self.tone(unit, hz, peak).rest(unit),
                '-' => self.tone(3.0 * unit, hz, peak).rest(unit),
                ' ' => self.rest(2.0 * unit),
                _ => self.rest(6.0 * unit),
            };
        }
        self
    }

    /// Noise that swells and falls as speech does.
    pub(crate) fn babble(mut self, ms: f64, rms: f32) -> Self {
        let (length, rate) = (self.frames(ms), self.rate as f32);
        let noise = noise(length, rms, 11);
        let swell = |at: usize| (at as f32 / rate * 4.0 * std::f32::consts::TAU).sin().mul_add(0.7, 1.0);
        self.values.extend(noise.iter().enumerate().map(|(at, value)| value * swell(at)));
        self
    }

    pub(crate) fn with_noise(mut self, rms: f32) -> Self {
        let noise = noise(self.values.len(), rms, 5);
        self.values.iter_mut().zip(noise).for_each(|(value, noise)| *value += noise);
        self
    }

    pub(crate) fn stream(&self) -> Trial {
        Trial::new(self.rate, 1, self.values.clone())
    }
}

/// Sound in memory, given in uneven blocks; may fail in the end.
pub(crate) struct Trial {
    facts: SoundFacts,
    values: Vec<f32>,
    at: usize,
    pub(crate) failure: Option<FormatError>,
}

impl Trial {
    pub(crate) fn new(rate: u32, channels: u16, values: Vec<f32>) -> Self {
        Self { facts: SoundFacts { rate, channels, frames: None }, values, at: 0, failure: None }
    }
}

impl SoundStream for Trial {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let end = (self.at + 1_153 * usize::from(self.facts.channels)).min(self.values.len());
        block.extend_from_slice(&self.values[self.at..end]);
        let more = end > self.at;
        self.at = end;
        match &self.failure {
            Some(err) if !more => Err(err.clone()),
            _ => Ok(more),
        }
    }
}
