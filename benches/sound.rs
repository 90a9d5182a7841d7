//! Notices in sound, against decoding the same sound: prints how many times real time the search alone runs, its ratio to decoding,
//! and the most memory an hour of stereo takes.
//!
//! `cargo bench --bench sound [FILE ..]`; without files, on a minute made of the samples, and on an hour of it that is kept nowhere.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark may fail loudly, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicia::{Asset, Context, Limits, Scheme, Source};

/// Rounds of which the median counts.
const ROUNDS: usize = 7;
/// Frames a second, and bytes of one.
const RATE: u32 = 44_100;
const FRAME: u64 = 4;

/// A WAVE file of 16 bits and two channels that says the same again and again.
struct Looped {
    header: Vec<u8>,
    data: Vec<u8>,
    length: u64,
}

impl Looped {
    fn of(data: Vec<u8>, seconds: u32) -> Self {
        let length = u64::from(seconds) * u64::from(RATE) * FRAME;
        let size = |more: u64| u32::try_from(length + more).unwrap().to_le_bytes();
        let mut header = b"RIFF".to_vec();
        header.extend(size(36));
        header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
        header.extend(RATE.to_le_bytes());
        header.extend((RATE * 4).to_le_bytes());
        header.extend(b"\x04\0\x10\0data");
        header.extend(size(0));
        Self { header, data, length }
    }
}

impl Source for Looped {
    fn size(&self) -> u64 {
        self.header.len() as u64 + self.length
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        let (head, all) = (self.header.len() as u64, self.data.len() as u64);
        if at + buf.len() as u64 > self.size() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (slot, at) in buf.iter_mut().zip(at..) {
            *slot = if at < head {
                self.header[usize::try_from(at).unwrap()]
            } else {
                self.data[usize::try_from((at - head) % all).unwrap()]
            };
        }
        Ok(())
    }
}

/// The samples of the sample with music, as bytes.
fn music() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/wav/chords-16-stereo.wav");
    let bytes = fs::read(path).unwrap();
    let data = bytes.windows(4).position(|four| four == b"data").unwrap() + 8;
    let whole = (bytes.len() - data) / 4 * 4;
    bytes[data..data + whole].to_vec()
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// The most memory this process has had, in MB, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

/// Decodes all of it; seconds of sound.
fn decode(asset: &Asset<'_>) -> f64 {
    let mut stream = asset.sound().unwrap();
    let facts = stream.facts();
    let (mut block, mut values) = (Vec::new(), 0usize);
    let mut more = true;
    while more {
        block.clear();
        more = stream.next_block(&mut block).unwrap();
        values += block.len();
        black_box(&block);
    }
    values as f64 / f64::from(facts.channels) / f64::from(facts.rate)
}

fn main() {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let cx = Context::default();
    println!("Medians of {ROUNDS}; floor: decoding. The search is what looking takes beyond that.");
    let measure = |name: &str, source: &dyn Source| {
        let open = || Asset::open(source, Some(name), &Limits::default()).unwrap();
        let seconds = decode(&open());
        let floor = median(|| {
            black_box(decode(&open()));
        });
        for scheme in ["rhythm", "spoken"].map(|name| Scheme::named(name).unwrap()) {
            let looked = median(|| drop(black_box(scheme.look(&open(), &cx))));
            let search = (looked - floor).max(1e-9);
            println!(
                "{:>7}: {seconds:.0} s of sound: floor {:.1} ms, looked {:.1} ms, ratio {:.2}, search alone {:.0} times real \
                 time  {name}",
                scheme.name,
                floor * 1e3,
                looked * 1e3,
                looked / floor,
                seconds / search
            );
        }
    };
    for path in &given {
        measure(&path.display().to_string(), &fs::read(path).unwrap());
    }
    if !given.is_empty() {
        return;
    }
    measure("minute.wav", &Looped::of(music(), 60));
    let before = peak();
    for scheme in ["rhythm", "spoken"].map(|name| Scheme::named(name).unwrap()) {
        let hour = Looped::of(music(), 3_600);
        let begin = Instant::now();
        let asset = Asset::open(&hour, Some("hour.wav"), &Limits::default()).unwrap();
        black_box(scheme.look(&asset, &cx));
        let time = begin.elapsed().as_secs_f64();
        let memory = peak().map_or_else(|| "unknown".into(), |most| format!("{most} MB"));
        println!("{:>7}: an hour of stereo in {time:.1} s, most memory so far {memory}", scheme.name);
    }
    if let Some(before) = before {
        println!("Before the hour, this process had {before} MB at most.");
    }
}
