use super::{decode, parse, splice};
use crate::{Body, Carrier, Changes, Colour, Layout, NewContent, Piece, Put, Role, Samples};
use indicia_core::{FormatError, Limits, Problem, Source};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const JFIF: &[u8] = b"\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
/// A main directory with the orientation 6 and nothing else.
const EXIF: &[u8] = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, code], len.as_slice(), body].concat()
}

fn read(bytes: &[u8]) -> Layout {
    let layout = parse(&bytes.to_vec(), &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.len() as u64));
    layout
}

fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap()
}

fn written(source: &[u8], pieces: &[Piece]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        match piece {
            Piece::New(new) => bytes.extend_from_slice(new),
            Piece::Keep(span) => {
                bytes.extend_from_slice(&source[offset(span.start)..offset(span.end)]);
            }
        }
    }
    bytes
}

fn changed(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, FormatError> {
    let limits = Limits::default();
    splice(&bytes.to_vec(), &read(bytes), changes, &limits).map(|pieces| written(bytes, &pieces))
}

fn replaced(at: usize, body: Option<&[u8]>) -> Changes {
    Changes { replaced: [(at, body.map(<[u8]>::to_vec))].into(), ..Changes::default() }
}

fn added(carrier: Carrier, body: &[u8]) -> Changes {
    let put = Put { carrier, key: String::new(), body: body.to_vec() };
    Changes { added: vec![put], ..Changes::default() }
}

/// What a file with no picture in it looks like to the parser: the scan is not decoded.
fn skeleton() -> Vec<Vec<u8>> {
    vec![
        b"\xFF\xD8".to_vec(),
        JFIF.to_vec(),
        segment(0xE1, EXIF),
        segment(0xE1, &[XMP, b"<x:xmpmeta/>"].concat()),
        segment(0xED, b"Photoshop 3.0\0..."),
        segment(0xEB, b"AIGC{\"Label\":\"1\"}"),
        segment(0xDB, &[1; 65]),
        segment(0xDA, &[1, 0, 0, 0, 63, 0]),
        b"\x12\xFF\0\x34\xFF\xD0\x56\xFF\xFF\0\xFF\xFF\xD1\x78".to_vec(),
        segment(0xFE, b"between scans"),
        segment(0xDA, &[1, 1, 0, 0, 63, 0]),
        b"\x9A\xFF".to_vec(),
        b"\xFF\xFF\xD9".to_vec(),
        b"trailer \xFF\xD8".to_vec(),
    ]
}

#[test]
fn every_segment_is_found_between_and_around_the_scans() {
    let bytes = skeleton().concat();
    let layout = read(&bytes);
    assert_eq!(layout.damage, None);
    let names: Vec<_> = layout.segments.iter().map(|segment| segment.name).collect();
    assert_eq!(
        names.iter().map(|name| std::str::from_utf8(name).unwrap()).collect::<Vec<_>>(),
        ["SOI ", "APP0", "APP1", "APP1", "APPD", "APPB", "DQT ", "SOS ", "COM ", "SOS ", "EOI ", "tail"]
    );
    assert_eq!(layout.segments[7].role, Role::Essence);
    assert_eq!(layout.segments[11].role, Role::Unknown);
    let found: Vec<_> = layout
        .packets
        .iter()
        .map(|packet| (packet.carrier, packet.place, packet.read(&bytes, &Limits::default()).unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Carrier::Exif, "APP1 segment", EXIF[6..].to_vec()),
            (Carrier::Xmp, "APP1 segment", b"<x:xmpmeta/>".to_vec()),
            (Carrier::Blob, "APP11 segment", b"AIGC{\"Label\":\"1\"}".to_vec()),
            (Carrier::Comment, "COM segment", b"between scans".to_vec()),
        ]
    );
}

#[test]
fn markers_are_found_across_the_blocks_of_the_search() {
    for pad in (65_536 - 20)..(65_536 + 4) {
        let bytes = [
            b"\xFF\xD8".to_vec(),
            segment(0xDA, &[1, 0, 0, 0, 63, 0]),
            vec![0x55; pad],
            b"\xFF\0\xFF\xD3\xFF\xFF".to_vec(),
            segment(0xFE, b"x"),
            b"\xFF\xD9".to_vec(),
        ]
        .concat();
        let layout = read(&bytes);
        assert_eq!((layout.damage, layout.packets.len()), (None, 1), "{pad}");
        assert_eq!(layout.segments[2].span.start, 12 + pad as u64 + 4, "{pad}");
    }
    let fill = [b"\xFF\xD8".to_vec(), segment(0xDA, &[1, 0, 0, 0, 63, 0]), vec![0xFF; 200_000]].concat();
    assert_eq!(read(&fill).damage.unwrap().problem, Problem::Truncated);
}

#[test]
fn every_truncation_is_damage_and_keeps_what_was_found_before() {
    let whole = skeleton();
    let end = whole[..whole.len() - 1].concat().len();
    let whole = whole.concat();
    for len in 2..whole.len() {
        let bytes = whole[..len].to_vec();
        let layout = read(&bytes);
        assert_eq!(layout.damage.is_some(), len < end, "{len}");
        let before = read(&whole).packets.iter().filter(|packet| packet.span.end <= len as u64).count();
        assert_eq!(layout.packets.len(), before, "{len}");
    }
    for len in 0..2 {
        assert!(parse(&whole[..len].to_vec(), &Limits::default()).is_err());
    }
}

#[test]
fn no_length_field_breaks_the_parser_or_passes_unnoticed() {
    let whole = skeleton().concat();
    let layout = read(&whole);
    for segment in
        layout.segments.iter().filter(|segment| !segment.name.starts_with(b"SO") && segment.span.len() > 6)
    {
        if segment.name == *b"tail" {
            continue;
        }
        for length in [0_u16, 1, 3, u16::MAX] {
            let mut bytes = whole.clone();
            let at = offset(segment.span.start) + 2;
            bytes[at..at + 2].copy_from_slice(&length.to_be_bytes());
            assert!(read(&bytes).damage.is_some(), "{:?} {length}", segment.name);
        }
    }
    for at in 2..whole.len() {
        for value in [0, 0xD9, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let layout = read(&bytes);
            let _ = decode(&bytes, &layout, &Limits::default());
        }
    }
}

#[test]
fn padding_of_zeros_is_no_damage_and_other_bytes_are() {
    let parts = skeleton();
    for (junk, sound) in [(&[0_u8; 7][..], true), (b"junk", false)] {
        let bytes = [parts[..2].concat(), junk.to_vec(), parts[2..].concat()].concat();
        let layout = read(&bytes);
        assert_eq!(layout.damage.is_none(), sound);
        assert_eq!(layout.packets.len(), 4, "what follows is still read");
    }
}

#[test]
fn too_many_segments_are_refused() {
    let bytes = skeleton().concat();
    let limits = Limits { segments: 4, ..Limits::default() };
    let layout = parse(&bytes, &limits).unwrap();
    assert!(layout.tiles(bytes.len() as u64));
    assert!(matches!(layout.damage.unwrap().problem, Problem::OverLimit { limit: 4, .. }));
}

#[test]
fn wrong_headers_of_xmp_and_exif_are_read_all_the_same() {
    for (body, carrier) in [
        (&b"XMP\0://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"[..], Carrier::Xmp),
        (b"<?xpacket begin='' id=''?><x:xmpmeta/>", Carrier::Xmp),
        (b"Exif\0\xFFII*\0\x08\0\0\0\0\0", Carrier::Exif),
        (b"something else", Carrier::Blob),
    ] {
        let bytes = [b"\xFF\xD8".to_vec(), segment(0xE1, body), b"\xFF\xD9".to_vec()].concat();
        let layout = read(&bytes);
        assert_eq!(layout.packets[0].carrier, carrier);
        let value = layout.packets[0].read(&bytes, &Limits::default()).unwrap();
        assert!(value.starts_with(b"<") || value.starts_with(b"II") || value == body);
    }
}

#[test]
fn a_manifest_is_one_packet_however_many_segments_it_takes() {
    let store = b"JP\x02\x11\0\0\0\x01\0\x03\x31\xA7jumb\0\0\0\x1Ejumdc2pa\0\x11\0\x10\x80\0\0\xAA\0\x38\x9B\x71\x03c2pa\0";
    let rest = b"JP\x02\x11\0\0\0\x02\0\x03\x31\xA7jumb................................";
    let other = b"JP\x02\x12\0\0\0\x01\0\0\0\x40jumb\0\0\0\x1Ejumdjson\0\x11\0\x10\x80\0\0\xAA\0\x38\x9B\x71";
    let parts = [segment(0xEB, store), segment(0xEB, rest), segment(0xEB, other)].concat();
    let bytes = [b"\xFF\xD8".to_vec(), parts, b"\xFF\xD9".to_vec()].concat();
    let layout = read(&bytes);
    assert_eq!(layout.packets.len(), 1);
    assert_eq!(layout.packets[0].carrier, Carrier::Manifest);
    assert!(matches!(changed(&bytes, &replaced(0, None)).unwrap_err().problem, Problem::Unsupported(_)));
}

fn extended(guid: &[u8; 32], total: u32, offset: u32, part: &[u8]) -> Vec<u8> {
    let (total, offset) = (total.to_be_bytes(), offset.to_be_bytes());
    segment(0xE1, &[EXTENDED, guid, &total, &offset, part].concat())
}

#[test]
fn parts_of_extended_xmp_are_joined_in_the_order_of_their_offsets() {
    let (one, two) = (b"0123456789ABCDEF0123456789ABCDEF", b"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
    let bytes = [
        b"\xFF\xD8".to_vec(),
        segment(0xE1, &[XMP, b"<main/>"].concat()),
        extended(one, 10, 4, b"worlds"),
        extended(two, 9, 0, b"missing"),
        extended(one, 10, 0, b"two "),
        segment(0xE1, EXTENDED),
        b"\xFF\xD9".to_vec(),
    ]
    .concat();
    let layout = read(&bytes);
    assert_eq!(layout.damage, None);
    let packets: Vec<_> = layout.packets.iter().map(|packet| (packet.carrier, packet.key.as_str())).collect();
    assert_eq!(packets[0], (Carrier::Xmp, ""));
    assert_eq!(packets[1..], [(Carrier::Xmp, "extension"); 3]);
    assert!(matches!(&layout.packets[1].body, Body::Decoded(body) if body == b"two worlds"));
    assert!(matches!(&layout.packets[2].body, Body::Broken(err) if err.problem == Problem::Truncated));
    assert!(matches!(&layout.packets[3].body, Body::Broken(_)));
    assert_eq!(changed(&bytes, &replaced(1, Some(b"two worlds"))).unwrap(), bytes);
    assert!(changed(&bytes, &replaced(1, Some(b"another"))).is_err());
    let without = changed(&bytes, &replaced(1, None)).unwrap();
    assert_eq!(read(&without).packets.len(), 3);
    assert!(!without.windows(6).any(|six| six == b"worlds" || six[..4] == *b"two "));
    let limits = Limits { block: 9, ..Limits::default() };
    let layout = parse(&bytes, &limits).unwrap();
    assert!(matches!(
        &layout.packets[1].body,
        Body::Broken(FormatError { problem: Problem::OverLimit { .. }, .. })
    ));
}

#[test]
fn no_change_gives_the_file_back() {
    let bytes = skeleton().concat();
    let pieces = splice(&bytes, &read(&bytes), &Changes::default(), &Limits::default()).unwrap();
    assert_eq!(pieces.len(), 1);
    assert_eq!(written(&bytes, &pieces), bytes);
}

#[test]
fn new_xmp_stands_after_jfif_and_exif_and_nothing_else_moves() {
    let mut parts = skeleton();
    parts.remove(3);
    let bytes = parts.concat();
    let after = changed(&bytes, &added(Carrier::Xmp, b"<new/>")).unwrap();
    parts.insert(3, segment(0xE1, &[XMP, b"<new/>"].concat()));
    assert_eq!(after, parts.concat());
    let bare = [b"\xFF\xD8".to_vec(), segment(0xDB, &[0; 65]), b"\xFF\xD9".to_vec()];
    let after = changed(&bare.concat(), &added(Carrier::Xmp, b"<new/>")).unwrap();
    assert_eq!(&after[2..4], b"\xFF\xE1");
}

#[test]
fn a_packet_is_replaced_or_removed_and_nothing_else_moves() {
    let parts = skeleton();
    let bytes = parts.concat();
    for (packet, part, code, header) in
        [(0, 2, 0xE1, &b"Exif\0\0"[..]), (1, 3, 0xE1, XMP), (2, 5, 0xEB, b""), (3, 9, 0xFE, b"")]
    {
        let mut expected = parts.clone();
        expected[part] = segment(code, &[header, b"another value"].concat());
        assert_eq!(changed(&bytes, &replaced(packet, Some(b"another value"))).unwrap(), expected.concat());
        expected[part] = Vec::new();
        assert_eq!(changed(&bytes, &replaced(packet, None)).unwrap(), expected.concat());
    }
}

#[test]
fn an_empty_packet_is_replaced_in_its_own_segment() {
    let parts = [b"\xFF\xD8".to_vec(), segment(0xFE, b""), segment(0xFE, b"b"), b"\xFF\xD9".to_vec()];
    let after = changed(&parts.concat(), &replaced(0, Some(b"a"))).unwrap();
    assert_eq!(after, [&parts[0], &segment(0xFE, b"a"), &parts[2], &parts[3]].map(Clone::clone).concat());
}

#[test]
fn the_index_of_several_pictures_follows_them() {
    for big in [false, true] {
        let long = |value: usize| {
            let value = u32::try_from(value).unwrap();
            if big { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        // One directory entry, then two pictures: this one, and the one after its end.
        let index = |len: usize, offset: usize| {
            let start = if big { b"MM\0\x2A" } else { b"II\x2A\0" };
            let entry = [&short(0xB002)[..], &short(7), &long(32), &long(26)].concat();
            let head = [&start[..], &long(8), &short(1), &entry, &long(0)].concat();
            let first = [long(0x30000), long(len), long(0), long(0)].concat();
            segment(
                0xE2,
                &[b"MPF\0".to_vec(), head, first, [long(0), long(9), long(offset), long(0)].concat()]
                    .concat(),
            )
        };
        let file = |before: &[u8], after: &[u8]| {
            let index_len = index(0, 0).len();
            let len = 2 + before.len() + index_len + after.len() + 2;
            let offset = index_len - 8 + after.len() + 2;
            let index = index(len, offset);
            [b"\xFF\xD8", before, &index, after, b"\xFF\xD9", b"\xFF\xD8second"].concat()
        };
        let (xmp, comment) = (segment(0xE1, &[XMP, b"<new/>"].concat()), segment(0xFE, b"words"));
        let bytes = file(&[], &[]);
        assert_eq!(changed(&bytes, &Changes::default()).unwrap(), bytes);
        assert_eq!(changed(&bytes, &added(Carrier::Xmp, b"<new/>")).unwrap(), file(&xmp, &[]));
        assert_eq!(changed(&bytes, &added(Carrier::Comment, b"words")).unwrap(), file(&[], &comment));
        assert_eq!(changed(&file(&xmp, &comment), &replaced(1, None)).unwrap(), file(&xmp, &[]));
    }
}

#[test]
fn what_jpeg_cannot_hold_is_refused() {
    let bytes = skeleton().concat();
    for carrier in [Carrier::Field, Carrier::Exif, Carrier::Blob, Carrier::Manifest] {
        let refused = changed(&bytes, &added(carrier, b"x")).unwrap_err();
        assert!(matches!(refused.problem, Problem::Unsupported(_)), "{carrier:?}");
    }
    let after = changed(&bytes, &added(Carrier::Comment, b"new")).unwrap();
    let words: Vec<_> = read(&after)
        .packets
        .iter()
        .filter(|packet| packet.carrier == Carrier::Comment)
        .map(|packet| packet.read(&after, &Limits::default()).unwrap())
        .collect();
    assert_eq!(words, [&b"new"[..], b"between scans"]);
    let long = changed(&bytes, &added(Carrier::Comment, &vec![b'x'; 65_534])).unwrap_err();
    assert!(matches!(long.problem, Problem::OverLimit { limit: 65_533, .. }));
}

#[test]
fn xmp_that_is_too_long_loses_padding_and_nothing_else() {
    let bytes = skeleton().concat();
    let padded = |text: usize, padding: usize| {
        [vec![b'x'; text], vec![b' '; padding], b"<?xpacket end='w'?>".to_vec()].concat()
    };
    let after = changed(&bytes, &replaced(1, Some(&padded(65_000, 4000)))).unwrap();
    let packet = read(&after).packets[1].read(&after, &Limits::default()).unwrap();
    assert_eq!(packet, padded(65_000, 65_502 - 65_000 - 19));
    let refused = changed(&bytes, &replaced(1, Some(&padded(65_500, 4000)))).unwrap_err();
    assert!(matches!(refused.problem, Problem::OverLimit { limit: 65_502, .. }));
}

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

#[test]
fn a_source_that_cannot_be_read_is_an_error_of_the_system() {
    struct Failing(u64);
    impl Source for Failing {
        fn size(&self) -> u64 {
            1 << 20
        }
        fn read_at(&self, at: u64, buf: &mut [u8]) -> std::io::Result<()> {
            if at >= self.0 {
                return Err(std::io::ErrorKind::PermissionDenied.into());
            }
            buf.fill(0x55);
            let head = [b"\xFF\xD8".to_vec(), segment(0xDA, &[1, 0, 0, 0, 63, 0])].concat();
            if at == 0 {
                buf[..head.len()].copy_from_slice(&head);
            }
            Ok(())
        }
    }
    let is_system = |err: FormatError| matches!(err.problem, Problem::Io(_));
    assert!(is_system(parse(&Failing(0), &Limits::default()).unwrap_err()));
    let layout = parse(&Failing(4096 * 20), &Limits::default()).unwrap();
    assert!(layout.tiles(1 << 20));
    assert!(is_system(layout.damage.unwrap()));
}
