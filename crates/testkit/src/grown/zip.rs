//! Packages.

use super::{crc, find_last, four};

/// One more member, not compressed, behind the others.
pub(super) fn member(file: &[u8], by: usize) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"media/large.bin";
    let end = find_last(file, b"PK\x05\x06")?;
    let number = |at: usize| four(file, at).map(u32::from_le_bytes);
    let two = |at: usize| Some(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?));
    let (size, start, count) = (number(end + 12)?, number(end + 16)?, two(end + 10)?);
    let at = usize::try_from(start).ok()?;
    let data = vec![0; by];
    // Version, flags, method, time, checksum, both sizes, length of the name, none of extra fields.
    let length = u32::try_from(by).ok()?.to_le_bytes();
    let name = u16::try_from(NAME.len()).ok()?.to_le_bytes();
    let common =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..], &crc(&data).to_le_bytes(), &length, &length, &name, &[0, 0]]
            .concat();
    let local = [b"PK\x03\x04", &common[..], NAME, &data].concat();
    let entry = [b"PK\x01\x02\x14\0", &common[..], &[0; 10], &start.to_le_bytes(), NAME].concat();
    let directory = file.get(at..at + usize::try_from(size).ok()?)?;
    let moved = start + u32::try_from(local.len()).ok()?;
    let size = size + u32::try_from(entry.len()).ok()?;
    let count = (count + 1).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &size.to_le_bytes(),
        &moved.to_le_bytes(),
        file.get(end + 20..)?,
    ]
    .concat();
    Some([file.get(..at)?, &local, directory, &entry, &end].concat())
}
