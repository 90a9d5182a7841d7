//! From the members of a label to what it claims and what is wrong with it.

use super::codes;
use super::json::Value;
use super::keys::{FOREIGN, Key};
use super::provider::{ProviderCode, provider_code};
use super::reading::{Reading, is_foreign};
use super::security;
use indicia_core::{Claim, Flaw, Gravity, Mark, Signature, Span, Status};

/// Most characters of a label that are shown as written.
const SHOWN: usize = 600;
/// Most characters of a value that a flaw quotes.
const QUOTED: usize = 40;

/// Something wrong or unusual, before it is known where in the file it stands.
type Oddity = (&'static str, Gravity, String);

/// What a label says, and all that is wrong or unusual with it except for its place.
pub(super) fn mark(reading: &Reading, raw: &str, place: String, site: Span) -> Mark {
    let mut oddities = reading.oddities.clone();
    let (claim, signatures) = match &reading.members {
        Ok(members) => claim(members, &mut oddities),
        Err(why) => {
            let what = format!("meant as a label, but {why}; Annex E b has a JSON object of seven strings");
            oddities.push((codes::MALFORMED, Gravity::Fault, what));
            (Claim::default(), Vec::new())
        }
    };
    let flaws =
        oddities.into_iter().map(|(code, gravity, text)| Flaw { code, gravity, text, at: site.start });
    let flaws = flaws.collect();
    Mark { claim, place, site: Some(site), raw: shown(raw), flaws, signatures, ..Mark::default() }
}

fn claim(members: &[(String, Value)], oddities: &mut Vec<Oddity>) -> (Claim, Vec<Signature>) {
    let known: Vec<_> = members.iter().map(|(name, value)| (Key::meant_by(name), name, value)).collect();
    if known.iter().all(|(key, ..)| key.is_none()) && is_foreign(members) {
        return (foreign(members, oddities), Vec::new());
    }
    let mut claim = Claim::default();
    let mut order = Vec::new();
    let mut written = String::new();
    for (key, name, value) in &known {
        let Some(key) = *key else {
            let what = format!("the key {} is not one of the seven of Annex E b", quote(name));
            oddities.push((codes::KEY_EXTRA, Gravity::Note, what));
            continue;
        };
        if *name != key.name() {
            let what = format!("the key {} stands for {} (Annex E {})", quote(name), key.name(), key.item());
            oddities.push((codes::KEY_SPELLING, Gravity::Deviation, what));
        }
        if order.contains(&key) {
            repeated(key, &known, oddities);
            continue;
        }
        order.push(key);
        let text = text_of(key, value, oddities);
        match key.field() {
            None => {
                claim.status = status(value, &text, oddities);
                written = text;
            }
            Some(field) => {
                claim.set(field, text.clone());
                chars(key, &text, oddities);
                code(key, &text, oddities);
            }
        }
    }
    if !order.is_sorted() {
        let what = "the keys are in another order than in Annex E b".to_owned();
        oddities.push((codes::KEY_ORDER, Gravity::Note, what));
    }
    missing(&order, oddities);
    empty(&claim, &order, oddities);
    let is_ambiguous =
        oddities.iter().any(|(code, gravity, _)| (*code, *gravity) == (codes::KEY_REPEATED, Gravity::Fault));
    let secured = security::inspect(&written, &claim, is_ambiguous);
    oddities.extend(secured.findings);
    // Of two different answers neither is the label's.
    let labels: Vec<_> = known.iter().filter(|(key, ..)| *key == Some(Key::Label)).collect();
    if labels.windows(2).any(|two| matches!(two, [one, two] if one.2 != two.2)) {
        claim.status = None;
    }
    (claim, secured.signatures)
}

/// The object of Tencent Cloud names its maker, but says nothing in the words of Annex E.
fn foreign(members: &[(String, Value)], oddities: &mut Vec<Oddity>) -> Claim {
    let mut claim = Claim::default();
    for (name, field) in FOREIGN {
        let value = members.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        if let (Some(field), Some(Value::Text(text))) = (field, value) {
            claim.set(field, text.clone());
        }
    }
    let names: Vec<_> = members.iter().map(|(key, _)| key.as_str()).take(8).collect();
    let what = format!(
        "an object under the name AIGC with the keys {} in place of those of Annex E b: it does not say \
         whether the content is generated",
        quote(&names.join(", "))
    );
    oddities.push((codes::FOREIGN_KEYS, Gravity::Fault, what));
    claim
}

fn repeated(key: Key, known: &[(Option<Key>, &String, &Value)], oddities: &mut Vec<Oddity>) {
    let mut values = known.iter().filter(|(other, ..)| *other == Some(key)).map(|(.., value)| value);
    let first = values.next();
    let (gravity, what) = match values.all(|value| Some(value) == first) {
        true => (Gravity::Deviation, format!("{} stands there twice", key.name())),
        false => (Gravity::Fault, format!("{} stands there twice with different values", key.name())),
    };
    if !oddities.iter().any(|(.., text)| *text == what) {
        oddities.push((codes::KEY_REPEATED, gravity, what));
    }
}

/// The value as text; what is no string is noted.
fn text_of(key: Key, value: &Value, oddities: &mut Vec<Oddity>) -> String {
    let (what, text) = match value {
        Value::Text(text) => return text.clone(),
        Value::Number(number) => ("a number", number.clone()),
        Value::Word("null") => ("null", String::new()),
        Value::Word("undefined") => ("the word undefined", String::new()),
        Value::Word(word) => ("a truth value", (*word).to_owned()),
        Value::List(_) => ("an array", value.to_json()),
        Value::Object(_) => ("an object", value.to_json()),
    };
    let what = format!("{} is {what}; Annex E {} has a string", key.name(), key.item());
    oddities.push((codes::VALUE_TYPE, Gravity::Deviation, what));
    text
}

fn status(value: &Value, text: &str, oddities: &mut Vec<Oddity>) -> Option<Status> {
    let status = match text.trim() {
        "1" => Some(Status::Generated),
        "2" => Some(Status::Possible),
        "3" => Some(Status::Suspected),
        _ => None,
    };
    let asked = "Annex E c has the string 1 (is), 2 (may be) or 3 (suspected to be generated)";
    let written = match value {
        Value::Text(text) => quote(text),
        other => quote(&other.to_json()),
    };
    if status.is_none() {
        let what = format!("Label is {written}; {asked}");
        oddities.push((codes::LABEL_VALUE, Gravity::Fault, what));
    } else if text != text.trim() {
        let what = format!("Label is {written}, with white space; {asked}");
        oddities.push((codes::LABEL_VALUE, Gravity::Deviation, what));
    }
    status
}

/// Characters that Annex E j names: printable ASCII without space and backslash. Its `"` stands escaped
/// in the file.
pub(super) fn is_plain(sign: char) -> bool {
    matches!(sign, '\u{21}'..='\u{5B}' | '\u{5D}'..='\u{7E}')
}

fn chars(key: Key, text: &str, oddities: &mut Vec<Oddity>) {
    let Some(first) = text.chars().find(|sign| !is_plain(*sign)) else { return };
    let what = format!(
        "{} holds {} (U+{:04X}); Annex E j has printable ASCII without space and backslash",
        key.name(),
        first.escape_debug(),
        u32::from(first)
    );
    oddities.push((codes::CHARS, Gravity::Deviation, what));
}

fn code(key: Key, text: &str, oddities: &mut Vec<Oddity>) {
    if !matches!(key, Key::ContentProducer | Key::ContentPropagator) {
        return;
    }
    if let ProviderCode::BadCheckDigit { uscc, expected } = provider_code(text) {
        let what = format!(
            "{} is a provider code (TC260-PG-20252A) whose credit code {uscc} should end in {expected}: \
             a slip of the pen or a forgery",
            key.name()
        );
        oddities.push((codes::CODE, Gravity::Deviation, what));
    }
}

fn missing(order: &[Key], oddities: &mut Vec<Oddity>) {
    for key in Key::ALL.iter().filter(|key| !order.contains(key)) {
        let gravity = match key {
            Key::Label | Key::ContentProducer | Key::ProduceId => Gravity::Fault,
            _ => Gravity::Deviation,
        };
        let what = format!("{} is not there; Annex E b and {} have it", key.name(), key.item());
        oddities.push((codes::KEY_MISSING, gravity, what));
    }
}

/// A producer's own label names the producer and the number.
fn empty(claim: &Claim, order: &[Key], oddities: &mut Vec<Oddity>) {
    if claim.status != Some(Status::Generated) {
        return;
    }
    for key in [Key::ContentProducer, Key::ProduceId] {
        let value = key.field().map_or("", |field| claim.field(field));
        // What scripts write where they had no value.
        let is_empty = value.trim().is_empty() || matches!(value, "undefined" | "null");
        if is_empty && order.contains(&key) {
            let what = format!(
                "{} is empty and Label is 1; Annex E {} has it say who or which",
                key.name(),
                key.item()
            );
            oddities.push((codes::EMPTY, Gravity::Fault, what));
        }
    }
}

/// A value in quotes, shortened if long.
fn quote(text: &str) -> String {
    format!("\"{}\"", shortened(&text.escape_debug().to_string(), QUOTED))
}

/// A label as written, shortened if long.
pub(super) fn shown(raw: &str) -> String {
    shortened(raw, SHOWN)
}

/// A text of at most so many characters, with an ellipsis if some are left out.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Place, readings};
    use super::{mark, shortened};
    use indicia_core::{Field, Gravity, Limits, Mark, Span, Status};

    const WHOLE: &str = r#"{"Label":"1","ContentProducer":"p","ProduceID":"i","ReservedCode1":"","ContentPropagator":"p","PropagateID":"i","ReservedCode2":""}"#;

    fn read(text: &str) -> Mark {
        let reading = readings(text, Place::Canonical, &Limits::default()).remove(0);
        mark(&reading, text, "here".into(), Span { start: 7, end: 9 })
    }

    fn flaws(text: &str) -> Vec<(&'static str, Gravity)> {
        read(text).flaws.into_iter().map(|flaw| (flaw.code, flaw.gravity)).collect()
    }

    #[test]
    fn a_whole_label_has_no_flaw() {
        let mark = read(WHOLE);
        assert_eq!(mark.flaws, []);
        assert_eq!(mark.claim.status, Some(Status::Generated));
        assert_eq!(mark.claim.field(Field::Producer), "p");
        assert_eq!(mark.claim.field(Field::PropagationId), "i");
        assert_eq!(mark.claim.fields.len(), 4, "empty values are left out");
        assert_eq!(read(&WHOLE.replace("\"1\"", "\"2\"")).claim.status, Some(Status::Possible));
        assert_eq!(read(&WHOLE.replace("\"1\"", "\"3\"")).claim.status, Some(Status::Suspected));
    }

    #[test]
    fn each_way_to_be_wrong_has_its_code() {
        use Gravity::{Deviation, Fault, Note};
        for (from, to, expected) in [
            ("\"1\"", "1", vec![("value-type", Deviation)]),
            ("\"1\"", "\"AIGC\"", vec![("label-value", Fault)]),
            ("\"1\"", "\" 1\"", vec![("label-value", Deviation)]),
            ("\"1\"", "4", vec![("value-type", Deviation), ("label-value", Fault)]),
            ("\"1\"", "\"\"", vec![("label-value", Fault)]),
            ("\"ReservedCode1\":\"\"", "\"ReservedCode1\":null", vec![("value-type", Deviation)]),
            ("\"ReservedCode1\":\"\"", "\"ReservedCode1\":{}", vec![("value-type", Deviation)]),
            ("\"ReservedCode1\":\"\"", "\"ReservedCode1\":\"{\\\"a\\\":1}\"", vec![]),
            ("\"ReservedCode1\"", "\"ReserveCode1\"", vec![("key-spelling", Deviation)]),
            ("\"ReservedCode2\"", "\"ReservedCode2: \"", vec![("key-spelling", Deviation)]),
            ("\"ContentProducer\"", "\"content_producer\"", vec![("key-spelling", Deviation)]),
            ("\"ContentProducer\"", "\"contentProducer\"", vec![("key-spelling", Deviation)]),
            ("\"PropagateID\"", "\"PropatorID\"", vec![("key-spelling", Deviation)]),
            ("\"ReservedCode2\":\"\"", "\"ReservedCode2\":\"\",\"x\":\"\"", vec![("key-extra", Note)]),
            (",\"ReservedCode2\":\"\"", "", vec![("key-missing", Deviation)]),
            ("\"ProduceID\":\"i\",", "", vec![("key-missing", Fault)]),
            ("\"Label\":\"1\",", "", vec![("key-missing", Fault)]),
            ("\"ContentProducer\":\"p\"", "\"ContentProducer\":\"\"", vec![("empty", Fault)]),
            ("\"ProduceID\":\"i\"", "\"ProduceID\":\"undefined\"", vec![("empty", Fault)]),
            (
                "\"ProduceID\":\"i\"",
                "\"ProduceID\":undefined",
                vec![("json", Deviation), ("value-type", Deviation), ("empty", Fault)],
            ),
            ("\"ContentProducer\":\"p\"", "\"ContentProducer\":\"Agent AI\"", vec![("chars", Deviation)]),
            ("\"ContentProducer\":\"p\"", "\"ContentProducer\":\"豆包\"", vec![("chars", Deviation)]),
            (
                "\"ContentProducer\":\"p\"",
                "\"ContentProducer\":\"001191110103MACQD9K64010000\"",
                vec![("code", Deviation)],
            ),
            ("{\"Label\":\"1\",", "{\"Label\":\"1\",\"Label\":\"1\",", vec![("key-repeated", Deviation)]),
            ("{\"Label\":\"1\",", "{\"Label\":\"1\",\"Label\":\"3\",", vec![("key-repeated", Fault)]),
            (
                "{\"Label\":\"1\",\"ContentProducer\":\"p\"",
                "{\"ContentProducer\":\"p\",\"Label\":\"1\"",
                vec![("key-order", Note)],
            ),
        ] {
            let text = WHOLE.replace(from, to);
            assert_ne!(text, WHOLE);
            // Sorted by neither: the wrapping comes first, then key by key.
            let mut found: Vec<_> = flaws(&text);
            found.sort_by_key(|(code, _)| expected.iter().position(|(other, _)| other == code));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_label_that_contradicts_itself_claims_nothing() {
        assert_eq!(
            read(&WHOLE.replace("\"Label\":\"1\"", "\"Label\":\"1\",\"Label\":\"3\"")).claim.status,
            None
        );
        assert_eq!(read(&WHOLE.replace("\"1\"", "\"AIGC\"")).claim.status, None);
    }

    #[test]
    fn without_a_producer_a_suspicion_is_whole() {
        let text = WHOLE.replace("\"1\"", "\"3\"").replace(
            "\"ContentProducer\":\"p\",\"ProduceID\":\"i\"",
            "\"ContentProducer\":\"\",\"ProduceID\":\"\"",
        );
        assert_eq!(read(&text).flaws, []);
    }

    #[test]
    fn another_systems_object_says_nothing_of_the_content() {
        let mark = read(
            "{\"AIGC\":{\"ServiceProvider\":\"腾讯云\",\"ServiceUser\":\"1\",\"Time\":\"2\",\"ContentId\":\"3\"}}",
        );
        assert_eq!((mark.claim.status, mark.claim.field(Field::Producer)), (None, "腾讯云"));
        assert!(mark.has("foreign-keys") && mark.flaws[0].at == 7);
    }

    #[test]
    fn long_texts_are_shortened_between_characters() {
        assert_eq!(shortened("中文字", 2), "中文…");
        assert_eq!(shortened("中文字", 3), "中文字");
    }
}
