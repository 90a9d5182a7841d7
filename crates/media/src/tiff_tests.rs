use crate::tiff_directories::{XMP_PLACE, head_has, parse};
use crate::tiff_splice::splice;
use crate::{Carrier, Changes, Layout, Piece, Put, Role, exif};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

/// A little-endian file: the directory at 8, then its values from `8 + 2 + 12 * entries + 4` on.
fn file(entries: &[[u32; 4]], rest: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(directory(entries, 0));
    bytes.extend(rest);
    bytes
}

/// A directory of tag, type, count and value or offset.
fn directory(entries: &[[u32; 4]], next: u32) -> Vec<u8> {
    let mut bytes = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    for [tag, kind, count, value] in entries {
        bytes.extend(u16::try_from(*tag).unwrap().to_le_bytes());
        bytes.extend(u16::try_from(*kind).unwrap().to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(next.to_le_bytes());
    bytes
}

/// Pixels at 62, a description at 66.
fn small() -> Vec<u8> {
    let entries = [[0x0100, 3, 1, 2], [0x010E, 2, 6, 66], [0x0111, 4, 1, 62], [0x0117, 4, 1, 4]];
    file(&entries, b"PIXLhello\0")
}

fn read(bytes: &Vec<u8>) -> Layout {
    let layout = parse(bytes, &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.size()), "{layout:?}");
    layout
}

fn change(bytes: &Vec<u8>, changes: &Changes) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in splice(bytes, &read(bytes), changes, &Limits::default()).unwrap() {
        match piece {
            Piece::Keep(span) => out.extend(Limits::default().take(bytes, span).unwrap()),
            Piece::New(new) => out.extend(new),
        }
    }
    out
}

fn add(body: &[u8]) -> Changes {
    let put = Put { carrier: Carrier::Xmp, key: String::new(), body: body.to_vec() };
    Changes { added: vec![put], ..Changes::default() }
}

fn replace(at: usize, body: Option<&[u8]>) -> Changes {
    Changes { replaced: [(at, body.map(<[u8]>::to_vec))].into(), ..Changes::default() }
}

fn found(bytes: &Vec<u8>) -> Vec<(Carrier, String, &'static str, Vec<u8>)> {
    let layout = read(bytes);
    assert!(layout.damage.is_none(), "{:?}", layout.damage);
    let packets = layout.packets.iter();
    packets
        .map(|one| (one.carrier, one.key.clone(), one.place, one.read(bytes, &Limits::default()).unwrap()))
        .collect()
}

#[test]
fn xmp_is_added_in_a_new_first_directory_at_the_end() {
    let old = small();
    assert_eq!(old.len(), 72);
    let out = change(&old, &add(b"<x/>!"));
    assert_eq!(&out[..8], b"II*\0\x4E\0\0\0", "the directory now stands at 78");
    assert_eq!(out[8..72], old[8..], "no old byte changed or moved");
    assert_eq!(&out[72..78], b"<x/>!\0");
    let entries =
        [[0x0100, 3, 1, 2], [0x010E, 2, 6, 66], [0x0111, 4, 1, 62], [0x0117, 4, 1, 4], [0x02BC, 7, 5, 72]];
    assert_eq!(out[78..], directory(&entries, 0));
    let expected = [
        (Carrier::Field, "ImageDescription".into(), "IFD0 tag", b"hello".to_vec()),
        (Carrier::Xmp, String::new(), XMP_PLACE, b"<x/>!".to_vec()),
    ];
    assert_eq!(found(&out), expected);
    let essence = |bytes: &Vec<u8>| {
        let layout = read(bytes);
        let spans = layout.segments.iter().filter(|segment| segment.role == Role::Essence);
        spans.map(|segment| segment.span).collect::<Vec<_>>()
    };
    assert_eq!(essence(&out), essence(&old));
    assert_eq!((essence(&old)[0].start, essence(&old)[0].end), (62, 66));
}

#[test]
fn a_value_is_replaced_in_its_own_room_or_at_the_end_and_leaves_no_trace() {
    let old = change(&small(), &add(b"<old packet/>"));
    assert_eq!(old.len(), 72 + 14 + 66);
    let shorter = change(&old, &replace(1, Some(b"<new/>")));
    assert_eq!(shorter.len(), old.len(), "nothing moved");
    assert_eq!(&shorter[72..86], b"<new/>\0\0\0\0\0\0\0\0");
    assert_eq!(found(&shorter)[1].3, b"<new/>");
    let longer = change(&old, &replace(1, Some(b"<a much longer packet/>")));
    assert_eq!(found(&longer)[1].3, b"<a much longer packet/>");
    assert_eq!(longer[72..86], [0; 14], "the old packet is gone");
    let gone = change(&old, &replace(1, None));
    assert_eq!(found(&gone).len(), 1);
    assert_eq!(gone[72..86], [0; 14]);
    let text = change(&old, &replace(0, Some(b"ab")));
    // Packets come in file order: the directory stands behind the XMP packet.
    assert_eq!(found(&text)[1].3, b"ab", "now within its entry");
    assert_eq!(change(&text, &replace(1, Some(b"a long text"))).len(), text.len() + 12);
    let both = Changes { replaced: [(0, None)].into(), ..add(b"<z/>") };
    assert_eq!(found(&change(&small(), &both)), [(Carrier::Xmp, String::new(), XMP_PLACE, b"<z/>".to_vec())]);
}

#[test]
fn texts_of_every_directory_and_comments_are_found() {
    // First directory at 8 (3 entries, 42 bytes), then Exif at 50 (1, 18), a second page at 68 (2, 30), values at 98.
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(directory(
        &[[0x0131, 2, 4, u32::from_le_bytes(*b"abc\0")], [0x8769, 4, 1, 50], [0x9C9C, 1, 6, 98]],
        68,
    ));
    bytes.extend(directory(&[[0x9286, 7, 13, 104]], 0));
    bytes.extend(directory(&[[0x02BC, 1, 4, 117], [0xCD41, 7, 5, 117]], 0));
    bytes.extend(b"h\0i\0\0\0ASCII\0\0\0hello<x/>!");
    let found = found(&bytes);
    assert_eq!(found.len(), 5);
    assert_eq!(found[0], (Carrier::Field, "Software".into(), "IFD0 tag", b"abc".to_vec()));
    let texts: Vec<_> = found.iter().map(|one| (one.0, one.1.as_str())).collect();
    assert!(texts.contains(&(Carrier::Field, "XPComment")) && texts.contains(&(Carrier::Manifest, "")));
    let comment = found.iter().find(|one| one.0 == Carrier::Exif).unwrap();
    let read = exif::texts(&comment.3, &Limits::default());
    assert_eq!((read.texts[0].name, read.texts[0].decoded().as_str()), ("UserComment", "hello"));
    assert_eq!(read.damage, None);
    let at = read_index(&bytes, Carrier::Exif);
    let mut block = comment.3.clone();
    exif::blank(&mut block, &read.texts[0]);
    let blanked = change(&bytes, &replace(at, Some(&block)));
    assert_eq!(&blanked[104..117], b"ASCII\0\0\0     ");
    let manifest = read_index(&bytes, Carrier::Manifest);
    let refused = splice(&bytes, &read_layout(&bytes), &replace(manifest, None), &Limits::default());
    assert!(refused.is_err(), "a manifest, and its bytes are shared");
}

fn read_layout(bytes: &Vec<u8>) -> Layout {
    read(bytes)
}

fn read_index(bytes: &Vec<u8>, carrier: Carrier) -> usize {
    read(bytes).packets.iter().position(|packet| packet.carrier == carrier).unwrap()
}

#[test]
fn both_byte_orders_and_big_offsets_are_read_and_written() {
    let mut motorola = b"MM\0*\0\0\0\x08\0\x01\x01\x0E\0\x02\0\0\0\x06\0\0\0\x1A\0\0\0\0".to_vec();
    motorola.extend(b"hello\0");
    let mut big =
        b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x0E\x01\x02\0\x06\0\0\0\0\0\0\0hello\0\0\0"
            .to_vec();
    big.extend([0; 8]);
    for old in [motorola, big] {
        let text = (Carrier::Field, "ImageDescription".to_owned(), "IFD0 tag", b"hello".to_vec());
        assert_eq!(found(&old), std::slice::from_ref(&text));
        let out = change(&old, &add(b"<a packet/>"));
        let xmp = (Carrier::Xmp, String::new(), XMP_PLACE, b"<a packet/>".to_vec());
        let mut both = found(&out);
        both.sort_by_key(|one| one.0);
        assert_eq!(both, [text, xmp]);
        assert_eq!(change(&old, &Changes::default()), old);
    }
}

#[test]
fn loops_and_wrong_offsets_are_damage() {
    let looped = |next: u32| {
        let mut bytes = small();
        bytes[58..62].copy_from_slice(&next.to_le_bytes());
        read(&bytes).damage
    };
    assert_eq!(looped(0), None);
    assert_eq!(looped(8).unwrap().problem, Problem::Malformed("directories in a loop"));
    assert_eq!(looped(70).unwrap().problem, Problem::Truncated);
    assert_eq!(looped(u32::MAX).unwrap().problem, Problem::Truncated);
    let itself = file(&[[0x014A, 4, 1, 8]], b"");
    assert!(read(&itself).damage.is_some(), "a directory below itself");
    let none = b"II*\0\0\0\0\0".to_vec();
    assert!(read(&none).damage.is_some());
}

#[test]
fn cuts_and_wrong_bytes_never_panic_and_cuts_are_damage() {
    let whole = change(&small(), &add(b"<a packet/>"));
    for cut in 0..whole.len() {
        match parse(&whole[..cut].to_vec(), &Limits::default()) {
            Err(_) => assert!(cut < 8),
            Ok(layout) => assert!(layout.damage.is_some() && layout.tiles(cut as u64), "{cut}"),
        }
    }
    for at in 0..whole.len() {
        for patch in [&[0xFF; 4][..], &[0; 4], &[0x7F, 0xFF, 0xFF, 0xFF], &[1]] {
            let mut bytes = whole.clone();
            for (place, value) in bytes[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(layout) = parse(&bytes, &Limits::default()) else { continue };
            assert!(layout.tiles(bytes.size()), "{at}");
            for index in 0..layout.packets.len() {
                let _ = splice(&bytes, &layout, &replace(index, Some(b"<y/>")), &Limits::default());
            }
            let _ = splice(&bytes, &layout, &add(b"<y/>"), &Limits::default());
        }
    }
}

#[test]
fn no_more_is_read_than_allowed() {
    let bytes = small();
    let few = Limits { segments: 3, ..Limits::default() };
    assert!(matches!(parse(&bytes, &few).unwrap().damage.unwrap().problem, Problem::OverLimit { .. }));
    let entries = vec![[0x0100, 3, 1, 2]; 1000];
    let small_block = Limits { block: 4000, ..Limits::default() };
    let layout = parse(&file(&entries, b""), &small_block).unwrap();
    assert!(matches!(layout.damage.unwrap().problem, Problem::OverLimit { .. }));
}

#[test]
fn raw_pictures_are_known_and_left_alone() {
    let raw = file(&[[0xC612, 1, 4, 0x0401]], b"");
    assert!(head_has(&raw, 0xC612) && !head_has(&small(), 0xC612));
    assert!(splice(&raw, &read(&raw), &add(b"<x/>"), &Limits::default()).is_err());
    let limits = Limits::default();
    assert_eq!(crate::recognize(&raw, None).unwrap().name, "dng");
    assert_eq!(crate::recognize(&small(), None).unwrap().name, "tiff");
    assert!(splice(&small(), &read(&small()), &add(b"<x/>"), &limits).is_ok());
}

#[test]
fn pixels_and_texts_are_not_read_to_find_them() {
    let megabytes = 8 << 20;
    let entries = [[0x010E, 2, 1 << 20, 50], [0x0111, 4, 1, 50 + (1 << 20)], [0x0117, 4, 1, megabytes]];
    let source = CountedFile::new(file(&entries, &vec![b'x'; 9 << 20]));
    let layout = parse(&source, &Limits::default()).unwrap();
    assert!(layout.damage.is_none() && layout.packets.len() == 1);
    assert!(source.read() < 20_000);
}
