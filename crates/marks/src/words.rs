//! The words of a notice that people see, hear or read, and whether a text has the words the standard asks for.
//!
//! GB 45438-2025 clause 5 wants two elements in one label: 人工智能 or `AI`, together with 生成 and/or 合成.
//! Both are Chinese words (only `AI` is not), so an English notice alone never satisfies it.

use crate::notices::Wording;
use indicia_core::{Claim, Language, Origin, Status, Style};

/// How much room there is for the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A whole sentence, for text and speech.
    Long,
    /// A few characters, for pictures.
    Short,
}

/// Which of the elements that GB 45438-2025 clause 5 asks for a text has, and in which language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elements {
    /// 人工智能, or `AI` as a word of its own, in capitals; fullwidth ＡＩ counts.
    pub ai: bool,
    /// The same said in words that the standard does not name: artificial intelligence, A.I., 人工智慧.
    pub ai_otherwise: bool,
    /// 生成 or 合成.
    pub generation_chinese: bool,
    /// A form of `generate` or `synthesize`.
    pub generation_english: bool,
}

impl Elements {
    /// The elements of a text.
    pub fn of(text: &str) -> Self {
        let text = fold_width(text);
        let lower = text.to_ascii_lowercase();
        Self {
            ai: has_ai(&text),
            ai_otherwise: ["artificial intelligence", "a.i.", "人工智慧"]
                .iter()
                .any(|one| lower.contains(one)),
            generation_chinese: ["生成", "合成"].iter().any(|one| text.contains(one)),
            generation_english: ["generated", "synthesized", "synthesised", "synthesis", "generation"]
                .iter()
                .any(|one| has_word(&lower, one)),
        }
    }

    /// Whether the word rule of GB 45438-2025 clause 5 is satisfied.
    pub fn satisfy_gb45438(self) -> bool {
        self.ai && self.generation_chinese
    }

    /// What the word rule of GB 45438-2025 clause 5 still asks for; `None` if it is satisfied.
    pub fn missing(self) -> Option<&'static str> {
        match (self.ai, self.generation_chinese) {
            (true, true) => None,
            (true, false) => Some("生成 or 合成"),
            (false, true) => Some("人工智能 or AI"),
            (false, false) => Some("人工智能 or AI, together with 生成 or 合成"),
        }
    }
}

/// Whether a text has the first element of the word rule: 人工智能, or `AI` as a word of its own.
pub fn has_ai_element(text: &str) -> bool {
    Elements::of(text).ai
}

/// Whether a text has the second element of the word rule: 生成 or 合成. English words do not count.
pub fn has_generation_element(text: &str) -> bool {
    Elements::of(text).generation_chinese
}

/// The usual words of a notice for a claim.
///
/// 生成 is said of what was made whole (and where the claim does not tell), 合成 of what was altered. A
/// claim that content is not generated, or that does not say whether it is, has no notice: `None`.
///
/// The words for [`Language::English`] do not satisfy [`Elements::satisfy_gb45438`].
pub fn usual(length: Length, language: Language, claim: &Claim) -> Option<String> {
    let chinese = || chinese(length, claim);
    let english = || english(length, claim);
    let words = match (language, length) {
        (Language::Chinese, _) => chinese()?.to_owned(),
        (Language::English, _) => english()?.to_owned(),
        (Language::Other, _) => return None,
        (Language::Both, Length::Short) => format!("{} {}", chinese()?, english()?),
        (Language::Both, Length::Long) => format!("{}。{}.", chinese()?, english()?),
    };
    Some(words)
}

/// The words of a notice in every language that a style names; `None` for a claim that has none.
///
/// Further languages are said in their short form, after `|` in a text, so that the line stays one.
pub fn all(length: Length, style: &Style, claim: &Claim) -> Option<String> {
    let mut parts = Vec::new();
    if style.language != Language::Other {
        parts.push(usual(length, style.language, claim)?);
    }
    for code in &style.more {
        let length = if parts.is_empty() { length } else { Length::Short };
        parts
            .extend(Wording::named(code).and_then(|wording| wording.words(length, claim)).map(str::to_owned));
    }
    let between = if length == Length::Long { " | " } else { " " };
    Some(parts.join(between)).filter(|words| !words.is_empty())
}

fn chinese(length: Length, claim: &Claim) -> Option<&'static str> {
    let altered = claim.origin == Some(Origin::Altered);
    Some(match (length, claim.status?) {
        (Length::Short, Status::Generated) if altered => "AI合成",
        (Length::Short, Status::Generated) => "AI生成",
        (Length::Short, Status::Possible) => "可能为AI生成合成",
        (Length::Short, Status::Suspected) => "疑似AI生成合成",
        (Length::Long, Status::Generated) if altered => "本内容由人工智能合成",
        (Length::Long, Status::Generated) => "本内容由人工智能生成",
        (Length::Long, Status::Possible) => "本内容可能为人工智能生成合成",
        (Length::Long, Status::Suspected) => "本内容疑似为人工智能生成合成",
        (_, Status::NotGenerated) => return None,
    })
}

fn english(length: Length, claim: &Claim) -> Option<&'static str> {
    let altered = claim.origin == Some(Origin::Altered);
    Some(match (length, claim.status?) {
        (Length::Short, Status::Generated) if altered => "AI-synthesized",
        (Length::Short, Status::Generated) => "AI-generated",
        (Length::Short, Status::Possible) => "Possibly AI-generated",
        (Length::Short, Status::Suspected) => "Suspected AI-generated",
        (Length::Long, Status::Generated) if altered => "This content was synthesized by AI",
        (Length::Long, Status::Generated) => "This content was generated by AI",
        (Length::Long, Status::Possible) => "This content may be AI-generated",
        (Length::Long, Status::Suspected) => "This content is suspected to be AI-generated",
        (_, Status::NotGenerated) => return None,
    })
}

/// The text with fullwidth letters, digits and signs (U+FF01 to U+FF5E) as their ASCII twins.
pub(crate) fn fold_width(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        '\u{3000}' => ' ',
        _ => letter,
    };
    text.chars().map(narrow).collect()
}

fn has_ai(text: &str) -> bool {
    text.contains("人工智能") || has_word(text, "AI")
}

/// Whether `word` stands in `text` with no letter or digit of an alphabet right beside it.
///
/// Chinese has no spaces between words, so a Chinese character beside it does not make it part of a word.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// Whether a letter beside a Latin word would make it part of a longer word.
fn joins(letter: char) -> bool {
    let east_asian = matches!(u32::from(letter), 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF);
    (letter.is_alphanumeric() && !east_asian) || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::{Elements, Length, has_ai_element, has_generation_element, usual};
    use indicia_core::{Claim, Language, Origin, Status};

    fn claim(status: Option<Status>, origin: Option<Origin>) -> Claim {
        Claim { status, origin, ..Claim::default() }
    }

    #[test]
    fn ai_counts_only_as_a_word() {
        let yes = [
            "AI生成",
            "由AI合成",
            "人工智能",
            "ＡＩ生成",
            "(AI)",
            "AI-generated",
            "生成AI",
            "[AI]",
            "AI",
            "AIの",
        ];
        for text in yes {
            assert!(has_ai_element(text), "{text}");
        }
        let no = [
            "MAIN",
            "said",
            "AIR",
            "ai生成",
            "Ai生成",
            "OpenAI生成",
            "AIGC",
            "A I",
            "人工智慧",
            "人工",
            "",
            "AI_x",
            "AI2",
            "ОAI",
        ];
        for text in no {
            assert!(!has_ai_element(text), "{text}");
        }
    }

    #[test]
    fn generation_counts_only_in_chinese() {
        assert!(has_generation_element("生成") && has_generation_element("人工智能合成"));
        for text in ["AI-generated", "创作", "生 成", "AI作品", "合并成功", ""] {
            assert!(!has_generation_element(text), "{text}");
        }
    }

    /// The examples of the standard's word rule, and what is often written in its place.
    #[test]
    fn the_word_rule_asks_for_both_elements() {
        for text in ["AI生成", "人工智能合成", "本内容由AI生成", "AI-generated 生成", "ＡＩ合成"]
        {
            assert!(Elements::of(text).satisfy_gb45438(), "{text}");
            assert_eq!(Elements::of(text).missing(), None);
        }
        for (text, missing) in [
            ("AI创作", "生成 or 合成"),
            ("AI作品", "生成 or 合成"),
            ("智能生成", "人工智能 or AI"),
            ("AI-generated", "生成 or 合成"),
            ("人工智慧生成", "人工智能 or AI"),
            ("hello", "人工智能 or AI, together with 生成 or 合成"),
        ] {
            assert_eq!(Elements::of(text).missing(), Some(missing), "{text}");
        }
    }

    #[test]
    fn elements_tell_the_language() {
        let english = Elements::of("Synthesized by artificial intelligence");
        assert_eq!(
            english,
            Elements { ai: false, ai_otherwise: true, generation_chinese: false, generation_english: true }
        );
        assert!(!Elements::of("degenerated regenerated").generation_english);
        assert!(Elements::of("人工智慧合成").ai_otherwise);
    }

    #[test]
    fn usual_words_with_chinese_satisfy_the_rule_and_english_alone_does_not() {
        for length in [Length::Long, Length::Short] {
            for status in [Status::Generated, Status::Possible, Status::Suspected] {
                for origin in [None, Some(Origin::Generated), Some(Origin::Altered)] {
                    let claim = claim(Some(status), origin);
                    for language in [Language::Chinese, Language::Both] {
                        let words = usual(length, language, &claim).unwrap();
                        assert!(Elements::of(&words).satisfy_gb45438(), "{words}");
                    }
                    let words = usual(length, Language::English, &claim).unwrap();
                    let elements = Elements::of(&words);
                    assert!(elements.ai && elements.generation_english, "{words}");
                    assert!(!elements.satisfy_gb45438(), "{words}");
                }
            }
        }
    }

    #[test]
    fn origin_and_status_choose_the_words() {
        let words =
            |status, origin| usual(Length::Short, Language::Chinese, &claim(Some(status), origin)).unwrap();
        assert_eq!(words(Status::Generated, None), "AI生成");
        assert_eq!(words(Status::Generated, Some(Origin::Altered)), "AI合成");
        assert_eq!(words(Status::Possible, None), "可能为AI生成合成");
        assert_eq!(words(Status::Suspected, None), "疑似AI生成合成");
        let generated = claim(Some(Status::Generated), Some(Origin::Generated));
        assert_eq!(usual(Length::Long, Language::Chinese, &generated).unwrap(), "本内容由人工智能生成");
        assert_eq!(usual(Length::Short, Language::Both, &generated).unwrap(), "AI生成 AI-generated");
    }

    #[test]
    fn what_is_not_said_to_be_generated_gets_no_words() {
        for status in [None, Some(Status::NotGenerated)] {
            for language in [Language::Both, Language::English, Language::Chinese] {
                assert_eq!(usual(Length::Short, language, &claim(status, None)), None);
            }
        }
    }
}
