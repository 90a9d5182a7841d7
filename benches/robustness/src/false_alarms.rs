//! What the detector says of pictures that carry no mark under the key it looks with.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use indicia_watermark::picture::{Detector, Effort, Strength};
use indicia_watermark::{Detection, Evidence, Key, Payload};

use crate::ours::{borrowed, marked};
use crate::picture::Rgb;
use crate::random::Random;
use crate::run::{Entry, payload};
use crate::{codec, geometry, resize};

/// What is done to pictures before they are looked at, in turn.
const VARIANTS: [&str; 7] = ["whole", "crop", "resized", "jpeg", "mirrored", "made-up", "other-key"];
/// One detection of so many goes through the full search as well.
const SEARCH_EVERY: usize = 50;
/// One detection of so many also looks for one expected payload.
const EXPECT_EVERY: usize = 5;

/// One detection.
#[derive(Clone, Debug, PartialEq)]
struct Case {
    mode: &'static str,
    variant: &'static str,
    picture: String,
    statistic: f64,
    hypotheses: u64,
    present: bool,
}

/// Runs detections up to a number, each with a key of its own, and appends them to a file; those that the file has
/// already are not run again.
///
/// # Errors
/// In words, if a picture or the file cannot be read or written.
pub fn run(entries: &[Entry], count: usize, state: &Path) -> Result<(), String> {
    let open =
        |entry: &Entry| Rgb::open(&entry.path).map_err(|err| format!("{}: {err}", entry.path.display()));
    let pictures: Vec<Rgb> = entries.iter().map(open).collect::<Result<_, _>>()?;
    // Pictures that carry a mark, but under a key that is never looked with.
    let foreign = Key::from_bytes(b"a key of someone else");
    let under_other = |(entry, picture): (&Entry, &Rgb)| {
        marked(picture, &foreign, payload(&entry.name), Strength::Fixed { psnr: 42.5 })
            .unwrap_or_else(|_| picture.clone())
    };
    let foreign: Vec<Rgb> = entries.iter().zip(&pictures).map(under_other).collect();
    let begin = read(state)?.iter().filter(|case| case.mode == "fast").count();
    let file = OpenOptions::new().create(true).append(true).open(state).map_err(|err| err.to_string())?;
    let mut out = std::io::BufWriter::new(file);
    for index in begin..count {
        let which = index % entries.len();
        let variant = VARIANTS[index / entries.len() % VARIANTS.len()];
        let mut random = Random::of(&format!("false alarm {index}"));
        let shown = shown(&pictures[which], &foreign[which], variant, &mut random)?;
        let key = Key::from_bytes(format!("false alarm key {index}").as_bytes());
        let detector = Detector::new(&[key]);
        let picture = borrowed(&shown);
        let mut lines = String::new();
        let mut add = |mode, detection| {
            let (evidence, present) = evidence(&detection);
            let _ = match evidence {
                Some(one) => writeln!(
                    lines,
                    "{mode},{variant},{},{:.4},{},{present}",
                    entries[which].name, one.statistic, one.hypotheses
                ),
                None => writeln!(lines, "{mode},{variant},{},0,0,false", entries[which].name),
            };
        };
        if index % EXPECT_EVERY == 0 {
            let expected = [Payload::from_bits(payload(&entries[which].name))];
            add("expected", detector.expect(&picture, Effort::Fast, &expected));
        }
        if index % SEARCH_EVERY == 0 {
            add("search", detector.detect(&picture, Effort::Search));
        }
        // Last, since it counts what is done.
        add("fast", detector.detect(&picture, Effort::Fast));
        out.write_all(lines.as_bytes()).map_err(|err| err.to_string())?;
        if index % 100 == 99 {
            out.flush().map_err(|err| err.to_string())?;
        }
    }
    out.flush().map_err(|err| err.to_string())
}

fn evidence<A>(detection: &Detection<A>) -> (Option<Evidence>, bool) {
    match detection {
        Detection::Present(found) => (found.first().map(|found| found.evidence), true),
        Detection::Absent(evidence) => (Some(*evidence), false),
        Detection::Unable(_) => (None, false),
    }
}

fn shown(picture: &Rgb, foreign: &Rgb, variant: &str, random: &mut Random) -> Result<Rgb, String> {
    Ok(match variant {
        "crop" => {
            let area = 0.1 + 0.8 * random.unit();
            geometry::crop(picture, geometry::window(picture, area, random))
        }
        "resized" => resize::scale(picture, 0.4 + random.unit()),
        "jpeg" => codec::jpeg(picture, 30 + (random.below(60) as u8))?,
        "mirrored" => geometry::quarters(&geometry::flip_across(picture), random.below(4) as u8),
        "made-up" => made_up(random),
        "other-key" => foreign.clone(),
        _ => picture.clone(),
    })
}

/// Stripes, checks, slopes, noise and mixtures of them, some with periods that a lattice of frequencies could mistake.
fn made_up(random: &mut Random) -> Rgb {
    let (width, height) = (200 + random.below(900), 200 + random.below(900));
    let [period, angle, strength] = [4.0 + 60.0 * random.unit(), random.unit() * 3.2, 100.0 * random.unit()];
    let (sin, cos) = angle.sin_cos();
    let noise = if random.below(2) == 0 { 0.0 } else { 40.0 * random.unit() };
    let sort = random.below(4);
    Rgb::from_fn(width, height, |x, y| {
        let (x, y) = (x as f64, y as f64);
        let wave = (std::f64::consts::TAU * (x * cos + y * sin) / period).sin();
        let value = match sort {
            0 => strength * wave,
            1 => strength * wave.signum(),
            2 => strength * (((x / period) as i64 + (y / period) as i64) % 2) as f64,
            _ => 200.0 * (x / width as f64 - 0.5) + strength * 0.1 * wave,
        };
        [(128.0 + value + noise * random.normal()).clamp(0.0, 255.0) as u8; 3]
    })
}

fn read(state: &Path) -> Result<Vec<Case>, String> {
    if !state.exists() {
        return Ok(Vec::new());
    }
    let file = File::open(state).map_err(|err| err.to_string())?;
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    Ok(lines.filter_map(|line| parse(&line)).collect())
}

fn parse(line: &str) -> Option<Case> {
    let parts: Vec<&str> = line.split(',').collect();
    let known = |at: usize, all: &[&'static str]| {
        let text = parts.get(at)?;
        all.iter().copied().find(|one| one == text)
    };
    Some(Case {
        mode: known(0, &["fast", "search", "expected"])?,
        variant: known(1, &VARIANTS)?,
        picture: (*parts.get(2)?).to_owned(),
        statistic: parts.get(3)?.parse().ok()?,
        hypotheses: parts.get(4)?.parse().ok()?,
        present: *parts.get(5)? == "true",
    })
}

/// What the file holds, as Markdown: how many alarms, and the measured distribution beside the bound.
///
/// # Errors
/// In words, if the file cannot be read.
pub fn report(state: &Path) -> Result<String, String> {
    let cases = read(state)?;
    let mut out = String::new();
    for (mode, what, bits, steps) in [
        ("fast", "any payload, fast path", 64, [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0].as_slice()),
        ("search", "any payload, full search", 64, [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0].as_slice()),
        (
            "expected",
            "one expected payload, fast path",
            0,
            [1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0].as_slice(),
        ),
    ] {
        let of: Vec<&Case> = cases.iter().filter(|case| case.mode == mode).collect();
        if of.is_empty() {
            continue;
        }
        let alarms = of.iter().filter(|case| case.present).count();
        let most = of.iter().map(|case| case.statistic).fold(0.0, f64::max);
        let tried = of.iter().map(|case| case.hypotheses).max().unwrap_or_default();
        let _ = writeln!(
            out,
            "**{what}**: {alarms} alarms in {} unmarked detections, each with a key of its own; highest z {most:.2}; at most \
             {tried} attempts each.\n\n| z | detections at or over it | share | bound on the share |\n|---|---|---|---|",
            of.len()
        );
        for step in steps {
            let over = of.iter().filter(|case| case.statistic >= *step).count();
            let bound =
                of.iter().map(|case| bound(case.hypotheses, bits, *step)).sum::<f64>() / of.len() as f64;
            let share = over as f64 / of.len() as f64;
            let _ = writeln!(out, "| {step} | {over} | {} | {} |", figure(share), figure(bound));
        }
        out.push('\n');
    }
    let fast = || cases.iter().filter(|case| case.mode == "fast");
    let _ = writeln!(out, "| pictures | detections | alarms | highest z |\n|---|---|---|---|");
    for variant in VARIANTS {
        let of: Vec<&Case> = fast().filter(|case| case.variant == variant).collect();
        let _ = writeln!(
            out,
            "| {variant} | {} | {} | {:.2} |",
            of.len(),
            of.iter().filter(|case| case.present).count(),
            of.iter().map(|case| case.statistic).fold(0.0, f64::max)
        );
    }
    Ok(out)
}

/// `min(1, H 2^B exp(-z^2 / 2))`.
fn bound(hypotheses: u64, bits: u32, z: f64) -> f64 {
    let evidence = Evidence { statistic: z, hypotheses, information_bits: bits, log10_threshold: 0.0 };
    10f64.powf(evidence.log10_false_alarm())
}

fn figure(share: f64) -> String {
    if share == 0.0 || share >= 0.001 { format!("{share:.4}") } else { format!("{share:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::{bound, made_up, parse, report};
    use crate::random::Random;

    #[test]
    fn lines_come_back_and_count() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.csv");
        std::fs::write(
            &state,
            "expected,whole,a,2.1000,4,false\nfast,whole,a,9.6000,4,false\nfast,crop,a,13.0000,4,true\nbroken\n",
        )
        .unwrap();
        assert_eq!(parse("fast,crop,a,13.0000,4,true").unwrap().statistic, 13.0);
        let report = report(&state).unwrap();
        assert!(report.contains("1 alarms in 2 unmarked detections"), "{report}");
        assert!(report.contains("| 9 | 2 | 1.0000 | 1.0000 |"), "{report}");
        assert!(report.contains("| crop | 1 | 1 | 13.00 |"), "{report}");
    }

    #[test]
    fn the_bound_is_that_of_the_documentation() {
        assert_eq!(bound(4, 64, 9.0), 1.0);
        let at_ten = 4.0 * 2f64.powi(64) * (-50f64).exp();
        assert!((bound(4, 64, 10.0) / at_ten - 1.0).abs() < 1e-6);
        assert!((bound(1, 0, 3.0) - (-4.5f64).exp()).abs() < 1e-9);
    }

    #[test]
    fn made_up_pictures_differ() {
        let pictures: Vec<_> = (0..8).map(|at| made_up(&mut Random::of(&at.to_string()))).collect();
        assert!(pictures.windows(2).all(|two| two[0] != two[1]));
    }
}
