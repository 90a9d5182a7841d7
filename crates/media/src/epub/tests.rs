//! Tests of books.

use super::METADATA;
use crate::zip::tests::archive;
use crate::{Asset, Carrier, Draft, Ends};
use indicia_core::{Limits, Problem, Source};

const MIME: (&str, &[u8]) = ("mimetype", b"application/epub+zip");
const CONTAINER: (&str, &[u8]) = (
    "META-INF/container.xml",
    b"<container><rootfiles><rootfile full-path='O/p.opf' media-type='application/oebps-package+xml'/></rootfiles></container>",
);
const DOCUMENT: &str = "<package><metadata xmlns:dc='d'><dc:title>T</dc:title><meta name='n' content='v&quot;'/>\
    <meta property='p'>w</meta></metadata><manifest><item id='c' href='../cover.xhtml' media-type='application/xhtml+xml'/>\
    <item id='a' href='a%20b.xhtml' media-type='application/xhtml+xml'/><item id='b' href='b.xhtml#x' media-type='application/xhtml+xml'/>\
    </manifest><spine><itemref idref='c' linear='no'/><itemref idref='a'/><itemref idref='b'/></spine></package>";

fn book(first: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut files = vec![
        MIME,
        CONTAINER,
        ("O/p.opf", DOCUMENT.as_bytes()),
        ("cover.xhtml", b"<html><body><p>cover</p></body></html>"),
        ("O/a b.xhtml", first.as_bytes()),
        ("O/b.xhtml", b"<h:html xmlns:h='x'><h:body><h:p>last</h:p></h:body></h:html>"),
    ];
    files.extend(more);
    archive(&files)
}

fn open(source: &dyn Source) -> Asset<'_> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()) && asset.format.name == "epub");
    asset
}

#[test]
fn metadata_is_read_and_put_in() {
    let bytes = book("<html><body/></html>", &[]);
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "Key", b"\"<>".to_vec());
    draft.replace(1, b"'\"".to_vec());
    let out = draft.render().unwrap().to_bytes().unwrap();
    let asset = open(&out);
    let read: Vec<_> = asset
        .packets(Carrier::Field)
        .map(|(_, one)| (one.key.as_str(), one.place, String::from_utf8(asset.read(one).unwrap()).unwrap()))
        .collect();
    let expected = [
        ("title", "OPF Dublin Core", "T".to_owned()),
        ("n", METADATA, "'\"".to_owned()),
        ("p", "OPF property", "w".to_owned()),
        ("Key", METADATA, "\"<>".to_owned()),
    ];
    assert_eq!(read, expected);
}

#[test]
fn words_are_read_in_their_order_and_put_at_both_ends() {
    let page = "<html><head><title>t</title></head><body class='x'><div>one <b>two</b>&nbsp;<p>three</p>four</div>\
                <p hidden=''>no</p><p style='display: none'>no</p><script>no</script><br/>five</body></html>";
    let bytes = book(page, &[]);
    let asset = open(&bytes);
    assert_eq!(
        asset.text().unwrap().words,
        "one two\u{A0}\nthree\nfour\n\nfive\nlast\n".replace("\n\n", "\n")
    );
    let mut draft = Draft::new(&asset);
    draft.extend_text(Ends { start: Some("S\n".into()), end: Some("E\n".into()) });
    let out = draft.render().unwrap().to_bytes().unwrap();
    let words = open(&out).text().unwrap().words.clone();
    assert!(words.starts_with("S\none") && words.ends_with("last\nE\n"), "{words}");
    assert!(String::from_utf8_lossy(&out).contains("<h:p>E</h:p></h:body>"));
}

#[test]
fn a_book_of_one_page_has_both_notices_on_it() {
    let document =
        DOCUMENT.replace("<itemref idref='b'/>", "").replace("<itemref idref='c' linear='no'/>", "");
    for (body, words) in [
        ("<body><p>one</p></body>", "S\none\nE\n"),
        ("<body>one</body>", "S\none\nE\n"),
        ("<body></body>", "S\nE\n"),
        ("<body/>", "S\nE\n"),
        ("<body class='x' />", "S\nE\n"),
    ] {
        let page = format!("<html>{body}</html>");
        let files = [MIME, CONTAINER, ("O/p.opf", document.as_bytes()), ("O/a b.xhtml", page.as_bytes())];
        let bytes = archive(&files);
        let asset = open(&bytes);
        let mut draft = Draft::new(&asset);
        draft.extend_text(Ends { start: Some("S\n".into()), end: Some("E\n".into()) });
        let out = draft.render().unwrap().to_bytes().unwrap();
        assert_eq!(open(&out).text().unwrap().words, words, "{body}");
    }
}

#[test]
fn signed_and_broken_books_are_told() {
    let signed = book("<html><body/></html>", &[("META-INF/signatures.xml", b"<a/>")]);
    let asset = open(&signed);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "Key", b"x".to_vec());
    assert!(
        matches!(draft.render().unwrap_err().problem, Problem::Unsupported(why) if why.contains("signature"))
    );
    let without = archive(&[MIME, ("x", b"")]);
    assert!(open(&without).layout.damage.is_some());
    let unread = book("<html><body><p></body></html>", &[]);
    assert!(open(&unread).text().is_err());
}
