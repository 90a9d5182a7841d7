//! What the drawn notice promises, checked on the pixels and not with the code that draws.

mod confirming;
mod pixels;
mod wording;

use super::notice::{draw, measure, wording};
use super::place;
use crate::MarkError;
use crate::words::{self, Length};
use indicia_core::{
    Claim, Form, Gravity, Language, Mark, Notice, Order, Origin, Place, Position, Status, Style,
};
use indicia_media::{Colour, Frame, Picture, Samples};

const PLACES: [Place; 6] =
    [Place::Bottom, Place::BottomLeft, Place::BottomRight, Place::Top, Place::TopLeft, Place::TopRight];
const LANGUAGES: [Language; 3] = [Language::Both, Language::English, Language::Chinese];
const COLOURS: [Colour; 5] = [Colour::Gray, Colour::GrayAlpha, Colour::Rgb, Colour::Rgba, Colour::YCbCr];

fn order(language: Language, place: Place) -> Order {
    Order {
        claim: Claim { status: Some(Status::Generated), ..Claim::default() },
        style: Style { language, place, ..Style::default() },
        ..Order::default()
    }
}

fn chinese() -> Order {
    order(Language::Chinese, Place::BottomRight)
}

fn with_text(text: &str) -> Order {
    let mut order = chinese();
    order.style.text = Some(text.to_owned());
    order
}

fn picture(width: u32, height: u32, colour: Colour, sample: impl FnMut(usize) -> u8) -> Picture {
    let samples = (0..width as usize * height as usize * colour.channels()).map(sample).collect();
    Picture {
        width,
        height,
        colour,
        orientation: 1,
        frames: vec![Frame { samples: Samples::Eight(samples) }],
    }
}

fn plain(width: u32, height: u32, gray: u8) -> Picture {
    picture(width, height, Colour::Rgb, |_| gray)
}

/// Numbers that look random and are the same each time.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    }
}

fn noisy(width: u32, height: u32, colour: Colour) -> Picture {
    let mut next = noise(7);
    picture(width, height, colour, |_| next().to_le_bytes()[0])
}

fn deep(picture: &Picture) -> Picture {
    let mut deep = picture.clone();
    for frame in &mut deep.frames {
        let wide = eight(frame).iter().map(|value| u16::from(*value) * 257).collect();
        frame.samples = Samples::Sixteen(wide);
    }
    deep
}

fn eight(frame: &Frame) -> &[u8] {
    match &frame.samples {
        Samples::Eight(all) => all,
        Samples::Sixteen(_) => panic!("8 bits were expected"),
    }
}

fn eight_mut(picture: &mut Picture) -> &mut [u8] {
    match &mut picture.frames[0].samples {
        Samples::Eight(all) => all,
        Samples::Sixteen(_) => panic!("8 bits were expected"),
    }
}

/// The plate of a mark: x, y, width, height.
fn plate(mark: &Mark) -> (usize, usize, usize, usize) {
    let area = place::read(&mark.place).unwrap().1;
    (area.x as usize, area.y as usize, area.width as usize, area.height as usize)
}

fn measures(mark: &Mark) -> (u32, u32, f32, usize, usize) {
    match mark.notice.as_ref().unwrap().form {
        Form::Drawn { glyph_height, short_side, contrast, frames, frames_in_all } => {
            (glyph_height, short_side, contrast, frames, frames_in_all)
        }
        _ => panic!("a drawn notice was expected"),
    }
}

fn relative_luminance(gray: u8) -> f64 {
    let value = f64::from(gray) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Heights of the letters from the left, as runs of columns with bright pixels between dark ones.
fn letter_heights(picture: &Picture, mark: &Mark) -> Vec<usize> {
    let (left, top, width, height) = plate(mark);
    let samples = eight(&picture.frames[0]);
    let bright = |x: usize, y: usize| samples[(y * picture.width as usize + x) * 3] >= 138;
    let mut heights = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for x in left..left + width {
        let rows: Vec<usize> = (top..top + height).filter(|y| bright(x, *y)).collect();
        match (rows.first(), rows.last()) {
            (Some(first), Some(last)) => {
                let (low, high) = run.unwrap_or((*first, *last));
                run = Some((low.min(*first), high.max(*last)));
            }
            _ => heights.extend(run.take().map(|(low, high)| high - low + 1)),
        }
    }
    heights
}
