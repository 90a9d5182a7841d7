use super::tag::unsynchsafe;
use indicia_core::{FormatError, Problem, Span, Window};

/// One frame of an ID3v2 tag: an identifier, a size, flags, a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Identifier; three letters and a zero in ID3v2.2.
    pub(crate) id: [u8; 4],
    /// Header and body.
    pub(crate) span: Span,
    /// What the body holds, after the fields that the flags call for.
    pub(crate) content: Span,
    /// Whether a zero was put after every 0xFF that could start a sync word.
    pub(crate) unsynchronised: bool,
    /// Whether the content is a zlib stream.
    pub(crate) compressed: bool,
    /// Whether the content is encrypted.
    pub(crate) encrypted: bool,
}

/// The frames of a tag, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) frames: Vec<Frame>,
    /// Where the frames end and the padding begins.
    pub(super) end: u64,
    pub(super) damage: Option<FormatError>,
}

impl Frame {
    /// The identifier without filling.
    pub(crate) fn name(&self) -> &str {
        let letters = self.id.split(|byte| matches!(byte, 0 | b' ')).next().unwrap_or_default();
        std::str::from_utf8(letters).unwrap_or_default()
    }
}

/// Bytes of a frame header.
fn header_len(version: u8) -> u64 {
    if version == 2 { 6 } else { 10 }
}

/// Walks the frames in `area`.
///
/// # Errors
/// If the source cannot be read, or there are more than `most` frames.
pub(super) fn walk(
    window: &mut Window<'_>,
    area: Span,
    version: u8,
    most: usize,
) -> Result<Frames, FormatError> {
    let mut found = Frames { end: area.start, ..Frames::default() };
    let header = header_len(version);
    while found.end + header <= area.end {
        let at = found.end;
        let Some((id, size, flags)) = read_header(window, at, version)? else {
            break;
        };
        if found.frames.len() >= most {
            return Err(FormatError::new(
                at,
                Problem::OverLimit { what: "frames in a tag", limit: most as u64 },
            ));
        }
        let size = match size {
            Size::Certain(size) => size,
            Size::Either(usual, other) => {
                let fits =
                    |window: &mut Window<'_>, size| ends_well(window, at + header, size, area, version);
                // Some programs write the size of ID3v2.4 as in 2.3 and the other way round.
                if !fits(window, usual)? && fits(window, other)? { other } else { usual }
            }
        };
        let end = at + header + u64::from(size);
        if end > area.end {
            found.damage = Some(FormatError::malformed(at, "an ID3 frame longer than its tag"));
            return Ok(found);
        }
        found.frames.push(place(id, Span { start: at, end }, version, flags));
        found.end = end;
    }
    // What follows the last frame is padding: zeros. A look at its start tells it from a broken frame.
    let left = usize::try_from(area.end - found.end).unwrap_or(usize::MAX);
    if window.up_to(found.end, left.min(10))?.iter().any(|byte| *byte != 0) {
        found.damage = Some(FormatError::malformed(found.end, "neither an ID3 frame nor padding"));
    }
    Ok(found)
}

enum Size {
    Certain(u32),
    Either(u32, u32),
}

/// Identifier, size and flags; `None` where no frame starts.
fn read_header(
    window: &mut Window<'_>,
    at: u64,
    version: u8,
) -> Result<Option<([u8; 4], Size, u8)>, FormatError> {
    if version == 2 {
        let [a, b, c, size @ ..] = window.array::<6>(at)?;
        let [high, middle, low] = size;
        let id = [a, b, c, 0];
        let size = u32::from_be_bytes([0, high, middle, low]);
        return Ok(is_id(id).then_some((id, Size::Certain(size), 0)));
    }
    let [a, b, c, d, e, f, g, h, _, flags] = window.array::<10>(at)?;
    let (id, size) = ([a, b, c, d], [e, f, g, h]);
    let plain = u32::from_be_bytes(size);
    let size = match (unsynchsafe(size), version) {
        (Some(safe), _) if safe == plain => Size::Certain(plain),
        (Some(safe), 4) => Size::Either(safe, plain),
        (Some(safe), _) => Size::Either(plain, safe),
        (None, _) => Size::Certain(plain),
    };
    Ok(is_id(id).then_some((id, size, flags)))
}

/// Three capitals or digits, then one more, or the filling that programs put after an ID3v2.2 identifier.
fn is_id(id: [u8; 4]) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let [a, b, c, d] = id;
    letter(a) && letter(b) && letter(c) && (letter(d) || d == 0 || d == b' ')
}

/// Whether a body of this size is followed by another frame, by padding or by the end of the tag.
fn ends_well(
    window: &mut Window<'_>,
    body: u64,
    size: u32,
    area: Span,
    version: u8,
) -> Result<bool, FormatError> {
    let end = body + u64::from(size);
    if end + header_len(version) > area.end {
        return Ok(end == area.end);
    }
    let next = window.array::<4>(end)?;
    Ok(next == [0; 4] || is_id(next))
}

/// Reads the flags: which fields stand before the content.
fn place(id: [u8; 4], span: Span, version: u8, flags: u8) -> Frame {
    let bit = |mask: u8| flags & mask != 0;
    let (compressed, encrypted, unsynchronised, fields) = match version {
        // Compression brings the size before it; encryption and grouping a byte each.
        3 => (
            bit(0x80),
            bit(0x40),
            false,
            4 * u64::from(bit(0x80)) + u64::from(bit(0x40)) + u64::from(bit(0x20)),
        ),
        // The size before compression has a flag of its own here.
        4 => (
            bit(0x08),
            bit(0x04),
            bit(0x02),
            u64::from(bit(0x40)) + u64::from(bit(0x04)) + 4 * u64::from(bit(0x01)),
        ),
        _ => (false, false, false, 0),
    };
    let start = (span.start + header_len(version) + fields).min(span.end);
    Frame { id, span, content: Span { start, end: span.end }, unsynchronised, compressed, encrypted }
}
