//! The `jbrd` box of JPEG XL: how to get back the JPEG that a picture was made of (ISO/IEC 18181-2).

use crate::Carrier;

/// Most markers looked at; a JPEG has a few dozen.
const MARKERS: usize = 4096;

/// Whether the JPEG takes metadata of this sort from the other boxes, so that it needs them as they are.
/// What cannot be read is taken to need it.
pub(crate) fn needs(jbrd: &[u8], carrier: Carrier) -> bool {
    let kind = match carrier {
        Carrier::Exif => 2,
        Carrier::Xmp => 3,
        _ => return false,
    };
    application_segments(jbrd).is_none_or(|kinds| kinds.contains(&kind))
}

/// What each application segment of the JPEG is: 0 not known, 1 a colour profile, 2 Exif, 3 XMP.
fn application_segments(jbrd: &[u8]) -> Option<Vec<u32>> {
    let mut at = 0;
    // The lowest bit of each byte comes first.
    let mut bits = |count: u32| {
        let mut value = 0;
        for place in 0..count {
            let byte = jbrd.get(at / 8)?;
            value |= u32::from(byte >> (at % 8) & 1) << place;
            at += 1;
        }
        Some(value)
    };
    // Whether it is gray; then the markers, less 0xC0, up to the end of the picture.
    bits(1)?;
    let mut count = 0;
    for left in (0..MARKERS).rev() {
        match bits(6)? + 0xC0 {
            0xD9 => break,
            0xE0..=0xEF => count += 1,
            _ if left == 0 => return None,
            _ => {}
        }
    }
    let mut kinds = Vec::new();
    for _ in 0..count {
        kinds.push(match bits(2)? {
            2 => 2 + bits(1)?,
            3 => 4 + bits(2)?,
            known => known,
        });
        bits(16)?;
    }
    Some(kinds)
}

#[cfg(test)]
mod tests {
    use super::needs;
    use crate::Carrier;

    /// Bits, lowest first.
    fn packed(fields: &[(u32, u32)]) -> Vec<u8> {
        let bits: Vec<u32> =
            fields.iter().flat_map(|(value, count)| (0..*count).map(move |at| value >> at & 1)).collect();
        bits.chunks(8)
            .map(|eight| eight.iter().rev().fold(0, |sum, bit| sum << 1 | u8::try_from(*bit).unwrap()))
            .collect()
    }

    #[test]
    fn only_what_an_application_segment_takes_is_needed() {
        // Not gray; APP0, APP1, DQT, EOI; APP0 not known, APP1 is XMP.
        let markers = [(0, 1), (0x20, 6), (0x21, 6), (0x1B, 6), (0x19, 6), (0, 2), (16, 16)];
        let xmp = packed(&[&markers[..], &[(2, 2), (1, 1), (300, 16)]].concat());
        assert!(needs(&xmp, Carrier::Xmp) && !needs(&xmp, Carrier::Exif));
        let exif = packed(&[&markers[..], &[(2, 2), (0, 1), (300, 16)]].concat());
        assert!(needs(&exif, Carrier::Exif) && !needs(&exif, Carrier::Xmp));
    }

    #[test]
    fn what_cannot_be_read_may_need_it() {
        assert!(needs(b"", Carrier::Xmp) && needs(b"how", Carrier::Exif));
        assert!(needs(&[0; 9000], Carrier::Xmp));
        assert!(!needs(b"", Carrier::Blob));
    }
}
