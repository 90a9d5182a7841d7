use super::tests::{Sparse, bx, data, ftyp, hdlr, long, named, stco, track};
use super::{parse, splice};
use crate::{Carrier, Changes, Piece, Put};
use indicia_core::{FormatError, Limits, Problem, Source, Span};
use proptest::prelude::*;

fn put(key: &str, value: &str) -> Put {
    Put { carrier: Carrier::Field, key: key.to_owned(), body: value.as_bytes().to_vec() }
}

fn adding(value: &str) -> Changes {
    Changes { added: vec![put("AIGC", value)], ..Changes::default() }
}

fn pieces(source: &dyn Source, changes: &Changes) -> Result<Vec<Piece>, FormatError> {
    let limits = Limits::default();
    let layout = parse(source, &limits).unwrap();
    assert_eq!(layout.damage, None);
    splice(source, &layout, changes, &limits)
}

fn changed(bytes: &[u8], changes: &Changes) -> Vec<u8> {
    let bytes = bytes.to_vec();
    let mut out = Vec::new();
    for piece in pieces(&bytes, changes).unwrap() {
        match piece {
            Piece::New(new) => out.extend(new),
            Piece::Keep(span) => out.extend(Limits::default().take(&bytes, span).unwrap()),
        }
    }
    out
}

/// Key and value of each field.
fn fields(bytes: &[u8]) -> Vec<(String, String)> {
    let source = bytes.to_vec();
    let layout = parse(&source, &Limits::default()).unwrap();
    assert_eq!(layout.damage, None);
    assert!(layout.tiles(bytes.len() as u64));
    let text = |packet: &crate::Packet| {
        String::from_utf8(packet.read(&source, &Limits::default()).unwrap()).unwrap()
    };
    layout.packets.iter().map(|packet| (packet.key.clone(), text(packet))).collect()
}

fn removing(bytes: &[u8], key: &str) -> Vec<u8> {
    let layout = parse(&bytes.to_vec(), &Limits::default()).unwrap();
    let at = layout.packets.iter().position(|packet| packet.key == key).unwrap();
    changed(bytes, &Changes { replaced: [(at, None)].into(), ..Changes::default() })
}

fn replacing(bytes: &[u8], key: &str, value: &str) -> Vec<u8> {
    let layout = parse(&bytes.to_vec(), &Limits::default()).unwrap();
    let at = layout.packets.iter().position(|packet| packet.key == key).unwrap();
    changed(
        bytes,
        &Changes { replaced: [(at, Some(value.as_bytes().to_vec()))].into(), ..Changes::default() },
    )
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// A movie box behind the media, with these boxes in it.
fn behind(parts: &[&[u8]]) -> Vec<u8> {
    let moov = bx(b"moov", &[&track(&stco(&[36])), &parts.concat()]);
    [ftyp(), bx(b"mdat", &[b"media"]), moov].concat()
}

#[test]
fn a_new_label_stands_in_the_bytes_that_ffmpeg_would_write() {
    let bytes = behind(&[]);
    let expected = behind(&[&bx(b"udta", &[&named(&[("AIGC", b"{}")])])]);
    assert_eq!(changed(&bytes, &adding("{}")), expected);
    assert_eq!(removing(&expected, "AIGC"), bytes, "and goes without a trace");
    assert_eq!(changed(&bytes, &Changes::default()), bytes);
}

#[test]
fn named_items_that_are_there_are_joined() {
    let user = |meta: &[u8]| behind(&[&bx(b"udta", &[meta, &[0; 4]])]);
    let one = user(&named(&[("encoder", b"Lavf")]));
    let two = user(&named(&[("encoder", b"Lavf"), ("AIGC", b"{}")]));
    assert_eq!(changed(&one, &adding("{}")), two);
    assert_eq!(removing(&two, "AIGC"), one);
    assert_eq!(fields(&replacing(&two, "AIGC", "longer")), [pair("encoder", "Lavf"), pair("AIGC", "longer")]);
    // A name in the midst stays, so that the numbers of the others stay right; it is used again.
    let left = removing(&two, "encoder");
    assert_eq!(fields(&left), [pair("AIGC", "{}")]);
    let again = changed(&left, &Changes { added: vec![put("encoder", "x")], ..Changes::default() });
    assert_eq!(fields(&again), [pair("AIGC", "{}"), pair("encoder", "x")]);
    assert_eq!(again.windows(7).filter(|seven| seven == b"encoder").count(), 1);
}

#[test]
fn the_tags_of_itunes_stay_and_stay_first() {
    let list = bx(b"ilst", &[&bx(b"\xA9nam", &[&data(1, b"title")])]);
    let tags = bx(b"meta", &[&[0; 4], &hdlr(b"mdir", b"\0"), &list]);
    let bytes = behind(&[&bx(b"udta", &[&tags])]);
    let expected = behind(&[&bx(b"udta", &[&tags, &named(&[("AIGC", b"{}")])])]);
    assert_eq!(changed(&bytes, &adding("{}")), expected);
    assert_eq!(removing(&expected, "AIGC"), bytes);
}

#[test]
fn names_of_quicktime_are_repeated_for_programs_that_take_the_first_names_for_all() {
    let meta = named(&[("com.apple.quicktime.make", b"Apple"), ("com.apple.quicktime.model", b"Mac")]);
    let apple = [pair("com.apple.quicktime.make", "Apple"), pair("com.apple.quicktime.model", "Mac")];
    let user = bx(b"udta", &[&bx(b"\xA9xyz", &[b"\0\x01\0\0+"])]);
    let without = behind(&[&meta]);
    let mut label = vec![pair("AIGC", "{}")];
    label.extend(apple.clone());
    let labelled = changed(&without, &adding("{}"));
    assert_eq!(fields(&labelled), label);
    assert_eq!(removing(&labelled, "AIGC"), without);
    for parts in [[&user, &meta], [&meta, &user]] {
        let bytes = changed(&behind(&[parts[0], parts[1]]), &adding("{}"));
        assert_eq!(fields(&bytes).len(), 4);
        // The names before the first items, by which all items would be read, are those of the label too.
        let keys = bytes.windows(4).position(|four| four == b"keys").unwrap();
        let names = &bytes[keys..keys + 110];
        assert!(names.windows(8).any(|name| name == b"mdtaAIGC"), "{names:?}");
        assert_eq!(names[11], 3, "of three names");
    }
}

#[test]
fn values_of_other_sorts_are_replaced_in_their_own_coding() {
    let parts = [
        bx(b"\xA9cmt", &[b"\0\x03\0\0b\x8Ea\0\x01\x55\xC4c"]),
        bx(b"dscp", &[b"\0\0\0\0\x15\xC7words\0"]),
        bx(b"AIGC", &[b"{}"]),
    ];
    let bytes = behind(&[&bx(b"udta", &[&parts.concat()])]);
    let told =
        [pair("\u{A9}cmt", "b\u{E9}a"), pair("\u{A9}cmt", "c"), pair("dscp", "words"), pair("AIGC", "{}")];
    assert_eq!(fields(&bytes), told);
    for (at, (key, _)) in told.iter().enumerate().filter(|(at, _)| *at != 1) {
        let mut expected = told.clone();
        expected[at].1 = "n\u{E9}w".to_owned();
        assert_eq!(fields(&replacing(&bytes, key, "n\u{E9}w")), expected);
        let mut expected = told.to_vec();
        expected.remove(at);
        assert_eq!(fields(&removing(&bytes, key)), expected);
    }
    let meta =
        bx(b"meta", &[&[0; 4], &hdlr(b"mdir", b"\0"), &bx(b"ilst", &[&bx(b"desc", &[&data(2, b"\0a")])])]);
    let bytes = behind(&[&bx(b"udta", &[&meta])]);
    assert_eq!(
        fields(&replacing(&bytes, "desc", "\u{4E2D}")),
        [pair("desc", "\u{4E2D}")],
        "its type is told anew"
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let refused = |bytes: Vec<u8>, changes: &Changes| pieces(&bytes, changes).unwrap_err().problem;
    let xmp = Put { carrier: Carrier::Xmp, ..put("", "x") };
    let sort = refused(behind(&[]), &Changes { added: vec![xmp], ..Changes::default() });
    assert!(matches!(sort, Problem::Unsupported(_)));
    let info = bx(b"minf", &[]);
    let named = bx(b"trak", &[&bx(b"mdia", &[&hdlr(b"soun", b"name\0"), &info])]);
    let bytes = [ftyp(), bx(b"mdat", &[b"m"]), bx(b"moov", &[&named])].concat();
    for value in [None, Some(vec![b'x'])] {
        let changes = Changes { replaced: [(0, value)].into(), ..Changes::default() };
        assert!(matches!(refused(bytes.clone(), &changes), Problem::Unsupported(_)));
    }
    // A movie box in front of media that an iloc box points at, or that stand in another file.
    let locations = bx(b"meta", &[&[0; 4], &hdlr(b"pict", b"\0"), &bx(b"iloc", &[&[0; 8]])]);
    let front = [ftyp(), bx(b"moov", &[&track(&stco(&[0]))]), bx(b"mdat", &[b"m"])].concat();
    let moved = refused([front, locations].concat(), &adding("{}"));
    assert!(matches!(moved, Problem::Unsupported(_)));
    let entry = bx(b"dref", &[&[0; 4], &[0, 0, 0, 1], &bx(b"url ", &[&[0; 4], b"file"])]);
    let other = bx(b"trak", &[&bx(b"mdia", &[&bx(b"minf", &[&bx(b"dinf", &[&entry])])])]);
    let front = [ftyp(), bx(b"moov", &[&other]), bx(b"mdat", &[b"m"])].concat();
    assert!(matches!(refused(front, &adding("{}")), Problem::Unsupported(_)));
}

#[test]
fn unused_space_is_used_before_media_are_moved() {
    let file = |room: usize, inside: bool| {
        let free = bx(b"free", &[&vec![0; room]]);
        let parts = |offset: u32| {
            let track = track(&stco(&[offset]));
            let (within, after) = if inside { (&free[..], &[][..]) } else { (&[][..], &free[..]) };
            [&ftyp(), &bx(b"moov", &[&track, within]), after, &bx(b"mdat", &[b"media"])].concat()
        };
        let offset = parts(0).len() - 5;
        parts(u32::try_from(offset).unwrap())
    };
    let growth = bx(b"udta", &[&named(&[("AIGC", b"{}")])]).len();
    for inside in [false, true] {
        for room in [growth - 8, growth, growth + 100] {
            let bytes = file(room, inside);
            let labelled = changed(&bytes, &adding("{}"));
            assert_eq!(labelled.len(), bytes.len(), "{room}");
            assert!(labelled.ends_with(b"mdatmedia"));
            assert_eq!(fields(&labelled), [pair("AIGC", "{}")]);
            let back = removing(&labelled, "AIGC");
            assert_eq!(back.len(), bytes.len());
            assert!(room == growth - 8 || back == bytes, "{room}: given back");
        }
        let bytes = file(growth - 1, inside);
        assert_eq!(
            changed(&bytes, &adding("{}")).len(),
            bytes.len() + growth,
            "too little room for a header"
        );
    }
}

#[test]
fn offsets_that_outgrow_32_bits_take_64() {
    // Media in front of the movie box would not move: so it stands in front, and the media are past 4 GB.
    let gap = u64::from(u32::MAX) - 400;
    let parts = |offsets: [u32; 2]| bx(b"moov", &[&track(&stco(&offsets))]);
    let head = [ftyp(), parts([0; 2])].concat().len() as u64;
    let first = u32::try_from(head + 16).unwrap();
    let last = u32::try_from(head + gap).unwrap() - 4;
    let mut start = [ftyp(), parts([first, last])].concat();
    start.extend([&[0, 0, 0, 1][..], b"mdat", &gap.to_be_bytes(), b"first"].concat());
    let size = head + gap;
    let sparse = Sparse { size, parts: vec![(0, start), (size - 4, b"last".to_vec())], ..Sparse::default() };
    let label = "x".repeat(600);
    let pieces = pieces(&sparse, &adding(&label)).unwrap();
    let new: Vec<u8> = pieces
        .iter()
        .scan(0, |at, piece| {
            let bytes = match piece {
                Piece::New(bytes) => bytes.clone(),
                Piece::Keep(span) if *at < 4096 => {
                    let span = Span { start: span.start, end: span.end.min(span.start + 4096) };
                    Limits::default().take(&sparse, span).unwrap()
                }
                Piece::Keep(_) => Vec::new(),
            };
            *at += piece.len();
            Some(bytes)
        })
        .flatten()
        .collect();
    let grown = pieces.iter().map(Piece::len).sum::<u64>() - size;
    let table = new.windows(4).position(|four| four == b"co64").expect("a table of 64 bits");
    assert_eq!(&new[table - 4..table], &32_u32.to_be_bytes());
    let offset = |at: usize| u64::from_be_bytes(new[table + 12 + 8 * at..][..8].try_into().unwrap());
    assert_eq!(offset(0), u64::from(first) + grown);
    assert_eq!(offset(1), size - 4 + grown);
    assert!(offset(1) > u64::from(u32::MAX));
    let at = usize::try_from(offset(0)).unwrap();
    assert_eq!(&new[at..at + 5], b"first");
}

#[test]
fn tables_over_the_limit_are_refused_and_not_half_done() {
    let table = stco(&vec![0; 100]);
    let bytes = [ftyp(), bx(b"moov", &[&track(&table)]), bx(b"mdat", &[b"m"])].concat();
    let limits = Limits { block: 399, ..Limits::default() };
    let layout = parse(&bytes, &limits).unwrap();
    let refused = splice(&bytes, &layout, &adding("{}"), &limits).unwrap_err();
    assert!(matches!(refused.problem, Problem::OverLimit { limit: 399, .. }));
}

#[test]
fn a_table_that_lies_about_its_length_is_refused() {
    for count in [3_u32, 0x4000_0001, u32::MAX] {
        let mut table = stco(&[0, 0]);
        table[12..16].copy_from_slice(&count.to_be_bytes());
        let bytes = [ftyp(), bx(b"moov", &[&track(&table)]), bx(b"mdat", &[b"m"])].concat();
        let refused = pieces(&bytes, &adding("{}")).unwrap_err();
        assert_eq!(refused.problem, Problem::Malformed("fewer entries than are counted"), "{count}");
    }
}

/// One file of a kind, made of blocks in any order.
#[derive(Clone, Debug)]
struct Plan {
    /// What stands at the top: f `free`, m `mdat`, M `mdat` with a 64-bit size, v `moov`, o `moof` with its `mdat`,
    /// s `sidx`.
    order: Vec<char>,
    wide: bool,
    user: u8,
    base: bool,
}

/// The file.
fn build(plan: &Plan) -> Vec<u8> {
    let fragments = plan.order.contains(&'o');
    // Twice: offsets are known once all is laid out.
    let mut offsets: Vec<u64> = Vec::new();
    let mut moofs: Vec<u64> = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let (mut media, mut fragment) = (Vec::new(), Vec::new());
        bytes = ftyp();
        let known = |at: usize| offsets.get(at).copied().unwrap_or(0);
        let count = plan.order.iter().filter(|kind| "mM".contains(**kind)).count();
        for (turn, kind) in plan.order.iter().enumerate() {
            let number = u8::try_from(turn).unwrap();
            match kind {
                'f' => bytes.extend(bx(b"free", &[&vec![0; 40 * turn]])),
                'm' | 'M' => {
                    let body = [number; 7];
                    let one = if *kind == 'm' { bx(b"mdat", &[&body]) } else { long(b"mdat", &body) };
                    bytes.extend(one);
                    media.push(bytes.len() as u64 - 7);
                }
                'v' => {
                    let table = if plan.wide {
                        let all: Vec<u8> = (0..count).flat_map(|at| known(at).to_be_bytes()).collect();
                        bx(b"co64", &[&[0; 4], &u32::try_from(count).unwrap().to_be_bytes(), &all])
                    } else {
                        stco(&(0..count).map(|at| u32::try_from(known(at)).unwrap()).collect::<Vec<_>>())
                    };
                    let user = match plan.user {
                        0 => Vec::new(),
                        1 => bx(b"udta", &[&[0; 4]]),
                        _ => bx(b"udta", &[&named(&[("k", b"v")])]),
                    };
                    let extends = if fragments { bx(b"mvex", &[]) } else { Vec::new() };
                    bytes.extend(bx(b"moov", &[&track(&table), &user, &extends]));
                }
                'o' => {
                    fragment.push(bytes.len() as u64);
                    let at = moofs.get(fragment.len() - 1).copied().unwrap_or(0);
                    let header = match plan.base {
                        true => bx(b"tfhd", &[&[0, 0, 0, 1], &[0; 4], &at.to_be_bytes()]),
                        false => bx(b"tfhd", &[&[0, 2, 0, 0], &[0; 4]]),
                    };
                    bytes.extend(bx(b"moof", &[&bx(b"traf", &[&header])]));
                    bytes.extend(bx(b"mdat", &[&[number; 5]]));
                }
                _ => {
                    // To the first fragment behind it.
                    let to = moofs.iter().copied().find(|moof| *moof > bytes.len() as u64).unwrap_or(0);
                    let first = bytes.len() as u64 + 44;
                    let distance = u32::try_from(to.saturating_sub(first)).unwrap().to_be_bytes();
                    bytes.extend(bx(b"sidx", &[&[0; 16], &distance, &[0, 0, 0, 1], &[0, 0, 0, 10], &[0; 8]]));
                }
            }
        }
        let entries: Vec<u8> =
            fragment.iter().flat_map(|at| [&[0; 8][..], &at.to_be_bytes(), &[1, 1, 1]].concat()).collect();
        let count = u32::try_from(fragment.len()).unwrap().to_be_bytes();
        let table = bx(b"tfra", &[&[1, 0, 0, 0], &[0; 8], &count, &entries]);
        if fragments {
            bytes.extend(bx(b"mfra", &[&table]));
        }
        (offsets, moofs) = (media, fragment);
    }
    bytes
}

/// Each offset that the file tells, and the bytes there.
fn pointed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let number = |at: usize, width: usize| {
        usize::try_from(bytes[at..at + width].iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)))
            .unwrap()
    };
    let mut found = Vec::new();
    for (at, kind) in bytes.windows(4).enumerate() {
        let entries: Vec<usize> = match kind {
            b"stco" => (0..number(at + 8, 4)).map(|entry| number(at + 12 + 4 * entry, 4)).collect(),
            b"co64" => (0..number(at + 8, 4)).map(|entry| number(at + 12 + 8 * entry, 8)).collect(),
            b"tfra" => (0..number(at + 16, 4)).map(|entry| number(at + 28 + 19 * entry, 8)).collect(),
            b"tfhd" if bytes[at + 7] == 1 => vec![number(at + 12, 8)],
            b"sidx" => vec![at + 40 + number(at + 20, 4)],
            _ => continue,
        };
        // A moof holds offsets itself, so only its type is compared.
        let len = if matches!(kind, b"stco" | b"co64") { 7 } else { 8 };
        found.extend(entries.into_iter().map(|entry| bytes[entry..entry + len].to_vec()));
    }
    found
}

fn plans() -> impl Strategy<Value = Plan> {
    let whole = prop::sample::subsequence(vec!['f', 'm', 'M', 'v', 'm', 'f'], 3..=6).prop_shuffle();
    let pieces =
        prop::collection::vec(prop::sample::select(vec!['o', 'f', 's']), 1..6).prop_map(|mut rest| {
            rest.push('o');
            rest.insert(rest.len() / 3, 'v');
            rest
        });
    (prop_oneof![whole, pieces], any::<bool>(), 0_u8..3, any::<bool>())
        .prop_map(|(order, wide, user, base)| Plan { order, wide, user, base })
        .prop_filter("a movie and media", |plan| {
            plan.order.contains(&'v') && plan.order.iter().any(|kind| "mMo".contains(*kind))
        })
}

proptest! {
    #[test]
    fn every_offset_points_at_the_same_bytes_as_before(plan in plans(), size in 0_usize..200) {
        let bytes = build(&plan);
        let before = pointed(&bytes);
        let value = "x".repeat(size);
        match pieces(&bytes, &adding(&value)) {
            Ok(_) => {
                let after = changed(&bytes, &adding(&value));
                prop_assert_eq!(pointed(&after), before.clone());
                prop_assert!(fields(&after).contains(&pair("AIGC", &value)));
                let back = removing(&after, "AIGC");
                prop_assert_eq!(pointed(&back), before);
            }
            // Only where the movie box lies within what an index spans.
            Err(err) => {
                let place = |kind: char| plan.order.iter().position(|one| *one == kind);
                prop_assert!(place('s').is_some_and(|index| place('v').is_some_and(|movie| index < movie)), "{}", err);
            }
        }
    }
}
