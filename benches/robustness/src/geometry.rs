//! Changes of where each pixel stands.

use crate::picture::{Rgb, byte};
use crate::random::Random;
use crate::resize::cubic;

/// A rectangle: left, top, width, height.
pub type Window = (usize, usize, usize, usize);

/// A window of a share of the area, of the picture's own shape, at a random place.
pub fn window(picture: &Rgb, area: f64, random: &mut Random) -> Window {
    let side = |len: usize| ((len as f64 * area.sqrt()) as usize).clamp(1, len);
    let (width, height) = (side(picture.width), side(picture.height));
    let (left, top) = (random.below(picture.width - width + 1), random.below(picture.height - height + 1));
    (left, top, width, height)
}

/// What stands in a window.
pub fn crop(picture: &Rgb, (left, top, width, height): Window) -> Rgb {
    Rgb::from_fn(width, height, |x, y| picture.at(left + x, top + y))
}

/// What stands in a window, in its place; the rest is black.
pub fn crop_fill(picture: &Rgb, (left, top, width, height): Window) -> Rgb {
    Rgb::from_fn(picture.width, picture.height, |x, y| {
        let inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
        if inside { picture.at(x, y) } else { [0; 3] }
    })
}

/// A border of one colour around it: left, top, right, bottom.
pub fn pad(picture: &Rgb, [left, top, right, bottom]: [usize; 4], colour: [u8; 3]) -> Rgb {
    let (width, height) = (picture.width + left + right, picture.height + top + bottom);
    Rgb::from_fn(width, height, |x, y| match (x.checked_sub(left), y.checked_sub(top)) {
        (Some(x), Some(y)) if x < picture.width && y < picture.height => picture.at(x, y),
        _ => colour,
    })
}

/// Left and right exchanged.
pub fn flip_across(picture: &Rgb) -> Rgb {
    Rgb::from_fn(picture.width, picture.height, |x, y| picture.at(picture.width - 1 - x, y))
}

/// Top and bottom exchanged.
pub fn flip_down(picture: &Rgb) -> Rgb {
    Rgb::from_fn(picture.width, picture.height, |x, y| picture.at(x, picture.height - 1 - y))
}

/// Turned anticlockwise by quarters, exactly.
pub fn quarters(picture: &Rgb, turns: u8) -> Rgb {
    let (width, height) = (picture.width, picture.height);
    match turns % 4 {
        0 => picture.clone(),
        1 => Rgb::from_fn(height, width, |x, y| picture.at(width - 1 - y, x)),
        2 => Rgb::from_fn(width, height, |x, y| picture.at(width - 1 - x, height - 1 - y)),
        _ => Rgb::from_fn(height, width, |x, y| picture.at(y, height - 1 - x)),
    }
}

/// Turned anticlockwise about its middle on the same canvas; what comes in from outside is black.
pub fn rotate(picture: &Rgb, degrees: f64) -> Rgb {
    let (sin, cos) = degrees.to_radians().sin_cos();
    warp(picture, |x, y| (cos * x - sin * y, sin * x + cos * y))
}

/// As a camera sees it that is tilted about the vertical axis, at a distance of one and a half times the longer side.
pub fn perspective(picture: &Rgb, degrees: f64) -> Rgb {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let distance = 1.5 * picture.width.max(picture.height) as f64;
    warp(picture, |x, y| {
        let across = x * distance / (distance * cos - x * sin);
        (across, y * (distance + across * sin) / distance)
    })
}

/// Each pixel from where `source` says, both counted from the middle of the canvas; sampled by cubic convolution.
fn warp(picture: &Rgb, source: impl Fn(f64, f64) -> (f64, f64)) -> Rgb {
    let middle = [picture.width as f64 / 2.0, picture.height as f64 / 2.0];
    Rgb::from_fn(picture.width, picture.height, |x, y| {
        let (u, v) = source(x as f64 + 0.5 - middle[0], y as f64 + 0.5 - middle[1]);
        sample(picture, u + middle[0] - 0.5, v + middle[1] - 0.5)
    })
}

/// The colour between pixels; black outside.
fn sample(picture: &Rgb, x: f64, y: f64) -> [u8; 3] {
    let inside = |at: f64, len: usize| at > -0.5 && at < len as f64 - 0.5;
    if !inside(x, picture.width) || !inside(y, picture.height) {
        return [0; 3];
    }
    let near = |at: isize, len: usize| at.clamp(0, len as isize - 1) as usize;
    let (left, top) = (x.floor() as isize, y.floor() as isize);
    let mut sums = [0f32; 3];
    for row in top - 1..=top + 2 {
        let down = cubic(y - row as f64);
        for column in left - 1..=left + 2 {
            let weight = (down * cubic(x - column as f64)) as f32;
            let pixel = picture.at(near(column, picture.width), near(row, picture.height));
            sums.iter_mut().zip(pixel).for_each(|(sum, one)| *sum += weight * f32::from(one));
        }
    }
    sums.map(byte)
}

#[cfg(test)]
mod tests {
    use super::{crop, crop_fill, flip_across, flip_down, pad, perspective, quarters, rotate, window};
    use crate::picture::{Rgb, made_up};
    use crate::quality::psnr;
    use crate::random::Random;

    #[test]
    fn a_crop_keeps_its_share_of_the_area_at_a_place_its_name_decides() {
        let scene = made_up::scene(400, 300);
        for area in [0.9, 0.75, 0.5, 0.25, 0.1] {
            let at = window(&scene, area, &mut Random::of("one"));
            assert_eq!(at, window(&scene, area, &mut Random::of("one")));
            let share = (at.2 * at.3) as f64 / 120_000.0;
            assert!((share - area).abs() < 0.01, "{share} of {area}");
            let part = crop(&scene, at);
            assert_eq!(part.at(3, 5), scene.at(at.0 + 3, at.1 + 5));
            let filled = crop_fill(&scene, at);
            assert_eq!(filled.at(at.0, at.1), scene.at(at.0, at.1));
            let black = filled.samples.chunks_exact(3).filter(|pixel| *pixel == [0; 3]).count();
            assert!(black >= 120_000 - at.2 * at.3, "{black}");
        }
        let places: std::collections::BTreeSet<_> =
            (0..20).map(|at| window(&scene, 0.25, &mut Random::of(&at.to_string()))).collect();
        assert!(places.len() > 15 && places.iter().any(|at| at.0 > 100) && places.iter().any(|at| at.0 < 80));
    }

    #[test]
    fn quarter_turns_are_exact_and_agree_with_the_general_turn() {
        let scene = made_up::scene(40, 40);
        let mut turned = scene.clone();
        for _ in 0..4 {
            turned = quarters(&turned, 1);
        }
        assert_eq!(turned, scene);
        assert_eq!(quarters(&scene, 2), quarters(&quarters(&scene, 1), 1));
        assert_eq!(quarters(&scene, 3), quarters(&quarters(&scene, 2), 1));
        assert_eq!(rotate(&scene, 90.0), quarters(&scene, 1));
        assert_eq!(rotate(&scene, 180.0), quarters(&scene, 2));
        let wide = made_up::scene(30, 20);
        assert_eq!((quarters(&wide, 1).width, quarters(&wide, 1).height), (20, 30));
        assert_eq!(quarters(&wide, 1).at(0, 0), wide.at(29, 0), "anticlockwise");
    }

    #[test]
    fn turns_and_tilts_of_nothing_change_nothing_and_small_ones_little() {
        let scene = made_up::scene(120, 90);
        assert_eq!(rotate(&scene, 0.0), scene);
        assert_eq!(perspective(&scene, 0.0), scene);
        // The corner comes in from outside.
        assert_eq!(rotate(&scene, 5.0).at(0, 0), [0; 3]);
        let middle = |picture: &Rgb| crop(picture, (30, 20, 60, 50));
        let back = rotate(&rotate(&scene, 5.0), -5.0);
        assert!(psnr(&middle(&scene), &middle(&back)) > 30.0);
        let tilted = perspective(&scene, 2.0);
        assert!(tilted != scene && psnr(&middle(&scene), &middle(&tilted)) > 18.0);
    }

    #[test]
    fn flips_undo_themselves_and_a_border_has_its_colour() {
        let scene = made_up::scene(31, 22);
        assert_eq!(flip_across(&flip_across(&scene)), scene);
        assert_eq!(flip_down(&flip_down(&scene)), scene);
        assert_eq!(flip_across(&flip_down(&scene)), quarters(&scene, 2));
        let padded = pad(&scene, [3, 4, 5, 6], [245; 3]);
        assert_eq!((padded.width, padded.height), (39, 32));
        assert_eq!((padded.at(2, 9), padded.at(3, 4)), ([245; 3], scene.at(0, 0)));
        assert_eq!(crop(&padded, (3, 4, 31, 22)), scene);
    }
}
