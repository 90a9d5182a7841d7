//! Tags as they stand in files: written by hand from the ID3 documents, read and changed as a whole file.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use crate::{Asset, Body, Carrier, Draft, Layout};
use indicia_core::{Limits, Problem};
use std::io::Write;

/// Three frames of silence: 128 kbit/s, 44.1 kHz, joint stereo.
fn sound() -> Vec<u8> {
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x64];
    frame.resize(417, 0);
    frame.repeat(3)
}

/// A tag with this body, and sound.
fn file(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(body.len()).unwrap();
    let header = [b'I', b'D', b'3', version, 0, flags, 0, 0, (size >> 7) as u8, (size & 0x7F) as u8];
    [header.as_slice(), body, &sound()].concat()
}

/// A frame of ID3v2.3 or 2.4 with a body of less than 128 bytes.
fn frame(id: &[u8; 4], flags: u8, body: &[u8]) -> Vec<u8> {
    [id.as_slice(), &[0, 0, 0, u8::try_from(body.len()).unwrap(), 0, flags], body].concat()
}

fn layout(bytes: &Vec<u8>) -> Layout {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "mp3");
    assert!(asset.layout.tiles(bytes.len() as u64));
    asset.layout
}

/// Sort, key and value of all packets.
fn read(bytes: &Vec<u8>) -> Vec<(Carrier, String, String)> {
    let layout = layout(bytes);
    assert_eq!(layout.damage, None);
    let value = |packet: &crate::Packet| packet.read(bytes, &Limits::default()).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    layout.packets.iter().map(|one| (one.carrier, one.key.clone(), text(value(one)))).collect()
}

fn field(key: &str, value: &str) -> (Carrier, String, String) {
    (Carrier::Field, key.to_owned(), value.to_owned())
}

/// The file with a field set.
fn set(bytes: &Vec<u8>, key: &str, value: &str) -> Vec<u8> {
    let limits = Limits::default();
    let asset = Asset::open(bytes, None, &limits).unwrap();
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, key, value.as_bytes().to_vec());
    draft.render().unwrap().to_bytes().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(bytes).unwrap();
    zlib.finish().unwrap()
}

#[test]
fn version_2_2_is_read_and_stays_2_2() {
    let bytes = file(2, 0, b"TT2\0\0\x04\0abcTXX\0\0\x08\0AIGC\0{}COM\0\0\x0A\0engnote\0");
    let mut found = vec![field("TT2", "abc"), field("AIGC", "{}")];
    let broken = layout(&bytes);
    assert_eq!(
        broken.damage.map(|damage| damage.problem),
        Some(Problem::Malformed("an ID3 frame longer than its tag"))
    );
    let bytes = file(2, 0, b"TT2\0\0\x04\0abcTXX\0\0\x08\0AIGC\0{}COM\0\0\x0A\0engnote\0x");
    found.push(field("COM:note", "x"));
    assert_eq!(read(&bytes), found);
    let written = set(&bytes, "AIGC", "{\"a\":\"灯\"}");
    assert_eq!(written[..6], bytes[..6], "version and flags");
    found[1].2 = "{\"a\":\"灯\"}".into();
    assert_eq!(read(&written), found);
}

#[test]
fn version_2_3_writes_latin1_or_utf16() {
    let bytes = file(3, 0, &frame(b"TIT2", 0, b"\x01\xFF\xFEa\0"));
    let plain = set(&bytes, "AIGC", "{}");
    assert_eq!(plain[25..25 + 18], *b"TXXX\0\0\0\x08\0\0\0AIGC\0{}", "encoding 0");
    assert_eq!(plain[10..25], bytes[10..25], "the other frame");
    let wide = set(&plain, "AIGC", "灯");
    assert_eq!(wide[25..25 + 27], *b"TXXX\0\0\0\x11\0\0\x01\xFF\xFEA\0I\0G\0C\0\0\0\xFF\xFE\x6F\x70");
    assert_eq!(read(&wide), [field("TIT2", "a"), field("AIGC", "灯")]);
    assert_eq!(wide.len(), plain.len(), "it fits into the padding");
}

#[test]
fn version_2_4_writes_utf8_with_a_synchsafe_size() {
    let long = "灯".repeat(50);
    let written = set(&sound(), "AIGC", &long);
    assert_eq!(written[..6], *b"ID3\x04\0\0");
    assert_eq!(written[10..26], *b"TXXX\0\0\x01\x1C\0\0\x03AIGC\0", "156 bytes are 1 and 28");
    assert_eq!(read(&written), [field("AIGC", &long)]);
    let size = 10 + 10 + 156 + 512;
    assert_eq!(written[size..], sound());
}

#[test]
fn padding_is_used_up_before_the_file_grows() {
    let mut body = frame(b"TXXX", 0, b"\x03AIGC\0{}");
    body.resize(118, 0);
    let bytes = file(4, 0, &body);
    assert_eq!(set(&bytes, "AIGC", &"x".repeat(102)).len(), bytes.len());
    assert_eq!(set(&bytes, "AIGC", &"x".repeat(103)).len(), bytes.len() + 1 + 512);
    let limits = Limits::default();
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    let mut draft = Draft::new(&asset);
    draft.remove(0);
    assert_eq!(draft.render().unwrap().to_bytes().unwrap(), sound(), "the last frame takes the tag with it");
}

#[test]
fn a_tag_unsynchronised_as_a_whole_is_read() {
    // "TPE1": Latin-1 FF E0 (ÿà), stored as FF 00 E0; the sizes are those without the zeros.
    let mut body = frame(b"TPE1", 0, b"\0\xFF\xE0");
    body.insert(12, 0);
    body.extend(frame(b"TXXX", 0, b"\x01\xFF\xFEA\0\0\0\xFF\xFEB\0"));
    // FF FE is FF 00 FE.
    let stuffed: Vec<u8> =
        body[14..].iter().flat_map(|byte| if *byte == 0xFF { vec![0xFF, 0] } else { vec![*byte] }).collect();
    body.truncate(14);
    body.extend(stuffed);
    let bytes = file(3, 0x80, &body);
    assert_eq!(read(&bytes), [field("TPE1", "ÿà"), field("A", "B")]);
    let written = set(&bytes, "A", "C");
    assert_eq!(written[5], 0, "no longer unsynchronised");
    assert_eq!(written[10..23], frame(b"TPE1", 0, b"\0\xFF\xE0"));
    assert_eq!(read(&written), [field("TPE1", "ÿà"), field("A", "C")]);
}

#[test]
fn frames_unsynchronised_one_by_one_are_read_and_kept() {
    let body = frame(b"TPE1", 0x02, b"\0\xFF\0\xE0");
    let bytes = file(4, 0x80, &body);
    assert_eq!(read(&bytes), [field("TPE1", "ÿà")]);
    let written = set(&bytes, "AIGC", "{}");
    assert_eq!(written[5], 0x80);
    assert_eq!(written[10..24], body);
    assert_eq!(written[33], 0x02, "the new frame says so too");
    assert_eq!(read(&written), [field("TPE1", "ÿà"), field("AIGC", "{}")]);
}

#[test]
fn compressed_frames_are_inflated_under_the_limit() {
    let content = [b"\0AIGC\0".as_slice(), &[b'x'; 3000]].concat();
    let packed = zlib(&content);
    let size = u32::try_from(content.len()).unwrap().to_be_bytes();
    let three = file(3, 0, &frame(b"TXXX", 0x80, &[size.as_slice(), &packed].concat()));
    let four = file(4, 0, &frame(b"TXXX", 0x09, &[&[0, 0, 23, 62], packed.as_slice()].concat()));
    for bytes in [three, four] {
        assert_eq!(read(&bytes), [field("AIGC", &"x".repeat(3000))]);
        let small = Limits { inflated: 2999, ..Limits::default() };
        let refused = layout(&bytes).packets[0].read(&bytes, &small).unwrap_err();
        assert!(matches!(refused.problem, Problem::OverLimit { limit: 2999, .. }));
    }
}

#[test]
fn an_encrypted_frame_is_not_absent() {
    let bytes = file(4, 0, &frame(b"TXXX", 0x04, b"\x80secret"));
    let layout = layout(&bytes);
    assert_eq!(layout.packets.len(), 1);
    assert!(
        matches!(&layout.packets[0].body, Body::Broken(err) if matches!(err.problem, Problem::Unsupported(_)))
    );
}

#[test]
fn extended_headers_and_footers_are_passed_over_and_kept_true() {
    let text = frame(b"TIT2", 0, b"\x03a");
    // 2.3: with a checksum, which goes out of date with the frames.
    let three = file(3, 0x40, &[b"\0\0\0\x0A\x80\0\0\0\0\0\x12\x34\x56\x78".as_slice(), &text].concat());
    assert_eq!(read(&three), [field("TIT2", "a")]);
    let written = set(&three, "AIGC", "{}");
    assert_eq!(written[5], 0);
    // 2.4: an update, a checksum, restrictions; and a footer.
    let extended = b"\0\0\0\x0F\x01\x70\0\x05\x01\x02\x03\x04\x05\x01\x55";
    let mut four = file(4, 0x50, &[extended.as_slice(), &text].concat());
    let end = 10 + extended.len() + text.len();
    let footer = [b"3DI".as_slice(), &four[3..10]].concat();
    four.splice(end..end, footer);
    assert_eq!(read(&four), [field("TIT2", "a")]);
    let written = set(&four, "AIGC", "{}");
    assert_eq!(written[5], 0x50);
    assert_eq!(written[10..19], *b"\0\0\0\x09\x01\x50\0\x01\x55", "without the checksum");
    assert_eq!(read(&written), [field("TIT2", "a"), field("AIGC", "{}")]);
    assert_eq!(written.len(), four.len() - 6 + 18, "no padding beside a footer");
}

#[test]
fn a_tag_after_the_sound_is_found_by_its_footer() {
    let text = frame(b"TXXX", 0, b"\x03AIGC\0{}");
    let head = |letters: &[u8; 3]| [letters.as_slice(), &[4, 0, 0x10, 0, 0, 0, 18]].concat();
    let tail = [head(b"ID3").as_slice(), &text, &head(b"3DI")].concat();
    let bytes = [sound(), tail].concat();
    assert_eq!(read(&bytes), [field("AIGC", "{}")]);
    let written = set(&bytes, "AIGC", "{\"b\":1}");
    assert_eq!(read(&written), [field("AIGC", "{\"b\":1}")]);
    assert_eq!(written.len(), bytes.len() + 5);
}

#[test]
fn sizes_written_in_the_manner_of_the_other_version_are_understood() {
    let value = "x".repeat(150);
    let content = [b"\x03AIGC\0", value.as_bytes()].concat();
    for (version, size) in [(4, [0, 0, 0, 156]), (4, [0, 0, 1, 28]), (3, [0, 0, 0, 156]), (3, [0, 0, 1, 28])]
    {
        let body = [b"TXXX", size.as_slice(), &[0, 0], &content, &frame(b"TIT2", 0, b"\x03a")].concat();
        assert_eq!(read(&file(version, 0, &body)), [field("AIGC", &value), field("TIT2", "a")], "{version}");
    }
}

#[test]
fn manifests_and_xmp_are_told_apart_from_other_objects() {
    let body = [
        frame(b"PRIV", 0, b"XMP\0<x/>"),
        frame(b"PRIV", 0, b"www.amazon.com\0<x/>"),
        frame(b"GEOB", 0, b"\0application/x-c2pa-manifest-store\0\0c2pa\0jumb"),
        frame(b"GEOB", 0, b"\0text/plain\0\0\0words"),
        frame(b"APIC", 0, b"\0image/png\0\x03\0\x89PNG"),
    ];
    let found = read(&file(4, 0, &body.concat()));
    assert_eq!(
        found,
        [(Carrier::Xmp, String::new(), "<x/>".into()), (Carrier::Manifest, String::new(), "jumb".into())]
    );
}

#[test]
fn several_tags_in_a_row_are_all_read() {
    let mut bytes = file(3, 0, &frame(b"TIT2", 0, b"\0a"));
    bytes.truncate(10 + 12);
    bytes.extend(file(4, 0, &frame(b"TXXX", 0, b"\x03AIGC\0{}")));
    assert_eq!(read(&bytes), [field("TIT2", "a"), field("AIGC", "{}")]);
    assert_eq!(read(&set(&bytes, "AIGC", "[]")), [field("TIT2", "a"), field("AIGC", "[]")]);
}

#[test]
fn a_tag_over_a_limit_does_not_hide_the_rest_of_the_file() {
    let body = frame(b"TXXX", 0, b"\x03AIGC\0{}");
    for (bytes, limits) in [
        (file(3, 0x80, &body), Limits { block: 10, ..Limits::default() }),
        (file(3, 0, &[body.as_slice(), &body].concat()), Limits { segments: 1, ..Limits::default() }),
    ] {
        let asset = Asset::open(&bytes, None, &limits).unwrap();
        assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { .. }));
        assert_eq!(asset.layout.segments.len(), 2);
    }
}

#[test]
fn every_truncation_is_an_answer_and_never_a_clean_bill() {
    let mut body = frame(b"TXXX", 0, b"\x03AIGC\0{}");
    body.extend(frame(b"COMM", 0, b"\x01eng\xFF\xFE\0\0\xFF\xFEa\0"));
    let bytes = file(4, 0, &body);
    for len in 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        let Ok(asset) = Asset::open(&cut, Some("a.mp3"), &Limits::default()) else {
            continue;
        };
        assert!(asset.layout.tiles(len as u64), "{len}");
        for packet in &asset.layout.packets {
            let _ = packet.read(&cut, &Limits::default());
        }
        if len <= 10 + body.len() {
            assert!(asset.layout.damage.is_some(), "{len}");
        }
    }
}

#[test]
fn every_byte_of_a_tag_may_be_nothing_or_all_ones() {
    let text = frame(b"TXXX", 0x02, b"\x01\xFF\xFEA\0\0\0\xFF\xFEB\0");
    for (version, flags) in [(2, 0), (3, 0), (3, 0x80), (3, 0x40), (4, 0), (4, 0xD0)] {
        let bytes = file(version, flags, &[text.as_slice(), &text].concat());
        for at in 3..10 + 2 * text.len() {
            for value in [0, 0x7F, 0xFF] {
                let mut bent = bytes.clone();
                bent[at] = value;
                let Ok(asset) = Asset::open(&bent, Some("a.mp3"), &Limits::default()) else {
                    continue;
                };
                assert!(asset.layout.tiles(bent.len() as u64), "{version} {at}");
                for packet in &asset.layout.packets {
                    let _ = packet.read(&bent, &Limits::default());
                }
            }
        }
    }
}
