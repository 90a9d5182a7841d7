//! What must hold for every scheme.

use crate::{
    Sample, can_be_labelled, china, fitting, has_metadata, job, open, order, samples, silent, takes_notice,
    today,
};
use indicia::{
    Asset, Basis, Channel, Context, EmbedError, Field, Gravity, Job, Limits, MediaKind, Order, Role, SCHEMES,
    Scheme, Seen, SoundNotice, Status, Terms, Waiver, label, regimes, scan,
};
use indicia_marks::Write;
use indicia_media::{Carrier, Content};

#[test]
fn labelling_twice_changes_nothing_more() {
    let packs = china();
    for sample in samples().into_iter().filter(can_be_labelled) {
        // A picture's drawn notice cannot be read back yet, so it would be drawn again.
        let picture = open(&sample).kind() == MediaKind::Image;
        let job = || if picture { silent(&packs) } else { fitting(&sample, &packs) };
        let once = label(&sample.bytes, Some(&sample.name), &job(), &Context::default()).unwrap();
        let twice = label(&once.bytes, Some(&sample.name), &job(), &Context::default()).unwrap();
        assert!(once.bytes == twice.bytes, "{}", sample.name);
        assert!(twice.unchanged, "{}", sample.name);
    }
}

#[test]
fn a_file_labelled_again_keeps_its_number() {
    let packs = china();
    for sample in samples().into_iter().filter(has_metadata) {
        let mut silent = silent(&packs);
        silent.order.claim.set(Field::ContentId, "");
        let once = label(&sample.bytes, Some(&sample.name), &silent, &Context::default()).unwrap();
        let twice = label(&once.bytes, Some(&sample.name), &silent, &Context::default()).unwrap();
        let number =
            |evidence: &indicia::Evidence| evidence.marks("aigc")[0].claim.field(Field::ContentId).to_owned();
        assert!(number(&once.evidence).len() > 20, "{}", sample.name);
        assert_eq!(number(&once.evidence), number(&twice.evidence), "{}", sample.name);
    }
}

#[test]
fn every_scheme_finds_what_it_writes_and_only_that() {
    let (samples, mut tried) = (samples(), Vec::new());
    for scheme in SCHEMES.iter().filter(|scheme| matches!(scheme.write, Write::Draft { .. })) {
        for sample in &samples {
            let has_place = match scheme.channel {
                Channel::Explicit => takes_notice(sample),
                Channel::Watermark => matches!(
                    open(sample).format.content,
                    Content::Picture { .. } | Content::Sound { .. } | Content::Text { no_change: None, .. }
                ),
                _ => {
                    open(sample).kind() != MediaKind::Image
                        || open(sample).format.home(Carrier::Xmp).is_some()
                }
            };
            if !scheme.suits(open(sample).kind()) || !has_place || !can_be_labelled(sample) {
                continue;
            }
            let bare = scheme.look(&open(sample), &Context::default()).seen;
            assert!(
                !matches!(bare, Seen::Present(_)),
                "{} sees itself on the bare {}",
                scheme.name,
                sample.name
            );
            let mut alone = Job { with: vec![scheme], ..Job::new(order(), Vec::new(), today()) };
            if scheme.name == "spoken" {
                alone.order.style.sound = SoundNotice::Voice;
            }
            let labelled = match label(&sample.bytes, Some(&sample.name), &alone, &Context::default()) {
                // Most samples are too small, and are refused rather than marked in vain.
                Err(err) if scheme.channel == Channel::Watermark && err.is_refusal() => continue,
                labelled => {
                    labelled.unwrap_or_else(|err| panic!("{} on {}: {err}", scheme.name, sample.name))
                }
            };
            let look = labelled.evidence.look(scheme.name).unwrap();
            let Seen::Present(marks) = &look.seen else {
                panic!("{} misses itself on {}", scheme.name, sample.name)
            };
            assert_eq!(marks.len(), 1, "{} on {}", scheme.name, sample.name);
            assert!(
                marks[0].flaws.iter().all(|flaw| flaw.gravity < Gravity::Deviation),
                "{}: {:?}",
                sample.name,
                marks[0]
            );
            // On pages and of voices, a notice of ours can be read, and only that there is none cannot be told.
            let pages = matches!(open(sample).format.content, Content::Pages { .. });
            let blind = matches!(bare, Seen::Blind(_)) && !pages && scheme.name != "spoken";
            if !blind {
                let (folder, name) = (sample.folder.clone(), sample.name.clone());
                let written = Sample { bytes: labelled.bytes, folder, name };
                // Who knows nothing of this run reads it from the file alone.
                let read = scheme.look(&open(&written), &Context::default()).seen;
                let is_sure = |mark: &indicia::Mark| !mark.is_doubtful();
                assert!(
                    matches!(&read, Seen::Present(marks) if marks.iter().any(is_sure)),
                    "{} on {}: {read:?}",
                    scheme.name,
                    sample.name
                );
            }
            assert_eq!(look.basis == Basis::Written, blind, "{} on {}", scheme.name, sample.name);
            tried.push(scheme.name);
        }
    }
    tried.dedup();
    let writable: Vec<_> = SCHEMES
        .iter()
        .filter(|scheme| matches!(scheme.write, Write::Draft { .. }))
        .map(|scheme| scheme.name)
        .collect();
    assert_eq!(tried, writable, "a scheme was tried on no sample");
}

#[test]
fn a_platform_adds_its_part_and_keeps_the_producers() {
    let packs = china();
    for sample in samples().into_iter().filter(has_metadata) {
        let made = label(&sample.bytes, Some(&sample.name), &silent(&packs), &Context::default()).unwrap();
        let mut platform =
            Job { waived: Some(Waiver::AT_REQUEST), ..Job::new(Order::default(), regimes(&packs), today()) };
        platform.order.role = Role::Propagator;
        platform.order.claim.set(Field::Propagator, "Platform");
        let spread = label(&made.bytes, Some(&sample.name), &platform, &Context::default())
            .unwrap_or_else(|err| panic!("{}: {err}", sample.name));
        let claim = &spread.evidence.marks("aigc")[0].claim;
        assert_eq!(claim.field(Field::Producer), "001191110000000000000E10001", "{}", sample.name);
        assert_eq!(claim.field(Field::ContentId), "P-0001", "{}", sample.name);
        assert_eq!(claim.field(Field::Propagator), "Platform", "{}", sample.name);
        assert_eq!(claim.status, Some(Status::Generated), "{}", sample.name);
        let no_reason = label(&sample.bytes, Some(&sample.name), &platform, &Context::default());
        assert!(matches!(no_reason, Err(EmbedError::NoReason(_))), "{}: {no_reason:?}", sample.name);
        platform.declared = true;
        let declared = label(&sample.bytes, Some(&sample.name), &platform, &Context::default()).unwrap();
        assert_eq!(
            declared.evidence.marks("aigc")[0].claim.status,
            Some(Status::Possible),
            "{}",
            sample.name
        );
    }
}

#[test]
fn anothers_label_is_not_replaced_unless_asked() {
    let packs = china();
    for sample in samples().into_iter().filter(has_metadata) {
        let made = label(&sample.bytes, Some(&sample.name), &silent(&packs), &Context::default()).unwrap();
        let mut other = silent(&packs);
        other.order.claim.set(Field::Producer, "Someone else");
        let refused = label(&made.bytes, Some(&sample.name), &other, &Context::default()).unwrap_err();
        assert!(refused.is_refusal(), "{}: {refused}", sample.name);
        other.order.replace = true;
        let replaced = label(&made.bytes, Some(&sample.name), &other, &Context::default()).unwrap();
        let marks = replaced.evidence.marks("aigc");
        assert_eq!(marks.len(), 1, "{}", sample.name);
        assert_eq!(marks[0].claim.field(Field::Producer), "Someone else", "{}", sample.name);
    }
}

#[test]
fn a_signed_file_is_left_alone() {
    let packs = china();
    let sample = samples().into_iter().find(|sample| sample.folder == "png").unwrap();
    let mut signed = sample.bytes[..33].to_vec();
    let chunk = [b"caBX".as_slice(), b"manifest"].concat();
    signed.extend_from_slice(&8_u32.to_be_bytes());
    signed.extend_from_slice(&chunk);
    signed.extend_from_slice(&crc32fast::hash(&chunk).to_be_bytes());
    signed.extend_from_slice(&sample.bytes[33..]);
    let asset = Asset::open(&signed, Some("a.png"), &Limits::default()).unwrap();
    assert_eq!(asset.packets(Carrier::Manifest).count(), 1);
    let refused = label(&signed, Some("a.png"), &job(&packs), &Context::default()).unwrap_err();
    assert!(matches!(refused, EmbedError::Signed { at: 41, .. }), "{refused:?}");
    let report = scan("a.png", &signed, &Terms::new(Vec::new(), today()), &Context::default());
    let look = report.evidence.look("c2pa").unwrap();
    assert_eq!(look.channel, Channel::Manifest);
    assert!(report.evidence.marks("c2pa")[0].has("c2pa-broken"), "{look:?}");
    assert!(Scheme::named("c2pa").is_some());
}
