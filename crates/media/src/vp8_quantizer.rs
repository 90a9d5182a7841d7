//! The quantizers in the header of a VP8 key frame, and the quality setting of libwebp that leads to them.

use indicia_core::Problem;

/// Bytes before the first partition: frame tag, start code, size (RFC 6386 section 9.1).
const UNCODED: usize = 10;

/// Reads the coarseness of a picture from the start of its VP8 frame: the mean, over the segments, of the
/// negative logarithm of `1 - q / 127` for the quantizer index q. 0 is the finest; it grows with the loss.
///
/// libwebp takes for a segment the index `127 * (1 - c^e)`. There c is a function of the quality alone, and
/// the exponents e depend on the picture alone and lie around 1. So this is proportional to `-ln c`, with
/// the same factor for each quality at which one picture is coded.
///
/// # Errors
/// [`Problem::Truncated`] if the header is not whole.
pub(crate) fn coarseness(frame: &[u8]) -> Result<f64, Problem> {
    let mut bits = Bits::new(frame.get(UNCODED..).ok_or(Problem::Truncated)?);
    bits.number(2); // colour space, clamping
    let mut absolute = false;
    let mut segments = None;
    if bits.flag() {
        let map = bits.flag();
        if bits.flag() {
            absolute = bits.flag();
            segments = Some([(); 4].map(|()| bits.signed(7)));
            for _ in 0..4 {
                bits.signed(6); // loop filter
            }
        }
        for _ in 0..if map { 3 } else { 0 } {
            if bits.flag() {
                bits.number(8); // probability
            }
        }
    }
    bits.number(10); // loop filter
    if bits.flag() && bits.flag() {
        for _ in 0..8 {
            bits.signed(6); // adjustments of the loop filter
        }
    }
    bits.number(2); // number of partitions
    let base = i32::from(bits.number(7));
    if bits.ran_out() {
        return Err(Problem::Truncated);
    }
    let index = |segment: i32| if absolute { segment } else { base + segment };
    let indices = segments.unwrap_or([0; 4]).map(|segment| index(segment).clamp(0, 127));
    // Half a step is added back that was lost when the index was cut to an integer.
    let loss = |index: i32| -(1.0 - (f64::from(index) + 0.5) / 128.0).ln();
    Ok(indices.map(loss).iter().sum::<f64>() / 4.0)
}

/// The quality setting, 0 to 100, at which libwebp takes this coarseness for a picture of middling detail.
///
/// The inverse of its rule: c is the cube root of `2 Q / 3` up to a quality Q of 0.75, else of `2 Q - 1`.
pub(crate) fn quality(coarseness: f64) -> f32 {
    let linear = (-3.0 * coarseness).exp();
    let quality = if linear < 0.5 { linear * 1.5 } else { (linear + 1.0) / 2.0 };
    single(quality.clamp(0.0, 1.0) * 100.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a setting needs no more precision")]
fn single(value: f64) -> f32 {
    value as f32
}

/// The boolean entropy decoder (RFC 6386 section 7.3), for bits that are as likely 0 as 1.
struct Bits<'a> {
    rest: &'a [u8],
    value: u32,
    range: u32,
    left: u32,
    missing: u32,
}

impl<'a> Bits<'a> {
    fn new(rest: &'a [u8]) -> Self {
        let mut bits = Self { rest, value: 0, range: 255, left: 0, missing: 0 };
        bits.value = (bits.byte() << 8) | bits.byte();
        bits.left = 8;
        bits
    }

    fn byte(&mut self) -> u32 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                u32::from(*byte)
            }
            None => {
                self.missing += 1;
                0
            }
        }
    }

    fn flag(&mut self) -> bool {
        let split = 1 + (((self.range - 1) * 128) >> 8);
        let set = self.value >= split << 8;
        if set {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.value <<= 1;
            self.range <<= 1;
            self.left -= 1;
            if self.left == 0 {
                self.value |= self.byte();
                self.left = 8;
            }
        }
        set
    }

    fn number(&mut self, count: u32) -> u16 {
        (0..count).fold(0, |number, _| (number << 1) | u16::from(self.flag()))
    }

    /// A flag; if it is set, a number and its sign.
    fn signed(&mut self, count: u32) -> i32 {
        if !self.flag() {
            return 0;
        }
        let number = i32::from(self.number(count));
        if self.flag() { -number } else { number }
    }

    /// Whether more was asked for than there is. A whole frame has its coefficients after the header.
    fn ran_out(&self) -> bool {
        self.missing > 0
    }
}

#[cfg(test)]
mod tests {
    use super::{coarseness, quality};

    /// libwebp with one segment codes every block with the index `127 * (1 - c)`, so that the quality set
    /// must come out again.
    #[test]
    fn the_quality_comes_out_again_that_went_in() {
        let samples: Vec<u8> = (0..64 * 64 * 3u32).map(|at| u8::try_from(at * at % 251).unwrap()).collect();
        for wanted in [10.0, 40.0, 60.0, 75.0, 80.0, 90.0, 97.0] {
            let mut config = webp::WebPConfig::new().unwrap();
            config.quality = wanted;
            config.segments = 1;
            config.sns_strength = 0;
            let file = webp::Encoder::from_rgb(&samples, 64, 64).encode_advanced(&config).unwrap();
            let found = quality(coarseness(&file[20..]).unwrap());
            assert!((found - wanted).abs() < 2.0, "{wanted}: {found}");
        }
    }

    #[test]
    fn a_header_cut_short_is_truncated() {
        let samples = vec![99; 16 * 16 * 3];
        let file = webp::Encoder::from_rgb(&samples, 16, 16).encode(50.0);
        for len in 0..12 {
            assert!(coarseness(&file[20..20 + len]).is_err(), "{len}");
        }
    }
}
