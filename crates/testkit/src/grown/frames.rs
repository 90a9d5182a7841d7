//! Streams of sound: frames and pages, one after another.

use super::find_last;

/// All frames of a stream again and again, between its tags.
pub(super) fn repeated(file: &[u8], by: usize) -> Option<Vec<u8>> {
    // An ID3 tag says in seven bits a byte how long it is; ID3v1 takes 128 bytes at the end.
    let start = match file.get(..10)? {
        [b'I', b'D', b'3', _, _, _, size @ ..] => {
            10 + size.iter().fold(0, |size, byte| size << 7 | usize::from(*byte))
        }
        _ => 0,
    };
    let tail =
        file.len().checked_sub(128).filter(|at| file.get(*at..*at + 3) == Some(b"TAG")).unwrap_or(file.len());
    let (tag, frames) = (file.get(..start)?, file.get(start..tail)?);
    let times = 1 + by.div_ceil(frames.len().max(1));
    Some([tag, &frames.repeat(times), file.get(tail..)?].concat())
}

/// More bytes among the frames of a FLAC file: only the first and the last are looked at before sound is decoded.
pub(super) fn between(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let mut at = 4;
    loop {
        let [kind, size @ ..] = super::four(file, at)?;
        at += 4 + size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
        if kind & 0x80 != 0 {
            break;
        }
    }
    super::inserted(file, at + (file.len() - at) / 2, &vec![0x55; by])
}

/// More pages before the last one of an Ogg file with one stream.
pub(super) fn ogg(file: &[u8], by: usize) -> Option<Vec<u8>> {
    let last = find_last(file, b"OggS")?;
    let page = file.get(last..)?;
    let number = |at: usize| Some(u32::from_le_bytes(page.get(at..at + 4)?.try_into().ok()?));
    let (serial, mut next) = (number(14)?, number(18)?);
    let mut pages = Vec::new();
    while pages.len() < by {
        // One packet of 255 pieces but for the last, whose end is in the page; the position of sound is that of none.
        let mut one =
            [&b"OggS\0\0"[..], &[0xFF; 8], &serial.to_le_bytes(), &next.to_le_bytes(), &[0; 4], &[255]]
                .concat();
        one.extend([255; 254]);
        one.push(0);
        one.extend(vec![0x55; 254 * 255]);
        pages.extend(sealed(one)?);
        next += 1;
    }
    let mut page = page.to_vec();
    page.get_mut(18..22)?.copy_from_slice(&next.to_le_bytes());
    Some([file.get(..last)?, &pages, &sealed(page)?].concat())
}

/// The page with its checksum (RFC 3533, 6).
fn sealed(mut page: Vec<u8>) -> Option<Vec<u8>> {
    page.get_mut(22..26)?.fill(0);
    let crc = page.iter().fold(0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    });
    page.get_mut(22..26)?.copy_from_slice(&crc.to_le_bytes());
    Some(page)
}
