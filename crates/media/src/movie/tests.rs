use super::{Kind, parse, recognize};
use crate::{Carrier, FORMATS, Head, Layout, Packet};
use indicia_core::{FormatError, Limits, Problem, Source};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A box.
pub(super) fn bx(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], kind, &body].concat()
}

/// A box whose size takes 64 bits.
pub(super) fn long(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1][..], kind, &(body.len() as u64 + 16).to_be_bytes(), body].concat()
}

pub(super) fn ftyp() -> Vec<u8> {
    bx(b"ftyp", &[b"isom\0\0\x02\0isommp41"])
}

/// A handler as ffmpeg writes it.
pub(super) fn hdlr(kind: &[u8; 4], name: &[u8]) -> Vec<u8> {
    bx(b"hdlr", &[&[0; 8], kind, &[0; 12], name])
}

pub(super) fn data(kind: u8, value: &[u8]) -> Vec<u8> {
    bx(b"data", &[&[0, 0, 0, kind, 0, 0, 0, 0], value])
}

/// Named items, as ffmpeg writes them with `use_metadata_tags`.
pub(super) fn named(items: &[(&str, &[u8])]) -> Vec<u8> {
    let keys: Vec<u8> = items.iter().flat_map(|(key, _)| bx(b"mdta", &[key.as_bytes()])).collect();
    let list = items
        .iter()
        .enumerate()
        .flat_map(|(at, (_, value))| bx(&u32::try_from(at + 1).unwrap().to_be_bytes(), &[&data(1, value)]));
    let count = u32::try_from(items.len()).unwrap().to_be_bytes();
    let keys = bx(b"keys", &[&[0; 4], &count, &keys]);
    bx(b"meta", &[&[0; 4], &hdlr(b"mdta", b"\0"), &keys, &bx(b"ilst", &[&list.collect::<Vec<_>>()])])
}

/// A track with a table of offsets.
pub(super) fn track(table: &[u8]) -> Vec<u8> {
    let entry = bx(b"dref", &[&[0; 4], &[0, 0, 0, 1], &bx(b"url ", &[&[0, 0, 0, 1]])]);
    let info = bx(b"minf", &[&bx(b"dinf", &[&entry]), &bx(b"stbl", &[table])]);
    bx(b"trak", &[&bx(b"tkhd", &[&[0; 84]]), &bx(b"mdia", &[&hdlr(b"vide", b"\0"), &info])])
}

pub(super) fn stco(offsets: &[u32]) -> Vec<u8> {
    let count = u32::try_from(offsets.len()).unwrap().to_be_bytes();
    let all: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_be_bytes()).collect();
    bx(b"stco", &[&[0; 4], &count, &all])
}

/// A file with these boxes in its movie box.
fn movie(parts: &[&[u8]]) -> Vec<u8> {
    let track = track(&stco(&[36]));
    let moov = bx(b"moov", &[&bx(b"mvhd", &[&[0; 100]]), &track, &parts.concat()]);
    [ftyp(), bx(b"mdat", &[b"media"]), moov].concat()
}

fn layout(bytes: &[u8]) -> Layout {
    let layout = parse(&bytes.to_vec(), &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.len() as u64), "{:?}", layout.segments);
    layout
}

/// Carrier, place, key and value of each packet of a file without damage.
fn read(bytes: &[u8]) -> Vec<(Carrier, &'static str, String, String)> {
    let layout = layout(bytes);
    assert_eq!(layout.damage, None);
    let source = bytes.to_vec();
    let value =
        |packet: &Packet| String::from_utf8(packet.read(&source, &Limits::default()).unwrap()).unwrap();
    layout.packets.iter().map(|one| (one.carrier, one.place, one.key.clone(), value(one))).collect()
}

fn field(place: &'static str, key: &str, value: &str) -> (Carrier, &'static str, String, String) {
    (Carrier::Field, place, key.to_owned(), value.to_owned())
}

#[test]
fn named_items_are_read_where_ffmpeg_writes_them() {
    let bytes = movie(&[&bx(b"udta", &[&named(&[("encoder", b"Lavf"), ("AIGC", b"{}")])])]);
    let place = "udta/meta keys";
    assert_eq!(read(&bytes), [field(place, "encoder", "Lavf"), field(place, "AIGC", "{}")]);
}

#[test]
fn a_meta_box_of_quicktime_has_no_version() {
    let full = named(&[("com.apple.quicktime.AIGC", b"{}")]);
    let plain = bx(b"meta", &[&full[12..]]);
    for meta in [full, plain] {
        let told = [field("moov/meta keys", "com.apple.quicktime.AIGC", "{}")];
        assert_eq!(read(&movie(&[&meta])), told);
        let told = [field("udta/meta keys", "com.apple.quicktime.AIGC", "{}")];
        assert_eq!(read(&movie(&[&bx(b"udta", &[&meta])])), told);
    }
}

#[test]
fn the_tags_of_itunes_are_read_with_their_four_letters() {
    let freeform =
        [&bx(b"mean", &[&[0; 4], b"com.apple.iTunes"])[..], &bx(b"name", &[&[0; 4], b"AIGC"])].concat();
    let list = [
        bx(b"\xA9cmt", &[&data(1, "\u{6CE8}".as_bytes())]),
        bx(b"covr", &[&data(13, b"\xFF\xD8")]),
        bx(b"trkn", &[&data(0, &[0, 0, 0, 1, 0, 2, 0, 0])]),
        bx(b"tmpo", &[&data(21, &[0, 120])]),
        bx(b"\xA9too", &[&data(2, &[0, b'L', 0x4E, 0x2D])]),
        bx(b"----", &[&freeform, &data(1, b"{}")]),
        bx(b"\xA9ART", &[&data(1, b"one"), &data(1, b"two")]),
    ]
    .concat();
    let meta =
        bx(b"meta", &[&[0; 4], &hdlr(b"mdir", b"\0"), &bx(b"ilst", &[&list]), &bx(b"free", &[&[0; 9]])]);
    let place = "udta/meta ilst";
    let told = [
        field(place, "\u{A9}cmt", "\u{6CE8}"),
        field(place, "\u{A9}too", "L\u{4E2D}"),
        field("freeform item", "AIGC", "{}"),
        field(place, "\u{A9}ART", "one"),
        field(place, "\u{A9}ART", "two"),
    ];
    assert_eq!(read(&movie(&[&bx(b"udta", &[&meta])])), told);
}

#[test]
fn texts_of_user_data_are_read_however_they_are_coded() {
    let parts = [
        bx(b"\xA9cmt", &[b"\0\x05\x55\xC4hello"]),
        bx(b"\xA9nam", &[b"\0\x03\0\0b\x8Ea\0\x04\x55\xC4b\xC3\xA9b"]),
        bx(b"\xA9swr", &[b"bare text"]),
        bx(b"titl", &[b"\0\0\0\0\x15\xC7\xFE\xFF\x4E\x2D\x65\x87\0\0"]),
        bx(b"dscp", &[b"\0\0\0\0\x15\xC7words\0"]),
        bx(b"AIGC", &[b"{\"Label\":\"1\"}"]),
        bx(b"aigc", &[b"\0\0\0\0{}\0"]),
        bx(b"\xA9des", &[&data(1, b"as in a list")]),
        bx(b"LOOP", &[&[0, 0, 0, 1]]),
        vec![0; 4],
    ];
    let place = "udta box";
    let told = [
        field(place, "\u{A9}cmt", "hello"),
        field(place, "\u{A9}nam", "b\u{E9}a"),
        field(place, "\u{A9}nam", "b\u{E9}b"),
        field(place, "\u{A9}swr", "bare text"),
        field(place, "titl", "\u{4E2D}\u{6587}"),
        field(place, "dscp", "words"),
        field(place, "AIGC", "{\"Label\":\"1\"}"),
        field(place, "aigc", "{}"),
        field("udta/meta ilst", "\u{A9}des", "as in a list"),
    ];
    assert_eq!(read(&movie(&[&bx(b"udta", &[&parts.concat()])])), told);
}

#[test]
fn metadata_of_tracks_fragments_and_the_file_are_told_apart() {
    let user = bx(b"udta", &[&named(&[("k", b"v")])]);
    let fragment = bx(b"moof", &[&bx(b"mfhd", &[&[0; 8]]), &bx(b"traf", &[&user])]);
    let moov = bx(b"moov", &[&bx(b"trak", &[&user]), &bx(b"mvex", &[])]);
    let bytes = [ftyp(), moov, fragment, bx(b"mdat", &[b"m"]), named(&[("k", b"v")])].concat();
    let places = ["trak meta keys", "moof meta keys", "file meta keys"];
    assert_eq!(read(&bytes), places.map(|place| field(place, "k", "v")));
}

#[test]
fn xmp_manifests_and_tags_of_id3_are_found_in_their_boxes() {
    let xmp = b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
    let c2pa = b"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";
    let id3 = b"\0\0\0\0\x55\xC4ID3\x04\0\0\0\0\0\x13TXXX\0\0\0\x09\0\0\x03AIGC\0{}x";
    let bytes = [
        movie(&[&bx(b"udta", &[&bx(b"XMP_", &[b"<one>"])])]),
        bx(b"uuid", &[xmp, b"<two>"]),
        bx(b"uuid", &[c2pa, &[0; 4], b"manifest\0", &[0; 8], b"store"]),
        bx(b"uuid", &[c2pa, &[0; 4], b"merkle\0", b"proof"]),
        bx(b"uuid", &[&[7; 16], b"own"]),
        bx(b"ID32", &[id3]),
    ]
    .concat();
    let told = [
        (Carrier::Xmp, "XMP_ box", String::new(), "<one>".to_owned()),
        (Carrier::Xmp, "uuid box", String::new(), "<two>".to_owned()),
        (Carrier::Manifest, "uuid box", String::new(), "store".to_owned()),
        (Carrier::Blob, "uuid box", "07".repeat(16), "own".to_owned()),
        field("ID3 TXXX frame", "AIGC", "{}x"),
    ];
    assert_eq!(read(&bytes), told);
}

#[test]
fn names_of_handlers_and_encoders_are_texts_too() {
    let mut entry = vec![0; 42];
    entry.extend(b"\x0ALavc mpeg4");
    entry.resize(78, 0);
    let table = bx(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &bx(b"mp4v", &[&entry])]);
    let info = bx(b"minf", &[&hdlr(b"url ", b"\x0BDataHandler"), &bx(b"stbl", &[&table])]);
    let media = bx(b"mdia", &[&hdlr(b"vide", b"VideoHandler\0"), &info]);
    let moov = bx(b"moov", &[&bx(b"trak", &[&media])]);
    let bytes = [bx(b"mdat", &[b"m"]), moov].concat();
    let told = [
        field("handler name", "hdlr", "VideoHandler"),
        field("handler name", "hdlr", "DataHandler"),
        field("sample description", "compressorname", "Lavc mpeg4"),
    ];
    assert_eq!(read(&bytes), told);
}

#[test]
fn junk_after_a_whole_file_is_no_damage_but_a_cut_box_is() {
    let bytes = movie(&[]);
    for junk in [&b"\0\0\0"[..], &[0; 40], b"\xFF\xFE\xFD\xFCjunk", b"\0\0\0\x20\xFF\0\0\0........"] {
        let read = layout(&[&bytes[..], junk].concat());
        assert_eq!((read.damage, read.segments.len()), (None, 4), "{junk:?}");
    }
    for cut in [&b"\0\0\0\x20ud"[..], b"\0\0\0\x20udta", b"\0\0\0\x20uuid...."] {
        assert!(layout(&[&bytes[..], cut].concat()).damage.is_some(), "{cut:?}");
    }
}

#[test]
fn a_last_box_without_a_size_reaches_to_the_end() {
    let moov = bx(b"moov", &[&track(&stco(&[0]))]);
    let bytes = [ftyp(), moov, b"\0\0\0\0mdatmedia".to_vec()].concat();
    let read = layout(&bytes);
    assert_eq!((read.damage, read.segments.len()), (None, 3));
}

#[test]
fn what_cannot_be_read_is_damage_and_not_absence() {
    let told = |bytes: Vec<u8>| layout(&bytes).damage.map(|err| err.problem);
    let compressed = [ftyp(), bx(b"mdat", &[b"m"]), bx(b"moov", &[&bx(b"cmov", &[b"zlib"])])].concat();
    assert_eq!(told(compressed), Some(Problem::Unsupported("compressed moov boxes")));
    assert_eq!(told([ftyp(), bx(b"mdat", &[b"m"])].concat()), Some(Problem::Malformed("no moov box")));
    let without_media = [ftyp(), bx(b"moov", &[&track(&stco(&[36]))])].concat();
    assert_eq!(told(without_media), Some(Problem::Truncated));
    let mut nested = bx(b"moov", &[b""]);
    for _ in 0..1000 {
        nested = bx(b"moov", &[&nested]);
    }
    let inner = Some(Problem::Malformed("a moov box in a moov box"));
    assert_eq!(told([ftyp(), bx(b"mdat", &[b"m"]), nested].concat()), inner);
    // The label before the damage is still told, and the boxes after it are read.
    let bytes =
        movie(&[&bx(b"udta", &[&named(&[("k", b"v")]), b"\0\0\0\x03free"]), &named(&[("no", b"no")])]);
    let bytes = [bytes, named(&[("l", b"w")])].concat();
    let read = layout(&bytes);
    assert!(read.damage.is_some());
    assert_eq!(read.packets.iter().map(|packet| packet.key.as_str()).collect::<Vec<_>>(), ["k", "no", "l"]);
}

#[test]
fn names_that_are_counted_but_not_there_are_damage() {
    let mut meta = named(&[("k", b"v")]);
    let at = meta.windows(4).position(|four| four == b"keys").unwrap() + 8;
    for count in [2_u32, u32::MAX] {
        meta[at..at + 4].copy_from_slice(&count.to_be_bytes());
        let read = layout(&movie(&[&bx(b"udta", &[&meta])]));
        assert_eq!(read.packets.len(), 1, "what is there is read");
        assert_eq!(
            read.damage.map(|err| err.problem),
            Some(Problem::Malformed("fewer names of items than are counted"))
        );
    }
    meta[at..at + 4].copy_from_slice(&[0; 4]);
    let read = read(&movie(&[&bx(b"udta", &[&meta])]));
    assert_eq!(read, [field("udta/meta keys", "item 1", "v")], "an item without a name is still read");
}

#[test]
fn millions_of_boxes_are_over_a_limit() {
    let limits = Limits { segments: 50, ..Limits::default() };
    let many = bx(b"free", &[]).repeat(60);
    let over = |bytes: Vec<u8>| parse(&bytes, &limits).unwrap().damage.map(|err| err.problem);
    let told = Some(Problem::OverLimit { what: "boxes", limit: 50 });
    assert_eq!(over([movie(&[]), many.clone()].concat()), told);
    assert_eq!(over(movie(&[&many])), told);
    assert_eq!(over(movie(&[&bx(b"udta", &[&many])])), told);
    assert_eq!(over(movie(&[&bx(b"udta", &[&bx(b"\xA9cmt", &[&b"\0\x01\0\0a".repeat(60)])])])), told);
}

/// A file with all sorts of boxes.
fn rich() -> Vec<u8> {
    let list = bx(b"ilst", &[&bx(b"\xA9too", &[&data(1, b"tool")])]);
    let tags = bx(b"meta", &[&[0; 4], &hdlr(b"mdir", b"\0"), &list]);
    let user = bx(b"udta", &[&tags, &named(&[("k", b"v")]), &bx(b"\xA9cmt", &[b"\0\x01\0\0c"]), &[0; 4]]);
    [movie(&[&user, &bx(b"free", &[&[0; 8]])]), bx(b"uuid", &[&[9; 16], b"x"])].concat()
}

#[test]
fn a_file_cut_anywhere_is_damaged_and_never_panics() {
    let bytes = rich();
    let last = bytes.len() - 25;
    for cut in 0..bytes.len() {
        match parse(&bytes[..cut].to_vec(), &Limits::default()) {
            Ok(layout) => {
                assert!(layout.tiles(cut as u64), "{cut}");
                // Up to three zeros of a size look like padding.
                assert!(layout.damage.is_some() || (last..last + 4).contains(&cut), "{cut}");
            }
            Err(err) => assert!(cut < 24 && err.problem == Problem::Truncated, "{cut}: {err}"),
        }
    }
}

#[test]
fn wrong_sizes_never_panic_and_always_tile() {
    let bytes = rich();
    for at in 0..bytes.len() - 4 {
        for size in [0, 1, 7, 8, 9, 0x7FFF_FFFF, u32::MAX] {
            let mut bent = bytes.clone();
            bent[at..at + 4].copy_from_slice(&u32::to_be_bytes(size));
            if let Ok(layout) = parse(&bent, &Limits::default()) {
                assert!(layout.tiles(bent.len() as u64), "{size} at {at}");
                for packet in &layout.packets {
                    let _ = packet.read(&bent, &Limits::default());
                }
            }
        }
    }
}

/// A file of any size with bytes only here and there; counts what is read.
#[derive(Default)]
pub(super) struct Sparse {
    pub(super) size: u64,
    pub(super) parts: Vec<(u64, Vec<u8>)>,
    pub(super) read: AtomicU64,
}

impl Source for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        buf.fill(0);
        for (start, bytes) in &self.parts {
            for (offset, byte) in bytes.iter().enumerate() {
                let place =
                    (start + offset as u64).checked_sub(at).and_then(|place| usize::try_from(place).ok());
                if let Some(place) = place.and_then(|place| buf.get_mut(place)) {
                    *place = *byte;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn of_a_big_file_only_headers_and_metadata_are_read() {
    let media = 40_u64 << 30;
    let start = [ftyp(), [&[0, 0, 0, 1][..], b"mdat", &media.to_be_bytes()].concat()].concat();
    let tables = 400_u32 << 20;
    let user = bx(b"udta", &[&named(&[("AIGC", b"{}")])]);
    // A movie box of 400 MB: a table of samples that is not looked into, then user data.
    let mut moov = (tables + 8 + 8 + u32::try_from(user.len()).unwrap()).to_be_bytes().to_vec();
    moov.extend(b"moov");
    moov.extend((tables + 8).to_be_bytes());
    moov.extend(b"stsz");
    let at = ftyp().len() as u64 + media;
    let rest = at + moov.len() as u64 + u64::from(tables);
    let size = rest + user.len() as u64;
    let sparse = Sparse { size, parts: vec![(0, start), (at, moov), (rest, user)], ..Sparse::default() };
    let layout = parse(&sparse, &Limits::default()).unwrap();
    assert!(layout.damage.is_none() && layout.tiles(size));
    assert_eq!(layout.packets.len(), 1);
    let read = sparse.read.load(Ordering::Relaxed);
    assert!(read < 32 << 10, "{read} bytes");
}

#[test]
fn brands_and_first_boxes_tell_the_kind() {
    let of = |bytes: &[u8], extension: Option<&str>| {
        let head = Head { bytes, size: 1 << 20, extension };
        let sure: Vec<_> = [Kind::Video, Kind::Mov, Kind::Sound].map(|kind| recognize(&head, kind)).to_vec();
        assert!(sure.iter().filter(|sure| **sure > 0).count() <= 1);
        sure.iter().position(|sure| *sure > 0).map(|at| ["mp4", "mov", "m4a"][at])
    };
    let brands = |list: &[u8]| bx(b"ftyp", &[&list[..4], &[0; 4], &list[4..]]);
    assert_eq!(of(&brands(b"isomisomavc1"), None), Some("mp4"));
    assert_eq!(of(&brands(b"3gp53gp5"), None), Some("mp4"));
    assert_eq!(of(&brands(b"qt  qt  "), Some("mp4")), Some("mov"));
    assert_eq!(of(&brands(b"M4A M4A isom"), None), Some("m4a"));
    assert_eq!(of(&brands(b"M4B "), None), Some("m4a"));
    assert_eq!(of(&brands(b"isomiso2"), Some("m4a")), Some("m4a"));
    assert_eq!(of(&brands(b"mp42M4A mp42"), None), Some("m4a"));
    assert_eq!(of(&brands(b"M4V M4A mp42"), None), Some("mp4"));
    assert_eq!(of(&brands(b"mp42M4A mp42"), Some("mp4")), Some("mp4"));
    for picture in
        [&b"mif1heic"[..], b"heic", b"heixmif1", b"avifmif1miaf", b"avisavif", b"crx ", b"msf1iso8"]
    {
        assert_eq!(of(&brands(picture), None), None, "{picture:?}");
    }
    for first in [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"] {
        assert_eq!(of(&bx(first, &[b"..."]), None), Some("mov"));
    }
    assert_eq!(of(&[bx(b"free", &[b"x"]), brands(b"isom")].concat(), None), Some("mp4"));
    assert_eq!(of(&bx(b"moof", &[b""]), None), Some("mp4"));
    assert_eq!(of(b"look: moov", None), None, "words");
    assert_eq!(of(b"\0\0\0\x0CJXL \r\n\x87\n", None), None);
    assert_eq!(of(b"", None), None);
    let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    assert!(["m4a", "mov", "mp4"].iter().all(|name| names.contains(name)));
}

#[test]
fn a_failing_disk_is_an_error_or_damage() {
    struct Failing;
    impl Source for Failing {
        fn size(&self) -> u64 {
            100
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let told: FormatError = parse(&Failing, &Limits::default()).unwrap_err();
    assert_eq!(told.problem, Problem::Io(io::ErrorKind::TimedOut));
}

#[test]
fn sound_of_both_codings_is_decoded_as_long_as_it_is() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/m4a");
    // Rate, channels and frames as ffmpeg has them without trimming.
    for (name, rate, channels, frames) in [
        ("chords-aac-tags.m4a", 22050, 2, 55 * 1024),
        ("speech-alac.m4a", 8000, 1, 16_000),
        ("speech-faststart.m4a", 16000, 1, 61 * 1024),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let layout = layout(&bytes);
        let mut sound = super::open(&bytes, &layout, &Limits::default()).unwrap();
        let facts = sound.facts();
        assert_eq!((facts.rate, facts.channels), (rate, channels), "{name}");
        let mut values = Vec::new();
        while sound.next_block(&mut values).unwrap() {}
        let count = values.len() / usize::from(channels);
        assert_eq!(count, frames, "{name}");
        let told = facts.frames.unwrap();
        assert!(told.abs_diff(frames as u64) <= 1024, "{name}: {told}");
        assert!(values.iter().any(|value| value.abs() > 0.05), "{name} is silent");
    }
}
