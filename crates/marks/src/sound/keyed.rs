use std::collections::VecDeque;

use super::spectrum::Frame;
use super::whole;

/// Frames that are kept, 20 s: the slowest rhythm there is, with what has to be known on both sides of it.
const KEPT: usize = 4_096;
/// Frames of silence before the first one, so that nothing has to be looked up before it.
pub(crate) const LEAD: usize = 16;
/// Decibels of silence.
const FLOOR: f32 = -120.0;
/// Decibels under which nothing is a tone: a step or two of 16 bits.
const FAINTEST: f32 = -80.0;
/// Frames on either side of an edge that its rise or fall is measured over: half of what a frame covers.
const REACH: usize = 2;
/// Frames on either side of an edge that the window smears.
const SMEAR: usize = 3;
/// Decibels by which an edge rises or falls over `2 * REACH` frames; a ramp of 20 ms does so by 9.
const EDGE: f32 = 6.0;
/// Decibels under a tone at which its edge is: half of its amplitude, as the window stands half over it.
pub(crate) const HALF: f32 = 6.02;
/// Decibels that a tone may waver by itself: as far as the reader of tones in silence allows.
const WAVER: f32 = 1.5;
/// Part of a tone's frames that have to keep its level; a drum or a syllable may spoil the others.
const KEEPS: f32 = 0.8;
/// Decibels by which what is 150 Hz beside a tone is weaker; nearer than that is the tone itself.
const NARROW: f32 = 5.0;
/// Decibels by which all that sounds is more than the strongest bin of a tone that sounds alone: 1.8 for a tone on
/// the bin, 3.2 for one between two, and one more for a square wave's overtones.
const ALONE: f32 = 4.5;
/// Frames that a tone of any use here lasts: 45 ms to 1.3 s.
const LENGTH: (usize, usize) = (9, 264);
/// Rises before a fall that a tone may begin with: inside a tone there are few, in noise there are many.
const RISES: usize = 6;
/// Most tones remembered of one bin.
const MOST: usize = 256;

/// A tone that is switched on and off in one bin of the spectrum. Times are in frames, with [`LEAD`] added.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stroke {
    /// The bin, counted from the band's lowest.
    pub(crate) bin: usize,
    /// When it reaches half its amplitude.
    pub(crate) start: f64,
    /// When it falls under that.
    pub(crate) end: f64,
    /// Decibels of the bin meanwhile.
    pub(crate) level: f32,
}

impl Stroke {
    /// The frames in which it sounds for certain.
    pub(crate) fn core(&self) -> std::ops::Range<usize> {
        whole(self.start) + SMEAR..(whole(self.end) + 1).saturating_sub(SMEAR)
    }

    /// Whether it sounds while another one does.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Decibels of every bin in the last frames.
pub(crate) struct Levels {
    now: usize,
    bins: usize,
    /// Frame by frame, bin by bin, as far as there was sound; what is older than is kept gives way.
    values: Vec<f32>,
    all: Vec<f32>,
}

impl Levels {
    /// Decibels of a bin at a time; silence where nothing is known (any more).
    pub(crate) fn at(&self, bin: usize, time: usize) -> f32 {
        self.values.get(time % KEPT * self.bins + bin).copied().unwrap_or(FLOOR)
    }

    /// The mean of a bin's decibels.
    pub(crate) fn mean(&self, bin: usize, times: std::ops::Range<usize>) -> f32 {
        let count = times.len().max(1) as f32;
        times.map(|time| self.at(bin, time)).sum::<f32>() / count
    }

    /// Whether hardly anything else sounds with a tone.
    pub(crate) fn is_alone(&self, stroke: &Stroke) -> bool {
        let core = stroke.core();
        let count = core.len().max(1) as f32;
        let all = core.filter_map(|time| self.all.get(time % KEPT)).sum::<f32>() / count;
        all - stroke.level <= ALONE
    }

    /// How many bins there are.
    pub(crate) fn bins(&self) -> usize {
        self.bins
    }
}

/// Finds tones that are switched on and off in single bins of the spectrum, whatever sounds beside them.
///
/// In a bin that music or speech leaves fairly quiet, a tone stands out however loud they are elsewhere.
pub(crate) struct Keyed {
    pub(crate) levels: Levels,
    rises: Vec<VecDeque<usize>>,
    strokes: Vec<VecDeque<Stroke>>,
}

impl Keyed {
    /// Nothing heard yet.
    pub(crate) fn new() -> Self {
        let levels = Levels { now: LEAD, bins: 0, values: Vec::new(), all: Vec::new() };
        Self { levels, rises: Vec::new(), strokes: Vec::new() }
    }

    /// The number of the next frame.
    pub(crate) fn now(&self) -> usize {
        self.levels.now
    }

    /// Takes the next frame and gives the tones that are over with it.
    pub(crate) fn push(&mut self, frame: &Frame) -> Vec<Stroke> {
        let Levels { now, bins, values, all } = &mut self.levels;
        if *bins == 0 {
            *bins = frame.shape.len();
            self.rises.resize_with(*bins, VecDeque::new);
            self.strokes.resize_with(*bins, VecDeque::new);
        }
        let place = *now % KEPT;
        if all.len() <= place {
            all.resize(place + 1, FLOOR);
            values.resize((place + 1) * *bins, FLOOR);
        }
        if let Some(row) = values.get_mut(place * *bins..) {
            let powers = frame.shape.iter().map(|part| part * frame.scale);
            row.iter_mut().zip(powers).for_each(|(slot, power)| *slot = decibels(power));
        }
        if let Some(slot) = all.get_mut(place) {
            *slot = decibels(frame.power);
        }
        *now += 1;
        let mut over = Vec::new();
        // What is to be known after an edge is known now.
        let at = self.levels.now - 1 - (SMEAR + REACH);
        for bin in 0..self.levels.bins() {
            let slope = |time: usize| self.levels.at(bin, time + REACH) - self.levels.at(bin, time - REACH);
            let here = slope(at);
            if here.abs() < EDGE {
                continue;
            }
            let steepest = (at - REACH..=at + REACH).all(|time| slope(time) * here.signum() <= here.abs());
            if steepest && here > 0.0 {
                if let Some(rises) = self.rises.get_mut(bin) {
                    rises.push_back(at);
                }
            } else if steepest {
                over.extend(self.ending(bin, at));
            }
        }
        for stroke in &over {
            self.keep(stroke);
        }
        over
    }

    /// The tones of a bin that end at a time.
    fn ending(&mut self, bin: usize, end: usize) -> Vec<Stroke> {
        let Some(rises) = self.rises.get_mut(bin) else { return Vec::new() };
        while rises.front().is_some_and(|rise| rise + LENGTH.1 < end) {
            rises.pop_front();
        }
        let fitting = |rise: &&usize| **rise + LENGTH.0 <= end;
        let Some(rises) = self.rises.get(bin) else { return Vec::new() };
        let rises = rises.iter().rev().take(RISES).filter(fitting);
        rises.filter_map(|rise| self.levels.stroke(bin, *rise, end)).collect()
    }

    fn keep(&mut self, stroke: &Stroke) {
        let forgotten = self.levels.now.saturating_sub(KEPT) as f64;
        if let Some(strokes) = self.strokes.get_mut(stroke.bin) {
            while strokes.len() >= MOST || strokes.front().is_some_and(|first| first.start < forgotten) {
                strokes.pop_front();
            }
            strokes.push_back(stroke.clone());
        }
    }

    /// The remembered tones of a bin and of as many on either side.
    pub(crate) fn near(&self, bin: usize, beside: usize) -> impl Iterator<Item = &Stroke> {
        let first = bin.saturating_sub(beside);
        self.strokes.iter().skip(first).take(bin + beside + 1 - first).flatten()
    }

    /// All remembered tones.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Stroke> {
        self.strokes.iter().flatten()
    }
}

impl Levels {
    /// The tone between two edges of a bin, if what is there is one.
    fn stroke(&self, bin: usize, rise: usize, fall: usize) -> Option<Stroke> {
        let core = rise + SMEAR..fall + 1 - SMEAR;
        let at = |time: usize| self.at(bin, time);
        // Most pairs of edges have no tone between them, which five looks tell.
        let [_, low, middle, high, _] =
            ordered(std::array::from_fn(|part| at(core.start + core.len() * part / 5)));
        let outside = at(rise - SMEAR).max(at(fall + SMEAR));
        if middle < FAINTEST || middle - low > HALF + WAVER || high - middle > HALF || outside > high - HALF {
            return None;
        }
        let mut sorted: Vec<f32> = core.clone().map(at).collect();
        let middle = sorted.len() / 2;
        // Where too few are as much louder than what is outside, the median is not, and need not be known.
        let louder = sorted.iter().filter(|value| **value > outside + HALF).count();
        if louder + middle < sorted.len() {
            return None;
        }
        let level = *sorted.select_nth_unstable_by(middle, f32::total_cmp).1;
        let half = level - HALF;
        let (before, after) = (rise - SMEAR, fall + SMEAR);
        if level < FAINTEST || outside >= half {
            return None;
        }
        // What sounds in the bin beside the tone adds to it and takes from it while it sounds.
        let power = |time: usize| 10.0f32.powf((at(time) - level) / 10.0);
        let beside = |times: std::ops::Range<usize>| times.map(power).sum::<f32>() / 3.0;
        let ground = beside(before - 2..before + 1).max(beside(after..after + 3));
        let other = ground.sqrt().min(0.5);
        let most = level + WAVER + 20.0 * (1.0 + other).log10();
        let least = level - WAVER + 20.0 * (1.0 - other).log10();
        let keeps = sorted.iter().filter(|value| (least..=most).contains(*value)).count();
        if (keeps as f32) < KEEPS * sorted.len() as f32 {
            return None;
        }
        let peak = self.mean(bin, core.clone());
        let beside = |by: usize| {
            let lower = bin.checked_sub(by).map_or(FLOOR, |bin| self.mean(bin, core.clone()));
            lower.max(if bin + by < self.bins() { self.mean(bin + by, core.clone()) } else { FLOOR })
        };
        if beside(1) > peak + WAVER || beside(SMEAR) > peak - NARROW {
            return None;
        }
        let crossing = |over: usize, under: usize| {
            let (over, under) = (at(over), at(under));
            f64::from((over - half) / (over - under)).clamp(0.0, 1.0)
        };
        let start = (before..rise + SMEAR).rev().find(|time| at(*time) < half)?;
        let end = (fall + 1 - SMEAR..=after).find(|time| at(*time) < half)?;
        let start = (start + 1) as f64 - crossing(start + 1, start);
        let end = (end - 1) as f64 + crossing(end - 1, end);
        Some(Stroke { bin, start, end, level })
    }
}

fn decibels(power: f32) -> f32 {
    // Of the logarithms the one to base 2 is the quickest.
    10.0 * std::f32::consts::LOG10_2 * (power + 1e-12).log2()
}

/// Five levels in order, in as few steps as it takes.
fn ordered([a, b, c, d, e]: [f32; 5]) -> [f32; 5] {
    let pair = |one: f32, other: f32| (one.min(other), one.max(other));
    let ((a, b), (d, e)) = (pair(a, b), pair(d, e));
    let (c, e) = pair(c, e);
    let (c, d) = pair(c, d);
    let (a, d) = pair(a, d);
    let (a, c) = pair(a, c);
    let (b, e) = pair(b, e);
    let (b, d) = pair(b, d);
    let (b, c) = pair(b, c);
    [a, b, c, d, e]
}

#[cfg(test)]
mod tests {
    use super::{Keyed, LEAD, Stroke};
    use crate::sound::spectrum::Spectrum;
    use crate::sound::trial::{Score, noise};

    fn strokes(values: &[f32]) -> Vec<Stroke> {
        let (mut spectrum, mut keyed, mut found) =
            (Spectrum::new(8_000.0).unwrap(), Keyed::new(), Vec::new());
        spectrum.push(values, |frame| found.extend(keyed.push(&frame)));
        found
    }

    #[test]
    fn five_levels_are_put_in_order() {
        for mut number in 0..3_125_u16 {
            let five: [f32; 5] = std::array::from_fn(|_| {
                let digit = number % 5;
                number /= 5;
                f32::from(digit)
            });
            let mut sorted = five;
            sorted.sort_unstable_by(f32::total_cmp);
            assert_eq!(super::ordered(five), sorted, "{five:?}");
        }
    }

    #[test]
    fn edges_are_found_in_another_sound() {
        let score =
            || Score::new(8_000).rest(203.0).tone(57.0, 1_000.0, 0.2).rest(71.0).tone(171.0, 1_000.0, 0.2);
        let values = score().rest(300.0).values;
        let other = Score::new(8_000).tone(900.0, 530.0, 0.6).values;
        let mixed: Vec<f32> = values.iter().zip(&other).map(|(one, two)| one + two).collect();
        for (values, hissing) in [(&values, false), (&mixed, false), (&values, true)] {
            let hiss = noise(values.len(), if hissing { 0.1 } else { 0.0 }, 4);
            let values: Vec<f32> = values.iter().zip(hiss).map(|(one, two)| one + two).collect();
            let found = strokes(&values);
            for (start, end) in [(203.0, 260.0), (331.0, 502.0)] {
                let at = |frames: f64| (frames - LEAD as f64) * 5.0;
                let near =
                    |one: &&Stroke| (at(one.start) - start).abs() < 6.0 && (at(one.end) - end).abs() < 6.0;
                assert!(found.iter().any(|one| near(&one)), "{start}: {found:?}");
            }
        }
    }

    #[test]
    fn noise_falling_and_trembling_tones_are_none() {
        let long = |one: &&Stroke| one.end - one.start > 40.0;
        assert!(strokes(&noise(80_000, 0.3, 3)).iter().filter(long).count() < 3);
        let tone = Score::new(8_000).rest(100.0).tone(300.0, 800.0, 0.5).rest(200.0).values;
        assert!(!strokes(&tone).is_empty(), "the test itself");
        let with = |change: fn(f32) -> f32| {
            let values = tone.iter().enumerate().map(|(at, value)| value * change(at as f32 / 8_000.0));
            strokes(&values.collect::<Vec<_>>())
        };
        assert!(with(|time| (-8.0 * time).exp()).is_empty());
        assert!(with(|time| 0.8 + 0.2 * (20.0 * std::f32::consts::TAU * time).sin()).is_empty());
    }
}
