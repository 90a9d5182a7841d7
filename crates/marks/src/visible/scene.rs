//! Parts of a picture as whoever reads words in it wants them: upright, in a size asked for.

use super::contrast::pixel;
use super::geometry::{Area, Upright};
use indicia_core::Raster;
use indicia_media::{Colour, Frame, Picture};

/// Most rows and columns of the picture that one pixel of a part is mixed of, across and down.
const MOST_MIXED: u32 = 3;

/// One frame of a picture, as shown.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) colour: Colour,
    pub(crate) upright: Upright,
    pub(crate) shown: Shown,
}

/// How the colours of a picture are shown.
///
/// Letters that are half see-through keep the colours behind them, but white ones leave no channel dark, and black ones none
/// bright, whatever is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As they are.
    Plain,
    /// By the darkest channel of each pixel, in which see-through white stands out.
    Darkest,
    /// By the brightest one, in which see-through black does.
    Brightest,
}

impl<'a> Scene<'a> {
    /// The frame of this number; `None` past the last.
    pub(crate) fn of(picture: &'a Picture, frame: usize) -> Option<Self> {
        let frame = picture.frames.get(frame)?;
        Some(Self {
            frame,
            colour: picture.colour,
            upright: Upright::of(picture.shape()),
            shown: Shown::Plain,
        })
    }

    /// Width and height as shown.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.upright.width(), self.upright.height())
    }

    /// A part of the picture in the size asked for, which is at least one pixel and no larger than the part. What is
    /// transparent is shown on white.
    pub(crate) fn part(&self, area: Area, (width, height): (u32, u32)) -> Raster {
        let columns = steps(area.x, area.width, width);
        let rows = steps(area.y, area.height, height);
        let mut rgb = Vec::new();
        rgb.reserve_exact(columns.len() * rows.len() * 3);
        for row in &rows {
            for column in &columns {
                rgb.extend(self.shown.of(self.mixed(column, row)));
            }
        }
        Raster { width, height, rgb }
    }

    fn mixed(&self, columns: &[u32], rows: &[u32]) -> [u8; 3] {
        let (mut sums, mut count) = ([0_u32; 3], 0_u32);
        for y in rows {
            for x in columns {
                let at = self.upright.pixel(*x, *y);
                let Some((colour, alpha)) = pixel(&self.frame.samples, self.colour, at) else { continue };
                count += 1;
                for (sum, value) in sums.iter_mut().zip(colour) {
                    *sum += match alpha {
                        u8::MAX => u32::from(value),
                        alpha => {
                            let seen = u32::from(value) * u32::from(alpha) + 255 * u32::from(255 - alpha);
                            (seen + 127) / 255
                        }
                    };
                }
            }
        }
        let count = count.max(1);
        sums.map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX))
    }
}

impl Shown {
    fn of(self, colour: [u8; 3]) -> [u8; 3] {
        let [red, green, blue] = colour;
        match self {
            Self::Plain => colour,
            Self::Darkest => [red.min(green).min(blue); 3],
            Self::Brightest => [red.max(green).max(blue); 3],
        }
    }
}

/// For each column of the part, the columns of the picture it is mixed of.
fn steps(start: u32, all: u32, into: u32) -> Vec<Vec<u32>> {
    let edge = |at: u32| -> u32 {
        let exact = u64::from(all) * u64::from(at) / u64::from(into.max(1));
        u32::try_from(exact).unwrap_or(u32::MAX)
    };
    let mixed = |at: u32| {
        let first = edge(at).min(all.saturating_sub(1));
        let count = edge(at + 1).saturating_sub(first).max(1);
        let taken = count.min(MOST_MIXED);
        // In the middle of as many equal parts.
        (0..taken).map(|part| start + first + (count * (2 * part + 1)) / (2 * taken)).collect()
    };
    (0..into).map(mixed).collect()
}

#[cfg(test)]
mod tests {
    use super::{Scene, steps};
    use crate::visible::geometry::Area;
    use indicia_media::{Colour, Frame, Picture, Samples};

    #[test]
    fn every_column_is_mixed_of_its_own() {
        assert_eq!(steps(5, 3, 3), [[5], [6], [7]]);
        assert_eq!(steps(0, 4, 2), [[0, 1], [2, 3]]);
        assert_eq!(steps(10, 24, 2), [[12, 16, 20], [24, 28, 32]]);
    }

    #[test]
    fn parts_are_upright_and_what_is_transparent_is_white() {
        let samples = Samples::Eight(vec![10, 255, 20, 255, 30, 255, 40, 0]);
        let picture = Picture {
            width: 2,
            height: 2,
            colour: Colour::GrayAlpha,
            orientation: 3,
            frames: vec![Frame { samples }],
        };
        let scene = Scene::of(&picture, 0).unwrap();
        let whole = scene.part(Area { x: 0, y: 0, width: 2, height: 2 }, (2, 2));
        let grays: Vec<u8> = whole.rgb.iter().copied().step_by(3).collect();
        assert_eq!(grays, [255, 30, 20, 10]);
        let one = scene.part(Area { x: 0, y: 1, width: 2, height: 1 }, (1, 1));
        assert_eq!(one.rgb, [15, 15, 15]);
        assert!(Scene::of(&picture, 1).is_none());
    }
}
