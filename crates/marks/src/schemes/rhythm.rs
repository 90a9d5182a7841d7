//! audible rhythm.

use crate::sound::ends::{Side, check, fit};
use crate::sound::listen::{Heard, listen};
use crate::sound::loudness::Loudness;
use crate::sound::morse::{UNIT, rhythm, tone_hz};
use crate::sound::{MOST_CHANNELS, MOST_RATE, single};
use crate::{MarkError, Scheme, Write};
use indicia_core::{
    Channel, Claim, Context, Flaw, Form, Gravity, Mark, MediaKind, Notice, Order, Position, Status,
};
use indicia_media::{Asset, Draft, Ends, Sound, SoundFacts, SoundStream};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "rhythm",
    title: "audible rhythm",
    channel: Channel::Explicit,
    kinds: &[MediaKind::Audio],
    default: true,
    decodes: true,
    misses: "under music or speech that is as loud as it, some half are not heard",
    cite: "GB 45438-2025 clause 5.3 c) and its note 1: the order short, long, short, short. The standard gives \
           no length, ratio, gap, frequency or level; those written here are Morse code's (ITU-R M.1677-1)",
    about: "Tones in the order short, long, short, short: \"AI\" in Morse code (.- ..). It is written before the \
            content, after it, or both, at 1 kHz, with a short tone of 110 ms, a long one three times that and \
            three units between the letters, as loud as the content beside it. It is found anywhere in the sound, \
            as made by any program that keeps gaps between the tones: short tones of 50 to 250 ms, a long one 1.7 \
            to 5 times that, one steady pitch from 300 to 3000 Hz, and no more such tones around it, so that neither \
            music nor telephone tones nor longer messages in Morse code are taken for it. Under music and speech \
            it is heard where they leave its pitch fairly quiet: mostly if it is louder than they are, seldom if it \
            is much weaker, so that \"absent\" says less there. Tones without gaps between them are one long tone \
            and cannot be told apart. It survives recoding and resampling; cutting the ends off removes it.",
    find,
    write: Write::Draft { change, confirm: None },
};

/// Most places named in one mark.
const MOST_PLACES: usize = 4;

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    // Where the file is damaged, the end of what can be read is not the end of the content.
    marks(&mut *asset.sound()?, asset.layout.damage.is_none())
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    certain(order)?;
    let mut stream = draft.asset().sound()?;
    let Some((ends, mark)) = extend(order, &mut *stream)? else { return Ok(None) };
    draft.extend_sound(ends);
    Ok(Some(mark))
}

/// Refuses an order that says less than the rhythm, which cannot say "may be".
fn certain(order: &Order) -> Result<(), MarkError> {
    match order.claim.status {
        Some(Status::Generated) => Ok(()),
        Some(Status::Possible | Status::Suspected) => Err(MarkError::Refused(
            "the rhythm says \"AI\" and cannot say \"may be\": write the spoken notice instead".into(),
        )),
        Some(Status::NotGenerated) | None => {
            Err(MarkError::Order("the order does not say that the content is generated".into()))
        }
    }
}

/// The marks in a stream. What was heard before it failed is kept.
fn marks(stream: &mut dyn SoundStream, whole: bool) -> Result<Vec<Mark>, MarkError> {
    let SoundFacts { rate, channels, .. } = stream.facts();
    match listen(stream, whole, |_| ()) {
        (Some(heard), Some(failure)) if heard.is_empty() => Err(failure.into()),
        (Some(heard), _) => Ok(gather(&heard)),
        (None, Some(failure)) => Err(failure.into()),
        (None, None) => Err(MarkError::Blind(format!(
            "sound of {rate} Hz and {channels} channels cannot be listened to: it takes 2700 to {MOST_RATE} Hz and at \
             most {MOST_CHANNELS} channels"
        ))),
    }
}

/// The sound to put at the ends that have no rhythm yet, and the mark there will be; `None` if all have it.
fn extend(order: &Order, stream: &mut dyn SoundStream) -> Result<Option<(Ends<Sound>, Mark)>, MarkError> {
    let facts = stream.facts();
    check(facts)?;
    let Some(hz) = tone_hz(facts.rate) else { return Err(too_low(facts.rate)) };
    let mut loudness = Loudness::new(facts.rate, facts.channels);
    let (heard, failure) = listen(stream, true, |block| loudness.push(block));
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    let Some(heard) = heard else { return Err(too_low(facts.rate)) };
    let has = |position| heard.iter().any(|heard| heard.position == position && !heard.doubtful);
    let start = order.style.part.start() && !has(Position::Start);
    let end = order.style.part.end() && !has(Position::End);
    if !start && !end {
        return Ok(None);
    }
    let made = |side, rms| rhythm(facts.rate, rms).map(|tones| fit(&tones, facts, side));
    let ends = Ends {
        start: if start { made(Side::Before, loudness.before()) } else { None },
        end: if end { made(Side::After, loudness.after()) } else { None },
    };
    let mut positions = Vec::new();
    if order.style.part.end() {
        positions.push(Position::End);
    }
    if order.style.part.start() {
        positions.push(Position::Start);
    }
    let ms = |units: f64| single(units * UNIT * 1_000.0);
    let form = Form::Rhythm { short_ms: ms(1.0), long_ms: ms(3.0), tone_hz: single(hz) };
    let places: &[&str] = match (start, end) {
        (true, true) => &["before the content", "after the content"],
        (true, false) => &["before the content"],
        _ => &["after the content"],
    };
    Ok(Some((ends, mark(positions, form, places.join(", ")))))
}

fn too_low(rate: u32) -> MarkError {
    MarkError::Refused(format!("a tone that can be found again does not fit into sound of {rate} Hz"))
}

/// One mark for each way of making the rhythm, with all places it stands in.
fn gather(heard: &[Heard]) -> Vec<Mark> {
    let mut left: Vec<&Heard> = heard.iter().collect();
    let mut marks = Vec::new();
    while let Some(first) = left.first().copied() {
        let alike = |one: &&Heard| {
            one.timing.resembles(&first.timing)
                && (one.tone_hz - first.tone_hz).abs() < 0.03 * first.tone_hz
                && one.doubtful == first.doubtful
        };
        let (same, rest): (Vec<&Heard>, Vec<&Heard>) = left.iter().partition(|one| alike(one));
        left = rest;
        let mut positions: Vec<Position> = same.iter().map(|one| one.position).collect();
        positions.sort_unstable();
        positions.dedup();
        let place = |one: &&Heard| {
            format!("at {:.2} s{}", one.start, if one.amid { " under other sound" } else { "" })
        };
        let mut places: Vec<String> = same.iter().take(MOST_PLACES).map(place).collect();
        if let Some(more) = same.len().checked_sub(MOST_PLACES).filter(|more| *more > 0) {
            places.push(format!("and {more} more"));
        }
        let form = Form::Rhythm {
            short_ms: single(first.timing.short * 1_000.0),
            long_ms: single(first.timing.long * 1_000.0),
            tone_hz: single(first.tone_hz),
        };
        let mut mark = mark(positions, form, places.join(", "));
        if first.doubtful {
            mark.flaws.push(Flaw {
                code: "among-tones",
                gravity: Gravity::Doubt,
                text: "it stands under other sound or among many steady tones, and has no longer gap between the two letters: \
                       these may be notes or signals of the content"
                    .into(),
                at: 0,
            });
        }
        marks.push(mark);
    }
    marks
}

fn mark(positions: Vec<Position>, form: Form, place: String) -> Mark {
    Mark {
        claim: Claim { status: Some(Status::Generated), ..Claim::default() },
        place,
        raw: ".- ..".into(),
        notice: Some(Notice { words: String::new(), positions, form }),
        // No strength: how often sound at large holds the rhythm by chance is not known well enough to bound.
        ..Mark::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{extend, marks};
    use crate::MarkError;
    use crate::sound::trial::{Score, Trial, noise};
    use indicia_core::{Form, FormatError, Mark, Order, Part, Position, Problem, Status};
    use indicia_media::{Ends, Sound};

    fn order(part: Part) -> Order {
        let mut order = Order::default();
        order.claim.status = Some(Status::Generated);
        order.style.part = part;
        order
    }

    fn written(part: Part, rate: u32, channels: u16, content: &[f32]) -> Option<(Ends<Sound>, Mark)> {
        extend(&order(part), &mut Trial::new(rate, channels, content.to_vec())).unwrap()
    }

    fn joined(ends: &Ends<Sound>, content: &[f32]) -> Vec<f32> {
        let values =
            |sound: &Option<Sound>| sound.as_ref().map(|sound| sound.values.clone()).unwrap_or_default();
        [values(&ends.start), content.to_vec(), values(&ends.end)].concat()
    }

    fn positions(mark: &Mark) -> &[Position] {
        &mark.notice.as_ref().unwrap().positions
    }

    #[test]
    fn what_is_written_is_found_and_not_written_twice() {
        for (rate, channels, part) in
            [(8_000, 1, Part::Start), (22_050, 2, Part::End), (11_025, 1, Part::Both)]
        {
            let content = Score::new(rate).babble(1_200.0, 0.15).values;
            let (ends, expected) = written(part, rate, channels, &content).unwrap();
            let whole = joined(&ends, &content);
            let found = marks(&mut Trial::new(rate, channels, whole.clone()), true).unwrap();
            assert_eq!(found.len(), 1, "{rate}");
            assert_eq!((positions(&found[0]), &found[0].claim), (positions(&expected), &expected.claim));
            let measures = |mark: &Mark| match mark.notice.as_ref().unwrap().form {
                Form::Rhythm { short_ms, long_ms, tone_hz } => [short_ms, long_ms, tone_hz],
                _ => [0.0; 3],
            };
            for (one, two) in measures(&found[0]).into_iter().zip(measures(&expected)) {
                assert!((one - two).abs() < 0.04 * two, "{one} {two}");
            }
            assert!(found[0].flaws.is_empty());
            assert!(written(part, rate, channels, &whole).is_none(), "{rate}");
        }
    }

    #[test]
    fn only_the_missing_end_is_added() {
        let content = Score::new(8_000).babble(1_200.0, 0.15).values;
        let (ends, _) = written(Part::Start, 8_000, 1, &content).unwrap();
        let once = joined(&ends, &content);
        let (ends, mark) = written(Part::Both, 8_000, 1, &once).unwrap();
        assert!(ends.start.is_none() && ends.end.is_some());
        assert_eq!(mark.place, "after the content");
        let found = marks(&mut Trial::new(8_000, 1, joined(&ends, &once)), true).unwrap();
        assert_eq!(positions(&found[0]), positions(&mark));
        assert_eq!(found[0].place, "at 0.10 s, at 3.22 s");
    }

    #[test]
    fn each_end_is_as_loud_as_the_content_beside_it() {
        let mut content = noise(48_000, 0.3, 1);
        content.extend(noise(48_000, 0.1, 2));
        let (ends, _) = written(Part::Both, 8_000, 1, &content).unwrap();
        let peak = |sound: Option<Sound>| {
            sound.unwrap().values.iter().fold(0.0f32, |peak, value| peak.max(value.abs()))
        };
        assert!((peak(ends.start) - 0.424).abs() < 0.02);
        assert!((peak(ends.end) - 0.141).abs() < 0.01);
    }

    #[test]
    fn the_rhythm_never_says_more_than_the_order() {
        let refused = |status: Option<Status>| {
            let mut order = order(Part::Start);
            order.claim.status = status;
            super::certain(&order).unwrap_err()
        };
        assert!(matches!(refused(Some(Status::Possible)), MarkError::Refused(_)));
        assert!(matches!(refused(Some(Status::Suspected)), MarkError::Refused(_)));
        assert!(matches!(refused(Some(Status::NotGenerated)), MarkError::Order(_)));
        assert!(matches!(refused(None), MarkError::Order(_)));
    }

    #[test]
    fn broken_sound_is_never_taken_for_sound_without_a_rhythm() {
        let mut stream = Trial::new(8_000, 1, vec![0.1; 8_000]);
        stream.failure = Some(FormatError::new(5, Problem::Truncated));
        assert!(matches!(marks(&mut stream, true), Err(MarkError::Format(_))));
        let mut stream = Trial::new(8_000, 1, vec![0.1; 8_000]);
        stream.failure = Some(FormatError::new(5, Problem::Truncated));
        assert!(extend(&order(Part::Start), &mut stream).is_err());
        assert!(matches!(marks(&mut Trial::new(2_000, 1, Vec::new()), true), Err(MarkError::Blind(_))));
        assert!(matches!(
            extend(&order(Part::Start), &mut Trial::new(2_000, 1, Vec::new())),
            Err(MarkError::Refused(_))
        ));
        assert!(extend(&order(Part::Start), &mut Trial::new(8_000, 999, Vec::new())).is_err());
    }

    #[test]
    fn sound_without_content_gets_one_too() {
        let (ends, _) = written(Part::Start, 8_000, 2, &[]).unwrap();
        assert_eq!(ends.start.unwrap().channels, 2);
    }
}
