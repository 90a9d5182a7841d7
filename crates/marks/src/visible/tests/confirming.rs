//! Measuring the notice again on the picture as it was written.

use super::*;
use crate::visible::{font::NoticeFont, layout};

/// A notice is measured with the setting that it was drawn with, as long as it is for the same words, place and size.
#[test]
fn a_setting_that_is_kept_is_that_of_the_picture_at_hand() {
    let font = NoticeFont::open(None).unwrap();
    for (words, place, size) in [
        ("AI生成", Place::BottomRight, (400, 300)),
        ("AI生成", Place::BottomRight, (400, 300)),
        ("AI生成", Place::BottomRight, (300, 400)),
        ("AI生成", Place::Top, (300, 400)),
        ("AI generated", Place::Top, (300, 400)),
    ] {
        let kept = layout::set_bundled(words, place, size).unwrap();
        assert_eq!(*kept, layout::set(words, &font, place, size).unwrap(), "{words} {place:?} {size:?}");
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
        *value = value
            .saturating_add(u8::try_from(next() % 20).unwrap())
            .saturating_sub(u8::try_from(next() % 20).unwrap());
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

/// The font is not in the mark, so the mark itself has to tell how its letters look.
#[test]
fn a_font_of_the_callers_own_can_be_confirmed_without_it() {
    let mut order = chinese();
    order.style.font = Some(include_bytes!("../../../assets/notice-font.otf").as_slice().into());
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
