//! What is put before and after the sound of an Opus file, and where that then stands.

use super::headers::{Codec, Link, Ogg};
use super::notice::{Notice, duration};
use super::opus_decode::Opening;
use super::page::{LAST, NO_POSITION, Page};
use crate::{Ends, Sound};
use indicia_core::{FormatError, Limits, Source};

/// Most values that players may skip at the start: with sound before them they are heard.
const MOST_SKIPPED: u64 = 3_840;
/// How far a notice is made weaker or stronger than it is, against what players do to the whole stream.
const GAINS: (f32, f32) = (1.0 / 16.0, 16.0);

/// New sound around that of a file.
#[derive(Debug)]
pub(super) struct Around {
    start: Notice,
    end: Notice,
    /// The position at which the last packet of the file ends, with what is cut off there.
    whole: u64,
}

impl Around {
    /// Codes sound for both ends of a file.
    ///
    /// # Errors
    /// If it is no Opus, has more than one stream or more than two channels, or cannot be read to its end.
    pub(super) fn new(
        source: &dyn Source,
        ogg: &Ogg,
        ends: &Ends<Sound>,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        if !ogg.links.iter().all(|link| link.codec == Codec::Opus) {
            return Err(FormatError::unsupported(0, "new sound in Ogg other than Opus and Vorbis"));
        }
        if ogg.links.len() != 1 || !ogg.links.iter().all(Link::is_alone) {
            return Err(FormatError::unsupported(0, "new sound in an Ogg file of several streams"));
        }
        ogg.links.iter().try_for_each(Link::check_headers)?;
        let opening = Opening::read(source, limits)?;
        if opening.streams != 1 {
            return Err(FormatError::unsupported(0, "new sound in an Opus file of more than two channels"));
        }
        if opening.skip > MOST_SKIPPED {
            return Err(FormatError::unsupported(
                0,
                "new sound in an Opus file that begins with much that is not to be heard",
            ));
        }
        let heard = Heard::read(source, &opening, limits)?;
        let gain = opening.gain.recip().clamp(GAINS.0, GAINS.1);
        let start = ends.start.as_ref().map(|sound| Notice::before(heard.first, opening.skip, sound, gain));
        let end = ends.end.as_ref().map(|sound| Notice::after(heard.last, sound, gain));
        Ok(Self {
            start: start.transpose()?.unwrap_or_default(),
            end: end.transpose()?.unwrap_or_default(),
            whole: heard.whole,
        })
    }

    /// The pages before the first of the sound.
    pub(super) fn before(&self, first: &Page) -> Vec<Vec<u8>> {
        self.start.pages(first, first.sequence, 0, 0)
    }

    /// Moves a page of the sound behind them.
    pub(super) fn shift(&self, page: &mut Page, is_last: bool) {
        if is_last && self.end.length() > 0 {
            page.flags &= !LAST;
            page.position = self.whole;
        }
        if page.position != NO_POSITION {
            page.position += self.start.length();
        }
    }

    /// The pages after the last of the sound.
    pub(super) fn after(&self, last: &Page) -> Vec<Vec<u8>> {
        self.end.pages(last, last.sequence.wrapping_add(1), last.position, LAST)
    }
}

/// What is to be known of the packets of a file.
struct Heard {
    /// First byte of the first packet and of the last.
    first: u8,
    last: u8,
    whole: u64,
}

impl Heard {
    fn read(source: &dyn Source, opening: &Opening, limits: &Limits) -> Result<Self, FormatError> {
        let mut packets = opening.packets(source, limits)?;
        let mut ends: Option<(u8, u8)> = None;
        // Where the page before ends, and where the packets since then would end if nothing were cut off.
        let (mut position, mut whole) = (0_u64, 0_u64);
        while let Some((page, packets)) = packets.next_page()? {
            for packet in &packets {
                if let Some(byte) = packet.first() {
                    ends = Some((ends.map_or(*byte, |(first, _)| first), *byte));
                }
                whole += duration(packet);
            }
            if page.position != NO_POSITION {
                whole = whole.max(page.position);
                position = position.max(page.position);
                if page.flags & LAST == 0 {
                    whole = position;
                }
            }
        }
        let silent = FormatError::malformed(opening.pages.start, "no sound in an Opus stream");
        let (first, last) = ends.ok_or(silent)?;
        Ok(Self { first, last, whole })
    }
}
