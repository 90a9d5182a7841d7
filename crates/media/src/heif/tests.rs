use super::{parse, splice};
use crate::counted_file::CountedFile;
use crate::{Body, Carrier, Changes, Layout, Piece, Put, Role};
use indicia_core::{Limits, Problem, Source};
use proptest::prelude::*;

/// A box, put together by hand.
fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(8 + body.len()).unwrap().to_be_bytes()[..], kind, body].concat()
}

/// Where an item's bytes go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    /// In media data before the `meta` box.
    Before,
    /// In media data after it.
    After,
    /// In its `idat` box.
    Data,
}

#[derive(Clone, Debug)]
struct Part {
    kind: &'static [u8],
    bytes: Vec<u8>,
    place: Where,
    pieces: usize,
}

/// How the file is written.
#[derive(Clone, Debug)]
struct Shape {
    version: u8,
    offset: usize,
    length: usize,
    base: usize,
    index: usize,
    open: bool,
}

const PLAIN: Shape = Shape { version: 1, offset: 4, length: 4, base: 0, index: 0, open: false };
const XMP: &[u8] = b"mime\0application/rdf+xml\0";

fn part(kind: &'static [u8], bytes: &[u8], place: Where) -> Part {
    Part { kind, bytes: bytes.to_vec(), place, pieces: 1 }
}

fn picture() -> Part {
    part(b"hvc1\0", b"coded picture", Where::After)
}

fn number(value: u64, size: usize) -> Vec<u8> {
    value.to_be_bytes()[8 - size..].to_vec()
}

/// A file of items numbered from 1, the first of which is the picture.
fn file(shape: &Shape, parts: &[Part]) -> Vec<u8> {
    let head = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
    let of = |place| {
        parts
            .iter()
            .filter(|part| part.place == place)
            .flat_map(|part| part.bytes.clone())
            .collect::<Vec<_>>()
    };
    let before = boxed(b"mdat", &of(Where::Before));
    let meta = |after: u64| {
        let mut next = [head.len() as u64 + 8, after + 8, 0];
        let mut iloc = vec![shape.version, 0, 0, 0];
        iloc.push(u8::try_from(shape.offset << 4 | shape.length).unwrap());
        iloc.push(u8::try_from(shape.base << 4 | if shape.version > 0 { shape.index } else { 0 }).unwrap());
        iloc.extend(number(parts.len() as u64, if shape.version == 2 { 4 } else { 2 }));
        let mut list = number(0, 4);
        list.extend(number(parts.len() as u64, 2));
        for (id, part) in parts.iter().enumerate() {
            let id = id as u64 + 1;
            list.extend(boxed(b"infe", &[&[2, 0, 0, 0], &number(id, 2)[..], &[0, 0], part.kind].concat()));
            iloc.extend(number(id, if shape.version == 2 { 4 } else { 2 }));
            if shape.version > 0 {
                iloc.extend([0, u8::from(part.place == Where::Data)]);
            }
            iloc.extend([0, 0]);
            let at = &mut next[part.place as usize];
            // As much in the base as there can be.
            let base = if shape.base > 0 { *at } else { 0 };
            iloc.extend(number(base, shape.base));
            let size = part.bytes.len().div_ceil(part.pieces).max(1);
            let pieces: Vec<_> = part.bytes.chunks(size).collect();
            iloc.extend(number(pieces.len() as u64, 2));
            for piece in pieces {
                if shape.version > 0 {
                    iloc.extend(number(7, shape.index));
                }
                iloc.extend(number(*at - base, shape.offset));
                iloc.extend(number(piece.len() as u64, shape.length));
                *at += piece.len() as u64;
            }
        }
        boxed(
            b"meta",
            &[
                &[0; 4][..],
                &boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict"),
                &boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
                &boxed(b"iloc", &iloc),
                &boxed(b"iinf", &list),
                &boxed(b"idat", &of(Where::Data)),
            ]
            .concat(),
        )
    };
    let after = head.len() + before.len() + meta(0).len();
    let mut out =
        [head.clone(), before.clone(), meta(after as u64), boxed(b"mdat", &of(Where::After))].concat();
    if shape.open {
        out[after..after + 4].fill(0);
    }
    out
}

/// The bytes of every item, read in the plainest way: number, type, bytes.
fn items(bytes: &[u8]) -> Vec<(u64, Vec<u8>, Vec<u8>)> {
    fn boxes(bytes: &[u8], mut at: usize, end: usize) -> Vec<(&[u8], usize, usize)> {
        let mut found = Vec::new();
        while at < end {
            let size = usize::try_from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap();
            let next = if size == 0 { end } else { at + size };
            found.push((&bytes[at + 4..at + 8], at + 8, next));
            assert!(next <= end && next >= at + 8, "a box at {at} up to {next} within {end}");
            at = next;
        }
        found
    }
    let find = |list: &[(&[u8], usize, usize)], kind: &[u8; 4]| {
        list.iter().find(|one| one.0 == kind).map(|one| (one.1, one.2))
    };
    let (start, end) = find(&boxes(bytes, 0, bytes.len()), b"meta").unwrap();
    let meta = boxes(bytes, start + 4, end);
    let (mut at, _) = find(&meta, b"iloc").unwrap();
    let take = |at: &mut usize, size: usize| {
        *at += size;
        bytes[*at - size..*at].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let version = take(&mut at, 4) >> 24;
    let sizes = take(&mut at, 2);
    let size = |shift: u64| usize::try_from(sizes >> shift & 15).unwrap();
    let wide = if version == 2 { 4 } else { 2 };
    let mut found = Vec::new();
    for _ in 0..take(&mut at, wide) {
        let id = take(&mut at, wide);
        let method = if version > 0 { take(&mut at, 2) } else { 0 };
        take(&mut at, 2);
        let base = take(&mut at, size(4));
        let mut body = Vec::new();
        for _ in 0..take(&mut at, 2) {
            take(&mut at, if version > 0 { size(0) } else { 0 });
            let from = base
                + take(&mut at, size(12))
                + if method == 1 { find(&meta, b"idat").unwrap().0 as u64 } else { 0 };
            let len = usize::try_from(take(&mut at, size(8))).unwrap();
            let from = usize::try_from(from).unwrap();
            body.extend(&bytes[from..from + len]);
        }
        found.push((id, Vec::new(), body));
    }
    let (list, end) = find(&meta, b"iinf").unwrap();
    let header = if bytes[list] == 0 { 6 } else { 8 };
    let described = boxes(bytes, list + header, end);
    let mut count = list + 4;
    assert_eq!(take(&mut count, header - 4), described.len() as u64);
    assert_eq!(found.len(), described.len());
    for (_, start, end) in described {
        let id = u64::from(bytes[start + 4]) << 8 | u64::from(bytes[start + 5]);
        found.iter_mut().find(|one| one.0 == id).unwrap().1 = bytes[start + 8..end].to_vec();
    }
    found
}

fn layout(bytes: &[u8]) -> Layout {
    let bytes = bytes.to_vec();
    let layout = parse(&bytes, &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.size()), "{:?}", layout.segments);
    layout
}

fn changed(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, Problem> {
    let source = bytes.to_vec();
    let layout = parse(&source, &Limits::default()).unwrap();
    let pieces = splice(&source, &layout, changes, &Limits::default()).map_err(|err| err.problem)?;
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

fn values(bytes: &[u8]) -> Vec<(Carrier, &'static str, String)> {
    let (layout, source) = (layout(bytes), bytes.to_vec());
    assert!(layout.damage.is_none(), "{:?}", layout.damage);
    let read = |packet: &crate::Packet| {
        String::from_utf8_lossy(&packet.read(&source, &Limits::default()).unwrap()).into_owned()
    };
    layout.packets.iter().map(|packet| (packet.carrier, packet.place, read(packet))).collect()
}

#[test]
fn metadata_of_every_sort_is_found_and_pictures_are_not_taken_for_it() {
    let mut bytes = file(
        &PLAIN,
        &[
            picture(),
            part(b"Exif\0", b"\0\0\0\x06Exif\0\0II*\0rest", Where::Before),
            part(XMP, b"<x:xmpmeta/>", Where::Data),
            Part { pieces: 3, ..part(b"mimename\0text/plain\0", b"in three pieces", Where::After) },
            part(b"uri \0urn:example\0", b"data", Where::After),
            part(b"mime\0application/octet-stream\0", b"blob", Where::After),
        ],
    );
    let uuid = |text: &str| {
        (0..16).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect::<Vec<_>>()
    };
    let xmp = [&uuid("be7acfcb97a942e89c71999491e3afac")[..], b"<x/>"].concat();
    let c2pa =
        [&uuid("d8fec3d61b0e483c92975828877ec481")[..], b"\0\0\0\0manifest\0\0\0\0\0\0\0\0\0store"].concat();
    for one in
        [boxed(b"uuid", &xmp), boxed(b"uuid", &c2pa), boxed(b"note", b"words"), boxed(b"free", b"stale")]
    {
        bytes.extend(one);
    }
    let of = |carrier, place, value: &str| (carrier, place, value.to_owned());
    let mut found = values(&bytes);
    found.sort_by_key(|one| one.0);
    assert_eq!(
        found,
        [
            of(Carrier::Blob, "uri item", "data"),
            of(Carrier::Blob, "other item", "blob"),
            of(Carrier::Exif, "Exif item", "II*\0rest"),
            of(Carrier::Field, "text item", "in three pieces"),
            of(Carrier::Field, "box", "words"),
            of(Carrier::Manifest, "C2PA uuid box", "store"),
            of(Carrier::Xmp, "mime item", "<x:xmpmeta/>"),
            of(Carrier::Xmp, "XMP uuid box", "<x/>"),
        ]
    );
    let essence: Vec<_> =
        layout(&bytes).segments.into_iter().filter(|one| one.role == Role::Essence).collect();
    assert_eq!(essence.len(), 1);
    assert_eq!(essence[0].span.len(), b"coded picture".len() as u64);
}

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_item_reads_the_same_after_a_packet_was_added_replaced_and_taken_out(
        version in 0_u8..3,
        offset in prop::sample::select(vec![4_usize, 8]),
        length in prop::sample::select(vec![4_usize, 8]),
        base in prop::sample::select(vec![0_usize, 4, 8]),
        index in prop::sample::select(vec![0_usize, 4, 8]),
        open: bool,
        drawn in prop::collection::vec((0_usize..3, prop::collection::vec(1_u8..255, 1..60), 1_usize..4, 0_usize..4), 1..9),
        new in prop::collection::vec(1_u8..255, 1..400),
    ) {
        let kinds: [&[u8]; 4] = [b"hvc1\0", b"Exif\0", b"mime\0text/plain\0", b"grid\0"];
        let parts: Vec<Part> = drawn.into_iter().map(|(place, bytes, pieces, kind)| {
            let places = [Where::Before, Where::After, Where::Data];
            // Version 0 knows no other data than the file's.
            let place = if version == 0 && place == 2 { Where::After } else { places[place] };
            let bytes = if kind == 1 { [&[0; 4], &bytes[..]].concat() } else { bytes };
            Part { kind: kinds[kind], bytes, place, pieces }
        }).collect();
        let shape = Shape { version, offset, length, base, index, open };
        let bytes = file(&shape, &parts);
        let before = items(&bytes);
        prop_assert_eq!(before.iter().map(|one| &one.2).collect::<Vec<_>>(), parts.iter().map(|part| &part.bytes).collect::<Vec<_>>());
        let mut grown = bytes.clone();
        for body in [new.clone(), [&new[..], b"longer"].concat(), new[..1].to_vec()] {
            let packets = layout(&grown).packets;
            let xmp = packets.iter().position(|packet| packet.carrier == Carrier::Xmp);
            let change = xmp.map_or_else(|| adding(&body), |index| replacing(index, Some(&body)));
            grown = changed(&grown, &change).unwrap();
            let after = items(&grown);
            prop_assert_eq!(&after[..before.len()], &before[..]);
            prop_assert_eq!(&after[before.len()].2, &body);
            prop_assert!(layout(&grown).damage.is_none());
        }
        let xmp = layout(&grown).packets.iter().position(|packet| packet.carrier == Carrier::Xmp).unwrap();
        let back = changed(&grown, &replacing(xmp, None)).unwrap();
        prop_assert_eq!(items(&back), before);
    }
}
