use std::sync::{Arc, OnceLock};

use super::clip::{Sentence, own_sentences};
use super::decimate::Decimator;
use super::{kept_voices, single, whole};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex32};

/// Seconds of sound that are listened to at once. Short sound costs what it is long.
const SPANS: [f64; 3] = [SHORTEST_SPAN, 8.0, LONGEST_SPAN];
/// The shortest of them.
pub(crate) const SHORTEST_SPAN: f64 = 4.0;
/// The longest of them.
pub(crate) const LONGEST_SPAN: f64 = 16.0;
/// Values a second that a spectrum becomes in time.
pub(crate) const RATE: f64 = 8_192.0;
/// Hertz that are listened to: what telephones and coders at low rates leave.
const BAND: (f64, f64) = (150.0, 3_600.0);
/// Hertz over which a spectrum is smoothed to whiten by it: the distance of a voice's overtones, or less.
const SMOOTH: f64 = 60.0;

/// The bundled sentences as spectra of a span of time.
///
/// Bins that are as wide as the span is long stand for the same tones whatever the rate of the sound, so that the spectra
/// are made once, whatever the files are.
pub(crate) struct Voices {
    /// Seconds of the span.
    pub(crate) seconds: f64,
    /// Each sentence that is as short as the span.
    pub(crate) voices: Vec<Voice>,
    /// Their powers together, bin by bin, smoothed.
    pub(crate) powers: Vec<f64>,
    /// What made the spectra, if they were made here.
    forward: Option<Forward>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

/// One sentence.
pub(crate) struct Voice {
    /// Which of those that are bundled.
    pub(crate) sentence: usize,
    /// Values that it lasts, at [`RATE`].
    pub(crate) length: usize,
    /// Its spectrum in the band that is listened to.
    pub(crate) spectrum: Vec<Complex32>,
}

impl Voices {
    /// For the shortest span that holds so many seconds, or else the longest. `None` if a bundled recording is broken.
    pub(crate) fn lasting(seconds: f64) -> Option<&'static Self> {
        static MADE: [OnceLock<Option<Voices>>; SPANS.len()] = [const { OnceLock::new() }; SPANS.len()];
        let last = SPANS.len() - 1;
        let at = SPANS.iter().position(|span| *span >= seconds).unwrap_or(last);
        MADE.get(at)?.get_or_init(|| Self::new(&own_sentences()?, *SPANS.get(at)?)).as_ref()
    }

    fn new(sentences: &[Sentence], seconds: f64) -> Option<Self> {
        let bins = whole(BAND.1 * seconds) - first_bin(seconds);
        let Made { spectra, forward } = if seconds > SHORTEST_SPAN {
            made(sentences, seconds)?
        } else {
            let (numbers, kept): (Vec<_>, _) =
                (fitting(sentences, seconds).collect(), kept_voices::kept(bins)?);
            (numbers.len() == kept.len()).then_some(())?;
            Made { spectra: numbers.into_iter().map(|(at, _)| at).zip(kept).collect(), forward: None }
        };
        let voice = |(sentence, spectrum): (usize, Vec<Complex32>)| {
            let length = whole(sentences.get(sentence)?.seconds * RATE);
            Some(Voice { sentence, length, spectrum })
        };
        let voices: Vec<Voice> = spectra.into_iter().map(voice).collect::<Option<_>>()?;
        let mut powers = vec![0.0; bins];
        for voice in &voices {
            let power = voice.spectrum.iter().map(Complex32::norm_sqr);
            powers.iter_mut().zip(power).for_each(|(sum, power)| *sum += power);
        }
        let inverse = RealFftPlanner::new().plan_fft_inverse(whole(seconds * RATE));
        Some(Self { seconds, voices, powers: smooth(&powers, seconds), forward, inverse })
    }

    /// What makes spectra of this span of sound of a rate.
    pub(crate) fn forward(&self, rate: f64) -> Forward {
        let known = self.forward.as_ref().filter(|known| (known.rate - rate).abs() < 1e-9);
        known.cloned().unwrap_or_else(|| Forward::new(&mut RealFftPlanner::new(), rate, self.seconds))
    }

    /// Values of the span, at [`RATE`].
    pub(crate) fn length(&self) -> usize {
        self.inverse.len()
    }

    /// Values of the longest sentence.
    pub(crate) fn longest(&self) -> usize {
        self.voices.iter().map(|voice| voice.length).max().unwrap_or(0)
    }

    /// What a spectrum of the band is in time.
    pub(crate) fn in_time<'r>(
        &self,
        spectrum: impl Iterator<Item = Complex32>,
        room: &'r mut Room,
    ) -> &'r mut [f32] {
        let Room { bins, values, scratch } = room;
        bins.clear();
        bins.resize(self.inverse.complex_len(), Complex32::default());
        values.resize(self.inverse.len(), 0.0);
        scratch.resize(self.inverse.get_scratch_len(), Complex32::default());
        let scale = 1.0 / self.length() as f32;
        let band = bins.iter_mut().skip(first_bin(self.seconds));
        band.zip(spectrum).for_each(|(bin, value)| *bin = value * scale);
        if self.inverse.process_with_scratch(bins, values, scratch).is_err() {
            values.fill(0.0);
        }
        values
    }
}

/// The sentences that are as short as a span, with their numbers.
fn fitting(sentences: &[Sentence], seconds: f64) -> impl Iterator<Item = (usize, &Sentence)> {
    sentences.iter().enumerate().filter(move |(_, sentence)| sentence.seconds <= seconds)
}

/// Spectra of sentences, with their numbers, and what made them.
pub(crate) struct Made {
    pub(crate) spectra: Vec<(usize, Vec<Complex32>)>,
    forward: Option<Forward>,
}

/// Makes the spectra of the sentences that are as short as a span. `None` if a bundled recording is broken.
pub(crate) fn made(sentences: &[Sentence], seconds: f64) -> Option<Made> {
    let mut made = Made { spectra: Vec::new(), forward: None };
    let (mut room, mut said, mut lower) = (Room::default(), Vec::new(), Vec::new());
    for (at, sentence) in fitting(sentences, seconds) {
        said.clear();
        lower.clear();
        let mut decimator = Decimator::new(sentence.say(&mut said)?, 1)?;
        decimator.push(&said, &mut lower);
        decimator.finish(&mut lower);
        let rate = decimator.rate();
        let forward =
            made.forward.get_or_insert_with(|| Forward::new(&mut RealFftPlanner::new(), rate, seconds));
        (forward.rate - rate).abs().lt(&1e-9).then_some(())?;
        made.spectra.push((at, forward.band(&lower, &mut room)));
    }
    Some(made)
}

/// What is worked in on the way to a spectrum and from it, to be used again and again.
#[derive(Default)]
pub(crate) struct Room {
    bins: Vec<Complex32>,
    values: Vec<f32>,
    scratch: Vec<Complex32>,
}

fn first_bin(seconds: f64) -> usize {
    whole(BAND.0 * seconds)
}

/// Makes spectra of the band of a span.
#[derive(Clone)]
pub(crate) struct Forward {
    rate: f64,
    seconds: f64,
    forward: Arc<dyn RealToComplex<f32>>,
}

impl Forward {
    /// For sound of a rate, and a span of so many seconds.
    fn new(planner: &mut RealFftPlanner<f32>, rate: f64, seconds: f64) -> Self {
        Self { rate, seconds, forward: planner.plan_fft_forward(whole(seconds * rate)) }
    }

    /// Whether it is for the span of these voices.
    pub(crate) fn is_of(&self, voices: &Voices) -> bool {
        (self.seconds - voices.seconds).abs() < 1e-9
    }

    /// The spectrum of a span that begins with these values, the same whatever their rate.
    pub(crate) fn band(&self, sound: &[f32], room: &mut Room) -> Vec<Complex32> {
        let Room { bins, values, scratch } = room;
        values.clear();
        values.extend_from_slice(sound);
        values.resize(self.forward.len(), 0.0);
        bins.resize(self.forward.complex_len(), Complex32::default());
        scratch.resize(self.forward.get_scratch_len(), Complex32::default());
        if self.forward.process_with_scratch(values, bins, scratch).is_err() {
            bins.fill(Complex32::default());
        }
        let band = first_bin(self.seconds)..whole(BAND.1 * self.seconds);
        // Near half its rate sound is what a filter left of it.
        let clear = whole(0.45 * self.rate * self.seconds);
        let scale = single(self.rate.recip());
        let bin = |at: usize| bins.get(at).filter(|_| at < clear).copied().unwrap_or_default() * scale;
        band.map(bin).collect()
    }
}

/// The powers of a spectrum of so many seconds, averaged around each bin.
pub(crate) fn smooth(powers: &[f32], seconds: f64) -> Vec<f64> {
    let reach = whole(SMOOTH * seconds);
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for power in powers {
        sum += f64::from(*power);
        sums.push(sum);
    }
    let upto = |at: usize| sums.get(at.min(powers.len())).copied().unwrap_or(sum);
    let mean = |at: usize| {
        let (first, last) = (at.saturating_sub(reach), (at + reach + 1).min(powers.len()));
        (upto(last) - upto(first)) / (last - first).max(1) as f64
    };
    (0..powers.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::{Forward, RATE, Room, Voices, whole};
    use crate::sound::clip::own_sentences;
    use crate::sound::decimate::lowered;
    use crate::sound::resample::resample;
    use realfft::RealFftPlanner;

    #[test]
    fn spans_are_as_short_as_the_sound_allows() {
        for (seconds, span) in [(0.0, 4.0), (4.0, 4.0), (4.01, 8.0), (9.0, 16.0), (1e9, 16.0)] {
            let voices = Voices::lasting(seconds).unwrap();
            assert!((voices.seconds - span).abs() < 1e-9, "{seconds}: {}", voices.seconds);
            assert_eq!(voices.length(), whole(span * RATE));
        }
        assert!(
            Voices::lasting(16.0).unwrap().longest() < whole(8.0 * RATE),
            "a step is half a span at least"
        );
    }

    /// The same sound at another rate is the same spectrum, and the same values in time.
    #[test]
    fn a_spectrum_does_not_depend_on_the_rate() {
        let clip = own_sentences().unwrap()[6].clip().unwrap();
        let voices = Voices::lasting(4.0).unwrap();
        let meant = &voices.voices.iter().find(|voice| voice.sentence == 6).unwrap().spectrum;
        let power: f32 = meant.iter().map(|bin| bin.norm_sqr()).sum();
        // At high rates, where what the resampler shifts by, up to a value, is little.
        for rate in [32_000, 44_100, 48_000] {
            let (values, lower) = lowered(&resample(&clip.values, 16_000, rate).unwrap(), rate).unwrap();
            let forward = Forward::new(&mut RealFftPlanner::new(), lower, 4.0);
            let spectrum = forward.band(&values, &mut Room::default());
            let apart: f32 = spectrum.iter().zip(meant).map(|(one, two)| (one - two).norm_sqr()).sum();
            assert!(apart < 0.01 * power, "{rate}: {apart} of {power}");
        }
        let mut room = Room::default();
        let values = voices.in_time(meant.iter().copied(), &mut room);
        let at = whole(RATE * clip.values.len() as f64 / 16_000.0);
        let energy = |values: &[f32]| values.iter().map(|value| value * value).sum::<f32>();
        assert!(energy(&values[at + 100..values.len() - 100]) < 1e-4 * energy(values));
    }
}
