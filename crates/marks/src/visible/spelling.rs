//! A line of text, spelled out: cut out of the picture in one way or in several, and put together from its parts.

use super::geometry::{Area, nearest, nearest_side};
use super::label_words::{self, Said};
use super::measuring::lightness;
use super::scene::Scene;
use indicia_core::{Raster, TextLetter, WordReader};

/// Least mean confidence of letters that are taken for words.
const LEAST_CONFIDENCE: f32 = 0.5;
/// Least mean confidence of a label that counts.
pub(crate) const SURE: f32 = 0.75;
/// Height of a line as it is given to the reader, at most.
const LINE_HEIGHT: u32 = 64;

/// How a line is cut out of the picture. A letter that is lost in one cut is often read in another.
#[derive(Clone, Copy)]
struct Cut {
    /// Room added on either side, and above and below, in shares of the line's height.
    room: (f32, f32),
    /// How wide it is made, of its natural width.
    width: f32,
    /// Whether it is shown in grays from black to white.
    grays: bool,
}

const FIRST_CUT: Cut = Cut { room: (0.0, 0.0), width: 1.0, grays: false };
/// Cuts for lines that nearly say a label. None is tighter than the first: what a tighter one leaves out may be what makes
/// the words something else.
const OTHER_CUTS: [Cut; 6] = [
    Cut { room: (0.25, 0.0), ..FIRST_CUT },
    Cut { room: (0.15, 0.15), ..FIRST_CUT },
    Cut { grays: true, ..FIRST_CUT },
    Cut { width: 0.85, ..FIRST_CUT },
    Cut { room: (1.2, 0.05), ..FIRST_CUT },
    Cut { room: (2.5, 0.0), ..FIRST_CUT },
];

/// A line that was spelled out.
pub(crate) struct Line {
    pub(crate) area: Area,
    pub(crate) letters: Vec<TextLetter>,
    /// The regions it was found in.
    pub(crate) regions: Vec<Area>,
}

/// Spells out the line in an area; in several cuts, as long as it nearly says a label.
pub(crate) fn spell(scene: &Scene<'_>, reader: &dyn WordReader, area: Area) -> Result<Line, String> {
    let first = cut(scene, reader, area, FIRST_CUT)?;
    let text = first.text();
    let misread = label_words::is_nearly(&text) && said(&first).is_none();
    let faint = said(&first).is_some_and(|said| said.doubt.is_none()) && confidence(&first) < SURE;
    if !misread && !faint {
        return Ok(first);
    }
    let count = |text: &str| text.chars().filter(|sign| sign.is_alphanumeric()).count();
    for other in OTHER_CUTS {
        let line = cut(scene, reader, area, other)?;
        // One that reads less has lost what may make it something else.
        let is_more = count(&line.text()) >= count(&text);
        let holds = said(&line).is_some_and(|said| said.doubt.is_none()) && confidence(&line) >= SURE;
        if is_more && holds {
            return Ok(line);
        }
    }
    Ok(first)
}

fn cut(scene: &Scene<'_>, reader: &dyn WordReader, region: Area, cut: Cut) -> Result<Line, String> {
    let room = |share: f32| nearest(share * region.height as f32).unsigned_abs();
    let (across, down) = (room(cut.room.0), room(cut.room.1));
    let (x, y) = (region.x.saturating_sub(across), region.y.saturating_sub(down));
    let (width, height) = scene.size();
    let right = (region.x + region.width + across).min(width);
    let bottom = (region.y + region.height + down).min(height);
    let area = Area { x, y, width: right - x, height: bottom - y };
    let line_height = area.height.min(LINE_HEIGHT);
    let natural = f64::from(area.width) * f64::from(line_height) / f64::from(area.height.max(1));
    let line_width = nearest_side(natural * f64::from(cut.width)).clamp(1, area.width);
    let mut part = scene.part(area, (line_width, line_height));
    if cut.grays {
        to_grays(&mut part);
    }
    Ok(Line { area, letters: reader.letters(&part)?, regions: vec![region] })
}

/// Grays from black to white, in which the darkest and the lightest fiftieth are cut off.
fn to_grays(part: &mut Raster) {
    let grays: Vec<u8> = part.rgb.chunks_exact(3).map(lightness).collect();
    let mut sorted = grays.clone();
    sorted.sort_unstable();
    let fiftieth = sorted.len() / 50;
    let low = sorted.get(fiftieth).copied().unwrap_or(0);
    let high = sorted.iter().rev().nth(fiftieth).copied().unwrap_or(u8::MAX);
    let range = u32::from(high.saturating_sub(low)).max(1);
    for (pixel, gray) in part.rgb.chunks_exact_mut(3).zip(grays) {
        let value = u32::from(gray.saturating_sub(low)) * 255 / range;
        pixel.fill(u8::try_from(value).unwrap_or(u8::MAX));
    }
}

/// Puts lines that are parts of one together: side by side, alike in height, with less than a letter between them.
pub(crate) fn join(lines: &mut Vec<Line>) {
    lines.sort_by_key(|line| line.area.x);
    let mut at = 0;
    while let Some(one) = lines.get(at) {
        let left = one.area;
        let follows = |line: &Line| {
            let right = line.area;
            let middle = right.y + right.height / 2;
            let close = right.x.abs_diff(left.x + left.width) < left.height.max(right.height) * 2 / 3;
            close
                && right.x > left.x
                && (left.y..left.y + left.height).contains(&middle)
                && left.height < 2 * right.height
                && right.height < 2 * left.height
        };
        let next = lines.iter().position(follows);
        let (Some(next), true) = (next.filter(|next| *next != at), said(one).is_none()) else {
            at += 1;
            continue;
        };
        let second = lines.remove(next);
        let at_now = if next < at { at - 1 } else { at };
        let Some(first) = lines.get_mut(at_now) else { return };
        first.add(second);
        at = at_now;
    }
}

impl Line {
    /// Its letters.
    pub(crate) fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.sign).collect()
    }

    /// Adds a line that goes on to the right.
    fn add(&mut self, other: Line) {
        let (one, two) = (self.area, other.area);
        let (x, y) = (one.x.min(two.x), one.y.min(two.y));
        let right = (one.x + one.width).max(two.x + two.width);
        let bottom = (one.y + one.height).max(two.y + two.height);
        let area = Area { x, y, width: right - x, height: bottom - y };
        let moved = |from: Area, letter: TextLetter| TextLetter {
            middle: (letter.middle * from.width as f32 + (from.x - x) as f32) / area.width as f32,
            ..letter
        };
        let letters = std::mem::take(&mut self.letters).into_iter().map(|letter| moved(one, letter));
        self.letters = letters.chain(other.letters.into_iter().map(|letter| moved(two, letter))).collect();
        self.area = area;
        self.regions.extend(other.regions);
    }
}

/// What it says, if it is a label.
pub(crate) fn said(line: &Line) -> Option<Said> {
    (confidence(line) >= LEAST_CONFIDENCE).then(|| label_words::read(&line.text())).flatten()
}

/// Mean confidence of its letters, 0 to 1.
pub(crate) fn confidence(line: &Line) -> f32 {
    let sum: f32 = line.letters.iter().map(|letter| letter.confidence).sum();
    sum / line.letters.len().max(1) as f32
}
