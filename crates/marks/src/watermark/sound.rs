//! The watermark in sound, as it streams by.

use super::reading::{Reading, strength};
use super::wanted::Wanted;
use super::{expected, keys, label, under};
use crate::MarkError;
use indicia_core::{Context, FormatError, Mark, Nearest, Order, Problem};
use indicia_media::{Asset, Draft, Filter, SoundFilter};
use indicia_watermark::sound::{
    DetectError, Effort, EmbedError, Embedder, Heard, Layout, LayoutError, Options, Placement, Recording,
    Strength, detect,
};
use indicia_watermark::{Detection, Found};

/// The pattern and its payload, as C2PA manifests name it: no algorithm of the C2PA list, so in reverse domain form.
const ALGORITHM: &str = "io.github.indicia.watermark.sound.1";

/// Where it stands.
const PLACE: &str = "in the samples";

/// How much of a sound the strength is tried on, in seconds.
const TRIED: u64 = 60;
/// Most samples that it is tried on, however many channels there are.
const MOST_TRIED: usize = 1 << 24;
/// What counts as the beginning of the sound to try on: -66 dB of full scale.
const AUDIBLE: f32 = 0.0005;

/// A mark that covers all but so many seconds at the ends is told without its place: it is found to some two seconds.
const SLACK: f64 = 5.0;

/// The sound of a file, played as often as it takes.
struct Played<'a, 'b> {
    asset: &'a Asset<'b>,
    layout: Layout,
    /// Where it broke off when it was last played, and how long it was until then.
    broken: Option<FormatError>,
    seconds: f64,
}

impl<'a, 'b> Played<'a, 'b> {
    fn new(asset: &'a Asset<'b>) -> Result<Self, MarkError> {
        let facts = asset.sound_facts()?;
        let layout = Layout { rate: facts.rate, channels: facts.channels };
        Ok(Self { asset, layout, broken: None, seconds: 0.0 })
    }
}

impl Recording for Played<'_, '_> {
    type Error = FormatError;

    fn layout(&self) -> Layout {
        self.layout
    }

    /// What can be played of a broken file is: a mark may stand there.
    fn play(&mut self, hear: &mut dyn FnMut(&[f32])) -> Result<(), FormatError> {
        let mut stream = self.asset.sound()?;
        let (mut block, mut samples) = (Vec::new(), 0_usize);
        loop {
            block.clear();
            match stream.next_block(&mut block) {
                Ok(true) => hear(&block),
                Ok(false) => break,
                Err(err) => {
                    self.broken = Some(err);
                    break;
                }
            }
            samples += block.len();
        }
        let frames = samples / usize::from(self.layout.channels.max(1));
        self.seconds = seconds(frames, self.layout.rate);
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a length in seconds is told to tenths")]
fn seconds(frames: usize, rate: u32) -> f64 {
    frames as f64 / f64::from(rate.max(1))
}

/// The watermarks in sound.
pub(crate) fn find(asset: &Asset<'_>, cx: &Context) -> Result<Vec<Mark>, MarkError> {
    let mut played = Played::new(asset)?;
    let (keys, deep) = (keys(cx), cx.watermarks.deep);
    let effort = if deep { Effort::Search } else { Effort::Fast };
    let options = Options { effort, expected: expected(cx, &keys), ..Options::default() };
    let found = match detect(&mut played, &keys, &options).map_err(unheard)? {
        Detection::Present(found) => found,
        Detection::Absent(_) | Detection::Unable(_) if let Some(broken) = played.broken => {
            // It may stand in what could not be played.
            return Err(MarkError::Format(broken));
        }
        Detection::Unable(why) => return Err(MarkError::Blind(why.to_string())),
        Detection::Absent(evidence) => {
            let how = if deep {
                "with a search for sound that plays faster, slower, higher or lower"
            } else {
                "in sound that plays as it was marked; --deep also searches sound that plays faster, slower, higher or lower"
            };
            let reach = format!("{}, {how}", under(keys.len()));
            return Err(MarkError::Short(Nearest { strength: strength(&evidence, 1), reach }));
        }
    };
    let label = label::of(asset, cx);
    Ok(found.iter().map(|found| reading(found, played.seconds).mark(&keys, label.as_ref())).collect())
}

fn unheard(err: DetectError<FormatError>) -> MarkError {
    match err {
        DetectError::Recording(err) => MarkError::Format(err),
        DetectError::Layout(err) => MarkError::Blind(err.to_string()),
    }
}

fn reading(found: &Found<Placement>, seconds: f64) -> Reading {
    let Placement { spans, time, pitch } = &found.alignment;
    Reading {
        payload: found.payload,
        key: found.key,
        place: place(spans, seconds),
        strength: strength(&found.evidence, 1),
        route: found.route,
        attempts: found.evidence.hypotheses,
        geometry: vec![("time", *time), ("pitch", *pitch)],
        spans: spans.clone(),
        frames: (1, 1),
        known: found.evidence.information_bits == 0,
        algorithm: ALGORITHM,
    }
}

/// Which parts of a sound of this length.
fn place(spans: &[(f64, f64)], seconds: f64) -> String {
    match spans {
        [(from, to)] if *from < SLACK && seconds - *to < SLACK => PLACE.into(),
        _ => {
            let told = |(from, to): &(f64, f64)| format!("{} to {}", clock(*from), clock(*to));
            let mut parts: Vec<String> = spans.iter().take(8).map(told).collect();
            if spans.len() > parts.len() {
                parts.push(format!("{} more parts", spans.len() - parts.len()));
            }
            format!("{PLACE} of {} of {}", parts.join(", "), clock(seconds))
        }
    }
}

/// Minutes and seconds.
fn clock(seconds: f64) -> String {
    let minutes = (seconds.round() / 60.0).floor();
    format!("{minutes:.0}:{:02.0}", seconds.round() - 60.0 * minutes)
}

/// Puts the mark on sound, unless it is there.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>, cx: &Context) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    asset.sound_may_change().map_err(|err| match err.problem {
        Problem::Unsupported(_) => MarkError::Refused(err.to_string()),
        _ => err.into(),
    })?;
    let wanted = Wanted::of(order, asset, cx)?;
    let mut played = Played::new(asset)?;
    let layout = played.layout;
    let heard = Heard::new(&mut played).map_err(unheard)?;
    if let Some(broken) = played.broken {
        return Err(broken.into());
    }
    let before = heard
        .look(std::slice::from_ref(&wanted.key), &Options { effort: Effort::Fast, ..Options::default() });
    drop(heard);
    if before.found().iter().any(|found| found.payload == wanted.payload) {
        return Ok(None);
    }
    if let Some(other) = before.found().first().filter(|_| !order.replace) {
        return Err(wanted.taken("sound", other.payload));
    }
    let strength = match Strength::fit(layout, &wanted.key, wanted.payload, &tried(asset, layout)?) {
        Ok(strength) => strength,
        // The part that was tried may be the most silent one; if not, this tells the measure of the whole.
        Err(EmbedError::Silent { .. } | EmbedError::Short { .. }) => {
            carries(&mut played, &wanted).map_err(refused)?;
            Strength::NORMAL
        }
        Err(why) => return Err(refused(why)),
    };
    let mark = wanted.mark(ALGORITHM, PLACE.into());
    let Wanted { key, payload, .. } = wanted;
    draft.filter_sound(Filter::new(move |facts| {
        let layout = Layout { rate: facts.rate, channels: facts.channels };
        let embedder = Embedder::new(layout, &key, payload, strength).map_err(|_| unfit())?;
        Ok(Box::new(Marking(embedder)))
    }))?;
    Ok(Some(mark))
}

/// The part of a sound that the strength is tried on: from where it can be heard.
fn tried(asset: &Asset<'_>, layout: Layout) -> Result<Vec<f32>, FormatError> {
    let most = u64::from(layout.rate) * u64::from(layout.channels) * TRIED;
    let most = usize::try_from(most).unwrap_or(MOST_TRIED).min(MOST_TRIED);
    let most = most - most % usize::from(layout.channels.max(1));
    let (mut stream, mut samples, mut block) = (asset.sound()?, Vec::new(), Vec::new());
    while samples.len() < most && stream.next_block(&mut block)? {
        if !samples.is_empty() || block.iter().any(|value| value.abs() > AUDIBLE) {
            samples.extend(block.iter().take(most - samples.len()));
        }
        block.clear();
    }
    Ok(samples)
}

/// Whether enough of a sound is loud enough for a mark.
fn carries(played: &mut Played<'_, '_>, wanted: &Wanted) -> Result<(), EmbedError> {
    let mut embedder = Embedder::new(played.layout, &wanted.key, wanted.payload, Strength::NORMAL)?;
    let (mut out, mut torn) = (Vec::new(), None);
    let _ = played.play(&mut |block| {
        out.clear();
        torn = torn.or(embedder.push(block, &mut out).err());
    });
    torn.map_or(Ok(()), Err)?;
    embedder.finish(&mut out).map(|_| ())
}

/// What cannot be marked, why, and what would help.
fn refused(why: EmbedError) -> MarkError {
    MarkError::Refused(match why {
        EmbedError::Short { .. } | EmbedError::Silent { .. } => {
            format!("{why}; join it to other sound of the same content, or label it without a watermark")
        }
        EmbedError::Layout(LayoutError::Rate(_)) => format!("{why}; resample it first"),
        EmbedError::Layout(LayoutError::Channels(_)) | EmbedError::Torn => why.to_string(),
    })
}

/// Marks sound that is written.
struct Marking(Embedder);

impl SoundFilter for Marking {
    fn push(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), FormatError> {
        self.0.push(block, out).map_err(|_| FormatError::malformed(0, "sound that ends within a frame"))
    }

    fn finish(self: Box<Self>, out: &mut Vec<f32>) -> Result<(), FormatError> {
        self.0.finish(out).map(|_| ()).map_err(|_| unfit())
    }
}

/// What was tried before could be marked, so that this happens only to a file that changed meanwhile.
fn unfit() -> FormatError {
    FormatError::unsupported(0, "a watermark in sound this short or silent, or of this rate")
}

#[cfg(test)]
mod tests {
    use super::{clock, place};

    #[test]
    fn a_mark_on_all_of_a_sound_needs_no_times_and_one_on_parts_has_them() {
        assert_eq!(place(&[(0.0, 29.0)], 30.2), "in the samples");
        assert_eq!(place(&[(2.2, 33.4)], 90.0), "in the samples of 0:02 to 0:33 of 1:30");
        assert_eq!(
            place(&[(0.0, 20.0), (61.0, 90.0)], 90.0),
            "in the samples of 0:00 to 0:20, 1:01 to 1:30 of 1:30"
        );
        let many: Vec<_> = (0..20).map(|at| (f64::from(at) * 60.0, f64::from(at) * 60.0 + 9.0)).collect();
        assert!(place(&many, 1200.0).contains("12 more parts"), "{}", place(&many, 1200.0));
        assert_eq!((clock(59.6), clock(3725.0)), ("1:00".into(), "62:05".into()));
    }
}
