//! The watermark in pictures, frame by frame.

use super::message::{self, Message};
use super::{key_of, keys, label, recompressed};
use crate::MarkError;
use indicia_core::{Binding, Context, Field, FormatError, Mark, Nearest, Order, Signal, Strength};
use indicia_media::{Asset, Colour, Draft, Frame, Picture, Samples};
use indicia_watermark::picture::{
    Detector, Effort, Geometry, Layout, Picture as View, PictureMut as ViewMut, Samples as Borrowed,
    SamplesMut, Strength as Amplitude, embed,
};
use indicia_watermark::{DEFAULT_LOG10_THRESHOLD, Detection, Evidence, Found, Key, Payload, Route};

/// The pattern and its payload, as C2PA manifests name it: no algorithm of the C2PA list, so in reverse domain form.
const ALGORITHM: &str = "io.github.indicia.watermark.picture.1";

/// Pixels of a picture at the scale in which the pattern is laid out.
const REFERENCE: f64 = 640_000.0;

/// A mark, and the frames it was read on.
struct Read {
    found: Found<Geometry>,
    frames: usize,
}

/// What came of looking at all frames.
struct Reading {
    marks: Vec<Read>,
    /// The best attempt of all that fell short.
    nearest: Option<Evidence>,
    /// Why frames could not be read at all.
    unable: Option<String>,
    frames: usize,
}

/// The watermarks in a picture.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let picture = asset.picture()?;
    let (keys, deep) = (keys(cx), cx.watermarks.deep);
    let reading = Reading::of(picture, &keys, deep)?;
    if reading.marks.is_empty() {
        return match (reading.nearest, reading.unable) {
            (Some(nearest), _) => Err(MarkError::Short(Nearest {
                strength: strength(&nearest, reading.frames),
                reach: reach(keys.len(), deep),
            })),
            (None, Some(why)) => Err(MarkError::Blind(why)),
            (None, None) => Err(MarkError::Blind("the picture has no frame".into())),
        };
    }
    let label = label::of(asset, cx);
    let one = |read: &Read| {
        let key = keys.iter().find(|key| key.id() == read.found.key);
        mark(read, &reading, picture, key.zip(label.as_ref()))
    };
    Ok(reading.marks.iter().map(one).collect())
}

/// How far was looked, in words.
fn reach(keys: usize, deep: bool) -> String {
    let under = match keys {
        1 => "looked for under the open key alone".to_owned(),
        2 => "looked for under the open key and one more".to_owned(),
        more => format!("looked for under the open key and {} more", more - 1),
    };
    let how = if deep {
        "with a search for cropped, turned and padded pictures"
    } else {
        "where it was put, at any size, mirrored or turned by quarters; --deep also searches cropped, turned and padded pictures"
    };
    format!("{under}, {how}")
}

/// Puts the mark on every frame, unless it is there.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    let key = key_of(order);
    let field = message::record(order.role);
    let id = match order.claim.field(field) {
        "" => {
            label::of(draft.asset(), cx).map(|label| label.claim.field(field).to_owned()).unwrap_or_default()
        }
        given => given.to_owned(),
    };
    let payload = message::payload(order, &key, &id)?;
    let before = Reading::of(draft.picture()?, std::slice::from_ref(&key), false)?;
    let is_ours = |read: &&Read| read.found.payload == payload;
    if before.marks.iter().find(is_ours).is_some_and(|read| read.frames == before.frames) {
        return Ok(None);
    }
    if let Some(other) =
        before.marks.iter().find(|read| read.found.payload != payload).filter(|_| !order.replace)
    {
        let message = Message::of(other.found.payload);
        return Err(MarkError::Refused(format!(
            "the picture carries another watermark under this key already (payload {}, id {}), and two would stand in each \
             other's way; --replace-label writes over it",
            other.found.payload,
            message.id_words()
        )));
    }
    let picture = draft.picture_mut()?;
    let (width, height, layout) = (picture.width, picture.height, layout(picture.colour));
    let frames = picture.frames.len();
    let mut weakest: Option<Evidence> = None;
    for (at, frame) in picture.frames.iter_mut().enumerate() {
        let samples = match &mut frame.samples {
            Samples::Eight(all) => SamplesMut::Eight(all),
            Samples::Sixteen(all) => SamplesMut::Sixteen(all),
        };
        let mut view = ViewMut::new(width, height, layout, samples).map_err(|_| missing_samples())?;
        let embedded = embed(&mut view, &key, payload, Amplitude::default())
            .map_err(|why| MarkError::Refused(format!("{}{why}", place_of(at, frames))))?;
        let is_weaker = |weakest: &Evidence| embedded.after_jpeg.statistic < weakest.statistic;
        if weakest.as_ref().is_none_or(is_weaker) {
            weakest = Some(embedded.after_jpeg);
        }
    }
    let message = Message::of(payload);
    let mut mark = Mark {
        claim: message.claim.clone(),
        place: place(frames, frames),
        raw: payload.to_string(),
        strength: weakest.map(|evidence| strength(&evidence, frames)),
        signal: Some(Signal {
            payload: payload.to_string(),
            version: message.version,
            id: message.id_words(),
            key: key.id().to_string(),
            open: key == Key::public(),
            searched: false,
            attempts: weakest.map_or(0, |evidence| evidence.hypotheses),
            geometry: Vec::new(),
            frames,
            frames_in_all: frames,
        }),
        binding: Some(binding(payload)),
        ..Mark::default()
    };
    if field == Field::PropagationId {
        move_id(&mut mark, field, &id);
    }
    Ok(Some(mark))
}

/// Reads the mark once more on every frame after a mild loss.
pub(crate) fn confirm(mark: &Mark, asset: &Asset<'_>, cx: &Context) -> Result<Mark, MarkError> {
    let picture = asset.picture()?;
    let wanted = mark.signal.as_ref().map(|signal| signal.payload.as_str()).unwrap_or_default();
    let detector = Detector::new(&keys(cx));
    let frames = picture.frames.len();
    for (at, frame) in picture.frames.iter().enumerate() {
        let Some(grey) = recompressed::luminance(picture, frame)? else { continue };
        let view = View::new(picture.width, picture.height, Layout::Gray, Borrowed::Eight(&grey));
        let detection = detector.detect(&view.map_err(|_| missing_samples())?, Effort::Fast);
        if detection.found().iter().any(|found| found.payload.to_string() == wanted) {
            continue;
        }
        let why = match detection {
            Detection::Present(_) => "another payload was read".to_owned(),
            Detection::Absent(evidence) => {
                format!("its statistic is {:.1} where {:.1} is needed", evidence.statistic, evidence.needed())
            }
            Detection::Unable(why) => why.to_string(),
        };
        return Err(MarkError::Refused(format!(
            "{}the watermark would not outlast JPEG of quality {}: {why}",
            place_of(at, frames),
            recompressed::QUALITY
        )));
    }
    Ok(mark.clone())
}

impl Reading {
    fn of(picture: &Picture, keys: &[Key], deep: bool) -> Result<Self, MarkError> {
        let frames = picture.frames.len();
        // Many frames are many chances of a false alarm.
        let detector = Detector::new(keys).with_log10_threshold(DEFAULT_LOG10_THRESHOLD - chances(frames));
        let mut reading = Self { marks: Vec::new(), nearest: None, unable: None, frames };
        for frame in &picture.frames {
            reading.add(detector.detect(&view(picture, frame)?, Effort::Fast));
        }
        if deep && reading.marks.is_empty() {
            let mut places = vec![0, frames / 2, frames.saturating_sub(1)];
            places.dedup();
            for frame in places.into_iter().filter_map(|at| picture.frames.get(at)) {
                reading.add(detector.detect(&view(picture, frame)?, Effort::Search));
                if !reading.marks.is_empty() {
                    break;
                }
            }
        }
        Ok(reading)
    }

    fn add(&mut self, detection: Detection<Geometry>) {
        match detection {
            Detection::Present(found) => {
                for found in found {
                    let same =
                        |read: &&mut Read| read.found.payload == found.payload && read.found.key == found.key;
                    match self.marks.iter_mut().find(same) {
                        Some(read) => {
                            read.frames += 1;
                            if found.evidence.statistic > read.found.evidence.statistic {
                                read.found = found;
                            }
                        }
                        None => self.marks.push(Read { found, frames: 1 }),
                    }
                }
            }
            Detection::Absent(evidence) => {
                let nearer = |nearest: &Evidence| {
                    evidence.log10_false_alarm() < nearest.log10_false_alarm()
                        || evidence.statistic > nearest.statistic
                };
                if self.nearest.as_ref().is_none_or(nearer) {
                    self.nearest = Some(evidence);
                }
            }
            Detection::Unable(why) => self.unable = Some(why.to_string()),
        }
    }
}

/// By how much so many frames move a common logarithm of chances.
fn chances(frames: usize) -> f64 {
    f64::from(u32::try_from(frames.max(1)).unwrap_or(u32::MAX)).log10()
}

fn strength(evidence: &Evidence, frames: usize) -> Strength {
    let log10 = (evidence.log10_false_alarm() + chances(frames)).min(0.0);
    Strength {
        statistic: evidence.statistic,
        threshold: evidence.needed(),
        // A bound below what a float holds is told as the least one.
        false_alarm: 10f64.powf(log10).max(f64::MIN_POSITIVE),
    }
}

fn mark(read: &Read, reading: &Reading, picture: &Picture, beside: Option<(&Key, &Mark)>) -> Mark {
    let Found { payload, key, evidence, route, alignment } = &read.found;
    let message = Message::of(*payload);
    let (flaws, led_to) = beside.map(|(key, label)| label::compare(&message, key, label)).unwrap_or_default();
    let mut id = message.id_words();
    if let Some((_, number)) = led_to.as_ref().filter(|(_, number)| *number != id) {
        id = format!("{id}, that of \"{number}\" in the AIGC label");
    }
    let mut mark = Mark {
        claim: message.claim.clone(),
        place: place(read.frames, reading.frames),
        raw: payload.to_string(),
        flaws: message.flaws.iter().cloned().chain(flaws).collect(),
        strength: Some(strength(evidence, reading.frames)),
        signal: Some(Signal {
            payload: payload.to_string(),
            version: message.version,
            id,
            key: key.to_string(),
            open: *key == Key::public().id(),
            searched: *route == Route::Search,
            attempts: evidence.hypotheses.saturating_mul(reading.frames as u64),
            geometry: geometry(alignment, picture),
            frames: read.frames,
            frames_in_all: reading.frames,
        }),
        binding: Some(binding(*payload)),
        ..Mark::default()
    };
    if let Some((Field::PropagationId, number)) = &led_to {
        move_id(&mut mark, Field::PropagationId, number);
    }
    mark
}

/// How a manifest names the mark.
fn binding(payload: Payload) -> Binding {
    Binding { algorithm: ALGORITHM.into(), value: payload.bits().to_be_bytes().to_vec() }
}

/// Says of an id that stands in the mark itself whose it is.
fn move_id(mark: &mut Mark, field: Field, number: &str) {
    if mark.claim.field(Field::ContentId) == number {
        mark.claim.set(Field::ContentId, "");
        mark.claim.set(field, number);
    }
}

/// What the mark tells of what became of the picture since.
fn geometry(found: &Geometry, picture: &Picture) -> Vec<(&'static str, f64)> {
    let pixels = f64::from(picture.width) * f64::from(picture.height);
    let mirrored = if found.is_mirrored() { 1.0 } else { 0.0 };
    vec![
        ("rotation_degrees", found.rotation_degrees()),
        ("mirrored", mirrored),
        ("share_of_area", pixels * found.scale().powi(2) / REFERENCE),
    ]
}

fn place(frames: usize, in_all: usize) -> String {
    match in_all {
        1 => "in the pixels".into(),
        _ => format!("in the pixels of {frames} of {in_all} frames"),
    }
}

/// Before a reason that is about one frame of several.
fn place_of(at: usize, frames: usize) -> String {
    if frames == 1 { String::new() } else { format!("frame {} of {frames}: ", at + 1) }
}

fn view<'p>(picture: &Picture, frame: &'p Frame) -> Result<View<'p>, MarkError> {
    let samples = match &frame.samples {
        Samples::Eight(all) => Borrowed::Eight(all),
        Samples::Sixteen(all) => Borrowed::Sixteen(all),
    };
    let view = View::new(picture.width, picture.height, layout(picture.colour), samples);
    view.map_err(|_| missing_samples())
}

fn missing_samples() -> MarkError {
    FormatError::unsupported(0, "a picture with samples missing").into()
}

fn layout(colour: Colour) -> Layout {
    match colour {
        Colour::Gray => Layout::Gray,
        Colour::GrayAlpha => Layout::GrayAlpha,
        Colour::Rgb => Layout::Rgb,
        Colour::Rgba => Layout::Rgba,
        Colour::YCbCr => Layout::YCbCr,
    }
}
