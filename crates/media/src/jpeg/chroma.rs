//! Colour at its own, lower resolution, recovered from colour that was interpolated to that of the picture.

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
    // Both colours of every column, times four, with the rows already weighed: one column before the first
    // pixel and two after the last repeat their neighbour.
    let mut columns: Vec<[i16; 2]> = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::reduce;

    /// Doubles a line as decoders do: three parts of the nearer sample, one of the further.
    fn interpolated(line: &[u8]) -> Vec<u8> {
        let at = |x: usize| u32::from(line[x.min(line.len() - 1)]);
        let halves = |x: usize| [3 * at(x) + at(x.saturating_sub(1)), 3 * at(x) + at(x + 1)];
        (0..line.len()).flat_map(halves).map(|sum| u8::try_from((sum + 2) / 4).unwrap()).collect()
    }

    #[test]
    fn samples_are_recovered_from_what_a_decoder_makes_of_them() {
        let line: [u8; 8] = [10, 10, 200, 30, 90, 255, 0, 128];
        let doubled = interpolated(&line);
        let near = |found: &[u8]| found.iter().zip(line).all(|(found, sample)| found.abs_diff(sample) <= 1);
        let across: Vec<u8> = doubled.iter().flat_map(|value| [0, *value, 255 - *value]).collect();
        let (mut second, mut third) = (Vec::new(), Vec::new());
        reduce(&across, 16, 0, (2, 1), [&mut second, &mut third]);
        let found: Vec<u8> = second.iter().step_by(2).copied().collect();
        assert!(near(&found), "{found:?}");
        assert!(third.iter().step_by(2).zip(&found).all(|(one, two)| (255 - one).abs_diff(*two) <= 1));
        // The same picture on its side: one pixel wide, sixteen high.
        let mut found = Vec::new();
        for row in 0..8 {
            reduce(&across, 1, row, (1, 2), [&mut found, &mut Vec::new()]);
        }
        assert!(near(&found), "{found:?}");
    }

    #[test]
    fn an_odd_width_gives_as_many_values_as_pixels() {
        for width in 1..6 {
            let (mut second, mut third) = (Vec::new(), Vec::new());
            reduce(&vec![77; width * 3 * 3], width, 1, (2, 2), [&mut second, &mut third]);
            assert_eq!((second.len(), third.len()), (width, width));
            assert!(second.iter().step_by(2).all(|value| *value == 77));
        }
    }
}
