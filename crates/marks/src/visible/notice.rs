//! A notice as a whole: its words chosen, drawn, measured, and measured again on the written picture.

use std::ops::Range;
use std::rc::Rc;

use super::contrast::{self, Luminance, Reading};
use super::drawing::{self, Ink};
use super::font::NoticeFont;
use super::geometry::{Area, Upright};
use super::layout::{self, Setting};
use super::mask::Mask;
use super::place;
use crate::MarkError;
use crate::notices::Wording;
use crate::words::{self, Elements, Length};
use indicia_core::{Claim, Flaw, Form, FormatError, Gravity, Language, Mark, Notice, Order, Status, Style};
use indicia_media::{Band, Colour, Frame, Picture, Samples, Shape};

/// Finest part of a letter kept when the letters of a caller's font are written into the mark.
const CELLS_A_LETTER: u32 = 24;

/// The words to draw, with what is wrong with them.
///
/// Of further languages, those are drawn whose letters the font has and that are set letter by letter; the others are left
/// out with a word, as long as one language remains.
pub(crate) fn wording(order: &Order) -> Result<(String, Vec<Flaw>), MarkError> {
    let style = &order.style;
    let Some(text) = &style.text else {
        let font = NoticeFont::open(style.font.as_deref())?;
        let is_drawn = |code: &String| {
            let words = Wording::named(code).and_then(|wording| wording.words(Length::Short, &order.claim));
            words.is_none_or(|words| font.check(words).is_ok())
        };
        let (drawn, left_out): (Vec<_>, Vec<_>) = style.more.iter().cloned().partition(is_drawn);
        let nothing = drawn.is_empty() && style.language == Language::Other;
        if let Some(code) = left_out.first().filter(|_| nothing) {
            let words = Wording::named(code).and_then(|wording| wording.words(Length::Short, &order.claim));
            font.check(words.unwrap_or_default())?;
        }
        let words = words::all(Length::Short, &Style { more: drawn, ..style.clone() }, &order.claim);
        let words = words.ok_or_else(|| {
            MarkError::Order(
                "a notice says that content is, may be or is suspected to be generated; the order says none \
                 of these"
                    .into(),
            )
        })?;
        let mut flaws: Vec<_> = flaw(&words).into_iter().collect();
        if !left_out.is_empty() {
            flaws.push(Flaw {
                code: "language",
                gravity: Gravity::Note,
                text: format!(
                    "not drawn in {}: the font lacks its letters, or they have to be joined, which is not built in",
                    left_out.join(", ")
                ),
                at: 0,
            });
        }
        return Ok((words, flaws));
    };
    if order.claim.status == Some(Status::NotGenerated) {
        return Err(MarkError::Order("content of another origin gets no notice that it is generated".into()));
    }
    let words = text.trim().to_owned();
    let elements = Elements::of(&words);
    let in_english = (elements.ai || elements.ai_otherwise)
        && (elements.generation_english || elements.generation_chinese);
    let is_foreign = match style.language {
        Language::English => in_english,
        // In words that this program cannot judge.
        Language::Other => true,
        Language::Both | Language::Chinese => false,
    };
    match elements.missing() {
        Some(missing) if !is_foreign => Err(MarkError::Order(format!(
            "the words of the notice lack {missing} (GB 45438-2025 clause 5.2)"
        ))),
        _ => Ok((words.clone(), flaw(&words).into_iter().collect())),
    }
}

/// The flaw of words that other laws know and China's does not.
fn flaw(words: &str) -> Option<Flaw> {
    let missing = Elements::of(words).missing()?;
    Some(Flaw {
        code: "words",
        gravity: Gravity::Deviation,
        text: format!("\"{words}\" lacks {missing} (GB 45438-2025 clause 5.2)"),
        at: 0,
    })
}

/// Draws the notice and measures it.
pub(crate) fn draw(order: &Order, picture: &mut Picture) -> Result<Mark, MarkError> {
    View::from(&*picture).whole()?;
    let (words, flaws) = wording(order)?;
    let upright = Upright::of(picture.shape());
    let (place, size) = (order.style.place, (upright.width(), upright.height()));
    let setting = match order.style.font.as_deref() {
        None => layout::set_bundled(&words, place, size)?,
        Some(font) => Rc::new(layout::set(&words, &NoticeFont::open(Some(font))?, place, size)?),
    };
    let luminance = Luminance::table();
    let ink = Ink::choose(picture, upright, &setting, luminance);
    drawing::draw(picture, upright, &setting, ink);
    let mut reading = least(&View::from(&*picture).readings(setting.area, &setting.mask, luminance));
    if reading.contrast < contrast::LEAST && ink != ink.opaque() {
        // The plate was chosen by a sample of the picture, which can miss a bright spot.
        drawing::draw(picture, upright, &setting, ink.opaque());
        reading = least(&View::from(&*picture).readings(setting.area, &setting.mask, luminance));
    }
    if reading.contrast < contrast::LEAST {
        return Err(MarkError::Refused(format!(
            "the notice cannot be told from its plate: contrast {:.1} to 1 where {} is asked for; a font with \
             heavier strokes helps",
            reading.contrast,
            contrast::LEAST
        )));
    }
    let Setting { area, ref mask, glyph_height, .. } = *setting;
    let raw = match order.style.font {
        None => words.clone(),
        // The font is not there any more when the mark is confirmed: the mark itself says how it looks.
        Some(_) => format!("{words}\n{}", mask.trace((glyph_height / CELLS_A_LETTER).max(1))),
    };
    let frames = picture.frames.len();
    Ok(Mark {
        // The words tell no more than this: who made the content is not in them.
        claim: Claim { status: order.claim.status, origin: order.claim.origin, ..Claim::default() },
        place: place::describe(order.style.place, area),
        raw,
        flaws,
        notice: Some(Notice {
            words,
            positions: vec![place::position(order.style.place)],
            form: Form::Drawn {
                glyph_height,
                short_side: upright.short_side(),
                contrast: reading.contrast,
                frames,
                frames_in_all: frames,
            },
        }),
        ..Mark::default()
    })
}

/// The stored rows that [`measure`] looks at in a picture of this shape.
pub(crate) fn rows(mark: &Mark, shape: Shape) -> Range<u32> {
    // Without a place nothing is measured.
    place::read(&mark.place).map_or(0..0, |(_, area)| Upright::of(shape).rows_of(area))
}

/// Measures a notice again, on the picture as it was written or on the rows of it that [`rows`] names.
pub(crate) fn measure<'a>(mark: &Mark, picture: impl Into<View<'a>>) -> Result<Mark, MarkError> {
    let refused = |what: &str| MarkError::Refused(format!("the visible notice does not hold: {what}"));
    let view = picture.into();
    view.whole()?;
    let Some(Notice { words, form: Form::Drawn { glyph_height, short_side, .. }, .. }) = &mark.notice else {
        return Err(refused("the mark is no notice drawn into a picture"));
    };
    let upright = view.upright;
    let (place, area) = place::read(&mark.place).ok_or_else(|| refused("its place is not known"))?;
    if upright.short_side() != *short_side || !upright.holds(area) {
        return Err(refused("the picture has another size than when it was drawn"));
    }
    let readings = match mark.raw.split_once('\n') {
        Some((_, trace)) => {
            let mask = Mask::read_trace(trace, area.width, area.height)
                .ok_or_else(|| refused("the outline of its letters is not known"))?;
            view.readings(area, &mask, Luminance::table())
        }
        None => {
            let setting = layout::set_bundled(words, place, (upright.width(), upright.height()))?;
            if setting.area != area || setting.glyph_height != *glyph_height {
                return Err(refused("the picture is not turned as when it was drawn"));
            }
            view.readings(area, &setting.mask, Luminance::table())
        }
    };
    let frames_in_all = readings.len();
    let there = |reading: &&Reading| reading.likeness >= contrast::LEAST_LIKENESS && reading.opaque;
    let frames = readings.iter().filter(there).count();
    if frames < frames_in_all || frames == 0 {
        return Err(refused(&format!("its words are on {frames} of {frames_in_all} frames")));
    }
    let reading = least(&readings);
    if reading.contrast < contrast::LEAST {
        return Err(refused(&format!(
            "contrast {:.1} to 1 where {} is asked for",
            reading.contrast,
            contrast::LEAST
        )));
    }
    let form = Form::Drawn {
        glyph_height: *glyph_height,
        short_side: *short_side,
        contrast: reading.contrast,
        frames,
        frames_in_all,
    };
    let mut confirmed = mark.clone();
    if let Some(notice) = &mut confirmed.notice {
        notice.form = form;
    }
    Ok(confirmed)
}

/// A picture, or some rows of one, to be measured.
pub(crate) struct View<'a> {
    upright: Upright,
    colour: Colour,
    frames: &'a [Frame],
}

impl<'a> From<&'a Picture> for View<'a> {
    fn from(picture: &'a Picture) -> Self {
        Self { upright: Upright::of(picture.shape()), colour: picture.colour, frames: &picture.frames }
    }
}

impl<'a> From<&'a Band> for View<'a> {
    fn from(band: &'a Band) -> Self {
        let upright = Upright::of(band.shape).with_rows(&band.rows);
        Self { upright, colour: band.colour, frames: &band.frames }
    }
}

impl View<'_> {
    /// What is measured on each frame.
    fn readings(&self, area: Area, mask: &Mask, luminance: &Luminance) -> Vec<Reading> {
        let read = |frame| contrast::read(frame, self.colour, self.upright, area, mask, luminance);
        self.frames.iter().map(read).collect()
    }

    /// Refuses a picture whose frames do not hold what it says.
    fn whole(&self) -> Result<(), MarkError> {
        let samples = self.upright.pixels().and_then(|pixels| pixels.checked_mul(self.colour.channels()));
        let holds = |samples: &Samples| match samples {
            Samples::Eight(all) => all.len(),
            Samples::Sixteen(all) => all.len(),
        };
        if self.frames.is_empty() || self.frames.iter().any(|frame| Some(holds(&frame.samples)) != samples) {
            return Err(FormatError::malformed(0, "a frame of another size than its picture").into());
        }
        Ok(())
    }
}

/// The worst of all frames.
fn least(readings: &[Reading]) -> Reading {
    let worst = Reading { contrast: 21.0, likeness: 1.0, opaque: true };
    readings.iter().fold(worst, |worst, reading| Reading {
        contrast: worst.contrast.min(reading.contrast),
        likeness: worst.likeness.min(reading.likeness),
        opaque: worst.opaque && reading.opaque,
    })
}
