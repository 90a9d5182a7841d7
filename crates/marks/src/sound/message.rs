use super::segment::Tone;
use super::spectrum::likeness;
use super::timing::Timing;

/// Likeness of two tones' spectra from which on they are the same pitch.
const SAME_PITCH: f32 = 0.9;
/// Frames on either side that are looked at for quiet.
const AROUND: usize = 160;
/// Frames next to a tone that its soft edge and a coder's echo may reach.
const MARGIN: usize = 3;
/// Most tones one message is followed for: eight times the rhythm.
const MOST_TONES: usize = 32;
/// Units of quiet on a side that set a message apart from what sounds there.
const QUIET_UNITS: f64 = 2.0;
/// Units next to a message in which no other steady tone may sound, on a side that is not quiet.
const LONELY_UNITS: f64 = 3.0;
/// Largest ratio of the powers of a message's tones: 4 dB.
const EVEN: f32 = 2.5;
/// Ratio of powers under which something is too weak to matter beside a tone: -12 dB.
const FAINT: f32 = 16.0;

/// Tones of one pitch that follow one another closely, with what stands around them. Times are in frames.
///
/// All of them are the message: a rhythm inside a longer one is not the rhythm, just as letters inside a
/// word are not a word.
pub(crate) struct Message {
    pub(crate) tones: Vec<Tone>,
    before: Before,
    after: Aftermath,
    broken: bool,
    gap_level: f32,
}

/// What stands before a message.
pub(crate) struct Before {
    /// Powers, the nearest first.
    pub(crate) powers: Vec<f32>,
    /// Highest power that held for some frames anywhere before it.
    pub(crate) loudest: f32,
    /// Where the last tone of another pitch ends, if that is steady as notes are; speech is not.
    pub(crate) steady: Option<f64>,
}

/// What stands after a message.
#[derive(Default)]
struct Aftermath {
    powers: Vec<f32>,
    loudest: f32,
    /// Whether any tone of another pitch sounds there.
    other: bool,
    /// Where the first steady one begins.
    steady: Option<f64>,
}

/// A message that is the rhythm. Times are in frames.
pub(crate) struct Found {
    pub(crate) tones: Vec<Tone>,
    pub(crate) timing: Timing,
    /// Power under which it is quiet beside this message.
    pub(crate) quiet: f32,
    pub(crate) at_start: bool,
    /// Highest power that held for some frames after it.
    pub(crate) loud_after: f32,
    /// Whether it counts only if nothing follows.
    pub(crate) only_at_end: bool,
}

impl Message {
    /// One that begins with this tone.
    pub(crate) fn new(tone: Tone, before: Before) -> Self {
        Self { tones: vec![tone], before, after: Aftermath::default(), broken: false, gap_level: 0.0 }
    }

    /// When its last tone ends.
    pub(crate) fn end(&self) -> f64 {
        self.tones.last().map_or(0.0, |tone| tone.end)
    }

    /// How long it stays open after its last tone: longer than the gap between two words in Morse code,
    /// which is 7 units, and at least a second.
    pub(crate) fn patience(&self, hop: f64) -> f64 {
        let shortest = self.tones.iter().map(|tone| tone.end - tone.start).fold(0.26 / hop, f64::min);
        (12.0 * shortest).max(1.0 / hop)
    }

    /// Whether a tone belongs to it.
    pub(crate) fn takes(&self, tone: &Tone, hop: f64) -> bool {
        let last = self.tones.last();
        tone.start - self.end() < self.patience(hop)
            && last.is_some_and(|last| {
                likeness(&last.shape, &tone.shape) > SAME_PITCH && tone.level > last.level / 100.0
            })
    }

    /// Adds a tone that belongs to it, with the least power since the last one.
    pub(crate) fn add(&mut self, tone: Tone, gap_level: f32) {
        self.broken |= self.after.other;
        self.gap_level = self.gap_level.max(gap_level);
        self.after = Aftermath::default();
        self.tones.push(tone);
        if self.tones.len() > MOST_TONES {
            self.broken = true;
            self.tones.remove(0);
        }
    }

    /// Takes note of a tone that does not belong to it.
    pub(crate) fn note_other(&mut self, tone: &Tone) {
        if self.tones.last().is_some_and(|last| tone.level > last.level / FAINT) {
            self.after.other = true;
            if tone.steady {
                self.after.steady.get_or_insert(tone.start);
            }
        }
    }

    /// Takes note of the frame number `at`, which comes after its last tone.
    pub(crate) fn note_frame(&mut self, at: usize, power: f32, sustained: f32) {
        let past = at as f64 - self.end();
        if past > MARGIN as f64 && self.after.powers.len() < AROUND {
            self.after.powers.push(power);
        }
        if past > (2 * MARGIN) as f64 {
            self.after.loudest = self.after.loudest.max(sustained);
        }
    }

    /// The first frame whose power counts as being before a tone, and how many of those before it do.
    pub(crate) fn reach_before(tone: &Tone) -> (usize, usize) {
        (super::whole(tone.start.floor()).saturating_sub(MARGIN), AROUND)
    }

    /// Whether this is the rhythm, now that it is over. `finished` is whether the sound is over too.
    pub(crate) fn judge(self, hop: f64, finished: bool) -> Option<Found> {
        let Self { tones, before, after, broken, gap_level } = self;
        if broken || !tones.iter().all(|tone| tone.steady) {
            return None;
        }
        let first = tones.first()?;
        let level = tones.iter().map(|tone| tone.level).fold(f32::INFINITY, f32::min);
        let loudest = tones.iter().map(|tone| tone.level).fold(0.0, f32::max);
        let alike = tones.iter().all(|tone| likeness(&tone.shape, &first.shape) > SAME_PITCH);
        if !alike || loudest > EVEN * level || gap_level > level / 10.0 {
            return None;
        }
        let timing = timing(&tones, hop)?;
        // The gaps show how quiet it gets here: 12 dB over their least frame is still the same noise.
        let quiet = (3e-4 * level).max((FAINT * gap_level).min(level / FAINT));
        let unit = timing.short / hop;
        let clear = |powers: &[f32], edge: bool| {
            let row = powers.iter().take_while(|power| **power <= quiet).count();
            row as f64 >= QUIET_UNITS * unit || (edge && row == powers.len())
        };
        let clear_before = clear(&before.powers, before.powers.len() < AROUND);
        let clear_after = clear(&after.powers, finished);
        let lonely_before = before.steady.is_none_or(|end| first.start - end > LONELY_UNITS * unit);
        let end = tones.last()?.end;
        let lonely_after = after.steady.is_none_or(|start| start - end > LONELY_UNITS * unit);
        let at_start = clear_before && before.loudest <= quiet;
        let (apart, only_at_end) = match (clear_before, clear_after) {
            (true, true) => (true, false),
            (true, false) => (at_start && lonely_after, false),
            (false, true) => (lonely_before, true),
            (false, false) => (false, false),
        };
        apart.then_some(Found { tones, timing, quiet, at_start, loud_after: after.loudest, only_at_end })
    }
}

/// The timing, if the tones are the rhythm once or several times over, with gaps between the times.
fn timing(tones: &[Tone], hop: f64) -> Option<Timing> {
    let edges: Vec<_> = tones.iter().map(|tone| (tone.start * hop, tone.end * hop)).collect();
    let timings: Option<Vec<Timing>> = edges.chunks(4).map(Timing::of).collect();
    let timings = timings?;
    let first = *timings.first()?;
    let even = timings.iter().all(|timing| first.resembles(timing));
    let starts = edges.iter().skip(4).step_by(4);
    let apart = edges
        .iter()
        .skip(3)
        .step_by(4)
        .zip(starts)
        .all(|(last, next)| next.0 - last.1 > 1.2 * first.letter_gap.max(first.gap));
    (even && apart).then_some(first)
}
