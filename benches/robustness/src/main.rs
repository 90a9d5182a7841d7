//! The command line of the bench.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{Args, Parser, Subcommand};
use indicia_robustness::attack::Attack;
use indicia_robustness::list::attacks;
use indicia_robustness::method::Method;
use indicia_robustness::ours::Ours;
use indicia_robustness::peer::Peer;
use indicia_robustness::run::{Entry, HEADS, Row, pictures, run};
use indicia_robustness::{false_alarms, speed, table};
use indicia_watermark::Key;
use indicia_watermark::picture::{Effort, Strength};

/// Measure what the picture watermark survives, how often it errs and what it costs.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Mark every picture of a folder, attack it in every way, and read the marks
    Attacks {
        #[command(flatten)]
        pictures: Pictures,
        /// Write a line for each picture and attack; what is there already is kept and not run again
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// Only these attacks
        #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
        attacks: Vec<String>,
        /// Mark at this PSNR in dB instead of fitting the strength to each picture
        #[arg(long, value_name = "DB")]
        fixed: Option<f64>,
        /// Do not search: only what is found without
        #[arg(long)]
        fast: bool,
        /// Work on this many pictures at once
        #[arg(long, value_name = "N", default_value_t = 1)]
        threads: usize,
        #[command(flatten)]
        document: Document,
    },
    /// Run other watermarks, and this one, over the same attacks
    Peers {
        #[command(flatten)]
        pictures: Pictures,
        /// A Python that has them, as peers.sh makes it
        #[arg(long, value_name = "FILE")]
        python: PathBuf,
        /// Write a line for each picture and attack; what is there already is kept and not run again
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
        /// Only these attacks
        #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
        attacks: Vec<String>,
        #[command(flatten)]
        document: Document,
    },
    /// Look for marks, each time under another key, where there are none
    FalseAlarms {
        #[command(flatten)]
        pictures: Pictures,
        /// Detections in all
        #[arg(long, default_value_t = 100_000)]
        count: usize,
        /// Keep each detection here; those that are there already are not run again
        #[arg(long, value_name = "FILE")]
        state: PathBuf,
        #[command(flatten)]
        document: Document,
    },
    /// Time embedding and detection beside JPEG
    Speed {
        #[command(flatten)]
        pictures: Pictures,
        /// Times that each is run
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        #[command(flatten)]
        document: Document,
    },
}

#[derive(Args, Debug)]
struct Pictures {
    /// A folder of pictures; SOURCES.tsv in it may tell their kinds
    folder: PathBuf,
    /// Only these pictures, by name without ending
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    only: Vec<String>,
    /// These pictures are synthetic
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    synthetic: Vec<String>,
}

#[derive(Args, Debug)]
struct Document {
    /// Put the tables in their places in this document, instead of printing them
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// In front of the names of those places
    #[arg(long, value_name = "WORD", default_value = "")]
    prefix: String,
}

fn main() -> ExitCode {
    match work(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    }
}

fn work(task: Task) -> Result<(), String> {
    match task {
        Task::Attacks { pictures, csv, attacks, fixed, fast, threads, document } => {
            let (entries, list) = (pictures.list()?, chosen(&attacks)?);
            let strength = fixed.map_or_else(Strength::default, |psnr| Strength::Fixed { psnr });
            let effort = if fast { Effort::Fast } else { Effort::Search };
            let start = || -> Result<Box<dyn Method>, String> {
                Ok(Box::new(Ours::new(Key::public(), effort, strength)))
            };
            let rows = all_rows(&entries, &list, csv.as_deref(), threads, "indicia", &start)?;
            document.put(&[
                ("robustness", table::robustness(&rows, &list)),
                ("robustness-summary", table::summary(&rows, &list)),
                ("quality", table::quality(&rows)),
            ])
        }
        Task::Peers { pictures, python, csv, attacks, document } => {
            let (entries, list) = (pictures.list()?, chosen(&attacks)?);
            let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/peers.py"));
            let ours = || -> Result<Box<dyn Method>, String> {
                Ok(Box::new(Ours::new(Key::public(), Effort::Search, Strength::default())))
            };
            let mut rows = all_rows(&entries, &list, csv.as_deref(), 1, "indicia", &ours)?;
            for name in Peer::ALL {
                let start = || -> Result<Box<dyn Method>, String> {
                    Ok(Box::new(Peer::start(&python, script, name)?))
                };
                match all_rows(&entries, &list, csv.as_deref(), 1, name, &start) {
                    Ok(more) => rows.extend(more),
                    Err(why) => say(&format!("{name} was not measured: {why}")),
                }
            }
            document.put(&[("peers", table::methods(&rows, &list))])
        }
        Task::FalseAlarms { pictures, count, state, document } => {
            false_alarms::run(&pictures.list()?, count, &state)?;
            document.put(&[("false-alarms", false_alarms::report(&state)?)])
        }
        Task::Speed { pictures, rounds, document } => {
            document.put(&[("speed", speed::report(&pictures.list()?, rounds)?)])
        }
    }
}

/// Runs a method over the pictures of which the file has no rows of it yet.
fn all_rows(
    entries: &[Entry],
    list: &[Attack],
    csv: Option<&Path>,
    threads: usize,
    name: &str,
    start: &(dyn Fn() -> Result<Box<dyn Method>, String> + Sync),
) -> Result<Vec<Row>, String> {
    let mut rows = csv.map_or_else(|| Ok(Vec::new()), |path| kept(path, name))?;
    // Rows of pictures that were not asked for stay in the file.
    rows.retain(|row| entries.iter().any(|entry| entry.name == row.picture));
    let missing = entries.iter().filter(|entry| rows.iter().all(|row| row.picture != entry.name));
    let queue = Mutex::new(missing);
    let done: Mutex<(Vec<Row>, Vec<String>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let fail = |why| done.lock().expect("no panic").1.push(why);
                let mut method = match start() {
                    Ok(method) => method,
                    Err(why) => return fail(why),
                };
                loop {
                    let Some(entry) = queue.lock().expect("no panic").next() else { break };
                    match run(&mut *method, entry, list) {
                        Ok(rows) => {
                            let mut done = done.lock().expect("no panic");
                            if let Some(Err(err)) = csv.map(|path| append(path, &rows)) {
                                done.1.push(format!("{err}"));
                            }
                            say(&format!("{name}: {}", entry.name));
                            done.0.extend(rows);
                        }
                        Err(why) => fail(why),
                    }
                }
            });
        }
    });
    let (new, failed) = done.into_inner().expect("no panic");
    if let Some(why) = failed.first() {
        return Err(why.clone());
    }
    rows.extend(new);
    Ok(rows)
}

fn kept(path: &Path, method: &str) -> Result<Vec<Row>, String> {
    if !path.exists() {
        std::fs::write(path, format!("{HEADS}\n")).map_err(|err| format!("{}: {err}", path.display()))?;
    }
    let text = std::fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()))?;
    Ok(text.lines().filter_map(Row::parse).filter(|row| row.method == method).collect())
}

fn append(path: &Path, rows: &[Row]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
    let lines: String = rows.iter().map(|row| row.line() + "\n").collect();
    file.write_all(lines.as_bytes())
}

fn chosen(names: &[String]) -> Result<Vec<Attack>, String> {
    let all = attacks();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|attack| attack.name != **name)) {
        return Err(format!("no attack `{unknown}`"));
    }
    Ok(all.into_iter().filter(|attack| names.is_empty() || names.contains(&attack.name)).collect())
}

impl Pictures {
    fn list(&self) -> Result<Vec<Entry>, String> {
        let mut entries = pictures(&self.folder, &self.synthetic)?;
        entries.retain(|entry| self.only.is_empty() || self.only.contains(&entry.name));
        Ok(entries)
    }
}

impl Document {
    fn put(&self, parts: &[(&str, String)]) -> Result<(), String> {
        let Some(path) = &self.markdown else {
            let text: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).collect();
            return writeln!(std::io::stdout(), "{}", text.join("\n")).map_err(|err| err.to_string());
        };
        let wrong = |err: String| format!("{}: {err}", path.display());
        let mut text = std::fs::read_to_string(path).map_err(|err| wrong(err.to_string()))?;
        for (name, part) in parts {
            text = table::replaced(&text, &format!("{}{name}", self.prefix), part).map_err(wrong)?;
        }
        std::fs::write(path, text).map_err(|err| wrong(err.to_string()))
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
