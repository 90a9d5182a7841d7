//! The sections of an MPEG audio file: tags, the first frame, the sound, tags again.

use super::header::FrameHeader;
use super::info::Info;
use super::sync::{SIGHT, first_frame};
use crate::ape_tag::ApeTag;
use crate::id3::{Tag, v1};
use crate::{Layout, Packet, Role, Segment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most tags in a row at either end.
const TAGS: usize = 64;

/// A file cut up.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    /// In file order, without gaps.
    pub(crate) parts: Vec<Section>,
    /// The packets, in file order.
    pub(crate) packets: Vec<(Origin, Packet)>,
    /// Where the file stops being readable.
    pub(crate) damage: Option<FormatError>,
}

/// One section of a file.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) span: Span,
    pub(crate) what: What,
}

/// What a section is.
#[derive(Debug)]
pub(crate) enum What {
    /// An ID3v2 tag.
    Id3(Tag),
    /// An APE tag.
    Ape(ApeTag),
    /// An ID3v1 tag.
    Id3v1,
    /// A Lyrics3 block.
    Lyrics,
    /// The frame that tells of the others.
    Info(Info),
    /// Frames of sound.
    Sound(FrameHeader),
    /// Anything else.
    Junk,
}

/// Where a packet comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Start of the tag.
    pub(crate) tag: u64,
    /// Index of the frame or item in it.
    pub(crate) item: usize,
}

impl Section {
    /// As the segment that other parts of the program see.
    pub(crate) fn segment(&self) -> Segment {
        let (name, role) = match &self.what {
            What::Id3(_) => (*b"ID3 ", Role::Metadata),
            What::Ape(_) => (*b"APE ", Role::Metadata),
            What::Id3v1 => (*b"TAG ", Role::Metadata),
            What::Lyrics => (*b"LYR3", Role::Metadata),
            What::Info(info) => (info.name, Role::Structure),
            What::Sound(_) => (*b"MPEG", Role::Essence),
            What::Junk => (*b"????", Role::Unknown),
        };
        Segment { name, span: self.span, role }
    }
}

impl Sections {
    /// Cuts a file up.
    ///
    /// # Errors
    /// If the source cannot be read, or there is neither a tag nor a frame.
    pub(crate) fn read(source: &dyn Source, limits: &Limits) -> Result<Self, FormatError> {
        let mut window = Window::new(source);
        let size = source.size();
        let (mut sections, mut at) = Self::read_head(source, &mut window, limits)?;
        if let Some(tag) = ApeTag::read(&mut window, at, size, limits)? {
            at = tag.span.end;
            sections.push_ape(tag);
        }
        let (tail, end) = Self::read_tail(source, at, limits)?;
        match first_frame(&mut window, at, end)? {
            Some((first, header)) => sections.push_sound(&mut window, at, first, end, header)?,
            None if at == 0 && tail.parts.is_empty() => {
                return Err(FormatError::malformed(0, "no MPEG audio frame"));
            }
            None => {
                sections.push(Span { start: at, end }, What::Junk);
                let damage = if at == size {
                    FormatError::new(size, Problem::Truncated)
                } else {
                    FormatError::malformed(at, "no MPEG audio frame")
                };
                sections.damage.get_or_insert(damage);
            }
        }
        sections.parts.extend(tail.parts);
        sections.packets.extend(tail.packets);
        sections.damage = sections.damage.or(tail.damage);
        Ok(sections)
    }

    /// The ID3v2 tags at the head, and where the last of them ends.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read_head(
        source: &dyn Source,
        window: &mut Window<'_>,
        limits: &Limits,
    ) -> Result<(Self, u64), FormatError> {
        let mut head = Self::default();
        let mut at = 0;
        while head.parts.len() < TAGS {
            let Some(tag) = Tag::read(source, window, at, source.size(), limits)? else {
                break;
            };
            at = tag.span.end;
            head.push_id3(window, tag)?;
        }
        Ok((head, at))
    }

    /// The tags at the end, and where the first of them starts.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read_tail(
        source: &dyn Source,
        start: u64,
        limits: &Limits,
    ) -> Result<(Self, u64), FormatError> {
        let mut window = Window::new(source);
        let mut end = source.size();
        // One read for all that follows.
        window.up_to(end.saturating_sub(SIGHT as u64).max(start), SIGHT)?;
        let mut found = Vec::new();
        while found.len() < TAGS {
            let window = &mut window;
            let mut one = Self::default();
            if let Some(span) = v1::find(window, start, end)? {
                let packets = v1::packets(window, span.end - v1::LEN)?;
                let origin = |item| Origin { tag: span.start, item };
                one.packets
                    .extend(packets.into_iter().enumerate().map(|(item, packet)| (origin(item), packet)));
                one.push(span, What::Id3v1);
            } else if let Some(tag) = ApeTag::read_back(window, start, end, limits)? {
                one.push_ape(tag);
            } else if let Some(tag) = Tag::read_back(source, window, start, end, limits)? {
                one.push_id3(window, tag)?;
            } else if let Some(span) = lyrics(window, start, end)? {
                one.push(span, What::Lyrics);
            }
            let Some(first) = one.parts.first() else {
                break;
            };
            end = first.span.start;
            found.push(one);
        }
        let mut tail = Self::default();
        for one in found.into_iter().rev() {
            tail.parts.extend(one.parts);
            tail.packets.extend(one.packets);
            tail.damage = tail.damage.or(one.damage);
        }
        Ok((tail, end))
    }

    fn push(&mut self, span: Span, what: What) {
        if !span.is_empty() {
            self.parts.push(Section { span, what });
        }
    }

    fn push_id3(&mut self, window: &mut Window<'_>, tag: Tag) -> Result<(), FormatError> {
        let start = tag.span.start;
        let packets = tag.packets(window)?;
        self.packets.extend(packets.into_iter().map(|(item, packet)| (Origin { tag: start, item }, packet)));
        self.damage = self.damage.take().or(tag.damage.clone());
        self.push(tag.span, What::Id3(tag));
        Ok(())
    }

    fn push_ape(&mut self, tag: ApeTag) {
        let start = tag.span.start;
        self.packets.extend(tag.packets().map(|(item, packet)| (Origin { tag: start, item }, packet)));
        self.damage = self.damage.take().or(tag.damage.clone());
        self.push(tag.span, What::Ape(tag));
    }

    /// Junk in `at..first`, frames in `first..end`.
    ///
    /// The frames are not walked: nothing in the file needs it, and a scanner would have to read all of it.
    /// So a last frame that was cut off is seen only if the first frame tells how long all should be.
    fn push_sound(
        &mut self,
        window: &mut Window<'_>,
        at: u64,
        first: u64,
        end: u64,
        header: FrameHeader,
    ) -> Result<(), FormatError> {
        self.push(Span { start: at, end: first }, What::Junk);
        let len = header.len().unwrap_or(SIGHT).min(SIGHT);
        let frame = window.up_to(first, len)?;
        let mut sound = Span { start: first, end };
        if let Some(info) = Info::read(&header, frame) {
            sound.start = (first + frame.len() as u64).min(end);
            self.push(Span { start: first, end: sound.start }, What::Info(info));
            // Some programs count the tags too, so only what goes past the end of the file is missing.
            let told = info.bytes.map(|bytes| first + u64::from(bytes));
            if told.is_some_and(|told| told > window.size()) && self.damage.is_none() {
                self.damage = Some(FormatError::new(window.size(), Problem::Truncated));
            }
        }
        self.push(sound, What::Sound(header));
        Ok(())
    }

    /// The header of the frames of sound, where they start, and the frame that tells of them.
    pub(crate) fn sound(&self) -> Option<(u64, &FrameHeader, Option<&Info>)> {
        let info = self.parts.iter().find_map(|part| match &part.what {
            What::Info(info) => Some(info),
            _ => None,
        });
        self.parts.iter().find_map(|part| match &part.what {
            What::Sound(header) => Some((part.span.start, header, info)),
            _ => None,
        })
    }

    /// As the layout that other parts of the program see.
    pub(crate) fn into_layout(self) -> Layout {
        Layout {
            segments: self.parts.iter().map(Section::segment).collect(),
            packets: self.packets.into_iter().map(|(_, packet)| packet).collect(),
            damage: self.damage,
        }
    }
}

/// A Lyrics3 block that ends at `end`, not before `start`.
fn lyrics(window: &mut Window<'_>, start: u64, end: u64) -> Result<Option<Span>, FormatError> {
    const BEGIN: &[u8; 11] = b"LYRICSBEGIN";
    let Some(mark) = end.checked_sub(9).filter(|at| *at >= start) else {
        return Ok(None);
    };
    match &window.array::<9>(mark)? {
        // Version 2: six digits before the mark tell the length, from the beginning to the digits.
        b"LYRICS200" => {
            let Some(digits) = mark.checked_sub(6).filter(|at| *at >= start) else {
                return Ok(None);
            };
            let len = window.array::<6>(digits)?;
            let len = std::str::from_utf8(&len).ok().and_then(|len| len.parse::<u64>().ok());
            let Some(at) = len.and_then(|len| digits.checked_sub(len)).filter(|at| *at >= start) else {
                return Ok(None);
            };
            let begins = window.array::<11>(at)? == *BEGIN;
            Ok(begins.then_some(Span { start: at, end }))
        }
        // Version 1: at most 5100 bytes, to be looked through for the beginning.
        b"LYRICSEND" => {
            let from = mark.saturating_sub(5100 + BEGIN.len() as u64).max(start);
            let len = usize::try_from(mark - from).unwrap_or(0);
            let place = memchr::memmem::find(window.up_to(from, len)?, BEGIN);
            Ok(place.map(|place| Span { start: from + place as u64, end }))
        }
        _ => Ok(None),
    }
}
