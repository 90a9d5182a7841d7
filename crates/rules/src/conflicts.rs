//! Where regimes contradict one another, and the way this program takes then.

use std::fmt;
use std::sync::LazyLock;

use crate::Regime;
use crate::rule::media;
use indicia_core::MediaKind;
use serde::{Deserialize, Deserializer, de::Error};

/// One contradiction between regimes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// Its name, as plans give it.
    pub id: String,
    /// What contradicts what.
    pub what: String,
    /// What this program does.
    pub chosen: String,
    /// Groups of regimes, by how their names begin: it is there if each group has one that was asked for.
    between: Vec<Vec<String>>,
    /// Of which media.
    #[serde(deserialize_with = "kinds", rename = "modality")]
    kinds: Vec<MediaKind>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, what, chosen, .. } = self;
        write!(to, "{id}: {what}; chosen: {chosen}")
    }
}

fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MediaKind>, D::Error> {
    let mut kinds = Vec::new();
    for word in Vec::<String>::deserialize(deserializer)? {
        kinds.extend(media(&word).ok_or_else(|| D::Error::custom(format!("no modality `{word}`")))?);
    }
    Ok(kinds)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    conflict: Vec<Conflict>,
}

static TABLE: LazyLock<Vec<Conflict>> = LazyLock::new(|| {
    // A test holds the table to it that it can be read.
    toml::from_str::<Table>(include_str!("conflicts.toml")).map(|table| table.conflict).unwrap_or_default()
});

/// Every contradiction known.
pub fn conflicts() -> &'static [Conflict] {
    &TABLE
}

/// The contradictions between these regimes, for this kind of media.
pub(crate) fn between(regimes: &[&Regime], kind: MediaKind) -> Vec<&'static Conflict> {
    if regimes.is_empty() {
        return Vec::new();
    }
    let asked = |start: &String| {
        let is_it = |id: &str| {
            id == start || id.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        regimes.iter().any(|regime| is_it(&regime.id))
    };
    let there = |conflict: &&Conflict| {
        conflict.kinds.contains(&kind) && conflict.between.iter().all(|group| group.iter().any(asked))
    };
    conflicts().iter().filter(there).collect()
}

#[cfg(test)]
mod tests {
    use super::{Table, between};
    use crate::{PACKS, regimes_of, select};
    use indicia_core::MediaKind;

    fn ids(packs: &[&str], kind: MediaKind) -> Vec<&'static str> {
        let packs = select(packs.iter().copied()).unwrap();
        between(&regimes_of(&packs), kind).iter().map(|conflict| conflict.id.as_str()).collect()
    }

    #[test]
    fn the_twelve_known_conflicts_are_there_and_speak_of_regimes_that_are() {
        let table: Table = toml::from_str(include_str!("conflicts.toml")).unwrap();
        let names: Vec<_> = table.conflict.iter().map(|conflict| conflict.id.clone()).collect();
        assert_eq!(names, (1..=12).map(|nth| format!("X{nth}")).collect::<Vec<_>>());
        let packs = select(PACKS.iter().map(|(name, _)| *name)).unwrap();
        for conflict in &table.conflict {
            assert!(conflict.what.len() > 30 && conflict.chosen.len() > 30, "{}", conflict.id);
            for start in conflict.between.iter().flatten() {
                let known = |id: &str| id == start || id.starts_with(&format!("{start}."));
                assert!(
                    regimes_of(&packs).iter().any(|regime| known(&regime.id)),
                    "{}: {start}",
                    conflict.id
                );
            }
        }
    }

    #[test]
    fn a_conflict_is_shown_only_where_its_regimes_meet() {
        assert!(ids(&["eu"], MediaKind::Image).iter().all(|id| *id != "X1" && *id != "X5"));
        let three = ids(&["cn", "eu", "us-ca"], MediaKind::Image);
        for id in ["X1", "X3", "X5", "X11"] {
            assert!(three.contains(&id), "{id} in {three:?}");
        }
        assert!(!three.contains(&"X7") && ids(&["cn", "us-ca"], MediaKind::Text).contains(&"X7"));
        assert!(ids(&[], MediaKind::Image).is_empty());
    }
}
