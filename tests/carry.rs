//! Labels through a pipeline: what a step lost, and how it is carried over.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod program;

use std::fs;

use program::Folder;
use serde_json::Value;

/// A labelled picture under the name `made.jpg`, and the same picture in another format without labels, `sent.webp`.
fn pipeline() -> Folder {
    let folder = Folder::new();
    folder.sample("jpeg/dandelion-420.jpg", "bare.jpg");
    folder.sample("webp/dandelion-lossy.webp", "sent.webp");
    let args =
        ["label", "bare.jpg", "-o", "made.jpg", "--producer", "Example", "--id", "N-1", "--with", "iptc"];
    assert_eq!(folder.run(&args).code, Some(0));
    folder
}

fn diff(folder: &Folder, before: &str, after: &str) -> (Option<i32>, Value) {
    let run = folder.run(&["diff", "--json", before, after]);
    (run.code, serde_json::from_str(&run.out).unwrap())
}

fn change<'v>(diff: &'v Value, scheme: &str) -> &'v Value {
    let rows = diff["marks"].as_array().unwrap();
    &rows.iter().find(|row| row["scheme"] == scheme).unwrap()["change"]
}

#[test]
fn what_a_step_lost_is_told_and_carried_over() {
    let folder = pipeline();
    let (code, lost) = diff(&folder, "made.jpg", "sent.webp");
    assert_eq!(
        (code, change(&lost, "aigc"), change(&lost, "iptc")),
        (Some(1), &"lost".into(), &"lost".into())
    );
    assert_eq!(lost["content"]["answer"], "alike");
    let run = folder.run(&["label", "--from", "made.jpg", "sent.webp", "--format", "jsonl"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let record: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    assert_eq!(record["carried_from"]["path"], "made.jpg");
    assert_eq!(record["carried_from"]["content"]["answer"], "alike");
    let (code, kept) = diff(&folder, "made.jpg", "sent.webp");
    assert_eq!(
        (code, change(&kept, "aigc"), change(&kept, "iptc")),
        (Some(0), &"kept".into(), &"kept".into())
    );
    let again = folder.run(&["label", "--from", "made.jpg", "sent.webp"]);
    assert!(again.out.contains("carried every mark already"), "{}", again.out);
}

#[test]
fn labels_are_not_carried_over_to_other_content() {
    let folder = pipeline();
    let before = fs::read(folder.sample("png/astronaut-rgb.png", "other.png")).unwrap();
    let run = folder.run(&["label", "--from", "made.jpg", "other.png"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.out.contains("plainly does not hold the content of made.jpg"), "{}", run.out);
    assert!(run.out.contains("--though-different carries them over"), "{}", run.out);
    assert_eq!(fs::read(folder.at("other.png")).unwrap(), before);
    let args = ["label", "--from", "made.jpg", "other.png", "-o", "forced.png", "--though-different"];
    let forced = folder.run(&args);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert!(forced.out.contains("plainly different content"), "{}", forced.out);
    assert_eq!(change(&diff(&folder, "made.jpg", "forced.png").1, "aigc"), "kept");
    assert_eq!(folder.run(&["label", "other.png", "-o", "x.png", "--though-different"]).code, Some(2));
    assert_eq!(fs::read(folder.at("other.png")).unwrap(), before);
}

#[test]
fn nothing_to_carry_over_and_two_targets_are_wrong_usage() {
    let folder = pipeline();
    let none = folder.run(&["label", "--from", "bare.jpg", "sent.webp"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("has none in its metadata"), "{}", none.err);
    assert_eq!(folder.run(&["label", "--from", "made.jpg", "sent.webp", "bare.jpg"]).code, Some(2));
    assert_eq!(folder.run(&["label", "--from", "made.jpg", "sent.webp", "--producer", "X"]).code, Some(2));
}

#[test]
fn another_label_is_replaced_only_when_asked() {
    let folder = pipeline();
    let own = [
        "label",
        "--in-place",
        "sent.webp",
        "--producer",
        "Other",
        "--no-explicit",
        "--recipient",
        "Y",
        "--log",
        "log",
    ];
    assert_eq!(folder.run(&own).code, Some(0));
    let refused = folder.run(&["label", "--from", "made.jpg", "sent.webp"]);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    let replaced = folder.run(&["label", "--from", "made.jpg", "sent.webp", "--replace-label"]);
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    assert_eq!(diff(&folder, "made.jpg", "sent.webp").0, Some(0));
}

#[test]
fn a_label_that_changed_is_shown_part_by_part() {
    let folder = pipeline();
    let args =
        ["label", "bare.jpg", "-o", "second.jpg", "--producer", "Example", "--id", "N-2", "--with", "iptc"];
    assert_eq!(folder.run(&args).code, Some(0));
    let run = folder.run(&["diff", "made.jpg", "second.jpg"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("\"N-1\" became \"N-2\""), "{}", run.out);
    let missing = folder.run(&["diff", "made.jpg", "nothing.jpg"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.out.contains("nothing.jpg: there is no such file"), "{}", missing.out);
}

/// A sample and what was made of it in another container; whether their content can be compared, or why it cannot.
type Successor = (&'static str, &'static str, Result<(), &'static str>);

/// What LibreOffice made of `docx/river.docx`.
const EXPORT: &str = "../crates/detect/src/likeness/exports/river.pdf";

const SUCCESSORS: &[Successor] = &[
    ("png/astronaut-rgb.png", "jpeg/astronaut-turned.jpg", Ok(())),
    ("jpeg/dandelion-420.jpg", "gif/dandelion-still.gif", Ok(())),
    ("webp/dandelion-lossy.webp", "tiff/dandelion-lzw.tif", Ok(())),
    ("jpeg/dandelion-420.jpg", "heif/dandelion.heic", Err("does not decode HEIC/HEIF")),
    ("heif/dandelion.heic", "jpeg/dandelion-progressive-444.jpg", Err("does not decode HEIC/HEIF")),
    ("avif/dandelion.avif", "jpeg/dandelion-420.jpg", Err("does not decode AVIF")),
    ("jxl/astronaut-from-jpeg.jxl", "png/astronaut-rgb.png", Err("does not decode JPEG XL")),
    ("wav/chords-16-stereo.wav", "mp3/chords-v23.mp3", Ok(())),
    ("wav/speech-24-mono.wav", "flac/speech-8-mono.flac", Ok(())),
    ("mp3/speech-v24-vbr.mp3", "m4a/speech-faststart.m4a", Ok(())),
    ("aiff/speech-sowt.aifc", "ogg/speech-vorbis.ogg", Err("the sound is too short to compare")),
    ("wav/chords-16-stereo.wav", "opus/chords.opus", Ok(())),
    ("mp4/dandelion-faststart-tags.mp4", "mkv/dandelion-ffmpeg.mkv", Err("does not decode MP4")),
    ("mp4/astronaut-moov-last.mp4", "mov/astronaut-faststart.mov", Err("does not decode MP4")),
    ("mkv/dandelion-mkvmerge.mkv", "flv/dandelion-h264.flv", Err("does not decode Matroska")),
    ("avi/dandelion-mpeg4.avi", "webm/dandelion-vp8.webm", Err("does not decode AVI")),
    ("docx/river.docx", "odt/river.odt", Ok(())),
    ("odt/river.odt", "epub/river.epub", Ok(())),
    ("docx/river.docx", EXPORT, Ok(())),
    (EXPORT, "odt/river.odt", Ok(())),
    ("md/river.md", "html/river.html", Ok(())),
    ("html/river.html", EXPORT, Ok(())),
    ("docx/river-chinese.docx", "pdf/river-table.pdf", Err("could not be read for sure")),
    ("pptx/river.pptx", EXPORT, Ok(())),
    ("pptx/river.pptx", "odp/river.odp", Ok(())),
    ("xlsx/levels.xlsx", "ods/levels.ods", Ok(())),
];

/// A labelled file of a sample's format, and what `label --from` makes of the other.
fn successor(folder: &Folder, made: &str, sent: &str) -> (program::Run, [String; 2]) {
    let named = |stem: &str, sample: &str| format!("{stem}.{}", sample.rsplit('.').next().unwrap());
    let names = [named("made", made), named("sent", sent)];
    folder.sample(made, &names[0]);
    folder.sample(sent, &names[1]);
    let args = [
        "label",
        "--in-place",
        &names[0],
        "--producer",
        "Example",
        "--id",
        "N-1",
        "--no-explicit",
        "--recipient",
        "Y",
        "--log",
        "log",
    ];
    let run = folder.run(&args);
    assert_eq!(run.code, Some(0), "{made}: {run:?}");
    (folder.run(&["label", "--from", &names[0], &names[1], "--format", "jsonl"]), names)
}

#[test]
fn labels_arrive_in_other_containers() {
    for (made, sent, compared) in SUCCESSORS {
        let folder = Folder::new();
        let (run, names) = successor(&folder, made, sent);
        assert_eq!(run.code, Some(0), "{made} to {sent}: {run:?}");
        let record: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        let origin = &record["carried_from"];
        assert_eq!(
            (&origin["path"], &origin["left_behind"]),
            (&names[0].as_str().into(), &Value::Array(vec![]))
        );
        let written =
            record["looks"].as_array().unwrap().iter().find(|look| look["scheme"] == "aigc").unwrap();
        let fields = &written["marks"][0]["fields"];
        assert_eq!(
            (&fields["producer"], &fields["content_id"]),
            (&"Example".into(), &"N-1".into()),
            "{sent}"
        );
        match compared {
            Ok(()) => assert_eq!(origin["content"]["answer"], "alike", "{made} to {sent}: {origin}"),
            Err(why) => {
                assert_eq!(origin["content"]["answer"], "cannot_tell", "{made} to {sent}: {origin}");
                assert!(origin["content"]["reason"].as_str().unwrap().contains(why), "{origin}");
            }
        }
        // What a later run reads in the file, not what this one meant to write.
        let (code, kept) = diff(&folder, &names[0], &names[1]);
        assert_eq!(change(&kept, "aigc"), "kept", "{made} to {sent}: {kept}");
        // Notices in content that is not decoded are not known to be kept.
        let is_undrawn = |name: &str| ["pdf", "pptx", "odp"].iter().any(|end| name.ends_with(end));
        assert!(
            code == Some(0)
                || (code == Some(3) && (compared.is_err() || is_undrawn(made) || is_undrawn(sent))),
            "{code:?}, {made} to {sent}: {kept}"
        );
    }
}

#[test]
fn other_content_is_refused_in_every_kind_that_can_be_compared() {
    let others = [
        ("png/astronaut-rgb.png", "webp/dandelion-lossy.webp"),
        ("docx/river.docx", "odt/river-chinese.odt"),
        ("html/river.html", "epub/river-chinese.epub"),
        // Of one kind of media, nothing of another is made that can still be perceived in it.
        ("jpeg/dandelion-420.jpg", "wav/chords-16-stereo.wav"),
        ("docx/river.docx", "png/document-gray-alpha.png"),
    ];
    for (made, sent) in others {
        let folder = Folder::new();
        let (run, names) = successor(&folder, made, sent);
        assert_eq!(run.code, Some(4), "{made} to {sent}: {run:?}");
        let record: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        assert!(record["error"]["reason"].as_str().unwrap().contains("plainly does not hold"), "{record}");
        let before = Folder::new();
        let before = fs::read(before.sample(sent, "before")).unwrap();
        assert_eq!(fs::read(folder.at(&names[1])).unwrap(), before, "{sent} was changed");
    }
}

/// Two and a half seconds that grow louder: 8000 samples a second of 8 bits, a square wave.
fn growing_louder() -> Vec<u8> {
    let samples: Vec<u8> = (0..20_000_usize)
        .map(|at| {
            let size = u8::try_from(at * 120 / 20_000).unwrap();
            if at / 20 % 2 == 0 { 128 + size } else { 128 - size }
        })
        .collect();
    let mut wav = b"RIFF".to_vec();
    wav.extend(20_036_u32.to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(b"\x01\0\x08\0data");
    wav.extend(20_000_u32.to_le_bytes());
    wav.extend(samples);
    wav
}

#[test]
fn labels_of_a_sound_are_not_carried_over_to_another_sound() {
    let folder = Folder::new();
    folder.write("made.wav", growing_louder());
    let before = fs::read(folder.sample("mp3/chords-v23.mp3", "sent")).unwrap();
    let args = [
        "label",
        "--in-place",
        "made.wav",
        "--producer",
        "Example",
        "--id",
        "N-1",
        "--no-explicit",
        "--recipient",
        "Y",
        "--log",
        "log",
    ];
    assert_eq!(folder.run(&args).code, Some(0));
    let run = folder.run(&["label", "--from", "made.wav", "sent"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.out.contains("the correlation of loudness over time is -"), "{}", run.out);
    assert_eq!(fs::read(folder.at("sent")).unwrap(), before);
}

#[test]
fn other_content_that_is_not_decoded_is_never_said_to_be_alike() {
    let others = [
        ("mp4/astronaut-moov-last.mp4", "mkv/dandelion-ffmpeg.mkv", "video"),
        ("heif/dandelion.heic", "png/astronaut-rgb.png", "picture"),
        ("pdf/river-table.pdf", "odt/river-chinese.odt", "pages"),
    ];
    for (made, sent, kind) in others {
        let folder = Folder::new();
        let (_, names) = successor(&folder, made, sent);
        let run = folder.run(&["label", "--from", &names[0], &names[1], "--replace-label"]);
        assert!(run.out.contains("whether it holds the same content could not be told"), "{kind}: {run:?}");
        assert_eq!(diff(&folder, &names[0], &names[1]).1["content"]["answer"], "cannot_tell", "{kind}");
    }
}
