//! Pictures as the attacks see them: red, green and blue, 8 bits each.

use std::path::Path;

use indicia_core::Limits;
use indicia_media::{Asset, Colour, Samples};

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb {
    /// In pixels, at least 1.
    pub width: usize,
    /// In pixels, at least 1.
    pub height: usize,
    /// Row by row from the top: red, green, blue of each pixel.
    pub samples: Vec<u8>,
}

impl Rgb {
    /// A picture of samples whose number fits.
    pub fn new(width: usize, height: usize, samples: Vec<u8>) -> Self {
        assert_eq!(samples.len(), width * height * 3, "samples of {width} x {height}");
        assert!(width > 0 && height > 0, "a picture without pixels");
        Self { width, height, samples }
    }

    /// A picture made pixel by pixel.
    pub fn from_fn(width: usize, height: usize, mut colour: impl FnMut(usize, usize) -> [u8; 3]) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self::new(width, height, places.flat_map(|(x, y)| colour(x, y)).collect())
    }

    /// Reads a file of any format whose pictures this project decodes. Transparency is put on white.
    ///
    /// # Errors
    /// In words, if it cannot be read or decoded.
    pub fn open(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|err| err.to_string())?;
        let name = path.file_name().and_then(|name| name.to_str());
        let asset = Asset::open(&bytes, name, &Limits::default()).map_err(|err| err.to_string())?;
        let picture = asset.picture().map_err(|err| err.to_string())?;
        let samples: Vec<u8> = match picture.frames.first().map(|frame| &frame.samples) {
            Some(Samples::Eight(samples)) => samples.clone(),
            Some(Samples::Sixteen(samples)) => samples.iter().map(|one| (one >> 8) as u8).collect(),
            None => return Err("no frame".into()),
        };
        let over_white = |one: u8, alpha: u8| {
            let (one, alpha) = (u32::from(one), u32::from(alpha));
            ((one * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        let pixel = |one: &[u8]| match picture.colour {
            Colour::Gray => [one[0]; 3],
            Colour::GrayAlpha => [over_white(one[0], one[1]); 3],
            Colour::Rgb => [one[0], one[1], one[2]],
            Colour::Rgba => [0, 1, 2].map(|at| over_white(one[at], one[3])),
            Colour::YCbCr => from_ycbcr([one[0], one[1], one[2]]),
        };
        let samples = samples.chunks_exact(picture.colour.channels()).flat_map(pixel).collect();
        Ok(Self::new(picture.width as usize, picture.height as usize, samples))
    }

    /// The colour of a pixel that is there.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.width + x);
        [self.samples[at], self.samples[at + 1], self.samples[at + 2]]
    }

    /// Each pixel's luma (ITU-R BT.601), 0 to 255.
    pub fn luma(&self) -> Vec<f32> {
        self.samples.chunks_exact(3).map(luma).collect()
    }

    /// Millions of pixels.
    pub fn megapixels(&self) -> f64 {
        (self.width * self.height) as f64 / 1e6
    }

    /// The same with every sample changed.
    pub fn map(&self, change: impl Fn(u8) -> u8) -> Self {
        Self { samples: self.samples.iter().map(|one| change(*one)).collect(), ..*self }
    }
}

/// Luma of a pixel.
pub(crate) fn luma(pixel: &[u8]) -> f32 {
    0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2])
}

/// The nearest 8-bit value.
pub(crate) fn byte(value: f32) -> u8 {
    // A cast from a float saturates.
    value.round() as u8
}

/// ITU-T T.871.
fn from_ycbcr([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(byte)
}

/// Pictures made up for the tests.
#[cfg(test)]
pub(crate) mod made_up {
    use super::Rgb;
    use crate::random::Random;

    /// Soft shapes and some grain: neither flat nor noise.
    pub(crate) fn scene(width: usize, height: usize) -> Rgb {
        let mut random = Random::of("scene");
        Rgb::from_fn(width, height, |x, y| {
            let (u, v) = (x as f64 / 17.0, y as f64 / 23.0);
            let wave = 128.0 + 60.0 * u.sin() + 40.0 * (v + 0.3 * u).cos() + 6.0 * random.normal();
            [wave, wave * 0.8 + 20.0, 255.0 - wave].map(|one| one.clamp(0.0, 255.0) as u8)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Rgb;

    #[test]
    fn files_of_all_colours_are_read_alike() {
        let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/");
        let open = |name: &str| Rgb::open(&std::path::Path::new(samples).join(name)).unwrap();
        let picture = open("png/astronaut-rgb.png");
        let mean = |picture: &Rgb| picture.luma().iter().sum::<f32>() / picture.luma().len() as f32;
        assert!(picture.width > 32 && mean(&picture) > 10.0);
        // Decoded as Y, Cb, Cr and turned back: a photo, not a green mess.
        let dandelion = open("jpeg/dandelion-420.jpg");
        let green = dandelion.samples.chunks_exact(3).map(|pixel| f32::from(pixel[1])).sum::<f32>()
            / dandelion.luma().len() as f32;
        assert!((green - mean(&dandelion)).abs() < 40.0, "{green} {}", mean(&dandelion));
        assert!(Rgb::open(std::path::Path::new("/nowhere.png")).is_err());
    }
}
