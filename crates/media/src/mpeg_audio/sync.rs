//! Finding the frames of MPEG audio among other bytes.
//!
//! Two bytes of sync turn up by chance once in 2048 places, so no header is believed alone.

use super::header::FrameHeader;
use indicia_core::{FormatError, Window};

/// Bytes needed to see a frame and the header of the next: the longest frame is 2881 bytes.
pub(crate) const SIGHT: usize = 4096;
/// Bytes looked at a time.
const STRIDE: usize = 1 << 16;
/// Most bytes of junk before the first frame: a wrong tag size may leave a whole picture there.
const JUNK: u64 = 4 << 20;

/// The header of the frame that starts here, if `count` frames in all follow one another.
///
/// `complete` says that the sound ends where the bytes end: then fewer will do, if they end there too.
pub(crate) fn frames_at(bytes: &[u8], count: u32, complete: bool) -> Option<FrameHeader> {
    let first = FrameHeader::at(bytes)?;
    let step = match first.len() {
        Some(len) => len,
        None => free_format_step(bytes, &first)?,
    };
    let mut at = step;
    for _ in 1..count {
        let rest = bytes.get(at..)?;
        if rest.is_empty() && complete {
            break;
        }
        let next = FrameHeader::at(rest).filter(|next| next.goes_with(&first))?;
        at += next.len().unwrap_or(step - slots(&first) + slots(&next));
    }
    Some(first)
}

/// Bytes of padding.
fn slots(header: &FrameHeader) -> usize {
    if header.padded { usize::try_from(header.slot()).unwrap_or(0) } else { 0 }
}

/// The length of a free-format frame: as far as the next header that stands again as far ahead.
fn free_format_step(bytes: &[u8], first: &FrameHeader) -> Option<usize> {
    let fits = |at: usize| bytes.get(at..).and_then(FrameHeader::at).filter(|next| next.goes_with(first));
    (4 + first.side_len()..SIGHT)
        .find(|&step| fits(step).is_some_and(|next| fits(2 * step - slots(first) + slots(&next)).is_some()))
}

/// Where the first frame starts in `from..end`, and its header.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn first_frame(
    window: &mut Window<'_>,
    from: u64,
    end: u64,
) -> Result<Option<(u64, FrameHeader)>, FormatError> {
    let left = |at: u64| usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
    let near = left(from).min(SIGHT);
    if let Some(header) = frames_at(window.up_to(from, near)?, 2, near == left(from)) {
        return Ok(Some((from, header)));
    }
    // Past junk, three frames in a row are asked for: a picture has more places than a head.
    let mut at = from;
    while at < end.min(from.saturating_add(JUNK)) {
        let len = left(at).min(STRIDE + 3 * SIGHT);
        let complete = len == left(at);
        let bytes = window.up_to(at, len)?;
        for place in memchr::memchr_iter(0xFF, bytes.get(..len.min(STRIDE)).unwrap_or(bytes)) {
            let rest = bytes.get(place..).unwrap_or_default();
            let near = rest.get(..3 * SIGHT).unwrap_or(rest);
            if let Some(header) = frames_at(near, 3, complete && near.len() == rest.len()) {
                return Ok(Some((at + place as u64, header)));
            }
        }
        at += STRIDE as u64;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{first_frame, frames_at};
    use indicia_core::Window;

    /// Frames with this header and nothing in them.
    fn frames(header: [u8; 4], len: usize, count: usize) -> Vec<u8> {
        let mut frame = header.to_vec();
        frame.resize(len, 0);
        frame.repeat(count)
    }

    #[test]
    fn one_header_alone_is_not_believed() {
        let two = frames([0xFF, 0xFB, 0x90, 0x64], 417, 2);
        assert!(frames_at(&two, 2, false).is_some());
        assert!(frames_at(&two[..418], 2, false).is_none(), "cut within the second header");
        assert!(frames_at(&two[..417], 2, true).is_some(), "the only frame of a file");
        assert!(frames_at(&two[..417], 2, false).is_none());
        let mut other = two.clone();
        other[418] = 0xF3; // MPEG-2 cannot follow MPEG-1
        assert!(frames_at(&other, 2, false).is_none());
    }

    #[test]
    fn free_format_frames_are_measured() {
        let free = frames([0xFF, 0xFB, 0x00, 0x64], 500, 3);
        assert_eq!(frames_at(&free, 2, false).unwrap().bit_rate, None);
        assert!(frames_at(&free[..999], 2, false).is_none());
    }

    #[test]
    fn junk_before_the_first_frame_is_passed_over() {
        let mut bytes = vec![0x55; 70_000];
        bytes[100..104].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x64]);
        bytes.extend(frames([0xFF, 0xF3, 0x40, 0xC4], 104, 3));
        let (at, header) = first_frame(&mut Window::new(&bytes), 0, bytes.len() as u64).unwrap().unwrap();
        assert_eq!((at, header.rate), (70_000, 22_050));
        let short = bytes.len() as u64 - 101;
        assert!(
            first_frame(&mut Window::new(&bytes), 0, short).unwrap().is_none(),
            "cut within the third header"
        );
    }
}
