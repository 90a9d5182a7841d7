//! Which files are HEIF, and whether their pictures are coded as AV1.

use crate::Head;

/// How the pictures of a HEIF file are coded, as far as it has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// AV1: AVIF.
    Av1,
    /// HEVC or another: HEIC and the rest of HEIF.
    Other,
}

/// The brands of AVIF.
const AV1: &[&[u8; 4]] = &[b"avif", b"avis"];
/// The brands of HEIF that name a coding (ISO/IEC 23008-12 annexes B, E and L).
const CODED: &[&[u8; 4]] = &[
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"avci", b"avcs", b"vvic",
    b"jpeg", b"j2ki",
];
/// The brands of HEIF that name none, and that of MIAF.
const STRUCTURAL: &[&[u8; 4]] = &[b"mif1", b"mif2", b"msf1", b"miaf"];

/// How surely a file is HEIF of this coding: its main brand says more than those it is compatible with.
pub(crate) fn recognize(head: &Head<'_>, coding: Coding) -> u32 {
    let Some((main, size)) = file_type(head.bytes) else { return 0 };
    let of = |brand: [u8; 4], list: &[&[u8; 4]]| list.contains(&&brand);
    let is_compatible = |list| brands(head.bytes, size).any(|brand| of(brand, list));
    let is_av1 = of(main, AV1) || (!of(main, CODED) && is_compatible(AV1));
    let is_ours = is_av1 == (coding == Coding::Av1);
    let is_main = of(main, AV1) || of(main, CODED) || of(main, STRUCTURAL);
    match () {
        () if !is_ours => 0,
        () if is_main => 8,
        // Films may be compatible with these too, and say so by their main brand.
        () if is_compatible(AV1) || is_compatible(CODED) || is_compatible(STRUCTURAL) => 5,
        () => 0,
    }
}

/// The main brand, and where the list of brands ends.
fn file_type(bytes: &[u8]) -> Option<([u8; 4], usize)> {
    let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    let main = bytes.get(8..12)?.try_into().ok()?;
    let size = usize::try_from(size).ok()?;
    (bytes.get(4..8)? == b"ftyp").then_some((main, size))
}

fn brands(bytes: &[u8], end: usize) -> impl Iterator<Item = [u8; 4]> {
    let list = bytes.get(16..end.min(bytes.len())).unwrap_or_default();
    list.chunks_exact(4).filter_map(|brand| brand.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::{Coding, recognize};
    use crate::Head;

    fn sure(brands: &[&[u8; 4]]) -> (u32, u32) {
        let list: Vec<u8> = brands[1..].iter().copied().flatten().copied().collect();
        let size = u32::try_from(16 + list.len()).unwrap().to_be_bytes();
        let bytes = [&size[..], b"ftyp", brands[0], &[0; 4], &list].concat();
        let head = Head { bytes: &bytes, size: 99, extension: None };
        (recognize(&head, Coding::Av1), recognize(&head, Coding::Other))
    }

    #[test]
    fn the_main_brand_decides_and_compatible_ones_where_it_names_no_coding() {
        assert_eq!(sure(&[b"avif", b"mif1", b"miaf"]), (8, 0));
        assert_eq!(sure(&[b"avis", b"msf1"]), (8, 0));
        assert_eq!(sure(&[b"heic", b"mif1", b"heic"]), (0, 8));
        assert_eq!(sure(&[b"mif1", b"heic"]), (0, 8));
        assert_eq!(sure(&[b"mif1", b"miaf", b"avif"]), (8, 0));
        assert_eq!(sure(&[b"MA1B", b"avif"]), (5, 0));
        assert_eq!(sure(&[b"heic", b"avif"]), (0, 8));
    }

    #[test]
    fn a_film_is_none() {
        assert_eq!(sure(&[b"isom", b"mp42", b"avc1"]), (0, 0));
        assert_eq!(sure(&[b"qt  "]), (0, 0));
        assert_eq!(sure(&[b"mp42", b"mif1"]), (0, 5), "less sure than whoever knows its main brand");
        let head = Head { bytes: b"\0\0\0\x10ftypavi", size: 11, extension: None };
        assert_eq!(recognize(&head, Coding::Av1), 0);
    }
}
