//! What must hold for every regime.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use crate::{Sample, all_samples, can_be_labelled, china, fitting, open, samples, terms_of, today};
use indicia::manifests::{DevelopmentChain, SigningKey};
use indicia::{
    Asset, Bound, Context, Court, Date, EmbedError, Field, Finding, Job, Language, Limits, Outcome, PACKS,
    Profile, Seen, Terms, label, packs, regimes, scan, survey,
};
use indicia_rules::{Case, Docket};

#[test]
fn an_unlabelled_file_meets_no_rule_that_counts() {
    let packs = china();
    let terms = Terms::new(regimes(&packs), today());
    for sample in samples() {
        let report = scan(&sample.name, &sample.bytes, &terms, &Context::default());
        let met: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.counts() && finding.judgement.outcome == Outcome::Met)
            .map(|finding| (&finding.rule.id, &finding.judgement.why))
            .collect();
        assert!(met.is_empty(), "{}: {met:?}", sample.name);
        assert_ne!(report.outcome(), Outcome::Met, "{}", sample.name);
    }
}

#[test]
fn what_is_judged_by_an_outline_is_judged_as_the_file_itself() {
    let packs = packs(PACKS.iter().map(|(name, _)| *name)).unwrap();
    let terms = Terms { drafts: true, ..Terms::new(regimes(&packs), today()) };
    let court = Court::new(&terms);
    let told =
        |finding: &Finding<'_>| (finding.rule.id.clone(), finding.decidable, finding.judgement.clone());
    let mut marked = 0;
    // Twice, so that each file is judged after every other too.
    for (round, sample) in
        (0..2).flat_map(|round| all_samples().into_iter().map(move |sample| (round, sample)))
    {
        let asset = open(&sample);
        let evidence = survey(&asset, &Context::default());
        let whole = asset.layout.damage.is_none();
        let case = Case {
            kind: asset.kind(),
            role: terms.role,
            profile: terms.profile,
            at: terms.at,
            evidence: &evidence,
            whole,
            waived: None,
        };
        let docket = Docket::of(terms.regimes.iter().copied(), case.situation(), terms.drafts);
        let expected: Vec<_> = docket.assess(&case).iter().map(told).collect();
        let report = court.report(&sample.name, &asset, evidence);
        assert_eq!(report.findings.len(), expected.len());
        assert_eq!(report.findings.iter().map(told).collect::<Vec<_>>(), expected, "{round} {}", sample.name);
        marked += usize::from(report.evidence.looks.iter().any(|look| matches!(look.seen, Seen::Present(_))));
    }
    assert!(marked > 40, "{marked} files with marks");
}

/// A key for manifests that no one trusts, made once.
fn key() -> Arc<SigningKey> {
    static KEY: LazyLock<Arc<SigningKey>> = LazyLock::new(|| {
        let made = DevelopmentChain::new("Example Ltd", NOW).unwrap();
        Arc::new(SigningKey::from_pem(&made.chain, &made.private_key, NOW).unwrap())
    });
    Arc::clone(&KEY)
}

/// A moment of the day that [`today`] is.
const NOW: u64 = 1_795_435_200;

/// The least that a profile says: nothing; and the most: that every rule binds, so that nothing is left open.
fn profiles() -> [Profile; 2] {
    let all = Profile {
        roles: Some(vec![Bound::Provider, Bound::Deployer, Bound::Advertiser]),
        placed_on_market: Date::parse("2026-09-01"),
        monthly_users: Some(3_000_000),
        is_deepfake: Some(true),
        realistic: Some(true),
        artistic: Some(false),
        public_interest: Some(true),
        editor_of_record: Some(String::new()),
        output_class: Some("content".into()),
        exported: Some(true),
        closed_product: Some(false),
        standard_editing: Some(false),
        marks_used: Some(vec!["c2pa".into()]),
        advertisement: Some(true),
        synthetic_performer: Some(true),
        election: Some(true),
        ..Profile::default()
    };
    [Profile::default(), all]
}

/// The first bare sample of each format that can be labelled.
fn one_of_each_format() -> Vec<Sample> {
    let mut each: Vec<Sample> = Vec::new();
    for sample in samples().into_iter().filter(can_be_labelled) {
        if each.iter().all(|known| known.folder != sample.folder) {
            each.push(sample);
        }
    }
    assert!(each.len() >= 30, "{}", each.len());
    each
}

/// Every mark the pack's plan writes does what the plan says it does; and without any one of them, a rule that it was
/// written for is met no longer.
#[test]
fn what_a_pack_has_us_write_meets_that_pack_and_no_mark_of_it_is_idle() {
    let cx = Context { now: NOW, ..Context::default() };
    let (mut served, mut idle_checked, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for sample in one_of_each_format() {
        // Packs that have the same marks written share the file.
        let mut written: BTreeMap<String, indicia::Labelled> = BTreeMap::new();
        for ((name, _), profile) in PACKS.iter().flat_map(|pack| profiles().map(|profile| (pack, profile))) {
            let packs = packs([*name]).unwrap();
            let mut job = Job { profile: &profile, key: Some(key()), ..fitting(&sample, &packs) };
            job.order.claim.set(Field::System, "Maker");
            job.order.claim.set(Field::SystemVersion, "2");
            let asset = open(&sample);
            let plan = job.plan_for(asset.format);
            if plan.marks.is_empty() {
                continue;
            }
            let has = |code: &str| plan.languages.contains(&code);
            job.order.style.language = match (has("zh") || plan.languages.is_empty(), has("en")) {
                (true, true) => Language::Both,
                (true, false) => Language::Chinese,
                (false, true) => Language::English,
                (false, false) => Language::Other,
            };
            let more = plan.languages.iter().filter(|code| !["en", "zh"].contains(code));
            job.order.style.more = more.map(|code| (*code).to_owned()).collect();
            let names: Vec<_> = plan.schemes().iter().map(|scheme| scheme.name).collect();
            let same = format!("{names:?} {:?}", plan.languages);
            if !written.contains_key(&same) {
                match label(&sample.bytes, Some(&sample.name), &job, &cx) {
                    Ok(labelled) => written.insert(same.clone(), labelled),
                    // A manifest is asked for outright, and would stand in a file beside, which bytes have none of.
                    Err(err) if err.is_refusal() && *name == "c2pa" => continue,
                    // What the manifest library makes of this file breaks off, and is never published.
                    Err(EmbedError::Format(_)) if names.contains(&"c2pa") && sample.folder == "heif" => {
                        continue;
                    }
                    Err(err) => {
                        wrong.push(format!("{} under {name}: {err}", sample.name));
                        continue;
                    }
                };
            }
            let labelled = &written[&same];
            // What the small samples do not hold is no part of the plan; tests/watermark_plan.rs has files that hold it.
            let job = Job { cannot: labelled.cannot.clone(), ..job };
            let plan = job.plan_for(asset.format);
            let after = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
            let terms = Terms { profile: &profile, ..terms_of(&job) };
            let judge = |evidence: indicia::Evidence| {
                indicia::Report::of_evidence(&sample.name, &after, evidence, &terms)
            };
            let met = |report: &indicia::Report<'_>, rule: &str| {
                let finding = report.findings.iter().find(|finding| finding.rule.id == rule);
                finding.is_none_or(|finding| finding.judgement.outcome == Outcome::Met)
            };
            let report = judge(labelled.evidence.clone());
            let left: Vec<_> = plan.open.iter().map(|open| open.rule.id.as_str()).collect();
            for rule in plan
                .marks
                .iter()
                .flat_map(|(_, rules)| rules)
                .filter(|rule| !left.contains(&rule.id.as_str()))
            {
                let finding = report.findings.iter().find(|finding| finding.rule.id == rule.id);
                if !met(&report, &rule.id) {
                    let why = finding.map(|finding| &finding.judgement);
                    wrong.push(format!("{} under {name}: {} {why:?}", sample.name, rule.id));
                }
                served.insert(rule.id.clone());
            }
            let open: Vec<_> = report
                .findings
                .iter()
                .filter(|finding| finding.counts() && finding.judgement.outcome == Outcome::Unmet)
                .map(|finding| (&finding.rule.id, &finding.judgement))
                .collect();
            if !open.is_empty() {
                wrong.push(format!("{} under {name}: {open:?}", sample.name));
            }
            for (scheme, rules) in &plan.marks {
                let mut evidence = labelled.evidence.clone();
                for look in evidence.looks.iter_mut().filter(|look| look.scheme == scheme.name) {
                    look.seen = Seen::Absent;
                }
                let without = judge(evidence);
                let fallen = rules.iter().find(|rule| !met(&without, &rule.id));
                if fallen.is_none() {
                    wrong.push(format!("{} under {name}: {} is idle", sample.name, scheme.name));
                }
                idle_checked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(served.len() > 40 && idle_checked > 200, "{} {idle_checked}", served.len());
}

#[test]
fn what_china_has_us_write_meets_it_on_every_sample() {
    let packs = china();
    for sample in samples().into_iter().filter(can_be_labelled) {
        let job = fitting(&sample, &packs);
        let terms = terms_of(&job);
        let labelled = label(&sample.bytes, Some(&sample.name), &job, &Context::default())
            .unwrap_or_else(|err| panic!("{}: {err}", sample.name));
        let asset = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
        let report = indicia::Report::of_evidence(&sample.name, &asset, labelled.evidence, &terms);
        let open: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.counts() && finding.judgement.outcome != Outcome::Met)
            .map(|finding| (&finding.rule.id, &finding.judgement))
            .collect();
        assert!(open.is_empty(), "{}: {open:?}", sample.name);
        assert_eq!(report.outcome(), Outcome::Met, "{}", sample.name);
    }
}

#[test]
fn a_later_reader_of_the_labelled_file_finds_no_rule_broken() {
    let packs = china();
    for sample in samples().into_iter().filter(can_be_labelled) {
        let job = fitting(&sample, &packs);
        let labelled = label(&sample.bytes, Some(&sample.name), &job, &Context::default()).unwrap();
        let report = scan(&sample.name, &labelled.bytes, &terms_of(&job), &Context::default());
        let unmet: Vec<_> =
            report.findings.iter().filter(|finding| finding.judgement.outcome == Outcome::Unmet).collect();
        assert!(unmet.is_empty(), "{}: {unmet:?}", sample.name);
    }
}
