//! Sound put before and after that of a file, heard through a decoder that is not ours.

#![allow(
    clippy::cast_possible_truncation,
    clippy::ptr_arg,
    reason = "numbers made here are small, and a source is a vector, not a slice"
)]

use super::crc::crc16;
use super::encode;
use super::header::FrameHeader;
use crate::{Asset, Draft, Ends, Piece, Sound};
use indicia_core::{Limits, Problem};

/// Headers of all rates: MPEG-1, 2 and 2.5, joint stereo; 128, 64 and 48 kbit/s.
const HEADERS: [[u8; 4]; 9] = [
    [0xFF, 0xFB, 0x90, 0x44],
    [0xFF, 0xFB, 0x94, 0x44],
    [0xFF, 0xFB, 0x98, 0x44],
    [0xFF, 0xF3, 0x80, 0x44],
    [0xFF, 0xF3, 0x84, 0x44],
    [0xFF, 0xF3, 0x88, 0x44],
    [0xFF, 0xE3, 0x60, 0x44],
    [0xFF, 0xE3, 0x64, 0x44],
    [0xFF, 0xE3, 0x68, 0x44],
];

fn header(bytes: [u8; 4]) -> FrameHeader {
    FrameHeader::parse(bytes).unwrap()
}

/// A tone, the same in all channels but for its loudness.
fn tone(rate: u32, pitch: f32, loudness: &[f32], samples: usize) -> Vec<f32> {
    let step = std::f32::consts::TAU * pitch / rate as f32;
    (0..samples).flat_map(|at| loudness.iter().map(move |loud| loud * (step * at as f32).sin())).collect()
}

fn frames(like: [u8; 4], sound: &[f32]) -> Vec<u8> {
    let like = header(like);
    encode::frames(&like, like.bit_rate.unwrap(), sound, 0, 0).bytes
}

fn decode(bytes: &Vec<u8>) -> Vec<f32> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    let mut stream = asset.sound().unwrap();
    let mut sound = Vec::new();
    while stream.next_block(&mut sound).unwrap() {}
    sound
}

/// Signal to noise, in decibels.
fn quality(sound: &[f32], decoded: &[f32]) -> f32 {
    assert!(decoded.len() >= sound.len());
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
    let noise = power(&mut sound.iter().zip(decoded).map(|(one, other)| one - other));
    10.0 * (power(&mut sound.iter().copied()) / noise).log10()
}

/// The file with the same sound before and after.
fn with_ends(bytes: &Vec<u8>, sound: &Sound) -> (Vec<Piece>, Vec<u8>) {
    let limits = Limits::default();
    let asset = Asset::open(bytes, None, &limits).unwrap();
    let mut draft = Draft::new(&asset);
    draft.extend_sound(Ends { start: Some(sound.clone()), end: Some(sound.clone()) });
    let rendered = draft.render().unwrap();
    (rendered.pieces().to_vec(), rendered.to_bytes().unwrap())
}

fn refusal(bytes: &Vec<u8>, rate: u32, channels: u16) -> Problem {
    let limits = Limits::default();
    let asset = Asset::open(bytes, None, &limits).unwrap();
    let mut draft = Draft::new(&asset);
    let sound = Sound { rate, channels, values: vec![0.0; 1000] };
    draft.extend_sound(Ends { start: Some(sound), end: None });
    draft.render().unwrap_err().problem
}

#[test]
fn a_tone_comes_back_at_every_rate_in_mono_and_stereo() {
    for like in HEADERS {
        let mono = [like[0], like[1], like[2], 0xC4];
        for (like, loudness) in [(mono, &[0.5][..]), (like, &[0.5, 0.5]), (like, &[0.5, -0.2])] {
            let header = header(like);
            let sound = tone(header.rate, 1000.0, loudness, 1800);
            let bytes = frames(like, &sound);
            let decoded = decode(&bytes);
            let channels = loudness.len();
            assert_eq!(decoded.len() % (channels * header.samples() as usize), 0);
            let late = &decoded[1057 * channels..];
            assert!(quality(&sound, late) > 30.0, "{like:x?} {loudness:?}: {} dB", quality(&sound, late));
        }
    }
}

#[test]
fn many_tones_at_once_are_still_told_apart() {
    let mut sound = vec![0.0; 6000];
    for pitch in 1..30_u8 {
        let one = tone(44_100, 137.0 * f32::from(pitch), &[0.4 / f32::from(pitch)], 6000);
        sound.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
    }
    let decoded = decode(&frames([0xFF, 0xFB, 0x50, 0xC4], &sound)); // 64 kbit/s
    assert!(quality(&sound, &decoded[1057..]) > 12.0);
}

#[test]
fn full_scale_and_silence_can_be_coded() {
    let loud: Vec<f32> = (0..4000).map(|at| if at / 50 % 2 == 0 { 1.0 } else { -1.0 }).collect();
    assert!(quality(&loud, &decode(&frames(HEADERS[0], &loud))[1057 * 2..]) > 10.0);
    let none = decode(&frames(HEADERS[0], &[0.0; 4000]));
    assert!(none.iter().all(|value| *value == 0.0));
}

#[test]
fn a_rhythm_keeps_its_edges() {
    let rate = 44_100;
    let beat = 4410; // 0.1 s on, 0.1 s off
    let mut sound = tone(rate, 1000.0, &[0.5], 4 * beat);
    for (at, value) in sound.iter_mut().enumerate() {
        *value *= ((at / beat) % 2) as f32;
    }
    let decoded = decode(&frames([0xFF, 0xFB, 0x90, 0xC4], &sound));
    let power = |from: usize, to: usize| {
        let part = &decoded[1057 + from..1057 + to];
        part.iter().map(|value| value * value).sum::<f32>() / part.len() as f32
    };
    let millisecond = 44;
    for edge in [beat, 2 * beat, 3 * beat] {
        let (before, after) = (power(edge - millisecond, edge), power(edge, edge + millisecond));
        let (quiet, loud) = if edge == 2 * beat { (after, before) } else { (before, after) };
        assert!(10.0 * (loud / quiet).log10() > 30.0, "{edge}: {loud} {quiet}");
    }
}

#[test]
fn what_was_there_stays_byte_for_byte_and_sample_for_sample() {
    for like in [HEADERS[0], HEADERS[3], [0xFF, 0xE3, 0x68, 0xC4]] {
        let header = header(like);
        let channels = header.channels();
        let loudness = vec![0.4; usize::from(channels)];
        let own = frames(like, &tone(header.rate, 440.0, &loudness, 5000));
        let values = tone(header.rate, 1000.0, &loudness, 2000);
        let notice = Sound { rate: header.rate, channels, values };
        let (pieces, written) = with_ends(&own, &notice);
        let [Piece::New(start), Piece::Keep(kept), Piece::New(_)] = &pieces[..] else {
            panic!("{pieces:?}");
        };
        assert_eq!((kept.start, kept.end), (0, own.len() as u64));
        assert_eq!(written[start.len()..start.len() + own.len()], own);
        let (before, after) = (decode(&own), decode(&written));
        let count = usize::from(channels) * header.samples() as usize;
        let place = (0..=after.len() - before.len())
            .step_by(count)
            .find(|at| after[*at..*at + before.len() - count] == before[..before.len() - count]);
        let place = place.expect("the sound as it was, but for the last frame, which overlaps with the next");
        let lead = usize::from(channels) * (576 + 1057);
        assert!(quality(&notice.values, &after[lead..]) > 30.0);
        let end = place + before.len() + usize::from(channels) * (2 * 576 + 1057);
        assert!(quality(&notice.values, &after[end..]) > 30.0);
    }
}

#[test]
fn frames_that_reach_back_for_bytes_that_are_gone_stay_silent() {
    let mut cut = frames(HEADERS[0], &tone(44_100, 440.0, &[0.4, 0.3], 5000));
    cut[4] = 100; // the first frame reaches back 200 bytes
    let silent = decode(&cut);
    assert!(silent[..2 * 576].iter().all(|value| *value == 0.0));
    let notice = Sound { rate: 44_100, channels: 2, values: tone(44_100, 1000.0, &[0.5, 0.5], 2000) };
    let (pieces, written) = with_ends(&cut, &notice);
    let Piece::New(start) = &pieces[0] else { panic!("{pieces:?}") };
    assert_eq!(start.last(), Some(&0), "a byte out of step, for decoders that keep all bytes");
    let after = decode(&written);
    let len = silent.len() - 2 * 1152;
    assert!((0..after.len() - len).step_by(2 * 1152).any(|at| after[at..at + len] == silent[..len]));
}

/// A first frame with all that LAME tells, for the frames that follow.
fn lame(frames: &[u8], count: u32) -> Vec<u8> {
    let mut first = HEADERS[0].to_vec();
    first.resize(36, 0);
    let bytes = (417 + frames.len() as u32).to_be_bytes();
    first.extend([b"Info\0\0\0\x0F".as_slice(), &count.to_be_bytes(), &bytes].concat());
    first.extend((0..100_u32).map(|percent| (percent * 256 / 100) as u8));
    first.extend(b"\0\0\0\x39LAME3.100\0\0\0\0\0\0\0\0\0\0\0\0\x24\x0F\xFF\0\0\0\0");
    first.extend([bytes.as_slice(), &crc16(0, frames).to_be_bytes()].concat());
    first.extend(crc16(0, &first).to_be_bytes());
    first.resize(417, 0);
    first
}

#[test]
fn the_first_frame_stays_first_and_tells_the_truth() {
    let sound = frames(HEADERS[0], &tone(44_100, 440.0, &[0.4, 0.4], 20_000));
    let count = sound.len() as u32 / 417;
    let file = [lame(&sound, count), sound.clone()].concat();
    let notice = Sound { rate: 44_100, channels: 2, values: tone(44_100, 1000.0, &[0.5, 0.5], 9000) };
    let (_, written) = with_ends(&file, &notice);
    let word = |at: usize| u32::from_be_bytes(written[at..at + 4].try_into().unwrap());
    let short = |at: usize| u16::from_be_bytes(written[at..at + 2].try_into().unwrap());
    assert_eq!(written[36..40], *b"Info");
    assert_eq!(word(48) as usize, written.len());
    let decoded = decode(&written);
    assert_eq!(word(44) as usize * 1152 * 2, decoded.len());
    let seek = &written[52..152];
    assert!(seek.is_sorted() && seek[0] <= 5 && seek[99] >= 250, "{seek:?}");
    assert!(
        seek.iter()
            .zip(0..100_u32)
            .all(|(place, at)| (i64::from(*place) - i64::from(at * 256 / 100)).abs() < 9)
    );
    let lame = 156;
    assert_eq!(written[lame..lame + 9], *b"LAME3.100");
    assert_eq!(word(lame + 28) as usize, written.len());
    assert_eq!(short(lame + 32), crc16(0, &written[417..]), "of all sound");
    assert_eq!(short(lame + 34), crc16(0, &written[..lame + 34]), "of the frame itself");
    // A player that cuts the delay off the start and the padding off the end loses nothing of the notices.
    let (delay, padding) = (576 + 529, 4095 - 529);
    let heard = &decoded[2 * delay..decoded.len() - 2 * padding];
    let start = 576 + 576 + 1057 - delay;
    assert!(quality(&notice.values, &heard[2 * start..]) > 30.0);
    assert!(heard[..2 * start - 200].iter().all(|value| value.abs() < 0.01));
    let last = encode::frames(&header(HEADERS[0]), 128_000, &notice.values, 2 * 576, 4095 + 576);
    let end = decoded.len() / 2 - last.count as usize * 1152 + 2 * 576 + 1057 - delay;
    assert!(heard.len() >= 2 * end + notice.values.len(), "all of the notice at the end");
    assert!(quality(&notice.values, &heard[2 * end..]) > 30.0);
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let second: Vec<u8> = [&[0xFF, 0xFD, 0xA4, 0x04], [0; 572].as_slice()].concat().repeat(3);
    assert!(matches!(refusal(&second, 48_000, 2), Problem::Unsupported(why) if why.contains("Layer I")));
    let free: Vec<u8> = [&[0xFF, 0xFB, 0x00, 0x44], [0; 496].as_slice()].concat().repeat(3);
    assert!(matches!(refusal(&free, 44_100, 2), Problem::Unsupported(why) if why.contains("free")));
    let own = frames(HEADERS[0], &[0.0; 3000]);
    assert!(matches!(refusal(&own, 48_000, 2), Problem::Malformed(_)));
    assert!(matches!(refusal(&own, 44_100, 1), Problem::Malformed(_)));
    let mut vbri = HEADERS[0].to_vec();
    vbri.resize(36, 0);
    vbri.extend_from_slice(b"VBRI\0\x01\0\0\0\x4B");
    vbri.resize(417, 0);
    assert!(
        matches!(refusal(&[vbri, own].concat(), 44_100, 2), Problem::Unsupported(why) if why.contains("VBRI"))
    );
}

#[test]
fn sound_of_which_no_frame_can_be_decoded_is_an_error_and_not_silence() {
    let broken: Vec<u8> = [HEADERS[0].as_slice(), &[0xEE; 413]].concat().repeat(4);
    let asset = Asset::open(&broken, None, &Limits::default()).unwrap();
    let mut stream = asset.sound().unwrap();
    let mut sound = Vec::new();
    let end = std::iter::repeat_with(|| stream.next_block(&mut sound)).find(|more| !matches!(more, Ok(true)));
    assert!(end.unwrap().is_err());
    // One that cannot be decoded among others keeps its place.
    let mut one = frames(HEADERS[0], &tone(44_100, 440.0, &[0.4, 0.4], 9000));
    let whole = decode(&one);
    let start = (0..3).fold(0, |at, _| at + FrameHeader::at(&one[at..]).unwrap().len().unwrap());
    one[start + 5..start + 417].fill(0xEE);
    assert_eq!(decode(&one).len(), whole.len());
}

#[test]
fn bent_frames_never_stop_the_program() {
    let own = frames(HEADERS[3], &tone(22_050, 700.0, &[0.4, 0.1], 3000));
    for at in (0..own.len()).step_by(9) {
        let mut bent = own.clone();
        bent[at] ^= 0xFF;
        let Ok(asset) = Asset::open(&bent, Some("a.mp3"), &Limits::default()) else {
            continue;
        };
        let mut sound = Vec::new();
        if let Ok(mut stream) = asset.sound() {
            while stream.next_block(&mut sound).unwrap_or(false) {}
        }
    }
}
