//! How the notice is drawn: height, contrast, place, nothing beside it.

use super::*;

#[test]
fn letters_are_at_least_5_percent_of_the_shorter_side_high() {
    let mut next = noise(1);
    for _ in 0..40 {
        let short = 64 + u32::try_from(next() % 300).unwrap();
        let long = short.max(200) + u32::try_from(next() % 100).unwrap();
        let (width, height) =
            if next().is_multiple_of(2) || short < 200 { (long, short) } else { (short, long) };
        for language in LANGUAGES {
            let mut shown = plain(width, height, 0);
            let mark = draw(&order(language, Place::BottomRight), &mut shown).unwrap();
            let (glyph_height, short_side, ..) = measures(&mark);
            assert_eq!(short_side, width.min(height));
            assert!(glyph_height * 20 >= short_side, "{width} x {height}: {glyph_height}");
            assert!(
                glyph_height * 20 < short_side + 60 || glyph_height <= 12,
                "needlessly large: {glyph_height}"
            );
            // A, I, 生, 成 or A, I: each a run of columns, where the letters are large enough to stand apart.
            let heights = letter_heights(&shown, &mark);
            let counted = if language == Language::English { 2 } else { 4 };
            if short >= 300 {
                assert!(heights.len() >= counted, "{width} x {height}: {heights:?}");
            }
            for height in heights.iter().take(counted) {
                assert!(height * 20 >= short as usize && *height >= 9, "{width} x {height}: {heights:?}");
            }
        }
    }
}

#[test]
fn contrast_is_enough_on_every_background_in_every_colour() {
    let gradient = |at: usize| u8::try_from(at / 3 % 200 * 255 / 199).unwrap();
    for colour in COLOURS {
        let grays = [0, 16, 64, 100, 128, 160, 200, 240, 255];
        let mut backgrounds: Vec<Picture> =
            grays.iter().map(|gray| picture(200, 150, colour, |_| *gray)).collect();
        backgrounds.push(noisy(200, 150, colour));
        backgrounds.push(picture(200, 150, colour, gradient));
        backgrounds
            .push(picture(200, 150, colour, |at| if at / colour.channels() / 3 % 2 == 0 { 0 } else { 255 }));
        backgrounds.extend(backgrounds.clone().iter().map(deep));
        for mut shown in backgrounds {
            let mark = draw(&chinese(), &mut shown).unwrap();
            let (.., contrast, _, _) = measures(&mark);
            assert!((4.5..=21.0).contains(&contrast), "{colour:?}: {contrast}");
            assert_eq!(measure(&mark, &shown).unwrap(), mark);
        }
    }
}

/// On a plain background the plate and the letters are each one gray, the two most frequent in the box.
#[test]
fn contrast_is_what_the_formula_of_wcag_gives() {
    for gray in [0, 90, 128, 180, 255] {
        let mut shown = plain(700, 700, gray);
        let mark = draw(&chinese(), &mut shown).unwrap();
        let (left, top, width, height) = plate(&mark);
        let mut counts = [0_usize; 256];
        for y in top..top + height {
            for x in left..left + width {
                counts[usize::from(eight(&shown.frames[0])[(y * 700 + x) * 3])] += 1;
            }
        }
        let mut values: Vec<u8> = (0..=255).collect();
        values.sort_by_key(|value| std::cmp::Reverse(counts[usize::from(*value)]));
        let (one, two) = (relative_luminance(values[0]), relative_luminance(values[1]));
        let expected = (one.max(two) + 0.05) / (one.min(two) + 0.05);
        let (.., contrast, _, _) = measures(&mark);
        assert!((f64::from(contrast) / expected - 1.0).abs() < 0.15, "{gray}: {contrast}, not {expected}");
    }
}

#[test]
fn nothing_outside_the_plate_changes() {
    for colour in COLOURS {
        for place in PLACES {
            let before = noisy(200, 140, colour);
            for (before, is_deep) in [(before.clone(), false), (deep(&before), true)] {
                let mut after = before.clone();
                let mark = draw(&order(Language::Chinese, place), &mut after).unwrap();
                let (left, top, width, height) = plate(&mark);
                let differs = |at: usize| match (&before.frames[0].samples, &after.frames[0].samples) {
                    (Samples::Eight(one), Samples::Eight(two)) => one[at] != two[at],
                    (Samples::Sixteen(one), Samples::Sixteen(two)) => one[at] != two[at],
                    _ => panic!("the depth changed"),
                };
                let mut changed = 0;
                for at in 0..200 * 140 * colour.channels() {
                    let (x, y) = (at / colour.channels() % 200, at / colour.channels() / 200);
                    let inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
                    assert!(inside || !differs(at), "{colour:?} {place:?} deep {is_deep}: {x},{y}");
                    changed += usize::from(inside && differs(at));
                }
                assert!(changed > width * height / 2);
                let edge = matches!(place, Place::Bottom | Place::Top);
                let expected = if edge { Position::Edge } else { Position::Corner };
                assert_eq!(mark.notice.unwrap().positions, [expected]);
                let lower = matches!(place, Place::Bottom | Place::BottomLeft | Place::BottomRight);
                assert_eq!(lower, top > 70, "{place:?}");
            }
        }
    }
}

/// Turns a picture as its orientation says, by mirroring and quarter turns.
fn turned(picture: &Picture) -> Picture {
    let (mut width, mut height) = (picture.width as usize, picture.height as usize);
    let mut pixels: Vec<[u8; 3]> =
        eight(&picture.frames[0]).chunks(3).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let (mirror, quarters) =
        [(false, 0), (true, 0), (false, 2), (true, 2), (true, 3), (false, 1), (true, 1), (false, 3)]
            [usize::from(picture.orientation) - 1];
    if mirror {
        pixels.chunks_mut(width).for_each(<[_]>::reverse);
    }
    for _ in 0..quarters {
        let clockwise = |at: usize| pixels[(height - 1 - at % height) * width + at / height];
        pixels = (0..width * height).map(clockwise).collect();
        (width, height) = (height, width);
    }
    let samples = Samples::Eight(pixels.concat());
    Picture {
        width: u32::try_from(width).unwrap(),
        height: u32::try_from(height).unwrap(),
        colour: Colour::Rgb,
        orientation: 1,
        frames: vec![Frame { samples }],
    }
}

#[test]
fn the_notice_is_upright_and_in_its_corner_for_the_viewer() {
    for orientation in 1..=8 {
        for place in PLACES {
            let stored = Picture { orientation, ..noisy(120, 80, Colour::Rgb) };
            let mut on_stored = stored.clone();
            let mark = draw(&order(Language::Chinese, place), &mut on_stored).unwrap();
            let mut on_turned = turned(&stored);
            let same = draw(&order(Language::Chinese, place), &mut on_turned).unwrap();
            assert_eq!(mark, same, "{orientation}");
            assert_eq!(turned(&on_stored), on_turned, "{orientation} {place:?}");
            assert_eq!(measure(&mark, &on_stored).unwrap(), mark);
        }
    }
}

#[test]
fn letters_on_a_jpeg_are_free_of_colour() {
    let mut shown = picture(600, 600, Colour::YCbCr, |at| [120, 40, 220][at % 3]);
    let mark = draw(&chinese(), &mut shown).unwrap();
    let white = eight(&shown.frames[0]).chunks(3).filter(|pixel| pixel == &[255, 128, 128]).count();
    assert!(white > 300, "{white}");
    assert!(measures(&mark).2 >= 4.5);
}
