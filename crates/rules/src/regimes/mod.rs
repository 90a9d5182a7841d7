//! The rule packs this program brings: one file each, one line each.

use crate::{Pack, PackError, Regime};

/// Every pack, by name.
#[rustfmt::skip] // one pack a line, so that two additions never touch the same line
pub static PACKS: &[(&str, &str)] = &[
    ("apec", include_str!("apec.toml")),
    ("br", include_str!("br.toml")),
    ("brics", include_str!("brics.toml")),
    ("c2pa", include_str!("c2pa.toml")),
    ("canada", include_str!("canada.toml")),
    ("cn", include_str!("cn.toml")),
    ("eu", include_str!("eu.toml")),
    ("eu-us-ttc", include_str!("eu-us-ttc.toml")),
    ("g7", include_str!("g7.toml")),
    ("ieee", include_str!("ieee.toml")),
    ("in", include_str!("in.toml")),
    ("iptc", include_str!("iptc.toml")),
    ("iso-sc42", include_str!("iso-sc42.toml")),
    ("jp", include_str!("jp.toml")),
    ("kr", include_str!("kr.toml")),
    ("kz", include_str!("kz.toml")),
    ("nist", include_str!("nist.toml")),
    ("oecd", include_str!("oecd.toml")),
    ("pai", include_str!("pai.toml")),
    ("sg", include_str!("sg.toml")),
    ("tw", include_str!("tw.toml")),
    ("uk", include_str!("uk.toml")),
    ("us-ca", include_str!("us-ca.toml")),
    ("us-ny", include_str!("us-ny.toml")),
    ("us-ut", include_str!("us-ut.toml")),
    ("us-wa", include_str!("us-wa.toml")),
    ("vn", include_str!("vn.toml")),
];

/// A pack of [`PACKS`], read when the program was built.
struct Brought {
    name: &'static str,
    /// The same as its text says, but quicker to read.
    json: &'static str,
    /// Of its text.
    sha256: &'static str,
}

static BROUGHT: &[Brought] = &include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Reads the packs whose names are given. Only those: reading all would slow the start of every run.
///
/// # Errors
/// The name that no pack has; or, never for what this program brings, a pack that cannot be read.
pub fn select<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Vec<Pack>, SelectError> {
    load(names, &[])
}

/// Reads packs whose names are given: from texts of one's own, each with its name, or else from what this program brings.
///
/// # Errors
/// As [`select`]; and if two packs have a rule of the same name.
pub fn load<'n>(
    names: impl IntoIterator<Item = &'n str>,
    own: &[(String, String)],
) -> Result<Vec<Pack>, SelectError> {
    let mut packs: Vec<Pack> = Vec::new();
    for name in names {
        let given = own.iter().find(|(known, _)| known == name);
        let brought = BROUGHT.iter().find(|brought| brought.name == name);
        let pack = match (given, brought) {
            (Some((_, text)), _) => Pack::named(name, text),
            (None, Some(brought)) => Pack::brought(name, brought.json, brought.sha256),
            (None, None) => return Err(SelectError::Unknown(name.into(), all(own))),
        };
        let pack = pack.map_err(|err| SelectError::Pack(name.into(), err))?;
        for rule in pack.regimes.iter().flat_map(|regime| &regime.rules) {
            let has = |other: &&Pack| {
                other.regimes.iter().flat_map(|regime| &regime.rules).any(|one| one.id == rule.id)
            };
            if let Some(other) = packs.iter().find(has) {
                return Err(SelectError::Overlap(rule.id.clone(), other.name.clone(), name.into()));
            }
        }
        packs.push(pack);
    }
    Ok(packs)
}

fn all(own: &[(String, String)]) -> String {
    let brought = PACKS.iter().map(|(name, _)| *name);
    own.iter().map(|(name, _)| name.as_str()).chain(brought).collect::<Vec<_>>().join(", ")
}

/// A pack could not be given.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// No pack has this name.
    #[error("no rule pack is called `{0}`; there are: {1}")]
    Unknown(String, String),
    /// It cannot be read.
    #[error("rule pack `{0}`: {1}")]
    Pack(String, PackError),
    /// Two packs have a rule of the same name.
    #[error(
        "rule packs `{1}` and `{2}` both have a rule `{0}`: name one of them anew, or ask for one pack only"
    )]
    Overlap(String, String, String),
}

/// The regimes of several packs.
pub fn regimes_of(packs: &[Pack]) -> Vec<&Regime> {
    packs.iter().flat_map(|pack| &pack.regimes).collect()
}

#[cfg(test)]
mod tests {
    use super::{PACKS, Pack, Regime, load, select};
    use crate::Date;

    #[test]
    fn every_file_has_its_line() {
        let names: Vec<_> = PACKS.iter().map(|(name, _)| *name).collect();
        indicia_testkit::list_matches_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/src/regimes"), &names);
    }

    #[test]
    fn every_pack_can_be_read_and_every_rule_names_its_clause_and_its_regime() {
        for (name, text) in PACKS {
            let pack = Pack::named(name, text).unwrap_or_else(|err| panic!("{name}: {err}"));
            assert!(!pack.regimes.is_empty(), "{name}");
            assert_eq!(
                format!("{:?}", select([*name]).unwrap()),
                format!("{:?}", [&pack]),
                "as it was built in"
            );
            for regime in &pack.regimes {
                let start = name.replace('-', ".");
                let is_its = |id: &str| id == start || id.starts_with(&format!("{start}."));
                assert!(is_its(&regime.id), "{}", regime.id);
                assert!(!regime.sources.is_empty(), "{}", regime.id);
                for rule in &regime.rules {
                    assert!(is_its(&rule.id), "{}", rule.id);
                    assert!(!rule.clause.is_empty() && !rule.kinds.is_empty(), "{}", rule.id);
                }
            }
        }
        assert!(select(["nowhere"]).unwrap_err().to_string().contains("nowhere"));
    }

    fn text_of(pack: &str) -> String {
        PACKS.iter().find(|(name, _)| *name == pack).unwrap().1.to_owned()
    }

    #[test]
    fn a_pack_of_ones_own_goes_before_what_is_brought_and_no_two_share_a_rule() {
        let own = vec![("mine".to_owned(), text_of("us-wa")), ("broken".to_owned(), "as_of = 3".to_owned())];
        let mine = load(["mine"], &own).unwrap();
        assert_eq!(mine[0].name, "mine");
        let twice = load(["us-wa", "mine"], &own).unwrap_err().to_string();
        assert!(twice.contains("both have a rule") && twice.contains("mine"), "{twice}");
        let broken = load(["broken"], &own).unwrap_err().to_string();
        assert!(broken.contains("`broken`") && broken.contains("line 1"), "{broken}");
        let unknown = load(["nowhere"], &own).unwrap_err().to_string();
        assert!(unknown.contains("mine, broken, "), "{unknown}");
    }

    #[test]
    fn the_texts_of_a_law_that_changed_do_not_overlap() {
        let packs = select(["us-ca"]).unwrap();
        let on = |day: &str| {
            let day = Date::parse(day).unwrap();
            let of = |regime: &&Regime| regime.id.starts_with("us.ca.caita") && regime.in_force(day);
            packs[0].regimes.iter().filter(of).map(|regime| regime.id.as_str()).collect::<Vec<_>>()
        };
        assert!(on("2026-08-01").is_empty());
        assert_eq!(on("2026-08-02"), ["us.ca.caita.v2026-08"]);
        assert_eq!(on("2026-09-29"), ["us.ca.caita.v2026-08"]);
        assert_eq!(on("2026-09-30"), ["us.ca.caita"]);
    }
}
