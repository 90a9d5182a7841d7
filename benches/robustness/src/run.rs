//! Pictures times attacks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::attack::Attack;
use crate::method::{Method, timed};
use crate::picture::Rgb;
use crate::quality::Quality;
use crate::random::Random;

/// A picture to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its file.
    pub path: PathBuf,
    /// The file's name without its ending.
    pub name: String,
    /// Whether it is drawn, rendered or a page, rather than photographed.
    pub synthetic: bool,
}

/// What came of one attack on one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The method's name.
    pub method: String,
    /// The picture's name.
    pub picture: String,
    /// Whether it is synthetic.
    pub synthetic: bool,
    /// Width and height before the attack, in pixels.
    pub size: [usize; 2],
    /// The attack's name; empty for a picture that was refused.
    pub attack: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Share of payload bits that are right, where the method always gives bits.
    pub bits: Option<f64>,
    /// The statistic.
    pub statistic: Option<f64>,
    /// The bound on false alarms, as a common logarithm.
    pub log10_false_alarm: Option<f64>,
    /// How the mark was come by, or why not.
    pub route: String,
    /// Processor time of the detection.
    pub detect: Duration,
    /// What the mark cost the picture.
    pub quality: Option<Quality>,
    /// Processor time of embedding, a megapixel.
    pub embed: Duration,
}

/// What can come of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The payload was read.
    Read,
    /// No mark was found.
    Missed,
    /// Another payload was read: worse than none.
    Wrong,
    /// The picture was refused, and not marked.
    Refused,
    /// The attack could not be made here.
    NotMade,
}

impl Outcome {
    const ALL: [Self; 5] = [Self::Read, Self::Missed, Self::Wrong, Self::Refused, Self::NotMade];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Missed => "missed",
            Self::Wrong => "wrong",
            Self::Refused => "refused",
            Self::NotMade => "not-made",
        }
    }
}

/// The pictures of a folder, by name. `SOURCES.tsv` in it, with the columns `file` and `kind`, tells which are
/// `synthetic`; those named in `synthetic` are, too.
///
/// # Errors
/// In words, if the folder cannot be read or holds no picture.
pub fn pictures(folder: &Path, synthetic: &[String]) -> Result<Vec<Entry>, String> {
    let kinds = kinds(folder);
    let listed = std::fs::read_dir(folder).map_err(|err| format!("{}: {err}", folder.display()))?;
    let mut entries = Vec::new();
    for file in listed {
        let path = file.map_err(|err| err.to_string())?.path();
        let ending = path.extension().and_then(|one| one.to_str()).unwrap_or_default().to_lowercase();
        if !["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp"].contains(&ending.as_str()) {
            continue;
        }
        let [file, name] = [path.file_name(), path.file_stem()]
            .map(|part| part.map(|one| one.to_string_lossy().into_owned()).unwrap_or_default());
        let drawn = kinds.get(&file).is_some_and(|kind| kind == "synthetic") || synthetic.contains(&name);
        entries.push(Entry { path, name, synthetic: drawn });
    }
    entries.sort_by(|one, two| one.name.cmp(&two.name));
    if entries.is_empty() { Err(format!("{}: no pictures", folder.display())) } else { Ok(entries) }
}

fn kinds(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join("SOURCES.tsv")).unwrap_or_default();
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let heads = lines.next().unwrap_or_default();
    let column = |name| heads.iter().position(|head| *head == name);
    let (Some(file), Some(kind)) = (column("file"), column("kind")) else { return BTreeMap::new() };
    let pair = |line: Vec<&str>| Some(((*line.get(file)?).to_owned(), (*line.get(kind)?).to_owned()));
    lines.filter_map(pair).collect()
}

/// The payload that a picture is marked with: another for each, and of a version that readers know.
pub fn payload(name: &str) -> u64 {
    // Version 1, status "is", a digest of 56 bits.
    0x1700_0000_0000_0000 | Random::of(name).bits() >> 8
}

/// Marks one picture, and tries every attack on it.
///
/// # Errors
/// If the picture cannot be read, or the method fails in itself.
pub fn run(method: &mut dyn Method, entry: &Entry, attacks: &[Attack]) -> Result<Vec<Row>, String> {
    let picture = Rgb::open(&entry.path).map_err(|err| format!("{}: {err}", entry.path.display()))?;
    let payload = payload(&entry.name);
    let (marked, used) = timed(method, |method| method.embed(&picture, payload));
    let mut row = Row {
        method: method.name().to_owned(),
        picture: entry.name.clone(),
        synthetic: entry.synthetic,
        size: [picture.width, picture.height],
        attack: String::new(),
        outcome: Outcome::Refused,
        bits: None,
        statistic: None,
        log10_false_alarm: None,
        route: String::new(),
        detect: Duration::ZERO,
        quality: None,
        embed: used.div_f64(picture.megapixels()),
    };
    let marked = match marked {
        Ok(marked) => marked,
        Err(why) => return Ok(vec![Row { route: why, ..row }]),
    };
    row.quality = Some(Quality::of(&picture, &marked));
    let mut rows = Vec::new();
    for attack in attacks {
        let mut row = Row { attack: attack.name.clone(), ..row.clone() };
        match attack.apply(&marked, &entry.name) {
            Err(why) => (row.outcome, row.route) = (Outcome::NotMade, why),
            Ok(attacked) => {
                let (reading, used) = timed(method, |method| method.detect(&attacked));
                row.detect = used;
                match reading {
                    Err(why) => (row.outcome, row.route) = (Outcome::Missed, why),
                    Ok(reading) => {
                        row.outcome = match reading.payload {
                            Some(read) if read == payload => Outcome::Read,
                            Some(_) => Outcome::Wrong,
                            None => Outcome::Missed,
                        };
                        let right = |read: u64| 1.0 - f64::from((read ^ payload).count_ones()) / 64.0;
                        row.bits = reading.payload.map(right);
                        row.statistic = reading.statistic;
                        row.log10_false_alarm = reading.log10_false_alarm;
                        row.route = reading.route;
                    }
                }
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The heads of [`Row::line`].
pub const HEADS: &str = "method,picture,kind,width,height,attack,outcome,bits,z,log10_p,detect_ms,psnr,ssim,smooth_rms,\
                         embed_ms_per_mp,route";

impl Row {
    /// The row as a line of CSV.
    pub fn line(&self) -> String {
        let kind = if self.synthetic { "synthetic" } else { "photo" };
        let number =
            |value: Option<f64>, digits: usize| value.map_or(String::new(), |one| format!("{one:.digits$}"));
        let mut line = format!(
            "{},{},{kind},{},{},{},{}",
            plain(&self.method),
            plain(&self.picture),
            self.size[0],
            self.size[1],
            plain(&self.attack),
            self.outcome.name()
        );
        let quality = self.quality;
        for (value, digits) in [
            (self.bits, 3),
            (self.statistic, 2),
            (self.log10_false_alarm, 1),
            (Some(self.detect.as_secs_f64() * 1e3), 1),
            (quality.map(|quality| quality.psnr), 2),
            (quality.map(|quality| quality.ssim), 4),
            (quality.and_then(|quality| quality.smooth), 3),
            (Some(self.embed.as_secs_f64() * 1e3), 1),
        ] {
            let _ = write!(line, ",{}", number(value, digits));
        }
        line + "," + &plain(&self.route)
    }

    /// The row of a line; `None` if it is none.
    pub fn parse(line: &str) -> Option<Self> {
        let parts: Vec<&str> = line.splitn(16, ',').collect();
        let text = |at: usize| parts.get(at).copied();
        let number = |at: usize| text(at)?.parse::<f64>().ok();
        let time = |at: usize| Some(Duration::from_secs_f64(number(at)?.max(0.0) / 1e3));
        let outcome = Outcome::ALL.into_iter().find(|one| Some(one.name()) == text(6))?;
        let quality = |psnr| Some(Quality { psnr, ssim: number(12)?, smooth: number(13) });
        Some(Self {
            method: text(0)?.to_owned(),
            picture: text(1)?.to_owned(),
            synthetic: text(2)? == "synthetic",
            size: [text(3)?.parse().ok()?, text(4)?.parse().ok()?],
            attack: text(5)?.to_owned(),
            outcome,
            bits: number(7),
            statistic: number(8),
            log10_false_alarm: number(9),
            detect: time(10)?,
            quality: number(11).and_then(quality),
            embed: time(14)?,
            route: text(15)?.to_owned(),
        })
    }
}

/// Without what would end a field.
fn plain(text: &str) -> String {
    text.replace([',', '\n', '\r', '"'], ";")
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Row, payload, pictures, run};
    use crate::attack::{Attack, Step};
    use crate::codec::write_png;
    use crate::method::{Method, Reading};
    use crate::picture::{Rgb, made_up};
    use std::time::Duration;

    /// A mark in the lowest bits of the first pixels: nothing survives.
    struct LowestBits(Duration);

    impl Method for LowestBits {
        fn name(&self) -> &'static str {
            "lowest bits"
        }
        fn embed(&mut self, picture: &Rgb, payload: u64) -> Result<Rgb, String> {
            self.0 += Duration::from_millis(12);
            let mut marked = picture.clone();
            for (at, one) in marked.samples.iter_mut().take(64).enumerate() {
                *one = *one & !1 | ((payload >> at) & 1) as u8;
            }
            if picture.width < 40 { Err("too small, even so".into()) } else { Ok(marked) }
        }
        fn detect(&mut self, picture: &Rgb) -> Result<Reading, String> {
            self.0 += Duration::from_millis(3);
            let bit = |(at, one): (usize, &u8)| u64::from(one & 1) << at;
            let payload: u64 = picture.samples.iter().take(64).enumerate().map(bit).sum();
            let payload = Some(payload).filter(|read| *read >> 60 == 1);
            Ok(Reading { payload, statistic: Some(1.5), ..Reading::default() })
        }
        fn cpu(&self) -> Duration {
            self.0
        }
    }

    fn attack(name: &str, steps: &[Step]) -> Attack {
        Attack { name: name.into(), steps: steps.into(), is_pair: false, ask: None, stretch: None }
    }

    #[test]
    fn a_folder_is_run_and_every_row_comes_back_from_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write_png(&made_up::scene(64, 48), &path("a.png")).unwrap();
        write_png(&made_up::scene(32, 48), &path("b,small.png")).unwrap();
        std::fs::write(path("SOURCES.tsv"), "file\tkind\na.png\tsynthetic\nb,small.png\tphoto\n").unwrap();
        std::fs::write(path("c.txt"), "no picture").unwrap();
        let found = pictures(folder.path(), &[]).unwrap();
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b,small"]);
        assert_eq!(found.iter().map(|one| one.synthetic).collect::<Vec<_>>(), [true, false]);
        let list = [attack("none", &[]), attack("dark", &[Step::Brightness(50)])];
        let mut method = LowestBits(Duration::ZERO);
        let rows = run(&mut method, &found[0], &list).unwrap();
        assert_eq!(rows.iter().map(|row| row.outcome).collect::<Vec<_>>(), [Outcome::Read, Outcome::Missed]);
        assert!(rows[0].quality.unwrap().psnr > 60.0 && rows[0].bits == Some(1.0));
        assert_eq!(rows[0].detect, Duration::from_millis(3));
        assert!((rows[0].embed.as_secs_f64() - 0.012 / (64.0 * 48.0 / 1e6)).abs() < 1e-6);
        let refused = run(&mut method, &found[1], &list).unwrap();
        assert_eq!((refused.len(), refused[0].outcome), (1, Outcome::Refused));
        assert_eq!(refused[0].route, "too small, even so");
        for row in rows.iter().chain(&refused) {
            let again = Row::parse(&row.line()).unwrap();
            assert_eq!(again.line(), row.line());
            assert_eq!((again.outcome, again.quality.is_some()), (row.outcome, row.quality.is_some()));
        }
        assert_eq!(Row::parse(super::HEADS), None);
        assert!(pictures(&path("nowhere"), &[]).is_err());
    }

    #[test]
    fn payloads_differ_and_are_of_the_version_that_is_written() {
        assert_ne!(payload("a"), payload("b"));
        assert!(["a", "b", "c"].iter().all(|name| payload(name) >> 56 == 0x17));
    }
}
