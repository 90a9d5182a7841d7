//! A folder in which C2PA manifests are signed with a key of its own.

#![allow(dead_code, reason = "not every test binary needs all of it")]
#![allow(clippy::indexing_slicing, reason = "a test may fail loudly")]

use crate::program::{Folder, Run};
use serde_json::Value;

/// A folder with a development key of its own, and a run in it.
pub(crate) struct Signing(pub(crate) Folder);

impl Signing {
    pub(crate) fn new() -> Self {
        Self::of("Example Ltd")
    }

    /// With the key of this organization.
    pub(crate) fn of(organization: &str) -> Self {
        let signing = Self(Folder::new());
        let made = signing.run(&["key", "new", "--organization", organization]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.err.contains("No one in the world trusts it"), "{}", made.err);
        signing
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let mut command = self.0.command(args);
        command.env("XDG_CONFIG_HOME", self.0.at("config")).env("HOME", self.0.at("home"));
        Run::of(command.output().unwrap())
    }

    pub(crate) fn root(&self) -> String {
        self.0.at("config/indicia/c2pa-development-ca.pem").to_str().unwrap().to_owned()
    }

    /// What came of looking for the marks of one scheme in a file.
    pub(crate) fn look(&self, path: &str, scheme: &str, more: &[&str]) -> Value {
        let run = self.0.run(&[&["verify", path, "--format", "jsonl", "--exit-zero"], more].concat());
        let line: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        let looks = line["looks"].as_array().unwrap();
        looks.iter().find(|look| look["scheme"] == scheme).unwrap().clone()
    }

    /// What is told of the marks of one scheme in a file.
    pub(crate) fn marks(&self, path: &str, scheme: &str, more: &[&str]) -> Value {
        let look = self.look(path, scheme, more);
        assert_eq!(look["answer"], "present", "{path}: {look}");
        look["marks"].clone()
    }

    pub(crate) fn flaws(&self, path: &str, more: &[&str]) -> Vec<String> {
        let marks = self.marks(path, "c2pa", more);
        let flaws = marks[0]["flaws"].as_array().unwrap();
        flaws.iter().map(|flaw| flaw["code"].as_str().unwrap().to_owned()).collect()
    }
}
