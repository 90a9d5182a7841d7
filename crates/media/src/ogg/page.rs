//! Pages: a header with a list of segment lengths, then the segments.

use std::sync::LazyLock;

use indicia_core::{FormatError, Problem, Source, Span, Window};

/// Starts a page.
pub(super) const CAPTURE: &[u8; 4] = b"OggS";
/// Bytes of a header before the segment lengths.
pub(super) const HEADER: usize = 27;
/// Longest page: header, 255 lengths, 255 segments of 255 bytes.
pub(super) const LONGEST: usize = HEADER + 255 + 255 * 255;

/// The first packet of the page began on an earlier one.
pub(super) const CONTINUED: u8 = 1;
/// The first page of its stream.
pub(super) const FIRST: u8 = 2;
/// The last page of its stream.
pub(super) const LAST: u8 = 4;
/// The position on a page on which no packet ends.
pub(super) const NO_POSITION: u64 = u64::MAX;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Header and body.
    pub(super) span: Span,
    pub(super) body: Span,
    pub(super) flags: u8,
    /// In the codec's own unit, at the end of the last packet that ends here.
    pub(super) position: u64,
    pub(super) serial: u32,
    pub(super) sequence: u32,
    /// Lengths of the segments; 255 means that the packet goes on.
    pub(super) lacing: Vec<u8>,
}

impl Page {
    /// Reads the header at `at`.
    ///
    /// # Errors
    /// If no page starts there, or it is not whole.
    pub(super) fn read(window: &mut Window<'_>, at: u64) -> Result<Self, FormatError> {
        let size = window.size();
        let near = window.up_to(at, HEADER)?;
        let begins = near.get(..4).unwrap_or(near);
        if !CAPTURE.starts_with(begins) {
            return Err(FormatError::malformed(at, "no Ogg page where one should start"));
        }
        if near.len() < HEADER {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        let [version, flags] = window.array(at + 4)?;
        if version != 0 {
            return Err(FormatError::unsupported(at, "this version of Ogg"));
        }
        let position = u64::from_le_bytes(window.array(at + 6)?);
        let serial = u32::from_le_bytes(window.array(at + 14)?);
        let sequence = u32::from_le_bytes(window.array(at + 18)?);
        let [count] = window.array(at + 26)?;
        let lacing = window.bytes(at + 27, count.into())?.to_vec();
        let start = at + HEADER as u64 + u64::from(count);
        let end = start + lacing.iter().map(|len| u64::from(*len)).sum::<u64>();
        if end > size {
            return Err(FormatError::new(at, Problem::Truncated));
        }
        let (span, body) = (Span { start: at, end }, Span { start, end });
        Ok(Self { span, body, flags, position, serial, sequence, lacing })
    }

    /// Whether a packet ends where the page does.
    pub(super) fn ends_packet(&self) -> bool {
        self.lacing.last().is_some_and(|len| *len < 255)
    }

    /// The header with these bytes after it.
    pub(super) fn header(&self, body: &[u8]) -> Vec<u8> {
        let mut bytes = [&CAPTURE[..], &[0, self.flags], &self.position.to_le_bytes()].concat();
        bytes.extend(self.serial.to_le_bytes());
        bytes.extend(self.sequence.to_le_bytes());
        let crc_at = bytes.len();
        bytes.extend([0; 4]);
        bytes.extend(u8::try_from(self.lacing.len()));
        bytes.extend_from_slice(&self.lacing);
        let crc = crc32(crc32(0, &bytes), body).to_le_bytes();
        if let Some(place) = bytes.get_mut(crc_at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = crc;
        }
        bytes
    }

    /// The body, once its checksum is found right.
    ///
    /// # Errors
    /// If it is wrong, or the source cannot be read.
    pub(super) fn checked_body(&self, source: &dyn Source) -> Result<Vec<u8>, FormatError> {
        let at = self.span.start;
        let len = usize::try_from(self.span.len()).unwrap_or(LONGEST).min(LONGEST);
        let mut bytes = vec![0; len];
        source.read_at(at, &mut bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
        let body = bytes.split_off(usize::try_from(self.body.start - at).unwrap_or(0).min(len));
        if self.header(&body) != bytes {
            return Err(FormatError::malformed(at, "the checksum of an Ogg page"));
        }
        Ok(body)
    }
}

/// What each byte does to the checksum.
static TABLE: LazyLock<[u32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let byte = u32::try_from(byte).unwrap_or(0) << 24;
        (0..8).fold(byte, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 })
    })
});

/// The checksum of bytes that follow others with the checksum `before`: CRC-32 with the polynomial 0x04C11DB7,
/// highest bit first, from zero (RFC 3533, 6).
pub(super) fn crc32(before: u32, bytes: &[u8]) -> u32 {
    let table = &*TABLE;
    bytes.iter().fold(before, |crc, byte| {
        let [high, ..] = crc.to_be_bytes();
        crc << 8 ^ table.get(usize::from(high ^ byte)).copied().unwrap_or(0)
    })
}

/// The segment lengths of a packet.
pub(super) fn lacing(len: usize) -> Vec<u8> {
    let mut lacing = vec![255; len / 255];
    lacing.extend(u8::try_from(len % 255));
    lacing
}
