use crate::gif_blocks::{COMMENT_PLACE, XMP_PLACE, parse};
use crate::gif_frames::decode;
use crate::gif_palette::{self, Counted};
use crate::gif_splice::splice;
use crate::{Carrier, Changes, Layout, NewContent, Picture, Piece, Put, Role, Samples};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// A screen of two by two pixels with the palette red, green, blue, white.
fn screen(version: &[u8; 6]) -> Vec<u8> {
    let palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
    [&version[..], &[2, 0, 2, 0, 0x81, 0, 0], &palette].concat()
}

/// One pixel: codes 4 (clear), `index`, 5 (end), three bits each.
fn dot(left: u8, top: u8, index: u8) -> Vec<u8> {
    vec![0x2C, left, 0, top, 0, 1, 0, 1, 0, 0, 2, 2, 0x44 + 8 * index, 1, 0]
}

fn control(disposal: u8, transparent: Option<u8>) -> Vec<u8> {
    let flag = u8::from(transparent.is_some());
    vec![0x21, 0xF9, 4, disposal << 2 | flag, 7, 0, transparent.unwrap_or(0), 0]
}

fn file(blocks: &[Vec<u8>]) -> Vec<u8> {
    [screen(b"GIF89a"), blocks.concat(), vec![0x3B]].concat()
}

fn looping() -> Vec<u8> {
    b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0".to_vec()
}

fn trailer() -> Vec<u8> {
    let mut trailer = vec![1];
    trailer.extend((0..=255).rev());
    trailer.push(0);
    assert_eq!(trailer.len(), 258);
    trailer
}

fn xmp(packet: &[u8]) -> Vec<u8> {
    [b"\x21\xFF\x0BXMP DataXMP", packet, &trailer()].concat()
}

fn read(bytes: &Vec<u8>) -> Layout {
    let layout = parse(bytes, &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.size()), "{layout:?}");
    layout
}

fn change(bytes: &Vec<u8>, changes: &Changes) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in splice(bytes, &read(bytes), changes, &Limits::default()).unwrap() {
        match piece {
            Piece::Keep(span) => out.extend(Limits::default().take(bytes, span).unwrap()),
            Piece::New(new) => out.extend(new),
        }
    }
    out
}

fn add(carrier: Carrier, body: &[u8]) -> Changes {
    let put = Put { carrier, key: String::new(), body: body.to_vec() };
    Changes { added: vec![put], ..Changes::default() }
}

fn picture(bytes: &Vec<u8>) -> Picture {
    decode(bytes, &read(bytes), &Limits::default()).unwrap()
}

fn frames(bytes: &Vec<u8>) -> Vec<Vec<u8>> {
    let frames = picture(bytes).frames.into_iter();
    frames.map(|frame| if let Samples::Eight(samples) = frame.samples { samples } else { panic!() }).collect()
}

#[test]
fn every_extension_with_metadata_is_found() {
    let bytes = file(&[
        looping(),
        b"\x21\xFE\x05hello\0".to_vec(),
        b"\x21\xFE\x03hel\x02lo\0".to_vec(),
        b"\x21\x01\x0C0123456789ab\x04text\0".to_vec(),
        b"\x21\xFF\x0BC2PA_GIF\x01\0\0\x04jumb\0".to_vec(),
        b"\x21\xFF\x0BMGK8BIM0000\x03abc\0".to_vec(),
        b"\x21\xAA\x01z\0".to_vec(),
        xmp("<x>é</x>".as_bytes()),
        dot(0, 0, 1),
    ]);
    let layout = read(&bytes);
    assert!(layout.damage.is_none());
    let found: Vec<_> = layout
        .packets
        .iter()
        .map(|one| (one.carrier, one.key.as_str(), one.place, one.read(&bytes, &Limits::default()).unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Carrier::Comment, "", COMMENT_PLACE, b"hello".to_vec()),
            (Carrier::Comment, "", COMMENT_PLACE, b"hello".to_vec()),
            (Carrier::Comment, "", "plain text extension", b"text".to_vec()),
            (Carrier::Manifest, "", "C2PA_GIF application extension", b"jumb".to_vec()),
            (Carrier::Blob, "MGK8BIM0000", "application extension", b"abc".to_vec()),
            (Carrier::Blob, "AA", "unknown extension", b"z".to_vec()),
            (Carrier::Xmp, "", XMP_PLACE, "<x>é</x>".as_bytes().to_vec()),
        ]
    );
}

#[test]
fn xmp_cut_into_sub_blocks_is_read_but_not_in_its_place() {
    let bytes = file(&[b"\x21\xFF\x0BXMP DataXMP\x03<x/\x01>\0".to_vec(), dot(0, 0, 0)]);
    let layout = read(&bytes);
    assert_eq!(layout.packets[0].read(&bytes, &Limits::default()).unwrap(), b"<x/>");
    assert_ne!(layout.packets[0].place, XMP_PLACE);
    let out =
        change(&bytes, &Changes { replaced: [(0, Some(b"<y/>".to_vec()))].into(), ..Changes::default() });
    assert_eq!(out, file(&[xmp(b"<y/>"), dot(0, 0, 0)]));
}

#[test]
fn xmp_of_any_length_ends_at_its_magic_trailer() {
    for len in 1..300 {
        let packet: Vec<u8> = (0..len).map(|at| b' ' + u8::try_from(at * 7 % 95).unwrap()).collect();
        let bytes = file(&[xmp(&packet), dot(0, 0, 0)]);
        let layout = read(&bytes);
        assert!(layout.damage.is_none(), "{len}");
        assert_eq!(layout.packets[0].read(&bytes, &Limits::default()).unwrap(), packet);
    }
}

#[test]
fn a_cut_is_damage_everywhere_and_a_missing_trailer_is_said() {
    let whole = file(&[b"\x21\xFE\x05hello\0".to_vec(), xmp(b"<x/>"), control(1, None), dot(0, 0, 1)]);
    for cut in 0..whole.len() {
        match parse(&whole[..cut].to_vec(), &Limits::default()) {
            Err(err) => assert!(cut < 13, "{err} at {cut}"),
            Ok(layout) => {
                assert!(layout.damage.is_some(), "cut at {cut}");
                assert!(layout.tiles(cut as u64));
            }
        }
    }
    let cut = whole[..whole.len() - 1].to_vec();
    let layout = read(&cut);
    let damage = layout.damage.clone().unwrap();
    assert_eq!((damage.at, damage.problem), (cut.len() as u64, Problem::Truncated));
    assert_eq!(layout.packets.len(), 2, "what came before is read");
    assert_eq!(decode(&cut, &layout, &Limits::default()).unwrap(), picture(&whole));
}

#[test]
fn wrong_bytes_never_panic() {
    let whole = file(&[
        b"\x21\xFE\x05hello\0".to_vec(),
        xmp(b"<x/>"),
        b"\x21\x01\x0C0123456789ab\x04text\0".to_vec(),
        control(2, Some(1)),
        dot(0, 0, 1),
        control(3, None),
        dot(1, 1, 2),
    ]);
    for at in 0..whole.len() {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let Ok(layout) = parse(&bytes, &Limits::default()) else { continue };
            assert!(layout.tiles(bytes.size()), "{at}");
            let limits = Limits { pixels: 1 << 16, ..Limits::default() };
            if let Ok(picture) = decode(&bytes, &layout, &limits) {
                let changes = Changes { content: Some(NewContent::Picture(picture)), ..Changes::default() };
                let _ = splice(&bytes, &layout, &changes, &limits);
            }
        }
    }
}

#[test]
fn what_is_out_of_place_is_unknown_or_damage() {
    let junk = [file(&[dot(0, 0, 0)]), b"junk".to_vec()].concat();
    let layout = read(&junk);
    assert!(layout.damage.is_none());
    assert_eq!(layout.segments.last().map(|last| (last.role, last.span.len())), Some((Role::Unknown, 4)));
    let doubled = file(&[dot(0, 0, 0), vec![0, 0]]);
    assert!(read(&doubled).damage.is_none(), "chains that end twice");
    let odd = file(&[dot(0, 0, 0), vec![0x55]]);
    assert_eq!(read(&odd).damage.unwrap().at, odd.len() as u64 - 2);
    assert!(read(&file(&[])).damage.is_some(), "no image");
}

#[test]
fn limits_hold() {
    let bytes = file(&vec![dot(0, 0, 0); 8]);
    let few = Limits { segments: 6, ..Limits::default() };
    let layout = parse(&bytes, &few).unwrap();
    assert!(layout.tiles(bytes.size()) && layout.damage.is_some());
    for (pixels, fits) in [(32, true), (31, false)] {
        let limits = Limits { pixels, ..Limits::default() };
        assert_eq!(decode(&bytes, &read(&bytes), &limits).is_ok(), fits, "8 frames of 4 pixels: {pixels}");
    }
    let mut wide = dot(0, 0, 0);
    wide[5..9].fill(0xFF);
    let bytes = file(&[wide]);
    assert!(
        decode(&bytes, &read(&bytes), &Limits::default()).is_err(),
        "an image far larger than the canvas"
    );
}

#[test]
fn what_follows_the_trailer_is_not_read_and_nothing_twice() {
    let comment = [b"\x21\xFE".to_vec(), [&[255][..], &[b'c'; 255]].concat().repeat(400), vec![0]].concat();
    let gif = file(&[comment, dot(0, 0, 0)]);
    let needed = gif.len() as u64;
    let source = CountedFile::new([gif, vec![0; 1 << 20]].concat());
    assert_eq!(parse(&source, &Limits::default()).unwrap().packets.len(), 1);
    assert!(source.read() < needed + (8 << 10), "{}", source.read());
}

#[test]
fn without_changes_the_file_is_as_it_was() {
    let bytes = [file(&[xmp(b"<x/>"), dot(0, 0, 0), vec![0]]), b"junk".to_vec()].concat();
    assert_eq!(change(&bytes, &Changes::default()), bytes);
}

#[test]
fn metadata_goes_behind_the_loop_and_makes_the_file_version_89a() {
    let old = [screen(b"GIF87a"), looping(), control(1, None), dot(0, 0, 1), vec![0x3B]].concat();
    let expected = file(&[looping(), xmp(b"<x/>"), control(1, None), dot(0, 0, 1)]);
    assert_eq!(change(&old, &add(Carrier::Xmp, b"<x/>")), expected);
    let long = vec![b'c'; 300];
    let blocks = [&b"\x21\xFE\xFF"[..], &long[..255], b"\x2D", &long[255..], b"\0"].concat();
    let expected = file(&[looping(), blocks, control(1, None), dot(0, 0, 1)]);
    assert_eq!(change(&old, &add(Carrier::Comment, &long)), expected);
    let refused = splice(&old, &read(&old), &add(Carrier::Xmp, b"<\0x"), &Limits::default());
    assert!(matches!(refused.unwrap_err().problem, Problem::Unsupported(_)), "a zero would end the chain");
}

#[test]
fn packets_are_replaced_and_taken_out_where_they_stand() {
    let plain = b"\x21\x01\x0C0123456789ab\x04text\0".to_vec();
    let blob = |value: &[u8]| [b"\x21\xFF\x0BMGK8BIM0000", value].concat();
    let old = file(&[plain, blob(b"\x01a\x01b\0"), xmp(b"<x/>"), dot(0, 0, 1), b"\x21\xFE\x02hi\0".to_vec()]);
    let new = [(0, Some(b"new".to_vec())), (1, Some(b"cd".to_vec())), (2, None), (3, Some(b"yo!".to_vec()))];
    let expected = file(&[
        b"\x21\x01\x0C0123456789ab\x03new\0".to_vec(),
        blob(b"\x02cd\0"),
        dot(0, 0, 1),
        b"\x21\xFE\x03yo!\0".to_vec(),
    ]);
    assert_eq!(change(&old, &Changes { replaced: new.into(), ..Changes::default() }), expected);
}

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const NONE: [u8; 4] = [0; 4];

#[test]
fn pixels_that_end_too_early_are_an_error_and_interlaced_rows_are_ordered() {
    // Codes 4, 0, 5 and nothing more, for an image of two by two pixels.
    let early = file(&[vec![0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 2, 0x44, 1, 0]]);
    assert!(decode(&early, &read(&early), &Limits::default()).is_err());
    for size in [0, 12, 255] {
        let mut wrong = early.clone();
        wrong[screen(b"GIF89a").len() + 10] = size;
        assert!(decode(&wrong, &read(&wrong), &Limits::default()).is_err(), "{size}");
    }
    // One column of five rows: stored as rows 0, 4, 2, 1, 3. Codes 4, 0, 1, 2 in 3 bits, then 3, 0, 5 in 4.
    let mut tall = screen(b"GIF89a");
    tall[6..10].copy_from_slice(&[1, 0, 5, 0]);
    let bits = [(4_u32, 3), (0, 3), (1, 3), (2, 3), (3, 4), (0, 4), (5, 4)];
    let (mut packed, mut at) = (0_u32, 0);
    for (code, size) in bits {
        packed |= code << at;
        at += size;
    }
    tall.extend([0x2C, 0, 0, 0, 0, 1, 0, 5, 0, 0x40, 2, 3]);
    tall.extend(&packed.to_le_bytes()[..3]);
    tall.extend([0, 0x3B]);
    let white = [255; 4];
    assert_eq!(frames(&tall), [[RED, white, BLUE, RED, GREEN].as_flattened()]);
}

#[test]
fn frames_are_disposed_of_as_they_say() {
    let bytes = file(&[
        control(1, None),
        dot(0, 0, 0),
        control(2, None),
        dot(1, 0, 1),
        control(3, None),
        dot(0, 0, 2),
        control(0, Some(2)),
        dot(0, 1, 2),
        dot(1, 1, 1),
        dot(2, 2, 1),
    ]);
    let expected = [
        [RED, NONE, NONE, NONE],
        [RED, GREEN, NONE, NONE],
        [BLUE, NONE, NONE, NONE],
        [RED, NONE, NONE, NONE],
        [RED, NONE, NONE, GREEN],
        [RED, NONE, NONE, GREEN],
    ];
    assert_eq!(frames(&bytes), expected.map(|frame| frame.as_flattened().to_vec()));
}

#[test]
fn a_new_picture_reads_back_whatever_became_of_the_old_frames() {
    let mut state = 1_u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from((state >> 16) % below).unwrap()
    };
    for round in 0..300 {
        let mut blocks = vec![looping()];
        for _ in 0..1 + random(5) {
            let transparent = (random(2) == 0).then_some(3);
            blocks.extend([control(random(5), transparent), dot(random(2), random(2), random(4))]);
        }
        blocks.push(b"\x21\xFE\x02hi\0".to_vec());
        let old = file(&blocks);
        let mut new = picture(&old);
        for frame in &mut new.frames {
            let pixels = (0..4).flat_map(|_| match random(4) {
                0 => NONE,
                1 => [random(4) * 80, random(4) * 80, 9, 255],
                _ => [RED, GREEN, BLUE][usize::from(random(3))],
            });
            frame.samples = Samples::Eight(pixels.collect());
        }
        let content = Some(NewContent::Picture(new.clone()));
        let out = change(&old, &Changes { content, ..Changes::default() });
        assert_eq!(picture(&out), new, "round {round}");
        assert_eq!(read(&out).packets.len(), 1);
        let delays = |bytes: &[u8]| bytes.windows(3).filter(|three| three == b"\x21\xF9\x04").count();
        assert_eq!(delays(&old), delays(&out));
        assert!(out.windows(2).filter(|two| two == b"\x07\0").count() >= delays(&old));
    }
}

#[test]
fn the_files_own_palette_is_kept_where_it_fits_and_only_changes_are_coded() {
    let old = file(&[dot(0, 0, 0), dot(1, 1, 1)]);
    let mut new = picture(&old);
    for frame in &mut new.frames {
        let Samples::Eight(samples) = &mut frame.samples else { panic!() };
        samples[4..8].copy_from_slice(&BLUE);
    }
    let out =
        change(&old, &Changes { content: Some(NewContent::Picture(new.clone())), ..Changes::default() });
    assert_eq!(picture(&out), new);
    let layout = read(&out);
    let images = layout.segments.iter().filter(|segment| segment.name == *b"IMG ");
    let heads: Vec<_> =
        images.map(|segment| out[usize::try_from(segment.span.start).unwrap()..][..10].to_vec()).collect();
    assert_eq!(heads[0], [0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0], "two pixels, no palette of its own");
    assert_eq!(heads[1], [0x2C, 1, 0, 1, 0, 1, 0, 1, 0, 0], "the pixel that differs from the frame before");
}

#[test]
fn a_picture_of_another_shape_is_refused() {
    let old = file(&[dot(0, 0, 0)]);
    let mut two = picture(&old);
    two.frames.push(two.frames[0].clone());
    let mut short = picture(&old);
    short.frames[0].samples = Samples::Eight(vec![0; 12]);
    let mut wide = picture(&old);
    wide.width = 3;
    for new in [two, short, wide] {
        let changes = Changes { content: Some(NewContent::Picture(new)), ..Changes::default() };
        assert!(splice(&old, &read(&old), &changes, &Limits::default()).is_err());
    }
}

#[test]
fn too_many_colours_leave_the_common_and_the_old_ones_as_they_are() {
    let gray = |value: u8, count| Counted { colour: [value; 3], count, old: true };
    let mut colours: Vec<_> = (0..=255).map(|value| gray(value, 100)).collect();
    let mut new = |red: u8, green: u8, blue: u8, count| {
        colours.push(Counted { colour: [red, green, blue], count, old: false });
    };
    for step in 0..30 {
        for other in 0..30 {
            new(step * 8 + 1, other * 8, 40, 2);
        }
    }
    new(255, 254, 253, 500);
    new(17, 20, 23, 700);
    let palette = gif_palette::choose(&colours, 255);
    assert_eq!(palette.len(), 255);
    assert!(palette.contains(&[255, 254, 253]) && palette.contains(&[17, 20, 23]), "letters and plate");
    let grays = palette.iter().filter(|[red, green, blue]| red == green && green == blue).count();
    assert!(grays >= 200, "{grays} of the picture's own");
    let farthest = |colour: [u8; 3]| {
        let entry = palette[gif_palette::nearest(&palette, colour)];
        entry.iter().zip(colour).map(|(one, two)| one.abs_diff(two)).max().unwrap()
    };
    assert!(colours.iter().all(|one| farthest(one.colour) <= if one.old { 4 } else { 50 }));
}
