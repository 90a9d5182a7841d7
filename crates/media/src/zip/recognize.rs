//! What the head of a file tells of an archive: the names of its first entries, and what its first words say.

use std::io::Read;

use super::{LOCAL, LOCAL_LEN, long, short};
use crate::Head;
use flate2::read::DeflateDecoder;

/// Most bytes inflated of an entry in the head of a file.
const MOST: u64 = 64 << 10;

/// An entry that begins in the head of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'h> {
    /// Its name.
    pub(crate) name: &'h [u8],
    /// How it is compressed.
    pub(crate) method: u16,
    /// As much of its data as stands in the head; of unknown end if the sizes follow the data.
    pub(crate) data: &'h [u8],
}

impl Seen<'_> {
    /// As much of what it holds as can be told.
    pub(crate) fn words(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.method {
            0 => out.extend_from_slice(self.data),
            // It is cut off: what came before is of use.
            _ => drop(DeflateDecoder::new(self.data).take(MOST).read_to_end(&mut out)),
        }
        out
    }
}

/// The entries that begin in the head of an archive; none if it does not begin with one.
pub(crate) fn names<'h>(head: &Head<'h>) -> Vec<Seen<'h>> {
    let mut seen = Vec::new();
    if !head.bytes.starts_with(LOCAL) {
        return seen;
    }
    let mut at = 0;
    while let Some((one, end)) = entry(head.bytes, at) {
        seen.push(one);
        // Where sizes follow the data, the next entry is looked for by its signature.
        let from = end.unwrap_or(at + LOCAL.len());
        let rest = head.bytes.get(from..).unwrap_or_default();
        let Some(next) = memchr::memmem::find(rest, LOCAL) else { break };
        at = from + next;
    }
    seen
}

/// The entry whose local header stands at `at`, and where its data ends if that is known.
fn entry(head: &[u8], at: usize) -> Option<(Seen<'_>, Option<usize>)> {
    let bytes = head.get(at..)?;
    let (name, extra) = (usize::from(short(bytes, 26)?), usize::from(short(bytes, 28)?));
    let start = usize::try_from(LOCAL_LEN).ok()?;
    let raw = bytes.get(start..start + name)?;
    let data = bytes.get(start + name + extra..).unwrap_or_default();
    let described = short(bytes, 6)? & 8 != 0;
    let size = usize::try_from(long(bytes, 18)?).ok()?;
    let data = if described { data } else { data.get(..size).unwrap_or(data) };
    let end = (!described).then(|| at + start + name + extra + size);
    Some((Seen { name: raw, method: short(bytes, 8)?, data }, end))
}

/// Whether a file called this could be an archive with something else before it: no format begins so, and only
/// the name tells.
pub(crate) fn look(head: &Head<'_>, extensions: &[&str]) -> bool {
    let named = head.extension.is_some_and(|extension| extensions.contains(&extension));
    named && memchr::memmem::find(head.bytes, LOCAL).is_some()
}
