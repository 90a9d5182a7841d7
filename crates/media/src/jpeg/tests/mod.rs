mod pixels;
mod writing;

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
