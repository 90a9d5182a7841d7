use super::codec::resynchronise;
use super::frame::{self, Frame};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// An ID3v2 tag cut into frames.
#[derive(Debug)]
pub(crate) struct Tag {
    /// The number after "2.": 2, 3 or 4.
    pub(crate) version: u8,
    /// All of it, footer included, cut off where the file ends.
    pub(crate) span: Span,
    /// Where it stands; decides whether it may be padded.
    pub(crate) place: Place,
    /// Its frames, in order.
    pub(crate) frames: Vec<Frame>,
    /// Where it stops being readable. Its end is known all the same.
    pub(crate) damage: Option<FormatError>,
    /// The flags of its header.
    pub(super) flags: u8,
    /// The extended header without its checksum, for a rewrite; ID3v2.4 only.
    pub(super) extended: Vec<u8>,
}

/// Where a tag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the sound, or in a chunk.
    Head,
    /// After the sound, found by its footer.
    Tail,
}

/// Unsynchronisation, of the whole tag.
pub(super) const UNSYNCHRONISED: u8 = 0x80;
/// An extended header follows; in ID3v2.2, the tag is compressed in a way that was never defined.
pub(super) const EXTENDED: u8 = 0x40;
/// A footer repeats the header.
pub(super) const FOOTER: u8 = 0x10;

/// A size of four times seven bits; `None` if a high bit is set.
pub(super) fn unsynchsafe(bytes: [u8; 4]) -> Option<u32> {
    let [a, b, c, d] = bytes.map(u32::from);
    ((a | b | c | d) < 0x80).then_some(a << 21 | b << 14 | c << 7 | d)
}

/// A size as four times seven bits.
///
/// # Errors
/// [`Problem::OverLimit`] if it takes more than 28 bits.
pub(super) fn synchsafe(size: u64) -> Result<[u8; 4], FormatError> {
    let limit = (1 << 28) - 1;
    if size > limit {
        return Err(FormatError::new(0, Problem::OverLimit { what: "bytes in an ID3 tag", limit }));
    }
    let [_, _, _, _, bytes @ ..] =
        ((size & 0x7F) | (size & 0x3F80) << 1 | (size & 0x1F_C000) << 2 | (size & 0xFE0_0000) << 3)
            .to_be_bytes();
    Ok(bytes)
}

/// What follows the tags that these bytes start with; `None` if they reach past the bytes.
pub(crate) fn skip(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while let Some([b'I', b'D', b'3', _, _, flags, size @ ..]) = rest.first_chunk::<10>() {
        let Some(size) = unsynchsafe(*size) else { break };
        let footer = if flags & FOOTER != 0 { 10 } else { 0 };
        rest = rest.get(10 + footer + usize::try_from(size).ok()?..)?;
    }
    Some(rest)
}

impl Tag {
    /// Reads the tag whose header stands at `at`, within `end`; `None` if there is none.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read(
        source: &dyn Source,
        window: &mut Window<'_>,
        at: u64,
        end: u64,
        limits: &Limits,
    ) -> Result<Option<Self>, FormatError> {
        if at + 10 > end {
            return Ok(None);
        }
        let [b'I', b'D', b'3', version, revision, flags, size @ ..] = window.array::<10>(at)? else {
            return Ok(None);
        };
        let Some(size) = unsynchsafe(size).filter(|_| version < 0xFF && revision < 0xFF) else {
            return Ok(None);
        };
        let footer = if version == 4 && flags & FOOTER != 0 { 10 } else { 0 };
        let body = Span { start: at + 10, end: (at + 10 + u64::from(size)).min(end) };
        let span = Span { start: at, end: (at + 10 + u64::from(size) + footer).min(end) };
        let mut tag = Self {
            version,
            span,
            place: Place::Head,
            frames: Vec::new(),
            damage: None,
            flags,
            extended: Vec::new(),
        };
        if !(2..=4).contains(&version) || version == 2 && flags & EXTENDED != 0 {
            tag.damage = Some(FormatError::unsupported(at, "this version of ID3, or its compression"));
            return Ok(Some(tag));
        }
        let read = if version < 4 && flags & UNSYNCHRONISED != 0 {
            tag.read_unsynchronised(source, body, limits)
        } else {
            tag.read_frames(window, body, limits)
        };
        match read {
            // Where the tag ends is known, so what follows it can be read even so.
            Err(err) if !matches!(err.problem, Problem::Io(_)) => tag.damage = Some(err),
            read => read?,
        }
        if flags & UNSYNCHRONISED != 0 {
            tag.frames.iter_mut().for_each(|frame| frame.unsynchronised = true);
        }
        if at + 10 + u64::from(size) + footer > end && tag.damage.is_none() {
            tag.damage = Some(FormatError::new(end, Problem::Truncated));
        }
        Ok(Some(tag))
    }

    /// Reads the tag whose footer ends at `end`, not before `start`; `None` if there is none.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read_back(
        source: &dyn Source,
        window: &mut Window<'_>,
        start: u64,
        end: u64,
        limits: &Limits,
    ) -> Result<Option<Self>, FormatError> {
        let Some(footer) = end.checked_sub(10).filter(|at| *at >= start) else {
            return Ok(None);
        };
        let [b'3', b'D', b'I', 4, _, _, size @ ..] = window.array::<10>(footer)? else {
            return Ok(None);
        };
        let at = unsynchsafe(size).and_then(|size| footer.checked_sub(u64::from(size) + 10));
        let Some(at) = at.filter(|at| *at >= start) else {
            return Ok(None);
        };
        let tag = Self::read(source, window, at, end, limits)?.filter(|tag| tag.span.end == end);
        Ok(tag.map(|tag| Self { place: Place::Tail, ..tag }))
    }

    /// Reads the extended header and the frames of a body.
    fn read_frames(
        &mut self,
        window: &mut Window<'_>,
        body: Span,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let mut area = body;
        if self.version > 2 && self.flags & EXTENDED != 0 {
            area.start = match self.read_extended(window, body)? {
                Some(end) => end,
                None => {
                    self.damage =
                        Some(FormatError::malformed(body.start, "the size of an ID3 extended header"));
                    return Ok(());
                }
            };
        }
        let found = frame::walk(window, area, self.version, limits.segments)?;
        self.frames = found.frames;
        self.damage = found.damage;
        Ok(())
    }

    /// Where the extended header ends; keeps what of it a rewrite must keep.
    fn read_extended(&mut self, window: &mut Window<'_>, body: Span) -> Result<Option<u64>, FormatError> {
        if body.len() < 6 {
            return Ok(None);
        }
        let [a, b, c, d, count, set] = window.array::<6>(body.start)?;
        let size = [a, b, c, d];
        // In 2.3 the size leaves itself out and what it holds goes out of date with the frames: their
        // checksum and the padding. In 2.4 it counts itself.
        let len = if self.version == 3 { u32::from_be_bytes(size).checked_add(4) } else { unsynchsafe(size) };
        let Some(end) = len.map(|len| body.start + u64::from(len)).filter(|end| *end <= body.end) else {
            return Ok(None);
        };
        if self.version == 4 {
            if count != 1 || end < body.start + 6 {
                return Ok(None);
            }
            let fields = usize::try_from(end - body.start).unwrap_or(usize::MAX).min(64);
            self.extended = without_checksum(set, window.up_to(body.start + 6, fields - 6)?);
        }
        Ok(Some(end))
    }

    /// Reads frames from a tag that was unsynchronised as a whole: their sizes hold for the bytes before.
    fn read_unsynchronised(
        &mut self,
        source: &dyn Source,
        body: Span,
        limits: &Limits,
    ) -> Result<(), FormatError> {
        let raw = limits.take(source, body)?;
        let plain = resynchronise(&raw);
        let area = Span { start: 0, end: plain.len() as u64 };
        self.read_frames(&mut Window::new(&plain), area, limits)?;
        // From places in the plain bytes to places in the file: zeros were dropped in between.
        let mut dropped = Places { raw: &raw, plain: 0, at: 0 };
        let mut place = |at: u64| body.start + dropped.find(at);
        for frame in &mut self.frames {
            frame.span.start = place(frame.span.start);
            frame.content.start = place(frame.content.start);
            frame.span.end = place(frame.span.end);
            frame.content.end = frame.span.end;
        }
        if let Some(damage) = &mut self.damage {
            damage.at = place(damage.at);
        }
        Ok(())
    }
}

/// The extended header of ID3v2.4 with these flags, less the checksum.
fn without_checksum(set: u8, fields: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = fields;
    for flag in [0x40, 0x20, 0x10] {
        if set & flag == 0 {
            continue;
        }
        let len = rest.first().map_or(0, |len| usize::from(*len) + 1);
        if flag != 0x20 {
            kept.extend_from_slice(rest.get(..len).unwrap_or(rest));
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    if kept.is_empty() {
        return kept;
    }
    let size = u8::try_from(kept.len() + 6).unwrap_or(0);
    [&[0, 0, 0, size, 1, set & 0x50], kept.as_slice()].concat()
}

/// Finds places in unsynchronised bytes, asked for in rising order.
struct Places<'a> {
    raw: &'a [u8],
    plain: u64,
    at: usize,
}

impl Places<'_> {
    /// The place in the raw bytes of a place in the plain ones.
    fn find(&mut self, plain: u64) -> u64 {
        while self.plain < plain && self.at < self.raw.len() {
            let stuffed = self.raw.get(self.at..).is_some_and(|rest| rest.starts_with(&[0xFF, 0]));
            self.at += 1 + usize::from(stuffed);
            self.plain += 1;
        }
        self.at as u64
    }
}
