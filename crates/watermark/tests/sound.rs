//! Marks in sound: written, read, refused.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests"
)]

use indicia_watermark::{
    Detection, Found, Id, Key, Payload, Route, Status, Unable,
    sound::{
        Clip, Effort, EmbedError, Embedder, Layout, LayoutError, Options, Placement, Strength, Summary,
        detect,
    },
};

/// Numbers that look random.
struct Noise(u64);

impl Noise {
    fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / 16_777_216.0 - 0.5
    }
}

/// Music of a kind: notes of five partials that die away, and noise under them; the same at any rate.
fn music(layout: Layout, seconds: f64, seed: u64) -> Vec<f32> {
    let rate = f64::from(layout.rate);
    let frames = (seconds * rate) as usize;
    let mut noise = Noise(seed | 1);
    let mut mono = vec![0.0_f32; frames];
    let mut low = 0.0;
    for value in &mut mono {
        low += 0.5 * (noise.unit() - low);
        *value = 0.05 * low + 0.01 * noise.unit();
    }
    let mut at = 0.0;
    while at < seconds {
        let base = 220.0 * 2_f64.powf(f64::from(noise.unit() + 0.5) * 2.0);
        let from = (at * rate) as usize;
        for i in 0..((0.6 * rate) as usize).min(frames - from) {
            let time = i as f64 / rate;
            let tone: f64 = (1..=12)
                .filter(|&k| base * f64::from(k) < rate * 0.45)
                .map(|k| (std::f64::consts::TAU * base * f64::from(k) * time).sin() / f64::from(k))
                .sum();
            mono[from + i] += (0.12 * tone * (-4.0 * time).exp()) as f32;
        }
        at += 0.11 + 0.2 * f64::from(noise.unit() + 0.5);
    }
    let pan = |channel: usize| 0.6 + 0.4 / (1.0 + channel as f32);
    mono.iter().flat_map(|&value| (0..usize::from(layout.channels)).map(move |c| value * pan(c))).collect()
}

const CD: Layout = Layout { rate: 44_100, channels: 1 };

fn key() -> Key {
    Key::from_bytes(b"a key for tests")
}

fn payload(id: &str) -> Payload {
    Payload::new(Status::Is, &Id::new(&key(), id)).unwrap()
}

fn try_mark(layout: Layout, samples: &[f32], id: &str) -> (Vec<f32>, Result<Summary, EmbedError>) {
    let mut out = Vec::new();
    let mut embedder = Embedder::new(layout, &key(), payload(id), Strength::NORMAL).unwrap();
    for block in samples.chunks(5000 * usize::from(layout.channels)) {
        embedder.push(block, &mut out).unwrap();
    }
    let summary = embedder.finish(&mut out);
    (out, summary)
}

fn mark(layout: Layout, samples: &[f32], id: &str) -> Vec<f32> {
    let (out, summary) = try_mark(layout, samples, id);
    summary.unwrap();
    out
}

fn look(layout: Layout, samples: &[f32], effort: Effort) -> Detection<Placement> {
    let options = Options { effort, ..Options::default() };
    detect(&mut Clip { layout, samples }, &[key()], &options).unwrap()
}

fn fast(layout: Layout, samples: &[f32]) -> Vec<Found<Placement>> {
    look(layout, samples, Effort::Fast).found().to_vec()
}

/// A whole number of samples, without a filter: enough for a test.
fn stretched(samples: &[f32], factor: f64) -> Vec<f32> {
    let value = |at: usize| {
        let exact = at as f64 / factor;
        let (i, share) = (exact as usize, (exact % 1.0) as f32);
        samples[i] * (1.0 - share) + samples.get(i + 1).unwrap_or(&0.0) * share
    };
    (0..((samples.len() - 1) as f64 * factor) as usize).map(value).collect()
}

#[test]
fn a_mark_is_read_again_at_every_rate_and_number_of_channels() {
    for (rate, channels) in [
        (8_000, 1),
        (11_025, 2),
        (16_000, 1),
        (22_050, 1),
        (44_100, 2),
        (48_000, 8),
        (96_000, 2),
        (192_000, 1),
    ] {
        let layout = Layout { rate, channels };
        // A third of the cells lies below 4 kHz.
        let samples = music(layout, if rate < 16_000 { 27.0 } else { 12.0 }, 7);
        let (marked, summary) = try_mark(layout, &samples, "every-rate");
        assert_eq!(marked.len(), samples.len());
        let summary = summary.unwrap();
        assert!((26.0..45.0).contains(&summary.signal_to_noise), "{rate}: {summary:?}");
        let found = fast(layout, &marked);
        assert_eq!(found.len(), 1, "{rate} {channels}");
        assert_eq!(found[0].payload, payload("every-rate"));
        assert_eq!(found[0].route, Route::Direct);
        assert!(found[0].evidence.log10_false_alarm() < -9.0);
        assert!(fast(layout, &samples).is_empty(), "{rate} {channels}: unmarked");
    }
}

#[test]
fn how_sound_is_cut_into_blocks_does_not_matter() {
    let layout = Layout { rate: 48_000, channels: 2 };
    let samples = music(layout, 6.0, 3);
    let whole = mark(layout, &samples, "blocks");
    for size in [2, 1000, samples.len()] {
        let mut out = Vec::new();
        let mut embedder = Embedder::new(layout, &key(), payload("blocks"), Strength::NORMAL).unwrap();
        samples.chunks(size).for_each(|block| embedder.push(block, &mut out).unwrap());
        embedder.finish(&mut out).unwrap();
        assert!(out == whole, "blocks of {size}");
    }
}

#[test]
fn silence_stays_silent_and_what_is_too_short_or_too_silent_is_refused_with_its_measure() {
    let mut samples = music(CD, 12.0, 5);
    samples[4 * 44_100..6 * 44_100].fill(0.0);
    samples[6 * 44_100..7 * 44_100].iter_mut().for_each(|value| *value *= 0.001);
    let marked = mark(CD, &samples, "silence");
    let same = |from: f64, to: f64| {
        let range = (from * 44_100.0) as usize..(to * 44_100.0) as usize;
        marked[range.clone()] == samples[range]
    };
    assert!(same(4.05, 5.95) && same(6.05, 6.95));
    assert!(!same(3.0, 4.0) && !same(7.05, 8.0));

    let (_, short) = try_mark(CD, &samples[..4 * 44_100], "short");
    assert_eq!(short, Err(EmbedError::Short { seconds: 4.0 }));
    let mut silent = vec![0.0; 30 * 44_100];
    silent[..3 * 44_100].copy_from_slice(&samples[..3 * 44_100]);
    let (out, refused) = try_mark(CD, &silent, "silent");
    assert_eq!(out.len(), silent.len());
    let Err(EmbedError::Silent { seconds, carrying_seconds }) = refused else { panic!("{refused:?}") };
    assert!(seconds == 30.0 && (2.8..3.2).contains(&carrying_seconds), "{carrying_seconds}");
    assert!(matches!(try_mark(CD, &[], "nothing").1, Err(EmbedError::Short { seconds: 0.0 })));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("of 30.0 seconds"), "{message}");
}

#[test]
fn layouts_that_are_not_taken_and_torn_blocks_are_told() {
    let new =
        |rate, channels| Embedder::new(Layout { rate, channels }, &key(), payload("x"), Strength::NORMAL);
    assert_eq!(new(7_999, 1).unwrap_err(), EmbedError::Layout(LayoutError::Rate(7_999)));
    assert_eq!(new(44_100, 0).unwrap_err(), EmbedError::Layout(LayoutError::Channels(0)));
    let mut embedder = new(44_100, 2).unwrap();
    assert_eq!(embedder.push(&[0.0; 3], &mut Vec::new()), Err(EmbedError::Torn));
    let layout = Layout { rate: 1, channels: 1 };
    assert!(detect(&mut Clip { layout, samples: &[0.0; 100] }, &[key()], &Options::default()).is_err());
}

#[test]
fn what_cannot_be_looked_at_is_not_called_absent() {
    assert!(matches!(look(CD, &[], Effort::Search), Detection::Unable(Unable::TooSmall { .. })));
    assert!(matches!(look(CD, &[0.1; 500], Effort::Search), Detection::Unable(Unable::TooSmall { .. })));
    assert!(matches!(look(CD, &vec![0.0; 44_100 * 8], Effort::Search), Detection::Unable(Unable::Constant)));
    let samples = music(CD, 8.0, 2);
    let none = detect(&mut Clip { layout: CD, samples: &samples }, &[], &Options::default()).unwrap();
    assert_eq!(none, Detection::Unable(Unable::NoKey));
}

#[test]
fn another_key_reads_nothing() {
    let marked = mark(CD, &music(CD, 12.0, 9), "mine");
    let other = [Key::from_bytes(b"another"), Key::public()];
    let seen = detect(&mut Clip { layout: CD, samples: &marked }, &other, &Options::default()).unwrap();
    let Detection::Absent(evidence) = seen else { panic!("{seen:?}") };
    assert!(evidence.log10_false_alarm() > -1.0 && evidence.hypotheses >= 2, "{evidence:?}");
    let both = [Key::from_bytes(b"another"), key()];
    let seen = detect(&mut Clip { layout: CD, samples: &marked }, &both, &Options::default()).unwrap();
    assert_eq!(seen.found()[0].key, key().id());
}

#[test]
fn odd_samples_do_no_harm() {
    let mut samples = music(CD, 12.0, 4);
    samples.iter_mut().for_each(|value| *value = (*value * 8.0 + 0.1).clamp(-1.0, 1.0));
    for at in (0..samples.len()).step_by(44_100) {
        samples[at] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][at % 3];
    }
    let marked = mark(CD, &samples, "odd");
    for (marked, sample) in marked.iter().zip(&samples) {
        assert!(if sample.is_finite() { marked.abs() <= 1.0 } else { marked.to_bits() == sample.to_bits() });
    }
    assert_eq!(fast(CD, &marked)[0].payload, payload("odd"));
    // Above full scale, as floats may be: not beyond what was there.
    let loud: Vec<f32> = music(CD, 6.0, 4).iter().map(|value| value * 1e30).collect();
    assert!(
        mark(CD, &loud, "loud").iter().zip(&loud).all(|(m, s)| m.is_finite() && m.abs() <= s.abs().max(1.0))
    );
}

#[test]
fn a_cut_a_mix_of_channels_and_cancelling_channels_are_read() {
    let layout = Layout { rate: 44_100, channels: 2 };
    let marked = mark(layout, &music(layout, 20.0, 11), "parts");
    let read = |layout, samples: &[f32]| fast(layout, samples).first().map(|found| found.payload);
    let cut = &marked[2 * 123_457..2 * 123_457 + 2 * 44_100 * 9];
    assert_eq!(read(layout, cut), Some(payload("parts")));
    let mixed: Vec<f32> = marked.chunks(2).map(|frame| 0.3 * frame[0] + 0.7 * frame[1]).collect();
    assert_eq!(read(CD, &mixed), Some(payload("parts")));
    let opposite: Vec<f32> = mixed.iter().flat_map(|&value| [value, -value]).collect();
    assert_eq!(read(layout, &opposite), Some(payload("parts")));
}

#[test]
fn spliced_sound_tells_which_parts_are_marked_with_what() {
    let (a, b, c) = (music(CD, 20.0, 21), music(CD, 18.0, 22), music(CD, 16.0, 23));
    let (first, second) = (mark(CD, &a, "first"), mark(CD, &c, "second"));
    let spliced = [&first[10_001..], &b, &second[3_333..]].concat();
    let found = fast(CD, &spliced);
    let spans = |id: &str| {
        let found = found
            .iter()
            .find(|found| found.payload == payload(id))
            .unwrap_or_else(|| panic!("{id}: {found:?}"));
        found.alignment.spans.clone()
    };
    assert_eq!(found.len(), 2);
    let near = |spans: Vec<(f64, f64)>, from: f64, to: f64| {
        assert_eq!(spans.len(), 1, "{spans:?}");
        assert!((spans[0].0 - from).abs() < 2.5 && (spans[0].1 - to).abs() < 2.5, "{spans:?}");
    };
    near(spans("first"), 0.0, 19.8);
    near(spans("second"), 37.8, 53.7);
}

#[test]
fn faster_slower_higher_and_lower_sound_is_found_by_the_search_only() {
    let marked = mark(CD, &music(CD, 24.0, 31), "search");
    for factor in [1.0 / 1.03, 1.0 / 0.97] {
        let played = stretched(&marked, factor);
        assert!(fast(CD, &played).is_empty());
        let seen = look(CD, &played, Effort::Search);
        let [found] = seen.found() else { panic!("{factor}: {seen:?}") };
        assert_eq!((found.payload, found.route), (payload("search"), Route::Search));
        let placement = &found.alignment;
        assert!((placement.time / factor - 1.0).abs() < 1e-3, "{placement:?}");
        assert!((placement.pitch * factor - 1.0).abs() < 1e-3, "{placement:?}");
        assert!(placement.spans[0].0 < 2.5 && placement.spans[0].1 > played.len() as f64 / 44_100.0 - 2.5);
    }
}

#[test]
fn an_expected_payload_is_recognised_where_none_can_be_read() {
    let mut marked = mark(CD, &music(CD, 12.0, 41), "expected");
    let mut noise = Noise(5);
    marked.iter_mut().for_each(|value| *value += 0.045 * noise.unit());
    let look = |expected: &[&str]| {
        let expected = expected.iter().map(|id| payload(id)).collect();
        let options = Options { effort: Effort::Fast, expected, ..Options::default() };
        detect(&mut Clip { layout: CD, samples: &marked }, &[key()], &options).unwrap()
    };
    assert!(look(&[]).found().is_empty());
    assert!(look(&["other", "another"]).found().is_empty());
    let seen = look(&["other", "expected"]);
    assert_eq!(seen.found()[0].payload, payload("expected"));
    assert_eq!(seen.found()[0].evidence.information_bits, 0);
}
