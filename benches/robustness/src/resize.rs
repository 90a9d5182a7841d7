//! Resizing as viewers and chat apps do it: cubic, wider where it makes smaller.

use crate::picture::{Rgb, byte};

/// The sources of one place: the first, and their weights.
type Taps = (usize, Vec<f32>);

/// Resized to this many pixels by cubic convolution (a = -0.5), with a kernel that widens when a side shrinks.
pub fn resize(picture: &Rgb, width: usize, height: usize) -> Rgb {
    let columns = taps(picture.width, width);
    let rows = taps(picture.height, height);
    let mut across = vec![0f32; width * picture.height * 3];
    for (y, row) in across.chunks_exact_mut(width * 3).enumerate() {
        let line = &picture.samples[3 * y * picture.width..];
        for (pixel, (first, weights)) in row.chunks_exact_mut(3).zip(&columns) {
            for (from, weight) in line[3 * first..].chunks_exact(3).zip(weights) {
                pixel.iter_mut().zip(from).for_each(|(sum, one)| *sum += weight * f32::from(*one));
            }
        }
    }
    let mut samples = Vec::with_capacity(width * height * 3);
    let mut sums = vec![0f32; width * 3];
    for (first, weights) in &rows {
        sums.fill(0.0);
        for (line, weight) in across[3 * width * first..].chunks_exact(3 * width).zip(weights) {
            sums.iter_mut().zip(line).for_each(|(sum, one)| *sum += weight * one);
        }
        samples.extend(sums.iter().map(|one| byte(*one)));
    }
    Rgb::new(width, height, samples)
}

/// Both sides by a factor, rounded, at least a pixel.
pub fn scale(picture: &Rgb, factor: f64) -> Rgb {
    stretch(picture, factor, factor)
}

/// Each side by a factor of its own.
pub fn stretch(picture: &Rgb, across: f64, down: f64) -> Rgb {
    let side = |len: usize, factor: f64| ((len as f64 * factor).round() as usize).max(1);
    resize(picture, side(picture.width, across), side(picture.height, down))
}

/// Made smaller so that the longer side is at most this long; else as it is.
pub fn fit(picture: &Rgb, longest: usize) -> Rgb {
    let side = picture.width.max(picture.height);
    if side <= longest { picture.clone() } else { scale(picture, longest as f64 / side as f64) }
}

/// Keys' cubic kernel with a = -0.5.
pub(crate) fn cubic(at: f64) -> f64 {
    let at = at.abs();
    match at {
        _ if at < 1.0 => (1.5 * at - 2.5) * at * at + 1.0,
        _ if at < 2.0 => ((-0.5 * at + 2.5) * at - 4.0) * at + 2.0,
        _ => 0.0,
    }
}

fn taps(from: usize, to: usize) -> Vec<Taps> {
    let ratio = from as f64 / to as f64;
    let wide = ratio.max(1.0);
    let one = |at: usize| {
        let centre = (at as f64 + 0.5) * ratio;
        let first = (centre - 2.0 * wide).round().max(0.0) as usize;
        let end = ((centre + 2.0 * wide).round() as usize).min(from).max(first + 1);
        let weights: Vec<f64> =
            (first..end).map(|place| cubic((place as f64 + 0.5 - centre) / wide)).collect();
        let sum: f64 = weights.iter().sum();
        (first, weights.iter().map(|weight| (weight / sum) as f32).collect())
    };
    (0..to).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{fit, resize, scale, stretch};
    use crate::picture::{Rgb, made_up};
    use crate::quality::psnr;

    #[test]
    fn the_same_size_is_the_same_picture_and_flat_stays_flat() {
        let scene = made_up::scene(61, 47);
        assert_eq!(resize(&scene, 61, 47), scene);
        let flat = Rgb::from_fn(33, 21, |_, _| [200, 3, 90]);
        for (width, height) in [(1, 1), (7, 100), (66, 42), (500, 2)] {
            let other = resize(&flat, width, height);
            assert_eq!((other.width, other.height), (width, height));
            assert!(other.samples.chunks_exact(3).all(|pixel| pixel == [200, 3, 90]));
        }
    }

    #[test]
    fn sizes_are_rounded_and_going_up_and_back_loses_little() {
        let scene = made_up::scene(101, 60);
        assert_eq!((scale(&scene, 0.5).width, scale(&scene, 0.5).height), (51, 30));
        assert_eq!((stretch(&scene, 1.1, 0.9).width, stretch(&scene, 1.1, 0.9).height), (111, 54));
        assert_eq!((fit(&scene, 50).width, fit(&scene, 500).width), (50, 101));
        let back = resize(&scale(&scene, 1.5), 101, 60);
        assert!(psnr(&scene, &back) > 30.0, "{}", psnr(&scene, &back));
        let ramp = Rgb::from_fn(200, 4, |x, _| [x as u8; 3]);
        let half = scale(&ramp, 0.5);
        assert!((10..90).all(|x| half.at(x, 1)[0].abs_diff((2 * x) as u8) <= 1), "no shift");
    }
}
