//! Whole files: recognized, cut up, put together again.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use crate::{Asset, Carrier, Draft, Ends, Piece, Sound};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = [&id[..], &(body.len() as u32).to_be_bytes(), body].concat();
    bytes.extend(vec![0; body.len() % 2]);
    bytes
}

fn form(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let inside = chunks.concat();
    [b"FORM", &(inside.len() as u32 + 4).to_be_bytes()[..], kind, &inside].concat()
}

/// Mono, 8 kHz.
fn comm(frames: u32, bits: u16, kind: Option<&[u8; 4]>) -> Vec<u8> {
    let mut body = [&[0, 1][..], &frames.to_be_bytes(), &bits.to_be_bytes()].concat();
    body.extend(b"\x40\x0B\xFA\0\0\0\0\0\0\0");
    if let Some(kind) = kind {
        body.extend([&kind[..], &[0, 0]].concat());
    }
    chunk(b"COMM", &body)
}

fn ssnd(data: &[u8]) -> Vec<u8> {
    chunk(b"SSND", &[&[0; 8], data].concat())
}

fn full() -> Vec<u8> {
    let marks = b"\0\x02\0\x01\0\0\0\x01\x03abc\0\x02\0\0\0\x02\x02de\0".to_vec();
    let remark = b"\0\x01\xDE\xAD\xBE\xEF\0\0\0\x05words\0".to_vec();
    let chunks = [
        comm(3, 16, None),
        chunk(b"NAME", b"song"),
        chunk(b"ANNO", b"note\0"),
        chunk(b"COMT", &remark),
        chunk(b"APPL", b"testdata"),
        chunk(b"APPL", b"XMP <x/>"),
        chunk(b"AIGC", b"{}"),
        chunk(b"MARK", &marks),
        ssnd(&[0x40, 0, 0, 1, 0x80, 0]),
    ];
    form(b"AIFF", &chunks)
}

fn open(bytes: &Vec<u8>) -> Asset<'_> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "aiff");
    assert!(asset.layout.tiles(bytes.size()));
    asset
}

fn changed(bytes: &Vec<u8>, change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    let out = draft.render().unwrap().to_bytes().unwrap();
    assert_eq!(u32::from_be_bytes(out[4..8].try_into().unwrap()) as usize, out.len() - 8);
    assert_eq!(open(&out).layout.damage, None);
    out
}

fn values(bytes: &Vec<u8>) -> Vec<(Carrier, String, Vec<u8>)> {
    let asset = open(bytes);
    asset.layout.packets.iter().map(|one| (one.carrier, one.key.clone(), asset.read(one).unwrap())).collect()
}

fn sound(bytes: &Vec<u8>) -> Vec<f32> {
    let asset = open(bytes);
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    values
}

fn mono(values: &[f32]) -> Option<Sound> {
    Some(Sound { rate: 8000, channels: 1, values: values.to_vec() })
}

#[test]
fn every_text_is_a_packet() {
    let expected = [
        (Carrier::Field, "NAME", &b"song"[..]),
        (Carrier::Field, "ANNO", b"note"),
        (Carrier::Comment, "", b"words"),
        (Carrier::Blob, "test", b"data"),
        (Carrier::Xmp, "", b"<x/>"),
        (Carrier::Field, "AIGC", b"{}"),
    ];
    let expected = expected.map(|(carrier, key, value)| (carrier, key.to_owned(), value.to_vec()));
    assert_eq!(values(&full()), expected);
    assert_eq!(sound(&full()), [0.5, 1.0 / 32768.0, -1.0]);
}

#[test]
fn a_field_goes_to_a_tag_at_the_end_and_all_else_stays() {
    let bytes = form(b"AIFF", &[comm(1, 16, None), ssnd(&[0, 7])]);
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "AIGC", b"{}".to_vec()));
    assert_eq!(out[8..bytes.len()], bytes[8..]);
    assert_eq!(&out[bytes.len()..bytes.len() + 4], b"ID3 ");
    assert_eq!(&out[bytes.len() + 8..bytes.len() + 11], b"ID3");
    let place = open(&out).layout.packets[0].place;
    assert_eq!(Some(place), open(&out).format.home(Carrier::Field).map(|home| home.place));
    let again = changed(&out, |draft| draft.set(Carrier::Field, "other", b"x".to_vec()));
    assert_eq!(values(&again).len(), 2);
    assert_eq!(again.len(), out.len(), "the tag has room");
    let back = changed(&out, |draft| draft.remove(0));
    assert_eq!(back, bytes);
}

#[test]
fn texts_are_replaced_and_taken_out() {
    let out = changed(&full(), |draft| {
        draft.replace(0, b"other".to_vec());
        draft.remove(1);
        draft.replace(3, b"d".to_vec());
        draft.replace(5, b"{\"a\":1}".to_vec());
    });
    let left: Vec<_> = values(&out).into_iter().map(|(_, key, value)| (key, value)).collect();
    let pair = |key: &str, value: &[u8]| (key.to_owned(), value.to_vec());
    let expected = [
        pair("NAME", b"other"),
        pair("", b"words"),
        pair("test", b"d"),
        pair("", b"<x/>"),
        pair("AIGC", b"{\"a\":1}"),
    ];
    assert_eq!(left, expected);
}

#[test]
fn sound_is_put_around_the_old_and_every_count_follows() {
    let out = changed(&full(), |draft| {
        draft.extend_sound(Ends { start: mono(&[0.5, -1.0]), end: mono(&[0.25]) });
    });
    assert_eq!(sound(&out), [0.5, -1.0, 0.5, 1.0 / 32768.0, -1.0, 0.25]);
    assert_eq!(out[20..28], [0, 1, 0, 0, 0, 6, 0, 16]);
    let marks = out.windows(4).position(|four| four == b"MARK").unwrap();
    assert_eq!(&out[marks + 8..marks + 30], b"\0\x02\0\x01\0\0\0\x03\x03abc\0\x02\0\0\0\x04\x02de\0");
}

#[test]
fn codings_of_aiff_c() {
    let one = |bits, kind: &[u8; 4], data: &[u8]| form(b"AIFC", &[comm(1, bits, Some(kind)), ssnd(data)]);
    assert_eq!(sound(&one(16, b"sowt", &[0, 0x40])), [0.5]);
    assert_eq!(sound(&one(16, b"NONE", &[0x40, 0])), [0.5]);
    assert_eq!(sound(&one(24, b"in24", &[0x40, 0, 0])), [0.5]);
    assert_eq!(sound(&one(8, b"twos", &[0xC0])), [-0.5]);
    assert_eq!(sound(&one(8, b"raw ", &[0xC0])), [0.5]);
    assert_eq!(sound(&one(12, b"NONE", &[0x40, 0])), [0.5]);
    assert_eq!(sound(&one(32, b"fl32", &0.5_f32.to_be_bytes())), [0.5]);
    assert_eq!(sound(&one(64, b"FL64", &0.5_f64.to_be_bytes())), [0.5]);
    for (bits, kind) in [(16, b"sowt"), (24, b"NONE"), (8, b"twos"), (32, b"fl32")] {
        let bytes = one(bits, kind, &vec![0; usize::from(bits / 8)]);
        let out = changed(&bytes, |draft| draft.extend_sound(Ends { start: mono(&[0.5]), end: None }));
        assert_eq!(sound(&out), [0.5, 0.0], "{kind:?}");
    }
    let bytes = one(16, b"ima4", &[0; 34]);
    assert!(matches!(open(&bytes).sound_facts().unwrap_err().problem, Problem::Unsupported(_)));
}

#[test]
fn an_offset_before_the_sound_is_passed_over() {
    let data = chunk(b"SSND", &[0, 0, 0, 2, 0, 0, 0, 0, 9, 9, 0x40, 0]);
    let bytes = form(b"AIFF", &[comm(1, 16, None), data]);
    assert_eq!(sound(&bytes), [0.5]);
    let out = changed(&bytes, |draft| draft.extend_sound(Ends { start: mono(&[0.25]), end: None }));
    assert_eq!(sound(&out), [0.25, 0.5]);
}

#[test]
fn a_file_cut_anywhere_is_damaged() {
    let bytes = full();
    for cut in 12..bytes.len() {
        let part = bytes[..cut].to_vec();
        assert!(open(&part).layout.damage.is_some(), "{cut}");
    }
    let mut junk = bytes.clone();
    junk.extend([0; 7]);
    assert_eq!(open(&junk).layout.damage, None);
    let out = changed_junk(&junk);
    assert!(out.ends_with(&[0; 7]));
}

fn changed_junk(bytes: &Vec<u8>) -> Vec<u8> {
    let asset = open(bytes);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "new", b"x".to_vec());
    draft.render().unwrap().to_bytes().unwrap()
}

#[test]
fn lengths_of_nothing_and_of_everything_never_stop_the_program() {
    let bytes = full();
    for at in 4..bytes.len() {
        for value in [0, 0xFF] {
            for len in [1, 4] {
                let mut bent = bytes.clone();
                bent.iter_mut().skip(at).take(len).for_each(|byte| *byte = value);
                let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
                assert!(asset.layout.tiles(bent.size()), "{at}");
                for packet in &asset.layout.packets {
                    let _ = asset.read(packet);
                }
                let mut draft = Draft::new(&asset);
                draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
                draft.extend_sound(Ends { start: mono(&[0.0]), end: None });
                let _ = draft.render();
                if let Ok(mut stream) = asset.sound() {
                    let mut values = Vec::new();
                    while stream.next_block(&mut values).unwrap_or(false) {}
                }
            }
        }
    }
}

#[test]
fn chunks_without_end_are_over_the_limit() {
    let bytes = form(b"AIFF", &[chunk(b"JUNK", &[]).repeat(100)]);
    let asset = Asset::open(&bytes, None, &Limits { segments: 50, ..Limits::default() }).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 50, .. }));
}

#[test]
fn four_gigabytes_are_labelled_with_a_few_new_bytes_and_no_more_fit() {
    for (room, fits) in [(10_000, true), (20, false)] {
        let data = u32::MAX - 46 - room;
        let data = data - data % 2;
        let mut head = form(b"AIFF", &[comm(data / 2, 16, None)]);
        head.extend(b"SSND");
        head.extend((data + 8).to_be_bytes());
        head.extend([0; 8]);
        let size = head.len() as u64 + u64::from(data);
        head[4..8].copy_from_slice(&((size - 8) as u32).to_be_bytes());
        let file = CountedFile::padded(head, size);
        let asset = Asset::open(&file, None, &Limits::default()).unwrap();
        assert_eq!(asset.layout.damage, None);
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
        draft.extend_sound(Ends { start: mono(&[0.0; 3]), end: None });
        let out = draft.render();
        assert_eq!(out.is_ok(), fits);
        if let Ok(out) = out {
            let new = out.pieces().iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len);
            assert!(new.sum::<u64>() < 1000);
        }
        assert!(file.read() < 60_000);
    }
}
