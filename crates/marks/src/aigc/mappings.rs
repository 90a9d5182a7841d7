//! Labels written as YAML: in front matter, in comments and in the words of a text.

use super::codes;
use super::json::Value;
use super::keys::names_it;
use super::reading::{Place, Reading, names_field_and_key, readings};
use super::spots::LABELS;
use crate::front_matter::{Block, blocks, yaml};
use indicia_core::{Gravity, Limits};

/// The labels that stand as YAML in a text, each with the indentation of its key.
pub(super) fn mappings(text: &str, ends_at_blank: bool, limits: &Limits) -> Vec<(Reading, usize)> {
    let found = blocks(text, ends_at_blank, &names_it);
    let labels = found.iter().filter_map(|block| Some((mapping(text, block, limits)?, block.indent)));
    // One too many shows that there are more.
    labels.take(LABELS + 1).collect()
}

pub(super) fn mapping(text: &str, block: &Block, limits: &Limits) -> Option<Reading> {
    let lines = text.get(block.site.clone())?;
    let is_canonical = block.key == "AIGC";
    let mut value = match yaml(lines, limits) {
        Ok(Value::Object(members)) => members.into_iter().next()?.1,
        _ if names_field_and_key(lines) => {
            let why = "it cannot be read as YAML".to_owned();
            return Some(Reading::broken(why, block.site.clone(), false));
        }
        _ => return None,
    };
    // A wrapper within the wrapper.
    if let Value::Object(members) = &value
        && let [(key, inner @ Value::Object(_))] = members.as_slice()
        && key.eq_ignore_ascii_case("AIGC")
    {
        value = inner.clone();
    }
    let mut reading = match value {
        Value::Object(members) => Reading::of_mapping(members, block.site.clone())?,
        Value::Text(text) => {
            let mut reading = readings(&text, Place::Named, limits).into_iter().next()?;
            let what = "the keys are JSON in a YAML string; TC260-PG-20258A 6.5 has them as YAML";
            reading.note(codes::ENCODING, Gravity::Deviation, what);
            reading.is_wrapped = false;
            reading
        }
        _ => return None,
    };
    if !is_canonical {
        let what = format!("the key is {}; TC260-PG-20258A 6.5 has AIGC", block.key);
        reading.note(codes::KEY_SPELLING, Gravity::Deviation, &what);
    }
    reading.site = block.site.clone();
    Some(reading)
}

/// A text twice, with everything but line breaks blanked: once the code blocks and comments, once the rest.
///
/// So offsets stay what they are. A comment is a packet of its own and is not looked at again.
pub(super) fn shown_apart(words: &str) -> (String, String) {
    let (mut prose, mut shown) = (String::new(), String::new());
    let mut fence: Option<&str> = None;
    let mut in_comment = false;
    for line in words.split_inclusive('\n') {
        let bare = line.trim_start();
        let sign = ["```", "~~~"].into_iter().find(|sign| bare.starts_with(sign));
        let is_mark = !in_comment && sign.is_some() && fence.is_none_or(|open| sign == Some(open));
        let (mut to_prose, mut to_shown) = (fence.is_none() && !is_mark, fence.is_some() && !is_mark);
        if is_mark {
            fence = if fence.is_some() { None } else { sign };
        }
        if fence.is_none() {
            in_comment |= bare.contains("<!--");
            if in_comment {
                (to_prose, to_shown) = (false, false);
            }
            in_comment &= !line.contains("-->");
        }
        prose.push_str(&if to_prose { line.to_owned() } else { blanked(line) });
        shown.push_str(&if to_shown { line.to_owned() } else { blanked(line) });
    }
    (prose, shown)
}

/// As many bytes, blank.
fn blanked(line: &str) -> String {
    line.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }).collect()
}
