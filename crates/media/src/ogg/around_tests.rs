//! Sound put before and after that of an Opus file. That other decoders hear the same is in `tests/referees.sh`.

#![allow(clippy::ptr_arg, reason = "a source is a vector, not a slice")]

use super::notice::duration;
use super::page::{FIRST, LAST};
use super::tests::{HEAD, tags, whole};
use crate::{Asset, Carrier, Draft, Ends, Filter, Sound, SoundFilter};
use indicia_core::{FormatError, Limits, Problem};
use opus_pure::{Application, Bandwidth, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead};

fn tone(hertz: f32, channels: u16, values: u16) -> Vec<f32> {
    let step = std::f32::consts::TAU * hertz / 48_000.0;
    let value = |at: u16| 0.3 * (step * f32::from(at)).sin();
    (0..values).flat_map(|at| std::iter::repeat_n(value(at), channels.into())).collect()
}

fn notice(channels: u16) -> Sound {
    let silence = vec![0.0; 16_800 * usize::from(channels)];
    Sound {
        rate: 48_000,
        channels,
        values: [silence.clone(), tone(1_000.0, channels, 9_600), silence].concat(),
    }
}

/// A file of one second less some values, in one layer of Opus: the number of its lowest configuration.
fn made(bandwidth: Bandwidth, bit_rate: i32, channels: u16, short: u32) -> Vec<u8> {
    let values = [tone(440.0, channels, 24_000), tone(600.0, channels, 24_000)].concat();
    of_sound(&values, bandwidth, bit_rate, channels, short)
}

fn of_sound(values: &[f32], bandwidth: Bandwidth, bit_rate: i32, channels: u16, short: u32) -> Vec<u8> {
    let application = if bandwidth == Bandwidth::Fullband { Application::Audio } else { Application::Voip };
    let mut encoder = OpusEncoder::new(48_000, channels.into(), application).unwrap();
    (encoder.bitrate_bps, encoder.force_bandwidth) = (bit_rate, Some(bandwidth));
    let mut writer = OggOpusWriter::new(Vec::new(), OpusHead::for_encoder(&encoder, 48_000)).unwrap();
    let (mut packet, frames) = (vec![0; MAX_PACKET_BYTES], values.chunks_exact(960 * usize::from(channels)));
    let last = frames.len() - 1;
    for (at, frame) in frames.enumerate() {
        let length = encoder.encode(frame, 960, &mut packet).unwrap();
        let lasts = if at == last { 960 - short } else { 960 };
        writer.write_packet_with_duration(&packet[..length], lasts).unwrap();
    }
    writer.finish().unwrap()
}

fn heard(bytes: &Vec<u8>) -> Vec<f32> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.layout.damage, None);
    let mut stream = asset.sound().unwrap();
    let mut values = Vec::new();
    while stream.next_block(&mut values).unwrap() {}
    let frames = stream.facts().frames.unwrap();
    assert_eq!(
        values.len() as u64,
        frames * u64::from(stream.facts().channels),
        "as long as the last page says"
    );
    values
}

fn around(bytes: &Vec<u8>, ends: Ends<Sound>, label: Option<&str>) -> Vec<u8> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    let mut draft = Draft::new(&asset);
    draft.extend_sound(ends);
    if let Some(label) = label {
        draft.set(Carrier::Field, "AIGC", label.as_bytes().to_vec());
    }
    draft.render().unwrap().to_bytes().unwrap()
}

/// How much of a tone of 1 kHz is in values of one channel, 0 to 1.
fn rings(values: &[f32], channels: usize) -> f32 {
    let step = std::f32::consts::TAU * 1_000.0 / 48_000.0;
    let (mut sine, mut cosine, mut all) = (0.0, 0.0, 0.0);
    for (at, value) in (0_u16..).zip(values.iter().step_by(channels)) {
        let turn = step * f32::from(at);
        sine += value * turn.sin();
        cosine += value * turn.cos();
        all += value * value;
    }
    2.0 * (sine * sine + cosine * cosine) / (all * values.len() as f32 / channels as f32)
}

#[test]
fn the_sound_between_is_the_same_to_the_sample_in_every_layer() {
    let narrow = |channels| made(Bandwidth::Narrowband, 12_000, channels, 100);
    let hybrid = |channels| made(Bandwidth::Superwideband, 24_000 * i32::from(channels), channels, 100);
    let full = |channels| made(Bandwidth::Fullband, 96_000, channels, 100);
    let file = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/opus/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    };
    let files = [
        ("SILK", 1, narrow(1)),
        ("SILK of two channels", 2, narrow(2)),
        ("hybrid", 1, hybrid(1)),
        ("hybrid of two channels", 2, hybrid(2)),
        ("CELT", 1, full(1)),
        ("CELT of two channels", 2, full(2)),
        ("chords.opus", 2, file("chords.opus")),
        ("speech.opus", 1, file("speech.opus")),
    ];
    let mut layers = std::collections::BTreeSet::new();
    for (name, channels, bytes) in &files {
        let count = usize::from(*channels);
        let old = heard(bytes);
        for (start, end) in [(true, false), (false, true), (true, true)] {
            let put = |is: bool| is.then(|| notice(*channels));
            // With both, the comments outgrow their page too.
            let label = (start && end).then(|| "label ".repeat(200));
            let new = around(bytes, Ends { start: put(start), end: put(end) }, label.as_deref());
            let values = heard(&new);
            let more = (values.len() - old.len()) / count;
            // The notice lasts 43,200 values; each end takes whole packets, and what was cut off the last one.
            let ends = usize::from(start) + usize::from(end);
            assert!((43_200 * ends..(43_200 + 2_880) * ends).contains(&more), "{name}: {more}");
            let same = |from: usize| {
                let part = values.get(from * count..from * count + old.len());
                part.is_some_and(|part| part == old)
            };
            let Some(at) = (0..=more).step_by(960).find(|from| same(*from)) else {
                let from = if start { 960 * 47 } else { 0 };
                let apart = old.iter().zip(&values[from * count..]).position(|(one, two)| one != two);
                panic!("{name} {start} {end}: the sound is another one, from {apart:?} on");
            };
            let tone = |from: usize| &values[(from + 2_000) * count..(from + 8_000) * count];
            if start {
                assert!(rings(tone(16_800), count) > 0.95, "{name}: {}", rings(tone(16_800), count));
            }
            if end {
                let from = values.len() / count - 16_800 - 9_600 - 960;
                assert!(rings(tone(from), count) > 0.95, "{name}: {}", rings(tone(from), count));
            }
            assert_eq!(at > 0, start);
        }
        layers.insert(first_of_sound(bytes) >> 3);
    }
    assert!(layers.iter().any(|config| *config < 12), "SILK: {layers:?}");
    assert!(layers.iter().any(|config| (12..16).contains(config)), "hybrid: {layers:?}");
    assert!(layers.iter().any(|config| *config >= 16), "CELT: {layers:?}");
}

struct Same;

impl SoundFilter for Same {
    fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError> {
        out.extend_from_slice(block);
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Vec<f32>) -> Result<(), FormatError> {
        Ok(())
    }
}

/// Noise at 510 kbit/s takes six segments of a page a packet, so that fewer than fifty fit.
#[test]
fn sound_coded_anew_stays_as_long_at_any_bit_rate() {
    let mut state = 7_u32;
    let noise: Vec<f32> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(u16::try_from(state >> 16).unwrap()) / 65_536.0 - 0.5
    })
    .take(192_000)
    .collect();
    for (values, bit_rate, channels) in
        [(tone(440.0, 1, 48_000), 8_000, 1), (tone(600.0, 2, 48_000), 64_000, 2), (noise, 510_000, 2)]
    {
        let bytes = of_sound(&values, Bandwidth::Fullband, bit_rate, channels, 300);
        let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        draft.filter_sound(Filter::new(|_| Ok(Box::new(Same)))).unwrap();
        let out = draft.render().unwrap().to_bytes().unwrap();
        let (old, new) = (heard(&bytes), heard(&out));
        assert_eq!(old.len(), new.len());
        let wrong: f32 = old.iter().zip(&new).map(|(one, two)| (one - two).powi(2)).sum();
        let all: f32 = old.iter().map(|value| value * value).sum();
        assert!(wrong < all / 10.0, "{bit_rate}: {wrong} of {all}");
    }
}

/// The first byte of the first packet of sound, on the third page.
fn first_of_sound(bytes: &[u8]) -> u8 {
    let at = memchr::memmem::find_iter(bytes, b"OggS").nth(2).unwrap();
    bytes[at + 27 + usize::from(bytes[at + 26])]
}

#[test]
fn what_cannot_hold_a_notice_says_why() {
    let refused = |bytes: &Vec<u8>| {
        let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        draft.extend_sound(Ends { start: Some(notice(1)), end: None });
        match draft.render().unwrap_err().problem {
            Problem::Unsupported(what) => what.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let speex = [whole(FIRST, 0, 1, 0, b"Speex   "), whole(0, 0, 1, 1, &tags(&[])[8..])].concat();
    assert_eq!(
        refused(&[speex, whole(LAST, 960, 1, 2, &[7; 20])].concat()),
        "new sound in Ogg other than Opus and Vorbis"
    );
    let sound = |sequence| whole(LAST, 960, 1, sequence, &[0xF8; 20]);
    let headed =
        |head: &[u8]| [whole(FIRST, 0, 1, 0, head), whole(0, 0, 1, 1, &tags(&[])), sound(2)].concat();
    around(&headed(HEAD), Ends { start: Some(notice(1)), end: None }, None);
    let late = [&HEAD[..10], &5_000_u16.to_le_bytes(), &HEAD[12..]].concat();
    assert_eq!(
        refused(&headed(&late)),
        "new sound in an Opus file that begins with much that is not to be heard"
    );
    let four = [&HEAD[..9], &[4], &HEAD[10..18], &[1, 2, 2, 0, 1, 2, 3]].concat();
    assert_eq!(refused(&headed(&four)), "new sound in an Opus file of more than two channels");
    let other = whole(FIRST, 0, 2, 0, b"fishead\0");
    let both = [whole(FIRST, 0, 1, 0, HEAD), other, whole(0, 0, 1, 1, &tags(&[])), sound(2)].concat();
    assert_eq!(refused(&both), "new sound in an Ogg file of several streams");
    let mixed = [whole(FIRST, 0, 1, 0, HEAD), whole(0, 960, 1, 1, &tags(&[])), sound(2)].concat();
    assert_eq!(refused(&mixed), "sound on the header pages of an Ogg file");
}

#[test]
fn packets_last_as_long_as_their_first_bytes_say() {
    for (packet, values) in [
        (&[][..], 0),
        (&[0], 480),
        (&[3 << 3], 2_880),
        (&[12 << 3], 480),
        (&[15 << 3], 960),
        (&[16 << 3], 120),
        (&[31 << 3], 960),
        (&[31 << 3 | 1], 1_920),
        (&[31 << 3 | 3, 0x83], 2_880),
        (&[31 << 3 | 3], 0),
    ] {
        assert_eq!(duration(packet), values, "{packet:?}");
    }
}
