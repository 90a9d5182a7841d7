//! `sampled`: tests token numbers, or the words that they stand for, for what a language model's watermarked sampling leaves.

mod tokens;

use std::io::Write;
use std::path::Path;

use indicia_watermark::sampling::{Band, GreenList, LEAST_TOKENS, Score, Seeding, Tournament};
use owo_colors::OwoColorize;
use serde::Deserialize;
use serde_json::json;

use self::tokens::Reader;
use super::Stop;
use crate::args::{General, Sampled};
use crate::escape::escape;
use crate::exit::Exit;
use crate::output::Output;
use crate::walk::reason;

/// The common logarithm of the chance below which a watermark counts as present.
const LOG10_THRESHOLD: f64 = -9.0;

/// How text was sampled: what a file in TOML says of it. The names are those of the published code.
#[derive(Debug, Deserialize)]
#[serde(tag = "scheme", rename_all = "kebab-case", deny_unknown_fields)]
enum Sampling {
    /// Kirchenbauer et al.
    Kgw {
        vocabulary: u32,
        #[serde(default = "customary_gamma")]
        gamma: f64,
        #[serde(default)]
        seeding: SeedingName,
        context: Option<usize>,
        hash_key: Option<u64>,
    },
    /// Dathathri et al.
    SynthidText {
        keys: Vec<i64>,
        #[serde(default = "customary_length")]
        ngram_len: usize,
        sampling_table_size: Option<u32>,
        sampling_table_seed: Option<u64>,
        context_history_size: Option<usize>,
    },
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum SeedingName {
    #[default]
    LeftHash,
    SelfHash,
}

fn customary_gamma() -> f64 {
    0.25
}

fn customary_length() -> usize {
    5
}

/// A detector.
enum Detector {
    Green(GreenList),
    Knockout(Tournament),
}

impl Detector {
    fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|err| format!("{shown}: {}", reason(&err)))?;
        let sampling: Sampling = toml::from_str(&text).map_err(|err| format!("{shown}: {err}"))?;
        Self::of(sampling).map_err(|why| format!("{shown}: {why}"))
    }

    fn of(sampling: Sampling) -> Result<Self, String> {
        match sampling {
            Sampling::Kgw { vocabulary, gamma, seeding, context, hash_key } => {
                let (seeding, usual) = match seeding {
                    SeedingName::LeftHash => (Seeding::LeftHash, 1),
                    SeedingName::SelfHash => (Seeding::SelfHash, 4),
                };
                let list = GreenList::new(vocabulary, gamma, seeding, context.unwrap_or(usual));
                let list = list.map_err(|err| err.to_string())?;
                Ok(Self::Green(match hash_key {
                    Some(key) => list.with_hash_key(key),
                    None => list,
                }))
            }
            Sampling::SynthidText {
                keys,
                ngram_len,
                sampling_table_size,
                sampling_table_seed,
                context_history_size,
            } => {
                let mut knockout = Tournament::new(&keys, ngram_len).map_err(|err| err.to_string())?;
                if sampling_table_size.is_some() || sampling_table_seed.is_some() {
                    let size = sampling_table_size.unwrap_or(1 << 16);
                    let table = knockout.with_table(size, sampling_table_seed.unwrap_or(0));
                    knockout = table.map_err(|err| err.to_string())?;
                }
                Ok(Self::Knockout(match context_history_size {
                    Some(contexts) => knockout.with_history(contexts),
                    None => knockout,
                }))
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Green(_) => "KGW",
            Self::Knockout(_) => "SynthID-Text",
        }
    }

    /// What the score calls favoured.
    fn favoured(&self) -> &'static str {
        match self {
            Self::Green(_) => "of the tokens are on the green list",
            Self::Knockout(_) => "of the keyed bits, by weight, are set",
        }
    }

    fn score(&self, tokens: &[u32]) -> Score {
        match self {
            Self::Green(list) => list.score(tokens),
            Self::Knockout(knockout) => knockout.score(tokens),
        }
    }
}

/// Tests files of token numbers, or of words that a tokenizer makes numbers of.
pub(crate) fn sampled(args: &Sampled, general: &General) -> Result<Exit, Stop> {
    let detector = Detector::read(&args.by).map_err(Stop::Usage)?;
    let reader = Reader::new(args.tokenizer.as_ref()).map_err(Stop::Usage)?;
    let mut out = Output::standard(general.color);
    let mut exit = Exit::Fine;
    for path in &args.paths {
        let name = escape(&path.to_string_lossy()).into_owned();
        match reader.read(path) {
            Ok(tokens) => {
                let score = detector.score(&tokens);
                if args.json {
                    writeln!(out, "{}", record(&name, &detector, tokens.len(), &score))?;
                } else {
                    print(&mut out, &name, &detector, tokens.len(), &score)?;
                }
            }
            Err(why) => {
                super::say(&format!("error: {name}: {why}"));
                exit = exit.min(Exit::Unknown);
            }
        }
    }
    out.flush()?;
    Ok(exit)
}

fn word(band: Band) -> &'static str {
    match band {
        Band::Present => "present",
        Band::Doubtful => "doubtful",
        Band::Absent => "absent",
        Band::TooShort => "too_short",
    }
}

fn record(name: &str, detector: &Detector, tokens: usize, score: &Score) -> serde_json::Value {
    json!({
        "path": name, "scheme": detector.name(), "answer": word(score.band(LOG10_THRESHOLD)),
        "tokens": tokens, "scored": score.tokens, "repeated": score.repeated,
        "favoured": score.favoured, "expected": score.expected, "z": score.z,
        "log10_false_alarm": score.log10_false_alarm(), "log10_threshold": LOG10_THRESHOLD,
    })
}

fn print(
    out: &mut impl Write,
    name: &str,
    detector: &Detector,
    tokens: usize,
    score: &Score,
) -> std::io::Result<()> {
    let (sign, said) = match score.band(LOG10_THRESHOLD) {
        Band::Present => ("✓".green().to_string(), "present".to_owned()),
        Band::Doubtful => {
            ("?".yellow().to_string(), "doubtful: more than chance often shows, too little to say so".into())
        }
        Band::Absent => ("-".to_string(), "absent: nothing that chance does not show".into()),
        Band::TooShort => (
            "?".yellow().to_string(),
            format!("cannot be told: fewer than {LEAST_TOKENS} tokens could be scored"),
        ),
    };
    writeln!(out, "{name}  {tokens} tokens")?;
    writeln!(out, "  {sign} {}: {said}", detector.name())?;
    writeln!(
        out,
        "      z {:.1}: {:.3} {} where {:.3} is expected, of {} scored ({} repeated and left out)",
        score.z,
        score.favoured,
        detector.favoured(),
        score.expected,
        score.tokens,
        score.repeated
    )?;
    let power = (-score.log10_false_alarm()).floor().max(0.0);
    writeln!(
        out,
        "      of text without this watermark, fewer than 1 in 10^{power:.0} would score as high by chance; 1 in 10^{:.0} is asked",
        -LOG10_THRESHOLD
    )
}

#[cfg(test)]
mod tests {
    use super::{Detector, Sampling, print, record};

    fn detector(text: &str) -> Result<Detector, String> {
        Detector::of(toml::from_str::<Sampling>(text).map_err(|err| err.to_string())?)
    }

    #[test]
    fn what_was_sampled_so_is_present_and_the_rest_is_told_apart() {
        let kgw = detector("scheme = 'kgw'\nvocabulary = 500\nhash_key = 7").unwrap();
        let Detector::Green(list) = &kgw else { panic!() };
        let mut marked = vec![1u32];
        let mut seed = 5u32;
        while marked.len() < 400 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let next = (seed >> 8) % 500;
            if list.favours(&marked, next) || seed.is_multiple_of(8) {
                marked.push(next);
            }
        }
        let plain: Vec<u32> = (0..400).map(|at| at * at * 7 % 500).collect();
        for (tokens, answer, words) in [
            (&marked[..], "present", "1 in 10^9 is asked"),
            (&plain[..], "absent", "nothing that chance does not show"),
            (&plain[..50], "too_short", "fewer than 200 tokens"),
        ] {
            let score = kgw.score(tokens);
            assert_eq!(record("a", &kgw, tokens.len(), &score)["answer"], answer);
            let mut out = Vec::new();
            print(&mut out, "a", &kgw, tokens.len(), &score).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(words), "{out}");
        }
        let synthid = detector("scheme = 'synthid-text'\nkeys = [654, 400, 836]\nngram_len = 5").unwrap();
        assert_eq!(record("a", &synthid, 400, &synthid.score(&plain))["answer"], "absent");
    }

    #[test]
    fn wrong_files_say_what_is_wrong() {
        for (text, why) in [
            ("scheme = 'other'", "unknown variant"),
            ("scheme = 'kgw'", "vocabulary"),
            ("scheme = 'kgw'\nvocabulary = 1", "2 to 200,000,000"),
            ("scheme = 'kgw'\nvocabulary = 9\ngama = 0.5", "gama"),
            ("scheme = 'synthid-text'\nkeys = []", "1 to 256 keys"),
        ] {
            let said = detector(text).err().unwrap();
            assert!(said.contains(why), "{said}");
        }
    }
}
