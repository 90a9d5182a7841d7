//! Reading a mark off a picture.

use super::{
    embed::code,
    fold::{Folded, Turn},
    geometry::Geometry,
    lattice::Chips,
    pixels::Picture,
    reference::{SIDE, Scale},
    region::{self, Region},
    search::{Hypothesis, Level},
    seen::{Seen, Shift},
    view::View,
    whiten::whitened,
};
use crate::{
    DEFAULT_LOG10_THRESHOLD, Detection, Evidence, Found, Key, KeyId, Payload, Route, Unable, Workspace,
    statistic,
};

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// For pictures as they were marked, at any size, turned by quarters or mirrored.
    Fast,
    /// Then also for those that were cropped, padded, rotated or scaled unevenly.
    Search,
    /// Then also for a marked picture that stands somewhere within a larger one. Takes ten times as long where there is none.
    Regions,
}

/// Reads marks under some keys.
#[derive(Debug)]
pub struct Detector {
    keys: Vec<(KeyId, Chips)>,
    log10_threshold: f64,
}

impl Detector {
    /// For marks under any of these keys.
    pub fn new(keys: &[Key]) -> Self {
        let keys = keys.iter().map(|key| (key.id(), Chips::new(key))).collect();
        Self { keys, log10_threshold: DEFAULT_LOG10_THRESHOLD }
    }

    /// The same with another threshold: the common logarithm of the false-alarm probability below which a mark is present.
    #[must_use]
    pub fn with_log10_threshold(mut self, log10_threshold: f64) -> Self {
        self.log10_threshold = log10_threshold;
        self
    }

    /// Reads any mark.
    pub fn detect(&self, picture: &Picture<'_>, effort: Effort) -> Detection<Geometry> {
        self.run(picture, effort, None)
    }

    /// Looks for marks with any of these payloads only. Reads marks some five decibels weaker than [`Detector::detect`].
    pub fn expect(&self, picture: &Picture<'_>, effort: Effort, payloads: &[Payload]) -> Detection<Geometry> {
        self.run(picture, effort, Some(payloads))
    }

    fn run(
        &self,
        picture: &Picture<'_>,
        effort: Effort,
        payloads: Option<&[Payload]>,
    ) -> Detection<Geometry> {
        if self.keys.is_empty() {
            return Detection::Unable(Unable::NoKey);
        }
        if picture.width.min(picture.height) < LEAST {
            return Detection::Unable(Unable::TooSmall {
                size: format!("a picture of {} x {} pixels", picture.width, picture.height),
                least: format!("{LEAST} x {LEAST}"),
            });
        }
        let mut reading = Reading::new(self, payloads);
        let scale = Scale::reference(picture.width, picture.height);
        let Some(folded) = Folded::of_picture(picture, &scale) else {
            return Detection::Unable(Unable::Constant);
        };
        reading.direct(&folded, &scale);
        if effort != Effort::Fast && reading.found.is_empty() {
            let view = View::whole(picture);
            reading.search(&view);
            if effort == Effort::Regions && reading.found.is_empty() {
                for window in view.windows() {
                    reading.search(&window);
                    if !reading.found.is_empty() {
                        break;
                    }
                }
            }
        }
        reading.finish()
    }

    /// The rectangle in which a mark that was found shows: less than the picture where a marked picture was put into another
    /// one, or where the rest of it was painted over or lost all detail.
    pub fn region(&self, picture: &Picture<'_>, found: &Found<Geometry>) -> Region {
        let chips = self.keys.iter().find(|(id, _)| *id == found.key).map(|(_, chips)| chips);
        let whole = Region { left: 0, top: 0, width: picture.width, height: picture.height };
        chips.map_or(whole, |chips| region::of(picture, found, chips))
    }
}

/// Pixels a side below which nothing can be read.
const LEAST: usize = 32;
/// Shifts tried on the fast path.
const DIRECT: usize = 4;
/// Sizes a search looks at a picture in, as the root of the number of pixels, and the smallest scale of the pattern looked for
/// there: crops to a tenth of the area and padding to six times of it bring the pattern near its own size on one of them.
const SIDES: [(f64, f64); 5] = [(SIDE, 0.83), (570.0, 0.83), (400.0, 0.83), (285.0, 0.83), (1120.0, 0.58)];
/// A picture is not enlarged by more than this in a search.
const LARGEST_SCALE: f64 = 2.6;
/// Pixels a side that a search looks at.
const LONGEST: usize = 4096;
/// Hypotheses tried.
const TRIED: usize = 8;
/// A score that noise does not reach: tried at once.
const SURE: f32 = 8.0;

/// One detection under way.
struct Reading<'a> {
    detector: &'a Detector,
    expected: Option<Vec<(Payload, Vec<bool>)>>,
    workspace: Workspace,
    values: Vec<f32>,
    hypotheses: u64,
    best: Evidence,
    found: Vec<Found<Geometry>>,
}

impl<'a> Reading<'a> {
    fn new(detector: &'a Detector, payloads: Option<&[Payload]>) -> Self {
        let best = Evidence {
            statistic: 0.0,
            hypotheses: 0,
            information_bits: if payloads.is_some() { 0 } else { 64 },
            log10_threshold: detector.log10_threshold,
        };
        let expected = payloads.map(|payloads| {
            payloads.iter().map(|&payload| (payload, code().encode(payload.bits().into()))).collect()
        });
        Self {
            detector,
            expected,
            workspace: Workspace::default(),
            values: Vec::new(),
            hypotheses: 0,
            best,
            found: Vec::new(),
        }
    }

    fn direct(&mut self, folded: &Folded, scale: &Scale) {
        let mut candidates: Vec<(Seen, Shift, Turn, bool)> = Vec::new();
        for turn in Turn::HALF {
            let seen = folded.seen(turn);
            let half = seen.half_turned();
            for (seen, halved) in [(seen, false), (half, true)] {
                for shift in seen.shifts(2) {
                    candidates.push((seen.clone(), shift, turn, halved));
                }
            }
        }
        candidates.sort_by(|a, b| b.1.peak.total_cmp(&a.1.peak));
        for (seen, shift, turn, halved) in candidates.iter().take(DIRECT) {
            self.attempt(seen, *shift, Route::Direct, || Geometry::turned(*turn, *halved, *shift, scale));
            if !self.found.is_empty() {
                break;
            }
        }
    }

    /// Looks at a view at several sizes, for patterns of about the size of the reference.
    fn search(&mut self, view: &View<'_>) {
        let mut rest = Vec::new();
        for (side, smallest) in SIDES {
            let target = Scale::to_area(view.width, view.height, side);
            if target.x() > LARGEST_SCALE || target.to_width.max(target.to_height) > LONGEST {
                continue;
            }
            let level = Level::new(&whitened(view.luminance(&target)));
            let mut hypotheses = level.hypotheses(smallest);
            hypotheses.truncate(TRIED);
            let sure = hypotheses.iter().take_while(|hypothesis| hypothesis.score > SURE).count();
            for hypothesis in hypotheses.drain(..sure) {
                self.attempt_hypothesis(&level, &hypothesis, &target, view);
                if !self.found.is_empty() {
                    return;
                }
            }
            let level = std::rc::Rc::new(level);
            rest.extend(hypotheses.into_iter().map(|hypothesis| (hypothesis, level.clone(), target)));
        }
        rest.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        for (hypothesis, level, target) in rest.iter().take(TRIED) {
            self.attempt_hypothesis(level, hypothesis, target, view);
            if !self.found.is_empty() {
                return;
            }
        }
    }

    fn attempt_hypothesis(&mut self, level: &Level, hypothesis: &Hypothesis, scale: &Scale, view: &View<'_>) {
        let refined = level.refined(hypothesis);
        let matrix = refined.matrix();
        let middle = [(scale.to_width / 2) as f64, (scale.to_height / 2) as f64];
        let seen = level.spectrum.seen(matrix);
        let half = seen.half_turned();
        let mut candidates: Vec<(&Seen, bool, Shift)> = Vec::new();
        for (seen, halved) in [(&seen, false), (&half, true)] {
            candidates.extend(seen.shifts(2).into_iter().map(|shift| (seen, halved, shift)));
        }
        candidates.sort_by(|a, b| b.2.peak.total_cmp(&a.2.peak));
        for (seen, halved, shift) in candidates.into_iter().take(2) {
            self.attempt(seen, shift, Route::Search, || {
                view.in_picture(Geometry::of_frequencies(matrix, halved, shift, scale, middle))
            });
            if !self.found.is_empty() {
                return;
            }
        }
    }

    /// Reads under every key with this hypothesis.
    fn attempt(&mut self, seen: &Seen, shift: Shift, route: Route, geometry: impl Fn() -> Geometry) {
        let detector = self.detector;
        for (key, chips) in &detector.keys {
            seen.soft(chips, shift, &mut self.values);
            let Some((payload, codeword)) = self.read(*key, route, &geometry) else { continue };
            if self.expected.is_none() {
                // A second mark in the same place shows when the first is taken away.
                seen.take_away(chips, &codeword, &mut self.values);
                let second = self.read(*key, route, &geometry);
                debug_assert!(second.is_none_or(|(other, _)| other != payload), "a mark is found once");
            }
        }
        self.best.hypotheses = self.hypotheses;
    }

    /// Reads one mark from the values at hand; the payload and its codeword if it is there.
    fn read(
        &mut self,
        key: KeyId,
        route: Route,
        geometry: &impl Fn() -> Geometry,
    ) -> Option<(Payload, Vec<bool>)> {
        let (payload, codeword, checked) = match &self.expected {
            None => {
                self.hypotheses += 1;
                let decoded = code().decode(&self.values, &mut self.workspace);
                (Payload::from_bits(decoded.payload as u64), decoded.codeword, decoded.checked)
            }
            Some(expected) => {
                self.hypotheses += expected.len() as u64;
                let clearness = |codeword: &Vec<bool>| statistic(&self.values, codeword);
                let best = expected.iter().max_by(|a, b| clearness(&a.1).total_cmp(&clearness(&b.1)))?;
                (best.0, best.1.clone(), true)
            }
        };
        let statistic = statistic(&self.values, &codeword);
        self.best.statistic = self.best.statistic.max(statistic);
        let evidence = Evidence { statistic, hypotheses: self.hypotheses, ..self.best };
        let known = self.found.iter().any(|found| found.key == key && found.payload == payload);
        if !checked || known || !evidence.holds() {
            return None;
        }
        self.found.push(Found { payload, key, evidence, route, alignment: geometry() });
        Some((payload, codeword))
    }

    fn finish(mut self) -> Detection<Geometry> {
        if self.found.is_empty() {
            return Detection::Absent(self.best);
        }
        self.found.sort_by(|a, b| b.evidence.statistic.total_cmp(&a.evidence.statistic));
        Detection::Present(self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Layout, Samples, reference::luminance};

    /// Pictures that nobody marked: noise, a page with lines, waves at frequencies of the pattern itself.
    fn unmarked() -> Vec<Vec<u8>> {
        let (side, mut stream) = (256_usize, Key::public().stream("unmarked"));
        let at = |place: usize| ((place % side) as f32, (place / side) as f32);
        let noise = (0..side * side).map(|_| (stream.unit() * 255.0) as u8).collect();
        let page = (0..side * side).map(at).map(|(x, y)| {
            let ink = y as usize % 17 < 8 && (x as usize * 7 + (y as usize / 17) * 13) % 11 < 5;
            if ink { 20 } else { 255 }
        });
        let waves = (0..side * side).map(at).map(|(x, y)| {
            let wave = |i: f32, j: f32| ((i * x + j * y) * 3.125 * std::f32::consts::TAU / 128.0).sin();
            (128.0 + 40.0 * (wave(7.0, 3.0) + wave(-5.0, 9.0) + wave(11.0, 2.0))) as u8
        });
        vec![noise, page.collect(), waves.collect()]
    }

    #[test]
    fn the_bound_on_false_alarms_holds_whatever_the_picture() {
        const KEYS: usize = 6000;
        let codeword = code().encode(0x1234_5678_9ABC_DEF0);
        for samples in unmarked() {
            let picture = Picture::new(256, 256, Layout::Gray, Samples::Eight(&samples)).unwrap();
            let scale = Scale::reference(256, 256);
            let seen = Folded::new(&whitened(luminance(&picture, &scale))).seen(Turn::HALF[0]);
            let shift = seen.shifts(1)[0];
            let mut values = Vec::new();
            let (mut reached, mut highest) = ([0_usize; 4], 0.0_f64);
            let mut workspace = Workspace::default();
            for number in 0..KEYS {
                let chips = Chips::new(&Key::from_bytes(&number.to_le_bytes()));
                seen.soft(&chips, shift, &mut values);
                let z = statistic(&values, &codeword);
                reached
                    .iter_mut()
                    .enumerate()
                    .for_each(|(least, count)| *count += usize::from(z >= least as f64));
                // The same for the best of all payloads, of which there are far too many to try.
                if number < KEYS / 20 {
                    let decoded = code().decode(&values, &mut workspace);
                    highest = highest.max(statistic(&values, &decoded.codeword));
                }
            }
            for (least, &count) in reached.iter().enumerate().skip(1) {
                let bound = (-((least * least) as f64) / 2.0).exp();
                // Four deviations of the count itself.
                let most = bound * KEYS as f64 + 4.0 * (bound * KEYS as f64).sqrt();
                assert!((count as f64) < most, "{count} of {KEYS} reach {least}");
            }
            assert!(reached[0] > KEYS * 2 / 5 && reached[1] > KEYS / 20, "{reached:?}: no spread at all");
            // 300 keys and 64 bits: what is reached once in a thousand times by the bound.
            let evidence = Evidence {
                statistic: highest,
                hypotheses: KEYS as u64 / 20,
                information_bits: 64,
                log10_threshold: -3.0,
            };
            assert!(!evidence.holds() && highest > 5.0, "{highest}");
        }
    }
}
