//! The watermark in words: short tokens of invisible characters after some of them.

use std::borrow::Cow;

use super::message::Message;
use super::reading::Reading;
use super::wanted::Wanted;
use super::{expected, keys, label};
use crate::MarkError;
use indicia_core::{Context, Flaw, Gravity, Mark, Order, Signal, Span, Strength};
use indicia_media::{Asset, Content, Draft, Text};
use indicia_watermark::text::{
    Foreign, LN_CHANCE, Options, Part, Read, Refused, SPACING, Sort, foreign_marks, place_tokens,
    read_tokens, strip_tokens,
};
use indicia_watermark::{Key, Payload, Route};

/// The tokens and their payload, as C2PA manifests name them: no algorithm of the C2PA list, so in reverse domain form.
const ALGORITHM: &str = "io.github.indicia.watermark.text.1";

/// The natural logarithm of the bound on chance below which tokens count: one in a million. No script has runs of selectors as
/// long as a token, so that the bound is about selectors that another program put there.
const LN_THRESHOLD: f64 = -13.815_510_557_964_274;

/// Most marks told of one text.
const MOST: usize = 32;

/// What the wrapper of a C2PA manifest in text begins with (C2PA 2.3, A.8): `C2PATXT` and a zero byte in selectors, after a
/// zero-width character. It is read elsewhere.
const WRAPPER: &str = "\u{FEFF}\u{E0133}\u{E0122}\u{E0140}\u{E0131}\u{E0144}\u{E0148}\u{E0144}\u{FE00}";

/// The watermarks in words, and what invisible characters besides may be marks of other programs.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let text = asset.text()?;
    let keys = keys(cx);
    let read = read_tokens(&text.words, &keys);
    let known = expected(cx, &keys);
    let label = if read.tokens.is_empty() { None } else { label::of(asset, cx) };
    let mut marks: Vec<Mark> = Vec::new();
    for part in &read.parts {
        let mark = mark(part, &read, text, (&keys, &known), label.as_ref());
        let same = |known: &&mut Mark| {
            let told =
                |mark: &Mark| mark.signal.as_ref().map(|signal| (signal.payload.clone(), signal.key.clone()));
            told(known) == told(&mark)
        };
        if let Some(known) = marks.iter_mut().find(same) {
            known.place = format!("{} and {}", known.place, mark.place);
        } else if marks.len() < MOST {
            marks.push(mark);
        } else {
            let text = format!("{} stretches of tokens are there; no more are told", read.parts.len());
            let more = Flaw { code: "watermark-many", gravity: Gravity::Note, text, at: 0 };
            marks.last_mut().into_iter().for_each(|last| last.flaws.push(more.clone()));
            break;
        }
    }
    let rest = if read.tokens.is_empty() {
        Cow::Borrowed(text.words.as_str())
    } else {
        Cow::Owned(strip_tokens(&text.words, &keys))
    };
    let rest = without_wrapper(rest);
    let others = foreign_marks(&rest);
    // Places in a text without its tokens are none in the file.
    let site = |span| matches!(rest, Cow::Borrowed(_)).then(|| text.site(span));
    marks.extend(others.into_iter().filter(is_told).map(|other| foreign(other, site)));
    Ok(marks)
}

/// A text without the wrapper of its manifest.
fn without_wrapper(words: Cow<'_, str>) -> Cow<'_, str> {
    let Some(start) = words.find(WRAPPER) else { return words };
    let (before, wrapped) = words.split_at(start);
    let is_selector = |c: char| matches!(u32::from(c), 0xFE00..=0xFE0F | 0xE0100..=0xE01EF);
    let after = wrapped.trim_start_matches('\u{FEFF}').trim_start_matches(is_selector);
    Cow::Owned(format!("{before}{after}"))
}

/// The mark of a stretch of tokens.
fn mark(
    part: &Part,
    read: &Read,
    text: &Text,
    (keys, known): (&[Key], &[Payload]),
    label: Option<&Mark>,
) -> Mark {
    // Each quarter that is known is a different token; more of the same prove nothing more.
    let different = (0..4).filter(|quarter| part.known >> (48 - 16 * quarter) & 0xFFFF != 0).count();
    let ln = (1..=different)
        .map(|count| ln(read.tried.max(1)) + LN_CHANCE - ln(count as u64))
        .sum::<f64>()
        .min(0.0);
    let strength = Strength {
        statistic: (-2.0 * ln).sqrt(),
        threshold: (-2.0 * LN_THRESHOLD).sqrt(),
        false_alarm: ln.exp().max(f64::MIN_POSITIVE),
    };
    let site = text.site(part.span.clone());
    let tokens = if part.tokens == 1 { "1 token".to_owned() } else { format!("{} tokens", part.tokens) };
    let place = format!("{tokens} between words");
    let mut mark = match part.payload() {
        Some(payload) => {
            let reading = Reading {
                payload,
                key: part.key,
                place,
                strength,
                route: Route::Direct,
                attempts: read.tried,
                geometry: Vec::new(),
                spans: Vec::new(),
                frames: (1, 1),
                known: false,
                algorithm: ALGORITHM,
            };
            reading.mark(keys, label)
        }
        None => partial(part, place, strength, read.tried, known),
    };
    mark.site = Some(site);
    if ln > LN_THRESHOLD {
        let text = "chance could have put this token together".to_owned();
        mark.flaws.push(Flaw { code: "watermark-chance", gravity: Gravity::Doubt, text, at: site.start });
    }
    mark
}

/// A mark of which only some quarters are known: of a text that was cut or changed.
fn partial(part: &Part, place: String, strength: Strength, attempts: u64, looked_for: &[Payload]) -> Mark {
    let digits = format!("{:016x}", part.bits);
    let is_known = |at: usize| part.known >> (60 - 4 * at) & 0xF == 0xF;
    let payload: String =
        digits.chars().enumerate().map(|(at, digit)| if is_known(at) { digit } else { '?' }).collect();
    // The first quarter tells version and status.
    let head = is_known(0).then(|| Message::of(Payload::from_bits(part.bits)));
    let known = part.known.count_ones();
    let agrees = looked_for.iter().find(|payload| part.agrees(**payload)).map(|payload| {
        format!(", and they agree with those of {}, which was looked for", Message::of(*payload).id_words())
    });
    Mark {
        claim: indicia_core::Claim {
            status: head.as_ref().and_then(|head| head.claim.status),
            ..indicia_core::Claim::default()
        },
        place,
        raw: payload.clone(),
        strength: Some(strength),
        signal: Some(Signal {
            payload,
            version: head.map_or(0, |head| head.version),
            id: format!(
                "not whole: {known} of 64 bits are in this part of the text{}",
                agrees.unwrap_or_default()
            ),
            key: part.key.to_string(),
            open: part.key == Key::public().id(),
            searched: false,
            attempts,
            geometry: Vec::new(),
            spans: Vec::new(),
            frames: 1,
            frames_in_all: 1,
        }),
        ..Mark::default()
    }
}

#[expect(clippy::cast_precision_loss, reason = "its logarithm is wanted")]
fn ln(count: u64) -> f64 {
    (count as f64).ln()
}

/// Whether such characters are told of: those that show nothing at all.
fn is_told(other: &Foreign) -> bool {
    matches!(other.sort, Sort::ZeroWidth | Sort::Selectors | Sort::Tags | Sort::Fillers)
}

/// Invisible characters that may be another program's mark.
fn foreign(other: Foreign, site: impl Fn(std::ops::Range<usize>) -> Option<Span>) -> Mark {
    let site = site(other.span);
    let spelt =
        if other.spelt.is_empty() { String::new() } else { format!(", which spell \"{}\"", other.spelt) };
    let text = format!(
        "{} {} that no script needs there{spelt}: another program may have hidden something in them, which this program does \
         not read; they say nothing of who made the words",
        other.count,
        other.sort.name()
    );
    let at = site.map_or(0, |site| site.start);
    Mark {
        place: format!("{} between characters", other.sort.name()),
        site,
        raw: other.spelt,
        flaws: vec![Flaw { code: "watermark-foreign", gravity: Gravity::Doubt, text, at }],
        ..Mark::default()
    }
}

/// Puts tokens between the words, unless they are there.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    if let Content::Text { no_change: Some(why), .. } = asset.format.content {
        return Err(MarkError::Refused(why.into()));
    }
    let wanted = Wanted::of(order, asset, cx)?;
    let text = asset.text()?;
    let read = read_tokens(&text.words, std::slice::from_ref(&wanted.key));
    if !read.parts.is_empty() && read.parts.iter().all(|part| part.agrees(wanted.payload)) {
        return Ok(None);
    }
    let other = read.parts.iter().find(|part| !part.agrees(wanted.payload));
    if let Some(other) = other.filter(|_| !order.replace) {
        return Err(wanted.taken("text", Payload::from_bits(other.bits)));
    }
    let places = place_tokens(
        &strip_tokens(&text.words, std::slice::from_ref(&wanted.key)),
        &wanted.key,
        wanted.payload,
        Options { spacing: spacing(asset, text), ..Options::default() },
    );
    let places = places.map_err(|why| MarkError::Refused(refused(&why)))?;
    let mut siting = text.siting();
    // Old tokens go, and what is put is counted in the words without them.
    let mut gone = 0;
    let mut old = read.tokens.iter().map(|token| (token.at, token_end(&text.words, token.at))).peekable();
    let mut inserts = Vec::new();
    for (place, tokens) in places {
        while let Some((start, end)) = old.next_if(|(start, _)| *start <= place + gone) {
            draft.cut(siting.site(start..end));
            gone += end - start;
        }
        let at = siting.site(place + gone..place + gone).start;
        if !draft.changes_within(Span { start: at, end: at }) {
            inserts.push((at, tokens));
        }
    }
    for (start, end) in old {
        draft.cut(siting.site(start..end));
    }
    if inserts.is_empty() {
        return Err(MarkError::Refused(refused(&Refused::NoPlace)));
    }
    let place = format!("{} tokens between words", inserts.len());
    draft.insert_words(inserts)?;
    Ok(Some(wanted.mark(ALGORITHM, place)))
}

fn token_end(words: &str, at: usize) -> usize {
    let rest = words.get(at..).unwrap_or_default();
    at + rest.chars().take(6).map(char::len_utf8).sum::<usize>()
}

/// How far tokens stand apart: where letters take fewer bytes in the file than in UTF-8, further, so that the file grows by no
/// more.
fn spacing(asset: &Asset<'_>, text: &Text) -> usize {
    let (decoded, coded) = (text.words.len(), asset.source.size());
    let coded = usize::try_from(coded).unwrap_or(usize::MAX).max(1);
    if decoded <= coded { SPACING } else { (SPACING.saturating_mul(decoded)).div_ceil(coded) }
}

/// Why no token was put into a text, and what would help.
fn refused(why: &Refused) -> String {
    match why {
        Refused::Short { .. } => {
            format!("{why}; a text this short is labelled by its notice alone (leave the watermark out)")
        }
        Refused::NoPlace | Refused::Marked(_) => format!("{why}; leave the watermark out"),
    }
}
