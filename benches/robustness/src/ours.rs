//! The watermark of this project, as the bench tries it.

use std::time::Duration;

use cpu_time::ThreadTime;
use indicia_watermark::picture::{
    Detector, Effort, Layout, Picture, PictureMut, Samples, SamplesMut, Strength, embed,
};
use indicia_watermark::{Detection, Evidence, Key, Payload, Route};

use crate::method::{Method, Reading};
use crate::picture::Rgb;

/// The watermark under the open key, at its default strength, with the full search.
#[derive(Debug)]
pub struct Ours {
    key: Key,
    detector: Detector,
    effort: Effort,
    strength: Strength,
    begin: ThreadTime,
}

impl Ours {
    /// Under a key. Has to stay in the thread that made it: it counts that one's processor time.
    pub fn new(key: Key, effort: Effort, strength: Strength) -> Self {
        let detector = Detector::new(std::slice::from_ref(&key));
        Self { key, detector, effort, strength, begin: ThreadTime::now() }
    }
}

/// A picture as the watermark takes it.
///
/// # Panics
/// If it has more than 2^32 pixels a side.
pub fn borrowed(picture: &Rgb) -> Picture<'_> {
    let [width, height] = [picture.width, picture.height].map(|side| u32::try_from(side).expect("a side"));
    let samples = Samples::Eight(&picture.samples);
    Picture::new(width, height, Layout::Rgb, samples).expect("samples of its size")
}

/// A marked copy.
///
/// # Errors
/// In words, if the picture is refused.
pub fn marked(picture: &Rgb, key: &Key, payload: u64, strength: Strength) -> Result<Rgb, String> {
    let mut copy = picture.clone();
    let [width, height] = [copy.width, copy.height].map(|side| u32::try_from(side).expect("a side"));
    let samples = SamplesMut::Eight(&mut copy.samples);
    let mut changed = PictureMut::new(width, height, Layout::Rgb, samples).expect("samples of its size");
    embed(&mut changed, key, Payload::from_bits(payload), strength).map_err(|err| err.to_string())?;
    Ok(copy)
}

impl Method for Ours {
    fn name(&self) -> &'static str {
        "indicia"
    }

    fn embed(&mut self, picture: &Rgb, payload: u64) -> Result<Rgb, String> {
        marked(picture, &self.key, payload, self.strength)
    }

    fn detect(&mut self, picture: &Rgb) -> Result<Reading, String> {
        let of = |evidence: &Evidence| (Some(evidence.statistic), Some(evidence.log10_false_alarm()));
        Ok(match self.detector.detect(&borrowed(picture), self.effort) {
            Detection::Present(found) => {
                let first = found.first().ok_or("a mark that is none")?;
                let (statistic, log10_false_alarm) = of(&first.evidence);
                let route = match first.route {
                    Route::Direct => "direct",
                    Route::Search => "search",
                };
                let payload = Some(first.payload.bits());
                Reading { payload, statistic, log10_false_alarm, route: route.into() }
            }
            Detection::Absent(evidence) => {
                let (statistic, log10_false_alarm) = of(&evidence);
                Reading { statistic, log10_false_alarm, ..Reading::default() }
            }
            Detection::Unable(why) => Reading { route: why.to_string(), ..Reading::default() },
        })
    }

    fn cpu(&self) -> Duration {
        self.begin.elapsed()
    }
}
