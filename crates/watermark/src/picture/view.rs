//! What a search looks at: a picture, or a window of it.

use super::{
    geometry::Geometry,
    pixels::Picture,
    plane::Plane,
    reference::{SIDE, Scale, luminance, resampled},
};

/// Pixels, as the root of their number, that a picture is reduced to before it is searched: twice as many along each side as at
/// reference scale.
const BASE: f64 = 2.0 * SIDE;
/// Windows along each side, each half as long as the picture.
const WINDOWS: usize = 3;

/// A picture or a window of it.
pub(crate) struct View<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Pixels<'a>,
    /// How the picture is seen in the plane that this is a part of, and where that part begins.
    scale: Scale,
    left: usize,
    top: usize,
}

enum Pixels<'a> {
    Picture(&'a Picture<'a>),
    Plane(std::rc::Rc<Plane>),
}

impl<'a> View<'a> {
    /// All of a picture. A large one is gone through once, and then only what is left of it.
    pub(crate) fn whole(picture: &'a Picture<'a>) -> Self {
        let (width, height) = (picture.width, picture.height);
        let same = Scale { width, height, to_width: width, to_height: height };
        let base = Scale::to_area(width, height, BASE);
        let (scale, pixels) = if base.x() < 1.0 {
            (base, Pixels::Plane(std::rc::Rc::new(luminance(picture, &base))))
        } else {
            (same, Pixels::Picture(picture))
        };
        Self { width: scale.to_width, height: scale.to_height, pixels, scale, left: 0, top: 0 }
    }

    /// Windows of half the picture's length along each side, that overlap by half.
    pub(crate) fn windows(&self) -> Vec<Self> {
        let plane = match &self.pixels {
            Pixels::Plane(plane) => plane.clone(),
            Pixels::Picture(picture) => std::rc::Rc::new(luminance(picture, &self.scale)),
        };
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let starts =
            |length: usize, part: usize| (0..WINDOWS).map(move |n| (length - part) * n / (WINDOWS - 1));
        starts(self.height, height)
            .flat_map(|top| starts(self.width, width).map(move |left| (left, top)))
            .map(|(left, top)| {
                let pixels = Pixels::Plane(plane.clone());
                Self { width, height, pixels, scale: self.scale, left, top }
            })
            .collect()
    }

    /// Its luminance at a scale.
    pub(crate) fn luminance(&self, scale: &Scale) -> Plane {
        match &self.pixels {
            Pixels::Picture(picture) => luminance(picture, scale),
            Pixels::Plane(plane) => resampled(scale, 0..scale.to_height, |y, line| {
                let row = &plane.row(self.top + y)[self.left..];
                line.iter_mut().zip(row).for_each(|(to, &value)| *to = value);
            }),
        }
    }

    /// What was found in this view, told of the picture.
    pub(crate) fn in_picture(&self, found: Geometry) -> Geometry {
        let [x, y] = [self.scale.x(), self.scale.y()];
        let (left, top) = ((x - 1.0) / 2.0 - self.left as f64, (y - 1.0) / 2.0 - self.top as f64);
        let along = |row: [f64; 2], offset: f64| (row[0] * left + row[1] * top + offset).rem_euclid(128.0);
        Geometry {
            matrix: found.matrix.map(|row| [row[0] * x, row[1] * y]),
            offset: [along(found.matrix[0], found.offset[0]), along(found.matrix[1], found.offset[1])],
        }
    }
}
