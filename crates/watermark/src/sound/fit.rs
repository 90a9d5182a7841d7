use super::{
    Clip, Effort, Layout, Options, detect,
    embed::{EmbedError, Embedder, Strength, Summary},
    pattern::CHIPS,
    whole,
};
use crate::{Key, Payload};

/// Seconds of a sound that are tried: enough to tell.
const TRIED: f64 = 60.0;
/// What ten seconds shall come to when read again after coarse quantisation, in standard deviations of chance; 13 are enough
/// to read, so that codecs may take half of it.
const GOAL: f64 = 20.0;
/// Power of the sound over that of the change, in decibels: what is not gone below for the goal's sake, and what is not gone below
/// at all.
const FAIR: f64 = 29.5;
const WORST: f64 = 25.7;
/// Bounds of the strength.
const LEAST: f64 = 0.9;
const MOST: f64 = 1.7;

/// Marks sound in memory, as strongly as it takes and as its quality allows.
///
/// # Errors
/// If the layout is not taken, or the sound too short or too silent.
pub fn embed(
    layout: Layout,
    key: &Key,
    payload: Payload,
    samples: &[f32],
) -> Result<(Vec<f32>, Summary), EmbedError> {
    let strength = Strength::fit(layout, key, payload, samples)?;
    run(layout, key, payload, strength, samples)
}

fn run(
    layout: Layout,
    key: &Key,
    payload: Payload,
    strength: Strength,
    samples: &[f32],
) -> Result<(Vec<f32>, Summary), EmbedError> {
    let mut out = Vec::new();
    let mut embedder = Embedder::new(layout, key, payload, strength)?;
    embedder.push(samples, &mut out)?;
    let summary = embedder.finish(&mut out)?;
    Ok((out, summary))
}

impl Strength {
    /// The strength that a sound needs and bears: strong enough that ten seconds of it are read again after quantisation to 6 bits
    /// (mu-law), unless the change would then come closer to the sound than 29.5 dB; and never closer than 25.7 dB.
    ///
    /// `samples` is the sound, or the first minute of it; more is not looked at.
    ///
    /// # Errors
    /// If the layout is not taken, or the sound too short or too silent.
    pub fn fit(layout: Layout, key: &Key, payload: Payload, samples: &[f32]) -> Result<Self, EmbedError> {
        layout.check()?;
        let channels = usize::from(layout.channels);
        let tried = whole(TRIED * f64::from(layout.rate)) * channels;
        let samples = samples.get(..tried).unwrap_or(samples);
        let (mut marked, summary) = run(layout, key, payload, Self::NORMAL, samples)?;
        quantise(&mut marked);
        let options = Options { effort: Effort::Fast, expected: vec![payload], ..Options::default() };
        // A sound in memory can be read, and its layout was taken.
        let statistic = detect(&mut Clip { layout, samples: &marked }, std::slice::from_ref(key), &options)
            .ok()
            .and_then(|seen| seen.found().first().map(|found| found.evidence.statistic))
            .unwrap_or(0.0);
        let chips = CHIPS as f64;
        let square = statistic * statistic;
        let effective = (square / (1.0 - square / chips).max(0.01) * 10.0 / summary.carrying_seconds).sqrt();
        let needed = GOAL / effective.max(1.0);
        let bearable = |least: f64| 10_f64.powf((summary.signal_to_noise - least) / 20.0);
        let most = bearable(FAIR).max(bearable(WORST).min(1.0));
        Ok(Self::times(super::grid::narrow(needed.clamp(LEAST, MOST).min(most))))
    }
}

/// As 6 bits of mu-law hold it, at its own level.
fn quantise(samples: &mut [f32]) {
    let peak =
        samples.iter().filter(|value| value.is_finite()).fold(1e-9_f32, |most, value| most.max(value.abs()));
    for value in samples {
        let level = (value.abs() / peak).min(1.0);
        let law = (255.0_f32.mul_add(level, 1.0).ln() / 256_f32.ln() * 31.0).round() / 31.0;
        *value = ((256_f32.powf(law) - 1.0) / 255.0 * peak).copysign(*value);
    }
}
