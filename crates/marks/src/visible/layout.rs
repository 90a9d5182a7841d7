//! Setting the words: how large, in how many lines, on what plate.
//!
//! GB 45438-2025 clause 5.2 asks for a text height of at least 5 % of the picture's shortest side and does
//! not say which height. Taken here is the strictest reading that makes sense of one: the *drawn* height of
//! the lowest among the capital letters, digits and Chinese characters. Small letters, signs and characters
//! that are flat by shape (一) are not measured.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::font::{Letter, NoticeFont, Raster};
use super::geometry::{Area, nearest};
use super::mask::Mask;
use super::place;
use crate::MarkError;
use indicia_core::Place;

/// Lowest Chinese character that can be read, in pixels.
const LEAST_IDEOGRAPH: u32 = 12;
/// Lowest capital letter or digit that can be read, in pixels.
const LEAST_CAPITAL: u32 = 9;
/// Largest part of the picture's area that a plate may cover: a label is not to take the picture's place.
const LARGEST_SHARE: (u64, u64) = (1, 2);
/// How much an em grows when the letters drawn are still too low, in pixels.
const STEP: f32 = 0.25;

/// A notice, set: what is drawn where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    /// The plate, in the picture as shown.
    pub area: Area,
    /// The letters on the plate.
    pub mask: Mask,
    /// Radius of the plate's corners, in pixels.
    pub radius: u32,
    /// Drawn height of the lowest letter measured, in pixels.
    pub glyph_height: u32,
}

/// Letters of one size.
struct Letters {
    rasters: BTreeMap<char, Raster>,
    em: f32,
    lowest: u32,
}

/// Letters in their places on a plate that is just large enough.
struct Block {
    width: u32,
    height: u32,
    /// Each letter with the column and row of its raster's corner on the plate.
    letters: Vec<(char, i32, i32)>,
    lines: usize,
}

/// Sets words on a picture of this size, as shown.
///
/// One line, else two, broken at a space where that is enough; never lower than asked.
///
/// # Errors
/// If the picture is too small, or the font cannot draw the words.
pub(crate) fn set(
    words: &str,
    font: &NoticeFont<'_>,
    place: Place,
    picture: (u32, u32),
) -> Result<Setting, MarkError> {
    font.check(words)?;
    let letters = Letters::sized(words, font, picture.0.min(picture.1).div_ceil(20))?;
    let blocks: Vec<Block> = breaks(words, &letters).iter().map(|lines| Block::of(lines, &letters)).collect();
    let margin = letters.lowest.div_ceil(2);
    // A break is better than a plate squeezed against the edge, and that is better than no notice.
    let fits = |block: &&Block, margin: u32| block.fits(picture, margin);
    let block = blocks
        .iter()
        .find(|block| fits(block, margin.div_ceil(2)))
        .or_else(|| blocks.iter().find(|block| fits(block, 0)))
        .ok_or_else(|| too_small(words, picture, &blocks))?;
    let area = place::put(place, (block.width, block.height), picture, margin)
        .ok_or_else(|| too_small(words, picture, &blocks))?;
    let radius = u32::try_from(nearest(letters.em * 0.22)).unwrap_or(0);
    Ok(Setting { area, mask: block.drawn(&letters), radius, glyph_height: letters.lowest })
}

/// A notice in the bundled font, and what it was set for.
struct Last {
    words: String,
    place: Place,
    picture: (u32, u32),
    setting: Rc<Setting>,
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// As [`set`], in the bundled font. The last setting is kept: a notice is measured right after it was drawn, and
/// pictures of one size often follow one another.
///
/// # Errors
/// As [`set`].
pub(crate) fn set_bundled(words: &str, place: Place, picture: (u32, u32)) -> Result<Rc<Setting>, MarkError> {
    let same = |last: &Last| last.words == words && last.place == place && last.picture == picture;
    let kept =
        LAST.with_borrow(|last| last.as_ref().filter(|last| same(last)).map(|last| last.setting.clone()));
    if let Some(setting) = kept {
        return Ok(setting);
    }
    let setting = Rc::new(set(words, &NoticeFont::open(None)?, place, picture)?);
    let last = Last { words: words.to_owned(), place, picture, setting: setting.clone() };
    LAST.with_borrow_mut(|kept| *kept = Some(last));
    Ok(setting)
}

fn too_small(words: &str, picture: (u32, u32), blocks: &[Block]) -> MarkError {
    let sizes: Vec<String> = blocks
        .iter()
        .map(|block| {
            let lines = if block.lines == 1 { "one line" } else { "two lines" };
            format!("{} x {} px in {lines}", block.width, block.height)
        })
        .collect();
    let (width, height) = picture;
    MarkError::Refused(format!(
        "the picture is too small for a notice that can be read: {width} x {height} px, where \"{words}\" takes \
         {} and is to leave half of the picture free; make the picture larger, or put the notice beside it",
        sizes.join(" or ")
    ))
}

impl Letters {
    /// The letters of a text, the lowest of them at least `least` pixels high.
    fn sized(words: &str, font: &NoticeFont<'_>, least: u32) -> Result<Self, MarkError> {
        let too_low = || MarkError::Order("the font draws no letter of the notice at a size to read".into());
        let least_of = |sign| least.max(if is_ideograph(sign) { LEAST_IDEOGRAPH } else { LEAST_CAPITAL });
        let outlines: BTreeMap<char, Letter> = words.chars().map(|sign| (sign, font.letter(sign))).collect();
        let measured: Vec<(&Letter, char, u32)> =
            measured(&outlines).into_iter().map(|(sign, letter)| (letter, sign, least_of(sign))).collect();
        // Where the outlines are high enough: what is seen of them, in whole pixels, may be a little less.
        let mut em: f32 = 0.0;
        for (letter, _, least) in &measured {
            let least = f32::from(u16::try_from(*least).unwrap_or(u16::MAX));
            // Neither zero nor what is no number.
            if !letter.height.is_normal() {
                return Err(too_low());
            }
            em = em.max(least / letter.height);
        }
        em = (em / STEP).floor() * STEP;
        for _ in 0..64 {
            if let Some(letters) = Self::high_enough(&outlines, &measured, font, em)? {
                return Ok(letters);
            }
            em += STEP.max(em / 128.0);
        }
        Err(too_low())
    }

    /// The letters of this size; `None` if one of those measured is lower than it has to be, or none is measured.
    fn high_enough(
        outlines: &BTreeMap<char, Letter>,
        measured: &[(&Letter, char, u32)],
        font: &NoticeFont<'_>,
        em: f32,
    ) -> Result<Option<Self>, MarkError> {
        let (mut rasters, mut lowest) = (BTreeMap::new(), None);
        for (letter, sign, least) in measured {
            let raster = font.raster(letter, em)?;
            let height = raster.seen_height();
            if height < *least {
                return Ok(None);
            }
            lowest = Some(lowest.map_or(height, |lowest: u32| lowest.min(height)));
            rasters.insert(*sign, raster);
        }
        let Some(lowest) = lowest else { return Ok(None) };
        for (sign, letter) in outlines {
            if !rasters.contains_key(sign) {
                rasters.insert(*sign, font.raster(letter, em)?);
            }
        }
        Ok(Some(Self { rasters, em, lowest }))
    }

    fn advance(&self, words: &str) -> f32 {
        words.chars().filter_map(|letter| self.rasters.get(&letter)).map(|raster| raster.advance).sum()
    }
}

/// The letters whose height counts: see the head of this file. All letters if there is none of those.
fn measured(outlines: &BTreeMap<char, Letter>) -> Vec<(char, &Letter)> {
    let flat = |letter: &Letter| letter.height < 0.5;
    let counts = |(sign, letter): &(char, &Letter)| {
        sign.is_uppercase() || sign.is_numeric() || (is_ideograph(*sign) && !flat(letter))
    };
    let all = || outlines.iter().map(|(sign, letter)| (*sign, letter));
    let counted: Vec<_> = all().filter(counts).collect();
    if counted.is_empty() {
        return all().filter(|(sign, _)| sign.is_alphabetic()).collect();
    }
    counted
}

impl Block {
    /// Lines one below the other, centred, with room around their ink.
    fn of(lines: &[&str], letters: &Letters) -> Self {
        let widest = lines.iter().map(|line| letters.advance(line)).fold(0.0, f32::max);
        let pitch = nearest((letters.em * 1.16).ceil());
        let mut placed = Vec::new();
        let (mut left, mut top, mut right, mut bottom) = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
        let mut baseline = 0_i32;
        for line in lines {
            let mut pen = (widest - letters.advance(line)) / 2.0;
            for letter in line.chars() {
                let Some(raster) = letters.rasters.get(&letter) else { continue };
                let (x, y) = (nearest(pen).saturating_add(raster.left), baseline.saturating_add(raster.top));
                pen += raster.advance;
                if raster.coverage.is_empty() {
                    continue;
                }
                left = left.min(x);
                top = top.min(y);
                right = right.max(x.saturating_add_unsigned(raster.width));
                bottom = bottom.max(y.saturating_add_unsigned(raster.height));
                placed.push((letter, x, y));
            }
            baseline = baseline.saturating_add(pitch);
        }
        let (pad_x, pad_y) = (nearest((letters.em * 0.32).ceil()), nearest((letters.em * 0.24).ceil()));
        let side = |low: i32, high: i32, pad: i32| {
            u32::try_from(high.saturating_sub(low).saturating_add(2 * pad)).unwrap_or(0)
        };
        for (_, x, y) in &mut placed {
            *x = x.saturating_sub(left).saturating_add(pad_x);
            *y = y.saturating_sub(top).saturating_add(pad_y);
        }
        Self {
            width: side(left, right, pad_x),
            height: side(top, bottom, pad_y),
            letters: placed,
            lines: lines.len(),
        }
    }

    fn fits(&self, picture: (u32, u32), margin: u32) -> bool {
        let room = |side: u32, all: u32| u64::from(side) + 2 * u64::from(margin) <= u64::from(all);
        let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let (part, whole) = LARGEST_SHARE;
        room(self.width, picture.0)
            && room(self.height, picture.1)
            && area(self.width, self.height) * whole <= area(picture.0, picture.1) * part
    }

    fn drawn(&self, letters: &Letters) -> Mask {
        let mut mask = Mask::empty(self.width, self.height);
        for (letter, x, y) in &self.letters {
            if let Some(raster) = letters.rasters.get(letter) {
                mask.add(raster, *x, *y);
            }
        }
        mask
    }
}

/// The ways to break a text into lines, the best first: not at all, at a space, wherever it may be broken.
fn breaks<'a>(words: &'a str, letters: &Letters) -> Vec<Vec<&'a str>> {
    let best = |may: fn(char, char) -> bool| {
        let pairs = words.char_indices().zip(words.char_indices().skip(1));
        pairs
            .filter(|((_, before), (_, after))| may(*before, *after))
            .filter_map(|(_, (at, _))| words.split_at_checked(at))
            .map(|(first, second)| (first.trim(), second.trim()))
            .filter(|(first, second)| !first.is_empty() && !second.is_empty())
            .map(|(first, second)| (letters.advance(first).max(letters.advance(second)), vec![first, second]))
            .min_by(|one, two| one.0.total_cmp(&two.0))
            .map(|(_, lines)| lines)
    };
    let mut ways = vec![vec![words.trim()]];
    ways.extend(best(|_, after| after == ' '));
    ways.extend(best(may_break));
    ways.dedup();
    ways
}

/// Whether a line may end between two letters.
fn may_break(before: char, after: char) -> bool {
    let closes = |letter: char| "，。、；：？！）》」』】〕’”,.;:?!)]".contains(letter);
    let opens = |letter: char| "（《「『【〔‘“([".contains(letter);
    if closes(after) || opens(before) {
        return false;
    }
    after == ' ' || before == '-' || is_ideograph(before) || is_ideograph(after)
}

/// Whether a letter is a Chinese character.
pub(crate) fn is_ideograph(letter: char) -> bool {
    matches!(u32::from(letter), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}
