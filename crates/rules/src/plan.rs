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
