//! The inner loops: cutting files up, looking for marks, labelling metadata.
//!
//! `cargo bench --bench inner`. Whole runs against other programs: `benches/whole.sh`.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use indicia::{
    Asset, Claim, Context, Date, Field, Job, Limits, Order, Status, Terms, Waiver, label, packs, regimes,
    scan,
};

const SAMPLES: &[&str] = &[
    "jpeg/dandelion-420.jpg",
    "md/river.md",
    "mp3/chords-v23.mp3",
    "png/astronaut-rgb.png",
    "txt/river.txt",
    "wav/chords-16-stereo.wav",
    "webp/dandelion-lossy.webp",
];

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap()
}

fn inner(criterion: &mut Criterion) {
    let packs = packs(["cn"]).unwrap();
    let at = Date::parse("2026-11-23").unwrap();
    let cx = Context::default();
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "Bench");
    claim.set(Field::ContentId, "1");
    let order = Order { claim, ..Order::default() };
    for name in SAMPLES {
        let bytes = sample(name);
        let mut group = criterion.benchmark_group(*name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("parse", |bencher| {
            bencher.iter(|| {
                Asset::open(black_box(&bytes), Some(name), &Limits::default()).unwrap().layout.segments.len()
            });
        });
        let terms = Terms::new(regimes(&packs), at);
        group.bench_function("scan", |bencher| {
            bencher.iter(|| scan(name, black_box(&bytes), &terms, &cx).outcome());
        });
        let silent = Job { waived: Some(Waiver::AT_REQUEST), ..Job::new(order.clone(), regimes(&packs), at) };
        group.bench_function("label metadata", |bencher| {
            bencher.iter(|| label(black_box(&bytes), Some(name), &silent, &cx).unwrap().bytes.len());
        });
        group.finish();
    }
}

criterion_group!(benches, inner);
criterion_main!(benches);
