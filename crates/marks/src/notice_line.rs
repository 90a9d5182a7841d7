//! Whether a line of text is a notice that content was generated, or only speaks of such content.
//!
//! Calling a line a notice says of its author that he used AI. So a line counts only if all of it is made of
//! what notices consist of; one word more and it is a doubt or nothing.

use crate::words::fold_width;
use crate::{notice_chinese, notice_english, notices};
use indicia_core::{Origin, Status};

/// Longest line that can be a notice, in characters.
pub(crate) const LONGEST: usize = 100;

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// How sure it is of it.
    pub(crate) status: Status,
    /// 生成 or 合成; `None` if it says both or neither.
    pub(crate) origin: Option<Origin>,
    /// Whether it can hardly be anything but a notice.
    pub(crate) sure: bool,
    /// Whether it says no more than `AI生成`: a heading may say that too.
    pub(crate) is_bare: bool,
}

/// What notices say besides, in Chinese without white space or in lower case.
const RIDERS: &[&str] = &[
    "仅供参考",
    "供参考",
    "甄别",
    "核实",
    "核对",
    "谨慎",
    "不代表",
    "不构成",
    "不保证",
    "请注意",
    "为准",
    "审核",
    "请勿",
    "自行判断",
    "for reference",
    "verify",
    "may contain",
    "errors",
    "inaccura",
    "not represent",
    "not constitute",
    "reviewed",
];

/// What notices are headed with.
const LABELS: &[&str] = &[
    "声明",
    "注",
    "注意",
    "提示",
    "说明",
    "备注",
    "免责声明",
    "作者声明",
    "内容声明",
    "创作声明",
    "温馨提示",
    "AI声明",
    "标识",
    "note",
    "notice",
    "disclaimer",
    "disclosure",
    "warning",
    "ai disclosure",
    "ai disclaimer",
];

/// How a line reads; `None` if it is no notice.
pub(crate) fn read(line: &str) -> Option<Reading> {
    let shown: String = line.chars().filter(|sign| !is_unseen(*sign)).collect();
    let turned = line.chars().any(|sign| matches!(sign, '\u{202D}' | '\u{202E}'));
    if let Some(mut reading) = read_shown(&shown) {
        reading.sure &= !turned;
        return Some(reading);
    }
    let plain: String = shown.chars().map(look_alike).collect();
    if plain == shown {
        return None;
    }
    let mut reading = read_shown(&plain)?;
    reading.sure = false;
    Some(reading)
}

/// Whether a sign takes no place where it is shown: joiners, marks of direction, variations, tags (Unicode 16,
/// `Default_Ignorable_Code_Point`, without those that letters of living scripts need).
fn is_unseen(sign: char) -> bool {
    matches!(
        u32::from(sign),
        0xAD | 0x34F | 0x61C | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F
            | 0xFEFF | 0xE0000..=0xE0FFF
    )
}

/// The Latin letter that a letter looks like, of those that "AI" and the words beside it are written with (Unicode
/// Technical Standard 39, confusables).
fn look_alike(letter: char) -> char {
    match letter {
        'А' | 'Α' | 'Ꭺ' | 'ᗅ' | '𝖠' | '𝐀' => 'A',
        'І' | 'Ι' | 'Ӏ' | 'Ꮖ' | 'ⵏ' | 'Ɩ' | '𝖨' | '𝐈' | 'ӏ' => 'I',
        'а' | 'α' => 'a',
        'е' => 'e',
        'і' | 'ι' => 'i',
        'о' | 'ο' => 'o',
        'с' => 'c',
        'р' => 'p',
        'у' => 'y',
        'х' => 'x',
        other => other,
    }
}

fn read_shown(line: &str) -> Option<Reading> {
    let line: String = fold_width(line.trim()).chars().map(simplified).collect();
    if line.chars().count() > LONGEST || line.contains('?') {
        return None;
    }
    let (words, markup) = bare(&line);
    let mut found: Option<Reading> = None;
    let mut strange = false;
    for clause in clauses(words) {
        match read_clause(clause) {
            Some(next) => {
                let old = found.unwrap_or(next);
                // Of two languages that say the same, either is enough; a contradiction is not certain.
                let sure = (old.sure || next.sure) && old.status == next.status;
                let origin = if old.origin == next.origin { old.origin } else { None };
                found =
                    Some(Reading { status: old.status, origin, sure, is_bare: old.is_bare && next.is_bare });
            }
            None => strange |= !is_rider(clause),
        }
    }
    let mut reading = found?;
    // Among other words, `AI生成` is a keyword.
    if strange && reading.is_bare {
        return None;
    }
    let doubtful = strange || markup == Markup::Quoted || (markup == Markup::Item && reading.is_bare);
    reading.sure &= !doubtful;
    Some(reading)
}

/// The simplified form of the traditional characters that notices have.
fn simplified(letter: char) -> char {
    const PAIRS: &[(char, char)] = &[
        ('內', '内'),
        ('為', '为'),
        ('這', '这'),
        ('該', '该'),
        ('圖', '图'),
        ('視', '视'),
        ('頻', '频'),
        ('檔', '档'),
        ('輔', '辅'),
        ('動', '动'),
        ('術', '术'),
        ('僅', '仅'),
        ('參', '参'),
        ('聲', '声'),
    ];
    PAIRS.iter().find(|(traditional, _)| *traditional == letter).map_or(letter, |(_, simplified)| *simplified)
}

fn read_clause(clause: &str) -> Option<Reading> {
    let known = notice_chinese::read(clause).or_else(|| notice_english::read(clause));
    known.or_else(|| notices::read(clause)).or_else(|| {
        // `AI生成 AI-generated`: the same in two languages.
        let (chinese, english) = clause
            .char_indices()
            .filter(|(_, letter)| *letter == ' ')
            .find_map(|(at, _)| clause.split_at_checked(at).filter(|(_, rest)| rest.is_ascii()))?;
        let (chinese, english) = (notice_chinese::read(chinese)?, notice_english::read(english)?);
        (chinese.status == english.status).then_some(chinese)
    })
}

fn is_rider(clause: &str) -> bool {
    let lower = clause.to_lowercase();
    let joined: String = lower.split_whitespace().collect();
    LABELS.contains(&lower.as_str())
        || LABELS.contains(&clause)
        || RIDERS.iter().any(|rider| lower.contains(rider) || joined.contains(rider))
}

/// The parts of a line between marks of punctuation.
fn clauses(line: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut from = 0;
    for (at, letter) in line.char_indices() {
        let before = line.get(from..at).unwrap_or_default();
        let end = at + letter.len_utf8();
        let spaced = line.get(end..).and_then(|rest| rest.chars().next()).is_none_or(char::is_whitespace);
        let stops = match letter {
            ',' | ';' | ':' | '!' | '。' | '|' | '—' | '·' | '(' | ')' => true,
            // The last full stop of `A.I.` ends nothing.
            '.' => spaced && !before.to_ascii_lowercase().ends_with(".i"),
            '/' => spaced,
            _ => false,
        };
        if stops {
            clauses.push(before.trim());
            from = end;
        }
    }
    clauses.push(line.get(from..).unwrap_or_default().trim());
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Markup {
    /// A heading or an item of a list.
    Item,
    /// None that would mean something.
    Plain,
    /// In quotation marks: somebody else's words.
    Quoted,
}

/// The words of a line without the markup, brackets and signs around them.
fn bare(line: &str) -> (&str, Markup) {
    let quotation = |letter: char| matches!(letter, '"' | '“' | '”' | '「' | '」' | '『' | '』' | '`' | '\'');
    let around = |letter: char| {
        // The sign of a list of a kind, a frame, a picture.
        matches!(
            letter,
            '>' | '*'
                | '_'
                | '~'
                | '['
                | ']'
                | '【'
                | '】'
                | '('
                | ')'
                | '{'
                | '}'
                | '〔'
                | '〕'
                | '-'
                | '—'
                | '='
                | '+'
                | '#'
        ) || matches!(u32::from(letter), 0x2190..=0x2BFF | 0xFE0F | 0x1_F000..=0x1_FAFF)
            || letter.is_whitespace()
    };
    let start = line.trim_start_matches(['>', ' ', '\t']);
    let item = start.starts_with("- ") || start.starts_with("* ") || start.starts_with("+ ") || {
        let heading = start.trim_start_matches('#');
        heading.len() < start.len() && !heading.trim_end().ends_with('#') && heading.starts_with(' ')
    };
    let words = line.trim_matches(around);
    let unquoted = words.trim_matches(|letter| quotation(letter) || around(letter));
    let markup = match (unquoted.len() < words.len(), item) {
        (true, _) => Markup::Quoted,
        (false, true) => Markup::Item,
        (false, false) => Markup::Plain,
    };
    (unquoted, markup)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_not_shown_is_passed_over_and_disguises_are_doubtful() {
        let sure = |line: &str| read(line).map(|reading| reading.sure);
        for line in [
            "本内容由A\u{200B}I生成",
            "\u{202A}本内容由AI生成\u{202C}",
            "\u{FEFF}本内容由\u{AD}AI\u{2060}生成",
        ] {
            assert_eq!(sure(line), Some(true), "{line:?}");
        }
        // Greek and Cyrillic letters, and a direction that turns what is read.
        for line in [
            "本内容由ΑΙ生成",
            "本内容由АІ生成",
            "\u{202E}本内容由AI生成\u{202C}",
            "This content was generated by АІ.",
        ] {
            assert_eq!(sure(line), Some(false), "{line:?}");
        }
        assert_eq!(sure("АІ в новостях"), None);
        assert_eq!(sure("本\u{200B}周的AI新闻"), None);
    }
    use indicia_core::{Origin, Status};

    #[test]
    fn notices_are_read() {
        use Origin::{Altered, Generated};
        let is = |line: &str, status, origin| {
            let reading = read(line).unwrap_or_else(|| panic!("not read: {line}"));
            assert!(reading.sure, "{line}");
            assert_eq!((reading.status, reading.origin), (status, origin), "{line}");
        };
        for line in [
            "AI生成",
            "ＡＩ生成",
            "[AI生成]",
            "【AI生成】",
            "(AI生成)",
            "（AI生成）",
            "**AI生成**",
            "> AI生成",
            "AI 生成",
            "人工智能生成",
            "本内容由AI生成",
            "本内容由人工智能生成",
            "本内容由人工智能生成。",
            "本文由人工智能生成",
            "内容由AI生成,仅供参考",
            "内容由 AI 生成，仅供参考",
            "以上内容由AI生成，请仔细甄别",
            "本内容由 AI 大模型生成",
            "本回答由AI辅助生成",
            "本内容由豆包AI生成",
            "本文由某某科技AI助手生成",
            "声明：本文由AI生成",
            "⚠️ 本内容由AI生成",
            "# 本内容由AI生成",
            "> *本文部分内容由AI生成*",
            "本文含AI生成内容",
            "以下是AI生成的内容",
            "AI-generated",
            "[AI-generated]",
            "AI generated",
            "Generated by AI",
            "Generated by AI.",
            "_Generated with the help of AI_",
            "This text was generated by AI",
            "This content was generated by artificial intelligence.",
            "This text was generated by Acme AI",
            "This article was entirely generated by an AI model",
            "Note: this document contains AI-generated content.",
            "This is AI-generated content",
            "AI生成 AI-generated",
            "本内容由人工智能生成。This content was generated by AI.",
            "AI生成 / AI-generated",
        ] {
            is(line, Status::Generated, Some(Generated));
        }
        is("AI合成", Status::Generated, Some(Altered));
        is("(AI合成)", Status::Generated, Some(Altered));
        is("人工智能合成", Status::Generated, Some(Altered));
        is("本内容由人工智能合成", Status::Generated, Some(Altered));
        is("This content was synthesized by AI", Status::Generated, Some(Altered));
        is("本内容由AI生成合成", Status::Generated, None);
        is("本内容由AI生成或合成", Status::Generated, None);
        is("可能为AI生成合成", Status::Possible, None);
        is("本内容可能为人工智能生成合成", Status::Possible, None);
        is("本文可能包含AI生成内容", Status::Possible, Some(Generated));
        is("Possibly AI-generated", Status::Possible, Some(Generated));
        is("This content may be AI-generated", Status::Possible, Some(Generated));
        is("疑似AI生成合成", Status::Suspected, None);
        is("疑似由AI生成", Status::Suspected, Some(Generated));
        is("Suspected AI-generated", Status::Suspected, Some(Generated));
        is("This content is suspected to be AI-generated", Status::Suspected, Some(Generated));
    }

    #[test]
    fn what_only_speaks_of_it_is_no_notice() {
        for line in [
            "",
            "AI",
            "人工智能",
            "生成",
            "AI生成内容管理办法",
            "人工智能生成合成内容标识办法",
            "本文讨论AI生成技术",
            "AI生成技术综述",
            "AI合成主播上岗",
            "AI生成式模型",
            "如何识别AI生成的图片",
            "本办法所称人工智能生成合成内容",
            "本文介绍由AI生成的音乐",
            "使用AI生成图片",
            "本内容非AI生成",
            "本内容并非由人工智能生成",
            "本文未使用AI生成",
            "本文不含AI生成内容",
            "禁止发布AI生成内容",
            "本文由AI生成吗",
            "本文由AI生成?",
            "AI生成，图像识别，语音合成",
            "本文由张三撰写",
            "由系统生成",
            "本文由人类而非AI生成",
            "This text was generated by humans not AI",
            "This article was written by an expert in AI",
            "This text was generated without AI",
            "This text was generated by people who like AI",
            "本报告由Excel生成",
            "How AI-generated text is regulated",
            "AI-generated text is regulated in China",
            "This text was not generated by AI",
            "This article is about text generated by AI",
            "Was this generated by AI?",
            "Generated by protoc-gen-go",
            "This file was generated by a tool",
            "The rise of AI-generated images",
            "The MAIN generated file",
            "Code generated by protoc. DO NOT EDIT.",
            "Marking AI-generated content: a guide",
            "平台应当对可能属于人工智能生成合成内容的信息添加显著的提示标识",
            "近日，有网友发现一段由AI生成的视频在网上流传",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
        let long = format!("本内容由AI生成，{}仅供参考", "请注意".repeat(30));
        assert_eq!(read(&long), None);
    }

    #[test]
    fn what_could_be_either_is_doubted() {
        for line in [
            "# AI生成",
            "## AI-generated",
            "- AI生成",
            "AI生成内容",
            "AI-generated text",
            "AI-generated content, for reference only",
            "由AI生成的内容",
            "“本内容由AI生成”",
            "`AI生成`",
            "使用AI生成",
            "本文由AI生成，作者张三",
            "AI辅助生成",
            "本报告由某某AI撰写",
            "This report was written by Acme AI",
        ] {
            let reading = read(line).unwrap_or_else(|| panic!("not read: {line}"));
            assert!(!reading.sure, "{line}");
        }
    }

    /// Notices all the same, though not in the words that the standard asks for.
    #[test]
    fn notices_in_other_words_are_read_too() {
        for line in [
            "AI创作",
            "本文由AI撰写",
            "本文由ChatGPT生成",
            "本内容由AIGC生成",
            "本內容由人工智慧生成",
            "This article was written by AI",
        ] {
            assert!(read(line).is_some_and(|reading| reading.sure), "{line}");
        }
    }
}
