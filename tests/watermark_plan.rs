//! Where rules ask for a watermark, it is planned and written, and does what the plan says; where the content does not hold
//! one, the file is labelled without it and the rules stay open with the reason.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail loudly"
)]

use std::sync::Arc;

use indicia::manifests::{DevelopmentChain, SigningKey};
use indicia::{
    Asset, Claim, Context, Date, Evidence, Field, Job, Limits, Order, Outcome, PACKS, Report, Seen, Status,
    Terms, label, packs, regimes,
};

/// A moment of the day that [`today`] is.
const NOW: u64 = 1_795_435_200;

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

/// Numbers between -1 and 1 that hang together a little.
fn grain() -> impl Iterator<Item = f64> {
    let (mut seed, mut low) = (7u32, 0.0);
    std::iter::repeat_with(move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        low += 0.4 * (f64::from(seed >> 8) / f64::from(1 << 23) - 1.0 - low);
        low
    })
}

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let wave =
        |at: u32| 40.0 * (f64::from(at % width) / 37.0).sin() + 30.0 * (f64::from(at / width) / 23.0).cos();
    let samples = (0..width * height).zip(grain());
    let samples: Vec<u8> = samples.map(|(at, grain)| (128.0 + wave(at) + 20.0 * grain) as u8).collect();
    encoder.write_header().unwrap().write_image_data(&samples).unwrap();
    bytes
}

fn sound(seconds: usize) -> Vec<u8> {
    let data: Vec<u8> =
        grain().take(44_100 * seconds).flat_map(|value| ((value * 9000.0) as i16).to_le_bytes()).collect();
    let head = [
        &b"RIFF"[..],
        &(data.len() as u32 + 36).to_le_bytes(),
        b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xAC\0\0\x88\x58\x01\0\x02\0\x10\0data",
        &(data.len() as u32).to_le_bytes(),
    ];
    [head.concat(), data].concat()
}

fn words(count: usize) -> Vec<u8> {
    "the river runs under an old bridge and nobody counts it, ".repeat(count).into_bytes()
}

fn job(packs: &[indicia::Pack]) -> Job<'_> {
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, "P-0001");
    let made = DevelopmentChain::new("Example Ltd", NOW).unwrap();
    let key = Arc::new(SigningKey::from_pem(&made.chain, &made.private_key, NOW).unwrap());
    Job { key: Some(key), ..Job::new(Order { claim, ..Order::default() }, regimes(packs), today()) }
}

#[test]
fn what_holds_a_watermark_gets_one_where_rules_ask_and_it_is_not_idle() {
    let cx = Context { now: NOW, ..Context::default() };
    let mut served = Vec::new();
    for (name, bytes) in
        [("a.png", picture(640, 480)), ("a.wav", sound(9)), ("a.md", words(60)), ("a.txt", words(60))]
    {
        for (pack, _) in PACKS {
            let packs = packs([*pack]).unwrap();
            let job = job(&packs);
            let asset = Asset::open(&bytes, Some(name), &Limits::default()).unwrap();
            let plan = job.plan_for(asset.format);
            let Some((scheme, rules)) = plan.marks.iter().find(|(scheme, _)| scheme.name == "watermark")
            else {
                continue;
            };
            let labelled =
                label(&bytes, Some(name), &job, &cx).unwrap_or_else(|err| panic!("{name} {pack}: {err}"));
            assert!(labelled.cannot.is_empty(), "{name}: {:?}", labelled.cannot);
            let Some(Seen::Present(marks)) = labelled.evidence.look("watermark").map(|look| &look.seen)
            else {
                panic!("{name} under {pack} has no watermark")
            };
            assert!(marks.iter().all(|mark| mark.flaws.is_empty()), "{marks:?}");
            let after = Asset::open(&labelled.bytes, Some(name), &Limits::default()).unwrap();
            let met = |evidence: Evidence, rule: &str| {
                let report =
                    Report::of_evidence(name, &after, evidence, &Terms::new(job.regimes.clone(), today()));
                let finding = report.findings.iter().find(|finding| finding.rule.id == rule);
                finding.is_none_or(|finding| finding.judgement.outcome == Outcome::Met)
            };
            let mut without = labelled.evidence.clone();
            without
                .looks
                .iter_mut()
                .filter(|look| look.scheme == scheme.name)
                .for_each(|look| look.seen = Seen::Absent);
            let open: Vec<_> = plan.open.iter().map(|open| open.rule.id.as_str()).collect();
            for rule in rules.iter().filter(|rule| !open.contains(&rule.id.as_str())) {
                assert!(
                    met(labelled.evidence.clone(), &rule.id),
                    "{name} under {pack}: {} is not met",
                    rule.id
                );
            }
            let falls = rules.iter().any(|rule| !met(without.clone(), &rule.id));
            assert!(falls, "{name} under {pack}: the watermark is idle");
            served.extend(rules.iter().map(|rule| (name, rule.id.clone())));
        }
    }
    for expected in
        [("a.png", "eu.cop.1.1.layers"), ("a.wav", "eu.cop.1.1.2.watermark"), ("a.txt", "eu.cop.1.1.2.text")]
    {
        assert!(
            served.iter().any(|(name, rule)| (*name, rule.as_str()) == expected),
            "{expected:?}: {served:?}"
        );
    }
}

#[test]
fn what_holds_none_is_labelled_without_and_the_rule_stays_open_with_the_reason() {
    let cx = Context { now: NOW, ..Context::default() };
    let packs = packs(["eu"]).unwrap();
    for (name, bytes, why) in [
        ("a.png", picture(16, 16), "pixels are too few"),
        ("a.wav", sound(2), "lasts 2.0 seconds"),
        ("a.txt", words(3), "a token needs 600"),
    ] {
        let job = job(&packs);
        let labelled = label(&bytes, Some(name), &job, &cx).unwrap_or_else(|err| panic!("{name}: {err}"));
        let [(scheme, said)] = &labelled.cannot[..] else { panic!("{name}: {:?}", labelled.cannot) };
        assert!(scheme.name == "watermark" && said.contains(why), "{name}: {said}");
        let asset = Asset::open(&bytes, Some(name), &Limits::default()).unwrap();
        let plan = Job { cannot: labelled.cannot.clone(), ..job.clone() }.plan_for(asset.format);
        assert!(plan.open.iter().any(|open| open.unmet && open.why == *said), "{name}: {:?}", plan.open);
        // Asked for by name, it is not left out in silence.
        let asked = Job { with: vec![*scheme], ..job };
        assert!(label(&bytes, Some(name), &asked, &cx).unwrap_err().is_refusal(), "{name}");
    }
}
