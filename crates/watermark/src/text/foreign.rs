use std::ops::Range;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::selectors::byte;

/// Invisible or look-alike characters in a text that no script needs where they stand: another tool may have hidden something
/// in them. That they are there says nothing of who made the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What they are.
    pub sort: Sort,
    /// How many there are.
    pub count: usize,
    /// From the first byte of the first to the end of the last.
    pub span: Range<usize>,
    /// What they spell, where that can be told: the text of tag characters, the bytes of selectors in hexadecimal, the first 64.
    pub spelt: String,
}

/// Sorts of such characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Zero-width spaces, joiners and other formats where no script joins.
    ZeroWidth,
    /// Runs of two variation selectors or more.
    Selectors,
    /// Tag characters outside of flags.
    Tags,
    /// Fillers that show nothing (Hangul, Khmer) and combining grapheme joiners.
    Fillers,
    /// Cyrillic or Greek letters within words of Latin ones.
    LookAlikes,
    /// Spaces of odd widths.
    Spaces,
    /// Lines that end in spaces or tabs, four at least.
    LineEnds,
}

impl Sort {
    /// Every sort.
    pub const ALL: [Self; 7] = [
        Self::ZeroWidth,
        Self::Selectors,
        Self::Tags,
        Self::Fillers,
        Self::LookAlikes,
        Self::Spaces,
        Self::LineEnds,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ZeroWidth => "zero-width characters",
            Self::Selectors => "runs of variation selectors",
            Self::Tags => "tag characters",
            Self::Fillers => "fillers that show nothing",
            Self::LookAlikes => "letters of another script that look alike",
            Self::Spaces => "spaces of odd widths",
            Self::LineEnds => "spaces at the ends of lines",
        }
    }
}

/// What of these stands in a text, one entry a sort, in the order of [`Sort::ALL`]. Strip the tokens of known keys first, see
/// [`super::strip_tokens`].
pub fn foreign_marks(text: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    let mut add = |sort: Sort, span: Range<usize>, spelt: &str| {
        let known = found.iter().position(|known: &Foreign| known.sort == sort);
        match known.and_then(|at| found.get_mut(at)) {
            Some(known) => {
                known.count += 1;
                known.span.end = span.end;
                if known.spelt.len() < 64 {
                    known.spelt.push_str(spelt);
                }
            }
            None => found.push(Foreign { sort, count: 1, span, spelt: spelt.to_owned() }),
        }
    };
    for (start, character) in text.char_indices().filter(|(_, character)| !character.is_ascii()) {
        let span = start..start + character.len_utf8();
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        let after = text.get(span.end..).and_then(|text| text.chars().next());
        match character {
            '\u{200C}' | '\u{200D}' if !(before.is_some_and(joins) && after.is_none_or(joins)) => {
                add(Sort::ZeroWidth, span, "")
            }
            '\u{FEFF}' if start == 0 => {}
            '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' if !separates(before, after) => {
                add(Sort::ZeroWidth, span, "");
            }
            '\u{E0020}'..='\u{E007F}' if !in_flag(text, start) => {
                let letter =
                    char::from_u32(u32::from(character) - 0xE0000).filter(|letter| !letter.is_control());
                add(Sort::Tags, span, &letter.map(String::from).unwrap_or_default());
            }
            '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{17B4}' | '\u{17B5}' => {
                add(Sort::Fillers, span, "");
            }
            '\u{2000}'..='\u{200A}' | '\u{205F}' | '\u{2420}' => add(Sort::Spaces, span, ""),
            _ => {}
        }
        if let Some(value) = byte(character)
            && [before, after].into_iter().flatten().any(|near| byte(near).is_some())
        {
            add(Sort::Selectors, start..start + character.len_utf8(), &format!("{value:02x}"));
        }
        if is_alike(character) && [before, after].into_iter().flatten().any(|near| near.is_ascii_alphabetic())
        {
            add(Sort::LookAlikes, start..start + character.len_utf8(), &character.to_string());
        }
    }
    let mut start = 0;
    let mut ends: Vec<Range<usize>> = Vec::new();
    for line in text.split('\n') {
        let line_end = line.strip_suffix('\r').unwrap_or(line);
        let bare = line_end.trim_end_matches([' ', '\t']);
        // Two spaces alone are a line break in Markdown.
        if bare.len() < line_end.len() && line_end.get(bare.len()..) != Some("  ") {
            ends.push(start + bare.len()..start + line_end.len());
        }
        start += line.len() + 1;
    }
    if ends.len() >= 4 {
        ends.into_iter().for_each(|span| add(Sort::LineEnds, span, ""));
    }
    found.sort_by_key(|foreign| foreign.sort);
    found
}

/// Letters and signs that joiners stand between: of scripts that join, and emoji.
fn joins(character: char) -> bool {
    let code = u32::from(character);
    let script = matches!(code, 0x0600..=0x08FF | 0x0900..=0x109F | 0x1780..=0x18AF | 0x1A00..=0x1CFF | 0xA800..=0xABFF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFC | 0x10A00..=0x11FFF | 0x1E900..=0x1E95F);
    let emoji = matches!(code, 0x2190..=0x2BFF | 0x1F000..=0x1FAFF | 0xFE0F | 0x200D);
    script || emoji
}

/// A zero-width space may part words of scripts without gaps.
fn separates(before: Option<char>, after: Option<char>) -> bool {
    let without_gaps = |c: char| matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x9FFF);
    before.is_some_and(without_gaps) || after.is_some_and(without_gaps)
}

/// Most tag characters of a flag.
const LONGEST_FLAG: usize = 8;

/// Whether a tag character belongs to the flag of a region, which begins with a black flag.
fn in_flag(text: &str, at: usize) -> bool {
    let mut before = text.get(..at).unwrap_or_default().chars().rev();
    before.by_ref().take(LONGEST_FLAG).find(|c| !matches!(c, '\u{E0020}'..='\u{E007F}')) == Some('\u{1F3F4}')
}

/// Cyrillic and Greek letters that look like Latin ones.
fn is_alike(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Letter
        && "авеѕіјорсухһԁԛԝАВЕЅІЈКМНОРСТУХνορτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorts(text: &str) -> Vec<(Sort, usize)> {
        foreign_marks(text).into_iter().map(|foreign| (foreign.sort, foreign.count)).collect()
    }

    #[test]
    fn each_sort_is_told_with_its_place() {
        for (text, sort, count, at) in [
            ("one\u{200B}two\u{2060}", Sort::ZeroWidth, 2, 3),
            ("one\u{200D}two", Sort::ZeroWidth, 1, 3),
            ("a\u{FE01}\u{E0101}b", Sort::Selectors, 2, 1),
            ("x\u{E0041}\u{E0042}", Sort::Tags, 2, 1),
            ("x\u{3164}y", Sort::Fillers, 1, 1),
            ("раypal", Sort::LookAlikes, 1, 2),
            ("one\u{2009}two", Sort::Spaces, 1, 3),
            ("a \nb\t\nc \t\nd \n", Sort::LineEnds, 4, 1),
        ] {
            let found = foreign_marks(text);
            assert_eq!(
                found.iter().map(|f| (f.sort, f.count, f.span.start)).collect::<Vec<_>>(),
                [(sort, count, at)],
                "{text:?}"
            );
        }
        assert_eq!(foreign_marks("x\u{E0048}\u{E0069}")[0].spelt, "Hi");
        assert_eq!(foreign_marks("x\u{E0100}\u{E01EF}")[0].spelt, "10ff");
    }

    #[test]
    fn what_scripts_need_is_left_alone() {
        for text in [
            "\u{FEFF}plain text, with “quotes” – and dashes…",
            "می\u{200C}شود و نمی\u{200C}خواهم",
            "क्\u{200D}ष और र्\u{200C}य",
            "👩\u{200D}👩\u{200D}👧 ❤\u{FE0F} 🏳\u{FE0F}\u{200D}🌈",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "ภาษา\u{200B}ไทย",
            "葛\u{E0100}城",
            "русский текст, ελληνικά",
            "two  \nline  \nbreaks  \nin  \nMarkdown  \n",
            "prix\u{A0}: 10\u{202F}000\u{A0}€",
            "",
        ] {
            assert_eq!(sorts(text), [], "{text:?}");
        }
    }
}
