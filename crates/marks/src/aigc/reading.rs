//! From the text of a field or comment to the members of a label, in whatever way they were packed.

use std::ops::Range;

use super::codes;
use super::json::{Value, parse};
use super::keys::{FOREIGN, Key, names_it, speaks_of_it};
use indicia_core::{Gravity, Limits};

/// Most places of one text at which a label is tried.
const TRIES: usize = 256;
/// How far behind the name of a field that breaks off a key is looked for.
const NEAR: usize = 400;

/// A label as it was packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Keys and values, in order; or why there are none.
    pub(super) members: Result<Vec<(String, Value)>, String>,
    /// What was unusual in how it was packed: code, gravity, what is there.
    pub(super) oddities: Vec<(&'static str, Gravity, String)>,
    /// Whether it stood in the wrapper `{"AIGC": …}`.
    pub(super) is_wrapped: bool,
    /// Its bytes in the text.
    pub(super) site: Range<usize>,
    /// Whether there is nothing else in the text.
    pub(super) is_all: bool,
}

/// What the name of the place says of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the standard's own: whatever stands there was meant as a label.
    Canonical,
    /// Its name contains `AIGC`.
    Named,
    /// It could hold anything.
    Any,
}

/// The labels in a text.
pub(super) fn readings(text: &str, place: Place, limits: &Limits) -> Vec<Reading> {
    let blank = |sign: char| sign.is_whitespace() || matches!(sign, '\0' | '\u{FEFF}');
    let bare = text.trim_matches(blank);
    let from = text.len() - text.trim_start_matches(blank).len();
    let site = from..from + bare.len();
    if let Some(mut whole) = whole(bare, place, limits) {
        whole.site = site;
        return vec![whole];
    }
    let mut found = if speaks_of_it(bare) { scattered(bare, limits) } else { Vec::new() };
    for reading in &mut found {
        reading.is_all = bare.get(reading.site.clone()) == Some(bare);
        reading.site = reading.site.start + from..reading.site.end + from;
    }
    let meant = place == Place::Canonical || (place == Place::Named && has_key(bare));
    if found.is_empty() && meant {
        let why = match parse(bare, limits) {
            _ if bare.is_empty() => "the field is empty".to_owned(),
            Ok(_) => "none of the seven keys of Annex E is in it".to_owned(),
            Err(at) => format!("it cannot be read as JSON from its byte {at} on"),
        };
        found.push(Reading::broken(why, site, true));
    }
    found
}

/// The text as one label from its start to its end.
fn whole(bare: &str, place: Place, limits: &Limits) -> Option<Reading> {
    // `AIGC={…}` as a whole line, or letters glued to the object.
    if place == Place::Any && !bare.starts_with(['{', '"']) {
        return None;
    }
    let reading = match parse(bare, limits) {
        Ok(parsed) => {
            let mut reading = packed(&parsed.value, place, limits)?;
            if parsed.is_lax {
                reading.note(codes::JSON, Gravity::Deviation, "it is read, but is not JSON to the letter");
            }
            let rest = bare.get(parsed.end..).unwrap_or_default();
            if !rest.is_empty() {
                if place == Place::Any {
                    return None;
                }
                let what = format!("{} bytes follow the JSON object", rest.len());
                reading.note(codes::JSON, Gravity::Deviation, &what);
            }
            reading
        }
        Err(_) if place != Place::Any => {
            // What is not an object is not unpacked again, so this ends.
            let text = base64(bare).filter(|text| text.starts_with('{'))?;
            let mut reading = whole(text.trim_matches(['\0', ' ', '\n', '\r']), Place::Named, limits)?;
            reading.note(
                codes::ENCODING,
                Gravity::Deviation,
                "it is coded in Base64; Annex E b and the guides have plain JSON",
            );
            reading
        }
        Err(_) => return None,
    };
    Some(Reading { is_all: true, ..reading })
}

/// The label that a value is, in a wrapper or bare, perhaps packed in strings.
fn packed(value: &Value, place: Place, limits: &Limits) -> Option<Reading> {
    packed_within(value, place, limits, 3)
}

fn packed_within(value: &Value, place: Place, limits: &Limits, levels: usize) -> Option<Reading> {
    let levels = levels.checked_sub(1)?;
    let doubled = |text: &str, place: Place| {
        let parsed = parse(text.trim(), limits).ok()?;
        let mut reading = packed_within(&parsed.value, place, limits, levels)?;
        let what = "the object is packed in a JSON string; Annex E b has the object itself";
        reading.note(codes::DOUBLE_ENCODED, Gravity::Deviation, what);
        Some(reading)
    };
    match value {
        Value::Text(text) if text.trim_start().starts_with('{') => doubled(text, place),
        Value::List(items) => items.iter().find_map(|item| packed_within(item, place, limits, levels)),
        Value::Object(members) => {
            let inner = members.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case("AIGC"));
            let wrapped = inner.and_then(|(_, inner)| match inner {
                Value::Object(members) if is_label(members, 1) => Some(Reading::of(members)),
                Value::Object(members) if is_foreign(members) => Some(Reading::of(members)),
                Value::Text(text) => doubled(text, Place::Named),
                _ => None,
            });
            if let Some(mut reading) = wrapped {
                reading.is_wrapped = true;
                return Some(reading);
            }
            // Without the name, it takes more to be sure.
            let enough = if place == Place::Any { 3 } else { 1 };
            if is_label(members, enough) {
                return Some(Reading::of(members));
            }
            let nested = |(_, value): &(String, Value)| match value {
                Value::Object(_) | Value::List(_) => packed_within(value, Place::Any, limits, levels),
                _ => None,
            };
            members.iter().find_map(nested)
        }
        _ => None,
    }
}

/// Labels in the midst of other words.
fn scattered(text: &str, limits: &Limits) -> Vec<Reading> {
    let mut found: Vec<Reading> = Vec::new();
    let letters =
        text.as_bytes().windows(4).enumerate().filter(|(_, four)| four.eq_ignore_ascii_case(b"AIGC"));
    // Words that only speak of AIGC must not use up the tries.
    let letters = letters.filter(|(at, _)| may_name_an_object(text.as_bytes(), *at));
    let mut next = 0;
    for (at, _) in letters.take(TRIES) {
        if at < next {
            continue;
        }
        if let Some(reading) = at_name(text, at, limits) {
            next = reading.site.end;
            found.push(reading);
        }
    }
    found
}

/// Whether the four letters at `at` stand in quotes, or an object follows.
fn may_name_an_object(text: &[u8], at: usize) -> bool {
    let quoted = at
        .checked_sub(1)
        .and_then(|before| text.get(before))
        .is_some_and(|sign| matches!(sign, b'"' | b'\''));
    let mut after = text.iter().skip(at + 4).take(9);
    quoted || after.find(|sign| !matches!(sign, b'"' | b'\'' | b' ' | b':' | b'=' | 0)) == Some(&b'{')
}

/// The label whose name starts at `at`.
fn at_name(text: &str, at: usize, limits: &Limits) -> Option<Reading> {
    let before = text.get(..at)?;
    let after = text.get(at + 4..)?;
    let quote = before.chars().next_back().filter(|sign| matches!(sign, '"' | '\''));
    let escaped = quote.is_some() && before.get(..before.len() - 1).is_some_and(|left| left.ends_with('\\'));
    if escaped {
        return in_string(text, limits);
    }
    // Within its own braces, then with the object behind the name alone.
    let start = quote.and_then(|quote| {
        let left = before.strip_suffix(quote)?.trim_end();
        left.ends_with('{').then(|| left.len() - 1)
    });
    let read = |start: usize, place: Place| {
        let parsed = parse(text.get(start..)?, limits).ok()?;
        let mut reading = packed(&parsed.value, place, limits)?;
        if parsed.is_lax {
            reading.note(codes::JSON, Gravity::Deviation, "it is read, but is not JSON to the letter");
        }
        reading.site = start..start + parsed.end;
        Some(reading)
    };
    if let Some(reading) = start.and_then(|start| read(start, Place::Any)) {
        return Some(reading);
    }
    let gap: usize = after
        .chars()
        .take_while(|sign| matches!(sign, '"' | '\'' | ' ' | ':' | '=' | '\0'))
        .map(char::len_utf8)
        .sum();
    if gap > 8 || !after.get(gap..)?.starts_with('{') {
        return None;
    }
    let open = at + 4 + gap;
    if let Some(mut reading) = read(open, Place::Named) {
        // The name and its brace, if it has one, go with it.
        reading.is_wrapped = quote.is_some();
        reading.site.start = start.unwrap_or(at);
        if start.is_some() {
            reading.note(codes::JSON, Gravity::Deviation, "its braces do not close");
        }
        return Some(reading);
    }
    let near = text.get(open..)?.chars().take(NEAR).collect::<String>();
    has_key(&near).then(|| {
        let from = start.unwrap_or(at);
        Reading::broken("it cannot be read as JSON".to_owned(), from..text.len(), false)
    })
}

/// A label in a string of a larger JSON object, as `{\"AIGC\":…}` with its quotes escaped.
fn in_string(text: &str, limits: &Limits) -> Option<Reading> {
    let plain = text.replace("\\\"", "\"");
    let at = plain.as_bytes().windows(5).position(|five| {
        five.first() == Some(&b'"') && five.get(1..).is_some_and(|name| name.eq_ignore_ascii_case(b"AIGC"))
    })?;
    if plain.get(..at)?.ends_with('\\') {
        return None;
    }
    let mut reading = at_name(&plain, at + 1, limits)?;
    let what = "the object is packed in a JSON string; Annex E b has the object itself";
    reading.note(codes::DOUBLE_ENCODED, Gravity::Deviation, what);
    reading.site = 0..text.len();
    // What else is in the text cannot be told apart from it.
    reading.is_all = false;
    Some(reading)
}

/// Whether at least so many of the keys are in it, one of them more telling than `Label`.
fn is_label(members: &[(String, Value)], enough: usize) -> bool {
    let mut known: Vec<_> = members.iter().filter_map(|(key, _)| Key::meant_by(key)).collect();
    known.sort_unstable();
    known.dedup();
    let telling = enough == 1 || known.iter().any(|key| *key != Key::Label);
    known.len() >= enough && telling
}

/// Whether it has the keys of Tencent Cloud.
pub(super) fn is_foreign(members: &[(String, Value)]) -> bool {
    let has = |name: &str| members.iter().any(|(key, _)| key == name);
    FOREIGN.iter().filter(|(name, _)| has(name)).count() >= 2
}

/// Whether the name of a key stands in the text, with quotes or without.
fn has_key(text: &str) -> bool {
    let telling = Key::ALL.iter().skip(1).any(|key| text.contains(key.name()));
    telling || text.contains("\"Label\"") || text.contains("Label:") || text.contains("ServiceProvider")
}

/// Whether text is broken off or otherwise unreadable, but names the field and one of its keys.
pub(super) fn names_field_and_key(text: &str) -> bool {
    names_it(text) && has_key(text)
}

/// Base64 in either alphabet, if it is that and holds text.
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for sign in text.trim_end_matches('=').bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

impl Reading {
    fn of(members: &[(String, Value)]) -> Self {
        let members = Ok(members.to_vec());
        Self { members, oddities: Vec::new(), is_wrapped: false, site: 0..0, is_all: false }
    }

    /// Members that YAML had under the name, not in JSON.
    pub(super) fn of_mapping(members: Vec<(String, Value)>, site: Range<usize>) -> Option<Self> {
        let counts = is_label(&members, 1) || is_foreign(&members);
        counts.then(|| Self { site, is_all: false, ..Self::of(&members) })
    }

    /// Something meant as a label that cannot be read.
    pub(super) fn broken(why: String, site: Range<usize>, is_all: bool) -> Self {
        Self { members: Err(why), oddities: Vec::new(), is_wrapped: false, site, is_all }
    }

    /// Adds something unusual.
    pub(super) fn note(&mut self, code: &'static str, gravity: Gravity, what: &str) {
        self.oddities.push((code, gravity, what.to_owned()));
    }
}

#[cfg(test)]
mod tests;
