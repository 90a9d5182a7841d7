use super::{ExifText, ExifTexts, blank, orientation, texts};
use indicia_core::{Limits, Problem};

const LABEL: &str = "{\"AIGC\": {\"Label\":\"1\"}}";

fn short(big: bool, value: u16) -> Vec<u8> {
    if big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
}

fn long(big: bool, value: usize) -> Vec<u8> {
    let value = u32::try_from(value).unwrap();
    if big { value.to_be_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
}

fn entry(big: bool, tag: u16, kind: u16, count: usize, value: usize) -> Vec<u8> {
    [short(big, tag), short(big, kind), long(big, count), long(big, value)].concat()
}

/// Header; IFD0 with ImageDescription "hello" at 62 and the Exif directory at 38; UserComment at 68.
fn block(big: bool, comment: &[u8]) -> Vec<u8> {
    let header: &[u8] = if big { b"MM\0\x2A\0\0\0\x08" } else { b"II\x2A\0\x08\0\0\0" };
    let orientation = if big { entry(big, 0x0112, 3, 1, 6 << 16) } else { entry(big, 0x0112, 3, 1, 6) };
    [
        header.to_vec(),
        short(big, 3),
        entry(big, 0x010E, 2, 6, 68),
        orientation,
        entry(big, 0x8769, 4, 1, 50),
        long(big, 0),
        short(big, 1),
        entry(big, 0x9286, 7, comment.len(), 74),
        long(big, 0),
        b"hello\0".to_vec(),
        comment.to_vec(),
    ]
    .concat()
}

fn read(block: &[u8]) -> ExifTexts {
    texts(block, &Limits::default())
}

fn comment(block: &[u8]) -> ExifText {
    let found = read(block);
    assert_eq!(found.damage, None);
    found.texts.into_iter().find(|text| text.tag == 0x9286).unwrap()
}

#[test]
fn both_byte_orders_give_the_same_texts() {
    for big in [false, true] {
        let block = block(big, &[b"ASCII\0\0\0", LABEL.as_bytes()].concat());
        let found = read(&block);
        assert_eq!(found.damage, None, "{big}");
        let names: Vec<_> = found.texts.iter().map(|text| (text.name, text.decoded())).collect();
        assert_eq!(
            names,
            [("ImageDescription", "hello".to_owned()), ("UserComment", LABEL.to_owned())],
            "{big}"
        );
        assert_eq!(found.texts[1].site, 74..block.len());
        assert_eq!(orientation(&block), 6);
    }
}

#[test]
fn a_block_written_by_piexif_is_read() {
    // dump({"0th": {271: b"M"}, "Exif": {37510: b"ASCII\0\0\0hi"}}) of piexif 1.1.3, from its byte-order mark.
    // Its Exif directory has no pointer to a next one.
    let bytes =
        b"MM\0\x2A\0\0\0\x08\0\x02\x01\x0F\0\x02\0\0\0\x02M\0\0\0\x87\x69\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0\
        \0\x01\x92\x86\0\x07\0\0\0\x0A\0\0\0\x34ASCII\0\0\0hi";
    let found = read(bytes);
    assert_eq!(found.damage, None);
    let words: Vec<_> = found.texts.iter().map(ExifText::decoded).collect();
    assert_eq!(words, ["M", "hi"]);
}

#[test]
fn a_user_comment_is_read_in_every_coding_seen_in_files() {
    let le: Vec<u8> = LABEL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = LABEL.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let utf8 = LABEL.as_bytes();
    for big in [false, true] {
        for (name, bytes) in [
            ("no code", utf8.to_vec()),
            ("code of eight zeros", [b"\0\0\0\0\0\0\0\0", utf8].concat()),
            ("ASCII, padded", [b"ASCII\0\0\0", utf8, b"  \0\0\0"].concat()),
            ("JIS", [b"JIS\0\0\0\0\0", utf8].concat()),
            ("UNICODE, little-endian", [b"UNICODE\0", le.as_slice()].concat()),
            ("UNICODE, big-endian", [b"UNICODE\0", be.as_slice()].concat()),
            ("UNICODE with a mark", [b"UNICODE\0\xFF\xFE", le.as_slice(), b"\0\0"].concat()),
            ("UNICODE that is UTF-8", [b"UNICODE\0", utf8].concat()),
            ("no code, UTF-16", le.clone()),
        ] {
            assert_eq!(comment(&block(big, &bytes)).decoded(), LABEL, "{name}, {big}");
        }
    }
    let chinese: Vec<u8> = "人工智能生成".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bytes = [b"UNICODE\0", chinese.as_slice()].concat();
    assert_eq!(comment(&block(true, &bytes)).decoded(), "人工智能生成");
}

#[test]
fn windows_texts_are_utf16_whatever_the_byte_order() {
    for big in [false, true] {
        let mut bytes = block(big, b"12345678901234");
        let at = 50 + 2;
        bytes[at..at + 2].copy_from_slice(&short(big, 0x9C9C));
        bytes[74..].copy_from_slice(b"A\0I\0G\0C\0:\0 \0\0\0");
        assert_eq!(read(&bytes).texts[1].decoded(), "AIGC:");
    }
}

#[test]
fn a_blanked_text_is_empty_and_nothing_else_moves() {
    let utf16: Vec<u8> = LABEL.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"ASCII\0\0\0", LABEL.as_bytes()].concat(),
        [b"UNICODE\0", utf16.as_slice()].concat(),
        LABEL.as_bytes().to_vec(),
    ] {
        let before = block(false, &bytes);
        let mut after = before.clone();
        blank(&mut after, &comment(&before));
        assert_eq!(after.len(), before.len());
        assert_eq!(after[..74], before[..74]);
        assert!(!after.windows(4).any(|four| four == b"AIGC"));
        assert_eq!(comment(&after).decoded(), "");
        if !bytes.starts_with(b"{") {
            assert_eq!(after[74..82], before[74..82], "the character code stays");
        }
    }
    let mut after = block(true, b"ASCII\0\0\0hi");
    let description = read(&after).texts[0].clone();
    blank(&mut after, &description);
    assert_eq!(&after[68..74], b"     \0");
}

#[test]
fn a_broken_entry_does_not_hide_the_others() {
    let good = block(false, &[b"ASCII\0\0\0", LABEL.as_bytes()].concat());
    for (name, at, value) in [
        ("offset past the end", 10 + 8, u32::MAX),
        ("length past the end", 10 + 4, u32::MAX),
        ("unknown type", 10 + 2, 0x0001_00FF),
        ("next directory past the end", 46, u32::MAX),
        ("next directory is the first", 46, 8),
        ("next directory is the Exif directory", 46, 50),
    ] {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let found = read(&bytes);
        assert!(found.damage.is_some(), "{name}");
        assert!(found.texts.iter().any(|text| text.decoded() == LABEL), "{name}");
    }
}

#[test]
fn values_that_overlap_are_damage() {
    let good = block(false, b"ASCII\0\0\0hi");
    for at in [0_u32, 8, 40, 70, 75] {
        let mut bytes = good.clone();
        bytes[18..22].copy_from_slice(&at.to_le_bytes());
        let found = read(&bytes);
        assert_eq!(found.damage, Some(Problem::Malformed("Exif values that overlap")), "{at}");
        assert_eq!(found.texts.len(), 2);
    }
}

#[test]
fn many_entries_for_one_large_value_are_not_copied_for_ever() {
    let mut bytes = b"II\x2A\0\x08\0\0\0\x40\0".to_vec();
    for _ in 0..64 {
        bytes.extend(entry(false, 0x010E, 2, 1000, 1000));
    }
    bytes.resize(2000, b'a');
    let limits = Limits { block: 2000, ..Limits::default() };
    assert_eq!(texts(&bytes, &limits).texts.len(), 2);
}

#[test]
fn every_truncation_is_noticed() {
    let whole = block(true, &[b"ASCII\0\0\0", LABEL.as_bytes()].concat());
    for len in 0..whole.len() {
        assert!(read(&whole[..len]).damage.is_some(), "{len}");
        let _ = orientation(&whole[..len]);
    }
}

#[test]
fn no_single_byte_breaks_the_reader() {
    let whole = block(false, b"ASCII\0\0\0hi");
    for at in 0..whole.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            for text in read(&bytes).texts {
                let _ = text.decoded();
                blank(&mut bytes, &text);
            }
            assert!((1..=8).contains(&orientation(&bytes)));
        }
    }
}
