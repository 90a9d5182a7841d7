use crate::{Binding, Conflict, Decidable, Force, Regime, Rule, Severity, Situation, conflicts};
use indicia_marks::Scheme;

/// The marks to write so that rules are met: [`assess`](crate::assess) read backwards.
#[derive(Debug, Default)]
pub struct Plan<'r> {
    /// Each mark with the rules it serves.
    pub marks: Vec<(&'static Scheme, Vec<&'r Rule>)>,
    /// Binding rules that a file could decide and that no mark here can meet.
    pub unserved: Vec<&'r Rule>,
    /// What the marks leave open: rules that no mark here meets on such a file, and rules that may not bind.
    pub open: Vec<Open<'r>>,
    /// Where the regimes contradict one another, with the way chosen.
    pub conflicts: Vec<&'static Conflict>,
    /// The languages that the regimes want notices in, by their codes, each once.
    pub languages: Vec<&'r str>,
}

/// A rule that the marks of a plan leave open.
#[derive(Clone, Debug)]
pub struct Open<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// Why, and what would close it.
    pub why: String,
    /// Whether it stays unmet, as far as this program can see; otherwise somebody has to answer or to look.
    pub unmet: bool,
}

/// Whether a scheme's mark can be put on the file at hand; if not, why.
pub type CanHold<'c> = &'c dyn Fn(&Scheme) -> Result<(), String>;

/// A rule that wants marks.
struct Wish<'r> {
    rule: &'r Rule,
    all: Vec<&'static Scheme>,
    any: Vec<&'static Scheme>,
    /// Whether marks are written for its sake; otherwise it only profits.
    asks: bool,
}

impl<'r> Plan<'r> {
    /// The schemes to write, by name.
    pub fn schemes(&self) -> Vec<&'static Scheme> {
        self.marks.iter().map(|(scheme, _)| *scheme).collect()
    }

    fn serve(&mut self, scheme: &'static Scheme, rule: &'r Rule) {
        match self.marks.iter_mut().find(|(planned, _)| planned.name == scheme.name) {
            Some((_, rules)) => rules.push(rule),
            None => self.marks.push((scheme, vec![rule])),
        }
    }

    /// Names a rule that no mark is written for, and the marks that would serve it.
    fn recommend(&mut self, rule: &'r Rule, schemes: &[&'static Scheme]) {
        if !self.open.iter().any(|open| open.rule.id == rule.id) {
            let why = format!("only recommended: --with {} writes it", names(schemes));
            self.open.push(Open { rule, why, unmet: false });
        }
    }

    fn has(&self, scheme: &Scheme) -> bool {
        self.marks.iter().any(|(planned, _)| planned.name == scheme.name)
    }
}

/// The smallest set of marks that serves every regime at once.
///
/// Marks that rules name come first; where a rule leaves the choice, one that is written anyhow is enough, and else the
/// one that serves most. Rules that turn on what the profile leaves open are served too, except those of a role that
/// nobody said the caller has: those only profit, as do recommendations beside rules that bind.
pub fn plan<'r>(
    regimes: &[&'r Regime],
    situation: &Situation<'_>,
    drafts: bool,
    can: CanHold<'_>,
) -> Plan<'r> {
    let mut plan = Plan::default();
    let mut wishes = Vec::new();
    for regime in regimes {
        let only_advice = regime.rules.iter().all(|rule| rule.severity == Severity::Info);
        let mut asked = false;
        for rule in &regime.rules {
            match regime.force_of(rule, situation.at) {
                Force::Past => continue,
                Force::Draft | Force::From(_) if !drafts => continue,
                _ => {}
            }
            let (of_role, question) = match situation.binding(regime, rule) {
                Binding::No => continue,
                Binding::Binds => (false, None),
                Binding::Open(question) => (question.of_role, Some(question.text)),
            };
            asked = true;
            let (all, any) = (rule.judge.wants(situation.kind), rule.judge.any_of(situation.kind));
            let by_file = rule.decidable == Decidable::Auto && rule.severity == Severity::Error;
            let binds_by_file = by_file && question.is_none();
            let wants_stamp = rule.judge.is_stamped();
            let lacks = rule.judge.lacks(situation.kind).filter(|_| !(wants_stamp && situation.stamped));
            if let Some(why) = lacks {
                if binds_by_file {
                    plan.unserved.push(rule);
                } else {
                    plan.open.push(Open { rule, why, unmet: true });
                }
                if wants_stamp {
                    continue;
                }
            } else if all.is_empty() {
                if binds_by_file {
                    plan.unserved.push(rule);
                } else {
                    let why = question.unwrap_or_else(|| who_decides(rule));
                    plan.open.push(Open { rule, why, unmet: false });
                }
                continue;
            } else if let Some(why) = question {
                plan.open.push(Open { rule, why, unmet: false });
            } else if !rule.judge.shows() {
                // The marks are part of it; whether they are enough no file shows.
                plan.open.push(Open { rule, why: who_decides(rule), unmet: false });
            }
            let asks = !of_role && (rule.severity > Severity::Info || only_advice);
            wishes.push(Wish { rule, all, any, asks });
        }
        if asked {
            let new = regime.language().filter(|language| !plan.languages.contains(language));
            plan.languages.extend(new);
        }
    }
    serve(&mut plan, wishes, can);
    plan.marks.sort_by_key(|(scheme, _)| scheme.name);
    plan.conflicts = conflicts::between(regimes, situation.kind);
    plan
}

fn serve<'r>(plan: &mut Plan<'r>, wishes: Vec<Wish<'r>>, can: CanHold<'_>) {
    let (choices, fixed): (Vec<_>, Vec<_>) = wishes.into_iter().partition(|wish| !wish.any.is_empty());
    let (asking, profiting): (Vec<_>, Vec<_>) = fixed.into_iter().partition(|wish| wish.asks);
    for wish in asking {
        for scheme in wish.all {
            match can(scheme) {
                // What binds is asked for all the same: it is for the writer to refuse the file, with the reason.
                Err(why) if wish.rule.severity < Severity::Error => {
                    plan.open.push(Open { rule: wish.rule, why, unmet: true });
                }
                _ => plan.serve(scheme, wish.rule),
            }
        }
    }
    choose(plan, &choices, can);
    for wish in choices {
        let first = wish.any.iter().find(|scheme| plan.has(scheme)).copied();
        match first {
            // One is enough: the first that the rule names.
            Some(scheme) => plan.serve(scheme, wish.rule),
            None if wish.asks => {
                let why = wish.any.iter().find_map(|scheme| can(scheme).err());
                let why = why.unwrap_or_else(|| "no mark of this plan does it".into());
                plan.open.push(Open { rule: wish.rule, why, unmet: true });
            }
            None => plan.recommend(wish.rule, &wish.any),
        }
    }
    for wish in profiting {
        let served: Vec<_> = wish.all.iter().filter(|scheme| plan.has(scheme)).copied().collect();
        if served.is_empty() {
            plan.recommend(wish.rule, &wish.all);
        }
        served.into_iter().for_each(|scheme| plan.serve(scheme, wish.rule));
    }
}

/// Picks, for rules that leave the choice and that nothing serves yet, the mark that serves most of them.
fn choose<'r>(plan: &mut Plan<'r>, choices: &[Wish<'r>], can: CanHold<'_>) {
    loop {
        let unserved = |wish: &&Wish<'_>| wish.asks && !wish.any.iter().any(|scheme| plan.has(scheme));
        let left: Vec<_> = choices.iter().filter(unserved).collect();
        let mut best: Option<(usize, &'static Scheme)> = None;
        for scheme in left.iter().flat_map(|wish| &wish.any).copied() {
            let would_do = |wish: &&&Wish<'_>| wish.any.iter().any(|one| one.name == scheme.name);
            // What binds and nothing meets is for the writer to refuse, with the reason.
            let stuck = |wish: &Wish<'_>| {
                wish.rule.severity == Severity::Error && wish.any.iter().all(|one| can(one).is_err())
            };
            if can(scheme).is_err() && !left.iter().filter(would_do).any(|wish| stuck(wish)) {
                continue;
            }
            let serves = left.iter().filter(would_do).count();
            if best.is_none_or(|(most, _)| serves > most) {
                best = Some((serves, scheme));
            }
        }
        let Some((_, scheme)) = best else { return };
        // Named here, filled with all it serves by the caller.
        plan.marks.push((scheme, Vec::new()));
    }
}

fn names(schemes: &[&Scheme]) -> String {
    schemes.iter().map(|scheme| scheme.name).collect::<Vec<_>>().join(",")
}

fn who_decides(rule: &Rule) -> String {
    match rule.decidable {
        Decidable::Auto | Decidable::Partial => "decided on the finished file".into(),
        Decidable::Evidence => "a document or a log shows it".into(),
        Decidable::Human => "a person decides it".into(),
        Decidable::Service => "the running service shows it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, plan};
    use crate::{Date, Pack, Profile, Regime, Situation, regimes_of};
    use indicia_core::MediaKind::{self, Audio, Document, Image, Text};
    use indicia_core::Role;

    /// A regime of rules given as method, parameters and what differs from an error that a file decides.
    fn pack(rules: &[&str]) -> Pack {
        let head =
            "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\nin_force_from='2025-09-01'\n";
        let rules = rules.iter().enumerate().map(|(at, rule)| {
            let severity = if rule.contains("severity") { "" } else { "severity='error'\n" };
            let decidable = if rule.contains("decidable") { "" } else { "decidable='auto'\n" };
            let role = if rule.contains("role") { "" } else { "role='provider'\n" };
            format!(
                "[[regime.check]]\nid='x.{at}'\ntext='t'\nclause='1'\nverified=true\n\
                 modality=['any']\n{severity}{decidable}{role}{rule}\n"
            )
        });
        Pack::parse(&format!("{head}{}", rules.collect::<String>())).unwrap()
    }

    fn of<'r>(regimes: &[&'r Regime], kind: MediaKind, role: Role, at: &str) -> Plan<'r> {
        let at = Date::parse(at).unwrap();
        plan(
            regimes,
            &Situation { kind, role, profile: Profile::unknown(), at, stamped: false },
            false,
            &|_| Ok(()),
        )
    }

    fn written(plan: &Plan<'_>) -> Vec<&'static str> {
        plan.schemes().iter().map(|scheme| scheme.name).collect()
    }

    fn left<'p>(plan: &'p Plan<'_>) -> Vec<&'p str> {
        plan.open.iter().map(|open| open.rule.id.as_str()).collect()
    }

    #[test]
    fn a_time_stamp_is_left_open_unless_an_authority_is_asked() {
        let pack = pack(&["method='c2pa.timestamp'", "method='c2pa.valid'"]);
        for stamped in [false, true] {
            let at = Date::parse("2026-01-01").unwrap();
            let situation =
                Situation { kind: Image, role: Role::Producer, profile: Profile::unknown(), at, stamped };
            let plan = plan(&[&pack.regimes[0]], &situation, false, &|_| Ok(()));
            let left: Vec<_> = plan.unserved.iter().map(|rule| rule.id.as_str()).collect();
            assert_eq!(left, if stamped { &[][..] } else { &["x.0"][..] });
            let served: Vec<_> =
                plan.marks.iter().map(|(scheme, rules)| (scheme.name, rules.len())).collect();
            assert_eq!(served, [("c2pa", 1 + usize::from(stamped))]);
        }
    }

    #[test]
    fn china_asks_a_producer_for_a_notice_and_a_label() {
        let packs = crate::select(["cn"]).unwrap();
        for (kind, role, expected) in [
            (Image, Role::Producer, &["aigc", "visible"][..]),
            (Audio, Role::Producer, &["aigc", "rhythm"]),
            (Document, Role::Producer, &["aigc", "written"]),
            (Text, Role::Producer, &["written"]),
            (Image, Role::Propagator, &["aigc"]),
            (Text, Role::Propagator, &[]),
        ] {
            let plan = of(&regimes_of(&packs), kind, role, "2025-09-01");
            assert_eq!(written(&plan), expected, "{kind:?} for {role:?}");
            assert!(plan.unserved.is_empty(), "{kind:?}: {:?}", plan.unserved);
            assert!(plan.open.iter().all(|open| !open.unmet), "{:?}", plan.open);
        }
        assert!(of(&regimes_of(&packs), Image, Role::Producer, "2022-12-31").marks.is_empty());
    }

    #[test]
    fn a_mark_names_all_the_rules_it_serves() {
        let rule = "method='mark.any'\nneeds=['aigc']";
        let later = format!("{rule}\nin_force_from='2026-01-01'");
        let pack = pack(&[rule, rule, &later]);
        let on = |day: &str| {
            let plan = of(&[&pack.regimes[0]], Image, Role::Producer, day);
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
            let plan = of(&[&pack.regimes[0]], kind, Role::Producer, "2026-01-01");
            let open = left(&plan).into_iter().map(str::to_owned).collect::<Vec<_>>();
            (plan.unserved.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>(), open)
        };
        let (unserved, open) = on(Document);
        assert_eq!(unserved, ["x.0"], "nothing is drawn into words");
        assert_eq!(open, ["x.1", "x.2", "x.3"]);
        assert!(on(Image).0.is_empty());
    }

    #[test]
    fn where_a_rule_leaves_the_choice_a_mark_that_is_written_anyhow_is_enough() {
        let free = "method='mark.any'\nneeds=['iptc', 'c2pa', 'aigc']\nseverity='warn'";
        let alone = pack(&[free]);
        assert_eq!(written(&of(&[&alone.regimes[0]], Image, Role::Producer, "2026-01-01")), ["iptc"]);
        assert_eq!(written(&of(&[&alone.regimes[0]], Audio, Role::Producer, "2026-01-01")), ["c2pa"]);
        let beside = pack(&[free, "method='mark.any'\nneeds=['aigc']"]);
        let plan = of(&[&beside.regimes[0]], Image, Role::Producer, "2026-01-01");
        assert_eq!(written(&plan), ["aigc"]);
        assert_eq!(plan.marks[0].1.len(), 2, "it serves both");
        let two = pack(&[free, "method='mark.any'\nneeds=['c2pa', 'visible']\nseverity='warn'"]);
        let plan = of(&[&two.regimes[0]], Image, Role::Producer, "2026-01-01");
        assert_eq!(written(&plan), ["c2pa"], "one that serves both instead of one for each");
    }

    #[test]
    fn what_a_format_cannot_hold_is_left_open_or_another_is_taken() {
        let no_manifest = |scheme: &indicia_marks::Scheme| {
            if scheme.name == "c2pa" { Err("no manifest fits".to_owned()) } else { Ok(()) }
        };
        let situation = Situation {
            kind: Audio,
            role: Role::Producer,
            profile: Profile::unknown(),
            at: Date::parse("2026-01-01").unwrap(),
            stamped: false,
        };
        let pack = pack(&[
            "method='mark.any'\nneeds=['c2pa', 'aigc']\nseverity='warn'",
            "method='c2pa.valid'\nseverity='warn'",
        ]);
        let plan = plan(&[&pack.regimes[0]], &situation, false, &no_manifest);
        assert_eq!(written(&plan), ["aigc"]);
        assert_eq!(left(&plan), ["x.1"]);
        assert!(plan.open[0].unmet && plan.open[0].why == "no manifest fits", "{:?}", plan.open);
    }

    #[test]
    fn a_role_nobody_named_only_profits() {
        let pack = pack(&[
            "method='mark.any'\nneeds=['explicit']\nrole='deployer'",
            "method='mark.any'\nneeds=['aigc']",
        ]);
        let plan = of(&[&pack.regimes[0]], Image, Role::Producer, "2026-01-01");
        assert_eq!(written(&plan), ["aigc"]);
        assert_eq!(left(&plan)[0], "x.0");
        assert!(plan.open[0].why.contains("`roles` in [profile]"), "{:?}", plan.open);
    }

    #[test]
    fn a_recommendation_is_followed_only_where_nothing_but_advice_is_given() {
        let advice = "method='mark.any'\nneeds=['iptc']\nseverity='info'";
        assert_eq!(
            written(&of(&[&pack(&[advice]).regimes[0]], Image, Role::Producer, "2026-01-01")),
            ["iptc"]
        );
        let rule = "method='mark.any'\nneeds=['aigc']";
        assert_eq!(
            written(&of(&[&pack(&[advice, rule]).regimes[0]], Image, Role::Producer, "2026-01-01")),
            ["aigc"]
        );
    }
}
