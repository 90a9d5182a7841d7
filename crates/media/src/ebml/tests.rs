//! Tests of Matroska and WebM reading and writing, on files built by hand.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use crate::counted_file::CountedFile;
use crate::{Asset, Carrier, Changes, Draft, Ends, NewContent, Piece, Role};
use indicia_core::{Limits, Problem, Source};

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

fn vint(bytes: &[u8], keep: bool) -> (u64, usize) {
    let len = bytes[0].leading_zeros() as usize + 1;
    let number = bytes[..len].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (if keep { number } else { number & ((1 << (7 * len)) - 1) }, len)
}

/// Reads a file with a reader of its own: every place in SeekHead and Cues must be that of an element of the kind
/// it names, every Cluster must be told of in order, and checksums must fit. Gives the elements' IDs.
fn check(bytes: &[u8]) -> Result<Vec<u64>, String> {
    fn walk(bytes: &[u8], from: usize, to: usize, see: &mut dyn FnMut(u64, usize, usize, usize)) {
        let mut at = from;
        while at < to {
            let (id, id_len) = vint(&bytes[at..], true);
            let (size, size_len) = vint(&bytes[at + id_len..], false);
            let start = at + id_len + size_len;
            let open = size == (1 << (7 * size_len)) - 1;
            let end = if open { to } else { start + size as usize };
            assert!(end <= to, "element {id:X} at {at} of {size} bytes ends at {end} past {to}");
            see(id, at, start, end);
            at = end;
        }
    }
    let mut ids = Vec::new();
    let mut wrong = Vec::new();
    let mut cue_targets = Vec::new();
    let mut segment = (0, 0);
    walk(bytes, 0, bytes.len(), &mut |id, _, start, end| {
        if id == 0x18538067 {
            segment = (start, end);
        }
    });
    let base = segment.0;
    let uint = |start: usize, end: usize| {
        bytes[start..end].iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let mut seek = |from, to| {
        let (mut name, mut place) = (0, 0);
        walk(bytes, from, to, &mut |id, _, start, end| match id {
            0x53AB => name = uint(start, end),
            0x53AC => place = uint(start, end),
            _ => {}
        });
        let there = bytes.get(base + place..).map_or(0, |rest| vint(rest, true).0);
        if there != name as u64 {
            wrong.push(format!("SeekHead has {name:X} at {place}, where {there:X} stands"));
        }
    };
    let mut cue = |from, to| {
        walk(bytes, from, to, &mut |id, _, start, end| {
            if id == 0xB7 {
                walk(bytes, start, end, &mut |id, _, start, end| {
                    if id == 0xF1 {
                        cue_targets.push(base + uint(start, end));
                    }
                });
            }
        });
    };
    let mut clusters = Vec::new();
    walk(bytes, base, segment.1, &mut |id, at, start, end| {
        ids.push(id);
        match id {
            0x1F43B675 => clusters.push(at),
            0x114D9B74 => walk(bytes, start, end, &mut |id, _, start, end| {
                if id == 0x4DBB {
                    seek(start, end);
                }
            }),
            0x1C53BB6B => walk(bytes, start, end, &mut |_, _, start, end| cue(start, end)),
            _ => {}
        }
        if bytes[start..end].starts_with(b"\xBF\x84") {
            let sum = crc32fast::hash(&bytes[start + 6..end]).to_le_bytes();
            assert_eq!(bytes[start + 2..start + 6], sum, "checksum in {id:X}");
        }
    });
    if cue_targets != clusters {
        wrong.push(format!("Cues have {cue_targets:?}, Clusters stand at {clusters:?}"));
    }
    if wrong.is_empty() { Ok(ids) } else { Err(wrong.join("; ")) }
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

#[test]
fn every_place_still_holds_however_the_file_is_put_together() {
    let mut tried = 0;
    for spare in [0, 2, 21, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 90, 127, 128, 129, 130, 131, 400] {
        for tags in [None, Some((encoder(), false)), Some((encoder(), true))] {
            for (open, early) in [(false, false), (true, false), (false, true), (true, true)] {
                // The second Cluster stands just before 256, so that its place grows by a byte.
                for (block, width) in [(9, 1), (20, 2), (90, 2), (9, 8)] {
                    let plan = Plan { spare, block, width, tags: tags.clone(), open, early };
                    let built = std::panic::catch_unwind(|| file(&plan));
                    let Ok(bytes) = built else { continue };
                    let first = label(&bytes, "{\"Label\":\"1\"}");
                    let ids = check(&first).unwrap();
                    let tags_at = ids.iter().position(|id| *id == 0x1254C367).unwrap();
                    let cluster_at = ids.iter().position(|id| *id == 0x1F43B675).unwrap();
                    assert!(tags_at < cluster_at, "tags before the Clusters");
                    // Longer, shorter, gone.
                    let longer = label(&first, &"long ".repeat(60));
                    check(&longer).unwrap();
                    let shorter = label(&longer, "s");
                    check(&shorter).unwrap();
                    assert_eq!(
                        clusters_at(&longer),
                        clusters_at(&shorter),
                        "free space takes up what is freed"
                    );
                    let at = open_index(&shorter, "AIGC");
                    let bare = changed(&shorter, |draft| draft.remove(at));
                    check(&bare).unwrap();
                    assert_eq!(keys(&bare), keys(&bytes));
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

fn open_index(bytes: &Vec<u8>, key: &str) -> usize {
    open(bytes).layout.packets.iter().position(|one| one.key == key).unwrap()
}

#[test]
fn free_space_keeps_the_clusters_where_they_were() {
    for (spare, tags) in [(200, None), (200, Some((encoder(), false))), (200, Some((encoder(), true)))] {
        let plan = Plan { spare, block: 9, width: 2, tags: tags.clone(), ..Plan::default() };
        let bytes = file(&plan);
        let out = label(&bytes, "{\"Label\":\"1\"}");
        assert!(out.len() <= bytes.len());
        assert_eq!(clusters_at(&out), clusters_at(&bytes));
        // Tags that were not told of before are told of now.
        let told = check(&out).unwrap();
        assert_eq!(told.iter().filter(|id| **id == 0x1254C367).count(), 1);
        assert!(out.windows(7).any(|seven| seven == b"\x53\xAB\x84\x12\x54\xC3\x67"), "{spare}");
    }
}

#[test]
fn a_place_that_grows_over_its_width_gets_a_wider_one() {
    // The last Cluster starts at 255 or less, and moves past it.
    let plan = Plan { block: 40, width: 1, tags: Some((encoder(), false)), ..Plan::default() };
    let bytes = file(&plan);
    assert!(bytes.windows(3).filter(|three| three[..2] == *b"\xF1\x81").count() >= 3);
    let out = label(&bytes, &"x".repeat(100));
    check(&out).unwrap();
    assert!(out.windows(2).any(|two| two == b"\xF1\x82"), "a wider place");
}

#[test]
fn checksums_are_made_anew() {
    let tags = el(TAGS, &crc(&tag(&[], &[simple("A", "b")])));
    let seeks = crc(&seek_head(&[(TAGS, 0)])[5..]);
    let head = el(SEEK_HEAD, &seeks);
    let at = head.len();
    let head = el(SEEK_HEAD, &crc(&seek_head(&[(TAGS, at)])[5..]));
    // Everything that tells of a Cluster is in Cues; there are none here.
    let body = [head, tags].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    check(&bytes).unwrap();
    let out = label(&bytes, "{}");
    check(&out).unwrap();
    assert_eq!(out.windows(2).filter(|two| *two == b"\xBF\x84").count(), 2);
}

#[test]
fn a_checksum_over_the_whole_segment_becomes_free_space() {
    let body = [tag_of("x"), cluster(1, 9)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &crc(&body))].concat();
    let out = label(&bytes, "{}");
    let at = usize::try_from(open(&out).layout.segments[1].span.end).unwrap();
    assert_eq!(out[at..at + 2], [0xEC, 0x84], "{:X?}", &out[at..at + 8]);
}

fn tag_of(value: &str) -> Vec<u8> {
    el(TAGS, &tag(&[], &[simple("A", value)]))
}

#[test]
fn clusters_that_tell_of_their_own_place_tell_the_new_one() {
    let cluster =
        |place: u8| el(CLUSTER, &[el(b"\xE7", &[1]), el(b"\xA7", &[0, place]), el(b"\xA3", b"abc")].concat());
    let tags = tag_of("x");
    let (first, len) = (tags.len(), cluster(0).len());
    let body = [tags, cluster(first as u8), cluster((first + len) as u8)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "AIGC", b"{}".to_vec()));
    let base = open(&out).layout.segments[1].span.end;
    for start in clusters_at(&out) {
        let at = usize::try_from(start).unwrap() + 5 + 3 + 2;
        assert_eq!(u64::from(u16::from_be_bytes([out[at], out[at + 1]])), start - base);
    }
}

#[test]
fn clusters_of_unknown_size_are_stepped_over() {
    let live = |fill| [CLUSTER, OPEN, &el(b"\xE7", &[fill]), &el(b"\xA3", &[fill; 30])].concat();
    let tail = tag_of("tail");
    let bytes = [ebml(b"webm"), SEGMENT.to_vec(), OPEN.to_vec(), live(1), live(2), tail].concat();
    let names = |bytes: &Vec<u8>| open(bytes).layout.segments.iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(&bytes), [*b"EBML", *b"Segm", *b"Clus", *b"Clus", *b"Tags"]);
    let out = label(&bytes, "{}");
    assert_eq!(names(&out), [*b"EBML", *b"Segm", *b"Tags", *b"Clus", *b"Clus"]);
    // Another file right behind it ends the Segment.
    let two = [bytes.clone(), bytes.clone()].concat();
    assert_eq!(names(&two).iter().filter(|name| **name == *b"Segm").count(), 2);
    assert_eq!(keys(&two).len(), 2);
    let asset = open(&two);
    let mut draft = Draft::new(&asset);
    draft.replace(1, b"x".to_vec());
    assert!(matches!(draft.render().unwrap_err().problem, Problem::Unsupported(_)));
}

#[test]
fn a_segment_whose_size_has_no_room_gets_a_wider_one() {
    let body = [tag_of("x"), cluster(1, 40)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    assert_eq!(bytes[ebml(b"matroska").len() + 4] & 0x80, 0x80, "one byte of size");
    let out = label(&bytes, &"x".repeat(90));
    check(&out).unwrap_err();
    assert_eq!(open(&out).layout.damage, None);
}

#[test]
fn texts_beside_tags_can_be_changed_and_taken_out() {
    let plan = Plan { spare: 60, block: 9, width: 2, tags: Some((encoder(), false)), ..Plan::default() };
    let bytes = file(&plan);
    let (title, app) = (open_index(&bytes, "Title"), open_index(&bytes, "WritingApp"));
    let out = changed(&bytes, |draft| {
        draft.remove(title);
        draft.replace(app, b"another".to_vec());
    });
    check(&out).unwrap();
    let found: Vec<_> = keys(&out).into_iter().map(|(_, key, _, value)| (key, value)).collect();
    let expected = [("MuxingApp", "mux"), ("WritingApp", "another"), ("ENCODER", "Lavf")];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(out.len(), bytes.len());
    // What a Segment must have is emptied, not taken out.
    let out = changed(&bytes, |draft| draft.remove(app));
    assert!(keys(&out).contains(&(Carrier::Field, "WritingApp".to_owned(), "Info element", String::new())));
}

#[test]
fn the_last_tag_taken_out_leaves_neither_tags_nor_an_entry_for_them() {
    for late in [false, true] {
        let plan = Plan { spare: 60, block: 9, width: 2, tags: Some((encoder(), late)), ..Plan::default() };
        let bytes = file(&plan);
        let at = open_index(&bytes, "ENCODER");
        let out = changed(&bytes, |draft| draft.remove(at));
        let ids = check(&out).unwrap();
        assert!(!ids.contains(&0x1254C367));
        assert!(!out.windows(4).any(|four| four == b"Lavf"), "nothing of it is left");
    }
}

#[test]
fn no_change_gives_the_file_back_and_content_cannot_be_changed() {
    let bytes = file(&Plan { block: 9, width: 2, ..Plan::default() });
    let asset = open(&bytes);
    let splice =
        |changes: &Changes| (asset.format.splice)(&bytes, &asset.layout, changes, &Limits::default());
    let whole = indicia_core::Span { start: 0, end: bytes.size() };
    assert_eq!(splice(&Changes::default()).unwrap(), [Piece::Keep(whole)]);
    let sound = Changes { content: Some(NewContent::Text(Ends::default())), ..Changes::default() };
    assert!(matches!(splice(&sound).unwrap_err().problem, Problem::Unsupported(_)));
}

#[test]
fn a_file_that_ends_anywhere_is_damaged() {
    let bytes =
        file(&Plan { spare: 60, block: 30, width: 2, tags: Some((encoder(), true)), ..Plan::default() });
    for len in 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        if let Ok(asset) = Asset::open(&cut, Some("a.mkv"), &Limits::default()) {
            assert!(asset.layout.tiles(cut.size()), "{len}");
            assert!(asset.layout.damage.is_some(), "{len}");
        }
    }
}

#[test]
fn lengths_of_zero_and_of_all_ones_break_nothing() {
    let bytes =
        file(&Plan { spare: 60, block: 30, width: 2, tags: Some((encoder(), true)), ..Plan::default() });
    let mut damaged = 0;
    for at in 0..bytes.len() {
        for patch in [
            &[0x80][..],
            &[0xFF],
            &[0],
            &[0x40, 0],
            &[0x01; 8],
            &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
            OPEN,
        ] {
            let mut bent = bytes.clone();
            for (place, value) in bent[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
            assert!(asset.layout.tiles(bent.size()));
            damaged += usize::from(asset.layout.damage.is_some());
            let mut draft = Draft::new(&asset);
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            if let Ok(out) = draft.render() {
                open(&out.to_bytes().unwrap());
            }
        }
    }
    assert!(damaged > 500, "{damaged}");
}

#[test]
fn what_is_broken_inside_tags_is_damage_and_hides_nothing_behind_it() {
    let broken = el(TAGS, &el(TAG, b"\x67\xC8\xBF\x00"));
    let bytes =
        [ebml(b"matroska"), el(SEGMENT, &[broken, tag_of("still read"), cluster(1, 3)].concat())].concat();
    let asset = open(&bytes);
    assert!(asset.layout.damage.is_some());
    assert_eq!(asset.layout.packets.len(), 1);
    assert_eq!(asset.layout.segments.last().unwrap().role, Role::Essence);
}

#[test]
fn nesting_and_numbers_have_limits() {
    let mut nested = simple("A", "b");
    for _ in 0..200 {
        nested = el(b"\x67\xC8", &nested);
    }
    let deep = [ebml(b"matroska"), el(SEGMENT, &el(TAGS, &tag(&[], &[nested])))].concat();
    let damage = open(&deep).layout.damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { limit: 64, .. }), "{damage:?}");

    let limits = Limits { segments: 10, ..Limits::default() };
    let many = [ebml(b"matroska"), el(SEGMENT, &void(2).repeat(50))].concat();
    let asset = Asset::open(&many, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 10, .. }));
    let tags = el(TAGS, &tag(&[], &vec![simple("A", "b"); 50]));
    let many = [ebml(b"matroska"), el(SEGMENT, &tags)].concat();
    let asset = Asset::open(&many, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 10, .. }));
    let live = [CLUSTER, OPEN, &el(b"\xA3", b"").repeat(1000)].concat();
    let live = [ebml(b"matroska"), SEGMENT.to_vec(), OPEN.to_vec(), live].concat();
    let asset = Asset::open(&live, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 640, .. }));
}

#[test]
fn five_gigabytes_are_labelled_with_a_few_bytes_read_and_written() {
    let block = 5u64 << 30;
    let wide = |id: &[u8], size: u64| [id, &(size | 1 << 56).to_be_bytes()].concat();
    let cluster = [wide(CLUSTER, block + 9), wide(b"\xA3", block)].concat();
    let front = [tag_of("x"), void(100)].concat();
    let len = front.len() as u64 + cluster.len() as u64 + block;
    let head = [ebml(b"matroska"), wide(SEGMENT, len), front, cluster].concat();
    let size = head.len() as u64 + block;
    let file = CountedFile::padded(head, size);
    let asset = open(&file);
    assert_eq!(asset.layout.damage, None);
    for len in [20, 2000] {
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "AIGC", vec![b'x'; len]);
        let out = draft.render().unwrap();
        let new: u64 =
            out.pieces().iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum();
        assert!(new < 2200, "{new}");
        assert_eq!(out.len() > size, len > 100);
    }
    let read = file.read();
    assert!(read < 100_000, "{read}");
}
