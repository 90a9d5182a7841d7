//! Sound that is not coded, read a bounded number of frames at a time.

use indicia_core::{FormatError, Problem, Source, Span};

/// Most frames read at a time.
const FRAMES: u64 = 1 << 14;

/// Most bytes read at a time, however many channels there are, but for one frame.
const BYTES: u64 = 1 << 20;

/// Reads the next whole frames of this size into `bytes`, and takes them off `rest`; false if none is left.
///
/// # Errors
/// What the system says.
pub(crate) fn read_frames(
    source: &dyn Source,
    rest: &mut Span,
    frame: u64,
    bytes: &mut Vec<u8>,
) -> Result<bool, FormatError> {
    let frames = (rest.len() / frame).min(FRAMES).min((BYTES / frame).max(1));
    let at = rest.start;
    // Bounded by BYTES, or one frame of at most 64 Ki samples.
    let len = usize::try_from(frames * frame)
        .map_err(|_| FormatError::new(at, Problem::OverLimit { what: "bytes in one block", limit: BYTES }))?;
    bytes.resize(len, 0);
    source.read_at(at, bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
    rest.start += len as u64;
    Ok(len > 0)
}
