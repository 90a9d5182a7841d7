//! Small pictures of pictures, for reports that people look at.
//!
//! Made of the picture itself, never of a preview that the file brings: that may show something else.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indicia::{Asset, Colour, Picture, Samples};
use jpeg_encoder::{ColorType, Encoder};

/// Longest side, in pixels.
const SIDE: u32 = 160;
/// Quality of the JPEG, 1 to 100.
const QUALITY: u8 = 60;
/// Largest one that is kept, in bytes.
const LARGEST: usize = 24 << 10;
/// Most of them in one report: pages with more are slow to open.
const MOST: usize = 2000;

/// A small picture.
#[derive(Debug)]
pub(crate) struct Thumbnail {
    pub(crate) width: u32,
    pub(crate) height: u32,
    jpeg: Vec<u8>,
}

impl Thumbnail {
    /// The picture as an address of itself (RFC 2397).
    pub(crate) fn data_uri(&self) -> String {
        format!("data:image/jpeg;base64,{}", STANDARD.encode(&self.jpeg))
    }

    /// The first frame of a picture as a viewer shows it; `None` if there is nothing to show.
    fn of(picture: &Picture) -> Option<Self> {
        let longest = picture.width.max(picture.height).max(1);
        let small = |side: u32| (u64::from(side) * u64::from(SIDE.min(longest)) / u64::from(longest)).max(1);
        let turned = picture.orientation >= 5;
        let (width, height) = (small(picture.width), small(picture.height));
        let (width, height) = if turned { (height, width) } else { (width, height) };
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (left, right) =
                    (stored(picture, x, y, width, height), stored(picture, x + 1, y + 1, width, height));
                pixels.extend(mean(picture, left, right));
            }
        }
        let (width, height) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb).ok()?;
        let thumbnail = Self { width: width.into(), height: height.into(), jpeg };
        (thumbnail.jpeg.len() <= LARGEST).then_some(thumbnail)
    }
}

/// The thumbnails of one report, as many as it may have.
#[derive(Debug, Default)]
pub(crate) struct Thumbnails {
    made: AtomicUsize,
}

impl Thumbnails {
    /// Of one file; decodes its picture if nothing else did so far. `None` if it has none that can be shown.
    pub(crate) fn of(&self, asset: &Asset<'_>) -> Option<Thumbnail> {
        if self.made.load(Ordering::Relaxed) >= MOST {
            return None;
        }
        let thumbnail = Thumbnail::of(asset.picture().ok()?)?;
        self.made.fetch_add(1, Ordering::Relaxed);
        Some(thumbnail)
    }
}

/// The corner of the stored picture that a corner of the shown one stands on (Exif tag 0x0112).
fn stored(picture: &Picture, x: u64, y: u64, width: u64, height: u64) -> (u64, u64) {
    let (from_right, from_bottom) = (width - x, height - y);
    let (across, down, of_width, of_height) = match picture.orientation {
        2 => (from_right, y, width, height),
        3 => (from_right, from_bottom, width, height),
        4 => (x, from_bottom, width, height),
        5 => (y, x, height, width),
        6 => (y, from_right, height, width),
        7 => (from_bottom, from_right, height, width),
        8 => (from_bottom, x, height, width),
        _ => (x, y, width, height),
    };
    (across * u64::from(picture.width) / of_width, down * u64::from(picture.height) / of_height)
}

/// Mean colour between two corners, over mid gray where it is transparent. Of large pictures not every pixel counts.
fn mean(picture: &Picture, one: (u64, u64), other: (u64, u64)) -> [u8; 3] {
    let range = |a: u64, b: u64| (a.min(b), a.max(b).max(a.min(b) + 1));
    let ((left, right), (top, bottom)) = (range(one.0, other.0), range(one.1, other.1));
    let step = ((right - left).min(bottom - top) / 4).max(1);
    let (mut sum, mut count) = ([0.0; 3], 0.0);
    let mut y = top;
    while y < bottom {
        let mut x = left;
        while x < right {
            let pixel = rgb(picture, y * u64::from(picture.width) + x);
            sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            count += 1.0;
            x += step;
        }
        y += step;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the cast keeps a float within 0..=255")]
    let byte = |sum: f64| (sum / count * 255.0).round() as u8;
    sum.map(byte)
}

/// One stored pixel, 0 to 1.
fn rgb(picture: &Picture, pixel: u64) -> [f64; 3] {
    let channels = picture.colour.channels();
    let at = usize::try_from(pixel).unwrap_or(usize::MAX).saturating_mul(channels);
    let value = |offset: usize| match picture.frames.first().map(|frame| &frame.samples) {
        Some(Samples::Eight(values)) => f64::from(values.get(at + offset).copied().unwrap_or(0)) / 255.0,
        Some(Samples::Sixteen(values)) => f64::from(values.get(at + offset).copied().unwrap_or(0)) / 65_535.0,
        None => 0.5,
    };
    let over = |light: f64, alpha: f64| 0.5 + alpha * (light - 0.5);
    match picture.colour {
        Colour::Gray => [value(0); 3],
        Colour::GrayAlpha => [over(value(0), value(1)); 3],
        Colour::Rgb => [value(0), value(1), value(2)],
        Colour::Rgba => [0, 1, 2].map(|channel| over(value(channel), value(3))),
        // ITU-T T.871, 7.
        Colour::YCbCr => {
            let (light, blue, red) = (value(0), value(1) - 128.0 / 255.0, value(2) - 128.0 / 255.0);
            let mixed =
                [light + 1.402 * red, light - 0.344_136 * blue - 0.714_136 * red, light + 1.772 * blue];
            mixed.map(|value| value.clamp(0.0, 1.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Colour, Picture, SIDE, Samples, Thumbnail, mean, stored};
    use indicia::Frame;

    /// Two pixels wide, one high: red, blue.
    fn picture(orientation: u8) -> Picture {
        let frames = vec![Frame { samples: Samples::Eight(vec![255, 0, 0, 0, 0, 255]) }];
        Picture { width: 2, height: 1, colour: Colour::Rgb, orientation, frames }
    }

    #[test]
    fn it_is_turned_as_a_viewer_turns_it() {
        // What stands first, and whether the small picture stands upright.
        for (orientation, first, upright) in [
            (1, [255, 0, 0], false),
            (2, [0, 0, 255], false),
            (3, [0, 0, 255], false),
            (4, [255, 0, 0], false),
            (5, [255, 0, 0], true),
            (6, [255, 0, 0], true),
            (7, [0, 0, 255], true),
            (8, [0, 0, 255], true),
        ] {
            let picture = picture(orientation);
            let (width, height) = if upright { (1, 2) } else { (2, 1) };
            let corner = |x, y| stored(&picture, x, y, width, height);
            assert_eq!(mean(&picture, corner(0, 0), corner(1, 1)), first, "{orientation}");
            let small = Thumbnail::of(&picture).unwrap();
            assert_eq!((u64::from(small.width), u64::from(small.height)), (width, height), "{orientation}");
        }
    }

    #[test]
    fn it_is_small_and_a_jpeg() {
        let samples = Samples::Sixteen(vec![40_000; 1000 * 400]);
        let frames = vec![Frame { samples }];
        let large = Picture { width: 1000, height: 400, colour: Colour::Gray, orientation: 1, frames };
        let small = Thumbnail::of(&large).unwrap();
        assert_eq!((small.width, small.height), (SIDE, 64));
        assert!(small.data_uri().starts_with("data:image/jpeg;base64,/9j/"), "{}", small.data_uri());
    }

    #[test]
    fn transparent_parts_are_gray_and_colours_are_kept() {
        let one = |colour, samples: Vec<u8>| {
            let frames = vec![Frame { samples: Samples::Eight(samples) }];
            mean(&Picture { width: 1, height: 1, colour, orientation: 1, frames }, (0, 0), (1, 1))
        };
        assert_eq!(one(Colour::Rgba, vec![255, 0, 0, 0]), [128; 3]);
        assert_eq!(one(Colour::GrayAlpha, vec![10, 255]), [10; 3]);
        assert_eq!(one(Colour::YCbCr, vec![76, 85, 255]), [254, 0, 0], "red, as JPEG has it");
    }
}
