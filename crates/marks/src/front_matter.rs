//! YAML front matter: finding one key's block of lines, understanding it, and putting another in its place.
//!
//! Lines are what is changed, so that everything around them stays as it is; the YAML parser is asked
//! only what they mean.

use std::ops::Range;

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

use crate::aigc::json::Value;
use indicia_core::Limits;

/// The lines of one key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The lines, with the line break of the last.
    pub(crate) site: Range<usize>,
    /// The key, without quotes.
    pub(crate) key: String,
    /// Number of blanks before the key.
    pub(crate) indent: usize,
}

/// The blocks of all keys for which `wanted` holds, at any depth. A block within another is not given.
///
/// `ends_at_blank` is for text that is no front matter: there an empty line ends a block.
pub(crate) fn blocks(text: &str, ends_at_blank: bool, wanted: &dyn Fn(&str) -> bool) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let site = at..at + line.len();
        at = site.end;
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        let is_blank = bare.trim().is_empty();
        if let Some(block) = &mut open {
            let closes = bare.starts_with(['}', ']']) && indent == block.indent;
            let goes_on = !is_blank && (indent > block.indent || bare.starts_with('\t') || closes);
            if goes_on {
                block.site.end = site.end;
            }
            // Empty lines belong to a block only if more of it follows.
            if goes_on || (is_blank && !ends_at_blank) {
                continue;
            }
            found.extend(open.take());
        }
        if let Some(key) = key(bare).filter(|key| wanted(key)) {
            open = Some(Block { site, key: key.to_owned(), indent });
        }
    }
    found.extend(open);
    found
}

/// The key that a line starts with.
fn key(line: &str) -> Option<&str> {
    let (key, after) = match line.chars().next()? {
        quote @ ('"' | '\'') => line.get(1..)?.split_once(quote)?,
        _ => line.split_at(line.find(':')?),
    };
    let after = after.trim_start_matches(' ').strip_prefix(':')?;
    let ends = after.is_empty() || after.starts_with([' ', '\t', '\r', '\n', '{']);
    let is_name = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | ':');
    let key = key.trim_end();
    (ends && !key.is_empty() && key.chars().all(is_name)).then_some(key)
}

/// What YAML means. Anchors are not followed, so nothing can grow.
///
/// # Errors
/// The offset at which it cannot be read further.
pub(crate) fn yaml(text: &str, limits: &Limits) -> Result<Value, usize> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let offset = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    loop {
        let (event, mark) = parser.next_token().map_err(|err| offset(err.marker().index()))?;
        let mut value = match event {
            Event::MappingStart(..) => {
                open.push(Open::Object(Vec::new(), None));
                None
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                None
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Open::Object(members, None)) => Some(Value::Object(members)),
                Some(Open::List(items)) => Some(Value::List(items)),
                _ => return Err(offset(mark.index())),
            },
            Event::Scalar(text, style, _, tag) => Some(match tag {
                Some(_) => Value::Text(text),
                None => scalar(text, style),
            }),
            Event::Alias(_) | Event::StreamEnd => return Err(offset(mark.index())),
            _ => None,
        };
        if open.len() > limits.depth {
            return Err(offset(mark.index()));
        }
        if let Some(value) = value.take() {
            match open.last_mut() {
                None => return Ok(value),
                Some(Open::List(items)) => items.push(value),
                Some(Open::Object(members, key)) => match (key.take(), value) {
                    (Some(key), value) => members.push((key, value)),
                    (None, Value::Text(text) | Value::Number(text)) => *key = Some(text),
                    (None, _) => return Err(offset(mark.index())),
                },
            }
        }
    }
}

/// A mapping or sequence that has begun.
enum Open {
    /// With the key whose value comes next.
    Object(Vec<(String, Value)>, Option<String>),
    List(Vec<Value>),
}

/// A scalar by the core schema of YAML 1.2.
fn scalar(text: String, style: TScalarStyle) -> Value {
    if style != TScalarStyle::Plain {
        return Value::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Word("null"),
        "true" | "True" | "TRUE" => Value::Word("true"),
        "false" | "False" | "FALSE" => Value::Word("false"),
        _ => {
            let numeric = |sign: char| sign.is_ascii_digit() || matches!(sign, '+' | '-' | '.' | 'e' | 'E');
            let is_number = text.chars().all(numeric) && text.parse::<f64>().is_ok();
            if is_number { Value::Number(text) } else { Value::Text(text) }
        }
    }
}

/// A text as a scalar in single quotes. It must not hold control characters or line breaks.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Front matter with these blocks taken out and a new one put where the first of them was, or at the end.
pub(crate) fn with_block(text: &str, gone: &[Range<usize>], new: &str) -> String {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let new = new.replace('\n', line_end);
    let mut result = String::new();
    let mut at = 0;
    for (index, site) in gone.iter().enumerate() {
        result.push_str(text.get(at..site.start).unwrap_or_default());
        if index == 0 {
            result.push_str(&new);
        }
        at = site.end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    if gone.is_empty() {
        if !result.is_empty() && !result.ends_with('\n') {
            result.push_str(line_end);
        }
        result.push_str(&new);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{blocks, quoted, with_block, yaml};
    use crate::aigc::json::Value;
    use indicia_core::Limits;

    fn found(text: &str) -> Vec<(&str, usize)> {
        blocks(text, false, &|key| key == "K")
            .into_iter()
            .map(|block| (&text[block.site], block.indent))
            .collect()
    }

    fn text(value: &str) -> Value {
        Value::Text(value.into())
    }

    #[test]
    fn a_block_is_its_key_and_what_is_indented_under_it() {
        assert_eq!(found("a: 1\nK:\n  x: 1\n  y: 2\nb: 1\n"), [("K:\n  x: 1\n  y: 2\n", 0)]);
        assert_eq!(
            found("K:\r\n    x: 1\r\n\r\n    y: 2\r\n\r\nb: 1"),
            [("K:\r\n    x: 1\r\n\r\n    y: 2\r\n", 0)]
        );
        assert_eq!(found("\"K\": {\"x\":\n  1}\n'K' : 2"), [("\"K\": {\"x\":\n  1}\n", 0), ("'K' : 2", 0)]);
        assert_eq!(found("K: {\n \"x\": 1\n}\nb: 1"), [("K: {\n \"x\": 1\n}\n", 0)]);
        assert_eq!(found("a:\n  K:\n    x: 1\n  b: 2\n"), [("  K:\n    x: 1\n", 2)]);
        assert_eq!(found("K"), []);
        assert_eq!(found("Kay: 1\n- K: 1\nK:1\n# K: 1\nthe K: 1\n"), []);
        let unfenced = blocks("K:\n  x: 1\n\n  code\n", true, &|key| key == "K");
        assert_eq!(unfenced[0].site, 0..10);
    }

    #[test]
    fn yaml_is_understood_with_its_quotes() {
        let parsed = yaml(
            "K:\n  a: '1'\n  b: 1\n  c: \"x\\\"\"\n  d:\n  e: {f: [true]}\n  g: it''s\n",
            &Limits::default(),
        );
        let expected = Value::Object(vec![(
            "K".into(),
            Value::Object(vec![
                ("a".into(), text("1")),
                ("b".into(), Value::Number("1".into())),
                ("c".into(), text("x\"")),
                ("d".into(), Value::Word("null")),
                ("e".into(), Value::Object(vec![("f".into(), Value::List(vec![Value::Word("true")]))])),
                ("g".into(), text("it''s")),
            ]),
        )]);
        assert_eq!(parsed, Ok(expected));
    }

    #[test]
    fn aliases_depth_and_nonsense_are_refused() {
        let limits = Limits::default();
        assert!(yaml("a: &x 1\nb: *x\n", &limits).is_err());
        assert!(yaml(&format!("a: {}", "[".repeat(1000)), &limits).is_err());
        assert!(yaml("a: 'b", &limits).is_err());
        assert!(yaml("", &limits).is_err());
        assert!(yaml("? [a]\n: b", &limits).is_err());
    }

    #[test]
    fn a_block_is_put_in_place_or_at_the_end() {
        assert_eq!(with_block("a: 1\nK: 1\nb: 1\nK: 2\n", &[5..10, 15..20], "K: 3\n"), "a: 1\nK: 3\nb: 1\n");
        assert_eq!(with_block("a: 1", &[], "K:\n  x: 1\n"), "a: 1\nK:\n  x: 1\n");
        assert_eq!(with_block("a: 1\r\n", &[], "K:\n  x: 1\n"), "a: 1\r\nK:\r\n  x: 1\r\n");
        assert_eq!(with_block("", &[], "K: 1\n"), "K: 1\n");
        let gone = std::slice::from_ref(&(0..5));
        assert_eq!(with_block("K: 1\na: 1\n", gone, ""), "a: 1\n");
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_is_read_back(value in "[\\x20-\\x7E中'\\\\\"#:😀]{0,30}") {
            let block = format!("K: {}\n", quoted(&value));
            proptest::prop_assert_eq!(yaml(&block, &Limits::default()), Ok(Value::Object(vec![("K".into(), Value::Text(value))])));
        }

        #[test]
        fn nothing_panics(words in "[K:\\-{}\\[\\]'\"&*!|>%@ab\\n\\t #?,中]{0,60}") {
            let _ = yaml(&words, &Limits::default());
            let _ = blocks(&words, false, &|_| true);
        }
    }
}
