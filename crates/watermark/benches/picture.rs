//! Marking and reading pictures, beside decoding and encoding the same picture as JPEG.
//!
//! `cargo bench -p indicia-watermark --bench picture`. The ratios to JPEG are printed at the end.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]
#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "a benchmark prints, and its pictures are small"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use indicia_watermark::{
    Id, Key, Payload, Status,
    picture::{Detector, Effort, Layout, Picture, PictureMut, Samples, SamplesMut, Strength, embed},
};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

#[path = "../tests/common/mod.rs"]
mod common;

const WIDTH: usize = 1600;
const HEIGHT: usize = 1000;

struct Scene {
    bare: Vec<u8>,
    marked: Vec<u8>,
    jpeg: Vec<u8>,
    detector: Detector,
}

fn mark(samples: &mut [u8], strength: Strength) {
    let payload = Payload::new(Status::Is, &Id::new(&Key::public(), "bench")).unwrap();
    let mut picture =
        PictureMut::new(WIDTH as u32, HEIGHT as u32, Layout::Rgb, SamplesMut::Eight(samples)).unwrap();
    embed(&mut picture, &Key::public(), payload, strength).unwrap();
}

fn encode(samples: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut out, 90);
    encoder.encode(samples, WIDTH as u16, HEIGHT as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

/// What is measured, with its name.
type Task<'a> = (&'static str, Box<dyn Fn() + 'a>);

impl Scene {
    fn new() -> Self {
        let bare = common::scene(WIDTH, HEIGHT, "bench");
        let mut marked = bare.clone();
        mark(&mut marked, Strength::Fixed { psnr: 42.5 });
        Self { jpeg: encode(&bare), bare, marked, detector: Detector::new(&[Key::public()]) }
    }

    fn picture<'a>(&self, samples: &'a [u8]) -> Picture<'a> {
        Picture::new(WIDTH as u32, HEIGHT as u32, Layout::Rgb, Samples::Eight(samples)).unwrap()
    }

    /// What is measured.
    fn tasks(&self) -> Vec<Task<'_>> {
        let marking = |strength: Strength| move || mark(black_box(&mut self.bare.clone()), strength);
        vec![
            (
                "decode JPEG",
                Box::new(|| drop(JpegDecoder::new(ZCursor::new(black_box(&self.jpeg))).decode())),
            ),
            ("encode JPEG", Box::new(|| drop(encode(black_box(&self.bare))))),
            ("embed, fixed", Box::new(marking(Strength::Fixed { psnr: 42.5 }))),
            ("embed, fitted", Box::new(marking(Strength::default()))),
            (
                "detect, fast",
                Box::new(|| drop(self.detector.detect(&self.picture(&self.marked), Effort::Fast))),
            ),
            (
                "detect, search in vain",
                Box::new(|| drop(self.detector.detect(&self.picture(&self.bare), Effort::Search))),
            ),
        ]
    }
}

fn picture(criterion: &mut Criterion) {
    let scene = Scene::new();
    let mut group = criterion.benchmark_group("picture");
    group.throughput(Throughput::Elements((WIDTH * HEIGHT) as u64)).sample_size(10);
    for (name, task) in scene.tasks() {
        group.bench_function(name, |bencher| bencher.iter(&task));
    }
    group.finish();
    ratios(&scene);
}

/// Medians of five runs, one of each task in turn.
fn ratios(scene: &Scene) {
    let tasks = scene.tasks();
    let mut times = vec![Vec::new(); tasks.len()];
    for _ in 0..5 {
        for (times, (_, task)) in times.iter_mut().zip(&tasks) {
            let start = Instant::now();
            task();
            times.push(start.elapsed());
        }
    }
    let medians: Vec<Duration> = times
        .iter_mut()
        .map(|times| {
            times.sort();
            times.get(2).copied().unwrap_or_default()
        })
        .collect();
    let jpeg: Duration = medians.iter().take(2).sum();
    let pixels = (WIDTH * HEIGHT) as f64 / 1e6;
    for ((name, _), median) in tasks.iter().zip(&medians) {
        let (seconds, ratio) = (median.as_secs_f64(), median.as_secs_f64() / jpeg.as_secs_f64());
        println!(
            "{name}: {:.1} ms a megapixel, {ratio:.2} of decoding and encoding as JPEG",
            seconds * 1e3 / pixels
        );
    }
}

criterion_group!(benches, picture);
criterion_main!(benches);
