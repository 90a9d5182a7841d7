use std::collections::VecDeque;

use super::spectrum::{Frame, likeness, normalise};

/// Share of the power in its peaks from which on a frame starts a tone.
const TONAL: f32 = 0.8;
/// Likeness to the tone so far under which a frame is no more of it.
const SAME: f32 = 0.85;
/// Frames a tone may be lost for, by a click or at a soft edge, before it counts as over.
const GRACE: usize = 4;
/// Frames of a tone that are kept; one that lasts longer (2 s) is known to be longer and no more.
const LONGEST: usize = 400;
/// Frames under which a tone is too short to be one: speech and noise are full of them.
const SHORTEST: f64 = 5.0;
/// Frames at either edge of a tone that the window smears.
const EDGE: f64 = 2.5;
/// Largest ratio of powers inside a tone that is steady: 3 dB. A struck string falls more.
const STEADY: f32 = 2.0;
/// Mean share of the power that the peaks of a steady tone have. A square wave has 0.9.
const PURE: f32 = 0.85;

/// A stretch of sound of one pitch. Times are in frames.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tone {
    /// When it reaches half its amplitude.
    pub(crate) start: f64,
    /// When it falls under that.
    pub(crate) end: f64,
    /// Mean square of all that sounds meanwhile.
    pub(crate) level: f32,
    /// Its power spectrum, scaled to length 1.
    pub(crate) shape: Vec<f32>,
    /// Whether it keeps its level and there is hardly anything else.
    pub(crate) steady: bool,
}

/// Finds the tones in a row of frames.
pub(crate) struct Segmenter {
    now: usize,
    lead: VecDeque<f32>,
    run: Option<Run>,
    last: Option<Tone>,
}

struct Run {
    first: usize,
    lead: Vec<f32>,
    powers: Vec<f32>,
    shares: Vec<f32>,
    sum: Vec<f32>,
    shape: Vec<f32>,
    top: f32,
    length: usize,
    lost: usize,
}

impl Segmenter {
    /// No frame yet.
    pub(crate) fn new() -> Self {
        Self { now: 0, lead: VecDeque::new(), run: None, last: None }
    }

    /// Takes the next frame and gives the tone that is over with it, if one is.
    pub(crate) fn push(&mut self, frame: &Frame) -> Option<Tone> {
        let goes_on = self.run.as_mut().is_none_or(|run| run.take(frame));
        let ended = if goes_on { None } else { self.close() };
        if self.run.is_none() && frame.share >= TONAL {
            self.run = Some(Run::new(self.now, self.lead.iter().copied().collect(), frame));
        }
        self.lead.push_back(frame.power);
        if self.lead.len() > GRACE {
            self.lead.pop_front();
        }
        self.now += 1;
        ended
    }

    /// When the tone that sounds now began, in frames.
    pub(crate) fn sounding_since(&self) -> Option<usize> {
        self.run.as_ref().map(|run| run.first)
    }

    /// Ends the tone that still sounds.
    pub(crate) fn close(&mut self) -> Option<Tone> {
        let tone = self.run.take()?.finish()?;
        // What follows a tone at once, alike but weaker, is its echo.
        let echo = self.last.as_ref().is_some_and(|last| {
            tone.start - last.end < GRACE as f64
                && tone.level < last.level / 2.0
                && likeness(&tone.shape, &last.shape) > SAME
        });
        if echo {
            if let Some(last) = &mut self.last {
                (last.end, last.level) = (tone.end, tone.level);
            }
            return None;
        }
        self.last = Some(tone.clone());
        (tone.end - tone.start >= SHORTEST).then_some(tone)
    }
}

impl Run {
    fn new(first: usize, lead: Vec<f32>, frame: &Frame) -> Self {
        let (powers, shares) = (vec![frame.power], vec![frame.share]);
        let (sum, shape) = (frame.shape.clone(), frame.shape.clone());
        Self { first, lead, powers, shares, sum, shape, top: frame.power, length: 1, lost: 0 }
    }

    /// Takes a frame; false if it ends the tone.
    fn take(&mut self, frame: &Frame) -> bool {
        let over = frame.power < self.top / 4.0;
        let same = !over && likeness(&frame.shape, &self.shape) >= SAME && frame.share >= TONAL / 2.0;
        self.length += 1;
        if self.powers.len() < LONGEST {
            self.powers.push(frame.power);
            self.shares.push(frame.share);
        }
        if !same {
            self.lost += 1;
            return !over && self.lost < GRACE;
        }
        self.lost = 0;
        self.top = self.top.max(frame.power);
        // Old frames fade, so that the edge, which is smeared, does not decide what the tone is like.
        for (sum, power) in self.sum.iter_mut().zip(&frame.shape) {
            *sum = 0.9 * *sum + power;
        }
        self.shape.clone_from(&self.sum);
        normalise(&mut self.shape);
        true
    }

    fn finish(self) -> Option<Tone> {
        let kept = self.powers.len();
        let sounding =
            self.powers.get(..kept.saturating_sub(self.lost)).filter(|powers| !powers.is_empty())?;
        let level = median(sounding);
        // Half of the window's energy is the tone's when an edge stands in its middle.
        let threshold = level / 2.0;
        let lead = self.lead.len();
        let all: Vec<f32> = self.lead.iter().chain(&self.powers).copied().collect();
        let loudest = |at: &usize| all.get(*at).is_some_and(|power| *power >= threshold);
        let own = lead..lead + sounding.len();
        let (first, last) = (own.clone().find(loudest)?, own.rev().find(loudest)?);
        let first = (0..first).rev().take_while(loudest).last().unwrap_or(first);
        let last = (last + 1..all.len()).take_while(loudest).last().unwrap_or(last);
        let origin = self.first as f64 - lead as f64;
        let start = first as f64
            - between(all.get(first), first.checked_sub(1).and_then(|at| all.get(at)), threshold);
        let end = if self.length > kept {
            (lead + self.length - self.lost) as f64
        } else {
            last as f64 + between(all.get(last), all.get(last + 1), threshold)
        };
        let core = super::whole((start + EDGE - lead as f64).ceil())
            ..super::whole((end - EDGE - lead as f64).floor()) + 1;
        let powers = self.powers.get(core.clone()).unwrap_or_default();
        let shares = self.shares.get(core).unwrap_or_default();
        let most = powers.iter().copied().fold(0.0, f32::max);
        let least = powers.iter().copied().fold(f32::INFINITY, f32::min);
        let pure = shares.iter().sum::<f32>() >= PURE * shares.len() as f32;
        let steady = !powers.is_empty() && self.length == kept && most <= STEADY * least && pure;
        Some(Tone { start: start + origin, end: end + origin, level, shape: self.shape, steady })
    }
}

/// How far, 0 to 1, beyond the last frame over a threshold the power falls under it, on a straight line.
fn between(over: Option<&f32>, under: Option<&f32>, threshold: f32) -> f64 {
    match (over, under) {
        (Some(over), Some(under)) if over > under => {
            f64::from((over - threshold) / (over - under)).clamp(0.0, 1.0)
        }
        _ => 0.0,
    }
}

fn median(powers: &[f32]) -> f32 {
    let mut sorted = powers.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::{Segmenter, Tone};
    use crate::sound::spectrum::Spectrum;
    use crate::sound::trial::{Score, noise};

    fn tones(values: &[f32]) -> Vec<Tone> {
        let mut spectrum = Spectrum::new(8_000.0).unwrap();
        let mut segmenter = Segmenter::new();
        let mut tones = Vec::new();
        spectrum.push(values, |frame| tones.extend(segmenter.push(&frame)));
        tones.extend(segmenter.close());
        tones
    }

    #[test]
    fn edges_are_found_to_a_few_milliseconds() {
        let values = Score::new(8_000)
            .rest(103.0)
            .tone(57.0, 1_000.0, 0.3)
            .rest(41.0)
            .tone(171.0, 1_000.0, 0.3)
            .rest(300.0);
        for values in [values.values.clone(), values.with_noise(0.03).values] {
            let tones = tones(&values);
            assert_eq!(tones.len(), 2);
            for (tone, (start, end)) in tones.iter().zip([(103.0, 160.0), (201.0, 372.0)]) {
                assert!(tone.steady);
                assert!((tone.start * 5.0 - start).abs() < 4.0, "{} {start}", tone.start * 5.0);
                assert!((tone.end * 5.0 - end).abs() < 4.0, "{} {end}", tone.end * 5.0);
                assert!((tone.level - 0.045).abs() < 0.004, "{}", tone.level);
            }
        }
    }

    #[test]
    fn noise_and_silence_hold_no_tones() {
        assert!(tones(&noise(80_000, 0.5, 3)).iter().all(|tone| !tone.steady));
        assert!(tones(&[0.0; 8_000]).is_empty());
    }

    #[test]
    fn a_falling_tone_is_not_steady() {
        let mut values = Score::new(8_000).rest(100.0).tone(300.0, 800.0, 0.5).rest(200.0).values;
        for (at, value) in values.iter_mut().enumerate() {
            *value *= (-(at as f32) / 1_000.0).exp();
        }
        assert!(tones(&values).iter().all(|tone| !tone.steady));
    }

    #[test]
    fn a_tone_that_never_ends_takes_no_memory() {
        let values = Score::new(8_000).tone(30_000.0, 440.0, 0.5).values;
        let tones = tones(&values);
        assert_eq!(tones.len(), 1);
        assert!(!tones[0].steady && tones[0].end - tones[0].start > 5_900.0);
    }
}
