//! An AAC file cut up: tags, frames, tags.

use super::anew;
use super::header::{AdtsHeader, LONGEST, frames_at};
use super::notice::Notices;
use crate::anew::spliced_anew;
use crate::mpeg_audio::edits::Edits;
use crate::mpeg_audio::sections::{Origin, Sections};
use crate::{Changes, Layout, NewContent, Packet, Piece, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most bytes before the first frame that are none.
const JUNK: usize = 1 << 16;

/// A file cut up.
#[derive(Debug)]
pub(crate) struct Adts {
    head: Sections,
    /// Before the frames: padding, or the end of a frame that was cut.
    junk: Span,
    pub(super) frames: Span,
    /// Of the first frame.
    pub(super) header: Option<AdtsHeader>,
    tail: Sections,
    packets: Vec<(Origin, Packet)>,
    damage: Option<FormatError>,
}

impl Adts {
    /// Cuts a file up.
    ///
    /// # Errors
    /// If the source cannot be read, or there is neither a tag nor a frame.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let (mut head, start) = Sections::read_head(source, &mut window, limits)?;
        let (mut tail, end) = Sections::read_tail(source, start, limits)?;
        let mut packets = std::mem::take(&mut head.packets);
        packets.append(&mut tail.packets);
        let mut damage = head.damage.take().or(tail.damage.take());
        let mut junk = Span { start, end };
        let mut frames = Span { start: end, end };
        let found = first_frame(&mut window, start, end)?;
        match &found {
            Some((first, header)) => {
                (junk.end, frames.start) = (*first, *first);
                if !ends_whole(source, frames, header)? {
                    damage.get_or_insert(FormatError::new(end, Problem::Truncated));
                }
            }
            None if start == 0 && tail.parts.is_empty() => {
                return Err(FormatError::malformed(0, "no AAC frame"));
            }
            None if start == source.size() => {
                damage.get_or_insert(FormatError::new(start, Problem::Truncated));
            }
            None => {
                damage.get_or_insert(FormatError::malformed(start, "no AAC frame"));
            }
        }
        let header = found.map(|(_, header)| header);
        Ok(Self { head, junk, frames, header, tail, packets, damage })
    }

    /// As the layout that other parts of the program see.
    pub(crate) fn into_layout(self) -> Layout {
        let mut layout = Layout::default();
        layout.segments.extend(self.head.parts.iter().map(|part| part.segment()));
        let junk = Segment { name: *b"????", span: self.junk, role: Role::Unknown };
        let frames = Segment { name: *b"ADTS", span: self.frames, role: Role::Essence };
        layout.segments.extend([junk, frames].into_iter().filter(|segment| !segment.span.is_empty()));
        layout.segments.extend(self.tail.parts.iter().map(|part| part.segment()));
        layout.packets = self.packets.into_iter().map(|(_, packet)| packet).collect();
        layout.damage = self.damage;
        layout
    }

    /// Says how the file reads with these changes.
    ///
    /// # Errors
    /// If a tag cannot hold what is put, or cannot be read.
    pub(crate) fn splice(
        source: &dyn Source,
        changes: &Changes,
        limits: &Limits,
    ) -> Result<Vec<Piece>, FormatError> {
        let adts = Self::read(source, limits)?;
        let Some(filter) = &changes.filter else { return adts.spliced(source, changes, limits) };
        let new = anew::coded(source, &adts, filter, &changes.annex, limits)?;
        spliced_anew(source, new, changes, |file, changes| {
            Self::read(file, limits)?.spliced(file, changes, limits)
        })
    }

    fn spliced(
        &self,
        source: &dyn Source,
        changes: &Changes,
        limits: &Limits,
    ) -> Result<Vec<Piece>, FormatError> {
        let notices = match &changes.content {
            None if changes.cuts.is_empty() => Notices::default(),
            Some(NewContent::Sound(ends)) if changes.cuts.is_empty() => Notices::encode(source, self, ends)?,
            _ => return Err(FormatError::unsupported(0, "changes to the sound of an AAC file")),
        };
        let mut edits = Edits::new(&self.packets, changes);
        edits.begin(source, self.head.parts.first(), limits)?;
        for part in &self.head.parts {
            edits.write(source, part, limits)?;
        }
        edits.keep(self.junk);
        let new = [Piece::New(notices.start), Piece::Keep(self.frames), Piece::New(notices.end)];
        edits.pieces.extend(new.into_iter().filter(|piece| !piece.is_empty()));
        for part in &self.tail.parts {
            edits.write(source, part, limits)?;
        }
        Ok(edits.pieces)
    }
}

/// Where the first frame starts in `from..end`, and its header.
fn first_frame(
    window: &mut Window<'_>,
    from: u64,
    end: u64,
) -> Result<Option<(u64, AdtsHeader)>, FormatError> {
    let left = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
    let near = left.min(4096);
    if let Some(header) = frames_at(window.up_to(from, near)?, 2, near == left) {
        return Ok(Some((from, header)));
    }
    let len = left.min(JUNK + 3 * LONGEST);
    let bytes = window.up_to(from, len)?;
    let found = memchr::memchr_iter(0xFF, bytes).take_while(|at| *at <= JUNK).find_map(|at| {
        // Past junk, more frames in a row are asked for.
        let count = if at == 0 { 2 } else { 3 };
        let rest = bytes.get(at..).unwrap_or_default();
        frames_at(rest, count, len == left).map(|header| (from + at as u64, header))
    });
    Ok(found)
}

/// Whether a frame ends where the frames do. Those before it are not walked: nothing in the file needs it.
fn ends_whole(source: &dyn Source, frames: Span, header: &AdtsHeader) -> Result<bool, FormatError> {
    let len = usize::try_from(frames.len()).unwrap_or(LONGEST).min(LONGEST);
    let at = frames.end - len as u64;
    let mut bytes = vec![0; len];
    source.read_at(at, &mut bytes).map_err(|err| FormatError::new(at, Problem::Io(err.kind())))?;
    let ends = |at: usize| {
        let last = AdtsHeader::at(bytes.get(at..).unwrap_or_default());
        last.is_some_and(|last| last.goes_with(header) && at + last.len == len)
    };
    Ok(memchr::memrchr_iter(0xFF, &bytes).any(ends))
}
