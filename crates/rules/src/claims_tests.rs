//! Claims that are widely repeated and wrong: what the packs say instead.

use crate::specimen::{case, drawn, label, labelled, noticed, outcome_for, signed};
use crate::{
    Binding, Case, Date, Force, Outcome, Pack, Profile, Regime, Rule, Severity, Situation, Standing, assess,
    select,
};
use indicia_core::{Evidence, MediaKind, Role};

fn pack(name: &str) -> Pack {
    select([name]).unwrap().remove(0)
}

fn regime<'p>(pack: &'p Pack, id: &str) -> &'p Regime {
    pack.regimes.iter().find(|regime| regime.id == id).unwrap_or_else(|| panic!("no {id}"))
}

fn rule<'p>(pack: &'p Pack, id: &str) -> (&'p Regime, &'p Rule) {
    let rules = pack.regimes.iter().flat_map(|regime| regime.rules.iter().map(move |rule| (regime, rule)));
    rules.into_iter().find(|(_, rule)| rule.id == id).unwrap_or_else(|| panic!("no {id}"))
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn profile(text: &str) -> Profile {
    toml::from_str(text).unwrap()
}

fn binds(pack: &Pack, id: &str, given: &str, at: &str) -> Binding {
    let ((regime, rule), profile) = (rule(pack, id), profile(given));
    assert_eq!(regime.force_of(rule, day(at)), Force::InForce, "{id} on {at}");
    let kind = *rule.kinds.first().unwrap();
    Situation { kind, role: Role::Producer, profile: &profile, at: day(at), stamped: false }
        .binding(regime, rule)
}

/// "The Omnibus moved article 50 to December 2026": only 50(2), and only for systems placed on the market before.
#[test]
fn the_omnibus_moved_article_50_for_old_systems_marks_alone() {
    let eu = pack("eu");
    let (old, new) = ("placed-on-market = '2026-08-01'", "placed-on-market = '2026-08-02'");
    assert_eq!(
        binds(
            &eu,
            "eu.aiact.50.2.marked",
            &format!("{new}\nstandard-editing = false\noutput-class = 'content'"),
            "2026-08-02"
        ),
        Binding::Binds
    );
    assert_eq!(binds(&eu, "eu.aiact.50.2.marked", old, "2026-12-01"), Binding::No);
    assert_eq!(
        binds(
            &eu,
            "eu.aiact.50.2.marked",
            &format!("{old}\nstandard-editing = false\noutput-class = 'content'"),
            "2026-12-02"
        ),
        Binding::Binds
    );
    let deployer = format!("{old}\nroles = ['deployer']\nis-deepfake = true\nartistic = false");
    assert_eq!(binds(&eu, "eu.aiact.50.4.deepfake", &deployer, "2026-08-02"), Binding::Binds);
    assert_eq!(binds(&eu, "eu.aiact.50.5.timing", &deployer, "2026-08-02"), Binding::Binds);
}

/// "Signing the Code gives a presumption of conformity": it does not, and nobody has to follow it.
#[test]
fn the_code_is_voluntary_and_gives_no_presumption() {
    let eu = pack("eu");
    for id in ["eu.cop.s1", "eu.cop.s2"] {
        let code = regime(&eu, id);
        assert_eq!(code.standing, Standing::Voluntary);
        assert!(code.rules.iter().all(|rule| rule.severity < Severity::Error), "{id}");
    }
    assert!(regime(&eu, "eu.cop.s1").status.contains("no presumption of conformity"));
    // A file that follows the whole Code is not held to meet article 50(4) by that.
    let evidence = signed(vec![label(None, &[])]);
    let given =
        profile("roles = ['deployer']\nis-deepfake = true\nartistic = false\nsignatory-providers = true");
    let case = Case { profile: &given, at: day("2026-11-23"), ..case(&evidence) };
    let findings = assess(regime(&eu, "eu.aiact"), &case, false);
    let deepfake = findings.iter().find(|finding| finding.rule.id == "eu.aiact.50.4.deepfake").unwrap();
    assert_eq!(deepfake.judgement.outcome, Outcome::Unmet);
}

/// "The Code requires C2PA": it names no standard.
#[test]
fn the_code_names_no_standard() {
    let eu = pack("eu");
    for rule in ["eu.cop.s1", "eu.cop.s2"].iter().flat_map(|id| &regime(&eu, id).rules) {
        assert!(!rule.text.contains("C2PA"), "{}", rule.id);
    }
    // Article 50(2) is met by any mark that machines read.
    let (_, marked) = rule(&eu, "eu.aiact.50.2.marked");
    assert_eq!(marked.judge.judge(&case(&labelled(vec![label(None, &[])]))).outcome, Outcome::Met);
}

/// "Published on 28 June 2026": 10 June.
#[test]
fn the_code_is_of_10_june_2026() {
    let eu = pack("eu");
    for id in ["eu.cop.s1", "eu.cop.s2"] {
        assert_eq!(regime(&eu, id).in_force_from, Some(day("2026-06-10")), "{id}");
        assert!(regime(&eu, id).in_force(day("2026-06-27")));
    }
}

/// "California applies above one million users": not since 30 September 2026.
#[test]
fn california_binds_small_providers_since_30_september_2026() {
    let ca = pack("us-ca");
    let small = "monthly-users = 10";
    assert_eq!(binds(&ca, "us.ca.latent.A", small, "2026-09-30"), Binding::Binds);
    assert_eq!(binds(&ca, "us.ca.old.fields", small, "2026-09-29"), Binding::No);
    assert_eq!(binds(&ca, "us.ca.old.fields", "monthly-users = 1000001", "2026-09-29"), Binding::Binds);
    assert_eq!(regime(&ca, "us.ca.caita").force(day("2026-09-29")), Force::From(day("2026-09-30")));
    assert_eq!(regime(&ca, "us.ca.caita.v2026-08").force(day("2026-09-30")), Force::Past);
    // What was made in September is held against that text: it did not ask for created or altered.
    let asked = |id: &str| regime(&ca, id).rules.iter().any(|rule| rule.method == "c2pa.actions");
    assert!(asked("us.ca.caita") && !asked("us.ca.caita.v2026-08"));
}

/// "Washington applies from July 2026, March 2026 or 2028": from 1 February 2027.
#[test]
fn washington_binds_from_1_february_2027() {
    let wa = pack("us-wa");
    for before in ["2026-03-01", "2026-07-01", "2027-01-31"] {
        assert_eq!(
            regime(&wa, "us.wa.hb1170").force(day(before)),
            Force::From(day("2027-02-01")),
            "{before}"
        );
    }
    assert!(regime(&wa, "us.wa.hb1170").in_force(day("2027-02-01")));
}

/// "India needs 10 % of the screen": no size is set.
#[test]
fn india_sets_no_size() {
    let india = pack("in");
    let rules = &regime(&india, "in.sgi").rules;
    assert!(rules.iter().all(|rule| rule.method != "label.visual.size"));
    let (_, label) = rule(&india, "in.sgi.label");
    let tiny = noticed(vec![drawn(1, 1000, 21.0)]);
    assert_eq!(label.judge.judge(&case(&tiny)).outcome, Outcome::Met);
}

/// "India covers AI text": sound, pictures and video alone.
#[test]
fn india_does_not_cover_text() {
    let india = pack("in");
    for rule in india.regimes.iter().flat_map(|regime| &regime.rules) {
        let text = [MediaKind::Text, MediaKind::Document];
        assert!(!rule.kinds.iter().any(|kind| text.contains(kind)), "{}", rule.id);
    }
}

/// "ETSI TS 104 223 is a standard on AI transparency": it is about cyber-security, and no rule rests on it.
#[test]
fn no_rule_rests_on_etsi_ts_104_223() {
    for (name, text) in crate::PACKS {
        assert!(!text.contains("104 223"), "{name}");
    }
}

/// "ISO 22144 is published": it was not found published, and nothing is called compliant with it.
#[test]
fn iso_22144_is_only_named_as_not_published() {
    for (name, text) in crate::PACKS {
        for line in text.lines().filter(|line| line.contains("22144")) {
            assert!(
                line.contains("not found published") || line.contains("committee draft"),
                "{name}: {line}"
            );
        }
    }
    let iso = pack("iso-sc42");
    assert!(
        iso.regimes.iter().all(|regime| regime.rules.is_empty() && regime.says.starts_with("asks nothing"))
    );
}

#[test]
fn a_pack_that_asks_nothing_loads_and_says_so() {
    for name in ["apec", "brics", "eu-us-ttc", "ieee", "iso-sc42", "oecd", "uk"] {
        let pack = pack(name);
        assert!(pack.regimes[0].rules.is_empty(), "{name}");
        assert!(pack.regimes[0].says.starts_with("asks nothing of a file"), "{name}");
        let evidence = Evidence::default();
        assert!(assess(&pack.regimes[0], &case(&evidence), true).is_empty(), "{name}");
    }
}

#[test]
fn no_rule_that_nobody_read_is_an_error() {
    for (name, _) in crate::PACKS {
        for rule in pack(name).regimes.iter().flat_map(|regime| &regime.rules) {
            assert!(rule.verified || rule.severity < Severity::Error, "{}", rule.id);
        }
    }
}

/// The helper is here for checks too: silence of a profile is never no.
#[test]
fn an_open_fact_never_makes_a_rule_unmet() {
    let fact = crate::CHECKS.iter().find(|check| check.name == "profile.fact").unwrap();
    for known in crate::FACTS.iter().filter(|fact| fact.sort == crate::Sort::Flag) {
        let params = format!("holds = '{}'", known.name).parse().unwrap();
        assert_eq!(outcome_for(fact, &params, &Evidence::default(), ""), Outcome::Unknown, "{}", known.name);
    }
}
