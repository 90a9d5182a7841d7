//! The watermark in the line: written with the other marks, read back, found again after what happens to pictures.

#![expect(clippy::ptr_arg, reason = "a vector is a source of bytes, a slice is none")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may fail loudly"
)]

mod program;

use indicia::{
    Asset, Claim, Context, Date, EmbedError, Field, Job, Limits, Mark, Order, Report, Scheme, Seen,
    Statement, Status, Terms, Waiver, WatermarkKey, WatermarkSearch, label, packs, regimes, scan,
};
use indicia_media::{Colour, Samples};
use jpeg_encoder::{ColorType, Encoder};
use program::Folder;
use serde_json::Value;

/// Red, green and blue of shapes and grain: neither flat nor noise.
fn scene(width: usize, height: usize) -> Vec<u8> {
    let mut seed = 7u32;
    let mut grain = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 24) / 16.0 - 8.0
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as f64, y as f64)));
    places
        .flat_map(|(x, y)| {
            let wave = 128.0 + 50.0 * (x / 37.0).sin() + 30.0 * (y / 23.0 + x / 90.0).cos() + grain();
            [wave, wave * 0.8 + 20.0, 230.0 - 0.7 * wave].map(|one| one.clamp(0.0, 255.0) as u8)
        })
        .collect()
}

fn png(width: u32, height: u32, colour: png::ColorType, depth: png::BitDepth, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    bytes
}

fn picture() -> Vec<u8> {
    png(640, 480, png::ColorType::Rgb, png::BitDepth::Eight, &scene(640, 480))
}

fn order(id: &str, status: Status) -> Order {
    let mut claim = Claim { status: Some(status), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, id);
    Order { claim, ..Order::default() }
}

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

/// Writes the watermark and nothing else.
fn only(order: Order) -> Job<'static> {
    let with = vec![Scheme::named("watermark").unwrap()];
    Job { with, ..Job::new(order, Vec::new(), today()) }
}

fn marked(bytes: &Vec<u8>, order: Order) -> Result<Vec<u8>, EmbedError> {
    label(bytes, Some("a.png"), &only(order), &Context::default()).map(|labelled| labelled.bytes)
}

fn report(bytes: &Vec<u8>, deep: bool, keys: &[&WatermarkKey]) -> Report<'static> {
    let keys = keys.iter().map(|key| (*key).clone()).collect();
    let cx = Context {
        watermarks: WatermarkSearch { keys, deep, ..WatermarkSearch::default() },
        ..Context::default()
    };
    scan("a.png", bytes, &Terms::new(Vec::new(), today()), &cx)
}

fn found(report: &Report<'_>) -> Vec<Mark> {
    report.evidence.marks("watermark").to_vec()
}

/// Red, green and blue of a file.
fn decoded(bytes: &Vec<u8>) -> (usize, usize, Vec<u8>) {
    let asset = Asset::open(bytes, Some("a"), &Limits::default()).unwrap();
    let picture = asset.picture().unwrap();
    let Samples::Eight(samples) = &picture.frames[0].samples else { panic!("16 bits") };
    assert_eq!(picture.colour, Colour::Rgb);
    (picture.width as usize, picture.height as usize, samples.clone())
}

/// A part of a picture, coded as JPEG: no metadata, another size.
fn cut_and_coded(
    bytes: &Vec<u8>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    quality: u8,
) -> Vec<u8> {
    let (line, _, samples) = decoded(bytes);
    let rows = (top..top + height).flat_map(|y| samples[3 * (y * line + left)..][..3 * width].to_vec());
    let part: Vec<u8> = rows.collect();
    let mut coded = Vec::new();
    let encoder = Encoder::new(&mut coded, quality);
    encoder.encode(&part, width as u16, height as u16, ColorType::Rgb).unwrap();
    coded
}

#[test]
fn it_is_written_with_the_other_marks_and_says_the_same() {
    let packs = packs(["cn"]).unwrap();
    let id = "3f2b8c1e-7d7a-4a61-9d5b-0b7f1c2d3e4f";
    let with = vec![Scheme::named("watermark").unwrap()];
    let job = Job { with, ..Job::new(order(id, Status::Generated), regimes(&packs), today()) };
    let labelled = label(&picture(), Some("a.png"), &job, &Context::default()).unwrap();
    let report = report(&labelled.bytes, false, &[]);
    assert_eq!(report.verdict.statement, Statement::Generated);
    let [mark] = &found(&report)[..] else { panic!("{:?}", report.evidence) };
    let signal = mark.signal.as_ref().unwrap();
    assert!(mark.flaws.is_empty() && signal.open && !signal.searched, "{mark:?}");
    assert!(signal.id.starts_with("digest ") && signal.id.contains(id), "{}", signal.id);
    let strength = mark.strength.unwrap();
    assert!(strength.statistic > strength.threshold && strength.false_alarm < 1e-50, "{strength:?}");
    assert_eq!(report.evidence.marks("aigc").len(), 1);
}

#[test]
fn it_outlives_its_metadata_a_crop_and_jpeg() {
    let before = marked(&picture(), order("20261127001", Status::Possible)).unwrap();
    let after = cut_and_coded(&before, 37, 22, 531, 407, 60);
    let fast = report(&after, false, &[]);
    let look = fast.evidence.look("watermark").unwrap();
    assert_eq!(look.seen, Seen::Absent, "a crop has to be searched for");
    let nearest = look.nearest.as_ref().unwrap();
    assert!(nearest.strength.statistic < nearest.strength.threshold, "{nearest:?}");
    assert!(nearest.reach.contains("--deep"), "{}", nearest.reach);
    let deep = report(&after, true, &[]);
    let [mark] = &found(&deep)[..] else { panic!("{:?}", deep.evidence.look("watermark")) };
    assert_eq!(mark.claim.field(Field::ContentId), "20261127001");
    assert_eq!(deep.verdict.statement, Statement::Possible);
    let signal = mark.signal.as_ref().unwrap();
    assert!(signal.searched && mark.strength.unwrap().false_alarm < 1e-9, "{mark:?}");
    let share = signal.geometry.iter().find(|(what, _)| *what == "share_of_area").unwrap().1;
    assert!((share - 531.0 * 407.0 / (640.0 * 480.0)).abs() < 0.02, "{share}");
}

#[test]
fn a_key_of_ones_own_reads_what_no_other_does() {
    let [own, other] =
        [b"one key of 16 bytes", b"another of 16 bytes"].map(|bytes| WatermarkKey::from_bytes(bytes));
    let order = Order { watermark_key: Some(own.clone()), ..order("A-1", Status::Generated) };
    let bytes = marked(&picture(), order).unwrap();
    for keys in [&[][..], &[&other]] {
        let report = report(&bytes, false, keys);
        assert_eq!(report.evidence.look("watermark").unwrap().seen, Seen::Absent, "{keys:?}");
    }
    let report = report(&bytes, false, &[&other, &own]);
    let [mark] = &found(&report)[..] else { panic!("{:?}", report.evidence) };
    assert_eq!(mark.claim.field(Field::ContentId), "A-1");
    assert!(!mark.signal.as_ref().unwrap().open);
    assert!(!format!("{:?}", own).contains("one key"), "a key is never printed");
}

#[test]
fn what_contradicts_the_label_beside_it_is_told() {
    let aigc = |bytes: &Vec<u8>, id, status| {
        let with = vec![Scheme::named("aigc").unwrap()];
        let job = Job { with, ..Job::new(order(id, status), Vec::new(), today()) };
        label(bytes, Some("a.png"), &job, &Context::default()).unwrap().bytes
    };
    let bytes = marked(&picture(), order("A-1", Status::Generated)).unwrap();
    let same = report(&aigc(&bytes, "A-1", Status::Generated), false, &[]);
    assert!(found(&same)[0].flaws.is_empty() && same.verdict.statement == Statement::Generated);
    let copied = report(&aigc(&bytes, "B-2", Status::Generated), false, &[]);
    let mark = &found(&copied)[0];
    assert!(mark.has("other-record") && mark.flaws[0].text.contains("B-2"), "{mark:?}");
    let unsure = report(&aigc(&bytes, "A-1", Status::Suspected), false, &[]);
    assert!(found(&unsure)[0].has("other-status"));
    assert_eq!(unsure.verdict.statement, Statement::Conflicting);
}

#[test]
fn labelling_again_changes_nothing_and_another_mark_is_refused() {
    let first = marked(&picture(), order("A-1", Status::Generated)).unwrap();
    let again =
        label(&first, Some("a.png"), &only(order("A-1", Status::Generated)), &Context::default()).unwrap();
    assert!(again.unchanged && again.bytes == first);
    let refused = marked(&first, order("B-2", Status::Generated)).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("A-1"), "{refused}");
    // Without a number, that of the label that is there counts.
    let packs = packs(["cn"]).unwrap();
    let with = vec![Scheme::named("watermark").unwrap()];
    let job = Job {
        with,
        waived: Some(Waiver::AT_REQUEST),
        ..Job::new(order("", Status::Generated), regimes(&packs), today())
    };
    let once = label(&picture(), Some("a.png"), &job, &Context::default()).unwrap();
    let twice = label(&once.bytes, Some("a.png"), &job, &Context::default()).unwrap();
    assert!(twice.unchanged && twice.bytes == once.bytes);
    assert!(found(&report(&once.bytes, false, &[]))[0].flaws.is_empty());
}

#[test]
fn a_picture_that_cannot_hold_it_is_refused_with_the_reason() {
    let flat = vec![200; 400 * 300 * 3];
    let flat = png(400, 300, png::ColorType::Rgb, png::BitDepth::Eight, &flat);
    let small = png(100, 90, png::ColorType::Rgb, png::BitDepth::Eight, &scene(100, 90));
    let thin = png(4000, 130, png::ColorType::Rgb, png::BitDepth::Eight, &scene(4000, 130));
    for (bytes, why) in [(small, "128 x 128"), (thin, "long and thin")] {
        let refused = marked(&bytes, order("A-1", Status::Generated)).unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains(why), "{refused}");
    }
    // A flat picture may hold it or not: if it does, it reads.
    if let Ok(bytes) = marked(&flat, order("A-1", Status::Generated)) {
        assert_eq!(found(&report(&bytes, false, &[])).len(), 1);
    }
}

#[test]
fn every_depth_and_colour_holds_it_and_keeps_its_own() {
    let rgb = scene(512, 400);
    let grey: Vec<u8> = rgb.chunks_exact(3).map(|pixel| pixel[0]).collect();
    let sixteen: Vec<u8> = grey.iter().flat_map(|one| [*one, 0x5A]).collect();
    // The upper half is invisible, and stays as it was.
    let alpha = |at: usize| if at < 512 * 150 { 0 } else { 255 };
    let rgba: Vec<u8> = rgb
        .chunks_exact(3)
        .enumerate()
        .flat_map(|(at, pixel)| [pixel[0], pixel[1], pixel[2], alpha(at)])
        .collect();
    use png::{BitDepth, ColorType as Type};
    for (name, colour, depth, samples) in [
        ("grey", Type::Grayscale, BitDepth::Eight, &grey),
        ("grey, 16 bits", Type::Grayscale, BitDepth::Sixteen, &sixteen),
        ("colour", Type::Rgb, BitDepth::Eight, &rgb),
        ("alpha", Type::Rgba, BitDepth::Eight, &rgba),
    ] {
        let before = png(512, 400, colour, depth, samples);
        let after =
            marked(&before, order("A-1", Status::Generated)).unwrap_or_else(|err| panic!("{name}: {err}"));
        assert_eq!(found(&report(&after, false, &[])).len(), 1, "{name}");
        let open = |bytes| Asset::open(bytes, Some("a.png"), &Limits::default()).unwrap();
        let (before, after) = (open(&before), open(&after));
        let (one, two) = (before.picture().unwrap(), after.picture().unwrap());
        assert_eq!((one.colour, one.width), (two.colour, two.width), "{name}");
        if let (Samples::Eight(one), Samples::Eight(two), "alpha") =
            (&one.frames[0].samples, &two.frames[0].samples, name)
        {
            let invisible = 4 * 512 * 150;
            assert!(one[..invisible] == two[..invisible], "invisible pixels were changed");
            assert!(one.iter().skip(3).step_by(4).eq(two.iter().skip(3).step_by(4)), "opacity was changed");
        }
    }
}

#[test]
fn every_frame_of_an_animation_holds_it() {
    let (width, height, frames) = (400u32, 320u32, 3);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for at in 0..frames as usize {
        let mut samples = scene(400, 320);
        samples.rotate_left(3 * 40 * at);
        writer.write_image_data(&samples).unwrap();
    }
    writer.finish().unwrap();
    let after = marked(&bytes, order("A-1", Status::Generated)).unwrap();
    let signal = found(&report(&after, false, &[]))[0].signal.clone().unwrap();
    assert_eq!((signal.frames, signal.frames_in_all), (3, 3));
}

#[test]
fn what_is_not_decoded_is_never_called_absent() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/");
    for name in ["avif/dandelion.avif", "psd/dandelion.psd", "dng/mosaic.dng"] {
        let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
        let report = scan(name, &bytes, &Terms::new(Vec::new(), today()), &Context::default());
        let seen = &report.evidence.look("watermark").unwrap().seen;
        assert!(matches!(seen, Seen::Blind(why) if why.contains("does not decode")), "{name}: {seen:?}");
    }
}

#[test]
fn the_program_writes_it_searches_for_it_and_says_how_sure_it_is() {
    let folder = Folder::new();
    folder.write("photo.png", picture());
    folder.write("key", "0123456789abcdef0123456789abcdef\n");
    let producer = "--producer=001191110000000000000E10001";
    let run =
        folder.run(&["label", "photo.png", "-o", "out.png", "--watermark", "--id", "20261127001", producer]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("watermark: in the pixels"), "{}", run.out);
    folder
        .write("cut.jpg", cut_and_coded(&std::fs::read(folder.at("out.png")).unwrap(), 31, 18, 560, 420, 70));
    let fast = folder.run(&["verify", "cut.jpg"]);
    assert!(fast.out.contains("watermark: none (z ") && fast.out.contains("--deep"), "{}", fast.out);
    let deep = folder.run(&["verify", "--deep", "cut.jpg"]);
    for part in ["id 20261127001", "fewer than 1 in 10^", "found by searching", "marked as generated by AI"] {
        assert!(deep.out.contains(part), "{part}: {}", deep.out);
    }
    let line = |args: &[&str]| -> Value {
        let run = folder.run(&[args, &["--format", "jsonl", "--exit-zero"]].concat());
        let line: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        line["looks"].as_array().unwrap().iter().find(|look| look["scheme"] == "watermark").unwrap().clone()
    };
    let look = line(&["scan", "--deep", "cut.jpg"]);
    let mark = &look["marks"][0];
    assert_eq!(mark["watermark"]["route"], "search", "{look}");
    assert_eq!(mark["watermark"]["version"], 1, "{look}");
    assert!(mark["strength"]["false_alarm"].as_f64().unwrap() < 1e-9, "{look}");
    let look = line(&["scan", "cut.jpg"]);
    assert!(look["reason"].as_str().unwrap().contains("was not asked for"), "{look}");
    let look = line(&["scan", "--look", "watermark", "cut.jpg"]);
    assert_eq!((&look["answer"], look["nearest"]["statistic"].is_f64()), (&"absent".into(), true), "{look}");
    // Under a key of one's own, named in a file.
    let run =
        folder.run(&["label", "photo.png", "-o", "own.png", "--watermark-key", "key", "--id", "7", producer]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(line(&["verify", "own.png"])["answer"], "absent");
    let look = line(&["verify", "own.png", "--watermark-key", "key"]);
    assert_eq!(look["marks"][0]["watermark"]["key"]["open"], false, "{look}");
    folder.write("short", "too short");
    let wrong = folder.run(&["verify", "own.png", "--watermark-key", "short"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("16 bytes or more"), "{wrong:?}");
    let kept = folder.run(&["label", "photo.png", "-o", "small.png", "--watermark", "--dry-run", producer]);
    assert!(kept.code == Some(0) && kept.out.contains("would write watermark"), "{kept:?}");
}
