//! Reading notices in pictures, against decoding the same picture: prints the ratio of what the look along the edges takes to what
//! decoding takes, on one thread, and the most memory with the networks loaded.
//!
//! `cargo bench --bench reading [PICTURE ..]`; without pictures, on twelve megapixels made of samples. The networks are those that
//! `indicia models add` put in place, or lie in the folder that `INDICIA_MODELS` names.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may fail loudly, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use indicia::reading::Networks;
use indicia::{Asset, Context, Limits, Scheme};
use jpeg_encoder::{ColorType, Encoder};

/// Rounds of which the medians count.
const ROUNDS: usize = 9;
/// Columns and rows of the pictures made.
const SIDES: (usize, usize) = (4000, 3000);

/// A JPEG file of so many pixels, made of a sample and its mirror images side by side.
fn large() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/jpeg/dandelion-420.jpg");
    let bytes = fs::read(path).unwrap();
    let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
    let picture = asset.picture().unwrap();
    let (width, height) = (picture.width as usize, picture.height as usize);
    let channels = picture.colour.channels();
    let indicia_media::Samples::Eight(small) = &picture.frames[0].samples else {
        panic!("a sample of 8 bits is needed")
    };
    let mirrored =
        |at: usize, side: usize| if (at / side).is_multiple_of(2) { at % side } else { side - 1 - at % side };
    let mut samples = Vec::new();
    for y in 0..SIDES.1 {
        for x in 0..SIDES.0 {
            let at = (mirrored(y, height) * width + mirrored(x, width)) * channels;
            samples.extend_from_slice(&small[at..at + channels]);
        }
    }
    let colour =
        if picture.colour == indicia_media::Colour::YCbCr { ColorType::Ycbcr } else { ColorType::Rgb };
    let mut file = Vec::new();
    let sides = (u16::try_from(SIDES.0).unwrap(), u16::try_from(SIDES.1).unwrap());
    Encoder::new(&mut file, 90).encode(&samples, sides.0, sides.1, colour).unwrap();
    file
}

/// The most memory this process has had, in MB, where the system tells.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or_else(|| "unknown".into(), |kilobytes| format!("{} MB", kilobytes / 1024))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let folder = std::env::var_os("INDICIA_MODELS").map(PathBuf::from);
    let folder = folder.or_else(|| Some(dirs::data_dir()?.join("indicia/models"))).unwrap();
    let cx = Context { words: Some(Arc::new(Networks::in_folder(folder))), ..Context::default() };
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let mut pictures: Vec<(String, Vec<u8>)> =
        given.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    if pictures.is_empty() {
        pictures.push((format!("{} x {}", SIDES.0, SIDES.1), large()));
    }
    let visible = Scheme::named("visible").unwrap();
    for (name, bytes) in pictures {
        let open = || Asset::open(&bytes, None, &Limits::default()).unwrap();
        // Loads the networks.
        println!("{name}: {:?}", visible.look(&open(), &cx).seen);
        let (mut decoded, mut looked, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let asset = open();
            let begin = Instant::now();
            black_box(asset.picture().unwrap());
            let floor = begin.elapsed().as_secs_f64();
            let begin = Instant::now();
            drop(black_box(visible.look(&asset, &cx)));
            let look = begin.elapsed().as_secs_f64();
            decoded.push(floor);
            looked.push(look);
            ratios.push(look / floor);
        }
        println!(
            "{name}: decoding {:.1} ms, the look beyond it {:.1} ms, ratio {:.2} (2 asked on one thread), most memory {}",
            median(decoded) * 1e3,
            median(looked) * 1e3,
            median(ratios),
            peak()
        );
    }
}
