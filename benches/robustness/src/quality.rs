//! How much of a change people would see.

use crate::picture::Rgb;

/// What a watermark cost a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Peak signal to noise, in dB, over all samples.
    pub psnr: f64,
    /// Structural similarity of the luma, at most 1.
    pub ssim: f64,
    /// Change of the luma on smooth regions, root mean square in grey levels; `None` if less than a hundredth of the
    /// picture is smooth.
    pub smooth: Option<f64>,
}

/// Side of the windows of [`ssim`], in pixels.
const WINDOW: usize = 7;
/// Side of the blocks that are smooth or not, in pixels.
const BLOCK: usize = 16;
/// Deviation from a slope up to which a block is smooth, in grey levels.
const SMOOTH: f64 = 1.5;

impl Quality {
    /// Of a changed picture of the same size.
    pub fn of(before: &Rgb, after: &Rgb) -> Self {
        Self { psnr: psnr(before, after), ssim: ssim(before, after), smooth: smooth(before, after) }
    }
}

/// Peak signal to noise in dB, over all samples; 99 if nothing differs.
pub fn psnr(before: &Rgb, after: &Rgb) -> f64 {
    assert_eq!(before.samples.len(), after.samples.len(), "pictures of one size");
    let square = |(one, two): (&u8, &u8)| u64::from(one.abs_diff(*two)).pow(2);
    let sum: u64 = before.samples.iter().zip(&after.samples).map(square).sum();
    if sum == 0 {
        return 99.0;
    }
    10.0 * (255.0 * 255.0 * before.samples.len() as f64 / sum as f64).log10()
}

/// Structural similarity of the luma (Wang et al. 2004): windows of 7 x 7 pixels of equal weight, the sample
/// covariance, K1 = 0.01, K2 = 0.03, and the mean over all windows that lie within.
pub fn ssim(before: &Rgb, after: &Rgb) -> f64 {
    let (width, height) = (before.width, before.height);
    if width < WINDOW || height < WINDOW {
        return if before == after { 1.0 } else { 0.0 };
    }
    let (one, two) = (before.luma(), after.luma());
    let table = |value: &dyn Fn(usize) -> f64| sums(width, height, value);
    let (a, b) = (|at: usize| f64::from(one[at]), |at: usize| f64::from(two[at]));
    let tables = [
        table(&a),
        table(&b),
        table(&|at| a(at) * a(at)),
        table(&|at| b(at) * b(at)),
        table(&|at| a(at) * b(at)),
    ];
    let count = (WINDOW * WINDOW) as f64;
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    let mut sum = 0.0;
    for y in 0..=height - WINDOW {
        for x in 0..=width - WINDOW {
            let [a, b, aa, bb, ab] = tables.each_ref().map(|table| within(table, width, x, y) / count);
            let sample = count / (count - 1.0);
            let (va, vb, cov) = ((aa - a * a) * sample, (bb - b * b) * sample, (ab - a * b) * sample);
            sum += (2.0 * a * b + c1) * (2.0 * cov + c2) / ((a * a + b * b + c1) * (va + vb + c2));
        }
    }
    sum / ((width - WINDOW + 1) * (height - WINDOW + 1)) as f64
}

/// Sums of all that is above and to the left.
fn sums(width: usize, height: usize, value: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let mut table = vec![0.0; (width + 1) * (height + 1)];
    for y in 0..height {
        let mut row = 0.0;
        for x in 0..width {
            row += value(y * width + x);
            table[(y + 1) * (width + 1) + x + 1] = table[y * (width + 1) + x + 1] + row;
        }
    }
    table
}

fn within(table: &[f64], width: usize, x: usize, y: usize) -> f64 {
    let at = |x: usize, y: usize| table[y * (width + 1) + x];
    at(x + WINDOW, y + WINDOW) - at(x, y + WINDOW) - at(x + WINDOW, y) + at(x, y)
}

/// Root mean square of the luma's change over all blocks that were smooth: next to a slope in the original.
fn smooth(before: &Rgb, after: &Rgb) -> Option<f64> {
    let (one, two) = (before.luma(), after.luma());
    let (mut blocks, mut smooth_blocks, mut sum) = (0usize, 0usize, 0.0);
    for top in (0..before.height.saturating_sub(BLOCK - 1)).step_by(BLOCK) {
        for left in (0..before.width.saturating_sub(BLOCK - 1)).step_by(BLOCK) {
            blocks += 1;
            let at = |x: usize, y: usize| (top + y) * before.width + left + x;
            if roughness(|x, y| f64::from(one[at(x, y)])) > SMOOTH {
                continue;
            }
            smooth_blocks += 1;
            for y in 0..BLOCK {
                sum += (0..BLOCK).map(|x| f64::from(two[at(x, y)] - one[at(x, y)]).powi(2)).sum::<f64>();
            }
        }
    }
    let is_some = smooth_blocks > 0 && smooth_blocks * 100 >= blocks;
    is_some.then(|| (sum / (smooth_blocks * BLOCK * BLOCK) as f64).sqrt())
}

/// Deviation of a block from the plane nearest to it, root mean square.
fn roughness(value: impl Fn(usize, usize) -> f64) -> f64 {
    let centre = (BLOCK as f64 - 1.0) / 2.0;
    let places = || (0..BLOCK).flat_map(|y| (0..BLOCK).map(move |x| (x, y)));
    let count = (BLOCK * BLOCK) as f64;
    let mean = places().map(|(x, y)| value(x, y)).sum::<f64>() / count;
    let square = BLOCK as f64 * (0..BLOCK).map(|x| (x as f64 - centre).powi(2)).sum::<f64>();
    let across = places().map(|(x, y)| (x as f64 - centre) * value(x, y)).sum::<f64>() / square;
    let down = places().map(|(x, y)| (y as f64 - centre) * value(x, y)).sum::<f64>() / square;
    let off = |(x, y): (usize, usize)| {
        value(x, y) - mean - across * (x as f64 - centre) - down * (y as f64 - centre)
    };
    (places().map(|at| off(at).powi(2)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::Quality;
    use crate::filter::{blur, noise};
    use crate::picture::{Rgb, made_up};
    use crate::random::Random;

    #[test]
    fn nothing_changed_is_perfect_and_one_level_everywhere_is_48_db() {
        let scene = made_up::scene(96, 64);
        let same = Quality::of(&scene, &scene);
        assert!(same.psnr == 99.0 && (same.ssim - 1.0).abs() < 1e-9, "{same:?}");
        let brighter = scene.map(|one| if one == 255 { 254 } else { one + 1 });
        assert!((Quality::of(&scene, &brighter).psnr - 48.13).abs() < 0.01);
        assert!(Quality::of(&scene, &brighter).ssim > 0.999, "structure is the same");
    }

    #[test]
    fn more_change_is_less_quality() {
        let scene = made_up::scene(128, 96);
        let noisy = |deviation| Quality::of(&scene, &noise(&scene, deviation, &mut Random::of("a")));
        assert!(noisy(2.0).ssim > noisy(8.0).ssim && noisy(2.0).psnr > noisy(8.0).psnr);
        let soft = Quality::of(&scene, &blur(&scene, 3.0));
        assert!((0.0..0.9).contains(&soft.ssim), "{soft:?}");
    }

    #[test]
    fn smooth_regions_are_slopes_and_not_textures() {
        let slope = Rgb::from_fn(128, 64, |x, y| [(40 + x / 2 + y / 2) as u8; 3]);
        let noisy = noise(&slope, 2.0, &mut Random::of("a"));
        let found = Quality::of(&slope, &noisy).smooth.unwrap();
        // Noise of 2 in each colour by itself is sqrt(.299^2 + .587^2 + .114^2) of that in luma.
        assert!((found - 2.0 * 0.669).abs() < 0.06, "{found}");
        let rough = noise(&slope, 30.0, &mut Random::of("b"));
        assert_eq!(Quality::of(&rough, &slope).smooth, None);
    }
}
