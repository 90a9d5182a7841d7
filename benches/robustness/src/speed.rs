//! What the watermark costs, beside decoding and encoding the same picture as JPEG.

use std::fmt::Write as _;
use std::hint::black_box;

use cpu_time::ThreadTime;
use indicia_watermark::Key;
use indicia_watermark::picture::{Detector, Effort, Strength};

use crate::ours::{borrowed, marked};
use crate::picture::Rgb;
use crate::run::{Entry, payload};
use crate::table::median;
use crate::{codec, geometry, resize};

/// Quality of the JPEG that is decoded and encoded for comparison.
const QUALITY: u8 = 90;

/// What is timed.
const WORK: [&str; 7] = [
    "JPEG decode",
    "JPEG encode",
    "embed, fixed strength",
    "embed, fitted",
    "detect, fast, marked",
    "detect, fast, unmarked",
    "detect, search, unmarked",
];

/// Times everything on every picture, in turns, and gives Markdown: milliseconds of processor time a megapixel, and
/// how often decoding or encoding as JPEG fits into it.
///
/// # Errors
/// In words, if a picture cannot be read.
pub fn report(entries: &[Entry], rounds: usize) -> Result<String, String> {
    let mut pictures = Vec::new();
    for entry in entries {
        let picture = Rgb::open(&entry.path).map_err(|err| format!("{}: {err}", entry.path.display()))?;
        pictures.push((entry.name.clone(), picture));
    }
    // One large picture, in which what is fixed per picture no longer counts.
    if let Some((name, largest)) = pictures.iter().max_by_key(|(_, picture)| picture.samples.len()).cloned() {
        let factor = (12.0 / largest.megapixels()).sqrt();
        pictures.push((format!("{name}, 12 MP"), resize::scale(&largest, factor)));
    }
    let key = Key::public();
    let detector = Detector::new(std::slice::from_ref(&key));
    let mut times: Vec<[f64; WORK.len()]> = Vec::new();
    for (name, picture) in &pictures {
        let bytes = codec::encode_jpeg(picture, QUALITY)?;
        let fixed = Strength::Fixed { psnr: 42.5 };
        let number = payload(name);
        let with = marked(picture, &key, number, Strength::default()).unwrap_or_else(|_| picture.clone());
        let mut all: Vec<[f64; WORK.len()]> = Vec::new();
        for _ in 0..rounds {
            all.push([
                cost(|| drop(black_box(codec::decode_jpeg(&bytes)))),
                cost(|| drop(black_box(codec::encode_jpeg(picture, QUALITY)))),
                cost(|| drop(black_box(marked(picture, &key, number, fixed)))),
                cost(|| drop(black_box(marked(picture, &key, number, Strength::default())))),
                cost(|| drop(black_box(detector.detect(&borrowed(&with), Effort::Fast)))),
                cost(|| drop(black_box(detector.detect(&borrowed(picture), Effort::Fast)))),
                cost(|| drop(black_box(detector.detect(&borrowed(picture), Effort::Search)))),
            ]);
        }
        times.push(std::array::from_fn(|at| median(all.iter().map(|row| row[at])).unwrap_or_default()));
    }
    let cropped = searches(entries, &pictures, &key, &detector);
    Ok(table(&pictures, &times) + &cropped)
}

/// Milliseconds of this thread's processor time.
fn cost(run: impl FnOnce()) -> f64 {
    let begin = ThreadTime::now();
    run();
    begin.elapsed().as_secs_f64() * 1e3
}

fn table(pictures: &[(String, Rgb)], times: &[[f64; WORK.len()]]) -> String {
    let mut out = String::from(
        "| work | ms a picture, median | most | ms/MP, median | ms/MP at 12 MP | times JPEG decode | times JPEG encode |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let each = |value: &dyn Fn(usize) -> f64| median((0..times.len()).map(value)).unwrap_or_default();
    for (at, work) in WORK.iter().enumerate() {
        let a_megapixel = |which: usize| times[which][at] / pictures[which].1.megapixels();
        let _ = writeln!(
            out,
            "| {work} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} |",
            each(&|which| times[which][at]),
            times.iter().map(|row| row[at]).fold(0.0, f64::max),
            each(&a_megapixel),
            a_megapixel(times.len() - 1),
            each(&|which| times[which][at] / times[which][0]),
            each(&|which| times[which][at] / times[which][1]),
        );
    }
    out
}

/// What finding a mark costs that is only found by searching.
fn searches(entries: &[Entry], pictures: &[(String, Rgb)], key: &Key, detector: &Detector) -> String {
    let mut all = Vec::new();
    for (entry, (name, picture)) in entries.iter().zip(pictures) {
        let Ok(with) = marked(picture, key, payload(name), Strength::default()) else { continue };
        let window = geometry::window(&with, 0.5, &mut crate::random::Random::of(&entry.name));
        let part = geometry::crop(&with, window);
        all.push(cost(|| drop(black_box(detector.detect(&borrowed(&part), Effort::Search)))));
    }
    let most = all.iter().copied().fold(0.0, f64::max);
    let middle = median(all.into_iter()).unwrap_or_default();
    format!("| detect, search, half of the area cropped away | {middle:.1} | {most:.1} | | | | |\n")
}
