//! Changes to a FLAC file: its blocks, the padding among them, and all that counts samples or bytes.

use std::collections::BTreeMap;

use super::blocks::{BLOCK_HEADER, Block, Flac, Kind};
use super::notice::{self, Extended};
use crate::mpeg_audio::edits::{Edit, Edits};
use crate::{Changes, Ends, NewContent, Piece, Put, riff, vorbis_comment};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Most bytes of a block's body.
const LARGEST: u64 = (1 << 24) - 1;
/// Bytes of a point in a seek table.
const POINT: usize = 18;
/// The sample number of a point that points nowhere.
const NOWHERE: [u8; 8] = [0xFF; 8];

/// A block of the file to be written.
struct Part {
    kind: Kind,
    /// As it was in the file, if it stays so.
    old: Option<Block>,
    body: Vec<Piece>,
}

impl Part {
    fn len(&self) -> u64 {
        BLOCK_HEADER + self.body.iter().map(Piece::len).sum::<u64>()
    }

    fn new(kind: Kind, body: Vec<u8>) -> Self {
        Self { kind, old: None, body: vec![Piece::New(body)] }
    }

    fn kept(block: Block) -> Self {
        Self { kind: block.kind, old: Some(block), body: vec![Piece::Keep(block.body)] }
    }

    fn set(&mut self, body: Vec<Piece>) {
        self.old = None;
        self.body = body;
    }

    /// Header and body. The header stays if it says the same.
    fn write(self, is_last: bool) -> Result<Vec<Piece>, FormatError> {
        let len = self.len() - BLOCK_HEADER;
        if let Some(old) = self.old.filter(|old| old.is_last == is_last) {
            return Ok(vec![Piece::Keep(old.span)]);
        }
        let over = FormatError::new(0, Problem::OverLimit { what: "bytes in a FLAC block", limit: LARGEST });
        let [_, size @ ..] = u32::try_from(len).ok().filter(|_| len <= LARGEST).ok_or(over)?.to_be_bytes();
        let flag = if is_last { 0x80 } else { 0 };
        let mut pieces = vec![Piece::New([&[self.kind.number() | flag], &size[..]].concat())];
        pieces.extend(self.body);
        Ok(pieces)
    }
}

/// Says how the file reads with these changes.
///
/// # Errors
/// If the file cannot hold what is put, or cannot be read.
pub(crate) fn splice(
    source: &dyn Source,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    if changes.is_empty() {
        return Ok(vec![Piece::Keep(Span { start: 0, end: source.size() })]);
    }
    if !changes.cuts.is_empty() {
        return Err(FormatError::unsupported(0, "cutting bytes out of sound"));
    }
    let flac = Flac::read(source, limits)?;
    let mut edits = Edits::new(&flac.packets, changes);
    let added = std::mem::take(&mut edits.added);
    for part in &flac.head.parts {
        edits.write(source, part, limits)?;
    }
    edits.keep(flac.signature);
    let mut parts = Vec::new();
    for block in &flac.blocks {
        let edits = edits.replaced.remove(&block.span.start).unwrap_or_default();
        parts.push(changed(source, *block, &edits, limits)?);
    }
    let mut parts: Vec<Part> = parts.into_iter().flatten().collect();
    add(source, &mut parts, &added, limits)?;
    let before = flac.blocks.iter().map(|block| block.span.len()).sum();
    let unchanged = Ends::default();
    let ends = match &changes.content {
        None => changes.filter.is_some().then_some(&unchanged),
        Some(NewContent::Sound(ends)) => Some(ends),
        Some(_) => return Err(FormatError::unsupported(0, "content other than sound in FLAC")),
    };
    let frames = match ends {
        None => vec![Piece::Keep(flac.frames)],
        Some(ends) => {
            let wanted = seek_offsets(source, &flac, limits)?;
            let filter = changes.filter.as_ref().map(|filter| (filter, &changes.annex));
            let extended = notice::extend(source, &flac, ends, filter, wanted.into_iter())?;
            count_anew(source, &mut parts, &extended, limits)?;
            extended.pieces
        }
    };
    use_padding(&mut parts, before);
    let last = parts.len().saturating_sub(1);
    for (at, part) in parts.into_iter().enumerate() {
        edits.pieces.extend(part.write(at == last)?);
    }
    edits.pieces.extend(frames);
    for part in &flac.tail.parts {
        edits.write(source, part, limits)?;
    }
    Ok(riff::joined(edits.pieces))
}

/// Refuses files whose samples cannot be changed.
///
/// # Errors
/// If it is no FLAC file, or has more than 24 bits a sample.
pub(crate) fn changeable(source: &dyn Source, limits: &Limits) -> Result<(), FormatError> {
    let flac = Flac::read(source, limits)?;
    notice::changeable(flac.info()?, flac.frames.start)
}

/// A block with new values for its packets; `None` if it is taken out.
fn changed(
    source: &dyn Source,
    block: Block,
    edits: &[Edit<'_>],
    limits: &Limits,
) -> Result<Option<Part>, FormatError> {
    let mut part = Part::kept(block);
    let Some(first) = edits.first() else {
        return Ok(Some(part));
    };
    match (block.kind, first.value) {
        (Kind::Comment, _) => {
            let comments = vorbis_comment::Comments::read(&mut Window::new(source), block.body, limits)?;
            let replaced: BTreeMap<_, _> = edits.iter().map(|edit| (edit.item, edit.value)).collect();
            let mut body = comments.rewrite(&replaced, &[])?;
            body.push(Piece::Keep(Span { start: comments.end, end: block.body.end }));
            part.set(body);
        }
        (_, None) => return Ok(None),
        (Kind::Application, Some(value)) => {
            let id = Span { start: block.body.start, end: block.body.start + 4 };
            part.set(vec![Piece::Keep(id), Piece::New(value.to_vec())]);
        }
        (_, Some(_)) => {
            return Err(FormatError::unsupported(block.span.start, "a new text in this FLAC block"));
        }
    }
    Ok(Some(part))
}

/// Puts new comments into the block there is, or into one of their own after STREAMINFO.
fn add(
    source: &dyn Source,
    parts: &mut Vec<Part>,
    added: &[&Put],
    limits: &Limits,
) -> Result<(), FormatError> {
    if added.is_empty() {
        return Ok(());
    }
    let Some(part) = parts.iter_mut().find(|part| part.kind == Kind::Comment) else {
        parts.insert(1.min(parts.len()), Part::new(Kind::Comment, vorbis_comment::new(added)?));
        return Ok(());
    };
    let read = |source: &dyn Source, body: Span| -> Result<Vec<Piece>, FormatError> {
        let comments = vorbis_comment::Comments::read(&mut Window::new(source), body, limits)?;
        let mut pieces = comments.rewrite(&BTreeMap::new(), added)?;
        pieces.push(Piece::Keep(Span { start: comments.end, end: body.end }));
        Ok(pieces)
    };
    let new = match part.body.as_slice() {
        [Piece::Keep(body)] => read(source, *body)?,
        changed => {
            let bytes = vorbis_comment::gathered(source, changed, limits)?;
            let pieces = read(&bytes, Span { start: 0, end: bytes.len() as u64 })?;
            vec![Piece::New(vorbis_comment::gathered(&bytes, &pieces, limits)?)]
        }
    };
    part.set(new);
    Ok(())
}

/// Lets padding take up what the other blocks grew or shrank by, so that the frames stay where they are.
fn use_padding(parts: &mut Vec<Part>, before: u64) {
    let now: u64 = parts.iter().map(Part::len).sum();
    let padding = |part: &Part| (part.kind == Kind::Padding).then_some(part.old).flatten();
    if let Some(grown) = now.checked_sub(before).filter(|grown| *grown > 0) {
        let exact = parts.iter().position(|part| padding(part).is_some_and(|old| old.span.len() == grown));
        if let Some(at) = exact {
            parts.remove(at);
            return;
        }
        let large = |part: &&mut Part| padding(part).is_some_and(|old| old.body.len() >= grown);
        if let Some(part) = parts.iter_mut().find(large)
            && let Some(old) = padding(part)
        {
            part.set(vec![Piece::Keep(Span { start: old.body.start + grown, end: old.body.end })]);
        }
    } else if let Some(shrunk) = before.checked_sub(now).filter(|shrunk| *shrunk > 0) {
        let fits = |part: &&mut Part| padding(part).is_some_and(|old| old.body.len() + shrunk <= LARGEST);
        if let Some(part) = parts.iter_mut().find(fits)
            && let Some(old) = padding(part)
            && let Ok(zeros) = usize::try_from(shrunk)
        {
            part.set(vec![Piece::Keep(old.body), Piece::New(vec![0; zeros])]);
        }
    }
}

/// Offsets, from the first frame on, to which seek tables point.
fn seek_offsets(source: &dyn Source, flac: &Flac, limits: &Limits) -> Result<Vec<u64>, FormatError> {
    let mut offsets = Vec::new();
    for block in flac.blocks.iter().filter(|block| block.kind == Kind::SeekTable) {
        let points = limits.take(source, block.body)?;
        for point in points.chunks_exact(POINT).filter(|point| !point.starts_with(&NOWHERE)) {
            offsets.extend(point.get(8..).and_then(number));
        }
    }
    Ok(offsets)
}

/// Sets what counts samples and bytes: STREAMINFO, seek tables, cue sheets.
fn count_anew(
    source: &dyn Source,
    parts: &mut [Part],
    extended: &Extended,
    limits: &Limits,
) -> Result<(), FormatError> {
    for part in parts {
        let Some(block) = part.old else { continue };
        match part.kind {
            Kind::StreamInfo => part.set(vec![Piece::New(extended.info.to_bytes())]),
            Kind::SeekTable => {
                let points = limits.take(source, block.body)?;
                part.set(vec![Piece::New(moved(&points, extended))]);
            }
            Kind::CueSheet => {
                let sheet = limits.take(source, block.body)?;
                part.set(vec![Piece::New(cue_sheet(sheet, extended, block.body.start)?)]);
            }
            _ => {}
        }
    }
    Ok(())
}

/// A seek table for the new places of frames. Points to frames that are gone point nowhere and come last.
fn moved(points: &[u8], extended: &Extended) -> Vec<u8> {
    let (mut there, mut nowhere) = (Vec::new(), Vec::new());
    for point in points.chunks_exact(POINT) {
        let new = || {
            if point.starts_with(&NOWHERE) {
                return None;
            }
            let sample = number(point)?.checked_add(extended.before)?.to_be_bytes();
            let offset = extended.moved.get(&number(point.get(8..)?)?).copied().flatten()?.to_be_bytes();
            Some([&sample, &offset, point.get(16..)?].concat())
        };
        match new() {
            Some(new) => there.extend(new),
            None => nowhere.extend([&NOWHERE[..], &[0; 10]].concat()),
        }
    }
    there.extend(nowhere);
    there.extend_from_slice(points.chunks_exact(POINT).remainder());
    there
}

/// A cue sheet whose tracks start later (RFC 9639, 8.7).
fn cue_sheet(mut sheet: Vec<u8>, extended: &Extended, start: u64) -> Result<Vec<u8>, FormatError> {
    const HEAD: usize = 396;
    const TRACK: usize = 36;
    const INDEX: usize = 12;
    if sheet.get(136).is_some_and(|flags| flags & 0x80 != 0) {
        // On a disc everything starts on a whole frame of 588 samples.
        let what = "sound before or after that of a compact disc, whose tracks are listed in the file";
        return Err(FormatError::unsupported(start, what));
    }
    let tracks = sheet.get(HEAD - 1).copied().unwrap_or(0);
    let mut at = HEAD;
    for track in 1..=tracks {
        let broken = FormatError::malformed(start, "a FLAC CUESHEET block");
        let place = sheet.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<8>()).ok_or(broken.clone())?;
        // The last one is no track, but the end.
        let new = if track == tracks {
            extended.info.total
        } else {
            u64::from_be_bytes(*place).saturating_add(extended.before)
        };
        *place = new.to_be_bytes();
        let indices = sheet.get(at + TRACK - 1).copied().ok_or(broken)?;
        at += TRACK + INDEX * usize::from(indices);
    }
    Ok(sheet)
}

/// The number that these bytes start with.
fn number(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
}
