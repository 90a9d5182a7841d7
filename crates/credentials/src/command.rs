//! An external command that signs: the way to keys in PKCS#11 tokens, HSMs and key services.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::algorithm::Algorithm;

/// Most bytes taken of what a signing command answers.
const MOST_ANSWER: u64 = 64 * 1024;

/// How often is looked whether a command that has answered has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// An external command that signs.
///
/// It is started once for each signature, directly and not through a shell, and does this:
///
/// - reads the bytes to be signed from its standard input, to the end (binary, a few kilobytes; the message itself,
///   not its digest);
/// - writes the raw signature to its standard output, and nothing else: for `es256` the numbers r and s, 32 bytes
///   each, one after the other (64 bytes; not DER, not Base64, no line end), for `es384` 48 bytes each, for `ed25519`
///   64 bytes, for `ps256` as many bytes as the modulus has;
/// - ends with status 0. Any other status says that it did not sign.
///
/// The algorithm stands in the environment variable `SIGNING_ALGORITHM`, as `es256`. What it writes to standard error
/// goes where this program's goes. It is killed when its time is over; of its answer no more than 64 KB are read. The
/// answer is verified with the certificate's public key before it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigningCommand {
    /// The program: a path, or a name looked up as the system does.
    pub program: OsString,
    /// Its arguments, each passed as it is.
    pub arguments: Vec<OsString>,
    /// How long it may take; never more than a day.
    pub time_limit: Duration,
}

/// Why a signing command did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It could not be started.
    #[error("could not be started: {0}")]
    NotStarted(String),
    /// It took too long, and was killed.
    #[error("did not end within {0:?}, and was killed")]
    TimedOut(Duration),
    /// It ended, and said that it failed.
    #[error("failed ({0}); see what it wrote to standard error")]
    Failed(String),
    /// It answered more than a signature can be.
    #[error("answered more than {MOST_ANSWER} bytes, and was killed; a signature alone is expected")]
    TooMuch,
    /// It answered what is no signature of this data by the certificate's key.
    #[error("answered {length} bytes that are no {algorithm} signature by the certificate's key{hint}")]
    NoSignature {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// How many bytes it answered.
        length: usize,
        /// What is likely wrong, with punctuation before it.
        hint: &'static str,
    },
}

impl CommandError {
    pub(crate) fn refused(algorithm: Algorithm, answer: &[u8]) -> Self {
        let hint = match (algorithm, answer.first(), algorithm.signature_length()) {
            (_, None, _) => ": it answered nothing",
            (Algorithm::Es256 | Algorithm::Es384, Some(0x30), Some(length)) if answer.len() != length => {
                ": this looks like DER; the raw numbers r and s are expected"
            }
            (_, _, Some(length)) if answer.len() != length => {
                ": the length is not the one of a raw signature"
            }
            _ => ": is it the key of this certificate, and did it sign all of its standard input?",
        };
        Self::NoSignature { algorithm, length: answer.len(), hint }
    }
}

impl SigningCommand {
    /// Runs it on `data`, and gives back what it answers, not yet verified.
    pub(crate) fn run(&self, algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, CommandError> {
        // A limit too long for the clock is no limit that anyone lives to see.
        let limit = self.time_limit.min(Duration::from_secs(24 * 60 * 60));
        let deadline = Instant::now() + limit;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env("SIGNING_ALGORITHM", algorithm.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|err| CommandError::NotStarted(format!("{}: {err}", self.program.display())))?;
        let answer = exchange(&mut child, data);
        let left = deadline.saturating_duration_since(Instant::now());
        let result = match answer.recv_timeout(left) {
            Err(_) => Err(CommandError::TimedOut(self.time_limit)),
            Ok(answer) if answer.len() as u64 > MOST_ANSWER => Err(CommandError::TooMuch),
            Ok(answer) => match ended(&mut child, deadline) {
                None => Err(CommandError::TimedOut(self.time_limit)),
                Some(status) if !status.success() => Err(CommandError::Failed(status.to_string())),
                Some(_) => Ok(answer),
            },
        };
        if result.is_err() {
            // It may have ended by itself: then there is nothing to kill, and all is well.
            let _ = child.kill();
            let _ = child.wait();
        }
        result
    }
}

/// Feeds `data` to a child and takes its answer, each in a thread of its own, so that neither can block this one.
///
/// The threads end when the pipes close, which a child of the child may delay.
fn exchange(child: &mut Child, data: &[u8]) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    if let Some(mut input) = child.stdin.take() {
        let data = data.to_vec();
        // A command need not read what it does not want; whether it signed all of it shows in the signature.
        thread::spawn(move || input.write_all(&data));
    }
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let mut answer = Vec::new();
            let _ = output.take(MOST_ANSWER + 1).read_to_end(&mut answer);
            // No one listens once the time is over.
            let _ = send.send(answer);
        });
    }
    receive
}

/// How a child ended, if it did before the deadline.
fn ended(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(PAUSE);
    }
}
