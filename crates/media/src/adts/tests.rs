//! Whole files: recognized, cut up, put together again.

#![allow(clippy::ptr_arg, reason = "a source is a vector, not a slice")]

use crate::{Asset, Carrier, Draft, Ends, Layout, Role, Sound};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// A file made by ffmpeg, with an ID3 tag.
const TAGGED: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/aac/speech-tagged.aac"));

/// Frames with nothing in them: low complexity, 44.1 kHz, two channels.
fn frames(count: usize) -> Vec<u8> {
    [0xFF, 0xF1, 0x50, 0x80, 0x01, 0x5F, 0xFC, 0x21, 0, 0].repeat(count)
}

fn tag() -> Vec<u8> {
    b"ID3\x04\0\0\0\0\0\x12TXXX\0\0\0\x08\0\0\x03AIGC\0{}".to_vec()
}

fn layout(bytes: &Vec<u8>) -> Layout {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "aac");
    assert!(asset.layout.tiles(bytes.size()));
    asset.layout
}

fn name(bytes: &Vec<u8>, file: Option<&str>) -> Option<&'static str> {
    crate::recognize(bytes, file).ok().map(|format| format.name)
}

#[test]
fn it_is_told_from_mp3_by_the_layer() {
    assert_eq!(name(&frames(3), None), Some("aac"));
    assert_eq!(name(&[tag(), frames(3)].concat(), None), Some("aac"));
    assert_eq!(name(&[tag(), frames(3)].concat(), Some("a.mp3")), Some("aac"));
    let mut layer3 = vec![0xFF, 0xFB, 0x90, 0x64];
    layer3.resize(417, 0);
    assert_eq!(name(&layer3.repeat(3), Some("a.aac")), Some("mp3"));
    assert_eq!(name(&[tag(), layer3.repeat(3)].concat(), Some("a.aac")), Some("mp3"));
    // A tag that is longer than what is looked at.
    let mut long = b"ID3\x04\0\0\0\0\x7F\0".to_vec();
    long.resize(10 + (0x7F << 7), 0);
    assert_eq!(name(&[long, frames(3)].concat(), Some("a.aac")), Some("aac"));
    assert_eq!(name(&[tag(), b"fLaC".to_vec(), frames(3)].concat(), None), Some("flac"));
}

#[test]
fn tags_at_both_ends_are_read_and_changed() {
    let mut id3v1 = b"TAGtitle".to_vec();
    id3v1.resize(128, 0);
    let bytes = [tag(), frames(5), id3v1].concat();
    let found = layout(&bytes);
    let keys: Vec<_> = found.packets.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["AIGC", "title"]);
    assert_eq!(found.damage, None);
    let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", b"{\"a\":1}".to_vec());
    draft.set(Carrier::Field, "title", b"new".to_vec());
    let out = draft.render().unwrap().to_bytes().unwrap();
    let found = layout(&out);
    let sound = found.segments.iter().find(|one| one.role == Role::Essence).unwrap().span;
    assert_eq!(out[usize::try_from(sound.start).unwrap()..usize::try_from(sound.end).unwrap()], frames(5));
    assert!(out.ends_with(&[b"TAGnew".to_vec(), vec![0; 122]].concat()));
}

#[test]
fn a_tag_is_put_before_bare_frames() {
    let bytes = frames(5);
    let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
    let out = draft.render().unwrap().to_bytes().unwrap();
    assert!(out.starts_with(b"ID3") && out.ends_with(&bytes));
    let home = asset.format.home(Carrier::Field).map(|home| home.place);
    assert_eq!(Some(layout(&out).packets[0].place), home);
}

#[test]
fn a_last_frame_that_is_cut_is_seen() {
    let bytes = [tag(), frames(6)].concat();
    for cut in tag().len() + 30..bytes.len() {
        let damage = layout(&bytes[..cut].to_vec()).damage;
        let whole = (cut - tag().len()).is_multiple_of(10);
        assert_eq!(damage.map(|damage| damage.problem), (!whole).then_some(Problem::Truncated), "{cut}");
    }
}

#[test]
fn it_is_decoded() {
    let bytes = TAGGED.to_vec();
    let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
    let facts = asset.sound_facts().unwrap();
    assert_eq!((facts.rate, facts.channels), (8000, 1));
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    assert!(values.len() > 16_000 && values.iter().any(|value| value.abs() > 0.1));
}

#[test]
fn bent_bytes_never_stop_the_program() {
    let bytes = TAGGED.to_vec();
    for at in (0..bytes.len()).filter(|at| *at < 150 || at % 61 == 0) {
        for value in [0, 0xFF] {
            let mut bent = bytes.clone();
            bent[at] = value;
            let Ok(asset) = Asset::open(&bent, Some("a.aac"), &Limits::default()) else { continue };
            assert!(asset.layout.tiles(bent.size()), "{at}");
            let mut draft = Draft::new(&asset);
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            let _ = draft.render();
            if let Ok(mut stream) = asset.sound() {
                let mut values = Vec::new();
                while values.len() < 20_000 && stream.next_block(&mut values).unwrap_or(false) {}
            }
        }
    }
}

#[test]
fn the_frames_of_a_long_file_are_not_read() {
    let counting = CountedFile::new([tag(), frames(200_000)].concat());
    let asset = Asset::open(&counting, None, &Limits::default()).unwrap();
    assert_eq!(asset.layout.damage, None);
    assert!(counting.read() < 40_000);
}

#[test]
fn frames_beside_those_of_a_file_leave_its_sound_as_it_was() {
    let file = |name: &str| {
        std::fs::read(format!("{}/../../samples/aac/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let heard = |bytes: &Vec<u8>| {
        let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
        let mut stream = asset.sound().unwrap();
        let mut values = Vec::new();
        while stream.next_block(&mut values).unwrap() {}
        (stream.facts(), values)
    };
    for name in ["chords-stereo.aac", "speech-tagged.aac"] {
        let bytes = file(name);
        let (facts, old) = heard(&bytes);
        let count = usize::try_from(facts.rate).unwrap() / 2;
        let tone = |at: usize| 0.4 * (at as f32 * 0.2).sin();
        let values = (0..count).flat_map(|at| std::iter::repeat_n(tone(at), facts.channels.into())).collect();
        let notice = Sound { rate: facts.rate, channels: facts.channels, values };
        for (start, end) in [(true, false), (false, true), (true, true)] {
            let put = |is: bool| is.then(|| notice.clone());
            let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
            let mut draft = Draft::new(&asset);
            draft.extend_sound(Ends { start: put(start), end: put(end) });
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            let new = draft.render().unwrap().to_bytes().unwrap();
            assert!(
                memchr::memmem::find(&new, &bytes[bytes.len() - 2_000..]).is_some(),
                "{name}: the same bytes"
            );
            let (_, values) = heard(&new);
            let at = values.windows(old.len()).position(|window| window == old);
            let at = at.unwrap_or_else(|| panic!("{name}: not the same sound")) / usize::from(facts.channels);
            assert!(at >= if start { count } else { 0 }, "{name}: {at}");
            let left =
                values.len() / usize::from(facts.channels) - at - old.len() / usize::from(facts.channels);
            assert!(left >= if end { count } else { 0 }, "{name}: {left}");
        }
    }
}

#[test]
fn frames_that_new_ones_cannot_stand_beside_are_refused() {
    let notice = Sound { rate: 44_100, channels: 2, values: vec![0.1; 4_000] };
    let refused = |bytes: Vec<u8>| {
        let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        draft.extend_sound(Ends { start: Some(notice.clone()), end: None });
        draft.render().err().map(|err| err.to_string())
    };
    let frame = |change: fn(&mut Vec<u8>)| {
        let mut frame = frames(1);
        change(&mut frame);
        frame.repeat(4)
    };
    assert_eq!(refused(frame(|_| {})), None, "the test itself");
    for (bytes, why) in [
        (frame(|frame| frame[2] &= 0x3F), "other profiles"),
        (frame(|frame| frame[1] = 0xF0), "checksums"),
        (frame(|frame| frame[6] |= 1), "several blocks"),
    ] {
        assert!(refused(bytes).is_some_and(|said| said.contains(why)), "{why}");
    }
}
