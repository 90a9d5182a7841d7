use crate::tiff_directories::parse;
use crate::tiff_picture::decode;
use crate::tiff_splice::splice;
use crate::{Carrier, Changes, Colour, NewContent, Picture, Piece, Put, Samples};
use indicia_core::{FormatError, Limits, Problem};

/// Tag, type, values.
type Tag<'a> = (u16, u16, &'a [u16]);

/// A little-endian file of one page: strips at 8, then long values, then the directory.
fn file(strip: &[u8], tags: &[Tag<'_>]) -> Vec<u8> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    bytes.extend(strip);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    let mut entries = Vec::new();
    for (tag, kind, values) in tags {
        let value: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        entries.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        entries.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
        if value.len() <= 4 {
            entries.extend(value.iter().copied().chain([0; 4]).take(4));
        } else {
            entries.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
            bytes.extend(value);
        }
    }
    let at = u32::try_from(bytes.len()).unwrap();
    bytes[4..8].copy_from_slice(&at.to_le_bytes());
    bytes.extend(u16::try_from(tags.len()).unwrap().to_le_bytes());
    bytes.extend(entries);
    bytes.extend([0; 4]);
    bytes
}

/// A page of 4 x 2 with one strip of all rows.
fn page(strip: &[u8], bits: &[u16], compression: u16, photometric: u16, more: &[Tag<'_>]) -> Vec<u8> {
    let (samples, len) = ([u16::try_from(bits.len()).unwrap()], [u16::try_from(strip.len()).unwrap()]);
    let (compression, photometric) = ([compression], [photometric]);
    let mut tags: Vec<Tag<'_>> = vec![
        (0x0100, 3, &[4]),
        (0x0101, 3, &[2]),
        (0x0102, 3, bits),
        (0x0103, 3, &compression),
        (0x0106, 3, &photometric),
        (0x0111, 3, &[8]),
        (0x0115, 3, &samples),
        (0x0116, 3, &[2]),
        (0x0117, 3, &len),
    ];
    tags.extend(more);
    tags.sort_by_key(|tag| tag.0);
    file(strip, &tags)
}

#[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
fn read(bytes: &Vec<u8>) -> Result<Picture, FormatError> {
    decode(bytes, &parse(bytes, &Limits::default())?, &Limits::default())
}

fn eight(bytes: &Vec<u8>) -> Vec<u8> {
    match &read(bytes).unwrap().frames[0].samples {
        Samples::Eight(bytes) => bytes.clone(),
        Samples::Sixteen(_) => panic!("16 bits"),
    }
}

#[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
fn write(old: &Vec<u8>, picture: Picture) -> Vec<u8> {
    let put = Put { carrier: Carrier::Xmp, key: String::new(), body: b"<a packet/>".to_vec() };
    let changes =
        Changes { added: vec![put], content: Some(NewContent::Picture(picture)), ..Changes::default() };
    let limits = Limits::default();
    let pieces = splice(old, &parse(old, &limits).unwrap(), &changes, &limits).unwrap();
    let parts = pieces.into_iter().map(|piece| match piece {
        Piece::Keep(span) => limits.take(old, span).unwrap(),
        Piece::New(new) => new,
    });
    parts.collect::<Vec<_>>().concat()
}

#[test]
fn gray_is_read_in_every_coding_and_depth() {
    let values = [1, 2, 3, 4, 9, 9, 9, 9];
    assert_eq!(eight(&page(&values, &[8], 1, 1, &[])), values);
    assert_eq!(eight(&page(&values, &[8], 1, 0, &[]))[..2], [254, 253]);
    assert_eq!(eight(&page(&[3, 1, 2, 3, 4, 0xFD, 9], &[8], 32773, 1, &[])), values);
    assert_eq!(eight(&page(&[0xA0, 0x50], &[1], 1, 1, &[])), [255, 0, 255, 0, 0, 255, 0, 255]);
    let palette = [0, 0xFF00, 0x1000, 0, 0x2000, 0];
    let coloured = page(&[0x50, 0xA0], &[1], 1, 3, &[(0x0140, 3, &palette)]);
    assert_eq!(eight(&coloured)[..6], [0, 0x10, 0x20, 0xFF, 0, 0]);
    assert_eq!(read(&coloured).unwrap().colour, Colour::Rgb);
}

#[test]
fn what_is_written_reads_the_same_and_the_old_pixels_are_gone() {
    let strip: Vec<u8> = (100..124).collect();
    for (compression, coded) in [(1, strip.clone()), (32773, [vec![23], strip.clone()].concat())] {
        let old = page(&coded, &[8, 8, 8], compression, 2, &[(0x0112, 3, &[6])]);
        let mut picture = read(&old).unwrap();
        assert_eq!((picture.orientation, eight(&old)), (6, strip.clone()));
        picture.frames[0].samples = Samples::Eight((0..24).map(|at| 200 - at / 5).collect());
        let new = write(&old, picture.clone());
        assert_eq!(read(&new).unwrap(), picture);
        assert!(!new.windows(8).any(|window| window == &strip[..8]));
        let layout = parse(&new, &Limits::default()).unwrap();
        assert!(layout.damage.is_none() && layout.packets.len() == 1 && layout.tiles(new.len() as u64));
    }
}

#[test]
fn broken_and_other_pixels_are_refused() {
    let problem = |bytes: &Vec<u8>| read(bytes).unwrap_err().problem;
    assert!(matches!(problem(&page(&[0; 32], &[8; 4], 1, 5, &[])), Problem::Unsupported(_)));
    assert!(matches!(problem(&page(&[0; 8], &[8], 7, 1, &[])), Problem::Unsupported(_)));
    assert_eq!(problem(&page(&[0; 7], &[8], 1, 1, &[])), Problem::Truncated);
    let whole = page(&[3, 1, 2, 3, 4, 0xFD, 9], &[8], 32773, 1, &[]);
    for at in 0..whole.len() {
        for patch in [[0; 4], [0xFF; 4], [1, 0, 0, 0]] {
            let mut bytes = whole.clone();
            for (place, value) in bytes[at..].iter_mut().zip(patch) {
                *place = value;
            }
            let _ = read(&bytes);
        }
    }
}
