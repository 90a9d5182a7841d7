mod damage;
mod writing;

use super::{parse, splice};
use crate::{Body, Carrier, Changes, Layout, Piece, Put, Role};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;
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
