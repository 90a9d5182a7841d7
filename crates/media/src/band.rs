//! Some rows of a picture, for whoever looks at a part of it only.

use std::ops::Range;

use crate::{Colour, Frame, Picture, Samples};

/// Size and orientation of a picture: what tells which of its rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Width in pixels, as stored: before [`Shape::orientation`] is applied.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// How a viewer turns it, as Exif tag 0x0112 has it: 1 to 8.
    pub orientation: u8,
}

/// Rows of a still or animated picture, decoded: those of every frame, over the full width.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Of the whole picture.
    pub shape: Shape,
    /// What the samples of a pixel mean.
    pub colour: Colour,
    /// Which rows are there, counted from the top as stored.
    pub rows: Range<u32>,
    /// At least one. Their samples begin with the first row that is there.
    pub frames: Vec<Frame>,
}

impl Picture {
    /// Its size and orientation.
    pub fn shape(&self) -> Shape {
        Shape { width: self.width, height: self.height, orientation: self.orientation }
    }
}

impl Shape {
    /// The part of a range of rows that lies in the picture; empty if none does.
    pub(crate) fn clamp(self, rows: &Range<u32>) -> Range<u32> {
        let start = rows.start.min(self.height);
        start..rows.end.clamp(start, self.height)
    }
}

impl Band {
    /// A copy of some rows of a picture; those past its end are left out.
    pub(crate) fn cut(picture: &Picture, rows: Range<u32>) -> Self {
        let shape = picture.shape();
        let rows = shape.clamp(&rows);
        let line = shape.width as usize * picture.colour.channels();
        let part = rows.start as usize * line..rows.end as usize * line;
        let frames = picture.frames.iter().map(|frame| Frame {
            samples: match &frame.samples {
                Samples::Eight(all) => Samples::Eight(all.get(part.clone()).unwrap_or_default().to_vec()),
                Samples::Sixteen(all) => Samples::Sixteen(all.get(part.clone()).unwrap_or_default().to_vec()),
            },
        });
        Self { shape, colour: picture.colour, rows, frames: frames.collect() }
    }
}

impl From<Picture> for Band {
    /// All rows.
    fn from(picture: Picture) -> Self {
        let (shape, Picture { colour, frames, .. }) = (picture.shape(), picture);
        Self { shape, colour, rows: 0..shape.height, frames }
    }
}
