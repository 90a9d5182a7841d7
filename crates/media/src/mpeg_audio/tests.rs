//! Whole files: recognized, cut up, put together again.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use crate::{Asset, Carrier, Draft, Layout, Role};
use indicia_core::{Limits, Problem};

/// Frames of silence: 128 kbit/s, 44.1 kHz, joint stereo.
fn sound(count: usize) -> Vec<u8> {
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x64];
    frame.resize(417, 0);
    frame.repeat(count)
}

/// A first frame that tells of `frames` frames and `bytes` bytes.
fn info(frames: u32, bytes: u32) -> Vec<u8> {
    let mut frame = sound(1);
    frame[36..44].copy_from_slice(b"Xing\0\0\0\x03");
    frame[44..48].copy_from_slice(&frames.to_be_bytes());
    frame[48..52].copy_from_slice(&bytes.to_be_bytes());
    frame
}

fn id3v1() -> Vec<u8> {
    let mut tag = b"TAGtitle".to_vec();
    tag.resize(97, 0);
    tag.extend_from_slice(b"comment");
    tag.resize(128, 0);
    tag
}

fn layout(bytes: &Vec<u8>) -> Layout {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "mp3");
    assert!(asset.layout.tiles(bytes.len() as u64));
    asset.layout
}

fn names(layout: &Layout) -> String {
    layout
        .segments
        .iter()
        .map(|one| String::from_utf8_lossy(&one.name).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn recognized(bytes: &Vec<u8>, name: Option<&str>) -> bool {
    crate::recognize(bytes, name).is_ok_and(|format| format.name == "mp3")
}

#[test]
fn what_only_looks_like_mp3_is_not_taken_for_it() {
    let tag = b"ID3\x04\0\0\0\0\0\0".to_vec();
    assert!(recognized(&[tag.clone(), sound(2)].concat(), None));
    assert!(recognized(&sound(2), None));
    assert!(recognized(&[sound(1), id3v1()].concat(), None), "one frame and a tag");
    assert!(recognized(&sound(1), None), "one frame");
    assert!(!recognized(&[sound(1), b"TA".to_vec()].concat(), None));
    assert!(recognized(&[vec![0; 100], sound(2)].concat(), None), "zeros before the first frame");
    let flac = [tag.as_slice(), b"fLaC\0\0\0\x22", &[0; 4000]].concat();
    assert!(!recognized(&flac, Some("a.mp3")));
    let adts = [tag.as_slice(), &b"\xFF\xF1\x50\x80\x02\x1F\xFC".repeat(700)].concat();
    assert!(!recognized(&adts, None));
    assert!(!recognized(&b"\xFF\xFBtext that is none".repeat(300), None));
    let mut state = 1_u64;
    for _ in 0..200 {
        let mut random = Vec::new();
        while random.len() < 4096 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            random.push((state >> 56) as u8);
        }
        random[..2].copy_from_slice(&[0xFF, 0xFB]);
        assert!(!recognized(&random, Some("a.mp3")));
    }
}

#[test]
fn a_stream_cut_anywhere_is_known_by_its_name() {
    let mut cut = sound(5)[200..].to_vec();
    cut[..217].fill(0x55);
    assert!(recognized(&cut, Some("radio.MP3")));
    assert!(!recognized(&cut, None));
    let asset = Asset::open(&cut, Some("radio.mp3"), &Limits::default()).unwrap();
    assert_eq!(names(&asset.layout), "???? MPEG");
}

#[test]
fn all_kinds_of_tag_are_cut_off_the_end() {
    let ape = b"APETAGEX\xD0\x07\0\0\x2F\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let ape = [b"\x02\0\0\0\0\0\0\0AIGC\0{}", ape.as_slice()].concat();
    let lyrics = b"LYRICSBEGININD0000200000021LYRICS200".to_vec();
    let old = b"LYRICSBEGINla la laLYRICSEND".to_vec();
    for (tail, expected) in [
        ([ape.clone(), id3v1()].concat(), "MPEG APE  TAG "),
        ([ape.clone(), lyrics.clone(), id3v1()].concat(), "MPEG APE  LYR3 TAG "),
        ([old, id3v1(), ape.clone()].concat(), "MPEG LYR3 TAG  APE "),
    ] {
        let bytes = [sound(3), tail].concat();
        let layout = layout(&bytes);
        assert_eq!(names(&layout).replace("  ", " ").trim(), expected.replace("  ", " ").trim());
        assert_eq!(layout.segments[0].span.len(), 3 * 417);
        let keys: Vec<_> = layout.packets.iter().map(|one| one.key.as_str()).collect();
        assert!(keys.contains(&"AIGC") && keys.contains(&"title"), "{keys:?}");
    }
}

#[test]
fn changes_go_to_the_tag_they_are_for() {
    let bytes = [sound(3), id3v1()].concat();
    let limits = Limits::default();
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "title", b"new".to_vec());
    let at = asset.packets(Carrier::Comment).next().unwrap().0;
    draft.remove(at);
    let written = draft.render().unwrap().to_bytes().unwrap();
    let mut expected = b"TAGnew".to_vec();
    expected.resize(128, 0);
    assert_eq!(written, [sound(3), expected].concat());
    let unchanged = Draft::new(&asset).render().unwrap();
    assert_eq!(unchanged.pieces().len(), 1);
    assert_eq!(unchanged.to_bytes().unwrap(), bytes);
}

#[test]
fn a_file_shorter_than_its_first_frame_tells_is_truncated() {
    let whole = [info(3, 4 * 417), sound(3)].concat();
    let found = layout(&whole);
    assert_eq!((names(&found).as_str(), found.damage), ("Xing MPEG", None));
    assert_eq!(found.segments[0].role, Role::Structure);
    let cut = whole[..whole.len() - 1].to_vec();
    assert_eq!(layout(&cut).damage.map(|damage| damage.problem), Some(Problem::Truncated));
    for told in [0, u32::MAX] {
        assert_eq!(layout(&[info(told, told), sound(3)].concat()).damage.is_some(), told > 0);
    }
}

#[test]
fn a_tag_with_no_frame_after_it_is_damaged() {
    for (rest, name) in [(vec![0; 5000], "ID3  ????"), (Vec::new(), "ID3 ")] {
        let bytes = [b"ID3\x04\0\0\0\0\0\x12TXXX\0\0\0\x08\0\0\x03AIGC\0{}".to_vec(), rest].concat();
        let asset = Asset::open(&bytes, Some("a.mp3"), &Limits::default()).unwrap();
        assert!(asset.layout.damage.is_some());
        assert_eq!((names(&asset.layout).as_str(), asset.layout.packets.len()), (name, 1));
    }
}
