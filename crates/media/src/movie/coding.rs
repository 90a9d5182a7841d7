//! How the sound of a track is coded, as far as packets can be made to stand beside its own.

use super::offsets::of;
use super::walk::Walk;
use crate::Sound;
use crate::aac_frames::{self, AacFrames, is_replicated};
use crate::alac_frames::AlacConfig;
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Limits, Source, Span};

/// What packets cannot be put beside.
const OTHER: &str = "new sound beside HE-AAC and other sound than ALAC and AAC of low complexity of one or two channels: put the \
                     notice on a WAVE or FLAC file before it is encoded";

/// A coding that packets can be made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coding {
    /// AAC of low complexity, by its `AudioSpecificConfig`.
    Aac([u8; 2]),
    /// ALAC, and where its longest packet is told.
    Alac(AlacConfig, Span),
}

impl Coding {
    /// What the only description in a table of samples says.
    ///
    /// # Errors
    /// If packets cannot be put beside such sound.
    pub(super) fn read(
        walk: &mut Walk<'_>,
        source: &dyn Source,
        tables: IsoBox,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let other = || FormatError::unsupported(tables.span.start, OTHER);
        let described = of(walk.children(tables.body)?, b"stsd").next().ok_or_else(other)?;
        let list =
            Span { start: (described.body.start + 8).min(described.body.end), end: described.body.end };
        let [entry] = *walk.children(list)?.as_slice() else { return Err(other()) };
        // The first version of a sound description takes 28 bytes, and its boxes follow (ISO/IEC 14496-12, 12.2.3).
        if walk.window.array::<2>(entry.body.start + 8)? != [0, 0] {
            return Err(other());
        }
        let parts = Span { start: (entry.body.start + 28).min(entry.body.end), end: entry.body.end };
        let mut part = |kind: &[u8; 4]| -> Result<IsoBox, FormatError> {
            of(walk.children(parts)?, kind).next().ok_or_else(other)
        };
        match &entry.kind {
            b"mp4a" => {
                let config = specific(&limits.take(source, part(b"esds")?.body)?).ok_or_else(other)?;
                let plain = config[0] >> 3 == 2 && config[1] & 7 == 0 && matches!(config[1] >> 3 & 15, 1 | 2);
                if plain { Ok(Self::Aac(config)) } else { Err(other()) }
            }
            b"alac" => {
                // Its version and flags come first.
                let body = part(b"alac")?.body;
                let bytes = limits.take(source, body)?;
                let config = AlacConfig::read(bytes.get(4..).unwrap_or_default()).ok_or_else(other)?;
                let at = body.start + 4 + AlacConfig::LONGEST;
                Ok(Self::Alac(config, Span { start: at, end: at + 4 }))
            }
            _ => Err(other()),
        }
    }

    /// Refuses what the first packets turn out to be.
    ///
    /// # Errors
    /// If the upper half of the sound is made when it is played.
    pub(super) fn check(&self, first: &[Vec<u8>]) -> Result<(), FormatError> {
        match self {
            Self::Aac(config) if is_replicated(*config, first.iter().map(Vec::as_slice)) => {
                Err(FormatError::unsupported(0, OTHER))
            }
            _ => Ok(()),
        }
    }

    /// Values of a packet.
    pub(super) fn frame(&self) -> u32 {
        match self {
            Self::Aac(_) => aac_frames::FRAME,
            Self::Alac(config, _) => config.frame,
        }
    }

    /// Channels.
    pub(super) fn channels(&self) -> u16 {
        match self {
            Self::Aac(config) => u16::from(config[1] >> 3 & 15),
            Self::Alac(config, _) => config.channels,
        }
    }

    /// Whether each packet has as many values as it says, rather than always a frame of them.
    pub(super) fn counts_its_values(&self) -> bool {
        matches!(self, Self::Alac(..))
    }

    /// Packets of sound before the first of a file, the first `left_out` values of which players leave out.
    ///
    /// # Errors
    /// If it cannot be coded.
    pub(super) fn before(&self, sound: &Sound, left_out: u64) -> Result<Vec<Vec<u8>>, FormatError> {
        match self {
            Self::Aac(_) => Ok(AacFrames::before(sound, left_out.div_ceil(self.frame().into()))?.0),
            Self::Alac(config, _) => config.packets(sound),
        }
    }

    /// Packets of sound behind the last of a file, the last `left_out` values of which players leave out.
    ///
    /// # Errors
    /// If it cannot be coded.
    pub(super) fn after(&self, sound: &Sound, left_out: u64) -> Result<Vec<Vec<u8>>, FormatError> {
        match self {
            Self::Aac(_) => Ok(AacFrames::after(sound, left_out.div_ceil(self.frame().into()))?.0),
            Self::Alac(config, _) => config.packets(sound),
        }
    }

    /// Where the longest packet is told, if one of these is longer: the place and the bytes for it.
    pub(super) fn longest<'p>(&self, packets: impl Iterator<Item = &'p Vec<u8>>) -> Option<(Span, Vec<u8>)> {
        let Self::Alac(config, place) = self else { return None };
        let longest = packets.map(Vec::len).max().and_then(|longest| u32::try_from(longest).ok())?;
        let is_told = config.longest > 0 && longest > config.longest;
        is_told.then(|| (*place, longest.to_be_bytes().to_vec()))
    }
}

/// The `AudioSpecificConfig` in a stream descriptor (ISO/IEC 14496-1, 7.2.6); `None` if there is none, or if it goes on with a
/// word of replication.
fn specific(body: &[u8]) -> Option<[u8; 2]> {
    let mut rest = body.get(4..)?;
    loop {
        let (tag, after) = rest.split_first()?;
        let (mut len, mut at) = (0_usize, 0);
        loop {
            let byte = *after.get(at)?;
            len = len << 7 | usize::from(byte & 0x7F);
            at += 1;
            if byte & 0x80 == 0 || at == 4 {
                break;
            }
        }
        let inner = after.get(at..)?;
        rest = match tag {
            // Numbers and flags; what these say is there comes before the next descriptor.
            3 if inner.get(2)? & 0xE0 == 0 => inner.get(3..)?,
            4 => inner.get(13..)?,
            5 => {
                let config = inner.get(..len)?;
                // 0x2B7 in eleven bits starts what tells of replication, whose sort takes five, and one bit whether it is there
                // (ISO/IEC 14496-3, 1.6.5.2).
                let tells = matches!(config, [_, _, third, fourth, fifth, ..]
                    if u16::from_be_bytes([*third, *fourth]) >> 5 == 0x2B7 && fifth & 0x80 != 0);
                return config.first_chunk().copied().filter(|_| !tells);
            }
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::specific;

    #[test]
    fn the_configuration_is_found_among_the_descriptors() {
        let config = |own: &[u8]| {
            let five = [&[5, 0x80, 0x80, 0x80, u8::try_from(own.len()).unwrap()][..], own].concat();
            let four = [&[4, u8::try_from(five.len() + 13).unwrap()][..], &[0; 13], &five].concat();
            let three = [&[3, u8::try_from(four.len() + 3).unwrap(), 0, 0, 0][..], &four].concat();
            specific(&[&[0; 4][..], &three].concat())
        };
        assert_eq!(config(&[0x12, 0x10]), Some([0x12, 0x10]));
        // What libavcodec writes: replication is spoken of, and not there.
        assert_eq!(config(&[0x12, 0x10, 0x56, 0xE5, 0x00]), Some([0x12, 0x10]));
        assert_eq!(config(&[0x13, 0x90, 0x56, 0xE5, 0xA0]), None);
        assert_eq!(config(&[0x12]), None);
        assert_eq!(specific(&[0, 0, 0, 0, 6, 1, 0]), None);
    }
}
