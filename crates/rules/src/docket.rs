//! What regimes ask of one kind of media, sorted out once for many files.

use crate::assess::{Finding, judge};
use crate::{Binding, Case, Force, Regime, Rule, Situation};
use indicia_core::{Look, Seen};

/// The rules of regimes that bind in a situation, or may bind: what no file has a part in.
#[derive(Debug)]
pub struct Docket<'r> {
    rules: Vec<Listed<'r>>,
}

/// A rule, with what is known of it before a file is seen.
#[derive(Debug)]
pub(crate) struct Listed<'r> {
    pub(crate) regime: &'r Regime,
    pub(crate) rule: &'r Rule,
    pub(crate) force: Force,
    pub(crate) binding: Binding,
}

impl<'r> Docket<'r> {
    /// Sorts rules out.
    ///
    /// Rules for other media, other roles, or no longer in force that day are left out; so are drafts and rules that are not
    /// yet in force, unless `drafts` asks for them.
    pub fn of(regimes: impl IntoIterator<Item = &'r Regime>, situation: Situation<'_>, drafts: bool) -> Self {
        let listed = |regime: &'r Regime, rule: &'r Rule| {
            let force = regime.force_of(rule, situation.at);
            let is_judged = match force {
                Force::Past => false,
                Force::Draft | Force::From(_) => drafts,
                Force::InForce => true,
            };
            let binding = situation.binding(regime, rule);
            (is_judged && binding != Binding::No).then_some(Listed { regime, rule, force, binding })
        };
        let all = regimes.into_iter().flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule)));
        Self { rules: all.filter_map(|(regime, rule)| listed(regime, rule)).collect() }
    }

    /// Holds the rules against what was seen on a file. The case has to be of the situation that they were sorted out for.
    pub fn assess(&self, case: &Case<'_>) -> Vec<Finding<'r>> {
        self.rules.iter().map(|listed| judge(listed, case)).collect()
    }

    /// Holds against an [`outline`](crate::outline) the rules that look into no mark of it and measure nothing; and the places of the
    /// others.
    pub fn assess_outline(&self, case: &Case<'_>) -> (Vec<Finding<'r>>, Vec<usize>) {
        let present = |look: &&Look| matches!(look.seen, Seen::Present(_));
        let (mut findings, mut others) = (Vec::new(), Vec::new());
        for (place, listed) in self.rules.iter().enumerate() {
            let mut looks = case.evidence.looks.iter().filter(present);
            let own = &listed.rule.judge;
            if own.measures() || looks.any(|look| own.looks_into(look)) {
                others.push(place);
            } else {
                findings.push(judge(listed, case));
            }
        }
        (findings, others)
    }

    /// Holds the rules at these places against what was seen on a file; each with its place.
    pub fn assess_at(&self, places: &[usize], case: &Case<'_>) -> Vec<(usize, Finding<'r>)> {
        let listed = places.iter().filter_map(|place| Some((*place, self.rules.get(*place)?)));
        listed.map(|(place, listed)| (place, judge(listed, case))).collect()
    }
}
