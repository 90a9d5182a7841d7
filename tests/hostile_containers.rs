//! Bad input that only a container can be: entries that climb out of an archive, relationships into the network, scripts, pages
//! out of order, a movie box of half a gigabyte.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use program::Folder;

/// A ZIP archive of files that are not compressed (APPNOTE 4.3).
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in files {
        let size = u32::try_from(body.len()).unwrap().to_le_bytes();
        let mut facts = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        facts.extend(crc32fast::hash(body.as_bytes()).to_le_bytes());
        facts.extend([size, size].concat());
        facts.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        facts.extend([0, 0]);
        let offset = u32::try_from(out.len()).unwrap().to_le_bytes();
        directory.extend([b"PK\x01\x02\x14\0", &facts[..], &[0; 10], &offset, name.as_bytes()].concat());
        out.extend([b"PK\x03\x04", &facts[..], name.as_bytes(), body.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let [size, start] = [directory.len(), out.len()].map(|one| u32::try_from(one).unwrap().to_le_bytes());
    out.extend(directory);
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0, 0]].concat());
    out
}

/// A text document with these files beside its own.
fn document(more: &[(&str, &str)]) -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" \
         Type=\"{kind}\" Target=\"word/document.xml\"/></Relationships>"
    );
    let files = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" \
             ContentType=\"application/xml\"/><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/></Types>",
        ),
        ("_rels/.rels", &relations),
        (
            "word/document.xml",
            "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r>\
             <w:t>Words</w:t></w:r></w:p></w:body></w:document>",
        ),
    ];
    archive(&[&files[..], more].concat())
}

const LABEL: [&str; 6] = ["--for", "cn", "--producer", "X", "--format", "jsonl"];

/// Labels a file of this name, and gives what became of it.
fn labelled(folder: &Folder, name: &str) -> Vec<u8> {
    let run = folder.run(&[&["label", name, "-o", "out"][..], &LABEL].concat());
    assert_eq!(run.code, Some(0), "{name}: {run:?}");
    fs::read(folder.at("out")).unwrap()
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn an_entry_that_climbs_out_of_its_archive_writes_nothing_there() {
    let folder = Folder::new();
    let names = ["../climbed", "/tmp/climbed-absolute", "..\\climbed", "word/../../climbed"];
    for name in names {
        folder.write("in/a.docx", document(&[(name, "out!")]));
        for command in ["scan", "verify"] {
            let run = folder.run(&[command, "in/a.docx", "--for", "cn", "--exit-zero"]);
            assert_eq!(run.code, Some(0), "{run:?}");
        }
        let run =
            folder.run(&[&["label", "in/a.docx", "-o", "out/a.docx", "--overwrite"][..], &LABEL].concat());
        assert!(matches!(run.code, Some(0 | 4)), "{name}: {run:?}");
        assert!(!folder.at("climbed").exists() && !folder.at("in/climbed").exists(), "{name}");
        assert!(!std::path::Path::new("/tmp/climbed-absolute").exists());
    }
}

#[test]
fn a_relationship_into_the_network_is_kept_and_not_followed() {
    let folder = Folder::new();
    // Whoever connected to this port would be seen.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}/template.dotm", listener.local_addr().unwrap());
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate";
    let relations = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" \
         Type=\"{kind}\" Target=\"{address}\" TargetMode=\"External\"/></Relationships>"
    );
    folder.write("a.docx", document(&[("word/_rels/document.xml.rels", &relations)]));
    assert!(holds(&labelled(&folder, "a.docx"), &relations));
    for (name, body) in [
        (
            "a.svg",
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><script>fetch('{address}')</script>\
                 <image href=\"{address}\"/></svg>"
            ),
        ),
        (
            "a.html",
            format!(
                "<!DOCTYPE html><html><head><title>x</title><script src=\"{address}\"></script></head><body \
                 onload=\"fetch('{address}')\"><p>Words</p></body></html>"
            ),
        ),
    ] {
        folder.write(name, &body);
        for command in ["scan", "verify"] {
            let run = folder.run(&[command, name, "--for", "cn", "--exit-zero"]);
            assert_eq!(run.code, Some(0), "{run:?}");
        }
        fs::remove_file(folder.at("out")).unwrap();
        let run = folder.run(&[&["label", name, "-o", "out", "--allow-missing-notice"][..], &LABEL].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        let out = fs::read(folder.at("out")).unwrap();
        assert!(holds(&out, "script") && holds(&out, &address), "{name}");
    }
    assert!(listener.accept().is_err(), "something was fetched");
}

#[test]
fn pages_out_of_order_are_damage_with_its_place() {
    let folder = Folder::new();
    let sample = folder.sample("ogg/chords-vorbis.ogg", "a.ogg");
    let bytes = fs::read(sample).unwrap();
    let mut pages: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"OggS\0")).chain([bytes.len()]).collect();
    pages.dedup();
    assert!(pages.len() > 5, "{pages:?}");
    let [one, two, three] = [pages.len() - 4, pages.len() - 3, pages.len() - 2].map(|page| pages[page]);
    let swapped = [&bytes[..one], &bytes[two..three], &bytes[one..two], &bytes[three..]].concat();
    folder.write("swapped.ogg", swapped);
    // The comments come first, and are read; what has to be decoded is not called absent.
    let run = folder.run(&["verify", "swapped.ogg", "--for", "cn"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for mark in ["audible rhythm", "watermark"] {
        let why = format!(
            "{mark}: could not look: malformed: pages of an Ogg stream missing or out of order (at byte {one})"
        );
        assert!(run.out.contains(&why), "{why}: {run:?}");
    }
    // Of the headers themselves it is damage.
    let swapped =
        [&bytes[..pages[1]], &bytes[pages[2]..pages[3]], &bytes[pages[1]..pages[2]], &bytes[pages[3]..]];
    folder.write("headers.ogg", swapped.concat());
    let run =
        folder.run(&[&["label", "headers.ogg", "-o", "out", "--allow-missing-notice"][..], &LABEL].concat());
    assert!(run.code != Some(0) && !folder.at("out").exists() && run.out.contains("malformed"), "{run:?}");
}

#[test]
fn a_movie_box_of_half_a_gigabyte_is_answered_for_quickly() {
    let folder = Folder::new();
    let sample = fs::read(folder.sample("mp4/astronaut-moov-last.mp4", "large.mp4")).unwrap();
    let movie = sample.windows(4).position(|four| four == b"moov").unwrap() - 4;
    let size = 500_u32 << 20;
    // Within it its own boxes, and one of zeros that fills the rest.
    let own = &sample[movie + 8..];
    let rest = size - 8 - u32::try_from(own.len()).unwrap();
    let mut file = fs::File::create(folder.at("large.mp4")).unwrap();
    file.write_all(&sample[..movie]).unwrap();
    file.write_all(&[&size.to_be_bytes(), b"moov", own, &rest.to_be_bytes(), b"free"].concat()).unwrap();
    file.seek(SeekFrom::Start(movie as u64 + u64::from(size) - 1)).unwrap();
    file.write_all(&[0]).unwrap();
    let begun = Instant::now();
    let run = folder.run(&["scan", "large.mp4", "--for", "cn", "--exit-zero"]);
    assert_eq!((run.code, run.err.contains("panicked")), (Some(0), false), "{run:?}");
    assert!(run.out.contains("large.mp4"), "{run:?}");
    let run = folder
        .run(&[&["label", "large.mp4", "-o", "out.mp4", "--allow-missing-notice"][..], &LABEL].concat());
    // Written, or refused for a limit that is named; never half written.
    match run.code {
        Some(0) => assert!(fs::metadata(folder.at("out.mp4")).unwrap().len() > u64::from(size)),
        Some(4) => assert!(run.out.contains("limit") && !folder.at("out.mp4").exists(), "{run:?}"),
        _ => panic!("{run:?}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(120));
}
