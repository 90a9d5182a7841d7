//! How much is read of a file.

use std::collections::BTreeSet;

use crate::{Sample, labelled_samples, open, samples, today};
use indicia::{Asset, Context, Decode, FORMATS, Source, Terms, scan};
use indicia_media::Role as SegmentRole;
use indicia_testkit::{CountedFile, grown};

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

/// Formats whose content has to be passed over, how often at most, and why.
const PASSED_OVER: &[(&str, u64, &str)] = &[
    ("gif", 1, "a picture is a chain of blocks of 255 bytes"),
    ("html", 3, "metadata, words and manifests stand among one another"),
    ("jpeg", 1, "coded data says nowhere how long it is"),
    ("md", 2, "a label may stand among the words"),
    ("rtf", 1, "metadata stands among the words"),
    ("svg", 1, "metadata stands among the drawing"),
    ("txt", 2, "a notice may stand among the words"),
];

/// Bytes by which a file may cost more since what is read anyhow stands in other blocks than before.
const SLACK: u64 = 32 << 10;

/// Bytes by which the content of samples is grown.
const GROWTH: usize = 1 << 20;

/// A file with a megabyte more of content costs no more to read than it did before, for every format.
#[test]
fn content_is_not_read_where_the_structure_does_not_force_it() {
    let cx = Context { decode: Decode::Only(Vec::new()), ..Context::default() };
    let content = |asset: &Asset<'_>| -> u64 {
        let is = |role| !matches!(role, SegmentRole::Metadata | SegmentRole::Structure);
        let segments = asset.layout.segments.iter().filter(|segment| is(segment.role));
        segments.map(|segment| segment.span.len()).sum()
    };
    let read = |sample: &Sample| {
        let source = CountedFile::new(sample.bytes.clone());
        scan(&sample.name, &source, &Terms::new(Vec::new(), today()), &cx);
        source.read()
    };
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for sample in samples() {
        let name = open(&sample).format.name;
        let Some(bytes) = grown(name, &sample.bytes, GROWTH) else { continue };
        let larger = Sample { bytes, folder: sample.folder.clone(), name: sample.name.clone() };
        let asset = open(&larger);
        let (damage, added) = (&asset.layout.damage, content(&asset) - content(&open(&sample)));
        if damage.is_some() || asset.format.name != name || added < GROWTH as u64 {
            wrong.push(format!("{}: grown as {} by {added} with {damage:?}", sample.name, asset.format.name));
            continue;
        }
        seen.insert(name);
        let more = read(&larger).saturating_sub(read(&sample));
        let passes =
            PASSED_OVER.iter().find(|(format, ..)| *format == name).map_or(0, |(_, passes, _)| *passes);
        if more > passes * added + SLACK {
            wrong.push(format!(
                "{}: {more} bytes more are read of {added} more bytes of content",
                sample.name
            ));
        }
        if more < passes * added / 2 {
            wrong.push(format!("{}: only {more} bytes more are read: {name} is not forced", sample.name));
        }
    }
    let untried: Vec<_> =
        FORMATS.iter().map(|format| format.name).filter(|name| !seen.contains(name)).collect();
    assert!(wrong.is_empty() && untried.is_empty(), "{}\nuntried: {untried:?}", wrong.join("\n"));
}
