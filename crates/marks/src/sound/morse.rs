use std::f64::consts::{PI, TAU};

use super::{single, whole};

/// Length of a short tone in seconds. 110 ms is 11 words a minute: slow enough that anyone tells short from
/// long, and under 2 s in all.
pub(crate) const UNIT: f64 = 0.110;
/// Frequency of the tone in hertz: where hearing is good, small loudspeakers work and telephones pass.
const TONE: f64 = 1_000.0;
/// Highest part of the rate the tone may have.
const HIGHEST: f64 = 0.35;
/// Lowest frequency that still is the tone: the rate is too low for anything under it.
const LOWEST: f64 = 400.0;
/// Length of the tone's rise and fall in seconds: without, it would click.
const RAMP: f64 = 0.005;
/// Units of tone, then of silence: A is short, long; I is short, short (ITU-R M.1677-1).
const RHYTHM: [(f64, f64); 4] = [(1.0, 1.0), (3.0, 3.0), (1.0, 1.0), (1.0, 0.0)];

/// The frequency of the tone at a rate; `None` if the rate is too low for it.
pub(crate) fn tone_hz(rate: u32) -> Option<f64> {
    Some(TONE.min(HIGHEST * f64::from(rate))).filter(|hz| *hz >= LOWEST)
}

/// The rhythm: one channel, at a rate, with tones of a root mean square.
pub(crate) fn rhythm(rate: u32, rms: f64) -> Option<Vec<f32>> {
    let (hz, rate) = (tone_hz(rate)?, f64::from(rate));
    let units: f64 = RHYTHM.iter().map(|(on, off)| on + off).sum();
    let mut values = vec![0.0; whole((units * UNIT + RAMP) * rate)];
    let mut start = 0.0;
    for (on, off) in RHYTHM {
        // Ramps centred on the edges, so that the tone has half its amplitude for exactly its length.
        let (from, length) = (whole(start * UNIT * rate), (on * UNIT + RAMP) * rate);
        for (at, value) in values.iter_mut().skip(from).take(whole(length)).enumerate() {
            let edge = ((at as f64 + 0.5).min(length - at as f64 - 0.5) / (RAMP * rate)).clamp(0.0, 1.0);
            let gain = rms * 2.0f64.sqrt() * (0.5 - 0.5 * (PI * edge).cos());
            *value = single(gain * (TAU * hz * at as f64 / rate).sin());
        }
        start += on + off;
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::{rhythm, tone_hz};
    use crate::sound::listen::listen;
    use crate::sound::trial::Trial;

    #[test]
    fn the_timing_is_morse_codes() {
        let values = rhythm(8_000, 0.2).unwrap();
        let loud = |ms: usize| values[ms * 8..ms * 8 + 8].iter().any(|value| value.abs() > 0.1);
        let runs = |from: usize, to: usize, on: bool| (from..to).all(|ms| loud(ms) == on);
        assert!(runs(4, 110, true) && runs(118, 219, false) && runs(224, 550, true));
        assert!(
            runs(558, 879, false)
                && runs(884, 990, true)
                && runs(998, 1_099, false)
                && runs(1_104, 1_210, true)
        );
        assert!(values.iter().all(|value| value.abs() <= 0.284));
    }

    #[test]
    fn it_is_heard_at_every_rate_it_is_made_for() {
        for rate in [4_000, 8_000, 44_100, 192_000] {
            let mut values = rhythm(rate, 0.1).unwrap();
            values.resize(values.len() + rate as usize / 3, 0.0);
            let heard = listen(&mut Trial::new(rate, 1, values), true, |_| ()).0.unwrap();
            assert_eq!(heard.len(), 1, "{rate}");
            assert!((heard[0].tone_hz - tone_hz(rate).unwrap()).abs() < 8.0);
        }
        assert!(rhythm(1_000, 0.1).is_none());
    }
}
