//! Whether words read in a picture are a label that says it is generated.
//!
//! Pictures are full of words, and many speak of AI: a headline, a button, the name of a firm. A picture counts as
//! labelled only if all of a line is what labels are made of, it stands at the edge, and by itself.

use crate::notice_line;
use crate::words::{Elements, fold_width};
use indicia_core::{Origin, Status};

/// Services that put their own name before the words, as they are seen to do.
const SERVICES: &[&str] = &[
    "豆包",
    "即梦",
    "可灵",
    "通义",
    "千问",
    "万相",
    "文心",
    "一言",
    "混元",
    "元宝",
    "智谱",
    "清言",
    "海螺",
    "星火",
    "讯飞",
    "秒画",
    "腾讯",
    "百度",
    "阿里",
    "剪映",
    "抖音",
    "快手",
    "美图",
    "夸克",
    "天工",
    "小红书",
    "微信",
    "阶跃",
];

/// Longest label, in characters.
const LONGEST: usize = 48;

/// What the words of a line say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// The words, as the reader of letters is taken to have meant them.
    pub(crate) words: String,
    /// How sure they are that the content is generated.
    pub(crate) status: Status,
    /// Made or altered, if they say so.
    pub(crate) origin: Option<Origin>,
    /// Why it may be no label; `None` if it can hardly be anything else.
    pub(crate) doubt: Option<&'static str>,
    /// Whether the words are so few that other words around them make them something else.
    pub(crate) bare: bool,
}

/// Whether words are surely a label.
pub(crate) fn says_label(words: &str) -> bool {
    read(words.trim()).is_some_and(|said| said.doubt.is_none())
}

/// Reads a line; `None` if it is no label.
pub(crate) fn read(line: &str) -> Option<Said> {
    let words = meant(line);
    if words.chars().count() > LONGEST {
        return None;
    }
    if let Some(whole) = completed(&words) {
        return read(&whole).map(|said| Said { words, ..said });
    }
    let said = |status, origin, doubt, bare| Said { words: words.clone(), status, origin, doubt, bare };
    // The main element of the Code's labels is also what firms and products are called.
    if words.trim_matches(|sign: char| !sign.is_alphanumeric()) == "AI" {
        let doubt =
            "AI alone is the main element of the EU Code of Practice's label, and may be a name or a logo";
        return Some(said(Status::Generated, None, Some(doubt), true));
    }
    let phrase = icon(&words).or_else(|| {
        let elements = Elements::of(&words);
        let speaks = (elements.ai || elements.ai_otherwise)
            && (elements.generation_chinese || elements.generation_english);
        let reading = notice_line::read(&words).or_else(|| notice_line::read(without_service(&words)?))?;
        // What is said in other words is too easily said of something else.
        speaks.then_some((reading.status, reading.origin, reading.sure))
    });
    let (status, origin, sure) = phrase?;
    let doubt = (!sure).then_some("the words may speak of generated content, and not say that this is such");
    let short = words.chars().filter(|sign| sign.is_alphanumeric()).count() <= 12;
    Some(said(status, origin, doubt, short))
}

/// The words of the icons of the EU Code of Practice (section 2, annex), and the same in other spellings.
fn icon(words: &str) -> Option<(Status, Option<Origin>, bool)> {
    // Spaces are what readers of letters most often miss.
    let letters = |sign: char| sign.is_alphanumeric().then(|| sign.to_ascii_lowercase());
    let folded: String = words.chars().filter_map(letters).collect();
    let what = [
        "thisimageis",
        "thisimagewas",
        "imageis",
        "image",
        "imagewas",
        "thiscontentis",
        "thiscontentwas",
        "content",
    ];
    let folded = what.iter().find_map(|what| folded.strip_prefix(what)).unwrap_or(&folded);
    let folded = folded.strip_suffix("image").or_else(|| folded.strip_suffix("content")).unwrap_or(folded);
    // A letter right behind the last is a stroke of what is behind.
    let ends = words.chars().rev().take(2).all(char::is_alphabetic);
    let last = folded.char_indices().next_back().map_or(0, |(at, _)| at);
    let whole = folded.get(..last).filter(|whole| ends && ["aigenerated", "aimodified"].contains(whole));
    match whole.or_else(|| misread(folded)).unwrap_or(folded) {
        "aigenerated" | "generatedbyai" | "generatedwithai" => {
            Some((Status::Generated, Some(Origin::Generated), true))
        }
        "aimodified" | "modifiedbyai" | "modifiedwithai" => {
            Some((Status::Generated, Some(Origin::Altered), true))
        }
        _ => None,
    }
}

/// The words of an icon of which one letter, not among the last two, was read as another: AIMODIEIED.
fn misread(folded: &str) -> Option<&'static str> {
    let is_meant = |meant: &&str| {
        let (sure, last) = meant.split_at(meant.len() - 2);
        let differing = sure.chars().zip(folded.chars()).filter(|(one, two)| one != two).count();
        folded.is_ascii()
            && folded.len() == meant.len()
            && folded.starts_with("ai")
            && folded.ends_with(last)
            && differing == 1
    };
    ["aigenerated", "aimodified"].into_iter().find(is_meant)
}

/// Whether a line may be a label of which a letter or two were not read, or read as others.
pub(crate) fn is_nearly(line: &str) -> bool {
    let letters: String = line.chars().filter(|sign| sign.is_alphanumeric()).collect();
    let latin = letters.to_ascii_lowercase();
    let of = |signs: &str| letters.chars().filter(|sign| signs.contains(*sign)).count();
    let chinese = of("生成合") > 0 && of("AI人工智能生成合") > 1;
    let english = ["gene", "nera", "ated", "odif", "ified"].iter().any(|part| latin.contains(part));
    letters.chars().count() <= LONGEST && (chinese || english)
}

/// Whether a line may be a part of a label, or one that was read amiss: worth another look.
pub(crate) fn is_partly(line: &str) -> bool {
    let words = meant(line);
    let latin = words.to_ascii_lowercase();
    let english = ["gener", "nerat", "rated", "ated", "modi", "odif", "ified", "rated by"];
    words.contains(['生', '成', '合', '智', '能', '工']) && words.chars().count() <= LONGEST
        || english.iter().any(|part| latin.contains(part))
        || words.trim_start_matches(|sign: char| !sign.is_alphanumeric()).starts_with("AI")
}

/// The words with the letter that is missing, where nothing else makes sense in its place: 本图片由AI生, 本图片由A生成.
fn completed(words: &str) -> Option<String> {
    if ["工智能生成", "工智能合成"].contains(&words) {
        return Some(format!("人{words}"));
    }
    let begins = ["本", "该", "此", "内容", "图片", "图像"].iter().any(|start| words.starts_with(start));
    let (what, rest) = words.split_once('由').filter(|_| begins)?;
    let rest = match rest {
        "AI生" | "A生成" => "AI生成",
        "人工智能生" => "人工智能生成",
        "A合成" => "AI合成",
        _ => return None,
    };
    Some(format!("{what}由{rest}"))
}

/// The words without the name of a service before them, or without the rest of what they speak of where a letter of that
/// was not read: 本片由AI生成.
fn without_service(words: &str) -> Option<&str> {
    if let Some((what, rest)) = words.split_once('由') {
        let is_this = what.starts_with(['本', '该', '此']) && what.chars().count() <= 4;
        if is_this && !rest.is_empty() {
            return Some(rest);
        }
    }
    let trimmed = words.trim_start_matches(|sign: char| !sign.is_alphanumeric()).trim_start_matches('由');
    SERVICES.iter().find_map(|service| trimmed.strip_prefix(service)).map(str::trim_start)
}

/// The words that were meant: where letters look alike, the one that makes sense beside its neighbours.
fn meant(line: &str) -> String {
    let line = fold_width(line.trim());
    let letters: Vec<char> = line.chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| letters.get(index)).copied();
    let is_latin = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
    let mut words = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before_a = index.checked_sub(2).and_then(|two| at(Some(two)));
        // `byAI`: a space was missed.
        let begins = !is_latin(before_a) || before_a.is_some_and(|sign| sign.is_ascii_lowercase());
        let after_a = at(index.checked_sub(1)) == Some('A') && begins;
        // A capital I is the same stroke as these in most fonts.
        let like_i = matches!(letter, 'l' | '1' | '|' | '!' | 'Ⅰ' | '丨');
        // Before these words nothing else makes sense.
        let before_verb = matches!(letter, 'l' | 'L' | '1' | 'T') && is_verb(letters.get(index + 1..));
        let is_i = (like_i && !is_latin(at(Some(index + 1)))) || before_verb;
        words.push(if after_a && is_i { 'I' } else { *letter });
    }
    // A space between A and I, and a hyphen read as a dash.
    let words = words.replace("A I", "AI").replace(['–', '—'], "-");
    // The space between two languages.
    match words.split_once("成AI") {
        Some((first, second)) if icon(&format!("AI{second}")).is_some() => format!("{first}成 AI{second}"),
        _ => words,
    }
}

/// Whether a line goes on with the word of the Code's icons, and ends with it.
fn is_verb(rest: Option<&[char]>) -> bool {
    let letters = rest.unwrap_or_default().iter().filter(|sign| sign.is_alphanumeric());
    let folded: String = letters.map(char::to_ascii_lowercase).collect();
    ["generated", "modified"].contains(&folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::{is_nearly, is_partly, read};
    use indicia_core::{Origin, Status};

    #[test]
    fn labels_are_read_whatever_the_letters_look_like() {
        for (line, words) in [
            ("AI生成", "AI生成"),
            ("Al生成", "AI生成"),
            ("A1生成", "AI生成"),
            ("A I生成", "AI生成"),
            ("人工智能生成", "人工智能生成"),
            ("本图片由AI生成", "本图片由AI生成"),
            ("内容由Al生成，仅供参考", "内容由AI生成,仅供参考"),
            ("豆包AI生成", "豆包AI生成"),
            ("图片由AI生成", "图片由AI生成"),
            ("AI-generated", "AI-generated"),
            ("AI GENERATED", "AI GENERATED"),
            ("AI MODIFIED", "AI MODIFIED"),
            ("Generated by.Al", "Generated by.AI"),
            ("Generated byAl", "Generated byAI"),
            ("This image was generated by Al", "This image was generated by AI"),
            ("本片由AI生成", "本片由AI生成"),
            ("Al-generated", "AI-generated"),
            ("AI生成 AI-generated", "AI生成 AI-generated"),
            ("ALMODIFIED", "AIMODIFIED"),
            ("ATGENERATED", "AIGENERATED"),
            ("A1-generated", "AI-generated"),
            ("本图片由AI生", "本图片由AI生"),
            ("本图片由A生成", "本图片由A生成"),
            ("Al-generateds", "AI-generateds"),
            ("Al生成Al-generated", "AI生成 AI-generated"),
            ("AI MODIEIED", "AI MODIEIED"),
            ("AI GENEKATED", "AI GENEKATED"),
            ("工智能生成", "工智能生成"),
        ] {
            let said = read(line).unwrap_or_else(|| panic!("not read: {line}"));
            assert_eq!(
                (said.words.as_str(), said.doubt, said.status),
                (words, None, Status::Generated),
                "{line}"
            );
        }
        assert_eq!(read("疑似AI生成合成").unwrap().status, Status::Suspected);
        assert_eq!(read("AI合成").unwrap().origin, Some(Origin::Altered));
        assert_eq!(read("AI MODIFIED").unwrap().origin, Some(Origin::Altered));
    }

    #[test]
    fn other_words_are_no_labels() {
        for line in [
            "",
            "PARIS",
            "Albert",
            "AIR FRANCE",
            "OpenAI",
            "如何用AI生成图片",
            "一键AI生成",
            "AI创作",
            "AI Conference 2026",
            "The AI generation is here",
            "AI写作助手",
            "Aluminium 生成",
            "人工智能",
            "人工智能大会",
            "生成",
            "合成氨",
            "A生成",
            "AT GENERATED POWER",
            "ALGENERATE",
            "AI生",
            "由AI生",
            "由A生成",
            "生成AI",
            "AI generated 2",
            "AI MODIFIER",
            "AI GENERATES",
            "AI MODTEIED",
            "智能生成",
        ] {
            let said = read(line);
            assert!(said.as_ref().is_none_or(|said| said.doubt.is_some()), "{line}: {said:?}");
        }
        assert!(read("AI").unwrap().doubt.is_some());
        assert!(read("Al").unwrap().doubt.is_some());
    }

    #[test]
    fn parts_of_labels_are_worth_another_look() {
        for line in [
            "-generated",
            "Generated by",
            "MODIFIED",
            "智能",
            "成",
            "rated by",
            "AIG",
            "Al-g",
            "MODIE",
            "ENERAT",
        ] {
            assert!(is_partly(line), "{line}");
        }
        for line in [
            "",
            "PARIS",
            "新闻联播",
            "DSC_0041.JPG",
            "Main Street 14",
            "© 2026 J. Smith",
            "限时特价",
            "Alberta",
        ] {
            assert!(!is_partly(line), "{line}");
        }
    }

    #[test]
    fn lines_that_nearly_say_a_label_are_looked_at_again() {
        for line in
            ["A生成", "工智能生成", "IIGENERATED", "AI MODIFIEI", "本图片由A生成", "A合成", "AIGENERATEE"]
        {
            assert!(is_nearly(line), "{line}");
        }
        for line in ["", "PARIS", "新闻联播", "AI", "DSC_0041.JPG", "人工智能大会", "合肥", "AIR FRANCE"]
        {
            assert!(!is_nearly(line), "{line}");
        }
    }
}
