//! Pictures decoded and coded again.

use super::*;

/// A smooth picture with some detail, its samples of `channels`.
fn drawing(width: usize, height: usize, channels: usize) -> Vec<u8> {
    let ramp = |at: usize, period: usize| (at % period).abs_diff(period / 2) * 200 / period;
    let value = |x, y, channel| 20 + ramp(x, 30 + 20 * channel) + ramp(y, 90 - 20 * channel) + (x * y) % 7;
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        samples.extend((0..channels).map(|channel| u8::try_from(value(x, y, channel)).unwrap()));
    }
    samples
}

fn coded(colour: ColorType, set: impl Fn(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let (width, height) = (83, 61);
    let channels = if colour == ColorType::Luma { 1 } else { 3 };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 85);
    set(&mut encoder);
    let samples = drawing(usize::from(width), usize::from(height), channels);
    encoder.encode(&samples, width, height, colour).unwrap();
    bytes
}

fn samples(picture: &crate::Picture) -> &[u8] {
    match &picture.frames[0].samples {
        Samples::Eight(samples) => samples,
        Samples::Sixteen(_) => panic!("JPEG has 8 bits"),
    }
}

/// The peak signal-to-noise ratio between two pictures, in decibels.
fn likeness(one: &[u8], two: &[u8]) -> f64 {
    assert_eq!(one.len(), two.len());
    let squares: f64 = one.iter().zip(two).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * one.len() as f64 / squares.max(1e-9)).log10()
}

/// Decodes a picture and codes it again, unchanged.
fn again(bytes: &[u8]) -> (crate::Picture, Vec<u8>) {
    let limits = Limits::default();
    let picture = decode(&bytes.to_vec(), &read(bytes), &limits).unwrap();
    let changes = Changes { content: Some(NewContent::Picture(picture.clone())), ..Changes::default() };
    (picture, changed(bytes, &changes).unwrap())
}

#[test]
fn a_picture_coded_again_is_the_same_picture() {
    use SamplingFactor as Factor;
    for (name, colour, sampling, progressive, restart) in [
        ("4:4:4", ColorType::Ycbcr, Factor::F_1_1, false, 0),
        ("4:2:0", ColorType::Ycbcr, Factor::F_2_2, false, 0),
        ("4:2:2", ColorType::Ycbcr, Factor::F_2_1, false, 0),
        ("4:4:0", ColorType::Ycbcr, Factor::F_1_2, false, 0),
        ("gray", ColorType::Luma, Factor::F_1_1, false, 0),
        ("4:2:0 with restarts", ColorType::Ycbcr, Factor::F_2_2, false, 3),
        ("4:2:0 progressive", ColorType::Ycbcr, Factor::F_2_2, true, 0),
        ("4:4:4 progressive with restarts", ColorType::Ycbcr, Factor::F_1_1, true, 5),
    ] {
        let bytes = coded(colour, |encoder| {
            encoder.set_sampling_factor(sampling);
            encoder.set_progressive(progressive);
            encoder.set_restart_interval(restart);
        });
        let (before, after) = again(&bytes);
        let layout = read(&after);
        assert_eq!(layout.damage, None, "{name}");
        let reread = decode(&after, &layout, &Limits::default()).unwrap();
        let like = likeness(samples(&before), samples(&reread));
        assert!(like > 45.0, "{name}: {like}");
        let ratio = after.len() as f64 / bytes.len() as f64;
        assert!((0.6..1.05).contains(&ratio), "{name}: {ratio}");
        let kind = |name: &[u8; 4]| layout.segments.iter().any(|segment| segment.name == *name);
        assert_eq!((kind(b"SOF2"), kind(b"DRI ")), (progressive, restart > 0 || !progressive), "{name}");
    }
}

#[test]
fn a_decoded_picture_looks_like_what_was_coded() {
    let bytes = coded(ColorType::Ycbcr, |encoder| encoder.set_sampling_factor(SamplingFactor::F_1_1));
    let picture = decode(&bytes, &read(&bytes), &Limits::default()).unwrap();
    assert_eq!((picture.width, picture.height, picture.colour), (83, 61, Colour::YCbCr));
    assert!(likeness(samples(&picture), &drawing(83, 61, 3)) > 30.0);
}

#[test]
fn red_green_and_blue_stay_what_they_are() {
    // Components called R, G and B and no JFIF segment; then called 1, 2, 3 with the word of Adobe.
    let plain = coded(ColorType::Ycbcr, |encoder| encoder.set_sampling_factor(SamplingFactor::F_1_1));
    let layout = read(&plain);
    let at = |name: &[u8; 4]| {
        let found = layout.segments.iter().find(|segment| segment.name == *name).unwrap();
        offset(found.span.start)
    };
    let (frame, scan) = (at(b"SOF0"), at(b"SOS "));
    for (ids, extra) in [(*b"RGB", Vec::new()), ([1, 2, 3], segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"))] {
        let mut bytes = plain.clone();
        for (index, id) in ids.into_iter().enumerate() {
            bytes[frame + 10 + 3 * index] = id;
            bytes[scan + 5 + 2 * index] = id;
        }
        bytes.splice(2..20, extra);
        let (before, after) = again(&bytes);
        assert_eq!(before.colour, Colour::Rgb);
        assert!(likeness(samples(&before), &drawing(83, 61, 3)) > 30.0);
        let reread = decode(&after, &read(&after), &Limits::default()).unwrap();
        assert_eq!(reread.colour, Colour::Rgb);
        assert!(likeness(samples(&before), samples(&reread)) > 45.0);
    }
}

#[test]
fn metadata_and_trailing_bytes_stay_when_the_picture_changes() {
    let plain = coded(ColorType::Ycbcr, |_| {});
    let extra =
        [segment(0xE1, EXIF), segment(0xE2, b"ICC_PROFILE\0\x01\x01..."), segment(0xFE, b"words")].concat();
    let bytes = [&plain[..20], &extra, &plain[20..], b"trailer"].concat();
    let (picture, after) = again(&bytes);
    assert_eq!(picture.orientation, 6);
    let head = 20 + extra.len();
    assert_eq!(after[..head], bytes[..head]);
    assert!(after.ends_with(b"\xFF\xD9trailer"));
    let both = Changes { content: Some(NewContent::Picture(picture)), ..added(Carrier::Xmp, b"<new/>") };
    let after = changed(&bytes, &both).unwrap();
    assert_eq!(read(&after).packets.len(), 3);
    decode(&after, &read(&after), &Limits::default()).unwrap();
}

#[test]
fn pictures_that_cannot_be_decoded_are_refused_with_the_reason() {
    let plain = coded(ColorType::Ycbcr, |encoder| encoder.set_sampling_factor(SamplingFactor::F_2_2));
    let frame = 20;
    for (at, value, reason) in [
        (1, 0xC3, "lossless"),
        (1, 0xC9, "arithmetic"),
        (1, 0xC5, "hierarchical"),
        (4, 12, "more than 8 bits"),
        (9, 4, "four colour components"),
    ] {
        let mut bytes = plain.clone();
        bytes[frame + at] = value;
        let refused = decode(&bytes, &read(&bytes), &Limits::default()).unwrap_err();
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    let apart = coded(ColorType::Ycbcr, |encoder| {
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_optimized_huffman_tables(true);
    });
    let half = plain[..plain.len() / 2].to_vec();
    let refused = decode(&half, &read(&half), &Limits::default()).unwrap_err();
    assert_eq!(refused.problem, Problem::Truncated);
    let refused = decode(&apart, &read(&apart), &Limits::default()).unwrap_err();
    assert!(matches!(refused.problem, Problem::Unsupported(_)));
    let limits = Limits { pixels: 83 * 61 - 1, ..Limits::default() };
    let refused = decode(&plain, &read(&plain), &limits).unwrap_err();
    assert!(matches!(refused.problem, Problem::OverLimit { what: "pixels", .. }));
}

#[test]
fn a_scan_for_each_component_is_decoded_where_none_is_subsampled() {
    let set = |optimized| {
        coded(ColorType::Ycbcr, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_1_1);
            encoder.set_optimized_huffman_tables(optimized);
        })
    };
    let (together, apart) = (set(false), set(true));
    let picture = |bytes: &Vec<u8>| decode(bytes, &read(bytes), &Limits::default()).unwrap();
    assert_eq!(picture(&together), picture(&apart));
}

#[test]
fn a_picture_of_another_size_is_refused() {
    let bytes = coded(ColorType::Ycbcr, |_| {});
    let mut picture = decode(&bytes, &read(&bytes), &Limits::default()).unwrap();
    picture.width -= 1;
    let changes = Changes { content: Some(NewContent::Picture(picture)), ..Changes::default() };
    assert!(matches!(changed(&bytes, &changes).unwrap_err().problem, Problem::Unsupported(_)));
}
