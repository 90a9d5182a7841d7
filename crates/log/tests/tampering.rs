//! Every kind of tampering is told by its own name, with the entry and the bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use std::fs;

use common::{NOW, ORIGIN, Place, copy, labelled};
use indicia_log::{Fault, Log, LogError, Options, Reader, Seen};

fn faults(place: &Place) -> Vec<Fault> {
    place.verify().faults
}

fn fault(place: &Place) -> Fault {
    let mut faults = faults(place);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[test]
fn an_altered_entry_is_named_with_its_bytes() {
    for entry in [0, 6, 12] {
        let place = Place::of(13);
        let (start, end) = place.span("entries.jsonl", entry);
        // A digit of its time: still an entry, and another one.
        place.flip("entries.jsonl", end - 5, 1);
        let entry = entry as u64;
        assert_eq!(fault(&place), Fault::Altered { entry, start, end, why: String::new() });
        let refused = place.reader().prove(entry).unwrap_err();
        assert!(matches!(refused, LogError::Damaged { fault: Fault::Altered { .. }, .. }), "{refused}");
    }
}

#[test]
fn every_turned_bit_is_found() {
    let place = Place::of(5);
    let copied = place.folder.path().join("copy");
    copy(&place.log(), &copied);
    for (name, code) in [
        ("entries.jsonl", "entry-altered"),
        ("records.jsonl", "record-altered"),
        ("index", "index-altered"),
        ("hashes", "hash-altered"),
    ] {
        let size = fs::metadata(place.file(name)).unwrap().len();
        for byte in (0..size).step_by(7) {
            place.flip(name, byte, 1 << (byte % 8));
            let faults = faults(&place);
            let codes: Vec<_> = faults.iter().map(Fault::code).collect();
            // The last row says where the files end, too.
            let also = name == "index" && codes.contains(&"cut-short");
            assert!(also || codes.contains(&code), "{name}, byte {byte}: {faults:?}");
            place.flip(name, byte, 1 << (byte % 8));
        }
    }
    assert!(place.verify().holds());
}

#[test]
fn a_turned_bit_in_a_hash_or_the_index_is_named_with_its_byte() {
    let place = Place::of(13);
    // Behind seven hashes for the first four entries stands that of the fifth.
    place.flip("hashes", 7 * 32 + 5, 4);
    assert_eq!(fault(&place), Fault::HashAltered { first: 4, last: 4, byte: 7 * 32 });
    place.flip("hashes", 7 * 32 + 5, 4);
    place.flip("hashes", 6 * 32, 1);
    assert_eq!(fault(&place), Fault::HashAltered { first: 0, last: 3, byte: 6 * 32 });
    place.flip("hashes", 6 * 32, 1);
    place.flip("index", 3 * 56, 1);
    assert_eq!(fault(&place), Fault::IndexAltered { entry: 3, byte: 3 * 56 });
    place.flip("index", 3 * 56, 1);
    place.flip("index", 3 * 56 + 20, 1);
    assert_eq!(fault(&place), Fault::IndexAltered { entry: 3, byte: 3 * 56 });
}

#[test]
fn an_altered_record_is_named_with_its_bytes() {
    let place = Place::of(9);
    let (start, end) = place.span("records.jsonl", 4);
    place.flip("records.jsonl", start + 20, 1);
    assert_eq!(fault(&place), Fault::RecordAltered { entry: 4, start, end });
}

#[test]
fn a_record_that_is_gone_is_not_taken_for_erased() {
    let place = Place::of(9);
    let (start, end) = place.span("records.jsonl", 4);
    let mut lines = place.lines("records.jsonl");
    let length = usize::try_from(end - start - 1).unwrap();
    for forged in [
        " ".repeat(length),
        format!("{:length$}", r#"{"erased":2}"#),
        format!("{:length$}", r#"{"erased":99}"#),
    ] {
        lines[4] = forged;
        place.write_lines("records.jsonl", &lines);
        assert_eq!(fault(&place), Fault::RecordGone { entry: 4, start });
    }
}

#[test]
fn a_log_cut_short_names_what_is_lost() {
    for (name, entry, byte) in [
        ("entries.jsonl", 8, Place::of(9).span("entries.jsonl", 8).1 - 1),
        ("entries.jsonl", 5, Place::of(9).span("entries.jsonl", 5).0),
        ("records.jsonl", 2, Place::of(9).span("records.jsonl", 2).0 + 7),
        ("index", 7, 7 * 56 + 3),
        ("hashes", 4, 7 * 32),
    ] {
        let place = Place::of(9);
        let needs = fs::metadata(place.file(name)).unwrap().len();
        fs::OpenOptions::new().write(true).open(place.file(name)).unwrap().set_len(byte).unwrap();
        let faults = faults(&place);
        assert_eq!(faults[0], Fault::CutShort { file: name, entry, byte, needs }, "{faults:?}");
        assert!(faults.iter().all(|fault| fault.code() == "cut-short"), "{faults:?}");
        let refused = place.open().unwrap_err();
        assert!(matches!(&refused, LogError::Damaged { fault: Fault::CutShort { .. }, .. }), "{refused}");
    }
}

#[test]
fn reordered_entries_name_each_other() {
    for (one, other) in [(2, 3), (0, 8), (4, 7)] {
        let place = Place::new();
        let mut log = place.create();
        for number in 0..9 {
            // Of another length each time, so that the lines between move, too.
            log.append(NOW + 10_u64.pow(u32::try_from(number).unwrap()), vec![labelled(number)]).unwrap();
        }
        let mut lines = place.lines("entries.jsonl");
        lines.swap(one, other);
        place.write_lines("entries.jsonl", &lines);
        let codes: Vec<_> = faults(&place);
        let (one, other) = (one as u64, other as u64);
        assert!(
            matches!(codes[0], Fault::Reordered { entry, holds, .. } if (entry, holds) == (one, other)),
            "{codes:?}"
        );
        assert!(
            matches!(codes[1], Fault::Reordered { entry, holds, .. } if (entry, holds) == (other, one)),
            "{codes:?}"
        );
        assert_eq!(codes.len(), 2);
    }
}

#[test]
fn an_entry_taken_out_or_put_in_is_named() {
    let place = Place::of(9);
    let whole = place.lines("entries.jsonl");
    let (start, end) = place.span("entries.jsonl", 4);
    let mut lines = whole.clone();
    lines.remove(4);
    place.write_lines("entries.jsonl", &lines);
    let told = faults(&place);
    assert!(told.contains(&Fault::Removed { entry: 4, byte: start }), "{told:?}");
    let codes: Vec<_> = told.iter().map(Fault::code).collect();
    assert_eq!(codes, ["cut-short", "entry-removed"], "{told:?}");
    let mut lines = whole.clone();
    lines.insert(4, whole[0].replace("labelled", "checked"));
    place.write_lines("entries.jsonl", &lines);
    let length = lines[4].len() as u64 + 1;
    assert_eq!(fault(&place), Fault::Inserted { entry: 4, start, end: start + length });
    let _ = end;
}

/// Whoever alters an entry and every hash over it cannot sign the root that comes of it.
#[test]
fn entries_and_hashes_rewritten_together_are_not_what_was_signed() {
    let place = Place::of(9);
    let forged = Place::new();
    let mut log = Log::create(&forged.log(), ORIGIN, &place.key, Options::default()).unwrap();
    log.append(NOW, (0..4).chain([99]).chain(5..9).map(labelled).collect()).unwrap();
    drop(log);
    for name in ["entries.jsonl", "records.jsonl", "index", "hashes"] {
        fs::copy(forged.file(name), place.file(name)).unwrap();
    }
    assert_eq!(fault(&place), Fault::Rewritten { first: 0, last: 8 });
    let refused = place.open().unwrap_err();
    assert!(matches!(refused, LogError::Damaged { fault: Fault::RootDiffers { size: 9 }, .. }), "{refused}");
    let refused = place.reader().prove(1).unwrap_err();
    assert!(matches!(refused, LogError::Damaged { fault: Fault::RootDiffers { size: 9 }, .. }), "{refused}");
}

#[test]
fn an_entry_altered_with_its_own_hash_is_narrowed_down() {
    let place = Place::of(9);
    let (_, end) = place.span("entries.jsonl", 5);
    place.flip("entries.jsonl", end - 5, 1);
    let line = place.lines("entries.jsonl").remove(5);
    let mut hashes = fs::read(place.file("hashes")).unwrap();
    // Entry 5 is stored behind seven hashes of the first four and one of the fifth.
    hashes[8 * 32..9 * 32].copy_from_slice(&indicia_log::Hash::leaf(line.as_bytes()).0);
    fs::write(place.file("hashes"), hashes).unwrap();
    assert_eq!(fault(&place), Fault::Rewritten { first: 4, last: 5 });
}

#[test]
fn a_checkpoint_that_was_touched_is_refused() {
    let place = Place::of(3);
    let good = fs::read_to_string(place.file("checkpoint")).unwrap();
    let key = place.key.verifier(ORIGIN).unwrap();
    for (bad, code) in [
        (good.replace("\n3\n", "\n2\n"), "signature-invalid"),
        (good.replace(&format!("— {ORIGIN}"), "— example.com/other"), "signature-invalid"),
        (good.replace("\n\n", "\n"), "checkpoint-malformed"),
        (good[..good.len() / 2].to_owned(), "checkpoint-malformed"),
        (String::new(), "checkpoint-malformed"),
    ] {
        fs::write(place.file("checkpoint"), &bad).unwrap();
        for refused in [Reader::open(&place.log(), Some(&key)).map(drop), place.open().map(drop)] {
            match refused.unwrap_err() {
                LogError::Damaged { fault, .. } => assert_eq!(fault.code(), code, "{bad:?}: {fault}"),
                other => panic!("{other}"),
            }
        }
    }
}

fn remembering(place: &Place) -> (Options, Seen) {
    let seen = Seen::in_folder(place.folder.path().join("seen"));
    (Options { seen: Some(seen.clone()), ..Options::default() }, seen)
}

#[test]
fn a_log_rolled_back_is_found_out() {
    let place = Place::of(5);
    let old = place.folder.path().join("old");
    copy(&place.log(), &old);
    let (options, seen) = remembering(&place);
    Log::open(&place.log(), &place.key, options.clone()).unwrap().append(NOW, vec![labelled(5)]).unwrap();
    copy(&old, &place.log());
    let rolled_back = |err: &LogError| {
        matches!(err, LogError::Damaged { fault: Fault::RolledBack { size: 5, seen: 6 }, .. })
    };
    let refused = Log::open(&place.log(), &place.key, options).unwrap_err();
    assert!(rolled_back(&refused), "{refused}");
    let refused = place.reader().hold_against(&seen).unwrap_err();
    assert!(rolled_back(&refused), "{refused}");
    assert!(place.verify().holds(), "by itself it is whole");
}

/// An old checkpoint beside newer entries looks like an append that was broken off, and must not be taken for one: the
/// entries were acknowledged.
#[test]
fn an_old_checkpoint_alone_cuts_nothing_off() {
    let place = Place::of(5);
    let mut log = place.open().unwrap();
    let old = fs::read(place.file("checkpoint")).unwrap();
    log.append(NOW, vec![labelled(5)]).unwrap();
    log.append(NOW, vec![labelled(6)]).unwrap();
    drop(log);
    fs::write(place.file("checkpoint"), old).unwrap();
    let refused = place.open().unwrap_err();
    assert!(
        matches!(refused, LogError::Damaged { fault: Fault::RolledBack { size: 5, seen: 6 }, .. }),
        "{refused}"
    );
    assert_eq!(place.lines("entries.jsonl").len(), 7, "nothing was cut off");
}

#[test]
fn a_forked_log_is_found_out() {
    let place = Place::of(5);
    let (options, seen) = remembering(&place);
    drop(Log::open(&place.log(), &place.key, options.clone()).unwrap());
    for count in [5_u64, 9] {
        fs::remove_dir_all(place.log()).unwrap();
        // The same key signs another history.
        place.create().append(NOW + 1, (0..count).map(labelled).collect()).unwrap();
        let forked =
            |err: &LogError| matches!(err, LogError::Damaged { fault: Fault::Forked { seen: 5, .. }, .. });
        let refused = Log::open(&place.log(), &place.key, options.clone()).unwrap_err();
        assert!(forked(&refused), "{refused}");
        let refused = place.reader().hold_against(&seen).unwrap_err();
        assert!(forked(&refused), "{refused}");
    }
}

#[test]
fn another_key_cannot_append() {
    let place = Place::of(2);
    let other = Place::new();
    let refused = Log::open(&place.log(), &other.key, Options::default()).unwrap_err();
    assert!(matches!(refused, LogError::WrongKey { .. }), "{refused}");
    let refused = Log::create(&place.log(), ORIGIN, &place.key, Options::default()).unwrap_err();
    assert!(matches!(refused, LogError::Exists { .. }), "{refused}");
    fs::write(other.folder.path().join("file"), "mine").unwrap();
    let refused = Log::create(other.folder.path(), ORIGIN, &place.key, Options::default()).unwrap_err();
    assert!(matches!(refused, LogError::NotALog { .. }), "{refused}");
}
