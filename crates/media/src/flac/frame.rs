//! Frame headers (RFC 9639, 9.1).

use super::checksum::crc8;
use super::stream_info::StreamInfo;

/// Most bytes of a frame header.
pub(super) const HEADER: usize = 16;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// Whether the number is that of the first sample, and blocks differ in length; else it is that of the frame.
    pub(super) variable: bool,
    /// Number of the first sample or of the frame.
    pub(super) number: u64,
    /// Samples a channel.
    pub(super) block: u32,
    /// Samples a channel and second; `None` if as STREAMINFO says.
    pub(super) rate: Option<u32>,
    /// Channels.
    pub(super) channels: u16,
    /// Bits a sample; `None` if as STREAMINFO says.
    pub(super) bits: Option<u32>,
    /// Bytes of the header, checksum included.
    pub(super) len: usize,
    /// The four bytes before the number.
    codes: [u8; 4],
    /// Block length and rate after the number, where the codes do not tell them, and how many bytes that is.
    after: ([u8; 4], usize),
}

impl FrameHeader {
    /// The header that these bytes start with, if its checksum is right.
    pub(super) fn at(bytes: &[u8]) -> Option<Self> {
        let [0xFF, second, sizes, channels] = *bytes.first_chunk::<4>()? else {
            return None;
        };
        if second & 0xFE != 0xF8 || channels & 1 != 0 {
            return None;
        }
        let (number, number_len) = number(bytes.get(4..)?)?;
        let mut at = 4 + number_len;
        let from = at;
        let mut more = |count: usize| {
            let value =
                bytes.get(at..at + count)?.iter().fold(0, |value, byte| value << 8 | u32::from(*byte));
            at += count;
            Some(value)
        };
        let block = match sizes >> 4 {
            0 => return None,
            1 => 192,
            code @ 2..=5 => 144 << code,
            6 => more(1)? + 1,
            7 => more(2)? + 1,
            code => 1 << code,
        };
        let rate = match sizes & 15 {
            0 => None,
            12 => Some(more(1)? * 1000),
            13 => Some(more(2)?),
            14 => Some(more(2)? * 10),
            15 => return None,
            code => Some(usual_rate(code)),
        };
        let channels_of = match channels >> 4 {
            code @ 0..=7 => u16::from(code) + 1,
            8..=10 => 2,
            _ => return None,
        };
        let bits = match channels >> 1 & 7 {
            0 => None,
            1 => Some(8),
            2 => Some(12),
            4 => Some(16),
            5 => Some(20),
            6 => Some(24),
            7 => Some(32),
            _ => return None,
        };
        let mut after = ([0; 4], at - from);
        after.0.get_mut(..after.1)?.copy_from_slice(bytes.get(from..at)?);
        let header = Self {
            variable: second & 1 != 0,
            number,
            block,
            rate,
            channels: channels_of,
            bits,
            len: at + 1,
            codes: [0xFF, second, sizes, channels],
            after,
        };
        (crc8(bytes.get(..at)?) == *bytes.get(at)?).then_some(header)
    }

    /// The same header with another number.
    pub(super) fn renumbered(&self, number: u64) -> Vec<u8> {
        self.coded(self.codes, number, self.after.0.get(..self.after.1).unwrap_or_default())
    }

    /// A header for channels coded each by itself.
    #[cfg(test)]
    fn independent(&self, number: u64, block: u32, is_long: bool) -> Vec<u8> {
        let each = u8::try_from(self.channels - 1).unwrap_or(0);
        self.of_frame(number, block, each, is_long)
    }

    /// A header for a frame of new samples, with the rate and sample size of this one and this assignment of channels. A
    /// block of a usual length needs no bytes for it, unless `is_long`.
    pub(super) fn of_frame(&self, number: u64, block: u32, assignment: u8, is_long: bool) -> Vec<u8> {
        let [first, second, sizes, channels] = self.codes;
        let assignment = assignment << 4;
        let of_block = if matches!(sizes >> 4, 6) {
            1
        } else if matches!(sizes >> 4, 7) {
            2
        } else {
            0
        };
        let rate = self.after.0.get(of_block..self.after.1).unwrap_or_default();
        let size = u16::try_from(block.saturating_sub(1)).unwrap_or(u16::MAX).to_be_bytes();
        let (code, size) = match block {
            _ if is_long => (7, &size[..]),
            192 => (1, &[][..]),
            576 | 1152 | 2304 | 4608 => (u8::try_from((block / 144).ilog2()).unwrap_or(0), &[][..]),
            256..=32768 if block.is_power_of_two() => (u8::try_from(block.ilog2()).unwrap_or(0), &[][..]),
            _ => (7, &size[..]),
        };
        let codes = [first, second, code << 4 | sizes & 15, assignment | channels & 0x0E];
        self.coded(codes, number, &[size, rate].concat())
    }

    fn coded(&self, codes: [u8; 4], number: u64, after: &[u8]) -> Vec<u8> {
        let mut bytes = [&codes[..], &coded_number(number), after].concat();
        bytes.push(crc8(&bytes));
        bytes
    }

    /// The number that the next frame must have.
    pub(super) fn next_number(&self) -> u64 {
        self.number + if self.variable { u64::from(self.block) } else { 1 }
    }

    /// Whether the frame is of the same sound as the file says.
    pub(super) fn fits(&self, info: &StreamInfo) -> bool {
        self.channels == info.channels
            && self.rate.is_none_or(|rate| rate == info.rate)
            && self.bits.is_none_or(|bits| bits == info.bits)
    }
}

fn usual_rate(code: u8) -> u32 {
    match code {
        1 => 88_200,
        2 => 176_400,
        3 => 192_000,
        4 => 8_000,
        5 => 16_000,
        6 => 22_050,
        7 => 24_000,
        8 => 32_000,
        9 => 44_100,
        10 => 48_000,
        _ => 96_000,
    }
}

/// A number coded like a character in UTF-8, but in up to seven bytes, and how many they are.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = match first.leading_ones() {
        0 => return Some((first.into(), 1)),
        len @ 2..=7 => usize::try_from(len).ok()?,
        _ => return None,
    };
    let start = u64::from(first) & (0x7F >> len);
    let number = bytes.get(1..len)?.iter().try_fold(start, |number, byte| {
        (byte & 0xC0 == 0x80).then_some(number << 6 | u64::from(byte & 0x3F))
    })?;
    Some((number, len))
}

/// A number of at most 36 bits, coded so.
fn coded_number(number: u64) -> Vec<u8> {
    let byte = |value: u64| u8::try_from(value & 0xFF).unwrap_or(0);
    if number < 0x80 {
        return vec![byte(number)];
    }
    let mut len = 2;
    while len < 7 && number >> (5 * len + 1) != 0 {
        len += 1;
    }
    let lead = !(0xFF_u64 >> len) | number >> (6 * (len - 1));
    let rest = (0..len - 1).rev().map(|at| byte(0x80 | number >> (6 * at) & 0x3F));
    std::iter::once(byte(lead)).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::{FrameHeader, coded_number, number};

    #[test]
    fn numbers_are_coded_as_in_utf8_and_beyond() {
        for char in ['a', '\u{7F}', '\u{80}', '\u{7FF}', '\u{800}', '\u{FFFF}', '\u{10000}', '\u{10FFFF}'] {
            let mut utf8 = [0; 4];
            let utf8 = char.encode_utf8(&mut utf8).as_bytes();
            assert_eq!(coded_number(char.into()), utf8, "{char:?}");
            assert_eq!(number(utf8), Some((char.into(), utf8.len())));
        }
        for (value, len) in
            [((1 << 26) - 1, 5), (1 << 26, 6), ((1 << 31) - 1, 6), (1 << 31, 7), ((1 << 36) - 1, 7)]
        {
            let coded = coded_number(value);
            assert_eq!((coded.len(), number(&coded)), (len, Some((value, len))));
        }
        assert_eq!(number(&[0x80]), None);
        assert_eq!(number(&[0xFF, 0x80]), None);
        assert_eq!(number(&[0xC2, 0x41]), None);
    }

    #[test]
    fn the_header_of_the_standards_example_is_read() {
        // RFC 9639, D.1: one block of one stereo sample at 44.1 kHz.
        let bytes = [0xFF, 0xF8, 0x69, 0x18, 0x00, 0x00, 0xBF];
        let header = FrameHeader::at(&bytes).unwrap();
        assert_eq!((header.block, header.rate, header.channels), (1, Some(44_100), 2));
        assert_eq!((header.bits, header.number, header.len), (Some(16), 0, 7));
        assert_eq!(header.renumbered(0), bytes);
        for at in 0..7 {
            let mut bent = bytes;
            bent[at] ^= 0x10;
            assert_eq!(FrameHeader::at(&bent), None, "{at}");
        }
        let more = header.renumbered(300);
        assert_eq!(FrameHeader::at(&more).map(|it| (it.number, it.block, it.len)), Some((300, 1, 8)));
        for block in [1, 16, 192, 256, 576, 4096, 4608, 5000, 32_768, 65_535] {
            let own = FrameHeader::at(&header.independent(7, block, false)).unwrap();
            assert_eq!((own.block, own.rate, own.channels, own.bits), (block, Some(44_100), 2, Some(16)));
        }
    }
}
