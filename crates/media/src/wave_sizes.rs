//! The sizes of a WAVE file: 32-bit ones, those that a stream's writer left open, and the 64-bit ones of
//! RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088).

use crate::riff::{self, Chunk, HEADER};
use indicia_core::{FormatError, Problem, Span, Window};

/// Bytes of the file header: type, size, `WAVE`.
pub(crate) const FILE_HEADER: u64 = 12;

/// Least size of a `ds64` body.
pub(crate) const DS64: u64 = 28;

/// What the start of the file says of sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// `RIFF`, `RF64` or `BW64`.
    pub(crate) form: [u8; 4],
    /// Where the file says that it ends; `None` if it was written as a stream.
    pub(crate) end: Option<u64>,
    /// The chunk with 64-bit sizes.
    pub(crate) wide: Option<Wide>,
}

/// A `ds64` chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide {
    /// Its body.
    pub(crate) body: Span,
    /// Size of the `data` body.
    pub(crate) data: u64,
    /// Number of frames, 0 if not said.
    pub(crate) frames: u64,
}

impl Sizes {
    /// Reads the file header and the `ds64` chunk after it.
    ///
    /// # Errors
    /// If the file is too short for a header.
    pub(crate) fn read(window: &mut Window<'_>) -> Result<Self, FormatError> {
        let (form, size) = riff::header(window, 0)?;
        window.bytes(HEADER, 4)?;
        let mut sizes = Self { form, end: Some(HEADER + u64::from(size)), wide: None };
        if is_open(u64::from(size)) || size == 0 {
            sizes.end = None;
        }
        if form == *b"RIFF" || !matches!(riff::header(window, FILE_HEADER), Ok((id, _)) if id == *b"ds64") {
            return Ok(sizes);
        }
        let chunk = Chunk::read(window, FILE_HEADER, None)?;
        if chunk.body.len() < DS64 - 4 {
            return Err(FormatError::malformed(FILE_HEADER, "ds64 chunk"));
        }
        let mut number = |at| window.array(at).map(u64::from_le_bytes);
        let whole = number(chunk.body.start)?;
        if size == u32::MAX && whole != 0 && whole != u64::MAX {
            sizes.end = whole.checked_add(HEADER);
        }
        let data = number(chunk.body.start + 8)?;
        let frames = number(chunk.body.start + 16)?;
        sizes.wide = Some(Wide { body: chunk.body, data, frames });
        Ok(sizes)
    }

    /// Reads the chunk at `at` with the size that it really has.
    ///
    /// # Errors
    /// As [`Chunk::read`].
    pub(crate) fn chunk(&self, window: &mut Window<'_>, at: u64) -> Result<Chunk, FormatError> {
        let (id, written) = riff::header(window, at)?;
        let size = match self.wide {
            Some(wide) if written == u32::MAX && id == *b"data" => wide.data,
            Some(wide) if written == u32::MAX => wide.named(window, id)?.unwrap_or(written.into()),
            _ => u64::from(written),
        };
        if id == *b"data" && self.runs_to_the_end(window, at, size)? {
            // Nothing follows, so there is no padding to tell from samples.
            let span = Span { start: at, end: window.size() };
            return Ok(Chunk { id, span, body: Span { start: at + HEADER, end: window.size() } });
        }
        Chunk::read(window, at, Some(size))?.unpadded(window)
    }

    /// Whether the size of a `data` chunk is what a writer puts there that cannot go back to set it.
    fn runs_to_the_end(&self, window: &mut Window<'_>, at: u64, size: u64) -> Result<bool, FormatError> {
        let left = window.size().saturating_sub(at + HEADER);
        if size != 0 {
            return Ok(is_open(size) && size > left);
        }
        Ok(left > 0 && !riff::starts(window, at + HEADER)?)
    }
}

impl Wide {
    /// The size that the table at the end of the chunk gives for chunks of this type.
    fn named(&self, window: &mut Window<'_>, id: [u8; 4]) -> Result<Option<u64>, FormatError> {
        if self.body.len() < DS64 {
            return Ok(None);
        }
        let table = self.body.start + DS64;
        let count = u32::from_le_bytes(window.array(table - 4)?);
        for entry in 0..u64::from(count) {
            let at = table + 12 * entry;
            if at + 12 > self.body.end {
                return Err(FormatError::malformed(at, "ds64 table"));
            }
            if window.array::<4>(at)? == id {
                return window.array(at + 4).map(|size| Some(u64::from_le_bytes(size)));
            }
        }
        Ok(None)
    }
}

/// Whether a size stands for "not known yet": all ones, or the 2 GiB less a page that SoX and eSpeak NG
/// write to a pipe, each with or without the few bytes of headers.
fn is_open(size: u64) -> bool {
    matches!(size, 0x7FFF_E000..=0x7FFF_FFFF | 0xFFFF_FF00..=0xFFFF_FFFF | u64::MAX)
}

/// A `ds64` body without a table.
pub(crate) fn ds64(whole: u64, data: u64, frames: u64) -> Vec<u8> {
    let mut body = [whole, data, frames].map(u64::to_le_bytes).concat();
    body.extend_from_slice(&[0; 4]);
    body
}

/// Refuses a file that says it is longer than it is: a chunk may be lost.
///
/// A few bytes are let pass, since many writers count their own header in.
pub(crate) fn cut_off(sizes: &Sizes, size: u64) -> Option<FormatError> {
    let end = sizes.end?;
    (end > size.saturating_add(HEADER)).then(|| FormatError::new(size, Problem::Truncated))
}
