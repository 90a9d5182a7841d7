use std::collections::HashSet;

use super::places::prose;
use crate::Key;

/// A presence mark in the choice between straight and curly quotes and apostrophes, for house styles that leave it open.
///
/// At each apostrophe or quotation mark, a bit under the key and the words around it says which form to take. Nobody sees more
/// than a text whose quotes are of both forms. It survives all that keeps the form: NFC and NFKC, removal of invisible
/// characters, folding of white space; smart-quote filters and typing anew destroy it. It carries no payload, and takes about
/// fifty quotes to show.
#[derive(Clone, Debug)]
pub struct Quotes<'a> {
    key: &'a Key,
}

/// What was read of the quotes of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuotesScore {
    /// Quotes scored, each pair of words around one once.
    pub quotes: u64,
    /// How many are as the key says.
    pub agreeing: u64,
    /// The statistic: how many more agree than not, over the root of their number.
    pub z: f64,
    /// The natural logarithm of a bound on the probability that unmarked text shows as much: Hoeffding's `exp(-z²/2)`.
    pub ln_false_alarm: f64,
}

impl<'a> Quotes<'a> {
    /// The mark under a key.
    pub fn new(key: &'a Key) -> Self {
        Self { key }
    }

    /// The text with its quotes in the forms that the key says, outside of code.
    pub fn write(&self, text: &str) -> String {
        let mut written = String::new();
        let mut from = 0;
        for quote in quotes(text) {
            written.push_str(text.get(from..quote.at).unwrap_or_default());
            written.push(if self.wants_curly(&quote) { quote.curly } else { quote.straight });
            from = quote.at + quote.length;
        }
        written.push_str(text.get(from..).unwrap_or_default());
        written
    }

    /// Scores the quotes of a text.
    pub fn read(&self, text: &str) -> QuotesScore {
        let mut seen = HashSet::new();
        let (mut quotes_scored, mut agreeing) = (0_u64, 0_u64);
        for quote in quotes(text) {
            if seen.insert(quote.around.clone()) {
                quotes_scored += 1;
                agreeing += u64::from(self.wants_curly(&quote) == quote.is_curly);
            }
        }
        let surplus = 2.0 * agreeing as f64 - quotes_scored as f64;
        let z = if quotes_scored == 0 { 0.0 } else { surplus / (quotes_scored as f64).sqrt() };
        let ln_false_alarm = if z > 0.0 { -z * z / 2.0 } else { 0.0 };
        QuotesScore { quotes: quotes_scored, agreeing, z, ln_false_alarm }
    }

    fn wants_curly(&self, quote: &Quote) -> bool {
        self.key.stream(&format!("text quotes\0{}", quote.around)).word() & 1 == 1
    }
}

struct Quote {
    at: usize,
    length: usize,
    is_curly: bool,
    curly: char,
    straight: char,
    /// The letters and digits of the words before and after, without case, and the sort of quote between.
    around: String,
}

fn quotes(text: &str) -> Vec<Quote> {
    let mut prose = prose(text).into_iter().peekable();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut quotes = Vec::new();
    for (i, &(at, character)) in characters.iter().enumerate() {
        let double = matches!(character, '"' | '“' | '”');
        while prose.next_if(|span| span.end <= at).is_some() {}
        let within = prose.peek().is_some_and(|span| span.contains(&at));
        if !within || !(double || matches!(character, '\'' | '‘' | '’')) {
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| characters.get(i)).map(|&(_, c)| c);
        let opens = before.is_none_or(|before| before.is_whitespace() || "([{—–-".contains(before));
        let curly = match (double, opens) {
            (true, true) => '“',
            (true, false) => '”',
            (false, true) => '‘',
            (false, false) => '’',
        };
        let left = characters.get(..i).unwrap_or_default().iter().rev().map(|&(_, c)| c);
        let right = characters.get(i + 1..).unwrap_or_default().iter().map(|&(_, c)| c);
        let mut around: String = word(left).chars().rev().collect();
        around.push(if double { '"' } else { '\'' });
        around.push_str(&word(right));
        quotes.push(Quote {
            at,
            length: character.len_utf8(),
            is_curly: !matches!(character, '"' | '\''),
            curly,
            straight: if double { '"' } else { '\'' },
            around,
        });
    }
    quotes
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
    use super::*;

    fn prose(quotes: usize) -> String {
        let mut random = Key::from_bytes(b"prose").stream("words");
        (0..quotes)
            .map(|_| format!("he{}'s said \"so{}\" again. ", random.below(9999), random.below(9999)))
            .collect()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_changes() {
        let (key, other, text) = (Key::public(), Key::from_bytes(b"other"), prose(30));
        let marked = Quotes::new(&key).write(&text);
        assert_ne!(marked, text);
        let straight = |text: &str| text.replace(['“', '”'], "\"").replace(['‘', '’'], "'");
        assert_eq!(straight(&marked), text);
        let score = Quotes::new(&key).read(&marked);
        assert_eq!((score.quotes, score.agreeing), (90, 90));
        assert!(score.ln_false_alarm < -40.0);
        for unmarked in [Quotes::new(&key).read(&text), Quotes::new(&other).read(&marked)] {
            assert!(unmarked.ln_false_alarm > -8.0, "{unmarked:?}");
        }
    }

    #[test]
    fn white_space_folded_and_a_paragraph_quoted_still_read() {
        let key = Key::public();
        let marked = Quotes::new(&key).write(&prose(60));
        let folded = marked.split_whitespace().collect::<Vec<_>>().join("\n");
        let score = Quotes::new(&key).read(&folded);
        assert_eq!(score.quotes, score.agreeing);
        let half: String = marked.chars().skip(marked.chars().count() / 2).collect();
        assert!(Quotes::new(&key).read(&half).ln_false_alarm < (1e-9_f64).ln());
    }

    #[test]
    fn code_keeps_its_quotes_and_repetition_proves_nothing() {
        let text = "```\nlet a = \"b\";\n```\nand `x = 'y'` too\n";
        assert_eq!(Quotes::new(&Key::public()).write(text), text);
        let score = Quotes::new(&Key::public()).read(&"it's so. ".repeat(500));
        assert_eq!(score.quotes, 1);
        assert_eq!(Quotes::new(&Key::public()).read("").ln_false_alarm, 0.0);
    }
}
