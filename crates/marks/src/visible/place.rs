//! The six places of a notice: where the plate goes, and how that is written and read again.

use super::geometry::Area;
use indicia_core::{Place, Position};

/// The words for each place.
const NAMES: [(Place, &str); 6] = [
    (Place::Bottom, "bottom edge"),
    (Place::BottomLeft, "lower left corner"),
    (Place::BottomRight, "lower right corner"),
    (Place::Top, "top edge"),
    (Place::TopLeft, "upper left corner"),
    (Place::TopRight, "upper right corner"),
];

/// What GB 45438-2025 clause 5.2 calls it.
pub(crate) fn position(place: Place) -> Position {
    match place {
        Place::Bottom | Place::Top => Position::Edge,
        Place::BottomLeft | Place::BottomRight | Place::TopLeft | Place::TopRight => Position::Corner,
    }
}

/// Where a plate of this size goes in a picture of this size; `None` if it does not fit.
///
/// The margin gives way where the picture is too small for it.
pub(crate) fn put(place: Place, plate: (u32, u32), picture: (u32, u32), margin: u32) -> Option<Area> {
    let (width, height) = plate;
    let (free_x, free_y) = (picture.0.checked_sub(width)?, picture.1.checked_sub(height)?);
    let (margin_x, margin_y) = (margin.min(free_x / 2), margin.min(free_y / 2));
    let x = match place {
        Place::BottomLeft | Place::TopLeft => margin_x,
        Place::Bottom | Place::Top => free_x / 2,
        Place::BottomRight | Place::TopRight => free_x - margin_x,
    };
    let y = match place {
        Place::Top | Place::TopLeft | Place::TopRight => margin_y,
        Place::Bottom | Place::BottomLeft | Place::BottomRight => free_y - margin_y,
    };
    Some(Area { x, y, width, height })
}

/// A place in words, such as `lower right corner, 212 x 48 px at 812,710`.
pub(crate) fn describe(place: Place, area: Area) -> String {
    let name = NAMES.iter().find(|(named, _)| *named == place).map_or("", |(_, name)| name);
    let Area { x, y, width, height } = area;
    format!("{name}, {width} x {height} px at {x},{y}")
}

/// What [`describe`] wrote.
pub(crate) fn read(words: &str) -> Option<(Place, Area)> {
    let (name, numbers) = words.split_once(", ")?;
    let (place, _) = NAMES.iter().find(|(_, known)| *known == name)?;
    let (size, corner) = numbers.split_once(" px at ")?;
    let ((width, height), (x, y)) = (size.split_once(" x ")?, corner.split_once(',')?);
    let area = Area {
        x: x.parse().ok()?,
        y: y.parse().ok()?,
        width: width.parse().ok()?,
        height: height.parse().ok()?,
    };
    Some((*place, area))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, describe, put, read};
    use crate::visible::geometry::Area;
    use indicia_core::Place;

    #[test]
    fn what_is_described_is_read_again() {
        let area = Area { x: 812, y: 710, width: 212, height: 48 };
        assert_eq!(describe(Place::BottomRight, area), "lower right corner, 212 x 48 px at 812,710");
        for (place, _) in NAMES {
            assert_eq!(read(&describe(place, area)), Some((place, area)));
        }
        for broken in ["", "somewhere, 1 x 1 px at 0,0", "top edge, 1 x 1 px", "top edge, -1 x 1 px at 0,0"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn plates_stand_in_their_corner_or_in_the_middle_of_their_edge() {
        let at = |place| put(place, (20, 10), (100, 50), 4).map(|area| (area.x, area.y));
        assert_eq!(at(Place::TopLeft), Some((4, 4)));
        assert_eq!(at(Place::Top), Some((40, 4)));
        assert_eq!(at(Place::TopRight), Some((76, 4)));
        assert_eq!(at(Place::BottomLeft), Some((4, 36)));
        assert_eq!(at(Place::Bottom), Some((40, 36)));
        assert_eq!(at(Place::BottomRight), Some((76, 36)));
    }

    #[test]
    fn margins_give_way_and_plates_do_not() {
        let at = |picture| put(Place::BottomRight, (20, 10), picture, 4).map(|area| (area.x, area.y));
        assert_eq!(at((24, 50)), Some((2, 36)));
        assert_eq!(at((20, 10)), Some((0, 0)));
        assert_eq!(at((19, 50)), None);
        assert_eq!(at((100, 9)), None);
    }
}
