use std::path::Path;

use super::{Likeness, likeness};
use indicia_core::{FileSource, Limits};
use indicia_media::Asset;

/// Compares two samples of the repository.
fn compare(one: &str, other: &str) -> Likeness {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let source = |name: &str| FileSource::open(&folder.join(name)).unwrap();
    let (first, second) = (source(one), source(other));
    let open = |source, name| Asset::open(source, Some(name), &Limits::default()).unwrap();
    likeness(&open(&first, one), &open(&second, other))
}

fn alike(one: &str, other: &str) -> bool {
    matches!(compare(one, other), Likeness::Alike(..))
}

fn differ(one: &str, other: &str) -> bool {
    matches!(compare(one, other), Likeness::Different(_))
}

#[test]
fn the_same_picture_is_known_in_another_size_format_and_orientation() {
    assert!(alike("jpeg/dandelion-420.jpg", "webp/dandelion-lossy.webp"));
    assert!(alike("jpeg/dandelion-420.jpg", "jpeg/dandelion-420-labelled.jpg"));
    assert!(alike("png/astronaut-rgb.png", "jpeg/astronaut-gray.jpg"));
    assert!(alike("png/astronaut-rgb.png", "jpeg/astronaut-turned.jpg"), "stored on its side");
    assert!(differ("png/astronaut-rgb.png", "jpeg/dandelion-420.jpg"));
    assert!(differ("jpeg/dandelion-420.jpg", "png/waves-gray-16.png"));
    assert!(differ("png/astronaut-rgb.png", "png/document-gray-alpha.png"));
}

#[test]
fn the_same_sound_is_known_in_another_coding_and_with_a_notice_before() {
    assert!(alike("wav/speech-float.wav", "mp3/speech-untagged.mp3"));
    assert!(alike("wav/speech-8-mono.wav", "wav/speech-8-mono-labelled.wav"));
    // The least that is compared, two seconds, laid wherever it fits best.
    assert!(differ("wav/speech-float.wav", "wav/chords-16-stereo.wav"));
    assert!(differ("ogg/speech-vorbis.ogg", "ogg/chords-vorbis.ogg"));
    assert!(differ("m4a/speech-faststart.m4a", "mp3/chords-v23.mp3"));
    assert!(alike("m4a/speech-faststart.m4a", "wav/speech-8-mono.wav"));
    assert!(alike("mp3/chords-v23.mp3", "ogg/chords-vorbis.ogg"));
}

#[test]
fn the_same_words_are_known_in_another_encoding_and_format() {
    assert!(alike("txt/river.txt", "md/river.md"));
    assert!(alike("md/river.md", "md/river-labelled.md"));
    assert!(differ("txt/river.txt", "txt/river-utf16.txt"), "another language");
    assert!(differ("wav/speech-float.wav", "png/astronaut-rgb.png"));
    assert!(differ("txt/river.txt", "png/astronaut-rgb.png"));
}
