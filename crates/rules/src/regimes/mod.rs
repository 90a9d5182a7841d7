//! The rule packs this program brings: one file each, one line each.

use crate::{Pack, PackError, Regime};

/// Every pack, by name.
#[rustfmt::skip] // one pack a line, so that two additions never touch the same line
pub static PACKS: &[(&str, &str)] = &[
    ("cn", include_str!("cn.toml")),
];

/// Reads the packs whose names are given. Only those: reading all would slow the start of every run.
///
/// # Errors
/// The name that no pack has; or, never for what this program brings, a pack that cannot be read.
pub fn select<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Vec<Pack>, SelectError> {
    let mut packs = Vec::new();
    for name in names {
        let (_, text) =
            PACKS.iter().find(|(known, _)| *known == name).ok_or(SelectError::Unknown(name.into()))?;
        let pack = Pack::parse(text).map_err(|err| SelectError::Pack(name.into(), err))?;
        packs.push(Pack { name: name.into(), ..pack });
    }
    Ok(packs)
}

/// A pack could not be given.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// No pack has this name.
    #[error("no rule pack is called `{0}`; there are: {known}", known = known())]
    Unknown(String),
    /// It cannot be read.
    #[error("rule pack `{0}`: {1}")]
    Pack(String, PackError),
}

fn known() -> String {
    PACKS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The regimes of several packs.
pub fn regimes_of(packs: &[Pack]) -> Vec<&Regime> {
    packs.iter().flat_map(|pack| &pack.regimes).collect()
}

#[cfg(test)]
mod tests {
    use super::{PACKS, Pack, select};
    use crate::Severity;

    #[test]
    fn every_file_has_its_line() {
        let names: Vec<_> = PACKS.iter().map(|(name, _)| *name).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/regimes"), &names);
    }

    #[test]
    fn every_pack_can_be_read_and_every_rule_names_its_clause_and_its_regime() {
        for (name, text) in PACKS {
            let pack = Pack::parse(text).unwrap_or_else(|err| panic!("{name}: {err}"));
            assert!(!pack.regimes.is_empty(), "{name}");
            for regime in &pack.regimes {
                assert!(regime.id.starts_with(&format!("{name}.")), "{}", regime.id);
                for source in &regime.sources {
                    assert!(pack.sources.iter().any(|text| text.id == *source), "{}: {source}", regime.id);
                }
                for rule in &regime.rules {
                    assert!(rule.id.starts_with(&format!("{name}.")), "{}", rule.id);
                    assert!(!rule.clause.is_empty() && !rule.kinds.is_empty(), "{}", rule.id);
                }
            }
        }
        assert!(select(["nowhere"]).unwrap_err().to_string().contains("nowhere"));
    }

    #[test]
    fn a_pack_is_known_by_name_and_by_the_digest_of_its_text() {
        let pack = select(["cn"]).unwrap().remove(0);
        assert_eq!((pack.name.as_str(), pack.sha256.len()), ("cn", 64));
        assert_ne!(pack.sha256, Pack::parse(&format!("{} ", PACKS[0].1)).unwrap().sha256);
        // The digest of nothing, as FIPS 180-4 has it.
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Pack::parse("").unwrap().sha256, nothing);
    }

    fn one(rule: &str) -> String {
        format!(
            "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\n[[regime.check]]\nid='x.1'\ntext='t'\nclause='1'\n\
             severity='error'\ndecidable='auto'\nrole='any'\n{rule}"
        )
    }

    #[test]
    fn a_wrong_pack_is_refused_and_says_where() {
        let refused = |rule: &str| Pack::parse(&one(rule)).unwrap_err().to_string();
        assert!(refused("method='mark.nay'\nmodality=['any']").contains("x.1: no method `mark.nay`"));
        assert!(refused("method='mark.any'\nmodality=['smell']").contains("x.1: no modality `smell`"));
        assert!(
            refused("method='mark.any'\nmodality=['any']\nin_force_from='soon'")
                .contains("`soon` is no date")
        );
    }

    #[test]
    fn what_nobody_has_read_in_the_law_is_no_error() {
        let pack = one("method='mark.any'\nneeds=['aigc']\nmodality=['any']\n");
        assert_eq!(Pack::parse(&pack).unwrap().regimes[0].rules[0].severity, Severity::Warn);
        let read = Pack::parse(&format!("{pack}verified=true")).unwrap();
        assert_eq!(read.regimes[0].rules[0].severity, Severity::Error);
    }
}
