//! Finding labels in a picture by reading its words: where is looked, in which size, and what counts.

use super::contrast;
use super::geometry::{Area, Upright, nearest, nearest_side};
use super::label_words::{self, Said};
use super::measuring::measure;
use super::scene::{Scene, Shown};
use super::spelling::{Line, SURE, confidence, join, said, spell};
use crate::MarkError;
use crate::words::Elements;
use indicia_core::{Claim, Flaw, Form, Gravity, Mark, Notice, Position, TextRegion, WordReader};
use indicia_media::Picture;

/// The shorter side of the copy in which text is looked for, in pixels: letters of a twentieth are 20 pixels there.
const SHORT_SIDE: u32 = 416;
/// The same for a search of the whole picture.
const SHORT_SIDE_DEEP: u32 = 1280;
/// How a picture is looked at again in which parts of a label were read, and none of all its words: colours, shorter side.
const SECOND_LOOKS: [(Shown, u32); 3] =
    [(Shown::Darkest, SHORT_SIDE), (Shown::Brightest, SHORT_SIDE), (Shown::Plain, 640)];
/// Hundredths of a line that lie within another which is taken to be the same, and within one that leaves out none of its words.
const MOSTLY: u64 = 67;
const WHOLLY: u64 = 95;
/// Most strokes of what is behind a line that are read as letters.
const STRAY: usize = 2;
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
    let short_side = if deep { SHORT_SIDE_DEEP } else { SHORT_SIDE };
    let first = Pass::of(scene, reader, short_side, deep)?;
    let marks = first.marks(picture, None);
    let is_sure = |mark: &Mark| !mark.is_doubtful();
    if marks.iter().any(is_sure) || !first.hints() {
        return Ok(marks);
    }
    for (shown, short_side) in SECOND_LOOKS {
        let short_side = if deep { SHORT_SIDE_DEEP } else { short_side };
        if (shown, short_side) == (scene.shown, first.short_side) {
            continue;
        }
        let again = Pass::of(Scene { shown, ..scene }, reader, short_side, deep)?;
        let marks = again.marks(picture, Some(&first));
        if marks.iter().any(is_sure) {
            return Ok(marks);
        }
    }
    Ok(marks)
}

/// The lines of a picture, as one look at it shows them.
struct Pass<'s> {
    scene: Scene<'s>,
    /// The shorter side of the copy in which text was looked for.
    short_side: u32,
    /// Where text stands.
    regions: Vec<Area>,
    /// What stands near enough to an edge, spelled out.
    lines: Vec<Line>,
}

impl<'s> Pass<'s> {
    fn of(scene: Scene<'s>, reader: &dyn WordReader, short_side: u32, deep: bool) -> Result<Self, String> {
        let regions = regions(&scene, reader, short_side)?;
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
        Ok(Self { scene, short_side, regions, lines })
    }

    /// Whether some of what was read may be part of a label.
    fn hints(&self) -> bool {
        self.lines.iter().any(|line| label_words::is_partly(&line.text()))
    }

    /// The labels. Where an earlier look showed the same place, only those that say all that it read there, and nothing beside.
    fn marks(&self, picture: &Picture, earlier: Option<&Self>) -> Vec<Mark> {
        let label = |line: &Line| {
            let said = said(line)?;
            if earlier.is_some_and(|earlier| !earlier.agrees(line)) {
                return None;
            }
            let others =
                self.regions.iter().any(|other| crowds(*other, line.area) && !is_label(*other, &self.lines));
            Some(mark(picture, &self.scene, line, said, !others))
        };
        self.lines.iter().filter_map(label).collect()
    }

    /// Whether a line of a later look says as much as was read in its place, and stands as much by itself.
    fn agrees(&self, later: &Line) -> bool {
        let inside = self.lines.iter().filter(|line| covers(later.area, line.area, MOSTLY));
        let stray = |line: &Line| if covers(later.area, line.area, WHOLLY) { STRAY } else { 0 };
        let read: usize = inside.map(|line| signs(&line.text()).saturating_sub(stray(line))).sum();
        let beside = self.regions.iter().any(|other| {
            !covers(later.area, *other, MOSTLY)
                && (crowds(*other, later.area) || shared(*other, later.area) > 0)
        });
        read <= signs(&later.text()) && !beside
    }
}

/// Letters and digits of a text.
fn signs(text: &str) -> usize {
    text.chars().filter(|sign| sign.is_alphanumeric()).count()
}

/// Whether so many hundredths of one rectangle lie within another.
fn covers(outer: Area, inner: Area, hundredths: u64) -> bool {
    100 * shared(outer, inner) >= hundredths * u64::from(inner.width) * u64::from(inner.height)
}

/// Pixels that two rectangles share.
fn shared(one: Area, two: Area) -> u64 {
    let side = |a: (u32, u32), b: (u32, u32)| (a.0 + a.1).min(b.0 + b.1).saturating_sub(a.0.max(b.0));
    let across = side((one.x, one.width), (two.x, two.width));
    let down = side((one.y, one.height), (two.y, two.height));
    u64::from(across) * u64::from(down)
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
