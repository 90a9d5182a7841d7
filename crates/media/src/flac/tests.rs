//! Whole files: recognized, cut up, put together again.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use super::checksum::crc16;
use super::encode;
use super::frame::FrameHeader;
use crate::{Asset, Carrier, Draft, Ends, Role, Sound};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;
use symphonia::core::checksum::Md5;
use symphonia::core::io::Monitor;

/// RFC 9639, D.1: one stereo sample, and nothing else.
const SMALLEST: &[u8] = b"fLaC\x80\x00\x00\x22\x10\x00\x10\x00\x00\x00\x0F\x00\x00\x0F\x0A\xC4\x42\xF0\x00\x00\x00\x01\
    \x3E\x84\xB4\x18\x07\xDC\x69\x03\x07\x58\x6A\x3D\xAD\x1A\x2E\x0F\xFF\xF8\x69\x18\x00\x00\xBF\x03\x58\xFD\x03\x12\
    \x8B\xAA\x9A";

fn block(kind: u8, body: &[u8]) -> Vec<u8> {
    let [_, size @ ..] = (body.len() as u32).to_be_bytes();
    [&[kind], &size[..], body].concat()
}

fn comments(texts: &[&str]) -> Vec<u8> {
    let mut body = b"\x03\0\0\0enc".to_vec();
    body.extend((texts.len() as u32).to_le_bytes());
    for text in texts {
        body.extend((text.len() as u32).to_le_bytes());
        body.extend(text.as_bytes());
    }
    block(4, &body)
}

/// What a file is made of.
struct Made {
    bits: u32,
    channels: usize,
    block: usize,
    variable: bool,
    /// Between STREAMINFO and the frames, the last with its flag.
    blocks: Vec<u8>,
    samples: Vec<i32>,
}

impl Made {
    /// A sweep, a little of everything.
    fn new(bits: u32, channels: usize, frames: usize) -> Self {
        let most = f64::from(1_i32 << (bits - 1)) * 0.9;
        let value = |at: usize| (((at * at) as f64 / 3000.0).sin() * most) as i32;
        let samples = (0..frames * channels).map(value).collect();
        Self { bits, channels, block: 192, variable: false, blocks: block(0x81, &[0; 40]), samples }
    }

    fn bytes(&self) -> Vec<u8> {
        let code = match self.bits {
            8 => 1,
            16 => 4,
            24 => 6,
            _ => 0,
        };
        let second = if self.variable { 0xF9 } else { 0xF8 };
        let mut model = vec![0xFF, second, 0x10, ((self.channels - 1) << 4) as u8 | code << 1, 0];
        model.push(super::checksum::crc8(&model));
        let model = FrameHeader::at(&model).unwrap();
        let (mut frames, mut number, mut sizes) = (Vec::new(), 0, Vec::new());
        for chunk in self.samples.chunks(self.block * self.channels) {
            let planes: Vec<Vec<i32>> = (0..self.channels)
                .map(|channel| chunk.iter().skip(channel).step_by(self.channels).copied().collect())
                .collect();
            let frame = encode::frame(&model, number, &planes, self.bits);
            number += if self.variable { planes[0].len() as u64 } else { 1 };
            sizes.push(frame.len() as u32);
            frames.extend(frame);
        }
        let mut info = [(self.block as u16).to_be_bytes(), (self.block as u16).to_be_bytes()].concat();
        info.extend(&sizes.iter().min().unwrap().to_be_bytes()[1..]);
        info.extend(&sizes.iter().max().unwrap().to_be_bytes()[1..]);
        let total = (self.samples.len() / self.channels) as u64;
        let packed =
            8000_u64 << 44 | (self.channels as u64 - 1) << 41 | u64::from(self.bits - 1) << 36 | total;
        info.extend(packed.to_be_bytes());
        info.extend(md5(&self.samples, self.bits));
        [b"fLaC".to_vec(), block(0, &info), self.blocks.clone(), frames].concat()
    }
}

fn md5(samples: &[i32], bits: u32) -> [u8; 16] {
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes().into_iter().take(bits.div_ceil(8) as usize))
        .collect();
    let mut md5 = Md5::default();
    md5.process_buf_bytes(&bytes);
    md5.md5()
}

fn open(bytes: &Vec<u8>) -> Asset<'_> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "flac");
    assert!(asset.layout.tiles(bytes.size()));
    asset
}

fn changed(bytes: &Vec<u8>, change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let asset = open(bytes);
    assert_eq!(asset.layout.damage, None);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    draft.render().unwrap().to_bytes().unwrap()
}

fn labelled(bytes: &Vec<u8>) -> Vec<u8> {
    changed(bytes, |draft| draft.set(Carrier::Field, "AIGC", b"{\"Label\":\"1\"}".to_vec()))
}

fn sound(bytes: &Vec<u8>) -> Vec<f32> {
    let asset = open(bytes);
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    values
}

fn names(bytes: &Vec<u8>) -> String {
    let names = open(bytes)
        .layout
        .segments
        .iter()
        .map(|one| String::from_utf8_lossy(&one.name).trim().to_owned())
        .collect::<Vec<_>>();
    names.join(" ")
}

fn value(bytes: &Vec<u8>, key: &str) -> Option<Vec<u8>> {
    let asset = open(bytes);
    let packet = asset.layout.packets.iter().find(|packet| packet.key == key)?;
    Some(asset.read(packet).unwrap())
}

#[test]
fn the_standards_example_is_decoded_labelled_and_kept() {
    let bytes = SMALLEST.to_vec();
    assert_eq!(open(&bytes).layout.damage, None);
    let facts = open(&bytes).sound_facts().unwrap();
    assert_eq!((facts.rate, facts.channels, facts.frames), (44_100, 2, Some(1)));
    assert_eq!(sound(&bytes), [25588.0 / 32768.0, 10416.0 / 32768.0]);
    let out = labelled(&bytes);
    assert_eq!(names(&out), "fLaC INFO VORB FRAM");
    assert_eq!(out[4..8], [0, 0, 0, 0x22], "STREAMINFO is last no more");
    assert_eq!(out[42], 0x84, "the comments are");
    assert_eq!(out[out.len() - 15..], bytes[bytes.len() - 15..]);
    assert_eq!(value(&out, "AIGC").unwrap(), b"{\"Label\":\"1\"}");
}

#[test]
fn padding_is_used_up_before_the_file_grows() {
    let grown = "AIGC={\"Label\":\"1\"}".len() + 4;
    for (padding, expected) in [(100, 0), (grown, 0), (grown - 4, 0), (grown - 1, grown), (0, grown)] {
        let blocks = [comments(&["title=x"]), block(0x81, &vec![0; padding])].concat();
        let bytes = Made { blocks, ..Made::new(16, 1, 300) }.bytes();
        let out = labelled(&bytes);
        assert_eq!(out.len() - bytes.len(), expected, "{padding}");
        let back = changed(&out, |draft| {
            let at = draft.packets(Carrier::Field).find(|(_, packet)| packet.key == "AIGC").unwrap().0;
            draft.remove(at);
        });
        if padding == 100 {
            assert_eq!(back, bytes);
        }
        assert_eq!(open(&back).layout.damage, None);
        assert_eq!(value(&back, "title").unwrap(), b"x");
    }
}

#[test]
fn other_blocks_and_tags_stay_byte_for_byte() {
    let picture = [&[0, 0, 0, 3, 0, 0, 0, 9][..], b"image/png", &[0, 0, 0, 3], b"sea", &[0; 20]].concat();
    let blocks =
        [block(2, b"testdata"), block(6, &picture), comments(&["a=1", "A=2"]), block(0x85, &[7; 432])]
            .concat();
    let inner = Made { blocks: blocks.clone(), ..Made::new(16, 2, 500) }.bytes();
    let mut id3v1 = b"TAGold title".to_vec();
    id3v1.resize(128, 0);
    let tag = b"ID3\x04\0\0\0\0\0\x12TXXX\0\0\0\x08\0\0\x03AIGC\0{}".to_vec();
    let bytes = [tag.clone(), inner.clone(), id3v1.clone()].concat();
    assert_eq!(names(&bytes), "ID3 fLaC INFO APPL PICT VORB CUES FRAM TAG");
    let asset = open(&bytes);
    let keys: Vec<_> = asset.layout.packets.iter().map(|one| (one.carrier, one.key.as_str())).collect();
    let field = |key| (Carrier::Field, key);
    let expected = [
        field("AIGC"),
        (Carrier::Blob, "test"),
        (Carrier::Comment, ""),
        field("vendor"),
        field("a"),
        field("A"),
        field("title"),
    ];
    assert_eq!(keys, expected);
    let out = changed(&bytes, |draft| {
        draft.replace(4, b"one".to_vec());
        draft.replace(1, b"other data".to_vec());
        draft.remove(6);
    });
    let expected = [
        b"ID3\x04\0\0\0\0\0\x12TXXX\0\0\0\x08\0\0\x03AIGC\0{}".to_vec(),
        inner[..42].to_vec(),
        block(2, b"testother data"),
        block(6, &picture),
        comments(&["a=one", "A=2"]),
        inner[42 + blocks.len() - 436..].to_vec(),
    ];
    assert!(out.starts_with(&expected.concat()));
    assert_eq!(out[out.len() - 128..], [b"TAG".to_vec(), vec![0; 125]].concat());
}

#[test]
fn a_notice_goes_around_sound_that_stays_sample_for_sample() {
    for (bits, channels) in [(8, 1), (12, 2), (16, 2), (20, 1), (24, 2), (16, 8)] {
        for variable in [false, true] {
            for frames in [1, 192, 500, 192 * 40] {
                let made = Made { variable, ..Made::new(bits, channels, frames) };
                let bytes = made.bytes();
                let old = sound(&bytes);
                let what = format!("{bits} bits, {channels} channels, {frames} frames, variable {variable}");
                assert_eq!(old.len(), frames * channels, "{what}");
                for (start, end) in [(250, 0), (0, 70), (192, 192), (1, 400)] {
                    let tone = |frames: usize| {
                        let values = (0..frames * channels).map(|at| (at as f32 / 9.0).sin() / 2.0).collect();
                        (frames > 0).then_some(Sound { rate: 8000, channels: channels as u16, values })
                    };
                    let ends = Ends { start: tone(start), end: tone(end) };
                    let out = changed(&bytes, |draft| draft.extend_sound(ends.clone()));
                    let new = sound(&out);
                    let before = start.div_ceil(192) * 192 * channels;
                    assert_eq!(new.len(), before + old.len() + end * channels, "{what}");
                    assert!(new[before..before + old.len()] == old, "{what}");
                    let step = 1.0 / f32::from(1_u16 << (bits - 1).min(15)) + 1e-6;
                    for (notice, heard) in [
                        (&ends.start, &new[before - start * channels..before]),
                        (&ends.end, &new[before + old.len()..]),
                    ] {
                        let values = notice.as_ref().map_or(&[][..], |sound| &sound.values);
                        assert!(heard.iter().zip(values).all(|(a, b)| (a - b).abs() <= step), "{what}");
                    }
                    let facts = open(&out).sound_facts().unwrap();
                    assert_eq!(facts.frames, Some((new.len() / channels) as u64), "{what}");
                    let most = (1_i64 << (bits - 1)) as f32;
                    let whole: Vec<i32> = new.iter().map(|value| (value * most) as i32).collect();
                    assert_eq!(out[26..42], md5(&whole, bits), "{what}: the checksum of all samples");
                }
            }
        }
    }
}

#[test]
fn a_seek_table_points_to_the_same_sound() {
    let mut made = Made::new(16, 1, 192 * 200);
    let plain = made.bytes();
    let frames = open(&plain).layout.segments.last().unwrap().span.start as usize;
    // The third and the last frame, found by walking; then a placeholder.
    let mut walk = Vec::new();
    let mut at = frames;
    for number in 0..200_u64 {
        walk.push(at - frames);
        let next = (at + 6..plain.len()).find(|next| {
            FrameHeader::at(&plain[*next..]).is_some_and(|header| header.number == number + 1)
                && crc16(0, &plain[at..*next]) == 0
        });
        at = next.unwrap_or(plain.len());
    }
    let point = |sample: u64, offset: u64| {
        [&sample.to_be_bytes()[..], &offset.to_be_bytes(), &192_u16.to_be_bytes()].concat()
    };
    let placeholder = [&[0xFF; 8][..], &[0; 10]].concat();
    let table =
        [point(2 * 192, walk[2] as u64), point(199 * 192, walk[199] as u64), placeholder.clone()].concat();
    made.blocks = block(0x83, &table);
    let notice = Sound { rate: 8000, channels: 1, values: vec![0.25; 3 * 192] };
    let out = changed(&made.bytes(), |draft| draft.extend_sound(Ends { start: Some(notice), end: None }));
    let first = open(&out).layout.segments.last().unwrap().span.start as usize;
    for (at, number) in [(0, 2 + 3), (1, 199 + 3)] {
        let point = &out[46 + 18 * at..];
        assert_eq!(u64::from_be_bytes(point[..8].try_into().unwrap()), number * 192);
        let offset = u64::from_be_bytes(point[8..16].try_into().unwrap()) as usize;
        assert_eq!(FrameHeader::at(&out[first + offset..]).unwrap().number, number);
    }
    assert_eq!(out[46 + 36..46 + 54], placeholder);
}

#[test]
fn sound_under_a_wrong_checksum_gets_none() {
    let mut bytes = Made::new(16, 1, 300).bytes();
    bytes[30] ^= 1;
    let notice = Sound { rate: 8000, channels: 1, values: vec![0.25; 10] };
    let out = changed(&bytes, |draft| draft.extend_sound(Ends { start: Some(notice), end: None }));
    assert_eq!(out[26..42], [0; 16]);
}

#[test]
fn sound_of_another_rate_and_broken_frames_are_refused() {
    let bytes = Made::new(16, 1, 1000).bytes();
    for (rate, channels) in [(8001, 1), (8000, 2)] {
        let asset = open(&bytes);
        let mut draft = Draft::new(&asset);
        draft.extend_sound(Ends { start: Some(Sound { rate, channels, values: vec![0.0; 2] }), end: None });
        assert!(draft.render().is_err());
    }
    let mut bent = bytes.clone();
    let middle = bent.len() - 900;
    bent[middle] ^= 0x40;
    let asset = open(&bent);
    assert_eq!(asset.layout.damage, None, "only the ends are looked at");
    let mut draft = Draft::new(&asset);
    draft.extend_sound(Ends { start: Some(Sound { rate: 8000, channels: 1, values: vec![0.0] }), end: None });
    assert!(draft.render().is_err());
    let mut stream = asset.sound().unwrap();
    let mut values = Vec::new();
    assert!(std::iter::repeat_with(|| stream.next_block(&mut values)).take(20).any(|block| block.is_err()));
}

#[test]
fn a_file_cut_anywhere_is_damaged_and_its_comments_are_still_read() {
    let blocks = [comments(&["AIGC={}"]), block(0x81, &[0; 10])].concat();
    let bytes = Made { blocks, ..Made::new(16, 1, 700) }.bytes();
    for cut in 4..bytes.len() {
        let part = bytes[..cut].to_vec();
        let asset = Asset::open(&part, None, &Limits::default()).unwrap();
        assert!(asset.layout.damage.is_some(), "{cut}");
        assert!(asset.layout.tiles(cut as u64), "{cut}");
        if cut >= 42 + 4 + 22 {
            assert_eq!(value(&part, "AIGC").unwrap(), b"{}", "{cut}");
        }
    }
}

#[test]
fn lengths_of_nothing_and_of_everything_never_stop_the_program() {
    let blocks =
        [comments(&["AIGC={}"]), block(2, b"test"), block(6, &[0; 12]), block(0x83, &[0; 18])].concat();
    let bytes = Made { blocks, ..Made::new(16, 2, 400) }.bytes();
    for at in 4..200 {
        for value in [0, 0xFF] {
            for len in [1, 3, 4] {
                let mut bent = bytes.clone();
                bent[at..at + len].fill(value);
                let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
                assert!(asset.layout.tiles(bent.size()), "{at}");
                for packet in &asset.layout.packets {
                    let _ = asset.read(packet);
                }
                let mut draft = Draft::new(&asset);
                draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
                draft.extend_sound(Ends {
                    start: Some(Sound { rate: 8000, channels: 2, values: vec![0.0; 4] }),
                    end: None,
                });
                let _ = draft.render();
            }
        }
    }
}

#[test]
fn millions_of_blocks_are_over_the_limit() {
    let blocks = [block(1, &[]).repeat(100), block(0x81, &[])].concat();
    let bytes = Made { blocks, ..Made::new(16, 1, 100) }.bytes();
    let asset = Asset::open(&bytes, None, &Limits { segments: 50, ..Limits::default() }).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 50, .. }));
}

#[test]
fn frames_that_are_not_flac_are_damage() {
    let mut bytes = Made::new(16, 1, 300).bytes();
    let frames = open(&bytes).layout.segments.last().unwrap().span.start as usize;
    bytes[frames] = 0;
    let asset = open(&bytes);
    assert_eq!(asset.layout.damage.clone().unwrap().at, frames as u64);
    assert!(asset.layout.segments.iter().any(|one| one.role == Role::Essence));
}

#[test]
fn the_frames_of_a_long_file_are_not_read() {
    let blocks = [comments(&["AIGC={}"]), block(6, &vec![0; 1 << 20]), block(0x81, &[0; 100])].concat();
    let bytes = Made { blocks, ..Made::new(16, 2, 300_000) }.bytes();
    assert!(bytes.len() > 1 << 21);
    let counting = CountedFile::new(bytes);
    let asset = Asset::open(&counting, None, &Limits::default()).unwrap();
    assert_eq!(asset.layout.damage, None);
    assert!(counting.read() < 40_000);
}
