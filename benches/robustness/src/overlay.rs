//! Words over a picture.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use crate::picture::{Rgb, byte};

const FONT: &[u8] = include_bytes!("../../../crates/marks/assets/notice-font.otf");

/// A line of words as captions have it: white in black outlines, a share of the height, across the lower third.
pub fn caption(picture: &Rgb, share: f32) -> Rgb {
    let height = (picture.height as f32 * share).max(8.0);
    let baseline = picture.height as f32 * 0.8;
    let outline = (height / 16.0).ceil() as i32;
    let mut out = picture.clone();
    let around = (-1..=1).flat_map(|down| (-1..=1).map(move |across| (across, down)));
    for (across, down) in around.filter(|at| *at != (0, 0)) {
        let at = ((across * outline) as f32, baseline + (down * outline) as f32);
        draw(&mut out, height, at, 0.0);
    }
    draw(&mut out, height, (0.0, baseline), 255.0);
    out
}

/// Draws the words, repeated to the right edge, from a place on their baseline.
fn draw(picture: &mut Rgb, height: f32, (left, baseline): (f32, f32), tone: f32) {
    let Ok(font) = FontRef::try_from_slice(FONT) else { return };
    let scale = PxScale::from(height);
    let scaled = font.as_scaled(scale);
    let mut pen = left;
    for letter in "AI generated ".chars().cycle() {
        if pen > picture.width as f32 {
            break;
        }
        let id = font.glyph_id(letter);
        if let Some(outline) = font.outline_glyph(id.with_scale_and_position(scale, point(pen, baseline))) {
            let bounds = outline.px_bounds();
            outline.draw(|x, y, cover| {
                let (x, y) = (bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y));
                let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
                if x >= picture.width || y >= picture.height {
                    return;
                }
                let start = 3 * (y * picture.width + x);
                for one in &mut picture.samples[start..start + 3] {
                    *one = byte(f32::from(*one) + cover.min(1.0) * (tone - f32::from(*one)));
                }
            });
        }
        pen += scaled.h_advance(id).max(1.0);
    }
}

/// The bars of a window around it, as a screenshot has them: a title with words above, a line of tools below.
pub fn chrome(picture: &Rgb) -> Rgb {
    let bars = crate::geometry::pad(picture, [0, 72, 0, 48], [238, 240, 243]);
    let mut out = crate::geometry::pad(&bars, [64, 0, 220, 0], [32, 33, 36]);
    draw(&mut out, 28.0, (12.0, 46.0), 60.0);
    out
}

#[cfg(test)]
mod tests {
    use super::{caption, chrome};
    use crate::picture::Rgb;

    #[test]
    fn words_cover_the_lower_third_and_nothing_else() {
        let flat = Rgb::from_fn(320, 240, |_, _| [120; 3]);
        let with = caption(&flat, 0.08);
        let changed: Vec<usize> =
            (0..320 * 240).filter(|at| with.at(at % 320, at / 320) != [120; 3]).collect();
        let share = changed.len() as f64 / (320.0 * 240.0);
        assert!((0.02..0.12).contains(&share), "{share}");
        assert!(changed.iter().all(|at| at / 320 > 160));
        for tone in [0, 255] {
            assert!(changed.iter().any(|at| with.at(at % 320, at / 320) == [tone; 3]), "{tone}");
        }
    }

    #[test]
    fn a_window_stands_around_the_picture() {
        let flat = Rgb::from_fn(320, 240, |_, _| [120; 3]);
        let shot = chrome(&flat);
        assert_eq!((shot.width, shot.height), (320 + 284, 240 + 120));
        assert_eq!((shot.at(64, 72), shot.at(63, 72)), ([120; 3], [32, 33, 36]));
    }
}
