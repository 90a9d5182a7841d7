//! Sound: how loud it is over time, and how loud low, middle and high tones are.

use super::{Likeness, Measure, correlation};
use indicia_core::FormatError;
use indicia_media::Asset;

/// Blocks a second in which loudness is taken.
const BLOCKS: u32 = 20;

/// Blocks by which one may begin later than the other: a notice put before, an encoder's delay.
const SHIFT: usize = 30 * BLOCKS as usize;

/// Least number of blocks that are worth comparing: two seconds.
const LEAST: usize = 2 * BLOCKS as usize;

/// Where middle tones begin, and high ones, in Hz.
const EDGES: [f64; 2] = [400.0, 1500.0];

/// Blocks to each side of a block that it is held against: slow rises and falls, which most sounds share, are gone.
const AROUND: usize = 10;

/// Copies in MP3, Vorbis, Opus and at another rate stay above 0.9; other sounds of two seconds, laid against twenty, reach
/// 0.69.
const LOUDNESS: Measure =
    Measure { name: "the correlation of loudness over time", same: 0.85, different: 0.7 };

/// How loud a sound is over time.
#[derive(Default)]
struct Loudness {
    whole: Vec<f64>,
    /// Of low, middle and high tones, each held against the time around.
    bands: [Vec<f64>; 3],
}

pub(super) fn compare(one: &Asset<'_>, other: &Asset<'_>) -> Result<Likeness, FormatError> {
    let (one, other) = (loudness(one)?, loudness(other)?);
    let (short, long) = if one.whole.len() < other.whole.len() { (one, other) } else { (other, one) };
    let (least, most) = (short.whole.len(), long.whole.len());
    if least < LEAST {
        return Ok(Likeness::Unknown("the sound is too short to compare".into()));
    }
    if most > least * 2 + SHIFT {
        return Ok(Likeness::Different("one lasts more than twice as long as the other".into()));
    }
    let shifts = 0..=(most - least).min(SHIFT);
    let best = shifts
        .filter_map(|shift| short.agreement(&long, shift))
        .fold(None, |best: Option<f64>, next| Some(best.map_or(next, |best| best.max(next))));
    Ok(match best {
        Some(value) => LOUDNESS.judge(value),
        None => Likeness::Unknown("the sound is even, which says little".into()),
    })
}

impl Loudness {
    /// How far this and the other from `shift` on agree: in all or in the bands, whichever is less. `None` if one is even.
    fn agreement(&self, other: &Self, shift: usize) -> Option<f64> {
        let whole = correlation(&self.whole, other.whole.get(shift..).unwrap_or_default())?;
        let (mut both, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
        for (band, of) in self.bands.iter().zip(&other.bands) {
            for (a, b) in band.iter().zip(of.get(shift..).unwrap_or_default()) {
                both += a * b;
                of_one += a * a;
                of_other += b * b;
            }
        }
        let size = f64::sqrt(of_one * of_other);
        // Without movement in any band the whole decides.
        let bands = if size > 1e-9 * self.whole.len() as f64 { both / size } else { whole };
        Some(whole.min(bands))
    }
}

/// Two filters of one pole in a row.
struct Lowpass {
    share: f64,
    reached: [f64; 2],
}

impl Lowpass {
    fn new(edge: f64, rate: u32) -> Self {
        let share = 1.0 - (-std::f64::consts::TAU * edge / f64::from(rate.max(1))).exp();
        Self { share, reached: [0.0; 2] }
    }

    fn pass(&mut self, value: f64) -> f64 {
        self.reached.iter_mut().fold(value, |value, reached| {
            *reached += self.share * (value - *reached);
            *reached
        })
    }
}

/// Loudness of each block, as the logarithm of the mean square, with a floor below hearing.
fn loudness(asset: &Asset<'_>) -> Result<Loudness, FormatError> {
    let mut stream = asset.sound()?;
    let facts = stream.facts();
    let channels = usize::from(facts.channels.max(1));
    let size = (facts.rate / BLOCKS).max(1) as usize;
    let [mut low, mut middle] = EDGES.map(|edge| Lowpass::new(edge, facts.rate));
    let (mut loudness, mut values) = (Loudness::default(), Vec::new());
    loop {
        let more = stream.next_block(&mut values)?;
        let whole = values.len() - values.len() % (size * channels);
        for block in values.get(..whole).unwrap_or_default().chunks_exact(size * channels) {
            let mut power = [0.0; 4];
            for frame in block.chunks_exact(channels) {
                // Both sides of a stereo sound together, as when it is made mono.
                let value = frame.iter().map(|value| f64::from(*value)).sum::<f64>() / channels as f64;
                let below = low.pass(value);
                let below_high = middle.pass(value);
                let all = frame.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / channels as f64;
                let parts = [all, below.powi(2), (below_high - below).powi(2), (value - below_high).powi(2)];
                for (sum, part) in power.iter_mut().zip(parts) {
                    *sum += part;
                }
            }
            let [whole, bands @ ..] = power.map(|sum| (sum / size as f64 + 1e-6).log10());
            loudness.whole.push(whole);
            for (band, value) in loudness.bands.iter_mut().zip(bands) {
                band.push(value);
            }
        }
        values.drain(..whole);
        if !more {
            loudness.bands = loudness.bands.map(|band| against_the_time_around(&band));
            return Ok(loudness);
        }
    }
}

/// How much louder each block is than those around it.
fn against_the_time_around(blocks: &[f64]) -> Vec<f64> {
    let around = |at: usize| {
        let near = at.saturating_sub(AROUND)..(at + AROUND + 1).min(blocks.len());
        let near = blocks.get(near).unwrap_or_default();
        near.iter().sum::<f64>() / near.len().max(1) as f64
    };
    blocks.iter().enumerate().map(|(at, value)| value - around(at)).collect()
}
