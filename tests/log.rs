//! Records and recovery, as users of the program meet them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod program;

use std::fs;
use std::io::Read;
use std::process::Stdio;

use indicia::records::{Day, Hash, Moment, Proof, VerifierKey};
use program::{Folder, Run};
use serde_json::Value;

/// A folder with a labelled picture, `b.png`, in the log `log`.
fn labelled() -> Folder {
    let folder = Folder::new();
    folder.sample("png/astronaut-rgb.png", "a.png");
    let run = folder.run(&[
        "label",
        "a.png",
        "-o",
        "b.png",
        "--producer",
        "Example",
        "--id",
        "N-1",
        "--log",
        "log",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("recorded as entry 0"), "{}", run.out);
    folder
}

fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn entries(folder: &Folder) -> Vec<Value> {
    let run = folder.run(&["log", "export", "--log", "log"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    lines(&run)
}

fn key(folder: &Folder) -> String {
    fs::read_to_string(folder.at("log/key")).unwrap().trim().to_owned()
}

/// The picture without its metadata, as a program that takes them away leaves it.
fn stripped(png: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (png[..8].to_vec(), 8);
    while at < png.len() {
        let length = usize::try_from(u32::from_be_bytes(png[at..at + 4].try_into().unwrap())).unwrap() + 12;
        if !matches!(&png[at + 4..at + 8], b"tEXt" | b"iTXt" | b"zTXt" | b"eXIf") {
            out.extend(&png[at..at + length]);
        }
        at += length;
    }
    assert!(out.len() < png.len(), "there was nothing to take away");
    out
}

#[test]
fn what_is_labelled_is_recorded_and_proved_without_the_log() {
    let folder = labelled();
    let all = entries(&folder);
    let record = &all[0]["record"];
    let output = fs::read(folder.at("b.png")).unwrap();
    assert_eq!(all[0]["entry"]["event"], "labelled");
    assert_eq!((&record["path"], &record["format"]), (&"b.png".into(), &"png".into()));
    assert_eq!(record["sha256"], Hash::of(&output).to_string());
    assert_eq!((&record["claim"]["content_id"], &record["claim"]["status"]), (&"N-1".into(), &"is".into()));
    assert_eq!((&record["tool"]["name"], &record["packs"][0]["id"]), (&"indicia".into(), &"cn".into()));
    let schemes: Vec<_> = record["marks"].as_array().unwrap().iter().map(|mark| &mark["scheme"]).collect();
    assert!(schemes.contains(&&"aigc".into()) && schemes.contains(&&"visible".into()), "{schemes:?}");

    let verified = folder.run(&["log", "verify", "--log", "log"]);
    assert!(verified.code == Some(0) && verified.out.contains("it holds"), "{verified:?}");
    assert!(!verified.out.contains("as the log itself says"), "the own key is known");
    assert_eq!(folder.run(&["log", "prove", "0", "--log", "log", "-o", "b.tlog-proof"]).code, Some(0));
    let text = fs::read_to_string(folder.at("b.tlog-proof")).unwrap();
    let named: VerifierKey = key(&folder).parse().unwrap();
    assert_eq!(Proof::parse(&text).unwrap().verify(&named).unwrap().index, 0);

    // Elsewhere, with nothing but the proof, the file and the key.
    let other = Folder::new();
    other.write("p", &text);
    other.write("b.png", &output);
    other.write("c.png", stripped(&output));
    let verify = |more: &[&str]| other.run(&[&["log", "verify", "--proof", "p"], more].concat());
    let unknown = verify(&[]);
    assert!(unknown.code == Some(2) && unknown.err.contains("--signed-by"), "{unknown:?}");
    let key = key(&folder);
    let holds = verify(&["--signed-by", &key, "--content", "b.png"]);
    assert!(holds.code == Some(0) && holds.out.contains("entry 0 of 1"), "{holds:?}");
    let another = verify(&["--signed-by", &key, "--content", "c.png"]);
    assert!(another.code == Some(1) && another.out.contains("about another file"), "{another:?}");
    other.write("p", text.replace("index 0", "index 1"));
    assert_eq!(verify(&["--signed-by", &key]).code, Some(1));
}

/// Measures for Labelling, article 9.
#[test]
fn a_copy_without_a_notice_needs_a_recipient_and_a_log() {
    let folder = Folder::new();
    folder.sample("png/astronaut-rgb.png", "a.png");
    let label = |more: &[&str]| {
        folder.run(
            &[&["label", "a.png", "-o", "b.png", "--producer", "X", "--no-explicit", "--quiet"], more]
                .concat(),
        )
    };
    for (more, missing) in [
        (&[][..], "--recipient NAME, who receives it, and --log FOLDER"),
        (&["--log", "log"], "Missing: --recipient NAME"),
        (&["--recipient", "Studio"], "Missing: --log FOLDER"),
    ] {
        let refused = label(more);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains("article 9") && refused.err.contains(missing), "{}", refused.err);
        assert!(!folder.at("b.png").exists());
    }
    let short = label(&["--log", "log", "--recipient", "Studio", "--retain", "3"]);
    assert!(short.code == Some(2) && short.err.contains("at least 6 months"), "{short:?}");
    assert!(!folder.at("log").exists(), "what is refused leaves no log");
    assert_eq!(
        folder.run(&["label", "a.png", "--dry-run", "--producer", "X", "--no-explicit"]).code,
        Some(0)
    );
    // Where no rule asks for a notice, none is left out.
    let free = folder.run(&[
        "label",
        "a.png",
        "-o",
        "free.png",
        "--for",
        "none",
        "--with",
        "aigc",
        "--producer",
        "X",
        "--no-explicit",
    ]);
    assert_eq!(free.code, Some(0), "{free:?}");

    let run = label(&["--log", "log", "--recipient", "Studio"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let all = entries(&folder);
    assert_eq!(all[0]["record"]["unlabelled_copy"]["recipient"], "Studio");
    let until = Day::parse(all[0]["entry"]["retain_until"].as_str().unwrap()).unwrap();
    let time = Moment::try_from(all[0]["entry"]["time"].as_str().unwrap().to_owned()).unwrap();
    assert_eq!(until, time.day().months_later(6));
    let kept = folder.run(&["log", "erase", "0", "--log", "log"]);
    assert!(kept.code == Some(4) && kept.out.contains(&format!("kept until {until}")), "{kept:?}");
    // Who received it is in the log alone.
    for args in
        [&["verify", "b.png", "--log", "log"][..], &["verify", "b.png", "--log", "log", "--format", "json"]]
    {
        let seen = folder.run(args);
        assert!(!seen.out.contains("Studio"), "{}", seen.out);
    }
    assert!(folder.run(&["log", "show", "0", "--log", "log"]).out.contains("Studio"));
}

#[test]
fn what_cannot_be_recorded_is_not_published() {
    let folder = labelled();
    // No new head can be written where a folder stands.
    fs::create_dir(folder.at("log/checkpoint.new")).unwrap();
    let refused = folder.run(&["label", "a.png", "-o", "c.png", "--producer", "X", "--log", "log"]);
    assert!(refused.code == Some(3) && refused.out.contains("nothing was published"), "{refused:?}");
    assert!(!folder.at("c.png").exists());
    let piped = folder.run(&["label", "a.png", "-o", "-", "--producer", "X", "--log", "log"]);
    assert_eq!((piped.code, piped.out.len()), (Some(3), 0), "{piped:?}");
    fs::remove_dir(folder.at("log/checkpoint.new")).unwrap();
    assert_eq!(
        folder.run(&["label", "a.png", "-o", "c.png", "--producer", "X", "--log", "log"]).code,
        Some(0)
    );
    assert_eq!(entries(&folder).len(), 2);
}

#[test]
fn what_was_recorded_and_did_not_go_out_is_withdrawn() {
    let folder = labelled();
    let args = ["label", "a.png", "-o", "-", "--producer", "X", "--id", "N-2", "--log", "log"];
    let mut run = folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(run.stdout.take());
    assert_ne!(run.wait().unwrap().code(), Some(1));
    let all = entries(&folder);
    let events: Vec<_> = all.iter().map(|entry| entry["entry"]["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["labelled", "labelled", "withdrawn"]);
    assert_eq!(all[2]["entry"]["concerns"], serde_json::json!([[1, 1]]));
    folder.sample("png/astronaut-rgb.png", "bare.png");
    let refused = folder.run(&["label", "--restore", "bare.png", "--id", "N-2", "--log", "log"]);
    assert_eq!(refused.code, Some(4), "it was never published: {refused:?}");
}

#[test]
fn what_is_checked_is_recorded_too() {
    let folder = labelled();
    folder.write("in/bare.md", "# Title\n\nwords\n");
    folder.write("in/junk.xyz", [0, 1, 2, 3, 255]);
    folder.write("indicia.toml", "log = \"log\"\nretain = 12\n");
    let run = folder.run(&["scan", "in", "b.png", "--format", "jsonl"]);
    let numbers: Vec<_> = lines(&run).iter().filter_map(|line| line["log"]["entry"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3], "{run:?}");
    let run = folder.run(&["verify", "in/bare.md"]);
    assert!(run.out.contains("recorded as entry 4"), "{}", run.out);
    let all = entries(&folder);
    assert!(all[1..].iter().all(|entry| entry["entry"]["event"] == "checked"));
    assert_eq!(
        (&all[1]["record"]["path"], &all[1]["record"]["outcome"]),
        (&"in/bare.md".into(), &"unmet".into())
    );
    assert!(all[1]["entry"]["retain_until"].is_string());
    assert_eq!(all[3]["record"]["verdict"], "declared_generated");
    assert_eq!(
        folder.run(&["verify", "in/bare.md", "--log", "none", "--quiet"]).out.matches("recorded").count(),
        0
    );
    assert_eq!(entries(&folder).len(), 5);
    let csv = folder.run(&["log", "export", "--format", "csv", "-o", "log.csv"]);
    assert_eq!(csv.code, Some(0), "{csv:?}");
    assert_eq!(fs::read_to_string(folder.at("log.csv")).unwrap().lines().count(), 6);
}

#[test]
fn lost_metadata_are_found_in_the_log_and_put_back() {
    let folder = labelled();
    let output = fs::read(folder.at("b.png")).unwrap();
    folder.write("lost.png", stripped(&output));
    let seen = folder.run(&["verify", "lost.png", "--log", "log"]);
    for part in [
        "in the log: entry 0, labelled on",
        "by Example",
        "number N-1",
        "its media",
        "--restore` puts them back",
    ] {
        assert!(seen.out.contains(part), "{part}: {}", seen.out);
    }
    let machine = lines(&folder.run(&["verify", "lost.png", "--log", "log", "--format", "jsonl"])).remove(0);
    let record = &machine["log"]["records"][0];
    assert_eq!((&record["entry"], &record["found_by"]), (&0.into(), &"media".into()), "{machine}");

    let restored = folder.run(&["label", "--restore", "lost.png", "--log", "log"]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(restored.out.contains("put back from entry 0"), "{}", restored.out);
    assert_eq!(folder.run(&["diff", "b.png", "lost.png"]).code, Some(0));
    let last = entries(&folder).pop().unwrap();
    assert_eq!(
        (&last["entry"]["event"], &last["record"]["claim"]["content_id"]),
        (&"restored".into(), &"N-1".into())
    );
    let whole = folder.run(&["verify", "lost.png", "--log", "log"]);
    assert!(!whole.out.contains("--restore"), "nothing is gone any more: {}", whole.out);
}

#[test]
fn a_file_that_leads_nowhere_is_restored_by_its_number_alone() {
    let folder = labelled();
    // Another encoding of it, without metadata and without a watermark.
    folder.sample("jpeg/dandelion-420.jpg", "lost.jpg");
    let before = fs::read(folder.at("lost.jpg")).unwrap();
    let refused = folder.run(&["label", "--restore", "lost.jpg", "--log", "log"]);
    assert!(refused.code == Some(4) && refused.out.contains("--id names"), "{refused:?}");
    assert_eq!(fs::read(folder.at("lost.jpg")).unwrap(), before);
    let named =
        folder.run(&["label", "--restore", "lost.jpg", "--id", "N-1", "--log", "log", "-o", "back.jpg"]);
    assert_eq!(named.code, Some(0), "{named:?}");
    assert!(named.out.contains("found by the number given with --id"), "{}", named.out);
    let seen = folder.run(&["verify", "back.jpg", "--for", "none"]);
    assert!(seen.out.contains("N-1"), "{}", seen.out);
    let without = folder.run(&["label", "--restore", "lost.jpg"]);
    assert!(without.code == Some(2) && without.err.contains("--log FOLDER"), "{without:?}");
}

/// Records that contradict each other are no ground for a label.
#[test]
fn records_that_contradict_each_other_are_named() {
    let folder = labelled();
    let again = ["label", "a.png", "-o", "c.png", "--producer", "Other", "--id", "N-2", "--log", "log"];
    assert_eq!(folder.run(&again).code, Some(0));
    folder.write("lost.png", stripped(&fs::read(folder.at("c.png")).unwrap()));
    let refused = folder.run(&["label", "--restore", "lost.png", "--log", "log"]);
    assert!(refused.code == Some(4) && refused.out.contains("entries 1 and 0"), "{refused:?}");
}

#[test]
fn tampering_is_told_by_name_and_nothing_is_added_to_what_is_left() {
    let folder = labelled();
    for number in 1..5 {
        folder.write(&format!("in/{number}.md"), format!("# {number}\n"));
    }
    assert_eq!(folder.run(&["label", "in", "-o", "out/", "--producer", "X", "--log", "log"]).code, Some(0));
    let old = fs::read(folder.at("log/checkpoint")).unwrap();
    let good = fs::read_to_string(folder.at("log/entries.jsonl")).unwrap();
    let verify = || folder.run(&["log", "verify", "--log", "log"]);
    folder.write("log/entries.jsonl", good.replacen("labelled", "checked ", 1));
    let altered = verify();
    assert!(altered.code == Some(1) && altered.out.contains("entry-altered entry 0"), "{altered:?}");
    let json = lines(&folder.run(&["log", "verify", "--log", "log", "--json"])).remove(0);
    assert_eq!((&json["holds"], &json["faults"][0]["code"]), (&false.into(), &"entry-altered".into()));
    folder.write("log/entries.jsonl", &good[..good.len() - 30]);
    let cut = verify();
    assert!(cut.code == Some(1) && cut.out.contains("cut-short"), "{cut:?}");
    let refused = folder.run(&["label", "a.png", "-o", "c.png", "--producer", "X", "--log", "log"]);
    assert!(refused.code == Some(3) && refused.err.contains("cut short"), "{refused:?}");
    assert!(!folder.at("c.png").exists());
    folder.write("log/entries.jsonl", &good);
    assert_eq!(verify().code, Some(0));

    folder.write("since", old);
    assert_eq!(
        folder.run(&["label", "a.png", "-o", "c.png", "--producer", "X", "--log", "log"]).code,
        Some(0)
    );
    assert_eq!(folder.run(&["log", "verify", "--log", "log", "--since", "since"]).code, Some(0));
    assert!(folder.run(&["log", "prove", "--log", "log", "--since", "since"]).out.starts_with("old 5\n"));
    fs::copy(folder.at("since"), folder.at("log/checkpoint")).unwrap();
    let back = verify();
    assert!(back.code == Some(1) && back.out.contains("rolled-back"), "{back:?}");
}

#[test]
fn the_log_of_others_is_looked_up_and_not_written() {
    let folder = labelled();
    let other = Folder::new();
    fs::create_dir(other.at("theirs")).unwrap();
    for entry in fs::read_dir(folder.at("log")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), other.at("theirs").join(entry.file_name())).unwrap();
    }
    other.write("lost.png", stripped(&fs::read(folder.at("b.png")).unwrap()));
    let seen = other.run(&["verify", "lost.png", "--log", "theirs"]);
    assert!(seen.err.contains("another key signs this log") && seen.out.contains("number N-1"), "{seen:?}");
    assert_eq!(other.run(&["scan", "lost.png", "--log", "theirs"]).code, Some(2));
    let refused = other.run(&["label", "lost.png", "-o", "c.png", "--producer", "X", "--log", "theirs"]);
    assert!(refused.code == Some(3) && refused.err.contains("is signed by"), "{refused:?}");
    let itself = other.run(&["log", "verify", "--log", "theirs"]);
    assert!(itself.code == Some(0) && itself.out.contains("as the log itself says"), "{itself:?}");
    let key = key(&folder);
    let known = other.run(&["log", "verify", "--log", "theirs", "--signed-by", &key]);
    assert!(known.code == Some(0) && !known.out.contains("as the log itself says"), "{known:?}");
}

/// Code of Practice, sub-measure 2.1.2.
#[test]
fn a_receipt_says_what_was_found_and_holds_for_its_file_alone() {
    let folder = labelled();
    let args = ["verify", "b.png", "--receipt", "b.receipt", "--detector-id", "https://example.com/detector"];
    let run = folder.run(&args);
    // Whether a notice is drawn on a picture cannot be told yet, and the receipt says so.
    assert_eq!(run.code, Some(3), "{run:?}");
    let key =
        run.err.lines().find_map(|line| line.strip_prefix("receipts are signed by ")).unwrap().to_owned();
    let holds = folder.run(&["receipt", "b.receipt", "b.png"]);
    assert!(holds.code == Some(0) && holds.out.contains("https://example.com/detector"), "{holds:?}");
    let json = lines(&folder.run(&["receipt", "b.receipt", "--json"])).remove(0);
    let receipt = &json["receipt"];
    assert_eq!(receipt["sha256"], Hash::of(&fs::read(folder.at("b.png")).unwrap()).to_string());
    assert_eq!((&receipt["verdict"], &receipt["outcome"]), (&"declared_generated".into(), &"unknown".into()));
    assert_eq!(receipt["not_looked_for"][0], "visible");
    assert!(receipt["time"].is_string() && receipt["packs"][0]["sha256"].is_string(), "{receipt}");
    let another = folder.run(&["receipt", "b.receipt", "a.png"]);
    assert!(another.code == Some(1) && another.out.contains("about another file"), "{another:?}");

    let other = Folder::new();
    let text = fs::read_to_string(folder.at("b.receipt")).unwrap();
    other.write("b.receipt", &text);
    assert_eq!(other.run(&["receipt", "b.receipt"]).code, Some(2), "no key is at hand");
    assert_eq!(other.run(&["receipt", "b.receipt", "--signed-by", &key]).code, Some(0));
    other.write("b.receipt", text.replace("declared_generated", "not_found"));
    let altered = other.run(&["receipt", "b.receipt", "--signed-by", &key]);
    assert!(altered.code == Some(1) && altered.out.contains("altered"), "{altered:?}");

    folder.write("in/x.md", "# X\n");
    assert_eq!(folder.run(&["verify", "in", "--receipt", "receipts", "--exit-zero"]).code, Some(0));
    assert!(folder.at("receipts/x.md.receipt").exists());
}

#[cfg(unix)]
#[test]
fn the_key_and_the_log_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = labelled();
    let mode = |name: &str| fs::metadata(folder.at(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".config/indicia/log-key.pem"), mode("log")), (0o600, 0o700));
    let mut secret = String::new();
    fs::File::open(folder.at(".config/indicia/log-key.pem")).unwrap().read_to_string(&mut secret).unwrap();
    let secret = secret.lines().nth(1).unwrap().to_owned();
    for args in [&["log", "show", "--log", "log"][..], &["log", "verify", "--log", "log", "--json"]] {
        assert!(!folder.run(args).out.contains(&secret));
    }
    let new = folder.run(&["log", "new", "--log", "other", "--origin", "example.com/labels"]);
    assert!(new.code == Some(0) && new.out.contains("example.com/labels+"), "{new:?}");
    assert_eq!(folder.run(&["log", "new", "--log", "other", "--origin", "again"]).code, Some(2));
    assert_eq!(folder.run(&["log", "new", "--log", "third", "--origin", "a b"]).code, Some(2));
    assert_eq!(folder.run(&["log", "show"]).code, Some(2));
    assert_eq!(folder.run(&["log", "verify", "--log", "nowhere"]).code, Some(3));
}

/// A paragraph as a model might write it.
const RIVER: &str = "The river rises in the hills behind the old mill and turns twice before it reaches the town. In spring it \
    carries branches and whole trees past the bridge, and the people who live beside it move their boats up to the meadow. By \
    summer it is so low that children walk across on the stones, and herons stand where the water was deepest.";
/// Another one.
const BREAD: &str = "Flour, water and salt are all that bread needs, besides time. The dough rests overnight in a cold room, is \
    folded in the morning, shaped with wet hands and left to rise again until a finger leaves a dent that comes back slowly. A hot \
    oven with steam gives it a crust that sings when it cools.";

#[test]
fn words_lead_to_the_record_of_a_text_however_it_was_set() {
    let folder = Folder::new();
    for (name, text) in [("river", RIVER), ("bread", BREAD)] {
        fs::write(folder.at(&format!("{name}.txt")), text).unwrap();
        let (from, to) = (format!("{name}.txt"), format!("{name}-out.txt"));
        let run = folder.run(&["label", &from, "-o", &to, "--producer", "X", "--log", "log"]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let retyped = RIVER.replace("twice", "two times").replace("herons stand", "a heron stands");
    for (name, text) in [
        ("copy.txt", RIVER.to_uppercase().replace(", ", " –\r\n")),
        ("retyped.md", format!("# A walk\n\n{retyped}\n")),
        (
            "page.html",
            format!("<!doctype html><title>x</title><p>{}</p>", RIVER.replace(' ', "\u{a0}<b></b>")),
        ),
    ] {
        fs::write(folder.at(name), text).unwrap();
        let found = folder.run(&["log", "show", "--log", "log", "--words", name]);
        assert_eq!(found.code, Some(0), "{name}: {found:?}");
        assert!(found.out.contains("river-out.txt") && !found.out.contains("bread"), "{name}: {}", found.out);
        assert!(
            found.out.contains(" of 64 places; of texts that share up to 5 % of their "),
            "{}",
            found.out
        );
        let found = lines(&folder.run(&["log", "show", "--log", "log", "--words", name, "--json"]));
        assert!(found.len() == 2 && found[1]["words_agree"].as_u64().unwrap() >= 19, "{found:?}");
        assert!(found[1]["log10_false_match"].as_f64().unwrap() <= -9.0);
    }
    fs::write(folder.at("other.txt"), BREAD.split(' ').rev().collect::<Vec<_>>().join(" ")).unwrap();
    let none = folder.run(&["log", "show", "--log", "log", "--words", "other.txt"]);
    assert!(none.code == Some(1) && none.out.contains("no entry is about that"), "{none:?}");
    fs::write(folder.at("short.txt"), "a few words").unwrap();
    let short = folder.run(&["log", "show", "--log", "log", "--words", "short.txt"]);
    assert!(short.code == Some(2) && short.err.contains("fewer than 20 words"), "{short:?}");
}
