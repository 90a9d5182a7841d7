//! Bad input: what is broken, huge, looping, out of reach or cut short must end in a clear answer, quickly.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod program;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use program::{Folder, Run};

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let checked = [name.as_slice(), body].concat();
    let crc = crc32fast::hash(&checked).to_be_bytes();
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), checked.as_slice(), &crc].concat()
}

/// A PNG that claims this size, with these chunks before its pixels, which are `pixels` deflated zero bytes.
fn png(width: u32, height: u32, before: &[Vec<u8>], pixels: usize) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..pixels.div_ceil(1 << 16) {
        deflated.write_all(&[0; 1 << 16]).unwrap();
    }
    let parts = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        before.concat(),
        chunk(b"IDAT", &deflated.finish().unwrap()),
        chunk(b"IEND", b""),
    ];
    parts.concat()
}

fn deflated(byte: u8, count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..count >> 16 {
        encoder.write_all(&[byte; 1 << 16]).unwrap();
    }
    encoder.finish().unwrap()
}

fn xmp(packet: &str) -> Vec<u8> {
    chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat())
}

/// Runs with a limit on memory, and fails if it seems to hang.
fn bounded(folder: &Folder, megabytes: u64, args: &[&str]) -> Run {
    let program = env!("CARGO_BIN_EXE_indicia");
    let begin = Instant::now();
    let shell = format!("ulimit -v {}; exec \"$0\" \"$@\"", megabytes * 1024);
    let mut command = Command::new("bash");
    command.args(["-c", &shell, program]).args(args).current_dir(folder.at(".")).stdin(Stdio::null());
    let run = Run::of(command.output().unwrap());
    assert!(begin.elapsed() < Duration::from_secs(120), "{args:?} took {:?}", begin.elapsed());
    assert!(!run.err.contains("panicked"), "{args:?}: {}", run.err);
    run
}

#[test]
fn each_bad_file_gets_its_reason_and_the_scan_goes_on() {
    let folder = Folder::new();
    folder.write("in/a-empty.jpg", "");
    folder.write("in/b-random.jpg", [0x9C, 0x01, 0xFE, 0x00].repeat(999));
    folder.write("in/c-cut.png", &png(4, 4, &[], 64)[..50]);
    folder.sample("png/astronaut-rgb.png", "in/d-wrong-ending.jpg");
    folder.write("in/e-text.png", "words, not pixels\n");
    folder.sample("txt/river.txt", "in/f-good.txt");
    let run = folder.run(&["scan", "in"]);
    for (name, reason) in [
        ("a-empty.jpg", "the file ends too early (at byte 0)"),
        ("b-random.jpg", "not a format this program knows"),
        ("c-cut.png", "ends too early"),
        ("d-wrong-ending.jpg", "no mark found"),
        ("e-text.png", "not a format this program knows"),
        ("f-good.txt", "no mark found"),
    ] {
        let line =
            run.out.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {}", run.out));
        assert!(line.contains(reason), "{line}");
    }
    assert_eq!(run.code, Some(1), "{}", run.out);
}

#[test]
fn bombs_and_giants_are_refused_in_little_memory() {
    let folder = Folder::new();
    folder.write("giant.png", png(100_000, 100_000, &[], 1 << 20));
    folder.write("bomb.png", png(15_000, 15_000, &[], 700 << 20));
    let text = [b"AIGC\0\0".as_slice(), &deflated(b'A', 64 << 20)].concat();
    folder.write("text-bomb.png", png(4, 4, &[chunk(b"zTXt", &text)], 64));
    let scan = bounded(&folder, 400, &["scan", "."]);
    assert!(scan.out.contains("text-bomb.png"), "{scan:?}");
    let giant = bounded(&folder, 400, &["label", "giant.png", "-o", "out.png", "--producer", "X"]);
    assert!(giant.out.contains("over the limit") && giant.out.contains("pixels"), "{giant:?}");
    assert_eq!(giant.code, Some(3));
    assert!(!folder.at("out.png").exists());
    // Its compressed text cannot be read: whether that is a label cannot be told.
    let blind = folder.run(&["verify", "text-bomb.png", "--for", "cn"]);
    assert!(!blind.out.contains("AIGC metadata label: none"), "{}", blind.out);
}

#[test]
fn hostile_xml_is_neither_expanded_nor_followed() {
    let folder = Folder::new();
    let deep = "<a>".repeat(100_000) + "AIGC";
    let entities = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e SYSTEM "file:///etc/passwd">]><x>&c;&e;AIGC</x>"#;
    for (name, packet) in
        [("deep.png", deep.as_str()), ("entities.png", entities), ("torn.png", "<x:xmpmeta><rdf:RDF AIGC")]
    {
        folder.write(name, png(64, 64, &[xmp(packet)], 64 * 193));
        let run = bounded(&folder, 400, &["verify", name]);
        assert!(!run.out.contains("root:"), "{}", run.out);
        // The second can be read to its end, and no label is in it; of the others that cannot be said.
        let absent = run.out.contains("AIGC metadata label: none");
        assert_eq!(absent, name == "entities.png", "{name}: {}", run.out);
        // What cannot be understood is not overwritten.
        let label = bounded(
            &folder,
            400,
            &[
                "label",
                name,
                "-o",
                "out.png",
                "--producer",
                "X",
                "--no-explicit",
                "--recipient",
                "Y",
                "--log",
                "log",
            ],
        );
        assert!(matches!(label.code, Some(3 | 4)), "{name}: {label:?}");
        assert!(!folder.at("out.png").exists());
    }
}

#[test]
fn a_loop_of_links_is_named_and_passed_over() {
    let folder = Folder::new();
    folder.sample("txt/river.txt", "in/a.txt");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.at("in"), folder.at("in/loop")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.at("nowhere"), folder.at("in/dangling.png")).unwrap();
    let run = folder.run(&["scan", "in"]);
    assert!(run.out.contains("leads back to"), "{}", run.out);
    assert!(run.out.contains("dangling.png: there is no such file"), "{}", run.out);
    assert!(run.out.contains("a.txt"), "{}", run.out);
}

#[test]
fn what_is_no_regular_file_is_not_waited_for() {
    let folder = Folder::new();
    let made = Command::new("mkfifo").arg(folder.at("pipe.png")).status().unwrap();
    assert!(made.success());
    let run = bounded(&folder, 400, &["verify", "pipe.png"]);
    assert_eq!(run.code, Some(3));
    assert!(run.out.contains("not a regular file"), "{}", run.out);
    let folder_as_file = folder.run(&["label", ".", "-o", "out", "--producer", "X"]);
    assert_eq!(folder_as_file.code, Some(3), "{folder_as_file:?}");
}

#[test]
fn a_picture_too_small_for_a_readable_label_is_refused_with_the_reason() {
    let folder = Folder::new();
    folder.write("tiny.png", png(16, 16, &[], 16 * 49));
    let run = folder.run(&["label", "tiny.png", "-o", "out.png", "--producer", "X"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.out.contains("16"), "{}", run.out);
    assert!(!folder.at("out.png").exists());
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let folder = Folder::new();
    let before = fs::read(folder.sample("png/astronaut-rgb.png", "a.png")).unwrap();
    folder.write("b.png", "mine");
    // Files may not grow past 8 KiB, and the signal that would say so is ignored: writes fail, as on a full disk.
    let program = env!("CARGO_BIN_EXE_indicia");
    let shell = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let args = ["-c", shell, program, "label", "a.png", "-o", "b.png", "--overwrite", "--producer", "X"];
    let run = Run::of(Command::new("bash").args(args).current_dir(folder.at(".")).output().unwrap());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.out.contains("cannot write") && run.out.contains("b.png"), "{}", run.out);
    assert_eq!(fs::read(folder.at("a.png")).unwrap(), before);
    assert_eq!(fs::read(folder.at("b.png")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.at(".")).unwrap().count(), 2, "the temporary file is gone");
}

/// A gigabyte of silence: the system keeps the hole in it without using the disk.
fn large_wave(folder: &Folder) -> PathBuf {
    let path = folder.at("large.wav");
    let size: u32 = 1 << 30;
    let format = [1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0];
    let riff = [&b"RIFF"[..], &(size + 36).to_le_bytes(), b"WAVE"].concat();
    let header = [&riff[..], b"fmt ", &16_u32.to_le_bytes(), &format, b"data", &size.to_le_bytes()].concat();
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(u64::from(size) + 44).unwrap();
    path
}

/// Whether the file system knows files without a name: what is left of a killed run depends on it.
fn has_unnamed_files(folder: &Folder) -> bool {
    let system = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let path = folder.at(".").canonicalize().unwrap();
    let mount = |line: &&str| line.split(' ').nth(1).is_some_and(|at| path.starts_with(at));
    let nearest = system.lines().filter(mount).max_by_key(|line| line.split(' ').nth(1).map(str::len));
    let kind = nearest.and_then(|line| line.split(' ').nth(2)).unwrap_or_default();
    ["ext4", "tmpfs", "xfs", "btrfs"].contains(&kind)
}

#[test]
fn a_killed_run_leaves_no_output_under_its_name() {
    let folder = Folder::new();
    let path = large_wave(&folder);
    let size: u64 = (1 << 30) + 44;
    let mut run = folder
        .command(&[
            "label",
            "large.wav",
            "-o",
            "out.wav",
            "--no-explicit",
            "--recipient",
            "Y",
            "--log",
            "log",
            "--producer",
            "X",
        ])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(80));
    run.kill().unwrap();
    let ended = run.wait().unwrap();
    let finished = ended.code() == Some(0);
    assert_eq!(folder.at("out.wav").exists(), finished, "{ended:?}");
    if cfg!(target_os = "linux") && has_unnamed_files(&folder) {
        let names = fs::read_dir(folder.at(".")).unwrap().map(|entry| entry.unwrap().file_name());
        let names: BTreeSet<_> = names.map(|name| name.into_string().unwrap()).collect();
        // The log and the folder of its key may be there already, or not yet.
        let allowed = [".config", "large.wav", "log", "out.wav"];
        assert!(
            names.iter().all(|name| allowed.contains(&name.as_str())),
            "left beside the output: {names:?}"
        );
    }
    assert_eq!(fs::metadata(&path).unwrap().len(), size);
}

#[test]
fn a_gigabyte_of_sound_is_labelled_in_little_memory() {
    let folder = Folder::new();
    large_wave(&folder);
    let run = folder.run(&[
        "label",
        "large.wav",
        "-o",
        "out.wav",
        "--no-explicit",
        "--recipient",
        "Y",
        "--log",
        "log",
        "--producer",
        "X",
        "--format",
        "jsonl",
    ]);
    assert!(matches!(run.code, Some(0)), "{run:?}");
    assert!(fs::metadata(folder.at("out.wav")).unwrap().len() > 1 << 30);
    let peak = peak_megabytes(
        &folder,
        &[
            "label",
            "large.wav",
            "-o",
            "again.wav",
            "--no-explicit",
            "--recipient",
            "Y",
            "--log",
            "log",
            "--producer",
            "X",
        ],
    );
    assert!(peak < 64, "{peak} MB");
}

/// A video whose media take more than 32 bits to count, most of it a hole: its name, where its media start and how many bytes
/// they are.
///
/// The box before the media is as long as what a 64-bit size takes more, so that no offset changes.
fn large_video(folder: &Folder) -> (&'static str, u64, u64) {
    let name = "large.mp4";
    folder.sample("mp4/astronaut-moov-last.mp4", name);
    let small = fs::read(folder.at(name)).unwrap();
    let of = |name: &[u8]| small.windows(4).position(|four| four == name).unwrap() - 4;
    let (free, media, movie) = (of(b"free"), of(b"mdat"), of(b"moov"));
    assert_eq!(media - free, 8);
    let size = (4_u64 << 30) + (300 << 20);
    let mut file = fs::File::create(folder.at(name)).unwrap();
    file.write_all(&small[..free]).unwrap();
    file.write_all(&[&1_u32.to_be_bytes()[..], b"mdat", &(size + 16).to_be_bytes()].concat()).unwrap();
    file.write_all(&small[media + 8..movie]).unwrap();
    let start = free as u64 + 16;
    file.seek(SeekFrom::Start(start + size)).unwrap();
    file.write_all(&small[movie..]).unwrap();
    (name, start, size)
}

#[test]
fn a_video_of_over_four_gigabytes_is_labelled_and_scanned_in_little_memory() {
    let folder = Folder::new();
    let (name, start, size) = large_video(&folder);
    let label = ["label", name, "-o", "out.mp4", "--for", "cn", "--allow-missing-notice", "--producer", "X"];
    let peak = peak_megabytes(&folder, &label);
    assert!(peak < 64, "label: {peak} MB");
    let peak = peak_megabytes(&folder, &["scan", "out.mp4", "--for", "cn"]);
    assert!(peak < 64, "scan: {peak} MB");
    let run = folder.run(&["scan", "out.mp4", "--for", "cn", "--format", "jsonl", "--exit-zero"]);
    let record: serde_json::Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    let look = record["looks"].as_array().unwrap().iter().find(|look| look["scheme"] == "aigc").unwrap();
    assert_eq!(look["answer"], "present", "{look}");

    let mut labelled = fs::File::open(folder.at("out.mp4")).unwrap();
    let mut head = [0; 4096];
    labelled.read_exact(&mut head).unwrap();
    let moved = head.windows(4).position(|four| four == b"mdat").unwrap() as u64 + 12;
    assert_eq!(head[usize::try_from(moved).unwrap() - 8..][..8], (size + 16).to_be_bytes());
    let mut original = fs::File::open(folder.at(name)).unwrap();
    original.seek(SeekFrom::Start(start)).unwrap();
    labelled.seek(SeekFrom::Start(moved)).unwrap();
    let (mut one, mut two) = (vec![0; 1 << 22], vec![0; 1 << 22]);
    let mut left = size;
    while left > 0 {
        let block = usize::try_from(left.min(1 << 22)).unwrap();
        original.read_exact(&mut one[..block]).unwrap();
        labelled.read_exact(&mut two[..block]).unwrap();
        assert!(one[..block] == two[..block], "{left} bytes before the end");
        left -= block as u64;
    }
}

/// Most memory a run held at once, read from the system while it ran; a run that is over too soon to be seen is made again.
fn peak_megabytes(folder: &Folder, args: &[&str]) -> u64 {
    let peak = || {
        let mut run = folder.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut peak = 0;
        while run.try_wait().unwrap().is_none() {
            let status = fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
            std::thread::sleep(Duration::from_micros(200));
        }
        peak
    };
    let seen = std::iter::repeat_with(peak).take(20).find(|peak| *peak > 0);
    seen.expect("a run that is seen").div_ceil(1024)
}
