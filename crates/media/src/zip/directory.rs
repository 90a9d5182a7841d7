//! The central directory: which entries an archive has, and where.

use std::ops::Range;

use super::salvage::salvage;
use super::{
    CENTRAL, CENTRAL_LEN, END, END_64, END_64_LEN, END_LEN, LOCAL_LEN, LOCATOR_64, LOCATOR_LEN, extra, long,
    longest, short,
};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// The value of a field whose real value is in the ZIP64 extra field.
const FULL: u32 = u32::MAX;

/// An archive, as its central directory has it.
#[derive(Debug)]
pub(crate) struct Archive {
    /// In the order of the directory.
    pub(crate) entries: Vec<Entry>,
    /// Bytes before the archive, which its offsets do not count.
    pub(crate) base: u64,
    /// The bytes of the directory.
    pub(crate) records: Vec<u8>,
    /// Where it stands.
    pub(crate) directory: Span,
    /// The ZIP64 end and its locator, where there are such: from the directory's end to the plain end.
    pub(crate) end_64: Option<Span>,
    /// The plain end, without the comment.
    pub(crate) end: Span,
    /// The comment of the archive.
    pub(crate) comment: Span,
    /// What is wrong with it, though it can be read.
    pub(crate) damage: Option<FormatError>,
}

/// An entry of an archive.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its name; bytes that are no UTF-8 are U+FFFD.
    pub(crate) name: String,
    /// Its general purpose flags.
    pub(crate) flags: u16,
    /// How it is compressed: 0 not, 8 deflated.
    pub(crate) method: u16,
    /// CRC-32 of what was packed.
    pub(crate) crc: u32,
    /// Bytes it takes.
    pub(crate) packed: u64,
    /// Bytes it holds.
    pub(crate) size: u64,
    /// Where its local header stands in the file.
    pub(crate) at: u64,
    /// Its record in [`Archive::records`].
    pub(crate) record: Range<usize>,
    /// Where its raw name stands in [`Archive::records`].
    pub(crate) raw_name: Range<usize>,
    /// Where the eight bytes of its offset stand in [`Archive::records`], if in the ZIP64 extra field.
    pub(crate) offset_64: Option<usize>,
}

impl Archive {
    /// The entry of this name, give or take the case of letters.
    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// Where the entries end: at the start of the directory.
    pub(crate) fn entries_end(&self) -> u64 {
        self.directory.start
    }
}

/// What the end of the central directory says.
struct End {
    at: u64,
    comment: u16,
    entries: u64,
    len: u64,
    offset: u64,
    disks: bool,
    end_64: Option<Span>,
}

/// Reads the central directory; where it is lost, what stands before it.
///
/// # Errors
/// If neither can be read.
pub(crate) fn open(source: &dyn Source, limits: &Limits) -> Result<Archive, FormatError> {
    match by_directory(source, limits) {
        Err(err) if !matches!(err.problem, Problem::Io(_)) => salvage(source, limits, err),
        read => read,
    }
}

fn by_directory(source: &dyn Source, limits: &Limits) -> Result<Archive, FormatError> {
    let mut window = Window::new(source);
    let end = find_end(&mut window, source)?;
    let wrong = |what| FormatError::malformed(end.at, what);
    if end.disks {
        return Err(FormatError::unsupported(end.at, "a ZIP archive in several parts"));
    }
    let directory_end = end.end_64.map_or(end.at, |span| span.start);
    let start =
        directory_end.checked_sub(end.len).ok_or(wrong("the ZIP directory is longer than the file"))?;
    let base = start.checked_sub(end.offset).ok_or(wrong("the ZIP directory is not where its end says"))?;
    if end.entries > limits.segments as u64 {
        let limit = limits.segments as u64;
        return Err(FormatError::new(end.at, Problem::OverLimit { what: "ZIP entries", limit }));
    }
    let directory = Span { start, end: directory_end };
    let records = limits.take(source, directory)?;
    let after = end.at + END_LEN;
    let mut archive = Archive {
        entries: Vec::new(),
        base,
        records,
        directory,
        end_64: end.end_64,
        end: Span { start: end.at, end: after },
        comment: Span { start: after, end: after + u64::from(end.comment) },
        damage: None,
    };
    let mut at = 0;
    while at < archive.records.len() {
        if archive.entries.len() >= limits.segments {
            let problem = Problem::OverLimit { what: "ZIP entries", limit: limits.segments as u64 };
            archive.damage = Some(FormatError::new(start + at as u64, problem));
            break;
        }
        match entry(&archive.records, at, base, start) {
            Some(entry) => {
                at = entry.record.end;
                archive.entries.push(entry);
            }
            None => {
                let what = "an entry of the ZIP directory cannot be read";
                archive.damage = Some(FormatError::malformed(start + at as u64, what));
                break;
            }
        }
    }
    if archive.damage.is_none() {
        archive.damage = contradiction(&archive, end.entries);
    }
    Ok(archive)
}

/// Finds the end of the central directory: the last place that looks like it and has a directory before it.
fn find_end(window: &mut Window<'_>, source: &dyn Source) -> Result<End, FormatError> {
    let size = source.size();
    let missing = FormatError::new(size, Problem::Truncated);
    // One block holds the end of nearly all archives; a comment can be 64 KB long.
    for reach in [4096_u64, END_LEN + u64::from(u16::MAX) + 4096] {
        let start = size.saturating_sub(reach);
        let len = usize::try_from(size - start).map_err(|_| missing.clone())?;
        let tail = window.bytes(start, len)?.to_vec();
        for found in memchr::memmem::rfind_iter(&tail, END) {
            let at = start + found as u64;
            let Some(end) = tail.get(found..).and_then(|bytes| plain_end(bytes, at)) else { continue };
            if at + END_LEN + u64::from(end.comment) > size {
                continue;
            }
            let end = zip64(window, end)?;
            if has_directory(window, &end)? {
                return Ok(end);
            }
        }
        if start == 0 {
            break;
        }
    }
    Err(missing)
}

fn plain_end(bytes: &[u8], at: u64) -> Option<End> {
    Some(End {
        at,
        disks: short(bytes, 4)? != short(bytes, 6)? || short(bytes, 8)? != short(bytes, 10)?,
        entries: u64::from(short(bytes, 10)?),
        len: u64::from(long(bytes, 12)?),
        offset: u64::from(long(bytes, 16)?),
        comment: short(bytes, 20)?,
        end_64: None,
    })
}

/// Whether entries of a directory stand where an end says.
fn has_directory(window: &mut Window<'_>, end: &End) -> Result<bool, FormatError> {
    let stop = end.end_64.map_or(end.at, |span| span.start);
    match stop.checked_sub(end.len) {
        Some(start) if end.len > 0 => Ok(window.up_to(start, CENTRAL.len())? == CENTRAL),
        Some(_) => Ok(end.entries == 0),
        None => Ok(false),
    }
}

/// The end with the numbers of the ZIP64 end, where there is one.
fn zip64(window: &mut Window<'_>, mut end: End) -> Result<End, FormatError> {
    let Some(locator) = end.at.checked_sub(LOCATOR_LEN) else { return Ok(end) };
    let bytes: [u8; 20] = window.array(locator)?;
    if !bytes.starts_with(LOCATOR_64) {
        return Ok(end);
    }
    // Usually it stands just before its locator; else where that says.
    let stated = longest(&bytes, 8).unwrap_or_default();
    let near = locator.checked_sub(END_64_LEN);
    for at in near.into_iter().chain([stated]) {
        let found = window.up_to(at, 56)?.to_vec();
        if found.len() < 56 || !found.starts_with(END_64) || at >= locator {
            continue;
        }
        if let (Some(entries), Some(len), Some(offset)) =
            (longest(&found, 32), longest(&found, 40), longest(&found, 48))
        {
            end.disks = long(&found, 16) != long(&found, 20) || longest(&found, 24) != longest(&found, 32);
            (end.entries, end.len, end.offset) = (entries, len, offset);
            end.end_64 = Some(Span { start: at, end: end.at });
            return Ok(end);
        }
    }
    Err(FormatError::malformed(locator, "the ZIP64 end of the directory is missing"))
}

fn entry(records: &[u8], at: usize, base: u64, start: u64) -> Option<Entry> {
    let bytes = records.get(at..)?;
    if !bytes.starts_with(CENTRAL) {
        return None;
    }
    let lens = [short(bytes, 28)?, short(bytes, 30)?, short(bytes, 32)?].map(usize::from);
    let [name, extra_len, comment] = lens;
    let raw_name = at + CENTRAL_LEN..at + CENTRAL_LEN + name;
    let extra_at = raw_name.end;
    let record = at..extra_at + extra_len + comment;
    let raw = records.get(raw_name.clone())?;
    let fields = records.get(extra_at..extra_at + extra_len)?;
    records.get(record.clone())?;
    let (packed, size, offset) = (long(bytes, 20)?, long(bytes, 24)?, long(bytes, 42)?);
    let mut entry = Entry {
        name: String::from_utf8_lossy(raw).into_owned(),
        flags: short(bytes, 8)?,
        method: short(bytes, 10)?,
        crc: long(bytes, 16)?,
        packed: u64::from(packed),
        size: u64::from(size),
        at: u64::from(offset),
        record,
        raw_name,
        offset_64: None,
    };
    let long_fields = extra(fields, 1);
    let mut next = long_fields.clone().map_or(0, |range| range.start);
    let mut wide = |is_full: bool| -> Option<Option<(u64, usize)>> {
        if !is_full {
            return Some(None);
        }
        let end = long_fields.as_ref()?.end;
        let found = (longest(fields, next)?, extra_at + next);
        next += 8;
        (next <= end).then_some(Some(found))
    };
    if let Some((value, _)) = wide(size == FULL)? {
        entry.size = value;
    }
    if let Some((value, _)) = wide(packed == FULL)? {
        entry.packed = value;
    }
    if let Some((value, place)) = wide(offset == FULL)? {
        (entry.at, entry.offset_64) = (value, Some(place));
    }
    entry.at = entry.at.checked_add(base)?;
    // All of it lies before the directory.
    let least = LOCAL_LEN.checked_add(name as u64)?.checked_add(entry.packed)?;
    (entry.at.checked_add(least)? <= start).then_some(entry)
}

/// What in the directory contradicts itself.
fn contradiction(archive: &Archive, entries: u64) -> Option<FormatError> {
    let at = |entry: &Entry| archive.directory.start + entry.record.start as u64;
    let count = archive.entries.len() as u64;
    // Without ZIP64 the number of entries counts from 0 again after 65535.
    let counted = count == entries || (archive.end_64.is_none() && count % 0x1_0000 == entries);
    if !counted {
        return Some(FormatError::malformed(
            archive.end.start,
            "the ZIP directory has another number of entries",
        ));
    }
    let mut places: Vec<&Entry> = archive.entries.iter().collect();
    places.sort_by_key(|entry| entry.at);
    let crossed = places.iter().zip(places.iter().skip(1)).find(|(one, next)| {
        let least = LOCAL_LEN + one.raw_name.len() as u64 + one.packed;
        one.at + least > next.at
    });
    if let Some((_, next)) = crossed {
        return Some(FormatError::malformed(at(next), "ZIP entries that overlap"));
    }
    let mut names: Vec<(String, &Entry)> = archive
        .entries
        .iter()
        .filter(|entry| !entry.name.ends_with('/'))
        .map(|entry| (entry.name.to_ascii_lowercase(), entry))
        .collect();
    names.sort_by(|(one, _), (two, _)| one.cmp(two));
    let twice = names.iter().zip(names.iter().skip(1)).find(|((one, _), (two, _))| one == two);
    twice.map(|(_, (_, entry))| {
        FormatError::malformed(
            at(entry),
            "two ZIP entries of one name: readers differ in which of them counts",
        )
    })
}
