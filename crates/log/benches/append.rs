//! How fast a log takes entries and proves them.
//!
//! `cargo bench -p indicia-log -- [ENTRIES] [FOLDER]`: by default 200,000 entries in a temporary folder; ten million
//! need about 10 GB. Prints entries per second of wall and of processor time, the cost of one entry alone (flushed to the
//! disk, signed), of a proof, of a look-up, and of verifying all.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark may fail loudly, and prints"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicia_log::{
    Event, Hash, Log, MarkNote, New, Options, PackNote, Reader, Record, SigningKey, Sought, Tool, Verify,
};

const NOW: u64 = 1_800_000_000;
const BATCH: u64 = 1000;

fn record(number: u64) -> Record {
    let claim = [
        ("status", "is".to_owned()),
        ("origin", "generated".to_owned()),
        ("producer", "001191110108MA01KP2T5U00000".to_owned()),
        ("content_id", format!("{number:032x}")),
    ];
    let mark = |scheme: &str| MarkNote { scheme: scheme.into(), id: None };
    Record {
        path: format!("out/2027/01/picture-{number}.png"),
        sha256: Hash::of(&number.to_le_bytes()),
        size: 1_234_567,
        media: Some(Hash::of(&number.to_be_bytes())),
        format: "png".into(),
        marks: ["visible", "aigc", "watermark"].map(mark).into(),
        claim: claim.map(|(name, value)| (name.to_owned(), value)).into(),
        watermark: Some(format!("{number:016x}")),
        outcome: Some("met".into()),
        tool: Some(Tool { name: "indicia".into(), version: "0.1.0".into() }),
        packs: vec![PackNote { id: "cn".into(), sha256: Hash::of(b"cn") }],
        ..Record::default()
    }
}

/// Processor time of this process, where the system tells it.
fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = text.rsplit(')').next()?.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// The median time of several runs.
fn median(mut run: impl FnMut(u64), times: u64) -> Duration {
    let mut took: Vec<_> = (0..times)
        .map(|number| {
            let begun = Instant::now();
            run(number);
            begun.elapsed()
        })
        .collect();
    took.sort();
    took[took.len() / 2]
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let entries: u64 = words.next().map_or(200_000, |word| word.parse().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let folder = words.next().map_or(temporary.path().join("log"), PathBuf::from);
    let key = SigningKey::generate().unwrap();
    let mut log = Log::create(&folder, "example.com/bench", &key, Options::default()).unwrap();

    let (begun, cpu_begun) = (Instant::now(), cpu());
    let mut number = 0;
    while number < entries {
        let end = (number + BATCH).min(entries);
        log.append(NOW, (number..end).map(|number| New::of(Event::Labelled, record(number))).collect())
            .unwrap();
        number = end;
    }
    let wall = begun.elapsed();
    println!("{entries} entries, {BATCH} at once");
    println!("append            {:>10.0} entries/s of wall time", entries as f64 / wall.as_secs_f64());
    if let (Some(from), Some(to)) = (cpu_begun, cpu()) {
        println!(
            "                  {:>10.0} entries/s of processor time, one thread",
            entries as f64 / (to - from).as_secs_f64()
        );
    }
    let alone = || vec![New::of(Event::Labelled, record(entries))];
    let one = median(|_| assert!(log.append(NOW, alone()).is_ok()), 50);
    println!("append, one alone {:>10.3} ms, flushed and signed", one.as_secs_f64() * 1e3);

    let mut reader = Reader::open(&folder, Some(log.verifier())).unwrap();
    let size = reader.size();
    // Far apart, so that no two share much.
    let somewhere = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % size;
    let prove = median(|number| drop(reader.prove(somewhere(number)).unwrap()), 1000);
    println!("prove inclusion   {:>10.3} ms, of {size}", prove.as_secs_f64() * 1e3);
    let opened = median(
        |number| drop(Reader::open(&folder, Some(log.verifier())).unwrap().prove(somewhere(number)).unwrap()),
        100,
    );
    println!("open and prove    {:>10.3} ms", opened.as_secs_f64() * 1e3);
    let sought = Sought::Watermark(format!("{:016x}", entries / 2));
    let find = median(|_| assert_eq!(reader.find(&sought).unwrap().len(), 1), 3);
    println!("find by watermark {:>10.3} ms", find.as_secs_f64() * 1e3);
    let begun = Instant::now();
    assert!(reader.verify(Verify::default(), |_| ()).unwrap().holds());
    println!("verify all        {:>10.0} entries/s", size as f64 / begun.elapsed().as_secs_f64());
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = memory.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{peak}");
    }
}
