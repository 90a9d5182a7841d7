//! Processes of this program that read manifests for it, so that a hostile file ends or slows one of them, not the run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicia::Sandbox;

/// The word that makes this program such a process, as its first argument.
pub(crate) const COMMAND: &str = "read-manifests";

/// Longest that one file may take.
const TIME: Duration = Duration::from_secs(20);
/// Most memory that a process may use, in bytes.
const MEMORY: u64 = 1 << 30;

/// Bytes at the start of a file in which a manifest mostly begins.
const HEAD: usize = 64 << 10;

/// Most arguments that are looked through for a file.
const MOST_ARGUMENTS: usize = 32;

/// A process that was begun before the arguments were read.
static BEGUN: Mutex<Option<Worker>> = Mutex::new(None);

/// Begins a process if one file among the arguments of `verify` or `scan` shows a manifest at its start. Reading the arguments
/// takes as long as starting a process does; one that nobody asks in the end ends with this program.
pub(crate) fn begin(arguments: impl Iterator<Item = OsString>) {
    let mut arguments = arguments.skip(1).take(MOST_ARGUMENTS);
    if !arguments.next().is_some_and(|word| word == "verify" || word == "scan") {
        return;
    }
    let mut signed = arguments.filter(|word| shows_manifest(Path::new(word)));
    if let (Some(_), None, Ok(program)) = (signed.next(), signed.next(), std::env::current_exe()) {
        *BEGUN.lock().unwrap_or_else(PoisonError::into_inner) = Worker::start(&program).ok();
    }
}

/// The processes that wait for work. They are started when a manifest was seen: most runs need none.
#[derive(Debug)]
pub(crate) struct Workers {
    program: io::Result<PathBuf>,
    time: Duration,
    idle: Mutex<Vec<Worker>>,
}

/// One such process. It ends by itself when there can be no more requests.
#[derive(Debug)]
struct Worker {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
}

impl Workers {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { program: std::env::current_exe(), time: TIME, idle: Mutex::default() }
    }

    /// For a run over these files. If it is one file alone and a manifest shows at its start, a process is begun at once,
    /// unless it was already: that takes as long as all else there is to do.
    pub(crate) fn for_files(paths: &[PathBuf]) -> Self {
        let begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner).take();
        let workers = Self::new();
        let ahead = begun.or_else(|| match (paths, &workers.program) {
            ([path], Ok(program)) if shows_manifest(path) => Worker::start(program).ok(),
            _ => None,
        });
        Self { idle: Mutex::new(ahead.into_iter().collect()), ..workers }
    }

    /// One that waits, or a new one.
    fn worker(&self) -> Result<Worker, String> {
        if let Some(worker) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(worker);
        }
        let program = self.program.as_ref().map_err(ToString::to_string)?;
        Worker::start(program).map_err(|err| err.to_string())
    }
}

impl Sandbox for Workers {
    fn ask(&self, request: &str) -> Result<String, String> {
        let mut worker = self.worker().map_err(|err| format!("it could not be started: {err}"))?;
        let answer = worker.ask(request, self.time);
        match answer {
            Ok(_) => self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker),
            Err(_) => worker.end(),
        }
        answer
    }
}

/// Whether a file has a JUMBF box at its start (C2PA 2.2, 11.1.4.2), as its first bytes tell. Nothing is waited for.
fn shows_manifest(path: &Path) -> bool {
    let head = || {
        let mut file = File::open(path)?;
        let mut head = vec![0; HEAD];
        let read = file.read(&mut head)?;
        head.truncate(read);
        Ok::<_, io::Error>(head)
    };
    path.is_file() && head().is_ok_and(|head| memchr::memmem::find(&head, b"jumb").is_some())
}

impl Worker {
    fn start(program: &Path) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(requests), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (sender, answers) = channel();
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, requests, answers })
    }

    /// Sends a request and waits. Whoever fails is not to be asked again.
    fn ask(&mut self, request: &str, time: Duration) -> Result<String, String> {
        // In one piece: each piece wakes the other side up.
        let sent = self.requests.write_all(format!("{request}\n").as_bytes());
        sent.map_err(|err| format!("it takes no requests: {err}"))?;
        self.answers.recv_timeout(time).map_err(|err| match err {
            RecvTimeoutError::Timeout => format!("it took longer than {} s", time.as_secs_f32()),
            RecvTimeoutError::Disconnected => {
                format!("it came to an end, perhaps for want of memory (limit {} MB)", MEMORY >> 20)
            }
        })
    }
}

impl Worker {
    /// Ends it, whatever it does.
    fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What such a process does: answers requests, a line each, until there are no more.
pub(crate) fn serve() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
        setrlimit(Resource::As, limit)?;
    }
    for request in io::stdin().lock().lines() {
        let mut out = io::stdout().lock();
        out.write_all(format!("{}\n", indicia::answer(&request?)).as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::Workers;
    use indicia::Sandbox;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    /// Long enough for a shell to start on a busy machine.
    const LONG: Duration = Duration::from_secs(60);

    /// What a sandbox answers whose program is this shell script, to two requests, within this time each.
    fn asked(script: &str, time: Duration) -> [Result<String, String>; 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let workers = Workers { program: Ok(path), time, ..Workers::new() };
        ["one", "two"].map(|request| workers.ask(request))
    }

    #[test]
    fn a_process_serves_one_request_after_another() {
        let [first, second] = asked("while read line; do echo \"$$ $line\"; done", LONG);
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.replace("one", "two"), second, "the same process");
    }

    #[test]
    fn a_file_alone_that_shows_a_manifest_has_a_process_begun() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let (plain, signed) = (at("plain", b"nothing"), at("signed", b"....jumb....jumdc2pa"));
        let begun =
            |paths: &[std::path::PathBuf]| !Workers::for_files(paths).idle.into_inner().unwrap().is_empty();
        assert!(begun(std::slice::from_ref(&signed)));
        for none in
            [vec![plain.clone()], vec![signed, plain], vec![folder.path().into()], vec!["-".into()], vec![]]
        {
            assert!(!begun(&none), "{none:?}");
        }
    }

    #[test]
    fn a_process_is_begun_before_the_arguments_are_read_if_one_file_shows_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path.into_os_string()
        };
        let (plain, signed, other) =
            (at("plain", b"nothing"), at("signed", b"..jumb"), at("other", b"..jumb"));
        let begun = |words: &[&std::ffi::OsStr]| {
            let program = std::iter::once("indicia".into());
            super::begin(program.chain(words.iter().map(|&word| word.to_owned())));
            super::BEGUN.lock().unwrap().take().is_some()
        };
        let (scan, label) = ("scan".as_ref(), "label".as_ref());
        assert!(begun(&[scan, "--trust-anchors".as_ref(), &plain, &signed]));
        for none in
            [&[scan, plain.as_os_str()][..], &[scan, &signed, &other], &[label, &signed], &[scan], &[]]
        {
            assert!(!begun(none), "{none:?}");
        }
    }

    #[test]
    fn one_that_hangs_is_ended_and_one_that_ends_is_replaced() {
        let start = Instant::now();
        let [first, second] = asked("exec sleep 600", Duration::from_millis(300));
        assert!(first.unwrap_err().contains("longer than 0.3 s") && second.is_err());
        assert!(start.elapsed() < Duration::from_secs(60), "nothing waits for the end");
        for script in ["exit 0", "read line; exit 1", "kill -9 $$"] {
            let [first, second] = asked(script, LONG);
            let why = first.unwrap_err();
            assert!(why.contains("came to an end") || why.contains("takes no requests"), "{script}: {why}");
            assert!(second.is_err(), "{script}");
        }
        let [missing, _] = ["/no/such/program"; 2]
            .map(|path| Workers { program: Ok(path.into()), ..Workers::new() }.ask("one"));
        assert!(missing.unwrap_err().contains("could not be started"));
    }
}
