use crate::box_edits::whole;
use crate::jxl_file::{SIGNATURE, parse};
use crate::jxl_splice::splice;
use crate::{Body, Carrier, Changes, Layout, Piece, Put, Role};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// `<x/>`, as Google's own encoder compresses it.
const BROTLI: &[u8] = b"\x8B\x01\x80<x/>\x03";

fn file(boxes: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let head = [SIGNATURE, b"\0\0\0\x14ftypjxl \0\0\0\0jxl "].concat();
    boxes.iter().fold(head, |mut bytes, (kind, body)| {
        bytes.extend(u32::try_from(8 + body.len()).unwrap().to_be_bytes());
        bytes.extend(*kind);
        bytes.extend(*body);
        bytes
    })
}

fn layout(bytes: &[u8]) -> Layout {
    let bytes = bytes.to_vec();
    let layout = parse(&bytes, &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.size()), "{:?}", layout.segments);
    layout
}

fn values(bytes: &[u8]) -> Vec<(Carrier, &'static str, String)> {
    let (layout, source) = (layout(bytes), bytes.to_vec());
    assert!(layout.damage.is_none(), "{:?}", layout.damage);
    let read = |packet: &crate::Packet| {
        String::from_utf8(packet.read(&source, &Limits::default()).unwrap()).unwrap()
    };
    layout.packets.iter().map(|packet| (packet.carrier, packet.place, read(packet))).collect()
}

fn changed(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, Problem> {
    let source = bytes.to_vec();
    let pieces =
        splice(&source, &Layout::default(), changes, &Limits::default()).map_err(|err| err.problem)?;
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::New(new) => out.extend(new),
            Piece::Keep(span) => {
                out.extend(&source[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()]);
            }
        }
    }
    Ok(out)
}

fn adding(body: &[u8]) -> Changes {
    Changes {
        added: vec![Put { carrier: Carrier::Xmp, key: String::new(), body: body.to_vec() }],
        ..Changes::default()
    }
}

fn replacing(index: usize, body: Option<&[u8]>) -> Changes {
    Changes { replaced: [(index, body.map(<[u8]>::to_vec))].into(), ..Changes::default() }
}

#[test]
fn metadata_of_every_sort_is_found() {
    let jumbf = |label: &[u8]| [&b"\0\0\0\x20jumd"[..], &[0; 16], &[3], label, &[0], b"rest"].concat();
    let bytes = file(&[
        (b"jxll", b"\x0A"),
        (b"Exif", b"\0\0\0\0II*\0"),
        (b"xml ", b"<a/>"),
        (b"jumb", &jumbf(b"c2pa")),
        (b"jumb", &jumbf(b"other")),
        (b"jxlp", b"\0\0\0\0\xFF\x0Aone"),
        (b"jxlp", b"\x80\0\0\x01two"),
        (b"brob", &[b"xml ", BROTLI].concat()),
        (b"note", b"words"),
    ]);
    let found: Vec<_> = values(&bytes).into_iter().map(|(carrier, place, _)| (carrier, place)).collect();
    assert_eq!(
        found,
        [
            (Carrier::Exif, "Exif box"),
            (Carrier::Xmp, "xml box"),
            (Carrier::Manifest, "C2PA jumb box"),
            (Carrier::Blob, "jumb box"),
            (Carrier::Xmp, "xml box, compressed"),
            (Carrier::Field, "box"),
        ]
    );
    assert_eq!(values(&bytes)[0].2, "II*\0");
    assert_eq!(values(&bytes)[4].2, "<x/>");
    assert_eq!(layout(&bytes).packets[3].key, "other");
}

#[test]
fn a_packet_goes_before_the_codestream() {
    let bytes = file(&[(b"jxll", b"\x0A"), (b"jxlc", b"\xFF\x0Acoded")]);
    let out = changed(&bytes, &adding(b"<x/>")).unwrap();
    assert_eq!(out, file(&[(b"jxll", b"\x0A"), (b"xml ", b"<x/>"), (b"jxlc", b"\xFF\x0Acoded")]));
    // A last box without size keeps none.
    let mut open = bytes.clone();
    open[41..45].fill(0);
    let out = changed(&open, &adding(b"<x/>")).unwrap();
    assert!(out.ends_with(b"\0\0\0\x0Cxml <x/>\0\0\0\0jxlc\xFF\x0Acoded"));
}

#[test]
fn a_codestream_alone_is_put_into_boxes() {
    let out = changed(b"\xFF\x0Acoded", &adding(b"<x/>")).unwrap();
    assert_eq!(out, file(&[(b"xml ", b"<x/>"), (b"jxlc", b"\xFF\x0Acoded")]));
    assert_eq!(values(&out), [(Carrier::Xmp, "xml box", "<x/>".into())]);
    let essence = |bytes: &[u8]| {
        let spans: Vec<_> = layout(bytes)
            .segments
            .into_iter()
            .filter(|one| one.role == Role::Essence)
            .map(|one| one.span.len())
            .collect();
        spans
    };
    assert_eq!(essence(&out), essence(b"\xFF\x0Acoded"));
}

#[test]
fn a_replaced_packet_leaves_nothing_of_the_old_one() {
    let coded = (b"jxlc", &b"\xFF\x0Acoded"[..]);
    let brotli = [b"xml ", BROTLI].concat();
    for old in [(b"xml ", &b"<stale/>"[..]), (b"brob", &brotli)] {
        for new in [&b"<n/>"[..], &[b'n'; 300]] {
            let expected = |boxes: &[_]| file(boxes);
            assert_eq!(
                changed(&file(&[old, coded]), &replacing(0, Some(new))).unwrap(),
                expected(&[(b"xml ", new), coded])
            );
            assert_eq!(
                changed(&file(&[coded, old]), &replacing(0, Some(new))).unwrap(),
                expected(&[coded, (b"xml ", new)])
            );
        }
        assert_eq!(changed(&file(&[old, coded]), &replacing(0, None)).unwrap(), file(&[coded]));
    }
    let exif = file(&[(b"Exif", b"\0\0\0\x06Exif\0\0II*\0"), coded]);
    assert_eq!(
        changed(&exif, &replacing(0, Some(b"MM\0*more"))).unwrap(),
        file(&[(b"Exif", b"\0\0\0\x06Exif\0\0MM\0*more"), coded])
    );
}

#[test]
fn a_picture_that_can_become_its_jpeg_again_keeps_what_that_needs() {
    let boxes: [(&[u8; 4], &[u8]); 3] = [(b"jbrd", b"how"), (b"xml ", b"<x/>"), (b"jxlc", b"\xFF\x0Acoded")];
    assert!(matches!(changed(&file(&boxes), &replacing(0, Some(b"<n/>"))), Err(Problem::Unsupported(_))));
    assert!(changed(&file(&[boxes[0], boxes[2]]), &adding(b"<n/>")).is_ok());
}

#[test]
fn compressed_boxes_stay_under_the_limit_and_broken_ones_are_not_absent() {
    // 100 000 letters in 14 bytes.
    let many = b"xml \x5B\x9F\x86\x81\x5F\x22\x2C\x1E\x0B\x04\xB2\xFC\x02\x00";
    let coded = (b"jxlc", &b"\xFF\x0Acoded"[..]);
    let bytes =
        file(&[(b"brob", many), (b"brob", b"xml <not brotli>"), (b"Exif", b"\0\0\0\x09II*\0"), coded]);
    let packets = layout(&bytes).packets;
    let limits = Limits { inflated: 1000, ..Limits::default() };
    assert!(matches!(
        packets[0].read(&bytes, &limits).unwrap_err().problem,
        Problem::OverLimit { limit: 1000, .. }
    ));
    assert!(packets[1].read(&bytes, &limits).is_err());
    assert!(matches!(packets[2].body, Body::Broken(_)));
}

#[test]
fn a_cut_file_is_damaged_wherever_it_is_cut() {
    let bytes = file(&[(b"xml ", b"<x/>"), (b"jxlp", b"\0\0\0\0\xFF\x0Aone"), (b"jxlp", b"\x80\0\0\x01two")]);
    assert!(layout(&bytes).damage.is_none());
    for cut in 13..bytes.len() {
        let layout = layout(&bytes[..cut]);
        assert!(layout.damage.is_some(), "cut at {cut}");
        assert_eq!(layout.packets.len(), usize::from(cut >= 44), "cut at {cut}");
        assert!(changed(&bytes[..cut], &adding(b"<n/>")).is_err());
    }
}

#[test]
fn wrong_numbers_never_panic() {
    let brotli = [b"xml ", BROTLI].concat();
    let bytes = file(&[
        (b"xml ", b"<x/>"),
        (b"brob", &brotli),
        (b"Exif", b"\0\0\0\0II*\0"),
        (b"jxlc", b"\xFF\x0Acoded"),
    ]);
    for at in 0..bytes.len() {
        for patch in [&[0][..], &[0xFF], &[0; 4], &[0xFF; 4], &[0, 0, 0, 1], &[0x7F, 0xFF, 0xFF, 0xFF]] {
            let mut bent = bytes.clone();
            bent[at..].iter_mut().zip(patch).for_each(|(byte, new)| *byte = *new);
            let layout = layout(&bent);
            for packet in &layout.packets {
                let _ = packet.read(&bent, &Limits::default());
            }
            let _ = changed(&bent, &adding(b"<n/>"));
            let _ = changed(&bent, &replacing(0, Some(b"<n/>")));
        }
    }
}

#[test]
fn more_boxes_than_allowed_are_damage_and_nothing_is_lost_of_the_first() {
    let bytes = file(&[(b"xml ", b"<x/>"), (b"free", b""), (b"free", b""), (b"jxlc", b"\xFF\x0Acoded")]);
    let layout = parse(&bytes, &Limits { segments: 4, ..Limits::default() }).unwrap();
    assert!(layout.tiles(bytes.size()) && layout.packets.len() == 1);
    assert!(matches!(layout.damage.unwrap().problem, Problem::OverLimit { limit: 4, .. }));
}

#[test]
fn of_a_codestream_of_five_gigabytes_only_the_head_is_read() {
    let source = CountedFile::padded(b"\xFF\x0A".to_vec(), 5 << 30);
    let layout = parse(&source, &Limits::default()).unwrap();
    let pieces = splice(&source, &layout, &adding(b"<x/>"), &Limits::default()).unwrap();
    let Piece::New(head) = &pieces[0] else { panic!("{pieces:?}") };
    let long = [&b"\0\0\0\x01jxlc"[..], &((5_u64 << 30) + 16).to_be_bytes()].concat();
    assert!(head.ends_with(&[&whole(*b"xml ", b"<x/>").unwrap()[..], &long].concat()));
    assert!(source.read() < 20_000);
}
