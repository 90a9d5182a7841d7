//! Makes Layer III frames for short notices.
//!
//! Every frame stands alone: none reaches back into the bytes of another, so frames can be put before and after
//! those of a file without a change to them. Constant bit rate, long blocks, no ear model.

mod analysis;
mod bits;
mod mdct;
mod quantise;
mod tables;

use std::f32::consts::FRAC_1_SQRT_2;

use super::header::{FrameHeader, Mode, Version};
use analysis::Analysis;
use bits::Bits;
use mdct::{LINES, Mdct, SLOTS};
use quantise::{Granule, MOST_BITS};

/// The farthest that a frame can reach back for its main data, in bytes.
const REACH: usize = 511;

/// Where the bands of long blocks start (ISO/IEC 11172-3 table B.8, 13818-3 table B.2), by sampling rate.
fn bands(rate: u32) -> &'static [u16; 23] {
    match rate {
        44_100 => &[
            0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 52, 62, 74, 90, 110, 134, 162, 196, 238, 288, 342, 418, 576,
        ],
        48_000 => &[
            0, 4, 8, 12, 16, 20, 24, 30, 36, 42, 50, 60, 72, 88, 106, 128, 156, 190, 230, 276, 330, 384, 576,
        ],
        32_000 => &[
            0, 4, 8, 12, 16, 20, 24, 30, 36, 44, 54, 66, 82, 102, 126, 156, 194, 240, 296, 364, 448, 550, 576,
        ],
        24_000 => &[
            0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 114, 136, 162, 194, 232, 278, 332, 394, 464, 540,
            576,
        ],
        8_000 => &[
            0, 12, 24, 36, 48, 60, 72, 88, 108, 132, 160, 192, 232, 280, 336, 400, 476, 566, 568, 570, 572,
            574, 576,
        ],
        _ => &[
            0, 6, 12, 18, 24, 30, 36, 44, 54, 66, 80, 96, 116, 140, 168, 200, 238, 284, 336, 396, 464, 522,
            576,
        ],
    }
}

/// Frames of a notice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    /// Their bytes.
    pub(crate) bytes: Vec<u8>,
    /// Their number.
    pub(crate) count: u32,
}

/// Codes interleaved sound as frames that can stand beside those with the header `like`.
///
/// `lead` and `tail` are samples of silence before and after it. What comes out of a decoder is late by `lead`
/// and 1057 samples: 481 through the two filterbanks, 576 through the transform.
///
/// The last frames leave a decoder as if it had just been started: all its memories are zero, and no byte is
/// left unused. So the frames that follow decode to what they did before, to the sample. Their main data are
/// ones, which in nearly all tables mean zero lines, should a decoder read them after all.
pub(crate) fn frames(like: &FrameHeader, bit_rate: u32, sound: &[f32], lead: usize, tail: usize) -> Frames {
    let channels = usize::from(like.channels());
    let same = sound.chunks_exact(channels).all(|frame| frame.first() == frame.last());
    let mode = match (channels, same) {
        (1, _) => Mode::Mono,
        (_, true) => Mode::Joint,
        _ => Mode::Stereo,
    };
    let mut writer = Writer { header: FrameHeader { mode, checked: false, ..*like }, bit_rate, owed: 0 };
    let mut paths: Vec<_> = (0..channels).map(|_| (Analysis::new(), Mdct::new())).collect();
    let length = lead + sound.len() / channels + tail + 2 * LINES;
    let mut out = Frames::default();
    let samples = usize::try_from(like.samples()).unwrap_or(LINES);
    for start in (0..length).step_by(samples) {
        let mut lines = Vec::new();
        for granule in (start..start + samples).step_by(LINES) {
            for (channel, path) in paths.iter_mut().enumerate() {
                let value = |at: usize| {
                    let at = at.checked_sub(lead)?.checked_mul(channels)?;
                    sound.get(at + channel).copied()
                };
                lines.push(transform(path, granule, value));
            }
        }
        if mode == Mode::Joint {
            // Middle and side of two equal channels: the side is nothing.
            for pair in lines.chunks_exact_mut(2) {
                if let [middle, side] = pair {
                    middle.iter_mut().for_each(|line| *line /= FRAC_1_SQRT_2);
                    side.fill(0.0);
                }
            }
        }
        out.bytes.extend(writer.frame(&lines));
        out.count += 1;
    }
    // Two granules at least: one for the transform's memory, one for the filterbank's.
    let (mut filled, mut closed) = (0, 0);
    while filled < REACH || closed < 2 {
        let (frame, main) = writer.closing_frame();
        filled += main;
        closed += 1;
        out.bytes.extend(frame);
        out.count += 1;
    }
    out
}

/// The lines of the granule that starts at a sample.
fn transform(
    (analysis, mdct): &mut (Analysis, Mdct),
    start: usize,
    value: impl Fn(usize) -> Option<f32>,
) -> [f32; LINES] {
    let mut slots = [[0.0; 32]; SLOTS];
    for (at, slot) in slots.iter_mut().enumerate() {
        let first = start + 32 * at;
        let sound: Vec<f32> = (first..first + 32).map(|at| value(at).unwrap_or(0.0)).collect();
        *slot = analysis.slot(&sound);
    }
    mdct.granule(&slots)
}

/// Writes frames of one kind.
struct Writer {
    header: FrameHeader,
    bit_rate: u32,
    /// What is missing from the frames so far to the bit rate, in bytes times the sampling rate.
    owed: u32,
}

impl Writer {
    /// The header of the next frame, its length in bytes, and that of its main data.
    fn next(&mut self) -> ([u8; 4], usize, usize) {
        let header = &self.header;
        let bytes = header.samples() / 8 * self.bit_rate;
        self.owed += bytes % header.rate;
        let padded = self.owed >= header.rate;
        if padded {
            self.owed -= header.rate;
        }
        let len = usize::try_from(bytes / header.rate + u32::from(padded)).unwrap_or(0);
        let version = match header.version {
            Version::One => 3,
            Version::Two => 2,
            Version::TwoAndHalf => 0,
        };
        let place = |found: Option<usize>| found.and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
        let bit_rate = place(header.version.bit_rates().iter().position(|one| *one * 1000 == self.bit_rate));
        let rate = place(header.version.rates().iter().position(|one| *one == header.rate));
        let mode = match header.mode {
            Mode::Stereo => 0,
            Mode::Joint => 0x60, // middle and side
            Mode::Dual => 0x80,
            Mode::Mono => 0xC0,
        };
        let third = bit_rate << 4 | rate << 2 | u8::from(padded) << 1;
        // Layer III, no checksum.
        let bytes = [0xFF, 0xE0 | version << 3 | 1 << 1 | 1, third, mode | header.rights];
        (bytes, len, len.saturating_sub(4 + header.side_len()))
    }

    /// A frame of the lines of each granule and channel.
    fn frame(&mut self, lines: &[[f32; LINES]]) -> Vec<u8> {
        let (header, len, main) = self.next();
        let mut left = u32::try_from(8 * main).unwrap_or(0);
        let sounding = |lines: &&[f32; LINES]| lines.iter().any(|line| *line != 0.0);
        let mut sharers = u32::try_from(lines.iter().filter(sounding).count()).unwrap_or(1);
        let mut granules = Vec::new();
        for lines in lines {
            let granule = Granule::fit(lines, left / sharers.max(1), bands(self.header.rate));
            sharers -= u32::from(sounding(&lines)).min(sharers);
            left -= granule.bits.min(left);
            granules.push(granule);
        }
        let mut bits = self.head(header, &granules);
        granules.iter().for_each(|granule| granule.write(&mut bits));
        bits.finish(len)
    }

    /// A silent frame whose main data is used up to the last bit, and the length of that in bytes.
    fn closing_frame(&mut self) -> (Vec<u8>, usize) {
        let (header, len, main) = self.next();
        let count =
            usize::from(self.header.channels()) * if self.header.version == Version::One { 2 } else { 1 };
        let mut left = u32::try_from(8 * main).unwrap_or(0);
        let mut granules = vec![Granule::silent(); count];
        for (at, granule) in granules.iter_mut().enumerate() {
            let sharers = u32::try_from(count - at).unwrap_or(1);
            // The ones that fill the frame are fours of zeros; past the last line, decoders skip what is left.
            granule.bits = left.div_ceil(sharers).min(MOST_BITS).min(left);
            left -= granule.bits;
        }
        (self.head(header, &granules).finish(len), main)
    }

    /// Header and side information.
    fn head(&self, header: [u8; 4], granules: &[Granule]) -> Bits {
        let one = self.header.version == Version::One;
        let mono = self.header.mode == Mode::Mono;
        let mut bits = Bits::default();
        bits.put(u32::from_be_bytes(header), 32);
        // Reach back: none. Private bits. Shared scale factors: none.
        bits.put(
            0,
            match (one, mono) {
                (true, true) => 9 + 5 + 4,
                (true, false) => 9 + 3 + 8,
                (false, true) => 8 + 1,
                (false, false) => 8 + 2,
            },
        );
        for granule in granules {
            bits.put(granule.bits, 12);
            bits.put(granule.pairs.into(), 9);
            bits.put(granule.gain.into(), 8);
            bits.put(0, if one { 4 } else { 9 }); // scale factors in no bits
            bits.put(0, 1); // a long block
            granule.tables.iter().for_each(|table| bits.put((*table).into(), 5));
            let [first, second] = granule.regions;
            bits.put(first.into(), 4);
            bits.put(second.into(), 3);
            bits.put(0, if one { 2 } else { 1 }); // no high-frequency lift, fine scale factors
            bits.put(granule.flat_fours.into(), 1);
        }
        bits
    }
}
