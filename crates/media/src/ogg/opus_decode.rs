//! Opus in Ogg, decoded page by page (RFC 7845).

use super::decode::Packets;
use super::headers::{Codec, Ogg};
use super::page::{LAST, NO_POSITION, Page};
use crate::{SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Source, Span, Window};
use opus_pure::{ChannelLayout, OpusDecoder, OpusMSDecoder};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Opus counts in this rate, whatever was encoded.
const RATE: u32 = 48_000;
/// Most samples a channel in a packet: 120 milliseconds.
const LONGEST: usize = 5760;

/// What the identification header says (RFC 7845, 5.1).
pub(super) struct Opening {
    facts: SoundFacts,
    serial: u32,
    /// Samples a channel to be left out at the start.
    pub(super) skip: u64,
    /// What samples are multiplied with.
    pub(super) gain: f32,
    /// Streams of one or two channels that each packet holds.
    pub(super) streams: usize,
    /// Pages from the one with the comments on.
    pub(super) pages: Span,
}

impl Opening {
    /// Channels of the sound.
    pub(super) fn channels(&self) -> u16 {
        self.facts.channels
    }

    /// Reads it, if the file holds one stream of Opus.
    ///
    /// # Errors
    /// If not, or if it is broken.
    pub(super) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let ogg = Ogg::read(source, limits)?;
        let missing = || ogg.damage.clone().unwrap_or(FormatError::malformed(0, "no sound in Ogg"));
        let link = ogg.links.first().ok_or_else(missing)?;
        let first = link.pages.iter().find(|page| page.serial == link.serial).ok_or_else(missing)?;
        let at = first.span.start;
        if link.codec != Codec::Opus {
            return Err(FormatError::unsupported(at, "this sound in Ogg"));
        }
        if ogg.links.len() > 1 {
            return Err(FormatError::unsupported(link.rest.end, "sound of a chained Ogg file"));
        }
        let mut window = Window::new(source);
        let broken = || FormatError::malformed(at, "an Opus identification header");
        let head = window.bytes(first.body.start, usize::try_from(first.body.len().min(300)).unwrap_or(0))?;
        let [version, channels, skip_low, skip_high, _, _, _, _, gain_low, gain_high, family, rest @ ..] =
            head.get(8..).ok_or_else(broken)?
        else {
            return Err(broken());
        };
        let channels = u16::from(*channels);
        let other = FormatError::unsupported(
            at,
            "Opus channels that are not those of loudspeakers in their usual order",
        );
        let streams = match (*family, rest) {
            (0, _) if (1..=2).contains(&channels) => 1,
            (1, [streams, coupled, mapping @ ..]) if mapping.len() >= usize::from(channels) => {
                let usual = ChannelLayout::surround(channels.into(), 1).map_err(|_| broken())?;
                let told = (usize::from(*streams), usize::from(*coupled), mapping.get(..channels.into()));
                if told != (usual.nb_streams, usual.nb_coupled_streams, Some(usual.mapping.as_slice())) {
                    return Err(other);
                }
                usual.nb_streams
            }
            (0 | 1, _) => return Err(broken()),
            _ => return Err(other),
        };
        // The upper half of the version says whether the header can be read by this description.
        if version & 0xF0 != 0 || channels == 0 || first.lacing.len() > 2 {
            return Err(broken());
        }
        let skip = u64::from(u16::from_le_bytes([*skip_low, *skip_high]));
        let gain = f32::from(i16::from_le_bytes([*gain_low, *gain_high])) / 256.0;
        let frames = ogg.last.filter(|position| *position != NO_POSITION);
        let start = link.own.first().and_then(|own| link.pages.get(*own)).map_or(at, |page| page.span.start);
        Ok(Self {
            facts: SoundFacts { rate: RATE, channels, frames: frames.map(|end| end.saturating_sub(skip)) },
            serial: link.serial,
            skip,
            gain: 10_f32.powf(gain / 20.0),
            streams,
            pages: Span { start, end: link.rest.end },
        })
    }

    /// The packets of the sound, which starts on the page after the comments.
    ///
    /// # Errors
    /// If the comments are broken.
    pub(super) fn packets<'a>(
        &self,
        source: &'a dyn Source,
        limits: &Limits,
    ) -> Result<Packets<'a>, FormatError> {
        let mut packets = Packets::new(source, self.pages, self.serial, limits);
        let mut headers = 0;
        while headers == 0 {
            let broken = FormatError::malformed(self.pages.start, "the headers of an Opus stream");
            headers += packets.next_page()?.ok_or(broken)?.1.len();
        }
        Ok(packets)
    }
}

/// Rate, channels and length.
///
/// # Errors
/// If the sound is no Opus, or its header is broken.
pub(crate) fn opus_facts(source: &dyn Source) -> Result<SoundFacts, FormatError> {
    Opening::read(source, &Limits::default()).map(|opening| opening.facts)
}

/// All that the packets decode to, with what players leave out at both ends.
pub(super) struct Untrimmed<'a>(Stream<'a>);

impl<'a> Untrimmed<'a> {
    /// # Errors
    /// If the headers are broken.
    pub(super) fn open(
        source: &'a dyn Source,
        opening: &Opening,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        Stream::open(source, opening, limits).map(Self)
    }
}

impl SoundStream for Untrimmed<'_> {
    fn facts(&self) -> SoundFacts {
        self.0.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let Some((_, sound)) = self.0.next_page()? else { return Ok(false) };
        block.extend(sound.iter().map(|value| value * self.0.gain));
        Ok(true)
    }
}

/// Opens the sound for decoding, page by page.
///
/// # Errors
/// If the sound is no Opus, or its headers are broken.
pub(crate) fn open_opus<'a>(
    source: &'a dyn Source,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let opening = Opening::read(source, limits)?;
    Ok(Box::new(Stream::open(source, &opening, limits)?))
}

/// Decodes packets of one stream, or of several that loudspeakers share.
enum Decoder {
    One(Box<OpusDecoder>),
    Many(OpusMSDecoder),
}

impl Decoder {
    fn new(channels: usize, streams: usize) -> opus_pure::Result<Self> {
        let rate = i32::try_from(RATE).unwrap_or(0);
        if streams == 1 && channels <= 2 {
            return OpusDecoder::new(rate, channels).map(|decoder| Self::One(Box::new(decoder)));
        }
        OpusMSDecoder::new(rate, channels, 1).map(Self::Many)
    }

    /// Fills in what a packet decodes to, and gives its values a channel.
    fn decode(&mut self, packet: &[u8], pcm: &mut [f32]) -> opus_pure::Result<usize> {
        match self {
            Self::One(decoder) => decoder.decode(packet, LONGEST, pcm),
            Self::Many(decoder) => decoder.decode(packet, LONGEST, pcm),
        }
    }
}

/// Sound being decoded.
struct Stream<'a> {
    packets: Packets<'a>,
    decoder: Decoder,
    facts: SoundFacts,
    /// Samples a channel still to be left out.
    skip: u64,
    gain: f32,
    /// Where the sound decoded so far ends, as the pages count it.
    position: u64,
    pcm: Vec<f32>,
}

impl<'a> Stream<'a> {
    fn open(source: &'a dyn Source, opening: &Opening, limits: &Limits) -> Result<Self, FormatError> {
        let packets = opening.packets(source, limits)?;
        let Opening { facts, skip, gain, streams, pages, .. } = *opening;
        let channels = usize::from(facts.channels);
        let decoder = Decoder::new(channels, streams)
            .map_err(|_| FormatError::malformed(pages.start, "the channels of an Opus stream"))?;
        let pcm = vec![0.0; LONGEST * channels];
        Ok(Self { packets, decoder, facts, skip, gain, position: 0, pcm })
    }

    /// The next page and what its packets decode to; `None` at the end.
    fn next_page(&mut self) -> Result<Option<(Page, Vec<f32>)>, FormatError> {
        let Some((page, packets)) = self.packets.next_page()? else {
            return Ok(None);
        };
        let at = page.span.start;
        let channels = usize::from(self.facts.channels);
        let mut sound: Vec<f32> = Vec::new();
        for packet in packets.iter().filter(|packet| !packet.is_empty()) {
            let Self { decoder, pcm, .. } = self;
            // A decoder that gives up on a broken packet must not take the run with it.
            let decoded = catch_unwind(AssertUnwindSafe(|| decoder.decode(packet, pcm)));
            let Ok(Ok(frames)) = decoded else {
                return Err(FormatError::malformed(at, "an Opus packet that cannot be decoded"));
            };
            sound.extend_from_slice(self.pcm.get(..frames * channels).unwrap_or_default());
        }
        Ok(Some((page, sound)))
    }
}

impl SoundStream for Stream<'_> {
    fn facts(&self) -> SoundFacts {
        self.facts
    }

    fn next_block(&mut self, block: &mut Vec<f32>) -> Result<bool, FormatError> {
        let Some((page, mut sound)) = self.next_page()? else {
            return Ok(false);
        };
        let channels = usize::from(self.facts.channels);
        if page.position != NO_POSITION {
            // The last packet may hold more than there is sound left.
            if page.flags & LAST != 0 {
                let left = page.position.saturating_sub(self.position);
                sound.truncate(usize::try_from(left).unwrap_or(usize::MAX).saturating_mul(channels));
            }
            self.position = page.position;
        }
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(sound.len() / channels);
        self.skip -= skipped as u64;
        let kept = sound.get(skipped * channels..).unwrap_or_default();
        block.extend(kept.iter().map(|value| (value * self.gain).clamp(-1.0, 1.0)));
        Ok(true)
    }
}
