use std::collections::BTreeMap;

use crate::regime::is_usual;
use crate::{Date, Regime, Severity, Standing};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// One file of rules: what a jurisdiction or a standard asks, with the texts it was read from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// The name it was asked for by; empty if it was read from a text alone.
    #[serde(skip)]
    pub name: String,
    /// SHA-256 of its text, in hexadecimal: which rules a report rests on, to the byte.
    #[serde(skip)]
    pub sha256: String,
    /// Its own number, raised when a rule changes.
    #[serde(default)]
    pub version: Option<String>,
    /// The day the law was read.
    #[serde(default)]
    pub as_of: Option<Date>,
    /// The texts.
    #[serde(rename = "source", default)]
    pub sources: Vec<SourceText>,
    /// The rule sets.
    #[serde(rename = "regime", default)]
    pub regimes: Vec<Regime>,
}

/// A text that rules were read from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceText {
    /// Short name, as regimes refer to it.
    pub id: String,
    /// Title, number, date.
    pub title: String,
    /// Where it is published.
    pub url: String,
    /// How it was read, and how sure the reading is.
    pub confidence: String,
}

/// A rule pack is not as it should be; says which rule, where and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// It is no TOML, or a key or a value is wrong.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// It says something that cannot be.
    #[error("line {line}: {why}")]
    Wrong {
        /// Where, counted from 1.
        line: usize,
        /// What, and what to do.
        why: String,
    },
}

impl Pack {
    /// Reads a rule pack without a name. Once it is read, nothing is left to validate.
    ///
    /// # Errors
    /// If it is not TOML, a field is missing or unknown, a method unknown, a parameter wrong or a name used twice.
    pub fn parse(pack: &str) -> Result<Self, PackError> {
        Self::named("", pack)
    }

    /// Reads a rule pack.
    ///
    /// # Errors
    /// As [`Pack::parse`].
    pub fn named(name: &str, text: &str) -> Result<Self, PackError> {
        let pack: Self = toml::from_str(text)?;
        pack.check(text)?;
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(pack.finished(name, sha256))
    }

    /// A pack that this program brings, as `build.rs` wrote it: a tenth of the work of reading the same in TOML.
    pub(crate) fn brought(name: &str, json: &str, sha256: &str) -> Result<Self, PackError> {
        let pack: Self = serde_json::from_str(json)
            .map_err(|err| PackError::Wrong { line: err.line(), why: err.to_string() })?;
        Ok(pack.finished(name, sha256.to_owned()))
    }

    fn finished(mut self, name: &str, sha256: String) -> Self {
        (self.name, self.sha256) = (name.into(), sha256);
        let pack = &mut self;
        let draft = |regime: &Regime| regime.standing == Standing::Draft;
        let rules = pack.regimes.iter().filter(|regime| !draft(regime)).flat_map(|regime| &regime.rules);
        let usual = rules.into_iter().any(|rule| is_usual(rule.role));
        for regime in &mut pack.regimes {
            regime.has_usual_roles = usual;
            // What nobody has to follow, nobody breaks.
            let most = match regime.standing {
                Standing::Binding | Standing::Standard => Severity::Error,
                Standing::Voluntary => Severity::Warn,
                Standing::Draft => Severity::Info,
            };
            for rule in &mut regime.rules {
                let most = if rule.draft { Severity::Info } else { most };
                rule.severity = rule.severity.min(most);
            }
        }
        self
    }

    fn check(&self, text: &str) -> Result<(), PackError> {
        let wrong =
            |id: &str, nth: usize, why: String| PackError::Wrong { line: line_of(text, id, nth), why };
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for source in &self.sources {
            once(&mut seen, &source.id).map_err(|nth| {
                wrong(&source.id, nth, format!("source `{}` is there twice: give each its own id", source.id))
            })?;
        }
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for regime in &self.regimes {
            once(&mut seen, &regime.id).map_err(|nth| {
                wrong(
                    &regime.id,
                    nth,
                    format!(
                        "`{}` is there twice: give each regime its own id, each vintage of a law too",
                        regime.id
                    ),
                )
            })?;
            if let (Some(from), Some(until)) = (regime.in_force_from, regime.in_force_until)
                && until < from
            {
                return Err(wrong(
                    &regime.id,
                    1,
                    format!("{}: in force from {from} until {until}, which is before", regime.id),
                ));
            }
            if let Some(missing) =
                regime.sources.iter().find(|id| self.sources.iter().all(|source| source.id != **id))
            {
                return Err(wrong(
                    &regime.id,
                    1,
                    format!("{}: no [[source]] has the id `{missing}`", regime.id),
                ));
            }
            if regime.rules.is_empty() && regime.says.is_empty() {
                return Err(wrong(
                    &regime.id,
                    1,
                    format!(
                        "{}: it asks nothing; say in `says` what it recommends on labelling, or that it asks nothing",
                        regime.id
                    ),
                ));
            }
            for rule in &regime.rules {
                once(&mut seen, &rule.id).map_err(|nth| {
                    wrong(&rule.id, nth, format!("`{}` is there twice: give each rule its own id", rule.id))
                })?;
            }
        }
        Ok(())
    }
}

/// Notes an id; `Err` with how often it was there, if it was there before.
fn once<'i>(seen: &mut BTreeMap<&'i str, usize>, id: &'i str) -> Result<(), usize> {
    let count = seen.entry(id).or_default();
    *count += 1;
    if *count == 1 { Ok(()) } else { Err(*count) }
}

/// The line on which an id is given for the nth time, counted from 1.
fn line_of(text: &str, id: &str, nth: usize) -> usize {
    let gives = |line: &&str| {
        let value = line.trim().strip_prefix("id").and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == id)
    };
    text.lines().enumerate().filter(|(_, line)| gives(line)).nth(nth - 1).map_or(1, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::Pack;
    use crate::Severity;

    const REGIME: &str = "[[regime]]\nid = 'x.r'\ntitle = 'X'\njurisdiction = 'X'\nstatus = 'binding'\n";

    fn one(rule: &str) -> String {
        format!(
            "{REGIME}[[regime.check]]\nid = 'x.1'\ntext='t'\nclause='1'\nseverity='error'\ndecidable='auto'\nrole='any'\n{rule}"
        )
    }

    #[test]
    fn a_wrong_pack_is_refused_and_says_where() {
        let refused = |text: &str| Pack::parse(text).unwrap_err().to_string();
        let fine = "method='mark.any'\nneeds=['aigc']\nmodality=['any']\n";
        for (rule, said) in [
            ("method='mark.nay'\nmodality=['any']", "x.1: no method `mark.nay`; there are: aigc.carrier"),
            ("method='mark.any'\nneeds=['aigc']\nmodality=['smell']", "x.1: no modality `smell`"),
            ("method='mark.any'\nmodality=['any']\nin_force_from='soon'", "`soon` is no date"),
            (
                "method='mark.any'\nneeds=['aigc']\nmodality=['any']\nin_force_from='2026-02-02'\nin_force_until='2026-02-01'",
                "x.1: in force from 2026-02-02 until 2026-02-01, which is before",
            ),
            ("method='aigc.count'\nparams={ cuont = 1 }\nmodality=['any']", "x.1: unknown field `cuont`"),
            ("method='aigc.count'\nmodality=['any']", "x.1: missing field `count`"),
            ("method='mark.any'\nneeds=['aigc']\nmodality=['any']\ncolour='red'", "unknown field `colour`"),
            (
                "method='mark.any'\nneeds=['aigc']\nmodality=['any']\nwhen=['deepfake']",
                "no fact of a profile",
            ),
        ] {
            let refused = refused(&one(rule));
            assert!(refused.contains(said), "{rule}: {refused}");
            assert!(refused.contains("line "), "{refused}");
        }
        let twice = format!(
            "{}[[regime.check]]\nid = \"x.1\"\n{}",
            one(fine),
            "text='t'\nclause='1'\nseverity='error'\ndecidable='auto'\nrole='any'\nmethod='human'\nmodality=['any']\n"
        );
        let line = twice.lines().position(|line| line.contains("\"x.1\"")).unwrap() + 1;
        assert!(
            refused(&twice).starts_with(&format!("line {line}: `x.1` is there twice")),
            "{}",
            refused(&twice)
        );
        assert!(refused(REGIME).contains("line 2: x.r: it asks nothing; say in `says`"));
        assert!(
            refused(&format!("{REGIME}says='nothing'\nsources=['S9']"))
                .contains("line 2: x.r: no [[source]] has the id `S9`")
        );
        assert!(
            refused(&format!(
                "{REGIME}says='nothing'\nin_force_from='2026-01-02'\nin_force_until='2026-01-01'"
            ))
            .contains("which is before")
        );
        assert!(refused(&format!("{REGIME}saays='nothing'")).contains("saays"));
    }

    #[test]
    fn what_nobody_has_read_in_the_law_is_no_error() {
        let pack = one("method='mark.any'\nneeds=['aigc']\nmodality=['any']\n");
        assert_eq!(Pack::parse(&pack).unwrap().regimes[0].rules[0].severity, Severity::Warn);
        let read = |standing: &str| {
            let pack = format!("{pack}verified=true")
                .replace("status =", &format!("standing = '{standing}'\nstatus ="));
            Pack::parse(&pack).unwrap().regimes[0].rules[0].severity
        };
        assert_eq!(read("binding"), Severity::Error);
        assert_eq!(read("standard"), Severity::Error);
        assert_eq!(read("voluntary"), Severity::Warn, "nobody has to follow it");
        assert_eq!(read("draft"), Severity::Info, "it is no law");
    }

    #[test]
    fn a_pack_is_known_by_the_digest_of_its_text() {
        let text = format!("version = '7'\nas_of = '2026-11-23'\n{REGIME}says = 'nothing'\n");
        let pack = Pack::named("own", &text).unwrap();
        assert_eq!((pack.name.as_str(), pack.version.as_deref()), ("own", Some("7")));
        assert_eq!(pack.as_of.unwrap().to_string(), "2026-11-23");
        assert_eq!(pack.sha256.len(), 64);
        let other = Pack::named("own", &format!("{text}# \n")).unwrap();
        assert_ne!(other.sha256, pack.sha256, "one letter more");
        // The digest of nothing, as FIPS 180-4 has it.
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Pack::parse("").unwrap().sha256, nothing);
    }
}
