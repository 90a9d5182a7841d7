//! ZIP archives (PKWARE APPNOTE 6.3.10): their central directory read, single entries inflated, and entries put in,
//! replaced or taken out while all others stay byte for byte.
//!
//! Nothing is ever unpacked to a disk, so the names of entries are only compared and never used as paths.

mod directory;
mod entry;
mod extract;
mod recognize;
mod salvage;
mod segments;
#[cfg(test)]
pub(crate) mod tests;
mod write;

pub(crate) use directory::{Archive, Entry, open};
pub(crate) use entry::{inflated, local, read, search};
pub use extract::zip_entry;
pub(crate) use recognize::{look, names};
pub(crate) use segments::layout;
pub(crate) use write::{Change, rewritten};

/// Start of a local file header.
const LOCAL: &[u8] = b"PK\x03\x04";
/// Start of an entry of the central directory.
const CENTRAL: &[u8] = b"PK\x01\x02";
/// Start of the end of the central directory.
const END: &[u8] = b"PK\x05\x06";
/// Start of the ZIP64 end of the central directory.
const END_64: &[u8] = b"PK\x06\x06";
/// Start of what tells where that is.
const LOCATOR_64: &[u8] = b"PK\x06\x07";
/// Start of a data descriptor, where it has one.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Length of a local file header without name and extra field.
const LOCAL_LEN: u64 = 30;
/// Length of an entry of the central directory without name, extra field and comment.
const CENTRAL_LEN: usize = 46;
/// Length of the end of the central directory without its comment.
const END_LEN: u64 = 22;
/// Length of the ZIP64 end of the central directory without what later versions may add.
const END_64_LEN: u64 = 56;
/// Length of the ZIP64 locator.
const LOCATOR_LEN: u64 = 20;

/// A little-endian number of two bytes.
fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let (two, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
    Some(u16::from_le_bytes(*two))
}

/// A little-endian number of four bytes.
fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let (four, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// A little-endian number of eight bytes.
fn longest(bytes: &[u8], at: usize) -> Option<u64> {
    let (eight, _) = bytes.get(at..)?.split_first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
}

/// The field of this kind in an extra field: its range in there.
fn extra(bytes: &[u8], kind: u16) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    loop {
        let (id, len) = (short(bytes, at)?, usize::from(short(bytes, at + 2)?));
        let end = at + 4 + len;
        if end > bytes.len() {
            return None;
        }
        if id == kind {
            return Some(at + 4..end);
        }
        at = end;
    }
}
