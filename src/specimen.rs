//! One run over a few files of every sort, which the tests of all printers print. Made by hand: what a scheme or a
//! rule pack says today does not change it.

use std::fs;
use std::path::Path;

use indicia::{
    Asset, Basis, Channel, Claim, Context, Date, Evidence, Field, Flaw, Form, FormatError, Gravity, Look,
    Mark, Notice, Origin, Pack, Position, Problem, Report, Role, Scheme, Seen, Span, Status, Strength, Terms,
    regimes,
};

use crate::exit::Exit;
use crate::ledger::LogFacts;
use crate::printers::{Entry, Heading, Left, PRINTERS, Trouble};
use crate::record::Summary;

/// A name that is a formula, markup, and reordered.
pub(crate) const HOSTILE: &str = "=cmd|'&<b>\"]]>\u{202e}gnp\n.png";
/// As it may be shown.
pub(crate) const HOSTILE_SHOWN: &str = "]]>\\u{202e}gnp\\n.png";

/// Signature and half a header.
pub(crate) const CUT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x01";

const RULES: &str = r#"
as_of = "2026-11-01"
version = "7"

[[source]]
id = "law"
title = "The Specimen Act"
url = "https://example.org/act?a=1&b=2"
confidence = "made up"

[[regime]]
id = "xx.act"
title = "Specimen Act <2026>"
jurisdiction = "XX"
status = "binding"
in_force_from = "2026-01-01"
bound = ["services that generate content"]
sources = ["law"]
cannot = ["whether content may confuse"]

[[regime.check]]
id = "xx.act.metadata"
text = "the file carries the metadata label"
clause = "Act, 1"
remedy = "indicia label writes it"
method = "mark.any"
needs = ["aigc"]
severity = "error"
decidable = "auto"
role = "provider"
modality = ["any"]
verified = true

[[regime.check]]
id = "xx.act.notice"
text = "people see that it is generated"
clause = "Act, 2 & 3"
method = "mark.any"
needs = ["visible"]
severity = "error"
decidable = "auto"
role = "provider"
modality = ["any"]
verified = true

[[regime.check]]
id = "xx.act.agreement"
text = "an agreement is kept"
clause = "Act, 4"
method = "mark.any"
needs = ["aigc"]
severity = "error"
decidable = "evidence"
role = "provider"
modality = ["any"]
verified = true

[[regime]]
id = "xx.code"
title = "Specimen Code"
jurisdiction = "XX"
status = "voluntary"

[[regime.check]]
id = "xx.code.signed"
text = "the file is signed"
clause = "Code, A"
remedy = "indicia label --with c2pa signs it"
method = "mark.any"
needs = ["c2pa"]
severity = "warn"
decidable = "auto"
role = "provider"
modality = ["any"]
verified = true

[[regime.check]]
id = "xx.code.iptc"
text = "the source type is named"
clause = "Code, B"
method = "mark.any"
needs = ["iptc"]
severity = "info"
decidable = "auto"
role = "provider"
modality = ["any"]
verified = true
"#;

/// The rules of the run.
pub(crate) fn packs() -> Vec<Pack> {
    vec![Pack { name: "xx".into(), ..Pack::parse(RULES).unwrap() }]
}

fn day() -> Date {
    Date::parse("2026-11-23").unwrap()
}

/// What the run is of.
pub(crate) fn heading(packs: &[Pack], in_depth: bool) -> Heading<'_> {
    Heading {
        in_depth,
        terms: "xx.act, xx.code; law of 2026-11-23".into(),
        packs,
        at: day(),
        role: Role::Producer,
        now: 1_795_435_200,
        warnings: false,
    }
}

/// A picture of one pixel that carries nothing.
pub(crate) fn pixel() -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let named = [name, data].concat();
        let (length, crc) = (u32::try_from(data.len()).unwrap(), crc32fast::hash(&named));
        [&length.to_be_bytes()[..], &named, &crc.to_be_bytes()].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"IDAT", b"\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn look(scheme: &'static str, seen: Seen) -> Look {
    Look { scheme, channel: Scheme::named(scheme).unwrap().channel, basis: Basis::Read, seen, nearest: None }
}

fn label(status: Status, raw: &str) -> Mark {
    let mut claim = Claim { status: Some(status), ..Claim::default() };
    claim.set(Field::Producer, "Example & Söhne <Ltd>");
    let site = Some(Span { start: 33, end: 210 });
    Mark { claim, place: "iTXt chunk".into(), site, raw: raw.into(), ..Mark::default() }
}

fn notice() -> Mark {
    Mark {
        claim: Claim { status: Some(Status::Generated), origin: Some(Origin::Generated), ..Claim::default() },
        place: "pixels".into(),
        notice: Some(Notice {
            words: "AI生成".into(),
            positions: vec![Position::Corner],
            form: Form::Drawn {
                glyph_height: 24,
                short_side: 480,
                contrast: 7.5,
                frames: 1,
                frames_in_all: 1,
            },
        }),
        strength: Some(Strength { statistic: 9.5, threshold: 6.0, false_alarm: 1e-9 }),
        ..Mark::default()
    }
}

/// The run, file by file.
pub(crate) fn entries(packs: &[Pack]) -> Vec<Entry<'_>> {
    let terms = Terms::new(regimes(packs), day());
    let seen = |name: &str, bytes: &[u8], looks: Vec<Look>| {
        let bytes = bytes.to_vec();
        let asset = Asset::open(&bytes, Some(name), &Context::default().limits).unwrap();
        Entry::seen(Report::of_evidence(name, &asset, Evidence::from(looks), &terms))
    };
    let blind = || Seen::Blind("nobody here reads drawn words".into());
    let troubled = |name: &str, reason: &str, refused| {
        let report = Report::unreadable(name, 0, FormatError::new(0, Problem::Io(std::io::ErrorKind::Other)));
        Entry::troubled(report, Trouble { reason: reason.into(), refused, usage: false })
    };
    let fine = vec![
        look("aigc", Seen::Present(vec![label(Status::Generated, "{\"Label\":\"1\"}")])),
        look("visible", Seen::Present(vec![notice()])),
        look("c2pa", Seen::Present(vec![Mark { place: "caBX chunk".into(), ..Mark::default() }])),
        look("iptc", Seen::Absent),
    ];
    let bare = || vec![look("aigc", Seen::Absent), look("visible", blind()), look("c2pa", Seen::Absent)];
    let flaw =
        Flaw { code: "label-value", gravity: Gravity::Fault, text: "`Label` is \"<9>\"\u{7}".into(), at: 33 };
    let hostile = "</script><script>alert(1)</script>]]>\0\u{fffe}\u{202e}";
    let other = Mark { flaws: vec![flaw], ..label(Status::NotGenerated, hostile) };
    let conflict = vec![
        look("aigc", Seen::Present(vec![label(Status::Generated, "=1+1"), other])),
        look("visible", blind()),
    ];
    let visible = Scheme::named("visible").unwrap();
    let planned = Entry {
        plan: vec![(visible, vec!["xx.act.notice".into()])],
        left: vec![
            Left { rule: "xx.act.signed".into(), why: "there is no key to sign with".into(), unmet: true },
            Left { rule: "xx.act.logged".into(), why: "it takes a log".into(), unmet: false },
        ],
        conflicts: indicia::conflicts().iter().take(1).collect(),
        log: LogFacts { entry: Some(12), ..LogFacts::default() },
        owed: Some("no encoder for it is at hand".into()),
        output: Some("out/planned.png".into()),
        ..seen("planned.png", &pixel(), bare())
    };
    vec![
        seen("fine.png", &pixel(), fine),
        seen("folder/bare picture.png", &pixel(), bare()),
        seen(HOSTILE, &pixel(), conflict),
        seen(
            "cut.png",
            CUT,
            vec![look("aigc", Seen::Blind("the file breaks off".into())), look("visible", blind())],
        ),
        troubled("gone.jpg", "no such file", false),
        troubled("signed.png", "it is signed", true),
        planned,
    ]
}

/// What a printer prints of the whole run.
pub(crate) fn printed(printer: &str, in_depth: bool) -> String {
    let packs = packs();
    printed_of(printer, in_depth, &entries(&packs))
}

/// What a printer prints of some files.
pub(crate) fn printed_of(printer: &str, in_depth: bool, entries: &[Entry<'_>]) -> String {
    let (packs, mut out) = (packs(), Vec::new());
    let heading = heading(&packs, in_depth);
    let mut summary = Summary::of(&heading);
    let row = PRINTERS.iter().find(|row| row.name == printer).unwrap();
    let mut print = (row.open)(&mut out, heading);
    let mut exit = Exit::Fine;
    for entry in entries {
        summary.add(entry);
        exit = exit.min(entry.exit(false));
        print.entry(entry).unwrap();
    }
    summary.exit_code = exit.number();
    print.finish(&summary).unwrap();
    drop(print);
    String::from_utf8(out).unwrap()
}

/// What stands between two words; nothing if they do not stand there.
fn cut<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let after = text.split_once(start).map_or("", |(_, after)| after);
    after.split_once(end).map_or("", |(between, _)| between)
}

/// Holds what a printer prints of the run against the file in `tests/printed/`.
pub(crate) fn agrees(printer: &str, in_depth: bool) {
    let depth = if in_depth { "-in-depth" } else { "" };
    let stem = format!("{printer}{depth}.txt");
    let (validator, version) = indicia::VALIDATOR.rsplit_once(' ').unwrap();
    let text = anstream::adapter::strip_str(&printed(printer, in_depth)).to_string();
    let text =
        text.replace(version, &format!("[{validator}]")).replace(env!("CARGO_PKG_VERSION"), "[version]");
    let text = text.replace("\r\n", "\n");
    // What every page has in common is not the question.
    let (style, script) = (cut(&text, "<style>", "</style>"), cut(&text, "<script>", "</script>"));
    let text = text.replacen(&format!(">{style}<"), "><", 1).replacen(&format!(">{script}<"), "><", 1);
    let text = match cut(&text, "default-src", ">") {
        "" => text.clone(),
        policy => text.replace(policy, "[policy]"),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let agreed = root.join("tests/printed").join(&stem);
    if fs::read_to_string(&agreed).ok().as_deref() != Some(&text) {
        let folder = root.join("target/printed");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(&stem), &text).unwrap();
        panic!(
            "what {printer} prints is not tests/printed/{stem}; if it should be: cp target/printed/{stem} tests/printed/"
        );
    }
}

#[test]
fn the_specimen_has_every_outcome_and_every_statement_that_matters() {
    let packs = packs();
    let names: Vec<_> = entries(&packs).iter().map(Entry::outcome_name).collect();
    assert_eq!(names, ["met", "unmet", "unknown", "unknown", "unknown", "refused", "unmet"]);
    let channels = [Channel::Metadata, Channel::Explicit, Channel::Manifest];
    let entries = entries(&packs);
    let looks = || entries.iter().flat_map(|entry| &entry.report.evidence.looks);
    assert!(channels.into_iter().all(|channel| looks().any(|look| look.channel == channel)));
}
