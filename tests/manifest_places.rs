//! C2PA manifests where no container has a place for them: beside files, among the words of texts, in the network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod program;
mod signing;

use std::fs;

use signing::Signing;

const PLAIN: &[&str] = &["--producer", "Example Ltd", "--system", "Maker@2"];

/// Signs, and asserts that the new file says what it should, trusted by its own root, until it changes.
fn signed(signing: &Signing, name: &str, out: &str, more: &[&str]) {
    let run = signing.run(&[&["label", name, "-o", out, "--with", "c2pa"], PLAIN, more].concat());
    assert_eq!(run.code, Some(0), "{name}: {run:?}");
    let root = signing.root();
    let manifest = &signing.marks(out, "c2pa", &["--trust-anchors", &root])[0];
    assert_eq!(manifest["status"], "is", "{name}: {manifest}");
    assert_eq!(manifest["fields"]["producer"], "Example Ltd", "{name}: {manifest}");
    let trusted = signing.flaws(out, &["--trust-anchors", &root]);
    assert!(trusted.contains(&"c2pa-trusted".to_owned()), "{name}: {trusted:?}");
    let bytes = fs::read(signing.0.at(out)).unwrap();
    fs::write(signing.0.at(out), [&bytes, b" now".as_slice()].concat()).unwrap();
    let broken = signing.flaws(out, &[]);
    assert!(broken.contains(&"c2pa-broken".to_owned()), "{name}: {broken:?}");
    fs::write(signing.0.at(out), bytes).unwrap();
}

#[test]
fn texts_hold_their_manifest_among_the_words_and_keep_the_old_one_as_its_parent() {
    let signing = Signing::new();
    let words = "# Report\n\nIt rained in \u{4E0A}\u{6D77}.\n";
    for (name, out, part) in [
        ("a.txt", "b.txt", "start"),
        ("a.md", "b.md", "start"),
        ("c.txt", "d.txt", "end"),
        ("c.md", "d.md", "both"),
    ] {
        signing.0.write(name, words);
        signed(&signing, name, out, &["--part", part]);
        let look = signing.look(out, "written", &[]);
        assert_eq!(look["answer"], "present", "{out}: {look}");
        let text = fs::read_to_string(signing.0.at(out)).unwrap();
        let seen: String = text
            .chars()
            .filter(|letter| !matches!(*letter as u32, 0xFEFF | 0xFE00..=0xFE0F | 0xE0100..=0xE01EF))
            .collect();
        assert!(
            seen.contains(words) && text.len() > seen.len() + 8000,
            "{out}: {} {}",
            text.len(),
            seen.len()
        );
        // Without a new manifest the change would break the old one.
        let refused = signing.run(&["label", out, "-o", "x.txt", "--producer", "Other", "--replace-label"]);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.out.contains("C2PA manifest (among the words"), "{refused:?}");
        let again = ["--replace-label", "--producer", "Other", "--with", "c2pa", "--language", "both"];
        let again = signing.run(&[&["label", out, "-o", &format!("again-{out}")], &again[..]].concat());
        assert_eq!(again.code, Some(0), "{again:?}");
        let manifest = &signing.marks(&format!("again-{out}"), "c2pa", &[])[0];
        assert!(manifest["raw"].as_str().unwrap().contains("2 manifests"), "{manifest}");
        assert_eq!(manifest["status"], "is", "{manifest}");
        // A parent that was changed is refused.
        fs::write(signing.0.at("bent.txt"), text.replacen("rained", "snowed", 1)).unwrap();
        let bent =
            signing.run(&["label", "bent.txt", "-o", "x.txt", "--with", "c2pa", "--producer", "Other"]);
        assert_eq!(bent.code, Some(4), "{bent:?}");
        assert!(bent.out.contains("does not hold"), "{bent:?}");
    }
    assert!(!signing.0.at("x.txt").exists());
}

#[test]
fn texts_that_cannot_hold_a_manifest_are_refused_with_what_would_help() {
    let signing = Signing::new();
    signing.0.write("nfd.txt", "Cafe\u{301}\n");
    let wide: Vec<u8> = "\u{FEFF}words\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    signing.0.write("wide.txt", wide);
    for (name, why) in [("nfd.txt", "normalization form C"), ("wide.txt", "save it as UTF-8")] {
        let run = signing.run(&[&["label", name, "-o", "x.txt", "--with", "c2pa"], PLAIN].concat());
        assert_eq!(run.code, Some(4), "{name}: {run:?}");
        assert!(run.out.contains(why), "{name}: {run:?}");
        let beside =
            signing.run(&[&["label", name, "-o", &format!("out-{name}"), "--c2pa-sidecar"], PLAIN].concat());
        assert_eq!(beside.code, Some(0), "{name}: {beside:?}");
    }
    assert!(!signing.0.at("x.txt").exists());
}

#[test]
fn files_without_a_place_get_their_manifest_beside_them() {
    let signing = Signing::new();
    for (sample, name) in [
        ("docx/report.docx", "a.docx"),
        ("pdf/two-pages.pdf", "b.pdf"),
        ("html/page.html", "c.html"),
        ("ogg/speech.ogg", "d.ogg"),
        ("mkv/dandelion-ffmpeg.mkv", "e.mkv"),
    ] {
        let folder = sample.split('/').next().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let sample = match root.join(sample).exists() {
            true => sample.to_owned(),
            false => {
                let mut all: Vec<_> =
                    fs::read_dir(root.join(folder)).unwrap().map(|one| one.unwrap().path()).collect();
                all.sort();
                let bare = all.iter().find(|one| !one.to_string_lossy().contains("labelled")).unwrap();
                format!("{folder}/{}", bare.file_name().unwrap().to_str().unwrap())
            }
        };
        signing.0.sample(&sample, name);
        let out = format!("out/{name}");
        signed(&signing, name, &out, &["--allow-missing-notice"]);
        let stem = name.split('.').next().unwrap();
        assert!(signing.0.at(&format!("out/{stem}.c2pa")).exists(), "{name}");
        // A second file of that name would take its place.
        let refused = signing.run(&[
            "label",
            &out,
            "-o",
            &format!("out/other-{name}"),
            "--producer",
            "Other",
            "--replace-label",
            "--allow-missing-notice",
        ]);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.out.contains(&format!("beside it, {stem}.c2pa")), "{refused:?}");
        let again = signing.run(&[
            "label",
            &out,
            "--in-place",
            "--producer",
            "Other",
            "--replace-label",
            "--allow-missing-notice",
            "--with",
            "c2pa",
        ]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let manifest = &signing.marks(&out, "c2pa", &[])[0];
        assert!(manifest["raw"].as_str().unwrap().contains("2 manifests"), "{manifest}");
    }
    let left = fs::read_dir(signing.0.at("out")).unwrap();
    let names: Vec<_> = left.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    let scan = signing.run(&["scan", "out", "--exit-zero"]);
    assert!(scan.out.contains("5 files"), "manifests are read with their files: {}", scan.out);
}

#[test]
fn a_sidecar_that_is_there_is_not_replaced_and_one_of_another_file_is_none_of_this_one() {
    let signing = Signing::new();
    signing.0.sample("mkv/dandelion-ffmpeg.mkv", "a.mkv");
    signing.0.sample("png/gradient-palette.png", "a.png");
    let more = ["--allow-missing-notice"];
    signed(&signing, "a.mkv", "out/a.mkv", &more);
    let sidecar = fs::read(signing.0.at("out/a.c2pa")).unwrap();
    fs::copy(signing.0.at("a.png"), signing.0.at("out/a.png")).unwrap();
    assert_eq!(signing.look("out/a.png", "c2pa", &[])["answer"], "absent", "it is the video's");
    fs::rename(signing.0.at("out/a.mkv"), signing.0.at("out/a.webm")).unwrap();
    let look = signing.look("out/a.png", "c2pa", &[]);
    assert_eq!(look["answer"], "could_not_look", "{look}");
    assert!(look["reason"].as_str().unwrap().contains("a.webm"), "{look}");
    fs::rename(signing.0.at("out/a.webm"), signing.0.at("out/a.mkv")).unwrap();
    fs::remove_file(signing.0.at("out/a.mkv")).unwrap();
    let taken =
        signing.run(&[&["label", "a.mkv", "-o", "out/a.mkv", "--with", "c2pa"], PLAIN, &more].concat());
    assert_eq!(taken.code, Some(4), "{taken:?}");
    assert!(taken.out.contains("a.c2pa exists already"), "{taken:?}");
    assert!(!signing.0.at("out/a.mkv").exists());
    assert_eq!(fs::read(signing.0.at("out/a.c2pa")).unwrap(), sidecar);
    let stream = signing.run(&[&["label", "a.mkv", "-o", "-", "--with", "c2pa"], PLAIN, &more].concat());
    assert_eq!(stream.code, Some(4));
    assert!(stream.err.contains("a stream has none") && stream.out.is_empty(), "{}", stream.err);
}

#[test]
fn a_manifest_in_the_network_is_neither_fetched_nor_broken_unnoticed() {
    let signing = Signing::new();
    let xmp = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
        <rdf:Description rdf:about=\"\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
        dcterms:provenance=\"https://example.org/m.c2pa\"/></rdf:RDF></x:xmpmeta>";
    signing.0.sample("png/gradient-palette.png", "a.png");
    let mut bytes = fs::read(signing.0.at("a.png")).unwrap();
    let chunk = [b"iTXtXML:com.adobe.xmp\0\0\0\0\0".as_slice(), xmp.as_bytes()].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    let made = [&length[..], &chunk, &crc32fast::hash(&chunk).to_be_bytes()].concat();
    bytes.splice(33..33, made);
    fs::write(signing.0.at("a.png"), &bytes).unwrap();
    let md = "<!-- -----BEGIN C2PA MANIFEST----- https://example.org/m.c2pa -----END C2PA MANIFEST----- -->\n# T\n";
    signing.0.write("a.md", md);
    for name in ["a.png", "a.md"] {
        let look = signing.look(name, "c2pa", &[]);
        assert_eq!(look["answer"], "could_not_look", "{name}: {look}");
        assert!(look["reason"].as_str().unwrap().contains("https://example.org/m.c2pa"), "{name}: {look}");
        for with in [&[][..], &["--with", "c2pa"]] {
            let run = signing.run(&[&["label", name, "-o", &format!("x-{name}")], PLAIN, with].concat());
            assert_eq!(run.code, Some(4), "{name}: {run:?}");
            assert!(run.out.contains("https://example.org/m.c2pa"), "{name}: {run:?}");
            assert!(!signing.0.at(&format!("x-{name}")).exists());
        }
    }
    // Words about such lines are no manifest.
    signing.0.write("about.md", "# T\n\n`-----BEGIN C2PA MANIFEST----- <URL> -----END C2PA MANIFEST-----`\n");
    let run = signing.run(&[&["label", "about.md", "-o", "y.md"], PLAIN].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
}
