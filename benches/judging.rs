//! What judging a file by every rule set costs, beside looking at it: `cargo bench --bench judging`.
//!
//! Prints, for each sample, the time of a scan without rules, of judging what was seen by all regimes as a scan of a folder
//! does after the first such file, and the second as a share of the first. The target is under 10 % of a scan: of all these files
//! together. Of a file with marks the rules that look into them are judged anew each time.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may fail loudly and prints")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use indicia::{Asset, Context, Court, Date, Decode, Limits, PACKS, Terms, packs, regimes, scan};

const SAMPLES: &[&str] = &[
    "docx/river.docx",
    "jpeg/dandelion-420.jpg",
    "jpeg/dandelion-420-labelled.jpg",
    "md/river-labelled.md",
    "mp3/chords-v23.mp3",
    "mp4/dandelion-faststart-tags.mp4",
    "png/astronaut-rgb.png",
    "txt/river.txt",
];

const ROUNDS: usize = 41;

/// The median time of a call, over rounds of as many calls as take a millisecond.
fn median(mut work: impl FnMut()) -> Duration {
    let begun = Instant::now();
    work();
    let once = begun.elapsed().max(Duration::from_nanos(100));
    let calls =
        u32::try_from(Duration::from_millis(1).as_nanos() / once.as_nanos()).unwrap_or(1).clamp(1, 10_000);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            (0..calls).for_each(|_| work());
            begun.elapsed() / calls
        })
        .collect();
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn main() {
    let packs = packs(PACKS.iter().map(|(name, _)| *name)).unwrap();
    let at = Date::parse("2026-11-23").unwrap();
    let (none, all) = (Terms::new(Vec::new(), at), Terms { drafts: true, ..Terms::new(regimes(&packs), at) });
    let rules: usize = all.regimes.iter().map(|regime| regime.rules.len()).sum();
    println!("{} packs, {} regimes, {rules} rules", packs.len(), all.regimes.len());
    // As `scan` does it: without decoding sound or pictures, so that the share is the worst.
    let cx = Context { decode: Decode::Only(Vec::new()), ..Context::default() };
    let (mut worst, mut looked, mut judged_in_all) = (0.0_f64, Duration::ZERO, Duration::ZERO);
    for name in SAMPLES {
        let Ok(bytes) = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)) else {
            println!("{name}: not there");
            continue;
        };
        let looking = median(|| {
            black_box(scan(name, black_box(&bytes), &none, &cx));
        });
        let asset = Asset::open(&bytes, Some(name), &Limits::default()).unwrap();
        let evidence = scan(name, &bytes, &none, &cx).evidence;
        let report = |court: &Court<'_, '_>| {
            median(|| {
                black_box(court.report(name, &asset, evidence.clone()));
            })
        };
        let (bare, judged) = (report(&Court::new(&none)), report(&Court::new(&all)));
        let judging = judged.saturating_sub(bare);
        let share = judging.as_secs_f64() / looking.as_secs_f64() * 100.0;
        worst = worst.max(share);
        looked += looking;
        judged_in_all += judging;
        println!("{name:32} look {looking:>10.1?}  judge {judging:>10.1?}  {share:>6.1} %");
    }
    let share = judged_in_all.div_duration_f64(looked) * 100.0;
    println!("together {share:.1} %, target under 10 %; worst file {worst:.1} %");
}
