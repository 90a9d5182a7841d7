//! Colour at its own, lower resolution, recovered from colour that was interpolated to that of the picture.

/// Samples a row: the one before the first pixel, every pixel, and the two after the last.
type Column = Vec<[i16; 2]>;

/// Appends to `out` a row of both colours of a picture in Y, Cb, Cr: as many values as the picture has
/// pixels across, of which the first in each group of `across` is the sample. `row` counts rows of samples;
/// `across` and `down` are 1 or 2.
///
/// Decoders interpolate linearly, three parts of the nearer sample and one of the further. Where sample `x`
/// has pixels `a`, `b` between neighbours `p` and `q`, three times `a` less `p` is twice `x`, and so is three
/// times `b` less `q`: (3a + 3b - p - q) / 4 gives back the sample, where a mean would blur it a little more
/// every time a file is decoded and coded.
pub(super) fn reduce(
    samples: &[u8],
    width: usize,
    row: usize,
    (across, down): (usize, usize),
    [second, third]: [&mut Vec<u8>; 2],
) {
    let height = samples.len() / (3 * width).max(1);
    let line = |y: usize| {
        let y = y.min(height.saturating_sub(1));
        let row = samples.get(y * width * 3..(y + 1) * width * 3).unwrap_or_default();
        row.as_chunks::<3>().0
    };
    let wide = |value: u8| i16::from(value);
    // Four times the sample, with the rows already weighed.
    let mut columns: Column = Vec::new();
    columns.push([0; 2]);
    if down == 1 {
        columns.extend(line(row).iter().map(|[_, one, two]| [4 * wide(*one), 4 * wide(*two)]));
    } else {
        let top = 2 * row;
        let (above, first) = (line(top.saturating_sub(1)), line(top));
        let (last, below) = (line(top + 1), line(top + 2));
        let rows = above.iter().zip(first).zip(last).zip(below);
        columns.extend(rows.map(|(((p, a), b), q)| {
            let weigh = |p: u8, a: u8, b: u8, q: u8| 3 * (wide(a) + wide(b)) - wide(p) - wide(q);
            [weigh(p[1], a[1], b[1], q[1]), weigh(p[2], a[2], b[2], q[2])]
        }));
    }
    let edge = |at: usize| columns.get(at).copied().unwrap_or_default();
    let (first, last) = (edge(1), edge(width));
    columns.extend([last, last]);
    if let Some(before) = columns.first_mut() {
        *before = first;
    }
    let narrow = |sixteenths: i16| u8::try_from(((sixteenths + 8) >> 4).clamp(0, 255)).unwrap_or(0);
    if across == 1 {
        let columns = columns.iter().skip(1).take(width);
        second.extend(columns.clone().map(|[one, _]| narrow(4 * one)));
        third.extend(columns.map(|[_, two]| narrow(4 * two)));
        return;
    }
    let (end_of_second, end_of_third) = (second.len() + width, third.len() + width);
    for (pair, next) in
        columns.as_chunks::<2>().0.iter().zip(columns.get(2..).unwrap_or_default().as_chunks::<2>().0)
    {
        let ([p, a], [b, q]) = (pair, next);
        let sample = |p: i16, a: i16, b: i16, q: i16| narrow(3 * (a + b) - p - q);
        let (one, two) = (sample(p[0], a[0], b[0], q[0]), sample(p[1], a[1], b[1], q[1]));
        second.extend([one, one]);
        third.extend([two, two]);
    }
    second.resize(end_of_second, 0);
    third.resize(end_of_third, 0);
}
