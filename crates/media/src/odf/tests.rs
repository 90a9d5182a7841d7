//! Tests of `OpenDocument` packages.

use super::{ENCRYPTED, USER_DEFINED};
use crate::zip::tests::archive;
use crate::{Asset, Body, Carrier, Draft, Ends};
use indicia_core::{Limits, Problem, Source};

const MIME: (&str, &[u8]) = ("mimetype", b"application/vnd.oasis.opendocument.text");
const MANIFEST: &str = "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0' manifest:version='1.3'><manifest:file-entry manifest:full-path='/'/></manifest:manifest>";
const META: &str = "<office:document-meta xmlns:office='o' xmlns:meta='urn:oasis:names:tc:opendocument:xmlns:meta:1.0'><office:meta><meta:generator>G</meta:generator><meta:user-defined meta:name='A'>1</meta:user-defined></office:meta></office:document-meta>";

fn content(inner: &str) -> String {
    format!(
        "<office:document-content xmlns:office='o' xmlns:text='t'><office:body><office:text>{inner}</office:text></office:body></office:document-content>"
    )
}

fn package(inner: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let content = content(inner);
    let mut files =
        vec![MIME, ("META-INF/manifest.xml", MANIFEST.as_bytes()), ("content.xml", content.as_bytes())];
    files.extend(more);
    archive(&files)
}

fn open(source: &dyn Source) -> Asset<'_> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()) && asset.format.name == "odt");
    asset
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let bytes = bytes.to_vec();
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    draft.render().unwrap().to_bytes().unwrap()
}

fn fields(bytes: &dyn Source) -> Vec<(String, &'static str, String)> {
    let asset = open(bytes);
    let fields = asset.packets(Carrier::Field);
    fields
        .map(|(_, one)| (one.key.clone(), one.place, String::from_utf8(asset.read(one).unwrap()).unwrap()))
        .collect()
}

#[test]
fn headings_and_the_footers_of_master_pages_stand_out() {
    let styles = "<office:document-styles xmlns:office=\"o\" xmlns:style=\"s\" xmlns:text=\"t\"><office:master-styles><style:master-page><style:header><text:p>top</text:p></style:header><style:footer><text:p>bot<text:span>tom</text:span></text:p></style:footer></style:master-page></office:master-styles></office:document-styles>";
    for styles in [styles.to_owned(), styles.replace("office:", "x:"), styles.replace("office:", "")] {
        let body = "<text:h>head</text:h><text:p>words</text:p>";
        let bytes = package(body, &[("styles.xml", styles.as_bytes())]);
        let asset = open(&bytes);
        let text = asset.text().unwrap();
        assert_eq!(text.words, "head\nwords\n");
        let lines: Vec<_> = text.standing_out.iter().map(|line| (line.part, line.words.as_str())).collect();
        let (heading, header) = (crate::TextPart::Heading, crate::TextPart::Header);
        assert_eq!(lines, [(heading, "head"), (header, "top"), (crate::TextPart::Footer, "bottom")]);
    }
}

#[test]
fn fields_are_put_beside_those_that_are_there_or_into_a_new_part() {
    let there = package("", &[("meta.xml", META.as_bytes())]);
    let out = changed(&there, |draft| draft.set(Carrier::Field, "Key", b"<v>".to_vec()));
    let own = ("Key".to_owned(), USER_DEFINED, "<v>".to_owned());
    assert_eq!(
        fields(&out),
        [("generator".into(), "meta.xml", "G".into()), ("A".into(), USER_DEFINED, "1".into()), own.clone()]
    );
    let out = changed(&package("", &[]), |draft| draft.set(Carrier::Field, "Key", b"<v>".to_vec()));
    assert_eq!(fields(&out), [own]);
    assert!(String::from_utf8_lossy(&out).contains("manifest:full-path=\"meta.xml\""));
}

#[test]
fn an_encrypted_document_is_not_one_without_metadata() {
    let manifest = MANIFEST.replace("'/'/>", "'meta.xml'><manifest:encryption-data/></manifest:file-entry>");
    for meta in [&[("meta.xml", &b"\x8F\x01cipher"[..])][..], &[]] {
        let mut files =
            vec![MIME, ("META-INF/manifest.xml", manifest.as_bytes()), ("content.xml", b"\x99\x12")];
        files.extend(meta);
        let bytes = archive(&files);
        let asset = open(&bytes);
        let Body::Broken(err) = &asset.layout.packets[0].body else { panic!("{:?}", asset.layout.packets) };
        assert_eq!(err.problem, Problem::Unsupported(ENCRYPTED));
        assert_eq!(asset.text().unwrap_err().problem, Problem::Unsupported(ENCRYPTED));
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "Key", b"x".to_vec());
        assert!(draft.render().is_err());
    }
}

#[test]
fn a_signed_document_is_left_alone() {
    let bytes = package("", &[("meta.xml", META.as_bytes()), ("META-INF/documentsignatures.xml", b"<a/>")]);
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "Key", b"x".to_vec());
    assert!(
        matches!(draft.render().unwrap_err().problem, Problem::Unsupported(why) if why.contains("signature"))
    );
}

#[test]
fn words_and_paragraphs_have_their_places() {
    let inner = "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:sequence-decls/>\
                 <text:h>Head  \n line</text:h><text:p>a<text:s text:c='2'/>b<text:tab/><text:span>c</text:span>\
                 <text:note><text:note-body><text:p>note</text:p></text:note-body></text:note></text:p>";
    let bytes = package(inner, &[]);
    assert_eq!(open(&bytes).text().unwrap().words, "Head line\na  b\tc\n");
    let ends = Ends { start: Some("S&\n".into()), end: Some("E\n".into()) };
    let out = changed(&bytes, |draft| draft.extend_text(ends.clone()));
    assert_eq!(open(&out).text().unwrap().words, "S&\nHead line\na  b\tc\nE\n");
    assert!(String::from_utf8_lossy(&out).contains("<text:sequence-decls/><text:p>S&amp;</text:p><text:h>"));
    let empty = content("").replace("<office:text></office:text>", "<office:text/>");
    let bytes =
        archive(&[MIME, ("META-INF/manifest.xml", MANIFEST.as_bytes()), ("content.xml", empty.as_bytes())]);
    let out = changed(&bytes, |draft| draft.extend_text(ends));
    assert_eq!(open(&out).text().unwrap().words, "S&\nE\n");
}
