use crate::{Date, Decidable, Regime, Rule, Severity};
use indicia_core::{MediaKind, Role};
use indicia_marks::Scheme;

/// The marks to write so that rules are met: [`assess`](crate::assess) read backwards.
#[derive(Debug, Default)]
pub struct Plan<'r> {
    /// Each mark with the rules it serves.
    pub marks: Vec<(&'static Scheme, Vec<&'r Rule>)>,
    /// Binding rules that a file could decide and that no mark here can meet.
    pub unserved: Vec<&'r Rule>,
}

impl Plan<'_> {
    /// The schemes to write, by name.
    pub fn schemes(&self) -> Vec<&'static Scheme> {
        self.marks.iter().map(|(scheme, _)| *scheme).collect()
    }
}

/// The smallest set of marks that serves every regime at once for this kind of media, on a day.
pub fn plan<'r>(regimes: &[&'r Regime], kind: MediaKind, role: Role, at: Date) -> Plan<'r> {
    let mut plan = Plan::default();
    let in_force = regimes.iter().filter(|regime| regime.in_force(at)).flat_map(|regime| &regime.rules);
    for rule in in_force.filter(|rule| rule.in_force(at) && rule.applies(kind, role)) {
        let wanted = rule.judge.wants(kind);
        if wanted.is_empty() && rule.decidable == Decidable::Auto && rule.severity == Severity::Error {
            plan.unserved.push(rule);
        }
        for scheme in wanted {
            match plan.marks.iter_mut().find(|(planned, _)| planned.name == scheme.name) {
                Some((_, rules)) => rules.push(rule),
                None => plan.marks.push((scheme, vec![rule])),
            }
        }
    }
    plan.marks.sort_by_key(|(scheme, _)| scheme.name);
    plan
}

#[cfg(test)]
mod tests {
    use super::plan;
    use crate::{Date, Pack, regimes_of};
    use indicia_core::MediaKind::{Audio, Document, Image, Text};
    use indicia_core::Role;

    /// A regime of rules given as method, parameters and what differs from an error that a file decides.
    fn pack(rules: &[&str]) -> Pack {
        let head =
            "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\nin_force_from='2025-09-01'\n";
        let rules = rules.iter().enumerate().map(|(at, rule)| {
            let severity = if rule.contains("severity") { "" } else { "severity='error'\n" };
            let decidable = if rule.contains("decidable") { "" } else { "decidable='auto'\n" };
            format!(
                "[[regime.check]]\nid='x.{at}'\ntext='t'\nclause='1'\nrole='provider'\nverified=true\n\
                 modality=['any']\n{severity}{decidable}{rule}\n"
            )
        });
        Pack::parse(&format!("{head}{}", rules.collect::<String>())).unwrap()
    }

    #[test]
    fn china_asks_a_producer_for_a_notice_and_a_label() {
        let packs = crate::select(["cn"]).unwrap();
        let at = Date::parse("2025-09-01").unwrap();
        for (kind, role, expected) in [
            (Image, Role::Producer, &["aigc", "visible"][..]),
            (Audio, Role::Producer, &["aigc", "rhythm"]),
            (Document, Role::Producer, &["aigc", "written"]),
            (Text, Role::Producer, &["written"]),
            (Image, Role::Propagator, &["aigc"]),
            (Text, Role::Propagator, &[]),
        ] {
            let plan = plan(&regimes_of(&packs), kind, role, at);
            let names: Vec<_> = plan.schemes().iter().map(|scheme| scheme.name).collect();
            assert_eq!(names, expected, "{kind:?} for {role:?}");
            assert!(plan.unserved.is_empty(), "{kind:?}: {:?}", plan.unserved);
        }
        let before = Date::parse("2025-08-31").unwrap();
        assert!(plan(&regimes_of(&packs), Image, Role::Producer, before).marks.is_empty());
    }

    #[test]
    fn a_mark_names_all_the_rules_it_serves() {
        let rule = "method='mark.any'\nneeds=['aigc']";
        let later = format!("{rule}\nin_force_from='2026-01-01'");
        let pack = pack(&[rule, rule, &later]);
        let on = |day: &str| {
            let plan = plan(&[&pack.regimes[0]], Image, Role::Producer, Date::parse(day).unwrap());
            let [(scheme, rules)] = plan.marks.as_slice() else { panic!("{plan:?}") };
            assert_eq!(scheme.name, "aigc");
            rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(on("2025-12-31"), ["x.0", "x.1"]);
        assert_eq!(on("2026-01-01"), ["x.0", "x.1", "x.2"]);
    }

    #[test]
    fn only_an_error_that_a_file_decides_and_no_mark_meets_is_unserved() {
        let rule = "method='mark.any'\nneeds=['visible']";
        let pack = pack(&[
            rule,
            &format!("{rule}\nseverity='warn'"),
            &format!("{rule}\ndecidable='partial'"),
            "method='human'\ndecidable='human'",
        ]);
        let on = |kind| {
            let plan = plan(&[&pack.regimes[0]], kind, Role::Producer, Date::parse("2026-01-01").unwrap());
            plan.unserved.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(on(Document), ["x.0"], "nothing is drawn into words");
        assert!(on(Image).is_empty());
    }
}
