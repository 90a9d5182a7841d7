//! Pictures as they are handed in: borrowed samples and what they mean.

/// What the samples of a pixel mean. Alpha is not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Luminance.
    Gray,
    /// Luminance, alpha.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
    /// Y, Cb, Cr of ITU-T T.871 (JFIF).
    YCbCr,
}

/// The samples of a picture: row by row from the top, pixel by pixel from the left, all samples of a pixel together, full
/// range.
#[derive(Clone, Copy, Debug)]
pub enum Samples<'a> {
    /// 8 bits each.
    Eight(&'a [u8]),
    /// 16 bits each.
    Sixteen(&'a [u16]),
}

/// The samples of a picture that may be changed.
#[derive(Debug)]
pub enum SamplesMut<'a> {
    /// 8 bits each.
    Eight(&'a mut [u8]),
    /// 16 bits each.
    Sixteen(&'a mut [u16]),
}

/// A picture, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) layout: Layout,
    pub(crate) samples: Samples<'a>,
}

/// A picture that may be changed, borrowed.
#[derive(Debug)]
pub struct PictureMut<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) layout: Layout,
    pub(crate) samples: SamplesMut<'a>,
}

/// Samples that do not make up a picture of the size they are said to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a picture of {width} x {height} pixels with {channels} samples each does not have {samples} samples"
)]
pub struct ShapeError {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Samples a pixel.
    pub channels: usize,
    /// Samples given.
    pub samples: usize,
}

impl Layout {
    /// Samples a pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb | Self::YCbCr => 3,
            Self::Rgba => 4,
        }
    }

    /// Checks that so many samples make up a picture of this size, and gives the size.
    fn check(self, width: u32, height: u32, samples: usize) -> Result<(usize, usize), ShapeError> {
        let channels = self.channels();
        let expected = u128::from(width) * u128::from(height) * channels as u128;
        if width == 0 || height == 0 || expected != samples as u128 {
            return Err(ShapeError { width, height, channels, samples });
        }
        Ok((width as usize, height as usize))
    }
}

impl<'a> Picture<'a> {
    /// A picture of this size.
    ///
    /// # Errors
    /// If the number of samples is not width times height times the layout's channels, or there is no pixel.
    pub fn new(width: u32, height: u32, layout: Layout, samples: Samples<'a>) -> Result<Self, ShapeError> {
        let count = match samples {
            Samples::Eight(all) => all.len(),
            Samples::Sixteen(all) => all.len(),
        };
        let (width, height) = layout.check(width, height, count)?;
        Ok(Self { width, height, layout, samples })
    }
}

impl<'a> PictureMut<'a> {
    /// A picture of this size.
    ///
    /// # Errors
    /// If the number of samples is not width times height times the layout's channels, or there is no pixel.
    pub fn new(width: u32, height: u32, layout: Layout, samples: SamplesMut<'a>) -> Result<Self, ShapeError> {
        let count = match &samples {
            SamplesMut::Eight(all) => all.len(),
            SamplesMut::Sixteen(all) => all.len(),
        };
        let (width, height) = layout.check(width, height, count)?;
        Ok(Self { width, height, layout, samples })
    }

    /// The same picture, to look at.
    pub fn as_picture(&self) -> Picture<'_> {
        let samples = match &self.samples {
            SamplesMut::Eight(all) => Samples::Eight(all),
            SamplesMut::Sixteen(all) => Samples::Sixteen(all),
        };
        Picture { width: self.width, height: self.height, layout: self.layout, samples }
    }
}

impl Picture<'_> {
    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// What the samples of a pixel mean.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The samples.
    pub fn samples(&self) -> Samples<'_> {
        self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_that_are_no_picture_of_the_size_are_refused() {
        assert!(Picture::new(2, 2, Layout::Rgb, Samples::Eight(&[0; 12])).is_ok());
        assert!(Picture::new(2, 2, Layout::Rgb, Samples::Eight(&[0; 11])).is_err());
        assert!(Picture::new(0, 2, Layout::Rgb, Samples::Eight(&[])).is_err());
        assert!(Picture::new(u32::MAX, u32::MAX, Layout::Rgba, Samples::Sixteen(&[])).is_err());
        let mut samples = [0; 4];
        let picture = PictureMut::new(2, 2, Layout::Gray, SamplesMut::Sixteen(&mut samples)).unwrap();
        assert_eq!(picture.as_picture().width(), 2);
    }
}
