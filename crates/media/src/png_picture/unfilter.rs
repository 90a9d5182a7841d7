//! The filters of PNG undone (PNG third edition, section 9), a row at a time.

/// `None`: the row as it is.
pub(super) const NONE: u8 = 0;
/// `Sub`: each byte less the one a pixel before it.
pub(super) const SUB: u8 = 1;
/// `Up`: each byte less the one above.
pub(super) const UP: u8 = 2;
/// `Average`: each byte less the mean of the one before and the one above.
pub(super) const AVERAGE: u8 = 3;
/// `Paeth`: each byte less whichever of those before, above, and above the one before is nearest to a plane.
pub(super) const PAETH: u8 = 4;

/// Whether a row says all of itself, whatever stands above.
pub(super) fn stands_alone(filter: u8) -> bool {
    matches!(filter, NONE | SUB)
}

/// Undoes a row's filter. All three rows have the same length, a multiple of `pixel`, the bytes of a pixel.
///
/// `above` is the row above, unfiltered: zeros for the first.
pub(super) fn unfilter(filter: u8, pixel: usize, above: &[u8], coded: &[u8], row: &mut [u8]) {
    match pixel {
        1 => pixels::<1>(filter, above, coded, row),
        2 => pixels::<2>(filter, above, coded, row),
        3 => pixels::<3>(filter, above, coded, row),
        4 => pixels::<4>(filter, above, coded, row),
        6 => pixels::<6>(filter, above, coded, row),
        _ => pixels::<8>(filter, above, coded, row),
    }
}

/// [`unfilter`], for a size of pixel that the compiler knows.
fn pixels<const N: usize>(filter: u8, above: &[u8], coded: &[u8], row: &mut [u8]) {
    match filter {
        SUB => each::<N>(above, coded, row, |before, _, _| before),
        UP => {
            for ((row, coded), above) in row.iter_mut().zip(coded).zip(above) {
                *row = coded.wrapping_add(*above);
            }
        }
        AVERAGE => each::<N>(above, coded, row, |before, above, _| mean(before, above)),
        PAETH => each::<N>(above, coded, row, paeth_in_turn),
        _ => row.copy_from_slice(coded),
    }
}

/// Each byte as what is foretold from those before, above, and above the one before, plus what is coded.
fn each<const N: usize>(above: &[u8], coded: &[u8], row: &mut [u8], foretell: impl Fn(u8, u8, u8) -> u8) {
    let (mut before, mut corner) = ([0; N], [0; N]);
    let (row, coded, above) =
        (row.as_chunks_mut::<N>().0, coded.as_chunks::<N>().0, above.as_chunks::<N>().0);
    for ((row, coded), above) in row.iter_mut().zip(coded).zip(above) {
        let bytes = before.iter_mut().zip(&corner).zip(above).zip(coded);
        for (((before, corner), above), coded) in bytes {
            *before = coded.wrapping_add(foretell(*before, *above, *corner));
        }
        corner = *above;
        *row = before;
    }
}

/// The mean of two bytes, rounded down, without a ninth bit.
pub(super) fn mean(before: u8, above: u8) -> u8 {
    (before & above) + ((before ^ above) >> 1)
}

/// Which of three bytes is nearest to `before + above - corner`; the first of those equally near (section 9.4).
///
/// In bytes alone, so that many can be computed at once: if the other two lie on the same side of the corner,
/// it is further off than both, and how far does not matter.
pub(super) fn paeth(before: u8, above: u8, corner: u8) -> u8 {
    let (far_before, far_above) = (above.abs_diff(corner), before.abs_diff(corner));
    let between = (before < corner) == (corner < above);
    let far_corner = if between { far_before.abs_diff(far_above) } else { u8::MAX };
    let nearer = if far_above <= far_corner { above } else { corner };
    if far_before <= far_above && far_before <= far_corner { before } else { nearer }
}

/// [`paeth`] for one byte after the other, where each waits for the one before: few steps lie between `before` and
/// the answer.
///
/// Three times the corner less the other two tells it all: at or above both, the lower is the nearest; at or below
/// both, the higher; between them, the corner.
pub(super) fn paeth_in_turn(before: u8, above: u8, corner: u8) -> u8 {
    let (low, high) = (before.min(above), before.max(above));
    let mirrored = 3 * i16::from(corner) - i16::from(before) - i16::from(above);
    let inner = if mirrored >= i16::from(high) { low } else { corner };
    if mirrored <= i16::from(low) { high } else { inner }
}
