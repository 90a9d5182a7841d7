//! Writers that are ended, and writers that meet.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{NOW, Place, labelled};
use indicia_log::{Content, Log, LogError, Options, SharedLog, SigningKey};

const FOLDER: &str = "INDICIA_TEST_LOG";

/// Not a test by itself: appends until it is ended, and says of each entry that it was acknowledged.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let key = fs::read_to_string(folder.with_extension("pem")).unwrap();
    let key = SigningKey::of_pem(&key).unwrap();
    let mut log = Log::open(folder, &key, Options::default()).unwrap();
    let mut out = std::io::stdout();
    for number in 0..u64::MAX {
        let first =
            log.append(NOW, (0..1 + number % 50).map(|more| labelled(number + more)).collect()).unwrap();
        writeln!(out, "acknowledged {first} {}", log.head().size).unwrap();
        out.flush().unwrap();
    }
}

/// A process that appends until it is ended.
struct Writer {
    process: Child,
    lines: BufReader<ChildStdout>,
    said: Vec<(u64, u64)>,
}

impl Writer {
    fn spawn(place: &Place) -> Self {
        // Once, since others may be reading it.
        let key = place.log().with_extension("pem");
        if !key.exists() {
            fs::write(key, place.key.to_pem()).unwrap();
        }
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, place.log())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines, said: Vec::new() }
    }

    /// Waits until it says of one more batch that it was acknowledged; whether it came to say so.
    fn append(&mut self) -> bool {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            let words = line.split("acknowledged ").nth(1).unwrap_or_default();
            let numbers: Vec<_> = words.split_whitespace().map_while(|word| word.parse().ok()).collect();
            if let [first, end] = numbers[..] {
                self.said.push((first, end));
                return true;
            }
            line.clear();
        }
        false
    }

    /// Ends it; what it said was acknowledged, from which entry to behind which.
    fn end(mut self) -> Vec<(u64, u64)> {
        self.process.kill().unwrap();
        while self.append() {}
        self.process.wait().unwrap();
        self.said
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_a_writer_is_killed() {
    let place = Place::new();
    drop(place.create());
    let mut size = 0;
    for round in 0..12_u64 {
        let mut writer = Writer::spawn(&place);
        // Some are ended while they start, wherever that finds them, the others while they append.
        if round % 3 > 0 {
            assert!(writer.append(), "round {round}: it ended by itself");
        }
        std::thread::sleep(Duration::from_millis(23 * round));
        let most = writer.end().iter().map(|(_, end)| *end).max().unwrap_or(size);
        let log = place.open().unwrap();
        assert!(log.head().size >= most, "round {round}: {} of {most}", log.head().size);
        for recovery in log.recoveries() {
            assert_eq!(recovery.first, log.head().size, "{recovery}");
        }
        size = log.head().size;
        drop(log);
        let verified = place.verify();
        assert!(verified.holds(), "round {round}: {:?}", verified.faults);
        assert_eq!((verified.size, verified.unacknowledged), (size, Vec::new()));
    }
    assert!(size > 0, "no child came to append anything");
}

/// Every state that a kill between two writes can leave.
#[test]
fn what_a_broken_off_append_left_is_cut_off_and_named() {
    let place = Place::of(5);
    let before: Vec<_> = ["entries.jsonl", "records.jsonl", "index", "hashes", "checkpoint"]
        .map(|name| (name, fs::read(place.file(name)).unwrap()))
        .into();
    place.open().unwrap().append(NOW, (5..8).map(labelled).collect()).unwrap();
    let after: Vec<_> = before.iter().map(|(name, _)| fs::read(place.file(name)).unwrap()).collect();
    let journal = fs::read(place.file("append")).unwrap();
    for written in 0..4 {
        for part in [1, 100, usize::MAX] {
            for (number, ((name, was), is)) in before.iter().zip(&after).enumerate() {
                let grown = match number {
                    4 => was,
                    _ if number < written => is,
                    _ if number == written => &is[..is.len().min(was.len().saturating_add(part))],
                    _ => was,
                };
                fs::write(place.file(name), grown).unwrap();
            }
            fs::write(place.file("append"), &journal).unwrap();
            assert!(place.verify().holds(), "what is signed is whole");
            assert!(!place.verify().unacknowledged.is_empty());
            let mut log = place.open().unwrap();
            let recoveries = log.recoveries().to_vec();
            assert_eq!((recoveries.len(), recoveries[0].first), (1, 5));
            let last = recoveries[0].cut.last().unwrap();
            let (name, was) = &before[written];
            assert_eq!((last.0, last.1), (*name, was.len() as u64));
            assert!(recoveries[0].to_string().contains(&format!("{name} bytes {} to {}", last.1, last.2)));
            assert_eq!(log.append(NOW, (5..8).map(labelled).collect()).unwrap(), 5);
            drop(log);
            assert!(place.verify().holds());
        }
    }
}

#[test]
fn a_full_disk_leaves_the_log_as_it_was() {
    let place = Place::of(3);
    let mut log = place.open().unwrap();
    // The new checkpoint cannot be written where a folder stands.
    fs::create_dir(place.file("checkpoint.new")).unwrap();
    let refused = log.append(NOW, vec![labelled(3)]).unwrap_err();
    assert!(matches!(&refused, LogError::Io { .. }), "{refused}");
    fs::remove_dir(place.file("checkpoint.new")).unwrap();
    assert_eq!(log.append(NOW, vec![labelled(4)]).unwrap(), 3);
    drop(log);
    let verified = place.verify();
    assert!(verified.holds() && verified.size == 4, "{verified:?}");
}

#[test]
fn processes_that_append_at_once_take_turns() {
    let place = Place::new();
    drop(place.create());
    let mut writers = [(); 3].map(|()| Writer::spawn(&place));
    for _ in 0..5 {
        assert!(writers.iter_mut().all(Writer::append), "each comes to write again and again");
    }
    let said = writers.map(Writer::end);
    let mut ranges: Vec<_> = said.into_iter().flatten().collect();
    ranges.sort_unstable();
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "two were given the same numbers");
    let log = place.open().unwrap();
    assert!(log.head().size >= ranges.last().unwrap().1);
    assert!(place.verify().holds());
}

#[test]
fn threads_share_a_log() {
    let place = Place::new();
    let log = Arc::new(SharedLog::new(place.create()));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let log = log.clone();
            std::thread::spawn(move || {
                (0..25)
                    .map(|number| {
                        (log.append(NOW, labelled(thread * 100 + number)).unwrap(), thread * 100 + number)
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let given: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    drop(log);
    let mut reader = place.reader();
    assert_eq!(reader.size(), 200);
    for (index, number) in given {
        let Content::Held(record) = reader.read(index).unwrap().content else {
            panic!("{index} has no record")
        };
        assert_eq!(*record, common::record(number));
    }
    assert!(place.verify().holds());
}

#[test]
fn who_holds_the_log_too_long_is_named() {
    let place = Place::of(1);
    let options = Options { wait: Duration::from_millis(50), ..Options::default() };
    let mut log = Log::open(&place.log(), &place.key, options).unwrap();
    let lock = OpenOptions::new().write(true).open(place.file("lock")).unwrap();
    lock.lock().unwrap();
    let refused = log.append(NOW, vec![labelled(1)]).unwrap_err();
    let said = refused.to_string();
    assert!(matches!(refused, LogError::Busy { .. }), "{said}");
    assert!(said.contains(&format!("process {} is writing", std::process::id())), "{said}");
    lock.unlock().unwrap();
    assert_eq!(log.append(NOW, vec![labelled(1)]).unwrap(), 1);
}
