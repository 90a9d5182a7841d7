//! Tests of FLV reading and writing, on files built by hand.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Asset, Body, Carrier, Draft, Piece, Role};
use indicia_core::{Limits, Problem, Source};

fn tag(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap();
    let back = (len + 11).to_be_bytes();
    [&[kind], &len.to_be_bytes()[1..], &[0, 0, 5, 0, 0, 0, 0], body, &back].concat()
}

fn name(text: &str) -> Vec<u8> {
    [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

fn text(key: &str, value: &str) -> Vec<u8> {
    [name(key), vec![2], name(value)].concat()
}

fn number(key: &str, value: f64) -> Vec<u8> {
    [name(key), vec![0], value.to_be_bytes().to_vec()].concat()
}

fn script(event: &str, count: u32, members: &[Vec<u8>]) -> Vec<u8> {
    let body = [vec![2], name(event), vec![8], count.to_be_bytes().to_vec(), members.concat(), vec![0, 0, 9]];
    tag(18, &body.concat())
}

fn flv(tags: &[Vec<u8>]) -> Vec<u8> {
    [b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(), tags.concat()].concat()
}

/// With an index: its places are those of the two tags of pictures.
fn indexed() -> Vec<u8> {
    let mut places = [0.0; 3];
    for _ in 0..2 {
        let list =
            [places[0], places[1]].map(|place: f64| [&[0][..], &place.to_be_bytes()].concat()).concat();
        let keyframes = [
            name("keyframes"),
            vec![3],
            name("filepositions"),
            [&[10, 0, 0, 0, 2][..], &list].concat(),
            text("inner", "deep"),
            vec![0, 0, 9],
        ];
        let members = [
            text("encoder", "Lavf"),
            number("filesize", places[2]),
            keyframes.concat(),
            number("lastkeyframelocation", places[1]),
            number("width", 300.0),
            [name("hasVideo"), vec![1, 1]].concat(),
        ];
        let head = flv(&[script("onMetaData", 6, &members)]);
        let (first, second) = (tag(9, b"\x17first"), tag(9, b"\x17second"));
        let bytes = [head.clone(), first.clone(), tag(8, b"sound"), second].concat();
        places = [
            head.len() as f64,
            (head.len() + first.len() + tag(8, b"sound").len()) as f64,
            bytes.len() as f64,
        ];
        if places[2] > 0.0 && check(&bytes) {
            return bytes;
        }
    }
    panic!("the index does not hold");
}

/// Whether the index tells of tags of pictures, the size is right, and each tag has its size behind it.
fn check(bytes: &[u8]) -> bool {
    let after = |key: &[u8], skip: usize| {
        let at = bytes.windows(key.len()).position(|part| part == key).unwrap() + key.len() + skip;
        f64::from_be_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
    };
    let mut at = 13;
    while at < bytes.len() {
        let len = u32::from_be_bytes([0, bytes[at + 1], bytes[at + 2], bytes[at + 3]]) + 11;
        at += len as usize;
        assert_eq!(bytes[at..at + 4], len.to_be_bytes());
        at += 4;
    }
    let places = [after(b"filepositions", 6), after(b"filepositions", 15), after(b"lastkeyframelocation", 1)];
    places.iter().all(|place| bytes.get(*place) == Some(&9)) && after(b"filesize", 1) == bytes.len()
}

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()));
    assert_eq!(asset.format.name, "flv");
    asset
}

fn keys(bytes: &Vec<u8>) -> Vec<(Carrier, String, &'static str, String)> {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let read = |one| String::from_utf8(asset.read(one).unwrap()).unwrap();
    asset.layout.packets.iter().map(|one| (one.carrier, one.key.clone(), one.place, read(one))).collect()
}

fn changed(bytes: &Vec<u8>, change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let asset = open(bytes);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    draft.render().unwrap().to_bytes().unwrap()
}

fn label(bytes: &Vec<u8>, value: &str) -> Vec<u8> {
    let out = changed(bytes, |draft| draft.set(Carrier::Field, "AIGC", value.as_bytes().to_vec()));
    let mut expected: Vec<_> = keys(bytes).into_iter().filter(|(_, key, ..)| key != "AIGC").collect();
    let mut found = keys(&out);
    let own = (Carrier::Field, "AIGC".to_owned(), "onMetaData", value.to_owned());
    assert!(found.contains(&own), "{found:?}");
    found.retain(|one| *one != own);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    out
}

#[test]
fn every_text_is_found() {
    let xmp = script("onXMPData", 1, &[text("liveXML", "<x/>")]);
    let comment = tag(18, &[vec![2], name("onCue"), vec![2], name("hello")].concat());
    let bytes = [indexed(), xmp, comment, script("onOther", 1, &[text("k", "v")])].concat();
    let field = |key: &str, place, value: &str| (Carrier::Field, key.to_owned(), place, value.to_owned());
    assert_eq!(
        keys(&bytes),
        [
            field("encoder", "onMetaData", "Lavf"),
            field("inner", "within onMetaData", "deep"),
            (Carrier::Xmp, String::new(), "onXMPData", "<x/>".to_owned()),
            (Carrier::Comment, String::new(), "script tag", "hello".to_owned()),
            field("k", "script tag", "v"),
        ]
    );
}

#[test]
fn the_index_still_holds_whatever_the_label() {
    let bytes = indexed();
    let first = label(&bytes, "{\"Label\":\"1\"}");
    assert!(check(&first));
    let count = first.windows(11).position(|part| part == b"onMetaData\x08").unwrap() + 11;
    assert_eq!(first[count..count + 4], [0, 0, 0, 7]);
    let longer = label(&first, &"long".repeat(100));
    assert!(check(&longer));
    let shorter = label(&longer, "");
    assert!(check(&shorter));
    let at = open(&shorter).layout.packets.iter().position(|one| one.key == "AIGC").unwrap();
    assert_eq!(changed(&shorter, |draft| draft.remove(at)), bytes, "gone without a trace");
}

#[test]
fn a_text_too_long_for_a_short_one_becomes_a_long_one() {
    let out = label(&indexed(), &"x".repeat(70_000));
    assert!(check(&out));
    assert!(out.windows(11).any(|part| part == b"\0\x04AIGC\x0C\0\x01\x11\x70"));
    let asset = open(&out);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", vec![b'x'; 17 << 20]);
    assert!(matches!(draft.render().unwrap_err().problem, Problem::OverLimit { .. }));
}

#[test]
fn a_file_without_a_description_gets_one_first() {
    let bytes = flv(&[tag(9, b"\x17a"), script("onCuePoint", 1, &[text("a", "b")])]);
    let out = label(&bytes, "{}");
    assert_eq!(out[13..30], *b"\x12\0\0\x20\0\0\0\0\0\0\0\x02\0\x0AonM");
    assert_eq!(out.len(), bytes.len() + 11 + 0x20 + 4);
    assert_eq!(out[out.len() - bytes.len() + 13..], bytes[13..]);
}

#[test]
fn an_object_in_place_of_an_array_and_a_missing_end_are_read_and_kept() {
    let object = [vec![2], name("onMetaData"), vec![3], text("a", "b"), vec![0, 0, 9]].concat();
    let out = label(&flv(&[tag(18, &object)]), "{}");
    assert!(out.windows(8).any(|part| part == b"AIGC\x02\0\x02{"));
    let endless = [vec![2], name("onMetaData"), vec![8, 0, 0, 0, 0], text("a", "b")].concat();
    let out = label(&flv(&[tag(18, &endless)]), "{}");
    assert!(out.windows(16).any(|part| part == b"onMetaData\x08\0\0\0\0\0"), "a count of zero stays");
}

#[test]
fn other_script_tags_can_be_changed_and_the_index_follows() {
    let xmp = script("onXMPData", 1, &[text("liveXML", "<x/>")]);
    let bytes = indexed();
    // Before all that the index tells of.
    let with = [&bytes[..13], &xmp, &bytes[13..]].concat();
    let at = open(&with).layout.packets.iter().position(|one| one.carrier == Carrier::Xmp).unwrap();
    let out = changed(&with, |draft| draft.replace(at, b"<longer/>".to_vec()));
    assert_eq!(out.len(), with.len() + 5);
    let place = |bytes: &[u8]| {
        let at = bytes.windows(13).position(|part| part == b"filepositions").unwrap() + 19;
        f64::from_be_bytes(bytes[at..at + 8].try_into().unwrap())
    };
    assert_eq!(place(&out), place(&with) + 5.0);
}

#[test]
fn a_file_that_ends_within_a_tag_is_damaged() {
    let bytes = indexed();
    let asset = open(&bytes);
    let mut ends: Vec<u64> = asset.layout.segments.iter().map(|one| one.span.end).collect();
    let first = ends[1] + tag(9, b"\x17first").len() as u64;
    ends.extend([first, first + tag(8, b"sound").len() as u64]);
    for len in 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        let Ok(asset) = Asset::open(&cut, Some("a.flv"), &Limits::default()) else { continue };
        assert!(asset.layout.tiles(cut.size()));
        assert_eq!(asset.layout.damage.is_none(), ends.contains(&(len as u64)), "{len}");
    }
}

#[test]
fn lengths_of_zero_and_of_all_ones_break_nothing() {
    let bytes = indexed();
    for at in 0..bytes.len() {
        for patch in [&[0][..], &[0xFF], &[0xFF; 2], &[0xFF; 4], &[0; 4], &[10, 0xFF, 0xFF, 0xFF, 0xFF]] {
            let mut bent = bytes.clone();
            for (place, value) in bent[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
            assert!(asset.layout.tiles(bent.size()));
            let mut draft = Draft::new(&asset);
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            if let Ok(out) = draft.render() {
                open(&out.to_bytes().unwrap());
            }
        }
    }
}

#[test]
fn a_broken_description_is_told_of_and_not_written_on() {
    let body =
        [vec![2], name("onMetaData"), vec![8, 0, 0, 0, 2], text("a", "b"), name("c"), vec![2, 0xFF, 0xFF]];
    let bytes = flv(&[tag(18, &body.concat())]);
    let asset = open(&bytes);
    assert!(matches!(asset.layout.packets[1].body, Body::Broken(_)));
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "a", b"{}".to_vec());
    assert!(draft.render().is_err());
}

#[test]
fn nesting_and_numbers_have_limits() {
    let deep = [vec![2], name("onMetaData"), [10, 0, 0, 0, 1].repeat(5000)].concat();
    let bytes = flv(&[tag(18, &deep)]);
    let asset = open(&bytes);
    assert!(
        matches!(&asset.layout.packets[0].body, Body::Broken(err) if matches!(err.problem, Problem::OverLimit { limit: 64, .. }))
    );
    let limits = Limits { segments: 3, ..Limits::default() };
    let many = flv(&vec![script("a", 0, &[]); 9]);
    let damage = Asset::open(&many, None, &limits).unwrap().layout.damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { limit: 3, .. }));
    // A list of empty texts within a long name does not repeat the name.
    let list = [vec![10, 0, 0, 0xFF, 0xFF], [2, 0, 0].repeat(0xFFFF)].concat();
    let body =
        [vec![2], name("onMetaData"), vec![3], name(&"n".repeat(60_000)), list, vec![0, 0, 9]].concat();
    let bytes = flv(&[tag(18, &body)]);
    let asset = open(&bytes);
    assert_eq!(asset.layout.packets.len(), 0xFFFF);
    assert!(asset.layout.packets.iter().all(|one| one.key.is_empty()));
}

/// The same media tag again and again; counts what is read.
struct Huge {
    head: Vec<u8>,
    tags: u64,
    read: AtomicU64,
}

const MEDIA: u64 = 1 << 20;

impl Source for Huge {
    fn size(&self) -> u64 {
        self.head.len() as u64 + self.tags * MEDIA
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> std::io::Result<()> {
        self.read.fetch_add(buf.len() as u64, Ordering::SeqCst);
        let len = u32::try_from(MEDIA - 15).unwrap().to_be_bytes();
        let start = [9, len[1], len[2], len[3]];
        for (at, byte) in (at..).zip(buf) {
            let head = usize::try_from(at).ok().and_then(|at| self.head.get(at)).copied();
            let within = usize::try_from(at.wrapping_sub(self.head.len() as u64) % MEDIA).unwrap();
            *byte = head.unwrap_or_else(|| start.get(within).copied().unwrap_or(0));
        }
        Ok(())
    }
}

#[test]
fn five_gigabytes_are_labelled_with_a_few_bytes_read_and_written() {
    let head = flv(&[script("onMetaData", 1, &[text("a", "b")])]);
    let file = Huge { head, tags: 5 << 10, read: AtomicU64::new(0) };
    let asset = open(&file);
    assert_eq!(asset.layout.damage, None);
    assert_eq!(asset.layout.segments.len(), 3);
    assert_eq!(asset.layout.segments[2].role, Role::Essence);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
    let out = draft.render().unwrap();
    let new: u64 = out.pieces().iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum();
    assert!(new < 100, "{new}");
    let read = file.read.load(Ordering::SeqCst);
    assert!(read < 80_000, "{read}");
}

/// A tag of pictures, as it starts.
fn pictures(start: &[u8], rest: &[u8]) -> Vec<u8> {
    tag(9, &[start, rest].concat())
}

/// A message of anybody's own, then a slice; each with its length in two bytes.
fn picture() -> Vec<u8> {
    let message = [&[6, 5, 20][..], &[0xAB; 16], b"text", &[0x80]].concat();
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    [&length[..], &message, &[0, 2, 0x65, 9]].concat()
}

fn messages(bytes: &Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    crate::sei::texts(&open(bytes))
}

#[test]
fn what_an_encoder_wrote_beside_the_first_picture_is_read() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/flv/dandelion-h264.flv");
    let found = messages(&std::fs::read(sample).unwrap()).unwrap().unwrap();
    assert!(found.iter().any(|text| text.starts_with(b"x264 - core")), "{found:?}");
    let configuration = [1, 100, 0, 30, 0xFD, 0xE0, 0];
    let old = |start: [u8; 5]| pictures(&start, &configuration);
    let sound = tag(8, &[0xAF, 1, 2]);
    for (name, tags) in [
        ("AVC", vec![sound.clone(), old([0x17, 0, 0, 0, 0]), pictures(&[0x17, 1, 0, 0, 0], &picture())]),
        ("four letters", vec![pictures(b"\x90avc1", &configuration), pictures(b"\x93avc1", &picture())]),
        ("with a time", vec![pictures(b"\x90avc1", &configuration), pictures(b"\x91avc1\0\0\0", &picture())]),
    ] {
        assert_eq!(messages(&flv(&tags)).unwrap().unwrap(), [b"text"], "{name}");
    }
    for (name, tags) in [
        ("sound alone", vec![sound]),
        ("H.263", vec![pictures(&[0x12, 0, 0, 0, 0], b"data")]),
        ("VP9", vec![pictures(b"\x90vp09", b"data")]),
    ] {
        assert_eq!(messages(&flv(&tags)).unwrap(), None, "{name}");
    }
    for tags in [
        vec![pictures(&[0x17, 1, 0, 0, 0], &picture())],
        vec![pictures(b"\x90av01", b"data")],
        vec![old([0x17, 0, 0, 0, 0]), pictures(&[0x17, 1, 0, 0, 0], &[0xFF; 9])],
    ] {
        assert!(messages(&flv(&tags)).is_err());
    }
}
