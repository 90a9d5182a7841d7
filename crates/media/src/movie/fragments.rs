//! Offsets that fragments and their indexes tell.

use super::offsets::{number, of};
use super::parse::Parser;
use super::patch::{Patches, Shifts};
use crate::boxes::IsoBox;
use indicia_core::{FormatError, Span};

/// Sets right where a fragment says that its media stand, if it says so by offset.
pub(super) fn fragment(
    parser: &mut Parser<'_>,
    at: u64,
    shifts: &Shifts,
    patches: &mut Patches,
) -> Result<(), FormatError> {
    let walk = &mut parser.walk;
    let moof = IsoBox::read(&mut walk.window, at, parser.source.size())?;
    for track in of(walk.children(moof.body)?, b"traf") {
        for header in of(walk.children(track.body)?, b"tfhd") {
            let [_, _, _, flags] = walk.window.array(header.body.start)?;
            if flags & 1 == 0 {
                continue;
            }
            let start = header.body.start + 8;
            let old = u64::from_be_bytes(walk.window.array(start)?);
            let new = shifts.moved(old)?;
            if new != old {
                patches.put(Span { start, end: start + 8 }, new.to_be_bytes().to_vec(), &[]);
            }
        }
    }
    Ok(())
}

/// Sets right the distance from an index of segments to the first of them.
pub(super) fn index(
    parser: &mut Parser<'_>,
    at: u64,
    shifts: &Shifts,
    patches: &mut Patches,
) -> Result<(), FormatError> {
    let window = &mut parser.walk.window;
    let sidx = IsoBox::read(window, at, parser.source.size())?;
    let [version, _, _, _] = window.array(sidx.body.start)?;
    let (start, width) = if version == 0 { (sidx.body.start + 16, 4) } else { (sidx.body.start + 20, 8) };
    let first = number(window.bytes(start, width)?);
    let past = FormatError::malformed(start, "an offset past the end of any file");
    let anchor = sidx.span.end.checked_add(first).ok_or(past.clone())?;
    let list = start + width as u64;
    let [_, _, a, b] = window.array(list)?;
    let mut end = anchor;
    for entry in 0..u64::from(u16::from_be_bytes([a, b])) {
        let size = u32::from_be_bytes(window.array(list + 4 + 12 * entry)?) & 0x7FFF_FFFF;
        end = end.saturating_add(size.into());
    }
    if shifts
        .steps()
        .any(|step| anchor < step.end && step.start < end && step != (Span { start: anchor, end: anchor }))
    {
        return Err(FormatError::unsupported(at, "changes of length within an indexed segment"));
    }
    let distance =
        shifts.moved(anchor)?.checked_sub(shifts.moved(sidx.span.start)? + sidx.span.len()).ok_or(past)?;
    if distance != first {
        let over = FormatError::unsupported(start, "segments so far from their index");
        let new = if width == 8 {
            distance.to_be_bytes().to_vec()
        } else {
            u32::try_from(distance).map_err(|_| over)?.to_be_bytes().to_vec()
        };
        patches.put(Span { start, end: list }, new, &[]);
    }
    Ok(())
}
