//! What happens to marked pictures, step by step.

use std::fmt;

use crate::picture::Rgb;
use crate::random::Random;
use crate::{codec, filter, geometry, overlay, resize, tone};

/// One thing done to a picture. Shares and factors are in hundredths, so that names are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Coded as AVIF at this quantizer (0 to 63).
    Avif(u8),
    /// Blurred by a Gaussian; standard deviation in hundredths of a pixel.
    Blur(u32),
    /// Brightness, in hundredths.
    Brightness(u32),
    /// Words across the lower third, this many hundredths of the height.
    Caption(u32),
    /// The bars of a window around it.
    Chrome,
    /// Contrast, in hundredths.
    Contrast(u32),
    /// Cropped to hundredths of the area, at a random place.
    Crop(u32),
    /// The same with the rest painted black.
    CropFill(u32),
    /// Made smaller until the longer side is this long.
    Fit(u32),
    /// Left and right exchanged.
    FlipAcross,
    /// Top and bottom exchanged.
    FlipDown,
    /// Raised to a power in hundredths.
    Gamma(u32),
    /// Made grey.
    Grey,
    /// Coded as JPEG of this quality.
    Jpeg(u8),
    /// Noise of this standard deviation, in grey levels.
    Noise(u32),
    /// A light border: left, top, right, bottom.
    Pad([u32; 4]),
    /// Seen from the side, in degrees.
    Perspective(u32),
    /// This many levels a sample.
    Posterise(u8),
    /// Turned by quarters, exactly.
    Quarters(u8),
    /// Resized by hundredths.
    Resize(u32),
    /// Resized by hundredths and back.
    ResizeBack(u32),
    /// Turned by degrees on the same canvas.
    Rotate(i32),
    /// Sharpened by hundredths.
    Sharpen(u32),
    /// Width and height resized by hundredths of their own.
    Stretch(u32, u32),
    /// Coded as WebP of this quality.
    Webp(u8),
}

/// Steps one after the other, under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Attack {
    /// What reports call it.
    pub name: String,
    /// What is done, first to last.
    pub steps: Vec<Step>,
    /// Whether two or more things are done that are attacks of their own.
    pub is_pair: bool,
    /// Least shares of photos and of synthetic pictures that have to be read, in hundredths.
    pub ask: Option<[f64; 2]>,
    /// The shares aimed at.
    pub stretch: Option<[f64; 2]>,
}

impl Attack {
    /// What becomes of a picture. `seed` names the picture, so that each is cropped at a place of its own.
    ///
    /// # Errors
    /// In words, if it cannot be made: a coder is not installed, say.
    pub fn apply(&self, picture: &Rgb, seed: &str) -> Result<Rgb, String> {
        let mut random = Random::of(&format!("{seed}/{}", self.name));
        let one = |picture: Rgb, step: &Step| step.apply(&picture, &mut random);
        self.steps.iter().try_fold(picture.clone(), one)
    }
}

impl Step {
    fn apply(self, picture: &Rgb, random: &mut Random) -> Result<Rgb, String> {
        let part = |hundredths: u32| hundredths as f32 / 100.0;
        let share = |hundredths: u32| f64::from(hundredths) / 100.0;
        Ok(match self {
            Self::Avif(quantizer) => codec::avif(picture, quantizer)?,
            Self::Blur(sigma) => filter::blur(picture, part(sigma)),
            Self::Brightness(factor) => tone::brightness(picture, part(factor)),
            Self::Caption(height) => overlay::caption(picture, part(height)),
            Self::Chrome => overlay::chrome(picture),
            Self::Contrast(factor) => tone::contrast(picture, part(factor)),
            Self::Crop(area) => geometry::crop(picture, geometry::window(picture, share(area), random)),
            Self::CropFill(area) => {
                geometry::crop_fill(picture, geometry::window(picture, share(area), random))
            }
            Self::Fit(longest) => resize::fit(picture, longest as usize),
            Self::FlipAcross => geometry::flip_across(picture),
            Self::FlipDown => geometry::flip_down(picture),
            Self::Gamma(power) => tone::gamma(picture, part(power)),
            Self::Grey => tone::grey(picture),
            Self::Jpeg(quality) => codec::jpeg(picture, quality)?,
            Self::Noise(deviation) => filter::noise(picture, f64::from(deviation), random),
            Self::Pad(border) => geometry::pad(picture, border.map(|side| side as usize), [245; 3]),
            Self::Perspective(degrees) => geometry::perspective(picture, f64::from(degrees)),
            Self::Posterise(levels) => tone::posterise(picture, levels),
            Self::Quarters(turns) => geometry::quarters(picture, turns),
            Self::Resize(factor) => resize::scale(picture, share(factor)),
            Self::ResizeBack(factor) => {
                resize::resize(&resize::scale(picture, share(factor)), picture.width, picture.height)
            }
            Self::Rotate(degrees) => geometry::rotate(picture, f64::from(degrees)),
            Self::Sharpen(amount) => filter::sharpen(picture, part(amount)),
            Self::Stretch(across, down) => resize::stretch(picture, share(across), share(down)),
            Self::Webp(quality) => codec::webp(picture, quality)?,
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |hundredths: u32| f64::from(hundredths) / 100.0;
        match *self {
            Self::Avif(quantizer) => write!(f, "avif-q{quantizer}"),
            Self::Blur(sigma) => write!(f, "blur{}", part(sigma)),
            Self::Brightness(factor) => write!(f, "bright{}", part(factor)),
            Self::Caption(_) => f.write_str("caption"),
            Self::Chrome => f.write_str("chrome"),
            Self::Contrast(factor) => write!(f, "contrast{}", part(factor)),
            Self::Crop(area) => write!(f, "crop{area}"),
            Self::CropFill(area) => write!(f, "cropfill{area}"),
            Self::Fit(longest) => write!(f, "fit{longest}"),
            Self::FlipAcross => f.write_str("hflip"),
            Self::FlipDown => f.write_str("vflip"),
            Self::Gamma(power) => write!(f, "gamma{}", part(power)),
            Self::Grey => f.write_str("grey"),
            Self::Jpeg(quality) => write!(f, "jpeg{quality}"),
            Self::Noise(deviation) => write!(f, "noise{deviation}"),
            Self::Pad(_) => f.write_str("pad"),
            Self::Perspective(degrees) => write!(f, "tilt{degrees}"),
            Self::Posterise(levels) => write!(f, "posterise{levels}"),
            Self::Quarters(turns) => write!(f, "rot{}", 90 * u32::from(turns)),
            Self::Resize(factor) => write!(f, "rs{}", part(factor)),
            Self::ResizeBack(factor) => write!(f, "rs{}back", part(factor)),
            Self::Rotate(degrees) => write!(f, "rot{degrees}"),
            Self::Sharpen(amount) => write!(f, "sharpen{}", part(amount)),
            Self::Stretch(across, down) => write!(f, "stretch{}x{}", part(across), part(down)),
            Self::Webp(quality) => write!(f, "webp{quality}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attack, Step};
    use crate::picture::made_up;

    fn attack(steps: &[Step]) -> Attack {
        Attack { name: "made up".into(), steps: steps.to_vec(), is_pair: false, ask: None, stretch: None }
    }

    #[test]
    fn an_attack_is_the_same_every_time_and_another_for_another_picture() {
        let scene = made_up::scene(200, 150);
        let cropped = attack(&[Step::Crop(50), Step::Noise(5)]);
        assert_eq!(cropped.apply(&scene, "a").unwrap(), cropped.apply(&scene, "a").unwrap());
        assert_ne!(cropped.apply(&scene, "a").unwrap(), cropped.apply(&scene, "b").unwrap());
    }

    #[test]
    fn steps_follow_one_another() {
        let scene = made_up::scene(200, 150);
        let both = attack(&[Step::Resize(50), Step::Pad([1, 2, 3, 4])]).apply(&scene, "a").unwrap();
        assert_eq!((both.width, both.height), (104, 81));
        let other = attack(&[Step::Pad([1, 2, 3, 4]), Step::Resize(50)]).apply(&scene, "a").unwrap();
        assert_eq!((other.width, other.height), (102, 78));
        assert_eq!(attack(&[]).apply(&scene, "a").unwrap(), scene);
    }
}
