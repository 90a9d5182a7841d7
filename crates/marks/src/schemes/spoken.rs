//! spoken notice.

use crate::sound::clip::{Clip, PAUSE, Sentence, bundled, of_words, own, own_sentences};
use crate::sound::contour;
use crate::sound::correlate;
use crate::sound::decimate::lowered;
use crate::sound::edges::Edges;
use crate::sound::ends::{Side, check, fit, level};
use crate::sound::matched;
use crate::sound::resample::resample;
use crate::sound::{single, whole};
use crate::{MarkError, Scheme, Write};
use indicia_core::{
    Channel, Claim, Context, Flaw, Form, Gravity, Language, Mark, MediaKind, Notice, Order, Origin, Position,
    Status, Strength,
};
use indicia_media::{Asset, Draft, Ends, Sound, SoundStream};

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "spoken",
    title: "spoken notice",
    channel: Channel::Explicit,
    kinds: &[MediaKind::Audio],
    default: false,
    decodes: true,
    misses: "",
    cite: "GB 45438-2025 clause 5.3 and its note 4: a voice label at normal speed, about 120 to 160 characters \
           (字) a minute. For English, which the standard does not count, a word is taken for a character",
    about: "A voice that says that the content is generated, before the content, after it, or both. Bundled are \
            sentences in Mandarin and English that say that it is, may be or is suspected to be generated or \
            altered; or the caller gives a recording. It is as loud as the content beside it. The bundled sentences are \
            found again anywhere in a file, after coding and under music, by matching their waves: 8 standard \
            deviations of what other sound agrees. Nothing here understands speech, so that other voices need someone \
            who listens, and a file without those sentences is never said to have none. A recording of the caller's is \
            measured once, when it was written. It survives recoding and resampling; a change of speed makes it \
            unreadable here, cutting the ends off removes it.",
    find,
    write: Write::Draft { change, confirm: Some(confirm) },
};

/// Correlation with a bundled recording, in its worst block, from which on it is there. Coded as MP3 at
/// 32 kbit/s it has at least 0.92.
const SAME_WAVE: f64 = 0.7;
/// Correlation with the loudness contour of a caller's recording from which on it is there. Other speech
/// stays under 0.8.
const SAME_CONTOUR: f64 = 0.9;
/// Seconds of a block that is compared on its own: less than a syllable.
const BLOCK: f64 = 0.3;
/// Seconds that a coder or silence may shift the notice by.
const SHIFT: f64 = 1.2;
/// Seconds from either end of sound within which a notice counts as standing there.
const NEAR_END: f64 = 2.0;
/// Seconds by which the pause between two sentences may differ from the one that is written.
const JOINT: f64 = 0.05;
/// Starts the text that a caller's recording is known again by.
const CONTOUR: &str = "loudness in 20 ms steps: ";

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    // Where the file is damaged, the end of what can be read is not the end of the content.
    marks(&mut *asset.sound()?, asset.layout.damage.is_none())
}

/// The marks in a stream. None of the bundled sentences is no answer: another voice may say it.
fn marks(stream: &mut dyn SoundStream, whole: bool) -> Result<Vec<Mark>, MarkError> {
    let broken = || MarkError::Refused("a bundled recording is broken".into());
    let sentences = own_sentences().ok_or_else(broken)?;
    let heard = matched::listen(stream)?;
    match heard.failure {
        Some(failure) if heard.said.is_empty() => return Err(failure.into()),
        None if heard.said.is_empty() => {
            return Err(MarkError::Blind(
                "it has none of the sentences that this program says; whether another voice says it, a person has to hear"
                    .into(),
            ));
        }
        _ => {}
    }
    // How far after a notice the content ends, if it was heard to its end.
    let left = |said: &Heard| {
        (whole && heard.failure.is_none())
            .then_some(heard.seconds - said.end)
            .filter(|left| *left <= NEAR_END)
    };
    let mut notices: Vec<Notice> = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for said in joined(&heard.said, &sentences) {
        let position = match left(&said) {
            left if said.start <= NEAR_END && left.is_none_or(|left| said.start <= left) => Position::Start,
            Some(_) => Position::End,
            None => Position::Middle,
        };
        let place = format!("at {:.2} s", said.start);
        if let Some(at) = notices.iter().position(|known| known.words == said.words) {
            if let (Some(notice), Some(mark)) = (notices.get_mut(at), marks.get_mut(at)) {
                notice.positions.push(position);
                mark.place = format!("{}, {place}", mark.place);
                if mark.strength.is_none_or(|known| known.statistic < said.strength.statistic) {
                    mark.strength = Some(said.strength);
                }
            }
            continue;
        }
        let form = Form::Spoken { characters_per_minute: single(said.pace) };
        notices.push(Notice { words: said.words.clone(), positions: vec![position], form });
        marks.push(Mark {
            claim: Claim { status: Some(said.status), origin: said.origin, ..Claim::default() },
            place,
            raw: said.words,
            strength: Some(said.strength),
            ..Mark::default()
        });
    }
    for (mark, mut notice) in marks.iter_mut().zip(notices) {
        notice.positions.sort_unstable();
        notice.positions.dedup();
        mark.notice = Some(notice);
    }
    Ok(marks)
}

/// One sentence that was heard, or one in each language with the pause between them that they are written with.
struct Heard {
    words: String,
    start: f64,
    end: f64,
    pace: f64,
    status: Status,
    origin: Option<Origin>,
    strength: Strength,
}

fn joined(said: &[matched::Said], sentences: &[Sentence]) -> Vec<Heard> {
    let mut heard: Vec<(Heard, Language)> = Vec::new();
    for one in said {
        let Some(sentence) = sentences.get(one.sentence) else { continue };
        if let Some((last, language)) = heard.last_mut()
            && *language == Language::Chinese
            && sentence.language == Language::English
            && last.status == sentence.status
            && (one.start - last.end - PAUSE).abs() < JOINT
            && let Some(clip) = of_words(&format!("{}。 {}", last.words, sentence.words))
        {
            (last.words, last.pace, last.end) = (clip.words, clip.pace, one.end);
            *language = Language::Both;
            continue;
        }
        let heard_now = Heard {
            words: sentence.words.clone(),
            start: one.start,
            end: one.end,
            pace: sentence.pace,
            status: sentence.status,
            origin: sentence.origin,
            strength: one.strength,
        };
        heard.push((heard_now, sentence.language));
    }
    heard.into_iter().map(|(heard, _)| heard).collect()
}

fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    let (clip, raw) = recording(order, cx)?;
    let mut stream = draft.asset().sound()?;
    let Some((ends, mark)) = extend(order, &clip, raw, &mut *stream)? else { return Ok(None) };
    draft.extend_sound(ends);
    Ok(Some(mark))
}

fn confirm(mark: &Mark, asset: &Asset<'_>, _: &Context) -> Result<Mark, MarkError> {
    compare(mark, &mut *asset.sound()?)
}

/// What is to be said, and the text it is known again by.
fn recording(order: &Order, cx: &Context) -> Result<(Clip, String), MarkError> {
    let Some(bytes) = &order.style.clip else {
        if order.style.text.is_some() {
            return Err(MarkError::Order(
                "the bundled voices say fixed words: give a recording of your own".into(),
            ));
        }
        let clip = bundled(order.style.language, order.claim.status, order.claim.origin)?;
        let raw = clip.words.clone();
        return Ok((clip, raw));
    };
    if matches!(order.claim.status, None | Some(Status::NotGenerated)) {
        return Err(MarkError::Order("the order does not say that the content is generated".into()));
    }
    let clip = own(bytes, order.style.text.as_deref().unwrap_or_default(), &cx.limits)?;
    Ok((clip, String::new()))
}

/// The sound to put at the ends that do not have it yet, and the mark there will be; `None` if all have it.
fn extend(
    order: &Order,
    clip: &Clip,
    mut raw: String,
    stream: &mut dyn SoundStream,
) -> Result<Option<(Ends<Sound>, Mark)>, MarkError> {
    let facts = stream.facts();
    check(facts)?;
    let edges = Edges::of(stream, clip.values.len() as f64 / f64::from(clip.rate) + SHIFT)?;
    let values = resample(&clip.values, clip.rate, facts.rate)?;
    let (lower, rate) = lower(&values, facts.rate)?;
    if raw.is_empty() {
        raw = format!("{CONTOUR}{}", contour::draw(&lower, rate));
    }
    let there = |heard: &[f32]| correlate::agreement(heard, &lower, whole(BLOCK * rate)) >= SAME_WAVE;
    let start = order.style.part.start() && !there(&edges.first);
    let end = order.style.part.end() && !there(&edges.last);
    if !start && !end {
        return Ok(None);
    }
    let made = |side, rms| {
        let mut values = values.clone();
        level(&mut values, rms);
        fit(&values, facts, side)
    };
    let ends = Ends {
        start: start.then(|| made(Side::Before, edges.loudness.before())),
        end: end.then(|| made(Side::After, edges.loudness.after())),
    };
    let sides = [(order.style.part.end(), Position::End), (order.style.part.start(), Position::Start)];
    let positions = sides.iter().filter(|(asked, _)| *asked).map(|(_, position)| *position).collect();
    let place = match (start, end) {
        (true, true) => "before the content, after the content",
        (true, false) => "before the content",
        _ => "after the content",
    };
    let form = Form::Spoken { characters_per_minute: single(clip.pace) };
    let mark = Mark {
        claim: Claim { status: order.claim.status, origin: order.claim.origin, ..Claim::default() },
        place: place.into(),
        raw,
        flaws: unspoken(order).into_iter().collect(),
        notice: Some(Notice { words: clip.words.clone(), positions, form }),
        ..Mark::default()
    };
    Ok(Some((ends, mark)))
}

/// What is said of languages that were asked for and that no bundled voice speaks.
fn unspoken(order: &Order) -> Option<Flaw> {
    let more = &order.style.more;
    (order.style.clip.is_none() && !more.is_empty()).then(|| Flaw {
        code: "language",
        gravity: Gravity::Note,
        text: format!(
            "not spoken in {}: the bundled voices speak Chinese and English alone; --clip takes a recording",
            more.join(", ")
        ),
        at: 0,
    })
}

/// Looks in finished sound for a notice that was written, at all ends it was written to.
fn compare(mark: &Mark, stream: &mut dyn SoundStream) -> Result<Mark, MarkError> {
    let unknown =
        || MarkError::Blind("the recording of this notice is not known, so it cannot be compared".into());
    let notice = mark.notice.as_ref().ok_or_else(unknown)?;
    let drawn = mark.raw.strip_prefix(CONTOUR);
    let clip = if drawn.is_none() { Some(of_words(&notice.words).ok_or_else(unknown)?) } else { None };
    let seconds = match (&clip, drawn) {
        (Some(clip), _) => clip.values.len() as f64 / f64::from(clip.rate),
        (None, drawn) => drawn.unwrap_or_default().len() as f64 / 50.0,
    };
    let facts = stream.facts();
    let edges = Edges::of(stream, seconds + SHIFT)?;
    let wave = match &clip {
        Some(clip) => lower(&resample(&clip.values, clip.rate, facts.rate)?, facts.rate)?.0,
        None => Vec::new(),
    };
    for position in &notice.positions {
        let heard = if *position == Position::Start { &edges.first } else { &edges.last };
        let (agreement, asked) = match drawn {
            Some(drawn) => (contour::agreement(heard, edges.rate, drawn), SAME_CONTOUR),
            None => (correlate::agreement(heard, &wave, whole(BLOCK * edges.rate)), SAME_WAVE),
        };
        if agreement < asked {
            return Err(MarkError::Blind(format!(
                "the spoken notice was not heard again at the {} of the finished sound: it agrees to {agreement:.2} \
                 where {asked:.2} is asked",
                position.name()
            )));
        }
    }
    Ok(mark.clone())
}

/// A notice as [`Edges`] would hear it.
fn lower(values: &[f32], rate: u32) -> Result<(Vec<f32>, f64), MarkError> {
    lowered(values, rate)
        .ok_or_else(|| MarkError::Refused(format!("sound of {rate} Hz cannot be listened to")))
}

#[cfg(test)]
mod tests {
    use super::{compare, extend, lower, marks, recording};
    use crate::MarkError;
    use crate::sound::trial::{Score, Trial, noise};
    use indicia_core::{Context, Language, Mark, Order, Part, Position, Status};
    use indicia_media::{Ends, Sound};
    use std::sync::Arc;

    fn order(language: Language, part: Part) -> Order {
        let mut order = Order::default();
        order.claim.status = Some(Status::Generated);
        order.style.language = language;
        order.style.part = part;
        order
    }

    fn written(order: &Order, rate: u32, channels: u16, content: &[f32]) -> Option<(Ends<Sound>, Mark)> {
        let (clip, raw) = recording(order, &Context::default()).unwrap();
        extend(order, &clip, raw, &mut Trial::new(rate, channels, content.to_vec())).unwrap()
    }

    fn joined(ends: &Ends<Sound>, content: &[f32]) -> Vec<f32> {
        let values =
            |sound: &Option<Sound>| sound.as_ref().map(|sound| sound.values.clone()).unwrap_or_default();
        [values(&ends.start), content.to_vec(), values(&ends.end)].concat()
    }

    #[test]
    fn a_language_that_no_voice_speaks_is_said_in_english_and_that_is_told() {
        let mut order = order(Language::Other, Part::Start);
        order.style.more = vec!["pt".into()];
        let content = Score::new(8_000).babble(1_500.0, 0.1).values;
        let (_, mark) = written(&order, 8_000, 1, &content).unwrap();
        assert!(mark.has("language") && mark.flaws[0].text.contains("pt"), "{:?}", mark.flaws);
        assert!(mark.notice.unwrap().words.contains("AI"));
        order.style.more.clear();
        assert!(!written(&order, 8_000, 1, &content).unwrap().1.has("language"));
    }

    #[test]
    fn what_is_written_is_heard_again_and_not_written_twice() {
        for (rate, channels, part) in
            [(8_000, 1, Part::Start), (11_025, 2, Part::End), (8_000, 1, Part::Both)]
        {
            let order = order(Language::Chinese, part);
            let content = Score::new(rate).babble(1_500.0, 0.1).values;
            let (ends, mark) = written(&order, rate, channels, &content).unwrap();
            assert_eq!((ends.start.is_some(), ends.end.is_some()), (part.start(), part.end()));
            let whole = joined(&ends, &content);
            let noisy: Vec<f32> =
                whole.iter().zip(noise(whole.len(), 0.01, 9)).map(|(one, two)| one + two).collect();
            assert_eq!(compare(&mark, &mut Trial::new(rate, channels, noisy.clone())).unwrap(), mark);
            let read = marks(&mut Trial::new(rate, channels, noisy), true).unwrap();
            assert_eq!((read.len(), &read[0].claim, &read[0].raw), (1, &mark.claim, &mark.raw));
            let (found, meant) = (read[0].notice.as_ref().unwrap(), mark.notice.as_ref().unwrap());
            let mut positions = meant.positions.clone();
            positions.sort_unstable();
            assert_eq!((&found.positions, &found.form), (&positions, &meant.form));
            assert!(written(&order, rate, channels, &whole).is_none(), "{rate}");
            let refused = compare(&mark, &mut Trial::new(rate, channels, content)).unwrap_err();
            assert!(matches!(refused, MarkError::Blind(_)));
        }
    }

    #[test]
    fn both_languages_are_one_notice_and_silence_of_ours_is_no_answer() {
        let content = Score::new(8_000).babble(4_500.0, 0.1).values;
        let order = order(Language::Both, Part::End);
        let (ends, mark) = written(&order, 8_000, 1, &content).unwrap();
        let read = marks(&mut Trial::new(8_000, 1, joined(&ends, &content)), true).unwrap();
        assert_eq!((read.len(), &read[0].raw), (1, &mark.raw));
        assert_eq!(read[0].notice, mark.notice);
        assert!(matches!(marks(&mut Trial::new(8_000, 1, content), true), Err(MarkError::Blind(_))));
    }

    #[test]
    fn only_the_missing_end_is_added() {
        let content = Score::new(8_000).babble(1_500.0, 0.1).values;
        let (ends, _) = written(&order(Language::English, Part::End), 8_000, 1, &content).unwrap();
        let whole = joined(&ends, &content);
        let (ends, mark) = written(&order(Language::English, Part::Both), 8_000, 1, &whole).unwrap();
        assert!(ends.start.is_some() && ends.end.is_none());
        assert_eq!(mark.notice.as_ref().unwrap().positions, [Position::End, Position::Start]);
        assert!(compare(&mark, &mut Trial::new(8_000, 1, joined(&ends, &whole))).is_ok());
    }

    #[test]
    fn it_is_as_loud_as_the_content_and_never_clipped() {
        for (content, wanted) in [(0.1, 0.1), (0.0, 0.063), (0.001, 0.063), (0.2, 0.17)] {
            let content = noise(16_000, content, 4);
            let (ends, _) = written(&order(Language::Chinese, Part::Start), 8_000, 1, &content).unwrap();
            let values = ends.start.unwrap().values;
            let speech = &values[800..values.len() - 2_800];
            let rms = (speech.iter().map(|value| value * value).sum::<f32>() / speech.len() as f32).sqrt();
            let peak = speech.iter().fold(0.0f32, |peak, value| peak.max(value.abs()));
            assert!((rms - wanted).abs() < 0.2 * wanted, "{rms} {wanted}");
            assert!(peak <= 0.9001, "{peak}");
        }
    }

    /// One sentence in place of another, however alike they sound, is not what was written.
    #[test]
    fn another_sentence_does_not_pass_for_it() {
        let content = Score::new(8_000).babble(500.0, 0.1).values;
        let mut altered = order(Language::Chinese, Part::Start);
        altered.claim.status = Some(Status::Possible);
        let (ends, _) = written(&altered, 8_000, 1, &content).unwrap();
        let (_, mark) = written(&order(Language::Chinese, Part::Start), 8_000, 1, &content).unwrap();
        assert!(compare(&mark, &mut Trial::new(8_000, 1, joined(&ends, &content))).is_err());
    }

    #[test]
    fn a_recording_of_the_callers_is_known_by_its_loudness() {
        let order = order(Language::English, Part::Start);
        let (mut clip, _) = recording(&order, &Context::default()).unwrap();
        (clip.words, clip.pace) = ("Made by a machine".into(), 0.0);
        let content = Score::new(11_025).babble(1_000.0, 0.1).values;
        let mut stream = Trial::new(11_025, 1, content.clone());
        let (ends, mark) = extend(&order, &clip, String::new(), &mut stream).unwrap().unwrap();
        assert!(mark.raw.starts_with("loudness"), "{}", mark.raw);
        let whole = joined(&ends, &content);
        assert!(compare(&mark, &mut Trial::new(11_025, 1, whole.clone())).is_ok());
        assert!(compare(&mark, &mut Trial::new(11_025, 1, content)).is_err());
        let mut stream = Trial::new(11_025, 1, whole);
        assert!(extend(&order, &clip, String::new(), &mut stream).unwrap().is_none());
    }

    #[test]
    fn orders_that_cannot_be_spoken_are_refused() {
        let cx = Context::default();
        let refused = |order: &Order| matches!(recording(order, &cx), Err(MarkError::Order(_)));
        let mut wrong = order(Language::Chinese, Part::Start);
        wrong.style.text = Some("else".into());
        assert!(refused(&wrong), "words without a recording");
        wrong.style.clip = Some(Arc::from(b"no sound".as_slice()));
        assert!(refused(&wrong), "no sound");
        wrong = order(Language::Chinese, Part::Start);
        wrong.claim.status = None;
        assert!(refused(&wrong), "no claim");
        wrong.style.clip = Some(Arc::from(b"no sound".as_slice()));
        assert!(refused(&wrong));
        assert!(lower(&[0.0], 0).is_err());
    }
}
