//! All packets of an Opus file coded anew: sound of the same length and about the same bit rate. What the coder is late by is added
//! to what players skip at the start.

use super::decode::Packets;
use super::headers::Link;
use super::notice::{encoder, packet};
use super::opus_decode::{Opening, Untrimmed};
use super::page::{LAST, NO_POSITION, Page, lacing};
use crate::anew::play;
use crate::annex::AnnexWriter;
use crate::{Annex, Filter, Piece};
use indicia_core::{FormatError, Limits, Problem, Source, Span};
use opus_pure::{Application, OpusEncoder};

/// Values a second, as Opus counts them.
const RATE: u32 = 48_000;
/// Values of a packet: 20 ms.
const FRAME: usize = 960;
/// Packets of a page: a second of sound (RFC 7845, 3).
const PACKETS: usize = 50;
/// Most segments of a page.
const SEGMENTS: usize = 255;
/// Fewest and most bits a second that are coded with (RFC 6716, 2.1.1).
const BIT_RATES: (u64, u64) = (6_000, 510_000);
/// Where the header tells how many values are skipped (RFC 7845, 5.1).
const SKIP_AT: usize = 10;

/// Refuses files whose packets cannot be coded anew.
///
/// # Errors
/// [`indicia_core::Problem::Unsupported`] for more than two channels.
pub(super) fn check(source: &dyn Source, limits: &Limits) -> Result<Opening, FormatError> {
    let opening = Opening::read(source, limits)?;
    if opening.streams != 1 {
        return Err(FormatError::unsupported(0, "new sound in an Opus file of more than two channels"));
    }
    Ok(opening)
}

/// The file with its sound changed and coded anew.
///
/// # Errors
/// As [`check`]; and if the sound cannot be decoded, changed or coded.
pub(super) fn coded(
    source: &dyn Source,
    link: &Link,
    filter: &Filter,
    annex: &Annex,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    let opening = check(source, limits)?;
    let old = Length::read(&mut opening.packets(source, limits)?)?;
    let channels = usize::from(opening.channels());
    let mut coder = encoder(RATE, channels, Application::Audio)?;
    let bit_rate = (old.bytes * 8 * u64::from(RATE) / old.values.max(1)).clamp(BIT_RATES.0, BIT_RATES.1);
    coder.bitrate_bps = i32::try_from(bit_rate).unwrap_or(i32::MAX);
    let late = coder.lookahead() as u64;
    let end = old.played + late;
    let mut pages = Pages::new(link, end)?;
    let (gain, mut waiting) = (opening.gain.recip(), Vec::new());
    let mut stream = Untrimmed::open(source, &opening, limits)?;
    let skip = opening.skip + late;
    play(&mut stream, Some(filter), |values| {
        waiting.extend(values.iter().map(|value| value * gain));
        pages.code(&mut coder, &mut waiting, channels)
    })?;
    let frames = usize::try_from(end).unwrap_or(usize::MAX).saturating_sub(pages.count * FRAME);
    waiting.resize(frames.next_multiple_of(FRAME).max(FRAME) * channels, 0.0);
    pages.code(&mut coder, &mut waiting, channels)?;
    let new = pages.finish()?;
    let [first, others @ ..] = link.pages.as_slice() else {
        return Err(FormatError::malformed(0, "the headers of an Opus stream"));
    };
    let mut head = first.checked_body(source)?;
    let over = FormatError::new(
        first.span.start,
        Problem::OverLimit { what: "values skipped", limit: u16::MAX.into() },
    );
    let skip = u16::try_from(skip).map_err(|_| over)?;
    if let Some(place) = head.get_mut(SKIP_AT..SKIP_AT + 2) {
        place.copy_from_slice(&skip.to_le_bytes());
    }
    let mut pieces = vec![Piece::New(first.header(&head)), Piece::New(head)];
    pieces.extend(others.iter().map(|page| Piece::Keep(page.span)));
    pieces.push(Piece::Keep(annex.keep(new, source.size())?));
    pieces.push(Piece::Keep(Span { start: link.rest.end, end: source.size() }));
    Ok(pieces)
}

/// How much an Opus stream holds.
#[derive(Debug, Default)]
struct Length {
    /// Values of all packets, and those of them that are before the end that the last page tells.
    values: u64,
    played: u64,
    bytes: u64,
}

impl Length {
    fn read(packets: &mut Packets<'_>) -> Result<Self, FormatError> {
        let mut length = Self::default();
        // Streams that were cut out of others begin later than at nothing.
        let mut base = None;
        while let Some((page, packets)) = packets.next_page()? {
            for packet in &packets {
                length.bytes += packet.len() as u64;
                length.values += super::notice::duration(packet);
            }
            if page.position == NO_POSITION {
                continue;
            }
            let base = *base.get_or_insert(page.position.saturating_sub(length.values));
            length.played = page.position.saturating_sub(base).min(length.values);
        }
        Ok(length)
    }
}

/// Pages being written.
struct Pages {
    annex: AnnexWriter,
    serial: u32,
    sequence: u32,
    /// Packets of the page that is not full yet, their lengths in segments, and they themselves.
    packets: usize,
    lacing: Vec<u8>,
    body: Vec<u8>,
    /// Packets so far.
    count: usize,
    end: u64,
}

impl Pages {
    fn new(link: &Link, end: u64) -> Result<Self, FormatError> {
        let last = link.pages.last().map_or(0, |page| page.sequence);
        let (serial, sequence) = (link.serial, last.wrapping_add(1));
        let (lacing, body) = (Vec::new(), Vec::new());
        Ok(Self { annex: AnnexWriter::new()?, serial, sequence, packets: 0, lacing, body, count: 0, end })
    }

    /// Codes all whole packets of what waits.
    fn code(
        &mut self,
        coder: &mut OpusEncoder,
        waiting: &mut Vec<f32>,
        channels: usize,
    ) -> Result<(), FormatError> {
        let whole = waiting.len() - waiting.len() % (FRAME * channels);
        for values in waiting.get(..whole).unwrap_or_default().chunks_exact(FRAME * channels) {
            if (self.count * FRAME) as u64 >= self.end {
                break;
            }
            let next = packet(coder, values, FRAME)?;
            let laces = lacing(next.len());
            if self.packets == PACKETS || self.lacing.len() + laces.len() > SEGMENTS {
                self.page(0)?;
            }
            self.lacing.extend(laces);
            self.body.extend(next);
            self.packets += 1;
            self.count += 1;
        }
        waiting.drain(..whole);
        Ok(())
    }

    fn page(&mut self, flags: u8) -> Result<(), FormatError> {
        let nowhere = Span { start: 0, end: 0 };
        let heard = (self.count * FRAME) as u64;
        let page = Page {
            span: nowhere,
            body: nowhere,
            flags,
            position: if flags & LAST != 0 { self.end } else { heard },
            serial: self.serial,
            sequence: self.sequence,
            lacing: std::mem::take(&mut self.lacing),
        };
        self.annex.write(&page.header(&self.body))?;
        self.annex.write(&self.body)?;
        self.body.clear();
        self.packets = 0;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn finish(mut self) -> Result<AnnexWriter, FormatError> {
        self.page(LAST)?;
        Ok(self.annex)
    }
}
