//! What is broken, cut or large.

use super::*;

#[test]
fn clusters_of_unknown_size_are_stepped_over() {
    let live = |fill| [CLUSTER, OPEN, &el(b"\xE7", &[fill]), &el(b"\xA3", &[fill; 30])].concat();
    let tail = tag_of("tail");
    let bytes = [ebml(b"webm"), SEGMENT.to_vec(), OPEN.to_vec(), live(1), live(2), tail].concat();
    let names = |bytes: &Vec<u8>| open(bytes).layout.segments.iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(&bytes), [*b"EBML", *b"Segm", *b"Clus", *b"Clus", *b"Tags"]);
    let out = label(&bytes, "{}");
    assert_eq!(names(&out), [*b"EBML", *b"Segm", *b"Tags", *b"Clus", *b"Clus"]);
    // Another file right behind it ends the Segment.
    let two = [bytes.clone(), bytes.clone()].concat();
    assert_eq!(names(&two).iter().filter(|name| **name == *b"Segm").count(), 2);
    assert_eq!(keys(&two).len(), 2);
    let asset = open(&two);
    let mut draft = Draft::new(&asset);
    draft.replace(1, b"x".to_vec());
    assert!(matches!(draft.render().unwrap_err().problem, Problem::Unsupported(_)));
}

#[test]
fn a_file_that_ends_anywhere_is_damaged() {
    let bytes =
        file(&Plan { spare: 60, block: 30, width: 2, tags: Some((encoder(), true)), ..Plan::default() });
    for len in 1..bytes.len() {
        let cut = bytes[..len].to_vec();
        if let Ok(asset) = Asset::open(&cut, Some("a.mkv"), &Limits::default()) {
            assert!(asset.layout.tiles(cut.size()), "{len}");
            assert!(asset.layout.damage.is_some(), "{len}");
        }
    }
}

#[test]
fn lengths_of_zero_and_of_all_ones_break_nothing() {
    let bytes =
        file(&Plan { spare: 60, block: 30, width: 2, tags: Some((encoder(), true)), ..Plan::default() });
    let mut damaged = 0;
    for at in 0..bytes.len() {
        for patch in [
            &[0x80][..],
            &[0xFF],
            &[0],
            &[0x40, 0],
            &[0x01; 8],
            &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
            OPEN,
        ] {
            let mut bent = bytes.clone();
            for (place, value) in bent[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(asset) = Asset::open(&bent, None, &Limits::default()) else { continue };
            assert!(asset.layout.tiles(bent.size()));
            damaged += usize::from(asset.layout.damage.is_some());
            let mut draft = Draft::new(&asset);
            draft.set(Carrier::Field, "AIGC", b"{}".to_vec());
            if let Ok(out) = draft.render() {
                open(&out.to_bytes().unwrap());
            }
        }
    }
    assert!(damaged > 500, "{damaged}");
}

#[test]
fn what_is_broken_inside_tags_is_damage_and_hides_nothing_behind_it() {
    let broken = el(TAGS, &el(TAG, b"\x67\xC8\xBF\x00"));
    let bytes =
        [ebml(b"matroska"), el(SEGMENT, &[broken, tag_of("still read"), cluster(1, 3)].concat())].concat();
    let asset = open(&bytes);
    assert!(asset.layout.damage.is_some());
    assert_eq!(asset.layout.packets.len(), 1);
    assert_eq!(asset.layout.segments.last().unwrap().role, Role::Essence);
}

#[test]
fn nesting_and_numbers_have_limits() {
    let mut nested = simple("A", "b");
    for _ in 0..200 {
        nested = el(b"\x67\xC8", &nested);
    }
    let deep = [ebml(b"matroska"), el(SEGMENT, &el(TAGS, &tag(&[], &[nested])))].concat();
    let damage = open(&deep).layout.damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { limit: 64, .. }), "{damage:?}");

    let limits = Limits { segments: 10, ..Limits::default() };
    let many = [ebml(b"matroska"), el(SEGMENT, &void(2).repeat(50))].concat();
    let asset = Asset::open(&many, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 10, .. }));
    let tags = el(TAGS, &tag(&[], &vec![simple("A", "b"); 50]));
    let many = [ebml(b"matroska"), el(SEGMENT, &tags)].concat();
    let asset = Asset::open(&many, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 10, .. }));
    let live = [CLUSTER, OPEN, &el(b"\xA3", b"").repeat(1000)].concat();
    let live = [ebml(b"matroska"), SEGMENT.to_vec(), OPEN.to_vec(), live].concat();
    let asset = Asset::open(&live, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.unwrap().problem, Problem::OverLimit { limit: 640, .. }));
}

#[test]
fn five_gigabytes_are_labelled_with_a_few_bytes_read_and_written() {
    let block = 5u64 << 30;
    let wide = |id: &[u8], size: u64| [id, &(size | 1 << 56).to_be_bytes()].concat();
    let cluster = [wide(CLUSTER, block + 9), wide(b"\xA3", block)].concat();
    let front = [tag_of("x"), void(100)].concat();
    let len = front.len() as u64 + cluster.len() as u64 + block;
    let head = [ebml(b"matroska"), wide(SEGMENT, len), front, cluster].concat();
    let size = head.len() as u64 + block;
    let file = CountedFile::padded(head, size);
    let asset = open(&file);
    assert_eq!(asset.layout.damage, None);
    for len in [20, 2000] {
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "AIGC", vec![b'x'; len]);
        let out = draft.render().unwrap();
        let new: u64 =
            out.pieces().iter().filter(|piece| matches!(piece, Piece::New(_))).map(Piece::len).sum();
        assert!(new < 2200, "{new}");
        assert_eq!(out.len() > size, len > 100);
    }
    let read = file.read();
    assert!(read < 100_000, "{read}");
}
