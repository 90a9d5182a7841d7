use super::keyed::{HALF, Keyed, LEAD, Stroke};
use super::spectrum::{Frame, Spectrum};
use super::timing::Timing;
use super::whole;

/// Decibels by which the levels of a rhythm's tones may differ.
const EVEN: f32 = 4.0;
/// Part of the frames of a gap, and of what is next to the rhythm, in which the tone is off.
const OFF: (f32, f32) = (0.85, 0.7);
/// Decibels under the tone that half of a gap's frames stay below.
const GAP: f32 = 8.0;
/// Units next to the rhythm in which the tone is off.
const BESIDE_UNITS: f64 = 1.0;
/// Units next to the rhythm in which notes of another pitch on both sides make a melody of it.
const LONELY_UNITS: f64 = 3.0;
/// Units, and seconds, next to the rhythm in which the same tone does not sound again: more than the gap
/// between two words in Morse code, which is 7 units.
const PATIENCE: (f64, f64) = (12.0, 1.0);
/// Units that another tone has to last to be a sign or a note beside the rhythm's.
const NOTE: f64 = 0.7;
/// Frames by which the edges of two tones that are switched together may differ.
const TOGETHER: f64 = 4.0;
/// Decibels under a note down to which its octave is heard with it, and by which that rises with the note.
const OCTAVE: (f32, f32) = (20.0, 6.0);
/// Most rhythms that are followed at a time, and reported of one file.
const MOST: usize = 1_000;

/// A rhythm that was heard under other sound. Times are in frames.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Amidst {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) timing: Timing,
    pub(crate) tone_hz: f64,
    /// Whether it may be four notes of a piece of music.
    pub(crate) doubtful: bool,
}

/// A rhythm with the bin of its tone and the powers there and beside it.
struct Accepted {
    start: f64,
    end: f64,
    timing: Timing,
    bin: usize,
    shape: Vec<f32>,
    doubtful: bool,
}

/// Hears the rhythm under music and speech: in each bin of the spectrum by itself.
pub(crate) struct Amid {
    hop: f64,
    /// The number of the band's lowest bin.
    low: usize,
    keyed: Keyed,
    waiting: Vec<Candidate>,
    judged: Vec<Candidate>,
    found: Vec<Accepted>,
}

/// Four tones that are the rhythm, if what stands around them allows.
#[derive(Clone, Debug)]
struct Candidate {
    strokes: [Stroke; 4],
    timing: Timing,
}

impl Candidate {
    fn bin(&self) -> usize {
        self.strokes[1].bin
    }

    fn start(&self) -> f64 {
        self.strokes[0].start
    }

    fn end(&self) -> f64 {
        self.strokes[3].end
    }

    fn level(&self) -> f32 {
        self.strokes[1].level
    }

    /// Frames of one unit.
    fn unit(&self, hop: f64) -> f64 {
        self.timing.short / hop
    }

    fn patience(&self, hop: f64) -> f64 {
        (PATIENCE.0 * self.unit(hop)).max(PATIENCE.1 / hop)
    }

    /// Whether two are the same tones, seen in two bins.
    fn is(&self, other: &Self) -> bool {
        self.bin().abs_diff(other.bin()) <= 3 && (self.start() - other.start()).abs() < TOGETHER
    }

    /// The rests between its tones, without the frames that the window smears.
    fn gaps(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let pairs = self.strokes.iter().zip(self.strokes.iter().skip(1));
        pairs.map(|(one, next)| whole(one.end) + 3..whole(next.start).saturating_sub(2))
    }
}

impl Amid {
    /// Nothing heard yet.
    pub(crate) fn new(spectrum: &Spectrum) -> Self {
        let (hop, low, keyed) = (spectrum.hop(), spectrum.low(), Keyed::new());
        Self { hop, low, keyed, waiting: Vec::new(), judged: Vec::new(), found: Vec::new() }
    }

    /// Takes the next frame.
    pub(crate) fn push(&mut self, frame: &Frame) {
        for stroke in self.keyed.push(frame) {
            if let Some(candidate) = self.ending(&stroke) {
                self.follow(candidate);
            }
        }
        self.judge(self.keyed.now() as f64);
    }

    /// All rhythms that were heard, in order.
    pub(crate) fn finish(mut self, spectrum: &Spectrum) -> Vec<Amidst> {
        self.judge(f64::INFINITY);
        self.found.sort_by(|one, two| one.start.total_cmp(&two.start));
        let lead = LEAD as f64;
        let heard = |one: &Accepted| Amidst {
            start: one.start - lead,
            end: one.end - lead,
            timing: one.timing,
            tone_hz: spectrum.pitch(&one.shape),
            doubtful: one.doubtful,
        };
        self.found.iter().map(heard).collect()
    }

    /// The rhythm that ends with this tone, if one does.
    fn ending(&self, last: &Stroke) -> Option<Candidate> {
        let short = last.end - last.start;
        let even = |one: &Stroke| (one.level - last.level).abs() <= EVEN;
        // How far before a tone the one before it can end, in letters and between them.
        let within = |one: &Stroke, next: &Stroke, units: f64| {
            one.end < next.start && next.start - one.end <= units * short
        };
        let alike = |one: &Stroke| ((one.end - one.start) - short).abs() <= 0.25 * short + 3.0;
        let before = |next: Stroke, units: f64| {
            let fitting = move |one: &&Stroke| even(one) && within(one, &next, units);
            self.keyed.near(last.bin, 1).filter(fitting).cloned().collect::<Vec<_>>()
        };
        let edge = |stroke: &Stroke| (stroke.start * self.hop, stroke.end * self.hop);
        for third in before(last.clone(), 3.5).into_iter().filter(alike) {
            for second in before(third.clone(), 9.0) {
                for first in before(second.clone(), 3.5).into_iter().filter(alike) {
                    let tones = [edge(&first), edge(&second), edge(&third), edge(last)];
                    if let Some(timing) = Timing::of(&tones) {
                        let strokes = [first, second.clone(), third.clone(), last.clone()];
                        let candidate = Candidate { strokes, timing };
                        if self.is_off(&candidate) {
                            return Some(candidate);
                        }
                    }
                }
            }
        }
        None
    }

    /// Keeps a candidate until what comes after it is known.
    fn follow(&mut self, candidate: Candidate) {
        if let Some(known) = self.waiting.iter_mut().find(|known| known.is(&candidate)) {
            if candidate.level() > known.level() {
                *known = candidate;
            }
        } else if self.waiting.len() < MOST {
            self.waiting.push(candidate);
        }
    }

    fn judge(&mut self, time: f64) {
        let hop = self.hop;
        // Until a second rhythm that begins within patience would be over.
        let is_due = |one: &Candidate| {
            time - one.end() > one.patience(hop) + (one.end() - one.start()) + 2.0 * TOGETHER + 16.0
        };
        if !self.waiting.iter().any(is_due) {
            return;
        }
        let due: Vec<Candidate> = self.waiting.extract_if(.., |one| is_due(one)).collect();
        for candidate in due {
            if self.stands_apart(&candidate) && self.is_pure(&candidate) {
                self.add(&candidate);
            }
            self.judged.push(candidate);
        }
        self.judged.retain(|one| time - one.end() < 4_000.0);
    }

    /// Adds one; a rhythm that is given several times over is one notice.
    fn add(&mut self, candidate: &Candidate) {
        let (start, end, bin) = (candidate.start(), candidate.end(), candidate.bin());
        // Other sound has notes of its own, of which four may happen to be as long as these.
        let doubtful = !candidate.timing.has_letters();
        let again = |one: &&mut Accepted| {
            let same = one.timing.resembles(&candidate.timing) && one.bin.abs_diff(bin) <= 1;
            (same && start - one.end < candidate.patience(self.hop)) || (one.start < end && start < one.end)
        };
        if let Some(before) = self.found.iter_mut().rev().find(again) {
            before.end = before.end.max(end);
            before.doubtful &= doubtful;
        } else if self.found.len() < MOST {
            let levels = &self.keyed.levels;
            let power = |at: usize| 10.0f32.powf(levels.mean(at, candidate.strokes[1].core()) / 10.0);
            let near = |at: usize| if at.abs_diff(bin) <= 1 { power(at) } else { 0.0 };
            let shape = (0..levels.bins()).map(near).collect();
            self.found.push(Accepted { start, end, timing: candidate.timing, bin, shape, doubtful });
        }
    }

    /// Whether the tone is off in the gaps.
    fn is_off(&self, candidate: &Candidate) -> bool {
        let (bin, level) = (candidate.bin(), candidate.level());
        candidate.gaps().all(|gap| {
            let mut levels: Vec<f32> = gap.map(|time| self.keyed.levels.at(bin, time)).collect();
            let off = levels.iter().filter(|value| **value < level - HALF).count();
            levels.sort_unstable_by(f32::total_cmp);
            off as f32 >= OFF.0 * levels.len() as f32
                && levels.get(levels.len() / 2).is_none_or(|middle| *middle < level - GAP)
        })
    }

    /// Whether the rhythm is neither a part of a longer message nor of a melody.
    fn stands_apart(&self, candidate: &Candidate) -> bool {
        let (bin, level, hop) = (candidate.bin(), candidate.level(), self.hop);
        let (start, end, unit) = (candidate.start(), candidate.end(), candidate.unit(hop));
        let off = |times: std::ops::Range<usize>| {
            let count = times.len() as f32;
            let off = times.filter(|time| self.keyed.levels.at(bin, *time) < level - HALF).count();
            off as f32 >= OFF.1 * count
        };
        let reach = BESIDE_UNITS * unit;
        let (first, last) = (whole(start).saturating_sub(3), whole(end) + 4);
        let before = first.saturating_sub(whole(reach)).max(LEAD).min(first)..first;
        let after = last..(last + whole(reach)).min(self.keyed.now().max(last));
        if !off(before) || !off(after) {
            return false;
        }
        let own = |stroke: &Stroke| candidate.strokes.iter().any(|own| own.overlaps(stroke));
        let around = |stroke: &Stroke, by: f64| stroke.end > start - by && stroke.start < end + by;
        let again = |stroke: &Stroke| {
            let others = self.waiting.iter().chain(&self.judged);
            let mut again =
                others.filter(|one| one.timing.resembles(&candidate.timing) && !one.is(candidate));
            again.any(|one| {
                let apart = (one.start() - end).max(start - one.end());
                let letter_gap = candidate.timing.letter_gap.max(candidate.timing.gap) / hop;
                one.strokes.iter().any(|part| part.overlaps(stroke)) && apart > 1.2 * letter_gap
            })
        };
        let patience = candidate.patience(hop);
        let alike = |stroke: &Stroke| (stroke.level - level).abs() <= EVEN;
        // Of the same sender it has the length of one of its two signs.
        let sign = |stroke: &Stroke| {
            let length = (stroke.end - stroke.start) * hop;
            [candidate.timing.short, candidate.timing.long]
                .iter()
                .any(|sign| (length - sign).abs() <= 0.3 * sign)
        };
        let continued = self.keyed.near(bin, 1).any(|stroke| {
            around(stroke, patience) && alike(stroke) && sign(stroke) && !own(stroke) && !again(stroke)
        });
        // Notes of a melody stand one after another: in the gaps of this, or before and after it.
        let notes = || {
            self.keyed.all().filter(|stroke| {
                stroke.bin.abs_diff(bin) >= 3
                    && alike(stroke)
                    && stroke.end - stroke.start <= 5.0 * unit
                    && around(stroke, LONELY_UNITS * unit)
                    && stroke.end - stroke.start >= NOTE * unit
                    && !own(stroke)
                    && !again(stroke)
                    && self.keyed.levels.is_alone(stroke)
            })
        };
        let (before, after) = (notes().any(|note| note.end <= start), notes().any(|note| note.start >= end));
        let inside = notes().any(|note| note.start > start && note.end < end);
        let melody = before && after && !candidate.timing.has_letters();
        !continued && !inside && !melody
    }

    /// Whether it is a tone and no note: those have an octave, which sounds and rests with them.
    fn is_pure(&self, candidate: &Candidate) -> bool {
        let levels = &self.keyed.levels;
        // It may itself be the octave, or twice as high as that.
        let upper = 2 * candidate.bin() + self.low;
        let lower = ((candidate.bin() + self.low) / 2).checked_sub(self.low);
        let near = |bin: usize| bin.saturating_sub(1)..(bin + 2).min(levels.bins());
        !near(upper).chain(lower.into_iter().flat_map(near)).any(|bin| {
            let on = candidate.strokes.iter().map(|stroke| levels.mean(bin, stroke.core()));
            let on = on.fold(f32::INFINITY, f32::min);
            let off = candidate.gaps().map(|gap| levels.mean(bin, gap)).fold(f32::NEG_INFINITY, f32::max);
            on >= candidate.level() - OCTAVE.0 && on >= off + OCTAVE.1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Amid, Amidst};
    use crate::sound::spectrum::Spectrum;
    use crate::sound::trial::{Score, noise};

    fn heard(values: &[f32]) -> Vec<Amidst> {
        let mut spectrum = Spectrum::new(8_000.0).unwrap();
        let mut amid = Amid::new(&spectrum);
        spectrum.push(values, |frame| amid.push(&frame));
        amid.finish(&spectrum)
    }

    const LENGTHS: [f64; 4] = [110.0, 330.0, 110.0, 110.0];
    const GAPS: [f64; 3] = [110.0, 330.0, 110.0];

    /// Two held notes and noise, as loud together as 0.32 of full scale.
    fn music(ms: f64) -> Vec<f32> {
        let notes = [Score::new(8_000).tone(ms, 440.0, 0.3), Score::new(8_000).tone(ms, 1_320.0, 0.25)];
        let [one, two] = notes.map(|score| score.values);
        let hiss = noise(one.len(), 0.1, 8);
        one.iter().zip(two).zip(hiss).map(|((one, two), three)| one + two + three).collect()
    }

    fn mixed(score: &Score) -> Vec<f32> {
        let bed = music(score.values.len() as f64 / 8.0);
        score.values.iter().zip(bed).map(|(one, two)| one + two).collect()
    }

    #[test]
    fn it_is_heard_under_music_louder_than_it() {
        for (hz, peak) in [(2_013.0, 0.4), (2_013.0, 0.15), (770.0, 0.2)] {
            let score = Score::new(8_000).rest(2_700.0).tones(&LENGTHS, &GAPS, hz, peak).rest(3_000.0);
            let heard = heard(&mixed(&score));
            assert_eq!(heard.len(), 1, "{hz} {peak}");
            assert!((heard[0].start * 0.005 - 2.7).abs() < 0.01, "{heard:?}");
            assert!((heard[0].timing.short - 0.110).abs() < 0.012, "{heard:?}");
            assert!((heard[0].timing.long - 0.330).abs() < 0.012, "{heard:?}");
            assert!((heard[0].tone_hz - f64::from(hz)).abs() < 20.0 && !heard[0].doubtful, "{heard:?}");
        }
        assert!(heard(&music(9_000.0)).is_empty());
    }

    #[test]
    fn longer_messages_and_notes_under_music_are_not_it() {
        let new = || Score::new(8_000).rest(2_000.0);
        assert_eq!(heard(&mixed(&new().morse(".- ..", 100.0, 2_013.0, 0.4).rest(3_000.0))).len(), 1);
        for code in [".- .. -", "- .- ..", ".--. .- .. -..", "...", ".-.", "... .- .. -.. /.-"] {
            let score = new().morse(code, 100.0, 2_013.0, 0.4).rest(3_000.0);
            assert!(heard(&mixed(&score)).is_empty(), "{code}");
        }
        let inside = new().tones(&LENGTHS[..2], &GAPS, 2_013.0, 1.0).rest(110.0).tone(110.0, 800.0, 1.0);
        let inside = inside.rest(110.0).tones(&LENGTHS[2..], &[110.0], 2_013.0, 1.0).rest(3_000.0);
        assert!(heard(&mixed(&inside)).is_empty(), "a note in the gap");
    }

    /// A note sounds with its octave, and a signal that is made does not.
    #[test]
    fn notes_with_octaves_are_not_it() {
        let score = |hz| Score::new(8_000).rest(2_000.0).tones(&LENGTHS, &GAPS, hz, 0.4).rest(3_000.0);
        let note: Vec<f32> =
            score(700.0).values.iter().zip(score(1_400.0).values).map(|(one, two)| one + 0.4 * two).collect();
        assert_eq!(heard(&score(700.0).values).len(), 1, "the test itself");
        assert!(heard(&note).is_empty());
    }

    #[test]
    fn without_the_longer_gap_between_letters_it_may_be_music() {
        let score = Score::new(8_000).rest(2_700.0).tones(&LENGTHS, &[110.0; 3], 2_013.0, 0.4).rest(3_000.0);
        let heard = heard(&mixed(&score));
        assert!(heard.len() == 1 && heard[0].doubtful, "{heard:?}");
    }

    #[test]
    fn twice_over_is_one_notice() {
        let score = Score::new(8_000).rest(2_000.0).tones(&LENGTHS, &GAPS, 2_013.0, 0.4).rest(600.0);
        let score = score.tones(&LENGTHS, &GAPS, 2_013.0, 0.4).rest(3_000.0);
        assert_eq!(heard(&mixed(&score)).len(), 1);
    }
}
