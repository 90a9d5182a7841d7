use super::{Place, Reading, base64, readings};
use indicia_core::Limits;

const BARE: &str = r#"{"Label":"1","ContentProducer":"p","ProduceID":"i"}"#;

fn read(text: &str, place: Place) -> Vec<Reading> {
    readings(text, place, &Limits::default())
}

fn one(text: &str, place: Place) -> Reading {
    let mut found = read(text, place);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.oddities.iter().map(|(code, ..)| *code).collect()
}

fn wrapped() -> String {
    format!("{{\"AIGC\": {BARE}}}")
}

#[test]
fn every_packing_gives_the_same_members() {
    let expected = one(BARE, Place::Named).members;
    assert_eq!(expected.as_ref().unwrap().len(), 3);
    let string = serde_json::Value::from(BARE).to_string();
    let twice = serde_json::Value::from(wrapped()).to_string();
    for (text, odd) in [
        (wrapped(), vec![]),
        (format!(" {}\0\0 ", wrapped()), vec![]),
        (wrapped().replace("AIGC", "aigc").replace(':', " : ").replace(',', ",\n "), vec![]),
        (string.clone(), vec!["double-encoded"]),
        (twice, vec!["double-encoded"]),
        (format!("{{\"AIGC\":{string}}}"), vec!["double-encoded"]),
        (wrapped().replace('"', "'"), vec!["json"]),
        (format!("AIGC{BARE}"), vec![]),
        (format!("AIGC={BARE}"), vec![]),
        (format!("made by x; AIGC: {BARE} end"), vec![]),
        (format!("made by x {} end", wrapped()), vec![]),
        (format!("{{\"data\":{{\"x\":1,\"AIGC\":{BARE}}}}}"), vec![]),
    ] {
        for place in [Place::Any, Place::Named] {
            if place == Place::Any && text == string {
                continue;
            }
            let reading = one(&text, place);
            assert_eq!(reading.members, expected, "{text} {place:?}");
            assert_eq!(codes(&reading), odd, "{text}");
        }
    }
}

#[test]
fn the_place_in_the_text_is_told() {
    let text = format!("a {} b", wrapped());
    let reading = one(&text, Place::Any);
    assert_eq!((&text[reading.site.clone()], reading.is_all), (wrapped().as_str(), false));
    let reading = one(&wrapped(), Place::Any);
    assert_eq!((reading.site, reading.is_all), (0..wrapped().len(), true));
    let text = format!("AIGC{BARE}\0");
    let reading = one(&text, Place::Any);
    assert_eq!((reading.site, reading.is_all), (0..text.len() - 1, true));
}

#[test]
fn letters_alone_are_no_label() {
    for text in [
        "AIGC",
        "about AIGC labels",
        "{\"AIGC\":true}",
        "{\"AIGC\":{\"x\":\"1\"}}",
        "{\"label\":\"cat\",\"score\":1}",
        "{\"Label\":\"1\"}",
        "{\"data\":{\"product\":\"aweme\",\"aigc_info\":\"{\\\"aigc_type\\\":1}\"}}",
        "",
    ] {
        assert_eq!(read(text, Place::Any), [], "{text}");
    }
    assert_eq!(read("sha256", Place::Named), []);
    // Three of the keys together are no accident, even without the name.
    assert_eq!(read(BARE, Place::Any).len(), 1);
}

#[test]
fn what_was_meant_as_a_label_is_never_passed_over() {
    for text in ["", "x", "{\"Label\":\"1\"", "true", "{}", "{\"x\":1}", "\u{1}\u{2}"] {
        assert!(one(text, Place::Canonical).members.is_err(), "{text}");
    }
    assert!(one("{\"Label\":\"1\",\"ContentProducer\":\"p", Place::Named).members.is_err());
    for end in 20..wrapped().len() - 1 {
        let cut = &wrapped()[..end];
        let found = read(cut, Place::Any);
        assert_eq!(found.len(), 1, "{cut}");
    }
}

#[test]
fn several_labels_in_one_text_are_several() {
    let text = format!("{} and {}", wrapped(), wrapped().replace("\"1\"", "\"2\""));
    assert_eq!(read(&text, Place::Any).len(), 2);
}

#[test]
fn base64_is_read_under_the_name_only() {
    let coded = "eyJMYWJlbCI6IjEiLCJDb250ZW50UHJvZHVjZXIiOiJwIiwiUHJvZHVjZUlEIjoiaSJ9";
    assert_eq!(base64(coded).unwrap(), BARE);
    assert_eq!(codes(&one(coded, Place::Named)), ["encoding"]);
    assert_eq!(read(coded, Place::Any), []);
}

#[test]
fn another_systems_object_is_told() {
    let text = "{\"AIGC\":{\"ServiceProvider\":\"腾讯云\",\"ServiceUser\":\"1\",\"Time\":\"2\",\"ContentId\":\"3\"}}";
    assert_eq!(one(text, Place::Any).members.unwrap().len(), 4);
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "[AIGC{}:\"'\\\\ ,Label1中=]{0,80}") {
        for place in [Place::Canonical, Place::Named, Place::Any] {
            for reading in read(&text, place) {
                proptest::prop_assert!(text.get(reading.site).is_some());
            }
        }
    }
}

#[test]
fn words_that_speak_of_labels_do_not_hide_the_label_behind_them() {
    let label = r#"{"AIGC":{"Label":"1","ContentProducer":"X","ProduceID":"1"}}"#;
    let text = "AIGC 标识 is what AIGC is about. ".repeat(300) + label;
    let found = readings(&text, Place::Any, &Limits::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].is_wrapped);
}
