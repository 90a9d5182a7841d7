//! Vorbis files whose sound is coded anew. What decodes it here is not what coded it.

#![allow(clippy::ptr_arg, reason = "a source is a vector, not a slice")]

use std::num::{NonZeroU8, NonZeroU32};

use super::page::{LAST, Page};
use crate::{Asset, Carrier, Draft, Ends, Sound};
use indicia_core::{Limits, Problem, Window};
use vorbis_rs::VorbisEncoderBuilder;

/// A file of one second: a tone in every channel.
fn made(rate: u32, channels: u8, serial: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let counts = (NonZeroU32::new(rate).unwrap(), NonZeroU8::new(channels).unwrap());
    let mut builder = VorbisEncoderBuilder::new_with_serial(counts.0, counts.1, &mut bytes, serial);
    builder.comment_tag("TITLE", "a tone").unwrap();
    let mut encoder = builder.build().unwrap();
    let planes = vec![tone(rate, 0.03); usize::from(channels)];
    encoder.encode_audio_block(&planes).unwrap();
    encoder.finish().unwrap();
    bytes
}

/// A second of sound, by its turn from one value to the next.
fn tone(rate: u32, turn: f32) -> Vec<f32> {
    std::iter::successors(Some(0.0_f32), |phase| Some(phase + turn))
        .take(rate as usize)
        .map(|phase| 0.4 * phase.sin())
        .collect()
}

fn heard(bytes: &Vec<u8>) -> Vec<f32> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.layout.damage, None);
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    let frames = stream.facts().frames.unwrap() * u64::from(stream.facts().channels);
    assert_eq!(values.len() as u64, frames, "as long as the last page says");
    values
}

/// What is wanted over what is wrong with it, in decibels.
fn ratio(wanted: &[f32], got: &[f32]) -> f32 {
    let wrong: f32 = wanted.iter().zip(got).map(|(one, two)| (one - two).powi(2)).sum();
    10.0 * (wanted.iter().map(|value| value * value).sum::<f32>() / wrong).log10()
}

fn extended(bytes: &Vec<u8>, ends: Ends<Sound>, label: &str) -> Vec<u8> {
    let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
    let mut draft = Draft::new(&asset);
    draft.extend_sound(ends);
    draft.set(Carrier::Field, "AIGC", label.as_bytes().to_vec());
    draft.render().unwrap().to_bytes().unwrap()
}

#[test]
fn sound_is_put_before_and_after_with_all_coded_in_one() {
    for (rate, channels) in [(8_000, 1), (22_050, 2), (44_100, 1), (48_000, 2)] {
        let bytes = made(rate, channels, 7);
        let own = heard(&bytes);
        let values = tone(rate, 0.1).into_iter().flat_map(|value| vec![value; channels.into()]).collect();
        let new = Sound { rate, channels: channels.into(), values };
        for (start, end) in [(true, false), (false, true), (true, true)] {
            let ends = Ends { start: start.then(|| new.clone()), end: end.then(|| new.clone()) };
            // Comments that take more pages than there were, and comments that do not.
            for label in ["short".to_owned(), "long".repeat(40_000)] {
                let out = extended(&bytes, ends.clone(), &label);
                let all = heard(&out);
                let before = if start { new.values.len() } else { 0 };
                assert_eq!(all.len(), before + own.len() + if end { new.values.len() } else { 0 });
                let place = format!("{rate} {channels} {start} {end}: {}", ratio(&own, &all[before..]));
                assert!(ratio(&own, &all[before..]) > 20.0, "{place}");
                assert!(!start || ratio(&new.values, &all) > 20.0, "{place}");
                assert!(!end || ratio(&new.values, &all[before + own.len()..]) > 20.0, "{place}");
                let asset = Asset::open(&out, None, &Limits::default()).unwrap();
                let read = |packet| String::from_utf8(asset.read(packet).unwrap()).unwrap();
                let values: Vec<String> = asset.layout.packets.iter().map(read).collect();
                assert!(values.contains(&label) && values.contains(&"a tone".to_owned()), "{place}");
                check_pages(&out);
            }
        }
    }
}

/// Pages count on from one another, under one number, and only the last is the last.
fn check_pages(bytes: &Vec<u8>) {
    let (mut window, mut at, mut sequence) = (Window::new(bytes), 0, 0);
    while at < bytes.len() as u64 {
        let page = Page::read(&mut window, at).unwrap();
        page.checked_body(bytes).unwrap();
        assert_eq!((page.serial, page.sequence), (7, sequence));
        at = page.span.end;
        sequence += 1;
        assert_eq!(page.flags & LAST != 0, at == bytes.len() as u64);
    }
    assert!(sequence > 2);
}

#[test]
fn what_cannot_be_coded_anew_says_why() {
    let refused = |bytes: &Vec<u8>, channels| {
        let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        let values = vec![0.0; 300];
        draft.extend_sound(Ends { start: Some(Sound { rate: 48_000, channels, values }), end: None });
        draft.render().unwrap_err().problem
    };
    let three = "new sound in a Vorbis file of more than two channels";
    assert_eq!(refused(&made(48_000, 3, 7), 3), Problem::Unsupported(three));
    let other = "sound of another rate or other channels than the file";
    assert_eq!(refused(&made(48_000, 2, 7), 1), Problem::Malformed(other));
    let two = [made(48_000, 1, 7), made(48_000, 1, 8)].concat();
    assert_eq!(refused(&two, 1), Problem::Unsupported("new sound in an Ogg file of several streams"));
}
