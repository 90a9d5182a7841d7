//! Settings that do not change from file to file: from flags, from `indicia.toml`, or as built in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The name looked for, in the working folder and every folder above it.
const NAME: &str = "indicia.toml";

/// What `indicia.toml` may hold. An unknown key is an error: a typo must not silently change what is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    #[serde(rename = "for")]
    pub(crate) packs: Option<Vec<String>>,
    #[serde(rename = "as")]
    pub(crate) role: Option<String>,
    pub(crate) producer: Option<String>,
    pub(crate) propagator: Option<String>,
    pub(crate) system: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) part: Option<String>,
    pub(crate) sound: Option<String>,
    pub(crate) font: Option<PathBuf>,
    pub(crate) clip: Option<PathBuf>,
    pub(crate) security_key: Option<PathBuf>,
    pub(crate) c2pa_key: Option<String>,
    pub(crate) c2pa_chain: Option<PathBuf>,
    pub(crate) c2pa_command: Option<String>,
    pub(crate) c2pa_command_timeout: Option<u32>,
    pub(crate) watermark: Option<bool>,
    pub(crate) watermark_key: Option<String>,
    pub(crate) deep: Option<bool>,
    pub(crate) c2pa_tsa: Option<String>,
    pub(crate) c2pa_training: Option<Vec<String>>,
    pub(crate) c2pa_metadata: Option<PathBuf>,
    pub(crate) with: Option<Vec<String>>,
    pub(crate) without: Option<Vec<String>>,
    pub(crate) trust_anchors: Option<Vec<PathBuf>>,
    pub(crate) trust_signers: Option<Vec<PathBuf>>,
    pub(crate) trust_config: Option<Vec<PathBuf>>,
    pub(crate) security_trust: Option<BTreeMap<String, OneOrMore>>,
    pub(crate) look: Option<Vec<String>>,
    pub(crate) fail_on: Option<Vec<String>>,
    pub(crate) jobs: Option<usize>,
    pub(crate) log: Option<PathBuf>,
    pub(crate) retain: Option<u16>,
    pub(crate) detector_id: Option<String>,
    pub(crate) rules: Option<PathBuf>,
    pub(crate) include_drafts: Option<bool>,
    pub(crate) profile: Option<indicia::Profile>,
}

/// A path, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl OneOrMore {
    pub(crate) fn paths(&self) -> &[PathBuf] {
        match self {
            Self::One(path) => std::slice::from_ref(path),
            Self::More(paths) => paths,
        }
    }

    fn paths_mut(&mut self) -> &mut [PathBuf] {
        match self {
            Self::One(path) => std::slice::from_mut(path),
            Self::More(paths) => paths,
        }
    }
}

/// The settings of a run, with what they came from.
#[derive(Debug)]
pub(crate) struct Config {
    file: File,
    path: Option<PathBuf>,
    trace: Vec<(String, String, String)>,
}

impl Config {
    /// Reads the file named, or the nearest `indicia.toml`, or none.
    pub(crate) fn load(named: Option<&Path>, isolated: bool) -> Result<Self, String> {
        let path = match named {
            Some(path) => Some(path.to_owned()),
            None if isolated => None,
            None => nearest(),
        };
        let file = match &path {
            None => File::default(),
            Some(path) => {
                let shown = path.display();
                let text = std::fs::read_to_string(path)
                    .map_err(|err| format!("{shown}: {}", crate::walk::reason(&err)))?;
                let mut file: File = toml::from_str(&text).map_err(|err| format!("{shown}: {err}"))?;
                // Paths in the file are meant from where the file stands.
                let folder = path.parent().unwrap_or(Path::new(""));
                let lists = [&mut file.trust_anchors, &mut file.trust_signers, &mut file.trust_config]
                    .into_iter()
                    .flatten()
                    .flatten();
                let single = [
                    &mut file.font,
                    &mut file.clip,
                    &mut file.security_key,
                    &mut file.c2pa_chain,
                    &mut file.log,
                    &mut file.rules,
                    &mut file.c2pa_metadata,
                ]
                .into_iter()
                .flatten();
                let tables = file.security_trust.iter_mut().flat_map(BTreeMap::values_mut);
                for inner in single.chain(lists).chain(tables.flat_map(OneOrMore::paths_mut)) {
                    *inner = folder.join(&*inner);
                }
                file
            }
        };
        Ok(Self { file, path, trace: Vec::new() })
    }

    /// One setting: the flag if given, else what the file says, else what is built in.
    pub(crate) fn pick<T: Clone>(
        &mut self,
        key: &str,
        flag: Option<T>,
        from_file: impl FnOnce(&File) -> Option<Result<T, String>>,
        built_in: Option<T>,
        show: impl FnOnce(&T) -> String,
    ) -> Result<Option<T>, String> {
        let (value, origin) = match (flag, from_file(&self.file)) {
            (Some(flag), _) => (Some(flag), "flag".to_owned()),
            (None, Some(value)) => {
                let origin = self.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                (Some(value.map_err(|err| format!("{origin}: `{key}`: {err}"))?), origin)
            }
            (None, None) => (built_in, "built in".to_owned()),
        };
        if let Some(value) = &value {
            self.trace.push((key.to_owned(), show(value), origin));
        }
        Ok(value)
    }

    /// The profile: what no file tells.
    pub(crate) fn profile(&self) -> indicia::Profile {
        self.file.profile.clone().unwrap_or_default()
    }

    /// The settings picked so far, as a file that would give them, each with where it comes from.
    pub(crate) fn dump(&self) -> String {
        let mut text = String::new();
        for (key, value, origin) in &self.trace {
            let _ = writeln!(text, "{key} = {value} # {origin}");
        }
        text
    }
}

fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::Config;

    fn config(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("indicia.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Some(&path), false)
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_what_is_built_in() {
        let mut config = config("producer = 'file'\n").unwrap();
        let mut pick = |flag: Option<&str>, built_in: Option<&str>| {
            let flag = flag.map(str::to_owned);
            let from_file = |file: &super::File| file.producer.clone().map(Ok);
            config
                .pick("producer", flag, from_file, built_in.map(str::to_owned), |value| format!("{value:?}"))
                .unwrap()
        };
        assert_eq!(pick(Some("flag"), Some("built in")).as_deref(), Some("flag"));
        assert_eq!(pick(None, Some("built in")).as_deref(), Some("file"));
        let dump = config.dump();
        assert!(dump.starts_with("producer = \"flag\" # flag\nproducer = \"file\" # "), "{dump}");
    }

    #[test]
    fn a_typo_is_an_error_that_names_file_and_line() {
        let refused = config("producer = 'x'\nprodcer = 'y'\n").unwrap_err();
        assert!(
            refused.contains("indicia.toml") && refused.contains("prodcer") && refused.contains("2"),
            "{refused}"
        );
    }
}
