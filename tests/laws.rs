//! What must hold for every format, every scheme and every regime, by whoever was added last.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use indicia::manifests::{DevelopmentChain, SigningKey};
use indicia::{
    Asset, Basis, Bound, Channel, Claim, Context, Date, Decode, EmbedError, FORMATS, Field, Gravity, Job,
    Language, Limits, MediaKind, Order, Origin, Outcome, PACKS, Pack, Profile, Role, SCHEMES, Scheme, Seen,
    SoundNotice, Source, Span, Status, Terms, label, packs, regimes, scan,
};
use indicia_marks::Write;
use indicia_media::{Carrier, Content, Draft, Role as SegmentRole};
use indicia_testkit::{CountedFile, FailingFile};

/// A file of `samples/`: its format's folder, its name, its bytes.
struct Sample {
    folder: String,
    name: String,
    bytes: Vec<u8>,
}

/// The bare samples: those that carry no mark.
fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples = Vec::new();
    for folder in sorted(&root) {
        for path in sorted(&folder) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.contains("-labelled") {
                let folder = folder.file_name().unwrap().to_str().unwrap().to_owned();
                samples.push(Sample { folder, name, bytes: fs::read(path).unwrap() });
            }
        }
    }
    assert!(samples.len() >= 2 * FORMATS.len(), "only {} samples", samples.len());
    samples
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn china() -> Vec<Pack> {
    packs(["cn"]).unwrap()
}

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

fn order() -> Order {
    let mut claim =
        Claim { status: Some(Status::Generated), origin: Some(Origin::Generated), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, "P-0001");
    Order { claim, ..Order::default() }
}

fn job(packs: &[Pack]) -> Job<'_> {
    Job::new(order(), regimes(packs), today())
}

/// Labels the metadata alone.
fn silent(packs: &[Pack]) -> Job<'_> {
    Job { waive_notice: true, ..job(packs) }
}

fn open(sample: &Sample) -> Asset<'_> {
    Asset::open(&sample.bytes, Some(&sample.name), &Limits::default())
        .unwrap_or_else(|err| panic!("{}: {err}", sample.name))
}

/// What can be labelled without touching its content.
fn has_metadata(sample: &Sample) -> bool {
    open(sample).kind() != MediaKind::Text && !open(sample).format.homes.is_empty()
}

fn takes_notice(sample: &Sample) -> bool {
    open(sample).format.no_notice.is_none()
}

/// What can be labelled in one way at least.
fn can_be_labelled(sample: &Sample) -> bool {
    has_metadata(sample) || open(sample).kind() == MediaKind::Text
}

/// Labels all that the sample can hold.
fn fitting<'p>(sample: &Sample, packs: &'p [Pack]) -> Job<'p> {
    if takes_notice(sample) { job(packs) } else { silent(packs) }
}

/// The terms on which a file labelled by that job is to be judged.
fn terms_of<'p>(job: &Job<'p>) -> Terms<'p> {
    let waived = job.waive_notice.then_some(Channel::Explicit);
    Terms { waived, ..Terms::new(job.regimes.clone(), today()) }
}

#[test]
fn every_format_has_samples_and_knows_them() {
    let samples = samples();
    for format in FORMATS {
        let own: Vec<_> = samples.iter().filter(|sample| sample.folder == format.name).collect();
        assert!(own.len() >= 2, "{} has {} bare samples", format.name, own.len());
        for sample in own {
            assert_eq!(open(sample).format.name, format.name, "{}", sample.name);
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(format.name);
        let labelled =
            sorted(&folder).iter().filter(|path| path.to_str().unwrap().contains("-labelled")).count();
        assert!(labelled >= 1 || format.homes.is_empty(), "{} has no labelled sample", format.name);
    }
}

#[test]
fn a_layout_tiles_its_file_and_its_packets_lie_within() {
    for sample in samples() {
        let asset = open(&sample);
        assert!(asset.layout.damage.is_none(), "{}: {:?}", sample.name, asset.layout.damage);
        assert!(
            asset.layout.tiles(sample.bytes.len() as u64),
            "{}: {:?}",
            sample.name,
            asset.layout.segments
        );
        for packet in &asset.layout.packets {
            assert!(packet.span.end <= sample.bytes.len() as u64, "{}: {packet:?}", sample.name);
        }
    }
}

#[test]
fn a_draft_without_changes_is_the_file_as_it_was() {
    for sample in samples() {
        let asset = open(&sample);
        assert!(Draft::new(&asset).render().unwrap().to_bytes().unwrap() == sample.bytes, "{}", sample.name);
    }
}

#[test]
fn an_unlabelled_file_meets_no_rule_that_counts() {
    let packs = china();
    let terms = Terms::new(regimes(&packs), today());
    for sample in samples() {
        let report = scan(&sample.name, &sample.bytes, &terms, &Context::default());
        let met: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.counts() && finding.judgement.outcome == Outcome::Met)
            .map(|finding| (&finding.rule.id, &finding.judgement.why))
            .collect();
        assert!(met.is_empty(), "{}: {met:?}", sample.name);
        assert_ne!(report.outcome(), Outcome::Met, "{}", sample.name);
    }
}

/// A key for manifests that no one trusts, made once.
fn key() -> Arc<SigningKey> {
    static KEY: LazyLock<Arc<SigningKey>> = LazyLock::new(|| {
        let made = DevelopmentChain::new("Example Ltd", NOW).unwrap();
        Arc::new(SigningKey::from_pem(&made.chain, &made.private_key, NOW).unwrap())
    });
    Arc::clone(&KEY)
}

/// A moment of the day that [`today`] is.
const NOW: u64 = 1_795_435_200;

/// The least that a profile says: nothing; and the most: that every rule binds, so that nothing is left open.
fn profiles() -> [Profile; 2] {
    let all = Profile {
        roles: Some(vec![Bound::Provider, Bound::Deployer, Bound::Advertiser]),
        placed_on_market: Date::parse("2026-09-01"),
        monthly_users: Some(3_000_000),
        is_deepfake: Some(true),
        realistic: Some(true),
        artistic: Some(false),
        public_interest: Some(true),
        editor_of_record: Some(String::new()),
        output_class: Some("content".into()),
        exported: Some(true),
        closed_product: Some(false),
        standard_editing: Some(false),
        marks_used: Some(vec!["c2pa".into()]),
        advertisement: Some(true),
        synthetic_performer: Some(true),
        election: Some(true),
        ..Profile::default()
    };
    [Profile::default(), all]
}

/// The first bare sample of each format that can be labelled.
fn one_of_each_format() -> Vec<Sample> {
    let mut each: Vec<Sample> = Vec::new();
    for sample in samples().into_iter().filter(can_be_labelled) {
        if each.iter().all(|known| known.folder != sample.folder) {
            each.push(sample);
        }
    }
    assert!(each.len() >= 30, "{}", each.len());
    each
}

/// Every mark the pack's plan writes does what the plan says it does; and without any one of them, a rule that it was
/// written for is met no longer.
#[test]
fn what_a_pack_has_us_write_meets_that_pack_and_no_mark_of_it_is_idle() {
    let cx = Context { now: NOW, ..Context::default() };
    let (mut served, mut idle_checked, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    for sample in one_of_each_format() {
        // Packs that have the same marks written share the file.
        let mut written: BTreeMap<String, indicia::Labelled> = BTreeMap::new();
        for ((name, _), profile) in PACKS.iter().flat_map(|pack| profiles().map(|profile| (pack, profile))) {
            let packs = packs([*name]).unwrap();
            let mut job = Job { profile: &profile, key: Some(key()), ..fitting(&sample, &packs) };
            job.order.claim.set(Field::System, "Maker");
            job.order.claim.set(Field::SystemVersion, "2");
            let asset = open(&sample);
            let plan = job.plan_for(asset.format);
            if plan.marks.is_empty() {
                continue;
            }
            let has = |code: &str| plan.languages.contains(&code);
            job.order.style.language = match (has("zh") || plan.languages.is_empty(), has("en")) {
                (true, true) => Language::Both,
                (true, false) => Language::Chinese,
                (false, true) => Language::English,
                (false, false) => Language::Other,
            };
            let more = plan.languages.iter().filter(|code| !["en", "zh"].contains(code));
            job.order.style.more = more.map(|code| (*code).to_owned()).collect();
            let names: Vec<_> = plan.schemes().iter().map(|scheme| scheme.name).collect();
            let same = format!("{names:?} {:?}", plan.languages);
            if !written.contains_key(&same) {
                match label(&sample.bytes, Some(&sample.name), &job, &cx) {
                    Ok(labelled) => written.insert(same.clone(), labelled),
                    // A manifest is asked for outright, and would stand in a file beside, which bytes have none of.
                    Err(err) if err.is_refusal() && *name == "c2pa" => continue,
                    // What the manifest library makes of this file breaks off, and is never published.
                    Err(EmbedError::Format(_)) if names.contains(&"c2pa") && sample.folder == "heif" => {
                        continue;
                    }
                    Err(err) => {
                        wrong.push(format!("{} under {name}: {err}", sample.name));
                        continue;
                    }
                };
            }
            let labelled = &written[&same];
            let after = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
            let terms = Terms { profile: &profile, ..terms_of(&job) };
            let judge = |evidence: indicia::Evidence| {
                indicia::Report::of_evidence(&sample.name, &after, evidence, &terms)
            };
            let met = |report: &indicia::Report<'_>, rule: &str| {
                let finding = report.findings.iter().find(|finding| finding.rule.id == rule);
                finding.is_none_or(|finding| finding.judgement.outcome == Outcome::Met)
            };
            let report = judge(labelled.evidence.clone());
            let left: Vec<_> = plan.open.iter().map(|open| open.rule.id.as_str()).collect();
            for rule in plan
                .marks
                .iter()
                .flat_map(|(_, rules)| rules)
                .filter(|rule| !left.contains(&rule.id.as_str()))
            {
                let finding = report.findings.iter().find(|finding| finding.rule.id == rule.id);
                if !met(&report, &rule.id) {
                    let why = finding.map(|finding| &finding.judgement);
                    wrong.push(format!("{} under {name}: {} {why:?}", sample.name, rule.id));
                }
                served.insert(rule.id.clone());
            }
            let open: Vec<_> = report
                .findings
                .iter()
                .filter(|finding| finding.counts() && finding.judgement.outcome == Outcome::Unmet)
                .map(|finding| (&finding.rule.id, &finding.judgement))
                .collect();
            if !open.is_empty() {
                wrong.push(format!("{} under {name}: {open:?}", sample.name));
            }
            for (scheme, rules) in &plan.marks {
                let mut evidence = labelled.evidence.clone();
                for look in evidence.looks.iter_mut().filter(|look| look.scheme == scheme.name) {
                    look.seen = Seen::Absent;
                }
                let without = judge(evidence);
                let fallen = rules.iter().find(|rule| !met(&without, &rule.id));
                if fallen.is_none() {
                    wrong.push(format!("{} under {name}: {} is idle", sample.name, scheme.name));
                }
                idle_checked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(served.len() > 40 && idle_checked > 200, "{} {idle_checked}", served.len());
}

#[test]
fn what_china_has_us_write_meets_it_on_every_sample() {
    let packs = china();
    for sample in samples().into_iter().filter(can_be_labelled) {
        let job = fitting(&sample, &packs);
        let terms = terms_of(&job);
        let labelled = label(&sample.bytes, Some(&sample.name), &job, &Context::default())
            .unwrap_or_else(|err| panic!("{}: {err}", sample.name));
        let asset = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
        let report = indicia::Report::of_evidence(&sample.name, &asset, labelled.evidence, &terms);
        let open: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.counts() && finding.judgement.outcome != Outcome::Met)
            .map(|finding| (&finding.rule.id, &finding.judgement))
            .collect();
        assert!(open.is_empty(), "{}: {open:?}", sample.name);
        assert_eq!(report.outcome(), Outcome::Met, "{}", sample.name);
    }
}

#[test]
fn a_later_reader_of_the_labelled_file_finds_no_rule_broken() {
    let packs = china();
    for sample in samples().into_iter().filter(can_be_labelled) {
        let job = fitting(&sample, &packs);
        let labelled = label(&sample.bytes, Some(&sample.name), &job, &Context::default()).unwrap();
        let report = scan(&sample.name, &labelled.bytes, &terms_of(&job), &Context::default());
        let unmet: Vec<_> =
            report.findings.iter().filter(|finding| finding.judgement.outcome == Outcome::Unmet).collect();
        assert!(unmet.is_empty(), "{}: {unmet:?}", sample.name);
    }
}

#[test]
fn metadata_leaves_the_content_untouched() {
    let (packs, mut seen) = (china(), 0);
    for sample in samples().into_iter().filter(has_metadata) {
        let labelled =
            label(&sample.bytes, Some(&sample.name), &silent(&packs), &Context::default()).unwrap();
        assert!(labelled.bytes != sample.bytes, "{}", sample.name);
        let before = open(&sample);
        let after = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
        assert!(coded(&before) == coded(&after), "{}: the coded content changed", sample.name);
        match before.format.content {
            Content::Closed => {}
            Content::Picture { .. } => {
                assert!(before.picture().unwrap() == after.picture().unwrap(), "{}", sample.name)
            }
            Content::Sound { .. } => assert!(samples_of(&before) == samples_of(&after), "{}", sample.name),
            Content::Pages { .. } => assert!(labelled.bytes.starts_with(&sample.bytes), "{}", sample.name),
            Content::Text { .. } => {
                assert_eq!(before.text().unwrap().words, after.text().unwrap().words, "{}", sample.name)
            }
        }
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
}

/// The coded bytes of a file's content.
fn coded(asset: &Asset<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in asset.layout.segments.iter().filter(|segment| segment.role == SegmentRole::Essence) {
        bytes.extend(
            Limits { block: u64::MAX, ..Limits::default() }.take(asset.source, segment.span).unwrap(),
        );
    }
    bytes
}

fn samples_of(asset: &Asset<'_>) -> Vec<f32> {
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    assert!(!values.is_empty());
    values
}

#[test]
fn a_notice_in_sound_or_text_leaves_the_content_in_place() {
    let (packs, mut seen) = (china(), 0);
    for sample in samples() {
        let before = open(&sample);
        if matches!(before.format.content, Content::Picture { .. }) || !takes_notice(&sample) {
            continue;
        }
        let labelled = label(&sample.bytes, Some(&sample.name), &job(&packs), &Context::default()).unwrap();
        let after = Asset::open(&labelled.bytes, Some(&sample.name), &Limits::default()).unwrap();
        let there = match before.format.content {
            Content::Pages { .. } => labelled.bytes.starts_with(&sample.bytes),
            Content::Sound { .. } => contains(&samples_of(&after), &samples_of(&before)),
            _ => contains(after.text().unwrap().words.as_bytes(), before.text().unwrap().words.as_bytes()),
        };
        assert!(there, "{}: the content is not in the labelled file as it was", sample.name);
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}

fn contains<T: PartialEq>(whole: &[T], part: &[T]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_notice_that_cannot_be_put_on_is_refused_with_what_would_do_it() {
    let packs = china();
    for sample in samples().into_iter().filter(|sample| !takes_notice(sample)) {
        let why = open(&sample).format.no_notice.unwrap();
        assert!(why.contains(": "), "{}: {why:?} does not say what would do it", sample.folder);
        let refused =
            label(&sample.bytes, Some(&sample.name), &job(&packs), &Context::default()).unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains(why), "{}: {refused}", sample.name);
    }
}

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
                Channel::Watermark => matches!(open(sample).format.content, Content::Picture { .. }),
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
            // On pages, a notice that is there can be read, and only that there is none cannot be told.
            let pages = matches!(open(sample).format.content, Content::Pages { .. });
            let blind = matches!(bare, Seen::Blind(_)) && !pages;
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
        let mut platform = Job { waive_notice: true, ..Job::new(Order::default(), regimes(&packs), today()) };
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

/// Every place up to a few hundred, then places spread over the rest.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let step = (len / 150).max(1);
    (0..len).filter(move |at| *at < 200 || at % step == 0 || len - at < 40)
}

fn labelled_samples() -> Vec<Sample> {
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

/// Where these files end nothing tells, if they are cut between two of their parts: they may read as whole.
fn shows_its_end(sample: &Sample) -> bool {
    !["aac", "bmp", "flv", "html", "md", "mkv", "mp3", "mp4", "psd", "txt", "webm"]
        .contains(&sample.folder.as_str())
}

/// All but the watermark: to look for one in each of thousands of broken pictures takes minutes.
fn quick() -> Context {
    let decoding = SCHEMES.iter().filter(|scheme| scheme.decodes && scheme.channel != Channel::Watermark);
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
            let report = scan(&sample.name, &bytes, &terms, &quick());
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
        let bare = scan(&sample.name, &sample.bytes, &terms, &quick()).outcome();
        for at in places(sample.bytes.len()) {
            for patch in [&[0xFF; 4][..], &[0; 4], &[0x80], &[0x7F, 0xFF, 0xFF, 0xFF]] {
                let mut bytes = sample.bytes.clone();
                for (place, value) in bytes[at..].iter_mut().zip(patch) {
                    *place = *value;
                }
                let report = scan(&sample.name, &bytes, &terms, &quick());
                changed += usize::from(report.outcome() != bare);
                // Labelling must not panic either, and must never lose what it cannot read.
                if at % 16 == 0 {
                    let _ = label(&bytes, Some(&sample.name), &silent(&packs), &Context::default());
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
            let report = scan(&sample.name, &source, &Terms::new(Vec::new(), today()), &quick());
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

#[test]
fn what_is_not_decoded_is_never_called_absent() {
    let mut undecoded = 0;
    for sample in samples() {
        let report = scan(&sample.name, &sample.bytes, &Terms::new(Vec::new(), today()), &Context::default());
        let format = report.format.unwrap();
        let words = matches!(format.content, Content::Text { .. });
        let perceived = |look: &&indicia::Look| look.channel == Channel::Explicit;
        for look in report.evidence.looks.iter().filter(perceived) {
            let open = !matches!(format.content, Content::Closed | Content::Pages { .. });
            assert!(open || !matches!(look.seen, Seen::Absent), "{}: {}", sample.name, look.scheme);
        }
        if matches!(format.kind, MediaKind::Text | MediaKind::Document) && !words {
            let traces = report.evidence.look("traces").map(|look| &look.seen);
            assert!(!matches!(traces, Some(Seen::Absent)), "{}: traces in its words", sample.name);
            undecoded += 1;
        }
        if format.kind == MediaKind::Video {
            let traces = report.evidence.look("traces").map(|look| &look.seen);
            assert!(!matches!(traces, Some(Seen::Absent)), "{}: traces among its frames", sample.name);
        }
    }
    assert!(undecoded >= 10, "{undecoded}");
}

#[test]
fn without_decoding_no_byte_is_read_often() {
    let cx = Context { decode: Decode::Only(Vec::new()), ..Context::default() };
    for sample in labelled_samples() {
        let source = CountedFile::new(sample.bytes.clone());
        scan(&sample.name, &source, &Terms::new(Vec::new(), today()), &cx);
        let read = source.read();
        // The head is read to recognize the format, and packets are read by each scheme that knows their sort.
        let most = 3 * sample.bytes.size() + (16 << 10);
        assert!(read <= most, "{}: {read} bytes read of {}", sample.name, sample.bytes.len());
    }
}

/// Formats whose content has to be passed over, and why.
const PASSED_OVER: &[(&str, &str)] = &[
    ("aac", "each frame says only how long it is itself"),
    ("gif", "a picture is a chain of blocks of 255 bytes"),
    ("html", "metadata stands among the words"),
    ("jpeg", "coded data says nowhere how long it is"),
    ("md", "a label may stand among the words"),
    ("mp3", "each frame says only how long it is itself"),
    ("ogg", "pages say only how long they are themselves"),
    ("opus", "as Ogg"),
    ("pdf", "objects are found by a table that may be anywhere"),
    ("rtf", "metadata stands among the words"),
    ("svg", "metadata stands among the drawing"),
    ("txt", "a notice may stand among the words"),
];

#[test]
fn content_is_not_read_where_the_structure_does_not_force_it() {
    let cx = Context { decode: Decode::Only(Vec::new()), ..Context::default() };
    let (mut seen, mut small) = (BTreeSet::new(), BTreeSet::new());
    for sample in samples() {
        let name = open(&sample).format.name;
        let essence: Vec<Span> = (open(&sample).layout.segments.iter())
            .filter(|segment| segment.role == SegmentRole::Essence)
            .map(|segment| segment.span)
            .collect();
        let all: u64 = essence.iter().map(|span| span.len()).sum();
        // Of less there is nothing to be told: files are read in blocks.
        if all < 24 << 10 {
            small.insert(name);
            continue;
        }
        seen.insert(name);
        let source = CountedFile::new(sample.bytes.clone());
        scan(&sample.name, &source, &Terms::new(Vec::new(), today()), &cx);
        let read: u64 = essence.iter().map(|span| source.read_within(*span)).sum();
        let is_forced = PASSED_OVER.iter().any(|(format, _)| *format == name);
        let most = if is_forced { 2 * all } else { (12 << 10) + all / 8 };
        assert!(read <= most, "{}: {read} bytes read of {all} bytes of content", sample.name);
    }
    small.retain(|name| !seen.contains(name));
    println!("content counted in {seen:?}, too little of it in the samples of {small:?}");
    assert!(seen.len() >= 8, "{seen:?}");
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

#[test]
fn every_format_has_its_fuzz_target() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
    names.push("whole");
    names.sort_unstable();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    indicia_testkit::list_matches_folder(&folder, &names);
    let manifest = fs::read_to_string(folder.with_file_name("Cargo.toml")).unwrap();
    for name in names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}
