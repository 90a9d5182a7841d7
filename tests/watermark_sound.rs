//! The watermark in sound, in the line: written with the other marks, read back, found again after what happens to sound.

#![expect(clippy::ptr_arg, reason = "a vector is a source of bytes, a slice is none")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may fail loudly"
)]

use indicia::{
    Asset, Claim, Context, Date, EmbedError, Field, Job, Limits, Mark, Order, Report, Scheme, Seen,
    SoundNotice, Statement, Status, Terms, WatermarkKey, WatermarkSearch, label, packs, regimes, scan,
};

/// Music of a sort: chords with overtones over noise, both moving, in -0.5..=0.5.
fn music(rate: u32, channels: u16, seconds: f64) -> Vec<f64> {
    let mut seed = 7u32;
    let mut low = 0.0;
    let frames = (seconds * f64::from(rate)) as usize;
    (0..frames)
        .flat_map(|frame| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(seed >> 8) / f64::from(1 << 23) - 1.0;
            low += 0.3 * (noise - low);
            let time = frame as f64 / f64::from(rate);
            let base = 110.0 * [1.0, 1.25, 1.5, 1.335][(time * 1.7) as usize % 4];
            let tones: f64 = (1..12)
                .map(|at| (time * base * f64::from(at) * std::f64::consts::TAU).sin() / f64::from(at))
                .sum();
            let beat = 0.6 + 0.4 * (time * 9.0).sin();
            let left = beat * (0.12 * tones + 0.25 * low + 0.04 * noise);
            (0..channels).map(move |channel| left * (1.0 - 0.2 * f64::from(channel)))
        })
        .collect()
}

/// A WAVE file of whole numbers of this size, or of floats with 32 bits.
fn wav(rate: u32, channels: u16, bits: u16, float: bool, values: &[f64]) -> Vec<u8> {
    let bytes = usize::from(bits / 8);
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| {
            if float {
                return (*value as f32).to_le_bytes().to_vec();
            }
            let whole = (value * f64::from(1u32 << (bits - 1))).round() as i64;
            if bits == 8 { vec![(whole + 128) as u8] } else { whole.to_le_bytes()[..bytes].to_vec() }
        })
        .collect();
    let block = channels * (bits / 8);
    let format = [
        &(if float { 3u16 } else { 1 }).to_le_bytes()[..],
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &(rate * u32::from(block)).to_le_bytes(),
        &block.to_le_bytes(),
        &bits.to_le_bytes(),
    ]
    .concat();
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let mut chunk = [&name[..], &(body.len() as u32).to_le_bytes(), body].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let inside = [b"WAVE".to_vec(), chunk(b"fmt ", &format), chunk(b"data", &data)].concat();
    chunk(b"RIFF", &inside)
}

fn song() -> Vec<u8> {
    wav(44_100, 2, 16, false, &music(44_100, 2, 12.0))
}

fn order(id: &str) -> Order {
    let mut claim = Claim { status: Some(Status::Generated), ..Claim::default() };
    claim.set(Field::Producer, "001191110000000000000E10001");
    claim.set(Field::ContentId, id);
    Order { claim, ..Order::default() }
}

fn today() -> Date {
    Date::parse("2026-11-23").unwrap()
}

fn scheme() -> &'static Scheme {
    Scheme::named("watermark").unwrap()
}

/// Writes the watermark and nothing else.
fn marked(bytes: &Vec<u8>, order: Order) -> Result<Vec<u8>, EmbedError> {
    let job = Job { with: vec![scheme()], ..Job::new(order, Vec::new(), today()) };
    label(bytes, Some("a.wav"), &job, &Context::default()).map(|labelled| labelled.bytes)
}

fn report(bytes: &Vec<u8>, deep: bool, keys: &[&WatermarkKey]) -> Report<'static> {
    let keys = keys.iter().map(|key| (*key).clone()).collect();
    let cx = Context {
        watermarks: WatermarkSearch { keys, deep, ..WatermarkSearch::default() },
        ..Context::default()
    };
    scan("a.wav", bytes, &Terms::new(Vec::new(), today()), &cx)
}

fn found(bytes: &Vec<u8>) -> Vec<Mark> {
    report(bytes, false, &[]).evidence.marks("watermark").to_vec()
}

fn samples(bytes: &Vec<u8>) -> Vec<f64> {
    let asset = Asset::open(bytes, Some("a.wav"), &Limits::default()).unwrap();
    let (mut stream, mut values) = (asset.sound().unwrap(), Vec::new());
    while stream.next_block(&mut values).unwrap() {}
    values.into_iter().map(f64::from).collect()
}

#[test]
fn it_shares_one_file_with_the_notice_and_the_label_and_says_the_same() {
    let packs = packs(["cn"]).unwrap();
    let id = "3f2b8c1e-7d7a-4a61-9d5b-0b7f1c2d3e4f";
    for sound in [SoundNotice::Rhythm, SoundNotice::Voice] {
        let mut job = Job { with: vec![scheme()], ..Job::new(order(id), regimes(&packs), today()) };
        job.order.style.sound = sound;
        let labelled = label(&song(), Some("a.wav"), &job, &Context::default()).unwrap();
        let report = report(&labelled.bytes, false, &[]);
        assert_eq!(report.verdict.statement, Statement::Generated);
        let [mark] = report.evidence.marks("watermark") else { panic!("{:?}", report.evidence) };
        let signal = mark.signal.as_ref().unwrap();
        assert!(mark.flaws.is_empty() && signal.open && !signal.searched, "{mark:?}");
        assert!(signal.id.starts_with("digest ") && signal.id.contains(id), "{}", signal.id);
        let strength = mark.strength.unwrap();
        assert!(strength.statistic > strength.threshold && strength.false_alarm < 1e-12, "{strength:?}");
        assert_eq!(report.evidence.marks("aigc").len(), 1);
        let again = label(&labelled.bytes, Some("a.wav"), &job, &Context::default()).unwrap();
        assert!(again.unchanged, "a second run marks it again");
    }
}

#[test]
fn every_coding_and_channel_count_takes_it_and_hardly_changes() {
    for (rate, channels, bits, float) in [
        (44_100, 2, 16, false),
        (48_000, 1, 24, false),
        (96_000, 2, 32, false),
        (48_000, 6, 32, true),
        (22_050, 8, 16, false),
    ] {
        let values = music(rate, channels, 11.0);
        let before = wav(rate, channels, bits, float, &values);
        let after = marked(&before, order("20261127001")).unwrap();
        assert_eq!(before.len(), after.len());
        let marks = found(&after);
        assert_eq!(marks[0].claim.field(Field::ContentId), "20261127001", "{rate} {channels} {bits}");
        assert_eq!(marks[0].place, "in the samples");
        let (before, after) = (samples(&before), samples(&after));
        let power = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
        let change = power(&mut before.iter().zip(&after).map(|(one, other)| one - other));
        let ratio = 10.0 * (power(&mut before.iter().copied()) / change).log10();
        assert!((25.0..60.0).contains(&ratio), "{rate} {channels} {bits}: {ratio} dB");
    }
}

#[test]
fn it_outlives_its_metadata_other_samples_and_a_cut_and_speed_has_to_be_searched_for() {
    let before = marked(&song(), order("20261127001")).unwrap();
    // Eight bits, half as loud, without the first three seconds and one channel.
    let kept: Vec<f64> =
        samples(&before).chunks(2).skip(3 * 44_100 + 77).map(|frame| frame[0] / 2.0).collect();
    let cut = found(&wav(44_100, 1, 16, false, &kept));
    assert_eq!(cut[0].claim.field(Field::ContentId), "20261127001");
    // Played 4 % faster, as the rate says.
    let faster = wav(45_864, 2, 16, false, &samples(&before));
    let fast = report(&faster, false, &[]);
    let look = fast.evidence.look("watermark").unwrap();
    assert_eq!(look.seen, Seen::Absent);
    let nearest = look.nearest.as_ref().unwrap();
    assert!(nearest.strength.statistic < nearest.strength.threshold && nearest.reach.contains("--deep"));
    let deep = report(&faster, true, &[]);
    let [mark] = deep.evidence.marks("watermark") else { panic!("{:?}", deep.evidence.look("watermark")) };
    let signal = mark.signal.as_ref().unwrap();
    assert!(
        signal.searched
            && signal.geometry.iter().any(|(what, by)| *what == "time" && (0.95..0.97).contains(by))
    );
}

#[test]
fn marks_of_two_files_in_one_are_told_each_with_its_part() {
    let one = samples(&marked(&song(), order("1")).unwrap());
    let two = samples(&marked(&song(), order("2")).unwrap());
    let both = wav(44_100, 2, 16, false, &[one, two].concat());
    let marks = found(&both);
    let mut told: Vec<_> = marks
        .iter()
        .map(|mark| (mark.signal.as_ref().unwrap().spans[0], mark.claim.field(Field::ContentId)))
        .collect();
    told.sort_by(|one, other| one.0.0.total_cmp(&other.0.0));
    let [((_, to), "1"), ((from, _), "2")] = told[..] else { panic!("{told:?}") };
    assert!((to - 12.0).abs() < 3.0 && (from - 12.0).abs() < 3.0, "{told:?}");
    assert!(marks.iter().all(|mark| mark.place.contains(" of 0:24")), "{:?}", marks[0].place);
}

#[test]
fn a_key_of_ones_own_is_needed_to_read_and_another_mark_is_not_written_over_unasked() {
    let key = WatermarkKey::from_bytes(b"a secret of sixteen bytes or more");
    let own = Order { watermark_key: Some(key.clone()), ..order("4711") };
    let marked_so = marked(&song(), own.clone()).unwrap();
    assert_eq!(found(&marked_so), []);
    let read = report(&marked_so, false, &[&key]);
    let [mark] = read.evidence.marks("watermark") else { panic!("{:?}", read.evidence) };
    assert!(!mark.signal.as_ref().unwrap().open);
    let other = Order { watermark_key: Some(key.clone()), ..order("4712") };
    let refused = marked(&marked_so, other).unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("another watermark"), "{refused}");
}

#[test]
fn what_holds_no_mark_is_refused_with_its_measure_and_nothing_is_called_absent_there() {
    let silence = vec![0.0; 10 * 44_100];
    let loud_for = |seconds: f64| {
        let mut values = music(44_100, 1, seconds);
        values.resize(10 * 44_100, 0.0);
        values
    };
    for (values, why) in [
        (music(44_100, 1, 3.0), "lasts 3.0 seconds"),
        (music(44_100, 1, 0.5), "lasts 0.5 seconds"),
        (silence.clone(), "only 0.0 of 10.0 seconds are louder than -66 dB"),
        (loud_for(2.0), "of 10.0 seconds are louder than -66 dB"),
    ] {
        let refused = marked(&wav(44_100, 1, 16, false, &values), order("1")).unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains(why), "{why}: {refused}");
    }
    let seen = |values: &[f64]| {
        let report = report(&wav(44_100, 1, 16, false, values), false, &[]);
        report.evidence.look("watermark").unwrap().seen.clone()
    };
    assert!(matches!(seen(&silence), Seen::Blind(_)));
    assert!(matches!(seen(&music(44_100, 1, 0.5)), Seen::Blind(_)));
    assert_eq!(seen(&music(44_100, 1, 8.0)), Seen::Absent);
}

#[test]
fn clipped_and_shifted_sound_takes_it_and_a_broken_file_still_shows_it() {
    let rough: Vec<f64> =
        music(44_100, 2, 12.0).iter().map(|value| (value * 4.0 + 0.2).clamp(-1.0, 0.99996)).collect();
    let after = marked(&wav(44_100, 2, 16, false, &rough), order("77")).unwrap();
    assert_eq!(found(&after)[0].claim.field(Field::ContentId), "77");
    // Cut off: it is damaged, and nothing in it is called absent.
    let mut torn = after.clone();
    torn.truncate(after.len() - 40_000);
    let report = report(&torn, false, &[]);
    assert!(report.damage.is_some());
    assert_ne!(report.evidence.look("watermark").unwrap().seen, Seen::Absent);
}
