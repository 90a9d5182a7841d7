//! The words of a written notice: which are asked for, and what those that are there say.

use crate::MarkError;
use crate::notice_line::{self, LONGEST, Reading};
use crate::notices;
use crate::words::{self, Elements, Length};
use indicia_core::{Claim, Flaw, Form, Gravity, Mark, Notice, Order, Origin, Position};

/// The words that an order asks for, and how they read.
pub(crate) fn ordered(order: &Order) -> Result<(String, Reading), MarkError> {
    let claim = &order.claim;
    let usual = words::all(Length::Long, &order.style, claim);
    let usual = usual.ok_or(MarkError::Order(
        "a notice needs a claim that the content is, may be or is suspected to be generated".into(),
    ))?;
    let Some(own) = &order.style.text else {
        let reading = notice_line::read(&usual);
        return reading.map(|reading| (usual, reading)).ok_or_else(|| {
            MarkError::Order(format!(
                "a written notice is one line of at most {LONGEST} characters: name fewer languages"
            ))
        });
    };
    let own = own.trim();
    if own.contains(['\n', '\r']) || own.chars().count() > LONGEST {
        return Err(MarkError::Order(format!(
            "a written notice is one line of at most {LONGEST} characters"
        )));
    }
    if let Some(missing) = Elements::of(own).missing() {
        return Err(MarkError::Order(format!(
            "{own:?} lacks {missing}: GB 45438-2025 clause 5.1 asks for 人工智能 or AI together with 生成 and/or 合成"
        )));
    }
    match notice_line::read(own).filter(|reading| reading.sure) {
        Some(reading) if Some(reading.status) == claim.status && agree(reading.origin, claim.origin) => {
            Ok((own.to_owned(), reading))
        }
        Some(_) => Err(MarkError::Order(format!("{own:?} says more or less than the claim does"))),
        None => Err(MarkError::Order(format!(
            "{own:?} would not be told from other text: word it like {usual:?}, with nothing else in the line"
        ))),
    }
}

/// Whether a notice that is there says what is to be said.
pub(crate) fn says_the_same(mark: &Mark, claim: &Claim) -> bool {
    mark.claim.status == claim.status && agree(mark.claim.origin, claim.origin)
}

/// Whether two origins do not contradict each other; what leaves it open says no other.
fn agree(one: Option<Origin>, two: Option<Origin>) -> bool {
    one.is_none() || two.is_none() || one == two
}

/// A notice as a mark.
pub(crate) fn mark(words: &str, reading: Reading, positions: Vec<Position>, place: String, at: u64) -> Mark {
    let mut flaws = Vec::new();
    if !reading.sure {
        let text = "the line may speak of generated content, and not say that this is such".into();
        flaws.push(Flaw { code: "not-a-notice", gravity: Gravity::Doubt, text, at });
    }
    let elements = Elements::of(words);
    if let Some(missing) = elements.missing() {
        let asked = "GB 45438-2025 clause 5.1 asks for 人工智能 or AI together with 生成 and/or 合成";
        let english =
            words.is_ascii() && elements.generation_english && (elements.ai || elements.ai_otherwise);
        let worded = words.split('|').next_back().is_some_and(|last| notices::read(last).is_some());
        let gravity = if english || worded { Gravity::Deviation } else { Gravity::Fault };
        flaws.push(Flaw { code: "words", gravity, text: format!("{missing} is missing: {asked}"), at });
    }
    Mark {
        claim: Claim { status: Some(reading.status), origin: reading.origin, ..Claim::default() },
        place,
        raw: words.to_owned(),
        flaws,
        notice: Some(Notice { words: words.to_owned(), positions, form: Form::Written }),
        ..Mark::default()
    }
}
