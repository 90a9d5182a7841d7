//! Records are erased when their retention has ended, and the tree stays as it is.

mod common;

use std::fs;

use common::{DAY, NOW, ORIGIN, Place, labelled, record};
use indicia_log::{Content, Day, Event, Fault, LogError, New, Proof, Sought};

/// The day after that until which [`labelled`] keeps.
const AFTER: u64 = NOW + 182 * DAY;

fn kept(number: u64) -> New {
    New::of(Event::Checked, record(number))
}

#[test]
fn erased_records_are_gone_and_the_tree_holds() {
    let place = Place::of(6);
    let mut log = place.open().unwrap();
    log.append(NOW, vec![kept(6), labelled(7)]).unwrap();
    let was = log.head().clone();
    let proof = place.reader().prove(2).unwrap().to_string();
    let erasure = log.erase(AFTER, None).unwrap();
    assert_eq!((erasure.erased, erasure.count, erasure.told_by), (vec![[0, 5], [7, 7]], 7, Some(8)));
    drop(log);

    let verified = place.verify();
    assert!(verified.holds(), "{:?}", verified.faults);
    let (until, on) = (Day::parse("2027-07-15").unwrap(), Day::parse("2027-07-16").unwrap());
    assert_eq!((verified.held, verified.erased), (1, [((until, on), 7)].into()));
    let records = fs::read_to_string(place.file("records.jsonl")).unwrap();
    assert!(!records.contains("picture-2") && records.contains("picture-6"));
    let mut reader = place.reader();
    assert_eq!(reader.read(2).unwrap().content, Content::Erased { on, told_by: 8 });
    assert_eq!(reader.find(&Sought::ContentId("C-2".into())).unwrap(), []);
    assert_eq!(reader.find(&Sought::ContentId("C-6".into())).unwrap().len(), 1);
    let index = fs::read(place.file("index")).unwrap();
    assert_eq!(index[2 * 56 + 16..3 * 56], [0; 40], "no number is left to guess from");
    // Proofs from before hold, and what is proved now has no record.
    let verifier = place.key.verifier(ORIGIN).unwrap();
    assert!(Proof::parse(&proof).unwrap().verify(&verifier).unwrap().record.is_some());
    assert_eq!(reader.prove(2).unwrap().verify(&verifier).unwrap().record, None);
    assert!(reader.holds(&was).is_ok());
    assert_eq!(
        place.open().unwrap().erase(AFTER, None).unwrap(),
        Default::default(),
        "there is nothing more"
    );
}

#[test]
fn what_must_be_kept_is_kept() {
    let place = Place::of(3);
    let mut log = place.open().unwrap();
    log.append(NOW, vec![kept(3)]).unwrap();
    // On the last day of its retention it is kept, too.
    assert_eq!(log.erase(AFTER - DAY, None).unwrap().count, 0);
    let refused = log.erase(AFTER - DAY, Some(1)).unwrap_err();
    assert_eq!(refused.to_string(), "the record of entry 1 is kept until 2027-07-15");
    assert!(matches!(
        log.erase(u64::MAX, Some(3)).unwrap_err(),
        LogError::Retained { index: 3, until: None }
    ));
    assert!(matches!(log.erase(AFTER, Some(9)).unwrap_err(), LogError::NoEntry { index: 9, size: 4 }));
    let erasure = log.erase(AFTER, Some(1)).unwrap();
    assert_eq!(erasure.erased, [[1, 1]]);
    assert_eq!(log.erase(AFTER, None).unwrap().erased, [[0, 0], [2, 2]]);
    assert!(place.verify().holds());
}

#[test]
fn an_erasure_before_its_time_is_named() {
    let place = Place::of(3);
    let mut log = place.open().unwrap();
    let told = New { event: Event::Erased, record: None, retain_until: None, concerns: vec![[1, 1]] };
    log.append(NOW, vec![told]).unwrap();
    drop(log);
    let on = Day::parse("2027-01-15").unwrap();
    assert_eq!(place.verify().faults, [Fault::ErasureUnfinished { entry: 1 }]);
    let mut lines = place.lines("records.jsonl");
    lines[1] = format!("{:1$}", r#"{"erased":3}"#, lines[1].len());
    place.write_lines("records.jsonl", &lines);
    let faults = place.verify().faults;
    assert_eq!(faults[0], Fault::ErasedEarly { entry: 1, until: Day::parse("2027-07-15"), on }, "{faults:?}");
}

/// An erasure is told of before it is done; broken off between, it is finished by the next.
#[test]
fn an_erasure_that_was_broken_off_is_finished() {
    let place = Place::of(5);
    let whole = fs::read(place.file("records.jsonl")).unwrap();
    let index = fs::read(place.file("index")).unwrap();
    place.open().unwrap().erase(AFTER, None).unwrap();
    // As if it had been ended after the second record.
    let mut records = fs::read(place.file("records.jsonl")).unwrap();
    let two = usize::try_from(place.span("records.jsonl", 2).0).unwrap();
    records[two..whole.len()].copy_from_slice(&whole[two..]);
    fs::write(place.file("records.jsonl"), records).unwrap();
    let mut rows = fs::read(place.file("index")).unwrap();
    rows[2 * 56..5 * 56].copy_from_slice(&index[2 * 56..]);
    fs::write(place.file("index"), rows).unwrap();
    let unfinished = [2, 3, 4].map(|entry| Fault::ErasureUnfinished { entry });
    assert_eq!(place.verify().faults, unfinished);
    let erasure = place.open().unwrap().erase(AFTER, None).unwrap();
    assert_eq!((erasure.count, erasure.finished, erasure.told_by), (0, 3, None));
    assert!(place.verify().holds());
    assert_eq!(place.reader().size(), 6, "it is not told of twice");
}
