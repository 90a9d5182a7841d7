//! What must hold for every format, every scheme and every regime, by whoever was added last.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod damage;
mod formats;
mod reading;
mod regimes;
mod schemes;

use std::fs;
use std::path::{Path, PathBuf};

use indicia::{
    Asset, Claim, Context, Date, FORMATS, Field, Job, Limits, MediaKind, Order, Origin, Pack, Status, Terms,
    Waiver, label, packs, regimes,
};

/// A file of `samples/`: its format's folder, its name, its bytes.
pub(crate) struct Sample {
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All samples, labelled ones too.
pub(crate) fn all_samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples = Vec::new();
    for folder in sorted(&root) {
        for path in sorted(&folder) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let folder = folder.file_name().unwrap().to_str().unwrap().to_owned();
            samples.push(Sample { folder, name, bytes: fs::read(path).unwrap() });
        }
    }
    samples
}

/// The bare samples: those that carry no mark.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = all_samples();
    samples.retain(|sample| !sample.name.contains("-labelled"));
    assert!(samples.len() >= 2 * FORMATS.len(), "only {} samples", samples.len());
    samples
}

pub(crate) fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

pub(crate) fn china() -> Vec<Pack> {
    packs(["cn"]).unwrap()
}

pub(crate) fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

pub(crate) fn order() -> Order {
    let mut claim =
        Claim { status: Some(Status::Generated), origin: Some(Origin::Generated), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, "P-0001");
    Order { claim, ..Order::default() }
}

pub(crate) fn job(packs: &[Pack]) -> Job<'_> {
    Job::new(order(), regimes(packs), today())
}

/// Labels the metadata alone.
pub(crate) fn silent(packs: &[Pack]) -> Job<'_> {
    Job { waived: Some(Waiver::AT_REQUEST), ..job(packs) }
}

pub(crate) fn open(sample: &Sample) -> Asset<'_> {
    Asset::open(&sample.bytes, Some(&sample.name), &Limits::default())
        .unwrap_or_else(|err| panic!("{}: {err}", sample.name))
}

/// What can be labelled without touching its content.
pub(crate) fn has_metadata(sample: &Sample) -> bool {
    open(sample).kind() != MediaKind::Text && !open(sample).format.homes.is_empty()
}

pub(crate) fn takes_notice(sample: &Sample) -> bool {
    open(sample).format.no_notice.is_none()
}

/// What can be labelled in one way at least.
pub(crate) fn can_be_labelled(sample: &Sample) -> bool {
    has_metadata(sample) || open(sample).kind() == MediaKind::Text
}

/// Labels all that the sample can hold.
pub(crate) fn fitting<'p>(sample: &Sample, packs: &'p [Pack]) -> Job<'p> {
    if takes_notice(sample) { job(packs) } else { silent(packs) }
}

/// The terms on which a file labelled by that job is to be judged.
pub(crate) fn terms_of<'p>(job: &Job<'p>) -> Terms<'p> {
    let waived = job.waived;
    Terms { waived, ..Terms::new(job.regimes.clone(), today()) }
}

pub(crate) fn labelled_samples() -> Vec<Sample> {
    let packs = china();
    let labelled = |sample: Sample| {
        let bytes =
            label(&sample.bytes, Some(&sample.name), &silent(&packs), &Context::default()).unwrap().bytes;
        Sample { bytes, ..sample }
    };
    samples()
        .into_iter()
        .filter(|sample| sample.bytes.len() < 40_000 && has_metadata(sample))
        .map(labelled)
        .collect()
}
