//! Changes of each pixel by its neighbours, and noise.

use crate::picture::{Rgb, byte};
use crate::random::Random;

/// Blurred by a Gaussian of this standard deviation in pixels; edges are mirrored.
pub fn blur(picture: &Rgb, sigma: f32) -> Rgb {
    let soft = blurred(picture, sigma);
    Rgb { samples: soft.into_iter().map(byte).collect(), ..*picture }
}

/// Unsharp masking: what a blur of radius 2 takes away is added `amount` times.
pub fn sharpen(picture: &Rgb, amount: f32) -> Rgb {
    let soft = blurred(picture, 2.0);
    let sharp = |(one, soft): (&u8, f32)| byte(f32::from(*one) + amount * (f32::from(*one) - soft));
    Rgb { samples: picture.samples.iter().zip(soft).map(sharp).collect(), ..*picture }
}

/// Gaussian noise of this standard deviation in grey levels, for each sample by itself.
pub fn noise(picture: &Rgb, deviation: f64, random: &mut Random) -> Rgb {
    let noisy = |one: &u8| byte((f64::from(*one) + deviation * random.normal()) as f32);
    Rgb { samples: picture.samples.iter().map(noisy).collect(), ..*picture }
}

fn blurred(picture: &Rgb, sigma: f32) -> Vec<f32> {
    let kernel = gaussian(sigma);
    let (width, height) = (picture.width, picture.height);
    let samples: Vec<f32> = picture.samples.iter().map(|one| f32::from(*one)).collect();
    let across =
        convolve(&samples, &kernel, width, height, |x, y, at| 3 * (y * width + mirror(x, at, width)));
    convolve(&across, &kernel, width, height, |x, y, at| 3 * (mirror(y, at, height) * width + x))
}

/// Weights at -n to n, of sum 1.
fn gaussian(sigma: f32) -> Vec<f32> {
    let reach = (4.0 * sigma).ceil() as i32;
    let weight = |at: i32| (-0.5 * (at as f32 / sigma).powi(2)).exp();
    let sum: f32 = (-reach..=reach).map(weight).sum();
    (-reach..=reach).map(|at| weight(at) / sum).collect()
}

/// The place `by` off, inside of `0..len`: mirrored without repeating the edge.
fn mirror(place: usize, by: isize, len: usize) -> usize {
    if len < 2 {
        return 0;
    }
    let (turn, place) = (2 * (len as isize - 1), place as isize + by);
    let folded = place.rem_euclid(turn);
    folded.min(turn - folded) as usize
}

fn convolve(
    samples: &[f32],
    kernel: &[f32],
    width: usize,
    height: usize,
    from: impl Fn(usize, usize, isize) -> usize,
) -> Vec<f32> {
    let reach = (kernel.len() / 2) as isize;
    let mut out = vec![0.0; samples.len()];
    for (at, pixel) in out.chunks_exact_mut(3).enumerate().take(width * height) {
        let (x, y) = (at % width, at / width);
        for (by, weight) in (-reach..=reach).zip(kernel) {
            let start = from(x, y, by);
            pixel.iter_mut().zip(&samples[start..start + 3]).for_each(|(sum, one)| *sum += weight * one);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{blur, mirror, noise, sharpen};
    use crate::picture::{Rgb, made_up};
    use crate::quality::psnr;
    use crate::random::Random;

    #[test]
    fn a_blur_keeps_flat_areas_and_spreads_a_point_as_its_width_says() {
        let flat = Rgb::from_fn(20, 9, |_, _| [90, 10, 200]);
        assert_eq!(blur(&flat, 2.0), flat);
        assert_eq!(sharpen(&flat, 1.0), flat);
        let point = Rgb::from_fn(41, 41, |x, y| if (x, y) == (20, 20) { [255; 3] } else { [0; 3] });
        let soft = blur(&point, 1.0);
        // 255 / (2 pi), at one pixel's distance times exp(-1/2).
        assert!(soft.at(20, 20)[0].abs_diff(41) <= 1 && soft.at(21, 20)[0].abs_diff(25) <= 1);
        assert_eq!(soft.at(21, 20), soft.at(20, 19));
    }

    #[test]
    fn edges_are_mirrored_however_far_the_kernel_reaches() {
        assert_eq!([-2, -1, 0, 1, 2].map(|by| mirror(0, by, 3)), [2, 1, 0, 1, 2]);
        assert_eq!(mirror(2, 1, 3), 1);
        assert_eq!(mirror(0, -9, 1), 0);
        assert!((-20..20).all(|by| mirror(1, by, 4) < 4));
        assert_eq!(blur(&Rgb::from_fn(1, 5, |_, _| [7; 3]), 2.0), Rgb::from_fn(1, 5, |_, _| [7; 3]));
    }

    #[test]
    fn noise_is_as_strong_as_it_says_and_the_same_every_time() {
        let flat = Rgb::from_fn(200, 100, |_, _| [128; 3]);
        let noisy = noise(&flat, 10.0, &mut Random::of("a"));
        assert_eq!(noisy, noise(&flat, 10.0, &mut Random::of("a")));
        // 20 log10(255 / 10).
        assert!((psnr(&flat, &noisy) - 28.13).abs() < 0.15, "{}", psnr(&flat, &noisy));
    }

    #[test]
    fn sharpening_undoes_part_of_a_blur() {
        let scene = made_up::scene(90, 70);
        let soft = blur(&scene, 1.0);
        assert!(psnr(&scene, &sharpen(&soft, 0.5)) > psnr(&scene, &soft));
    }
}
