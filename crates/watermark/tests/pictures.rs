//! Marks in pictures, from the outside.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that goes wrong may panic"
)]

mod common;

use common::scene;
use indicia_watermark::{
    Detection, Found, Id, Key, Payload, Route, Status, Unable,
    picture::{
        Detector, Effort, Geometry, Layout, Picture, PictureMut, Refusal, Samples, SamplesMut, Strength,
        embed,
    },
};

const SIZE: (u32, u32) = (640, 480);

fn payload() -> Payload {
    Payload::new(Status::Is, &Id::new(&Key::public(), "a record of ours")).unwrap()
}

fn rgb(width: u32, height: u32, samples: &[u8]) -> Picture<'_> {
    Picture::new(width, height, Layout::Rgb, Samples::Eight(samples)).unwrap()
}

fn marked(key: &Key) -> Vec<u8> {
    let mut samples = scene(SIZE.0 as usize, SIZE.1 as usize, "scene");
    let mut picture = PictureMut::new(SIZE.0, SIZE.1, Layout::Rgb, SamplesMut::Eight(&mut samples)).unwrap();
    embed(&mut picture, key, payload(), Strength::default()).unwrap();
    samples
}

fn one(detection: &Detection<Geometry>) -> &Found<Geometry> {
    match detection {
        Detection::Present(found) => &found[0],
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_put_on_is_read_and_under_no_other_key() {
    let key = Key::from_bytes(b"ours");
    let samples = marked(&key);
    let picture = rgb(SIZE.0, SIZE.1, &samples);
    let found = Detector::new(&[Key::public(), key.clone()]).detect(&picture, Effort::Fast);
    let found = one(&found);
    assert_eq!((found.payload, found.key, found.route), (payload(), key.id(), Route::Direct));
    assert!(found.evidence.holds() && found.evidence.statistic > 20.0, "{:?}", found.evidence);
    let other = Detector::new(&[Key::public()]).detect(&picture, Effort::Fast);
    let Detection::Absent(evidence) = other else { panic!("{other:?}") };
    assert!(evidence.statistic > 0.0 && !evidence.holds());
}

#[test]
fn the_unmarked_picture_has_no_mark() {
    let samples = scene(SIZE.0 as usize, SIZE.1 as usize, "scene");
    let found = Detector::new(&[Key::public()]).detect(&rgb(SIZE.0, SIZE.1, &samples), Effort::Search);
    assert!(matches!(found, Detection::Absent(_)), "{found:?}");
}

/// The picture after each of its eight turns, with the turn's angle clockwise and whether it was mirrored first.
fn turns(samples: &[u8]) -> Vec<(u32, u32, Vec<u8>, f64, bool)> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let pixel = |x: usize, y: usize| &samples[(y * width + x) * 3..][..3];
    let mut all = Vec::new();
    for mirrored in [false, true] {
        let at = |x: usize, y: usize| if mirrored { pixel(width - 1 - x, y) } else { pixel(x, y) };
        for quarter in 0..4 {
            let (w, h) = if quarter % 2 == 0 { (width, height) } else { (height, width) };
            let mut out = Vec::new();
            for y in 0..h {
                for x in 0..w {
                    out.extend_from_slice(match quarter {
                        0 => at(x, y),
                        1 => at(y, height - 1 - x),
                        2 => at(width - 1 - x, height - 1 - y),
                        _ => at(width - 1 - y, x),
                    });
                }
            }
            all.push((w as u32, h as u32, out, f64::from(quarter) * 90.0, mirrored));
        }
    }
    all
}

#[test]
fn a_turned_or_mirrored_picture_is_read_and_the_turn_told() {
    let samples = marked(&Key::public());
    let detector = Detector::new(&[Key::public()]);
    for (width, height, samples, degrees, mirrored) in turns(&samples) {
        let found = detector.detect(&rgb(width, height, &samples), Effort::Fast);
        let found = one(&found);
        assert_eq!(found.payload, payload());
        let geometry = found.alignment;
        assert_eq!(geometry.is_mirrored(), mirrored, "{degrees}");
        let off = (geometry.rotation_degrees() - degrees).rem_euclid(360.0);
        assert!(off.min(360.0 - off) < 0.1, "{degrees} {mirrored}: {}", geometry.rotation_degrees());
    }
}

fn cropped(samples: &[u8], left: usize, top: usize, width: usize, height: usize) -> Vec<u8> {
    let span = SIZE.0 as usize * 3;
    (top..top + height).flat_map(|y| samples[y * span + left * 3..][..width * 3].to_vec()).collect()
}

/// How far two places of the pattern are from each other.
fn apart(a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = |a: f64, b: f64| ((a - b + 64.0).rem_euclid(128.0) - 64.0).abs();
    along(a[0], b[0]).max(along(a[1], b[1]))
}

#[test]
fn a_crop_is_read_and_its_place_in_the_pattern_told() {
    let samples = marked(&Key::public());
    let detector = Detector::new(&[Key::public()]);
    let whole = one(&detector.detect(&rgb(SIZE.0, SIZE.1, &samples), Effort::Fast)).alignment;
    for (left, top, width, height) in [(101, 37, 452, 339), (3, 250, 500, 200), (320, 1, 319, 240)] {
        let crop = cropped(&samples, left, top, width, height);
        let crop = rgb(width as u32, height as u32, &crop);
        assert!(matches!(detector.detect(&crop, Effort::Fast), Detection::Absent(_)));
        let found = detector.detect(&crop, Effort::Search);
        let found = one(&found);
        assert_eq!((found.payload, found.route), (payload(), Route::Search));
        let (here, there) = (found.alignment.place([0.0, 0.0]), whole.place([left as f64, top as f64]));
        assert!(apart(here, there) < 1.0, "{here:?} {there:?}");
        assert!((found.alignment.scale() / whole.scale() - 1.0).abs() < 0.005, "{:?}", found.alignment);
    }
}

/// The picture turned clockwise about its middle and scaled, black around it.
fn turned(samples: &[u8], degrees: f64, across: f64, down: f64) -> Vec<u8> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut out = vec![0; samples.len()];
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f64 - width as f64 / 2.0, y as f64 - height as f64 / 2.0);
            let (u, v) = ((u * cos + v * sin) / across, (v * cos - u * sin) / down);
            let (u, v) = (u + width as f64 / 2.0, v + height as f64 / 2.0);
            if u < 0.0 || v < 0.0 || u >= (width - 1) as f64 || v >= (height - 1) as f64 {
                continue;
            }
            for colour in 0..3 {
                let at = |x: usize, y: usize| f64::from(samples[(y * width + x) * 3 + colour]);
                let (i, j, a, b) = (u as usize, v as usize, u.fract(), v.fract());
                let value = (at(i, j) * (1.0 - a) + at(i + 1, j) * a) * (1.0 - b)
                    + (at(i, j + 1) * (1.0 - a) + at(i + 1, j + 1) * a) * b;
                out[(y * width + x) * 3 + colour] = value.round() as u8;
            }
        }
    }
    out
}

#[test]
fn a_rotated_or_stretched_picture_is_read_and_the_change_told() {
    let samples = marked(&Key::public());
    let detector = Detector::new(&[Key::public()]);
    let whole = one(&detector.detect(&rgb(SIZE.0, SIZE.1, &samples), Effort::Fast)).alignment;
    for (degrees, across, down) in [(3.0, 1.0, 1.0), (-17.0, 1.0, 1.0), (45.0, 0.9, 0.9), (0.0, 1.08, 0.95)] {
        let turned = turned(&samples, degrees, across, down);
        let found = detector.detect(&rgb(SIZE.0, SIZE.1, &turned), Effort::Search);
        let found = one(&found);
        assert_eq!((found.payload, found.route), (payload(), Route::Search), "{degrees}");
        let geometry = found.alignment;
        assert!(
            (geometry.rotation_degrees() - degrees).abs() < 0.2,
            "{degrees}: {}",
            geometry.rotation_degrees()
        );
        let scale = (across * down).sqrt();
        assert!((geometry.scale() * scale / whole.scale() - 1.0).abs() < 0.005, "{geometry:?}");
    }
}

#[test]
fn every_layout_and_depth_carries_a_mark_and_invisible_pixels_are_left_alone() {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let scene = scene(width, height, "scene");
    let detector = Detector::new(&[Key::public()]);
    for layout in [Layout::Gray, Layout::GrayAlpha, Layout::Rgb, Layout::Rgba, Layout::YCbCr] {
        let colours = if matches!(layout, Layout::Gray | Layout::GrayAlpha) { 1 } else { 3 };
        let mut eight = Vec::new();
        for (place, pixel) in scene.chunks_exact(3).enumerate() {
            eight.extend_from_slice(&pixel[..colours]);
            if layout.channels() > colours {
                eight.push(if place % width < width / 4 { 0 } else { 255 });
            }
        }
        let sixteen: Vec<u16> = eight.iter().map(|&value| u16::from(value) * 257).collect();
        let (mut marked_eight, mut marked_sixteen) = (eight.clone(), sixteen.clone());
        for samples in [SamplesMut::Eight(&mut marked_eight), SamplesMut::Sixteen(&mut marked_sixteen)] {
            let mut picture = PictureMut::new(SIZE.0, SIZE.1, layout, samples).unwrap();
            embed(&mut picture, &Key::public(), payload(), Strength::default()).unwrap();
            let found = detector.detect(&picture.as_picture(), Effort::Fast);
            assert_eq!(one(&found).payload, payload(), "{layout:?}");
        }
        if layout.channels() > colours {
            let clear = |samples: &[u8]| -> Vec<u8> {
                samples
                    .chunks_exact(layout.channels())
                    .filter(|pixel| pixel[colours] == 0)
                    .flatten()
                    .copied()
                    .collect()
            };
            assert_eq!(clear(&eight), clear(&marked_eight), "{layout:?}");
        }
        let alpha_kept = eight
            .chunks_exact(layout.channels())
            .zip(marked_eight.chunks_exact(layout.channels()))
            .all(|(before, after)| before[colours..] == after[colours..] || layout == Layout::YCbCr);
        assert!(alpha_kept, "{layout:?}");
    }
}

#[test]
fn pictures_that_cannot_hold_a_mark_are_refused_unchanged() {
    let refused = |width: u32, height: u32, samples: &[u8]| {
        let mut changed = samples.to_vec();
        let mut picture =
            PictureMut::new(width, height, Layout::Rgb, SamplesMut::Eight(&mut changed)).unwrap();
        let refusal = embed(&mut picture, &Key::public(), payload(), Strength::default()).unwrap_err();
        assert_eq!(changed, samples);
        refusal
    };
    assert_eq!(refused(127, 400, &scene(127, 400, "s")), Refusal::TooSmall { width: 127, height: 400 });
    assert!(matches!(refused(128, 4096, &scene(128, 4096, "s")), Refusal::TooThin { .. }));
    for value in [0, 128, 255] {
        let refusal = refused(256, 256, &vec![value; 256 * 256 * 3]);
        let Refusal::Unreadable { reached, psnr } = &refusal else { panic!("{value}: {refusal:?}") };
        assert!(reached.statistic.is_finite() && psnr.is_finite() && !reached.holds(), "{refusal}");
    }
}

#[test]
fn odd_pictures_are_looked_at_without_harm() {
    let detector = Detector::new(&[Key::public()]);
    for (width, height) in
        [(1, 1), (1, 5000), (5000, 1), (31, 4000), (32, 32), (40, 9000), (9000, 40), (3000, 33)]
    {
        for samples in [vec![255; width * height * 3], scene(width, height, "odd")] {
            let found = detector.detect(&rgb(width as u32, height as u32, &samples), Effort::Search);
            match found {
                Detection::Present(found) => panic!("{width} x {height}: {found:?}"),
                Detection::Absent(evidence) => assert!(evidence.statistic.is_finite()),
                Detection::Unable(_) => {}
            }
        }
    }
    let flat = vec![77; 300 * 300 * 3];
    assert_eq!(detector.detect(&rgb(300, 300, &flat), Effort::Search), Detection::Unable(Unable::Constant));
    assert_eq!(
        Detector::new(&[]).detect(&rgb(300, 300, &flat), Effort::Fast),
        Detection::Unable(Unable::NoKey)
    );
}

#[test]
fn an_expected_payload_is_found_where_it_is_and_nowhere_else() {
    let samples = marked(&Key::public());
    let picture = rgb(SIZE.0, SIZE.1, &samples);
    let other = Payload::new(Status::Is, &Id::Literal("other".to_owned())).unwrap();
    let detector = Detector::new(&[Key::public()]);
    let found = detector.expect(&picture, Effort::Fast, &[other, payload()]);
    assert_eq!(one(&found).payload, payload());
    assert_eq!(one(&found).evidence.information_bits, 0);
    assert!(matches!(detector.expect(&picture, Effort::Fast, &[other]), Detection::Absent(_)));
}

#[test]
fn two_marks_on_one_picture_are_both_read() {
    let (first, second) = (Key::from_bytes(b"first"), Key::from_bytes(b"second"));
    let other = Payload::new(Status::MayBe, &Id::Literal("other".to_owned())).unwrap();
    let detector = Detector::new(&[first.clone(), second.clone()]);
    for key in [&first, &second] {
        let mut samples = marked(&first);
        let mut picture =
            PictureMut::new(SIZE.0, SIZE.1, Layout::Rgb, SamplesMut::Eight(&mut samples)).unwrap();
        embed(&mut picture, key, other, Strength::default()).unwrap();
        let Detection::Present(found) = detector.detect(&picture.as_picture(), Effort::Search) else {
            panic!("neither is read")
        };
        let mut read: Vec<_> = found.iter().map(|found| (found.payload.bits(), found.key)).collect();
        let mut put = vec![(payload().bits(), first.id()), (other.bits(), key.id())];
        read.sort_unstable();
        put.sort_unstable();
        assert_eq!(read, put);
    }
}

#[test]
fn a_marked_picture_within_another_one_is_found_and_its_place_told() {
    let (width, height, left, top) = (1600, 1200, 830, 540);
    let mut samples = scene(width, height, "around");
    let inner = marked(&Key::public());
    for (y, row) in inner.chunks_exact(SIZE.0 as usize * 3).enumerate() {
        samples[((top + y) * width + left) * 3..][..row.len()].copy_from_slice(row);
    }
    let picture = rgb(width as u32, height as u32, &samples);
    let detector = Detector::new(&[Key::public()]);
    let found = detector.detect(&picture, Effort::Regions);
    let found = one(&found);
    assert_eq!(found.payload, payload());
    let inner = rgb(SIZE.0, SIZE.1, &inner);
    let alone = one(&detector.detect(&inner, Effort::Fast)).alignment;
    assert!(apart(found.alignment.place([left as f64, top as f64]), alone.place([0.0, 0.0])) < 1.0);
    let region = detector.region(&picture, found);
    let common = |a: usize, b: usize, c: usize, d: usize| (a + b).min(c + d).saturating_sub(a.max(c));
    let shared = common(region.left, region.width, left, SIZE.0 as usize)
        * common(region.top, region.height, top, SIZE.1 as usize);
    let all = region.width * region.height + inner.width() * inner.height() - shared;
    assert!(shared * 10 > all * 7, "{region:?}");
    let whole = detector.region(&inner, one(&detector.detect(&inner, Effort::Fast)));
    assert!(whole.width * whole.height * 10 > inner.width() * inner.height() * 8, "{whole:?}");
}
