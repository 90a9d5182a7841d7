//! What is broken, cut or large.

use super::*;

#[test]
fn a_cut_file_is_damaged_wherever_it_is_cut() {
    let bytes = changed(
        &file(&PLAIN, &[picture(), part(b"Exif\0", b"\0\0\0\0II*\0", Where::Before)]),
        &adding(b"<x/>"),
    )
    .unwrap();
    for cut in 1..bytes.len() {
        let part = bytes[..cut].to_vec();
        let read = parse(&part, &Limits::default());
        if let Ok(layout) = read {
            assert!(layout.damage.is_some(), "cut at {cut} of {}", bytes.len());
            assert!(layout.tiles(cut as u64));
        }
    }
}

#[test]
fn what_stands_before_the_damage_is_found() {
    let mut bytes = file(&PLAIN, &[picture(), part(XMP, b"<x/>", Where::Data)]);
    bytes.truncate(bytes.len() - 3);
    let layout = layout(&bytes);
    assert!(layout.damage.is_some());
    assert_eq!(layout.packets[0].read(&bytes, &Limits::default()).unwrap(), b"<x/>");
}

#[test]
fn zeros_after_the_last_box_are_filling_and_anything_else_is_damage() {
    let mut bytes = file(&PLAIN, &[picture()]);
    bytes.extend([0; 20]);
    assert!(layout(&bytes).damage.is_none());
    let out = changed(&bytes, &adding(b"<x/>")).unwrap();
    assert_eq!(values(&out).len(), 1);
    bytes[20..].reverse();
    *bytes.last_mut().unwrap() = 9;
    assert!(layout(&bytes).damage.is_some());
}

#[test]
fn wrong_numbers_never_panic_and_never_hide_a_packet_silently() {
    let parts = [picture(), part(XMP, b"<x/>", Where::After), part(b"Exif\0", b"\0\0\0\0II*\0", Where::Data)];
    for shape in [PLAIN, Shape { version: 2, offset: 8, length: 8, base: 8, index: 4, open: true }] {
        let bytes = file(&shape, &parts);
        for at in 0..bytes.len() {
            for patch in
                [&[0][..], &[0xFF], &[0; 4], &[0xFF; 4], &[0; 8], &[0xFF; 8], &[0x7F, 0xFF, 0xFF, 0xFF]]
            {
                let mut bent = bytes.clone();
                bent[at..].iter_mut().zip(patch).for_each(|(byte, new)| *byte = *new);
                if let Ok(layout) = parse(&bent, &Limits::default()) {
                    assert!(layout.tiles(bent.size()), "{at}");
                    for packet in &layout.packets {
                        assert!(
                            packet.span.start <= packet.span.end && packet.span.end <= bent.size(),
                            "{at}: {packet:?}"
                        );
                    }
                    let _ = changed(&bent, &adding(b"<n/>"));
                    let _ = changed(&bent, &replacing(0, Some(b"<n/>")));
                }
            }
        }
    }
}

#[test]
fn every_number_taken_is_no_place_for_one_more() {
    // 65 535 items that have nothing.
    let list: Vec<u8> = (1..=u16::MAX)
        .flat_map(|id| boxed(b"infe", &[&[2, 0, 0, 0], &id.to_be_bytes()[..], b"\0\0hvc1\0"].concat()))
        .collect();
    let places: Vec<u8> = (1..=u16::MAX).flat_map(|id| [&id.to_be_bytes()[..], &[0; 4]].concat()).collect();
    let meta = [
        &[0; 4][..],
        &boxed(b"iinf", &[&[0, 0, 0, 0, 0xFF, 0xFF], &list[..]].concat()),
        &boxed(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0xFF, 0xFF], &places[..]].concat()),
    ]
    .concat();
    let bytes = [boxed(b"ftyp", b"heic\0\0\0\0"), boxed(b"meta", &meta)].concat();
    assert!(layout(&bytes).damage.is_none());
    let refused = changed(&bytes, &adding(b"<x/>")).unwrap_err();
    assert_eq!(refused, Problem::Unsupported("one more item: every number is taken"));
}

#[test]
fn millions_of_parts_are_over_a_limit() {
    // Parts that take no byte of the file to name: 40 items of 65 535 parts each.
    let places: Vec<u8> =
        (1..=40_u16).flat_map(|id| [&id.to_be_bytes()[..], &[0, 0, 0xFF, 0xFF]].concat()).collect();
    let meta = [&[0; 4][..], &boxed(b"iloc", &[&[0, 0, 0, 0, 0, 0, 0, 40], &places[..]].concat())].concat();
    let bytes = [boxed(b"ftyp", b"heic\0\0\0\0"), boxed(b"meta", &meta)].concat();
    let damage = layout(&bytes).damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { what: "parts of items", .. }), "{damage}");
}

#[test]
fn an_item_that_is_kept_in_itself_is_broken_not_followed() {
    let mut bytes = file(&PLAIN, &[picture(), part(XMP, b"<x/>", Where::Data)]);
    let at = bytes.windows(8).position(|part| part == [0, 2, 0, 1, 0, 0, 0, 1]).unwrap();
    bytes[at + 3] = 2;
    let packet = &layout(&bytes).packets[0];
    assert!(matches!(&packet.body, Body::Broken(err) if matches!(err.problem, Problem::Unsupported(_))));
}

#[test]
fn of_five_gigabytes_only_the_structure_is_read_and_offsets_grow_to_eight_bytes() {
    // The second item stands behind four gigabytes of the first, within one box that states no size.
    let mut head = file(
        &Shape { offset: 8, length: 8, open: true, ..PLAIN },
        &[picture(), part(b"hvc1\0", b"second", Where::After)],
    );
    let size = 5 << 30;
    let at = head.windows(8).position(|eight| eight == 13_u64.to_be_bytes()).unwrap();
    head[at..at + 8].copy_from_slice(&(4_u64 << 30).to_be_bytes());
    let source = CountedFile::padded(head, size);
    let layout = parse(&source, &Limits::default()).unwrap();
    assert!(layout.damage.is_none() && layout.tiles(size));
    let pieces = splice(&source, &layout, &adding(b"<x/>"), &Limits::default()).unwrap();
    let new: u64 = pieces.iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum();
    assert!(new < 1000, "{new}");
    assert!(pieces.iter().map(Piece::len).sum::<u64>() > size);
    assert_eq!(pieces.last(), Some(&Piece::New(b"<x/>".to_vec())));
    let read = source.read();
    assert!(read < 40_000, "{read}");
}
