//! The chunks of a WebP file that hold pictures: stills, the frames of an animation, and their headers.

use crate::riff::{self, Chunk};
use crate::{Layout, Role};
use indicia_core::{FormatError, Source, Span, Window};

/// Flags of the `VP8X` chunk (RFC 9649 section 2.7).
pub(crate) const ANIMATED: u8 = 0x02;
/// There is an `XMP ` chunk.
pub(crate) const XMP: u8 = 0x04;
/// There is an `EXIF` chunk.
pub(crate) const EXIF: u8 = 0x08;
/// Some frame has transparency.
pub(crate) const ALPHA: u8 = 0x10;

/// One coded picture: a still, or a frame of an animation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coded {
    /// The index of its segment: that of the frame, or of the chunk with the colours.
    pub(crate) segment: usize,
    /// The body of its `ALPH` chunk.
    pub(crate) alpha: Option<Span>,
    /// The body of its `VP8 ` or `VP8L` chunk.
    pub(crate) colours: Span,
    /// Whether it is `VP8L`.
    pub(crate) lossless: bool,
    /// Whether it has transparency.
    pub(crate) transparent: bool,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
    /// How it is placed; `None` for a still.
    pub(crate) frame: Option<Placing>,
}

/// How a frame stands on the canvas and in time (RFC 9649 section 2.7.1.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    /// Columns from the left.
    pub(crate) x: u32,
    /// Rows from the top.
    pub(crate) y: u32,
    /// Length in milliseconds, as coded.
    pub(crate) duration: [u8; 3],
    /// Whether it replaces what is below instead of being blended with it.
    pub(crate) opaque: bool,
    /// Whether its place is cleared after it.
    pub(crate) cleared: bool,
}

/// The pictures of a file and the canvas they are shown on.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    /// Width of the canvas in pixels.
    pub(crate) width: u32,
    /// Height of the canvas in pixels.
    pub(crate) height: u32,
    /// The flags of the `VP8X` chunk, if there is one.
    pub(crate) flags: Option<u8>,
    /// At least one; more only in an animation.
    pub(crate) coded: Vec<Coded>,
}

impl Pictures {
    /// Finds the pictures in a file.
    ///
    /// # Errors
    /// If there is none, or a header contradicts the others: with the file's damage, if that is why.
    pub(crate) fn read(source: &dyn Source, layout: &Layout) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let none = || layout.damage.clone().unwrap_or(FormatError::malformed(source.size(), "no picture"));
        let mut extended = None;
        let mut alpha = None;
        let mut still = None;
        let mut frames = Vec::new();
        for (segment, part) in layout.segments.iter().enumerate() {
            if part.role == Role::Unknown {
                continue;
            }
            match &part.name {
                b"VP8X" if extended.is_none() => {
                    let body = Chunk::read(&mut window, part.span.start, None)?.body;
                    let [flags, _, _, _, size @ ..]: [u8; 10] = window.array(body.start)?;
                    let [a, b, c, d, e, f] = size;
                    extended = Some((flags, number([a, b, c]) + 1, number([d, e, f]) + 1));
                }
                b"ALPH" if still.is_none() => {
                    alpha = Some(Chunk::read(&mut window, part.span.start, None)?.body);
                }
                b"VP8 " | b"VP8L" if still.is_none() => {
                    let chunk = Chunk::read(&mut window, part.span.start, None)?;
                    still = Some(coded(&mut window, segment, alpha, chunk)?);
                }
                b"ANMF" => frames.push(frame(&mut window, segment, part.span.start)?),
                _ => {}
            }
        }
        let animated = extended.is_some_and(|(flags, ..)| flags & ANIMATED != 0);
        let coded = if animated { frames } else { still.into_iter().collect() };
        let first = coded.first().ok_or_else(none)?;
        let (width, height) =
            extended.map_or((first.width, first.height), |(_, width, height)| (width, height));
        for one in &coded {
            let (x, y) = one.frame.map_or((0, 0), |frame| (frame.x, frame.y));
            let fits = x + one.width <= width && y + one.height <= height;
            if !fits || (one.frame.is_none() && (one.width, one.height) != (width, height)) {
                return Err(FormatError::malformed(one.colours.start, "frame outside of the canvas"));
            }
        }
        Ok(Self { width, height, flags: extended.map(|(flags, ..)| flags), coded })
    }
}

/// A number of three bytes.
fn number([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// A frame of an animation.
fn frame(window: &mut Window<'_>, segment: usize, at: u64) -> Result<Coded, FormatError> {
    let whole = Chunk::read(window, at, None)?.body;
    let broken = FormatError::malformed(at, "ANMF chunk");
    if whole.len() < 16 {
        return Err(broken);
    }
    let [x0, x1, x2, y0, y1, y2, _, _, _, _, _, _, d0, d1, d2, flags]: [u8; 16] =
        window.array(whole.start)?;
    let placing = Placing {
        x: 2 * number([x0, x1, x2]),
        y: 2 * number([y0, y1, y2]),
        duration: [d0, d1, d2],
        opaque: flags & 2 != 0,
        cleared: flags & 1 != 0,
    };
    let mut alpha = None;
    let mut at = whole.start + 16;
    while at < whole.end {
        let chunk = Chunk::read(window, at, None)?;
        if chunk.body.end > whole.end {
            return Err(broken);
        }
        match &chunk.id {
            b"ALPH" => alpha = Some(chunk.body),
            b"VP8 " | b"VP8L" => {
                return Ok(Coded { frame: Some(placing), ..coded(window, segment, alpha, chunk)? });
            }
            _ => {}
        }
        at = chunk.span.end;
    }
    Err(broken)
}

/// Reads the size of a picture from its own header (RFC 6386 section 9.1, RFC 9649 section 3.4).
fn coded(
    window: &mut Window<'_>,
    segment: usize,
    alpha: Option<Span>,
    chunk: Chunk,
) -> Result<Coded, FormatError> {
    let colours = chunk.body;
    let broken = |what| FormatError::malformed(colours.start, what);
    let lossless = chunk.id == *b"VP8L";
    let (width, height, transparent);
    if lossless {
        if colours.len() < 5 {
            return Err(broken("VP8L header"));
        }
        let [signature, bits @ ..]: [u8; 5] = window.array(colours.start)?;
        let bits = u32::from_le_bytes(bits);
        if signature != 0x2F || bits >> 29 != 0 {
            return Err(broken("VP8L header"));
        }
        (width, height) = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
        transparent = bits & (1 << 28) != 0;
    } else {
        if colours.len() < 10 {
            return Err(broken("VP8 header"));
        }
        let [tag, _, _, a, b, c, w0, w1, h0, h1]: [u8; 10] = window.array(colours.start)?;
        if tag & 1 != 0 || [a, b, c] != [0x9D, 0x01, 0x2A] {
            return Err(broken("VP8 header"));
        }
        let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
        (width, height) = (size(w0, w1), size(h0, h1));
        if width == 0 || height == 0 {
            return Err(broken("picture without pixels"));
        }
        transparent = alpha.is_some();
    }
    let alpha = alpha.filter(|_| !lossless);
    Ok(Coded { segment, alpha, colours, lossless, transparent, width, height, frame: None })
}

/// A `VP8X` chunk.
///
/// # Errors
/// Never: its body is short.
pub(crate) fn extended(flags: u8, width: u32, height: u32) -> Result<Vec<u8>, FormatError> {
    let mut body = vec![flags, 0, 0, 0];
    for side in [width, height] {
        body.extend_from_slice(three(side.saturating_sub(1)).as_slice());
    }
    riff::chunk(*b"VP8X", &body)
}

/// The low three bytes of a number.
pub(crate) fn three(value: u32) -> [u8; 3] {
    let [a, b, c, _] = value.to_le_bytes();
    [a, b, c]
}
