//! How long the sound of an MP4 file lasts, and what players leave out of it at both ends.

use super::notice::Track;
use super::offsets::number;
use super::parse::Parser;
use super::patch::Patches;
use super::samples::Samples;
use indicia_core::{FormatError, Problem, Span};

/// Values that an encoder's delay may have at most, and what it fills the last frame up with.
const MOST_TRIMMED: u64 = 4_096;
/// The item in which iTunes and other programs tell how much of the sound is to be left out.
const GAPLESS: &str = "iTunSMPB";

/// What players leave out at both ends, in values, and where that is told.
#[derive(Debug, Default)]
pub(super) struct Trimmed {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The duration in the list of edits.
    edit: Option<Span>,
    /// The number of values that are played, in hexadecimal digits.
    gapless: Option<Span>,
}

impl Trimmed {
    /// Reads the list of edits and the item of iTunes.
    ///
    /// # Errors
    /// If one is of another form, or leaves out more than an encoder adds.
    pub(super) fn read(
        parser: &mut Parser<'_>,
        track: &Track,
        samples: &Samples,
        rate: u64,
    ) -> Result<Self, FormatError> {
        let mut trimmed = Self::default();
        if let Some(one) = track.edits {
            let walk = &mut parser.walk;
            let [version, _, _, _, count @ ..]: [u8; 8] = walk.window.array(one.body.start)?;
            let wide = if version == 1 { 8_u64 } else { 4 };
            if u32::from_be_bytes(count) != 1 {
                return Err(FormatError::unsupported(
                    one.span.start,
                    "new sound beside a list of several edits",
                ));
            }
            let at = one.body.start + 8;
            let edit = Span { start: at, end: at + wide };
            let mut value = |at: u64| -> Result<u64, FormatError> {
                Ok(if wide == 8 {
                    u64::from_be_bytes(walk.window.array(at)?)
                } else {
                    u32::from_be_bytes(walk.window.array(at)?).into()
                })
            };
            let (lasts, from) = (value(at)?, value(at + wide)?);
            let scale = number(&walk.window.array::<4>(track.movie_header.scale)?).max(1);
            let all = samples.values();
            let played = from.saturating_add(lasts.saturating_mul(rate) / scale);
            trimmed = Self { start: from, end: all.saturating_sub(played), edit: Some(edit), gapless: None };
            if lasts == 0 {
                trimmed.end = 0;
            }
        }
        let item = parser.layout.packets.iter().find(|packet| packet.key == GAPLESS);
        if let Some(span) = item.map(|item| item.span) {
            let text = parser.limits.take(parser.source, span)?;
            let (start, end, place) = gapless(&text).ok_or(FormatError::unsupported(
                span.start,
                "new sound beside an iTunSMPB item of another form",
            ))?;
            trimmed.start = trimmed.start.max(start);
            trimmed.end = trimmed.end.max(end);
            let place = (place.0 as u64, place.1 as u64);
            trimmed.gapless = Some(Span { start: span.start + place.0, end: span.start + place.1 });
        }
        if trimmed.start.max(trimmed.end) > MOST_TRIMMED {
            let at = track.tables.span.start;
            return Err(FormatError::unsupported(
                at,
                "new sound in an MP4 file that leaves out much of its own",
            ));
        }
        Ok(trimmed)
    }

    /// Lengthens every duration by so many values.
    ///
    /// # Errors
    /// If one does not fit into its bytes.
    pub(super) fn grow(
        &self,
        parser: &mut Parser<'_>,
        track: &Track,
        added: u64,
        rate: u64,
        patches: &mut Patches,
    ) -> Result<(), FormatError> {
        let window = &mut parser.walk.window;
        let scale = number(&window.array::<4>(track.movie_header.scale)?);
        let in_movie = (added * scale).div_ceil(rate.max(1));
        let mut list = vec![
            (track.movie_header.duration, in_movie),
            (track.duration, in_movie),
            (track.media_header.duration, added),
        ];
        list.extend(self.edit.map(|edit| (edit, in_movie)));
        for (span, more) in list {
            let len = usize::try_from(span.len()).unwrap_or(8);
            let old = window.bytes(span.start, len)?;
            // All ones say that it is not known, and no edit of no length ends before the sound does.
            if old.iter().all(|byte| *byte == 0xFF) || (Some(span) == self.edit && number(old) == 0) {
                continue;
            }
            let new = number(old).saturating_add(more);
            if len == 4 && new > u64::from(u32::MAX) {
                let problem =
                    Problem::OverLimit { what: "units of time in a duration", limit: u32::MAX.into() };
                return Err(FormatError::new(span.start, problem));
            }
            let bytes = new.to_be_bytes().get(8 - len..).unwrap_or_default().to_vec();
            patches.put(span, bytes, &[]);
        }
        if let Some(span) = self.gapless {
            let len = usize::try_from(span.len()).unwrap_or(16);
            let digits = std::str::from_utf8(window.bytes(span.start, len)?).unwrap_or_default();
            let new = u64::from_str_radix(digits, 16).unwrap_or(0).saturating_add(added);
            patches.put(span, format!("{new:0len$X}").into_bytes(), &[]);
        }
        Ok(())
    }
}

/// The delay and the padding in an iTunSMPB item, and where the number of values between them stands.
fn gapless(text: &[u8]) -> Option<(u64, u64, (usize, usize))> {
    let text = std::str::from_utf8(text).ok()?;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, delay, padding, count, ..] = *words.as_slice() else { return None };
    let at = count.as_ptr() as usize - text.as_ptr() as usize;
    let value = |word: &str| u64::from_str_radix(word, 16).ok();
    value(count).filter(|_| count.len() == 16)?;
    Some((value(delay)?, value(padding)?, (at, at + count.len())))
}
