//! The watermarks in the choice of words and of signs, in the line.

#![expect(clippy::ptr_arg, reason = "a vector is a source of bytes, a slice is none")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use indicia::{
    Claim, Context, Date, Field, Job, Look, Order, Outcome, Scheme, Seen, Status, Terms, WatermarkKey,
    WatermarkSearch, label, packs, regimes, scan,
};

/// Sentences with choices of words and of signs, each after another word.
fn english(sentences: usize) -> String {
    let stock = [
        "perhaps it does not matter",
        "for example the old bridge",
        "they're often \"wrong\" about it",
        "someone did not count them - or did",
        "each other's words, although late ... and so on",
        "the river seems to rise based on rain",
    ];
    let mut text = String::new();
    for at in 0..sentences {
        text.push_str(&format!("Reader{at} {}, says \"boat{at}\".", stock[at % stock.len()]));
        text.push_str(if at % 9 == 8 { "\n\n" } else { " " });
    }
    text
}

fn chinese(sentences: usize) -> String {
    let stock = ["但是没有人知道", "如果下雨就回家", "也许应该等候", "虽然他仍然不来", "因为河水逐渐上涨"];
    let name = |at: usize| char::from_u32(0x4E10 + u32::try_from(at * 37 % 900).unwrap()).unwrap();
    (0..sentences)
        .map(|at| format!("{}{}，{}。\n", name(at), stock[at % stock.len()], name(at + 3)))
        .collect()
}

fn order(key: Option<WatermarkKey>, status: Status) -> Order {
    let mut claim = Claim { status: Some(status), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, "7");
    Order { claim, watermark_key: key, ..Order::default() }
}

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

fn schemes(names: &[&str]) -> Vec<&'static Scheme> {
    names.iter().map(|name| Scheme::named(name).unwrap()).collect()
}

/// Writes marks of these schemes and nothing else.
fn marked(name: &str, bytes: &Vec<u8>, with: &[&str], key: Option<WatermarkKey>) -> Result<Vec<u8>, String> {
    let job = Job { with: schemes(with), ..Job::new(order(key, Status::Generated), Vec::new(), today()) };
    label(bytes, Some(name), &job, &Context::default()).map(|out| out.bytes).map_err(|err| err.to_string())
}

fn look(name: &str, bytes: &Vec<u8>, scheme: &str, keys: &[WatermarkKey]) -> Look {
    let cx = Context {
        watermarks: WatermarkSearch { keys: keys.to_vec(), ..WatermarkSearch::default() },
        ..Context::default()
    };
    let report = scan(name, bytes, &Terms::new(Vec::new(), today()), &cx);
    report.evidence.look(scheme).unwrap().clone()
}

#[test]
fn each_is_written_and_read_again_beside_everything_else() {
    let packs = packs(["cn"]).unwrap();
    let all = ["typography", "watermark", "wording"];
    for (name, text) in [("a.txt", english(240)), ("a.md", english(240)), ("c.txt", chinese(240))] {
        let before = text.clone().into_bytes();
        let with = if name == "c.txt" { &all[1..] } else { &all[..] };
        let job =
            Job { with: schemes(with), ..Job::new(order(None, Status::Generated), regimes(&packs), today()) };
        let labelled = label(&before, Some(name), &job, &Context::default()).unwrap();
        let report = scan(name, &labelled.bytes, &Terms::new(Vec::new(), today()), &Context::default());
        for scheme in with {
            let [mark] = report.evidence.marks(scheme) else {
                panic!("{name} {scheme}: {:?}", report.evidence)
            };
            assert!(mark.flaws.is_empty() && mark.strength.unwrap().false_alarm < 1e-9, "{scheme}: {mark:?}");
        }
        assert_eq!(report.evidence.marks("written").len(), 1);
        let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
        let added = if name == "a.md" { 2..20 } else { 1..3 };
        assert!(added.contains(&(lines(&labelled.bytes) - lines(&before))), "{name}");
        let again = label(&labelled.bytes, Some(name), &job, &Context::default()).unwrap();
        assert!(again.unchanged, "{name}: a second run marks it again");
    }
}

#[test]
fn it_is_there_under_its_own_key_and_under_no_other() {
    let own = WatermarkKey::from_bytes(b"the key of one producer");
    for (scheme, text) in [("wording", english(240)), ("wording", chinese(240)), ("typography", english(240))]
    {
        let before = text.into_bytes();
        let unmarked = look("a.txt", &before, scheme, std::slice::from_ref(&own));
        assert_eq!(unmarked.seen, Seen::Absent, "{scheme}");
        let nearest = unmarked.nearest.unwrap();
        assert!(nearest.strength.statistic < nearest.strength.threshold, "{scheme}: {nearest:?}");
        assert!(nearest.reach.contains("choices; looked for under the open key and one more"), "{nearest:?}");
        let after = marked("a.txt", &before, &[scheme], Some(own.clone())).unwrap();
        assert_eq!(look("a.txt", &after, scheme, &[]).seen, Seen::Absent, "{scheme} under the open key");
        let Seen::Present(marks) = look("a.txt", &after, scheme, std::slice::from_ref(&own)).seen else {
            panic!("{scheme}");
        };
        let signal = marks[0].signal.clone().unwrap();
        assert!(marks.len() == 1 && !signal.open && signal.payload.is_empty(), "{marks:?}");
        assert_eq!(marks[0].claim, Claim::default(), "it says no more than that it is there");
    }
}

/// It is there, and no rule that wants content marked as generated is met by it.
#[test]
fn a_mark_that_says_nothing_meets_no_rule_by_itself() {
    let packs = packs(["eu"]).unwrap();
    let after = marked("a.txt", &english(240).into_bytes(), &["wording"], None).unwrap();
    let report = scan("a.txt", &after, &Terms::new(regimes(&packs), today()), &Context::default());
    assert!(matches!(report.evidence.look("wording").unwrap().seen, Seen::Present(_)));
    let told: Vec<_> =
        report.findings.iter().filter(|one| one.judgement.why.contains("a watermark was found")).collect();
    assert!(!told.is_empty(), "some rule looks for it");
    assert!(told.iter().all(|one| one.judgement.outcome == Outcome::Unknown), "{told:?}");
}

#[test]
fn what_is_not_scored_is_not_said_to_hold_none() {
    let late = ["so it runs on and on\n".repeat(220_000), english(240)].concat().into_bytes();
    assert!(matches!(look("a.txt", &late, "wording", &[]).seen, Seen::Blind(_)));
}

#[test]
fn wording_outlives_what_takes_tokens_away() {
    let after = marked("a.txt", &english(240).into_bytes(), &["watermark", "wording"], None).unwrap();
    let typed: String = String::from_utf8(after).unwrap().chars().filter(char::is_ascii).collect();
    let typed = typed.split_whitespace().collect::<Vec<_>>().join(" ").into_bytes();
    assert_eq!(look("a.txt", &typed, "watermark", &[]).seen, Seen::Absent);
    assert!(matches!(look("a.txt", &typed, "wording", &[]).seen, Seen::Present(_)));
}

#[test]
fn what_leaves_too_few_choices_or_says_no_such_thing_is_refused() {
    for (scheme, text) in [("wording", english(12)), ("typography", chinese(300))] {
        let refused = marked("a.txt", &text.into_bytes(), &[scheme], None).unwrap_err();
        assert!(refused.contains(&format!("choices of {scheme} open, and it takes 30")), "{refused}");
    }
    let job = Job {
        with: schemes(&["wording"]),
        ..Job::new(order(None, Status::NotGenerated), Vec::new(), today())
    };
    let refused = label(&english(240).into_bytes(), Some("a.txt"), &job, &Context::default()).unwrap_err();
    assert!(refused.to_string().contains("another origin"), "{refused}");
}

#[test]
fn every_encoding_keeps_its_own() {
    let words = chinese(240);
    let units: Vec<u16> = words.encode_utf16().collect();
    let little = [vec![0xFF, 0xFE], units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat();
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&words);
    for before in [little, gb18030.into_owned()] {
        let after = marked("a.txt", &before, &["wording"], None).unwrap();
        assert!(
            after != before
                && after[..2] == before[..2]
                && after.len().abs_diff(before.len()) < before.len() / 10
        );
        assert!(matches!(look("a.txt", &after, "wording", &[]).seen, Seen::Present(_)));
    }
}
