//! What of the watermark in sound survives: `cargo bench -p indicia-watermark --bench sound_robustness -- FOLDER`.
//!
//! Marks every sound of the folder, attacks it, and looks for the mark. Prints a table in Markdown; `--csv FILE` writes each
//! trial, `--unmarked COUNT` looks for marks in unmarked sound instead, `--only WORD` runs the attacks whose name holds it, `--clips WORDS` the sounds. Needs ffmpeg and sox.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench"
)]

mod ffmpeg;
mod signal;

use std::{fmt::Write, path::PathBuf, time::Instant};

use indicia_watermark::{
    Detection, Id, Key, Payload, Status,
    sound::{Clip, Effort, Embedder, Heard, Layout, Options, Strength, detect},
};
use signal::Sound;

type Work = Box<dyn Fn(&Sound) -> Option<Sound>>;

struct Attack {
    name: &'static str,
    /// Shares that are asked and aimed at, in percent.
    ask: Option<u32>,
    stretch: Option<u32>,
    search: bool,
    work: Work,
}

fn attacks() -> Vec<Attack> {
    let mut list = Vec::new();
    let mut add = |name, ask: u32, stretch: u32, search, work: Work| {
        let share = |value: u32| (value > 0).then_some(value);
        list.push(Attack { name, ask: share(ask), stretch: share(stretch), search, work });
    };
    fn codec(extension: &'static str, codec: &'static str, rate: &'static str) -> Work {
        Box::new(move |sound| ffmpeg::codec(sound, extension, &["-c:a", codec, "-b:a", rate]))
    }
    fn own(work: impl Fn(&Sound) -> Sound + 'static) -> Work {
        Box::new(move |sound| Some(work(sound)))
    }
    fn sox(arguments: &'static [&'static str]) -> Work {
        Box::new(move |sound| ffmpeg::sox(sound, arguments))
    }
    add("none", 100, 100, false, own(Sound::clone));
    add("MP3 128", 100, 100, false, codec("mp3", "libmp3lame", "128k"));
    add("MP3 64", 100, 100, false, codec("mp3", "libmp3lame", "64k"));
    add("AAC 96", 100, 100, false, codec("m4a", "aac", "96k"));
    add("AAC 64", 100, 100, false, codec("m4a", "aac", "64k"));
    add("Opus 64", 100, 100, false, codec("ogg", "libopus", "64k"));
    add("Opus 32", 93, 100, false, codec("ogg", "libopus", "32k"));
    add("Vorbis 64", 100, 100, false, codec("ogg", "libvorbis", "64k"));
    add("resample 16k", 100, 100, false, own(|sound| signal::resample(sound, 16_000)));
    add("resample 48k", 100, 100, false, own(|sound| signal::resample(sound, 48_000)));
    add(
        "resample 8k and back",
        93,
        100,
        false,
        own(|sound| signal::resample(&signal::resample(sound, 8_000), sound.rate)),
    );
    add("mono", 100, 100, false, own(signal::mono));
    add("gain -6 dB", 100, 100, false, own(|sound| signal::gain(sound, -6.0)));
    add("gain +9 dB, clipped", 100, 100, false, own(signal::clip));
    add("DC shift", 100, 100, false, own(signal::shifted));
    add(
        "low-pass 4k",
        100,
        100,
        false,
        own(|sound| signal::low_pass(&signal::low_pass(sound, 4000.0), 4000.0)),
    );
    add(
        "high-pass 500",
        100,
        100,
        false,
        own(|sound| signal::high_pass(&signal::high_pass(sound, 500.0), 500.0)),
    );
    add("equaliser", 100, 100, false, own(signal::equalise));
    add("compressor", 100, 100, false, own(signal::compress));
    add("reverb", 100, 100, false, own(|sound| signal::room(sound, 0.5, -6.0, 1)));
    add("room response", 100, 100, false, own(|sound| signal::room(sound, 0.4, 0.0, 2)));
    add("crop 15 s", 100, 100, false, own(|sound| signal::crop(sound, 7.3, 15.0)));
    add("crop 10 s", 93, 100, false, own(|sound| signal::crop(sound, 11.1, 10.0)));
    add("crop 5 s", 65, 90, false, own(|sound| signal::crop(sound, 12.2, 5.0)));
    add("four pieces of 4 s", 0, 100, false, own(signal::shuffle));
    add("10 ms cut every 2 s", 0, 100, false, own(signal::cuts));
    add("noise 30 dB", 80, 100, false, own(|sound| signal::noise(sound, 30.0, 3)));
    add("noise 20 dB", 60, 85, false, own(|sound| signal::noise(sound, 20.0, 3)));
    add("noise 10 dB", 0, 50, false, own(|sound| signal::noise(sound, 10.0, 3)));
    add(
        "MP3 64 and crop 15 s",
        100,
        100,
        false,
        Box::new(|sound| {
            Some(signal::crop(
                &ffmpeg::codec(sound, "mp3", &["-c:a", "libmp3lame", "-b:a", "64k"])?,
                5.5,
                15.0,
            ))
        }),
    );
    add(
        "Opus 32 and crop 10 s",
        40,
        80,
        false,
        Box::new(|sound| {
            Some(signal::crop(&ffmpeg::codec(sound, "ogg", &["-c:a", "libopus", "-b:a", "32k"])?, 9.7, 10.0))
        }),
    );
    add("telephone, mu-law", 0, 50, false, own(signal::telephone));
    add(
        "telephone, Opus 12",
        0,
        50,
        false,
        Box::new(|sound| {
            ffmpeg::codec(
                &signal::resample(&signal::mono(sound), 8000),
                "ogg",
                &["-c:a", "libopus", "-b:a", "12k"],
            )
        }),
    );
    add("speed +1 %", 93, 100, true, own(|sound| signal::speed(sound, 1.01)));
    add("speed -1 %", 93, 100, true, own(|sound| signal::speed(sound, 0.99)));
    add("speed +2 %", 93, 100, true, own(|sound| signal::speed(sound, 1.02)));
    add("speed +5 %", 93, 100, true, own(|sound| signal::speed(sound, 1.05)));
    add("speed -5 %", 93, 100, true, own(|sound| signal::speed(sound, 0.95)));
    add("speed +12 %", 0, 100, true, own(|sound| signal::speed(sound, 1.119)));
    add("tempo +1 %", 93, 100, true, own(|sound| signal::tempo(sound, 1.01)));
    add("tempo +5 %", 93, 100, true, own(|sound| signal::tempo(sound, 1.05)));
    add("tempo -5 %", 93, 100, true, own(|sound| signal::tempo(sound, 0.95)));
    add("tempo +5 % (sox)", 93, 100, true, sox(&["tempo", "1.05"]));
    add("tempo -12 % (sox)", 0, 100, true, sox(&["tempo", "0.881"]));
    add("pitch +50 cents (sox)", 93, 100, true, sox(&["pitch", "50"]));
    add("pitch -100 cents (sox)", 93, 100, true, sox(&["pitch", "-100"]));
    add("pitch +100 cents", 93, 100, true, own(|sound| signal::pitch(sound, 100.0)));
    add(
        "speed +1 % and MP3 128",
        93,
        100,
        true,
        Box::new(|sound| {
            ffmpeg::codec(&signal::speed(sound, 1.01), "mp3", &["-c:a", "libmp3lame", "-b:a", "128k"])
        }),
    );
    list
}

/// Looks for marks in sound that has none, under one key after the other: how the statistic lies, beside the bound.
fn unmarked(files: &[PathBuf], count: usize) {
    let options = Options { effort: Effort::Fast, ..Options::default() };
    let (mut statistics, mut alarms) = (Vec::new(), 0);
    let each = count.div_ceil(files.len());
    for (number, path) in files.iter().enumerate() {
        let sound = ffmpeg::read(path, None).unwrap();
        let layout = Layout { rate: sound.rate, channels: sound.channels as u16 };
        let heard = Heard::new(&mut Clip { layout, samples: &sound.samples }).unwrap();
        for at in 0..each.min(count - statistics.len()) {
            let key = Key::from_bytes(format!("unmarked {number} {at}").as_bytes());
            match heard.look(&[key], &options) {
                Detection::Present(found) => {
                    alarms += 1;
                    statistics.push((found[0].evidence.statistic, found[0].evidence.hypotheses));
                }
                Detection::Absent(evidence) => statistics.push((evidence.statistic, evidence.hypotheses)),
                Detection::Unable(unable) => eprintln!("{}: {unable}", path.display()),
            }
        }
    }
    statistics.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = statistics.len();
    let hypotheses = statistics.iter().map(|statistic| statistic.1 as f64).sum::<f64>() / count as f64;
    println!(
        "{count} detections on unmarked sound, {hypotheses:.1} attempts each: {alarms} alarms at 1e-9\n"
    );
    println!("| z at least | share measured | bound: attempts x 2^64 x exp(-z^2/2) |\n|---|---|---|");
    for z in [8.0, 8.5, 9.0, 9.5, 10.0, 10.5, 11.0, 11.5, 12.0_f64] {
        let share = statistics.iter().filter(|statistic| statistic.0 >= z).count() as f64 / count as f64;
        let bound = (hypotheses.ln() + 64.0 * 2_f64.ln() - z * z / 2.0).exp().min(1.0);
        println!("| {z:.1} | {share:.5} | {bound:.1e} |");
    }
    println!("\nhighest z: {:.2}", statistics.last().map_or(0.0, |statistic| statistic.0));
}

/// Seconds of processor time that this process has used; the clock where the system does not tell.
fn processor_seconds(started: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| {
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
        let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
        Some(ticks / 100.0)
    });
    told.unwrap_or_else(|| started.elapsed().as_secs_f64())
}

fn option(name: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).cloned()
}

fn main() {
    let Some(folder) = std::env::args().skip(1).find(|argument| PathBuf::from(argument).is_dir()) else {
        eprintln!(
            "name a folder of sound: cargo bench -p indicia-watermark --bench sound_robustness -- FOLDER"
        );
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension().is_some_and(|end| ["flac", "wav", "ogg", "mp3"].iter().any(|e| end == *e))
    });
    if let Some(words) = option("--clips") {
        files.retain(|path| words.split(',').any(|word| path.to_string_lossy().contains(word)));
    }
    files.sort();
    if let Some(count) = option("--unmarked").and_then(|count| count.parse().ok()) {
        return unmarked(&files, count);
    }
    let only = option("--only");
    let attacks: Vec<Attack> = attacks()
        .into_iter()
        .filter(|attack| {
            only.as_ref().is_none_or(|words| words.split(',').any(|word| attack.name.contains(word)))
        })
        .collect();
    let strength = option("--strength").and_then(|value| value.parse().ok()).map(Strength::times);
    let key = Key::from_bytes(b"robustness");
    let mut csv = String::from("sound,attack,read,z,log10_p,snr,seconds,x_real_time\n");
    let mut tallies = vec![Vec::new(); attacks.len()];
    let mut ratios = Vec::new();
    let begun = Instant::now();
    for (number, path) in files.iter().enumerate() {
        let sound = ffmpeg::read(path, None).unwrap();
        let payload = Payload::new(Status::Is, &Id::new(&key, &format!("clip-{number}"))).unwrap();
        let layout = Layout { rate: sound.rate, channels: sound.channels as u16 };
        let started = processor_seconds(begun);
        let mut out = Vec::new();
        let strength = strength
            .or_else(|| Strength::fit(layout, &key, payload, &sound.samples).ok())
            .unwrap_or(Strength::NORMAL);
        let mut embedder = Embedder::new(layout, &key, payload, strength).unwrap();
        embedder.push(&sound.samples, &mut out).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let summary = match embedder.finish(&mut out) {
            Ok(summary) => summary,
            Err(refused) => {
                eprintln!("{name}: {refused}");
                continue;
            }
        };
        let pace = sound.seconds() / (processor_seconds(begun) - started).max(0.01);
        ratios.push(summary.signal_to_noise);
        eprint!(
            "{name} {:.1} dB at {:.2}, embedded at {pace:.0}x:",
            summary.signal_to_noise,
            strength.factor()
        );
        let marked = signal::sixteen(&Sound { samples: out, ..sound });
        for (attack, tally) in attacks.iter().zip(&mut tallies) {
            let Some(heard) = (attack.work)(&marked) else {
                eprintln!("{}: could not be made", attack.name);
                continue;
            };
            let layout = Layout { rate: heard.rate, channels: heard.channels as u16 };
            let effort = if attack.search { Effort::Search } else { Effort::Fast };
            let options = Options { effort, ..Options::default() };
            let started = processor_seconds(begun);
            let found =
                detect(&mut Clip { layout, samples: &heard.samples }, std::slice::from_ref(&key), &options)
                    .unwrap();
            let pace = heard.seconds() / (processor_seconds(begun) - started).max(0.01);
            let (read, z, p) = match &found {
                Detection::Present(found) => {
                    assert_eq!(found[0].payload, payload, "a wrong payload");
                    (true, found[0].evidence.statistic, found[0].evidence.log10_false_alarm())
                }
                Detection::Absent(evidence) => (false, evidence.statistic, evidence.log10_false_alarm()),
                Detection::Unable(_) => (false, 0.0, 0.0),
            };
            eprint!(" {}{z:.1}", if read { "" } else { "!" });
            writeln!(
                csv,
                "{name},{},{read},{z:.2},{p:.1},{:.1},{:.1},{pace:.0}",
                attack.name,
                summary.signal_to_noise,
                heard.seconds()
            )
            .unwrap();
            tally.push((read, z, pace));
        }
        eprintln!();
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len().max(1) as f64;
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    println!("{} sounds, signal to change {mean:.1} dB (least {least:.1})\n", ratios.len());
    println!(
        "| attack | read | asked | aim | median z | median speed (processor time) |\n|---|---|---|---|---|---|"
    );
    for (attack, tally) in attacks.iter().zip(&tallies) {
        let read = tally.iter().filter(|trial| trial.0).count();
        let median = |of: fn(&(bool, f64, f64)) -> f64| {
            let mut values: Vec<f64> = tally.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(0.0)
        };
        let share = |value: Option<u32>| value.map_or("-".to_owned(), |value| format!("{value} %"));
        println!(
            "| {} | {read}/{} | {} | {} | {:.1} | {:.0}x |",
            attack.name,
            tally.len(),
            share(attack.ask),
            share(attack.stretch),
            median(|trial| trial.1),
            median(|trial| trial.2)
        );
    }
    if let Some(path) = option("--csv") {
        std::fs::write(path, csv).unwrap();
    }
}
