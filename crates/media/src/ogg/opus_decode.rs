//! Opus in Ogg, decoded page by page (RFC 7845).

use super::decode::Packets;
use super::headers::{Codec, Ogg};
use super::page::{LAST, NO_POSITION};
use crate::{SoundFacts, SoundStream};
use indicia_core::{FormatError, Limits, Source, Span, Window};
use opus_decoder::OpusMultistreamDecoder;
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
    coupled: usize,
    mapping: Vec<u8>,
    /// Pages from the one with the comments on.
    pub(super) pages: Span,
}

impl Opening {
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
        let (streams, coupled, mapping) = match (*family, rest) {
            (0, _) if (1..=2).contains(&channels) => (1, usize::from(channels) - 1, vec![0, 1]),
            (1 | 255, [streams, coupled, mapping @ ..]) if mapping.len() >= usize::from(channels) => {
                (usize::from(*streams), usize::from(*coupled), mapping.to_vec())
            }
            (0 | 1 | 255, _) => return Err(broken()),
            _ => return Err(FormatError::unsupported(at, "Opus channels that are no loudspeakers")),
        };
        // The upper half of the version says whether the header can be read by this description.
        if version & 0xF0 != 0 || channels == 0 || first.lacing.len() > 2 {
            return Err(broken());
        }
        let mapping = mapping.get(..usize::from(channels)).unwrap_or_default().to_vec();
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
            coupled,
            mapping,
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

/// Opens the sound for decoding, page by page.
///
/// # Errors
/// If the sound is no Opus, or its headers are broken.
pub(crate) fn open_opus<'a>(
    source: &'a dyn Source,
    limits: &Limits,
) -> Result<Box<dyn SoundStream + 'a>, FormatError> {
    let opening = Opening::read(source, limits)?;
    let at = opening.pages.start;
    let packets = opening.packets(source, limits)?;
    let Opening { facts, skip, gain, streams, coupled, mapping, .. } = opening;
    let decoder = OpusMultistreamDecoder::new(RATE, usize::from(facts.channels), streams, coupled, &mapping)
        .map_err(|_| FormatError::malformed(at, "the channels of an Opus stream"))?;
    let pcm = vec![0.0; LONGEST * usize::from(facts.channels)];
    Ok(Box::new(Stream { packets, decoder, facts, skip, gain, position: 0, pcm }))
}

/// Sound being decoded.
struct Stream<'a> {
    packets: Packets<'a>,
    decoder: OpusMultistreamDecoder,
    facts: SoundFacts,
    /// Samples a channel still to be left out.
    skip: u64,
    gain: f32,
    /// Where the sound decoded so far ends, as the pages count it.
    position: u64,
    pcm: Vec<f32>,
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
        for packet in packets.iter().filter(|packet| !packet.is_empty()) {
            let Self { decoder, pcm, .. } = self;
            // A decoder that gives up on a broken packet must not take the run with it.
            let decoded = catch_unwind(AssertUnwindSafe(|| decoder.decode_float(packet, pcm, false)));
            let Ok(Ok(frames)) = decoded else {
                return Err(FormatError::malformed(at, "an Opus packet that cannot be decoded"));
            };
            sound.extend_from_slice(self.pcm.get(..frames * channels).unwrap_or_default());
        }
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
