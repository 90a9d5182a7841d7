//! Pictures made by numbers, so that tests need no files.
#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "samples are clamped to their range, and each test file takes what it needs"
)]

use indicia_watermark::Key;

/// A picture with broad shades, fine texture in one half, and an edge: red, green, blue.
pub fn scene(width: usize, height: usize, seed: &str) -> Vec<u8> {
    let mut stream = Key::public().stream(seed);
    let coarse: Vec<f32> = (0..64).map(|_| stream.unit()).collect();
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f32 / width as f32 * 6.0, y as f32 / height as f32 * 6.0);
            let at = |i: usize, j: usize| coarse[(j % 8) * 8 + i % 8];
            let (i, j) = (u as usize, v as usize);
            let (a, b) = (u.fract(), v.fract());
            let shade = (at(i, j) * (1.0 - a) + at(i + 1, j) * a) * (1.0 - b)
                + (at(i, j + 1) * (1.0 - a) + at(i + 1, j + 1) * a) * b;
            let rough = if x > width / 2 { 40.0 } else { 6.0 };
            let edge = if (x + y) % 160 < 3 { 50.0 } else { 0.0 };
            let gray = 50.0 + 150.0 * shade + rough * (stream.unit() - 0.5) - edge;
            samples
                .extend([gray, gray + 10.0 * shade, gray - 12.0].map(|value| value.clamp(0.0, 255.0) as u8));
        }
    }
    samples
}
