//! The `COMM` chunk: how the sound of an AIFF file is coded.

use crate::riff::Chunk;
use crate::wave_format::Coding;
use indicia_core::{FormatError, Window};

/// How the sound of an AIFF file is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AiffFormat {
    /// Frames a second.
    pub(super) rate: u32,
    /// Samples a frame.
    pub(super) channels: u16,
    /// Bytes a frame.
    pub(super) frame: u64,
    /// Frames in all.
    pub(super) frames: u32,
    pub(super) coding: Coding,
    /// Whether the high byte of a sample comes first.
    is_swapped: bool,
}

impl AiffFormat {
    /// Reads a `COMM` chunk; `compressed` says that it is one of AIFF-C, with a type of compression.
    ///
    /// # Errors
    /// [`indicia_core::Problem::Unsupported`] for codings that are not read here;
    /// [`indicia_core::Problem::Malformed`] for numbers that contradict one another.
    pub(super) fn read(window: &mut Window<'_>, chunk: Chunk, compressed: bool) -> Result<Self, FormatError> {
        let at = chunk.body.start;
        if chunk.body.len() < if compressed { 22 } else { 18 } {
            return Err(FormatError::malformed(at, "COMM chunk that ends too early"));
        }
        let channels = u16::from_be_bytes(window.array(at)?);
        let frames = u32::from_be_bytes(window.array(at + 2)?);
        let bits = u32::from(u16::from_be_bytes(window.array(at + 6)?));
        let rate = extended(window.array(at + 8)?)
            .ok_or(FormatError::malformed(at + 8, "the sampling rate in a COMM chunk"))?;
        let kind = if compressed { window.array(at + 18)? } else { *b"NONE" };
        let integer = || {
            let bytes = usize::try_from(bits.div_ceil(8)).ok().filter(|bytes| (1..=4).contains(bytes))?;
            Some(Coding::Signed { bytes, bits })
        };
        let coding = match &kind {
            b"NONE" | b"twos" | b"sowt" => integer(),
            b"in24" => Some(Coding::Signed { bytes: 3, bits: 24 }),
            b"in32" => Some(Coding::Signed { bytes: 4, bits: 32 }),
            b"raw " if bits == 8 => Some(Coding::Unsigned8),
            b"fl32" | b"FL32" => Some(Coding::Float32),
            b"fl64" | b"FL64" => Some(Coding::Float64),
            b"alaw" | b"ALAW" => Some(Coding::ALaw),
            b"ulaw" | b"ULAW" => Some(Coding::MuLaw),
            _ => None,
        };
        let coding = coding.ok_or(FormatError::unsupported(at + 18, "this coding of sound in AIFF"))?;
        if channels == 0 || rate == 0 {
            return Err(FormatError::malformed(at, "COMM chunk without channels or rate"));
        }
        let frame = coding.bytes() as u64 * u64::from(channels);
        Ok(Self { rate, channels, frame, frames, coding, is_swapped: kind != *b"sowt" })
    }

    /// Appends the samples coded in `bytes`, whole frames, which are used up.
    pub(super) fn decode(&self, bytes: &mut [u8], out: &mut Vec<f32>) {
        self.swap(bytes);
        self.coding.decode(bytes, out);
    }

    /// Codes samples.
    pub(super) fn encode(&self, values: &[f32]) -> Vec<u8> {
        let mut bytes = self.coding.encode(values);
        self.swap(&mut bytes);
        bytes
    }

    /// Turns samples between the file's order of bytes and low byte first.
    pub(super) fn swap(&self, bytes: &mut [u8]) {
        if self.is_swapped {
            bytes.chunks_exact_mut(self.coding.bytes()).for_each(<[u8]>::reverse);
        }
    }
}

/// A whole number in 80-bit floating point; `None` for others.
fn extended(bytes: [u8; 10]) -> Option<u32> {
    let [high, low, mantissa @ ..] = bytes;
    let exponent = u32::from(u16::from_be_bytes([high, low]));
    let mantissa = u64::from_be_bytes(mantissa);
    // One is the mantissa's highest bit at the exponent 16383.
    let shift = (16_383 + 63_u32).checked_sub(exponent).filter(|shift| (32..64).contains(shift))?;
    u32::try_from(mantissa >> shift).ok()
}

#[cfg(test)]
mod tests {
    use super::extended;

    #[test]
    fn usual_rates_and_others() {
        assert_eq!(extended([0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), Some(44_100));
        assert_eq!(extended([0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0]), Some(8000));
        assert_eq!(extended([0x3F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]), Some(1));
        assert_eq!(extended([0xC0, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]), None, "less than nothing");
        assert_eq!(extended([0x7F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]), None, "infinity");
        assert_eq!(extended([0; 10]), None);
    }
}
