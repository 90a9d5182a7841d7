use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;
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
    /// Words of the longest.
    longest: usize,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let pairs: Vec<Pair> = LIST.lines().filter_map(pair).collect();
    let (mut forms, mut longest): (HashMap<String, Vec<Form>>, usize) = Default::default();
    for (pair, (which, form)) in pairs
        .iter()
        .enumerate()
        .flat_map(|(at, pair)| pair.forms.iter().enumerate().map(move |form| (at, form)))
    {
        let words: Vec<String> = Words::new(form).map(|word| word.letters.into_owned()).collect();
        longest = longest.max(words.len());
        if let Some(first) = words.first() {
            forms.entry(first.clone()).or_default().push(Form { words, pair, which });
        }
    }
    for all in forms.values_mut() {
        all.sort_by_key(|form| std::cmp::Reverse(form.words.len()));
    }
    Lexicon { pairs, forms, longest }
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

/// The words of a stretch of text, in order, one by one: a text of a hundred megabytes is no list of its words.
struct Words<'t> {
    text: &'t str,
    signs: Peekable<CharIndices<'t>>,
    /// What was last read, shown or not.
    before: Option<char>,
    gap: Gap,
    /// The word that was begun; what follows it is not known yet.
    word: Option<Word<'t>>,
}

impl<'t> Words<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, signs: text.char_indices().peekable(), before: None, gap: Gap::Nothing, word: None }
    }

    fn end(&mut self) -> Option<Word<'t>> {
        let mut word = self.word.take()?;
        word.letters = letters(self.text.get(word.span.clone()).unwrap_or_default());
        Some(word)
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        while let Some((at, sign)) = self.signs.next() {
            if shows_nothing(sign) {
                continue;
            }
            while self.signs.next_if(|(_, next)| shows_nothing(*next)).is_some() {}
            let (end, next) = (at + sign.len_utf8(), self.signs.peek().map(|(_, next)| *next));
            let open = self.gap == Gap::Nothing && self.word.as_ref().is_some_and(|word| !word.is_han);
            let apostrophe = matches!(sign, '\'' | '’') && next.is_some_and(char::is_alphabetic);
            let is_han = is_han(sign);
            let before = self.before.replace(sign);
            if open && !is_han && (apostrophe || sign.is_alphanumeric()) {
                self.word.iter_mut().for_each(|word| word.span.end = end);
            } else if sign.is_alphanumeric() {
                let last = self.end();
                let after_han = last.as_ref().is_some_and(|last| last.is_han);
                let follows = match self.gap {
                    Gap::Nothing => is_han && after_han,
                    Gap::White => !is_han && last.is_some() && !after_han,
                    Gap::Stop | Gap::Signs => false,
                };
                let is_part = self.gap == Gap::Stop || before.is_some_and(joins);
                let letters = Cow::Borrowed("");
                self.word = Some(Word { span: at..end, letters, is_han, follows, is_part, comma: false });
                self.gap = Gap::Nothing;
                if last.is_some() {
                    return last;
                }
            } else {
                if let Some(word) = self.word.as_mut().filter(|_| self.gap == Gap::Nothing) {
                    word.comma = sign == ',';
                    word.is_part |= joins(sign) || (sign == '.' && next.is_some_and(char::is_alphanumeric));
                }
                self.gap = self.gap.with(sign);
            }
        }
        self.end()
    }
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
fn stretches(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut lines = prose(text).peekable();
    std::iter::from_fn(move || {
        let mut stretch = lines.next()?;
        while let Some(line) = lines.next_if(|line| line.start == stretch.end) {
            stretch.end = line.end;
        }
        Some(stretch)
    })
}

fn wordings(text: &str, each: &mut dyn FnMut(Choice)) {
    let curly = text.contains('’') && !text.contains('\'');
    for stretch in stretches(text) {
        let start = stretch.start;
        let inner = text.get(stretch).unwrap_or_default();
        let mut ahead = Words::new(inner);
        // As many as the longest wording has, and the one behind it.
        let mut words: VecDeque<Word<'_>> = VecDeque::new();
        let mut beside = Beside::default();
        loop {
            words.extend(ahead.by_ref().take(LEXICON.longest + 1 - words.len()));
            let words = &mut words;
            let Some((form, pair)) = wording(words.make_contiguous(), &beside) else {
                let Some(word) = words.pop_front() else { break };
                beside.pass(word.letters, word.is_han);
                continue;
            };
            let (first, last) = (words.front(), words.get(form.words.len() - 1));
            let Some((first, last)) = first.zip(last) else { break };
            let (span, is_han) = (first.span.start..last.span.end, first.is_han);
            let here = inner.get(span.clone()).unwrap_or_default();
            let name = pair.forms[0];
            each(Choice {
                span: start + span.start..start + span.end,
                forms: pair.forms.map(|form| dressed(form, here, curly)),
                taken: form.which,
                context: format!("{}{name}", beside.context()),
                is_closed: here.chars().any(shows_nothing),
            });
            words.drain(..form.words.len());
            beside.pass(Cow::Borrowed(name), is_han);
        }
    }
}

/// What stands before a word, with every wording of a pair as the pair's name.
#[derive(Default)]
struct Beside<'t> {
    last: Cow<'t, str>,
    /// Empty but for Han characters.
    before_last: Cow<'t, str>,
}

impl<'t> Beside<'t> {
    fn pass(&mut self, word: Cow<'t, str>, is_han: bool) {
        let earlier = std::mem::replace(&mut self.last, word);
        self.before_last = if is_han { earlier } else { Cow::Borrowed("") };
    }

    /// Two Han characters tell as much as a word.
    fn context(&self) -> String {
        format!("{}\0{}\0", self.before_last, self.last)
    }
}

/// The longest wording that these words begin with, if its pair is a choice there.
fn wording(here: &[Word<'_>], beside: &Beside<'_>) -> Option<(&'static Form, &'static Pair)> {
    let lexicon: &'static Lexicon = &LEXICON;
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
    let before = if first.follows { beside.last.as_ref() } else { END };
    // `a whole` and `an entire`: the article would have to change as well.
    let vowels = pair.forms.map(|form| form.starts_with(['a', 'e', 'i', 'o', 'u']));
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
        let mut names = Vec::new();
        wordings(text, &mut |choice| names.push(choice.forms[choice.taken].clone()));
        names
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
            "an entire day, a whole day, a huge dog, an enormous dog",
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
    fn a_long_line_is_read_for_four_megabytes() {
        let text = "perhaps it's 这样 ".repeat(1 << 18);
        let score = WORDING.read(&text, &Key::public());
        assert_eq!(score.choices, 2, "{score:?}");
        let late = format!("{}a perhaps b", "a b ".repeat(1 << 20));
        assert_eq!(WORDING.read(&late, &Key::public()).choices, 0);
        assert_eq!(WORDING.read(&late[9..], &Key::public()).choices, 1);
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
        // Whichever form a key wants, what is hidden in one is not lost.
        let kept = "th\u{E0101}ey will go";
        for name in 0..8_u8 {
            assert_eq!(WORDING.written(kept, &Key::from_bytes(&[name])), kept);
        }
        assert!(!WORDING.written("they don’t go", &key).contains('\''));
    }
}
