//! Vorbis in Ogg, decoded page by page.

use super::headers::{Codec, Ogg};
use super::page::{CONTINUED, LAST, NO_POSITION, Page};
use crate::{SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};
use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::VorbisDecoder;

/// What the identification header says (Vorbis I, 4.2.2).
struct Opening {
    facts: SoundFacts,
    /// The identification header.
    head: Vec<u8>,
    serial: u32,
    /// Pages from the one with the comments on.
    pages: Span,
}

impl Opening {
    fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let ogg = Ogg::read(source, limits)?;
        let missing = || ogg.damage.clone().unwrap_or(FormatError::malformed(0, "no sound in Ogg"));
        let link = ogg.links.first().ok_or_else(missing)?;
        let first = link.pages.iter().find(|page| page.serial == link.serial).ok_or_else(missing)?;
        let at = first.span.start;
        match link.codec {
            Codec::Vorbis => {}
            Codec::Speex => return Err(FormatError::unsupported(at, "Speex sound")),
            Codec::Flac => return Err(FormatError::unsupported(at, "FLAC sound in Ogg")),
            _ => return Err(FormatError::unsupported(at, "this sound in Ogg")),
        }
        let mut window = Window::new(source);
        let head = window.array::<30>(first.body.start)?;
        let [_, _, _, _, _, _, _, _, _, _, _, channels, a, b, c, d, ..] = head;
        let rate = u32::from_le_bytes([a, b, c, d]);
        if rate == 0 || channels == 0 || first.lacing != [30] {
            return Err(FormatError::malformed(at, "a Vorbis identification header"));
        }
        let frames = ogg.last.filter(|position| *position != NO_POSITION && ogg.links.len() == 1);
        let start = link.own.first().and_then(|own| link.pages.get(*own)).map_or(at, |page| page.span.start);
        // A chained file is decoded as far as its first link goes.
        let pages = Span { start, end: link.rest.end };
        let facts = SoundFacts { rate, channels: channels.into(), frames };
        if ogg.links.len() > 1 {
            return Err(FormatError::unsupported(link.rest.end, "sound of a chained Ogg file"));
        }
        Ok(Self { facts, head: head.to_vec(), serial: link.serial, pages })
    }
}

/// Rate, channels and length.
///
/// # Errors
/// If the sound is no Vorbis, or its header is broken.
pub(crate) fn facts(source: &dyn Source) -> Result<SoundFacts, FormatError> {
    Opening::read(source, &Limits::default()).map(|opening| opening.facts)
}

/// Opens the sound for decoding, page by page.
///
/// # Errors
/// If the sound is no Vorbis, or its headers are broken.
pub(crate) fn open<'a>(
    source: &'a dyn Source,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let opening = Opening::read(source, limits)?;
    let at = opening.pages.start;
    let mut packets = Packets::new(source, opening.pages, opening.serial, limits);
    // The comments, then the setup; sound starts on the page after.
    let mut headers = Vec::new();
    while headers.len() < 2 {
        let broken = FormatError::malformed(at, "the headers of a Vorbis stream");
        let (_, packets) = packets.next_page()?.ok_or(broken)?;
        headers.extend(packets);
    }
    let setup = headers.get(1).cloned().unwrap_or_default();
    let mut params = AudioCodecParameters::new();
    let extra = [opening.head.as_slice(), &setup].concat();
    params.for_codec(CODEC_ID_VORBIS).with_extra_data(extra.into());
    let decoder = VorbisDecoder::try_new(&params, &AudioDecoderOptions::default())
        .map_err(|_| FormatError::malformed(at, "the setup header of a Vorbis stream"))?;
    Ok(Box::new(Stream { packets, decoder, facts: opening.facts, position: None }))
}

/// A page and the packets that end on it.
pub(super) type PagePackets = (Page, Vec<Vec<u8>>);

/// Packets of one stream, a page at a time.
pub(super) struct Packets<'a> {
    source: &'a dyn Source,
    window: Window<'a>,
    rest: Span,
    serial: u32,
    /// The start of a packet that goes on.
    started: Vec<u8>,
    sequence: Option<u32>,
    limit: u64,
}

impl<'a> Packets<'a> {
    /// The packets of one stream in these pages.
    pub(super) fn new(source: &'a dyn Source, pages: Span, serial: u32, limits: &Limits) -> Self {
        Self {
            source,
            window: Window::new(source),
            rest: pages,
            serial,
            started: Vec::new(),
            sequence: None,
            limit: limits.block,
        }
    }

    /// The next page of the stream and the packets that end on it; `None` at the end.
    pub(super) fn next_page(&mut self) -> Result<Option<PagePackets>, FormatError> {
        while self.rest.start < self.rest.end {
            let page = Page::read(&mut self.window, self.rest.start)?;
            self.rest.start = page.span.end;
            if page.serial != self.serial {
                continue;
            }
            let at = page.span.start;
            let body = page.checked_body(self.source)?;
            if self.sequence.is_some_and(|last| page.sequence != last.wrapping_add(1)) {
                return Err(FormatError::malformed(at, "pages of an Ogg stream missing or out of order"));
            }
            self.sequence = Some(page.sequence);
            if (page.flags & CONTINUED != 0) == self.started.is_empty() && !page.lacing.is_empty() {
                return Err(FormatError::malformed(at, "an Ogg packet without its start or its end"));
            }
            let (mut packets, mut from) = (Vec::new(), 0);
            for len in &page.lacing {
                let len = usize::from(*len);
                self.started.extend_from_slice(body.get(from..from + len).unwrap_or_default());
                from += len;
                if len < 255 {
                    packets.push(std::mem::take(&mut self.started));
                }
            }
            if self.started.len() as u64 > self.limit {
                let problem = Problem::OverLimit { what: "bytes in an Ogg packet", limit: self.limit };
                return Err(FormatError::new(at, problem));
            }
            return Ok(Some((page, packets)));
        }
        Ok(None)
    }
}

/// Sound being decoded.
struct Stream<'a> {
    packets: Packets<'a>,
    decoder: VorbisDecoder,
    facts: SoundFacts,
    /// Where the sound decoded so far ends, as the pages count it.
    position: Option<u64>,
}

impl SoundStream for Stream<'_> {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let Some((page, packets)) = self.packets.next_page()? else {
            return Ok(false);
        };
        let at = page.span.start;
        let channels = usize::from(self.facts.channels);
        let mut sound: Vec<f32> = Vec::new();
        for packet in packets {
            let packet = Packet::new(0, Timestamp::from(0), Duration::ZERO, packet);
            match self.decoder.decode(&packet) {
                Ok(decoded) => {
                    let mut values: Vec<f32> = Vec::new();
                    decoded.copy_to_vec_interleaved(&mut values);
                    sound.extend(values);
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    return Err(FormatError::malformed(at, "a Vorbis packet that cannot be decoded"));
                }
                Err(_) => return Err(FormatError::unsupported(at, "a Vorbis packet")),
            }
        }
        if page.position != NO_POSITION {
            // The last packet may hold more than there is sound left.
            let before = self.position.unwrap_or(0);
            if page.flags & LAST != 0 {
                let left = usize::try_from(page.position.saturating_sub(before)).unwrap_or(usize::MAX);
                sound.truncate(left.saturating_mul(channels));
            }
            self.position = Some(page.position);
        }
        block.extend(sound.iter().map(|value| value.clamp(-1.0, 1.0)));
        Ok(true)
    }
}
