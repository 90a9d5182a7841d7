//! The program as its users run it, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder for one test, gone when the test ends.
pub(crate) struct Folder(tempfile::TempDir);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file into it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Copies a sample into it.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub(crate) fn sample(&self, sample: &str, name: &str) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
        self.write(name, fs::read(from).unwrap())
    }

    /// A command that runs the program in it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_indicia"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        // Keys that are made on first use are made here.
        command.env("XDG_CONFIG_HOME", self.at(".config"));
        // Whatever networks its user has, a test has none that it does not put in place.
        command.env("XDG_DATA_HOME", self.at(".data"));
        command
    }

    /// Runs the program in it.
    #[allow(dead_code, reason = "not every test binary needs it")]
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }
}

impl Run {
    /// What a finished process left behind.
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}
