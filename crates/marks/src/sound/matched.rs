use std::ops::Range;

use super::clip::own_sentences;
use super::decimate::Decimator;
use super::voices::{Forward, LONGEST_SPAN, RATE, Room, Voice, Voices, smooth};
use super::{single, whole};
use crate::MarkError;
use indicia_core::{FormatError, Strength};
use indicia_media::SoundStream;
use realfft::num_complex::Complex32;

/// Standard deviations of the correlation with sound at large from which on a recording is there.
const THRESHOLD: f64 = 8.0;
/// The probability that a normal variable exceeds [`THRESHOLD`].
const TAIL: f64 = 6.3e-16;
/// Seconds of the parts of a sentence that have to agree each by itself, so that a sentence with one other word in it
/// does not pass.
const PART: f64 = 0.4;
/// What a part has to reach: standard deviations of its own correlation, and of what the whole sentence agrees.
const PART_AGREES: (f64, f64) = (3.5, 0.2);
/// Power of a part, against the sentence's, under which it is a pause and does not count.
const PAUSE: f64 = 0.06;
/// Values a second below which sound is too dull for speech.
const LEAST_RATE: f64 = 2_700.0;
/// Seconds between two places of one sentence.
const APART: f64 = 0.25;
/// Seconds of a sentence that sound may lack at its end for the sentence to be looked for: a coder's shift.
const SHORT: f64 = 0.05;
/// Part of the mean energy under which a stretch is silence.
const SILENCE: f64 = 1e-5;
/// Most places reported of one file.
const MOST: usize = 1_000;

/// A sentence of this program's own that was heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// Which of those that are bundled.
    pub(crate) sentence: usize,
    /// Seconds from the start of the sound to its start.
    pub(crate) start: f64,
    /// Seconds to its end.
    pub(crate) end: f64,
    /// Correlation, 0 to 1: 1 if nothing else sounds.
    pub(crate) agreement: f64,
    /// Standard deviations, the threshold, and the bound on false alarms that follows from how many places were tried.
    pub(crate) strength: Strength,
}

/// What came of listening to a stream.
pub(crate) struct Heard {
    /// What was said, in order.
    pub(crate) said: Vec<Said>,
    /// Seconds that were heard.
    pub(crate) seconds: f64,
    /// What ended it early.
    pub(crate) failure: Option<FormatError>,
}

/// Listens to a whole stream for the sentences of this program's own, in bounded memory.
///
/// # Errors
/// If sound of its rate or channels cannot be listened to.
pub(crate) fn listen(stream: &mut dyn SoundStream) -> Result<Heard, MarkError> {
    let facts = stream.facts();
    let refused = || {
        MarkError::Blind(format!(
            "sound of {} Hz and {} channels cannot be listened to",
            facts.rate, facts.channels
        ))
    };
    let mut decimator = Decimator::new(facts.rate, facts.channels)
        .filter(|decimator| decimator.rate() >= LEAST_RATE)
        .ok_or_else(refused)?;
    let mut matcher = Matcher::new(decimator.rate());
    let (mut block, mut lower) = (Vec::new(), Vec::new());
    let failure = loop {
        block.clear();
        lower.clear();
        let more = stream.next_block(&mut block);
        decimator.push(&block, &mut lower);
        if !matches!(more, Ok(true)) {
            decimator.finish(&mut lower);
        }
        matcher.push(&lower)?;
        match more {
            Ok(true) => {}
            Ok(false) => break None,
            Err(err) => break Some(err),
        }
    };
    matcher.finish(failure)
}

/// Correlates sound with all sentences, a block at a time.
///
/// Both are whitened by the spectrum of the sound and of the voices together: music is steady over some hertz and speech is
/// not, so that a sentence stands out of music that is louder than it.
struct Matcher {
    rate: f64,
    /// What the last span was made a spectrum of by.
    forward: Option<Forward>,
    room: Room,
    buffer: Vec<f32>,
    dropped: usize,
    /// Places that were tried, all sentences together.
    tried: usize,
    said: Vec<Said>,
}

/// One block, whitened.
struct White {
    spectrum: Vec<Complex32>,
    gains: Vec<f32>,
    values: Vec<f32>,
    /// Energies of all values before each, and of all.
    energies: Vec<f64>,
}

impl Matcher {
    /// Nothing heard yet.
    fn new(rate: f64) -> Self {
        Self {
            rate,
            forward: None,
            room: Room::default(),
            buffer: Vec::new(),
            dropped: 0,
            tried: 0,
            said: Vec::new(),
        }
    }

    fn push(&mut self, values: &[f32]) -> Result<(), MarkError> {
        self.buffer.extend_from_slice(values);
        while self.buffer.len() > whole(LONGEST_SPAN * self.rate) {
            let voices = voices(LONGEST_SPAN)?;
            let starts = voices.length() - voices.longest();
            self.look(voices, starts, voices.length());
            let done = whole(starts as f64 * self.rate / RATE);
            self.buffer.drain(..done);
            self.dropped += done;
        }
        Ok(())
    }

    fn finish(mut self, failure: Option<FormatError>) -> Result<Heard, MarkError> {
        let left = self.buffer.len() as f64 / self.rate;
        // Most short files are too short for anything to be said in them.
        if own_sentences().is_some_and(|all| all.iter().any(|sentence| sentence.seconds <= left + SHORT)) {
            let voices = voices(left)?;
            self.look(voices, voices.length(), whole((left + SHORT) * RATE));
        }
        // Of sentences that overlap, one is there: the others share words with it.
        let mut said: Vec<Said> = Vec::new();
        self.said.sort_by(|one, two| two.agreement.total_cmp(&one.agreement));
        for one in self.said {
            if said.iter().all(|other| other.end <= one.start || one.end <= other.start) {
                said.push(one);
            }
        }
        said.sort_by(|one, two| one.start.total_cmp(&two.start));
        let seconds = self.dropped as f64 / self.rate + left;
        for one in &mut said {
            one.strength.false_alarm = (self.tried as f64 * TAIL).min(1.0);
        }
        Ok(Heard { said, seconds, failure })
    }

    /// Looks for all sentences that begin in the first `starts` values of the next span and that are not longer than it is
    /// filled, both at [`RATE`].
    fn look(&mut self, voices: &Voices, starts: usize, filled: usize) {
        let taken = self.buffer.len().min(whole(voices.seconds * self.rate));
        let heard = self.buffer.get(..taken).unwrap_or_default();
        let known = self.forward.take().filter(|known| known.is_of(voices));
        let forward = self.forward.insert(known.unwrap_or_else(|| voices.forward(self.rate)));
        let spectrum = forward.band(heard, &mut self.room);
        let Some(white) = White::of(spectrum, voices, &mut self.room) else { return };
        let before = self.dropped as f64 / self.rate;
        for voice in voices.voices.iter().filter(|voice| voice.length <= filled) {
            let starts = starts.min(voices.length() - voice.length + 1);
            self.tried += starts;
            for (at, agreement, deviations) in white.places(voices, voice, starts, &mut self.room) {
                if self.said.len() < MOST {
                    let start = before + at as f64 / RATE;
                    let end = start + voice.length as f64 / RATE;
                    let strength = Strength { statistic: deviations, threshold: THRESHOLD, false_alarm: 0.0 };
                    self.said.push(Said { sentence: voice.sentence, start, end, agreement, strength });
                }
            }
        }
    }
}

fn voices(seconds: f64) -> Result<&'static Voices, MarkError> {
    Voices::lasting(seconds).ok_or_else(|| MarkError::Refused("a bundled recording is broken".into()))
}

impl White {
    /// A block with this spectrum; `None` if it is silent.
    fn of(mut spectrum: Vec<Complex32>, voices: &Voices, room: &mut Room) -> Option<Self> {
        let powers: Vec<f32> = spectrum.iter().map(Complex32::norm_sqr).collect();
        let smoothed = smooth(&powers, voices.seconds);
        let share = smoothed.iter().sum::<f64>() / voices.powers.iter().sum::<f64>();
        if share <= 1e-12 {
            return None;
        }
        let gain = |(power, voices): (&f64, &f64)| single((power + share * voices).max(1e-30).sqrt().recip());
        let gains: Vec<f32> = smoothed.iter().zip(&voices.powers).map(gain).collect();
        spectrum.iter_mut().zip(&gains).for_each(|(value, gain)| *value *= *gain);
        let values = voices.in_time(spectrum.iter().copied(), room).to_vec();
        let mut sum = 0.0;
        let upto = values.iter().map(|value| {
            sum += f64::from(*value).powi(2);
            sum
        });
        let energies = std::iter::once(0.0).chain(upto).collect();
        (sum > 0.0).then_some(Self { spectrum, gains, values, energies })
    }

    /// Where one sentence begins among the first so many values, how well it agrees there, and how many standard
    /// deviations that is.
    fn places(
        &self,
        voices: &Voices,
        voice: &Voice,
        starts: usize,
        room: &mut Room,
    ) -> Vec<(usize, f64, f64)> {
        let product = self.spectrum.iter().zip(&voice.spectrum).zip(&self.gains);
        let sums = voices.in_time(product.map(|((heard, said), gain)| heard * said.conj() * gain), room);
        let whitened = || voice.spectrum.iter().zip(&self.gains).map(|(said, gain)| said * gain);
        let own = 2.0 * whitened().map(|bin| f64::from(bin.norm_sqr())).sum::<f64>() / voices.length() as f64;
        let all = self.energies.last().copied().unwrap_or(0.0);
        let least = SILENCE * all * voice.length as f64 / voices.length() as f64;
        // The block is taken to come again after its end.
        let ends = self.energies.iter().skip(voice.length).map(|end| (end, 0.0));
        let ends = ends.chain(self.energies.iter().skip(1).map(|end| (end, all)));
        // The square of the correlation at each place, with its sign; sound that is silent there agrees with nothing.
        let (mut counted, mut total) = (0.0_f64, 0.0);
        for (sum, (start, (end, before))) in sums.iter_mut().zip(self.energies.iter().zip(ends)) {
            let (value, there) = (f64::from(*sum), before + end - start);
            let square = value * value.abs() / (there * own);
            let square = if there > least { square } else { 0.0 };
            counted += if square == 0.0 { 0.0 } else { 1.0 };
            total += square.abs();
            *sum = single(square);
        }
        let mean = total / counted.max(1.0);
        let deviation = mean.sqrt().max((voice.length as f64).sqrt().recip());
        let reached = (THRESHOLD * deviation).powi(2);
        let mut best: Vec<(usize, f64)> = Vec::new();
        let squares = sums.iter().map(|square| f64::from(*square)).enumerate().take(starts);
        for (at, square) in squares.filter(|(_, square)| *square >= reached) {
            let value = square.sqrt();
            match best.last_mut() {
                Some(last) if ((at - last.0) as f64) < APART * RATE => {
                    if value > last.1 {
                        *last = (at, value);
                    }
                }
                _ => best.push((at, value)),
            }
        }
        if best.is_empty() {
            return Vec::new();
        }
        let wave = voices.in_time(whitened(), room);
        let wave = wave.get(..voice.length).unwrap_or_default();
        best.retain(|(at, value)| self.every_part_agrees(wave, *at, *value, deviation));
        best.into_iter().map(|(at, value)| (at, value, value / deviation)).collect()
    }

    fn every_part_agrees(&self, wave: &[f32], at: usize, agreement: f64, deviation: f64) -> bool {
        let part = whole(PART * RATE);
        let all = energy(wave);
        let parts = parts(wave.len(), part);
        parts.into_iter().all(|part| {
            let (Some(said), Some(heard)) =
                (wave.get(part.clone()), self.values.get(at + part.start..at + part.end))
            else {
                return false;
            };
            let own = energy(said);
            if own < PAUSE * all * part.len() as f64 / wave.len() as f64 {
                return true;
            }
            let both: f64 = said.iter().zip(heard).map(|(one, two)| f64::from(*one) * f64::from(*two)).sum();
            let least = (PART_AGREES.0 * deviation * (all / own).sqrt()).max(PART_AGREES.1 * agreement);
            both >= least.min(0.9) * (own * energy(heard)).sqrt()
        })
    }
}

/// Parts of about a length that make up a whole.
fn parts(whole: usize, part: usize) -> Vec<Range<usize>> {
    let count = (whole / part).max(1);
    (0..count).map(|at| whole * at / count..whole * (at + 1) / count).collect()
}

fn energy(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::{Heard, listen};
    use crate::sound::clip::own_sentences;
    use crate::sound::resample::resample;
    use crate::sound::trial::{Score, Trial, noise};

    fn heard(rate: u32, values: &[f32]) -> Heard {
        listen(&mut Trial::new(rate, 1, values.to_vec())).unwrap()
    }

    fn mixed(bed: &mut [f32], said: &[f32], at: usize, gain: f32) {
        bed.iter_mut().skip(at).zip(said).for_each(|(value, said)| *value += gain * said);
    }

    #[test]
    fn every_sentence_is_heard_under_louder_sound_and_told_from_the_others() {
        let sentences = own_sentences().unwrap();
        assert_eq!(sentences.len(), 10);
        for (number, sentence) in sentences.iter().enumerate() {
            let rate = [8_000, 11_025, 22_050, 44_100][number % 4];
            let said = resample(&sentence.clip().unwrap().values, 16_000, rate).unwrap();
            let music = Score::new(rate).tone(9_000.0, 440.0, 0.1).values;
            let mut bed = noise(music.len(), 0.05, 7);
            mixed(&mut bed, &music, 0, 1.0);
            let at = rate as usize * 2 + 777;
            let rms = (said.iter().map(|value| value * value).sum::<f32>() / said.len() as f32).sqrt();
            mixed(&mut bed, &said, at, 0.05 / rms);
            let found = heard(rate, &bed).said;
            assert_eq!(found.len(), 1, "{}: {found:?}", sentence.words);
            assert_eq!(found[0].sentence, number, "{}", sentence.words);
            assert!((found[0].start - at as f64 / f64::from(rate)).abs() < 0.002, "{found:?}");
            assert!(found[0].strength.statistic > 8.0 && found[0].strength.false_alarm < 1e-8, "{found:?}");
        }
    }

    #[test]
    fn other_sound_is_not_it() {
        let sentences = own_sentences().unwrap();
        let said = |at: usize| sentences[at].clip().unwrap().values;
        for values in [
            noise(160_000, 0.2, 3),
            Score::new(16_000).babble(8_000.0, 0.3).values,
            Score::new(16_000).tone(9_000.0, 300.0, 0.3).values,
            vec![0.0; 100_000],
            Vec::new(),
            said(0)[..said(0).len() * 2 / 3].to_vec(),
            said(0).iter().rev().copied().collect(),
        ] {
            let found = heard(16_000, &values).said;
            assert!(found.is_empty(), "{found:?}");
        }
        assert!(listen(&mut Trial::new(8_000, 0, Vec::new())).is_err());
        assert!(listen(&mut Trial::new(2_000, 1, Vec::new())).is_err());
    }

    /// The voice says "not" in the middle: the same words with another between them are another sentence.
    #[test]
    fn a_word_between_the_words_is_another_sentence() {
        let sentences = own_sentences().unwrap();
        let said = sentences[0].clip().unwrap().values;
        // The joint between its first two pieces.
        let middle = said.windows(600).position(|window| window.iter().all(|value| *value == 0.0)).unwrap();
        let between = resample(&noise(4_000, 0.1, 5), 16_000, 16_000).unwrap();
        let changed = [&said[..middle], &between, &said[middle..]].concat();
        assert_eq!(heard(16_000, &said).said.len(), 1, "the test itself");
        assert!(heard(16_000, &changed).said.is_empty());
    }

    #[test]
    fn all_places_are_found_across_blocks() {
        let sentences = own_sentences().unwrap();
        let said = sentences[6].clip().unwrap().values;
        let mut bed = noise(16_000 * 60, 0.02, 9);
        let places: Vec<usize> = (0..9).map(|turn| 1_000 + 104_321 * turn).collect();
        for at in &places {
            mixed(&mut bed, &said, *at, 1.0);
        }
        let found = heard(16_000, &bed).said;
        let starts: Vec<usize> = found.iter().map(|one| super::whole(one.start * 16_000.0)).collect();
        assert!(starts.iter().zip(&places).all(|(one, two)| one.abs_diff(*two) < 30), "{starts:?}");
        assert_eq!(starts.len(), places.len());
    }
}
