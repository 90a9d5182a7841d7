//! Changes: items, references and offsets that follow them.

use super::*;

#[test]
fn a_packet_is_added_as_an_item_that_describes_the_picture() {
    for shape in [PLAIN, Shape { open: true, ..PLAIN }, Shape { version: 0, base: 4, offset: 0, ..PLAIN }] {
        let bytes = file(&shape, &[picture(), part(b"Exif\0", b"\0\0\0\0II*\0", Where::Before)]);
        let out = changed(&bytes, &adding(b"<x/>")).unwrap();
        let found = items(&out);
        assert_eq!(found[0].2, b"coded picture");
        assert_eq!(found[1].2, b"\0\0\0\0II*\0");
        assert_eq!(
            (found[2].0, &found[2].1[..], &found[2].2[..]),
            (3, &b"mime\0application/rdf+xml\0"[..], &b"<x/>"[..])
        );
        let reference = b"\0\0\0\x1Airef\0\0\0\0\0\0\0\x0Ecdsc\0\x03\0\x01\0\x01";
        assert!(out.windows(reference.len()).any(|window| window == reference));
        assert!(values(&out).contains(&(Carrier::Xmp, "mime item", "<x/>".into())));
    }
}

#[test]
fn a_replaced_packet_leaves_nothing_of_the_old_one() {
    let parts = [
        picture(),
        part(XMP, b"<stale label, longer than the new one/>", Where::After),
        part(b"hvc1\0", b"second", Where::After),
    ];
    for (place, pieces) in
        [(Where::Before, 1), (Where::After, 1), (Where::After, 3), (Where::Data, 1), (Where::Data, 2)]
    {
        let mut parts = parts.clone();
        (parts[1].place, parts[1].pieces) = (place, pieces);
        let bytes = file(&PLAIN, &parts);
        for new in [&b"<n/>"[..], &[b'n'; 300]] {
            let out = changed(&bytes, &replacing(0, Some(new))).unwrap();
            let found: Vec<_> = items(&out).into_iter().map(|one| one.2).collect();
            assert_eq!(found, [&b"coded picture"[..], new, b"second"], "{place:?} in {pieces}");
            assert!(!String::from_utf8_lossy(&out).contains("stale"), "{place:?} in {pieces}");
        }
        let out = changed(&bytes, &replacing(0, None)).unwrap();
        let found: Vec<_> = items(&out).into_iter().map(|one| (one.0, one.2)).collect();
        assert_eq!(found, [(1, b"coded picture".to_vec()), (3, b"second".to_vec())]);
        assert!(!String::from_utf8_lossy(&out).contains("stale") && values(&out).is_empty());
    }
}

#[test]
fn references_to_an_item_that_goes_go_with_it() {
    let bytes = file(&PLAIN, &[picture()]);
    let twice = changed(&changed(&bytes, &adding(b"<one/>")).unwrap(), &adding(b"<two/>")).unwrap();
    let out = changed(&twice, &replacing(0, None)).unwrap();
    let reference = b"\0\0\0\x1Airef\0\0\0\0\0\0\0\x0Ecdsc\0\x03\0\x01\0\x01";
    assert!(out.windows(reference.len()).any(|window| window == reference));
    assert_eq!(values(&out), [(Carrier::Xmp, "mime item", "<two/>".into())]);
}

#[test]
fn a_compressed_packet_is_read_and_replaced_by_a_plain_one() {
    // `<x/>` in zlib's format, stored.
    let zlib = b"\x78\x01\x01\x04\x00\xFB\xFF\x3C\x78\x2F\x3E\x02\xF8\x01\x22";
    let kind = b"mime\0application/rdf+xml\0deflate\0";
    let bytes = file(&PLAIN, &[picture(), part(kind, zlib, Where::After)]);
    let read = layout(&bytes).packets[0].read(&bytes, &Limits::default());
    assert_eq!(read.unwrap(), b"<x/>");
    let out = changed(&bytes, &replacing(0, Some(b"<new/>"))).unwrap();
    assert_eq!(items(&out)[1].1, b"mime\0application/rdf+xml\0");
    assert_eq!(values(&out), [(Carrier::Xmp, "mime item", "<new/>".into())]);
    let odd = file(&PLAIN, &[picture(), part(b"mime\0application/rdf+xml\0snappy\0", zlib, Where::After)]);
    assert!(matches!(layout(&odd).packets[0].body, Body::Broken(_)), "not absent");
}

#[test]
fn bytes_that_two_items_share_are_not_changed() {
    let mut bytes = file(&PLAIN, &[picture(), part(XMP, b"<shared/>", Where::After)]);
    // The picture grows over the packet.
    let at = bytes.windows(4).position(|four| four == [0, 0, 0, 13]).unwrap();
    bytes[at + 3] = 22;
    for new in [&b"<n/>"[..], b"<SHARED/>"] {
        let refused = changed(&bytes, &replacing(0, Some(new))).unwrap_err();
        assert_eq!(refused, Problem::Unsupported("a change to bytes that another item uses too"));
    }
}

#[test]
fn a_last_box_without_size_gets_one_when_something_follows() {
    let mut bytes = file(&PLAIN, &[picture()]);
    bytes.extend(b"\0\0\0\0notewords");
    let out = changed(&bytes, &adding(b"<x/>")).unwrap();
    assert!(out.ends_with(b"\0\0\0\x0Dnotewords\0\0\0\x0Cmdat<x/>"));
    assert_eq!(values(&out).len(), 2);
    let out = changed(&bytes, &replacing(0, Some(b"w"))).unwrap();
    assert!(out.ends_with(b"\0\0\0\0notew"));
}

/// A sequence with one track whose chunks are at these offsets.
fn sequence(kind: &[u8; 4], offsets: &[u8], more: &[u8]) -> Vec<u8> {
    let count = u32::try_from(offsets.len() / if kind == b"stco" { 4 } else { 8 }).unwrap().to_be_bytes();
    let table = boxed(kind, &[&[0; 4], &count[..], offsets].concat());
    let track = [b"stbl", b"minf", b"mdia", b"trak"]
        .iter()
        .fold([table, more.to_vec()].concat(), |inner, kind| boxed(kind, &inner));
    let movie = boxed(b"moov", &[track, boxed(b"udta", b"words")].concat());
    let mut bytes = file(&PLAIN, &[picture()]);
    bytes.extend(movie);
    bytes
}

#[test]
fn chunks_of_a_track_are_found_after_a_packet_was_added() {
    let at = file(&PLAIN, &[picture()]).windows(13).position(|part| part == b"coded picture").unwrap();
    for (kind, size) in [(b"stco", 4), (b"co64", 8)] {
        let bytes = sequence(kind, &[number(at as u64, size), number(8, size)].concat(), b"");
        assert!(values(&bytes).contains(&(Carrier::Blob, "udta box", "words".into())));
        let out = changed(&bytes, &adding(b"<x/>")).unwrap();
        let now = out.windows(13).position(|part| part == b"coded picture").unwrap();
        assert!(now > at);
        let table = [number(2, 4), number(now as u64, size), number(8, size)].concat();
        assert!(out.windows(table.len()).any(|part| part == table), "{}", String::from_utf8_lossy(kind));
        assert!(layout(&out).damage.is_none());
    }
}

#[test]
fn offsets_that_are_not_understood_are_not_broken() {
    for more in [boxed(b"saio", &[0; 12]), boxed(b"meta", &[&[0; 4][..], &boxed(b"iloc", &[0; 8])].concat())]
    {
        assert!(matches!(
            changed(&sequence(b"stco", &[0; 4], &more), &adding(b"<x/>")),
            Err(Problem::Unsupported(_))
        ));
    }
    let mut fragments = sequence(b"stco", &[0; 4], b"");
    fragments.extend(boxed(b"moof", b""));
    assert!(matches!(changed(&fragments, &adding(b"<x/>")), Err(Problem::Unsupported(_))));
    let past = sequence(b"stco", &[0xFF; 4], b"");
    assert!(matches!(changed(&past, &adding(b"<x/>")), Err(Problem::OverLimit { .. })));
}
