use unicode_normalization::UnicodeNormalization;

use super::*;

fn payload() -> Payload {
    Payload::from_bits(0x1D00_1234_5678_9ABC)
}

/// Prose of as many words, in sentences.
fn prose(words: usize) -> String {
    let stock = [
        "river", "the", "of", "mountain", "a", "slowly", "and", "writes", "under", "morning", "was",
        "between",
    ];
    let mut random = Key::from_bytes(b"prose").stream("words");
    let mut text = String::new();
    for i in 1..=words {
        text.push_str(stock[random.below(12) as usize]);
        text.push_str(if i % 11 == 0 {
            ". "
        } else if i % 60 == 0 {
            ".\n\n"
        } else {
            " "
        });
    }
    text
}

fn marked(text: &str) -> String {
    write_tokens(text, &Key::public(), payload(), Options::default()).unwrap().text
}

fn read(text: &str) -> Read {
    read_tokens(text, &[Key::from_bytes(b"another"), Key::public()])
}

#[test]
fn the_payload_comes_back_and_the_text_stays() {
    let text = prose(1000);
    let written = write_tokens(&text, &Key::public(), payload(), Options::default()).unwrap();
    assert!(written.text.len() - text.len() <= text.len() / 25, "{}", written.text.len() - text.len());
    let read = read(&written.text);
    assert_eq!(read.tokens.len(), written.tokens);
    assert_eq!(read.parts.len(), 1);
    assert_eq!(read.parts[0].payload(), Some(payload()));
    assert_eq!(read.parts[0].key, Key::public().id());
    assert!(read.ln_false_alarm < (1e-30_f64).ln());
    assert_eq!(strip_tokens(&written.text, &[Key::public()]), text);
    let at = read.tokens[0].at;
    assert!(written.text[..at].ends_with(|c: char| c.is_alphabetic() || c == '.'));
}

#[test]
fn a_quoted_paragraph_still_carries_a_token() {
    let text = marked(&prose(4000));
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut with = 0;
    for start in 0..words.len() - 130 {
        let quoted = read(&words[start..start + 130].join(" "));
        assert!(!quoted.tokens.is_empty(), "{start}");
        assert!(
            quoted.parts[0].agrees(payload())
                && !quoted.parts[0].agrees(Payload::from_bits(!payload().bits()))
        );
        assert!(quoted.ln_false_alarm < (1e-8_f64).ln());
        with += usize::from(!read(&words[start..start + 100].join(" ")).tokens.is_empty());
    }
    assert!(with * 100 >= (words.len() - 130) * 80, "{with} of {}", words.len() - 130);
}

#[test]
fn what_programs_do_to_text_leaves_it() {
    let text = marked(&prose(600));
    let json = serde_json::to_string(&text).unwrap();
    let html = text.replace('&', "&amp;").replace('<', "&lt;");
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for kept in [
        text.nfc().collect::<String>(),
        text.nfd().collect(),
        text.nfkc().collect(),
        serde_json::from_str(&json).unwrap(),
        html,
        folded,
        format!("> {}", text.replace('\n', "\n> ")),
    ] {
        assert_eq!(read(&kept).parts[0].payload(), Some(payload()));
    }
    let stripped: String = text.chars().filter(|&c| byte(c).is_none()).collect();
    assert_eq!(stripped, prose(600));
    assert_eq!(read(&stripped), Read::default());
}

#[test]
fn two_sources_are_told_apart() {
    let other = Payload::from_bits(0x1600_0000_0000_0017);
    let second = write_tokens(&prose(600), &Key::public(), other, Options::default()).unwrap().text;
    let first = marked(&prose(600));
    let both = format!("{first}\n{second}");
    let payloads: Vec<_> =
        read(&both).parts.iter().map(|part| (part.payload(), part.span.start < first.len())).collect();
    assert_eq!(payloads, [(Some(payload()), true), (Some(other), false)]);
}

#[test]
fn with_four_at_once_each_place_tells_the_whole() {
    let dense = Options { at_once: 4, ..Options::default() };
    let text = write_tokens(&prose(130), &Key::public(), payload(), dense);
    let text = text.unwrap_or_else(|refused| panic!("{refused}")).text;
    assert_eq!(read(&text).parts[0].payload(), Some(payload()));
}

#[test]
fn chance_and_other_keys_show_nothing() {
    let marked = marked(&prose(600));
    assert_eq!(read_tokens(&marked, &[Key::from_bytes(b"other")]).tokens, []);
    let mut random = Key::from_bytes(b"noise").stream("bytes");
    let noise: String =
        (0..50_000).map(|_| super::super::selectors::selector(random.word().to_le_bytes()[0])).collect();
    let read = read(&noise);
    assert_eq!((read.tokens.len(), read.ln_false_alarm), (0, 0.0));
    assert_eq!(read.tried, 2 * (50_000 - 5));
}

#[test]
fn texts_that_cannot_hold_one_are_refused() {
    let write = |text: &str| write_tokens(text, &Key::public(), payload(), Options::default());
    assert!(matches!(write("Too short."), Err(Refused::Short { length: 10, least: 600 })));
    assert_eq!(write(&"x=1;\n".repeat(300)), Err(Refused::NoPlace));
    assert!(matches!(write(&marked(&prose(600))), Err(Refused::Marked(n)) if n > 4));
}

#[test]
fn scripts_and_emoji_keep_their_own_characters() {
    for unit in [
        "این متن می\u{200C}شود و نمی\u{200C}خواهم. ",
        "क्\u{200D}ष और र्\u{200C}य। ",
        "ok 👩\u{200D}👧 ❤\u{FE0F} yes ",
        "这是文字，葛\u{E0100}城很好。",
    ] {
        let text = unit.repeat(60);
        let written = marked(&text);
        assert_eq!(strip_tokens(&written, &[Key::public()]), text, "{unit}");
        assert!(!read(&written).tokens.is_empty());
        // No token stands between a character and what belongs to it.
        for found in read(&written).tokens {
            let after = written[found.at..].chars().nth(LENGTH);
            assert!(
                after.is_none_or(|c| byte(c).is_none() && !matches!(c, '\u{200C}' | '\u{200D}')),
                "{unit}"
            );
        }
    }
}

#[test]
fn a_hundred_megabytes_of_one_line_are_no_trouble() {
    // A tenth of that here; the work grows with the length alone.
    let text = "word ".repeat(2_000_000);
    let written = write_tokens(&text, &Key::public(), payload(), Options::default()).unwrap();
    assert_eq!(read_tokens(&written.text, &[Key::public()]).tokens.len(), written.tokens);
}
