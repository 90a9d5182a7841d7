//! Lines of a file that may be damaged, each from a byte on.

use crate::entry::LONGEST;
use crate::error::LogError;
use crate::files::Part;

/// Bytes read at once.
const BLOCK: usize = 1 << 18;

/// A window over a file.
pub(super) struct Lines {
    start: u64,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { start: 0, bytes: Vec::new() }
    }

    /// The line that begins at a byte, without its end, and the byte behind it. What is longer than a line can be is cut.
    pub(super) fn line(&mut self, part: &mut Part, at: u64) -> Result<(Vec<u8>, u64), LogError> {
        let mut wanted = 4096;
        loop {
            let bytes = self.window(part, at, wanted)?;
            if let Some(length) = bytes.iter().position(|byte| *byte == b'\n') {
                return Ok((bytes.get(..length).unwrap_or_default().to_vec(), at + length as u64 + 1));
            }
            if bytes.len() < wanted || wanted > LONGEST {
                return Ok((bytes.to_vec(), at + bytes.len() as u64));
            }
            wanted *= 4;
        }
    }

    /// The bytes from one to behind another, as far as there are.
    pub(super) fn bytes(&mut self, part: &mut Part, from: u64, to: u64) -> Result<Vec<u8>, LogError> {
        let length = usize::try_from(to.saturating_sub(from)).unwrap_or_default();
        let bytes = self.window(part, from, length)?;
        Ok(bytes.get(..length).unwrap_or(bytes).to_vec())
    }

    /// At least so many bytes from one on, if there are so many.
    fn window(&mut self, part: &mut Part, at: u64, wanted: usize) -> Result<&[u8], LogError> {
        let offset = at.checked_sub(self.start).and_then(|offset| usize::try_from(offset).ok());
        let held = offset.and_then(|offset| self.bytes.get(offset..)).map_or(0, <[u8]>::len);
        if held < wanted || offset.is_none() {
            self.bytes.resize(wanted.max(BLOCK), 0);
            let read = part.read(at, &mut self.bytes)?;
            self.bytes.truncate(read);
            self.start = at;
            return Ok(&self.bytes);
        }
        Ok(offset.and_then(|offset| self.bytes.get(offset..)).unwrap_or_default())
    }
}
