//! What must hold for every file that is cut, bent or on a disk that fails.

use crate::{Sample, china, labelled_samples, silent, today};
use indicia::{Channel, Context, Decode, Outcome, SCHEMES, Seen, Terms, label, regimes, scan};
use indicia_testkit::FailingFile;

/// Every place up to a few hundred, then places spread over the rest.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let step = (len / 150).max(1);
    (0..len).filter(move |at| *at < 200 || at % step == 0 || len - at < 40)
}

/// Where these files end nothing tells, if they are cut between two of their parts: they may read as whole.
fn shows_its_end(sample: &Sample) -> bool {
    !["aac", "bmp", "flv", "html", "md", "mkv", "mp3", "mp4", "psd", "txt", "webm"]
        .contains(&sample.folder.as_str())
}

/// All but the watermark and the sentences of voices: to look for those in each of thousands of broken files takes minutes. So does decoding thousands of
/// broken Opus files, whose decoder works out its tables anew for every frame; what it panics on is caught where it is called.
fn quick(sample: &Sample) -> Context {
    let is_quick = |scheme: &&&indicia::Scheme| {
        scheme.channel != Channel::Watermark && scheme.name != "spoken" && sample.folder != "opus"
    };
    let decoding = SCHEMES.iter().filter(|scheme| scheme.decodes).filter(is_quick);
    let decode = Decode::Only(decoding.map(|scheme| scheme.name.to_owned()).collect());
    Context { decode, ..Context::default() }
}

#[test]
fn a_cut_file_is_never_called_fine() {
    let packs = china();
    let terms = Terms::new(regimes(&packs), today());
    let mut told = 0;
    for sample in labelled_samples() {
        for cut in places(sample.bytes.len()) {
            let bytes = sample.bytes[..cut].to_vec();
            let report = scan(&sample.name, &bytes, &terms, &quick(&sample));
            assert_ne!(report.outcome(), Outcome::Met, "{} cut at {cut}", sample.name);
            let whole = report.format.is_ok() && report.damage.is_none();
            // A byte that pads the last chunk or ends the last line is often forgotten, and holds nothing.
            let padded = ["aiff", "avi", "pdf", "svg", "wav", "webp"].contains(&sample.folder.as_str());
            let unit = if sample.name.contains("utf16") { 2 } else { 1 };
            let padding = padded && cut + unit >= sample.bytes.len();
            if shows_its_end(&sample) && !padding {
                assert!(!whole, "{} cut at {cut} of {} passes for whole", sample.name, sample.bytes.len());
            }
            told += usize::from(!whole);
        }
    }
    assert!(told > 2_000, "the cuts hardly broke anything: {told}");
}

#[test]
fn bent_bytes_and_wrong_lengths_never_panic() {
    let packs = china();
    let terms = Terms::new(regimes(&packs), today());
    let mut changed = 0;
    for sample in labelled_samples() {
        let bare = scan(&sample.name, &sample.bytes, &terms, &quick(&sample)).outcome();
        for at in places(sample.bytes.len()) {
            for patch in [&[0xFF; 4][..], &[0; 4], &[0x80], &[0x7F, 0xFF, 0xFF, 0xFF]] {
                let mut bytes = sample.bytes.clone();
                for (place, value) in bytes[at..].iter_mut().zip(patch) {
                    *place = *value;
                }
                let report = scan(&sample.name, &bytes, &terms, &quick(&sample));
                changed += usize::from(report.outcome() != bare);
                // Labelling must not panic either, and must never lose what it cannot read.
                if at % 16 == 0 {
                    let cx = if sample.folder == "opus" { quick(&sample) } else { Context::default() };
                    let _ = label(&bytes, Some(&sample.name), &silent(&packs), &cx);
                }
            }
        }
    }
    assert!(changed > 500, "{changed}");
}

#[test]
fn a_disk_that_fails_is_never_read_as_absence() {
    for sample in labelled_samples() {
        for allowed in 0..40 {
            let source = FailingFile::after(allowed, sample.bytes.clone());
            let report = scan(&sample.name, &source, &Terms::new(Vec::new(), today()), &quick(&sample));
            let failed = source.has_failed();
            let aigc = report.evidence.look("aigc").map(|look| &look.seen);
            assert!(
                !matches!(aigc, Some(Seen::Absent)),
                "{} with {allowed} reads: a label that is there was called absent (failed: {failed})",
                sample.name
            );
        }
    }
}
