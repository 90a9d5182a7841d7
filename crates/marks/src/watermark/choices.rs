//! The mark in choices that a text leaves open: it tells that the text was marked under a key, and nothing else.

use super::message;
use super::{key_of, keys, under};
use crate::MarkError;
use indicia_core::{Context, Mark, Nearest, Order, Signal, Strength};
use indicia_media::{Asset, Content, Draft};
use indicia_watermark::Key;
use indicia_watermark::text::{Choices, ChoicesScore};

/// The natural logarithm of the probability of chance below which the mark counts as there: 1e-9.
const LN_THRESHOLD: f64 = -20.723_265_836_946_41;

/// The marks of these choices, under each key.
pub(crate) fn find(choices: &Choices, asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let words = &asset.text()?.words;
    let keys = keys(cx);
    let scores: Vec<(&Key, ChoicesScore)> = keys.iter().map(|key| (key, choices.read(words, key))).collect();
    let chance = |score: &ChoicesScore| (score.ln_false_alarm + ln(keys.len())).min(0.0);
    let marks: Vec<Mark> = scores
        .iter()
        .filter(|(_, score)| chance(score) < LN_THRESHOLD)
        .map(|(key, score)| mark(key, *score, strength(score, keys.len())))
        .collect();
    if marks.is_empty() && !Choices::scores_all_of(words) {
        return Err(MarkError::Blind(
            "none in its first four megabytes, and no more of a text is scored".into(),
        ));
    }
    let best = scores.iter().min_by(|(_, one), (_, two)| one.ln_false_alarm.total_cmp(&two.ln_false_alarm));
    match best {
        // What so few choices show is not worth a word: what the scheme misses says so.
        Some((_, score)) if marks.is_empty() && can_show(score.choices) => {
            let reach = format!("{} of {} choices; {}", score.agreeing, score.choices, under(keys.len()));
            Err(MarkError::Short(Nearest { strength: strength(score, keys.len()), reach }))
        }
        _ => Ok(marks),
    }
}

/// Makes the choices as the key says, unless they are so.
pub(crate) fn change(
    choices: &Choices,
    order: &Order,
    draft: &mut Draft<'_>,
) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    if let Content::Text { no_change: Some(why), .. } = asset.format.content {
        return Err(MarkError::Refused(why.into()));
    }
    let key = key_of(order);
    // It says that the text is marked, which only what is or may be generated should be.
    message::payload(order, &key, "")?;
    let text = asset.text()?;
    let score = choices.read(&text.words, &key);
    let all = ChoicesScore::of(score.choices, score.choices);
    if !can_show(score.choices) {
        let least = (1..).find(|count| can_show(*count));
        return Err(MarkError::Refused(format!(
            "the text leaves {} choices of {} open, and it takes {} for a mark that chance does not make; leave it out",
            score.choices,
            choices.name,
            least.unwrap_or_default()
        )));
    }
    // A notice or another mark put in since may have turned a choice or two.
    if score.ln_false_alarm < LN_THRESHOLD {
        return Ok(None);
    }
    let mut siting = text.siting();
    let mut inserts = Vec::new();
    for (span, form) in choices.edits(&text.words, &key) {
        let site = siting.site(span);
        if !draft.changes_within(site) {
            draft.cut(site);
            inserts.push((site.start, form));
        }
    }
    draft.insert_words(inserts)?;
    Ok(Some(mark(&key, all, strength(&all, 1))))
}

/// Whether so many choices can make a mark, if all agree.
fn can_show(choices: u64) -> bool {
    ChoicesScore::of(choices, choices).ln_false_alarm < LN_THRESHOLD
}

fn mark(key: &Key, score: ChoicesScore, strength: Strength) -> Mark {
    Mark {
        place: format!("{} of {} choices", score.agreeing, score.choices),
        strength: Some(strength),
        signal: Some(Signal {
            payload: String::new(),
            version: 1,
            id: "none".to_owned(),
            key: key.id().to_string(),
            open: *key == Key::public(),
            searched: false,
            attempts: 1,
            geometry: Vec::new(),
            spans: Vec::new(),
            frames: 1,
            frames_in_all: 1,
        }),
        ..Mark::default()
    }
}

/// How sure a score is after looking under so many keys; the threshold is what as many choices would have to show.
fn strength(score: &ChoicesScore, keys: usize) -> Strength {
    let chance = (score.ln_false_alarm + ln(keys)).min(0.0);
    Strength {
        statistic: score.z,
        threshold: needed(score.choices, keys),
        false_alarm: chance.exp().max(f64::MIN_POSITIVE),
    }
}

/// The least statistic of so many choices that counts; where not even all of them would do, what the fewest that do show.
fn needed(choices: u64, keys: usize) -> f64 {
    let shows = |score: &ChoicesScore| score.ln_false_alarm + ln(keys) < LN_THRESHOLD;
    if !shows(&ChoicesScore::of(choices, choices)) {
        let fewest = (1..).map(|count| ChoicesScore::of(count, count)).find(shows);
        return fewest.map_or(f64::INFINITY, |all| all.z);
    }
    // Halved again and again: a long text has tens of thousands.
    let (mut low, mut high) = (0, choices);
    while low < high {
        let middle = u64::midpoint(low, high);
        if shows(&ChoicesScore::of(middle, choices)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    ChoicesScore::of(low, choices).z
}

#[expect(clippy::cast_precision_loss, reason = "its logarithm is wanted")]
fn ln(count: usize) -> f64 {
    (count.max(1) as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::{LN_THRESHOLD, can_show, ln, needed};
    use indicia_watermark::text::ChoicesScore;

    #[test]
    fn what_is_needed_is_the_least_that_counts() {
        assert!(!can_show(29) && can_show(30));
        for (choices, keys) in [(30, 1), (31, 2), (100, 1), (461, 3), (1 << 16, 1)] {
            let least = needed(choices, keys);
            let agreeing = (0..=choices).filter(|count| choices < 1_000 || count % 64 == 0);
            for count in agreeing {
                let score = ChoicesScore::of(count, choices);
                let counts = score.ln_false_alarm + ln(keys) < LN_THRESHOLD;
                assert_eq!(counts, score.z > least - 1e-9, "{count} of {choices} under {keys} keys");
            }
        }
        assert!((needed(10, 1) - 30_f64.sqrt()).abs() < 1e-9, "too few: what thirty would show");
    }
}
