//! The watermark in words, in the line.

#![expect(clippy::ptr_arg, reason = "a vector is a source of bytes, a slice is none")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use indicia::{
    Claim, Context, Date, EmbedError, Field, Job, Mark, Order, Scheme, Seen, Statement, Status, Terms,
    WatermarkKey, WatermarkSearch, label, packs, regimes, scan,
};

/// So many words of plain English, in paragraphs.
fn prose(words: usize) -> String {
    let stock =
        ["the", "river", "runs", "slowly", "under", "an", "old", "bridge", "and", "nobody", "counts", "it"];
    let mut text = String::new();
    for at in 0..words {
        text.push_str(stock[(at * 7 + at / 5) % stock.len()]);
        text.push_str(match at % 80 {
            79 => ".\n\n",
            13 | 31 | 50 => ", ",
            _ => " ",
        });
    }
    text
}

fn order(id: &str) -> Order {
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, id);
    Order { claim, ..Order::default() }
}

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

/// Writes the watermark and nothing else.
fn marked(name: &str, bytes: &Vec<u8>, order: Order) -> Result<Vec<u8>, EmbedError> {
    let with = vec![Scheme::named("watermark").unwrap()];
    let job = Job { with, ..Job::new(order, Vec::new(), today()) };
    label(bytes, Some(name), &job, &Context::default()).map(|labelled| labelled.bytes)
}

fn look(name: &str, bytes: &Vec<u8>, keys: &[WatermarkKey]) -> Seen {
    let cx = Context {
        watermarks: WatermarkSearch { keys: keys.to_vec(), ..WatermarkSearch::default() },
        ..Context::default()
    };
    let report = scan(name, bytes, &Terms::new(Vec::new(), today()), &cx);
    report.evidence.look("watermark").unwrap().seen.clone()
}

fn found(name: &str, bytes: &Vec<u8>) -> Vec<Mark> {
    match look(name, bytes, &[]) {
        Seen::Present(marks) => marks,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn it_stands_among_the_words_with_the_notice_and_grows_by_four_percent_at_most() {
    let packs = packs(["cn"]).unwrap();
    let with = vec![Scheme::named("watermark").unwrap()];
    let job = Job { with, ..Job::new(order("20261127001"), regimes(&packs), today()) };
    for name in ["a.txt", "a.md"] {
        let before = prose(1200).into_bytes();
        let alone = marked(name, &before, order("20261127001")).unwrap();
        assert!(alone.len() > before.len() && alone.len() - before.len() <= before.len() / 25, "{name}");
        let labelled = label(&before, Some(name), &job, &Context::default()).unwrap();
        let report = scan(name, &labelled.bytes, &Terms::new(Vec::new(), today()), &Context::default());
        assert_eq!(report.verdict.statement, Statement::Generated, "{name}");
        let [mark] = report.evidence.marks("watermark") else { panic!("{:?}", report.evidence) };
        assert!(mark.flaws.is_empty() && mark.claim.field(Field::ContentId) == "20261127001", "{mark:?}");
        assert!(mark.strength.unwrap().false_alarm < 1e-30, "{mark:?}");
        assert_eq!(report.evidence.marks("written").len(), 1);
        let again = label(&labelled.bytes, Some(name), &job, &Context::default()).unwrap();
        assert!(again.unchanged, "{name}: a second run marks it again");
    }
}

#[test]
fn every_encoding_takes_it_within_four_percent() {
    let words = "这条河慢慢地流过古老的石桥，没有人数过它流了多少年，也没有人问过它。\n".repeat(60);
    let units: Vec<u16> = words.encode_utf16().collect();
    let with_mark = |mark: [u8; 2], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
    let little = with_mark([0xFF, 0xFE], units.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    let big = with_mark([0xFE, 0xFF], units.iter().flat_map(|unit| unit.to_be_bytes()).collect());
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&words);
    for before in [words.clone().into_bytes(), little, big, gb18030.into_owned()] {
        let after = marked("a.txt", &before, order("7")).unwrap();
        assert!(after.len() - before.len() <= before.len() / 25, "{} to {}", before.len(), after.len());
        assert_eq!(found("a.txt", &after)[0].claim.field(Field::ContentId), "7");
    }
}

#[test]
fn nothing_that_programs_read_is_touched() {
    let code = "```rust\nlet bridge = river.count();\n```\n\n    indented code stays as it is\n\nSee https://example.org/a/b?c=d and `inline code` in snake_case_names.\n\n";
    let page = format!("---\ntitle: the river runs\n---\n\n{}", (prose(200) + code).repeat(5));
    let after = String::from_utf8(marked("a.md", &page.clone().into_bytes(), order("1")).unwrap()).unwrap();
    for kept in [
        "```rust\nlet bridge = river.count();\n```\n",
        "    indented code stays as it is\n",
        "https://example.org/a/b?c=d ",
        "`inline code`",
        "snake_case_names.",
    ] {
        assert_eq!(after.matches(kept).count(), 5, "{kept:?}");
    }
    assert!(after.starts_with("---\ntitle: the river runs\n---\n"));
    let selectors = |c: &char| matches!(u32::from(*c), 0xFE00..=0xFE0F | 0xE0100..=0xE01EF);
    let stripped: String = after.chars().filter(|c| !selectors(c)).collect();
    assert_eq!(stripped, page, "nothing else changes");
}

#[test]
fn what_scripts_need_is_kept_and_another_tools_marks_are_told_and_do_not_count() {
    let persian = "این متن می\u{200C}شود و نمی\u{200C}خواهم که رود آرام زیر پل کهنه برود. ".repeat(40);
    let hindi = "क्\u{200D}ष और नदी पुराने पुल के नीचे धीरे बहती है। ".repeat(40);
    let emoji = "the river 👩\u{200D}👩\u{200D}👧 runs ❤\u{FE0F} under 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} bridges ".repeat(40);
    for text in [persian, hindi, emoji] {
        let before = text.clone().into_bytes();
        assert_eq!(look("a.txt", &before, &[]), Seen::Absent, "{text:.60}");
        let after = String::from_utf8(marked("a.txt", &before, order("1")).unwrap()).unwrap();
        let tokens = |c: &char| matches!(u32::from(*c), 0xFE00..=0xFE0E | 0xE0100..=0xE01EF);
        for kept in
            ["\u{200C}", "\u{200D}", "❤\u{FE0F}", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}"]
        {
            assert_eq!(after.matches(kept).count(), text.matches(kept).count(), "{kept:?}");
        }
        assert!(after.chars().filter(tokens).count() > 0);
        assert_eq!(found("a.txt", &after.into_bytes()).len(), 1);
    }
    let hidden = prose(100).replacen("bridge", "bri\u{200B}\u{2060}\u{200B}dge", 3);
    let [mark] = &found("a.txt", &hidden.into_bytes())[..] else { panic!() };
    assert!(mark.is_doubtful() && mark.has("watermark-foreign"), "{mark:?}");
    assert!(mark.flaws[0].text.contains("9 zero-width characters"), "{mark:?}");
}

#[test]
fn one_quoted_paragraph_still_tells_a_part() {
    let after =
        String::from_utf8(marked("a.txt", &prose(2000).into_bytes(), order("4711")).unwrap()).unwrap();
    let (mut some, mut all) = (0, 0);
    // Two paragraphs of 80 words each: more than the hundred from one token to the next.
    let paragraphs: Vec<&str> = after.split("\n\n").collect();
    for two in paragraphs.windows(2).filter(|two| two.iter().all(|one| one.len() > 300)) {
        let quoted = format!("He wrote:\n> {}\n", two.join("\n>\n> ")).into_bytes();
        all += 1;
        let Seen::Present(marks) = look("a.md", &quoted, &[]) else { continue };
        let signal = marks[0].signal.as_ref().unwrap();
        assert!(signal.payload.contains('?') && signal.id.contains("of 64 bits"), "{signal:?}");
        assert!(marks[0].strength.unwrap().false_alarm < 1e-8, "{marks:?}");
        some += 1;
    }
    assert_eq!((some, all > 10), (all, true), "a quoted part carries nothing");
}

#[test]
fn keys_short_texts_other_marks_and_pages_between_tags() {
    let key = WatermarkKey::from_bytes(b"a secret of sixteen bytes or more");
    let own = Order { watermark_key: Some(key.clone()), ..order("4711") };
    let text = prose(1000).into_bytes();
    let under_own = marked("a.txt", &text, own.clone()).unwrap();
    assert!(matches!(look("a.txt", &under_own, std::slice::from_ref(&key)), Seen::Present(_)));
    let Seen::Present(unread) = look("a.txt", &under_own, &[]) else { panic!("the selectors show") };
    assert!(unread.iter().all(Mark::is_doubtful), "without the key it is no mark: {unread:?}");

    let other = Order { watermark_key: Some(key.clone()), ..order("4712") };
    let refused = marked("a.txt", &under_own, other.clone()).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("another watermark"), "{refused}");
    let replaced = marked("a.txt", &under_own, Order { replace: true, ..other }).unwrap();
    let characters = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().count();
    assert_eq!(characters(&replaced), characters(&under_own));
    let Seen::Present(marks) = look("a.txt", &replaced, &[key]) else { panic!() };
    assert_eq!((marks.len(), marks[0].claim.field(Field::ContentId)), (1, "4712"));

    for (bytes, why) in [
        (prose(20).into_bytes(), "a token needs 600"),
        ("1234567 ".repeat(200).into_bytes(), "no word in it"),
    ] {
        let refused = marked("a.txt", &bytes, order("1")).unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains(why), "{refused}");
    }
    let page = format!("<!DOCTYPE html><title>x</title><p>{}</p>", prose(400)).into_bytes();
    let refused = marked("a.html", &page, order("1")).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("between tags"), "{refused}");
    // But it is read there.
    let inside = String::from_utf8(marked("a.txt", &text, order("55")).unwrap()).unwrap();
    let page =
        format!("<!DOCTYPE html><title>x</title><p>{}</p>", inside.replace("\n\n", "</p><p>")).into_bytes();
    assert_eq!(found("a.html", &page)[0].claim.field(Field::ContentId), "55");
}

#[test]
fn a_long_line_is_marked_and_one_beyond_the_limit_is_refused_with_it() {
    let line = prose(200_000).replace(['\n'], " ");
    let after = marked("a.txt", &line.into_bytes(), order("9")).unwrap();
    assert_eq!(found("a.txt", &after)[0].claim.field(Field::ContentId), "9");
    let endless = vec![b'a'; 100_000_000];
    assert!(matches!(look("a.txt", &endless, &[]), Seen::Blind(_)));
    assert!(marked("a.txt", &endless, order("9")).is_err());
}
