//! The rows as Markdown, and the places in documents where it goes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::attack::Attack;
use crate::list::{PAIR, SINGLE};
use crate::run::{Outcome, Row};

/// Most names of missed pictures in one line.
const NAMES: usize = 6;

/// What is told of a method: its name, its value on a picture, and how many decimals.
type Fact = (&'static str, fn(&Row) -> Option<f64>, usize);

/// Shares of one group of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    read: usize,
    of: usize,
}

impl Share {
    fn of<'a>(rows: impl Iterator<Item = &'a Row>) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            read: sum.read + usize::from(row.outcome == Outcome::Read),
            of: sum.of + 1,
        })
    }

    /// In hundredths; all of none is all.
    fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { 100.0 * self.read as f64 / self.of as f64 }
    }

    fn text(self) -> String {
        if self.of == 0 { "-".into() } else { format!("{}/{}", self.read, self.of) }
    }
}

/// What came of one attack.
#[derive(Debug)]
struct Tally<'a> {
    photos: Share,
    synthetic: Share,
    all: Share,
    rows: Vec<&'a Row>,
}

impl<'a> Tally<'a> {
    /// `None` where the attack was made on no picture.
    fn of(rows: &'a [Row], attack: &str) -> Option<Self> {
        let made = |row: &&Row| row.attack == attack && row.outcome != Outcome::NotMade;
        let rows: Vec<&Row> = rows.iter().filter(made).collect();
        let share = |synthetic| Share::of(rows.iter().copied().filter(|row| row.synthetic == synthetic));
        let (photos, synthetic, all) = (share(false), share(true), Share::of(rows.iter().copied()));
        (all.of > 0).then_some(Self { photos, synthetic, all, rows })
    }

    /// Whether both groups reach these shares.
    fn reaches(&self, floors: Option<[f64; 2]>) -> Option<bool> {
        floors.map(|[photos, synthetic]| {
            self.photos.percent() >= photos && self.synthetic.percent() >= synthetic
        })
    }

    fn missed(&self) -> String {
        let missed = self.rows.iter().filter(|row| row.outcome != Outcome::Read);
        let names: Vec<String> = missed
            .map(|row| match row.outcome {
                Outcome::Wrong => format!("{} (wrong payload)", row.picture),
                _ => row.picture.clone(),
            })
            .collect();
        let more = names.len().saturating_sub(NAMES);
        let mut text = names[..names.len() - more].join(", ");
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
        text
    }
}

/// A line an attack: shares, the middle of the statistic and of the time, what was asked, who was missed.
pub fn robustness(rows: &[Row], attacks: &[Attack]) -> String {
    let mut out = String::from(
        "| attack | photos | synthetic | all | median z | detect ms | asked | aimed at | missed |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for attack in attacks {
        let Some(tally) = Tally::of(rows, &attack.name) else {
            let _ = writeln!(out, "| {} | not made here | | | | | | | |", attack.name);
            continue;
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            attack.name,
            tally.photos.text(),
            tally.synthetic.text(),
            tally.all.text(),
            median(tally.rows.iter().filter_map(|row| row.statistic))
                .map_or("-".into(), |z| format!("{z:.1}")),
            median(tally.rows.iter().map(|row| row.detect.as_secs_f64() * 1e3))
                .map_or("-".into(), |ms| format!("{ms:.0}")),
            floors(attack.ask, tally.reaches(attack.ask)),
            floors(attack.stretch, tally.reaches(attack.stretch)),
            tally.missed(),
        );
    }
    out
}

fn floors(floors: Option<[f64; 2]>, reached: Option<bool>) -> String {
    match (floors, reached) {
        (Some([photos, synthetic]), Some(reached)) => {
            format!("{photos}/{synthetic} {}", if reached { "yes" } else { "**no**" })
        }
        _ => "-".into(),
    }
}

/// What the rows come to in a few lines: floors reached and missed, the worst single attack and the worst pair.
pub fn summary(rows: &[Row], attacks: &[Attack]) -> String {
    let tallies: Vec<(&Attack, Tally<'_>)> =
        attacks.iter().filter_map(|attack| Some((attack, Tally::of(rows, &attack.name)?))).collect();
    let mut out = String::new();
    let floors = |floor: fn(&Attack) -> Option<[f64; 2]>| {
        let judged: Vec<(&str, bool)> = tallies
            .iter()
            .filter_map(|(attack, tally)| Some((attack.name.as_str(), tally.reaches(floor(attack))?)))
            .collect();
        let missed: Vec<&str> = judged.iter().filter(|(_, met)| !met).map(|(name, _)| *name).collect();
        let tail = if missed.is_empty() { String::new() } else { format!("; not: {}", missed.join(", ")) };
        format!("{} of {}{tail}", judged.len() - missed.len(), judged.len())
    };
    let _ = writeln!(out, "- Attacks that reach what is asked of them: {}.", floors(|attack| attack.ask));
    let _ = writeln!(out, "- Attacks that reach what is aimed at: {}.", floors(|attack| attack.stretch));
    for (pairs, floor, what) in [(false, SINGLE, "single attack"), (true, PAIR, "pair")] {
        let group: Vec<_> = tallies.iter().filter(|(attack, _)| attack.is_pair == pairs).collect();
        let below: Vec<String> = group
            .iter()
            .filter(|(_, tally)| tally.all.percent() < floor)
            .map(|(attack, tally)| format!("{} ({:.0} %)", attack.name, tally.all.percent()))
            .collect();
        let all = Share::of(group.iter().flat_map(|(_, tally)| tally.rows.iter().copied()));
        let tail = if below.is_empty() { String::new() } else { format!("; below it: {}", below.join(", ")) };
        let _ = writeln!(
            out,
            "- Each {what} at {floor} % or more of all pictures: {} of {}; all together {:.1} %{tail}.",
            group.len() - below.len(),
            group.len(),
            all.percent()
        );
    }
    let wrong = rows.iter().filter(|row| row.outcome == Outcome::Wrong).count();
    let tried = rows.iter().filter(|row| !row.attack.is_empty() && row.outcome != Outcome::NotMade).count();
    let _ = writeln!(out, "- Wrong payloads: {wrong} in {tried} detections.");
    let refused: Vec<String> = rows
        .iter()
        .filter(|row| row.outcome == Outcome::Refused)
        .map(|row| format!("{} ({})", row.picture, row.route))
        .collect();
    if !refused.is_empty() {
        let _ = writeln!(out, "- Refused, and so not in the shares: {}.", refused.join("; "));
    }
    out
}

/// A line a picture: what the mark cost it.
pub fn quality(rows: &[Row]) -> String {
    let mut first: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.quality.is_some()) {
        first.entry(&row.picture).or_insert(row);
    }
    let mut out = String::from(
        "| picture | kind | size | PSNR dB | SSIM | smooth RMS | embed ms/MP |\n|---|---|---|---|---|---|---|\n",
    );
    for row in first.values() {
        let Some(quality) = row.quality else { continue };
        let _ = writeln!(
            out,
            "| {} | {} | {} x {} | {:.1} | {:.4} | {} | {:.0} |",
            row.picture,
            if row.synthetic { "synthetic" } else { "photo" },
            row.size[0],
            row.size[1],
            quality.psnr,
            quality.ssim,
            quality.smooth.map_or("-".into(), |rms| format!("{rms:.2}")),
            row.embed.as_secs_f64() * 1e3
        );
    }
    let of =
        |value: fn(&Row) -> Option<f64>| first.values().filter_map(|row| value(row)).collect::<Vec<f64>>();
    let psnr = of(|row| row.quality.map(|quality| quality.psnr));
    let ssim = of(|row| row.quality.map(|quality| quality.ssim));
    let smooth = of(|row| row.quality.and_then(|quality| quality.smooth));
    let least = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
    if !psnr.is_empty() {
        let _ = writeln!(
            out,
            "\nPSNR: mean {:.1} dB, least {:.1} (asked: 45 and 41). SSIM: mean {:.4}, least {:.4} (asked: 0.985 and \
             0.965). Change on smooth regions: at most {:.2} grey levels RMS (asked: 1). Embedding: {:.0} ms a megapixel \
             in the middle.",
            mean(&psnr),
            least(&psnr),
            mean(&ssim),
            least(&ssim),
            smooth.iter().copied().fold(0.0, f64::max),
            median(first.values().map(|row| row.embed.as_secs_f64() * 1e3)).unwrap_or_default()
        );
    }
    out
}

/// A line an attack, a column a method: the share of pictures of which all bits were read, and in brackets the mean
/// share of right bits where a method always gives bits.
pub fn methods(rows: &[Row], attacks: &[Attack]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.method.as_str()) {
            names.push(&row.method);
        }
    }
    let cells =
        |cell: &dyn Fn(&str) -> String| names.iter().map(|name| cell(name)).collect::<Vec<_>>().join(" | ");
    let mut out = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    let facts: [Fact; 4] = [
        ("PSNR dB, mean", |row| row.quality.map(|quality| quality.psnr), 1),
        ("SSIM, mean", |row| row.quality.map(|quality| quality.ssim), 4),
        ("embed, ms/MP", |row| Some(row.embed.as_secs_f64() * 1e3), 0),
        ("detect, ms", |row| Some(row.detect.as_secs_f64() * 1e3), 0),
    ];
    for (what, value, digits) in facts {
        let cell = |name: &str| {
            let of = rows.iter().filter(|row| row.method == name && row.attack == "none").filter_map(value);
            let all: Vec<f64> = of.collect();
            if all.is_empty() { "-".into() } else { format!("{:.digits$}", mean(&all)) }
        };
        let _ = writeln!(out, "| {what} | {} |", cells(&cell));
    }
    for attack in attacks {
        let cell = |name: &str| {
            let made = |row: &&Row| {
                row.method == name && row.attack == attack.name && row.outcome != Outcome::NotMade
            };
            let share = Share::of(rows.iter().filter(made));
            if share.of == 0 {
                return "-".to_owned();
            }
            let bits: Vec<f64> = rows.iter().filter(made).filter_map(|row| row.bits).collect();
            let has_presence = rows.iter().any(|row| row.method == name && row.statistic.is_some());
            let bits = if has_presence { String::new() } else { format!(" ({:.2})", mean(&bits)) };
            format!("{:.0} %{bits}", share.percent())
        };
        if rows.iter().any(|row| row.attack == attack.name) {
            let _ = writeln!(out, "| {} | {} |", attack.name, cells(&cell));
        }
    }
    out
}

/// A document with what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` replaced.
///
/// # Errors
/// If the document has no such place.
pub fn replaced(document: &str, name: &str, with: &str) -> Result<String, String> {
    let [begin, end] = ["begin", "end"].map(|word| format!("<!-- {word} {name} -->"));
    let missing = || format!("no `{begin}` before `{end}`");
    let (before, rest) = document.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}\n{}\n{end}{after}", with.trim_end()))
}

/// The middle value; `None` of none.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::{median, methods, quality, replaced, robustness, summary};
    use crate::attack::Attack;
    use crate::run::Row;

    fn rows() -> Vec<Row> {
        let line = |picture: &str, kind: &str, attack: &str, outcome: &str, z: &str| {
            format!(
                "ours,{picture},{kind},640,480,{attack},{outcome},1.000,{z},-50.0,8.0,45.00,0.9900,0.800,50.0,direct"
            )
        };
        let lines = [
            line("a", "photo", "none", "read", "31"),
            line("b", "photo", "none", "missed", "9"),
            line("c", "synthetic", "none", "read", "30"),
            line("a", "photo", "crop50+jpeg50", "wrong", "12"),
            line("a", "photo", "avif", "not-made", ""),
            "ours,d,photo,8,8,,refused,,,,0.0,,,,3.0,too small".to_owned(),
            "theirs,a,photo,640,480,none,missed,0.500,,,8.0,39.00,0.9900,,50.0,".to_owned(),
        ];
        lines.iter().map(|line| Row::parse(line).unwrap()).collect()
    }

    fn attacks() -> Vec<Attack> {
        let attack = |name: &str, ask| Attack {
            name: name.into(),
            steps: Vec::new(),
            is_pair: name.contains('+'),
            ask,
            stretch: Some([50.0, 100.0]),
        };
        vec![attack("none", Some([97.0, 90.0])), attack("crop50+jpeg50", None), attack("avif", None)]
    }

    #[test]
    fn shares_floors_and_misses_are_told_apart() {
        let rows: Vec<Row> = rows().into_iter().filter(|row| row.method == "ours").collect();
        let table = robustness(&rows, &attacks());
        assert!(
            table.contains("| none | 1/2 | 1/1 | 2/3 | 30.0 | 8 | 97/90 **no** | 50/100 yes | b |"),
            "{table}"
        );
        assert!(table.contains("| crop50+jpeg50 | 0/1 | - | 0/1 |"), "{table}");
        assert!(table.contains("a (wrong payload)") && table.contains("| avif | not made here |"), "{table}");
        let summary = summary(&rows, &attacks());
        assert!(summary.contains("asked of them: 0 of 1; not: none"), "{summary}");
        assert!(summary.contains("below it: none (67 %)"), "{summary}");
        assert!(summary.contains("Wrong payloads: 1 in 4"), "{summary}");
        assert!(summary.contains("d (too small)"), "{summary}");
        let cost = quality(&rows);
        assert!(
            cost.contains("| a | photo | 640 x 480 | 45.0 | 0.9900 | 0.80 | 50 |") && !cost.contains("| d |")
        );
    }

    #[test]
    fn methods_stand_side_by_side() {
        let table = methods(&rows(), &attacks());
        assert!(table.starts_with("| | ours | theirs |\n|---|---|---|\n"), "{table}");
        assert!(table.contains("| none | 67 % | 0 % (0.50) |"), "{table}");
        assert!(table.contains("| PSNR dB, mean | 45.0 | 39.0 |"), "{table}");
    }

    #[test]
    fn a_document_keeps_what_is_around() {
        let document = "a\n<!-- begin x -->\nold\n<!-- end x -->\nz\n";
        let new = replaced(document, "x", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- begin x -->\nnew\n<!-- end x -->\nz\n");
        assert_eq!(replaced(&new, "x", "new").unwrap(), new);
        assert!(replaced(document, "y", "new").is_err());
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median(std::iter::empty()), None);
    }
}
