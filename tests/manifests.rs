//! C2PA manifests through the program: keys, signing in the same write as every other mark, reading back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

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
