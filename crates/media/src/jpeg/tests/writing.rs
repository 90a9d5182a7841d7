//! Changes of packets.

use super::*;

#[test]
fn no_change_gives_the_file_back() {
    let bytes = skeleton().concat();
    let pieces = splice(&bytes, &read(&bytes), &Changes::default(), &Limits::default()).unwrap();
    assert_eq!(pieces.len(), 1);
    assert_eq!(written(&bytes, &pieces), bytes);
}

#[test]
fn new_xmp_stands_after_jfif_and_exif_and_nothing_else_moves() {
    let mut parts = skeleton();
    parts.remove(3);
    let bytes = parts.concat();
    let after = changed(&bytes, &added(Carrier::Xmp, b"<new/>")).unwrap();
    parts.insert(3, segment(0xE1, &[XMP, b"<new/>"].concat()));
    assert_eq!(after, parts.concat());
    let bare = [b"\xFF\xD8".to_vec(), segment(0xDB, &[0; 65]), b"\xFF\xD9".to_vec()];
    let after = changed(&bare.concat(), &added(Carrier::Xmp, b"<new/>")).unwrap();
    assert_eq!(&after[2..4], b"\xFF\xE1");
}

#[test]
fn a_packet_is_replaced_or_removed_and_nothing_else_moves() {
    let parts = skeleton();
    let bytes = parts.concat();
    for (packet, part, code, header) in
        [(0, 2, 0xE1, &b"Exif\0\0"[..]), (1, 3, 0xE1, XMP), (2, 5, 0xEB, b""), (3, 9, 0xFE, b"")]
    {
        let mut expected = parts.clone();
        expected[part] = segment(code, &[header, b"another value"].concat());
        assert_eq!(changed(&bytes, &replaced(packet, Some(b"another value"))).unwrap(), expected.concat());
        expected[part] = Vec::new();
        assert_eq!(changed(&bytes, &replaced(packet, None)).unwrap(), expected.concat());
    }
}

#[test]
fn an_empty_packet_is_replaced_in_its_own_segment() {
    let parts = [b"\xFF\xD8".to_vec(), segment(0xFE, b""), segment(0xFE, b"b"), b"\xFF\xD9".to_vec()];
    let after = changed(&parts.concat(), &replaced(0, Some(b"a"))).unwrap();
    assert_eq!(after, [&parts[0], &segment(0xFE, b"a"), &parts[2], &parts[3]].map(Clone::clone).concat());
}

#[test]
fn the_index_of_several_pictures_follows_them() {
    for big in [false, true] {
        let long = |value: usize| {
            let value = u32::try_from(value).unwrap();
            if big { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        // One directory entry, then two pictures: this one, and the one after its end.
        let index = |len: usize, offset: usize| {
            let start = if big { b"MM\0\x2A" } else { b"II\x2A\0" };
            let entry = [&short(0xB002)[..], &short(7), &long(32), &long(26)].concat();
            let head = [&start[..], &long(8), &short(1), &entry, &long(0)].concat();
            let first = [long(0x30000), long(len), long(0), long(0)].concat();
            segment(
                0xE2,
                &[b"MPF\0".to_vec(), head, first, [long(0), long(9), long(offset), long(0)].concat()]
                    .concat(),
            )
        };
        let file = |before: &[u8], after: &[u8]| {
            let index_len = index(0, 0).len();
            let len = 2 + before.len() + index_len + after.len() + 2;
            let offset = index_len - 8 + after.len() + 2;
            let index = index(len, offset);
            [b"\xFF\xD8", before, &index, after, b"\xFF\xD9", b"\xFF\xD8second"].concat()
        };
        let (xmp, comment) = (segment(0xE1, &[XMP, b"<new/>"].concat()), segment(0xFE, b"words"));
        let bytes = file(&[], &[]);
        assert_eq!(changed(&bytes, &Changes::default()).unwrap(), bytes);
        assert_eq!(changed(&bytes, &added(Carrier::Xmp, b"<new/>")).unwrap(), file(&xmp, &[]));
        assert_eq!(changed(&bytes, &added(Carrier::Comment, b"words")).unwrap(), file(&[], &comment));
        assert_eq!(changed(&file(&xmp, &comment), &replaced(1, None)).unwrap(), file(&xmp, &[]));
    }
}

#[test]
fn what_jpeg_cannot_hold_is_refused() {
    let bytes = skeleton().concat();
    for carrier in [Carrier::Field, Carrier::Exif, Carrier::Blob, Carrier::Manifest] {
        let refused = changed(&bytes, &added(carrier, b"x")).unwrap_err();
        assert!(matches!(refused.problem, Problem::Unsupported(_)), "{carrier:?}");
    }
    let after = changed(&bytes, &added(Carrier::Comment, b"new")).unwrap();
    let words: Vec<_> = read(&after)
        .packets
        .iter()
        .filter(|packet| packet.carrier == Carrier::Comment)
        .map(|packet| packet.read(&after, &Limits::default()).unwrap())
        .collect();
    assert_eq!(words, [&b"new"[..], b"between scans"]);
    let long = changed(&bytes, &added(Carrier::Comment, &vec![b'x'; 65_534])).unwrap_err();
    assert!(matches!(long.problem, Problem::OverLimit { limit: 65_533, .. }));
}

#[test]
fn xmp_that_is_too_long_loses_padding_and_nothing_else() {
    let bytes = skeleton().concat();
    let padded = |text: usize, padding: usize| {
        [vec![b'x'; text], vec![b' '; padding], b"<?xpacket end='w'?>".to_vec()].concat()
    };
    let after = changed(&bytes, &replaced(1, Some(&padded(65_000, 4000)))).unwrap();
    let packet = read(&after).packets[1].read(&after, &Limits::default()).unwrap();
    assert_eq!(packet, padded(65_000, 65_502 - 65_000 - 19));
    let refused = changed(&bytes, &replaced(1, Some(&padded(65_500, 4000)))).unwrap_err();
    assert!(matches!(refused.problem, Problem::OverLimit { limit: 65_502, .. }));
}
