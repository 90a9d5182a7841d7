//! The frames one after another.
//!
//! A frame does not tell its length: it ends where its checksum is right and a header with the next number
//! follows, or at the end of the sound.

use super::checksum::crc16;
use super::frame::{FrameHeader, HEADER};
use super::stream_info::StreamInfo;
use indicia_core::{FormatError, Problem, Source, Span};

/// Bytes read at a time.
const STRIDE: usize = 1 << 18;

/// Frames being walked.
pub(super) struct Walk<'a> {
    source: &'a dyn Source,
    /// What was not read yet.
    unread: Span,
    /// Read, from the next frame's first byte on, after `used` bytes of earlier frames.
    bytes: Vec<u8>,
    used: usize,
    /// Place of the next frame in the file.
    at: u64,
    info: StreamInfo,
    /// The number that the next frame must have.
    number: Option<u64>,
    variable: Option<bool>,
}

/// One frame.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) header: FrameHeader,
    /// Where it is in the file, checksum included.
    pub(super) span: Span,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a dyn Source, frames: Span, info: StreamInfo) -> Self {
        let at = frames.start;
        Self { source, unread: frames, bytes: Vec::new(), used: 0, at, info, number: None, variable: None }
    }

    /// Where the next frame starts.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Reads on. False at the end.
    fn read_more(&mut self) -> Result<bool, FormatError> {
        let len = usize::try_from(self.unread.len()).unwrap_or(STRIDE).min(STRIDE);
        if len == 0 {
            return Ok(false);
        }
        self.bytes.drain(..self.used);
        self.used = 0;
        let from = self.bytes.len();
        self.bytes.resize(from + len, 0);
        let at = self.unread.start;
        let fresh = self.bytes.get_mut(from..).unwrap_or_default();
        self.source.read_at(at, fresh).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
        self.unread.start += len as u64;
        Ok(true)
    }

    fn left(&self) -> &[u8] {
        self.bytes.get(self.used..).unwrap_or_default()
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// If what follows is no frame, or one that is not whole.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, FormatError> {
        while self.left().len() < HEADER && self.read_more()? {}
        if self.left().is_empty() {
            return Ok(None);
        }
        let broken = FormatError::malformed(self.at, "a FLAC frame");
        let header = FrameHeader::at(self.left())
            .filter(|header| self.number.is_none_or(|number| number == header.number))
            .filter(|header| self.variable.is_none_or(|variable| variable == header.variable))
            .ok_or(broken.clone())?;
        let most = self.info.longest_frame().max(1 << 16);
        // The checksum of the bytes before `checked`.
        let (mut crc, mut checked) = (0, 0);
        let mut from = header.len + 2;
        let len = loop {
            let bytes = self.left();
            let complete = self.unread.is_empty();
            let sight = if complete { bytes.len() } else { bytes.len().saturating_sub(HEADER) };
            let mut found = None;
            for at in memchr::memchr_iter(0xFF, bytes.get(from..sight).unwrap_or_default()) {
                let end = from + at;
                let follows = FrameHeader::at(bytes.get(end..).unwrap_or_default()).is_some_and(|next| {
                    next.variable == header.variable && next.number == header.next_number()
                });
                if follows {
                    crc = crc16(crc, bytes.get(checked..end).unwrap_or_default());
                    checked = end;
                    if crc == 0 {
                        found = Some(end);
                        break;
                    }
                }
            }
            if let Some(end) = found {
                break end;
            }
            from = from.max(sight);
            if complete {
                crc = crc16(crc, bytes.get(checked..).unwrap_or_default());
                if crc != 0 || bytes.len() <= header.len + 2 {
                    return Err(broken);
                }
                break bytes.len();
            }
            if from > most {
                return Err(broken);
            }
            self.read_more()?;
        };
        let bytes = self.left().get(..len).unwrap_or_default().to_vec();
        let span = Span { start: self.at, end: self.at + len as u64 };
        self.used += len;
        self.at = span.end;
        self.number = Some(header.next_number());
        self.variable = Some(header.variable);
        Ok(Some(Frame { header, span, bytes }))
    }
}
