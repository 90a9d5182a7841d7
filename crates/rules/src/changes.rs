//! What differs between two sets of rules: two packs, two texts of a law, or one law on two days.

use std::collections::BTreeMap;

use crate::Rule;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// The rule, by the name it has in what it is in.
    pub rule: String,
    /// What differs.
    pub change: What,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Only the second has it.
    Added {
        /// What it asks.
        text: String,
    },
    /// Both have it, and these parts differ: name, what the first says, what the second says.
    Changed(Vec<(&'static str, String, String)>),
    /// Only the first has it.
    Removed {
        /// What it asked.
        text: String,
    },
}

/// What differs between two sets of rules, by name.
pub fn changes(before: &[&Rule], after: &[&Rule]) -> Vec<RuleChange> {
    let named = |rules: &[&Rule]| -> BTreeMap<String, BTreeMap<&'static str, String>> {
        rules.iter().map(|rule| (rule.id.clone(), parts(rule))).collect()
    };
    let (before, after) = (named(before), named(after));
    let text = |parts: &BTreeMap<&'static str, String>| parts.get("text").cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (rule, old) in &before {
        match after.get(rule) {
            None => found.push(RuleChange { rule: rule.clone(), change: What::Removed { text: text(old) } }),
            Some(new) => {
                let differs = old.iter().filter_map(|(part, old)| {
                    let new = new.get(part)?;
                    (new != old).then(|| (*part, old.clone(), new.clone()))
                });
                let differs: Vec<_> = differs.collect();
                if !differs.is_empty() {
                    found.push(RuleChange { rule: rule.clone(), change: What::Changed(differs) });
                }
            }
        }
    }
    for (rule, new) in after.iter().filter(|(rule, _)| !before.contains_key(*rule)) {
        found.push(RuleChange { rule: rule.clone(), change: What::Added { text: text(new) } });
    }
    found.sort_by(|one, two| one.rule.cmp(&two.rule));
    found
}

/// The parts of a rule, in words.
fn parts(rule: &Rule) -> BTreeMap<&'static str, String> {
    let day = |day: Option<crate::Date>| day.map_or_else(|| "open".into(), |day| day.to_string());
    let list = |conditions: &[crate::Condition]| {
        conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let kinds = rule.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let later = rule.later.as_ref().map(|later| format!("{} for {}", later.from, later.when));
    BTreeMap::from([
        ("text", rule.text.clone()),
        ("clause", rule.clause.clone()),
        ("binds", rule.role.name().into()),
        ("media", kinds),
        ("severity", rule.severity.name().into()),
        ("decidable", rule.decidable.name().into()),
        ("check", format!("{} {:?}", rule.method, rule.judge)),
        ("from", day(rule.in_force_from)),
        ("until", day(rule.in_force_until)),
        ("later", later.unwrap_or_default()),
        ("when", list(&rule.when)),
        ("unless", list(&rule.unless)),
        ("verified", rule.verified.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::{What, changes};
    use crate::{Pack, Rule};

    fn pack(rules: &[(&str, &str)]) -> Pack {
        let head = "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\n";
        let each = rules.iter().map(|(id, rest)| {
            format!("[[regime.check]]\nid='{id}'\ntext='t'\nclause='1'\nrole='any'\nmodality=['any']\ndecidable='auto'\n{rest}\n")
        });
        Pack::parse(&format!("{head}{}", each.collect::<String>())).unwrap()
    }

    fn rules(pack: &Pack) -> Vec<&Rule> {
        pack.regimes.iter().flat_map(|regime| &regime.rules).collect()
    }

    #[test]
    fn added_removed_and_changed_rules_are_told_apart() {
        let same = ("x.same", "severity='warn'\nmethod='human'");
        let before = pack(&[
            same,
            ("x.gone", "severity='warn'\nmethod='human'"),
            ("x.size", "severity='warn'\nmethod='label.visual.size'\nparams={min_ratio=0.1}"),
        ]);
        let after = pack(&[
            same,
            ("x.new", "severity='warn'\nmethod='human'"),
            ("x.size", "severity='info'\nmethod='label.visual.size'\nparams={min_ratio=0.05}"),
        ]);
        let found = changes(&rules(&before), &rules(&after));
        let names: Vec<_> = found.iter().map(|change| change.rule.as_str()).collect();
        assert_eq!(names, ["x.gone", "x.new", "x.size"]);
        assert!(
            matches!(found[0].change, What::Removed { .. }) && matches!(found[1].change, What::Added { .. })
        );
        let What::Changed(parts) = &found[2].change else { panic!("{found:?}") };
        let parts: Vec<_> = parts.iter().map(|(part, ..)| *part).collect();
        assert_eq!(parts, ["check", "severity"], "a parameter is a change too");
        assert!(changes(&rules(&before), &rules(&before)).is_empty());
    }
}
