//! What a page is drawn with (ISO 32000-2, 7.8.2): its operators, as far as a mark on the page needs them.

use super::lexer::{Lexer, is_space};
use super::object::{Dictionary, Object};
use super::text_string;
use indicia_core::{Limits, Problem};

/// Operators that leave something on the page.
const PAINT: [&[u8]; 15] =
    [b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh", b"Tj", b"TJ", b"'", b"\"", b"Do"];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// What spans of marked content stand for, if anything is painted in them.
    pub(crate) words: Vec<String>,
    /// States saved and not restored at the end.
    pub(crate) saved: usize,
    /// Spans of marked content begun and not ended.
    pub(crate) marked: usize,
    /// Restores a state that was not saved.
    pub(crate) underflows: bool,
    /// Ends within a text object.
    pub(crate) within_text: bool,
}

/// A span that was begun.
struct Span {
    words: Option<String>,
    painted: u64,
}

/// Looks through the operators.
///
/// # Errors
/// If they are broken or over a limit.
pub(crate) fn scan(bytes: &[u8], limits: &Limits) -> Result<Scan, Problem> {
    let (mut found, mut spans, mut painted) = (Scan::default(), Vec::<Span>::new(), 0_u64);
    let mut properties: Option<Dictionary> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            b'%' => at += until(rest, |byte| matches!(byte, b'\r' | b'\n')),
            b'(' => at += literal(rest).ok_or(BROKEN)?,
            b'<' if rest.starts_with(b"<<") => {
                let mut lexer = Lexer::new(rest, 0, true, limits);
                properties = lexer.object().map_err(|err| err.problem)?.dictionary().cloned();
                at += lexer.at.max(1);
            }
            b'<' => at += rest.iter().position(|byte| *byte == b'>').ok_or(BROKEN)? + 1,
            b'/' => at += 1 + until(rest.get(1..).unwrap_or_default(), ends_word),
            byte if ends_word(*byte) => at += 1,
            _ => {
                let len = until(rest, ends_word);
                at += len;
                let word = rest.get(..len).unwrap_or_default();
                match word {
                    b"q" => found.saved += 1,
                    b"Q" => match found.saved.checked_sub(1) {
                        Some(saved) => found.saved = saved,
                        None => found.underflows = true,
                    },
                    b"BT" => found.within_text = true,
                    b"ET" => found.within_text = false,
                    b"BMC" | b"BDC" => {
                        if spans.len() >= limits.segments {
                            let limit = limits.segments as u64;
                            return Err(Problem::OverLimit { what: "spans within each other", limit });
                        }
                        let properties = properties.take().filter(|_| word == b"BDC");
                        let words = match properties.as_ref().and_then(|found| found.find(b"ActualText")) {
                            Some(Object::String(words)) => Some(text_string::decode(words)),
                            _ => None,
                        };
                        spans.push(Span { words, painted });
                    }
                    b"EMC" => {
                        if let Some(Span { words: Some(words), painted: before }) = spans.pop()
                            && painted > before
                        {
                            found.words.push(words);
                        }
                    }
                    b"ID" => {
                        at += image(bytes.get(at..).unwrap_or_default()).ok_or(BROKEN)?;
                        painted += 1;
                    }
                    _ => painted += u64::from(PAINT.contains(&word)),
                }
                // Operands before another operator are none of the next one.
                if word.first().is_some_and(|byte| byte.is_ascii_alphabetic()) {
                    properties = None;
                }
            }
        }
    }
    found.marked = spans.len();
    Ok(found)
}

const BROKEN: Problem = Problem::Malformed("what a page is drawn with ends too early");

fn ends_word(byte: u8) -> bool {
    is_space(byte) || b"()<>[]{}/%".contains(&byte)
}

fn until(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len())
}

/// Length of a string in brackets.
fn literal(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// Length of the data of an inline image and the `EI` after it (8.9.7), which nothing announces: that it is no part
/// of the data is seen from what follows.
fn image(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"EI").map(|at| (at, at + 2)).find_map(|(at, end)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|byte| is_space(*byte));
        let after = bytes.get(end..).unwrap_or_default();
        let ends = after.first().is_none_or(|byte| is_space(*byte));
        let readable =
            after.iter().take(16).all(|byte| matches!(byte, 9 | 10 | 12 | 13) || (32..127).contains(byte));
        (before && ends && readable).then_some(end)
    })
}
