//! Where the first coded picture of a movie stands, and what its encoder wrote beside it.

use crate::boxes::IsoBox;
use crate::sei::{self, Coded, Coding, Units};
use crate::{Layout, Messages};
use indicia_core::{FormatError, Limits, Source, Span};

use super::walk::Walk;

/// Bytes of a VisualSampleEntry before the boxes in it (ISO/IEC 14496-12, 12.1.3.2).
const VISUAL: u64 = 78;

/// A track of pictures.
struct Track {
    id: u32,
    tables: IsoBox,
    /// Of the first sample description.
    coding: Coding,
    /// Bytes of the length before each unit.
    width: usize,
}

/// What stands beside the first picture of the first track of pictures.
///
/// # Errors
/// If the first picture cannot be found, or its coding is not known here.
pub(crate) fn messages(
    source: &dyn Source,
    layout: &Layout,
    limits: &Limits,
) -> Result<Messages, FormatError> {
    let mut walk = Walk::new(source, limits);
    let mut boxes = Vec::new();
    for segment in layout.segments.iter().filter(|segment| matches!(&segment.name, b"moov" | b"moof")) {
        boxes.push(IsoBox::read(&mut walk.window, segment.span.start, segment.span.end)?);
    }
    let moov = boxes.iter().find(|one| &one.kind == b"moov").copied();
    let moov = moov.ok_or(FormatError::malformed(0, "no moov box"))?;
    let Some(track) = track(&mut walk, moov)? else { return Ok(Messages::NoPlace) };
    let span = match first_sample(&mut walk, track.tables)? {
        Some(span) => span,
        None => {
            let fragments = boxes.iter().filter(|one| &one.kind == b"moof");
            in_fragments(&mut walk, moov, fragments, track.id)?
        }
    };
    let Track { coding, width, .. } = track;
    sei::messages(source, Coded { coding, units: Units::Lengths(width), span }, limits).map(Messages::First)
}

/// The first track of pictures; `None` if there is none, or its coding has no place for messages.
fn track(walk: &mut Walk<'_>, moov: IsoBox) -> Result<Option<Track>, FormatError> {
    for track in walk.children(moov.body)?.into_iter().filter(|one| &one.kind == b"trak") {
        let parts = walk.children(track.body)?;
        let Some(media) = named(&parts, b"mdia") else { continue };
        let media = walk.children(media.body)?;
        let Some(handler) = named(&media, b"hdlr") else { continue };
        if walk.window.array(handler.body.start + 8)? != *b"vide" {
            continue;
        }
        let missing = |what| FormatError::malformed(track.span.start, what);
        let header = named(&parts, b"tkhd").ok_or(missing("a track without a header"))?;
        let [version, ..]: [u8; 4] = walk.window.array(header.body.start)?;
        let id = walk.window.array(header.body.start + if version == 1 { 20 } else { 12 })?;
        let information = named(&media, b"minf").ok_or(missing("a track without media information"))?;
        let information = walk.children(information.body)?;
        let tables = named(&information, b"stbl").ok_or(missing("a track without tables"))?;
        let Some((coding, width)) = coding(walk, tables)? else { return Ok(None) };
        return Ok(Some(Track { id: u32::from_be_bytes(id), tables, coding, width }));
    }
    Ok(None)
}

/// The coding of the first sample description; `None` if it has no place for messages.
fn coding(walk: &mut Walk<'_>, tables: IsoBox) -> Result<Option<(Coding, usize)>, FormatError> {
    let missing = FormatError::malformed(tables.span.start, "a track without a sample description");
    let table = named(&walk.children(tables.body)?, b"stsd").ok_or(missing.clone())?;
    let entry = walk.child(table.body.start + 8, table.body.end)?.ok_or(missing)?;
    // Where its configuration tells the width of lengths (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1).
    let (coding, configuration, at) = match &entry.kind {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => (Coding::Avc, b"avcC", 4),
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => (Coding::Hevc, b"hvcC", 21),
        b"vp08" | b"vp09" => return Ok(None),
        _ => return Err(FormatError::unsupported(entry.span.start, "this coding of pictures")),
    };
    let missing = FormatError::malformed(entry.span.start, "a sample description without its configuration");
    let list = Span { start: entry.body.start + VISUAL, end: entry.body.end };
    let list = Some(list).filter(|list| list.start <= list.end).ok_or(missing.clone())?;
    let found = named(&walk.children(list)?, configuration).ok_or(missing)?;
    let [bits] = walk.window.array(found.body.start + at)?;
    Ok(Some((coding, usize::from(bits & 3) + 1)))
}

/// The first sample of a track, if its tables have one.
fn first_sample(walk: &mut Walk<'_>, tables: IsoBox) -> Result<Option<Span>, FormatError> {
    let tables = walk.children(tables.body)?;
    let mut start = None;
    for (kind, width) in [(b"stco", 4), (b"co64", 8)] {
        let Some(table) = named(&tables, kind) else { continue };
        if walk.window.array(table.body.start + 4)? != [0; 4] {
            start = Some(number(walk.window.bytes(table.body.start + 8, width)?));
        }
    }
    let Some(start) = start else { return Ok(None) };
    let sizes = named(&tables, b"stsz");
    let sizes = sizes.ok_or(FormatError::unsupported(start, "sizes of samples in this form"))?;
    let one = |walk: &mut Walk<'_>, at| walk.window.array(at).map(u32::from_be_bytes);
    let size = match one(walk, sizes.body.start + 4)? {
        0 => one(walk, sizes.body.start + 12)?,
        all => all,
    };
    within(walk, start, size.into()).map(Some)
}

/// The first sample of a track in the first fragment that has one.
fn in_fragments<'b>(
    walk: &mut Walk<'_>,
    moov: IsoBox,
    fragments: impl Iterator<Item = &'b IsoBox>,
    id: u32,
) -> Result<Span, FormatError> {
    let usual = usual_size(walk, moov, id)?;
    for moof in fragments {
        for track in walk.children(moof.body)?.into_iter().filter(|one| &one.kind == b"traf") {
            let parts = walk.children(track.body)?;
            let (Some(header), Some(run)) = (named(&parts, b"tfhd"), named(&parts, b"trun")) else {
                continue;
            };
            let mut fields = Fields::of(walk, header)?;
            if fields.number(walk, 4)? != u64::from(id) {
                continue;
            }
            let base = fields.optional(walk, 1, 8)?.unwrap_or(moof.span.start);
            fields.optional(walk, 2, 4)?;
            fields.optional(walk, 8, 4)?;
            let own = fields.optional(walk, 0x10, 4)?.or(usual);
            let mut fields = Fields::of(walk, run)?;
            if fields.number(walk, 4)? == 0 {
                continue;
            }
            let after =
                FormatError::unsupported(run.span.start, "fragments whose samples follow those of others");
            let offset =
                fields.optional(walk, 1, 4)?.and_then(|offset| u32::try_from(offset).ok()).ok_or(after)?;
            fields.optional(walk, 4, 4)?;
            fields.optional(walk, 0x100, 4)?;
            let size = fields.optional(walk, 0x200, 4)?.or(own);
            let size = size.ok_or(FormatError::malformed(run.span.start, "a sample without a size"))?;
            // The offset is signed.
            let start = base.checked_add_signed(i64::from(offset.cast_signed()));
            let start = start.ok_or(FormatError::malformed(run.span.start, "an offset before the file"))?;
            return within(walk, start, size);
        }
    }
    Err(FormatError::unsupported(moov.span.start, "a track whose first picture is not in the file"))
}

/// The size of samples that say none, by the movie's defaults for a track.
fn usual_size(walk: &mut Walk<'_>, moov: IsoBox, id: u32) -> Result<Option<u64>, FormatError> {
    let Some(extends) = named(&walk.children(moov.body)?, b"mvex") else { return Ok(None) };
    for defaults in walk.children(extends.body)?.into_iter().filter(|one| &one.kind == b"trex") {
        if walk.window.array(defaults.body.start + 4)? == id.to_be_bytes() {
            return Ok(Some(number(walk.window.bytes(defaults.body.start + 16, 4)?)));
        }
    }
    Ok(None)
}

/// The fields of a box, each of which is there if its flag is set.
struct Fields {
    flags: u32,
    at: u64,
}

impl Fields {
    fn of(walk: &mut Walk<'_>, one: IsoBox) -> Result<Self, FormatError> {
        let flags = u32::from_be_bytes(walk.window.array(one.body.start)?) & 0x00FF_FFFF;
        Ok(Self { flags, at: one.body.start + 4 })
    }

    fn number(&mut self, walk: &mut Walk<'_>, width: usize) -> Result<u64, FormatError> {
        let value = number(walk.window.bytes(self.at, width)?);
        self.at += width as u64;
        Ok(value)
    }

    fn optional(&mut self, walk: &mut Walk<'_>, flag: u32, width: usize) -> Result<Option<u64>, FormatError> {
        if self.flags & flag == 0 { Ok(None) } else { self.number(walk, width).map(Some) }
    }
}

fn named(list: &[IsoBox], kind: &[u8; 4]) -> Option<IsoBox> {
    list.iter().find(|one| one.kind == *kind).copied()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A sample, which must be in the file.
fn within(walk: &Walk<'_>, start: u64, size: u64) -> Result<Span, FormatError> {
    let outside = FormatError::malformed(start, "a sample outside of the file");
    Span::new(start, size).filter(|span| span.end <= walk.window.size()).ok_or(outside)
}
