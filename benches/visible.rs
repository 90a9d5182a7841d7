//! The visible notice, against decoding and encoding the same picture: prints the ratio, which is what counts.
//!
//! `cargo bench --bench visible [PICTURE ..]`; without pictures, on the samples.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may fail loudly, and prints")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicia::{Asset, Claim, Context, Date, Field, Job, Limits, Order, Scheme, Status, prepare};
use indicia_media::Draft;

const SAMPLES: &[&str] = &[
    "jpeg/dandelion-420.jpg",
    "jpeg/dandelion-progressive-444.jpg",
    "png/astronaut-rgb.png",
    "png/gradient-animated.png",
    "webp/dandelion-lossy.webp",
];

/// The fastest of several runs: what the machine can do when nothing else disturbs it.
fn fastest(mut run: impl FnMut() -> usize) -> Duration {
    let timed = |_| {
        let begin = Instant::now();
        black_box(run());
        begin.elapsed()
    };
    (0..15).map(timed).min().unwrap()
}

fn main() {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let paths =
        if given.is_empty() { SAMPLES.iter().map(|name| samples.join(name)).collect() } else { given };
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "Bench");
    claim.set(Field::ContentId, "1");
    let order = Order { claim, ..Order::default() };
    let at = Date::parse("2026-11-23").unwrap();
    let job = Job { with: vec![Scheme::named("visible").unwrap()], ..Job::new(order, Vec::new(), at) };
    let cx = Context::default();
    println!("{:>10} {:>10} {:>10}  picture", "floor", "labelled", "ratio");
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().and_then(|name| name.to_str());
        let floor = fastest(|| {
            let asset = Asset::open(&bytes, name, &Limits::default()).unwrap();
            let mut draft = Draft::new(&asset);
            draft.picture_mut().unwrap();
            draft.render().unwrap().to_bytes().unwrap().len()
        });
        let drawn = fastest(|| {
            let asset = Asset::open(&bytes, name, &Limits::default()).unwrap();
            prepare(&asset, &job, &cx).unwrap().rendered.to_bytes().unwrap().len()
        });
        let verified = fastest(|| {
            let asset = Asset::open(&bytes, name, &Limits::default()).unwrap();
            prepare(&asset, &job, &cx).unwrap().to_bytes(name, &cx).unwrap().0.len()
        });
        let ratio = |time: Duration| time.as_secs_f64() / floor.as_secs_f64();
        println!(
            "{floor:>10.2?} {drawn:>10.2?} {:>10.2}  {} drawn\n{:>10} {verified:>10.2?} {:>10.2}  and read back",
            ratio(drawn),
            path.display(),
            "",
            ratio(verified),
        );
    }
}
