//! Colour at its own, lower resolution, recovered from colour that was interpolated to that of the picture.

/// Appends to `out` a row of both colours of a picture in Y, Cb, Cr: for every pixel of the width a value,
/// of which the first in each group of `across` is the sample; `row` counts rows of samples.
///
/// Decoders interpolate linearly, three parts of the nearer sample and one of the further. Where sample `x`
/// has pixels `a`, `b` between neighbours `p` and `q`, three times `a` less `p` is twice `x`, and so is three
/// times `b` less `q`: (3a + 3b - p - q) / 4 gives back the sample, where a mean would blur it a little more
/// every time a file is decoded and coded.
pub(super) fn reduce(
    samples: &[u8],
    width: usize,
    height: usize,
    row: usize,
    (across, down): (usize, usize),
    out: [&mut Vec<u8>; 2],
) {
    let line = |y: usize| {
        let y = y.min(height.saturating_sub(1));
        samples.get(y * width * 3..(y + 1) * width * 3).unwrap_or_default()
    };
    let [second, third] = out;
    let top = row * down;
    // Rows with their weights; the weights of a column add up to 4.
    let rows: Vec<(&[u8], i32)> = match down {
        1 => vec![(line(top), 4)],
        2 => vec![(line(top.saturating_sub(1)), -1), (line(top), 3), (line(top + 1), 3), (line(top + 2), -1)],
        _ => (0..4).map(|part| (line(top + part * down / 4), 1)).collect(),
    };
    for (channel, out) in [(1, second), (2, third)] {
        let column = |x: usize| -> i32 {
            let at = x.min(width - 1) * 3 + channel;
            rows.iter().map(|(row, weight)| i32::from(row.get(at).copied().unwrap_or(0)) * weight).sum()
        };
        for x in (0..width).step_by(across) {
            let sum = match across {
                1 => column(x) * 4,
                2 => 3 * (column(x) + column(x + 1)) - column(x.saturating_sub(1)) - column(x + 2),
                _ => (0..4).map(|part| column(x + part * across / 4)).sum(),
            };
            let value = u8::try_from(((sum + 8) >> 4).clamp(0, 255)).unwrap_or(0);
            out.extend(std::iter::repeat_n(value, across.min(width - x)));
        }
    }
}
