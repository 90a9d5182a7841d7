//! What can be told of an archive whose directory is lost: the entries that stand whole one after the other.

use super::{Archive, DESCRIPTOR, Entry, LOCAL, LOCAL_LEN, long, short};
use indicia_core::{FormatError, Limits, Source, Span, Window};

/// Flag: CRC and sizes follow the data.
const DESCRIBED: u16 = 8;

/// Lists the entries from the start of a file on, as their local headers have them.
///
/// # Errors
/// The damage itself, if there is not one whole entry.
pub(crate) fn salvage(
    source: &dyn Source,
    limits: &Limits,
    damage: FormatError,
) -> Result<Archive, FormatError> {
    let size = source.size();
    // Where the sizes follow the data, only looking for them tells where it ends.
    let whole =
        if size <= limits.block { limits.take(source, Span { start: 0, end: size })? } else { Vec::new() };
    let mut window = Window::new(source);
    let (mut entries, mut records, mut at) = (Vec::new(), Vec::new(), 0);
    while entries.len() < limits.segments
        && let Some((entry, end)) = entry(&mut window, &whole, &mut records, at)?
    {
        entries.push(entry);
        at = end;
    }
    if entries.is_empty() {
        return Err(damage);
    }
    let none = Span { start: at, end: at };
    let damage = Some(damage);
    Ok(Archive { entries, base: 0, records, directory: none, end_64: None, end: none, comment: none, damage })
}

/// The entry at a place, and where it ends; `None` if there is none, or not all of it.
fn entry(
    window: &mut Window<'_>,
    whole: &[u8],
    records: &mut Vec<u8>,
    at: u64,
) -> Result<Option<(Entry, u64)>, FormatError> {
    let head = window.up_to(at, 30)?.to_vec();
    let field = |place| short(&head, place).unwrap_or_default();
    let number = |place| long(&head, place).unwrap_or_default();
    let start = at + LOCAL_LEN + u64::from(field(26)) + u64::from(field(28));
    if head.len() < 30 || !head.starts_with(LOCAL) || start > window.size() {
        return Ok(None);
    }
    let (mut crc, mut packed, mut size, mut end) =
        (number(14), u64::from(number(18)), u64::from(number(22)), start + u64::from(number(18)));
    if field(6) & DESCRIBED != 0 && packed == 0 {
        let Some(found) = described(whole, start) else { return Ok(None) };
        (crc, packed, size, end) = found;
    }
    if end > window.size() {
        return Ok(None);
    }
    let raw = window.up_to(at + LOCAL_LEN, usize::from(field(26)))?;
    let from = records.len();
    records.extend_from_slice(raw);
    let place = from..records.len();
    let name = String::from_utf8_lossy(raw).into_owned();
    let (flags, method, record, raw_name) = (field(6), field(8), place.clone(), place);
    let offset_64 = None;
    Ok(Some((Entry { name, flags, method, crc, packed, size, at, record, raw_name, offset_64 }, end)))
}

/// CRC, both sizes and the end of the entry whose data starts here, by the first descriptor that fits.
fn described(whole: &[u8], start: u64) -> Option<(u32, u64, u64, u64)> {
    let data = whole.get(usize::try_from(start).ok()?..)?;
    memchr::memmem::find_iter(data, DESCRIPTOR).find_map(|len| {
        let descriptor = data.get(len..)?;
        let packed = u64::from(long(descriptor, 8)?);
        let fits = packed == len as u64;
        fits.then_some((long(descriptor, 4)?, packed, u64::from(long(descriptor, 12)?), start + packed + 16))
    })
}
