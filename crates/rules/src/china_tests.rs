//! China's rules, held against a table written by hand from the clauses.

use crate::Decidable::{Auto, Evidence as Document, Human, Partial, Service};
use crate::Severity::{Error, Info, Warn};
use crate::specimen::{case, drawn, label, labelled, noticed, rhythm, spoken, written};
use crate::{Decidable, Outcome, Pack, Rule, Severity, select};
use indicia_core::MediaKind::{self, Audio, Document as Container, Image, Text, Video};
use indicia_core::{Evidence, Field, Position, Role, Status};

/// Both sorts of text.
const WORDS: &[MediaKind] = &[Container, Text];

/// What has a place for metadata: GB 45438-2025 clause 6 asks nothing of plain words.
const FILES: &[MediaKind] = &[Audio, Container, Image, Video];

const PRODUCER: &[Role] = &[Role::Producer];
const PLATFORM: &[Role] = &[Role::Propagator];
const BOTH: &[Role] = &[Role::Producer, Role::Propagator];

/// Rule, the clause it comes from, what a failure counts for, who can decide it, of which media, whom it binds.
type Row = (&'static str, &'static str, Severity, Decidable, &'static [MediaKind], &'static [Role]);

#[rustfmt::skip] // a table
const TABLE: &[Row] = &[
    ("cn.gb.text.words", "GB 45438-2025, 5.1", Error, Auto, WORDS, PRODUCER),
    ("cn.gb.text.position", "GB 45438-2025, 5.1", Error, Auto, WORDS, PRODUCER),
    ("cn.gb.image.words", "GB 45438-2025, 5.2", Error, Partial, &[Image], PRODUCER),
    ("cn.gb.image.size", "GB 45438-2025, 5.2 e)", Error, Auto, &[Image], PRODUCER),
    ("cn.gb.image.position", "GB 45438-2025, 5.2 c)", Error, Auto, &[Image], PRODUCER),
    // "Clearly legible" is the law's; the number it is measured by is ours, so a failure warns.
    ("cn.gb.image.legible", "GB 45438-2025, 5.2", Warn, Partial, &[Image], PRODUCER),
    ("cn.gb.audio.present", "GB 45438-2025, 5.3", Error, Partial, &[Audio], PRODUCER),
    ("cn.gb.audio.rhythm", "GB 45438-2025, 5.3 c)", Error, Partial, &[Audio], PRODUCER),
    // A note of the standard informs.
    ("cn.gb.audio.pace", "GB 45438-2025, 5.3, note 4", Warn, Partial, &[Audio], PRODUCER),
    ("cn.gb.video.words", "GB 45438-2025, 5.4", Error, Partial, &[Video], PRODUCER),
    ("cn.gb.video.size", "GB 45438-2025, 5.4", Error, Partial, &[Video], PRODUCER),
    ("cn.gb.video.position", "GB 45438-2025, 5.4", Error, Partial, &[Video], PRODUCER),
    ("cn.gb.video.seconds", "GB 45438-2025, 5.4", Error, Human, &[Video], PRODUCER),
    ("cn.gb.meta.present", "GB 45438-2025, 6.1 a), b) and Annex E a), b)", Error, Auto, FILES, BOTH),
    ("cn.gb.meta.one", "GB 45438-2025, 6.1 c)", Error, Auto, FILES, BOTH),
    ("cn.gb.meta.label", "GB 45438-2025, Annex E c) to i)", Error, Auto, FILES, BOTH),
    ("cn.gb.meta.producer", "GB 45438-2025, 6.1 a) and Annex E d), e)", Error, Auto, FILES, PRODUCER),
    ("cn.gb.meta.first", "GB 45438-2025, Annex E, note 1", Warn, Auto, FILES, PRODUCER),
    // "Mainly".
    ("cn.gb.meta.chars", "GB 45438-2025, Annex E j)", Warn, Auto, FILES, BOTH),
    // Practice guides recommend.
    ("cn.gb.meta.carrier", "TC260-PG-20257A, -20258A, -20259A, -202510A", Warn, Auto, FILES, BOTH),
    ("cn.gb.meta.code", "TC260-PG-20252A; GB 45438-2025, Annex E d), g)", Warn, Auto, FILES, BOTH),
    ("cn.gb.meta.security", "TC260-PG-202511A", Warn, Auto, FILES, BOTH),
    ("cn.gb.meta.plain", "GB 45438-2025, 6.1; TC260-PG-20258A", Info, Human, &[Text], BOTH),
    ("cn.measures.4", "Measures, article 4; Deep Synthesis Provisions, article 17", Error, Partial, MediaKind::ALL, PRODUCER),
    ("cn.measures.5", "Measures, article 5; Deep Synthesis Provisions, article 16", Error, Auto, FILES, PRODUCER),
    ("cn.measures.6.notice", "Measures, article 6, first paragraph", Warn, Service, MediaKind::ALL, PLATFORM),
    ("cn.measures.6.metadata", "Measures, article 6, second paragraph", Error, Auto, FILES, PLATFORM),
    ("cn.measures.9", "Measures, article 9", Info, Document, MediaKind::ALL, PRODUCER),
    // What happened to a file before, one file does not show.
    ("cn.measures.10", "Measures, article 10", Error, Document, MediaKind::ALL, BOTH),
    ("cn.deep-synthesis.16", "Deep Synthesis Provisions, article 16", Error, Partial, FILES, PRODUCER),
    ("cn.deep-synthesis.17", "Deep Synthesis Provisions, article 17", Error, Partial, MediaKind::ALL, PRODUCER),
    ("cn.deep-synthesis.18", "Deep Synthesis Provisions, article 18", Error, Document, MediaKind::ALL, BOTH),
];

fn china() -> Pack {
    select(["cn"]).unwrap().remove(0)
}

fn rules(pack: &Pack) -> Vec<&Rule> {
    pack.regimes.iter().flat_map(|regime| &regime.rules).collect()
}

#[test]
fn every_rule_binds_whom_the_clause_binds_and_counts_for_what_it_says() {
    let pack = china();
    let names: Vec<_> = rules(&pack).iter().map(|rule| rule.id.as_str()).collect();
    let expected: Vec<_> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(names, expected);
    for (rule, (id, clause, severity, decidable, media, roles)) in rules(&pack).into_iter().zip(TABLE) {
        let said = (rule.clause.as_str(), rule.severity, rule.decidable);
        assert_eq!(said, (*clause, *severity, *decidable), "{id}");
        for kind in MediaKind::ALL {
            for role in BOTH {
                let binds = media.contains(kind) && roles.contains(role);
                assert_eq!(rule.applies(*kind, *role), binds, "{id} on {kind:?} for {role:?}");
            }
        }
    }
    for regime in &pack.regimes {
        let from = if regime.id == "cn.deep-synthesis" { "2023-01-10" } else { "2025-09-01" };
        assert_eq!(regime.in_force_from.unwrap().to_string(), from, "{}", regime.id);
        assert_eq!(regime.in_force_until, None, "{}", regime.id);
    }
}

fn says(pack: &Pack, rule: &str, evidence: &Evidence) -> Outcome {
    let rule = rules(pack).into_iter().find(|one| one.id == rule).unwrap();
    rule.judge.judge(&case(evidence)).outcome
}

#[test]
fn words_name_ai_and_generation() {
    let pack = china();
    for (words, expected) in [
        ("人工智能生成", Outcome::Met),
        ("人工智能合成", Outcome::Met),
        ("由AI生成合成", Outcome::Met),
        ("ＡＩ生成", Outcome::Met),
        ("本内容生成自AI", Outcome::Met),
        ("合成：人工智能", Outcome::Met),
        ("AI", Outcome::Unmet),
        ("人工智能", Outcome::Unmet),
        ("生成", Outcome::Unmet),
        ("电脑合成", Outcome::Unmet),
        ("Generated by AI", Outcome::Unmet),
    ] {
        let evidence = noticed(vec![written(words, &[Position::Start])]);
        for rule in ["cn.gb.text.words", "cn.gb.image.words"] {
            assert_eq!(says(&pack, rule, &evidence), expected, "{rule}: {words}");
        }
    }
}

#[test]
fn measures_of_notices_are_those_of_clause_5() {
    let pack = china();
    for (rule, good, bad) in [
        // 5.2 e): 5 % of the shortest side.
        ("cn.gb.image.size", drawn(5, 100, 21.0), drawn(49, 1000, 21.0)),
        ("cn.gb.image.legible", drawn(9, 99, 4.5), drawn(9, 99, 4.4)),
        ("cn.gb.audio.rhythm", rhythm(100.0, 171.0), rhythm(100.0, 169.0)),
        // 5.3, note 4: 120 to 160 characters a minute.
        ("cn.gb.audio.pace", spoken(120.0), spoken(119.0)),
        ("cn.gb.audio.pace", spoken(160.0), spoken(161.0)),
    ] {
        assert_eq!(says(&pack, rule, &noticed(vec![good])), Outcome::Met, "{rule}");
        assert_eq!(says(&pack, rule, &noticed(vec![bad])), Outcome::Unmet, "{rule}");
    }
}

#[test]
fn a_file_has_one_label_and_each_of_the_three_values_is_allowed() {
    let pack = china();
    for status in [Status::Generated, Status::Possible, Status::Suspected] {
        let one = label(Some(status), &[]);
        assert_eq!(says(&pack, "cn.gb.meta.label", &labelled(vec![one.clone()])), Outcome::Met);
        assert_eq!(says(&pack, "cn.gb.meta.one", &labelled(vec![one.clone()])), Outcome::Met);
        assert_eq!(says(&pack, "cn.gb.meta.one", &labelled(vec![one.clone(), one])), Outcome::Unmet);
    }
}

#[test]
fn producers_and_platforms_name_themselves_and_their_number() {
    let pack = china();
    for (rule, who, number) in [
        ("cn.gb.meta.producer", Field::Producer, Field::ContentId),
        ("cn.measures.5", Field::Producer, Field::ContentId),
        ("cn.measures.6.metadata", Field::Propagator, Field::PropagationId),
    ] {
        for (status, fields, expected) in [
            (Some(Status::Generated), vec![(who, "x"), (number, "1")], Outcome::Met),
            (None, vec![(who, "x"), (number, "1")], Outcome::Unmet),
            (Some(Status::Generated), vec![(who, "x")], Outcome::Unmet),
            (Some(Status::Generated), vec![(number, "1")], Outcome::Unmet),
        ] {
            let said = says(&pack, rule, &labelled(vec![label(status, &fields)]));
            assert_eq!(said, expected, "{rule}: {status:?} {fields:?}");
        }
    }
}
