//! An archive with entries put in, replaced and taken out. All others are kept byte for byte and in their order; the
//! directory is written anew, with the offsets that they have then.

use std::collections::BTreeMap;
use std::io::Write;

use super::{
    Archive, CENTRAL, CENTRAL_LEN, END, END_64, END_64_LEN, Entry, LOCAL, LOCATOR_64, extra, local, long,
    short,
};
use crate::Piece;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use indicia_core::{FormatError, Problem, Source, Span, Window};

/// The value of a field whose real value is in the ZIP64 extra field.
const FULL: u32 = u32::MAX;
/// Flag: names are UTF-8.
const UTF_8: u16 = 1 << 11;
/// 1 January 1980 as DOS has it, the first day that it can tell: a new entry does not depend on the clock.
const FIRST_DAY: u16 = 0x21;
/// ZIP 2.0: the version that knows deflated entries.
const VERSION: u16 = 20;
/// ZIP 4.5: the version that knows ZIP64.
const VERSION_64: u16 = 45;
/// Kind of the ZIP64 extra field.
const WIDE: u16 = 1;

/// What is to change in an archive.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// New contents of entries, by their index in [`Archive::entries`].
    pub(crate) replaced: BTreeMap<usize, Vec<u8>>,
    /// New entries: name and content.
    pub(crate) added: Vec<(String, Vec<u8>)>,
    /// Whether the comment of the archive goes.
    pub(crate) without_comment: bool,
}

/// Says how an archive reads with changes made to it.
///
/// # Errors
/// If an entry that changes cannot be found, or ZIP cannot hold the result.
pub(crate) fn rewritten(
    source: &dyn Source,
    archive: &Archive,
    change: &Change,
) -> Result<Vec<Piece>, FormatError> {
    let mut out = Output::default();
    let mut window = Window::new(source);
    let mut places: Vec<(usize, &Entry)> = archive.entries.iter().enumerate().collect();
    places.sort_by_key(|(_, entry)| entry.at);
    let mut new_records: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut from = 0;
    for (index, entry) in places {
        let at = entry.at.checked_sub(from).and_then(|kept| out.len.checked_add(kept));
        let offset = at.and_then(|at| at.checked_sub(archive.base));
        let offset = offset.ok_or(FormatError::malformed(entry.at, "ZIP entries that overlap"))?;
        let old = archive.records.get(entry.record.clone()).unwrap_or_default();
        let record = match change.replaced.get(&index) {
            None => moved(old.to_vec(), entry, offset)?,
            Some(content) => {
                out.keep(from, entry.at);
                from = local(&mut window, archive, entry)?.all.end;
                let raw_name = archive.records.get(entry.raw_name.clone()).unwrap_or_default();
                let method = if entry.method == 0 { 0 } else { 8 };
                let day = [short(old, 12).unwrap_or_default(), short(old, 14).unwrap_or(FIRST_DAY)];
                let packed = Packed::new(content, method, entry.flags & UTF_8, day)?;
                out.put(packed.local(raw_name)?);
                packed.record(raw_name, Some(old), offset)?
            }
        };
        new_records.insert(index, record);
    }
    out.keep(from, archive.entries_end());
    let mut records: Vec<u8> = Vec::new();
    for record in new_records.into_values() {
        records.extend(record);
    }
    for (name, content) in &change.added {
        let flags = if name.is_ascii() { 0 } else { UTF_8 };
        let packed = Packed::new(content, 8, flags, [0, FIRST_DAY])?;
        records.extend(packed.record(name.as_bytes(), None, out.len.saturating_sub(archive.base))?);
        out.put(packed.local(name.as_bytes())?);
    }
    let offset = out.len.saturating_sub(archive.base);
    let (entries, len) = ((archive.entries.len() + change.added.len()) as u64, records.len() as u64);
    out.put(records);
    let after = out.len.saturating_sub(archive.base);
    let comment = if change.without_comment { 0 } else { archive.comment.len() };
    out.put(end(archive, entries, len, offset, after, comment)?);
    if !change.without_comment {
        out.keep(archive.comment.start, archive.comment.end);
    }
    out.keep(archive.comment.end, source.size());
    Ok(out.pieces)
}

/// Pieces, and how long they are together.
#[derive(Default)]
struct Output {
    pieces: Vec<Piece>,
    len: u64,
}

impl Output {
    fn keep(&mut self, start: u64, end: u64) {
        if start < end {
            self.len += end - start;
            self.pieces.push(Piece::Keep(Span { start, end }));
        }
    }

    fn put(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.len += bytes.len() as u64;
            self.pieces.push(Piece::New(bytes));
        }
    }
}

/// The content of a new entry, ready to be written.
struct Packed {
    data: Vec<u8>,
    size: u32,
    crc: u32,
    method: u16,
    flags: u16,
    day: [u16; 2],
}

impl Packed {
    fn new(content: &[u8], method: u16, flags: u16, day: [u16; 2]) -> Result<Self, FormatError> {
        let io = |err: std::io::Error| FormatError::new(0, Problem::Io(err.kind()));
        let data = if method == 0 {
            content.to_vec()
        } else {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).map_err(io)?;
            encoder.finish().map_err(io)?
        };
        let size = four(content.len() as u64)?;
        Ok(Self { data, size, crc: crc32fast::hash(content), method, flags, day })
    }

    /// What is the same in the local header and in the record of the directory, up to the length of the name.
    fn facts(&self, name: &[u8]) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        for number in [VERSION, self.flags, self.method, self.day[0], self.day[1]] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [self.crc, four(self.data.len() as u64)?, self.size] {
            bytes.extend(number.to_le_bytes());
        }
        let len =
            u16::try_from(name.len()).map_err(|_| FormatError::unsupported(0, "so long a name in ZIP"))?;
        bytes.extend(len.to_le_bytes());
        Ok(bytes)
    }

    fn local(&self, name: &[u8]) -> Result<Vec<u8>, FormatError> {
        Ok([LOCAL, &self.facts(name)?, &[0, 0], name, &self.data].concat())
    }

    /// The record of the directory; of an old one, what does not speak of the content is kept.
    fn record(&self, name: &[u8], old: Option<&[u8]>, offset: u64) -> Result<Vec<u8>, FormatError> {
        let made_by = old.and_then(|old| old.get(4..6)).unwrap_or(&[20, 0]);
        // Number of the disk, attributes within and outside of the archive.
        let attributes = old.and_then(|old| old.get(34..42)).unwrap_or(&[0; 8]);
        let wide = u64::from(FULL) <= offset;
        let mut extra = Vec::new();
        if wide {
            extra = [&WIDE.to_le_bytes()[..], &8_u16.to_le_bytes(), &offset.to_le_bytes()].concat();
        }
        let short_offset = if wide { FULL } else { four(offset)? };
        let extra_len = if wide { 12_u16 } else { 0 };
        let mut bytes = [CENTRAL, made_by, &self.facts(name)?, &extra_len.to_le_bytes(), &[0, 0]].concat();
        bytes.extend_from_slice(attributes);
        bytes.extend(short_offset.to_le_bytes());
        bytes.extend_from_slice(name);
        bytes.extend(extra);
        Ok(bytes)
    }
}

/// A record of the directory for an entry that stands at another offset now.
fn moved(mut record: Vec<u8>, entry: &Entry, offset: u64) -> Result<Vec<u8>, FormatError> {
    let unwritable = FormatError::unsupported(entry.at, "this ZIP entry at an offset of 4 GB or more");
    if let Some(place) = entry.offset_64 {
        let at = place - entry.record.start;
        let field = record.get_mut(at..at + 8).ok_or(unwritable)?;
        field.copy_from_slice(&offset.to_le_bytes());
        return Ok(record);
    }
    let narrow = u32::try_from(offset).ok().filter(|narrow| *narrow < FULL);
    let field = record.get_mut(42..46).ok_or(unwritable.clone())?;
    field.copy_from_slice(&narrow.unwrap_or(FULL).to_le_bytes());
    if narrow.is_some() {
        return Ok(record);
    }
    // It was below 4 GB and is not any more: the offset goes behind the sizes that may be there already.
    let start = CENTRAL_LEN + entry.raw_name.len();
    let len = usize::from(short(&record, 30).unwrap_or_default());
    let fields = record.get(start..start + len).ok_or(unwritable.clone())?;
    let sizes = [long(&record, 20), long(&record, 24)].iter().filter(|size| **size == Some(FULL)).count();
    let (at, new) = match extra(fields, WIDE) {
        Some(range) if range.len() == 8 * sizes => {
            let longer = u16::try_from(range.len() + 8).map_err(|_| unwritable.clone())?;
            let place = start + range.start - 2;
            record
                .get_mut(place..place + 2)
                .ok_or(unwritable.clone())?
                .copy_from_slice(&longer.to_le_bytes());
            (start + range.end, offset.to_le_bytes().to_vec())
        }
        Some(_) => return Err(unwritable),
        None => {
            let field = [&WIDE.to_le_bytes()[..], &8_u16.to_le_bytes(), &offset.to_le_bytes()].concat();
            (start, field)
        }
    };
    let longer = u16::try_from(len + new.len()).map_err(|_| unwritable.clone())?;
    record.get_mut(30..32).ok_or(unwritable)?.copy_from_slice(&longer.to_le_bytes());
    record.splice(at..at, new);
    Ok(record)
}

/// The end of the directory, in ZIP64 too if it was so or the numbers ask for it.
fn end(
    archive: &Archive,
    entries: u64,
    len: u64,
    offset: u64,
    after: u64,
    comment: u64,
) -> Result<Vec<u8>, FormatError> {
    let narrow = |number: u64| u32::try_from(number).unwrap_or(FULL);
    let count = u16::try_from(entries).unwrap_or(u16::MAX);
    let too_many = count == u16::MAX || narrow(len) == FULL || narrow(offset) == FULL;
    let mut bytes = Vec::new();
    if too_many || archive.end_64.is_some() {
        bytes.extend_from_slice(END_64);
        bytes.extend((END_64_LEN - 12).to_le_bytes());
        bytes.extend([VERSION_64, VERSION_64].map(u16::to_le_bytes).as_flattened());
        bytes.extend([0; 8]);
        bytes.extend([entries, entries, len, offset].map(u64::to_le_bytes).as_flattened());
        bytes.extend_from_slice(LOCATOR_64);
        bytes.extend([0; 4]);
        bytes.extend(after.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
    }
    bytes.extend_from_slice(END);
    bytes.extend([0; 4]);
    bytes.extend([count, count].map(u16::to_le_bytes).as_flattened());
    bytes.extend([narrow(len), narrow(offset)].map(u32::to_le_bytes).as_flattened());
    let comment = u16::try_from(comment).map_err(|_| FormatError::unsupported(0, "so long a ZIP comment"))?;
    bytes.extend(comment.to_le_bytes());
    Ok(bytes)
}

/// A number that ZIP has four bytes for.
fn four(number: u64) -> Result<u32, FormatError> {
    let short = u32::try_from(number).ok().filter(|short| *short < FULL);
    short.ok_or(FormatError::new(
        0,
        Problem::OverLimit { what: "bytes in a ZIP entry", limit: u64::from(FULL) - 1 },
    ))
}
