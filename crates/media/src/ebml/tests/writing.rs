//! Changes: places, sizes and checksums that follow them.

use super::*;

#[test]
fn every_place_still_holds_however_the_file_is_put_together() {
    let mut tried = 0;
    for spare in [0, 2, 21, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 90, 127, 128, 129, 130, 131, 400] {
        for tags in [None, Some((encoder(), false)), Some((encoder(), true))] {
            for (open, early) in [(false, false), (true, false), (false, true), (true, true)] {
                // The second Cluster stands just before 256, so that its place grows by a byte.
                for (block, width) in [(9, 1), (20, 2), (90, 2), (9, 8)] {
                    let plan = Plan { spare, block, width, tags: tags.clone(), open, early };
                    let built = std::panic::catch_unwind(|| file(&plan));
                    let Ok(bytes) = built else { continue };
                    let first = label(&bytes, "{\"Label\":\"1\"}");
                    let ids = check(&first).unwrap();
                    let tags_at = ids.iter().position(|id| *id == 0x1254C367).unwrap();
                    let cluster_at = ids.iter().position(|id| *id == 0x1F43B675).unwrap();
                    assert!(tags_at < cluster_at, "tags before the Clusters");
                    // Longer, shorter, gone.
                    let longer = label(&first, &"long ".repeat(60));
                    check(&longer).unwrap();
                    let shorter = label(&longer, "s");
                    check(&shorter).unwrap();
                    assert_eq!(
                        clusters_at(&longer),
                        clusters_at(&shorter),
                        "free space takes up what is freed"
                    );
                    let at = open_index(&shorter, "AIGC");
                    let bare = changed(&shorter, |draft| draft.remove(at));
                    check(&bare).unwrap();
                    assert_eq!(keys(&bare), keys(&bytes));
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

fn open_index(bytes: &Vec<u8>, key: &str) -> usize {
    open(bytes).layout.packets.iter().position(|one| one.key == key).unwrap()
}

#[test]
fn free_space_keeps_the_clusters_where_they_were() {
    for (spare, tags) in [(200, None), (200, Some((encoder(), false))), (200, Some((encoder(), true)))] {
        let plan = Plan { spare, block: 9, width: 2, tags: tags.clone(), ..Plan::default() };
        let bytes = file(&plan);
        let out = label(&bytes, "{\"Label\":\"1\"}");
        assert!(out.len() <= bytes.len());
        assert_eq!(clusters_at(&out), clusters_at(&bytes));
        // Tags that were not told of before are told of now.
        let told = check(&out).unwrap();
        assert_eq!(told.iter().filter(|id| **id == 0x1254C367).count(), 1);
        assert!(out.windows(7).any(|seven| seven == b"\x53\xAB\x84\x12\x54\xC3\x67"), "{spare}");
    }
}

#[test]
fn a_place_that_grows_over_its_width_gets_a_wider_one() {
    // The last Cluster starts at 255 or less, and moves past it.
    let plan = Plan { block: 40, width: 1, tags: Some((encoder(), false)), ..Plan::default() };
    let bytes = file(&plan);
    assert!(bytes.windows(3).filter(|three| three[..2] == *b"\xF1\x81").count() >= 3);
    let out = label(&bytes, &"x".repeat(100));
    check(&out).unwrap();
    assert!(out.windows(2).any(|two| two == b"\xF1\x82"), "a wider place");
}

#[test]
fn checksums_are_made_anew() {
    let tags = el(TAGS, &crc(&tag(&[], &[simple("A", "b")])));
    let seeks = crc(&seek_head(&[(TAGS, 0)])[5..]);
    let head = el(SEEK_HEAD, &seeks);
    let at = head.len();
    let head = el(SEEK_HEAD, &crc(&seek_head(&[(TAGS, at)])[5..]));
    // Everything that tells of a Cluster is in Cues; there are none here.
    let body = [head, tags].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    check(&bytes).unwrap();
    let out = label(&bytes, "{}");
    check(&out).unwrap();
    assert_eq!(out.windows(2).filter(|two| *two == b"\xBF\x84").count(), 2);
}

#[test]
fn a_checksum_over_the_whole_segment_becomes_free_space() {
    let body = [tag_of("x"), cluster(1, 9)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &crc(&body))].concat();
    let out = label(&bytes, "{}");
    let at = usize::try_from(open(&out).layout.segments[1].span.end).unwrap();
    assert_eq!(out[at..at + 2], [0xEC, 0x84], "{:X?}", &out[at..at + 8]);
}

#[test]
fn clusters_that_tell_of_their_own_place_tell_the_new_one() {
    let cluster =
        |place: u8| el(CLUSTER, &[el(b"\xE7", &[1]), el(b"\xA7", &[0, place]), el(b"\xA3", b"abc")].concat());
    let tags = tag_of("x");
    let (first, len) = (tags.len(), cluster(0).len());
    let body = [tags, cluster(first as u8), cluster((first + len) as u8)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "AIGC", b"{}".to_vec()));
    let base = open(&out).layout.segments[1].span.end;
    for start in clusters_at(&out) {
        let at = usize::try_from(start).unwrap() + 5 + 3 + 2;
        assert_eq!(u64::from(u16::from_be_bytes([out[at], out[at + 1]])), start - base);
    }
}

#[test]
fn a_segment_whose_size_has_no_room_gets_a_wider_one() {
    let body = [tag_of("x"), cluster(1, 40)].concat();
    let bytes = [ebml(b"matroska"), el(SEGMENT, &body)].concat();
    assert_eq!(bytes[ebml(b"matroska").len() + 4] & 0x80, 0x80, "one byte of size");
    let out = label(&bytes, &"x".repeat(90));
    check(&out).unwrap_err();
    assert_eq!(open(&out).layout.damage, None);
}

#[test]
fn texts_beside_tags_can_be_changed_and_taken_out() {
    let plan = Plan { spare: 60, block: 9, width: 2, tags: Some((encoder(), false)), ..Plan::default() };
    let bytes = file(&plan);
    let (title, app) = (open_index(&bytes, "Title"), open_index(&bytes, "WritingApp"));
    let out = changed(&bytes, |draft| {
        draft.remove(title);
        draft.replace(app, b"another".to_vec());
    });
    check(&out).unwrap();
    let found: Vec<_> = keys(&out).into_iter().map(|(_, key, _, value)| (key, value)).collect();
    let expected = [("MuxingApp", "mux"), ("WritingApp", "another"), ("ENCODER", "Lavf")];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(out.len(), bytes.len());
    // What a Segment must have is emptied, not taken out.
    let out = changed(&bytes, |draft| draft.remove(app));
    assert!(keys(&out).contains(&(Carrier::Field, "WritingApp".to_owned(), "Info element", String::new())));
}

#[test]
fn the_last_tag_taken_out_leaves_neither_tags_nor_an_entry_for_them() {
    for late in [false, true] {
        let plan = Plan { spare: 60, block: 9, width: 2, tags: Some((encoder(), late)), ..Plan::default() };
        let bytes = file(&plan);
        let at = open_index(&bytes, "ENCODER");
        let out = changed(&bytes, |draft| draft.remove(at));
        let ids = check(&out).unwrap();
        assert!(!ids.contains(&0x1254C367));
        assert!(!out.windows(4).any(|four| four == b"Lavf"), "nothing of it is left");
    }
}

#[test]
fn no_change_gives_the_file_back_and_content_cannot_be_changed() {
    let bytes = file(&Plan { block: 9, width: 2, ..Plan::default() });
    let asset = open(&bytes);
    let splice =
        |changes: &Changes| (asset.format.splice)(&bytes, &asset.layout, changes, &Limits::default());
    let whole = indicia_core::Span { start: 0, end: bytes.size() };
    assert_eq!(splice(&Changes::default()).unwrap(), [Piece::Keep(whole)]);
    let sound = Changes { content: Some(NewContent::Text(Ends::default())), ..Changes::default() };
    assert!(matches!(splice(&sound).unwrap_err().problem, Problem::Unsupported(_)));
}
