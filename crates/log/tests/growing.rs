//! A log that grows: whatever is appended, every entry is proved, every head begins with every earlier one, and programs
//! of others agree.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use common::{NOW, ORIGIN, Place, labelled, record};
use indicia_log::{Checkpoint, Consistency, Content, Event, Hash, New, Proof, ProofError, Reader, Sought};
use proptest::prelude::*;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::tlog::{self, check_record, check_tree, record_hash};

/// The head as an independent implementation reads it.
fn head(text: &str, place: &Place) -> (u64, tlog::Hash) {
    let key = place.key.verifier(ORIGIN).unwrap().to_string();
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&key).unwrap())]);
    let (by_log, _) = note.verify(&known).unwrap();
    assert_eq!(by_log.len(), 1);
    let head = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(head.origin(), ORIGIN);
    (head.size(), *head.hash())
}

/// The hashes in the text of a proof.
fn path(text: &str) -> Vec<tlog::Hash> {
    let lines = text.lines().take_while(|line| !line.is_empty());
    lines
        .filter(|line| !line.contains(' ') && !line.contains('@'))
        .map(|line| tlog::Hash::parse_hash(line).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn every_head_begins_with_every_earlier_one(batches in prop::collection::vec((0_u64..40, any::<bool>()), 1..8)) {
        let place = Place::new();
        let verifier = place.key.verifier(ORIGIN).unwrap();
        let mut log = place.create();
        let (mut heads, mut count) = (vec![log.head().clone()], 0);
        for (size, reopen) in batches {
            if reopen {
                drop(log);
                log = place.open().unwrap();
            }
            let first = log.append(NOW + count, (count..count + size).map(labelled).collect()).unwrap();
            prop_assert_eq!(first, count);
            count += size;
            heads.push(log.head().clone());
        }
        prop_assert_eq!(log.recoveries(), &[]);
        let lines = place.lines("entries.jsonl");
        let mut reader = place.reader();
        prop_assert_eq!(reader.size(), count);
        let (size, root) = head(&reader.head().to_string(), &place);
        for index in 0..count {
            let stored = reader.read(index).unwrap();
            prop_assert_eq!(&stored.content, &Content::Held(Box::new(record(index))));
            let text = reader.prove(index).unwrap().to_string();
            let proved = Proof::parse(&text).unwrap().verify(&verifier).unwrap();
            prop_assert_eq!((proved.index, proved.record), (index, Some(record(index))));
            let leaf = record_hash(lines[usize::try_from(index).unwrap()].as_bytes());
            prop_assert!(check_record(&path(&text), size, root, index, leaf).is_ok());
        }
        for was in &heads {
            let text = reader.prove_consistency(was).unwrap().to_string();
            let now = Consistency::parse(&text).unwrap().verify(was, &verifier).unwrap();
            prop_assert_eq!(now.size, count);
            if was.size > 0 {
                let (old, old_root) = head(&was.to_string(), &place);
                prop_assert!(check_tree(&path(&text), size, root, old, old_root).is_ok());
            }
        }
        let verified = place.verify();
        prop_assert!(verified.holds(), "{:?}", verified.faults);
        prop_assert_eq!((verified.size, verified.held), (count, count));
    }
}

#[test]
fn an_entry_is_found_by_what_a_file_still_has() {
    let place = Place::of(30);
    place.open().unwrap().append(NOW, vec![New::of(Event::Checked, record(7))]).unwrap();
    let mut reader = place.reader();
    assert_eq!(reader.find(&Sought::Media(Hash::of(b"media 9"))).unwrap()[0].index, 9);
    for sought in [
        Sought::Content(Hash::of(&7_u64.to_le_bytes())),
        Sought::ContentId("C-7".into()),
        Sought::Watermark("0000000000000007".into()),
    ] {
        let found: Vec<_> = reader.find(&sought).unwrap().into_iter().map(|stored| stored.index).collect();
        assert_eq!(found, [30, 7], "{sought:?}, the latest first");
    }
    assert_eq!(reader.find(&Sought::ContentId("C-99".into())).unwrap(), []);
    assert_eq!(reader.find(&Sought::PropagationId("C-7".into())).unwrap(), []);
}

#[test]
fn no_byte_of_a_proof_can_be_changed() {
    let place = Place::of(11);
    let verifier = place.key.verifier(ORIGIN).unwrap();
    let text = place.reader().prove(4).unwrap().to_string();
    let holds = |text: &str| Proof::parse(text).and_then(|proof| proof.verify(&verifier));
    assert!(holds(&text).is_ok());
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        if let Ok(bent) = String::from_utf8(bytes) {
            assert!(holds(&bent).is_err(), "byte {at}");
        }
    }
    let other = Place::of(11);
    assert!(matches!(
        Proof::parse(&text).unwrap().verify(&other.key.verifier(ORIGIN).unwrap()),
        Err(ProofError::Head(_))
    ));
}

#[test]
fn a_reader_stays_at_the_head_it_opened() {
    let place = Place::of(3);
    let mut reader = place.reader();
    place.open().unwrap().append(NOW, vec![labelled(3)]).unwrap();
    assert_eq!(reader.size(), 3);
    assert!(reader.prove(2).is_ok() && reader.read(3).is_err());
    assert_eq!(place.reader().size(), 4);
}

#[test]
fn an_empty_log_is_whole() {
    let place = Place::new();
    drop(place.create());
    assert!(place.verify().holds());
    let was: Checkpoint = place.reader().head().clone();
    let mut log = place.open().unwrap();
    assert_eq!(log.append(NOW, Vec::new()).unwrap(), 0);
    log.append(NOW, vec![labelled(0)]).unwrap();
    assert!(place.reader().prove_consistency(&was).is_ok());
}

#[test]
fn without_a_key_the_log_is_held_against_the_one_it_names() {
    let place = Place::of(2);
    assert_eq!(Reader::open(&place.log(), None).unwrap().size(), 2);
    let stranger = Place::new().key.verifier(ORIGIN).unwrap();
    assert!(Reader::open(&place.log(), Some(&stranger)).is_err());
    assert!(Reader::open(place.folder.path(), None).unwrap_err().to_string().contains("it holds no log"));
}
