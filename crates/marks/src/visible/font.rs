//! The font that notices are drawn with: the bundled one, or one of the caller's.

use super::geometry::{byte, nearest};
use crate::MarkError;
use ab_glyph::{
    Font as _, FontRef, Glyph, GlyphId, Outline, OutlineCurve, OutlinedGlyph, Point, PxScale, ScaleFont as _,
};
use indicia_media::PathStep;

/// A subset of Noto Sans CJK SC Bold; `assets/OFL.txt` is its licence, `assets/make-font.py` made it.
static BUNDLED: &[u8] = include_bytes!("../../assets/notice-font.otf");

/// Largest extent of a glyph that is drawn, in ems. Only a broken font has larger ones.
const LARGEST: f32 = 4.0;

/// A font, read and checked.
pub(crate) struct NoticeFont<'a> {
    font: FontRef<'a>,
    /// What the font library calls the scale, for letters of one pixel an em.
    scale: f32,
    /// Whether it is the bundled one.
    pub bundled: bool,
}

/// One letter as the font has it, to be drawn at any size.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    sign: char,
    id: GlyphId,
    /// `None` for a space.
    outline: Option<Outline>,
    /// From this pen to the next, in the font's own units.
    advance: f32,
    /// Height of the outline's box, in ems.
    pub height: f32,
}

/// One letter at one size, as a raster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raster {
    /// Column of its left edge, from the pen.
    pub left: i32,
    /// Row of its upper edge, from the baseline; negative above it.
    pub top: i32,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// How much of each pixel the letter covers, row by row: 0 nothing, 255 all.
    pub coverage: Vec<u8>,
    /// From this pen to the next, in pixels.
    pub advance: f32,
}

impl<'a> NoticeFont<'a> {
    /// The caller's font, or the bundled one.
    ///
    /// # Errors
    /// If the caller's bytes are no TrueType or OpenType font.
    pub(crate) fn open(custom: Option<&'a [u8]>) -> Result<Self, MarkError> {
        let not_one = || MarkError::Order("the font is no TrueType or OpenType font that can be read".into());
        let font = FontRef::try_from_slice(custom.unwrap_or(BUNDLED)).map_err(|_| not_one())?;
        let scale = font.units_per_em().map(|em| font.height_unscaled() / em);
        let scale = scale.filter(|scale| scale.is_finite() && *scale > 0.0).ok_or_else(not_one)?;
        Ok(Self { font, scale, bundled: custom.is_none() })
    }

    /// Checks that every letter of a text can be drawn.
    ///
    /// # Errors
    /// If the font lacks one, or letters would have to be joined or reordered, which is not built in.
    pub(crate) fn check(&self, words: &str) -> Result<(), MarkError> {
        for letter in words.chars() {
            let code = u32::from(letter);
            if needs_shaping(letter) {
                return Err(MarkError::Order(format!(
                    "the words of the notice have U+{code:04X}: scripts that join, stack or run from right \
                     to left cannot be drawn yet"
                )));
            }
            if letter.is_control() || self.font.glyph_id(letter) == GlyphId(0) {
                let shown = if letter.is_control() { String::new() } else { format!(" {letter}") };
                let which = if self.bundled { "bundled" } else { "given" };
                return Err(MarkError::Order(format!(
                    "the {which} font lacks the character U+{code:04X}{shown}; `--font FILE` takes a font that \
                     has it"
                )));
            }
        }
        Ok(())
    }

    /// Looks a letter up.
    pub(crate) fn letter(&self, sign: char) -> Letter {
        let id = self.font.glyph_id(sign);
        let outline = self.font.outline(id);
        // The library counts in the font's own units here, and its height is `scale` ems.
        let em = self.font.height_unscaled() / self.scale;
        let height = outline.as_ref().map_or(0.0, |outline| outline.bounds.height().abs() / em);
        Letter { sign, id, outline, advance: self.font.h_advance_unscaled(id), height }
    }

    /// Draws a letter, `em` pixels an em, with the pen on a whole pixel.
    ///
    /// # Errors
    /// If the font draws it larger than any letter is.
    pub(crate) fn raster(&self, letter: &Letter, em: f32) -> Result<Raster, MarkError> {
        let Letter { sign, id, outline, advance, .. } = letter;
        let scale = PxScale::from(em * self.scale);
        let advance = advance * em * self.scale / self.font.height_unscaled();
        let Some(outline) = outline else { return Ok(Raster { advance, ..Raster::default() }) };
        let glyph = Glyph { id: *id, scale, position: Point::default() };
        let factor = self.font.as_scaled(scale).scale_factor();
        let outlined = OutlinedGlyph::new(glyph, outline.clone(), factor);
        let bounds = outlined.px_bounds();
        let extent = bounds.width().max(bounds.height()).max(advance.abs());
        let offset = bounds.min.x.abs().max(bounds.min.y.abs());
        let largest = (em * LARGEST).max(16.0);
        // Written so that what is no number is refused too.
        if !(extent <= largest && offset <= largest) {
            return Err(MarkError::Order(format!("the font draws U+{:04X} out of bounds", u32::from(*sign))));
        }
        let side = |value: f32| u32::try_from(nearest(value)).unwrap_or(0);
        let (width, height) = (side(bounds.width()), side(bounds.height()));
        let mut coverage = vec![0; width as usize * height as usize];
        outlined.draw(|x, y, covered| {
            if let Some(pixel) = coverage.get_mut(y as usize * width as usize + x as usize) {
                *pixel = byte(covered);
            }
        });
        Ok(Raster {
            left: nearest(bounds.min.x),
            top: nearest(bounds.min.y),
            width,
            height,
            coverage,
            advance,
        })
    }

    /// The outline of one letter in ems, y upwards, and the way from this pen to the next.
    ///
    /// # Errors
    /// If the font draws it larger than any letter is.
    pub(crate) fn steps(&self, letter: char) -> Result<(Vec<PathStep>, f32), MarkError> {
        let id = self.font.glyph_id(letter);
        // The library counts in the font's own units here, and its height is `scale` ems.
        let em = self.font.height_unscaled() / self.scale;
        let ems = |point: Point| [point.x / em, point.y / em];
        let advance = self.font.h_advance_unscaled(id) / em;
        let (mut steps, mut at): (Vec<PathStep>, Option<Point>) = (Vec::new(), None);
        for curve in self.font.outline(id).map(|outline| outline.curves).unwrap_or_default() {
            let (from, to, step) = match curve {
                OutlineCurve::Line(from, to) => (from, to, PathStep::Line(ems(to))),
                OutlineCurve::Quad(from, control, to) => {
                    // The same curve with two control points: each two thirds of the way to the one.
                    let between = |end: f32, control: f32| end + (control - end) * (2.0 / 3.0);
                    let near = |end: Point| {
                        ems(Point { x: between(end.x, control.x), y: between(end.y, control.y) })
                    };
                    (from, to, PathStep::Curve([near(from), near(to), ems(to)]))
                }
                OutlineCurve::Cubic(from, one, two, to) => {
                    (from, to, PathStep::Curve([ems(one), ems(two), ems(to)]))
                }
            };
            if at != Some(from) {
                if at.is_some() {
                    steps.push(PathStep::Close);
                }
                steps.push(PathStep::Move(ems(from)));
            }
            steps.push(step);
            at = Some(to);
        }
        if at.is_some() {
            steps.push(PathStep::Close);
        }
        let points = steps.iter().flat_map(PathStep::points).flatten();
        // Written so that what is no number is refused too.
        if !points.chain([&advance]).all(|value| value.abs() <= LARGEST) {
            return Err(MarkError::Order(format!(
                "the font draws U+{:04X} out of bounds",
                u32::from(letter)
            )));
        }
        Ok((steps, advance))
    }
}

impl Raster {
    /// Rows from the first to the last that the letter visibly reaches: where it covers half a pixel.
    pub(crate) fn seen_height(&self) -> u32 {
        let seen = |row: &[u8]| row.iter().any(|covered| *covered >= 128);
        let mut rows = self.coverage.chunks(self.width.max(1) as usize);
        if !rows.any(seen) {
            return 0;
        }
        // The iterator now stands behind the first row seen.
        let further = rows.rposition(seen).map_or(0, |last| last + 1);
        u32::try_from(1 + further).unwrap_or(u32::MAX)
    }
}

/// Whether a letter's shape or place depends on its neighbours, so that setting letters one by one is wrong.
fn needs_shaping(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0x0300..=0x036F       // combining marks
        | 0x0483..=0x0489
        | 0x0590..=0x109F     // Hebrew, Arabic, the scripts of India, Thai, Lao, Tibetan, Burmese
        | 0x1780..=0x18AF     // Khmer, Mongolian
        | 0x1A20..=0x1DFF
        | 0x200B..=0x200F     // joiners and marks of direction
        | 0x202A..=0x202E
        | 0x2066..=0x2069
        | 0x20D0..=0x20FF
        | 0xA8E0..=0xA8FF
        | 0xFB1D..=0xFDFF
        | 0xFE00..=0xFE0F     // variation selectors
        | 0xFE20..=0xFE2F
        | 0xFE70..=0xFEFF
        | 0x1E900..=0x1EEFF
    )
}
