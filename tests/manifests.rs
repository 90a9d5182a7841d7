//! C2PA manifests through the program: keys, signing in the same write as every other mark, reading back.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod program;
mod signing;

use std::fs;
use std::path::Path;

use indicia::Trust;
use indicia_credentials::{AIGC_ASSERTION, read};
use program::Folder;
use serde_json::Value;
use signing::Signing;

const PLAIN: &[&str] = &["--producer", "Example Ltd", "--system", "Maker@2"];

/// The AIGC label as the manifest in a file repeats it.
fn repeated(path: &Path) -> Option<Value> {
    let mime = match path.extension()?.to_str()? {
        "jpg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "flac" => "audio/flac",
        _ => "image/gif",
    };
    let store = read(fs::File::open(path).unwrap(), mime, &Trust::default()).unwrap();
    let assertions = &store.manifests[0].assertions;
    assertions.iter().find(|(label, _)| label == AIGC_ASSERTION).map(|(_, data)| data.clone())
}

#[test]
fn every_mark_and_a_manifest_go_on_in_one_write() {
    let signing = Signing::new();
    for (sample, name) in [
        ("jpeg/dandelion-420.jpg", "a.jpg"),
        ("png/astronaut-rgb.png", "b.png"),
        ("webp/dandelion-lossy.webp", "c.webp"),
        ("wav/speech-8-mono.wav", "d.wav"),
        ("mp3/chords-v23.mp3", "e.mp3"),
        ("flac/speech-8-mono.flac", "f.flac"),
        ("gif/dandelion-still.gif", "g.gif"),
    ] {
        signing.0.sample(sample, name);
        let out = format!("out-{name}");
        let with = if name.ends_with(".wav") || name.ends_with("3") || name.ends_with("c") {
            "c2pa"
        } else {
            "c2pa,iptc"
        };
        let run = signing.run(&[&["label", name, "-o", &out, "--with", with], PLAIN].concat());
        assert_eq!(run.code, Some(0), "{name}: {run:?}");
        let label = signing.marks(&out, "aigc", &[]);
        assert_eq!(label.as_array().unwrap().len(), 1, "{name}");
        let manifest = &signing.marks(&out, "c2pa", &[])[0];
        assert_eq!(manifest["status"], "is", "{name}: {manifest}");
        assert_eq!(manifest["fields"]["system"], "Maker", "{name}: {manifest}");
        assert_eq!(manifest["fields"]["system_version"], "2", "{name}: {manifest}");
        assert_eq!(manifest["fields"]["producer"], "Example Ltd", "{name}: {manifest}");
        assert_eq!(manifest["origin"], "generated", "{name}: {manifest}");
        assert!(manifest["fields"]["created_at"].as_str().unwrap().ends_with('Z'), "{name}: {manifest}");
        assert_eq!(
            manifest["fields"]["content_id"], label[0]["fields"]["content_id"],
            "{name}: the number is the label's"
        );
        assert!(manifest["fields"]["signer"].as_str().unwrap().contains("Example Ltd"), "{manifest}");
        assert!(signing.flaws(&out, &[]).contains(&"c2pa-untrusted".to_owned()), "{name}");
        let root = signing.root();
        let trusted = signing.flaws(&out, &["--trust-anchors", &root]);
        assert!(trusted.contains(&"c2pa-trusted".to_owned()), "{name}: {trusted:?}");
        let mut bytes = fs::read(signing.0.at(&out)).unwrap();
        let held: Value = serde_json::from_str(label[0]["raw"].as_str().unwrap()).unwrap();
        assert_eq!(repeated(&signing.0.at(&out)), Some(held), "{name}: the manifest repeats the label");
        let middle = bytes.len() * 2 / 3;
        bytes[middle] ^= 1;
        fs::write(signing.0.at("bent"), bytes).unwrap();
        fs::rename(signing.0.at("bent"), signing.0.at(&format!("bent-{name}"))).unwrap();
        let bent = signing.flaws(&format!("bent-{name}"), &[]);
        assert!(bent.contains(&"c2pa-broken".to_owned()), "{name}: {bent:?}");
    }
    assert_eq!(
        fs::read_dir(signing.0.at("."))
            .unwrap()
            .filter(|one| { one.as_ref().unwrap().file_name().to_string_lossy().starts_with(".indicia-") })
            .count(),
        0,
        "no temporary file is left"
    );
}

#[test]
fn a_manifest_that_is_there_is_kept_as_the_parent_or_the_file_is_left_alone() {
    let signing = Signing::new();
    signing.0.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let first = signing.run(&[&["label", "a.jpg", "-o", "first.jpg", "--with", "c2pa"], PLAIN].concat());
    assert_eq!(first.code, Some(0), "{first:?}");
    let refused = signing.run(&["label", "first.jpg", "-o", "x.jpg", "--producer", "Other"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(!signing.0.at("x.jpg").exists());
    let again = [
        "label",
        "first.jpg",
        "-o",
        "second.jpg",
        "--replace-label",
        "--producer",
        "Other",
        "--with",
        "c2pa",
    ];
    let second = signing.run(&again);
    assert_eq!(second.code, Some(0), "{second:?}");
    let manifest = &signing.marks("second.jpg", "c2pa", &[])[0];
    assert!(manifest["raw"].as_str().unwrap().contains("2 manifests"), "{manifest}");
    assert_eq!(manifest["status"], "is", "{manifest}");
    let mut bytes = fs::read(signing.0.at("first.jpg")).unwrap();
    let middle = bytes.len() * 2 / 3;
    bytes[middle] ^= 1;
    fs::write(signing.0.at("bent.jpg"), &bytes).unwrap();
    let broken = signing.run(&[
        "label",
        "bent.jpg",
        "-o",
        "y.jpg",
        "--producer",
        "Other",
        "--replace-label",
        "--with",
        "c2pa",
    ]);
    assert_eq!(broken.code, Some(4), "{broken:?}");
    assert!(!signing.0.at("y.jpg").exists() && fs::read(signing.0.at("bent.jpg")).unwrap() == bytes);
}

#[test]
fn keys_are_kept_from_others_and_never_shown() {
    let signing = Signing::new();
    let key = fs::read_to_string(signing.0.at("config/indicia/c2pa-key.pem")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(signing.0.at("config/indicia/c2pa-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let refused = signing.run(&["key", "new"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--overwrite"), "{}", refused.err);
    let secret = key.lines().nth(1).unwrap();
    let chain = signing.0.at("config/indicia/c2pa-chain.pem").to_str().unwrap().to_owned();
    fs::write(signing.0.at("own.pem"), &key).unwrap();
    fs::write(signing.0.at("half.pem"), &key[..key.len() / 2]).unwrap();
    signing.0.sample("png/gradient-palette.png", "a.png");
    for (args, code) in [
        (&["key", "show"][..], 0),
        (&["key", "import", "--key", "own.pem", "--chain", &chain, "--overwrite"], 0),
        (&["key", "import", "--key", "half.pem", "--chain", &chain, "--overwrite"], 2),
        (&["key", "import", "--key", &chain, "--chain", "own.pem", "--overwrite"], 2),
        (&["label", "a.png", "-o", "b.png", "--c2pa-key", "half.pem", "--c2pa-chain", &chain], 2),
        (&["label", "a.png", "-o", "b.png", "--c2pa-key", "env:NO_SUCH_VARIABLE", "--c2pa-chain", &chain], 2),
        (&["label", "a.png", "-o", "b.png", "--c2pa-command", "/no/such/program", "--c2pa-chain", &chain], 2),
        (&["label", "a.png", "-o", "b.png", "--c2pa-key", "own.pem"], 2),
    ] {
        let run = signing.run(args);
        assert_eq!(run.code, Some(code), "{args:?}: {run:?}");
        assert!(!run.out.contains(secret) && !run.err.contains(secret), "{args:?} shows the key");
        assert!(!signing.0.at("b.png").exists(), "{args:?}");
    }
    let none = Signing(Folder::new());
    none.0.sample("png/gradient-palette.png", "a.png");
    let run = none.run(&["label", "a.png", "-o", "b.png", "--with", "c2pa"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("indicia key new"), "{}", run.err);
}

#[test]
fn what_cannot_say_may_be_is_refused() {
    let signing = Signing::new();
    signing.0.sample("png/gradient-palette.png", "a.png");
    let may = signing.run(&["label", "a.png", "-o", "b.png", "--with", "c2pa", "--status", "may"]);
    assert_eq!(may.code, Some(4), "{may:?}");
    assert!(may.out.contains("cannot say \"may be\""), "{may:?}");
    assert!(!signing.0.at("b.png").exists());
}

#[test]
fn one_call_on_a_file_with_a_manifest_of_someone_else_writes_all_that_three_laws_ask() {
    let theirs = Signing::of("Someone Else");
    theirs.0.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let made = theirs.run(&[
        "label",
        "a.jpg",
        "-o",
        "b.jpg",
        "--for",
        "none",
        "--producer",
        "Someone Else",
        "--with",
        "c2pa",
    ]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let before = fs::read(theirs.0.at("b.jpg")).unwrap();
    let ours = Signing::of("Example Ltd");
    ours.0.write("b.jpg", &before);
    let args = [
        "label",
        "b.jpg",
        "-o",
        "out/c.jpg",
        "--for",
        "cn,eu,us-ca",
        "--at",
        "2026-11-23",
        "--with",
        "iptc",
        "--replace-label",
    ];
    let run = ours.run(&[&args[..], PLAIN].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(fs::read(ours.0.at("b.jpg")).unwrap(), before, "the input is as it was");
    let left: Vec<_> = fs::read_dir(ours.0.at("out")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, ["c.jpg"], "one file, and nothing beside it");
    let label = ours.marks("out/c.jpg", "aigc", &[]);
    assert_eq!(label.as_array().unwrap().len(), 1, "{label}");
    assert_eq!(label[0]["fields"]["producer"], "Example Ltd", "{label}");
    let term = ours.marks("out/c.jpg", "iptc", &[]);
    assert!(
        term[0]["fields"]["source_type"].as_str().unwrap().ends_with("trainedAlgorithmicMedia"),
        "{term}"
    );
    assert!(run.out.contains("visible"), "the notice was drawn and measured: {}", run.out);
    let (root, other) = (ours.root(), theirs.root());
    let trust = ["--trust-anchors", &root, "--trust-anchors", &other];
    let manifest = &ours.marks("out/c.jpg", "c2pa", &trust)[0];
    let raw = manifest["raw"].as_str().unwrap();
    assert!(raw.contains("holds, signer trusted") && raw.contains("2 manifests"), "{manifest}");
    assert_eq!(manifest["fields"]["producer"], "Example Ltd", "{manifest}");
    assert_eq!(
        manifest["fields"]["signer"].as_str().unwrap().split(',').next(),
        Some("Example Ltd"),
        "{manifest}"
    );
    let held: Value = serde_json::from_str(label[0]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(repeated(&ours.0.at("out/c.jpg")), Some(held));
    let store =
        read(fs::File::open(ours.0.at("out/c.jpg")).unwrap(), "image/jpeg", &Trust::default()).unwrap();
    let parent = store.manifests[1].signer.as_ref().unwrap();
    assert_eq!(parent.organization.as_deref(), Some("Someone Else"));
    assert_eq!(store.manifests[0].ingredients[0].manifest.as_ref(), Some(&store.manifests[1].label));
}

#[test]
fn what_may_be_done_with_the_content_is_written_and_read_back() {
    let signing = Signing::new();
    signing.0.sample("png/gradient-palette.png", "a.png");
    signing
        .0
        .write("meta.json", r#"{"@context":{"dc":"http://purl.org/dc/elements/1.1/"},"dc:rights":"Mine"}"#);
    signing.0.write("plain.json", r#"{"dc:rights":"Mine"}"#);
    let label =
        |out: &str, more: &[&str]| signing.run(&[&["label", "a.png", "-o", out], PLAIN, more].concat());
    let uses = ["--c2pa-training", "notAllowed,data_mining=allowed", "--c2pa-metadata", "meta.json"];
    let run = label("b.png", &uses);
    assert_eq!(run.code, Some(0), "{run:?}");
    let manifest = &signing.marks("b.png", "c2pa", &[])[0];
    let texts: Vec<_> =
        manifest["flaws"].as_array().unwrap().iter().map(|flaw| flaw["text"].as_str().unwrap()).collect();
    let texts = texts.join("\n");
    for told in ["cawg.ai_training notAllowed", "cawg.data_mining allowed", "it has metadata: dc:rights"] {
        assert!(texts.contains(told), "{told}: {texts}");
    }
    for more in [
        &["--c2pa-training", "maybe"][..],
        &["--c2pa-training", "walking=allowed"],
        &["--c2pa-metadata", "plain.json"],
        &["--c2pa-metadata", "none.json"],
    ] {
        assert_eq!(label("c.png", more).code, Some(2), "{more:?}");
        assert!(!signing.0.at("c.png").exists());
    }
}

#[test]
fn marks_that_say_different_things_are_told_apart() {
    let signing = Signing::new();
    signing.0.sample("png/gradient-palette.png", "a.png");
    let run = signing.run(&[&["label", "a.png", "-o", "b.png", "--with", "c2pa"], PLAIN].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    let differing = |path: &str| {
        let run = signing.run(&["verify", path, "--format", "jsonl", "--exit-zero"]);
        let line: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        line["contradictions"].clone()
    };
    assert_eq!(differing("b.png"), Value::Null);
    // The label of the same file, under a producer and a number that the manifest does not know.
    let mut bytes = fs::read(signing.0.at("b.png")).unwrap();
    // The manifest stands before the label, and repeats it.
    let key = b"ContentProducer";
    let at = bytes.windows(key.len()).rposition(|part| part == key).expect("the label stands in the clear");
    let shift = bytes[at..].windows(11).position(|part| part == b"Example Ltd").unwrap();
    bytes[at + shift..at + shift + 11].copy_from_slice(b"Another Ltd");
    // The chunk's checksum is wrong now, and the manifest broken: what both say is told all the same.
    fs::write(signing.0.at("c.png"), &bytes).unwrap();
    let told = differing("c.png");
    let matters: Vec<_> =
        told.as_array().unwrap().iter().map(|one| one["matter"].as_str().unwrap()).collect();
    assert!(matters.contains(&"producer"), "{told}");
    let human = signing.run(&["verify", "c.png", "--exit-zero"]);
    assert!(human.out.contains("marks differ on") && human.out.contains("Another Ltd"), "{}", human.out);
}
