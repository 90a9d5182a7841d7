//! One entry: where its data stands, and what it holds.

use std::io::Read;

use super::{Archive, DESCRIPTOR, Entry, LOCAL, LOCAL_LEN, long, short};
use flate2::bufread::DeflateDecoder;
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// Flag: the entry is encrypted.
const ENCRYPTED: u16 = 1;
/// Flag: CRC and sizes follow the data.
const DESCRIBED: u16 = 8;
/// Bytes that [`search`] looks through first.
const FIRST: u64 = 32 << 10;

const UNREADABLE: Problem = Problem::Malformed("a ZIP entry does not inflate");
const TOO_LONG: &str = "bytes in a ZIP entry";

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    /// Its packed data.
    pub(crate) data: Span,
    /// Its header, its data, and its data descriptor if it has one.
    pub(crate) all: Span,
}

/// Finds the data of an entry, by its local header.
///
/// # Errors
/// If the local header says something else than the directory.
pub(crate) fn local(window: &mut Window<'_>, archive: &Archive, entry: &Entry) -> Result<Local, FormatError> {
    let wrong = |what| FormatError::malformed(entry.at, what);
    let head: [u8; 30] = window.array(entry.at)?;
    if !head.starts_with(LOCAL) {
        return Err(wrong("a ZIP entry has no local header"));
    }
    let field = |at| short(&head, at).unwrap_or_default();
    let (name, extra) = (usize::from(field(26)), u64::from(field(28)));
    let raw = archive.records.get(entry.raw_name.clone()).unwrap_or_default();
    if window.up_to(entry.at + LOCAL_LEN, name)? != raw || field(8) != entry.method {
        return Err(wrong("the local header of a ZIP entry differs from the directory"));
    }
    let number = |at| u64::from(long(&head, at).unwrap_or_default());
    // Sizes that follow the data are 0 here; sizes of ZIP64 are all ones.
    let fits = |there: u64, size: u64| there == size || there == u64::from(u32::MAX);
    let described = field(6) & DESCRIBED != 0;
    let differ = !fits(number(18), entry.packed) || !fits(number(22), entry.size);
    if !described && differ {
        return Err(wrong("the sizes in the local header of a ZIP entry differ from the directory"));
    }
    let start = entry.at + LOCAL_LEN + name as u64 + extra;
    let data = Span::new(start, entry.packed).filter(|span| span.end <= archive.entries_end());
    let data = data.ok_or(wrong("a ZIP entry runs into the directory"))?;
    let mut end = data.end;
    if described {
        end += descriptor(window, archive, entry, end)?;
    }
    Ok(Local { data, all: Span { start: entry.at, end } })
}

/// Length of the data descriptor at `at`: it may begin with a signature, and its sizes may be of eight bytes.
fn descriptor(
    window: &mut Window<'_>,
    archive: &Archive,
    entry: &Entry,
    at: u64,
) -> Result<u64, FormatError> {
    let left = usize::try_from(archive.entries_end() - at).map_or(24, |left| left.min(24));
    let bytes = window.up_to(at, left)?;
    let signature = if bytes.starts_with(DESCRIPTOR) { DESCRIPTOR.len() } else { 0 };
    let rest = bytes.get(signature..).unwrap_or_default();
    let (wide, narrow) = ([entry.packed, entry.size].map(u64::to_le_bytes), [entry.packed, entry.size]);
    let crc = entry.crc.to_le_bytes();
    let narrow = narrow.map(|size| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
    for sizes in [wide.as_flattened(), narrow.as_flattened()] {
        if rest.strip_prefix(&crc).is_some_and(|rest| rest.starts_with(sizes)) {
            return Ok((signature + crc.len() + sizes.len()) as u64);
        }
    }
    // A writer that forgot it: what follows is another entry.
    Ok(0)
}

/// What an entry holds; at most `most` bytes.
///
/// # Errors
/// If it is encrypted, over a limit, or not what the directory says.
pub(crate) fn read(
    window: &mut Window<'_>,
    source: &dyn Source,
    archive: &Archive,
    entry: &Entry,
    most: u64,
    limits: &Limits,
) -> Result<Vec<u8>, FormatError> {
    let (packed, at) = packed(window, source, archive, entry, most, limits)?;
    let bytes = if entry.method == 0 {
        packed
    } else {
        inflate(&packed, most).map_err(|problem| FormatError::new(at, problem))?
    };
    checked(entry, &bytes).map_err(|problem| FormatError::new(at, problem))?;
    Ok(bytes)
}

/// Looks through an entry no further than it takes: `find` is given its start, a longer one each time, and whether that
/// is all of it. What is not inflated to its end is not compared with what the directory says.
///
/// # Errors
/// As [`read`], as far as it was read.
pub(crate) fn search<T>(
    window: &mut Window<'_>,
    source: &dyn Source,
    archive: &Archive,
    entry: &Entry,
    most: u64,
    limits: &Limits,
    mut find: impl FnMut(&[u8], bool) -> Option<T>,
) -> Result<Option<T>, FormatError> {
    let (packed, at) = packed(window, source, archive, entry, most, limits)?;
    let wrong = |problem| FormatError::new(at, problem);
    let mut reader: Box<dyn Read + '_> = match entry.method {
        0 => Box::new(packed.as_slice()),
        _ => Box::new(DeflateDecoder::new(packed.as_slice())),
    };
    let (mut out, mut next) = (Vec::new(), FIRST);
    loop {
        let wanted = next.min(most.saturating_add(1)).saturating_sub(out.len() as u64);
        let read = reader.by_ref().take(wanted).read_to_end(&mut out).map_err(|_| wrong(UNREADABLE))?;
        if out.len() as u64 > most {
            return Err(wrong(Problem::OverLimit { what: TOO_LONG, limit: most }));
        }
        let is_all = (read as u64) < wanted;
        if is_all {
            checked(entry, &out).map_err(wrong)?;
        }
        match find(&out, is_all) {
            None if !is_all => next = next.saturating_mul(4),
            found => return Ok(found),
        }
    }
}

/// The data of an entry as it stands in the file, and where.
fn packed(
    window: &mut Window<'_>,
    source: &dyn Source,
    archive: &Archive,
    entry: &Entry,
    most: u64,
    limits: &Limits,
) -> Result<(Vec<u8>, u64), FormatError> {
    if entry.flags & ENCRYPTED != 0 {
        return Err(FormatError::unsupported(entry.at, "encrypted ZIP entries"));
    }
    if entry.size > most {
        return Err(FormatError::new(entry.at, Problem::OverLimit { what: TOO_LONG, limit: most }));
    }
    let data = local(window, archive, entry)?.data;
    if ![0, 8].contains(&entry.method) {
        return Err(FormatError::unsupported(entry.at, "this compression of ZIP entries"));
    }
    // A small part often came along with its header.
    let packed = match usize::try_from(data.len()) {
        Ok(len) if len <= 4096 => window.bytes(data.start, len)?.to_vec(),
        _ => limits.take(source, data)?,
    };
    Ok((packed, data.start))
}

/// Whether all that an entry holds is what the directory says.
fn checked(entry: &Entry, bytes: &[u8]) -> Result<(), Problem> {
    if bytes.len() as u64 != entry.size || crc32fast::hash(bytes) != entry.crc {
        return Err(Problem::Malformed("a ZIP entry does not hold what the directory says"));
    }
    Ok(())
}

/// Inflates the whole of a deflated entry.
///
/// # Errors
/// If it cannot be inflated, or to more than the limit.
pub(crate) fn inflated(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Problem> {
    inflate(bytes, limits.inflated)
}

fn inflate(bytes: &[u8], most: u64) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    let read = DeflateDecoder::new(bytes).take(most.saturating_add(1)).read_to_end(&mut out);
    read.map_err(|_| UNREADABLE)?;
    if out.len() as u64 > most {
        return Err(Problem::OverLimit { what: TOO_LONG, limit: most });
    }
    Ok(out)
}
