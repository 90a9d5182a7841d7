//! The inside of an Exif block: just enough of TIFF to read its texts and orientation, and to blank a text.

mod text;

use std::ops::Range;

use indicia_core::{Limits, Problem};

pub use text::ExifText;

/// What was read of an Exif block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExifTexts {
    /// The texts, in the order of the directories. Empty values are left out.
    pub texts: Vec<ExifText>,
    /// The first thing that was wrong with the block. Texts may then be missing, and may overlap
    /// something else, so they must not be overwritten.
    pub damage: Option<Problem>,
}

/// Bytes of one directory entry: tag, type, count, value or its offset (TIFF 6.0, section 2).
const ENTRY: usize = 12;
/// Tag of the offset of the Exif directory.
const EXIF_DIRECTORY: u16 = 0x8769;
/// Tag of the orientation.
const ORIENTATION: u16 = 0x0112;

/// The tags that hold text, with their names in CIPA DC-008 (Exif 3.0) or, for `XP`, as Windows has them.
const TEXTS: &[(u16, &str)] = &[
    (0x010D, "DocumentName"),
    (0x010E, "ImageDescription"),
    (0x010F, "Make"),
    (0x0110, "Model"),
    (0x0131, "Software"),
    (0x013B, "Artist"),
    (0x013C, "HostComputer"),
    (0x8298, "Copyright"),
    (0x9286, "UserComment"),
    (0x9C9B, "XPTitle"),
    (0x9C9C, "XPComment"),
    (0x9C9D, "XPAuthor"),
    (0x9C9E, "XPKeywords"),
    (0x9C9F, "XPSubject"),
    (0xA436, "ImageTitle"),
    (0xA437, "Photographer"),
    (0xA438, "ImageEditor"),
    (0xA43B, "ImageEditingSoftware"),
    (0xA43C, "MetadataEditingSoftware"),
];

/// The name of a tag that holds text, if Exif has it.
pub(crate) fn text_name(tag: u16) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == tag).map(|(_, name)| *name)
}

/// A block with its byte order known.
#[derive(Clone, Copy)]
struct Tiff<'a> {
    block: &'a [u8],
    big_endian: bool,
}

/// One directory entry.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    /// Where its four bytes of value or offset stand.
    field: usize,
}

impl<'a> Tiff<'a> {
    /// Reads the header: byte order, 42, offset of the first directory.
    fn open(block: &'a [u8]) -> Result<(Self, usize), Problem> {
        let big_endian = match block.get(..4) {
            Some(b"II*\0") => false,
            Some(b"MM\0*") => true,
            Some(_) => return Err(Problem::Malformed("Exif block without a TIFF header")),
            None => return Err(Problem::Truncated),
        };
        let tiff = Self { block, big_endian };
        let first = tiff.offset(4).ok_or(Problem::Truncated)?;
        Ok((tiff, first))
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes: [u8; 2] = self.block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes: [u8; 4] = self.block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn offset(&self, at: usize) -> Option<usize> {
        usize::try_from(self.long(at)?).ok()
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let count = self.long(at + 4)?;
        let field = at + 8;
        self.block.get(field..field + 4)?;
        Some(Entry { tag: self.short(at)?, kind: self.short(at + 2)?, count, field })
    }

    /// Where an entry's value stands: in the entry if it is at most four bytes, else at its offset.
    fn site(&self, entry: &Entry) -> Result<Range<usize>, Problem> {
        let size: u64 = match entry.kind {
            1 | 2 | 6 | 7 | 129 => 1, // BYTE, ASCII, SBYTE, UNDEFINED, UTF-8 (Exif 3.0)
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return Err(Problem::Malformed("Exif entry of an unknown type")),
        };
        let past_end = Problem::Malformed("Exif value outside of its block");
        let len = usize::try_from(size * u64::from(entry.count)).map_err(|_| past_end.clone())?;
        let start = if len <= 4 { Some(entry.field) } else { self.offset(entry.field) };
        match start.and_then(|start| Some(start..start.checked_add(len)?)) {
            Some(site) if site.end <= self.block.len() => Ok(site),
            _ => Err(past_end),
        }
    }
}

/// The walk through a block's directories.
struct Walk<'a> {
    tiff: Tiff<'a>,
    limits: &'a Limits,
    found: ExifTexts,
    /// Directories to read: offset, and whether another may be chained to it.
    todo: Vec<(usize, bool)>,
    /// Offsets of the directories read or to be read.
    seen: Vec<usize>,
    /// What the directories and texts read so far occupy.
    taken: Vec<Range<usize>>,
    /// Bytes of texts copied so far.
    copied: u64,
}

impl Walk<'_> {
    fn damage(&mut self, problem: Problem) {
        self.found.damage.get_or_insert(problem);
    }

    fn enqueue(&mut self, at: usize, chained: bool) {
        if self.seen.contains(&at) {
            return self.damage(Problem::Malformed("Exif directories in a loop"));
        }
        if self.seen.len() >= self.limits.depth {
            let limit = self.limits.depth as u64;
            return self.damage(Problem::OverLimit { what: "Exif directories", limit });
        }
        self.seen.push(at);
        self.todo.push((at, chained));
    }

    fn directory(&mut self, at: usize, chained: bool) {
        let Some(count) = self.tiff.short(at) else {
            return self.damage(Problem::Malformed("Exif directory outside of its block"));
        };
        let first = at + 2;
        for index in 0..usize::from(count) {
            match self.tiff.entry(first + index * ENTRY) {
                Some(entry) => self.entry(&entry),
                None => return self.damage(Problem::Truncated),
            }
        }
        let end = first + usize::from(count) * ENTRY;
        self.taken.push(at..end);
        // The Exif directory has no successor, and some cameras leave its pointer out.
        match self.tiff.offset(end) {
            _ if !chained => {}
            Some(0) => {}
            Some(next) => self.enqueue(next, true),
            None => self.damage(Problem::Truncated),
        }
    }

    fn entry(&mut self, entry: &Entry) {
        if entry.tag == EXIF_DIRECTORY {
            return match self.tiff.offset(entry.field) {
                Some(at) => self.enqueue(at, false),
                None => self.damage(Problem::Truncated),
            };
        }
        let Some((tag, name)) = TEXTS.iter().find(|(tag, _)| *tag == entry.tag).copied() else { return };
        let site = match self.tiff.site(entry) {
            Ok(site) => site,
            Err(problem) => return self.damage(problem),
        };
        let bytes = self.tiff.block.get(site.clone()).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        // Many entries may point at the same bytes, so the block's size does not bound the sum.
        self.copied = self.copied.saturating_add(bytes.len() as u64);
        if self.copied > self.limits.block {
            return self.damage(Problem::OverLimit { what: "bytes of Exif text", limit: self.limits.block });
        }
        // A value within its entry is part of the directory, which is noted as a whole.
        if site.start != entry.field {
            self.taken.push(site.clone());
        }
        let big_endian = self.tiff.big_endian;
        self.found.texts.push(ExifText { tag, name, site, bytes: bytes.to_vec(), big_endian });
    }

    fn finish(mut self) -> ExifTexts {
        self.taken.sort_unstable_by_key(|range| (range.start, range.end));
        let mut end = 8; // the header
        for range in std::mem::take(&mut self.taken) {
            if range.start < end {
                self.damage(Problem::Malformed("Exif values that overlap"));
            }
            end = end.max(range.end);
        }
        self.found
    }
}

/// Every text in an Exif block: of the main directory, those chained to it, and the Exif directory.
///
/// What is broken does not hide the rest: the texts that could be read are given, and
/// [`ExifTexts::damage`] says that there may be more.
pub fn texts(block: &[u8], limits: &Limits) -> ExifTexts {
    let (tiff, first) = match Tiff::open(block) {
        Ok(opened) => opened,
        Err(problem) => return ExifTexts { texts: Vec::new(), damage: Some(problem) },
    };
    let mut walk = Walk {
        tiff,
        limits,
        found: ExifTexts::default(),
        todo: Vec::new(),
        seen: Vec::new(),
        taken: Vec::new(),
        copied: 0,
    };
    walk.enqueue(first, true);
    while let Some((at, chained)) = walk.todo.pop() {
        walk.directory(at, chained);
    }
    walk.finish()
}

/// How a viewer turns the picture (Exif tag 0x0112 of the main directory): 1 to 8; 1 if the block does not
/// say or is broken.
pub fn orientation(block: &[u8]) -> u8 {
    let read = || {
        let (tiff, first) = Tiff::open(block).ok()?;
        let entries = (0..usize::from(tiff.short(first)?)).map_while(|at| tiff.entry(first + 2 + at * ENTRY));
        let entry = entries.into_iter().find(|entry| entry.tag == ORIENTATION && entry.count == 1)?;
        match entry.kind {
            3 => u8::try_from(tiff.short(entry.field)?).ok(),
            4 => u8::try_from(tiff.long(entry.field)?).ok(),
            _ => None,
        }
    };
    read().filter(|turn| (1..=8).contains(turn)).unwrap_or(1)
}

/// Overwrites a text with blanks of the same length, so that nothing else in the block moves.
///
/// The character code of a UserComment and closing NULs stay; UTF-16 gets blanks of two bytes.
pub fn blank(block: &mut [u8], text: &ExifText) {
    if let Some(value) = block.get_mut(text.site.clone()) {
        text::blank(value, text);
    }
}

#[cfg(test)]
mod tests;
