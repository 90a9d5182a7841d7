//! The visible notice, against decoding and encoding the same picture: prints the ratio, which is what counts.
//!
//! `cargo bench --bench visible [PICTURE ..]`; without pictures, on the samples and on larger pictures made of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may fail loudly, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicia::{Asset, Claim, Context, Date, Field, Job, Limits, Order, Scheme, Status, prepare};
use indicia_media::{Colour, Draft, Picture, Samples};
use jpeg_encoder::{ColorType as JpegColour, Encoder as JpegEncoder};
use png::{ColorType as PngColour, Encoder as PngEncoder};

const SAMPLES: &[&str] = &[
    "png/astronaut-rgb.png",
    "png/gradient-animated.png",
    "jpeg/dandelion-420.jpg",
    "jpeg/dandelion-progressive-444.jpg",
    "webp/dandelion-lossy.webp",
];

/// Sizes of the pictures that are made of samples, in pixels.
const PNG_SIZES: [(u16, u16); 2] = [(480, 360), (2000, 1500)];
const JPEG_SIZES: [(u16, u16); 3] = [(200, 200), (480, 360), (4000, 3000)];

/// How long one picture is measured, and how often at least.
const BUDGET: Duration = Duration::from_secs(4);
const LEAST_ROUNDS: usize = 15;

/// The median time of each of three runs, and the median ratio of the second and the third to the first.
///
/// The three take turns, so that whatever else the machine does disturbs all alike; each ratio is one of times
/// measured right after one another.
struct Medians {
    times: [Duration; 3],
    ratios: [f64; 2],
}

impl Medians {
    fn of(before: impl Fn(), mut runs: [&mut dyn FnMut() -> usize; 3]) -> Self {
        let mut rounds: Vec<[Duration; 3]> = Vec::new();
        let begin = Instant::now();
        while rounds.len() < LEAST_ROUNDS || begin.elapsed() < BUDGET {
            rounds.push(runs.each_mut().map(|run| {
                before();
                let begin = Instant::now();
                black_box(run());
                begin.elapsed()
            }));
        }
        // The first round warms up.
        rounds.remove(0);
        let time = |at: usize| median(rounds.iter().map(|times| times[at]), Duration::cmp);
        let ratio = |at: usize| {
            median(rounds.iter().map(|times| times[at].div_duration_f64(times[0])), f64::total_cmp)
        };
        Self { times: [time(0), time(1), time(2)], ratios: [ratio(1), ratio(2)] }
    }
}

fn median<T: Copy>(values: impl Iterator<Item = T>, order: impl FnMut(&T, &T) -> std::cmp::Ordering) -> T {
    let mut values: Vec<T> = values.collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, order).1
}

/// The samples of a picture of this size, made of a smaller one and its mirror images side by side.
fn tiled(picture: &Picture, (width, height): (u16, u16)) -> Vec<u8> {
    let channels = picture.colour.channels();
    let Some(Samples::Eight(small)) = picture.frames.first().map(|frame| &frame.samples) else {
        panic!("a sample of 8 bits is needed");
    };
    let mirrored = |at: u16, size: u32| {
        let (turn, at) = (u32::from(at) / size, u32::from(at) % size);
        if turn % 2 == 0 { at } else { size - 1 - at }
    };
    let mut samples = Vec::new();
    for y in 0..height {
        let row = mirrored(y, picture.height) * picture.width;
        for x in 0..width {
            let start = (row + mirrored(x, picture.width)) as usize * channels;
            samples.extend_from_slice(&small[start..start + channels]);
        }
    }
    samples
}

/// The pictures made of samples, each with its name.
fn made(samples: &Path) -> Vec<(String, Vec<u8>)> {
    let picture = |name: &str| {
        let bytes = fs::read(samples.join(name)).unwrap();
        Asset::open(&bytes, Some(name), &Limits::default()).unwrap().picture().unwrap().clone()
    };
    let mut files = Vec::new();
    let small = picture("png/astronaut-rgb.png");
    assert_eq!(small.colour, Colour::Rgb);
    for (width, height) in PNG_SIZES {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes, u32::from(width), u32::from(height));
        encoder.set_color(PngColour::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&tiled(&small, (width, height))).unwrap();
        writer.finish().unwrap();
        files.push((format!("{width}x{height}.png"), bytes));
    }
    let small = picture("jpeg/dandelion-420.jpg");
    assert_eq!(small.colour, Colour::YCbCr);
    for (width, height) in JPEG_SIZES {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new(&mut bytes, 90);
        encoder.encode(&tiled(&small, (width, height)), width, height, JpegColour::Ycbcr).unwrap();
        files.push((format!("{width}x{height}.jpg"), bytes));
    }
    files
}

fn main() {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let (paths, mut files) = match given.is_empty() {
        true => (SAMPLES.iter().map(|name| samples.join(name)).collect(), made(&samples)),
        false => (given, Vec::new()),
    };
    files.splice(0..0, paths.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())));
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "Bench");
    claim.set(Field::ContentId, "1");
    let order = Order { claim, ..Order::default() };
    let at = Date::parse("2026-11-23").unwrap();
    let job = Job { with: vec![Scheme::named("visible").unwrap()], ..Job::new(order, Vec::new(), at) };
    let cx = Context::default();
    // The setting of the last notice is kept. A picture of another size before each run makes sure that this
    // spares no more than it does in a folder where no picture is like the one before.
    let mut other = Vec::new();
    PngEncoder::new(&mut other, 100, 80)
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&[128; 100 * 80]))
        .unwrap();
    let forget = || drop(prepare(&Asset::open(&other, None, &cx.limits).unwrap(), &job, &cx).unwrap());
    println!("Medians; floor: decoding and encoding; drawn: the notice too; read back: that too.");
    println!("{:>10} {:>10} {:>6} {:>10} {:>6}  picture", "floor", "drawn", "ratio", "read back", "ratio");
    for (name, bytes) in &files {
        let open = || Asset::open(bytes, Some(name), &Limits::default()).unwrap();
        let mut floor = || {
            let asset = open();
            let mut draft = Draft::new(&asset);
            draft.picture_mut().unwrap();
            draft.render().unwrap().to_bytes().unwrap().len()
        };
        let mut drawn = || prepare(&open(), &job, &cx).unwrap().rendered.to_bytes().unwrap().len();
        let mut verified = || prepare(&open(), &job, &cx).unwrap().to_bytes(Some(name), &cx).unwrap().0.len();
        let Medians { times: [floor, drawn, verified], ratios: [without, with] } =
            Medians::of(forget, [&mut floor, &mut drawn, &mut verified]);
        println!("{floor:>10.2?} {drawn:>10.2?} {without:>6.2} {verified:>10.2?} {with:>6.2}  {name}");
    }
}
