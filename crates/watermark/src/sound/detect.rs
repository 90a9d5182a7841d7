use std::{convert::Infallible, fmt};

use super::{
    Layout, LayoutError, SHORTEST,
    analysis::{Analysis, BLOCK_TILES, Blocks},
    grid::{FRAME_SECONDS, PERIOD, Warp},
    locate::{Harvest, Harvester, Mark},
    mix::Mix,
    pattern::{Pattern, code},
    search::{close, scan},
};
use crate::{
    Code, DEFAULT_LOG10_THRESHOLD, Detection, Evidence, Found, Key, KeyId, Payload, Route, Unable, Workspace,
};

/// Sound that can be heard from the beginning as often as it takes.
pub trait Recording {
    /// Why it could not be heard.
    type Error;

    /// How it is sampled.
    fn layout(&self) -> Layout;

    /// Plays it from the beginning to the end, block by block: whole frames of interleaved samples.
    ///
    /// # Errors
    /// If it cannot be read.
    fn play(&mut self, hear: &mut dyn FnMut(&[f32])) -> Result<(), Self::Error>;
}

/// Sound in memory.
#[derive(Clone, Copy, Debug)]
pub struct Clip<'a> {
    /// How it is sampled.
    pub layout: Layout,
    /// Its samples, interleaved.
    pub samples: &'a [f32],
}

impl Recording for Clip<'_> {
    type Error = Infallible;

    fn layout(&self) -> Layout {
        self.layout
    }

    fn play(&mut self, hear: &mut dyn FnMut(&[f32])) -> Result<(), Infallible> {
        let channels = usize::from(self.layout.channels).max(1);
        self.samples.chunks(4096 * channels).for_each(hear);
        Ok(())
    }
}

/// Length of the windows that are searched one by one, in seconds.
const WINDOW: f64 = 60.0;

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Only for marks in sound that plays as it was marked.
    Fast,
    /// Also for marks in sound that was played faster, slower, higher or lower.
    Search,
}

/// How to look.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How hard.
    pub effort: Effort,
    /// The common logarithm of the probability of a false alarm below which a mark counts as present.
    pub log10_threshold: f64,
    /// Payloads that are known and looked for: these are recognised where a payload can no longer be read.
    pub expected: Vec<Payload>,
}

impl Default for Options {
    fn default() -> Self {
        Self { effort: Effort::Search, log10_threshold: DEFAULT_LOG10_THRESHOLD, expected: Vec::new() }
    }
}

/// Where a mark lies in sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The parts that carry it, in seconds from the beginning, to some 2 seconds; a pause may be counted in.
    pub spans: Vec<(f64, f64)>,
    /// How long it plays over how long it played when it was marked.
    pub time: f64,
    /// How high over how high.
    pub pitch: f64,
}

/// Why sound could not be looked at.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectError<E: fmt::Debug + fmt::Display> {
    /// It cannot be read.
    #[error("{0}")]
    Recording(E),
    /// Of a rate or a number of channels that is not taken.
    #[error(transparent)]
    Layout(LayoutError),
}

/// Looks for the marks of these keys in sound.
///
/// # Errors
/// If the sound cannot be read, or is of a layout that is not taken.
pub fn detect<R: Recording>(
    recording: &mut R,
    keys: &[Key],
    options: &Options,
) -> Result<Detection<Placement>, DetectError<R::Error>>
where
    R::Error: fmt::Debug + fmt::Display,
{
    let heard = Heard::new(recording)?;
    let mut detector = match heard.detector(keys, options) {
        Ok(detector) => detector,
        Err(unable) => return Ok(Detection::Unable(unable)),
    };
    if detector.found.is_empty()
        && options.effort == Effort::Search
        && let Some(warp) = detector.search(recording).map_err(DetectError::Recording)?
    {
        let (blocks, seconds) = listen(recording, warp).map_err(DetectError::Recording)?;
        detector.harvest(&blocks, warp, Route::Search, seconds);
    }
    Ok(detector.conclude())
}

/// Sound that has been heard once, to be looked through with any keys: some 40 kilobytes a second.
#[derive(Debug)]
pub struct Heard {
    blocks: Blocks,
    seconds: f64,
}

impl Heard {
    /// Hears a recording from the beginning to the end.
    ///
    /// # Errors
    /// If the sound cannot be read, or is of a layout that is not taken.
    pub fn new<R: Recording>(recording: &mut R) -> Result<Self, DetectError<R::Error>>
    where
        R::Error: fmt::Debug + fmt::Display,
    {
        recording.layout().check().map_err(DetectError::Layout)?;
        let (blocks, seconds) = listen(recording, Warp::NONE).map_err(DetectError::Recording)?;
        Ok(Self { blocks, seconds })
    }

    /// Looks for the marks of these keys in sound that plays as it was marked, whatever effort the options ask for.
    pub fn look(&self, keys: &[Key], options: &Options) -> Detection<Placement> {
        self.detector(keys, options).map_or_else(Detection::Unable, Detector::conclude)
    }

    fn detector(&self, keys: &[Key], options: &Options) -> Result<Detector, Unable> {
        let mut detector = Detector::new(keys, options).ok_or(Unable::NoKey)?;
        if self.seconds < super::LEAST_HEARD {
            let least = format!("{:.1} seconds", super::LEAST_HEARD);
            return Err(Unable::TooSmall { size: format!("{:.1} seconds", self.seconds), least });
        }
        if self.blocks.is_blank() {
            return Err(Unable::Constant);
        }
        detector.harvest(&self.blocks, Warp::NONE, Route::Direct, self.seconds);
        Ok(detector)
    }
}

/// Plays a recording through an analysis. Gives its length in seconds too.
fn listen<R: Recording>(recording: &mut R, warp: Warp) -> Result<(Blocks, f64), R::Error> {
    let layout = recording.layout();
    let mut mix = Mix::new(layout);
    let mut analysis = Analysis::new(layout.rate, warp);
    let mut mono = Vec::new();
    let mut frames = 0;
    recording.play(&mut |block| {
        mono.clear();
        mix.push(block, &mut mono);
        frames += mono.len();
        analysis.push(&mono);
    })?;
    Ok((analysis.finish(), frames as f64 / f64::from(layout.rate)))
}

/// What a detection has come to so far.
struct Detector {
    keys: Vec<(KeyId, Pattern)>,
    code: Code,
    workspace: Workspace,
    log10_threshold: f64,
    expected: Vec<u64>,
    attempts: u64,
    found: Vec<Found<Placement>>,
    best: Option<(f64, u32)>,
}

impl Detector {
    fn new(keys: &[Key], options: &Options) -> Option<Self> {
        let keys: Vec<_> = keys.iter().map(|key| (key.id(), Pattern::new(key))).collect();
        Some(Self {
            keys: if keys.is_empty() { return None } else { keys },
            code: code()?,
            workspace: Workspace::default(),
            log10_threshold: options.log10_threshold,
            expected: options.expected.iter().map(|payload| payload.bits()).collect(),
            attempts: 0,
            found: Vec::new(),
            best: None,
        })
    }

    /// Reads blocks with each key.
    fn harvest(&mut self, blocks: &Blocks, warp: Warp, route: Route, seconds: f64) {
        for (key, pattern) in &self.keys {
            let mut harvester = Harvester {
                pattern,
                code: &self.code,
                workspace: &mut self.workspace,
                log10_threshold: self.log10_threshold,
                attempts: &mut self.attempts,
                expected: &self.expected,
            };
            let Harvest { marks, best } = harvester.harvest(blocks);
            self.best = self.best.max_by(best);
            self.found.extend(marks.into_iter().map(|mark| found(mark, *key, warp, route, seconds)));
        }
    }

    /// The warp under which something can be read, if there is one. The sound is searched window by window.
    fn search<R: Recording>(&mut self, recording: &mut R) -> Result<Option<Warp>, R::Error> {
        let layout = recording.layout();
        let window = super::whole(WINDOW * f64::from(layout.rate));
        let least = super::whole(SHORTEST * f64::from(layout.rate));
        let (mut mix, mut mono, mut warp) = (Mix::new(layout), Vec::new(), None);
        recording.play(&mut |block| {
            if warp.is_none() {
                mix.push(block, &mut mono);
                if mono.len() >= window {
                    warp = self.search_window(&mono, layout.rate);
                    mono.clear();
                }
            }
        })?;
        if warp.is_none() && mono.len() >= least {
            warp = self.search_window(&mono, layout.rate);
        }
        Ok(warp)
    }

    fn search_window(&mut self, mono: &[f32], rate: u32) -> Option<Warp> {
        let patterns = self.keys.iter().map(|(_, pattern)| pattern);
        for candidate in scan(mono, rate, patterns) {
            let Some((_, pattern)) = self.keys.get(candidate.key) else { continue };
            let Some(close) = close(mono, rate, &candidate, pattern) else { continue };
            let mut harvester = Harvester {
                pattern,
                code: &self.code,
                workspace: &mut self.workspace,
                log10_threshold: self.log10_threshold,
                attempts: &mut self.attempts,
                expected: &self.expected,
            };
            let mut harvest = Harvest::default();
            let read = harvester.attempt(&close.sum, &close.peaks, f32::MIN, &mut harvest);
            if read.is_some() {
                return Some(close.warp);
            }
            self.best = self.best.max_by(harvest.best);
        }
        None
    }

    fn conclude(self) -> Detection<Placement> {
        let evidence = |statistic, information_bits| Evidence {
            statistic,
            hypotheses: self.attempts,
            information_bits,
            log10_threshold: self.log10_threshold,
        };
        let mut found = self.found;
        for found in &mut found {
            found.evidence = evidence(found.evidence.statistic, found.evidence.information_bits);
        }
        // Attempts made after a mark was found count as well.
        found.retain(|found| found.evidence.holds());
        found.sort_by(|a, b| a.evidence.log10_false_alarm().total_cmp(&b.evidence.log10_false_alarm()));
        if found.is_empty() {
            let (statistic, bits) = self.best.unwrap_or((0.0, 64));
            return Detection::Absent(evidence(statistic, bits));
        }
        Detection::Present(found)
    }
}

/// The better of two attempts.
trait Best {
    fn max_by(self, other: Self) -> Self;
}

impl Best for Option<(f64, u32)> {
    fn max_by(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

fn found(mark: Mark, key: KeyId, warp: Warp, route: Route, seconds: f64) -> Found<Placement> {
    let block = BLOCK_TILES as f64 * PERIOD as f64 * FRAME_SECONDS * warp.time;
    let span = |range: &std::ops::Range<usize>| {
        (range.start as f64 * block, (range.end as f64 * block).min(seconds))
    };
    Found {
        payload: Payload::from_bits(mark.payload),
        key,
        evidence: Evidence {
            statistic: mark.statistic,
            hypotheses: 0,
            information_bits: mark.information_bits,
            log10_threshold: 0.0,
        },
        route,
        alignment: Placement {
            spans: mark.ranges.iter().map(span).collect(),
            time: warp.time,
            pitch: warp.pitch,
        },
    }
}
