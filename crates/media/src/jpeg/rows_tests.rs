//! Rows decoded by themselves, against the same rows of the whole picture.

use std::ops::Range;

use crate::{Asset, Band, Draft, Picture, Samples};
use indicia_core::{Limits, Problem};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

const HEIGHT: u32 = 161;

/// A picture with detail in brightness and colour: 161 rows of 83 pixels, or of 16.
fn coded(width: u16, colour: ColorType, sampling: SamplingFactor, interval: u16) -> Vec<u8> {
    let channels = if colour == ColorType::Luma { 1 } else { 3 };
    let value = |at: usize| u8::try_from((at * at / 7 + at * 13) % 251).unwrap();
    let samples: Vec<u8> =
        (0..usize::from(width) * HEIGHT as usize * channels).map(|at| value(at / 5)).collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    encoder.set_restart_interval(interval);
    encoder.encode(&samples, width, u16::try_from(HEIGHT).unwrap(), colour).unwrap();
    bytes
}

#[expect(clippy::ptr_arg, reason = "a source has to have a size")]
fn open(bytes: &Vec<u8>) -> Asset<'_> {
    Asset::open(bytes, None, &Limits::default()).unwrap()
}

/// Rows of a file that is opened for them alone.
fn band(bytes: &Vec<u8>, rows: Range<u32>) -> Band {
    open(bytes).rows(|_| rows.clone()).unwrap()
}

fn coded_again(bytes: &Vec<u8>) -> Vec<u8> {
    let asset = open(bytes);
    let mut draft = Draft::new(&asset);
    draft.picture_mut().unwrap();
    draft.render().unwrap().to_bytes().unwrap()
}

fn samples(samples: &Samples) -> &[u8] {
    match samples {
        Samples::Eight(all) => all,
        Samples::Sixteen(_) => panic!("JPEG has 8 bits"),
    }
}

/// Whether a band holds the rows it says, as the whole picture has them.
fn same(band: &Band, picture: &Picture) -> bool {
    let line = picture.width as usize * picture.colour.channels();
    let part = band.rows.start as usize * line..band.rows.end as usize * line;
    band.shape == picture.shape()
        && band.colour == picture.colour
        && samples(&band.frames[0].samples) == &samples(&picture.frames[0].samples)[part]
}

/// The places of the restart markers of a file.
fn restarts(bytes: &[u8]) -> Vec<usize> {
    let is_restart = |pair: &[u8]| pair[0] == 0xFF && (0xD0..=0xD7).contains(&pair[1]);
    bytes.windows(2).enumerate().filter(|(_, pair)| is_restart(pair)).map(|(at, _)| at).collect()
}

const WANTED: [Range<u32>; 7] = [0..1, 15..17, 31..97, 63..64, 100..110, 160..161, 70..70];

#[test]
fn rows_by_themselves_are_those_of_the_whole_picture() {
    use SamplingFactor as Factor;
    for (name, width, colour, sampling) in [
        ("4:2:0", 83, ColorType::Ycbcr, Factor::F_2_2),
        ("4:2:0 of whole units", 16, ColorType::Ycbcr, Factor::F_2_2),
        ("4:2:2", 83, ColorType::Ycbcr, Factor::F_2_1),
        ("4:4:0", 83, ColorType::Ycbcr, Factor::F_1_2),
        ("4:4:4", 83, ColorType::Ycbcr, Factor::F_1_1),
        ("gray", 83, ColorType::Luma, Factor::F_1_1),
    ] {
        // None of its own; a marker after each unit; markers that meet the start of a row of units only every
        // third time, or every second.
        for interval in [0, 1, 3, 12] {
            let file = coded(width, colour, sampling, interval);
            for (bytes, kind) in [(&coded_again(&file), "again"), (&file, "as it was")] {
                let picture = open(bytes).picture().unwrap().clone();
                for rows in WANTED {
                    let band = band(bytes, rows.clone());
                    let what = format!("{name}, interval {interval}, {kind}: {rows:?}");
                    assert!(band.rows.start <= rows.start && rows.end <= band.rows.end, "{what}");
                    assert!(same(&band, &picture), "{what}");
                }
            }
        }
    }
}

#[test]
fn a_picture_coded_again_can_be_entered_at_every_row_of_units() {
    for (sampling, rows) in [(SamplingFactor::F_2_2, 11), (SamplingFactor::F_2_1, 21)] {
        let plain = coded(83, ColorType::Ycbcr, sampling, 0);
        assert_eq!(restarts(&plain), []);
        assert_eq!(restarts(&coded_again(&plain)).len(), rows - 1);
        assert_eq!(band(&coded_again(&plain), 50..60).rows, 50..60);
        assert_eq!(band(&plain, 50..60).rows, 0..HEIGHT);
    }
    let own = coded(83, ColorType::Ycbcr, SamplingFactor::F_2_2, 4);
    assert_eq!(restarts(&coded_again(&own)).len(), restarts(&own).len());
}

#[test]
fn a_picture_that_is_decoded_already_is_not_decoded_again() {
    let mut bytes = coded(83, ColorType::Ycbcr, SamplingFactor::F_2_2, 0);
    bytes = coded_again(&bytes);
    let asset = open(&bytes);
    let picture = asset.picture().unwrap().clone();
    let cut = asset.rows(|shape| shape.height - 9..shape.height + 100).unwrap();
    assert_eq!(cut.rows, HEIGHT - 9..HEIGHT);
    assert!(same(&cut, &picture));
}

#[test]
fn rows_past_the_end_are_left_out() {
    let bytes = coded_again(&coded(83, ColorType::Luma, SamplingFactor::F_1_1, 0));
    for rows in [HEIGHT..HEIGHT + 1, u32::MAX - 1..u32::MAX, 500..500] {
        let band = band(&bytes, rows);
        assert!(band.rows.is_empty() && samples(&band.frames[0].samples).is_empty());
    }
    assert_eq!(band(&bytes, 160..u32::MAX).rows, 160..HEIGHT);
}

/// What a band shows comes from the coded bytes of its rows, and from no others.
#[test]
fn damage_in_the_rows_is_found() {
    let bytes = coded_again(&coded(83, ColorType::Ycbcr, SamplingFactor::F_2_2, 0));
    let at = restarts(&bytes);
    // The fifth row of units, 64 to 80, with its coded data gone but for a few bytes.
    let mut short = bytes.clone();
    short.drain(at[3] + 6..at[4]);
    let failed = open(&short).rows(|_| 66..70).unwrap_err();
    assert!(matches!(failed.problem, Problem::Malformed(_)), "{failed}");
    // The others can still be read.
    assert!(same(&band(&short, 128..160), open(&bytes).picture().unwrap()));
    // Codes that no table has.
    let mut wild = bytes.clone();
    for pair in wild[at[3] + 2..at[4] - 1].chunks_exact_mut(2) {
        pair.copy_from_slice(&[0xFF, 0]);
    }
    assert!(open(&wild).rows(|_| 66..70).is_err());
    // Other pixels, decodable: they are seen.
    let mut other = bytes.clone();
    other.splice(at[3] + 2..at[4], bytes[at[6] + 2..at[7]].to_vec());
    let seen = band(&other, 64..80);
    assert_eq!(seen.rows, 64..80);
    assert!(!same(&seen, open(&bytes).picture().unwrap()));
    assert!(same(&seen, open(&other).picture().unwrap()));
}

#[test]
fn markers_out_of_turn_are_not_relied_on() {
    let bytes = coded_again(&coded(83, ColorType::Ycbcr, SamplingFactor::F_2_2, 0));
    let at = restarts(&bytes);
    let mut lost = bytes.clone();
    lost.drain(at[3]..at[4]);
    let mut swapped = bytes.clone();
    swapped[at[2] + 1] = 0xD7;
    // Eight rows gone: the numbers follow one another all the same.
    let mut eight_lost = bytes.clone();
    eight_lost.drain(at[0]..at[8]);
    for broken in [lost, swapped, eight_lost] {
        let (whole, rows) = (open(&broken).picture().cloned(), open(&broken).rows(|_| 64..80));
        match (whole, rows) {
            (Ok(picture), Ok(band)) => assert!(band.rows == (0..HEIGHT) && same(&band, &picture)),
            (whole, rows) => assert!(whole.is_err() && rows.is_err()),
        }
    }
}

/// Each byte of the frame header, the interval and the scan header set to other values: no panic, and never
/// other rows than decoding it all gives.
#[test]
fn headers_that_lie_are_no_way_in() {
    let bytes = coded_again(&coded(16, ColorType::Ycbcr, SamplingFactor::F_2_2, 0));
    let asset = open(&bytes);
    let headers: Vec<usize> = asset
        .layout
        .segments
        .iter()
        .filter(|segment| matches!(&segment.name, b"SOF0" | b"DRI " | b"SOS "))
        .flat_map(|segment| segment.span.start..segment.span.end.min(segment.span.start + 20))
        .map(|at| usize::try_from(at).unwrap())
        .collect();
    for at in headers {
        for value in [0, 0x11, 0xFF, bytes[at] ^ 1] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let limits = Limits { pixels: 1 << 16, ..Limits::default() };
            let Ok(whole) = Asset::open(&changed, None, &limits) else { continue };
            let rows = Asset::open(&changed, None, &limits).unwrap().rows(|_| 40..60);
            match (whole.picture(), rows) {
                (Ok(picture), Ok(band)) => assert!(same(&band, picture), "{at}: {value}"),
                (Err(_), Ok(band)) => assert!(band.rows == (40..60), "{at}: {value}"),
                (_, Err(_)) => {}
            }
        }
    }
}
