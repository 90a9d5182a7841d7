//! Chunks of every sort: their size before them, after their name or before it, in either order of bytes.

use super::{crc, find, find_last, four, inserted, over};

/// A longer chunk of one of these names, in a RIFF file.
pub(super) fn riff(file: &[u8], names: &[&[u8; 4]], by: usize) -> Option<Vec<u8>> {
    // The sizes of RF64 stand elsewhere.
    if !file.starts_with(b"RIFF") {
        return None;
    }
    let mut at = 12;
    while !names.iter().any(|name| file.get(at..at + 4) == Some(name.as_slice())) {
        let size = usize::try_from(u32::from_le_bytes(four(file, at + 4)?)).ok()?;
        at += 8 + size + size % 2;
    }
    let by = by + by % 2;
    let size = usize::try_from(u32::from_le_bytes(four(file, at + 4)?)).ok()?;
    let longer = inserted(file, at + 8 + size, &vec![0; by])?;
    let longer = over(&longer, at + 4, &u32::try_from(size + by).ok()?.to_le_bytes())?;
    over(&longer, 4, &u32::try_from(longer.len() - 8).ok()?.to_le_bytes())
}

/// A longer chunk of an AIFF file.
pub(super) fn iff(file: &[u8], name: &[u8; 4], by: usize) -> Option<Vec<u8>> {
    let mut at = 12;
    while file.get(at..at + 4)? != name {
        let size = usize::try_from(u32::from_be_bytes(four(file, at + 4)?)).ok()?;
        at += 8 + size + size % 2;
    }
    let by = by + by % 2;
    let size = usize::try_from(u32::from_be_bytes(four(file, at + 4)?)).ok()?;
    let longer = inserted(file, at + 8 + size, &vec![0; by])?;
    let longer = over(&longer, at + 4, &u32::try_from(size + by).ok()?.to_be_bytes())?;
    over(&longer, 4, &u32::try_from(longer.len() - 8).ok()?.to_be_bytes())
}

/// One more frame at the end of the list `movi` of an AVI file, and the index still behind it.
pub(super) fn movie(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let list = find(file, b"movi")? - 8;
    let size = usize::try_from(u32::from_le_bytes(four(file, list + 4)?)).ok()?;
    let by = by + by % 2;
    let frame = [&b"00dc"[..], &u32::try_from(by).ok()?.to_le_bytes(), &vec![0; by]].concat();
    let longer = inserted(file, list + 8 + size, &frame)?;
    let longer = over(&longer, list + 4, &u32::try_from(size + frame.len()).ok()?.to_le_bytes())?;
    over(&longer, 4, &u32::try_from(longer.len() - 8).ok()?.to_le_bytes())
}

/// More rows, in a file of as many bytes more.
pub(super) fn bmp(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let size = |at| four(file, at).map(u32::from_le_bytes);
    let width = usize::try_from(size(18)?).ok()?;
    let bits = usize::from(*file.get(28)?);
    let row = (width * bits).div_ceil(32) * 4;
    let height = size(22)?.cast_signed();
    let rows = by.div_ceil(row);
    let more = i32::try_from(rows).ok()? * height.signum();
    let longer = [file, &vec![0; rows * row]].concat();
    let longer = over(&longer, 2, &u32::try_from(longer.len()).ok()?.to_le_bytes())?;
    let longer = over(&longer, 22, &(height + more).to_le_bytes())?;
    let image = usize::try_from(size(34)?).ok()?;
    if image == 0 {
        Some(longer)
    } else {
        over(&longer, 34, &u32::try_from(image + rows * row).ok()?.to_le_bytes())
    }
}

/// One more tag of pictures at the end.
pub(super) fn flv(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let size = u32::try_from(by).ok()?;
    let [_, a, b, c] = size.to_be_bytes();
    let tag = [&[9, a, b, c, 0, 0, 0, 0, 0, 0, 0][..], &vec![0x22; by]].concat();
    Some([file, &tag, &(size + 11).to_be_bytes()].concat())
}

/// The blocks of the last picture in a GIF file, over and over.
pub(super) fn gif(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let end = file.len().checked_sub(2).filter(|end| file.get(*end..) == Some(&[0, 0x3B]))?;
    let block = [&[255][..], &[0x55; 255]].concat();
    inserted(file, end, &block.repeat(by.div_ceil(block.len())))
}

/// Longer coded data before the end of a JPEG file.
pub(super) fn jpeg(file: &[u8], by: usize) -> Option<Vec<u8>> {
    inserted(file, find_last(file, &[0xFF, 0xD9])?, &vec![0x55; by])
}

/// One more chunk of pixels behind the last.
pub(super) fn png(file: &[u8], by: usize) -> Option<Vec<u8>> {
    // Frames of an animation are numbered.
    if find(file, b"acTL").is_some() {
        return None;
    }
    let at = find_last(file, b"IDAT")? - 4;
    let size = usize::try_from(u32::from_be_bytes(four(file, at)?)).ok()?;
    let named = [&b"IDAT"[..], &vec![0; by]].concat();
    let chunk = [&u32::try_from(by).ok()?.to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat();
    inserted(file, at + 12 + size, &chunk)
}

/// One more Cluster at the end of the Segment, with one block of the first track.
pub(super) fn cluster(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let segment = find(file, b"\x18\x53\x80\x67")? + 4;
    // Its size takes eight bytes, as it does where it is written last.
    let [first @ 0x01, rest @ ..]: [u8; 8] = file.get(segment..segment + 8)?.try_into().ok()? else {
        return None;
    };
    let size = rest.iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    let block = [&[0x81, 0, 0, 0x80][..], &vec![0; by]].concat();
    let sized =
        |id: &[u8], body: &[u8]| [id, &(1_u64 << 56 | body.len() as u64).to_be_bytes(), body].concat();
    let body = [&[0xE7, 0x82, 0x7F, 0xFF][..], &sized(&[0xA3], &block)].concat();
    let cluster = sized(b"\x1F\x43\xB6\x75", &body);
    let longer = [file, &cluster].concat();
    let is_open = size == (1 << 56) - 1;
    let size = if is_open { size } else { size + cluster.len() as u64 };
    let [_, size @ ..] = size.to_be_bytes();
    over(&longer, segment, &[&[first][..], &size].concat())
}

/// A longer last strip, where it stands at the end of the file and its length in the entry itself.
pub(super) fn tiff(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let is_little = file.starts_with(b"II*\0");
    if !is_little && !file.starts_with(b"MM\0*") {
        return None;
    }
    let two = |at: usize| {
        let bytes: [u8; 2] = file.get(at..at + 2)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let number = |at: usize| {
        four(file, at)
            .map(|bytes| if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let written = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
    let directory = usize::try_from(number(4)?).ok()?;
    let entry = |tag: u16| {
        (0..two(directory).unwrap_or(0))
            .map(|at| directory + 2 + 12 * usize::from(at))
            .find(|at| two(*at) == Some(tag))
    };
    let (offsets, counts) = (entry(0x0111)?, entry(0x0117)?);
    if number(counts + 4)? != 1 || two(counts + 2)? != 4 {
        return None;
    }
    let (start, len) =
        (usize::try_from(number(offsets + 8)?).ok()?, usize::try_from(number(counts + 8)?).ok()?);
    // The strip moves to the end, where it has room.
    let strip = [file.get(start..start + len)?, &vec![0; by]].concat();
    let moved = over(file, offsets + 8, &written(u32::try_from(file.len()).ok()?))?;
    let moved = over(&moved, counts + 8, &written(u32::try_from(strip.len()).ok()?))?;
    Some([moved, strip].concat())
}
