//! Reading a mark off a picture.

use super::{
    embed::code,
    fold::{Folded, Turn},
    geometry::Geometry,
    lattice::Chips,
    pixels::Picture,
    plane::Plane,
    reference::{SIDE, Scale, luminance, resampled},
    search::{Hypothesis, Level},
    seen::{Seen, Shift},
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
        let white = whitened(&luminance(picture, &scale));
        if white.data.iter().all(|&value| value == 0.0) {
            return Detection::Unable(Unable::Constant);
        }
        reading.direct(&Folded::new(&white), &scale);
        if effort == Effort::Search && reading.found.is_empty() {
            reading.search(picture, white, &scale);
        }
        reading.finish()
    }
}

/// Pixels a side below which nothing can be read.
const LEAST: usize = 32;
/// Shifts tried on the fast path.
const DIRECT: usize = 4;
/// Sizes a search looks at a picture in, as the root of the number of pixels: crops to a tenth of the area and padding to twice
/// of it bring the pattern near its own size on one of them.
const SIDES: [f64; 5] = [SIDE, 570.0, 400.0, 285.0, 1120.0];
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

    /// Looks at the picture at several sizes, for patterns of about the size of the reference.
    fn search(&mut self, picture: &Picture<'_>, white: Plane, scale: &Scale) {
        let largest = SIDES.iter().copied().fold(0.0, f64::max);
        let base_scale = Scale::to_area(picture.width, picture.height, 2.0 * SIDE);
        // A large picture is gone through once more, all sizes are made of what is left of it then.
        let base = (picture.width as f64 * picture.height as f64 > (largest * 1.2).powi(2))
            .then(|| luminance(picture, &base_scale));
        let mut white = Some(white);
        let mut rest = Vec::new();
        for side in SIDES {
            let target = Scale::to_area(picture.width, picture.height, side);
            if target.x() > LARGEST_SCALE || target.to_width.max(target.to_height) > LONGEST {
                continue;
            }
            let plane = match (white.take_if(|_| target == *scale), &base) {
                (Some(plane), _) => plane,
                (None, Some(base)) => {
                    let step = Scale { width: base.width, height: base.height, ..target };
                    whitened(&resampled(&step, |y, line| line.copy_from_slice(base.row(y))))
                }
                (None, None) => whitened(&luminance(picture, &target)),
            };
            let level = Level::new(&plane);
            let mut hypotheses = level.hypotheses();
            hypotheses.truncate(TRIED);
            let sure = hypotheses.iter().take_while(|hypothesis| hypothesis.score > SURE).count();
            for hypothesis in hypotheses.drain(..sure) {
                self.attempt_hypothesis(&level, &hypothesis, &target);
                if !self.found.is_empty() {
                    return;
                }
            }
            let level = std::rc::Rc::new(level);
            rest.extend(hypotheses.into_iter().map(|hypothesis| (hypothesis, level.clone(), target)));
        }
        rest.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        for (hypothesis, level, target) in rest.iter().take(TRIED) {
            self.attempt_hypothesis(level, hypothesis, target);
            if !self.found.is_empty() {
                return;
            }
        }
    }

    fn attempt_hypothesis(&mut self, level: &Level, hypothesis: &Hypothesis, scale: &Scale) {
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
                Geometry::of_frequencies(matrix, halved, shift, scale, middle)
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
            let (payload, statistic, checked) = match &self.expected {
                None => {
                    self.hypotheses += 1;
                    let decoded = code().decode(&self.values, &mut self.workspace);
                    let z = statistic(&self.values, &decoded.codeword);
                    (Payload::from_bits(decoded.payload as u64), z, decoded.checked)
                }
                Some(expected) => {
                    self.hypotheses += expected.len() as u64;
                    let each = expected
                        .iter()
                        .map(|(payload, codeword)| (*payload, statistic(&self.values, codeword)));
                    let Some((payload, z)) = each.max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
                    (payload, z, true)
                }
            };
            let evidence = Evidence { statistic, hypotheses: self.hypotheses, ..self.best };
            if statistic > self.best.statistic {
                self.best.statistic = statistic;
            }
            let known = self.found.iter().any(|found| found.key == *key && found.payload == payload);
            if checked && evidence.holds() && !known {
                self.found.push(Found { payload, key: *key, evidence, route, alignment: geometry() });
            }
        }
        self.best.hypotheses = self.hypotheses;
    }

    fn finish(mut self) -> Detection<Geometry> {
        if self.found.is_empty() {
            return Detection::Absent(self.best);
        }
        self.found.sort_by(|a, b| b.evidence.statistic.total_cmp(&a.evidence.statistic));
        Detection::Present(self.found)
    }
}
