//! Names and texts from files are hostile: what could move the cursor, hide or reorder text is spelled out.

use std::borrow::Cow;
use std::fmt::Write;

/// The text, with control, bidirectional and invisible characters written as `\u{...}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::new();
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            hostile if is_hostile(hostile) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(hostile));
            }
            plain => safe.push(plain),
        }
    }
    Cow::Owned(safe)
}

/// As [`escape`], cut to a number of characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let safe = escape(text);
    match safe.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", safe.get(..end).unwrap_or_default()),
        None => safe.into_owned(),
    }
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::{escape, shortened};

    #[test]
    fn what_moves_the_cursor_or_reorders_text_is_spelled_out() {
        assert_eq!(escape("照片 été.jpg"), "照片 été.jpg");
        assert_eq!(escape("a\u{1b}[31mb\r\nc"), "a\\u{1b}[31mb\\u{d}\\nc");
        assert_eq!(escape("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(escape("a\u{9b}b\u{200b}"), "a\\u{9b}b\\u{200b}");
        assert_eq!(shortened("生成生成", 2), "生成…");
    }
}
