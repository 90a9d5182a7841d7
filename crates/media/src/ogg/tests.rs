//! Whole files: recognized, cut up, put together again.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use super::page::{crc32, lacing};
use crate::{Asset, Carrier, Draft, Role};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// A Vorbis and an Opus file made by ffmpeg and opusenc.
const VORBIS: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/ogg/speech-vorbis.ogg"));
const OPUS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/opus/chords.opus"));

/// A page, put together by hand.
fn page(flags: u8, position: u64, serial: u32, sequence: u32, laces: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = [&b"OggS\0"[..], &[flags], &position.to_le_bytes(), &serial.to_le_bytes()].concat();
    bytes.extend(sequence.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.push(laces.len() as u8);
    bytes.extend([laces, body].concat());
    let crc = crc32(0, &bytes).to_le_bytes();
    bytes[22..26].copy_from_slice(&crc);
    bytes
}

pub(super) fn whole(flags: u8, position: u64, serial: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    page(flags, position, serial, sequence, &lacing(body.len()), body)
}

pub(super) fn tags(texts: &[&str]) -> Vec<u8> {
    let mut body = b"OpusTags\x03\0\0\0enc".to_vec();
    body.extend((texts.len() as u32).to_le_bytes());
    for text in texts {
        body.extend((text.len() as u32).to_le_bytes());
        body.extend(text.as_bytes());
    }
    body
}

pub(super) const HEAD: &[u8] = b"OpusHead\x01\x01\x38\x01\x80\xBB\0\0\0\0\0";

/// An Opus stream whose sound is no Opus.
fn opus(serial: u32, tags: &[u8]) -> Vec<u8> {
    let sound = [whole(0, 960, serial, 2, &[0xF8; 300]), whole(4, 1920, serial, 3, &[0xF8; 20])];
    [whole(2, 0, serial, 0, HEAD), whole(0, 0, serial, 1, tags), sound.concat()].concat()
}

fn open(bytes: &Vec<u8>) -> Asset<'_> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(bytes.size()), "{:?}", asset.layout.segments);
    asset
}

fn labelled(bytes: &Vec<u8>, value: &[u8]) -> Vec<u8> {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", value.to_vec());
    draft.render().unwrap().to_bytes().unwrap()
}

fn values(bytes: &Vec<u8>) -> Vec<(String, String)> {
    let asset = open(bytes);
    let read = |packet| String::from_utf8(asset.read(packet).unwrap()).unwrap();
    asset.layout.packets.iter().map(|packet| (packet.key.clone(), read(packet))).collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn the_checksum_of_a_page_another_program_made() {
    let bytes = VORBIS.to_vec();
    let mut first = bytes[..58].to_vec();
    let crc: [u8; 4] = first[22..26].try_into().unwrap();
    first[22..26].fill(0);
    assert_eq!(crc32(0, &first), u32::from_le_bytes(crc));
}

#[test]
fn the_codec_decides_the_format() {
    assert_eq!(open(&VORBIS.to_vec()).format.name, "ogg");
    assert_eq!(open(&OPUS.to_vec()).format.name, "opus");
    let theora = whole(2, 0, 1, 0, b"\x80theora\x03\x02\x01");
    let film = [theora, whole(2, 0, 2, 0, HEAD), whole(0, 0, 2, 1, &tags(&[]))].concat();
    let refused = Asset::open(&film, None, &Limits::default()).unwrap_err();
    assert_eq!(refused.problem, Problem::Unsupported("video in Ogg"));
    let skeleton = whole(2, 0, 9, 0, b"fishead\0\x03\0");
    let bytes = [skeleton, opus(1, &tags(&["a=b"]))].concat();
    assert_eq!(open(&bytes).format.name, "opus");
    assert_eq!(values(&bytes), [pair("vendor", "enc"), pair("a", "b")]);
}

#[test]
fn as_many_header_pages_leave_all_others_as_they_are() {
    for bytes in [VORBIS.to_vec(), OPUS.to_vec()] {
        let out = labelled(&bytes, b"{\"Label\":\"1\"}");
        let essence = |bytes: &Vec<u8>| {
            let span = open(bytes).layout.segments.iter().find(|one| one.role == Role::Essence).unwrap().span;
            bytes[span.start as usize..span.end as usize].to_vec()
        };
        assert_eq!(essence(&out), essence(&bytes));
        assert!(values(&out).contains(&pair("AIGC", "{\"Label\":\"1\"}")));
        assert_eq!(values(&out).len(), values(&bytes).len() + 1);
        let asset = open(&out);
        let mut draft = Draft::new(&asset);
        let at = draft.packets(Carrier::Field).find(|(_, packet)| packet.key == "AIGC").unwrap().0;
        draft.remove(at);
        let back = draft.render().unwrap().to_bytes().unwrap();
        assert_eq!(values(&back), values(&bytes));
        // What was used up of the room in Opus comments is not given back.
        assert!(open(&back).format.name == "opus" || back == bytes, "taken out again");
    }
}

#[test]
fn opus_padding_is_used_up_and_other_bytes_are_kept() {
    for (after, used) in [(vec![0; 100], true), (vec![1, 2, 3], false), (vec![0; 5], true)] {
        let bytes = opus(7, &[tags(&["a=b"]), after.clone()].concat());
        let out = labelled(&bytes, b"{}");
        let grown = if used { 11_usize.saturating_sub(after.len()) } else { 11 };
        assert_eq!(out.len(), bytes.len() + grown, "{after:?}");
        assert_eq!(out.windows(3).any(|three| three == [1, 2, 3]), !used);
    }
}

#[test]
fn comments_on_more_pages_number_all_later_ones_anew() {
    let other = whole(2, 0, 5, 0, b"fishead\0");
    let bytes = [other, opus(7, &tags(&["a=b"])), whole(4, 0, 5, 1, b"end")].concat();
    let long = "x".repeat(150_000);
    let out = labelled(&bytes, long.as_bytes());
    assert_eq!(values(&out).last().unwrap(), &pair("AIGC", &long));
    assert_eq!(open(&out).layout.damage, None);
    // Every page by hand: numbers of each stream in a row, checksums right.
    let (mut at, mut next, mut flags) = (0, [0_u32; 8], Vec::new());
    while at < out.len() {
        let count = usize::from(out[at + 26]);
        let len: usize = out[at + 27..at + 27 + count].iter().map(|len| usize::from(*len)).sum();
        let mut page = out[at..at + 27 + count + len].to_vec();
        let crc: [u8; 4] = page[22..26].try_into().unwrap();
        page[22..26].fill(0);
        assert_eq!(crc32(0, &page), u32::from_le_bytes(crc));
        let serial = usize::from(page[14]);
        assert_eq!(page[18], next[serial] as u8);
        next[serial] += 1;
        flags.push(page[5]);
        at += page.len();
    }
    assert_eq!(next[7], 4 + 2);
    assert_eq!(flags, [2, 2, 0, 1, 1, 0, 4, 4]);
    assert!(out.ends_with(&bytes[bytes.len() - 30..]));
    // And back to fewer pages.
    let asset = open(&out);
    let mut draft = Draft::new(&asset);
    draft.remove(2);
    let back = draft.render().unwrap().to_bytes().unwrap();
    assert_eq!(values(&back), values(&bytes));
    assert_eq!(open(&back).layout.damage, None);
}

#[test]
fn a_value_that_lies_on_two_pages_is_read() {
    let tags = tags(&[&format!("a={}", "y".repeat(500)), "b=c"]);
    let (one, two) = tags.split_at(510);
    let head = whole(2, 0, 1, 0, HEAD);
    let first = page(0, u64::MAX, 1, 1, &[255, 255], one);
    let second = page(1, 0, 1, 2, &[two.len() as u8], two);
    let bytes = [head, first, second, whole(4, 960, 1, 3, &[0xF8; 9])].concat();
    assert_eq!(values(&bytes), [pair("vendor", "enc"), pair("a", &"y".repeat(500)), pair("b", "c")]);
    let out = labelled(&bytes, b"{}");
    assert_eq!(values(&out)[1..3], values(&bytes)[1..]);
    assert_eq!(open(&out).layout.damage, None);
}

#[test]
fn every_link_of_a_chain_is_read() {
    let bytes = [opus(1, &tags(&["a=b"])), opus(2, &tags(&["AIGC={}"]))].concat();
    assert_eq!(values(&bytes)[3], pair("AIGC", "{}"));
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    draft.replace(3, b"{\"Label\":\"1\"}".to_vec());
    draft.set(Carrier::Field, "c", b"d".to_vec());
    let out = draft.render().unwrap().to_bytes().unwrap();
    let expected = [opus(1, &tags(&["a=b", "c=d"])), opus(2, &tags(&["AIGC={\"Label\":\"1\"}"]))].concat();
    assert_eq!(out, expected);
}

#[test]
fn a_stream_of_a_manifest_is_one() {
    let bytes = [whole(2, 0, 3, 0, b"\0c2pa\x01\0"), opus(1, &tags(&[]))].concat();
    let asset = open(&bytes);
    assert!(asset.layout.packets.iter().any(|packet| packet.carrier == Carrier::Manifest));
}

#[test]
fn wrong_checksums_junk_and_missing_ends_are_damage() {
    let bytes = opus(1, &[tags(&["AIGC={}"])].concat());
    let mut bent = bytes.clone();
    bent[47 + 28 + 12] ^= 1; // in the comments
    assert!(open(&bent).layout.damage.is_some());
    let mut junk = bytes.clone();
    junk.extend(b"TAG and something");
    assert_eq!(open(&junk).layout.damage, None);
    assert_eq!(open(&junk).layout.segments.last().unwrap().role, Role::Unknown);
    let last = bytes.len() - 48;
    let open_ended = bytes[..last].to_vec();
    assert_eq!(open(&open_ended).layout.damage.clone().unwrap().problem, Problem::Truncated);
    // Pages in the wrong place are seen where they would have to be numbered anew.
    let torn =
        [&bytes[..bytes.len() - 48 - 329], b"junk between pages", &bytes[bytes.len() - 48 - 329..]].concat();
    let asset = open(&torn);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "a", vec![b'x'; 70_000]);
    assert!(draft.render().is_err());
}

#[test]
fn a_file_cut_anywhere_is_damaged_and_its_comments_are_still_read() {
    let bytes = opus(1, &tags(&["AIGC={}"]));
    for cut in 28..bytes.len() {
        let part = bytes[..cut].to_vec();
        let Ok(asset) = Asset::open(&part, None, &Limits::default()) else {
            assert!(cut < 47, "{cut}");
            continue;
        };
        assert!(asset.layout.damage.is_some(), "{cut}");
        assert!(asset.layout.tiles(cut as u64), "{cut}");
        if cut >= 47 + 28 + 30 {
            assert!(values(&part).contains(&pair("AIGC", "{}")), "{cut}");
        }
    }
}

#[test]
fn bent_pages_never_stop_the_program() {
    for bytes in [VORBIS.to_vec(), OPUS.to_vec(), opus(1, &tags(&["a=b"]))] {
        let places = (0..bytes.len()).filter(|at| *at < 300 || at % 97 == 0);
        for at in places {
            for value in [0, 0xFF, bytes[at] ^ 1] {
                let mut bent = bytes.clone();
                bent[at] = value;
                let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
                assert!(asset.layout.tiles(bent.size()), "{at}");
                for packet in &asset.layout.packets {
                    let _ = asset.read(packet);
                }
                let mut draft = Draft::new(&asset);
                draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
                let _ = draft.render();
                let mut values = Vec::new();
                // Setting a decoder up takes ten times as long as all of the rest.
                if at % 11 == 0
                    && let Ok(mut stream) = asset.sound()
                {
                    while values.len() < 5000 && stream.next_block(&mut values).unwrap_or(false) {}
                }
            }
        }
    }
}

#[test]
fn vorbis_is_decoded_to_its_last_sample() {
    let bytes = VORBIS.to_vec();
    let asset = open(&bytes);
    let facts = asset.sound_facts().unwrap();
    assert_eq!((facts.rate, facts.channels), (16_000, 1));
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    assert_eq!(Some(values.len() as u64), facts.frames);
    assert!(values.iter().any(|value| value.abs() > 0.1));
}

#[test]
fn endless_headers_are_over_a_limit() {
    let endless = page(1, u64::MAX, 1, 2, &[255; 255], &[0; 65_025]).repeat(20);
    let head = [whole(2, 0, 1, 0, HEAD), page(0, u64::MAX, 1, 1, &[255], &[0; 255])].concat();
    let bytes = [head, endless].concat();
    let asset = Asset::open(&bytes, None, &Limits { block: 1 << 19, ..Limits::default() }).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { .. }));
    let pages = [whole(2, 0, 1, 0, HEAD), page(0, 0, 1, 1, &[], &[]).repeat(100)].concat();
    let asset = Asset::open(&pages, None, &Limits { segments: 50, ..Limits::default() }).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 50, .. }));
}

#[test]
fn the_sound_of_a_long_file_is_not_read() {
    let middle: Vec<u8> = (2..1000).flat_map(|at| whole(0, u64::from(at), 1, at, &[0xF8; 4000])).collect();
    let bytes = [
        whole(2, 0, 1, 0, HEAD),
        whole(0, 0, 1, 1, &tags(&["a=b"])),
        middle,
        whole(4, 9999, 1, 1000, &[0xF8; 20]),
    ];
    let counting = CountedFile::new(bytes.concat());
    let asset = Asset::open(&counting, None, &Limits::default()).unwrap();
    assert_eq!(asset.layout.damage, None);
    assert!(counting.read() < 40_000);
}
