//! Finding labels in a picture by reading its words: where is looked, in which size, and what counts.

use super::contrast;
use super::geometry::{Area, Upright, nearest, nearest_side};
use super::label_words::Said;
use super::measuring::measure;
use super::scene::Scene;
use super::spelling::{Line, SURE, confidence, join, said, spell};
use crate::MarkError;
use crate::words::Elements;
use indicia_core::{Claim, Flaw, Form, Gravity, Mark, Notice, Position, TextRegion, WordReader};
use indicia_media::Picture;

/// The shorter side of the copy in which text is looked for, in pixels: letters of a twentieth are 20 pixels there.
const SHORT_SIDE: u32 = 416;
/// The same for a search of the whole picture.
const SHORT_SIDE_DEEP: u32 = 1280;
/// Most pixels of that copy.
const MOST_PIXELS: u64 = 3 << 20;
/// The part of the shorter side from an edge in which a label stands at it.
const EDGE: f32 = 0.12;
/// The part of the shorter side from an edge in which labels are looked for first.
const BAND: f32 = 0.25;
/// Most lines spelled out in one picture.
const MOST_LINES: usize = 60;

/// The labels in a picture; in an animation those of its first frame, or of a later one if that has none.
///
/// Looked at are the edges, or all of it if `deep`.
///
/// # Errors
/// If the reader fails.
pub(crate) fn find(picture: &Picture, reader: &dyn WordReader, deep: bool) -> Result<Vec<Mark>, MarkError> {
    let count = picture.frames.len();
    let mut numbers = vec![0, count / 2, count.saturating_sub(1)];
    numbers.dedup();
    for number in numbers {
        let Some(scene) = Scene::of(picture, number) else { continue };
        let marks = search(picture, scene, reader, deep).map_err(MarkError::Blind)?;
        if !marks.is_empty() {
            return Ok(marks);
        }
    }
    Ok(Vec::new())
}

fn search(
    picture: &Picture,
    scene: Scene<'_>,
    reader: &dyn WordReader,
    deep: bool,
) -> Result<Vec<Mark>, String> {
    let regions = regions(&scene, reader, if deep { SHORT_SIDE_DEEP } else { SHORT_SIDE })?;
    let (width, height) = scene.size();
    let band = nearest(BAND * scene.upright.short_side() as f32).unsigned_abs().max(1);
    let mut looked: Vec<Area> =
        regions.iter().copied().filter(|area| deep || distance(*area, (width, height)) < band).collect();
    looked.sort_by_key(|area| distance(*area, (width, height)));
    looked.truncate(MOST_LINES);
    let mut lines = Vec::new();
    for area in looked {
        lines.push(spell(&scene, reader, area)?);
    }
    join(&mut lines);
    let mut marks = Vec::new();
    for line in &lines {
        let Some(said) = said(line) else { continue };
        let alone = !regions.iter().any(|other| crowds(*other, line.area) && !is_label(*other, &lines));
        marks.push(mark(picture, &scene, line, said, alone));
    }
    Ok(marks)
}

/// Where text stands, in pixels of the picture.
fn regions(scene: &Scene<'_>, reader: &dyn WordReader, short_side: u32) -> Result<Vec<Area>, String> {
    let (width, height) = scene.size();
    let pixels = u64::from(width) * u64::from(height);
    let mut scale = (f64::from(short_side) / f64::from(width.min(height).max(1))).min(1.0);
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    let most = (MOST_PIXELS as f64 / pixels.max(1) as f64).sqrt();
    scale = scale.min(most);
    let side = |side: u32| nearest_side(f64::from(side) * scale).clamp(1, side);
    let whole = Area { x: 0, y: 0, width, height };
    let copy = scene.part(whole, (side(width), side(height)));
    let back = (width as f32 / copy.width as f32, height as f32 / copy.height as f32);
    let found = reader.regions(&copy)?;
    Ok(found.into_iter().filter_map(|region| full(region, back, (width, height))).collect())
}

/// A region in pixels of the picture, with a little room around it.
fn full(region: TextRegion, back: (f32, f32), (width, height): (u32, u32)) -> Option<Area> {
    let room = 0.08 * (region.height * back.1).min(region.width * back.0);
    let low = |at: f32| nearest((at - room).floor()).max(0).unsigned_abs();
    let high = |at: f32, all: u32| nearest((at + room).ceil()).max(0).unsigned_abs().min(all);
    let (x, y) = (low(region.left * back.0), low(region.top * back.1));
    let right = high((region.left + region.width) * back.0, width);
    let bottom = high((region.top + region.height) * back.1, height);
    let area = Area { x, y, width: right.checked_sub(x)?, height: bottom.checked_sub(y)? };
    (area.width > 0 && area.height > 0).then_some(area)
}

/// How far a rectangle is from the nearest edge.
fn distance(area: Area, (width, height): (u32, u32)) -> u32 {
    let right = width.saturating_sub(area.x + area.width);
    let bottom = height.saturating_sub(area.y + area.height);
    area.x.min(area.y).min(right).min(bottom)
}

/// Whether two lines stand as the lines of one text do: one right under or right beside the other, alike in height.
fn crowds(other: Area, line: Area) -> bool {
    let gap =
        |one: (u32, u32), two: (u32, u32)| (two.0.saturating_sub(one.1)).max(one.0.saturating_sub(two.1));
    let across = gap((other.x, other.x + other.width), (line.x, line.x + line.width));
    let down = gap((other.y, other.y + other.height), (line.y, line.y + line.height));
    let alike = other.height < 3 * line.height && line.height < 3 * other.height;
    other != line && alike && ((down < line.height && across == 0) || (across < 2 * line.height && down == 0))
}

/// Whether the line in a region reads as a label.
fn is_label(region: Area, lines: &[Line]) -> bool {
    lines.iter().any(|line| line.regions.contains(&region) && said(line).is_some())
}

/// Where a rectangle stands, for the standard and in words.
fn position(area: Area, upright: Upright) -> (Position, &'static str) {
    let near = nearest(EDGE * upright.short_side() as f32).unsigned_abs();
    let left = area.x <= near;
    let top = area.y <= near;
    let right = upright.width().saturating_sub(area.x + area.width) <= near;
    let bottom = upright.height().saturating_sub(area.y + area.height) <= near;
    match (left, right, top, bottom) {
        (true, true, true, _) => (Position::Edge, "top edge"),
        (true, true, _, true) => (Position::Edge, "bottom edge"),
        (true, _, true, _) => (Position::Corner, "upper left corner"),
        (_, true, true, _) => (Position::Corner, "upper right corner"),
        (true, _, _, true) => (Position::Corner, "lower left corner"),
        (_, true, _, true) => (Position::Corner, "lower right corner"),
        (_, _, true, _) => (Position::Edge, "top edge"),
        (_, _, _, true) => (Position::Edge, "bottom edge"),
        (true, ..) => (Position::Edge, "left edge"),
        (_, true, ..) => (Position::Edge, "right edge"),
        _ => (Position::Middle, "in the picture"),
    }
}

fn mark(picture: &Picture, scene: &Scene<'_>, line: &Line, said: Said, alone: bool) -> Mark {
    let measures = measure(scene, line.area, &line.letters);
    let area = measures.as_ref().map_or(line.area, |measures| measures.area);
    let (position, place) = position(area, scene.upright);
    let all = (0..picture.frames.len()).filter_map(|frame| Scene::of(picture, frame));
    let readings: Vec<_> =
        measures.iter().flat_map(|measures| all.clone().map(|scene| measures.read(&scene))).collect();
    let there: Vec<_> =
        readings.iter().filter(|reading| reading.likeness >= contrast::LEAST_LIKENESS).collect();
    let least = there.iter().map(|reading| reading.contrast).fold(21.0, f32::min);
    let mut flaws = Vec::new();
    let mut doubt = |code, text: String| flaws.push(Flaw { code, gravity: Gravity::Doubt, text, at: 0 });
    if let Some(why) = said.doubt {
        doubt("not-a-label", why.to_owned());
    }
    if position == Position::Middle {
        doubt(
            "not-a-label",
            "the words stand in the picture, where they may be part of what it shows".into(),
        );
    } else if said.bare && !alone {
        doubt(
            "not-a-label",
            "other words stand right beside it, so that it may be part of another text".into(),
        );
    }
    if confidence(line) < SURE {
        let text = format!("the letters are hard to read (confidence {:.2})", confidence(line));
        doubt("hard-to-read", text);
    }
    let elements = Elements::of(&said.words);
    if let Some(missing) = elements.missing() {
        let english = said.words.is_ascii() && elements.ai;
        flaws.push(Flaw {
            code: "words",
            gravity: if english { Gravity::Deviation } else { Gravity::Fault },
            text: format!("\"{}\" lacks {missing} (GB 45438-2025 clause 5.2)", said.words),
            at: 0,
        });
    }
    let Area { x, y, width, height } = area;
    Mark {
        claim: Claim { status: Some(said.status), origin: said.origin, ..Claim::default() },
        place: format!("{place}, {width} x {height} px at {x},{y}"),
        raw: line.text(),
        flaws,
        notice: Some(Notice {
            words: said.words,
            positions: vec![position],
            form: Form::Drawn {
                glyph_height: measures.map_or(0, |measures| measures.glyph_height),
                short_side: scene.upright.short_side(),
                contrast: if there.is_empty() { 1.0 } else { least },
                frames: there.len().max(1),
                frames_in_all: picture.frames.len(),
            },
        }),
        ..Mark::default()
    }
}
