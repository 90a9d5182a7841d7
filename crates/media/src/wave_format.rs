//! The `fmt ` chunk of a WAVE file, and how it codes samples.

use crate::SoundFacts;
use crate::riff::Chunk;
use indicia_core::{FormatError, Window};

/// What follows the format tag in the subformat of `WAVE_FORMAT_EXTENSIBLE` (RFC 2361).
const SUBFORMAT: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// How the sound of a WAVE file is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaveFormat {
    /// Frames a second.
    pub(crate) rate: u32,
    /// Samples a frame.
    pub(crate) channels: u16,
    /// Bytes a frame.
    pub(crate) frame: u64,
    /// The coding of one sample.
    pub(crate) coding: Coding,
}

/// How one sample is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// 8-bit A-law (ITU-T G.711).
    ALaw,
    /// 32-bit IEEE 754.
    Float32,
    /// 64-bit IEEE 754.
    Float64,
    /// 8-bit mu-law (ITU-T G.711).
    MuLaw,
    /// Two's complement, low byte first, the valid bits on top.
    Signed {
        /// Bytes a sample: 2, 3 or 4.
        bytes: usize,
        /// Valid bits.
        bits: u32,
    },
    /// 8 bits, silence at 128.
    Unsigned8,
}

impl WaveFormat {
    /// Reads a `fmt ` chunk.
    ///
    /// # Errors
    /// [`indicia_core::Problem::Unsupported`] for codings that are not read here, naming the format;
    /// [`indicia_core::Problem::Malformed`] for numbers that contradict one another.
    pub(crate) fn read(window: &mut Window<'_>, chunk: Chunk) -> Result<Self, FormatError> {
        let at = chunk.body.start;
        if chunk.body.len() < 16 {
            return Err(FormatError::malformed(at, "fmt chunk shorter than 16 bytes"));
        }
        let mut tag = u16::from_le_bytes(window.array(at)?);
        let channels = u16::from_le_bytes(window.array(at + 2)?);
        let rate = u32::from_le_bytes(window.array(at + 4)?);
        let frame = u16::from_le_bytes(window.array(at + 12)?);
        let depth = u16::from_le_bytes(window.array(at + 14)?);
        if channels == 0 || rate == 0 {
            return Err(FormatError::malformed(at, "fmt chunk without channels or rate"));
        }
        let mut valid = depth;
        if tag == 0xFFFE {
            if chunk.body.len() < 40 {
                return Err(FormatError::malformed(at, "extensible fmt chunk shorter than 40 bytes"));
            }
            let bits = u16::from_le_bytes(window.array(at + 18)?);
            valid = if bits == 0 { depth } else { bits };
            tag = u16::from_le_bytes(window.array(at + 24)?);
            if window.array::<14>(at + 26)? != SUBFORMAT {
                return Err(FormatError::unsupported(at + 24, "WAVE sound in a subformat of its own"));
            }
        }
        // The depth is the size of the container, unless a writer puts the valid bits there.
        let bytes = match frame {
            0 => depth.div_ceil(8),
            _ if frame % channels == 0 => frame / channels,
            _ => return Err(FormatError::malformed(at + 12, "frame size in fmt chunk")),
        };
        let fits = (1..=u32::from(bytes) * 8).contains(&u32::from(valid));
        let coding = match (tag, bytes) {
            (1, 1) if fits => Coding::Unsigned8,
            (1, 2..=4) if fits => Coding::Signed { bytes: usize::from(bytes), bits: u32::from(valid) },
            (3, 4) => Coding::Float32,
            (3, 8) => Coding::Float64,
            (6, 1) => Coding::ALaw,
            (7, 1) => Coding::MuLaw,
            _ => return Err(FormatError::unsupported(at, unsupported(tag))),
        };
        Ok(Self { rate, channels, frame: u64::from(bytes) * u64::from(channels), coding })
    }

    /// What is known of the sound in a `data` body of this many bytes.
    pub(crate) fn facts(&self, data: u64) -> SoundFacts {
        SoundFacts { rate: self.rate, channels: self.channels, frames: data.checked_div(self.frame) }
    }
}

/// What to say of a format tag (RFC 2361) that is not read here.
fn unsupported(tag: u16) -> &'static str {
    match tag {
        0x0001 => "WAVE sound: PCM (tag 0x0001) with this sample size",
        0x0002 => "WAVE sound: Microsoft ADPCM (tag 0x0002)",
        0x0003 => "WAVE sound: IEEE float (tag 0x0003) with this sample size",
        0x0011 => "WAVE sound: IMA ADPCM (tag 0x0011)",
        0x0031 => "WAVE sound: GSM 6.10 (tag 0x0031)",
        0x0050 => "WAVE sound: MPEG layer 1 or 2 (tag 0x0050)",
        0x0055 => "WAVE sound: MP3 (tag 0x0055)",
        0x0161 => "WAVE sound: Windows Media Audio (tag 0x0161)",
        _ => "WAVE sound with a format tag other than PCM, float, A-law and mu-law",
    }
}

impl Coding {
    /// Bytes a sample.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::ALaw | Self::MuLaw | Self::Unsigned8 => 1,
            Self::Float32 => 4,
            Self::Float64 => 8,
            Self::Signed { bytes, .. } => bytes,
        }
    }

    /// Appends the samples coded in `bytes`, each in -1.0..=1.0. What is left of a sample is left out.
    pub(crate) fn decode(self, bytes: &[u8], out: &mut Vec<f32>) {
        match self {
            Self::Unsigned8 => out.extend(bytes.iter().map(|byte| (f32::from(*byte) - 128.0) / 128.0)),
            Self::ALaw => out.extend(bytes.iter().map(|byte| f32::from(alaw(*byte)) / 32768.0)),
            Self::MuLaw => out.extend(bytes.iter().map(|byte| f32::from(mulaw(*byte)) / 32768.0)),
            Self::Float32 => {
                let (values, _) = bytes.as_chunks();
                out.extend(values.iter().map(|value| bounded(f32::from_le_bytes(*value))));
            }
            Self::Float64 => {
                let (values, _) = bytes.as_chunks();
                out.extend(values.iter().map(|value| bounded(single(f64::from_le_bytes(*value)))));
            }
            Self::Signed { bytes: 2, .. } => {
                let (values, _) = bytes.as_chunks();
                out.extend(values.iter().map(|value| f32::from(i16::from_le_bytes(*value)) / 32768.0));
            }
            Self::Signed { bytes: size, .. } => out.extend(bytes.chunks_exact(size).map(|value| {
                let top = value.iter().fold(0u32, |word, byte| (word >> 8) | (u32::from(*byte) << 24));
                single(f64::from(top.cast_signed()) / 2_147_483_648.0)
            })),
        }
    }

    /// Codes samples; what is outside of -1.0..=1.0 is cut off.
    pub(crate) fn encode(self, values: &[f32]) -> Vec<u8> {
        let values = values.iter().map(|value| bounded(*value));
        match self {
            Self::Unsigned8 => {
                values.map(|value| level(value, 8).wrapping_add(128).to_le_bytes()[0]).collect()
            }
            Self::ALaw => values.map(|value| to_alaw(level(value, 16))).collect(),
            Self::MuLaw => values.map(|value| to_mulaw(level(value, 16))).collect(),
            Self::Float32 => values.flat_map(f32::to_le_bytes).collect(),
            Self::Float64 => values.flat_map(|value| f64::from(value).to_le_bytes()).collect(),
            Self::Signed { bytes, bits } => values
                .flat_map(|value| {
                    let top = level(value, bits) << (32 - bits);
                    top.to_le_bytes().into_iter().skip(4 - bytes)
                })
                .collect(),
        }
    }

    /// Moves coded samples by what was done to them: `from` as they were decoded, `to` as they shall be. Those that stay the
    /// same keep their bytes. As many as `to` has are appended to `out`.
    pub(crate) fn shift(self, coded: &[u8], from: &[f32], to: &[f32], out: &mut Vec<u8>) {
        let samples = coded.chunks_exact(self.bytes()).zip(from.iter().zip(to));
        if let Self::ALaw | Self::MuLaw = self {
            let law = if self == Self::ALaw { alaw } else { mulaw };
            let table = Levels::new(law);
            out.extend(samples.map(|(code, (from, to))| {
                let code = code.first().copied().unwrap_or_default();
                if from == to { code } else { table.nearest(level(bounded(*to), 16)) }
            }));
            return;
        }
        for (code, (from, to)) in samples {
            if from == to {
                out.extend_from_slice(code);
                continue;
            }
            let change = f64::from(*to) - f64::from(*from);
            match (self, code) {
                (Self::Float32, &[a, b, c, d]) => {
                    let moved = f64::from(f32::from_le_bytes([a, b, c, d])) + change;
                    out.extend_from_slice(&single(moved).to_le_bytes());
                }
                (Self::Float64, &[a, b, c, d, e, f, g, h]) => {
                    out.extend_from_slice(
                        &(f64::from_le_bytes([a, b, c, d, e, f, g, h]) + change).to_le_bytes(),
                    );
                }
                (Self::Unsigned8, &[byte]) => {
                    let moved = moved(i32::from(byte) - 128, change, 8).wrapping_add(128);
                    out.extend_from_slice(&moved.to_le_bytes()[..1]);
                }
                (Self::Signed { bytes, bits }, _) => {
                    let top = code.iter().fold(0u32, |word, byte| (word >> 8) | (u32::from(*byte) << 24));
                    let moved = moved(top.cast_signed() >> (32 - bits), change, bits) << (32 - bits);
                    out.extend(moved.to_le_bytes().into_iter().skip(4 - bytes));
                }
                _ => out.extend_from_slice(code),
            }
        }
    }

    /// The bytes of silence.
    pub(crate) fn silence(self, samples: usize) -> Vec<u8> {
        self.encode(&vec![0.0; samples])
    }
}

/// A sample as it may be given on: no number is silence, and nothing is louder than full scale.
fn bounded(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-1.0, 1.0) }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the precision of samples is meant")]
fn single(value: f64) -> f32 {
    value as f32
}

/// A sample as an integer of this many bits.
#[expect(clippy::cast_possible_truncation, reason = "the value is cut to the range of the type first")]
fn level(value: f32, bits: u32) -> i32 {
    let full = f64::from(1u32 << (bits - 1));
    (f64::from(value) * full).round().clamp(-full, full - 1.0) as i32
}

/// A sample of this many bits, moved by a share of full scale.
#[expect(clippy::cast_possible_truncation, reason = "the value is cut to the range of the type first")]
fn moved(sample: i32, change: f64, bits: u32) -> i32 {
    let full = f64::from(1u32 << (bits - 1));
    (f64::from(sample) + (change * full).round()).clamp(-full, full - 1.0) as i32
}

/// The levels of a law in rising order, each with its byte.
struct Levels(Vec<(i32, u8)>);

impl Levels {
    fn new(law: fn(u8) -> i16) -> Self {
        let mut levels: Vec<_> = (0..=u8::MAX).map(|byte| (i32::from(law(byte)), byte)).collect();
        levels.sort_unstable();
        Self(levels)
    }

    /// The byte whose level is nearest to a 16-bit sample.
    fn nearest(&self, sample: i32) -> u8 {
        let above = self.0.partition_point(|(level, _)| *level < sample);
        let around = self.0.get(above.saturating_sub(1)..(above + 1).min(self.0.len())).unwrap_or_default();
        around.iter().min_by_key(|(level, _)| (level - sample).abs()).map_or(0, |(_, byte)| *byte)
    }
}

/// A mu-law byte as a 16-bit sample (G.711: three exponent bits, four mantissa bits, all inverted).
fn mulaw(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((i16::from(byte & 0x0F) << 3) + 0x84) << ((byte >> 4) & 7);
    if byte & 0x80 == 0 { magnitude - 0x84 } else { 0x84 - magnitude }
}

/// An A-law byte as a 16-bit sample (G.711: even bits inverted).
fn alaw(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let step = (i16::from(byte & 0x0F) << 4) + 8;
    let magnitude = match (byte >> 4) & 7 {
        0 => step,
        exponent => (step + 0x100) << (exponent - 1),
    };
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

/// The mu-law byte nearest to a 16-bit sample.
fn to_mulaw(sample: i32) -> u8 {
    nearest(sample, mulaw)
}

/// The A-law byte nearest to a 16-bit sample.
fn to_alaw(sample: i32) -> u8 {
    nearest(sample, alaw)
}

/// The byte whose sample is nearest. Only short notices are coded so, and both laws need no table.
fn nearest(sample: i32, law: fn(u8) -> i16) -> u8 {
    (0..=u8::MAX).min_by_key(|byte| (i32::from(law(*byte)) - sample).abs()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Coding, alaw, mulaw, to_alaw, to_mulaw};

    fn decoded(coding: Coding, bytes: &[u8]) -> Vec<f32> {
        let mut out = Vec::new();
        coding.decode(bytes, &mut out);
        out
    }

    #[test]
    fn each_coding_reads_full_scale_half_and_silence() {
        let signed = |bytes| Coding::Signed { bytes, bits: u32::try_from(bytes).unwrap() * 8 };
        assert_eq!(decoded(Coding::Unsigned8, &[0, 128, 192]), [-1.0, 0.0, 0.5]);
        assert_eq!(decoded(signed(2), &[0, 0x80, 0, 0, 0, 0x40]), [-1.0, 0.0, 0.5]);
        assert_eq!(decoded(signed(3), &[0, 0, 0x80, 0, 0, 0, 0, 0, 0x40]), [-1.0, 0.0, 0.5]);
        assert_eq!(decoded(signed(4), &[0, 0, 0, 0x80, 0, 0, 0, 0x40]), [-1.0, 0.5]);
        assert_eq!(decoded(Coding::Float32, &[0, 0, 0x80, 0xBF, 0, 0, 0, 0x3F]), [-1.0, 0.5]);
        assert_eq!(decoded(Coding::Float64, &[0, 0, 0, 0, 0, 0, 0xE0, 0x3F]), [0.5]);
    }

    #[test]
    fn a_float_that_is_no_number_or_too_loud_stays_in_range() {
        let bytes = [f32::NAN, f32::INFINITY, -3.0].map(f32::to_le_bytes).concat();
        assert_eq!(decoded(Coding::Float32, &bytes), [0.0, 1.0, -1.0]);
    }

    #[test]
    fn coding_rounds_and_never_wraps() {
        let signed = |bytes, bits| Coding::Signed { bytes, bits };
        assert_eq!(signed(2, 16).encode(&[1.0, -1.0, 0.5]), [0xFF, 0x7F, 0, 0x80, 0, 0x40]);
        assert_eq!(signed(3, 24).encode(&[1.0, -2.0]), [0xFF, 0xFF, 0x7F, 0, 0, 0x80]);
        // 20 valid bits stand on top of three bytes, the lowest four are empty.
        assert_eq!(signed(3, 20).encode(&[1.0]), [0xF0, 0xFF, 0x7F]);
        assert_eq!(signed(4, 32).encode(&[1.0, f32::NAN]), [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0]);
        assert_eq!(Coding::Unsigned8.encode(&[-1.0, 0.0, 1.0]), [0, 128, 255]);
    }

    #[test]
    fn a_change_moves_samples_and_leaves_the_others_as_they_are() {
        let shift = |coding: Coding, coded: &[u8], change: &[f32]| {
            let from = decoded(coding, coded);
            let to: Vec<f32> = from.iter().zip(change).map(|(from, change)| from + change).collect();
            let mut out = Vec::new();
            coding.shift(coded, &from, &to, &mut out);
            out
        };
        let step = 1.0 / 32768.0;
        let sixteen = Coding::Signed { bytes: 2, bits: 16 };
        assert_eq!(shift(sixteen, &[5, 0, 0xFF, 0x7F, 7, 0], &[step, step, 0.0]), [6, 0, 0xFF, 0x7F, 7, 0]);
        assert_eq!(shift(sixteen, &[5, 0, 6, 0], &[step]), [6, 0], "only what came out");
        // More bits than a float has: the lowest stay.
        let word = 0x1234_5677_i32;
        let moved = shift(Coding::Signed { bytes: 4, bits: 32 }, &word.to_le_bytes(), &[step]);
        assert_eq!(moved, (word + 65_536).to_le_bytes());
        assert_eq!(shift(Coding::Signed { bytes: 3, bits: 24 }, &[1, 0, 0], &[step]), [1, 1, 0]);
        assert_eq!(shift(Coding::Unsigned8, &[128, 255], &[1.0 / 128.0, 0.5]), [129, 255]);
        // Beyond full scale, no number, and finer than single precision.
        let mut out = Vec::new();
        Coding::Float32.shift(&1.5_f32.to_le_bytes(), &[1.0], &[0.75], &mut out);
        assert_eq!(out, 1.25_f32.to_le_bytes());
        let nan = f32::NAN.to_le_bytes();
        assert_eq!(shift(Coding::Float32, &nan, &[0.0]), nan);
        let fine = 0.25 + 1e-12;
        assert_eq!(shift(Coding::Float64, &f64::to_le_bytes(fine), &[0.5]), f64::to_le_bytes(fine + 0.5));
        let law = |coding: Coding, byte: u8| shift(coding, &[byte, byte], &[0.0, 0.0005]);
        assert_eq!(law(Coding::MuLaw, 0xFF), [0xFF, to_mulaw(16)]);
        assert_eq!(law(Coding::ALaw, 0xD5), [0xD5, to_alaw(24)]);
    }

    #[test]
    fn the_nearest_level_is_the_same_by_either_way() {
        for law in [mulaw, alaw] {
            let levels = super::Levels::new(law);
            for sample in (-32768..=32767).step_by(7) {
                let near = |byte: u8| (i32::from(law(byte)) - sample).abs();
                assert_eq!(near(levels.nearest(sample)), near(super::nearest(sample, law)), "{sample}");
            }
        }
    }

    /// Values of ITU-T G.711 tables 1a and 2a, scaled to 16 bits.
    #[test]
    fn both_laws_of_telephony_are_read_as_the_tables_say() {
        assert_eq!([0xFF, 0x80, 0x00, 0x7F].map(mulaw), [0, 32124, -32124, 0]);
        assert_eq!([0xD5, 0xAA, 0x2A, 0x55].map(alaw), [8, 32256, -32256, -8]);
        for byte in 0..=u8::MAX {
            assert_eq!(mulaw(to_mulaw(i32::from(mulaw(byte)))), mulaw(byte), "{byte}");
            assert_eq!(to_alaw(i32::from(alaw(byte))), byte, "{byte}");
        }
    }
}
