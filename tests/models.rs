//! Networks that read words in pictures: put in place whole or not at all, and never trusted unseen.
//!
//! What they read with is tested by `tests/notices.sh`, which fetches them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod program;

use std::path::PathBuf;

use indicia::reading::{MODELS, Model};
use program::{Folder, Run};
use serde_json::Value;

fn size_of(model: &Model) -> usize {
    usize::try_from(model.size).unwrap()
}

/// Where the program keeps them in a test.
fn kept(folder: &Folder, file: &str) -> PathBuf {
    folder.at(".data/indicia/models").join(file)
}

/// A ZIP archive with one entry, stored.
fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let size = u32::try_from(content.len()).unwrap();
    let length = u16::try_from(name.len()).unwrap();
    let mut shared = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for number in [crc.sum(), size, size] {
        shared.extend(number.to_le_bytes());
    }
    shared.extend(length.to_le_bytes());
    shared.extend([0, 0]);
    let mut file = [b"PK\x03\x04", &shared[..], name.as_bytes(), content].concat();
    let start = u32::try_from(file.len()).unwrap();
    let directory = [b"PK\x01\x02\x14\0", &shared[..], &[0; 14], name.as_bytes()].concat();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// What is said of notices drawn in the only file.
fn look(run: &Run) -> Value {
    let record = run.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut files = record.filter(|record| record.get("path").is_some());
    let file = files.next().unwrap_or_else(|| panic!("{run:?}"));
    let looks = file["looks"].as_array().unwrap_or_else(|| panic!("{file}"));
    looks.iter().find(|look| look["scheme"] == "visible").unwrap_or_else(|| panic!("{file}")).clone()
}

fn scanned(folder: &Folder, name: &str) -> Value {
    let args = ["scan", name, "--look", "visible", "--for", "none", "--format", "jsonl", "--exit-zero"];
    let run = folder.run(&args);
    assert_eq!(run.code, Some(0), "{run:?}");
    look(&run)
}

#[test]
fn without_networks_the_answer_is_open_and_says_what_helps() {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420-labelled.jpg", "a.jpg");
    let look = scanned(&folder, "a.jpg").to_string();
    assert!(look.contains("could_not_look") && look.contains("indicia models add"), "{look}");
    let run = folder.run(&["models"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.out.contains("is not there") && run.out.contains("pip download"), "{}", run.out);
}

#[test]
fn what_is_not_the_networks_is_refused_and_nothing_is_kept() {
    let folder = Folder::new();
    let [detection, recognition] = MODELS else { panic!("{MODELS:?}") };
    folder.write("empty/readme.txt", "none");
    folder.write(&format!("short/{}", detection.file), vec![1; 100]);
    folder.write(&format!("long/models/{}", detection.file), vec![0; size_of(detection) + 1]);
    folder
        .write(&format!("other/rapidocr_onnxruntime/models/{}", detection.file), vec![0; size_of(detection)]);
    folder.write("text.whl", "no archive at all");
    folder.sample("docx/river.docx", "document.whl");
    let name = format!("rapidocr_onnxruntime/models/{}", detection.file);
    folder.write("cut.whl", archive(&name, &[7; 1000]));
    // Another version has other bytes; one that is far larger is not even inflated.
    folder.write("version.whl", archive(&name, &vec![7; size_of(detection)]));
    folder.write("huge.whl", archive(&name, &vec![7; 3 * size_of(detection)]));
    for (from, why) in [
        ("nowhere", "nowhere: "),
        ("empty", "rapidocr-onnxruntime==1.4.4 is expected"),
        ("short", "has 100 bytes"),
        ("long", "cut off, or of another version"),
        ("other", "damaged, or of another version"),
        ("text.whl", "no wheel that can be read"),
        ("document.whl", "rapidocr-onnxruntime==1.4.4 is expected"),
        ("cut.whl", "has 1000 bytes"),
        ("version.whl", "damaged, or of another version"),
        ("huge.whl", "huge.whl: "),
    ] {
        let run = folder.run(&["models", "add", from]);
        assert_eq!(run.code, Some(2), "{from}: {run:?}");
        assert!(run.err.contains(from) && run.err.contains(why), "{from}: {}", run.err);
        assert!(
            !kept(&folder, detection.file).exists() && !kept(&folder, recognition.file).exists(),
            "{from}"
        );
    }
}

#[test]
fn networks_damaged_where_they_lie_are_not_used() {
    let folder = Folder::new();
    folder.sample("png/astronaut-rgb.png", "a.png");
    for model in MODELS {
        let path = format!(".data/indicia/models/{}", model.file);
        folder.write(&path, vec![0; size_of(model)]);
    }
    let look = scanned(&folder, "a.png").to_string();
    for said in ["could_not_look", "damaged", "puts them in place anew"] {
        assert!(look.contains(said), "{said}: {look}");
    }
    let run = folder.run(&["models"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.out.matches("cannot be used").count() == 2, "{}", run.out);
}
