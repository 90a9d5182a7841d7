//! The watermark in pictures, frame by frame.

use super::reading::{Reading, chances, strength};
use super::wanted::Wanted;
use super::{expected, keys, label, recompressed, under};
use crate::MarkError;
use indicia_core::{Context, FormatError, Mark, Nearest, Order};
use indicia_media::{Asset, Colour, Draft, Frame, Picture, Samples};
use indicia_watermark::picture::{
    Detector, Effort, Geometry, Layout, Picture as View, PictureMut as ViewMut, Samples as Borrowed,
    SamplesMut, Strength as Amplitude, embed,
};
use indicia_watermark::{DEFAULT_LOG10_THRESHOLD, Detection, Evidence, Found, Key, Payload};

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
struct Pass {
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
    let pass = Pass::of(picture, &keys, deep, &expected(cx, &keys))?;
    if pass.marks.is_empty() {
        return match (pass.nearest, pass.unable) {
            (Some(nearest), _) => Err(MarkError::Short(Nearest {
                strength: strength(&nearest, pass.frames),
                reach: reach(keys.len(), deep),
            })),
            (None, Some(why)) => Err(MarkError::Blind(why)),
            (None, None) => Err(MarkError::Blind("the picture has no frame".into())),
        };
    }
    let label = label::of(asset, cx);
    let one = |read: &Read| reading(read, &pass, picture).mark(&keys, label.as_ref());
    Ok(pass.marks.iter().map(one).collect())
}

/// How far was looked, in words.
fn reach(keys: usize, deep: bool) -> String {
    let how = if deep {
        "with a search for cropped, turned and padded pictures"
    } else {
        "where it was put, at any size, mirrored or turned by quarters; --deep also searches cropped, turned and padded pictures"
    };
    format!("{}, {how}", under(keys))
}

/// Puts the mark on every frame, unless it is there.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    let wanted = Wanted::of(order, draft.asset(), cx)?;
    let before = Pass::of(draft.picture()?, std::slice::from_ref(&wanted.key), false, &[])?;
    let is_ours = |read: &&Read| read.found.payload == wanted.payload;
    if before.marks.iter().find(is_ours).is_some_and(|read| read.frames == before.frames) {
        return Ok(None);
    }
    let other = before.marks.iter().find(|read| read.found.payload != wanted.payload);
    if let Some(other) = other.filter(|_| !order.replace) {
        return Err(wanted.taken("picture", other.found.payload));
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
        let embedded = embed(&mut view, &wanted.key, wanted.payload, Amplitude::default())
            .map_err(|why| MarkError::Refused(format!("{}{why}", place_of(at, frames))))?;
        let is_weaker = |weakest: &Evidence| embedded.after_jpeg.statistic < weakest.statistic;
        if weakest.as_ref().is_none_or(is_weaker) {
            weakest = Some(embedded.after_jpeg);
        }
    }
    let mut mark = wanted.mark(ALGORITHM, place(frames, frames));
    mark.strength = weakest.map(|evidence| strength(&evidence, frames));
    if let Some(signal) = &mut mark.signal {
        signal.attempts = weakest.map_or(0, |evidence| evidence.hypotheses);
        (signal.frames, signal.frames_in_all) = (frames, frames);
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

impl Pass {
    fn of(picture: &Picture, keys: &[Key], deep: bool, known: &[Payload]) -> Result<Self, MarkError> {
        let frames = picture.frames.len();
        // Many frames are many chances of a false alarm, and looking for known payloads besides is another.
        let looks = frames * if known.is_empty() { 1 } else { 2 };
        let detector = Detector::new(keys).with_log10_threshold(DEFAULT_LOG10_THRESHOLD - chances(looks));
        let look = |frame: &Frame, effort| {
            let view = view(picture, frame)?;
            let read = detector.detect(&view, effort);
            if known.is_empty() || matches!(read, Detection::Present(_)) {
                return Ok::<_, MarkError>(read);
            }
            let recognised = detector.expect(&view, effort, known);
            Ok(if matches!(recognised, Detection::Present(_)) { recognised } else { read })
        };
        let mut pass = Self { marks: Vec::new(), nearest: None, unable: None, frames };
        for frame in &picture.frames {
            pass.add(look(frame, Effort::Fast)?);
        }
        if deep && pass.marks.is_empty() {
            let mut places = vec![0, frames / 2, frames.saturating_sub(1)];
            places.dedup();
            for frame in places.into_iter().filter_map(|at| picture.frames.get(at)) {
                pass.add(look(frame, Effort::Search)?);
                if !pass.marks.is_empty() {
                    break;
                }
            }
        }
        Ok(pass)
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

fn reading(read: &Read, pass: &Pass, picture: &Picture) -> Reading {
    let Found { payload, key, evidence, route, alignment } = &read.found;
    Reading {
        payload: *payload,
        key: *key,
        place: place(read.frames, pass.frames),
        strength: strength(evidence, pass.frames),
        route: *route,
        attempts: evidence.hypotheses.saturating_mul(pass.frames as u64),
        geometry: geometry(alignment, picture),
        spans: Vec::new(),
        frames: (read.frames, pass.frames),
        known: evidence.information_bits == 0,
        algorithm: ALGORITHM,
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
