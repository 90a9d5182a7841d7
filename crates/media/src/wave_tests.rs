//! Tests of WAVE reading and writing, on files built by hand.

use crate::{Asset, Body, Carrier, Changes, Draft, Ends, NewContent, Piece, Role, Sound};
use indicia_core::{Limits, Problem, Source, Span};
use indicia_testkit::CountedFile;

/// A chunk written by hand.
fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes.extend(vec![0; body.len() % 2]);
    bytes
}

/// A file of these chunks.
fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let inside = [b"WAVE".to_vec(), chunks.concat()].concat();
    [b"RIFF".to_vec(), u32::try_from(inside.len()).unwrap().to_le_bytes().to_vec(), inside].concat()
}

/// A `fmt ` chunk.
fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut body = tag.to_le_bytes().to_vec();
    body.extend(channels.to_le_bytes());
    body.extend(rate.to_le_bytes());
    body.extend((rate * u32::from(frame)).to_le_bytes());
    body.extend(frame.to_le_bytes());
    body.extend(bits.to_le_bytes());
    chunk(b"fmt ", &body)
}

fn pcm16() -> Vec<u8> {
    fmt(1, 1, 8000, 16)
}

/// Cue point 1 at frame 2, and a loop from frame 1 to 3.
fn cue() -> Vec<u8> {
    let point =
        [&1u32.to_le_bytes()[..], &2u32.to_le_bytes(), b"data", &[0; 8], &2u32.to_le_bytes()].concat();
    chunk(b"cue ", &[1u32.to_le_bytes().to_vec(), point].concat())
}

fn full() -> Vec<u8> {
    riff(&[
        pcm16(),
        chunk(b"LIST", b"INFOINAM\x03\0\0\0ab\0\0AIGC\x03\0\0\0{ }\0ISFT\x02\0\0\0xy"),
        chunk(b"fact", &4u32.to_le_bytes()),
        chunk(b"data", &[1, 0, 2, 0, 3, 0, 4, 0]),
        cue(),
        chunk(b"AIGC", b"{\"Label\":\"1\"}\0"),
        chunk(b"id3 ", b"ID3\x04\0\0\0\0\0\x10TXXX\0\0\0\x06\0\0\x03K\0abc"),
        chunk(b"_PMX", b"<x/>"),
        chunk(b"C2PA", b"jumb"),
        chunk(b"zz  ", b"odd"),
    ])
}

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()));
    assert_eq!(asset.format.name, "wav");
    asset
}

fn keys(asset: &Asset<'_>) -> Vec<(Carrier, String, Vec<u8>)> {
    let read = |packet| asset.read(packet).unwrap();
    asset.layout.packets.iter().map(|one| (one.carrier, one.key.clone(), read(one))).collect()
}

fn changed(source: &dyn Source, change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let asset = open(source);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    draft.render().unwrap().to_bytes().unwrap()
}

fn samples(source: &dyn Source) -> Vec<f32> {
    let mut values = Vec::new();
    let asset = open(source);
    let mut stream = asset.sound().unwrap();
    while stream.next_block(&mut values).unwrap() {}
    values
}

fn mono(values: &[f32]) -> Option<Sound> {
    Some(Sound { rate: 8000, channels: 1, values: values.to_vec() })
}

#[test]
fn every_sort_of_metadata_is_found_and_nothing_else() {
    let bytes = full();
    let asset = open(&bytes);
    let expected: [(Carrier, &str, &[u8]); 8] = [
        (Carrier::Field, "INAM", b"ab\0"),
        (Carrier::Field, "AIGC", b"{ }"),
        (Carrier::Field, "ISFT", b"xy"),
        (Carrier::Field, "AIGC", b"{\"Label\":\"1\"}\0"),
        (Carrier::Field, "K", b"abc"),
        (Carrier::Xmp, "", b"<x/>"),
        (Carrier::Manifest, "", b"jumb"),
        (Carrier::Field, "zz", b"odd"),
    ];
    let found = keys(&asset);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1.as_str(), found.2.as_slice()), expected);
    }
    assert_eq!(asset.layout.damage, None);
}

#[test]
fn a_file_that_ends_anywhere_is_damaged_but_for_its_last_padding() {
    let bytes = full();
    for len in 0..bytes.len() - 8 {
        let cut = bytes[..len].to_vec();
        if let Ok(asset) = Asset::open(&cut, Some("a.wav"), &Limits::default()) {
            assert!(asset.layout.tiles(cut.size()), "{len}");
            assert!(asset.layout.damage.is_some(), "{len}");
        }
    }
    let cut = bytes[..bytes.len() - 1].to_vec();
    assert_eq!(open(&cut).layout.damage, None);
    assert_eq!(keys(&open(&cut)).last().unwrap().2, b"odd");
}

#[test]
fn no_size_field_makes_it_panic_or_leave_a_gap() {
    let bytes = full();
    for at in 4..bytes.len() - 4 {
        for value in [0, 1, u32::MAX, u32::MAX / 2, 0x7FFF_F000] {
            let mut bytes = bytes.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            if let Ok(asset) = Asset::open(&bytes, None, &Limits::default()) {
                assert!(asset.layout.tiles(bytes.size()), "{at} {value}");
                for packet in &asset.layout.packets {
                    let _ = asset.read(packet);
                }
                let _ = asset.sound_facts();
                let mut draft = Draft::new(&asset);
                draft.set(Carrier::Field, "TEST", b"x".to_vec());
                draft.extend_sound(Ends { start: mono(&[0.5]), end: None });
                let _ = draft.render();
            }
        }
    }
}

#[test]
fn streamed_sound_runs_to_the_end_and_is_written_with_its_true_size() {
    for size in [0, u32::MAX, 0x7FFF_F000] {
        let mut bytes = riff(&[pcm16(), chunk(b"data", &[1, 0, 2, 0])]);
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes[40..44].copy_from_slice(&size.to_le_bytes());
        let asset = open(&bytes);
        assert_eq!(asset.layout.damage, None, "{size:x}");
        assert_eq!(asset.sound_facts().unwrap().frames, Some(2), "{size:x}");
        let out = changed(&bytes, |draft| draft.set(Carrier::Field, "AIGC", b"{}".to_vec()));
        let expected = riff(&[pcm16(), chunk(b"AIGC", b"{}"), chunk(b"data", &[1, 0, 2, 0])]);
        assert_eq!(out, expected, "{size:x}");
    }
}

#[test]
fn an_empty_data_chunk_before_others_stays_empty() {
    let bytes = riff(&[pcm16(), chunk(b"data", &[]), chunk(b"AIGC", b"{}")]);
    let asset = open(&bytes);
    assert_eq!(asset.sound_facts().unwrap().frames, Some(0));
    assert_eq!(asset.layout.packets.len(), 1);
}

#[test]
fn chunks_after_the_end_are_read_and_other_bytes_are_unknown() {
    let mut bytes = full();
    let end = bytes.len() as u64;
    bytes.extend(chunk(b"LATE", b"yes!"));
    bytes.extend(b"\0\0junk");
    let asset = open(&bytes);
    assert_eq!(asset.layout.damage, None);
    assert!(asset.layout.packets.iter().any(|packet| packet.key == "LATE"));
    let last = asset.layout.segments.last().unwrap();
    assert_eq!((last.role, last.span), (Role::Unknown, Span { start: end + 12, end: end + 18 }));
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "NEW!", b"1".to_vec()));
    assert!(out.ends_with(b"LATE\x04\0\0\0yes!\0\0junk"));
    assert_eq!(u32::from_le_bytes(out[4..8].try_into().unwrap()) as usize, out.len() - 8 - 6);
}

#[test]
fn chunks_without_padding_are_read_and_padded_when_written() {
    let mut bytes = riff(&[pcm16()]);
    bytes.extend(b"AIGC\x01\0\0\0xdata\x02\0\0\0\x01\x00");
    let asset = open(&bytes);
    assert_eq!(asset.layout.damage, None);
    assert_eq!(asset.sound_facts().unwrap().frames, Some(1));
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "AIGC", b"yz".to_vec()));
    assert_eq!(out, riff(&[pcm16(), chunk(b"AIGC", b"yz"), chunk(b"data", &[1, 0])]));
}

#[test]
fn a_text_longer_than_its_list_is_broken_and_keeps_its_key() {
    let bytes = riff(&[pcm16(), chunk(b"LIST", b"INFOAIGC\xFF\0\0\0{}"), chunk(b"data", &[])]);
    let asset = open(&bytes);
    let packet = &asset.layout.packets[0];
    assert_eq!(packet.key, "AIGC");
    assert!(matches!(packet.body, Body::Broken(_)));
}

#[test]
fn no_change_gives_the_file_back() {
    for bytes in [full(), [full(), vec![9; 5]].concat()] {
        let asset = open(&bytes);
        let pieces = (asset.format.splice)(&bytes, &asset.layout, &Changes::default(), &Limits::default());
        assert_eq!(pieces.unwrap(), [Piece::Keep(Span { start: 0, end: bytes.size() })]);
    }
}

#[test]
fn a_new_chunk_stands_before_the_sound_and_nothing_else_moves() {
    let bytes = full();
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "ODD_", b"abc".to_vec()));
    let data = bytes.windows(4).position(|four| four == b"data").unwrap();
    let mut expected = bytes.clone();
    expected.splice(data..data, *b"ODD_\x03\0\0\0abc\0");
    let size = u32::try_from(expected.len() - 8).unwrap();
    expected[4..8].copy_from_slice(&size.to_le_bytes());
    assert_eq!(out, expected);
}

#[test]
fn texts_and_chunks_are_replaced_and_taken_out_alone() {
    let bytes = full();
    let out = changed(&bytes, |draft| {
        draft.replace(1, b"longer".to_vec());
        draft.remove(3);
        draft.replace(5, b"<y/>!".to_vec());
    });
    let found = keys(&open(&out));
    let texts: Vec<_> = found.iter().map(|(_, key, value)| (key.as_str(), value.as_slice())).collect();
    assert_eq!(texts[..3], [("INAM", &b"ab\0"[..]), ("AIGC", b"longer"), ("ISFT", b"xy")]);
    assert_eq!(texts[3..5], [("K", &b"abc"[..]), ("", b"<y/>!")]);
    assert_eq!(out.len(), bytes.len() + 2 - 22 + 2);

    let out = changed(&bytes, |draft| (0..3).for_each(|index| draft.remove(index)));
    assert!(!out.windows(4).any(|four| four == b"LIST"));
    assert_eq!(open(&out).layout.damage, None);
}

#[test]
fn keys_that_mean_something_to_wave_are_refused() {
    let bytes = full();
    for key in ["data", "fmt ", "abc", "abcde", "ab\u{7f}c", "LIST", "\u{e9}ab"] {
        let asset = open(&bytes);
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, key, Vec::new());
        assert!(matches!(draft.render().unwrap_err().problem, Problem::Unsupported(_)), "{key}");
    }
}

#[test]
fn a_frame_of_the_tag_in_a_chunk_is_changed_and_the_last_one_takes_the_chunk_along() {
    let bytes = full();
    let replaced = changed(&bytes, |draft| draft.replace(4, b"other".to_vec()));
    assert!(keys(&open(&replaced)).iter().any(|(_, key, value)| key == "K" && value == b"other"));
    assert_eq!(open(&replaced).layout.damage, None);
    let removed = changed(&bytes, |draft| draft.remove(4));
    assert!(!removed.windows(4).any(|four| four == b"id3 "));
    assert_eq!(keys(&open(&removed)).len(), keys(&open(&bytes)).len() - 1);
}

#[test]
fn sound_is_put_around_the_old_and_every_count_follows() {
    let bytes = full();
    let out = changed(&bytes, |draft| {
        draft.extend_sound(Ends { start: mono(&[0.5, -1.0, 2.0]), end: mono(&[-0.5]) });
    });
    let data = out.windows(4).position(|four| four == b"data").unwrap();
    let expected = b"data\x10\0\0\0\x00\x40\x00\x80\xFF\x7F\x01\0\x02\0\x03\0\x04\0\x00\xC0";
    assert_eq!(&out[data..data + expected.len()], expected);
    assert_eq!(&out[data - 12..data], b"fact\x04\0\0\0\x08\0\0\0");
    let cue = &out[data + expected.len()..];
    assert_eq!(&cue[..12], b"cue \x1C\0\0\0\x01\0\0\0");
    assert_eq!((&cue[12..20], &cue[32..36]), (&b"\x01\0\0\0\x05\0\0\0"[..], &b"\x05\0\0\0"[..]));
    assert_eq!(u32::from_le_bytes(out[4..8].try_into().unwrap()) as usize, out.len() - 8);
    assert_eq!(samples(&out)[3..7], samples(&bytes));
    assert_eq!(keys(&open(&out)), keys(&open(&bytes)));
}

#[test]
fn loops_of_a_sampler_move_with_the_sound() {
    let body: Vec<u8> = (0..60u8).collect();
    let bytes = riff(&[pcm16(), chunk(b"smpl", &body), chunk(b"data", &[0; 4])]);
    let out = changed(&bytes, |draft| draft.extend_sound(Ends { start: mono(&[0.0]), end: None }));
    let smpl = &out[36 + 8..36 + 68];
    assert_eq!((&smpl[..44], &smpl[52..]), (&body[..44], &body[52..]));
    assert_eq!(&smpl[44..52], [45, 45, 46, 47, 49, 49, 50, 51]);
}

#[test]
fn a_torn_last_frame_is_filled_up_before_more_follows() {
    let bytes = riff(&[pcm16(), chunk(b"data", &[1, 0, 2])]);
    let out = changed(&bytes, |draft| draft.extend_sound(Ends { start: None, end: mono(&[0.5]) }));
    assert!(out.ends_with(b"data\x06\0\0\0\x01\0\x02\0\x00\x40"));
}

#[test]
fn sound_of_another_rate_or_channel_count_is_refused() {
    let bytes = full();
    let asset = open(&bytes);
    for (rate, channels) in [(8001, 1), (8000, 2)] {
        let mut draft = Draft::new(&asset);
        let sound = Sound { rate, channels, values: vec![0.0; 2] };
        draft.extend_sound(Ends { start: Some(sound), end: None });
        assert!(draft.render().is_err());
    }
}

#[test]
fn extensible_formats_are_read_and_others_named() {
    let guid = b"\x01\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71";
    let body =
        [&b"\xFE\xFF\x01\0\x40\x1F\0\0\xC0\x5D\0\0\x03\0\x18\0\x16\0\x14\0\x04\0\0\0"[..], guid].concat();
    let bytes = riff(&[chunk(b"fmt ", &body), chunk(b"data", &[0, 0, 0x40])]);
    assert_eq!(samples(&bytes), [0.5]);
    let bytes = riff(&[fmt(2, 1, 8000, 8), chunk(b"data", &[0])]);
    let refused = open(&bytes).sound_facts().unwrap_err();
    assert_eq!(
        (refused.at, refused.problem),
        (20, Problem::Unsupported("WAVE sound: Microsoft ADPCM (tag 0x0002)"))
    );
}

fn new_bytes(pieces: &[Piece]) -> u64 {
    pieces.iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum()
}

/// `RF64` with a data chunk of this size, as EBU Tech 3306 lays it out.
fn rf64(data: u64) -> CountedFile {
    let mut ds64 = [data + 72, data, data / 2].map(u64::to_le_bytes).concat();
    ds64.extend([0; 4]);
    let head = [
        b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec(),
        chunk(b"ds64", &ds64),
        pcm16(),
        b"data\xFF\xFF\xFF\xFF".to_vec(),
    ];
    CountedFile::padded(head.concat(), data + 80)
}

#[test]
fn five_gigabytes_of_rf64_are_labelled_with_a_few_new_bytes() {
    let data = 5 << 30;
    let file = rf64(data);
    let asset = open(&file);
    assert_eq!(asset.layout.damage, None);
    assert_eq!(asset.sound_facts().unwrap().frames, Some(data / 2));
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
    draft.extend_sound(Ends { start: mono(&[0.0; 3]), end: mono(&[0.0]) });
    let out = draft.render().unwrap();
    assert_eq!(out.len(), file.size() + 10 + 8);
    assert!(file.read() < 64 << 10, "{}", file.read());
    assert!(new_bytes(out.pieces()) < 100);
    let [Piece::Keep(_), Piece::New(numbers), ..] = out.pieces() else { panic!("{:?}", out.pieces()) };
    assert_eq!(numbers, &[data + 72 + 18, data + 8, data / 2 + 4].map(u64::to_le_bytes).concat());
}

#[test]
fn a_file_that_grows_over_four_gigabytes_becomes_rf64() {
    let data = u64::from(u32::MAX) - 41; // even
    // More reserved space than needed, just enough of it, too little for what is left to be a chunk, none.
    let spare = |len| chunk(b"JUNK", &vec![0; len]);
    for (spare, grown) in [(spare(64), 0), (spare(28), 0), (spare(32), 0), (spare(26), 36), (Vec::new(), 36)]
    {
        let size = u32::try_from(data - spare.len() as u64).unwrap();
        let start = [&b"RIFF"[..], &u32::try_from(36 + data).unwrap().to_le_bytes(), b"WAVE"].concat();
        let head = [&start[..], &spare, &pcm16(), b"data", &size.to_le_bytes()].concat();
        let file = CountedFile::padded(head, 44 + data);
        let asset = open(&file);
        assert_eq!(asset.layout.damage, None);
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "AIGC", vec![b' '; 100]);
        let out = draft.render().unwrap();
        assert_eq!(out.len(), file.size() + 108 + grown, "{}", spare.len());
        assert!(file.read() < 64 << 10, "{}", file.read());
        assert!(new_bytes(out.pieces()) < 400);
        // Read back through a source made of the new head and zeros.
        let mut head = Vec::new();
        for piece in out.pieces() {
            match piece {
                Piece::New(bytes) => head.extend(bytes),
                Piece::Keep(span) if span.len() < 4096 => {
                    let mut part = vec![0; usize::try_from(span.len()).unwrap()];
                    file.read_at(span.start, &mut part).unwrap();
                    head.extend(part);
                }
                Piece::Keep(_) => break,
            }
        }
        assert!(head.starts_with(b"RF64\xFF\xFF\xFF\xFFWAVEds64"), "{}", spare.len());
        assert_eq!(head[20..28], (out.len() - 8).to_le_bytes(), "{}", spare.len());
        assert_eq!(head[36..44], (u64::from(size) / 2).to_le_bytes(), "{}", spare.len());
        let back = CountedFile::padded(head, out.len());
        let asset = open(&back);
        assert_eq!(asset.layout.damage, None, "{}", spare.len());
        assert_eq!(asset.sound_facts().unwrap().frames, Some(u64::from(size) / 2));
        assert_eq!(asset.layout.packets.len(), 1);
    }
}

#[test]
fn a_table_of_wide_chunks_is_used() {
    let mut ds64 = [0u64, 2, 1].map(u64::to_le_bytes).concat();
    ds64.extend(1u32.to_le_bytes());
    ds64.extend(b"AIGC\x03\0\0\0\0\0\0\0");
    let bytes = [
        b"RF64\xFF\xFF\xFF\xFFWAVE".to_vec(),
        chunk(b"ds64", &ds64),
        pcm16(),
        b"AIGC\xFF\xFF\xFF\xFFabc\0data\x02\0\0\0\x01\0".to_vec(),
    ]
    .concat();
    let asset = open(&bytes);
    assert_eq!(asset.layout.damage, None);
    assert_eq!(keys(&asset), [(Carrier::Field, "AIGC".to_owned(), b"abc".to_vec())]);
}

#[test]
fn content_of_another_kind_is_refused() {
    let bytes = full();
    let asset = open(&bytes);
    let changes = Changes { content: Some(NewContent::Text(Ends::default())), ..Changes::default() };
    assert!((asset.format.splice)(&bytes, &asset.layout, &changes, &Limits::default()).is_err());
}
