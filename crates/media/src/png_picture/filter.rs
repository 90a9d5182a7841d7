//! The filters of PNG (PNG third edition, section 9), chosen and applied a row at a time.

use super::unfilter::{AVERAGE, PAETH, SUB, UP, mean, paeth};

/// A picture has a row that needs none above it this often, where that costs little: decoding some rows can begin
/// there.
pub(super) const ALONE_EVERY: usize = 32;

/// Chooses filters for one row after the other.
pub(super) struct Filtering {
    pixel: usize,
    /// Rows since the last one that stands alone.
    since: usize,
    /// Filter and bytes of the row: the best so far, the one that is tried, and the one that stands alone.
    best: Vec<u8>,
    tried: Vec<u8>,
    alone: Vec<u8>,
}

impl Filtering {
    /// For rows of `line` bytes with `pixel` bytes a pixel.
    pub(super) fn new(line: usize, pixel: usize) -> Self {
        let row = vec![0; line + 1];
        Self { pixel, since: 0, best: row.clone(), tried: row.clone(), alone: row }
    }

    /// The filter for a row and the bytes it leaves: those with the smallest sum, as section 12.7 advises.
    pub(super) fn row(&mut self, above: &[u8], row: &[u8]) -> &[u8] {
        self.since += 1;
        let mut least = u64::MAX;
        let mut alone = u64::MAX;
        for filter in [SUB, UP, AVERAGE, PAETH] {
            let cost = apply(filter, self.pixel, above, row, &mut self.tried);
            if filter == SUB {
                alone = cost;
                if self.since >= ALONE_EVERY {
                    self.alone.copy_from_slice(&self.tried);
                }
            }
            if cost <= least {
                least = cost;
                std::mem::swap(&mut self.best, &mut self.tried);
            }
            if cost == 0 {
                break;
            }
        }
        if self.best.first() == Some(&SUB) {
            self.since = 0;
        }
        if self.since >= ALONE_EVERY && alone <= least.saturating_mul(2) {
            self.since = 0;
            return &self.alone;
        }
        &self.best
    }
}

/// Writes a row's filter and the bytes it leaves; the sum of these, as distances from zero.
fn apply(filter: u8, pixel: usize, above: &[u8], row: &[u8], out: &mut [u8]) -> u64 {
    let Some((kind, out)) = out.split_first_mut() else { return 0 };
    *kind = filter;
    // The first pixel has nothing before it.
    let start = pixel.min(row.len()).min(out.len()).min(above.len());
    let (head, rest) = out.split_at_mut(start);
    let (first, values) = row.split_at(start);
    let (first_above, above_values) = above.split_at(start);
    let less = |value: u8, foretold: u8| value.wrapping_sub(foretold);
    for ((out, value), above) in head.iter_mut().zip(first).zip(first_above) {
        *out = match filter {
            SUB => *value,
            AVERAGE => less(*value, mean(0, *above)),
            // Nothing but the byte above is near.
            _ => less(*value, *above),
        };
    }
    let values = rest.iter_mut().zip(values);
    match filter {
        SUB => values.zip(row).for_each(|((out, value), before)| *out = less(*value, *before)),
        UP => values.zip(above_values).for_each(|((out, value), above)| *out = less(*value, *above)),
        AVERAGE => values
            .zip(row)
            .zip(above_values)
            .for_each(|(((out, value), before), above)| *out = less(*value, mean(*before, *above))),
        _ => values.zip(row).zip(above_values).zip(above).for_each(
            |((((out, value), before), above), corner)| *out = less(*value, paeth(*before, *above, *corner)),
        ),
    }
    let distances =
        |bytes: &[u8]| -> u64 { bytes.iter().map(|byte| u64::from(byte.cast_signed().unsigned_abs())).sum() };
    let (blocks, last) = out.as_chunks::<32>();
    blocks.iter().map(|block| distances(block)).sum::<u64>() + distances(last)
}
