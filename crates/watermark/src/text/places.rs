//! Where in a text a token may stand: after a word that no renderer, script or program takes amiss.

use std::ops::Range;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Byte offsets right after words, in order, where invisible characters do no harm.
///
/// Left out are URLs, addresses, paths and identifiers, emoji and Han characters, after which a variation selector may choose
/// another shape. In Chinese and Japanese, tokens stand after punctuation.
pub(super) fn places(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    for span in prose(text) {
        let next = text.get(span.end..).unwrap_or_default().chars().next();
        within(text.get(span.clone()).unwrap_or_default(), span.start, next, &mut places);
    }
    places
}

/// The stretches of a text that are meant for reading: without Markdown code (fenced, indented or between backticks) and front
/// matter.
pub(super) fn prose(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut fence: Option<char> = None;
    let mut start = front_matter(text);
    let lines = text.get(start..).unwrap_or_default().split_inclusive('\n');
    lines.flat_map(move |line| {
        let trimmed = line.trim_start();
        let marker =
            ['`', '~'].into_iter().find(|&mark| trimmed.chars().take_while(|&c| c == mark).count() >= 3);
        let mut is_prose = false;
        match (marker, fence) {
            (Some(mark), None) => fence = Some(mark),
            (Some(mark), Some(open)) if mark == open => fence = None,
            (None, None) => is_prose = !is_indented(line),
            _ => {}
        }
        let mut at = start;
        start += line.len();
        // Every second stretch between backticks is code.
        let pieces = if is_prose { line } else { "" }.split('`').enumerate();
        pieces.filter_map(move |(i, piece)| {
            let span = at..at + piece.len();
            at = span.end + 1;
            (i % 2 == 0 && !span.is_empty()).then_some(span)
        })
    })
}

/// How much of a text is front matter between lines of three dashes or pluses.
fn front_matter(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next() else { return 0 };
    let mark = first.trim_end().trim_start_matches('\u{FEFF}');
    if mark != "---" && mark != "+++" {
        return 0;
    }
    let mut length = first.len();
    for line in lines {
        length += line.len();
        if line.trim_end() == mark {
            return length;
        }
    }
    0
}

fn is_indented(line: &str) -> bool {
    line.starts_with('\t') || line.starts_with("    ")
}

fn within(span: &str, start: usize, after: Option<char>, places: &mut Vec<usize>) {
    let mut word_start = 0;
    let mut characters = span.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let next = characters.peek().map(|&(_, next)| next).or(after);
        let breaks = next.is_none_or(char::is_whitespace);
        let stands = is_full_width_stop(character)
            || (breaks && is_plain(span.get(word_start..end).unwrap_or_default()));
        if stands && !next.is_some_and(extends) {
            places.push(start + end);
        }
        if character.is_whitespace() {
            word_start = end;
        }
    }
}

/// Stops and brackets of Chinese and Japanese, after which a line may break anyway.
fn is_full_width_stop(character: char) -> bool {
    matches!(character, '。' | '，' | '、' | '；' | '：' | '！' | '？' | '」' | '』' | '）' | '》')
}

/// Whether a word is one of a language: letters with marks, with punctuation around and quotes or hyphens between, ending in
/// a letter or in punctuation.
fn is_plain(word: &str) -> bool {
    let inner = word.trim_matches(|c: char| "\"'“”‘’«»()[],.;:!?…*_—–-،؛؟।॥".contains(c));
    let plain = |c: char| is_letter(c) || matches!(c, '\'' | '’' | '-' | '‐' | '\u{200C}' | '\u{200D}');
    let ends =
        word.chars().next_back().is_some_and(|last| is_letter(last) || ".,;:!?…)\"'”’»،؛؟।॥".contains(last));
    !inner.is_empty() && inner.chars().all(plain) && ends
}

/// Letters and their marks, but for Han characters.
fn is_letter(character: char) -> bool {
    use GeneralCategory::{
        LowercaseLetter, ModifierLetter, NonspacingMark, OtherLetter, SpacingMark, TitlecaseLetter,
        UppercaseLetter,
    };
    let letter = matches!(
        character.general_category(),
        LowercaseLetter
            | ModifierLetter
            | NonspacingMark
            | OtherLetter
            | SpacingMark
            | TitlecaseLetter
            | UppercaseLetter
    );
    letter && !is_selector(character) && !is_ideograph(character) && !is_mongolian(character)
}

/// What belongs to the character before it.
fn extends(character: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(character.general_category(), EnclosingMark | NonspacingMark | SpacingMark)
        || matches!(character, '\u{200C}' | '\u{200D}')
}

fn is_selector(character: char) -> bool {
    super::selectors::byte(character).is_some()
}

/// Characters that have registered ideographic variants.
fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3021..=0x3029 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Letters whose shape free variation selectors choose.
fn is_mongolian(character: char) -> bool {
    matches!(u32::from(character), 0x1800..=0x18AF | 0xA840..=0xA87F)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a bar at each place.
    fn shown(text: &str) -> String {
        let mut shown = text.to_owned();
        places(text).into_iter().rev().for_each(|place| shown.insert(place, '|'));
        shown
    }

    #[test]
    fn after_words_and_their_punctuation() {
        assert_eq!(shown("Well, it's a well-known “fact”."), "Well,| it's| a| well-known| “fact”.|");
        assert_eq!(shown("Grüße aus Köln\n"), "Grüße| aus| Köln|\n");
        assert_eq!(shown("नमस्ते दुनिया।"), "नमस्ते| दुनिया।|");
        assert_eq!(shown("این متن می‌شود."), "این| متن| می‌شود.|");
    }

    #[test]
    fn never_within_what_programs_read() {
        for kept in [
            "https://example.org/a",
            "a@b.org",
            "C:\\x",
            "snake_case",
            "f(x)",
            "v1.2.3",
            "50%",
            "<b>",
            "x=1",
            "`code`",
        ] {
            let text = format!("see {kept} here");
            assert_eq!(shown(&text), format!("see| {kept} here|"), "{kept}");
        }
        assert_eq!(shown("`one two` three"), "`one two` three|");
        assert_eq!(shown("a\n```rust\nlet it be\n```\nb"), "a|\n```rust\nlet it be\n```\nb|");
        assert_eq!(shown("a\n    let it be\nb"), "a|\n    let it be\nb|");
        assert_eq!(shown("---\ntitle: a b\n---\nc"), "---\ntitle: a b\n---\nc|");
    }

    #[test]
    fn never_where_a_selector_chooses_a_shape() {
        assert_eq!(shown("漢字 かな"), "漢字 かな|");
        assert_eq!(shown("这是文字，很好。"), "这是文字，|很好。|");
        assert_eq!(shown("smile 😀 and ❤\u{FE0F} on"), "smile| 😀 and| ❤\u{FE0F} on|");
        assert_eq!(shown("one\u{E0101} two"), "one\u{E0101} two|");
        assert_eq!(shown("ᠮᠣᠩᠭᠣᠯ x"), "ᠮᠣᠩᠭᠣᠯ x|");
    }
}
