use indicia_core::{FormatError, Problem, Span, Window};

/// Start of image.
pub(super) const SOI: u8 = 0xD8;
/// End of image.
pub(super) const EOI: u8 = 0xD9;
/// Start of scan.
pub(super) const SOS: u8 = 0xDA;
/// Comment.
pub(super) const COM: u8 = 0xFE;
/// Most bytes after the length field of a segment, which counts its own two.
pub(super) const LARGEST_BODY: usize = 65_533;
/// Most fill bytes read before a marker. Writers put one or two, for alignment.
const FILL: u64 = 1024;
/// Bytes of coded data searched at a time.
const BLOCK: u64 = 64 << 10;

/// A marker with its segment (ITU-T T.81, B.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// The byte after 0xFF.
    pub(super) code: u8,
    /// Fill bytes, marker, length and body.
    pub(super) span: Span,
    /// What follows the length; empty for markers that stand alone.
    pub(super) body: Span,
}

impl Marker {
    /// Reads the marker at `at`; `None` if there is none.
    ///
    /// # Errors
    /// [`Problem::Truncated`] if its segment runs past the end of the file, [`Problem::Malformed`] if its
    /// length is less than its own field.
    pub(super) fn read(window: &mut Window<'_>, at: u64) -> Result<Option<Self>, FormatError> {
        if window.array(at)? != [0xFF] {
            return Ok(None);
        }
        let mut mark = at + 1;
        let code = loop {
            match window.array(mark).map_err(|err| FormatError::new(at, err.problem))? {
                [0xFF] if mark - at < FILL => mark += 1,
                [0xFF] => return Err(FormatError::malformed(at, "fill bytes without a marker")),
                [0] => return Ok(None),
                [code] => break code,
            }
        };
        let start = mark + 1;
        if matches!(code, 0x01 | 0xD0..=EOI) {
            let span = Span { start: at, end: start };
            return Ok(Some(Self { code, span, body: Span { start, end: start } }));
        }
        let len = window.array(start).map_err(|err| FormatError::new(at, err.problem))?;
        let len = u64::from(u16::from_be_bytes(len));
        if len < 2 {
            return Err(FormatError::malformed(start, "segment shorter than its length field"));
        }
        let body = Span { start: start + 2, end: start + len };
        if body.end > window.size() {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        Ok(Some(Self { code, span: Span { start: at, end: body.end }, body }))
    }

    /// Its name in ITU-T T.81; the number of an APP segment is one hexadecimal digit.
    pub(super) fn name(self) -> [u8; 4] {
        let digit = *b"0123456789ABCDEF".get(usize::from(self.code & 15)).unwrap_or(&b'?');
        match self.code {
            0x01 => *b"TEM ",
            0xC4 => *b"DHT ",
            0xC8 => *b"JPG ",
            0xCC => *b"DAC ",
            0xC0..=0xCF => [b'S', b'O', b'F', digit],
            0xD0..=0xD7 => [b'R', b'S', b'T', digit],
            SOI => *b"SOI ",
            EOI => *b"EOI ",
            SOS => *b"SOS ",
            0xDB => *b"DQT ",
            0xDC => *b"DNL ",
            0xDD => *b"DRI ",
            0xDE => *b"DHP ",
            0xDF => *b"EXP ",
            0xE0..=0xEF => [b'A', b'P', b'P', digit],
            COM => *b"COM ",
            _ => *b"JPGn",
        }
    }
}

/// A new segment: marker, length, body.
///
/// # Errors
/// [`Problem::OverLimit`] if the body is too long for a 16-bit length.
pub(super) fn segment(code: u8, header: &[u8], body: &[u8]) -> Result<Vec<u8>, FormatError> {
    let len = header.len() + body.len();
    let over = Problem::OverLimit { what: "bytes in a JPEG segment", limit: LARGEST_BODY as u64 };
    let field = u16::try_from(len + 2).map_err(|_| FormatError::new(0, over))?;
    Ok([&[0xFF, code], field.to_be_bytes().as_slice(), header, body].concat())
}

/// Where the next marker after `from` starts, fill bytes included, or the end of the file; and whether only zeros stand before
/// it. Stuffed zeros and restart markers belong to the coded data.
///
/// Progressive pictures have many short scans, so what is held after one is searched for the next.
///
/// # Errors
/// [`Problem::Io`] if the system cannot read.
pub(super) fn next(window: &mut Window<'_>, from: u64) -> Result<(u64, bool), FormatError> {
    let (mut at, mut zeros) = (from, true);
    loop {
        let left = window.size().saturating_sub(at).min(BLOCK);
        let block = usize::try_from(left).unwrap_or(0);
        let held = window.held(at, block)?;
        if held.is_empty() {
            return Ok((at, false));
        }
        let (done, found) = find(held);
        let (coded, open) = held.split_at_checked(done).unwrap_or((held, &[]));
        zeros = zeros && coded.iter().all(|byte| *byte == 0);
        at += done as u64;
        match open.len() {
            _ if found => return Ok((at, zeros)),
            0 => {}
            open if done == 0 && open >= block => at += open as u64,
            // 0xFF at the end of the block: what follows decides, so it is fetched together with that.
            _ => drop(window.up_to(at, block)?),
        }
    }
}

/// Bytes that are asked at once whether a marker starts in them.
const STRIDE: usize = 128;

/// The offset of the first marker, and true; else of the 0xFF bytes that end the block, and false.
fn find(block: &[u8]) -> (usize, bool) {
    let mut at = 0;
    loop {
        let rest = block.get(at..).unwrap_or_default();
        let plain = rest.chunks_exact(STRIDE).zip(rest.get(1..).unwrap_or_default().chunks_exact(STRIDE));
        let skipped = plain.take_while(|(bytes, next)| !may_start(bytes, next)).count() * STRIDE;
        let rest = rest.get(skipped..).unwrap_or_default();
        at += skipped;
        let Some(hit) = memchr::memchr(0xFF, rest) else { return (block.len(), false) };
        let run = rest.iter().skip(hit).take_while(|byte| **byte == 0xFF).count();
        match rest.get(hit + run) {
            None => return (at + hit, false),
            Some(0 | 0xD0..=0xD7) => at += hit + run + 1,
            Some(_) => return (at + hit, true),
        }
    }
}

/// Whether one of these bytes, each with the one after it, is neither coded data nor a restart marker.
/// Coded data has a stuffed 0xFF every few hundred bytes: without a branch for each, compilers vectorise this.
fn may_start(bytes: &[u8], next: &[u8]) -> bool {
    let odd = |(byte, next): (&u8, &u8)| u8::from((*byte == 0xFF) & (*next != 0) & (*next & 0xF8 != 0xD0));
    bytes.iter().zip(next).map(odd).fold(0, |any, one| any | one) != 0
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, STRIDE, find, next};
    use indicia_core::Window;

    /// The same answer, a byte at a time.
    fn plain(block: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(hit) = block.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xFF)) {
            let start = at + hit;
            let after = block[start..].iter().position(|byte| *byte != 0xFF).map(|run| start + run);
            match after {
                None => return (start, false),
                Some(end) if matches!(block[end], 0 | 0xD0..=0xD7) => at = end + 1,
                Some(_) => return (start, true),
            }
        }
        (block.len(), false)
    }

    #[test]
    fn a_marker_is_found_wherever_it_starts() {
        for size in [STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE + 2] {
            for at in 0..size {
                for odd in
                    [&b"\xFF\xD9"[..], b"\xFF\xFF\xD9", b"\xFF", b"\xFF\xFF", b"\xFF\xFF\0", b"\xFF\xD7"]
                {
                    let mut block: Vec<u8> =
                        b"ab\xFF\0c\xFF\xD3".iter().copied().cycle().take(size).collect();
                    block.splice(at..(at + odd.len()).min(size), odd.iter().copied());
                    assert_eq!(find(&block), plain(&block), "{size} {at} {odd:x?}");
                }
            }
        }
    }

    #[test]
    fn a_marker_is_found_across_the_border_of_two_blocks() {
        let border = usize::try_from(BLOCK).unwrap();
        for at in border - 4..border + 3 {
            for run in [1, 2, 3, 5] {
                let mut bytes = vec![7; border + 300];
                bytes[at..at + run].fill(0xFF);
                for (end, is_marker) in [(0xD9, true), (0, false), (0xD3, false)] {
                    bytes[at + run] = end;
                    let last = bytes.len() - 10;
                    bytes[last..last + 2].copy_from_slice(b"\xFF\xDA");
                    let mut window = Window::new(&bytes);
                    let first = next(&mut window, 3).unwrap().0;
                    assert_eq!(first, if is_marker { at } else { last } as u64, "{at} {run} {end}");
                    // The next search goes on in what is held.
                    let resumed = next(&mut window, (at + run) as u64).unwrap().0;
                    assert_eq!(resumed, last as u64, "{at} {run} {end}");
                }
            }
        }
    }
}
