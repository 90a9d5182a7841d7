//! The STREAMINFO block: what holds for all frames (RFC 9639, 8.2).

use crate::SoundFacts;
use indicia_core::{FormatError, Span, Window};

/// Bytes of the block's body.
pub(super) const LEN: u64 = 34;

/// What holds for all frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StreamInfo {
    /// Its body as it is.
    pub(super) bytes: [u8; 34],
    /// Fewest samples a channel in a block, but for the last.
    pub(super) min_block: u16,
    /// Most samples a channel in a block.
    pub(super) max_block: u16,
    /// Fewest bytes in a frame; 0 if not told.
    pub(super) min_frame: u32,
    /// Most bytes in a frame; 0 if not told.
    pub(super) max_frame: u32,
    /// Samples a channel and second.
    pub(super) rate: u32,
    /// 1 to 8.
    pub(super) channels: u16,
    /// Bits a sample: 4 to 32.
    pub(super) bits: u32,
    /// Samples a channel in all; 0 if not told.
    pub(super) total: u64,
    /// MD5 of all samples; zeros if not told.
    pub(super) md5: [u8; 16],
}

impl StreamInfo {
    /// Reads the body at `body`.
    ///
    /// # Errors
    /// If it has another length, tells of no sound, or cannot be read.
    pub(super) fn read(window: &mut Window<'_>, body: Span) -> Result<Self, FormatError> {
        let at = body.start;
        if body.len() != LEN {
            return Err(FormatError::malformed(at, "a STREAMINFO block that is not 34 bytes long"));
        }
        let bytes = window.array::<34>(at)?;
        let [a, b, c, d, e, f, g, h, i, j, ..] = bytes;
        let packed = u64::from_be_bytes(window.array(at + 10)?);
        let part = |shift: u32, bits: u32| packed >> shift & ((1 << bits) - 1);
        let small = |value: u64| u32::try_from(value).unwrap_or(0);
        let info = Self {
            bytes,
            min_block: u16::from_be_bytes([a, b]),
            max_block: u16::from_be_bytes([c, d]),
            min_frame: u32::from_be_bytes([0, e, f, g]),
            max_frame: u32::from_be_bytes([0, h, i, j]),
            rate: small(part(44, 20)),
            channels: u16::try_from(part(41, 3)).unwrap_or(0) + 1,
            bits: small(part(36, 5)) + 1,
            total: part(0, 36),
            md5: window.array(at + 18)?,
        };
        if info.rate == 0 || info.bits < 4 || info.max_block < info.min_block || info.max_block == 0 {
            return Err(FormatError::malformed(at, "numbers in a STREAMINFO block that are none of sound"));
        }
        Ok(info)
    }

    /// The body with the numbers of `self`.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let total = if self.total >> 36 == 0 { self.total } else { 0 };
        let packed = u64::from(self.rate) << 44
            | u64::from(self.channels - 1) << 41
            | u64::from(self.bits - 1) << 36
            | total;
        let [_, min_frame @ ..] = self.min_frame.min(0xFF_FFFF).to_be_bytes();
        let [_, max_frame @ ..] = self.max_frame.min(0xFF_FFFF).to_be_bytes();
        let blocks = [self.min_block.to_be_bytes(), self.max_block.to_be_bytes()].concat();
        [blocks.as_slice(), &min_frame, &max_frame, &packed.to_be_bytes(), &self.md5].concat()
    }

    /// Most bytes that a frame can sensibly have: every sample as it is, and headers.
    pub(super) fn longest_frame(&self) -> usize {
        let bits = (u64::from(self.bits) + 1) * u64::from(self.channels) * u64::from(self.max_block);
        usize::try_from(bits / 8 + 64 * 8).unwrap_or(usize::MAX)
    }

    pub(super) fn facts(&self) -> SoundFacts {
        let frames = (self.total > 0).then_some(self.total);
        SoundFacts { rate: self.rate, channels: self.channels, frames }
    }
}
