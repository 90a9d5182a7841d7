//! Putting a mark on a picture.

use super::{
    fold::{Folded, Turn},
    jpeg::{BLOCK, Quality, round},
    lattice::{CHIPS, Chips},
    mask::Mask,
    pixels::{Layout, Picture, PictureMut, SamplesMut},
    plane::Plane,
    reference::{Scale, luminance, resampled, row_luminance},
    seen::Shift,
    tile::{Rows, Tile},
    whiten::{CELL, whitened},
};
use crate::{Code, Evidence, Key, Payload};

/// How strong a mark is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// So that the peak signal-to-noise ratio comes to this, in decibels, or more where that would show.
    Fixed {
        /// In decibels; 42.5 is strong, 48 hardly to be found by looking.
        psnr: f64,
    },
    /// As weak as may be while the statistic after JPEG of quality 50 comes to the margin.
    Fitted(Fitting),
}

/// What a fitted strength goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitting {
    /// The statistic asked for after JPEG of quality 50. It can be 32 at most; 12 are read.
    pub margin: f64,
    /// Never below this peak signal-to-noise ratio, in decibels.
    pub least_psnr: f64,
    /// Never above it: a mark that is weaker than need be gains nothing that can be seen.
    pub most_psnr: f64,
}

impl Default for Fitting {
    fn default() -> Self {
        Self { margin: 27.0, least_psnr: 41.0, most_psnr: 48.0 }
    }
}

impl Default for Strength {
    fn default() -> Self {
        Self::Fitted(Fitting::default())
    }
}

/// What was put on a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embedded {
    /// Peak signal-to-noise ratio of the marked picture to the one before, over all colour samples, in decibels.
    pub psnr: f64,
    /// What the mark shows after JPEG of quality 75, by a simulation on luminance; of quality 50 where the strength was fitted
    /// to that and it is still read.
    pub after_jpeg: Evidence,
}

/// Why a picture was not marked. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Too few pixels.
    #[error("{width} x {height} pixels are too few for a watermark: 128 x 128 at least")]
    TooSmall {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// So long and thin that the pattern would not stand on it once.
    #[error(
        "{width} x {height} pixels are too long and thin for a watermark: sixteen times as long as wide at most"
    )]
    TooThin {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// The mark could not be read again after a mild loss.
    #[error(
        "the watermark would not be read again: after JPEG of quality 75 its statistic is {:.1} where {:.1} is needed, \
         at {psnr:.1} dB; the picture is too small, too flat or too saturated",
        reached.statistic,
        reached.needed()
    )]
    Unreadable {
        /// What was reached.
        reached: Evidence,
        /// The peak signal-to-noise ratio at which it was.
        psnr: f64,
    },
}

/// Pixels a side that a picture has to have.
const LEAST: usize = 128;
/// How much longer than wide it may be.
const LONGEST: usize = 16;
/// Strengths tried to fit one.
const ROUNDS: usize = 4;
/// Attempts that a later detection may well need until it reads this mark.
const ATTEMPTS: u64 = 64;

/// Puts a mark on a picture: on one frame, where there are several.
///
/// Equal amounts are added to red, green and blue. Pixels of no opacity are left alone.
///
/// # Errors
/// If the picture cannot hold a mark that survives a mild loss; nothing is changed then.
pub fn embed(
    picture: &mut PictureMut<'_>,
    key: &Key,
    payload: Payload,
    strength: Strength,
) -> Result<Embedded, Refusal> {
    let (width, height) = (picture.width, picture.height);
    if width.min(height) < LEAST {
        return Err(Refusal::TooSmall { width, height });
    }
    if width.max(height) > LONGEST * width.min(height) {
        return Err(Refusal::TooThin { width, height });
    }
    let job = Job::new(&picture.as_picture(), key, payload);
    let picture_now = picture.as_picture();
    let (gain, fitted) = match strength {
        Strength::Fixed { psnr } => (job.gain_for(&picture_now, psnr), None),
        Strength::Fitted(fitting) => {
            let (gain, after_jpeg) = job.fitted(&picture_now, &fitting);
            // What survives the stronger loss survives the milder.
            (gain, Some(after_jpeg).filter(Evidence::holds))
        }
    };
    let amplitudes = job.mask.amplitudes(gain);
    let after_jpeg = fitted.unwrap_or_else(|| job.evidence(&picture_now, &amplitudes, 75));
    if !after_jpeg.holds() {
        let psnr = psnr(job.distortion(&picture_now, &amplitudes, 4));
        return Err(Refusal::Unreadable { reached: after_jpeg, psnr });
    }
    let error = job.write(picture, &amplitudes);
    Ok(Embedded { psnr: psnr(error), after_jpeg })
}

/// Decibels of a mean square error in gray levels of 255.
fn psnr(error: f64) -> f64 {
    10.0 * (255.0 * 255.0 / error.max(1e-9)).log10()
}

struct Job {
    scale: Scale,
    mask: Mask,
    tile: Tile,
    chips: Chips,
    codeword: Vec<bool>,
}

impl Job {
    fn new(picture: &Picture<'_>, key: &Key, payload: Payload) -> Self {
        let scale = Scale::reference(picture.width, picture.height);
        let chips = Chips::new(key);
        let codeword = code().encode(payload.bits().into());
        let tile = Tile::new(&chips, &codeword, &scale);
        let mask = Mask::new(&luminance(picture, &scale));
        Self { scale, mask, tile, chips, codeword }
    }

    /// The gain that comes to a ratio in decibels.
    fn gain_for(&self, picture: &Picture<'_>, decibel: f64) -> f32 {
        let target = 255.0 * 255.0 / 10_f64.powf(decibel / 10.0);
        // Rounding to whole levels is part of the error, clipping takes from it: measured on some rows, then corrected.
        let mut gain = self.gain_of_square(target);
        let mut aim = target;
        for _ in 0..2 {
            let error = self.distortion(picture, &self.mask.amplitudes(gain), 8);
            if (error / target - 1.0).abs() < 0.01 {
                break;
            }
            aim *= (target / error.max(1e-9)).clamp(0.25, 4.0);
            gain = self.gain_of_square(aim);
        }
        gain
    }

    /// The gain at which the amplitudes have this mean square, or the one at which all of them have come to the cap.
    fn gain_of_square(&self, target: f64) -> f32 {
        let square = |gain: f32| {
            let all = self.mask.shape.data.iter().zip(&self.mask.cap.data);
            let sum: f64 =
                all.step_by(7).map(|(&shape, &cap)| f64::from((gain * shape).min(cap)).powi(2)).sum();
            sum / self.mask.cap.data.len().div_ceil(7) as f64
        };
        let (mut low, mut high) = (0.0_f32, 64.0_f32);
        for _ in 0..14 {
            let middle = (low + high) / 2.0;
            if square(middle) < target { low = middle } else { high = middle }
        }
        high
    }

    /// The least gain whose mark is read with the margin after JPEG of quality 50, within the bounds, and what it shows then.
    fn fitted(&self, picture: &Picture<'_>, fitting: &Fitting) -> (f32, Evidence) {
        // The gain is found to within a hundredth; the floor is one.
        let most = self.gain_for(picture, fitting.least_psnr + 0.06);
        let least = self.gain_for(picture, fitting.most_psnr).min(most);
        let margin = fitting.margin.clamp(0.0, 31.0);
        // z²/(N - z²) is the energy of the mark over that of the rest, which grows about as the square of the gain.
        let odds = |z: f64| (z * z / (CHIPS as f64 - z * z).max(1.0)).max(1e-2);
        // A gain that is too low and one that is high enough, with their odds where they were measured.
        let (mut low, mut high) = ((least, None), (most, None));
        let mut gain = (least * most).sqrt();
        let mut rounds = 0;
        loop {
            rounds += 1;
            let evidence = self.evidence(picture, &self.mask.amplitudes(gain), 50);
            let z = evidence.statistic;
            let at = (gain, Some(odds(z)));
            if z < margin {
                low = at
            } else {
                high = at
            }
            if rounds == ROUNDS || (z - margin).abs() < 0.6 || high.0 / low.0 < 1.03 {
                return (gain, evidence);
            }
            gain = match (low.1, high.1) {
                // Between two that were measured, along a line in logarithms.
                (Some(below), Some(above)) => {
                    let part = (odds(margin) / below).ln() / (above / below).ln();
                    low.0 * (high.0 / low.0).powf(part.clamp(0.15, 0.85) as f32)
                }
                _ => gain * (odds(margin) / odds(z)).sqrt().clamp(0.4, 2.5) as f32,
            }
            .clamp(low.0, high.0);
        }
    }

    /// What the mark shows after JPEG of a quality.
    fn evidence(&self, picture: &Picture<'_>, amplitudes: &Plane, quality: u16) -> Evidence {
        let quality = Quality::new(quality);
        let mut rows = self.rows(amplitudes);
        let mut strip = vec![0.0; picture.width * BLOCK];
        let mut first = usize::MAX;
        let mut delta = vec![0.0; picture.width];
        let luminance = resampled(&self.scale, 0..self.scale.to_height, |y, line| {
            if first != y - y % BLOCK {
                first = y - y % BLOCK;
                let count = BLOCK.min(picture.height - first);
                let strip = &mut strip[..count * picture.width];
                for (y, row) in (first..).zip(strip.chunks_exact_mut(picture.width)) {
                    row_luminance(picture, y, row);
                    rows.row(y, &mut delta);
                    row.iter_mut()
                        .zip(&delta)
                        .for_each(|(value, delta)| *value = (*value + delta).clamp(0.0, 255.0));
                }
                quality.apply(strip, picture.width);
            }
            line.copy_from_slice(&strip[(y - first) * picture.width..][..picture.width]);
        });
        let seen = Folded::new(&whitened(luminance)).seen(Turn::HALF[0]);
        let statistic = seen.known(&self.chips, Shift { x: 0.0, y: 0.0, peak: 0.0 }, &self.codeword);
        Evidence {
            statistic,
            hypotheses: ATTEMPTS,
            information_bits: 64,
            log10_threshold: crate::DEFAULT_LOG10_THRESHOLD,
        }
    }

    /// The mean square error over every so many rows.
    fn distortion(&self, picture: &Picture<'_>, amplitudes: &Plane, every: usize) -> f64 {
        let mut rows = self.rows(amplitudes);
        let mut delta = vec![0.0; picture.width];
        let mut light = vec![0.0; picture.width];
        let (mut sum, mut count) = (0.0, 0);
        for y in (0..picture.height).step_by(every) {
            rows.row(y, &mut delta);
            row_luminance(picture, y, &mut light);
            let squares = light.iter().zip(&delta).map(|(&light, &delta)| {
                let changed = round((light + delta).clamp(0.0, 255.0)) - round(light);
                changed * changed
            });
            sum += f64::from(squares.sum::<f32>());
            count += picture.width;
        }
        sum / count as f64
    }

    /// Adds the mark, and gives the mean square error over colour samples in gray levels of 255.
    fn write(&self, picture: &mut PictureMut<'_>, amplitudes: &Plane) -> f64 {
        let mut rows = self.rows(amplitudes);
        let mut delta = vec![0.0; picture.width];
        let span = picture.width * picture.layout.channels();
        let layout = picture.layout;
        let mut sum = 0.0;
        match &mut picture.samples {
            SamplesMut::Eight(all) => {
                for (y, row) in all.chunks_exact_mut(span).enumerate() {
                    rows.row(y, &mut delta);
                    sum += add(row, layout, &delta, 1.0, 255.0, |value| value as u8);
                }
            }
            SamplesMut::Sixteen(all) => {
                for (y, row) in all.chunks_exact_mut(span).enumerate() {
                    rows.row(y, &mut delta);
                    sum += add(row, layout, &delta, 257.0, 65_535.0, |value| value as u16) / (257.0 * 257.0);
                }
            }
        }
        let colours = match layout {
            Layout::Gray | Layout::GrayAlpha => 1,
            Layout::Rgb | Layout::Rgba | Layout::YCbCr => 3,
        };
        sum / (picture.width * picture.height * colours) as f64
    }

    fn rows<'a>(&'a self, amplitudes: &'a Plane) -> Marked<'a> {
        Marked::new(self.tile.rows(&self.scale), amplitudes, &self.scale)
    }
}

/// The code of pictures.
pub(crate) fn code() -> &'static Code {
    static CODE: std::sync::OnceLock<Code> = std::sync::OnceLock::new();
    #[allow(clippy::expect_used, reason = "both numbers are constants, and a test makes this code")]
    CODE.get_or_init(|| Code::new(CHIPS, 64).expect("1024 chips hold 64 bits"))
}

/// What is added to a picture, row by row.
struct Marked<'a> {
    pattern: Rows<'a>,
    amplitudes: &'a Plane,
    /// By column: the place in the amplitudes before it and how far past that.
    columns: Vec<(u32, f32)>,
    step: f64,
    line: Vec<f32>,
}

impl<'a> Marked<'a> {
    fn new(pattern: Rows<'a>, amplitudes: &'a Plane, scale: &Scale) -> Self {
        let columns =
            (0..scale.width).map(|x| between(x, scale.x() / CELL as f64, amplitudes.width)).collect();
        Self {
            pattern,
            amplitudes,
            columns,
            step: scale.y() / CELL as f64,
            line: vec![0.0; amplitudes.width + 1],
        }
    }

    fn row(&mut self, y: usize, out: &mut [f32]) {
        self.pattern.row(y, out);
        let (first, part) = between(y, self.step, self.amplitudes.height);
        let above = self.amplitudes.row(first as usize);
        let below = self.amplitudes.row((first as usize + 1).min(self.amplitudes.height - 1));
        for (line, (&above, &below)) in self.line.iter_mut().zip(above.iter().zip(below)) {
            *line = above + (below - above) * part;
        }
        if let [.., before, last] = self.line.as_mut_slice() {
            *last = *before;
        }
        for (out, &(first, part)) in out.iter_mut().zip(&self.columns) {
            let (left, right) = (self.line[first as usize], self.line[first as usize + 1]);
            *out *= left + (right - left) * part;
        }
    }
}

/// Where a pixel's centre lies among those at another scale: the one before and how far past that.
fn between(place: usize, scale: f64, length: usize) -> (u32, f32) {
    let at = ((place as f64 + 0.5) * scale - 0.5).clamp(0.0, (length - 1) as f64);
    (at.floor() as u32, (at - at.floor()) as f32)
}

/// Adds to the colour samples of a row, and gives the sum of the squares of what changed.
fn add<S: Copy + Default + PartialEq + Into<f32>>(
    row: &mut [S],
    layout: Layout,
    delta: &[f32],
    unit: f32,
    most: f32,
    back: impl Fn(f32) -> S + Copy,
) -> f64 {
    let mut sum = 0.0_f32;
    let mut change = |sample: &mut S, delta: f32| {
        let before: f32 = (*sample).into();
        let after = round((before + delta * unit).clamp(0.0, most));
        *sample = back(after);
        sum += (after - before) * (after - before);
    };
    match layout {
        Layout::Gray => row.iter_mut().zip(delta).for_each(|(sample, &delta)| change(sample, delta)),
        Layout::YCbCr => {
            row.as_chunks_mut::<3>()
                .0
                .iter_mut()
                .zip(delta)
                .for_each(|(pixel, &delta)| change(&mut pixel[0], delta));
        }
        Layout::Rgb => {
            for (pixel, &delta) in row.as_chunks_mut::<3>().0.iter_mut().zip(delta) {
                pixel.iter_mut().for_each(|sample| change(sample, delta));
            }
        }
        Layout::GrayAlpha => {
            for ([gray, alpha], &delta) in row.as_chunks_mut::<2>().0.iter_mut().zip(delta) {
                if *alpha != S::default() {
                    change(gray, delta);
                }
            }
        }
        Layout::Rgba => {
            for ([colour @ .., alpha], &delta) in row.as_chunks_mut::<4>().0.iter_mut().zip(delta) {
                if *alpha != S::default() {
                    colour.iter_mut().for_each(|sample| change(sample, delta));
                }
            }
        }
    }
    f64::from(sum)
}
