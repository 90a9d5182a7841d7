//! Tests of WebP reading and writing, on files that libwebp made through Pillow.

use crate::vp8_quantizer::coarseness;
use crate::{Asset, Carrier, Changes, Colour, Draft, Picture, Piece, Role, Samples};
use indicia_core::{Limits, Problem, Source, Span};

const LOSSLESS: &[u8] = b"RIFFR\x00\x00\x00WEBPVP8LF\x00\x00\x00/\x02@\x00\x10/\xA0\xA0m\x1B\xA6\xED\x0E\x7F\xB6\x1F\x88\xDA\xB6m\x18\xC3\x93\xFF\x7F\xD6\xE9Q\xD8\xB6\x0DR\xD8\xFF\xFF\xF2\x14\xB6m\x83\x0C\xCF\xC6\xBB1\x80\x07<_\xB4\xA6\xA2\xCBY_cP\xC86\x02\x1C\xBA\x97\xE4H.\xA2\xFFq\xAC";
const LOSSY: &[u8] = b"RIFF6\x00\x00\x00WEBPVP8 *\x00\x00\x00\xB0\x01\x00\x9D\x01*\x04\x00\x04\x00\x02\x80B%\xA0\x02t\xBA\x00\x05\x02\x00\x00\xFEo\x1F\xFB\x8E\xC0\xDDz\x83\xFF\xE4\xA7\xF5\xDD\xE5\x17/\x00\x00";
const LOSSY_ALPHA: &[u8] = b"RIFFh\x00\x00\x00WEBPVP8X\x0A\x00\x00\x00\x10\x00\x00\x00\x03\x00\x00\x03\x00\x00ALPH\x0D\x00\x00\x00\x01\x0F\xF0\xA0\xFF\x88\x880\x01\x11\xFD\x8F\x00\x00VP8 4\x00\x00\x00\xB0\x01\x00\x9D\x01*\x04\x00\x04\x00\x02\x80B%\xA0\x02t\xBA\x00\x00]\x00\x00\xFD\xB5\x10=\xC8e6\xCEI2e\x9F\xF0\x1B\xAF\x8Bo\x1B\xFF\x92\x9F\xD7w\x94\x5C\xBC\x00\x00\x00";
const ANIMATION: &[u8] = b"RIFF\xE2\x00\x00\x00WEBPVP8X\x0A\x00\x00\x00\x12\x00\x00\x00\x03\x00\x00\x03\x00\x00ANIM\x06\x00\x00\x00\x01\x02\x03\x04\x05\x00ANMF(\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x03\x00\x00d\x00\x00\x00VP8L\x0F\x00\x00\x00/\x03\xC0\x00\x00\x07\x10\xFD\x8F\xFE\x07\x22\xA2\xFF\x01\x00ANMF(\x00\x00\x00\x01\x00\x00\x01\x00\x00\x01\x00\x00\x01\x00\x002\x00\x00\x01VP8L\x0F\x00\x00\x00/\x01@\x00\x10\x07\x10\xD1\xFF\x02\x06\x22\xA2\xFF\x01\x00ANMF&\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00F\x00\x00\x02VP8L\x0E\x00\x00\x00/\x01@\x00\x10\x07\xD0\xFF\x88\x08DD\xFF\x03ANMF(\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x1E\x00\x00\x00VP8L\x0F\x00\x00\x00/\x00\x00\x00\x00\x07\xD0\xFF\x88\xFE\x07\x22\xA2\xFF\x01\x00";

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes.extend(vec![0; body.len() % 2]);
    bytes
}

fn riff(chunks: &[&[u8]]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WEBP", chunks.concat().as_slice()].concat())
}

/// `VP8X` with these flags for a canvas of four by four pixels.
fn vp8x(flags: u8) -> Vec<u8> {
    chunk(b"VP8X", &[flags, 0, 0, 0, 3, 0, 0, 3, 0, 0])
}

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()));
    assert_eq!(asset.format.name, "webp");
    asset
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let bytes = bytes.to_vec();
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    let out = draft.render().unwrap().to_bytes().unwrap();
    assert_eq!(u32::from_le_bytes(out[4..8].try_into().unwrap()) as usize, out.len() - 8);
    assert_eq!(open(&out).layout.damage, None);
    out
}

fn decoded(bytes: &[u8]) -> Picture {
    open(&bytes.to_vec()).picture().unwrap().clone()
}

fn samples(picture: &Picture, frame: usize) -> &[u8] {
    match &picture.frames[frame].samples {
        Samples::Eight(samples) => samples,
        Samples::Sixteen(_) => panic!("16 bits"),
    }
}

/// Everything in one file: profile, alpha, Exif with the prefix of JPEG, XMP with a short name, others.
fn full() -> Vec<u8> {
    riff(&[
        &vp8x(0x3C),
        &chunk(b"ICCP", b"profile"),
        &LOSSY_ALPHA[30..],
        &chunk(b"EXIF", b"Exif\0\0MM\0*"),
        &chunk(b"XMP\0", b"<x/>!"),
        &chunk(b"C2PA", b"jumb"),
        &chunk(b"AIGC", b"{}"),
    ])
}

#[test]
fn every_sort_of_metadata_is_found() {
    let bytes = full();
    let asset = open(&bytes);
    let found: Vec<_> =
        asset.layout.packets.iter().map(|one| (one.carrier, asset.read(one).unwrap())).collect();
    let expected: [(Carrier, &[u8]); 4] = [
        (Carrier::Exif, b"MM\0*"),
        (Carrier::Xmp, b"<x/>!"),
        (Carrier::Manifest, b"jumb"),
        (Carrier::Field, b"{}"),
    ];
    assert_eq!(found, expected.map(|(carrier, value)| (carrier, value.to_vec())));
    assert_eq!(asset.layout.damage, None);
    assert_eq!(asset.layout.packets[3].key, "AIGC");
}

#[test]
fn a_file_that_ends_anywhere_is_damaged_but_for_its_last_padding() {
    let bytes = riff(&[&vp8x(0x3C), &LOSSY_ALPHA[30..], &chunk(b"XMP ", b"<x>")]);
    for len in 0..bytes.len() {
        let cut = bytes[..len].to_vec();
        if let Ok(asset) = Asset::open(&cut, Some("a.webp"), &Limits::default()) {
            assert!(asset.layout.tiles(cut.size()), "{len}");
            assert_eq!(asset.layout.damage.is_some(), len < bytes.len() - 1, "{len}");
        }
    }
    let out = changed(&bytes[..bytes.len() - 1], |draft| draft.set(Carrier::Xmp, "", b"<yy>".to_vec()));
    assert!(out.ends_with(b"XMP \x04\0\0\0<yy>"));
}

#[test]
fn no_bytes_make_it_panic_or_leave_a_gap() {
    for bytes in [full(), LOSSLESS.to_vec(), ANIMATION.to_vec()] {
        for at in 4..bytes.len() - 4 {
            for value in [0, 1, 0x7FFF_FFFF, u32::MAX] {
                let mut bytes = bytes.clone();
                bytes[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
                let limits = Limits { pixels: 1 << 16, ..Limits::default() };
                if let Ok(asset) = Asset::open(&bytes, None, &limits) {
                    assert!(asset.layout.tiles(bytes.size()), "{at} {value}");
                    let _ = asset.picture();
                    let mut draft = Draft::new(&asset);
                    draft.set(Carrier::Xmp, "", b"x".to_vec());
                    let _ = draft.render();
                }
            }
        }
    }
}

#[test]
fn bytes_after_the_end_are_unknown_and_stay_there() {
    let bytes = [LOSSY, b"trailing"].concat();
    let asset = open(&bytes);
    let last = asset.layout.segments.last().unwrap();
    assert_eq!((last.role, last.span.len(), &asset.layout.damage), (Role::Unknown, 8, &None));
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Xmp, "", b"<x/>".to_vec());
    let out = draft.render().unwrap().to_bytes().unwrap();
    assert!(out.ends_with(b"XMP \x04\0\0\0<x/>trailing"));
    assert_eq!(u32::from_le_bytes(out[4..8].try_into().unwrap()) as usize, out.len() - 8 - 8);
}

#[test]
fn a_stated_size_that_leaves_the_picture_out_is_damage() {
    for size in [0u32, 4, 12, u32::MAX] {
        let mut bytes = LOSSY.to_vec();
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        assert!(open(&bytes).layout.damage.is_some(), "{size}");
    }
}

#[test]
fn no_change_gives_the_file_back() {
    let bytes = full();
    let asset = open(&bytes);
    let pieces = (asset.format.splice)(&bytes, &asset.layout, &Changes::default(), &Limits::default());
    assert_eq!(pieces.unwrap(), [Piece::Keep(Span { start: 0, end: bytes.size() })]);
}

#[test]
fn a_simple_file_becomes_an_extended_one() {
    let out = changed(LOSSY, |draft| draft.set(Carrier::Xmp, "", b"<x/>".to_vec()));
    assert_eq!(out, riff(&[&vp8x(0x04), &LOSSY[12..], &chunk(b"XMP ", b"<x/>")]));
    // Three by two pixels, with the transparency that the lossless header states.
    let out = changed(LOSSLESS, |draft| draft.set(Carrier::Xmp, "", b"<x/>".to_vec()));
    let extended = chunk(b"VP8X", &[0x14, 0, 0, 0, 2, 0, 0, 1, 0, 0]);
    assert_eq!(out, riff(&[&extended, &LOSSLESS[12..], &chunk(b"XMP ", b"<x/>")]));
}

#[test]
fn xmp_and_exif_come_and_go_with_their_flags() {
    let exif = chunk(b"EXIF", b"II*\0");
    let xmp = chunk(b"XMP ", b"<x/>");
    let alpha = &LOSSY_ALPHA[30..];
    let with = |flags, chunks: &[&[u8]]| riff(&[&[&vp8x(flags)[..], alpha], chunks].concat());
    assert_eq!(
        changed(LOSSY_ALPHA, |draft| draft.set(Carrier::Xmp, "", b"<x/>".to_vec())),
        with(0x14, &[&xmp])
    );
    let both = with(0x1C, &[&exif, &xmp]);
    assert_eq!(changed(&with(0x14, &[&xmp]), |draft| draft.set(Carrier::Exif, "", b"II*\0".to_vec())), both);
    assert_eq!(changed(&both, |draft| draft.remove(1)), with(0x18, &[&exif]));
    assert_eq!(changed(&both, |draft| draft.remove(0)), with(0x14, &[&xmp]));
    assert_eq!(
        changed(&both, |draft| draft.replace(0, b"MM".to_vec())),
        with(0x1C, &[&chunk(b"EXIF", b"MM"), &xmp])
    );
}

#[test]
fn a_replaced_exif_block_keeps_its_prefix_and_short_names_are_mended() {
    let bytes = full();
    let out = changed(&bytes, |draft| {
        draft.replace(0, b"II".to_vec());
        draft.replace(1, b"<y/>".to_vec());
    });
    let at = bytes.windows(4).position(|four| four == b"EXIF").unwrap();
    assert_eq!(out[8..at], bytes[8..at]);
    assert!(out[at..].starts_with(b"EXIF\x08\0\0\0Exif\0\0IIXMP \x04\0\0\0<y/>C2PA"));
}

#[test]
fn stills_are_decoded() {
    let picture = decoded(LOSSLESS);
    assert_eq!((picture.width, picture.height, picture.colour), (3, 2, Colour::Rgba));
    let expected = [
        [255, 0, 0, 255],
        [0, 255, 0, 128],
        [0, 0, 255, 0],
        [9, 8, 7, 255],
        [1, 2, 3, 4],
        [250, 251, 252, 253],
    ];
    assert_eq!(samples(&picture, 0), expected.concat());
    let picture = decoded(LOSSY);
    assert_eq!((picture.colour, picture.orientation), (Colour::Rgb, 1));
    let near = samples(&picture, 0)
        .as_chunks::<3>()
        .0
        .iter()
        .all(|[r, g, b]| r.abs_diff(200) < 5 && g.abs_diff(100) < 5 && b.abs_diff(50) < 5);
    assert!(near);
    let picture = decoded(&full());
    assert_eq!((picture.colour, samples(&picture, 0)[3], samples(&picture, 0)[7]), (Colour::Rgba, 64, 255));
}

/// What libwebp makes of the same file, but for rounding of the blended pixels.
#[test]
fn an_animation_is_composited_frame_by_frame() {
    let picture = decoded(ANIMATION);
    assert_eq!((picture.frames.len(), picture.colour), (4, Colour::Rgba));
    let red = [255, 0, 0, 255];
    let pixel = |frame, x: usize, y: usize| samples(&picture, frame)[(y * 4 + x) * 4..][..4].to_vec();
    assert_eq!(samples(&picture, 0), [red; 16].concat());
    assert_eq!(pixel(1, 1, 1), red);
    assert_eq!(pixel(1, 2, 2), [127, 0, 128, 255]);
    // The blended square was cleared, the next one replaces what it covers.
    assert_eq!(
        (pixel(2, 2, 2), pixel(2, 0, 0), pixel(2, 2, 0)),
        (vec![0; 4], vec![0, 255, 0, 0], red.to_vec())
    );
    assert_eq!((pixel(3, 2, 0), pixel(3, 3, 0)), (vec![0, 255, 0, 255], red.to_vec()));
}

#[test]
fn a_canvas_over_the_limit_is_refused_before_it_is_decoded() {
    let bytes = ANIMATION.to_vec();
    let limits = Limits { pixels: 63, ..Limits::default() };
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    assert!(matches!(asset.picture().unwrap_err().problem, Problem::OverLimit { limit: 63, .. }));
}

#[test]
fn a_frame_outside_of_the_canvas_is_refused() {
    let mut bytes = ANIMATION.to_vec();
    let at = bytes.windows(4).position(|four| four == b"ANMF").unwrap();
    bytes[at + 8] = 1;
    assert!(matches!(open(&bytes).picture().unwrap_err().problem, Problem::Malformed(_)));
}

#[test]
fn lossless_pictures_stay_lossless_even_where_they_are_transparent() {
    let out = changed(LOSSLESS, |draft| match &mut draft.picture_mut().unwrap().frames[0].samples {
        Samples::Eight(samples) => samples[..3].copy_from_slice(&[7, 8, 9]),
        Samples::Sixteen(_) => panic!("16 bits"),
    });
    assert!(out[12..].starts_with(b"VP8L"));
    let (old, new) = (decoded(LOSSLESS), decoded(&out));
    assert_eq!(samples(&new, 0)[..4], [7, 8, 9, 255]);
    assert_eq!(samples(&new, 0)[4..], samples(&old, 0)[4..]);
}

#[test]
fn a_new_picture_keeps_every_other_chunk() {
    let bytes = full();
    let out = changed(&bytes, |draft| {
        draft.picture_mut().unwrap();
    });
    let at = bytes.windows(4).position(|four| four == b"ALPH").unwrap();
    let end = bytes.windows(4).position(|four| four == b"EXIF").unwrap();
    assert_eq!(out[8..at], bytes[8..at]);
    assert!(out.ends_with(&bytes[end..]));
    let picture = decoded(&out);
    assert_eq!((picture.colour, samples(&picture, 0)[3]), (Colour::Rgba, 64));
}

#[test]
fn a_new_animation_keeps_its_times_loops_and_background() {
    let out = changed(ANIMATION, |draft| {
        draft.picture_mut().unwrap();
    });
    let (old, new) = (decoded(ANIMATION), decoded(&out));
    assert_eq!(old, new);
    let head = ANIMATION.windows(4).position(|four| four == b"ANMF").unwrap();
    assert_eq!(out[8..head], ANIMATION[8..head]);
    let frames: Vec<_> = out.windows(4).enumerate().filter(|(_, four)| *four == b"ANMF").collect();
    let times: Vec<_> = frames.iter().map(|(at, _)| out[at + 20]).collect();
    assert_eq!(times, [100, 50, 70, 30]);
    assert!(frames.iter().all(|(at, _)| out[at + 8..at + 20] == [0, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0, 0]));
}

#[test]
fn a_picture_of_another_shape_is_refused() {
    let bytes = LOSSY.to_vec();
    let asset = open(&bytes);
    let changes: [fn(&mut Picture); 4] = [
        |picture| picture.width = 5,
        |picture| picture.frames.clear(),
        |picture| picture.colour = Colour::Gray,
        |picture| picture.frames[0].samples = Samples::Eight(vec![0; 3]),
    ];
    for change in changes {
        let mut draft = Draft::new(&asset);
        change(draft.picture_mut().unwrap());
        assert!(draft.render().is_err());
    }
}

/// A picture with edges, slopes and grain, coded by libwebp itself at each quality.
#[test]
fn a_lossy_picture_keeps_about_its_size_and_quality() {
    let side = 192u32;
    let mut seed = 1u32;
    let grain = |seed: &mut u32| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i32::try_from(*seed >> 28).unwrap()
    };
    let mut original = Vec::new();
    for at in 0..side * side {
        let (x, y) = (at % side, at / side);
        let block = i32::try_from((x / 24 + y / 24) % 3 * 60).unwrap();
        let slope = i32::try_from((x + y) / 4).unwrap();
        for channel in 0..3 {
            let value = block + slope + grain(&mut seed) * 2 + channel * 10;
            original.push(u8::try_from(value.clamp(0, 255)).unwrap());
        }
    }
    for quality in [60.0, 75.0, 90.0] {
        let file = webp::Encoder::from_rgb(&original, side, side).encode(quality).to_vec();
        let out = changed(&file, |draft| {
            draft.picture_mut().unwrap();
        });
        assert!(
            out.len().abs_diff(file.len()) * 5 < file.len(),
            "{quality}: {} of {}",
            out.len(),
            file.len()
        );
        let (old, new) = (decoded(&file), decoded(&out));
        let differences =
            samples(&old, 0).iter().zip(samples(&new, 0)).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        let mean = differences.sum::<f64>() / samples(&old, 0).len() as f64;
        let psnr = 10.0 * (255.0 * 255.0 / mean).log10();
        // The quantizer is the mean of those of the file, and no second pass was needed for it.
        let [old, new] = [&file, &out].map(|file| coarseness(&file[20..]).unwrap());
        assert!((old - new).abs() < 0.02, "{quality}: {old} became {new}");
        println!("{quality}: {} to {} bytes, {psnr:.1} dB", file.len(), out.len());
        assert!(psnr > 32.0, "{quality}: {psnr}");
    }
}
