//! Measuring a line of text that was read in a picture: which pixels are ink, how high its letters are, and how well they
//! stand out.

use super::contrast::{self, Luminance};
use super::geometry::Area;
use super::layout::is_ideograph;
use super::mask::Mask;
use super::scene::Scene;
use indicia_core::{Raster, TextLetter};

/// Highest part measured, in pixels; larger ones are measured on a smaller copy.
const HIGHEST: u32 = 192;
/// Letters lower than this share of the line's are strokes of others, or flat by shape. Capitals beside Chinese characters are
/// down to 0.70 of their height, in Kai and in WenQuanYi Zen Hei.
const LOWEST_SHARE: f32 = 0.62;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measures {
    /// Height of the lowest capital letter, digit or Chinese character, in pixels of the picture.
    pub(crate) glyph_height: u32,
    /// Where the ink stands.
    pub(crate) area: Area,
    /// Which pixels of [`Measures::area`] are surely letters and surely not.
    pub(crate) mask: Mask,
}

/// What hangs together.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
    pixels: u32,
}

/// Measures a line; `None` if its letters do not stand out from what they stand on.
pub(crate) fn measure(scene: &Scene<'_>, area: Area, letters: &[TextLetter]) -> Option<Measures> {
    let shrink = area.height.div_ceil(HIGHEST).max(1);
    let size = ((area.width / shrink).max(1), (area.height / shrink).max(1));
    let part = scene.part(area, size);
    let ink = Ink::of(&part)?;
    let other = ink.inverted();
    let (one, two) = (ink.letters(&ink.strokes()), other.letters(&other.strokes()));
    // A plate that ends within the part has another border than its letters stand on: the sort that has a stroke for each
    // letter is ink.
    let told = |strokes: &[Stroke]| heights(strokes, letters, part.width).len();
    let (ink, kept) = if told(&two) > told(&one) { (other, two) } else { (ink, one) };
    let (left, right) = (kept.iter().map(|one| one.left).min()?, kept.iter().map(|one| one.right).max()?);
    let (top, bottom) = (kept.iter().map(|one| one.top).min()?, kept.iter().map(|one| one.bottom).max()?);
    let height = lowest(&kept, letters, part.width)?;
    let mask = ink.mask(height);
    // Of the smaller copy, in pixels of the picture.
    let scale = |value: u32, part: u32, whole: u32| {
        let exact = u64::from(value) * u64::from(whole) * 2 + u64::from(part);
        u32::try_from(exact / (2 * u64::from(part.max(1)))).unwrap_or(u32::MAX)
    };
    let glyph_height = scale(height, part.height, area.height);
    let seen = Area {
        x: area.x + scale(left, part.width, area.width),
        y: area.y + scale(top, part.height, area.height),
        width: scale(right - left + 1, part.width, area.width).max(1),
        height: scale(bottom - top + 1, part.height, area.height).max(1),
    };
    Some(Measures { glyph_height, area: seen, mask: cut(&mask, (left, top), (right, bottom)) })
}

/// The height of the lowest letter that counts.
fn lowest(strokes: &[Stroke], letters: &[TextLetter], width: u32) -> Option<u32> {
    let heights = heights(strokes, letters, width);
    let tallest = heights.iter().map(|(height, _)| *height).max()?;
    let enough = |height: &u32| *height as f32 >= LOWEST_SHARE * tallest as f32;
    let counted =
        heights.iter().filter(|(_, counts)| *counts).map(|(height, _)| *height).filter(enough).min();
    counted.or(Some(tallest))
}

/// The height of each letter that has strokes, and whether it counts.
fn heights(strokes: &[Stroke], letters: &[TextLetter], width: u32) -> Vec<(u32, bool)> {
    let middles: Vec<f32> = letters.iter().map(|letter| letter.middle * width as f32).collect();
    let mut heights: Vec<(u32, bool)> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let Some(middle) = middles.get(at).copied() else { continue };
        let before = at.checked_sub(1).and_then(|before| middles.get(before)).copied();
        let after = middles.get(at + 1).copied();
        let left = before.map_or(0.0, |before| f32::midpoint(before, middle));
        let right = after.map_or(width as f32, |after| f32::midpoint(after, middle));
        let own = strokes.iter().filter(|stroke| {
            let centre = f32::midpoint(stroke.left as f32, stroke.right as f32 + 1.0);
            // A letter of several parts is read at its middle, which one of them may cover from afar.
            let covers =
                is_ideograph(letter.sign) && (stroke.left as f32..=stroke.right as f32).contains(&middle);
            (left..right).contains(&centre) || covers
        });
        let (top, bottom) =
            own.fold((u32::MAX, 0), |(top, bottom), one| (top.min(one.top), bottom.max(one.bottom)));
        if top > bottom {
            continue;
        }
        let sign = letter.sign;
        heights.push((bottom - top + 1, sign.is_uppercase() || sign.is_numeric() || is_ideograph(sign)));
    }
    heights
}

/// A part of a mask.
fn cut(mask: &Mask, (left, top): (u32, u32), (right, bottom): (u32, u32)) -> Mask {
    let rows = mask.rows().skip(top as usize).take((bottom - top + 1) as usize);
    let coverage = rows.flat_map(|row| row.get(left as usize..=right as usize).unwrap_or_default());
    Mask { width: right - left + 1, height: bottom - top + 1, coverage: coverage.copied().collect() }
}

/// Which pixels are letters.
struct Ink {
    width: u32,
    height: u32,
    /// Row by row.
    is_ink: Vec<bool>,
}

impl Ink {
    /// Divides the pixels into two sorts by lightness where they differ most (Otsu 1979); those that are fewer along
    /// the border are the letters.
    fn of(part: &Raster) -> Option<Self> {
        let light: Vec<u8> = part.rgb.chunks_exact(3).map(lightness).collect();
        let limit = otsu(&light)?;
        let mut is_ink: Vec<bool> = light.iter().map(|value| *value > limit).collect();
        let (width, height) = (part.width as usize, part.height as usize);
        let border = is_ink.iter().enumerate().filter(|(at, _)| {
            let (x, y) = (at % width, at / width);
            x == 0 || y == 0 || x + 1 == width || y + 1 == height
        });
        let (light, all) =
            border.fold((0_usize, 0_usize), |(light, all), (_, ink)| (light + usize::from(*ink), all + 1));
        if light * 2 > all {
            is_ink.iter_mut().for_each(|ink| *ink = !*ink);
        }
        Some(Self { width: part.width, height: part.height, is_ink })
    }

    fn at(&self, x: u32, y: u32) -> bool {
        x < self.width
            && y < self.height
            && self.is_ink.get(y as usize * self.width as usize + x as usize).copied().unwrap_or(false)
    }

    /// What hangs together.
    fn strokes(&self) -> Vec<Stroke> {
        let mut seen = vec![false; self.is_ink.len()];
        let mut strokes = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                let mut open = vec![];
                self.enter((x, y), &mut seen, &mut open);
                if open.is_empty() {
                    continue;
                }
                let mut stroke = Stroke { left: x, right: x, top: y, bottom: y, pixels: 0 };
                while let Some((x, y)) = open.pop() {
                    stroke.left = stroke.left.min(x);
                    stroke.right = stroke.right.max(x);
                    stroke.top = stroke.top.min(y);
                    stroke.bottom = stroke.bottom.max(y);
                    stroke.pixels += 1;
                    for (across, down) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                        let next = (x.checked_add_signed(across), y.checked_add_signed(down));
                        if let (Some(x), Some(y)) = next {
                            self.enter((x, y), &mut seen, &mut open);
                        }
                    }
                }
                strokes.push(stroke);
            }
        }
        strokes
    }

    fn enter(&self, (x, y): (u32, u32), seen: &mut [bool], open: &mut Vec<(u32, u32)>) {
        if !self.at(x, y) {
            return;
        }
        if let Some(seen) = seen.get_mut(y as usize * self.width as usize + x as usize).filter(|seen| !**seen)
        {
            *seen = true;
            open.push((x, y));
        }
    }

    /// The other sort of pixels as letters.
    fn inverted(&self) -> Self {
        Self { width: self.width, height: self.height, is_ink: self.is_ink.iter().map(|ink| !ink).collect() }
    }

    /// The strokes of letters: neither what runs out of the part, nor specks, nor plates.
    fn letters(&self, strokes: &[Stroke]) -> Vec<Stroke> {
        let speck = (self.height * self.height / 400).max(1);
        let inside = |stroke: &&Stroke| {
            stroke.left > 0
                && stroke.top > 0
                && stroke.right + 1 < self.width
                && stroke.bottom + 1 < self.height
                && stroke.pixels > speck
                && (stroke.right - stroke.left < self.width / 2
                    || stroke.bottom - stroke.top < self.height / 2)
        };
        strokes.iter().filter(inside).copied().collect()
    }

    /// Which pixels are surely letters, and which surely what they stand on: those near a letter, but not at its rim.
    fn mask(&self, glyph_height: u32) -> Mask {
        let near = (glyph_height / 5).max(3);
        let any = |x: u32, y: u32, reach: u32| {
            let rows = y.saturating_sub(reach)..=y.saturating_add(reach);
            rows.into_iter().any(|y| (x.saturating_sub(reach)..=x + reach).any(|x| self.at(x, y)))
        };
        let whole = |x: u32, y: u32| {
            self.at(x, y)
                && self.at(x + 1, y)
                && self.at(x, y + 1)
                && x.checked_sub(1).is_some_and(|x| self.at(x, y))
                && y.checked_sub(1).is_some_and(|y| self.at(x, y))
        };
        let pixels = || (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        let (ink, inner) = pixels().fold((0_u32, 0_u32), |(ink, inner), (x, y)| {
            (ink + u32::from(self.at(x, y)), inner + u32::from(whole(x, y)))
        });
        // Thin strokes are all rim.
        let thin = inner * 6 < ink;
        let coverage = pixels().map(|(x, y)| {
            if self.at(x, y) {
                if thin || whole(x, y) { 255 } else { 128 }
            } else if !any(x, y, 1) && any(x, y, near) {
                0
            } else {
                1
            }
        });
        Mask { width: self.width, height: self.height, coverage: coverage.collect() }
    }
}

/// Lightness of a pixel, as the eye has it (luma of ITU-R BT.601).
pub(crate) fn lightness(pixel: &[u8]) -> u8 {
    let [red, green, blue] = pixel else { return 0 };
    let sum = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
    u8::try_from((sum + 500) / 1000).unwrap_or(u8::MAX)
}

/// The value that divides values into two sorts that differ most; `None` if all are the same.
fn otsu(values: &[u8]) -> Option<u8> {
    let mut counts = [0_u32; 256];
    for value in values {
        if let Some(count) = counts.get_mut(usize::from(*value)) {
            *count += 1;
        }
    }
    let weigh = |(value, count): (u8, &u32)| f64::from(value) * f64::from(*count);
    let all: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let sum: f64 = (0..=255).zip(&counts).map(weigh).sum();
    let (mut below, mut below_sum) = (0.0, 0.0);
    let mut best: Option<(f64, u8)> = None;
    for (value, count) in (0..=255).zip(&counts) {
        below += f64::from(*count);
        below_sum += weigh((value, count));
        let above = all - below;
        if below < 1.0 || above < 1.0 {
            continue;
        }
        let apart = below_sum / below - (sum - below_sum) / above;
        let spread = below * above * apart * apart;
        if spread > 0.0 && best.is_none_or(|(most, _)| spread > most) {
            best = Some((spread, value));
        }
    }
    best.map(|(_, value)| value)
}

impl Measures {
    /// The contrast of the letters on one frame, and whether they are there.
    pub(crate) fn read(&self, scene: &Scene<'_>) -> contrast::Reading {
        contrast::read(
            scene.frame,
            scene.colour,
            scene.upright,
            self.area,
            &self.stretched(),
            Luminance::table(),
        )
    }

    /// The mask in the size of the area.
    fn stretched(&self) -> Mask {
        let Area { width, height, .. } = self.area;
        if (width, height) == (self.mask.width, self.mask.height) {
            return self.mask.clone();
        }
        let from = |at: u32, all: u32, own: u32| u64::from(at) * u64::from(own) / u64::from(all.max(1));
        let pixel = |(x, y): (u32, u32)| {
            let at = from(y, height, self.mask.height) * u64::from(self.mask.width)
                + from(x, width, self.mask.width);
            usize::try_from(at).ok().and_then(|at| self.mask.coverage.get(at)).copied().unwrap_or(1)
        };
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Mask { width, height, coverage: pixels.map(pixel).collect() }
    }
}
