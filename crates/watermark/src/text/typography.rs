use super::choices::{Choice, Choices};
use super::places::prose;

/// The choice between straight and curly quotes and apostrophes, between a dash and a hyphen with spaces around, and between
/// three dots and an ellipsis, for house styles that leave it open.
///
/// Nobody sees more than a text with signs of both forms. It survives NFC, removal of invisible characters and folding of white
/// space, and NFKC but for the ellipsis; filters for smart quotes and typing anew destroy it.
pub static TYPOGRAPHY: Choices = Choices::new("typography", signs);

fn signs(text: &str, each: &mut dyn FnMut(Choice)) {
    let mut end = 0;
    for stretch in prose(text) {
        for (at, character) in text.get(stretch.clone()).unwrap_or_default().char_indices() {
            let at = stretch.start + at;
            let (left, rest) = text.split_at_checked(at).unwrap_or_default();
            let Some((sort, length, straight, curly)) = sign(left.chars().next_back(), character, rest)
            else {
                continue;
            };
            if at < end {
                continue;
            }
            end = at + length;
            let (left, right) = (word(left.chars().rev()), word(text.get(end..).unwrap_or_default().chars()));
            let context = format!("{}{sort}{right}", left.chars().rev().collect::<String>());
            let taken = usize::from(!rest.starts_with(straight));
            let forms = [straight, curly].map(str::to_owned);
            each(Choice { span: at..end, forms, taken, context, is_closed: false });
        }
    }
}

/// A sign that could be another: its sort, the length it has, and its two forms.
fn sign(before: Option<char>, sign: char, rest: &str) -> Option<(char, usize, &'static str, &'static str)> {
    let opens = before.is_none_or(|before| before.is_whitespace() || "([{—–-".contains(before));
    let length = sign.len_utf8();
    match sign {
        '"' | '“' | '”' => Some(('"', length, "\"", if opens { "“" } else { "”" })),
        '\'' | '‘' | '’' => Some(('\'', length, "'", if opens { "‘" } else { "’" })),
        // At the start of a line it makes a list.
        '-' | '–' => {
            let spaced = before == Some(' ') && rest.chars().nth(1) == Some(' ');
            spaced.then_some(('-', length, "-", "–"))
        }
        '…' => Some(('.', length, "...", "…")),
        '.' => {
            let three = rest.starts_with("...") && !rest.starts_with("....") && before != Some('.');
            three.then_some(('.', 3, "...", "…"))
        }
        _ => None,
    }
}

/// The nearest letters and digits in a direction: what is between is passed over, a word ends at anything else. Apostrophes of
/// the same word part it, so that their own form does not matter.
fn word(characters: impl Iterator<Item = char>) -> String {
    characters
        .take(64)
        .skip_while(|c| !c.is_alphanumeric())
        .take_while(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::TYPOGRAPHY;
    use crate::Key;

    fn prose(quotes: usize) -> String {
        let mut random = Key::from_bytes(b"prose").stream("words");
        (0..quotes)
            .map(|_| format!("he{}'s said \"so{}\" again. ", random.below(9999), random.below(9999)))
            .collect()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_changes() {
        let (key, other, text) = (Key::public(), Key::from_bytes(b"other"), prose(30));
        let marked = TYPOGRAPHY.written(&text, &key);
        assert_ne!(marked, text);
        let straight = |text: &str| text.replace(['“', '”'], "\"").replace(['‘', '’'], "'");
        assert_eq!(straight(&marked), text);
        let score = TYPOGRAPHY.read(&marked, &key);
        assert_eq!((score.choices, score.agreeing), (90, 90));
        assert!(score.ln_false_alarm < -60.0);
        for unmarked in [TYPOGRAPHY.read(&text, &key), TYPOGRAPHY.read(&marked, &other)] {
            assert!(unmarked.ln_false_alarm > -8.0, "{unmarked:?}");
        }
    }

    #[test]
    fn white_space_folded_and_a_paragraph_quoted_still_read() {
        let key = Key::public();
        let marked = TYPOGRAPHY.written(&prose(60), &key);
        let folded = marked.split_whitespace().collect::<Vec<_>>().join("\n");
        let score = TYPOGRAPHY.read(&folded, &key);
        assert_eq!(score.choices, score.agreeing);
        let half: String = marked.chars().skip(marked.chars().count() / 2).collect();
        assert!(TYPOGRAPHY.read(&half, &key).ln_false_alarm < (1e-9_f64).ln());
    }

    #[test]
    fn dashes_and_dots_take_either_form_and_lists_none() {
        let mut random = Key::from_bytes(b"dashes").stream("words");
        let text: String = (0..40).map(|_| format!("w{} - and so ... on. ", random.below(9999))).collect();
        let marked = TYPOGRAPHY.written(&text, &Key::public());
        assert!(marked.contains(" – ") && marked.contains(" - ") && marked.contains('…'), "{marked}");
        assert_eq!(marked.replace('–', "-").replace('…', "..."), text);
        let score = TYPOGRAPHY.read(&marked, &Key::public());
        assert_eq!(score.choices, score.agreeing);
        for kept in ["- one\n- two\n", "a-b 1-2 a -b c- d", "a.... b", "1..5", "x -- y"] {
            assert_eq!(TYPOGRAPHY.written(kept, &Key::public()), kept);
            assert_eq!(TYPOGRAPHY.read(kept, &Key::public()).choices, 0, "{kept}");
        }
    }

    #[test]
    fn code_keeps_its_quotes_and_repetition_proves_nothing() {
        let text = "```\nlet a = \"b\";\n```\nand `x = 'y'` too\n";
        assert_eq!(TYPOGRAPHY.written(text, &Key::public()), text);
        let score = TYPOGRAPHY.read(&"it's so. ".repeat(500), &Key::public());
        assert_eq!(score.choices, 1);
        assert_eq!(TYPOGRAPHY.read("", &Key::public()).ln_false_alarm, 0.0);
    }
}
