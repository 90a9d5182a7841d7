//! Measuring a notice on the pixels of a picture: is it there, and does it stand out.

use std::sync::LazyLock;

use super::geometry::{Area, Upright};
use super::mask::{INSIDE, Mask};
use indicia_media::{Colour, Frame, Samples};

/// The least contrast with which a notice counts as readable (WCAG 2.2, success criterion 1.4.3).
pub(crate) const LEAST: f32 = 4.5;
/// The least likeness between the pixels and the letters with which the words count as there.
pub(crate) const LEAST_LIKENESS: f32 = 0.6;
/// From this alpha on, of 255, a pixel counts as opaque.
const OPAQUE: u8 = 250;
/// The share of pixels at either end that the contrast leaves out: noise of lossy coding.
const TAIL: f32 = 0.1;
/// Most pixels measured on one frame. Of larger notices every second, third and so on in both directions: their
/// strokes are many pixels wide.
const MOST: u32 = 1 << 17;

/// What was measured on one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Contrast ratio of WCAG 2.2 between the weakest tenth of the pixels inside letters and the weakest
    /// tenth of the plate around them: 1 to 21, 1 if they overlap.
    pub contrast: f32,
    /// Correlation of luminance with the letters, without its sign: 0 to 1.
    pub likeness: f32,
    /// Whether letters and plate are opaque, so that nothing behind the picture shows through.
    pub opaque: bool,
}

/// Relative luminance of pixels, as WCAG 2.2 defines it for sRGB.
pub(crate) struct Luminance {
    linear: [f32; 256],
}

impl Luminance {
    /// The table of sRGB's transfer function, made once.
    pub(crate) fn table() -> &'static Self {
        static TABLE: LazyLock<Luminance> = LazyLock::new(Luminance::new);
        &TABLE
    }

    fn new() -> Self {
        let mut linear = [0.0; 256];
        for (value, entry) in (0_u8..=255).zip(&mut linear) {
            let value = f32::from(value) / 255.0;
            *entry = if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        }
        Self { linear }
    }

    /// Luminance of a colour, 0 to 1.
    pub(crate) fn of(&self, [red, green, blue]: [u8; 3]) -> f32 {
        let linear = |value: u8| self.linear.get(usize::from(value)).copied().unwrap_or(0.0);
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

/// Contrast ratio of two luminances (WCAG 2.2), 1 to 21.
pub(crate) fn ratio(one: f32, two: f32) -> f32 {
    (one.max(two) + 0.05) / (one.min(two) + 0.05)
}

/// Colour and alpha of a stored pixel, in 8 bits; `None` past the end.
pub(crate) fn pixel(samples: &Samples, colour: Colour, at: usize) -> Option<([u8; 3], u8)> {
    let channels = colour.channels();
    let start = at.checked_mul(channels)?;
    let mut eight = [0_u8; 4];
    match samples {
        Samples::Eight(all) => {
            let pixel = all.get(start..start.checked_add(channels)?)?;
            eight.get_mut(..channels)?.copy_from_slice(pixel);
        }
        Samples::Sixteen(all) => {
            let pixel = all.get(start..start.checked_add(channels)?)?;
            for (value, target) in pixel.iter().zip(&mut eight) {
                *target = value.to_be_bytes()[0];
            }
        }
    }
    let [first, second, third, fourth] = eight;
    Some(match colour {
        Colour::Gray => ([first; 3], u8::MAX),
        Colour::GrayAlpha => ([first; 3], second),
        Colour::Rgb => ([first, second, third], u8::MAX),
        Colour::Rgba => ([first, second, third], fourth),
        Colour::YCbCr => (red_green_blue(first, second, third), u8::MAX),
    })
}

/// ITU-T T.871, clause 7.
fn red_green_blue(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let limit = |value: i32| u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX);
    let rounded = |thousandths: i32| limit(luma + (thousandths + 500).div_euclid(1000));
    [rounded(1402 * red), rounded(-344 * blue - 714 * red), rounded(1772 * blue)]
}

/// Measures letters on one frame. Without letters, or past the picture's end, nothing is there.
pub(crate) fn read(
    frame: &Frame,
    colour: Colour,
    upright: Upright,
    area: Area,
    mask: &Mask,
    luminance: &Luminance,
) -> Reading {
    let nothing = Reading { contrast: 1.0, likeness: 0.0, opaque: true };
    let Some(((left, right), (top, bottom))) = mask.ink() else { return nothing };
    let (mut letters, mut plate) = (Vec::new(), Vec::new());
    let mut sums = Sums::default();
    let mut opaque = true;
    let beside = |last: u32, all: u32| last.saturating_add(2).min(all.saturating_sub(1));
    let mut step = 1_u32;
    while u64::from(mask.width / step) * u64::from(mask.height / step) > u64::from(MOST) {
        step += 1;
    }
    let columns = (left.saturating_sub(2)..=beside(right, mask.width)).step_by(step as usize);
    let rows = (top.saturating_sub(2)..=beside(bottom, mask.height)).step_by(step as usize);
    for y in rows {
        for x in columns.clone() {
            let Some(covered) = mask.coverage.get((y * mask.width + x) as usize) else { continue };
            let at = upright.pixel(area.x + x, area.y + y);
            let Some((colour, alpha)) = pixel(&frame.samples, colour, at) else { return nothing };
            let seen = luminance.of(colour);
            opaque &= alpha >= OPAQUE;
            sums.add(f32::from(*covered) / 255.0, seen);
            match *covered {
                0 => plate.push(seen),
                INSIDE.. => letters.push(seen),
                _ => {}
            }
        }
    }
    let likeness = sums.correlation();
    let contrast = if likeness > 0.0 {
        match (share(&mut letters, TAIL), share(&mut plate, 1.0 - TAIL)) {
            (Some(letters), Some(plate)) if letters > plate => ratio(letters, plate),
            _ => 1.0,
        }
    } else {
        match (share(&mut letters, 1.0 - TAIL), share(&mut plate, TAIL)) {
            (Some(letters), Some(plate)) if letters < plate => ratio(letters, plate),
            _ => 1.0,
        }
    };
    Reading { contrast, likeness: likeness.abs(), opaque }
}

/// The value below which a share of the values lies; `None` if there are none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a position in a list, from a share between 0 and 1"
)]
pub(crate) fn share(values: &mut [f32], share: f32) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    let at = ((last as f32 * share).round() as usize).min(last);
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// Sums for a correlation, in one pass.
#[derive(Default)]
struct Sums {
    count: f64,
    one: f64,
    two: f64,
    one_squared: f64,
    two_squared: f64,
    product: f64,
}

impl Sums {
    fn add(&mut self, one: f32, two: f32) {
        let (one, two) = (f64::from(one), f64::from(two));
        self.count += 1.0;
        self.one += one;
        self.two += two;
        self.one_squared += one * one;
        self.two_squared += two * two;
        self.product += one * two;
    }

    /// Pearson's coefficient; 0 where one side does not vary.
    #[expect(clippy::cast_possible_truncation, reason = "a value between -1 and 1, to f32")]
    fn correlation(&self) -> f32 {
        let spread = |sum: f64, squared: f64| (self.count * squared - sum * sum).max(0.0).sqrt();
        let both = spread(self.one, self.one_squared) * spread(self.two, self.two_squared);
        if both < 1e-9 * self.count * self.count {
            return 0.0;
        }
        ((self.count * self.product - self.one * self.two) / both) as f32
    }
}
