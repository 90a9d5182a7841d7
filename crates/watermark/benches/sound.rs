//! How fast sound is marked and read: `cargo bench -p indicia-watermark --bench sound`.
//!
//! Prints how many times faster than it plays each step is, in processor time of one core: 100 for marking, 200 for looking
//! where it was put and 20 for the whole search are aimed at. With `--hour` also the memory that an hour of stereo takes.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench"
)]

use std::{hint::black_box, time::Instant};

use criterion::Criterion;
use indicia_watermark::{
    Key, Payload,
    sound::{Clip, Effort, Embedder, Layout, Options, Recording, Strength, detect},
};

const STEREO: Layout = Layout { rate: 44_100, channels: 2 };
const SECONDS: usize = 30;

/// Noise that falls towards high tones, and tones that come and go: both channels differ.
fn samples(frames: usize, offset: usize) -> Vec<f32> {
    let (mut state, mut low) = (offset as u64 * 2 + 1, 0.0_f32);
    let mut out = Vec::new();
    for at in offset..offset + frames {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 40) as f32 / 16_777_216.0 - 0.5;
        low += 0.2 * (noise - low);
        let time = at as f32 / 44_100.0;
        let tone = (time * 2000.0).sin() * (0.5 + 0.5 * (time * 3.0).sin());
        out.extend([0.3 * low + 0.1 * tone, 0.3 * low - 0.05 * tone + 0.05 * noise]);
    }
    out
}

/// An hour that is made while it plays.
struct Hour;

impl Recording for Hour {
    type Error = std::convert::Infallible;

    fn layout(&self) -> Layout {
        STEREO
    }

    fn play(&mut self, hear: &mut dyn FnMut(&[f32])) -> Result<(), Self::Error> {
        (0..3600).for_each(|second| hear(&samples(44_100, second * 44_100)));
        Ok(())
    }
}

fn embedder() -> Embedder {
    Embedder::new(STEREO, &Key::public(), Payload::from_bits(1), Strength::NORMAL).unwrap()
}

fn embed(samples: &[f32]) -> Vec<f32> {
    let (mut embedder, mut out) = (embedder(), Vec::new());
    embedder.push(samples, &mut out).unwrap();
    embedder.finish(&mut out).unwrap();
    out
}

fn look(samples: &[f32], effort: Effort) -> bool {
    let options = Options { effort, ..Options::default() };
    let mut clip = Clip { layout: STEREO, samples };
    !detect(&mut clip, &[Key::public()], &options).unwrap().found().is_empty()
}

/// A file of `/proc/self`, where the system has it.
fn told(file: &str) -> Option<String> {
    std::fs::read_to_string(format!("/proc/self/{file}")).ok()
}

fn processor_seconds() -> Option<f64> {
    let stat = told("stat")?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    Some((fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?) / 100.0)
}

/// How many times faster than it plays.
fn ratio(name: &str, aim: u32, rounds: usize, mut work: impl FnMut()) {
    let (clock, before) = (Instant::now(), processor_seconds());
    (0..rounds).for_each(|_| work());
    let used = match (before, processor_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => clock.elapsed().as_secs_f64(),
    };
    println!("{name}: {:.0} times real time (aim: {aim})", (SECONDS * rounds) as f64 / used.max(0.01));
}

fn hour() {
    let (mut embedder, mut out) = (embedder(), Vec::new());
    let mut push = |block: &[f32]| {
        out.clear();
        embedder.push(block, &mut out).unwrap();
    };
    Hour.play(&mut push).unwrap();
    embedder.finish(&mut out).unwrap();
    let options = Options { effort: Effort::Fast, ..Options::default() };
    detect(&mut Hour, &[Key::public()], &options).unwrap();
    let peak =
        told("status").and_then(|all| all.lines().find(|line| line.starts_with("VmHWM")).map(str::to_owned));
    println!("an hour of stereo, marked and looked through: {}", peak.unwrap_or_default());
}

fn main() {
    let plain = samples(SECONDS * 44_100, 0);
    let marked = embed(&plain);
    assert!(look(&marked, Effort::Fast) && !look(&plain, Effort::Search));
    ratio("embed", 100, 10, || drop(black_box(embed(&plain))));
    ratio("look, fast", 200, 10, || assert!(look(black_box(&marked), Effort::Fast)));
    ratio("look, whole search in vain", 20, 3, || assert!(!look(black_box(&plain), Effort::Search)));
    if std::env::args().any(|argument| argument == "--hour") {
        return hour();
    }
    let mut criterion = Criterion::default().sample_size(10);
    let mut group = criterion.benchmark_group("sound, 30 s of stereo");
    group.bench_function("embed", |bencher| bencher.iter(|| embed(black_box(&plain))));
    group.bench_function("look, fast", |bencher| bencher.iter(|| look(black_box(&marked), Effort::Fast)));
    group.finish();
}
