//! Watermarks of others, which run in a process of their own (`peers.py`) under a Python that has them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::codec::write_png;
use crate::method::{Method, Reading};
use crate::picture::Rgb;

/// A method of `peers.py`.
#[derive(Debug)]
pub struct Peer {
    name: String,
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    cpu: Duration,
}

impl Peer {
    /// Starts the script under a Python for one of its methods.
    ///
    /// # Errors
    /// In words, if it does not start or the method is not installed.
    pub fn start(python: &Path, script: &Path, name: &str) -> Result<Self, String> {
        let mut command = Command::new(python);
        command.arg(script).arg(name).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|err| format!("{}: {err}", python.display()))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".into());
        };
        let folder = tempfile::tempdir().map_err(|err| err.to_string())?;
        let answers = BufReader::new(answers);
        let mut peer = Self { name: name.to_owned(), child, requests, answers, folder, cpu: Duration::ZERO };
        peer.ask(&json!({ "do": "start" }))?;
        Ok(peer)
    }

    /// The methods that the script knows.
    pub const ALL: &'static [&'static str] = &["blind_watermark", "iwm_dwtDct", "iwm_dwtDctSvd"];

    fn ask(&mut self, request: &Value) -> Result<Value, String> {
        let sent = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        sent.map_err(|err| format!("{}: {err}", self.name))?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|err| err.to_string())?;
        let answer: Value =
            serde_json::from_str(&line).map_err(|_| format!("{} came to an end", self.name))?;
        self.cpu += Duration::from_secs_f64(answer["cpu"].as_f64().unwrap_or_default().max(0.0));
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Method for Peer {
    fn name(&self) -> &str {
        &self.name
    }

    fn embed(&mut self, picture: &Rgb, payload: u64) -> Result<Rgb, String> {
        let [from, to] = ["in.png", "out.png"].map(|name| self.file(name));
        write_png(picture, &from)?;
        self.ask(&json!({ "do": "embed", "in": from, "out": to, "payload": format!("{payload:016x}") }))?;
        Rgb::open(&to)
    }

    fn detect(&mut self, picture: &Rgb) -> Result<Reading, String> {
        let from = self.file("in.png");
        write_png(picture, &from)?;
        let answer = self.ask(&json!({ "do": "detect", "in": from }))?;
        let payload = answer["payload"].as_str().and_then(|hex| u64::from_str_radix(hex, 16).ok());
        Ok(Reading { payload, ..Reading::default() })
    }

    fn cpu(&self) -> Duration {
        self.cpu
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
