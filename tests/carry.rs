//! Labels through a pipeline: what a step lost, and how it is carried over.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;

use program::Folder;
use serde_json::Value;

/// A labelled picture under the name `made.jpg`, and the same picture in another format without labels, `sent.webp`.
fn pipeline() -> Folder {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420.jpg", "bare.jpg");
    folder.sample("webp/dandelion-lossy.webp", "sent.webp");
    let args =
        ["label", "bare.jpg", "-o", "made.jpg", "--producer", "Example", "--id", "N-1", "--with", "iptc"];
    assert_eq!(folder.run(&args).code, Some(0));
    folder
}

fn diff(folder: &Folder, before: &str, after: &str) -> (Option<i32>, Value) {
    let run = folder.run(&["diff", "--json", before, after]);
    (run.code, serde_json::from_str(&run.out).unwrap())
}

fn change<'v>(diff: &'v Value, scheme: &str) -> &'v Value {
    let rows = diff["marks"].as_array().unwrap();
    &rows.iter().find(|row| row["scheme"] == scheme).unwrap()["change"]
}

#[test]
fn what_a_step_lost_is_told_and_carried_over() {
    let folder = pipeline();
    let (code, lost) = diff(&folder, "made.jpg", "sent.webp");
    assert_eq!(
        (code, change(&lost, "aigc"), change(&lost, "iptc")),
        (Some(1), &"lost".into(), &"lost".into())
    );
    assert_eq!(lost["content"]["answer"], "alike");
    let run = folder.run(&["label", "--from", "made.jpg", "sent.webp", "--format", "jsonl"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let record: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!(record["carried_from"]["path"], "made.jpg");
    assert_eq!(record["carried_from"]["content"]["answer"], "alike");
    let (code, kept) = diff(&folder, "made.jpg", "sent.webp");
    assert_eq!(
        (code, change(&kept, "aigc"), change(&kept, "iptc")),
        (Some(0), &"kept".into(), &"kept".into())
    );
    let again = folder.run(&["label", "--from", "made.jpg", "sent.webp"]);
    assert!(again.out.contains("carried every mark already"), "{}", again.out);
}

#[test]
fn labels_are_not_carried_over_to_other_content() {
    let folder = pipeline();
    let before = fs::read(folder.sample("png/astronaut-rgb.png", "other.png")).unwrap();
    let run = folder.run(&["label", "--from", "made.jpg", "other.png"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.out.contains("plainly does not hold the content of made.jpg"), "{}", run.out);
    assert_eq!(fs::read(folder.at("other.png")).unwrap(), before);
}

#[test]
fn nothing_to_carry_over_and_two_targets_are_wrong_usage() {
    let folder = pipeline();
    let none = folder.run(&["label", "--from", "bare.jpg", "sent.webp"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("has none in its metadata"), "{}", none.err);
    assert_eq!(folder.run(&["label", "--from", "made.jpg", "sent.webp", "bare.jpg"]).code, Some(2));
    assert_eq!(folder.run(&["label", "--from", "made.jpg", "sent.webp", "--producer", "X"]).code, Some(2));
}

#[test]
fn another_label_is_replaced_only_when_asked() {
    let folder = pipeline();
    let own = ["label", "--in-place", "sent.webp", "--producer", "Other", "--no-explicit"];
    assert_eq!(folder.run(&own).code, Some(0));
    let refused = folder.run(&["label", "--from", "made.jpg", "sent.webp"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    let replaced = folder.run(&["label", "--from", "made.jpg", "sent.webp", "--replace-label"]);
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    assert_eq!(diff(&folder, "made.jpg", "sent.webp").0, Some(0));
}

#[test]
fn a_label_that_changed_is_shown_part_by_part() {
    let folder = pipeline();
    let args =
        ["label", "bare.jpg", "-o", "second.jpg", "--producer", "Example", "--id", "N-2", "--with", "iptc"];
    assert_eq!(folder.run(&args).code, Some(0));
    let run = folder.run(&["diff", "made.jpg", "second.jpg"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("\"N-1\" became \"N-2\""), "{}", run.out);
    let missing = folder.run(&["diff", "made.jpg", "nothing.jpg"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.out.contains("nothing.jpg: there is no such file"), "{}", missing.out);
}
