//! What must hold for every format.

use std::fs;
use std::path::Path;

use crate::{china, has_metadata, job, open, samples, silent, sorted, takes_notice, today};
use indicia::{Asset, Channel, Context, FORMATS, Limits, MediaKind, Seen, Terms, label, scan};
use indicia_media::{Content, Draft, Messages, Role as SegmentRole};

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
            Content::Closed { .. } | Content::Video { .. } => {}
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
            Content::Sound { .. } if CODED_ANEW.contains(&before.format.name) => {
                sounds_like_the_end_of(&samples_of(&before), &samples_of(&after))
            }
            Content::Sound { .. } => contains(&samples_of(&after), &samples_of(&before)),
            _ => contains(after.text().unwrap().words.as_bytes(), before.text().unwrap().words.as_bytes()),
        };
        assert!(there, "{}: the content is not in the labelled file as it was", sample.name);
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}

/// Formats whose sound is coded anew with a notice, so that it is about what it was: Vorbis packets need tables of their coder's.
const CODED_ANEW: [&str; 1] = ["ogg"];

/// Whether sound ends as another one sounds, with a quarter of its amplitude off at most.
fn sounds_like_the_end_of(sound: &[f32], whole: &[f32]) -> bool {
    let Some(from) = whole.len().checked_sub(sound.len()).filter(|from| *from > 0) else { return false };
    let energy = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
    let wrong = energy(&mut sound.iter().zip(whole.iter().skip(from)).map(|(one, two)| one - two));
    wrong < energy(&mut sound.iter().copied()) / 16.0
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
fn what_is_not_decoded_is_never_called_absent() {
    let (mut undecoded, mut videos) = (0, 0);
    for sample in samples() {
        let report = scan(&sample.name, &sample.bytes, &Terms::new(Vec::new(), today()), &Context::default());
        let format = report.format.unwrap();
        let words = matches!(format.content, Content::Text { .. });
        let perceived = |look: &&indicia::Look| look.channel == Channel::Explicit;
        for look in report.evidence.looks.iter().filter(perceived) {
            let open = !matches!(
                format.content,
                Content::Closed { .. } | Content::Video { .. } | Content::Pages { .. }
            );
            assert!(open || !matches!(look.seen, Seen::Absent), "{}: {}", sample.name, look.scheme);
        }
        if matches!(format.kind, MediaKind::Text | MediaKind::Document) && !words {
            let traces = report.evidence.look("traces").map(|look| &look.seen);
            assert!(!matches!(traces, Some(Seen::Absent)), "{}: traces in its words", sample.name);
            undecoded += 1;
        }
        if let Content::Video { .. } = format.content {
            let no_place = matches!(open(&sample).messages(), Ok(Messages::NoPlace));
            let traces = report.evidence.look("traces").map(|look| &look.seen);
            assert!(
                no_place || !matches!(traces, Some(Seen::Absent)),
                "{}: traces among its frames",
                sample.name
            );
            videos += 1;
        }
    }
    assert!(undecoded >= 10 && videos >= 8, "{undecoded} {videos}");
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
