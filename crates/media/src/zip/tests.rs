//! Tests of archives, built here byte by byte or made by Python's `zipfile` (the samples).

use super::{Archive, Change, layout, open, read, rewritten, search};
use crate::{Piece, Role};
use indicia_core::{FormatError, Limits, Problem, Source, Span, Window};

/// An entry to be built.
#[derive(Clone, Default)]
pub(crate) struct Built<'a> {
    pub(crate) name: &'a str,
    pub(crate) body: &'a [u8],
    /// The sizes follow the data.
    pub(crate) described: bool,
    pub(crate) encrypted: bool,
    /// The name in the local header, if another.
    pub(crate) local_name: Option<&'a str>,
    /// The directory has sizes and offset in a ZIP64 field.
    pub(crate) wide: bool,
}

/// An archive with these entries, stored.
pub(crate) fn built(entries: &[Built<'_>]) -> Vec<u8> {
    let (mut out, mut records) = (Vec::new(), Vec::new());
    let two = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let four = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for entry in entries {
        let offset = out.len();
        let flags = usize::from(entry.described) * 8 + usize::from(entry.encrypted);
        let (crc, len) = (crc32fast::hash(entry.body).to_le_bytes(), entry.body.len());
        let local = entry.local_name.unwrap_or(entry.name);
        out.extend([b"PK\x03\x04\x14\0", &two(flags)[..], b"\0\0\0\0\x21\0"].concat());
        match entry.described {
            true => out.extend([0; 12]),
            false => out.extend([&crc[..], &four(len), &four(len)].concat()),
        }
        out.extend([&two(local.len())[..], b"\0\0", local.as_bytes(), entry.body].concat());
        if entry.described {
            out.extend([b"PK\x07\x08", &crc[..], &four(len), &four(len)].concat());
        }
        let full = u32::MAX as usize;
        let (size, place) = if entry.wide { (full, full) } else { (len, offset) };
        let extra = match entry.wide {
            true => [b"\x01\0\x18\0".to_vec(), [len, len, offset].map(|n| (n as u64).to_le_bytes()).concat()]
                .concat(),
            false => Vec::new(),
        };
        records.extend([b"PK\x01\x02\x14\0\x14\0", &two(flags)[..], b"\0\0\0\0\x21\0", &crc].concat());
        records.extend([four(size), four(size)].concat());
        records.extend([two(entry.name.len()), two(extra.len()), [0; 2]].concat());
        records.extend([&[0; 8][..], &four(place), entry.name.as_bytes(), &extra].concat());
    }
    let (offset, len, count) = (out.len(), records.len(), entries.len());
    out.extend(records);
    out.extend(
        [b"PK\x05\x06\0\0\0\0", &two(count)[..], &two(count), &four(len), &four(offset), b"\0\0"].concat(),
    );
    out
}

/// An archive with these stored entries.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = files.iter().map(|(name, body)| Built { name, body, ..Built::default() }).collect();
    built(&entries)
}

fn content(source: &dyn Source, archive: &Archive, name: &str) -> Result<Vec<u8>, FormatError> {
    let entry = archive.find(name).unwrap();
    read(&mut Window::new(source), source, archive, entry, 1 << 20, &Limits::default())
}

fn bytes(source: &dyn Source, pieces: &[Piece]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::New(new) => out.extend(new),
            Piece::Keep(span) => out.extend(Limits::default().take(source, *span).unwrap()),
        }
    }
    out
}

fn tiled(bytes: &dyn Source, limits: &Limits) -> Result<Archive, FormatError> {
    let archive = open(bytes, limits)?;
    let layout = layout(&archive, bytes.size(), |_| Role::Essence);
    assert!(layout.tiles(bytes.size()), "{:?}", layout.segments);
    Ok(archive)
}

fn damage(bytes: &dyn Source) -> Option<Problem> {
    tiled(bytes, &Limits::default()).unwrap().damage.map(|damage| damage.problem)
}

const TWO: &[(&str, &[u8])] = &[("one", b"first"), ("two", b"second")];

#[test]
fn entries_are_read_with_a_comment_junk_before_and_junk_after() {
    let plain = archive(TWO);
    let mut noted = plain.clone();
    let len = noted.len();
    noted[len - 2] = 4;
    noted.extend(b"note");
    let before = [b"#!/bin/sh\n".to_vec(), plain.clone()].concat();
    let after = [plain.clone(), b"more".to_vec()].concat();
    for bytes in [plain, noted.clone(), before, after] {
        let archive = tiled(&bytes, &Limits::default()).unwrap();
        assert_eq!(archive.damage, None);
        assert_eq!(content(&bytes, &archive, "two").unwrap(), b"second");
    }
    let comment = open(&noted, &Limits::default()).unwrap().comment;
    assert_eq!(Limits::default().take(&noted, comment).unwrap(), b"note");
}

#[test]
fn what_changes_moves_the_rest_and_nothing_else() {
    let wide = |name| Built { name, body: b"wide", wide: true, ..Built::default() };
    let described = |name| Built { name, body: b"described", described: true, ..Built::default() };
    let noted = [built(&[wide("a"), described("b"), wide("c"), described("d")]), b"tail".to_vec()].concat();
    for junk in [&b""[..], b"junk"] {
        let source = [junk, &noted].concat();
        let old = open(&source, &Limits::default()).unwrap();
        let mut change = Change { added: vec![("生/new".into(), b"new".to_vec())], ..Change::default() };
        change.replaced.insert(1, b"another".to_vec());
        change.replaced.insert(2, b"wide no more".to_vec());
        let out = bytes(&source, &rewritten(&source, &old, &change).unwrap());
        assert!(out.starts_with(junk) && out.ends_with(b"tail"));
        let new = tiled(&out, &Limits::default()).unwrap();
        assert_eq!((new.damage.clone(), new.base), (None, old.base));
        let names: Vec<_> = new.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "生/new"]);
        for (name, body) in [
            ("a", &b"wide"[..]),
            ("b", b"another"),
            ("c", b"wide no more"),
            ("d", b"described"),
            ("生/new", b"new"),
        ] {
            assert_eq!(content(&out, &new, name).unwrap(), body, "{name}");
        }
    }
}

#[test]
fn a_zip64_end_is_read_and_written() {
    let plain = archive(TWO);
    let end = plain.len() - 22;
    let len = end - 2 * 49;
    assert_eq!(&plain[len..len + 4], b"PK\x01\x02");
    let mut bytes = plain[..end].to_vec();
    bytes.extend(b"PK\x06\x06\x2C\0\0\0\0\0\0\0\x2D\0\x2D\0\0\0\0\0\0\0\0\0");
    bytes.extend([2, 2, (end - len) as u64, len as u64].map(u64::to_le_bytes).concat());
    bytes.extend([b"PK\x06\x07\0\0\0\0", &(end as u64).to_le_bytes()[..], b"\x01\0\0\0"].concat());
    bytes.extend(b"PK\x05\x06\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0");
    let old = tiled(&bytes, &Limits::default()).unwrap();
    assert_eq!((old.entries.len(), old.damage.clone()), (2, None));
    let change = Change { added: vec![("three".into(), b"third".to_vec())], ..Change::default() };
    let out = self::bytes(&bytes, &rewritten(&bytes, &old, &change).unwrap());
    let new = tiled(&out, &Limits::default()).unwrap();
    assert!(new.end_64.is_some() && new.damage.is_none() && new.entries.len() == 3);
    assert_eq!(content(&out, &new, "three").unwrap(), b"third");
}

#[test]
fn more_entries_than_a_plain_end_can_count_are_read_and_written() {
    let names: Vec<String> = (0..65_540).map(|number| format!("{number:05}")).collect();
    let entries: Vec<_> = names.iter().map(|name| Built { name, ..Built::default() }).take(65_534).collect();
    let source = built(&entries);
    let old = open(&source, &Limits::default()).unwrap();
    assert_eq!((old.entries.len(), old.damage.clone()), (65_534, None));
    let added = names[65_534..].iter().map(|name| (name.clone(), Vec::new())).collect();
    let out = bytes(&source, &rewritten(&source, &old, &Change { added, ..Change::default() }).unwrap());
    let new = open(&out, &Limits::default()).unwrap();
    assert!(new.end_64.is_some() && new.damage.is_none());
    assert_eq!(new.entries.len(), 65_540);
    let few = Limits { segments: 100, ..Limits::default() };
    assert!(open(&out, &few).unwrap().damage.is_some(), "more than the limit");
}

#[test]
fn an_entry_that_crosses_4_gb_gets_a_longer_offset() {
    // Nothing but the directory is read, so the file need not be there.
    struct Hollow {
        hole: u64,
        tail: Vec<u8>,
    }
    impl Source for Hollow {
        fn size(&self) -> u64 {
            self.hole + self.tail.len() as u64
        }
        fn read_at(&self, at: u64, buf: &mut [u8]) -> std::io::Result<()> {
            for (place, byte) in (at..).zip(buf) {
                let tail = place.checked_sub(self.hole).map(|at| usize::try_from(at).unwrap());
                *byte = tail.and_then(|at| self.tail.get(at)).copied().unwrap_or_default();
            }
            Ok(())
        }
    }
    let hole = u64::from(u32::MAX) - 40;
    let one = Built { name: "big", ..Built::default() };
    let mut tail = built(&[one]);
    let directory = tail.len() - 22 - 49;
    // The entry stands in the hole's last bytes; so does the one that is put in before it.
    tail[directory + 42..directory + 46].copy_from_slice(&u32::try_from(hole).unwrap().to_le_bytes());
    let len = tail.len();
    let start = u32::try_from(hole + directory as u64).unwrap();
    tail[len - 6..len - 2].copy_from_slice(&start.to_le_bytes());
    let source = Hollow { hole, tail };
    let old = open(&source, &Limits::default()).unwrap();
    assert_eq!((old.entries[0].at, old.damage.clone()), (hole, None));
    let added = vec![("late".to_owned(), b"x".to_vec()), ("later".to_owned(), b"y".to_vec())];
    let pieces = rewritten(&source, &old, &Change { added, ..Change::default() }).unwrap();
    assert_eq!(pieces[0], Piece::Keep(Span { start: 0, end: hole + directory as u64 }));
    let new: Vec<u8> =
        pieces[1..].iter().flat_map(|piece| bytes(&source, std::slice::from_ref(piece))).collect();
    let grown = Hollow { hole, tail: [source.tail[..directory].to_vec(), new].concat() };
    let read = open(&grown, &Limits::default()).unwrap();
    assert_eq!((read.damage.clone(), read.end_64.is_some()), (None, true));
    assert!(read.entries[2].at > u64::from(u32::MAX) && read.entries[2].offset_64.is_some());
    assert_eq!(content(&grown, &read, "later").unwrap(), b"y");
}

#[test]
fn a_cut_archive_keeps_the_entries_that_are_whole() {
    let described = Built { name: "d", body: b"described", described: true, ..Built::default() };
    let plain = Built { name: "p", body: b"plain", ..Built::default() };
    let whole = built(&[plain.clone(), described, plain.clone()]);
    let mut most = 0;
    for len in 1..whole.len() {
        let cut = whole[..len].to_vec();
        match tiled(&cut, &Limits::default()) {
            Ok(archive) => {
                assert!(archive.damage.is_some(), "{len}");
                most = most.max(archive.entries.len());
                assert_eq!(content(&cut, &archive, "p").unwrap(), b"plain", "{len}");
            }
            Err(err) => assert_eq!(err.problem, Problem::Truncated),
        }
    }
    assert_eq!(most, 3);
}

#[test]
fn bent_bytes_never_panic_and_never_tile_wrongly() {
    let described = Built { name: "d", body: b"described", described: true, ..Built::default() };
    let wide = Built { name: "w", body: b"wide", wide: true, ..Built::default() };
    let whole = built(&[described, wide]);
    for at in 0..whole.len() {
        for patch in [&[0_u8][..], &[0xFF], &[0xFF; 2], &[0; 4], &[0xFF; 4], &[0xFF; 8]] {
            let mut bent = whole.clone();
            for (place, value) in bent[at..].iter_mut().zip(patch) {
                *place = *value;
            }
            let Ok(archive) = tiled(&bent, &Limits::default()) else { continue };
            for entry in &archive.entries {
                let _ = read(&mut Window::new(&bent), &bent, &archive, entry, 1 << 20, &Limits::default());
            }
            let mut change = Change { added: vec![("n".into(), Vec::new())], ..Change::default() };
            change.replaced.insert(0, b"x".to_vec());
            let _ = rewritten(&bent, &archive, &change);
        }
    }
}

#[test]
fn two_entries_of_one_name_are_damage() {
    assert!(matches!(damage(&archive(&[("a", b"1"), ("A", b"2")])), Some(Problem::Malformed(_))));
    assert_eq!(damage(&archive(&[("a/", b""), ("a/", b"")])), None, "folders hold nothing");
}

#[test]
fn entries_that_overlap_are_damage() {
    let mut bytes = archive(TWO);
    let directory = bytes.len() - 22 - 2 * 49;
    bytes[directory + 49 + 42] = 5;
    assert!(matches!(damage(&bytes), Some(Problem::Malformed(_))));
}

#[test]
fn a_wrong_count_of_entries_is_damage() {
    let mut bytes = archive(TWO);
    let end = bytes.len() - 22;
    (bytes[end + 8], bytes[end + 10]) = (3, 3);
    assert!(matches!(damage(&bytes), Some(Problem::Malformed(_))));
}

#[test]
fn an_entry_that_says_two_things_is_not_read() {
    let other = Built { name: "one", local_name: Some("two"), body: b"x", ..Built::default() };
    let encrypted = Built { name: "one", encrypted: true, body: b"x", ..Built::default() };
    let mut sizes = archive(&[("one", b"x")]);
    sizes[18] = 7;
    let mut crc = archive(&[("one", b"x")]);
    crc[33] ^= 1;
    for (bytes, expected) in [
        (built(&[other]), "Malformed"),
        (built(&[encrypted]), "Unsupported"),
        (sizes, "Malformed"),
        (crc, "Malformed"),
    ] {
        let archive = open(&bytes, &Limits::default()).unwrap();
        let err = content(&bytes, &archive, "one").unwrap_err();
        assert!(format!("{:?}", err.problem).starts_with(expected), "{err:?}");
    }
}

/// An archive with one deflated entry of which header and directory say this size.
fn deflated(body: &[u8], size: u32) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    let packed = encoder.finish().unwrap();
    let mut bytes = archive(&[("a", &packed)]);
    let directory = bytes.len() - 22 - 47;
    (bytes[8], bytes[directory + 10]) = (8, 8);
    bytes[22..26].copy_from_slice(&size.to_le_bytes());
    bytes[directory + 24..directory + 28].copy_from_slice(&size.to_le_bytes());
    for at in [14, directory + 16] {
        bytes[at..at + 4].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    }
    bytes
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let bytes = deflated(&vec![0; 1 << 20], 5);
    let archive = open(&bytes, &Limits::default()).unwrap();
    let entry = archive.find("a").unwrap();
    let limits = Limits::default();
    let mut window = Window::new(&bytes);
    let err = read(&mut window, &bytes, &archive, entry, 1000, &limits).unwrap_err();
    assert!(matches!(err.problem, Problem::OverLimit { limit: 1000, .. }), "{err:?}");
    let err = search(&mut window, &bytes, &archive, entry, 1000, &limits, |_, _| Some(())).unwrap_err();
    assert!(matches!(err.problem, Problem::OverLimit { limit: 1000, .. }), "{err:?}");
}

#[test]
fn an_entry_is_looked_through_no_further_than_it_takes() {
    let body: Vec<u8> = (0..300_000_u32).flat_map(|at| (at / 7).to_le_bytes()).collect();
    let size = u32::try_from(body.len()).unwrap();
    let (whole, mut bent) = (deflated(&body, size), deflated(&body, size + 1));
    let looked = |bytes: &Vec<u8>, wanted: usize| {
        let archive = open(bytes, &Limits::default()).unwrap();
        let entry = archive.find("a").unwrap();
        let (mut window, mut seen) = (Window::new(bytes), Vec::new());
        let find = |start: &[u8], is_all: bool| {
            assert!(body.starts_with(start) && is_all == (start.len() == body.len()));
            seen.push(start.len());
            start.get(wanted).copied()
        };
        let found = search(&mut window, bytes, &archive, entry, 1 << 30, &Limits::default(), find);
        (found, seen)
    };
    assert_eq!(looked(&whole, 100), (Ok(Some(body[100])), vec![32 << 10]));
    assert_eq!(looked(&whole, 40_000), (Ok(Some(body[40_000])), vec![32 << 10, 128 << 10]));
    let all = vec![32 << 10, 128 << 10, 512 << 10, body.len()];
    assert_eq!(looked(&whole, body.len() - 1), (Ok(body.last().copied()), all.clone()));
    assert_eq!(looked(&whole, body.len()), (Ok(None), all), "what is not there is not found");
    assert_eq!(looked(&bent, 40_000).0, Ok(Some(body[40_000])), "no more was read than that");
    assert!(looked(&bent, body.len() - 1).0.is_err(), "it is longer than its archive says");
    let middle = bent.len() / 2;
    bent[middle..middle + 64].fill(0xFF);
    assert!(looked(&bent, body.len() - 1).0.is_err(), "it does not inflate");
    let stored = archive(&[("a", &body)]);
    assert_eq!(looked(&stored, 40_000), (Ok(Some(body[40_000])), vec![32 << 10, 128 << 10]));
}
