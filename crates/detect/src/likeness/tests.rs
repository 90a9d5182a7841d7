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

#[test]
fn a_presentation_is_known_by_its_words() {
    assert!(alike("pptx/river.pptx", "pptx/river-resaved.pptx"));
    assert!(alike("pptx/river.pptx", "odp/river.odp"));
    assert!(alike("odp/river.odp", "txt/river.txt"));
    assert!(
        differ("odp/river.odp", "txt/river-utf16.txt") && differ("pptx/river.pptx", "txt/river-utf16.txt")
    );
}

#[test]
fn a_spreadsheet_is_known_by_its_cells() {
    assert!(alike("xlsx/levels.xlsx", "xlsx/levels-resaved.xlsx"));
    assert!(alike("xlsx/levels.xlsx", "ods/levels.ods"));
    let few = compare("pptx/river.pptx", "ods/levels.ods");
    assert!(matches!(&few, Likeness::Unknown(why) if why.contains("too few cells")), "{few:?}");
}

#[test]
fn a_document_is_known_in_rtf() {
    assert!(alike("docx/river.docx", "rtf/river.rtf") && alike("txt/river.txt", "rtf/river.rtf"));
    assert!(alike("odt/river-chinese.odt", "rtf/river-chinese.rtf"), "characters in Unicode");
    assert!(alike("odt/river-chinese.odt", "rtf/river-office.rtf"), "characters in the code page of a font");
    assert!(differ("docx/river.docx", "rtf/river-chinese.rtf"));
}

#[test]
fn a_document_is_known_in_its_export_and_another_is_not() {
    // What LibreOffice Writer made of `samples/docx/river.docx`: its fonts hold only the letters used, under codes of their own,
    // and say which they are.
    let export = "../crates/detect/src/likeness/exports/river.pdf";
    for source in ["docx/river.docx", "odt/river.odt", "md/river.md", "epub/river.epub", "html/river.html"] {
        assert!(alike(source, export), "{source}: {:?}", compare(source, export));
    }
    for other in ["docx/river-chinese.docx", "odt/river-chinese.odt", "pdf/river-linearized.pdf"] {
        assert!(!alike(other, export), "{other}: {:?}", compare(other, export));
    }
    assert!(alike("docx/river.docx", "odt/river.odt"));
    assert!(alike("md/river.md", "html/river.html"));
    assert!(differ("docx/river-chinese.docx", "odt/river.odt"));
}

/// A PDF with one page and this text.
fn pdf(text: &str) -> Vec<u8> {
    let drawn = format!("BT /F1 12 Tf ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{drawn}\nendstream", drawn.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "xref\n0 6\n0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = file.len();
    file += &format!("{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

#[test]
fn words_of_pages_refuse_only_what_was_read_for_sure() {
    let words =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/txt/river.txt")).unwrap();
    let words: String = words.chars().filter(|sign| sign.is_ascii() && !"()\\".contains(*sign)).collect();
    let other = "Nothing that stands here has been said of any stream: it is about the keeping of bees in the \
        mountains, where the summers are short and the honey of the heather is dark and strong.";
    let against = |text: &str| {
        let (first, second) = (pdf(text), words.clone().into_bytes());
        let one = Asset::open(&first, Some("a.pdf"), &Limits::default()).unwrap();
        likeness(&one, &Asset::open(&second, Some("b.txt"), &Limits::default()).unwrap())
    };
    assert!(matches!(against(&words), Likeness::Alike(..)), "{:?}", against(&words));
    assert!(matches!(against(other), Likeness::Different(_)), "{:?}", against(other));
    // Codes of a part of a font: each letter is another one.
    let coded: String = words
        .chars()
        .map(|sign| if sign.is_ascii_lowercase() { char::from(219 - sign as u8) } else { sign })
        .collect();
    assert!(matches!(against(&coded), Likeness::Unknown(_)), "{:?}", against(&coded));
    assert!(matches!(against(""), Likeness::Unknown(_)), "a scanned page: {:?}", against(""));
}
