//! Every file of the corpus of C2PA manifests against the state and the failure codes that its list has, with trust
//! anchors and without: a table of agreements, with each deviation explained. The corpus stands beside the checkout, in
//! `shared/corpus/c2pa`, and is no part of it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use indicia::Trust;
use indicia_credentials::{Unread, read_text};
use program::Folder;
use serde_json::Value;

/// Where the program says something else than the list, what it says, and why.
const EXPLAINED: &[(&str, &str, &str)] = &[
    ("c2pa-rs/basic-password.pdf", "could not look", "encrypted: our own parser does not go on"),
    ("c2pa-rs/cloud_manifest.c2pa", "unknown file", "a manifest store without the file it is of"),
    ("c2pa-rs/nested_moov_1000.mp4", "could not look", "malformed: our own parser does not go on"),
    ("c2pa-rs/tiff_poc.tiff", "could not look", "hangs the library: our own parser stops it before"),
    ("fragmented/", "could not look", "fragments without their start"),
    ("generated/a8-vector-padded.txt", "malformed", "a placeholder in place of a manifest"),
    ("generated/c2pars-nonconformant-zip", "could not look", "ZIP packages are not validated"),
    ("cawg/", "holds", "identities are told apart, and offline they cannot be resolved"),
];

fn corpus() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = checkout.parent()?.join("shared/corpus/c2pa");
    folder.join("MANIFEST.tsv").exists().then_some(folder)
}

/// State and failure codes of the active manifest, as the program tells them of a file.
fn told(record: &Value) -> (String, String) {
    let Some(looks) = record["looks"].as_array().filter(|looks| !looks.is_empty()) else {
        return ("unknown file".into(), String::new());
    };
    let look = looks.iter().find(|look| look["scheme"] == "c2pa").unwrap();
    let reason = look["reason"].as_str().unwrap_or_default();
    match look["answer"].as_str().unwrap() {
        "absent" => return ("absent".into(), String::new()),
        "could_not_look" if reason.contains("nothing is fetched") => return ("remote".into(), String::new()),
        "could_not_look" => return ("could not look".into(), String::new()),
        _ => {}
    }
    let mark = &look["marks"][0];
    let raw = mark["raw"].as_str().unwrap();
    let state = match raw.split(';').next().unwrap() {
        _ if raw.contains("; malformed") => "malformed",
        "does not hold" => "Invalid",
        "holds, signer not trusted here" => "Valid",
        "holds, signer trusted" => "Trusted",
        other => other,
    };
    let of_active =
        |text: &&str| !text.starts_with("an ingredient") && !text.starts_with("when it was signed");
    let texts = mark["flaws"].as_array().unwrap().iter().map(|flaw| flaw["text"].as_str().unwrap());
    let code = |text: &str| Some(text.strip_suffix(')')?.rsplit_once('(')?.1.to_owned());
    let is_code = |code: &String| code.contains('.') && !code.contains([' ', ',', '/']);
    (state.into(), sorted(texts.filter(of_active).filter_map(code).filter(is_code)))
}

fn sorted(codes: impl Iterator<Item = String>) -> String {
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(",")
}

/// The same as the list has it, in the same words.
fn listed(state: &str, codes: &str) -> (String, String) {
    let is_code = |code: &&str| code.contains('.') && !code.contains([' ', '/', '(']);
    let all = sorted(
        codes.split(',').map(|code| code.split(' ').next().unwrap()).filter(is_code).map(str::to_owned),
    );
    let is_text = all.starts_with("manifest.");
    match state {
        "NoManifest" => ("absent".into(), String::new()),
        "RemoteReference" => ("remote".into(), String::new()),
        "Error" => ("malformed".into(), String::new()),
        "Invalid" if is_text => ("malformed".into(), all),
        state => (state.into(), all),
    }
}

/// Of files that no format here claims, source code above all: what the reader of texts says.
fn as_text(path: &Path) -> (String, String) {
    match read_text(&fs::read(path).unwrap(), &Trust::default()) {
        Err(Unread::Malformed(why)) => ("malformed".into(), why.split(':').next().unwrap().to_owned()),
        other => (format!("{other:?}"), String::new()),
    }
}

fn compare(corpus: &Path, anchors: &[&str], columns: [&str; 2]) -> Vec<String> {
    let list = fs::read_to_string(corpus.join("MANIFEST.tsv")).unwrap();
    let mut lines = list.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let rows: Vec<BTreeMap<&str, &str>> =
        lines.map(|line| head.iter().copied().zip(line.split('\t')).collect()).collect();
    let folder = Folder::new();
    let paths: Vec<String> = rows.iter().map(|row| corpus.join(row["path"]).display().to_string()).collect();
    let files = folder.write("files", paths.join("\n"));
    let mut args = vec!["verify", "--for", "none", "--exit-zero", "--format", "jsonl", "--files-from"];
    args.push(files.to_str().unwrap());
    let anchors: Vec<String> =
        anchors.iter().map(|name| corpus.join("trust").join(name).display().to_string()).collect();
    anchors.iter().for_each(|path| args.extend(["--trust-anchors", path]));
    let run = folder.run(&args);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let records = run.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let records: BTreeMap<String, Value> = records
        .filter(|record| record["type"] == "file")
        .map(|record| (record["path"].as_str().unwrap().to_owned(), record))
        .collect();
    let (mut same, mut explained, mut other) = (0, 0, Vec::new());
    for (row, path) in rows.iter().zip(&paths) {
        let name = row["path"];
        let mut found = told(&records[path]);
        if [".py", ".js"].iter().any(|ending| name.ends_with(ending)) {
            found = as_text(Path::new(path));
        }
        let mut wanted = listed(row[columns[0]], row[columns[1]]);
        // The list has the codes of texts in the columns with anchors only.
        if wanted.0 == "Invalid" && wanted.1.is_empty() {
            wanted = listed("Invalid", row["active_failures_with_trust"]);
        }
        if columns[0] == "state_no_anchors" && wanted == ("Valid".to_owned(), String::new()) {
            wanted.1 = "signingCredential.untrusted".into();
        }
        let why = EXPLAINED.iter().find(|(prefix, said, _)| {
            let holds = ["Valid", "Trusted"].contains(&found.0.as_str())
                && ["", "signingCredential.untrusted"].contains(&found.1.as_str());
            name.starts_with(prefix) && (found.0 == *said || (*said == "holds" && holds))
        });
        let line = format!("{name}: {} [{}]", found.0, found.1);
        if found == wanted {
            same += 1;
            println!("same       {line}");
        } else if let Some((.., why)) = why {
            explained += 1;
            println!("explained  {line}; listed {} [{}]: {why}", wanted.0, wanted.1);
        } else {
            println!("OTHER      {line}; listed {} [{}]", wanted.0, wanted.1);
            other.push(line);
        }
    }
    println!(
        "{}: {same} the same, {explained} explained, {} others of {}",
        columns[0],
        other.len(),
        rows.len()
    );
    assert!(same > rows.len() / 2, "{same}");
    other
}

#[test]
fn every_state_and_code_is_the_listed_one_or_explained() {
    let Some(corpus) = corpus() else {
        println!(
            "NOT RUN: there is no corpus of C2PA manifests beside this checkout (../shared/corpus/c2pa)"
        );
        return;
    };
    let lists =
        ["C2PA-TRUST-LIST-2026-08-14.pem", "C2PA-TSA-TRUST-LIST-2026-08-14.pem", "c2pa-rs-test-roots.pem"];
    let with = compare(&corpus, &lists, ["state_with_trust", "active_failures_with_trust"]);
    let without = compare(&corpus, &[], ["state_no_anchors", "active_failures_no_anchors"]);
    assert_eq!((with, without), (Vec::new(), Vec::new()));
}
