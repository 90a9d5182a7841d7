//! Where the first coded picture of a Flash Video stands, and what its encoder wrote beside it.

use super::parse::{BACK, TAG, fetch};
use crate::sei::{self, Coded, Coding, Units};
use crate::{Layout, Messages};
use indicia_core::{FormatError, Limits, Source, Span};

/// Most tags that are passed over on the way to the first picture.
const PASSED: usize = 4_096;
/// Bytes of a tag of pictures before a coded picture: how it is coded, what it is, when it is shown (E.4.3.1).
const HEADER: u64 = 5;

/// What stands beside the first picture.
///
/// # Errors
/// If the first picture cannot be found, or its coding is not known here.
pub(crate) fn messages(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
) -> Result<Messages, FormatError> {
    let mut at = layout.segments.first().map_or(0, |header| header.span.end);
    let mut configured: Option<(Coding, usize)> = None;
    for _ in 0..PASSED {
        if at >= source.size() {
            return Ok(Messages::NoPlace);
        }
        let mut header = [0; 11];
        fetch(source, at, &mut header)?;
        let [kind, a, b, c, ..] = header;
        let body = Span { start: at + TAG, end: at + TAG + u64::from(u32::from_be_bytes([0, a, b, c])) };
        at = body.end + BACK;
        if kind != 9 || body.len() <= HEADER {
            continue;
        }
        let mut start = [0; 5];
        fetch(source, body.start, &mut start)?;
        let Some(tag) = Tag::read(start, body)? else { return Ok(Messages::NoPlace) };
        match (tag.is, configured) {
            (Is::Configuration, _) => {
                // Where it tells the width of lengths (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1).
                let place = if tag.coding == Coding::Avc { 4 } else { 21 };
                let mut bits = [0];
                fetch(source, body.start + HEADER + place, &mut bits)?;
                configured = Some((tag.coding, usize::from(bits[0] & 3) + 1));
            }
            (Is::Picture(span), Some((coding, width))) if coding == tag.coding => {
                return sei::messages(source, Coded { coding, units: Units::Lengths(width), span }, limits)
                    .map(Messages::First);
            }
            (Is::Picture(span), _) => {
                return Err(FormatError::malformed(span.start, "a picture without its configuration"));
            }
            (Is::Other, _) => {}
        }
    }
    Err(FormatError::unsupported(at, "a file whose first picture stands behind so many tags"))
}

/// A tag of pictures in one of the codings that have messages.
struct Tag {
    coding: Coding,
    is: Is,
}

/// What it holds.
enum Is {
    Configuration,
    Picture(Span),
    Other,
}

impl Tag {
    /// By the bytes it starts with; `None` for a coding without a place for messages. Behind four letters (Enhanced RTMP 1) a picture
    /// that tells when it is shown does so in three bytes more.
    fn read(start: [u8; 5], body: Span) -> Result<Option<Self>, FormatError> {
        let [first, kind, ..] = start;
        let from = |at: u64| Is::Picture(Span { start: body.start + at, end: body.end });
        if first & 0x80 != 0 {
            let [_, letters @ ..] = start;
            let coding = match &letters {
                b"avc1" => Coding::Avc,
                b"hvc1" => Coding::Hevc,
                b"vp09" => return Ok(None),
                _ => return Err(FormatError::unsupported(body.start, "this coding of pictures")),
            };
            let is = match first & 15 {
                0 => Is::Configuration,
                1 if body.len() > HEADER + 3 => from(HEADER + 3),
                3 => from(HEADER),
                _ => Is::Other,
            };
            return Ok(Some(Self { coding, is }));
        }
        let coding = match first & 15 {
            7 => Coding::Avc,
            12 => Coding::Hevc,
            // H.263, screens, VP6 with and without alpha.
            2..=6 => return Ok(None),
            _ => return Err(FormatError::unsupported(body.start, "this coding of pictures")),
        };
        let is = match kind {
            0 => Is::Configuration,
            1 => from(HEADER),
            _ => Is::Other,
        };
        Ok(Some(Self { coding, is }))
    }
}
