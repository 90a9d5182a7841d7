//! C2PA manifests that are broken, and what signs them: the right answer, no panic, nothing half written.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod program;
mod signing;

use std::fs;
use std::io::Cursor;

use indicia::{Context, Seen, Terms, Trust, scan};
use indicia_credentials::{
    Deed, DevelopmentChain, SigningKey, Software, State, Statement, Unread, read, sign,
};
use signing::Signing;

const TYPE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

#[allow(clippy::disallowed_methods, reason = "the library asks the clock whether a certificate is valid")]
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A sample with a manifest of this title.
fn signed(sample: &str, mime: &str, title: &str) -> Vec<u8> {
    let chain = DevelopmentChain::new("Example", now()).unwrap();
    let key = SigningKey::from_pem(&chain.chain, &chain.private_key, now()).unwrap();
    let bytes = fs::read(format!("{}/samples/{sample}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let statement = Statement {
        title: Some(title.into()),
        deed: Deed::Created,
        source_type: Some(TYPE.into()),
        generator: Software { name: "Signer".into(), version: None },
        ..Statement::default()
    };
    let mut out = Cursor::new(Vec::new());
    sign(&mut Cursor::new(&bytes), mime, &mut out, &statement, &key, None).unwrap();
    out.into_inner()
}

const FORMATS: &[(&str, &str, &str)] = &[
    ("png/gradient-palette.png", "image/png", "a.png"),
    ("jpeg/dandelion-420.jpg", "image/jpeg", "a.jpg"),
    ("wav/speech-8-mono.wav", "audio/wav", "a.wav"),
    ("mp4/astronaut-moov-last.mp4", "video/mp4", "a.mp4"),
];

/// Bytes from one place that is bent or cut to the next.
const STEP: usize = 211;

#[test]
fn a_bent_manifest_is_never_called_whole_and_no_place_makes_anything_panic() {
    for (sample, mime, name) in FORMATS {
        let bytes = signed(sample, mime, "title");
        let terms = Terms::new(Vec::new(), indicia::Date::parse("2026-11-01").unwrap());
        let report = scan(name, &bytes, &terms, &Context::default());
        let marks = report.evidence.marks("c2pa");
        let span = marks[0].site.unwrap();
        let (start, end) = (usize::try_from(span.start).unwrap(), usize::try_from(span.end).unwrap());
        let mut held = 0;
        // What the container says around the store is bound to nothing, and not all of it is needed to find the store.
        for at in (start + 64..end).step_by(STEP) {
            let mut bent = bytes.clone();
            bent[at] ^= 0x55;
            let told = read(Cursor::new(&bent), mime, &Trust::default());
            // Bytes that pad the signature to its place are not signed themselves.
            if told.as_ref().is_ok_and(|told| told.state != State::Invalid) {
                assert_eq!(
                    bytes[at], 0,
                    "{name}: byte {at} is no padding, and its change went unnoticed: {told:?}"
                );
                held += 1;
            }
            let seen =
                &scan(name, &bent, &terms, &Context::default()).evidence.look("c2pa").unwrap().seen.clone();
            assert!(!matches!(seen, Seen::Absent), "{name}: byte {at}: the manifest is no longer seen");
        }
        assert!(held * STEP < 5000, "{name}: {held} places of padding");
        for end in (start..end).step_by(STEP) {
            let cut = bytes[..end].to_vec();
            let told = read(Cursor::new(&cut), mime, &Trust::default());
            assert!(
                told.as_ref().map_or_else(
                    |err| !matches!(err, Unread::Stopped(_)),
                    |told| told.state == State::Invalid
                ),
                "{name}: cut at {end}: {told:?}"
            );
            scan(name, &cut, &terms, &Context::default());
        }
    }
}

#[test]
fn a_long_title_with_control_and_bidirectional_characters_is_shown_safely() {
    let signing = Signing::new();
    let title = "\u{1b}[31m\u{202e}gpj.\u{7}\r\n\u{200b}<b>".repeat(1000);
    assert!(title.chars().count() > 10_000);
    signing.0.write("a.jpg", signed("jpeg/dandelion-420.jpg", "image/jpeg", &title));
    for format in ["human", "jsonl", "json"] {
        let run = signing.run(&["verify", "a.jpg", "--exit-zero", "--format", format]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let hostile =
            |letter: char| letter.is_control() && letter != '\n' || "\u{202e}\u{200b}".contains(letter);
        assert!(format != "human" || !run.out.contains(hostile), "{}", run.out.escape_debug());
        assert!(!run.out.contains('\u{1b}') && run.out.contains("titled"), "{}", run.out.escape_debug());
        assert!(run.out.len() < 20_000, "{format}: {} bytes", run.out.len());
    }
    // And it is kept as a parent.
    let again = ["label", "a.jpg", "-o", "b.jpg", "--producer", "A", "--with", "c2pa"];
    let again = signing.run(&again);
    assert_eq!(again.code, Some(0), "{again:?}");
}

#[cfg(unix)]
#[test]
fn hostile_names_are_signed_read_and_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let signing = Signing::new();
    let names: [&[u8]; 4] = [b"-o.jpg", b"a\nb\x1b[31m.jpg", b"\xFF\xFE.jpg", "\u{202e}gpj.jpg".as_bytes()];
    let bytes = fs::read(format!("{}/samples/jpeg/dandelion-420.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for name in names {
        fs::create_dir_all(signing.0.at("in")).unwrap();
        fs::write(signing.0.at("in").join(std::ffi::OsStr::from_bytes(name)), &bytes).unwrap();
    }
    let run = signing.run(&["label", "in", "-o", "out", "--producer", "A", "--with", "c2pa"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let root = signing.root();
    let run = signing.run(&["verify", "out", "--format", "jsonl", "--trust-anchors", &root, "--exit-zero"]);
    assert_eq!(run.out.matches("holds, signer trusted").count() / 2, 4, "{}", run.out);
    let run = signing.run(&["scan", "out", "--exit-zero"]);
    assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{}", run.out.escape_debug());
}

#[cfg(unix)]
#[test]
fn a_signing_command_that_answers_rubbish_leaves_nothing_behind() {
    let signing = Signing::new();
    let chain = signing.0.at("config/indicia/c2pa-chain.pem").to_str().unwrap().to_owned();
    signing.0.sample("png/gradient-palette.png", "a.png");
    for (command, why) in [
        ("echo rubbish", "answered 8 bytes"),
        ("true", "answered nothing"),
        ("false", "failed (exit status: 1)"),
        ("cat /dev/zero", "answered more than"),
        ("head -c 64 /dev/zero", "no es256 signature"),
        ("/no/such/program", "could not be started"),
    ] {
        let args = [
            "label",
            "a.png",
            "-o",
            "b.png",
            "--producer",
            "A",
            "--c2pa-chain",
            &chain,
            "--c2pa-command",
            command,
        ];
        let run = signing.run(&args);
        assert_eq!(run.code, Some(2), "{command}: {run:?}");
        assert!(run.out.contains(why) || run.err.contains(why), "{command}: {run:?}");
    }
    let left: Vec<_> = fs::read_dir(signing.0.at(".")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp") && *name != "b.png"),
        "{left:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_signing_command_that_hangs_is_killed_and_every_file_is_as_it_was() {
    let signing = Signing::new();
    let chain = signing.0.at("config/indicia/c2pa-chain.pem").to_str().unwrap().to_owned();
    signing.0.write(
        "hang.sh",
        "#!/bin/sh\necho $$ >> pids\nhead -c 32 /dev/zero\ntrap '' TERM\nwhile :; do sleep 1; done\n",
    );
    for name in ["a.png", "b.png"] {
        signing.0.sample("png/gradient-palette.png", name);
    }
    signing.0.write("indicia.toml", "c2pa-command-timeout = 3599\n");
    let before = fs::read(signing.0.at("a.png")).unwrap();
    let signer = ["--producer", "A", "--c2pa-chain", &chain, "--c2pa-command", "sh hang.sh"];
    let limit = ["--c2pa-command-timeout", "1"];
    for place in [&["--in-place"][..], &["-o", "out"], &["-o", "out", "--c2pa-sidecar"]] {
        let run = signing.run(&[&["label", "a.png", "b.png"], place, &signer[..], &limit[..]].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
        let said = run.out.clone() + &run.err;
        assert_eq!(said.matches("did not end within 1s, and was killed").count(), 2, "{run:?}");
        for name in ["a.png", "b.png"] {
            assert!(fs::read(signing.0.at(name)).unwrap() == before, "{name} is as it was");
        }
        let out = fs::read_dir(signing.0.at("out")).map_or(0, Iterator::count);
        assert_eq!(out, 0, "nothing half written");
    }
    let left = fs::read_dir(signing.0.at(".")).unwrap().map(|one| one.unwrap().file_name());
    let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
    left.sort_unstable();
    left.retain(|name| name != "out");
    assert_eq!(left, ["a.png", "b.png", "config", "hang.sh", "indicia.toml", "pids"]);
    #[cfg(target_os = "linux")]
    for pid in fs::read_to_string(signing.0.at("pids")).unwrap().lines() {
        let state = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        assert!(!state.contains("hang.sh"), "{pid} is still running");
    }
    let wrong = signing.run(&[&["label", "a.png", "-o", "c.png"], &signer[..], &[limit[0], "0"]].concat());
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.err.contains("--c2pa-command-timeout"), "{wrong:?}");
}

/// A process for reading manifests that a file hangs, or not.
#[derive(Debug, Default)]
struct Outside {
    hangs: bool,
    asked: std::sync::atomic::AtomicUsize,
}

impl indicia::Sandbox for Outside {
    fn ask(&self, request: &str) -> Result<String, String> {
        self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if self.hangs { Err("it took longer than 20 s".into()) } else { Ok(indicia::answer(request)) }
    }
}

#[test]
fn a_file_that_hangs_the_library_is_not_given_to_the_signer() {
    use indicia::{
        Asset, Claim, Date, Destination, FileSource, Job, Order, Scheme, Status, prepare, publish,
    };
    use std::sync::{Arc, atomic::Ordering};
    let folder = program::Folder::new();
    folder.sample("png/gradient-palette.png", "a.png");
    let chain = DevelopmentChain::new("Example", now()).unwrap();
    let key = Arc::new(SigningKey::from_pem(&chain.chain, &chain.private_key, now()).unwrap());
    let source = FileSource::open(&folder.at("a.png")).unwrap();
    for hangs in [true, false] {
        let outside = Arc::new(Outside { hangs, ..Outside::default() });
        let cx = Context { sandbox: Some(outside.clone()), now: now(), ..Context::default() };
        let asset = Asset::open(&source, Some("a.png"), &cx.limits).unwrap();
        let claim = Claim { status: Some(Status::Generated), ..Claim::default() };
        let with = vec![Scheme::named("c2pa").unwrap()];
        let order = Order { claim, ..Order::default() };
        let day = Date::parse("2026-11-01").unwrap();
        let job = Job { with, key: Some(key.clone()), ..Job::new(order, Vec::new(), day) };
        let prepared = prepare(&asset, &job, &cx).unwrap();
        let to = Destination { path: folder.at("out.png"), overwrite: false };
        let published = publish(&prepared, None, &to, &cx);
        let asked = outside.asked.load(Ordering::Relaxed);
        if hangs {
            let refused = published.unwrap_err().to_string();
            assert!(refused.contains("reading it was stopped: it took longer than 20 s"), "{refused}");
            assert_eq!(asked, 1);
            assert_eq!(fs::read_dir(folder.at(".")).unwrap().count(), 1, "nothing half written");
        } else {
            published.unwrap();
            assert_eq!(asked, 2, "before it was signed, and to read it back");
        }
    }
}

#[test]
fn what_comes_through_a_pipe_is_read_in_a_process_of_its_own() {
    use std::process::Stdio;
    let signing = Signing::new();
    signing.0.write("a.jpg", signed("jpeg/dandelion-420.jpg", "image/jpeg", "title"));
    let mut command = signing.0.command(&["verify", "-", "--format", "jsonl", "--exit-zero"]);
    command.stdin(Stdio::from(fs::File::open(signing.0.at("a.jpg")).unwrap()));
    let run = program::Run::of(command.output().unwrap());
    assert!(run.out.contains("holds, signer not trusted here"), "{run:?}");
}
