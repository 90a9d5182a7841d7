//! Changes of each pixel by itself.

use crate::picture::{Rgb, byte, luma};

/// Every sample multiplied.
pub fn brightness(picture: &Rgb, factor: f32) -> Rgb {
    picture.map(|one| byte(f32::from(one) * factor))
}

/// Every sample moved away from the mean luma by a factor.
pub fn contrast(picture: &Rgb, factor: f32) -> Rgb {
    let all = picture.luma();
    let mean = all.iter().map(|one| f64::from(*one)).sum::<f64>() / all.len() as f64;
    let mean = (mean as f32).round();
    picture.map(|one| byte(mean + factor * (f32::from(one) - mean)))
}

/// Every sample raised to a power, with white as 1.
pub fn gamma(picture: &Rgb, power: f32) -> Rgb {
    picture.map(|one| byte(255.0 * (f32::from(one) / 255.0).powf(power)))
}

/// Luma alone.
pub fn grey(picture: &Rgb) -> Rgb {
    let samples = picture.samples.chunks_exact(3).flat_map(|pixel| [byte(luma(pixel)); 3]).collect();
    Rgb { samples, ..*picture }
}

/// This many levels a sample, evenly spread from black to white; at least 2.
pub fn posterise(picture: &Rgb, levels: u8) -> Rgb {
    let steps = f32::from(levels.max(2) - 1);
    picture.map(|one| byte((f32::from(one) / 255.0 * steps).round() * 255.0 / steps))
}

#[cfg(test)]
mod tests {
    use super::{brightness, contrast, gamma, grey, posterise};
    use crate::picture::Rgb;

    fn ramp() -> Rgb {
        Rgb::from_fn(256, 2, |x, _| [x as u8, 255 - x as u8, 128])
    }

    #[test]
    fn tones_are_what_their_names_say() {
        assert_eq!(brightness(&ramp(), 1.5).at(100, 0), [150, 233, 192]);
        assert_eq!(brightness(&ramp(), 1.5).at(200, 0)[0], 255);
        assert_eq!(gamma(&ramp(), 1.0), ramp());
        assert_eq!(gamma(&ramp(), 2.0).at(128, 0)[0], 64);
        let [red, green, blue] = grey(&ramp()).at(255, 0);
        assert!(red == green && green == blue && red == 91, "{red}");
        let grey_line = Rgb::from_fn(2, 1, |x, _| [[100; 3], [200; 3]][x]);
        assert_eq!(contrast(&grey_line, 0.5).samples, [125, 125, 125, 175, 175, 175]);
        let levels: std::collections::BTreeSet<u8> = posterise(&ramp(), 4).samples.iter().copied().collect();
        assert_eq!(Vec::from_iter(levels), [0, 85, 170, 255]);
    }
}
