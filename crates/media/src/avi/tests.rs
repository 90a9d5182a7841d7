//! Tests of AVI reading and writing, on files built by hand.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use crate::{Asset, Body, Carrier, Draft, Piece};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes.extend(vec![0; body.len() % 2]);
    bytes
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[kind.to_vec(), chunks.concat()].concat())
}

fn riff(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"RIFF", &[kind.to_vec(), chunks.concat()].concat())
}

/// How a file is put together.
#[derive(Clone, Copy, Default)]
struct Plan {
    /// Bytes of free space before the media, its header included.
    junk: usize,
    /// There is a list of texts before the media.
    info: bool,
    /// The old index counts from the start of the file.
    absolute: bool,
}

/// A file with both kinds of index, and a second list of media behind the first RIFF list.
fn file(plan: Plan) -> Vec<u8> {
    let frame = |fill: u8| chunk(b"00dc", &[fill; 9]);
    let (mut first, mut second, mut movi, mut last) = (0u64, 0u64, 0u64, 0u64);
    for _ in 0..2 {
        let inner = |base: u64| {
            let head = [&[2, 0, 0, 1, 1, 0, 0, 0][..], b"00dc", &base.to_le_bytes(), &[0; 4]].concat();
            chunk(b"ix00", &[head, [8, 0, 0, 0, 9, 0, 0, 0].to_vec()].concat())
        };
        let entry = |at: u64| [&at.to_le_bytes()[..], &32u32.to_le_bytes(), &1u32.to_le_bytes()].concat();
        let indx = [&[4, 0, 0, 0, 2, 0, 0, 0][..], b"00dc", &[0; 12], &entry(first), &entry(second)].concat();
        let strl =
            list(b"strl", &[chunk(b"strh", &[0; 56]), chunk(b"strn", b"Camera\0"), chunk(b"indx", &indx)]);
        let hdrl = list(b"hdrl", &[chunk(b"avih", &[0; 56]), strl, chunk(b"IDIT", b"today\0")]);
        let mut front = vec![hdrl];
        front.extend(plan.info.then(|| list(b"INFO", &[chunk(b"ISFT", b"Lavf\0")])));
        front.extend((plan.junk > 0).then(|| chunk(b"JUNK", &vec![0; plan.junk - 8])));
        let start = 12 + front.concat().len() as u64;
        movi = start + 8;
        let media = list(b"movi", &[frame(1), frame(2), inner(movi)]);
        first = movi + 4 + 36;
        let place =
            |at: u64| u32::try_from(if plan.absolute { movi + at } else { at }).unwrap().to_le_bytes();
        let idx = |at: u64| [*b"00dc", [16, 0, 0, 0], place(at), [9, 0, 0, 0]].concat();
        let one = riff(b"AVI ", &[front.concat(), media, chunk(b"idx1", &[idx(4), idx(22)].concat())]);
        last = one.len() as u64 + 12 + 8;
        second = last + 4 + 18;
        let two = riff(b"AVIX", &[list(b"movi", &[frame(3), inner(last)])]);
        let bytes = [one, two].concat();
        if check(&bytes).is_ok() {
            return bytes;
        }
    }
    panic!("a plan that does not hold: {first} {second} {movi} {last}");
}

/// Reads the indices with a reader of its own: each place must be that of what it tells of.
fn check(bytes: &[u8]) -> Result<(), String> {
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let find = |what: &[u8]| bytes.windows(what.len()).position(|part| part == what).unwrap();
    let is = |at: usize, what: &[u8]| bytes.get(at..at + what.len()) == Some(what);
    let size = u32_at(4) + 8;
    if !is(size, b"RIFF") || size + 8 + u32_at(size + 4) != bytes.len() {
        return Err("sizes of the RIFF lists".to_owned());
    }
    let indx = find(b"indx") + 8;
    for entry in 0..2 {
        let inner = u64_at(indx + 24 + 16 * entry);
        if !is(inner, b"ix00") {
            return Err(format!("indx has an index at {inner}"));
        }
        let frame = u64_at(inner + 8 + 12) + u32_at(inner + 8 + 24);
        if !is(frame - 4, b"00dc") && !is(frame - 8, b"movi") && !is(frame - 4, b"\x09\0\0\0") {
            return Err(format!("ix00 has a frame at {frame}"));
        }
        if !is(u64_at(inner + 20), b"movi") {
            return Err("ix00 has another base than it had".to_owned());
        }
    }
    let (idx1, movi) = (find(b"idx1") + 8, find(b"movi"));
    for entry in 0..2 {
        let place = u32_at(idx1 + 16 * entry + 8);
        if !is(place, b"00dc") && !is(movi + place, b"00dc") {
            return Err(format!("idx1 has a frame at {place}"));
        }
    }
    Ok(())
}

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()));
    assert_eq!(asset.format.name, "avi");
    asset
}

fn keys(bytes: &Vec<u8>) -> Vec<(Carrier, String, &'static str, Vec<u8>)> {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let read = |one| asset.read(one).unwrap();
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
    let own = (Carrier::Field, "AIGC".to_owned(), "LIST INFO chunk", [value.as_bytes(), b"\0"].concat());
    assert_eq!(found.iter().filter(|(_, key, ..)| key == "AIGC").collect::<Vec<_>>(), [&own]);
    for old in keys(bytes).iter().filter(|(_, key, ..)| key != "AIGC") {
        assert!(found.contains(old), "{old:?} is lost");
    }
    out
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|part| part == what).unwrap()
}

#[test]
fn every_text_is_found_and_nothing_else() {
    let hdrl = list(
        b"hdrl",
        &[chunk(b"avih", &[0; 56]), list(b"strl", &[chunk(b"strn", b"Camera\0")]), chunk(b"IDIT", b"today")],
    );
    let bytes = riff(
        b"AVI ",
        &[
            hdrl,
            list(b"INFO", &[chunk(b"ISFT", b"Lavf\0")]),
            list(b"exif", &[chunk(b"ecor", b"Canon")]),
            chunk(b"JUNK", b"AIGC"),
            list(b"movi", &[chunk(b"00dc", b"AIGC")]),
            chunk(b"idx1", &[]),
            chunk(b"AIGC", b"{}"),
            chunk(b"_PMX", b"<x/>"),
            chunk(b"C2PA", b"jumb"),
        ],
    );
    let field = |key: &str, place, value: &[u8]| (Carrier::Field, key.to_owned(), place, value.to_vec());
    assert_eq!(
        keys(&bytes),
        [
            field("IDIT", "hdrl LIST chunk", b"today"),
            field("strn", "hdrl LIST chunk", b"Camera\0"),
            field("ISFT", "LIST INFO chunk", b"Lavf\0"),
            field("ecor", "LIST chunk", b"Canon"),
            field("AIGC", "RIFF chunk", b"{}"),
            (Carrier::Xmp, String::new(), "RIFF chunk", b"<x/>".to_vec()),
            (Carrier::Manifest, String::new(), "RIFF chunk", b"jumb".to_vec()),
        ]
    );
}

#[test]
fn every_place_still_holds_however_the_file_is_put_together() {
    for junk in [0, 8, 10, 40, 42, 44, 46, 48, 50, 200] {
        for info in [false, true] {
            for absolute in [false, true] {
                let bytes = file(Plan { junk, info, absolute });
                let first = label(&bytes, "{\"Label\":\"1\"}");
                check(&first).unwrap();
                assert!(find(&first, b"AIGC") < find(&first, b"movi"), "before the media");
                if junk == 200 {
                    assert_eq!(find(&first, b"movi"), find(&bytes, b"movi"), "free space is used");
                    assert_eq!(first.len(), bytes.len());
                }
                let longer = label(&first, &"long ".repeat(60));
                check(&longer).unwrap();
                let shorter = label(&longer, "s");
                check(&shorter).unwrap();
                let at = open(&shorter).layout.packets.iter().position(|one| one.key == "AIGC").unwrap();
                let bare = changed(&shorter, |draft| draft.remove(at));
                check(&bare).unwrap();
                assert_eq!(keys(&bare), keys(&bytes));
            }
        }
    }
}

#[test]
fn chunks_of_their_own_are_replaced_and_taken_out() {
    let bytes = riff(b"AVI ", &[list(b"movi", &[chunk(b"00dc", b"ab")]), chunk(b"AIGC", b"old")]);
    let longer = changed(&bytes, |draft| draft.replace(0, b"longer".to_vec()));
    assert_eq!(keys(&longer)[0].3, b"longer");
    assert_eq!(longer[4..8], u32::try_from(longer.len() - 8).unwrap().to_le_bytes());
    let bare = changed(&bytes, |draft| draft.remove(0));
    assert_eq!(bare, riff(b"AVI ", &[list(b"movi", &[chunk(b"00dc", b"ab")])]));
}

#[test]
fn a_key_that_is_no_free_chunk_type_is_refused() {
    let bytes = file(Plan::default());
    let asset = open(&bytes);
    for key in ["AIG", "AIGCC", "movi ", "JUNK", "LIST", "00dc"] {
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, key, b"{}".to_vec());
        assert!(matches!(draft.render().unwrap_err().problem, Problem::Unsupported(_)), "{key}");
    }
}

#[test]
fn a_file_that_ends_anywhere_is_damaged() {
    let bytes = file(Plan { junk: 40, info: true, absolute: false });
    let first = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize + 8;
    for len in 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        let Ok(asset) = Asset::open(&cut, Some("a.avi"), &Limits::default()) else { continue };
        assert!(asset.layout.tiles(cut.size()), "{len}");
        // What follows the first RIFF list without being one is not known to be part of the file.
        let stray = (first..first + 12).contains(&len);
        assert_eq!(asset.layout.damage.is_none(), stray, "{len}");
    }
}

#[test]
fn lengths_of_zero_and_of_all_ones_break_nothing() {
    let bytes = file(Plan { junk: 40, info: true, absolute: true });
    for at in 0..bytes.len() {
        for patch in [&[0; 4][..], &[0xFF; 4], &[0xFF, 0xFF, 0xFF, 0x7F], &[1, 0, 0, 0], &[0xFF; 8]] {
            let mut bent = bytes.clone();
            for (place, value) in bent[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
            assert!(asset.layout.tiles(bent.size()));
            let mut draft = Draft::new(&asset);
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            if let Ok(out) = draft.render() {
                let _ = out.to_bytes().unwrap();
            }
        }
    }
}

#[test]
fn a_broken_list_is_told_of_and_hides_nothing_behind_it() {
    let broken = list(b"exif", &[b"ecor\xFF\0\0\0x\0".to_vec()]);
    let bytes = riff(b"AVI ", &[broken, list(b"movi", &[]), chunk(b"AIGC", b"{}")]);
    let asset = open(&bytes);
    assert!(matches!(asset.layout.packets[0].body, Body::Broken(_)));
    assert_eq!(asset.layout.packets[1].key, "AIGC");
}

#[test]
fn media_whose_size_was_never_set_run_to_the_end() {
    let movi = [b"LIST\xFF\xFF\xFF\xFFmovi".to_vec(), chunk(b"00dc", b"ab"), chunk(b"01wb", b"cd")].concat();
    let bytes = [b"RIFF\xFF\xFF\xFF\xFFAVI ".to_vec(), movi, chunk(b"idx1", &[0; 16])].concat();
    let out = label(&bytes, "{}");
    assert_eq!(out[..12], bytes[..12]);
    let names = |bytes: &Vec<u8>| open(bytes).layout.segments.iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(&out), [*b"RIFF", *b"INFO", *b"movi", *b"00dc", *b"idx1"]);
}

#[test]
fn numbers_have_limits() {
    let limits = Limits { segments: 10, ..Limits::default() };
    let many = riff(b"AVI ", &vec![chunk(b"abcd", b""); 50]);
    let damage = Asset::open(&many, None, &limits).unwrap().layout.damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { limit: 10, .. }));
    let many = riff(b"AVI ", &[list(b"hdrl", &vec![list(b"strl", &[]); 100])]);
    assert!(open(&many).layout.damage.is_some());
}

#[test]
fn four_gigabytes_are_labelled_with_a_few_bytes_read_and_written() {
    let media = u32::MAX - 4000;
    let media = media - media % 2;
    let front = [list(b"hdrl", &[chunk(b"avih", &[0; 56])]), chunk(b"JUNK", &[0; 1016])].concat();
    let size = 4 + front.len() as u64 + 8 + u64::from(media);
    let head = [
        b"RIFF".to_vec(),
        u32::try_from(size).unwrap().to_le_bytes().to_vec(),
        b"AVI ".to_vec(),
        front,
        [b"LIST", &media.to_le_bytes()[..], b"movi"].concat(),
    ];
    let file = CountedFile::padded(head.concat(), size + 8);
    let asset = open(&file);
    assert_eq!(asset.layout.damage, None);
    for (len, fits) in [(200, true), (2000, true), (4000, false)] {
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "AIGC", vec![b'x'; len]);
        match draft.render() {
            Ok(out) => {
                let new: u64 =
                    out.pieces().iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum();
                assert!(fits && new < 2200, "{new}");
            }
            Err(err) => assert!(!fits && matches!(err.problem, Problem::OverLimit { .. }), "{err}"),
        }
    }
    let read = file.read();
    assert!(read < 100_000, "{read}");
}

/// A file with sound and then pictures, coded as these letters say.
fn coded(code: &[u8; 4], behind: &[u8], media: Vec<u8>) -> Vec<u8> {
    let strl = |kind: &[u8; 4], format: &[u8]| {
        list(b"strl", &[chunk(b"strh", &[&kind[..], &[0; 52]].concat()), chunk(b"strf", format)])
    };
    let format = [&[0; 16][..], code, &[0; 20], behind].concat();
    let hdrl = list(b"hdrl", &[chunk(b"avih", &[0; 56]), strl(b"auds", &[0; 18]), strl(b"vids", &format)]);
    riff(b"AVI ", &[hdrl, media])
}

fn messages(bytes: &Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, Problem> {
    crate::sei::texts(&open(bytes))
}

#[test]
fn what_an_encoder_wrote_beside_the_first_picture_is_read() {
    let message = [&[6, 5, 20][..], &[0xAB; 16], b"text", &[0x80]].concat();
    let codes = [&[0, 0, 0, 1][..], &message, &[0, 0, 1, 0x65, 9, 9]].concat();
    let lengths = [&[0, 24][..], &message, &[0, 2, 0x65, 9]].concat();
    let movi = |picture: &[u8]| list(b"movi", &[chunk(b"00wb", b"sound"), chunk(b"01dc", picture)]);
    let within = list(b"movi", &[list(b"rec ", &[chunk(b"00wb", b"sound"), chunk(b"01dc", &codes)])]);
    let mut open = movi(&codes);
    open[4..8].fill(0xFF);
    for (name, bytes) in [
        ("start codes", coded(b"H264", b"", movi(&codes))),
        ("lengths", coded(b"avc1", &[1, 100, 0, 30, 0xFD, 0xE0], movi(&lengths))),
        ("in a record", coded(b"X264", b"", within)),
        ("in a list without a size", coded(b"h264", b"", open)),
    ] {
        assert_eq!(messages(&bytes).unwrap().unwrap(), [b"text"], "{name}");
    }
    assert_eq!(messages(&coded(b"MJPG", b"", movi(&codes))).unwrap(), None);
    assert!(messages(&coded(b"XVID", b"", movi(&codes))).is_err(), "its coding is not known here");
    assert!(messages(&coded(b"H264", b"", list(b"movi", &[chunk(b"00wb", b"sound")]))).is_err());
}
