//! Labels as other programs write them: every file of the corpus is a test, and its name says what to expect.
//!
//! The corpus stands beside the checkout. Where it is not there, one test says so.

#![expect(clippy::print_stderr, reason = "what is not tested has to be said")]

use std::fs;
use std::path::Path;

use indicia::{Context, Date, Field, Gravity, Seen, Statement, Status, Terms, packs, regimes, scan};
use libtest_mimic::{Arguments, Failed, Trial};

/// Carriers that the guide for the medium names neither in its text nor in its annex.
const ELSEWHERE: &[&str] =
    &["app-bare", "jpg-com", "imagedescription", "wav-id3", "wav-list-info", "png-ztxt", "png-itxt-aigc"];

fn main() {
    let args = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/aigc");
    let trials = match fs::read_dir(&folder) {
        Err(_) => {
            eprintln!(
                "the corpus is not beside this checkout ({}): its files are not tested",
                folder.display()
            );
            vec![Trial::test("corpus_is_not_here", || Ok(()))]
        }
        Ok(entries) => {
            let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.sort();
            assert!(paths.len() >= 24, "the corpus has {} files", paths.len());
            let trial = |path: std::path::PathBuf| {
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                Trial::test(name.clone(), move || file(&name, &fs::read(path)?))
            };
            paths.into_iter().map(trial).collect()
        }
    };
    libtest_mimic::run(&args, trials).exit();
}

fn file(name: &str, bytes: &[u8]) -> Result<(), Failed> {
    let packs = packs(["cn"])?;
    let terms = Terms::new(regimes(&packs), Date::parse("2026-11-23").ok_or("no date")?);
    let bytes = bytes.to_vec();
    let report = scan(name, &bytes, &terms, &Context::default());
    if let Err(err) = &report.format {
        return Err(format!("not read: {err}").into());
    }
    let seen = report.evidence.look("aigc").map(|look| &look.seen);
    // The label was lost when this file was written, as ffmpeg does without -movflags use_metadata_tags.
    if name == "mp4-noflag.mp4" {
        return match seen {
            Some(Seen::Absent) => Ok(()),
            other => Err(format!("reads {other:?}").into()),
        };
    }
    let Some(Seen::Present(marks)) = seen else { return Err(format!("no label: {seen:?}").into()) };
    let [mark] = marks.as_slice() else { return Err(format!("{} labels", marks.len()).into()) };
    let claim = &mark.claim;
    let producer = if name == "avif-xmp.avif" { "X" } else { "001191110000000000000E10001" };
    let expected = (producer, "P-0001", Some(Status::Generated));
    let found = (claim.field(Field::Producer), claim.field(Field::ContentId), claim.status);
    if found != expected {
        return Err(format!("reads {found:?}").into());
    }
    if report.verdict.statement != Statement::Generated {
        return Err(format!("verdict {:?}", report.verdict).into());
    }
    let grave: Vec<_> = mark.flaws.iter().filter(|flaw| flaw.gravity >= Gravity::Deviation).collect();
    let elsewhere = ELSEWHERE.iter().any(|carrier| name.contains(carrier));
    match (elsewhere, grave.as_slice()) {
        (false, []) => Ok(()),
        (true, flaws) if flaws.iter().any(|flaw| flaw.code == "carrier") => Ok(()),
        (_, flaws) => Err(format!("flaws {flaws:?}").into()),
    }
}
