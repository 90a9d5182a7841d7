//! What is found, in every place of every kind of file.

use super::codes;
use super::spots::LABELS;
use crate::schemes::aigc::SCHEME;
use crate::stage::{Part, Stage};
use indicia_core::{Field, Gravity, Mark, MediaKind, Status};
use indicia_media::Carrier;

pub(super) const LABEL: &str = r#"{"Label":"1","ContentProducer":"001191110000000000000E10001","ProduceID":"P-0001","ReservedCode1":"","ContentPropagator":"001191110000000000000E10001","PropagateID":"P-0001","ReservedCode2":""}"#;

pub(super) const YAML: &str = "AIGC:\n  Label: '1'\n  ContentProducer: '001191110000000000000E10001'\n  ProduceID: 'P-0001'\n  ReservedCode1: ''\n  ContentPropagator: '001191110000000000000E10001'\n  PropagateID: 'P-0001'\n  ReservedCode2: ''\n";

pub(super) fn wrapped() -> String {
    format!("{{\"AIGC\":{LABEL}}}")
}

pub(super) fn packet(inner: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
         xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\">{inner}</rdf:Description></rdf:RDF></x:xmpmeta>\
         <?xpacket end=\"w\"?>"
    )
    .into_bytes()
}

pub(super) fn in_xmp(label: &str) -> Part {
    (Carrier::Xmp, "", packet(&format!("<TC260:AIGC>{}</TC260:AIGC>", label.replace('"', "&quot;"))))
}

/// A little-endian Exif block with one UserComment: IFD0 at 8, the Exif directory at 26, the value at 44.
pub(super) fn exif(comment: &[u8]) -> Part {
    let mut block =
        b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1A\0\0\0\0\0\0\0\x01\0\x86\x92\x07\0".to_vec();
    block.extend_from_slice(&u32::try_from(comment.len()).unwrap().to_le_bytes());
    block.extend_from_slice(&[44, 0, 0, 0, 0, 0, 0, 0]);
    block.extend_from_slice(comment);
    (Carrier::Exif, "", block)
}

pub(super) fn field(key: &'static str, value: &str) -> Part {
    (Carrier::Field, key, value.as_bytes().to_vec())
}

pub(super) fn comment(value: &str) -> Part {
    (Carrier::Comment, "", value.as_bytes().to_vec())
}

pub(super) fn front_matter(value: &str) -> Part {
    (Carrier::FrontMatter, "", value.as_bytes().to_vec())
}

fn found(kind: MediaKind, part: Part) -> Vec<Mark> {
    Stage::new(kind, vec![part]).find(SCHEME.find).unwrap()
}

fn words(words: &str) -> Vec<Mark> {
    Stage { kind: MediaKind::Document, packets: Vec::new(), words: words.into() }.find(SCHEME.find).unwrap()
}

fn flaws(mark: &Mark) -> Vec<(&'static str, Gravity)> {
    mark.flaws.iter().map(|flaw| (flaw.code, flaw.gravity)).collect()
}

/// One label that says what [`LABEL`] says, with these flaws.
fn assert_label(kind: MediaKind, part: Part, expected: &[(&str, Gravity)]) -> Mark {
    let name = format!("{kind:?} {:?} {} {}", part.0, part.1, String::from_utf8_lossy(&part.2));
    let mut marks = found(kind, part);
    assert_eq!(marks.len(), 1, "{name}");
    let mark = marks.remove(0);
    assert_eq!(mark.claim.status, Some(Status::Generated), "{name}");
    assert_eq!(mark.claim.field(Field::Producer), "001191110000000000000E10001", "{name}");
    assert_eq!(mark.claim.field(Field::PropagationId), "P-0001", "{name}");
    assert_eq!(flaws(&mark), expected, "{name}");
    mark
}

#[test]
fn a_label_in_its_place_has_no_flaw() {
    let mark = assert_label(MediaKind::Image, in_xmp(LABEL), &[]);
    assert_eq!((mark.place.as_str(), mark.raw.as_str()), ("chunk, XMP property TC260:AIGC", LABEL));
    let mark = assert_label(MediaKind::Audio, field("AIGC", LABEL), &[]);
    assert_eq!((mark.place.as_str(), mark.site.unwrap().start), ("chunk, key AIGC", 12));
    assert_label(MediaKind::Video, in_xmp(LABEL), &[]);
    let mark = assert_label(MediaKind::Document, front_matter(&format!("title: x\n{YAML}b: 1\n")), &[]);
    let (site, at) = (mark.site.unwrap(), 12 + "title: x\n".len() as u64);
    assert_eq!((site.start, site.len(), mark.raw.as_str()), (at, YAML.len() as u64, YAML.trim_end()));
}

#[test]
fn every_other_place_is_read_too() {
    use Gravity::{Deviation, Note};
    let deviation = &[(codes::CARRIER, Deviation)];
    let note = &[(codes::CARRIER, Note)];
    assert_label(MediaKind::Image, field("AIGC", &wrapped()), note);
    assert_label(MediaKind::Image, field("AIGC", LABEL), note);
    assert_label(MediaKind::Image, field("Description", &wrapped()), deviation);
    assert_label(MediaKind::Image, field("aigc", LABEL), deviation);
    assert_label(MediaKind::Image, comment(&wrapped()), deviation);
    assert_label(MediaKind::Image, (Carrier::Blob, "", format!("AIGC{LABEL}").into_bytes()), deviation);
    assert_label(
        MediaKind::Image,
        (Carrier::Blob, "", format!("\x01\x02{}\x03", wrapped()).into_bytes()),
        deviation,
    );
    assert_label(MediaKind::Audio, field("COMM", &wrapped()), deviation);
    assert_label(MediaKind::Audio, field("comment", LABEL), deviation);
    assert_label(MediaKind::Audio, field("com.apple.quicktime.AIGC", LABEL), deviation);
    assert_label(MediaKind::Audio, in_xmp(LABEL), deviation);
    assert_label(MediaKind::Audio, field("AIGC", &wrapped()), &[(codes::WRAPPER, Note)]);
    assert_label(MediaKind::Document, comment(&format!("\n{YAML}")), deviation);
    assert_label(MediaKind::Document, comment(&format!(" {} ", wrapped())), deviation);
    assert_label(MediaKind::Image, in_xmp(&wrapped()), &[(codes::WRAPPER, Note)]);
}

#[test]
fn exif_comments_are_read_in_every_character_code() {
    use Gravity::{Deviation, Note};
    let text = wrapped();
    let plain = |code: &[u8]| exif(&[code, text.as_bytes(), b"\0\0"].concat());
    let mark = assert_label(MediaKind::Image, plain(b"ASCII\0\0\0"), &[(codes::CARRIER, Note)]);
    assert_eq!(mark.site.unwrap().start, 12 + 44);
    let coded = &[(codes::ENCODING, Deviation), (codes::CARRIER, Note)];
    assert_label(MediaKind::Image, plain(b"\0\0\0\0\0\0\0\0"), coded);
    assert_label(MediaKind::Image, plain(b""), coded);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_label(MediaKind::Image, exif(&[b"UNICODE\0", wide.as_slice()].concat()), coded);
    let bare = exif(&[b"ASCII\0\0\0", LABEL.as_bytes()].concat());
    assert_label(MediaKind::Image, bare, &[(codes::BARE, Note), (codes::CARRIER, Note)]);
}

#[test]
fn xmp_is_read_whatever_the_spelling() {
    use Gravity::Deviation;
    let escaped = LABEL.replace('"', "&quot;");
    let odd = &[(codes::NAMESPACE, Deviation)];
    let property = |text: String| (Carrier::Xmp, "", text.into_bytes());
    let canonical = String::from_utf8(in_xmp(LABEL).2).unwrap();
    assert_label(MediaKind::Image, property(canonical.replace("&quot;", "\"")), &[]);
    assert_label(
        MediaKind::Image,
        property(canonical.replace("TC260:", "X:").replace(":TC260=", ":X=")),
        &[],
    );
    assert_label(MediaKind::Image, property(canonical.replace("1.0/\"", "1.0\"")), odd);
    assert_label(MediaKind::Image, property(canonical.replace("http://www.tc", "https://www.tc")), odd);
    assert_label(MediaKind::Image, property(canonical.replace(":TC260=", ":C260=")), odd);
    assert_label(MediaKind::Image, property(canonical.replace(":AIGC>", ":Aigc>")), odd);
    let attribute = canonical
        .replace(&format!("><TC260:AIGC>{escaped}</TC260:AIGC>"), &format!(" TC260:AIGC=\"{escaped}\">"));
    assert_label(MediaKind::Image, property(attribute), &[]);
    assert_label(MediaKind::Image, property(canonical.replace("?><x", "??><x")), &[]);
    let other = canonical.replace("TC260:AIGC>", "dc:description>").replace(&escaped, &wrapped());
    assert_label(MediaKind::Image, property(other), odd);
}

#[test]
fn front_matter_is_read_whatever_the_spelling() {
    use Gravity::Deviation;
    for text in [
        YAML.replace("  ", "    "),
        YAML.replace('\'', "\""),
        YAML.replace('\n', "\r\n"),
        format!("AIGC: {LABEL}\n"),
        format!("AIGC: {}\n", LABEL.replace(',', ",\n  ")),
        format!("\"AIGC\": {LABEL}\n"),
    ] {
        assert_label(MediaKind::Document, front_matter(&text), &[]);
    }
    let odd = &[(codes::ENCODING, Deviation)];
    assert_label(MediaKind::Document, front_matter(&format!("AIGC: '{LABEL}'\n")), odd);
    assert_label(MediaKind::Document, front_matter(&format!("AIGC: |\n  {LABEL}\n")), odd);
    assert_label(MediaKind::Document, front_matter(&wrapped()), odd);
    let unquoted = YAML.replace("'1'", "1");
    assert_label(MediaKind::Document, front_matter(&unquoted), &[(codes::VALUE_TYPE, Deviation)]);
    let nested = format!("example:\n{}", YAML.lines().map(|line| format!("  {line}\n")).collect::<String>());
    assert_label(MediaKind::Document, front_matter(&nested), &[(codes::EXAMPLE, Gravity::Doubt)]);
}

#[test]
fn a_block_in_the_words_counts_and_one_that_is_shown_does_not() {
    let unfenced = words(&format!("{YAML}\n# t\n"));
    assert_eq!((unfenced.len(), flaws(&unfenced[0])), (1, vec![(codes::CARRIER, Gravity::Deviation)]));
    assert_eq!(unfenced[0].site.unwrap().len(), YAML.len() as u64);
    for text in [
        format!("# t\n\n```yaml\n{YAML}```\n"),
        format!("~~~\n---\n{YAML}---\n~~~\n"),
        format!("# t\n\n```\n{}\n```\n", wrapped()),
        format!("Write `{}` here.\n", wrapped()),
        format!("# t\n\n{}", YAML.lines().map(|line| format!("    {line}\n")).collect::<String>()),
    ] {
        let marks = words(&text);
        assert_eq!(marks.len(), 1, "{text}");
        assert!(marks[0].is_doubtful(), "{text}");
        let site = marks[0].site.unwrap();
        let bytes = &text.as_bytes()
            [usize::try_from(site.start).unwrap() - 12..usize::try_from(site.end).unwrap() - 12];
        assert!(String::from_utf8_lossy(bytes).contains("P-0001"), "{text}");
    }
    // A comment is a packet, and is not found twice.
    assert_eq!(words(&format!("# t\n<!--\n{YAML}-->\n")), []);
    assert_eq!(words("AIGC: a guide\n\nThe AIGC label.\n"), []);
}

#[test]
fn what_cannot_be_read_is_never_silence() {
    for (kind, part) in [
        (MediaKind::Audio, field("AIGC", &LABEL[..40])),
        (MediaKind::Audio, field("AIGC", "")),
        (MediaKind::Audio, field("AIGC", "yes")),
        (MediaKind::Image, in_xmp(&LABEL[..40])),
        (MediaKind::Image, in_xmp("")),
        (MediaKind::Image, (Carrier::Xmp, "", in_xmp(LABEL).2[..400].to_vec())),
        (MediaKind::Image, exif(&[b"ASCII\0\0\0", &wrapped().as_bytes()[..60]].concat())),
        (MediaKind::Image, comment(&wrapped()[..60])),
        (MediaKind::Document, front_matter("AIGC:\n  Label: '1\n  ProduceID: x\n")),
    ] {
        let marks = found(kind, part);
        assert_eq!(marks.len(), 1);
        assert_eq!((marks[0].claim.status, marks[0].has(codes::MALFORMED)), (None, true));
        assert!(marks[0].flaws.iter().any(|flaw| flaw.gravity == Gravity::Fault));
    }
}

#[test]
fn a_broken_packet_is_blindness_only_if_it_could_hold_a_label() {
    let harmless = (Carrier::Xmp, "", b"<x:xmpmeta><rdf:RDF><a".to_vec());
    assert_eq!(found(MediaKind::Image, harmless), []);
    let cut = packet("<dc:title>on AIGC</dc:title>");
    let suspicious = (Carrier::Xmp, "", cut[..cut.len() - 60].to_vec());
    assert!(Stage::new(MediaKind::Image, vec![suspicious.clone()]).find(SCHEME.find).is_err());
    let both = Stage::new(MediaKind::Image, vec![in_xmp(LABEL), suspicious]).find(SCHEME.find).unwrap();
    assert_eq!((both.len(), both[0].has(codes::UNREAD)), (1, true));
}

#[test]
fn letters_alone_are_no_label() {
    for part in [
        field("AIGC-Spec", "1.0"),
        field("comment", "AIGC"),
        comment("made with AIGC tools, Label: none"),
        (Carrier::Blob, "", b"AIGC".to_vec()),
        (Carrier::Xmp, "", packet("<TC260:x>AIGC</TC260:x>")),
        field(
            "comment",
            r#"{"data":{"product":"aweme","aigc_info":"{\"aigc_type\":1}","aigc_label_type":1}}"#,
        ),
        (Carrier::Manifest, "", wrapped().into_bytes()),
    ] {
        assert_eq!(found(MediaKind::Image, part.clone()), [], "{part:?}");
    }
    assert_eq!(found(MediaKind::Document, front_matter("AIGC: true\ntags: [AIGC]\n")), []);
}

#[test]
fn several_labels_are_several_marks() {
    let stage =
        Stage::new(MediaKind::Image, vec![in_xmp(LABEL), field("AIGC", &wrapped()), comment(&wrapped())]);
    let marks = stage.find(SCHEME.find).unwrap();
    let starts: Vec<_> = marks.iter().map(|mark| mark.site.unwrap().start).collect();
    assert_eq!((marks.len(), starts.is_sorted()), (3, true));
}

#[test]
fn of_a_file_full_of_labels_some_are_read_and_it_says_so() {
    let comments = vec![comment(&wrapped()); 1000];
    let mapped = vec![front_matter(&YAML.repeat(1000))];
    for (kind, parts) in [(MediaKind::Image, comments), (MediaKind::Document, mapped)] {
        let marks = Stage::new(kind, parts).find(SCHEME.find).unwrap();
        assert_eq!((marks.len(), marks[0].has(codes::UNREAD)), (LABELS + 1, true), "{kind:?}");
    }
    let few = Stage::new(MediaKind::Image, vec![comment(&wrapped()); LABELS]).find(SCHEME.find).unwrap();
    assert_eq!((few.len(), few[0].has(codes::UNREAD)), (LABELS, false));
}
