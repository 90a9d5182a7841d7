//! Tests of Matroska and WebM reading and writing, on files built by hand.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

mod damage;
mod reader;
mod writing;

use reader::check;

use crate::{Asset, Carrier, Changes, Draft, Ends, NewContent, Piece, Role};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// An element with a size of one byte, or two if needed.
fn el(id: &[u8], body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap();
    let size = if len < 0x7F { vec![0x80 | len as u8] } else { (0x4000 | len).to_be_bytes().to_vec() };
    [id, &size, body].concat()
}

const SEGMENT: &[u8] = b"\x18\x53\x80\x67";
const CLUSTER: &[u8] = b"\x1F\x43\xB6\x75";
const SEEK_HEAD: &[u8] = b"\x11\x4D\x9B\x74";
const INFO: &[u8] = b"\x15\x49\xA9\x66";
const CUES: &[u8] = b"\x1C\x53\xBB\x6B";
const TAGS: &[u8] = b"\x12\x54\xC3\x67";
const TAG: &[u8] = b"\x73\x73";
const OPEN: &[u8] = b"\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

fn ebml(doc_type: &[u8]) -> Vec<u8> {
    el(b"\x1A\x45\xDF\xA3", &[el(b"\x42\x86", &[1]), el(b"\x42\x82", doc_type)].concat())
}

fn void(len: usize) -> Vec<u8> {
    el(b"\xEC", &vec![0; len - if len < 0x80 + 1 { 2 } else { 3 }])
}

fn simple(name: &str, value: &str) -> Vec<u8> {
    el(b"\x67\xC8", &[el(b"\x45\xA3", name.as_bytes()), el(b"\x44\x87", value.as_bytes())].concat())
}

fn tag(targets: &[u8], simple: &[Vec<u8>]) -> Vec<u8> {
    el(TAG, &[el(b"\x63\xC0", targets), simple.concat()].concat())
}

fn crc(body: &[u8]) -> Vec<u8> {
    [el(b"\xBF", &crc32fast::hash(body).to_le_bytes()), body.to_vec()].concat()
}

fn cluster(fill: u8, len: usize) -> Vec<u8> {
    el(CLUSTER, &[el(b"\xE7", &[fill]), el(b"\xA3", &vec![fill; len])].concat())
}

/// A SeekHead whose places have two bytes, and Cues whose places have `width`.
fn seek_head(places: &[(&[u8], usize)]) -> Vec<u8> {
    let seek = |(id, place): &(&[u8], usize)| {
        el(b"\x4D\xBB", &[el(b"\x53\xAB", id), el(b"\x53\xAC", &(*place as u16).to_be_bytes())].concat())
    };
    el(SEEK_HEAD, &places.iter().map(seek).collect::<Vec<_>>().concat())
}

fn cues(places: &[usize], width: usize) -> Vec<u8> {
    let cue = |place: &usize| {
        let place = el(b"\xF1", &place.to_be_bytes()[8 - width..]);
        el(b"\xBB", &[el(b"\xB3", &[0]), el(b"\xB7", &[el(b"\xF7", &[1]), place].concat())].concat())
    };
    el(CUES, &places.iter().map(cue).collect::<Vec<_>>().concat())
}

/// How a file is put together.
#[derive(Clone, Default)]
struct Plan {
    /// Free space after the SeekHead.
    spare: usize,
    /// Bytes of a block.
    block: usize,
    /// Bytes of the places in Cues.
    width: usize,
    /// Tags, and whether they stand after the Clusters.
    tags: Option<(Vec<u8>, bool)>,
    /// The size of the Segment is not known.
    open: bool,
    /// Cues stand before the Clusters.
    early: bool,
}

fn file(plan: &Plan) -> Vec<u8> {
    let info =
        el(INFO, &[el(b"\x7B\xA9", b"Title"), el(b"\x4D\x80", b"mux"), el(b"\x57\x41", b"app")].concat());
    let clusters = [cluster(1, plan.block), cluster(2, plan.block), cluster(3, plan.block)];
    let tags = plan.tags.clone().unwrap_or_default();
    let spare = if plan.spare == 0 { Vec::new() } else { void(plan.spare) };
    let mut places = [0; 6];
    // The lengths do not depend on the places, so the second round has them right.
    for _ in 0..2 {
        let mut seeks = vec![(INFO, places[0]), (CUES, places[1])];
        if plan.tags.is_some() {
            seeks.push((TAGS, places[2]));
        }
        let cues = (1, cues(&places[3..], plan.width));
        let mut parts = vec![(9, seek_head(&seeks)), (9, spare.clone()), (0, info.clone())];
        parts.extend(plan.early.then(|| cues.clone()));
        parts.extend((!tags.1).then(|| (2, tags.0.clone())));
        parts.extend(clusters.iter().cloned().enumerate().map(|(at, one)| (at + 3, one)));
        parts.extend((!plan.early).then_some(cues));
        parts.extend(tags.1.then(|| (2, tags.0.clone())));
        let mut at = 0;
        for (name, part) in &parts {
            if let Some(place) = places.get_mut(*name) {
                *place = at;
            }
            at += part.len();
        }
        let body: Vec<u8> = parts.into_iter().flat_map(|(_, part)| part).collect();
        let size = if plan.open {
            OPEN.to_vec()
        } else {
            [&[0x10], &(body.len() as u32).to_be_bytes()[1..]].concat()
        };
        let bytes = [ebml(b"matroska"), SEGMENT.to_vec(), size, body].concat();
        if places[4] > 0 && at > 0 && check(&bytes).is_ok() {
            return bytes;
        }
    }
    panic!("a plan that does not hold");
}

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()), "{:?}", asset.layout);
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
    let found = keys(&out);
    let own: Vec<_> = found.iter().filter(|(_, key, ..)| key == "AIGC").collect();
    assert_eq!(own, [&(Carrier::Field, "AIGC".to_owned(), "SimpleTag", value.to_owned())]);
    for old in keys(bytes).iter().filter(|(_, key, ..)| key != "AIGC") {
        assert!(found.contains(old), "{old:?} is lost");
    }
    assert_eq!(essence(bytes), essence(&out), "coded bytes changed");
    out
}

fn essence(bytes: &Vec<u8>) -> Vec<u8> {
    let asset = open(bytes);
    let coded = asset.layout.segments.iter().filter(|one| one.role == Role::Essence);
    coded.flat_map(|one| bytes[one.span.start as usize..one.span.end as usize].to_vec()).collect()
}

fn clusters_at(bytes: &Vec<u8>) -> Vec<u64> {
    let asset = open(bytes);
    let found = asset.layout.segments.iter().filter(|one| one.name == *b"Clus");
    found.map(|one| one.span.start).collect()
}

fn encoder() -> Vec<u8> {
    el(TAGS, &tag(&[], &[simple("ENCODER", "Lavf")]))
}

#[test]
fn every_text_is_found_with_its_level() {
    let nested =
        el(b"\x67\xC8", &[el(b"\x45\xA3", b"OUT"), el(b"\x44\x87", b"o"), simple("IN", "i")].concat());
    let late_name = el(b"\x67\xC8", &[el(b"\x44\x87", b"v"), el(b"\x45\xA3", b"LATE\0")].concat());
    let binary = el(b"\x67\xC8", &[el(b"\x45\xA3", b"BIN"), el(b"\x44\x85", b"b")].concat());
    let level = |level: u8| el(b"\x68\xCA", &[level]);
    let no_targets = el(TAG, &simple("BARE", "n"));
    // mkvmerge writes the targets after the tags.
    let behind = el(TAG, &[simple("TRACK", "t"), el(b"\x63\xC0", &el(b"\x63\xC5", &[7]))].concat());
    let tags = el(
        TAGS,
        &[
            tag(&level(50), &[nested, late_name, binary]),
            tag(&level(30), &[simple("PART", "p")]),
            no_targets,
            behind,
        ]
        .concat(),
    );
    let attachment = [
        el(b"\x46\x7E", b"about"),
        el(b"\x46\x6E", b"a.xmp"),
        el(b"\x46\x60", b"application/rdf+xml"),
        el(b"\x46\x5C", b"<x/>"),
    ];
    let attachments = el(b"\x19\x41\xA4\x69", &el(b"\x61\xA7", &attachment.concat()));
    let tracks =
        el(b"\x16\x54\xAE\x6B", &el(b"\xAE", &[el(b"\xD7", &[1]), el(b"\x53\x6E", b"Voice")].concat()));
    let atom = el(b"\xB6", &el(b"\x80", &el(b"\x85", b"Intro")));
    let chapters =
        el(b"\x10\x43\xA7\x70", &el(b"\x45\xB9", &el(b"\xB6", &[el(b"\x73\xC4", &[1]), atom].concat())));
    let info = el(INFO, &[el(b"\x7B\xA9", b"T"), el(b"\x57\x41", b"app")].concat());
    let body = [info, tracks, chapters, attachments, tags, cluster(1, 9)].concat();
    let bytes = [ebml(b"webm"), el(SEGMENT, &body)].concat();
    assert_eq!(open(&bytes).format.name, "webm");
    let field = |key: &str, place, value: &str| (Carrier::Field, key.to_owned(), place, value.to_owned());
    let other = "SimpleTag of another level";
    assert_eq!(
        keys(&bytes),
        [
            field("Title", "Info element", "T"),
            field("WritingApp", "Info element", "app"),
            field("Name", "TrackEntry element", "Voice"),
            field("ChapString", "ChapterDisplay element", "Intro"),
            field("FileDescription", "AttachedFile element", "about"),
            field("FileName", "AttachedFile element", "a.xmp"),
            field("FileMediaType", "AttachedFile element", "application/rdf+xml"),
            (Carrier::Xmp, String::new(), "AttachedFile element", "<x/>".to_owned()),
            field("OUT", "SimpleTag", "o"),
            field("IN", "SimpleTag in a SimpleTag", "i"),
            field("LATE", "SimpleTag", "v"),
            (Carrier::Blob, "BIN".to_owned(), "SimpleTag", "b".to_owned()),
            field("PART", other, "p"),
            field("BARE", "SimpleTag", "n"),
            field("TRACK", other, "t"),
        ]
    );
}

#[test]
fn the_type_decides_which_of_the_two_it_is() {
    let named = |doc_type: &[u8]| {
        let bytes = [ebml(doc_type), el(SEGMENT, &cluster(0, 1))].concat();
        crate::recognize(&bytes, Some("a.mkv")).map(|format| format.name)
    };
    assert_eq!(named(b"matroska"), Ok("mkv"));
    assert_eq!(named(b"matroska\0\0"), Ok("mkv"), "padded");
    assert_eq!(named(b"webm"), Ok("webm"));
    assert!(named(b"another").is_err());
    let unsaid = [el(b"\x1A\x45\xDF\xA3", &[]), el(SEGMENT, &cluster(0, 1))].concat();
    assert_eq!(open(&unsaid).format.name, "mkv", "the default");
}

fn tag_of(value: &str) -> Vec<u8> {
    el(TAGS, &tag(&[], &[simple("A", value)]))
}
