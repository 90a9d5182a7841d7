//! Sound put before and after that of an M4A file.

#![allow(clippy::ptr_arg, reason = "a source is a vector, not a slice")]

use super::offsets::number;
use super::tests::bx;
use crate::boxes::IsoBox;
use crate::{Asset, Carrier, Draft, Ends, Sound};
use indicia_core::{FormatError, Limits, Problem, Window};

const SAMPLES: [&str; 3] = ["chords-aac-tags.m4a", "speech-alac.m4a", "speech-faststart.m4a"];
/// The boxes around the tables of a track.
const TABLES: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../samples/m4a/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(bytes: &Vec<u8>) -> Asset<'_> {
    Asset::open(bytes, None, &Limits::default()).unwrap()
}

fn heard(bytes: &Vec<u8>) -> (Sound, usize) {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let mut stream = asset.sound().unwrap();
    let facts = stream.facts();
    let mut values = Vec::new();
    while stream.next_block(&mut values).unwrap() {}
    let frames = values.len() / usize::from(facts.channels);
    (Sound { rate: facts.rate, channels: facts.channels, values }, frames)
}

/// Noise of half a second: of all that may be put there what takes most bytes.
fn noise(like: &Sound) -> Sound {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap()) / 65_536.0 - 0.5
    };
    let count = usize::try_from(like.rate).unwrap() / 2 * usize::from(like.channels);
    Sound { values: (0..count).map(|_| next()).collect(), ..*like }
}

fn around(bytes: &Vec<u8>, ends: Ends<Sound>, label: Option<&str>) -> Result<Vec<u8>, FormatError> {
    let asset = open(bytes);
    let mut draft = Draft::new(&asset);
    draft.extend_sound(ends);
    if let Some(label) = label {
        draft.set(Carrier::Field, "AIGC", label.as_bytes().to_vec());
    }
    Ok(draft.render()?.to_bytes().unwrap())
}

/// The body of a box within others.
fn body(bytes: &Vec<u8>, path: &[&[u8; 4]]) -> Option<Vec<u8>> {
    let mut window = Window::new(bytes);
    let (mut at, mut end, mut rest) = (0, bytes.len() as u64, path);
    while at < end {
        let one = IsoBox::read(&mut window, at, end).unwrap();
        at = one.span.end;
        if &one.kind == *rest.first()? {
            rest = &rest[1..];
            (at, end) = (one.body.start, one.body.end);
            if rest.is_empty() {
                return Some(bytes[usize::try_from(at).unwrap()..usize::try_from(end).unwrap()].to_vec());
            }
        }
    }
    None
}

fn table(bytes: &Vec<u8>, kind: &[u8; 4]) -> Option<Vec<u8>> {
    let path: Vec<&[u8; 4]> = TABLES.into_iter().chain([kind]).collect();
    body(bytes, &path)
}

/// The sum of the first numbers of the entries, each so long, after a count.
fn sum(table: &[u8], head: usize, len: usize) -> u64 {
    table[head + 4..].chunks_exact(len).map(|entry| number(&entry[..4])).sum()
}

/// The duration of `mdhd`, `mvhd` or, further on, `tkhd`, and of the only edit.
fn durations(bytes: &Vec<u8>) -> [u64; 4] {
    let at =
        |path: &[&[u8; 4]], place: usize| body(bytes, path).map_or(0, |body| number(&body[place..place + 4]));
    [
        at(&[b"moov", b"trak", b"mdia", b"mdhd"], 16),
        at(&[b"moov", b"mvhd"], 16),
        at(&[b"moov", b"trak", b"tkhd"], 20),
        at(&[b"moov", b"trak", b"edts", b"elst"], 8),
    ]
}

#[test]
fn the_sound_between_is_the_same_and_every_table_counts_the_new_one_in() {
    for name in SAMPLES {
        let bytes = sample(name);
        let (old, frames) = heard(&bytes);
        for (start, end) in [(true, false), (false, true), (true, true)] {
            let put = |is: bool| is.then(|| noise(&old));
            // With both, a label makes the movie box grow as well.
            let label = (start && end).then(|| "label ".repeat(200));
            let new = around(&bytes, Ends { start: put(start), end: put(end) }, label.as_deref()).unwrap();
            let (sound, all) = heard(&new);
            let at = sound.values.windows(old.values.len()).position(|window| window == old.values);
            let at = at.unwrap_or_else(|| panic!("{name}: not the same sound")) / usize::from(old.channels);
            let half = usize::try_from(old.rate).unwrap() / 2;
            assert!(at >= if start { half } else { 0 }, "{name}: {at}");
            assert!(all >= at + frames + if end { half } else { 0 }, "{name}: {all}");
            let samples = number(&table(&new, b"stsz").unwrap()[8..12]);
            assert_eq!(sum(&table(&new, b"stts").unwrap(), 4, 8), samples, "{name}");
            if let Some(groups) = table(&new, b"sbgp") {
                assert_eq!(sum(&groups, 8, 8), samples, "{name}");
            }
            let times = table(&new, b"stts").unwrap();
            let entries = times[8..].chunks_exact(8);
            let lasts: u64 = entries.map(|entry| number(&entry[..4]) * number(&entry[4..])).sum();
            let ([media, movie, track, edit], [own, before, _, edited]) =
                (durations(&new), durations(&bytes));
            assert_eq!(media, lasts, "{name}");
            // A frame of AAC is whole once another one follows it; a packet of ALAC has the values it has.
            let frame = if name == "speech-alac.m4a" { 4_096 } else { 1_024 };
            let shorter = times[8..].chunks_exact(8).filter(|entry| number(&entry[4..]) != frame).count();
            assert_eq!(shorter, usize::from(!end || frame == 4_096), "{name}");
            let scale = number(&body(&new, &[b"moov", b"mvhd"]).unwrap()[12..16]);
            let more = (media - own) * scale / u64::from(old.rate);
            for (new, old) in [(movie, before), (track, before), (edit, edited)] {
                assert!(old == 0 || (new - old).abs_diff(more) <= 1, "{name}: {old} {new} {more}");
            }
        }
    }
}

#[test]
fn what_players_leave_out_stays_what_it_was() {
    let text = |count: u64| format!(" 00000000 00000840 000001CA {count:016X} 00000000 00000000");
    let values = |bytes: &Vec<u8>| {
        let asset = open(bytes);
        let item = asset.layout.packets.iter().find(|packet| packet.key == "iTunSMPB").unwrap();
        let span = item.span.start..item.span.end;
        bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()].to_vec()
    };
    // The item in the list that the sample has, in place of its first.
    let bytes = sample("chords-aac-tags.m4a");
    let asset = open(&bytes);
    let list = asset.layout.segments.iter().find(|one| &one.name == b"moov").unwrap().span;
    let parts = [
        bx(b"mean", &[&[0; 4], b"com.apple.iTunes"]),
        bx(b"name", &[&[0; 4], b"iTunSMPB"]),
        bx(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], text(55_296).as_bytes()]),
    ];
    let items = bx(b"ilst", &[&bx(b"----", &[&parts.concat()])]);
    let handler = bx(b"hdlr", &[&[0; 8], b"mdirappl", &[0; 10]]);
    let data = bx(b"udta", &[&bx(b"meta", &[&[0; 4], &handler, &items])]);
    let mut tagged = bytes.clone();
    let (start, end) = (usize::try_from(list.start).unwrap(), usize::try_from(list.end).unwrap());
    assert_eq!(end, bytes.len(), "the test itself: nothing stands behind the movie box");
    let len = u32::try_from(end - start + data.len()).unwrap();
    tagged[start..start + 4].copy_from_slice(&len.to_be_bytes());
    tagged.extend(data);
    assert_eq!(values(&tagged), text(55_296).as_bytes());
    let (old, _) = heard(&tagged);
    let new = around(&tagged, Ends { start: Some(noise(&old)), end: Some(noise(&old)) }, None).unwrap();
    let added = durations(&new)[0] - durations(&tagged)[0];
    assert_eq!(values(&new), text(55_296 + added).as_bytes());
    let odd = text(55_296).replace("00000840", "0000084X");
    let at = tagged.len() - odd.len();
    tagged[at..].copy_from_slice(odd.as_bytes());
    let refused = around(&tagged, Ends { start: Some(noise(&old)), end: None }, None).unwrap_err();
    assert!(matches!(refused.problem, Problem::Unsupported(_)), "{refused}");
}

#[test]
fn other_files_are_refused_with_the_reason() {
    let bytes = sample("chords-aac-tags.m4a");
    let (old, _) = heard(&bytes);
    let refused = |bytes: &Vec<u8>| {
        let ends = Ends { start: Some(noise(&old)), end: None };
        super::notice::extend(bytes, &ends, &Limits::default()).unwrap_err()
    };
    let replaced = |from: &[u8], to: &[u8]| {
        let at = memchr::memmem::rfind(&bytes, from).unwrap();
        [&bytes[..at], to, &bytes[at + from.len()..]].concat()
    };
    for (changed, why) in [
        ([bytes.clone(), bx(b"moof", &[])].concat(), "fragments"),
        ([bytes.clone(), vec![0, 0, 0, 0, b'f', b'r', b'e', b'e']].concat(), "without a size"),
        (replaced(b"stts", b"ctts"), "this table of samples"),
        (replaced(b"mp4a\0\0\0\0\0\0\0\x01", b"ac-3\0\0\0\0\0\0\0\x01"), "HE-AAC"),
        (replaced(b"trak", b"free"), "other tracks than one"),
    ] {
        let err = refused(&changed);
        assert!(err.to_string().contains(why), "{why}: {err}");
    }
    let other =
        Ends { start: Some(Sound { rate: 8_000, channels: old.channels, values: vec![0.0; 8] }), end: None };
    assert!(super::notice::extend(&bytes, &other, &Limits::default()).is_err());
}

#[test]
fn it_is_told_whether_the_new_sound_alone_is_refused() {
    let bytes = [sample("chords-aac-tags.m4a"), bx(b"moof", &[])].concat();
    let (old, _) = heard(&sample("chords-aac-tags.m4a"));
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    draft.extend_sound(Ends { start: Some(noise(&old)), end: None });
    assert!(draft.try_render().is_err() && draft.holds_all_but_content());
    draft.set(Carrier::Xmp, "", b"<x/>".to_vec());
    assert!(draft.try_render().is_err() && !draft.holds_all_but_content(), "nor is there a place for XMP");
}

/// The file with a list of two chapters, of this version, at the end of its movie's user data.
fn with_chapters(bytes: &Vec<u8>, version: u8, count: u8) -> Vec<u8> {
    let times = [0_u64, 5_000_000].map(|time| [&time.to_be_bytes()[..], b"\x03one"].concat()).concat();
    let list = bx(b"chpl", &[&[version, 0, 0, 0, 0, 0, 0, 0, count], &times]);
    let moov = memchr::memmem::find(bytes, b"moov").unwrap() - 4;
    let udta = memchr::memmem::find(bytes, b"udta").unwrap() - 4;
    let mut new = bytes.clone();
    let mut grow = |at: usize| {
        let len = u32::from_be_bytes(new[at..at + 4].try_into().unwrap());
        new[at..at + 4].copy_from_slice(&(len + u32::try_from(list.len()).unwrap()).to_be_bytes());
        at + usize::try_from(len).unwrap()
    };
    grow(moov);
    let end = grow(udta);
    assert!(memchr::memmem::find(bytes, b"mdat").unwrap() < moov, "places of media do not move");
    new.splice(end..end, list);
    new
}

#[test]
fn chapters_start_later_by_what_stands_before_them() {
    let bytes = sample("chords-aac-tags.m4a");
    let sound = heard(&bytes).0;
    let chapters = |bytes: &Vec<u8>| body(bytes, &[b"moov", b"udta", b"chpl"]).unwrap();
    let time = |list: &[u8], at: usize| number(&list[9 + 12 * at..][..8]);
    let list = with_chapters(&bytes, 1, 2);
    let long = around(&list, Ends { start: Some(noise(&sound)), end: None }, Some("a label")).unwrap();
    let more = (heard(&long).1 - heard(&list).1) as u64 * 10_000_000 / u64::from(sound.rate);
    let new = chapters(&long);
    assert_eq!([time(&new, 0), time(&new, 1)], [more, 5_000_000 + more]);
    assert_eq!(&new[17..21], b"\x03one");
    let after = around(&list, Ends { start: None, end: Some(noise(&sound)) }, None).unwrap();
    assert_eq!(chapters(&after), chapters(&list));
    let other = with_chapters(&bytes, 0, 2);
    let kept = around(&other, Ends { start: Some(noise(&sound)), end: None }, None).unwrap();
    assert_eq!(chapters(&kept), chapters(&other), "of a version that is not known");
    let broken = with_chapters(&bytes, 1, 3);
    let refused = around(&broken, Ends { start: Some(noise(&sound)), end: None }, None).unwrap_err();
    assert_eq!(refused.problem, Problem::Malformed("a list of chapters"));
}
