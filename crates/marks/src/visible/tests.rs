//! What the drawn notice promises, checked on the pixels and not with the code that draws.

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
    picture(width, height, colour, |_| next() as u8)
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

#[test]
fn letters_are_at_least_5_percent_of_the_shorter_side_high() {
    let mut next = noise(1);
    for _ in 0..40 {
        let short = 64 + (next() % 440) as u32;
        let long = short.max(200) + (next() % 100) as u32;
        let (width, height) = if next() % 2 == 0 || short < 200 { (long, short) } else { (short, long) };
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
    let gradient = |at: usize| (at / 3 % 200 * 255 / 199) as u8;
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
            let before = noisy(300, 200, colour);
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
                for at in 0..300 * 200 * colour.channels() {
                    let (x, y) = (at / colour.channels() % 300, at / colour.channels() / 300);
                    let inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
                    assert!(inside || !differs(at), "{colour:?} {place:?} deep {is_deep}: {x},{y}");
                    changed += usize::from(inside && differs(at));
                }
                assert!(changed > width * height / 2);
                let edge = matches!(place, Place::Bottom | Place::Top);
                let expected = if edge { Position::Edge } else { Position::Corner };
                assert_eq!(mark.notice.unwrap().positions, [expected]);
                let lower = matches!(place, Place::Bottom | Place::BottomLeft | Place::BottomRight);
                assert_eq!(lower, top > 100, "{place:?}");
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
        width: width as u32,
        height: height as u32,
        colour: Colour::Rgb,
        orientation: 1,
        frames: vec![Frame { samples }],
    }
}

#[test]
fn the_notice_is_upright_and_in_its_corner_for_the_viewer() {
    for orientation in 1..=8 {
        for place in PLACES {
            let stored = Picture { orientation, ..noisy(180, 120, Colour::Rgb) };
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
fn confirming_fails_where_the_notice_is_lost() {
    let before = noisy(400, 300, Colour::Rgb);
    let mut labelled = before.clone();
    let mark = draw(&chinese(), &mut labelled).unwrap();
    let (left, top, width, height) = plate(&mark);
    let fails = |what: &str, picture: &Picture| {
        let failed = measure(&mark, picture);
        assert!(matches!(&failed, Err(MarkError::Refused(_))), "{what}: {failed:?}");
    };
    let repainted = |paint: &dyn Fn(usize, usize, usize) -> u8| {
        let mut painted = labelled.clone();
        for y in top..top + height {
            for x in left..left + width {
                for channel in 0..3 {
                    eight_mut(&mut painted)[(y * 400 + x) * 3 + channel] = paint(x, y, channel);
                }
            }
        }
        painted
    };
    let was = |x: usize, y: usize, channel: usize| eight(&labelled.frames[0])[(y * 400 + x) * 3 + channel];
    fails("not labelled", &before);
    fails("plain", &plain(400, 300, 255));
    fails("painted over", &repainted(&|_, _, _| 128));
    fails("the picture painted back", &repainted(&|x, y, c| eight(&before.frames[0])[(y * 400 + x) * 3 + c]));
    fails("half painted over", &repainted(&|x, y, c| if x < left + width / 2 { 20 } else { was(x, y, c) }));
    fails("faded", &repainted(&|x, y, c| 100 + was(x, y, c) / 5));
    fails("shifted", &repainted(&|x, y, c| was(x.saturating_sub(6).max(left), y, c)));
    fails("upside down", &Picture { orientation: 3, ..labelled.clone() });
    fails("turned", &Picture { orientation: 6, ..labelled.clone() });
    fails("smaller", &plain(200, 150, 255));
    // What lossy coding does is no loss.
    let mut next = noise(3);
    let mut coded = labelled.clone();
    for value in eight_mut(&mut coded) {
        *value = value.saturating_add((next() % 20) as u8).saturating_sub((next() % 20) as u8);
    }
    let measured = measure(&mark, &coded).unwrap();
    assert!(measures(&measured).2 < measures(&mark).2);
}

#[test]
fn every_frame_of_an_animation_is_labelled_and_measured() {
    let mut moving = plain(200, 200, 255);
    for gray in [0, 128, 30] {
        moving.frames.extend(plain(200, 200, gray).frames);
    }
    let unlabelled = moving.frames[2].clone();
    let mark = draw(&chinese(), &mut moving).unwrap();
    let (.., contrast, frames, frames_in_all) = measures(&mark);
    assert_eq!((frames, frames_in_all), (4, 4));
    for frame in &moving.frames {
        let single = Picture { frames: vec![frame.clone()], ..moving.clone() };
        assert!(measures(&measure(&mark, &single).unwrap()).2 >= contrast);
    }
    moving.frames[2] = unlabelled;
    let failed = measure(&mark, &moving).unwrap_err();
    assert!(failed.to_string().contains("3 of 4 frames"), "{failed}");
}

#[test]
fn the_notice_is_opaque_where_the_picture_is_not() {
    for colour in [Colour::GrayAlpha, Colour::Rgba] {
        let channels = colour.channels();
        let mut clear = picture(300, 200, colour, |_| 0);
        let mark = draw(&chinese(), &mut clear).unwrap();
        let (left, top, width, height) = plate(&mark);
        let alpha = |x: usize, y: usize| eight(&clear.frames[0])[(y * 300 + x) * channels + channels - 1];
        assert_eq!(alpha(left + width / 2, top), 255);
        assert_eq!(alpha(left, top + height / 2), 255);
        assert!(alpha(left, top) < 128, "the corner of the plate is round");
        assert_eq!(alpha(left - 1, top - 1), 0);
        assert_eq!(measure(&mark, &clear).unwrap(), mark);
        for pixel in eight_mut(&mut clear).chunks_mut(channels) {
            pixel[channels - 1] = 100;
        }
        assert!(measure(&mark, &clear).is_err(), "what is behind the picture shows through");
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

#[test]
fn pictures_too_small_for_words_are_refused_with_the_measures() {
    let refused = |width, height, order: &Order| draw(order, &mut plain(width, height, 90)).unwrap_err();
    let why = refused(16, 16, &chinese()).to_string();
    assert!(why.contains("16 x 16 px") && why.contains("one line") && why.contains("two lines"), "{why}");
    for (width, height) in [(1, 1), (1, 2000), (2000, 1), (40, 40), (36, 400), (52, 41), (400, 21)] {
        assert!(matches!(refused(width, height, &chinese()), MarkError::Refused(_)), "{width} x {height}");
    }
    // The smallest that take the usual Chinese words.
    for (width, height) in [(53, 42), (64, 48), (100, 22), (37, 76)] {
        let mut small = plain(width, height, 90);
        let mark = draw(&chinese(), &mut small).unwrap();
        assert_eq!(measure(&mark, &small).unwrap(), mark);
        assert!(measures(&mark).0 >= 9);
    }
    let long = "AI生成，".repeat(40);
    assert!(matches!(refused(400, 400, &with_text(&long)), MarkError::Refused(_)));
}

#[test]
fn words_that_do_not_fit_in_one_line_take_two() {
    let mut narrow = plain(130, 300, 40);
    let mark = draw(&order(Language::Both, Place::BottomRight), &mut narrow).unwrap();
    let (_, _, width, height) = plate(&mark);
    assert!(width < 130 && height > 35, "{width} x {height}");
    assert_eq!(measure(&mark, &narrow).unwrap(), mark);
    assert_eq!(mark.notice.unwrap().words, "AI生成 AI-generated");
}

#[test]
fn words_of_the_callers_own_need_both_elements() {
    for (text, missing) in
        [("AI作品", "生成 or 合成"), ("智能生成", "人工智能 or AI"), ("AI-generated", "生成 or 合成")]
    {
        match draw(&with_text(text), &mut plain(400, 400, 0)) {
            Err(MarkError::Order(why)) => assert!(why.contains(missing) && why.contains("5.2"), "{why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let mark = draw(&with_text(" 由人工智能合成 "), &mut plain(400, 400, 0)).unwrap();
    assert_eq!(mark.notice.unwrap().words, "由人工智能合成");
}

#[test]
fn english_words_are_drawn_and_the_deviation_is_said() {
    let mut english = order(Language::English, Place::BottomRight);
    for text in [None, Some("Generated by artificial intelligence".to_owned())] {
        english.style.text = text;
        let mark = draw(&english, &mut plain(900, 400, 0)).unwrap();
        assert!(mark.has("words") && mark.flaws[0].gravity == Gravity::Deviation);
    }
    english.style.text = Some("Made with love".into());
    assert!(matches!(wording(&english), Err(MarkError::Order(_))));
    for language in [Language::Both, Language::Chinese] {
        assert!(draw(&order(language, Place::Top), &mut plain(400, 400, 0)).unwrap().flaws.is_empty());
    }
}

#[test]
fn only_what_is_or_may_be_generated_gets_a_notice() {
    for status in [None, Some(Status::NotGenerated)] {
        let mut order = chinese();
        order.claim.status = status;
        assert!(matches!(wording(&order), Err(MarkError::Order(_))));
        order.style.text = Some("AI生成".into());
        assert_eq!(wording(&order).is_ok(), status.is_none());
    }
}

#[test]
fn the_bundled_font_has_every_letter_of_the_usual_words() {
    for language in LANGUAGES {
        for status in [Status::Generated, Status::Possible, Status::Suspected] {
            for origin in [None, Some(Origin::Generated), Some(Origin::Altered)] {
                let mut order = order(language, Place::Bottom);
                order.claim = Claim { status: Some(status), origin, ..Claim::default() };
                let mut shown = plain(600, 200, 200);
                let mark = draw(&order, &mut shown).unwrap();
                assert_eq!(measure(&mark, &shown).unwrap().claim, order.claim);
                let words = words::usual(Length::Short, language, &order.claim).unwrap();
                assert_eq!(mark.notice.unwrap().words, words);
            }
        }
    }
}

#[test]
fn letters_that_cannot_be_drawn_are_named() {
    for (text, named) in [
        ("AI生成龘", "U+9F98 龘"),
        ("AI生成\u{7}", "U+0007;"),
        ("AI生成\nx", "U+000A;"),
        ("AI生成😀", "U+1F600"),
    ] {
        match draw(&with_text(text), &mut plain(400, 400, 0)) {
            Err(MarkError::Order(why)) => assert!(why.contains(named) && why.contains("--font"), "{why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["AI生成 ذكاء", "AI生成e\u{301}", "AI生成\u{202E}"] {
        assert!(
            matches!(draw(&with_text(text), &mut plain(400, 400, 0)), Err(MarkError::Order(_))),
            "{text}"
        );
    }
}

#[test]
fn characters_flat_by_shape_do_not_blow_the_notice_up() {
    let height = |text: &str| measures(&draw(&with_text(text), &mut plain(600, 600, 0)).unwrap()).0;
    assert_eq!(height("AI生成"), height("AI生成一，gx"));
}

/// The font is not in the mark, so the mark itself has to tell how its letters look.
#[test]
fn a_font_of_the_callers_own_can_be_confirmed_without_it() {
    let mut order = chinese();
    order.style.font = Some(include_bytes!("../../assets/notice-font.otf").as_slice().into());
    for (width, height) in [(64, 48), (400, 300), (800, 700)] {
        let before = noisy(width, height, Colour::Rgb);
        let mut shown = before.clone();
        let mark = draw(&order, &mut shown).unwrap();
        assert!(mark.raw.len() < 4000, "{}", mark.raw.len());
        let (.., contrast, _, _) = measures(&measure(&mark, &shown).unwrap());
        assert!((contrast / measures(&mark).2 - 1.0).abs() < 0.2, "{contrast}");
        assert!(measure(&mark, &before).is_err());
        let broken = Mark { raw: mark.raw.replace('e', "x"), ..mark };
        assert!(measure(&broken, &shown).is_err());
    }
    order.style.font = Some(b"no font".as_slice().into());
    assert!(matches!(draw(&order, &mut plain(400, 400, 0)), Err(MarkError::Order(_))));
}

#[test]
fn a_picture_that_is_not_what_it_says_is_an_error() {
    let mut short = plain(400, 300, 0);
    short.frames.push(Frame { samples: Samples::Eight(vec![0; 10]) });
    assert!(matches!(draw(&chinese(), &mut short), Err(MarkError::Format(_))));
    short.frames.clear();
    assert!(matches!(draw(&chinese(), &mut short), Err(MarkError::Format(_))));
}

#[test]
fn marks_that_do_not_come_from_drawing_are_refused() {
    let shown = plain(400, 300, 0);
    assert!(measure(&Mark::default(), &shown).is_err());
    let words = "AI生成".to_owned();
    let written = Notice { words, positions: Vec::new(), form: Form::Written };
    assert!(measure(&Mark { notice: Some(written), ..Mark::default() }, &shown).is_err());
}
