//! Whether a Chinese clause reads as a notice: every part of it must be one that notices consist of.

use crate::notice_line::Reading;
use indicia_core::{Origin, Status};

/// What a part of a clause does in a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// AI, by whatever name.
    Ai,
    /// What AI is or does besides: 技术, 辅助.
    Aid,
    /// 由.
    By,
    /// 含, 包含.
    Contain,
    /// 是, 为, 系.
    Is,
    /// 和, 或 between two verbs.
    Join,
    /// 生成.
    Generate,
    /// What the notice speaks of: 内容.
    Matter,
    /// Other verbs for it: 创作.
    Make,
    /// 的, 所.
    Particle,
    /// 可能.
    Possible,
    /// 疑似.
    Suspected,
    /// 合成.
    Synthesize,
    /// 本, 以上.
    This,
    /// None of these: a name perhaps.
    Unknown,
    /// 使用, 通过.
    Using,
}

/// Longer words stand before shorter ones that they begin with.
const WORDS: &[(&str, Part)] = &[
    ("人工智能", Part::Ai),
    ("人工智慧", Part::Ai),
    ("文心一言", Part::Ai),
    ("通义千问", Part::Ai),
    ("智谱清言", Part::Ai),
    ("讯飞星火", Part::Ai),
    ("豆包", Part::Ai),
    ("大语言模型", Part::Aid),
    ("语言模型", Part::Aid),
    ("大模型", Part::Aid),
    ("模型", Part::Aid),
    ("智能体", Part::Aid),
    ("机器人", Part::Aid),
    ("技术", Part::Aid),
    ("工具", Part::Aid),
    ("算法", Part::Aid),
    ("系统", Part::Aid),
    ("软件", Part::Aid),
    ("助手", Part::Aid),
    ("辅助", Part::Aid),
    ("协助", Part::Aid),
    ("自动", Part::Aid),
    ("由", Part::By),
    ("包含", Part::Contain),
    ("含有", Part::Contain),
    ("含", Part::Contain),
    ("是", Part::Is),
    ("为", Part::Is),
    ("系", Part::Is),
    ("或", Part::Join),
    ("和", Part::Join),
    ("及", Part::Join),
    ("与", Part::Join),
    ("/", Part::Join),
    ("、", Part::Join),
    ("生成", Part::Generate),
    ("内容", Part::Matter),
    ("文章", Part::Matter),
    ("文本", Part::Matter),
    ("文字", Part::Matter),
    ("文档", Part::Matter),
    ("文件", Part::Matter),
    ("作品", Part::Matter),
    ("回答", Part::Matter),
    ("答案", Part::Matter),
    ("回复", Part::Matter),
    ("报告", Part::Matter),
    ("页面", Part::Matter),
    ("图片", Part::Matter),
    ("图像", Part::Matter),
    ("音频", Part::Matter),
    ("视频", Part::Matter),
    ("信息", Part::Matter),
    ("摘要", Part::Matter),
    ("文", Part::Matter),
    ("创作", Part::Make),
    ("撰写", Part::Make),
    ("编写", Part::Make),
    ("制作", Part::Make),
    ("的", Part::Particle),
    ("所", Part::Particle),
    ("有可能", Part::Possible),
    ("可能", Part::Possible),
    ("疑似", Part::Suspected),
    ("涉嫌", Part::Suspected),
    ("合成", Part::Synthesize),
    ("以上", Part::This),
    ("以下", Part::This),
    ("上述", Part::This),
    ("上文", Part::This),
    ("全文", Part::This),
    ("部分", Part::This),
    ("全部", Part::This),
    ("这篇", Part::This),
    ("这段", Part::This),
    ("本篇", Part::This),
    ("本段", Part::This),
    ("本", Part::This),
    ("该", Part::This),
    ("此", Part::This),
    ("均", Part::Particle),
    ("使用", Part::Using),
    ("利用", Part::Using),
    ("通过", Part::Using),
    ("借助", Part::Using),
    ("采用", Part::Using),
];

/// Systems that do nothing but generate, named in Latin letters; and other spellings of AI.
const NAMES: &[&str] = &[
    "ai", "aigc", "a.i.", "chatgpt", "gpt", "gpt-4", "gpt-4o", "deepseek", "claude", "gemini", "kimi",
    "copilot",
];

/// Longest name of a service between 由 and AI, in characters.
const NAME: usize = 12;

/// How a clause reads; `None` if it is no notice.
pub(crate) fn read(clause: &str) -> Option<Reading> {
    // A notice that denies is no notice.
    if clause.contains(['非', '不', '未', '无', '没', '禁', '勿', '反', '拒', '抵', '吗', '如', '怎'])
    {
        return None;
    }
    let parts = parts(clause);
    let has = |part: Part| parts.iter().any(|(one, _)| *one == part);
    let is_verb = |part: Part| matches!(part, Part::Generate | Part::Synthesize | Part::Make);
    let ai = parts.iter().position(|(part, _)| *part == Part::Ai)?;
    let last = parts.iter().rposition(|(part, _)| is_verb(*part)).filter(|last| *last > ai)?;
    let between = parts.get(ai + 1..last)?;
    let fits =
        |part: Part| is_verb(part) || matches!(part, Part::Aid | Part::Ai | Part::Join | Part::Particle);
    if !between.iter().all(|(part, _)| fits(*part)) {
        return None;
    }
    let after = parts.get(last + 1..)?;
    if !after.iter().all(|(part, _)| matches!(part, Part::Matter | Part::Particle)) {
        return None;
    }
    let before = parts.get(..ai)?;
    if !before.iter().enumerate().all(|(at, one)| may_precede(before, at, *one)) {
        return None;
    }
    let states = has(Part::Is) || has(Part::Contain) || has(Part::Possible) || has(Part::Suspected);
    let names_matter = after.iter().any(|(part, _)| *part == Part::Matter);
    let sure = if has(Part::Using) && !has(Part::This) {
        // 使用AI生成图片 is what a manual says.
        if names_matter {
            return None;
        }
        false
    } else if names_matter {
        states || (has(Part::By) && has(Part::This))
    } else {
        states || has(Part::By) || has(Part::This) || (before.is_empty() && !has(Part::Aid))
    };
    let status = match (has(Part::Suspected), has(Part::Possible)) {
        (true, _) => Status::Suspected,
        (false, true) => Status::Possible,
        (false, false) => Status::Generated,
    };
    let origin = match (has(Part::Generate), has(Part::Synthesize)) {
        (true, false) => Some(Origin::Generated),
        (false, true) => Some(Origin::Altered),
        _ => None,
    };
    // 由某某AI撰写 may name an author called so.
    let sure = sure && !(has(Part::Make) && has(Part::Unknown));
    Some(Reading { status, origin, sure, is_bare: before.is_empty() })
}

/// Whether a part may stand before AI. A name may only say whose AI it is.
fn may_precede(before: &[(Part, usize)], at: usize, (part, len): (Part, usize)) -> bool {
    match part {
        Part::Unknown => {
            let follows = at.checked_sub(1).and_then(|at| before.get(at)).map(|(part, _)| *part);
            len <= NAME && follows == Some(Part::By)
        }
        Part::Generate | Part::Synthesize | Part::Make | Part::Ai | Part::Join => false,
        _ => true,
    }
}

/// The parts of a clause, each with its length in characters. White space parts nothing.
fn parts(clause: &str) -> Vec<(Part, usize)> {
    let mut parts: Vec<(Part, usize)> = Vec::new();
    let mut rest = clause.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.len()
            - rest
                .trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter))
                .len();
        let (part, len) = if word > 0 {
            let name = rest.get(..word).unwrap_or_default().to_ascii_lowercase();
            (if NAMES.contains(&name.as_str()) { Part::Ai } else { Part::Unknown }, word)
        } else {
            let known = WORDS.iter().find(|(word, _)| rest.starts_with(word));
            known.map_or((Part::Unknown, first.len_utf8()), |(word, part)| (*part, word.len()))
        };
        let (taken, left) = rest.split_at_checked(len).unwrap_or((rest, ""));
        let count = taken.chars().count();
        match parts.last_mut() {
            // A name is as long as what is not known.
            Some((Part::Unknown, known)) if part == Part::Unknown => *known += count,
            _ => parts.push((part, count)),
        }
        rest = left.trim_start();
    }
    parts
}
