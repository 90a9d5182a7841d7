use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::choices::{Choice, Choices};
use super::places::prose;
use super::selectors::shows_nothing;

/// The choice between two wordings of one meaning, in English and Chinese: `for example` and `for instance`, `但是` and `可是`.
///
/// It survives whatever keeps the words, typing anew as well; rewording and translation destroy it. Formal and familiar
/// wordings stand side by side in a text so marked, and whoever is particular about style will see that.
pub static WORDING: Choices = Choices::new("wording", wordings);

/// Pairs of wordings, a line each: see the head of the file.
const LIST: &str = include_str!("../../wording.txt");

/// Stands in a list for the end of the words.
const END: &str = ".";

/// Two wordings that may take each other's place.
struct Pair {
    forms: [&'static str; 2],
    not_after: Vec<&'static str>,
    not_before: Vec<&'static str>,
    /// Where empty, before anything.
    only_before: Vec<&'static str>,
    /// Whether a comma has to follow.
    comma: bool,
}

/// One wording of a pair, as words.
struct Form {
    words: Vec<String>,
    /// Which pair, and which of its two.
    pair: usize,
    which: usize,
}

/// All pairs, and their wordings by the first word, the longest first.
struct Lexicon {
    pairs: Vec<Pair>,
    forms: HashMap<String, Vec<Form>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let pairs: Vec<Pair> = LIST.lines().filter_map(pair).collect();
    let mut forms: HashMap<String, Vec<Form>> = HashMap::new();
    for (pair, (which, form)) in pairs
        .iter()
        .enumerate()
        .flat_map(|(at, pair)| pair.forms.iter().enumerate().map(move |form| (at, form)))
    {
        let words: Vec<String> = words(form).into_iter().map(|word| word.letters.into_owned()).collect();
        if let Some(first) = words.first() {
            forms.entry(first.clone()).or_default().push(Form { words, pair, which });
        }
    }
    for all in forms.values_mut() {
        all.sort_by_key(|form| std::cmp::Reverse(form.words.len()));
    }
    Lexicon { pairs, forms }
});

fn pair(line: &'static str) -> Option<Pair> {
    let mut parts = line.split(';').map(str::trim);
    let (first, second) = parts.next().filter(|pair| !pair.starts_with('#'))?.split_once('|')?;
    let (mut not_after, mut not_before, mut only_before) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        if let Some(list) = part.strip_prefix("not after:") {
            not_after = list.split_whitespace().collect();
        } else if let Some(list) = part.strip_prefix("not before:") {
            not_before = list.split_whitespace().collect();
        } else if let Some(list) = part.strip_prefix("only before:") {
            only_before = list.split_whitespace().collect();
        }
    }
    let forms = [first, second].map(str::trim);
    let comma = forms.iter().all(|form| form.ends_with(','));
    Some(Pair {
        forms: forms.map(|form| form.trim_end_matches(',')),
        not_after,
        not_before,
        only_before,
        comma,
    })
}

/// A word of a text; a Han character is one by itself.
#[derive(Debug)]
struct Word<'t> {
    span: Range<usize>,
    /// In lower case, with straight apostrophes, without what shows nothing.
    letters: Cow<'t, str>,
    is_han: bool,
    /// Whether it belongs to the word before: only white space is between, or nothing between Han characters.
    follows: bool,
    /// Whether signs stand at it as in addresses, paths and compounds.
    is_part: bool,
    /// Whether a comma follows at once.
    comma: bool,
}

/// What stands between two words.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    Nothing,
    White,
    Stop,
    Signs,
}

impl Gap {
    fn with(self, sign: char) -> Self {
        match self {
            Self::Nothing | Self::White if sign.is_whitespace() => Self::White,
            Self::Nothing if sign == '.' => Self::Stop,
            _ => Self::Signs,
        }
    }
}

/// The words of a stretch of text, in order.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let (mut before, mut gap, mut open) = (None, Gap::Nothing, false);
    let mut signs = text.char_indices().filter(|(_, sign)| !shows_nothing(*sign)).peekable();
    while let Some((at, sign)) = signs.next() {
        let end = at + sign.len_utf8();
        let next = signs.peek().map(|(_, next)| *next);
        let apostrophe = matches!(sign, '\'' | '’') && open && next.is_some_and(char::is_alphabetic);
        let is_han = is_han(sign);
        if open && !is_han && (apostrophe || sign.is_alphanumeric()) {
            words.last_mut().into_iter().for_each(|word| word.span.end = end);
        } else if sign.is_alphanumeric() {
            let after_han = words.last().is_some_and(|last| last.is_han);
            let follows = match gap {
                Gap::Nothing => is_han && after_han,
                Gap::White => !is_han && !after_han && !words.is_empty(),
                Gap::Stop | Gap::Signs => false,
            };
            let is_part = gap == Gap::Stop || before.is_some_and(joins);
            words.push(Word {
                span: at..end,
                letters: Cow::Borrowed(""),
                is_han,
                follows,
                is_part,
                comma: false,
            });
            (open, gap) = (!is_han, Gap::Nothing);
        } else {
            if gap == Gap::Nothing
                && let Some(word) = words.last_mut()
            {
                word.comma = sign == ',';
                word.is_part |= joins(sign) || (sign == '.' && next.is_some_and(char::is_alphanumeric));
            }
            (open, gap) = (false, gap.with(sign));
        }
        before = Some(sign);
    }
    for word in &mut words {
        word.letters = letters(text.get(word.span.clone()).unwrap_or_default());
    }
    words
}

/// A word as it stands in the list.
fn letters(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'\'';
    if word.bytes().all(is_plain) {
        return Cow::Borrowed(word);
    }
    let shown = word.chars().filter(|sign| !shows_nothing(*sign));
    Cow::Owned(shown.map(|sign| if sign == '’' { '\'' } else { sign }).flat_map(char::to_lowercase).collect())
}

/// Whether a sign makes one of the words at its sides.
fn joins(sign: char) -> bool {
    "-‐_/\\@#=&+~%$€".contains(sign)
}

/// Whether it is a Han character of the common blocks.
fn is_han(sign: char) -> bool {
    matches!(u32::from(sign), 0x3400..=0x4DBF | 0x4E00..=0x9FFF)
}

/// The prose of a text, lines that follow each other in one.
fn stretches(text: &str) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for line in prose(text) {
        match stretches.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => stretches.push(line),
        }
    }
    stretches
}

fn wordings(text: &str) -> Vec<Choice> {
    let curly = text.contains('’') && !text.contains('\'');
    let mut choices = Vec::new();
    for stretch in stretches(text) {
        let start = stretch.start;
        let inner = text.get(stretch).unwrap_or_default();
        let words = words(inner);
        let (mut at, mut beside) = (0, Beside::default());
        while let Some(word) = words.get(at) {
            let Some((form, pair)) = wording(&words, at, &beside) else {
                beside.pass(&word.letters, word.is_han);
                at += 1;
                continue;
            };
            let last = words.get(at + form.words.len() - 1).unwrap_or(word);
            let span = word.span.start..last.span.end;
            let here = inner.get(span.clone()).unwrap_or_default();
            let (name, [first, second]) = (pair.forms[0], pair.forms);
            let forms = [first, second].map(|form| dressed(form, here, curly));
            choices.push(Choice {
                span: start + span.start..start + span.end,
                forms,
                taken: form.which,
                context: format!("{}{name}", beside.context()),
                is_closed: here.chars().any(shows_nothing),
            });
            beside.pass(name, word.is_han);
            at += form.words.len();
        }
    }
    choices
}

/// What stands before a word, with every wording of a pair as the pair's name.
#[derive(Default)]
struct Beside<'w> {
    last: &'w str,
    /// Empty but for Han characters.
    before_last: &'w str,
}

impl<'w> Beside<'w> {
    fn pass(&mut self, word: &'w str, is_han: bool) {
        let earlier = std::mem::replace(&mut self.last, word);
        self.before_last = if is_han { earlier } else { "" };
    }

    /// Two Han characters tell as much as a word.
    fn context(&self) -> String {
        format!("{}\0{}\0", self.before_last, self.last)
    }
}

/// The longest wording that begins at a word, if its pair is a choice there.
fn wording<'l>(words: &[Word<'_>], at: usize, beside: &Beside<'_>) -> Option<(&'l Form, &'l Pair)> {
    let lexicon: &'static Lexicon = &LEXICON;
    let here = words.get(at..)?;
    let first = here.first()?;
    let fits =
        |form: &&Form| {
            here.len() >= form.words.len()
                && form.words.iter().zip(here).enumerate().all(|(i, (form, word))| {
                    *form == word.letters && (i == 0 || word.follows) && !word.is_part
                })
        };
    let form = lexicon.forms.get(first.letters.as_ref())?.iter().find(fits)?;
    let pair = lexicon.pairs.get(form.pair)?;
    let last = here.get(form.words.len() - 1)?;
    let next = here.get(form.words.len()).filter(|next| next.follows);
    let next = next.map_or(END, |next| next.letters.as_ref());
    let before = if first.follows { beside.last } else { END };
    // `a whole` and `an entire`: the article would have to change as well.
    let vowels = pair.forms.map(|form| form.starts_with(['a', 'e', 'i', 'o', 'u', 'h']));
    let article = ["a", "an"].contains(&before) && vowels[0] != vowels[1];
    let open = (!pair.comma || last.comma)
        && !article
        && !pair.not_after.contains(&before)
        && !names(&pair.not_before, next)
        && (pair.only_before.is_empty() || names(&pair.only_before, next));
    open.then_some((form, pair))
}

/// Whether a list has a word: by itself or, behind a star, by its end.
fn names(list: &[&str], word: &str) -> bool {
    list.iter().any(|one| one.strip_prefix('*').map_or(*one == word, |end| word.ends_with(end)))
}

/// A wording with the capitals and the apostrophes of what it would stand for.
fn dressed(form: &str, here: &str, curly: bool) -> String {
    let form = if curly { form.replace('\'', "’") } else { form.to_owned() };
    let letters = || here.chars().filter(|sign| sign.is_alphabetic());
    if letters().count() > 1 && letters().all(char::is_uppercase) {
        return form.to_uppercase();
    }
    let mut signs = form.chars();
    match (letters().next(), signs.next()) {
        (Some(here), Some(first)) if here.is_uppercase() => first.to_uppercase().chain(signs).collect(),
        _ => form,
    }
}

#[cfg(test)]
mod tests {
    use super::{LEXICON, LIST, WORDING, wordings};
    use crate::Key;
    use std::collections::HashSet;

    const ENGLISH: &str = "However, they are often wrong. For example, nearly everyone thought it was done; perhaps it does not \
        matter, although someone would have noticed. DO NOT WALK.";
    const CHINESE: &str = "但是因为下雨，所以他仍然没有来。也许应该立即通知大家，例如打电话。";

    fn names(text: &str) -> Vec<String> {
        wordings(text).into_iter().map(|choice| choice.forms[choice.taken].clone()).collect()
    }

    #[test]
    fn every_line_of_the_list_is_a_pair_and_no_wording_is_in_two() {
        let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert!(lines == LEXICON.pairs.len() && lines > 120, "{lines}");
        let mut seen = HashSet::new();
        for pair in &LEXICON.pairs {
            for form in pair.forms {
                assert!(seen.insert(form), "{form} is in two pairs");
                // By itself it is read as itself, whichever of the two it is.
                let comma = if pair.comma { "," } else { "" };
                let after = pair.only_before.last().copied().unwrap_or("zzz");
                let beside = if form.is_ascii() {
                    ["zzz ".to_owned(), format!(" {after}")]
                } else {
                    ["甲".to_owned(), "乙".to_owned()]
                };
                let text = format!("{}{form}{comma}{}", beside[0], beside[1]);
                assert_eq!(names(&text), [form.to_owned()], "{text}");
            }
        }
    }

    #[test]
    fn wordings_are_found_with_their_capitals_and_only_where_they_are_open() {
        let found =
            ["However", "they are", "often", "For example", "nearly", "everyone", "perhaps", "does not"];
        assert_eq!(names(ENGLISH), [&found[..], &["although", "someone", "DO NOT"]].concat());
        let found = ["但是", "因为", "所以", "仍然", "也许", "应该", "立即", "例如"];
        assert_eq!(names(CHINESE), found);
        for closed in [
            "Even though they were so",
            "however hard",
            "is due to rain",
            "Don't you see? Is not it?",
            "yes, they are.",
            "an entire day, a whole day",
            "https://a.b/often/perhaps often-used perhaps.html",
            "`perhaps` and\n\n    perhaps\n",
            "十分钟，大概念，之所以",
        ] {
            assert_eq!(names(closed), [] as [&str; 0], "{closed}");
        }
    }

    #[test]
    fn what_is_written_is_read_and_the_other_way_round() {
        for text in [ENGLISH, CHINESE] {
            let (mut changed, mut agreed) = (0, 0);
            for name in 0..20_u8 {
                let key = Key::from_bytes(&[name]);
                let marked = WORDING.written(text, &key);
                let score = WORDING.read(&marked, &key);
                assert_eq!(score.choices, score.agreeing, "{marked}");
                assert_eq!(score.choices, WORDING.read(text, &key).choices);
                assert_eq!(WORDING.written(&marked, &key), marked);
                changed += u64::from(marked != text);
                agreed += WORDING.read(text, &key).agreeing;
            }
            assert_eq!(changed, 20);
            let all = 20 * WORDING.read(text, &Key::public()).choices;
            assert!(agreed * 3 > all && agreed * 3 < all * 2, "{agreed} of {all}: as a coin falls");
        }
    }

    #[test]
    fn what_shows_nothing_between_letters_and_other_apostrophes_change_no_reading() {
        let key = Key::public();
        let marked = WORDING.written(ENGLISH, &key);
        let hidden = marked.replace(' ', "\u{200B} ").replace("ey", "e\u{FE01}y").replace('\'', "’");
        let folded = marked.split_whitespace().collect::<Vec<_>>().join("\n");
        for text in [hidden, folded, marked.to_lowercase(), marked.to_uppercase()] {
            assert_eq!(WORDING.read(&text, &key), WORDING.read(&marked, &key), "{text}");
        }
        let kept = "th\u{E0101}ey will not go";
        assert!(WORDING.edits(kept, &key).iter().all(|(span, _)| span.start > 5), "nothing hidden is lost");
        assert!(!WORDING.written("they don’t go", &key).contains('\''));
    }
}
