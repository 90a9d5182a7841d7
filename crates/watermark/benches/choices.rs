//! What the marks in choices of words and signs show on real texts: how many choices they leave, how sure the mark is in a
//! thousand words and after a tenth of two thousand were replaced, and what texts without it show.
//!
//!   cargo bench -p indicia-watermark --bench choices -- FOLDER
//!
//! FOLDER holds texts (`.txt`, `.md`). Each is cut into pieces of 1,000 words.
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::path::{Path, PathBuf};

use indicia_watermark::Key;
use indicia_watermark::text::{Choices, ChoicesScore, TYPOGRAPHY, WORDING};

/// Keys that each unmarked piece is looked at with.
const KEYS: usize = 40;

fn main() {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let Some(folder) = folder else {
        println!("give a folder with texts: cargo bench -p indicia-watermark --bench choices -- FOLDER");
        return;
    };
    let texts: Vec<String> =
        files(Path::new(&folder)).iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let pieces = |words: usize| -> Vec<String> { texts.iter().flat_map(|text| cut(text, words)).collect() };
    let (thousand, two) = (pieces(1_000), pieces(2_000));
    println!("{} texts, {} pieces of 1,000 words, {} of 2,000", texts.len(), thousand.len(), two.len());
    for choices in [&WORDING, &TYPOGRAPHY] {
        println!("\n{}", choices.name);
        of(choices, &thousand, &two);
    }
}

fn of(choices: &Choices, thousand: &[String], two: &[String]) {
    let key = Key::public();
    let marked = |text: &String| choices.written(text, &key);
    let power = |score: ChoicesScore| score.ln_false_alarm / std::f64::consts::LN_10;
    let start = std::time::Instant::now();
    let open: Vec<u64> = thousand.iter().map(|text| choices.read(text, &key).choices).collect();
    let bytes: usize = thousand.iter().map(String::len).sum();
    println!("  read at {:.1} MB/s", bytes as f64 / 1e6 / start.elapsed().as_secs_f64());
    println!("  choices in 1,000 words: {}", spread(open.iter().map(|count| *count as f64).collect()));
    let sure: Vec<f64> = thousand.iter().map(|text| power(choices.read(&marked(text), &key))).collect();
    told("  chance in 1,000 words, power of ten", sure);
    let worn: Vec<f64> = two.iter().map(|text| power(choices.read(&worn(&marked(text)), &key))).collect();
    told("  chance in 2,000 words, a tenth replaced", worn);
    let looks = thousand.iter().flat_map(|text| {
        (0..KEYS)
            .map(move |name| power(choices.read(text, &Key::from_bytes(format!("key {name}").as_bytes()))))
    });
    let mut looks: Vec<f64> = looks.collect();
    looks.sort_by(f64::total_cmp);
    let below = |least: f64| looks.iter().filter(|look| **look < least).count();
    println!(
        "  unmarked: {} looks, below 1e-9 {}, below 1e-3 {} (at most {:.0} by chance), least {:.2}",
        looks.len(),
        below(-9.0),
        below(-3.0),
        looks.len() as f64 / 1e3,
        looks.first().copied().unwrap_or_default()
    );
}

fn told(what: &str, powers: Vec<f64>) {
    let below = powers.iter().filter(|power| **power < -9.0).count();
    println!("{what}: {}; below 1e-9 in {below} of {}", spread(powers.clone()), powers.len());
}

/// Least, tenth, median, ninetieth of a hundred and most.
fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at =
        |share: usize| values.get(values.len().saturating_sub(1) * share / 100).copied().unwrap_or_default();
    format!("{:.1} / {:.1} / {:.1} / {:.1} / {:.1}", at(0), at(10), at(50), at(90), at(100))
}

/// Every tenth word replaced by another.
fn worn(text: &str) -> String {
    let words = text.split(' ').enumerate();
    words.map(|(at, word)| if at % 10 == 4 { "different" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Pieces of so many words, white space as it is.
fn cut(text: &str, words: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut count) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(char::is_whitespace) {
        piece.push_str(word);
        count += usize::from(!word.trim().is_empty());
        if count == words {
            pieces.push(std::mem::take(&mut piece));
            count = 0;
        }
    }
    pieces
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "txt" || end == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
