//! Holds the validator against a list of files with known states: a table of agreements, and exit code 1 if one differs.
//!
//! `cargo run -p indicia-credentials --example corpus -- FOLDER`: FOLDER has `MANIFEST.tsv` (a header line; columns
//! `path`, `state_no_anchors`, `active_failures_no_anchors` among others) and the files. Each file is read in a thread
//! of its own with a time limit; those that take longer are told as hanging.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool for developers prints and may fail loudly"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use indicia_core::Trust;
use indicia_credentials::{Credentials, Kind, Unread, read};

fn main() {
    let folder = std::env::args().nth(1).expect("a folder with MANIFEST.tsv");
    let list = std::fs::read_to_string(Path::new(&folder).join("MANIFEST.tsv")).unwrap();
    let mut lines = list.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let (mut same, mut other) = (0, 0);
    for line in lines {
        let row: BTreeMap<&str, &str> = columns.iter().copied().zip(line.split('\t')).collect();
        let path = Path::new(&folder).join(row["path"]);
        let Some(mime) = mime(&path) else { continue };
        let (sender, answer) = channel();
        std::thread::spawn(move || sender.send(read(File::open(path).unwrap(), mime, &Trust::default())));
        let found = answer.recv_timeout(Duration::from_secs(20));
        let found = found.unwrap_or_else(|_| Err(Unread::Stopped("20 s".into())));
        let (state, failures) = told(&found);
        let expected = (row["state_no_anchors"], row["active_failures_no_anchors"]);
        let (listed_state, listed_failures) = listed(expected.0, expected.1);
        let agrees = state == listed_state && failures == listed_failures;
        if agrees {
            same += 1
        } else {
            other += 1
        }
        let sign = if agrees { "same " } else { "OTHER" };
        println!("{sign} {}: {state} [{failures}]", row["path"]);
        if !agrees {
            println!("      listed: {} [{}]  {}", expected.0, expected.1, row.get("note").unwrap_or(&""));
        }
    }
    println!("{same} agree, {other} do not");
    std::process::exit(i32::from(other > 0));
}

/// What the list says, in this program's words: identities of the CAWG are not decoded here, since offline they fail.
fn listed(state: &str, codes: &str) -> (String, String) {
    let failures = sorted(codes);
    let all: Vec<&str> = failures.split(',').collect();
    let rest: Vec<&str> = all.iter().copied().filter(|code| !code.starts_with("cawg.")).collect();
    let only_identity =
        rest.len() < all.len() && rest.iter().all(|code| *code == "signingCredential.untrusted");
    let words = match state {
        "Invalid" if only_identity => "Valid",
        "NoManifest" => return ("no manifest".into(), String::new()),
        "RemoteReference" => return ("remote".into(), String::new()),
        "Error" => return ("malformed".into(), String::new()),
        state if state.starts_with("HANG") => return ("hangs".into(), String::new()),
        state => state,
    };
    (words.to_owned(), rest.join(","))
}

fn sorted(codes: &str) -> String {
    let mut codes: Vec<&str> =
        codes.split([',', ';', ' ']).map(str::trim).filter(|code| !code.is_empty()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(",")
}

fn told(found: &Result<Credentials, Unread>) -> (String, String) {
    match found {
        Ok(credentials) => {
            let failures = credentials
                .statuses
                .iter()
                .filter(|status| status.kind == Kind::Failure && !status.of_ingredient);
            let codes: Vec<&str> = failures.map(|status| status.code.as_str()).collect();
            (format!("{:?}", credentials.state), sorted(&codes.join(",")))
        }
        Err(err) => {
            let state = match err {
                Unread::None => "no manifest",
                Unread::Remote(_) => "remote",
                Unread::Malformed(_) => "malformed",
                Unread::Unsupported(_) => "unsupported",
                Unread::Stopped(_) => "hangs",
            };
            (state.into(), String::new())
        }
    }
}

fn mime(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "tif" | "tiff" => "image/tiff",
        "dng" => "image/x-adobe-dng",
        "svg" => "image/svg+xml",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        _ => return None,
    })
}
