//! The command line's contract: exit codes, what goes where, formats, settings.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use program::{Folder, Run};
use serde_json::Value;

fn lines(run: &Run) -> Vec<Value> {
    run.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|err| panic!("{err}: {line}")))
        .collect()
}

/// A format takes notices, and one file of it does not: nothing can stand behind its last box.
#[test]
fn a_file_that_takes_no_notice_is_left_alone_or_labelled_without() {
    let folder = Folder::new();
    let whole = fs::read(folder.sample("m4a/chords-aac-tags.m4a", "whole.m4a")).unwrap();
    folder.write("cut.m4a", [&whole[..], b"\0\0\0\0free"].concat());
    let args = ["label", "cut.m4a", "-o", "out.m4a", "--for", "cn", "--producer", "X"];
    let refused = folder.run(&args);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(
        refused.out.contains("without a size") && refused.out.contains("--allow-missing-notice"),
        "{refused:?}"
    );
    let owing = folder.run(&[&args[..], &["--allow-missing-notice"]].concat());
    assert_eq!(owing.code, Some(0), "{owing:?}");
    assert!(
        owing.out.contains("without the notice it owes") && owing.out.contains("without a size"),
        "{owing:?}"
    );
}

#[test]
fn a_report_says_when_the_law_was_read_long_before() {
    let folder = Folder::new();
    folder.sample("txt/river.txt", "bare.txt");
    let said = |at: &str| folder.run(&["scan", "bare.txt", "--for", "cn", "--at", at]).out;
    assert!(said("2028-01-01").contains("after the law was read for cn"), "{}", said("2028-01-01"));
    assert!(!said("2026-12-01").contains("after the law was read"));
}

#[test]
fn label_writes_below_the_folder_and_leaves_the_input() {
    let folder = Folder::new();
    let before = fs::read(folder.sample("jpeg/dandelion-420.jpg", "in/a/x.jpg")).unwrap();
    folder.sample("txt/river.txt", "in/b.txt");
    let run = folder.run(&["label", "in", "-o", "out", "--producer", "Example"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(fs::read(folder.at("in/a/x.jpg")).unwrap(), before);
    assert!(folder.at("out/a/x.jpg").is_file() && folder.at("out/b.txt").is_file());
    assert!(run.out.contains("2 files, 2 meet all that counts"), "{}", run.out);
    assert!(!run.err.contains("placeholder"), "{}", run.err);
    let left: Vec<_> =
        fs::read_dir(folder.at("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "only what was labelled is there: {left:?}");
}

#[test]
fn without_a_producer_the_placeholder_is_reported_loudly() {
    let folder = Folder::new();
    folder.sample("md/river.md", "a.md");
    let run = folder.run(&["label", "a.md", "-o", "b.md"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.err.contains("no producer is configured") && run.err.contains("placeholder-producer"),
        "{}",
        run.err
    );
    assert!(run.out.contains("no one's name"), "{}", run.out);
    assert!(folder.run(&["verify", "b.md"]).out.contains("no one's name"));
}

#[test]
fn an_output_that_exists_is_kept_unless_told_otherwise() {
    let folder = Folder::new();
    folder.sample("md/river.md", "a.md");
    folder.write("b.md", "mine");
    let refused = folder.run(&["label", "a.md", "-o", "b.md", "--producer", "X"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.out.contains("b.md exists already"), "{}", refused.out);
    assert_eq!(fs::read(folder.at("b.md")).unwrap(), b"mine");
    assert_eq!(folder.run(&["label", "a.md", "-o", "b.md", "--producer", "X", "--overwrite"]).code, Some(0));
    assert_ne!(fs::read(folder.at("b.md")).unwrap(), b"mine");
}

#[test]
fn a_file_is_replaced_only_when_that_is_said() {
    let folder = Folder::new();
    let before = fs::read(folder.sample("md/river.md", "a.md")).unwrap();
    let refused = folder.run(&["label", "a.md", "-o", "a.md", "--overwrite", "--producer", "X"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.out.contains("--in-place"), "{}", refused.out);
    assert_eq!(fs::read(folder.at("a.md")).unwrap(), before);
    let nowhere = folder.run(&["label", "a.md", "--producer", "X"]);
    assert_eq!(nowhere.code, Some(2));
    assert!(nowhere.err.contains("--in-place"), "{}", nowhere.err);
    assert_eq!(folder.run(&["label", "a.md", "--in-place", "--producer", "X"]).code, Some(0));
    assert_ne!(fs::read(folder.at("a.md")).unwrap(), before);
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let folder = Folder::new();
    folder.sample("png/astronaut-rgb.png", "a.png");
    let run = folder.run(&["label", "a.png", "--dry-run", "--producer", "X", "--with", "iptc"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in ["AIGC metadata label", "cn.gb.meta.one", "visible notice", "cn.gb.image.size", "asked for"] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    assert_eq!(fs::read_dir(folder.at(".")).unwrap().count(), 1);
}

#[test]
fn exit_codes_say_how_it_ended() {
    let folder = Folder::new();
    folder.sample("txt/river.txt", "bare.txt");
    folder.sample("png/astronaut-rgb.png", "bare.png");
    folder.write("unknown.bin", [0, 159, 146, 150]);
    folder.run(&["label", "bare.txt", "-o", "good.txt", "--producer", "X"]);
    let code = |args: &[&str]| folder.run(args).code;
    assert_eq!(code(&["verify", "good.txt"]), Some(0));
    assert_eq!(code(&["verify", "bare.txt"]), Some(1));
    assert_eq!(code(&["verify", "bare.txt", "--exit-zero"]), Some(0));
    assert_eq!(code(&["verify", "unknown.bin"]), Some(3));
    assert_eq!(code(&["verify", "unknown.bin", "--fail-on", "unmet"]), Some(0));
    assert_eq!(code(&["verify", "nowhere.png"]), Some(3));
    assert_eq!(code(&["verify", "bare.txt", "nowhere.png"]), Some(1), "a failure goes before a doubt");
    assert_eq!(code(&["verify", "bare.txt", "--at", "2023-01-09"]), Some(0), "not yet in force");
    assert_eq!(code(&["verify", "bare.txt", "--for", "none"]), Some(0));
    assert_eq!(code(&["verify", "bare.txt", "--for", "atlantis"]), Some(2));
    assert_eq!(code(&["verify", "bare.txt", "--at", "soon"]), Some(2));
    assert_eq!(code(&["verify"]), Some(2));
    assert_eq!(code(&["explain", "cn.gb.meta.one"]), Some(0));
    assert_eq!(code(&["explain", "cn.gb.meta.two"]), Some(2));
    assert_eq!(code(&["explain", "f.sams.reedit"]), Some(0));
}

#[test]
fn a_format_is_explained_with_whose_choice_its_places_are() {
    let folder = Folder::new();
    for (format, parts) in [
        ("html", ["this program's choice", "written as the first line"]),
        ("jpeg", ["TC260-PG-20259A names a place", "drawn into every frame"]),
        ("ogg", ["TC260-PG-202510A names a place", "sounded before and after"]),
        ("mp4", ["TC260-PG-20257A names a place", "drawtext filter"]),
    ] {
        let said = folder.run(&["explain", format]).out;
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
}

#[test]
fn machine_formats_carry_their_version_and_say_everything() {
    let folder = Folder::new();
    folder.sample("md/river.md", "in/a.md");
    folder.write("in/b.bin", [0, 159, 146, 150]);
    let run = folder.run(&["scan", "in", "--format", "jsonl"]);
    let lines = lines(&run);
    assert_eq!(lines.len(), 3, "{}", run.out);
    assert!(lines.iter().all(|line| line["schema_version"] == 1));
    assert_eq!(lines[0]["path"], "in/a.md");
    assert_eq!(lines[0]["verdict"], "not_found");
    assert_eq!(lines[0]["outcome"], "unmet");
    let unmet = lines[0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["outcome"] == "unmet")
        .unwrap();
    assert!(!unmet["clause"].as_str().unwrap().is_empty() && !unmet["why"].as_str().unwrap().is_empty());
    assert_eq!(lines[1]["error"]["reason"], "not a format this program knows");
    assert_eq!(lines[1]["outcome"], "unknown");
    assert_eq!((&lines[2]["type"], &lines[2]["files"]), (&Value::from("summary"), &Value::from(2)));
    let whole = folder.run(&["scan", "in", "--format", "json", "-o", "report.json"]);
    assert_eq!(whole.out, "");
    let report: Value = serde_json::from_slice(&fs::read(folder.at("report.json")).unwrap()).unwrap();
    assert_eq!(report["files"].as_array().unwrap().len(), 2);
    assert_eq!(report["summary"]["unknown"], 1);
}

#[test]
fn results_come_in_the_order_of_names_however_many_work() {
    let folder = Folder::new();
    for at in 0..300 {
        folder.write(&format!("in/{at:03}.txt"), format!("number {at}\n"));
    }
    let one = folder.run(&["scan", "in", "--format", "jsonl", "-j", "1"]);
    let many = folder.run(&["scan", "in", "--format", "jsonl", "-j", "4"]);
    // The summary tells the time, which goes on.
    let files = |run: &Run| run.out.lines().take(300).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(files(&one), files(&many));
    let paths: Vec<_> =
        lines(&one).iter().filter_map(|line| line["path"].as_str().map(str::to_owned)).collect();
    assert_eq!(paths.len(), 300);
    assert!(paths.is_sorted());
}

#[test]
fn standard_input_and_output_are_a_dash() {
    let folder = Folder::new();
    let bytes = fs::read(folder.sample("png/gradient-palette.png", "a.png")).unwrap();
    let mut label = folder
        .command(&["label", "-", "-o", "-", "--producer", "X"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    label.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = label.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(b"\x89PNG"), "only the file is on standard output");
    folder.write("b.png", &output.stdout);
    assert!(folder.run(&["verify", "b.png", "--fail-on", "unmet"]).out.contains("marked as generated by AI"));
}

#[test]
fn paths_may_come_from_a_list() {
    let folder = Folder::new();
    folder.write("a b.txt", "x\n");
    folder.write("c.txt", "y\n");
    folder.write("list", "a b.txt\0c.txt\0");
    let run = folder.run(&["scan", "--files-from", "list", "-0", "--format", "jsonl"]);
    let paths: Vec<_> =
        lines(&run).iter().filter_map(|line| line["path"].as_str().map(str::to_owned)).collect();
    assert_eq!(paths, ["a b.txt", "c.txt"]);
}

#[test]
fn settings_are_found_upward_and_shown_with_their_origin() {
    let folder = Folder::new();
    folder.write("indicia.toml", "producer = 'From file'\npart = 'end'\n");
    folder.write("deep/er/a.md", "# Title\n");
    let mut command = folder.command(&["label", "a.md", "-o", "b.md", "--part", "both", "--dump-config"]);
    let run = Run::of(command.current_dir(folder.at("deep/er")).output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.out.contains("producer = \"From file\" # ") && run.out.contains("indicia.toml"),
        "{}",
        run.out
    );
    assert!(run.out.contains("part = \"both\" # flag"), "{}", run.out);
    assert!(run.out.contains("for = [\"cn\"] # built in"), "{}", run.out);
    let mut command = folder.command(&["label", "a.md", "-o", "b.md"]);
    assert_eq!(Run::of(command.current_dir(folder.at("deep/er")).output().unwrap()).code, Some(0));
    let written = fs::read_to_string(folder.at("deep/er/b.md")).unwrap();
    assert!(written.contains("From file") && written.trim_end().ends_with("生成"), "{written}");
    folder.write("indicia.toml", "prodcer = 'x'\n");
    let wrong = folder.run(&["scan", "deep"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("prodcer"), "{}", wrong.err);
    assert_eq!(folder.run(&["scan", "deep", "--isolated", "--exit-zero"]).code, Some(0));
}

#[test]
fn scan_decodes_sound_only_when_asked_and_says_so() {
    let folder = Folder::new();
    folder.sample("mp3/chords-v23-labelled.mp3", "a.mp3");
    let seen = |args: &[&str]| {
        let run = folder.run(&[args, &["a.mp3", "--format", "jsonl"]].concat());
        let line: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        let looks = line["looks"].as_array().unwrap();
        looks.iter().find(|look| look["scheme"] == "rhythm").unwrap()["answer"].as_str().unwrap().to_owned()
    };
    for asked in [&["scan"][..], &["scan", "--look", "none"]] {
        assert_eq!(seen(asked), "could_not_look", "{asked:?}");
    }
    for asked in [
        &["verify"][..],
        &["scan", "--look", "rhythm"],
        &["scan", "--look", "explicit"],
        &["scan", "--look", "all"],
    ] {
        assert_eq!(seen(asked), "present", "{asked:?}");
    }
    folder.write("indicia.toml", "look = ['rhythm']\n");
    assert_eq!(seen(&["scan"]), "present");
    let wrong = folder.run(&["scan", "--look", "aigc", "a.mp3"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("rhythm") && wrong.err.contains("not `aigc`"), "{}", wrong.err);
}

#[test]
fn a_closed_pipe_is_success() {
    let folder = Folder::new();
    for at in 0..2_000 {
        folder.write(&format!("in/{at:04}.txt"), "x\n");
    }
    let mut scan = folder
        .command(&["scan", "in", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(scan.stdout.take());
    let output = scan.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn hostile_names_and_labels_cannot_reach_the_terminal() {
    let folder = Folder::new();
    folder.write("evil\u{1b}[31m\u{202e}gpj.txt", "plain words\n");
    let label = r#"AIGC: {"Label":"1","ContentProducer":"\u001b[2Jx\u202e","ProduceID":"1"}"#;
    folder.write("b.md", format!("---\n{label}\n---\nwords\n"));
    let run = folder.run(&["verify", "."]);
    assert!(run.out.contains("evil\\u{1b}[31m\\u{202e}gpj.txt"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'), "{:?}", run.out);
}

/// Nobody asked for it to be left out: a report must not say that a recipient did.
#[test]
fn a_notice_that_cannot_be_put_on_is_owed_and_is_no_ones_request() {
    let folder = Folder::new();
    folder.sample("avif/gradient-sequence.avif", "a.avif");
    let run = folder.run(&["label", "a.avif", "-o", "b.avif", "--producer", "X", "--allow-missing-notice"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("without the notice it owes"), "{}", run.out);
    assert!(run.out.contains("cannot put it on such a file; it is owed"), "{}", run.out);
    assert!(!run.out.contains("recipient's request; whether"), "{}", run.out);
    folder.sample("jpeg/dandelion-420.jpg", "c.jpg");
    folder.run(&["label", "c.jpg", "-o", "d.jpg", "--producer", "X"]);
    let run = folder.run(&["label", "--from", "d.jpg", "c.jpg"]);
    assert!(run.out.contains("carried over as metadata alone"), "{}", run.out);
    assert!(!run.out.contains("recipient's request; whether"), "{}", run.out);
}

#[test]
fn leaving_the_notice_out_is_said_and_not_held_against_the_file() {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420.jpg", "a.jpg");
    let args = [
        "label",
        "a.jpg",
        "-o",
        "b.jpg",
        "--producer",
        "X",
        "--no-explicit",
        "--recipient",
        "Y",
        "--log",
        "log",
    ];
    let run = folder.run(&args);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("article 9") && run.err.contains("six months"), "{}", run.err);
    assert!(run.out.contains("left out at the recipient's request"), "{}", run.out);
}

#[test]
fn help_teaches_and_names_the_exit_codes() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).out;
    for part in ["label", "verify", "scan", "explain", "Examples:", "Exit codes:", "indicia.toml"] {
        assert!(help.contains(part), "{part}");
    }
    assert!(folder.run(&["label", "--help"]).out.contains("--in-place"));
}

#[test]
fn the_readme_shows_what_verify_really_prints() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let args = ["verify", "samples/md/river-labelled.md", "--at", "2026-11-23", "--isolated"];
    let run = Run::of(Folder::new().command(&args).current_dir(root).output().unwrap());
    assert!(readme.contains(run.out.trim_end()), "README.md does not have this:\n{}", run.out);
    for command in [
        "cargo run --release -- label samples --for cn --allow-missing-notice -o labelled",
        "cargo test --workspace",
    ] {
        let gate = fs::read_to_string(root.join(".ci/run")).unwrap();
        assert!(readme.contains(command), "{command}");
        assert!(gate.replace(" --locked", "").contains(command), "{command}");
    }
}
