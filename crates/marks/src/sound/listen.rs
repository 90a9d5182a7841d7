use std::collections::VecDeque;

use super::amid::{Amid, Amidst};
use super::decimate::Decimator;
use super::message::{Before, Found, Message};
use super::segment::{Segmenter, Tone};
use super::spectrum::{Frame, Spectrum};
use super::timing::Timing;
use indicia_core::{FormatError, Position};
use indicia_media::SoundStream;

/// Frames whose powers are kept: longer than any gap in a message and what is looked at around it.
const KEPT: usize = 1_200;
/// Frames a power must hold for to count as sound, so that a click is not content.
const HELD: usize = 4;
/// Seconds of silence put after the end, so that what sounds there comes to its end.
const RUN_OUT: f64 = 0.1;
/// Most rhythms reported of one file.
const MOST: usize = 1_000;
/// Other steady tones a minute, and in all, from which on four even notes may be music.
const AMONG_TONES: (f64, usize) = (6.0, 8);

/// Seconds from either end of sound within which a rhythm under other sound counts as standing there.
const NEAR_END: f64 = 2.0;

/// A rhythm that was heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    /// Seconds from the start of the sound to its first tone.
    pub(crate) start: f64,
    /// Seconds to the end of its last one.
    pub(crate) end: f64,
    /// Where it stands.
    pub(crate) position: Position,
    /// Its measures.
    pub(crate) timing: Timing,
    /// Frequency of its tones in hertz; of the stronger of two.
    pub(crate) tone_hz: f64,
    /// Whether it may be four notes of a piece of music: there are many such tones, and the letters do
    /// not stand apart.
    pub(crate) doubtful: bool,
    /// Whether something else sounds with it.
    pub(crate) amid: bool,
}

/// Hears the rhythm anywhere in sound, in bounded memory.
pub(crate) struct Listener {
    decimator: Decimator,
    spectrum: Spectrum,
    row: Row,
    decimated: Vec<f32>,
}

/// What was made of the frames so far.
struct Row {
    hop: f64,
    now: usize,
    amid: Amid,
    segmenter: Segmenter,
    powers: VecDeque<Power>,
    open: Vec<Message>,
    found: Vec<Found>,
    last: Option<Tone>,
    steady: usize,
}

#[derive(Clone, Copy, Default)]
struct Power {
    own: f32,
    sustained: f32,
    loudest: f32,
}

/// Hears a whole stream; what was heard, and the error that ended it early. Nothing is heard (`None`) of
/// sound whose rate is too low or out of bounds. `whole` is whether the stream's end is the content's.
pub(crate) fn listen(
    stream: &mut dyn SoundStream,
    whole: bool,
    mut also: impl FnMut(&[f32]),
) -> (Option<Vec<Heard>>, Option<FormatError>) {
    let facts = stream.facts();
    let mut listener = Listener::new(facts.rate, facts.channels);
    let mut block = Vec::new();
    let failure = loop {
        block.clear();
        let more = stream.next_block(&mut block);
        if let Some(listener) = &mut listener {
            listener.push(&block);
        }
        also(&block);
        match more {
            Ok(true) => {}
            Ok(false) => break None,
            Err(err) => break Some(err),
        }
    };
    let whole = whole && failure.is_none();
    (listener.map(|listener| listener.finish(whole)), failure)
}

impl Listener {
    /// Nothing heard yet; `None` if sound of this rate cannot hold the tones or is out of bounds.
    pub(crate) fn new(rate: u32, channels: u16) -> Option<Self> {
        let decimator = Decimator::new(rate, channels)?;
        let spectrum = Spectrum::new(decimator.rate())?;
        let row = Row::new(&spectrum);
        Some(Self { decimator, spectrum, row, decimated: Vec::new() })
    }

    /// Hears more: interleaved samples.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        self.decimated.clear();
        self.decimator.push(samples, &mut self.decimated);
        self.spectrum.push(&self.decimated, |frame| self.row.push(&frame));
    }

    /// All rhythms that were heard, in order. `whole` is whether the sound was heard to its end.
    pub(crate) fn finish(mut self, whole: bool) -> Vec<Heard> {
        self.decimated.clear();
        self.decimator.finish(&mut self.decimated);
        let silence = super::whole(RUN_OUT * self.decimator.rate());
        self.decimated.resize(self.decimated.len() + silence, 0.0);
        self.spectrum.push(&self.decimated, |frame| self.row.push(&frame));
        self.row.finish(&self.spectrum, whole)
    }
}

impl Row {
    fn new(spectrum: &Spectrum) -> Self {
        Self {
            hop: spectrum.hop(),
            now: 0,
            amid: Amid::new(spectrum),
            segmenter: Segmenter::new(),
            powers: VecDeque::new(),
            open: Vec::new(),
            found: Vec::new(),
            last: None,
            steady: 0,
        }
    }

    fn push(&mut self, frame: &Frame) {
        let recent = self.powers.iter().rev().take(HELD - 1).map(|power| power.own);
        let held = self.powers.len() >= HELD - 1;
        let sustained = if held { recent.fold(frame.power, f32::min) } else { 0.0 };
        let loudest = self.powers.back().map_or(0.0, |power| power.loudest).max(sustained);
        self.powers.push_back(Power { own: frame.power, sustained, loudest });
        if self.powers.len() > KEPT {
            self.powers.pop_front();
        }
        for message in &mut self.open {
            message.note_frame(self.now, frame.power, sustained);
        }
        if let Some(found) = self.found.last_mut() {
            found.loud_after = found.loud_after.max(sustained);
        }
        self.now += 1;
        self.amid.push(frame);
        if let Some(tone) = self.segmenter.push(frame) {
            self.add(tone);
        }
        self.judge(self.segmenter.sounding_since().unwrap_or(self.now) as f64, false);
    }

    fn finish(mut self, spectrum: &Spectrum, whole: bool) -> Vec<Heard> {
        if let Some(tone) = self.segmenter.close() {
            self.add(tone);
        }
        self.judge(f64::INFINITY, true);
        let last = self.found.len().saturating_sub(1);
        let own: usize = self.found.iter().map(|found| found.tones.len()).sum();
        let others = self.steady.saturating_sub(own);
        let minutes = self.now as f64 * self.hop / 60.0;
        let among_tones = others >= AMONG_TONES.1 && others as f64 >= AMONG_TONES.0 * minutes;
        let mut heard = Vec::new();
        for (at, found) in self.found.iter().enumerate() {
            let at_end = whole && at == last && found.loud_after <= found.quiet;
            let Some(first) = found.tones.first().filter(|_| at_end || !found.only_at_end) else { continue };
            let position = match (found.at_start, at_end) {
                (true, _) => Position::Start,
                (false, true) => Position::End,
                (false, false) => Position::Middle,
            };
            heard.push(Heard {
                start: first.start.max(0.0) * self.hop,
                end: found.tones.last().unwrap_or(first).end * self.hop,
                position,
                timing: found.timing,
                tone_hz: spectrum.pitch(&first.shape),
                doubtful: among_tones && !found.timing.has_letters(),
                amid: false,
            });
        }
        self.hear_amid(spectrum, whole, &mut heard);
        heard
    }

    /// Adds what is heard under other sound, and nowhere else.
    fn hear_amid(self, spectrum: &Spectrum, whole: bool, heard: &mut Vec<Heard>) {
        let seconds = self.now as f64 * self.hop;
        for one in self.amid.finish(spectrum) {
            let (start, end) = (one.start.max(0.0) * self.hop, one.end * self.hop);
            if heard.iter().any(|known| !known.amid && known.start < end && start < known.end) {
                continue;
            }
            let left = Some(seconds - end).filter(|left| whole && *left <= NEAR_END);
            let position = match left {
                left if start <= NEAR_END && left.is_none_or(|left| start <= left) => Position::Start,
                Some(_) => Position::End,
                None => Position::Middle,
            };
            let Amidst { timing, tone_hz, doubtful, .. } = one;
            heard.push(Heard { start, end, position, timing, tone_hz, doubtful, amid: true });
        }
        heard.sort_by(|one, two| one.start.total_cmp(&two.start));
    }

    fn add(&mut self, tone: Tone) {
        self.steady += usize::from(tone.steady);
        let hop = self.hop;
        let gap_level = self.last.as_ref().map_or(0.0, |last| self.least(last.end, tone.start));
        let mut taken = false;
        for message in &mut self.open {
            if !taken && message.takes(&tone, hop) {
                message.add(tone.clone(), gap_level);
                taken = true;
            } else {
                message.note_other(&tone);
            }
        }
        if !taken {
            let before = self.before(&tone);
            self.open.push(Message::new(tone.clone(), before));
        }
        // What came since the tone's end was heard before it was known to be over.
        let since = super::whole(tone.end);
        for at in since..self.now {
            let power = self.power(at).unwrap_or_default();
            if let Some(message) = self.open.iter_mut().find(|message| message.end() == tone.end) {
                message.note_frame(at, power.own, power.sustained);
            }
        }
        self.last = Some(tone);
    }

    /// Decides on all messages that nothing can be added to any more at a time.
    fn judge(&mut self, time: f64, finished: bool) {
        let hop = self.hop;
        let is_over = |message: &mut Message| time - message.end() > message.patience(hop);
        for message in self.open.extract_if(.., is_over) {
            if let Some(found) = message.judge(hop, finished)
                && self.found.len() < MOST
            {
                self.found.push(found);
            }
        }
    }

    fn before(&self, tone: &Tone) -> Before {
        let (from, count) = Message::reach_before(tone);
        let powers =
            (0..from).rev().take(count).map_while(|at| self.power(at)).map(|power| power.own).collect();
        let heard = |last: &&Tone| last.steady && last.level > tone.level / 16.0;
        Before {
            powers,
            loudest: from.checked_sub(1).and_then(|at| self.power(at)).map_or(0.0, |power| power.loudest),
            steady: self.last.as_ref().filter(heard).map(|last| last.end),
        }
    }

    /// The least power between two times.
    fn least(&self, from: f64, to: f64) -> f32 {
        let frames = super::whole(from)..super::whole(to).max(super::whole(from) + 1);
        frames.map_while(|at| self.power(at)).map(|power| power.own).fold(f32::INFINITY, f32::min)
    }

    fn power(&self, at: usize) -> Option<Power> {
        let first = self.now.checked_sub(self.powers.len())?;
        self.powers.get(at.checked_sub(first)?).copied()
    }
}

#[cfg(test)]
mod tests;
