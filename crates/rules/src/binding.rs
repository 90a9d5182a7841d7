//! Whether a rule binds whoever asks, by what is known of them.

use crate::{Bound, Date, Profile, Regime, Rule, Truth};
use indicia_core::{MediaKind, Role};

/// For whom, of what and when it is asked what the law wants.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'p> {
    /// What the file holds.
    pub kind: MediaKind,
    /// On whose behalf the question is asked, where the profile names no roles.
    pub role: Role,
    /// What no file tells.
    pub profile: &'p Profile,
    /// The day whose law counts.
    pub at: Date,
    /// Whether an authority is asked to stamp the time on manifests that are written.
    pub stamped: bool,
}

/// Whether a rule binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It does.
    Binds,
    /// It does not: it is about another medium or another role, or the profile says that it does not bind.
    No,
    /// It turns on something that the profile leaves open.
    Open(Question),
}

/// What has to be answered to know whether a rule binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// In words, with the key to set.
    pub text: String,
    /// Whether it is about the caller's role.
    pub of_role: bool,
}

impl Situation<'_> {
    /// Whether a rule binds, apart from the days it is in force.
    pub fn binding(&self, regime: &Regime, rule: &Rule) -> Binding {
        if !rule.kinds.contains(&self.kind) {
            return Binding::No;
        }
        let role = self.role(regime, rule.role);
        let mut question = None;
        let mut open = |text: String| question = question.take().or(Some(Question { text, of_role: false }));
        for condition in &rule.when {
            match condition.holds(self.profile) {
                Truth::Yes => {}
                Truth::No => return Binding::No,
                Truth::Open => open(condition.ask()),
            }
        }
        for condition in &rule.unless {
            match condition.holds(self.profile) {
                Truth::Yes => return Binding::No,
                Truth::No => {}
                Truth::Open => open(condition.ask()),
            }
        }
        if let Some(later) = rule.later.as_ref().filter(|later| self.at < later.from) {
            match later.when.holds(self.profile) {
                Truth::Yes => return Binding::No,
                Truth::No => {}
                Truth::Open => open(later.when.ask()),
            }
        }
        match (role, question) {
            (Binding::Binds, Some(question)) => Binding::Open(question),
            (role, _) => role,
        }
    }

    fn role(&self, regime: &Regime, bound: Bound) -> Binding {
        if bound == Bound::Any {
            return Binding::Binds;
        }
        if let Some(roles) = &self.profile.roles {
            let is_one = roles.contains(&bound) || roles.contains(&Bound::Any);
            return if is_one { Binding::Binds } else { Binding::No };
        }
        match (self.role, bound) {
            (Role::Producer, Bound::Provider) | (Role::Propagator, Bound::Platform) => Binding::Binds,
            (_, Bound::Provider | Bound::Platform | Bound::Any) => Binding::No,
            // Whoever asks for a law that only binds others is one of them.
            _ if !regime.has_usual_roles => Binding::Binds,
            // Whoever runs a system often uses it as well; makers of devices and hosts of others know that they are.
            (Role::Producer, Bound::Deployer | Bound::Advertiser) => Binding::Open(Question {
                text: format!("are you {} too? (`roles` in [profile])", who(bound)),
                of_role: true,
            }),
            _ => Binding::No,
        }
    }
}

fn who(bound: Bound) -> &'static str {
    match bound {
        Bound::Advertiser => "the advertiser",
        Bound::Deployer => "the deployer, who uses the system to make and show content,",
        Bound::Device => "a maker of recording devices",
        Bound::Hosting => "a host of others' systems",
        Bound::Platform => "a platform that spreads content",
        Bound::Any | Bound::Provider => "the provider of the system",
    }
}

#[cfg(test)]
mod tests {
    use super::{Binding, Situation};
    use crate::{Date, Pack, Profile};
    use indicia_core::{MediaKind, Role};

    fn binding(rules: &str, profile: &str, role: Role, at: &str) -> Binding {
        let head = "[[regime]]\nid='x'\ntitle='X'\njurisdiction='X'\nstatus='binding'\n";
        let each = rules.split('|').enumerate().map(|(at, rule)| {
            format!("[[regime.check]]\nid='x.{at}'\ntext='t'\nclause='1'\nseverity='error'\ndecidable='auto'\nmethod='human'\nmodality=['image']\n{rule}\n")
        });
        let pack = Pack::parse(&format!("{head}{}", each.collect::<String>())).unwrap();
        let profile: Profile = toml::from_str(profile).unwrap();
        let at = Date::parse(at).unwrap();
        let situation = Situation { kind: MediaKind::Image, role, profile: &profile, at, stamped: false };
        let rule = &pack.regimes[0].rules[0];
        let other = Situation { kind: MediaKind::Audio, ..situation };
        assert_eq!(other.binding(&pack.regimes[0], rule), Binding::No, "another medium");
        situation.binding(&pack.regimes[0], rule)
    }

    fn of_role(binding: &Binding) -> Option<bool> {
        match binding {
            Binding::Open(question) => Some(question.of_role),
            _ => None,
        }
    }

    #[test]
    fn a_role_that_is_not_named_is_open_or_another() {
        let on = |role: &str, profile: &str, caller| {
            binding(&format!("role='{role}'|role='provider'"), profile, caller, "2026-01-01")
        };
        let (producer, propagator) = (Role::Producer, Role::Propagator);
        for (role, profile, caller, expected) in [
            ("provider", "", producer, Binding::Binds),
            ("provider", "", propagator, Binding::No),
            ("platform", "", propagator, Binding::Binds),
            ("platform", "", producer, Binding::No),
            ("any", "", propagator, Binding::Binds),
            ("deployer", "roles=['deployer']", producer, Binding::Binds),
            ("deployer", "roles=['provider']", producer, Binding::No),
            ("provider", "roles=['deployer']", producer, Binding::No),
            ("device", "", producer, Binding::No),
            ("deployer", "", propagator, Binding::No),
        ] {
            assert_eq!(on(role, profile, caller), expected, "{role} with {profile}");
        }
        for role in ["deployer", "advertiser"] {
            assert_eq!(of_role(&on(role, "", producer)), Some(true), "{role}");
        }
    }

    #[test]
    fn whoever_asks_for_a_law_that_only_binds_deployers_is_one() {
        assert_eq!(binding("role='deployer'", "", Role::Producer, "2026-01-01"), Binding::Binds);
        assert_eq!(
            binding("role='deployer'", "roles=['provider']", Role::Producer, "2026-01-01"),
            Binding::No
        );
    }

    #[test]
    fn conditions_bind_free_or_leave_open() {
        let on = |rule: &str, profile: &str| {
            binding(&format!("role='provider'\n{rule}"), profile, Role::Producer, "2026-10-01")
        };
        assert_eq!(on("when=['election']", "election=true"), Binding::Binds);
        assert_eq!(on("when=['election']", "election=false"), Binding::No);
        assert_eq!(of_role(&on("when=['election']", "")), Some(false));
        assert_eq!(on("unless=['artistic']", "artistic=true"), Binding::No);
        assert_eq!(on("unless=['artistic']", "artistic=false"), Binding::Binds);
        assert_eq!(of_role(&on("unless=['artistic']", "")), Some(false));
        let Binding::Open(question) = on("unless=['artistic']", "") else { panic!("it is open") };
        assert!(question.text.ends_with("(`artistic` in [profile])"), "{}", question.text);
    }

    #[test]
    fn a_later_day_is_for_those_it_is_meant_for() {
        let rule = "role='provider'\nlater={ when='placed-on-market < 2026-08-02', from='2026-12-02' }";
        let on = |profile: &str, at: &str| binding(rule, profile, Role::Producer, at);
        assert_eq!(on("placed-on-market='2026-08-01'", "2026-12-01"), Binding::No);
        assert_eq!(on("placed-on-market='2026-08-01'", "2026-12-02"), Binding::Binds);
        assert_eq!(on("placed-on-market='2026-08-02'", "2026-10-01"), Binding::Binds);
        assert_eq!(of_role(&on("", "2026-12-01")), Some(false));
        assert_eq!(on("", "2026-12-02"), Binding::Binds, "by then it makes no difference");
    }
}
