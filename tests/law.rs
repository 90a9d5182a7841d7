//! The law through the program: several rule sets at once, the profile, dates, packs of one's own.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;

use program::{Folder, Run};
use serde_json::Value;

/// A folder with a picture in it, and no key and no configuration but what a test puts there.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420.jpg", "a.jpg");
    folder
}

fn run(folder: &Folder, args: &[&str]) -> Run {
    let mut command = folder.command(args);
    command.env("XDG_CONFIG_HOME", folder.at("config")).env("HOME", folder.at("home"));
    Run::of(command.output().unwrap())
}

fn record(run: &Run) -> Value {
    serde_json::from_str(run.out.lines().next().unwrap_or_else(|| panic!("{run:?}"))).unwrap()
}

const MADE: &[&str] = &["--producer", "Example Ltd", "--system", "Maker@2"];

#[test]
fn one_plan_serves_china_the_eu_and_california_and_needs_no_key_to_be_shown() {
    let folder = folder();
    let base = ["label", "a.jpg", "--for", "cn,eu,us-ca", "--dry-run", "--at", "2026-11-23", "--exit-zero"];
    let shown = run(&folder, &[&base[..], MADE].concat());
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for line in [
        "would write visible notice",
        "would write AIGC metadata label",
        "would write C2PA manifest",
        "conflict X1",
        "conflict X5",
        "chosen:",
        "stays unmet:",
    ] {
        assert!(shown.out.contains(line), "{line}: {}", shown.out);
    }
    let told = record(&run(&folder, &[&base[..], MADE, &["--format", "jsonl"]].concat()));
    let plan = told["plan"].as_array().unwrap();
    let serves = |scheme: &str| -> Vec<String> {
        let mark = plan
            .iter()
            .find(|mark| mark["scheme"] == scheme)
            .unwrap_or_else(|| panic!("no {scheme}: {plan:?}"));
        mark["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap().to_owned()).collect()
    };
    assert!(serves("c2pa").contains(&"us.ca.latent.E".to_owned()));
    assert!(serves("c2pa").contains(&"eu.cop.1.1.1.signed".to_owned()));
    assert!(serves("visible").contains(&"cn.gb.image.size".to_owned()));
    assert!(serves("aigc").contains(&"cn.gb.meta.one".to_owned()));
    assert!(plan.iter().all(|mark| mark["scheme"] != "iptc"), "the smallest set: {plan:?}");
    let open = told["plan_open"].as_array().unwrap();
    let left = |rule: &str| open.iter().find(|left| left["rule"] == rule).unwrap_or_else(|| panic!("{rule}"));
    assert_eq!(left("eu.cop.1.1.1.time")["unmet"], true);
    assert!(left("eu.aiact.50.4.deepfake")["why"].as_str().unwrap().contains("[profile]"));
    assert_eq!(told["conflicts"][0]["id"], "X1");
}

#[test]
fn without_a_key_rules_that_ask_for_a_manifest_say_how_to_get_one() {
    let folder = folder();
    let refused = run(&folder, &[&["label", "a.jpg", "-o", "b.jpg", "--for", "eu"], MADE].concat());
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.err.contains("the rules of eu ask for a C2PA manifest")
            && refused.err.contains("indicia key new"),
        "{}",
        refused.err
    );
    assert!(!folder.at("b.jpg").exists());
    let without = run(
        &folder,
        &[&["label", "a.jpg", "-o", "b.jpg", "--for", "eu", "--without", "c2pa"], MADE].concat(),
    );
    assert_eq!(without.code, Some(0), "{without:?}");
}

#[test]
fn what_was_planned_is_written_and_verified() {
    let folder = folder();
    assert_eq!(run(&folder, &["key", "new"]).code, Some(0));
    let made = run(
        &folder,
        &[&["label", "a.jpg", "-o", "b.jpg", "--for", "cn,eu,us-ca", "--at", "2026-11-23"], MADE].concat(),
    );
    assert_eq!(made.code, Some(0), "{made:?}");
    let told = record(&run(
        &folder,
        &[
            "verify",
            "b.jpg",
            "--for",
            "cn,eu,us-ca",
            "--at",
            "2026-11-23",
            "--format",
            "jsonl",
            "--exit-zero",
        ],
    ));
    let outcome = |rule: &str| {
        let findings = told["findings"].as_array().unwrap();
        findings
            .iter()
            .find(|finding| finding["rule"] == rule)
            .map(|finding| finding["outcome"].as_str().unwrap().to_owned())
    };
    for rule in [
        "us.ca.latent.E",
        "us.ca.latent.std",
        "eu.cop.1.1.1.signed",
        "eu.aiact.50.2.marked",
        "cn.gb.meta.present",
    ] {
        assert_eq!(outcome(rule).as_deref(), Some("met"), "{rule}");
    }
    assert_eq!(outcome("us.ca.old.fields"), None, "another day's law");
    assert_eq!(outcome("eu.cop.1.1.1.time").as_deref(), Some("unmet"));
}

#[test]
fn the_profile_is_typed_and_decides() {
    let folder = folder();
    let judge = |profile: &str| {
        fs::write(folder.at("indicia.toml"), format!("[profile]\n{profile}\n")).unwrap();
        run(
            &folder,
            &["verify", "a.jpg", "--for", "eu", "--at", "2026-11-23", "--format", "jsonl", "--exit-zero"],
        )
    };
    let deepfake = |profile: &str| {
        let told = record(&judge(profile));
        let findings = told["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["rule"] == "eu.aiact.50.4.deepfake");
        found.map(|finding| finding["why"].as_str().unwrap().to_owned())
    };
    assert!(
        deepfake("").unwrap().contains("`roles` in [profile]")
            || deepfake("").unwrap().contains("`is-deepfake` in [profile]")
    );
    assert!(deepfake("roles = ['deployer']").unwrap().contains("`is-deepfake` in [profile]"));
    assert_eq!(deepfake("roles = ['provider']"), None);
    assert_eq!(deepfake("roles = ['deployer']\nis-deepfake = false"), None);
    let refused = judge("is-deepfak = true");
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("is-deepfak") && refused.err.contains("line 2"), "{}", refused.err);
}

#[test]
fn drafts_and_rules_to_come_are_shown_apart() {
    let folder = folder();
    let verify = |more: &[&str]| {
        run(&folder, &[&["verify", "a.jpg", "--for", "us-wa", "--at", "2026-11-23"], more].concat())
    };
    let now = verify(&[]);
    assert_eq!(now.code, Some(0), "nothing binds yet: {now:?}");
    assert!(!now.out.contains("us.wa.provenance"), "{}", now.out);
    let then = verify(&["--include-drafts"]);
    assert_eq!(then.code, Some(0), "what is to come does not count: {then:?}");
    assert!(then.out.contains("Drafts and rules to come, which do not count"), "{}", then.out);
    assert!(then.out.contains("from 2027-02-01") && then.out.contains("us.wa.provenance"), "{}", then.out);
}

#[test]
fn packs_of_ones_own_are_read_and_mistakes_in_them_named() {
    let folder = folder();
    fs::create_dir(folder.at("own")).unwrap();
    let pack = |rest: &str| {
        format!(
            "version = '3'\n[[source]]\nid='s'\ntitle='House rules'\nurl='x'\nconfidence='high'\n[[regime]]\nid='house.rules'\ntitle='House rules'\njurisdiction='house'\nstatus='binding'\nsources=['s']\n\
             [[regime.check]]\nid='house.rules.label'\ntext='a label'\nclause='1'\nseverity='error'\ndecidable='auto'\nrole='any'\nmodality=['any']\nverified=true\n{rest}\n"
        )
    };
    let verify = |text: &str| {
        fs::write(folder.at("own/house.toml"), text).unwrap();
        run(&folder, &["verify", "a.jpg", "--for", "house", "--rules", "own"])
    };
    let unmet = verify(&pack("method='mark.any'\nneeds=['aigc']"));
    assert_eq!(unmet.code, Some(1), "{unmet:?}");
    assert!(unmet.out.contains("house.rules.label"), "{}", unmet.out);
    for (rest, said) in [
        ("method='mark.nay'", "house.rules.label: no method `mark.nay`"),
        ("method='human'\ncolour='red'", "colour"),
        ("method='human'\nin_force_from='soon'", "`soon` is no date"),
        (
            "method='mark.any'\nneeds=['aigc']\n[[regime.check]]\nid='house.rules.label'\ntext='t'\nclause='1'\nseverity='info'\ndecidable='auto'\nrole='any'\nmodality=['any']\nmethod='human'",
            "`house.rules.label` is there twice",
        ),
    ] {
        let refused = verify(&pack(rest));
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.err.contains("house.toml") && refused.err.contains("line ") && refused.err.contains(said),
            "{}",
            refused.err
        );
    }
}

#[test]
fn rules_are_listed_and_compared() {
    let folder = folder();
    let listed = run(&folder, &["rules", "--at", "2026-11-23"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    for said in [
        "eu.aiact",
        "in force since 2026-08-02",
        "us.wa.hb1170",
        "from 2027-02-01",
        "asks nothing of a file",
        "After 2026-11-23",
        "2026-12-02  eu.aiact.50.2.marked",
        "2027-02-02  eu.cop.3.4.interop",
    ] {
        assert!(listed.out.contains(said), "{said}: {}", listed.out);
    }
    let changed = run(&folder, &["rules", "diff", "us-ca@2026-09-29", "us-ca@2026-09-30"]);
    assert!(
        changed.out.contains("- us.ca.old.fields") && changed.out.contains("+ us.ca.latent.E"),
        "{}",
        changed.out
    );
    let same = run(&folder, &["rules", "diff", "cn", "cn"]);
    assert!(same.out.contains("no rule differs"), "{}", same.out);
    let refused = run(&folder, &["rules", "diff", "cn", "nowhere"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("`nowhere`"), "{}", refused.err);
}

#[test]
fn the_readme_shows_a_plan_that_is_really_printed() {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420.jpg", "photo.jpg");
    let readme =
        fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let asked =
        "label photo.jpg --for cn,eu,us-ca --dry-run --producer \"Example Ltd\" --system ExampleGen@3.1";
    let shown = readme.split_once(&format!("$ indicia {asked}\n")).unwrap().1.split("```").next().unwrap();
    let args = [
        "label",
        "photo.jpg",
        "--for",
        "cn,eu,us-ca",
        "--dry-run",
        "--producer",
        "Example Ltd",
        "--system",
        "ExampleGen@3.1",
        "--at",
        "2026-11-23",
    ];
    let printed = run(&folder, &args);
    let mut lines = 0;
    for line in shown.lines().filter(|line| line.trim() != "...") {
        assert!(printed.out.contains(line), "{line}\nis not in\n{}", printed.out);
        lines += 1;
    }
    assert!(lines > 8, "{lines}");
}
