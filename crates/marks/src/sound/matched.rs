use std::ops::Range;
use std::sync::Arc;

use super::clip::Sentence;
use super::decimate::Decimator;
use super::resample::resample;
use super::{single, whole};
use crate::MarkError;
use indicia_core::{FormatError, Strength};
use indicia_media::SoundStream;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex32};

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
/// Hertz that are listened to: what telephones and coders at low rates leave.
const BAND: (f64, f64) = (150.0, 3_600.0);
/// Hertz over which a spectrum is smoothed to whiten by it: the distance of a voice's overtones, or less.
const SMOOTH: f64 = 60.0;
/// Seconds between two places of one sentence.
const APART: f64 = 0.25;
/// Part of the mean energy under which a stretch is silence.
const SILENCE: f64 = 1e-5;
/// Most places reported of one file.
const MOST: usize = 1_000;

/// A sentence of this program's own that was heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// Which of those that were listened for.
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
pub(crate) fn listen(stream: &mut dyn SoundStream, sentences: &[Sentence]) -> Result<Heard, MarkError> {
    let facts = stream.facts();
    let refused = || {
        MarkError::Blind(format!(
            "sound of {} Hz and {} channels cannot be listened to",
            facts.rate, facts.channels
        ))
    };
    let mut decimator = Decimator::new(facts.rate, facts.channels).ok_or_else(refused)?;
    let mut matcher = Matcher::new(decimator.rate(), sentences)?.ok_or_else(refused)?;
    let (mut block, mut lower) = (Vec::new(), Vec::new());
    let failure = loop {
        block.clear();
        lower.clear();
        let more = stream.next_block(&mut block);
        decimator.push(&block, &mut lower);
        if !matches!(more, Ok(true)) {
            decimator.finish(&mut lower);
        }
        matcher.push(&lower);
        match more {
            Ok(true) => {}
            Ok(false) => break None,
            Err(err) => break Some(err),
        }
    };
    Ok(matcher.finish(failure))
}

/// A sentence at the rate that is listened at.
struct Template {
    length: usize,
    spectrum: Vec<Complex32>,
}

/// Correlates sound with all sentences, a block at a time.
///
/// Both are whitened by the spectrum of the sound and of the voices together: music is steady over some hertz and speech is
/// not, so that a sentence stands out of music that is louder than it.
struct Matcher {
    rate: f64,
    length: usize,
    step: usize,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    templates: Vec<Template>,
    voices: Vec<f64>,
    buffer: Vec<f32>,
    dropped: usize,
    said: Vec<Said>,
}

/// One block, whitened.
struct White {
    spectrum: Vec<Complex32>,
    gains: Vec<f32>,
    values: Vec<f32>,
    /// Energies of all values before each.
    energies: Vec<f64>,
}

impl Matcher {
    /// Nothing heard yet; `None` for a rate that is too low for speech.
    fn new(rate: f64, sentences: &[Sentence]) -> Result<Option<Self>, MarkError> {
        let at = u32::try_from(whole(rate)).unwrap_or(0);
        if at < 2_700 || sentences.is_empty() {
            return Ok(None);
        }
        let resampled = |sentence: &Sentence| resample(&sentence.clip.values, sentence.clip.rate, at);
        let values = sentences.iter().map(resampled).collect::<Result<Vec<_>, _>>()?;
        let longest = values.iter().map(Vec::len).max().unwrap_or(1);
        let length = (2 * longest).next_power_of_two();
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let template = |values: Vec<f32>| Template {
            length: values.len(),
            spectrum: transform(&*forward, &values, length),
        };
        let templates: Vec<Template> = values.into_iter().map(template).collect();
        let mut voices = vec![0.0; length / 2 + 1];
        for template in &templates {
            let smoothed = smooth(&template.spectrum, whole(SMOOTH * length as f64 / rate));
            voices.iter_mut().zip(smoothed).for_each(|(sum, power)| *sum += power);
        }
        let step = length - longest + 1;
        let (buffer, said) = (Vec::new(), Vec::new());
        Ok(Some(Self { rate, length, step, forward, inverse, templates, voices, buffer, dropped: 0, said }))
    }

    fn push(&mut self, values: &[f32]) {
        self.buffer.extend_from_slice(values);
        while self.buffer.len() >= self.length {
            self.block();
        }
    }

    fn finish(mut self, failure: Option<FormatError>) -> Heard {
        let all = self.dropped + self.buffer.len();
        while !self.buffer.is_empty() {
            self.block();
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
        let tried = all as f64 * self.templates.len() as f64;
        for one in &mut said {
            one.strength.false_alarm = (tried * TAIL).min(1.0);
        }
        Heard { said, seconds: all as f64 / self.rate, failure }
    }

    /// Looks for all sentences that begin in the next `step` values, and drops those.
    fn block(&mut self) {
        let taken = self.buffer.len().min(self.length);
        if let Some(white) = self.whiten(self.buffer.get(..taken).unwrap_or_default()) {
            for at in 0..self.templates.len() {
                let found = self.places(at, &white);
                let room = MOST.saturating_sub(self.said.len());
                self.said.extend(found.into_iter().take(room));
            }
        }
        let done = self.step.min(self.buffer.len());
        self.buffer.drain(..done);
        self.dropped += done;
    }

    fn whiten(&self, values: &[f32]) -> Option<White> {
        let mut spectrum = transform(&*self.forward, values, self.length);
        let width = self.rate / self.length as f64;
        let smoothed = smooth(&spectrum, whole(SMOOTH / width));
        let share = smoothed.iter().sum::<f64>() / self.voices.iter().sum::<f64>();
        if share <= 1e-12 {
            return None;
        }
        let band = whole(BAND.0 / width)..whole(BAND.1.min(0.45 * self.rate) / width);
        let gain = |(at, (power, voices)): (usize, (&f64, &f64))| {
            if band.contains(&at) { single((power + share * voices).max(1e-12).sqrt().recip()) } else { 0.0 }
        };
        let gains: Vec<f32> = smoothed.iter().zip(&self.voices).enumerate().map(gain).collect();
        spectrum.iter_mut().zip(&gains).for_each(|(value, gain)| *value *= *gain);
        let values = self.back(spectrum.clone());
        let mut energies = vec![0.0];
        let mut sum = 0.0;
        for value in &values {
            sum += f64::from(*value).powi(2);
            energies.push(sum);
        }
        (sum > 0.0).then_some(White { spectrum, gains, values, energies })
    }

    /// What a half spectrum is in time.
    fn back(&self, mut spectrum: Vec<Complex32>) -> Vec<f32> {
        let mut values = vec![0.0; self.length];
        if self.inverse.process(&mut spectrum, &mut values).is_err() {
            values.fill(0.0);
        }
        let scale = 1.0 / self.length as f32;
        values.iter_mut().for_each(|value| *value *= scale);
        values
    }

    /// Where one sentence is in a block.
    fn places(&self, sentence: usize, white: &White) -> Vec<Said> {
        let Some(template) = self.templates.get(sentence) else { return Vec::new() };
        let product: Vec<Complex32> = white
            .spectrum
            .iter()
            .zip(&template.spectrum)
            .zip(&white.gains)
            .map(|((heard, said), gain)| heard * said.conj() * gain)
            .collect();
        let sums = self.back(product);
        let whitened = template
            .spectrum
            .iter()
            .zip(&white.gains)
            .map(|(said, gain)| f64::from((said * gain).norm_sqr()));
        let own = 2.0 * whitened.sum::<f64>() / self.length as f64;
        let mean = white.energies.last().copied().unwrap_or(0.0) / self.length as f64;
        let least = SILENCE * mean * template.length as f64;
        let ends = white.energies.iter().skip(template.length);
        let agreement = |(sum, (start, end)): (&f32, (&f64, &f64))| {
            let there = end - start;
            if there > least { f64::from(*sum) / (there * own).sqrt() } else { 0.0 }
        };
        let agreements: Vec<f64> =
            sums.iter().zip(white.energies.iter().zip(ends)).take(self.step).map(agreement).collect();
        let counted = agreements.iter().filter(|value| **value != 0.0).count().max(1);
        let squares: f64 = agreements.iter().map(|value| value * value).sum();
        let deviation = (squares / counted as f64).max(1.0 / template.length as f64).sqrt();
        let mut best: Vec<(usize, f64)> = Vec::new();
        for (at, value) in agreements.iter().enumerate().filter(|(_, value)| **value >= THRESHOLD * deviation)
        {
            match best.last_mut() {
                Some(last) if ((at - last.0) as f64) < APART * self.rate => {
                    if *value > last.1 {
                        *last = (at, *value);
                    }
                }
                _ => best.push((at, *value)),
            }
        }
        if best.is_empty() {
            return Vec::new();
        }
        let spectrum = template.spectrum.iter().zip(&white.gains).map(|(said, gain)| said * gain);
        let wave = self.back(spectrum.collect());
        let wave = wave.get(..template.length).unwrap_or_default();
        best.retain(|(at, value)| self.every_part_agrees(wave, white, *at, *value, deviation));
        let said = |(at, value): (usize, f64)| {
            let start = (self.dropped + at) as f64 / self.rate;
            let strength = Strength { statistic: value / deviation, threshold: THRESHOLD, false_alarm: 0.0 };
            let end = start + template.length as f64 / self.rate;
            Said { sentence, start, end, agreement: value, strength }
        };
        best.into_iter().map(said).collect()
    }

    fn every_part_agrees(
        &self,
        wave: &[f32],
        white: &White,
        at: usize,
        agreement: f64,
        deviation: f64,
    ) -> bool {
        let part = whole(PART * self.rate).max(1);
        let all = energy(wave);
        let parts = parts(wave.len(), part);
        parts.into_iter().all(|part| {
            let (Some(said), Some(heard)) =
                (wave.get(part.clone()), white.values.get(at + part.start..at + part.end))
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

fn transform(forward: &dyn RealToComplex<f32>, values: &[f32], length: usize) -> Vec<Complex32> {
    let mut padded = values.to_vec();
    padded.resize(length, 0.0);
    let mut spectrum = forward.make_output_vec();
    if forward.process(&mut padded, &mut spectrum).is_err() {
        spectrum.fill(Complex32::default());
    }
    spectrum
}

/// The power of a spectrum, averaged over so many bins on either side.
fn smooth(spectrum: &[Complex32], reach: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for value in spectrum {
        sum += f64::from(value.norm_sqr());
        sums.push(sum);
    }
    let upto = |at: usize| sums.get(at.min(spectrum.len())).copied().unwrap_or(sum);
    let mean = |at: usize| {
        let (first, last) = (at.saturating_sub(reach), (at + reach + 1).min(spectrum.len()));
        (upto(last) - upto(first)) / (last - first).max(1) as f64
    };
    (0..spectrum.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::{Heard, listen};
    use crate::sound::clip::{Sentence, own_sentences};
    use crate::sound::resample::resample;
    use crate::sound::trial::{Score, Trial, noise};

    fn heard(sentences: &[Sentence], rate: u32, values: &[f32]) -> Heard {
        listen(&mut Trial::new(rate, 1, values.to_vec()), sentences).unwrap()
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
            let said = resample(&sentence.clip.values, 16_000, rate).unwrap();
            let music = Score::new(rate).tone(9_000.0, 440.0, 0.1).values;
            let mut bed = noise(music.len(), 0.05, 7);
            mixed(&mut bed, &music, 0, 1.0);
            let at = rate as usize * 2 + 777;
            let rms = (said.iter().map(|value| value * value).sum::<f32>() / said.len() as f32).sqrt();
            mixed(&mut bed, &said, at, 0.05 / rms);
            let found = heard(&sentences, rate, &bed).said;
            assert_eq!(found.len(), 1, "{}: {found:?}", sentence.clip.words);
            assert_eq!(found[0].sentence, number, "{}", sentence.clip.words);
            assert!((found[0].start - at as f64 / f64::from(rate)).abs() < 0.002, "{found:?}");
            assert!(found[0].strength.statistic > 8.0 && found[0].strength.false_alarm < 1e-8, "{found:?}");
        }
    }

    #[test]
    fn other_sound_is_not_it() {
        let sentences = own_sentences().unwrap();
        let said = |at: usize| &sentences[at].clip.values;
        for values in [
            noise(160_000, 0.2, 3),
            Score::new(16_000).babble(8_000.0, 0.3).values,
            Score::new(16_000).tone(9_000.0, 300.0, 0.3).values,
            vec![0.0; 100_000],
            Vec::new(),
            said(0)[..said(0).len() * 2 / 3].to_vec(),
            said(0).iter().rev().copied().collect(),
        ] {
            let found = heard(&sentences, 16_000, &values).said;
            assert!(found.is_empty(), "{found:?}");
        }
        assert!(listen(&mut Trial::new(8_000, 0, Vec::new()), &sentences).is_err());
        assert!(listen(&mut Trial::new(2_000, 1, Vec::new()), &sentences).is_err());
    }

    /// The voice says "not" in the middle: the same words with another between them are another sentence.
    #[test]
    fn a_word_between_the_words_is_another_sentence() {
        let sentences = own_sentences().unwrap();
        let said = &sentences[0].clip.values;
        let middle = sentences[0].pieces[1].start;
        let between = resample(&noise(4_000, 0.1, 5), 16_000, 16_000).unwrap();
        let changed = [&said[..middle], &between, &said[middle..]].concat();
        assert_eq!(heard(&sentences, 16_000, said).said.len(), 1, "the test itself");
        assert!(heard(&sentences, 16_000, &changed).said.is_empty());
    }

    #[test]
    fn all_places_are_found_across_blocks() {
        let sentences = own_sentences().unwrap();
        let said = &sentences[6].clip.values;
        let mut bed = noise(16_000 * 60, 0.02, 9);
        let places: Vec<usize> = (0..9).map(|turn| 1_000 + 104_321 * turn).collect();
        for at in &places {
            mixed(&mut bed, said, *at, 1.0);
        }
        let found = heard(&sentences, 16_000, &bed).said;
        let starts: Vec<usize> = found.iter().map(|one| super::whole(one.start * 16_000.0)).collect();
        assert!(starts.iter().zip(&places).all(|(one, two)| one.abs_diff(*two) < 30), "{starts:?}");
        assert_eq!(starts.len(), places.len());
    }
}
