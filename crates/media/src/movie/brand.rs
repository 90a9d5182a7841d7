use crate::Head;

/// Which of the formats that share this structure a file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// QuickTime.
    Mov,
    /// MP4 with nothing but sound.
    Sound,
    /// MP4 and what is made like it: 3GPP, Flash video, CMAF.
    Video,
}

/// Brands of pictures in the same boxes: HEIF, AVIF and Canon's raw pictures.
#[rustfmt::skip]
const PICTURES: [&[u8; 4]; 15] = [
    b"avif", b"avis", b"crx ", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx", b"j2is",
    b"mif1", b"mif2", b"msf1",
];

/// Brands that say that there is sound and nothing else.
const SOUND: [&[u8; 4]; 5] = [b"F4A ", b"F4B ", b"M4A ", b"M4B ", b"M4P "];

/// How surely a file is of this kind: by the brands of its `ftyp` box, or, where there is none as in old QuickTime
/// files, by the type of its first box.
pub(crate) fn recognize(head: &Head<'_>, kind: Kind) -> u32 {
    match brand(head) {
        Some((found, sure)) if found == kind => sure,
        _ => 0,
    }
}

/// The kind, and the number of bytes that say so.
fn brand(head: &Head<'_>) -> Option<(Kind, u32)> {
    let mut at = 0_usize;
    let mut first = None;
    loop {
        let rest = head.bytes.get(at..)?;
        let Some([a, b, c, d, kind @ ..]) = rest.first_chunk::<8>() else {
            return first;
        };
        let size = u32::from_be_bytes([*a, *b, *c, *d]);
        // A size of 0 means up to the end, 1 that it follows in 64 bits.
        let fits = size < 2 || (size >= 8 && u64::from(size) <= head.size);
        let named = matches!(head.extension, Some("mov" | "qt" | "mp4" | "m4v" | "m4a" | "m4b" | "3gp"));
        match kind {
            b"ftyp" | b"styp" => return of_ftyp(head, rest, size),
            b"moof" | b"sidx" if fits && size >= 8 => return Some((Kind::Video, 4)),
            b"mdat" | b"moov" | b"pnot" if fits || named => return Some(first.unwrap_or((Kind::Mov, 4))),
            b"free" | b"skip" | b"wide" if fits && size >= 8 => {
                first = first.or(Some((Kind::Mov, 4)));
                at = at.checked_add(usize::try_from(size).ok()?)?;
                if at >= head.bytes.len() {
                    return first;
                }
            }
            _ => return None,
        }
    }
}

/// The kind that an `ftyp` box names.
fn of_ftyp(head: &Head<'_>, rest: &[u8], size: u32) -> Option<(Kind, u32)> {
    let size = usize::try_from(size).ok()?.min(rest.len());
    let Some(major) = rest.get(8..12) else {
        return Some((Kind::Video, 4));
    };
    let others = rest.get(16..size).unwrap_or_default();
    let brands = || others.as_chunks::<4>().0.iter();
    let is_video = |brand: &[u8; 4]| brand.starts_with(b"M4V") || brand == b"avc1" || brand == b"hvc1";
    let is_movie = |brand: &[u8; 4]| {
        is_video(brand) || brand == b"qt  " || brand == b"mp41" || brand == b"mp42" || brand == b"isom"
    };
    let among = |list: &[&[u8; 4]], brand: &[u8]| list.iter().any(|known| known.as_slice() == brand);
    if among(&PICTURES, major)
        || (brands().any(|brand| among(&PICTURES, brand))
            && !brands().any(is_movie)
            && !major.first_chunk().is_some_and(is_movie))
    {
        return None;
    }
    let listed = brands().any(|brand| among(&SOUND, brand))
        && !brands().any(is_video)
        && !major.first_chunk().is_some_and(is_video);
    let kind = match head.extension {
        _ if major == b"qt  " => Kind::Mov,
        _ if among(&SOUND, major) => Kind::Sound,
        Some("m4a" | "m4b" | "m4r") => Kind::Sound,
        Some("mp4" | "m4v" | "mov" | "3gp") => Kind::Video,
        _ if listed => Kind::Sound,
        _ => Kind::Video,
    };
    Some((kind, 8))
}
