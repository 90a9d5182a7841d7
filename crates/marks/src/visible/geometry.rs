//! A picture as a viewer shows it, and rectangles in it.

use std::ops::Range;

use indicia_media::Shape;

/// A rectangle of a picture as shown, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    /// Column of its left edge.
    pub x: u32,
    /// Row of its upper edge.
    pub y: u32,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

/// How the pixels of a picture as shown lie in the picture as stored, or in the rows of it that are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upright {
    stored_width: u32,
    stored_height: u32,
    orientation: u8,
    /// The first stored row that is there, and the one after the last.
    rows: (u32, u32),
}

impl Upright {
    /// How this picture is shown. An orientation that Exif does not define counts as 1, as viewers have it.
    pub(crate) fn of(shape: Shape) -> Self {
        let Shape { width, height, orientation } = shape;
        Self { stored_width: width, stored_height: height, orientation, rows: (0, height) }
    }

    /// The same with only some of its stored rows there.
    pub(crate) fn with_rows(self, rows: &Range<u32>) -> Self {
        Self { rows: (rows.start, rows.end), ..self }
    }

    /// Whether it is shown with rows and columns exchanged.
    fn is_turned(self) -> bool {
        matches!(self.orientation, 5..=8)
    }

    /// Width as shown.
    pub(crate) fn width(self) -> u32 {
        if self.is_turned() { self.stored_height } else { self.stored_width }
    }

    /// Height as shown.
    pub(crate) fn height(self) -> u32 {
        if self.is_turned() { self.stored_width } else { self.stored_height }
    }

    /// The shorter side.
    pub(crate) fn short_side(self) -> u32 {
        self.stored_width.min(self.stored_height)
    }

    /// Number of pixels that are there, if it can be counted.
    pub(crate) fn pixels(self) -> Option<usize> {
        let rows = self.rows.1.checked_sub(self.rows.0)?;
        (self.stored_width as usize).checked_mul(rows as usize)
    }

    /// The stored rows in which a rectangle lies.
    pub(crate) fn rows_of(self, area: Area) -> Range<u32> {
        let (start, len) = if self.is_turned() { (area.x, area.width) } else { (area.y, area.height) };
        let end = start.saturating_add(len);
        match self.orientation {
            3 | 4 | 6 | 7 => self.stored_height.saturating_sub(end)..self.stored_height.saturating_sub(start),
            _ => start..end,
        }
    }

    /// Whether a rectangle lies in the picture as a whole, and its rows are there.
    pub(crate) fn holds(self, area: Area) -> bool {
        let ends_in = |start: u32, len: u32, all: u32| start.checked_add(len).is_some_and(|end| end <= all);
        let rows = self.rows_of(area);
        ends_in(area.x, area.width, self.width())
            && ends_in(area.y, area.height, self.height())
            && self.rows.0 <= rows.start
            && rows.end <= self.rows.1
    }

    /// Number of the stored pixel that is shown at column `x`, row `y`, counted row by row from the first row that
    /// is there. That pixel must be there: [`Upright::holds`].
    ///
    /// Exif 2.32, tag 0x0112: where the stored row 0 and column 0 are seen.
    pub(crate) fn pixel(self, x: u32, y: u32) -> usize {
        let from_right = |at: u32| self.stored_width.saturating_sub(1).saturating_sub(at);
        let from_below = |at: u32| self.stored_height.saturating_sub(1).saturating_sub(at);
        let (column, row) = match self.orientation {
            2 => (from_right(x), y),
            3 => (from_right(x), from_below(y)),
            4 => (x, from_below(y)),
            5 => (y, x),
            6 => (y, from_below(x)),
            7 => (from_right(y), from_below(x)),
            8 => (from_right(y), x),
            _ => (x, y),
        };
        row.saturating_sub(self.rows.0) as usize * self.stored_width as usize + column as usize
    }
}

/// The side of a picture nearest to a value that is none below 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a side of a picture")]
pub(crate) fn nearest_side(value: f64) -> u32 {
    value.round() as u32
}

/// The nearest whole number; what is too large for the type becomes its end, what is no number becomes 0.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, which is what is wanted here")]
pub(crate) fn nearest(value: f32) -> i32 {
    value.round() as i32
}

/// A share between 0 and 1 as one of 255; what lies outside, or is no number, becomes the nearer end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as for `nearest`")]
pub(crate) fn byte(share: f32) -> u8 {
    // Not `round`, a function call for each pixel.
    (share * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::{Area, Upright};
    use indicia_media::Shape;

    /// A picture of 3 x 2 pixels numbered `0 1 2 / 3 4 5`, as the Exif standard's figure shows it turned.
    #[test]
    fn every_orientation_shows_the_pixels_where_exif_says() {
        let shown: [(u8, u32, &[usize]); 10] = [
            (0, 3, &[0, 1, 2, 3, 4, 5]),
            (1, 3, &[0, 1, 2, 3, 4, 5]),
            (2, 3, &[2, 1, 0, 5, 4, 3]),
            (3, 3, &[5, 4, 3, 2, 1, 0]),
            (4, 3, &[3, 4, 5, 0, 1, 2]),
            (5, 2, &[0, 3, 1, 4, 2, 5]),
            (6, 2, &[3, 0, 4, 1, 5, 2]),
            (7, 2, &[5, 2, 4, 1, 3, 0]),
            (8, 2, &[2, 5, 1, 4, 0, 3]),
            (9, 3, &[0, 1, 2, 3, 4, 5]),
        ];
        for (orientation, width, pixels) in shown {
            let upright = Upright::of(Shape { width: 3, height: 2, orientation });
            assert_eq!((upright.width(), upright.width() * upright.height()), (width, 6), "{orientation}");
            let seen: Vec<usize> = (0..upright.height())
                .flat_map(|y| (0..upright.width()).map(move |x| upright.pixel(x, y)))
                .collect();
            assert_eq!(seen, pixels, "{orientation}");
        }
    }

    #[test]
    fn the_stored_rows_of_a_rectangle_are_those_its_pixels_lie_in() {
        let shape = Shape { width: 7, height: 5, orientation: 0 };
        for orientation in 0..=9 {
            let whole = Upright::of(Shape { orientation, ..shape });
            for area in [
                Area { x: 1, y: 2, width: 3, height: 2 },
                Area { x: 0, y: 0, width: 1, height: 1 },
                Area { x: 0, y: 0, width: whole.width(), height: whole.height() },
            ] {
                let pixels: Vec<(u32, u32)> = (area.y..area.y + area.height)
                    .flat_map(|y| (area.x..area.x + area.width).map(move |x| (x, y)))
                    .collect();
                let stored =
                    |upright: Upright| pixels.iter().map(|(x, y)| upright.pixel(*x, *y)).collect::<Vec<_>>();
                let numbers = stored(whole);
                let (first, last) = (numbers.iter().min().unwrap() / 7, numbers.iter().max().unwrap() / 7);
                let rows = whole.rows_of(area);
                assert_eq!(
                    (rows.start as usize, rows.end as usize),
                    (first, last + 1),
                    "{orientation} {area:?}"
                );
                let part = whole.with_rows(&rows);
                assert!(part.holds(area));
                assert_eq!(stored(part), numbers.iter().map(|at| at - first * 7).collect::<Vec<_>>());
                assert_eq!(part.pixels(), Some(rows.len() * 7));
                assert!(!whole.with_rows(&(rows.start + 1..5)).holds(area));
                assert!(!whole.with_rows(&(0..rows.end - 1)).holds(area));
            }
        }
    }

    #[test]
    fn a_rectangle_over_the_edge_is_not_held() {
        let upright = Upright::of(Shape { width: 10, height: 20, orientation: 6 });
        assert!(upright.holds(Area { x: 0, y: 0, width: 20, height: 10 }));
        assert!(!upright.holds(Area { x: 1, y: 0, width: 20, height: 10 }));
        assert!(!upright.holds(Area { x: 0, y: 0, width: 10, height: 20 }));
        assert!(!upright.holds(Area { x: u32::MAX, y: 0, width: 2, height: 1 }));
    }
}
