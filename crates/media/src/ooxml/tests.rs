//! Tests of OOXML packages: small ones built here, and real ones from the samples.

use super::{CUSTOM, UNLINKED};
use crate::zip::tests::archive;
use crate::{Asset, Body, Carrier, Content, Draft, Ends, FORMATS, Piece, Role, TextPart};
use indicia_core::{Limits, Problem, Source};
use indicia_testkit::CountedFile;

const TYPES: &str = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
const RELS: &str = "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
const PROPERTIES: &str = "<op:Properties xmlns:op=\"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties\"><op:property fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"7\" name=\"Other\"><v:i4 xmlns:v=\"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes\">5</v:i4></op:property></op:Properties>";

fn document(body: &str) -> String {
    format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    )
}

fn package(body: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let document = document(body);
    let mut files = vec![
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("word/document.xml", document.as_bytes()),
    ];
    files.extend(more);
    archive(&files)
}

fn open(source: &dyn Source) -> Asset<'_> {
    let asset = Asset::open(source, Some("a.docx"), &Limits::default()).unwrap();
    assert!(asset.layout.tiles(source.size()));
    assert_eq!(asset.format.name, "docx");
    asset
}

fn fields(asset: &Asset<'_>) -> Vec<(String, &'static str, String)> {
    let read = |body: Vec<u8>| String::from_utf8(body).unwrap();
    let fields = asset.packets(Carrier::Field);
    fields.map(|(_, one)| (one.key.clone(), one.place, read(asset.read(one).unwrap()))).collect()
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut Draft<'_>)) -> Vec<u8> {
    let bytes = bytes.to_vec();
    let asset = open(&bytes);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    let out = draft.render().unwrap().to_bytes().unwrap();
    assert_eq!(open(&out).layout.damage, None);
    out
}

fn words(body: &str) -> String {
    open(&package(body, &[])).text().unwrap().words.clone()
}

#[test]
fn headings_by_the_documents_own_styles_and_levels_stand_out() {
    let rels = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>";
    let styles =
        "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"1\"><w:name w:val=\"heading 1\"/></w:style></w:styles>";
    let paragraph = |properties: &str, words: &str| {
        format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>")
    };
    let body = [
        paragraph("<w:pStyle w:val=\"1\"/>", "styled"),
        paragraph("<w:outlineLvl w:val=\"0\"/>", "levelled"),
        paragraph("<w:outlineLvl w:val=\"9\"/>", "flat"),
        paragraph("<w:pStyle w:val=\"2\"/>", "plain"),
    ];
    let more: [(&str, &[u8]); 2] =
        [("word/_rels/document.xml.rels", rels.as_bytes()), ("word/styles.xml", styles.as_bytes())];
    let bytes = package(&body.concat(), &more);
    let asset = open(&bytes);
    let text = asset.text().unwrap();
    assert_eq!(text.words, "styled\nlevelled\nflat\nplain\n");
    let lines: Vec<_> = text.standing_out.iter().map(|line| (line.part, line.words.as_str())).collect();
    assert_eq!(lines, [(TextPart::Heading, "styled"), (TextPart::Heading, "levelled")]);
}

/// Styles are read no further than to those that are used, which has to be told whatever way a document is written.
#[test]
fn headings_stand_out_wherever_their_style_stands_and_however_it_is_named() {
    let rels = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>";
    let other: String = (0..5_000)
        .map(|at| format!("<w:style w:styleId=\"t{at}\"><w:name w:val=\"\u{7d30}\"/></w:style>"))
        .collect();
    let own = "<w:style w:styleId=\"a&amp;b\"><w:name w:val=\"heading 1\"/></w:style>";
    for tag in
        ["<w:pStyle w:val=\"a&amp;b\"/>", "<w:pStyle w:val='a&amp;b'/>", "<w:pStyle\n w:val = \"a&#38;b\" />"]
    {
        for styles in [format!("{own}{other}"), format!("{other}{own}")] {
            let styles = format!("<w:styles xmlns:w=\"w\">{styles}</w:styles>");
            let body = format!("<w:p><w:pPr>{tag}</w:pPr><w:r><w:t>styled</w:t></w:r></w:p>");
            let more: [(&str, &[u8]); 2] =
                [("word/_rels/document.xml.rels", rels.as_bytes()), ("word/styles.xml", styles.as_bytes())];
            let bytes = package(&body, &more);
            let asset = open(&bytes);
            assert_eq!(asset.text().unwrap().standing_out.len(), 1, "{tag}");
        }
    }
}

#[test]
fn headings_headers_and_footers_stand_out() {
    let header = "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:r><w:t>top</w:t></w:r></w:p></w:hdr>";
    let footer = header.replace("hdr", "ftr").replace("top", "bottom");
    let rels = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"h.xml\"/><Relationship Id=\"b\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"/word/f.xml\"/><Relationship Id=\"c\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"gone.xml\"/></Relationships>";
    let body = "<w:p><w:pPr><w:pStyle w:val=\"Heading2\"/></w:pPr><w:r><w:t>head</w:t></w:r></w:p><w:p><w:r><w:t>words</w:t></w:r></w:p>";
    let more: [(&str, &[u8]); 3] = [
        ("word/_rels/document.xml.rels", rels.as_bytes()),
        ("word/h.xml", header.as_bytes()),
        ("word/f.xml", footer.as_bytes()),
    ];
    let bytes = package(body, &more);
    let asset = open(&bytes);
    let text = asset.text().unwrap();
    assert_eq!(text.words, "head\nwords\n", "what stands on every page is no word of the text");
    let lines: Vec<_> = text.standing_out.iter().map(|line| (line.part, line.words.as_str())).collect();
    let wanted = [(TextPart::Heading, "head"), (TextPart::Header, "top"), (TextPart::Footer, "bottom")];
    assert_eq!(lines, wanted);
}

#[test]
fn a_new_property_brings_its_part_its_type_and_its_relationship() {
    let value = "{\"a\":\"<&>\n生\"}";
    let out = changed(&package("", &[]), |draft| draft.set(Carrier::Field, "Key \"1\"", value.into()));
    assert_eq!(fields(&open(&out)), [("Key \"1\"".into(), CUSTOM, value.into())]);
    assert!(memchr::memmem::find(&out, b"<Relationship Id=\"rId2\"").is_some());
    let removed = changed(&out, |draft| draft.remove(0));
    assert_eq!(fields(&open(&removed)), []);
    let again = changed(&removed, |draft| draft.set(Carrier::Field, "Key", b"x".to_vec()));
    assert_eq!(fields(&open(&again)), [("Key".into(), CUSTOM, "x".into())]);
}

#[test]
fn other_properties_stay_and_a_part_without_relationship_is_linked() {
    let bytes = package("", &[("docProps/custom.xml", PROPERTIES.as_bytes())]);
    assert_eq!(fields(&open(&bytes)), [("Other".into(), UNLINKED, "5".into())]);
    let out = changed(&bytes, |draft| draft.set(Carrier::Field, "Key", b"x".to_vec()));
    assert_eq!(
        fields(&open(&out)),
        [("Other".into(), CUSTOM, "5".into()), ("Key".into(), CUSTOM, "x".into())]
    );
    assert!(memchr::memmem::find(&out, b"pid=\"8\" name=\"Key\"><vt:lpwstr xmlns:vt=").is_some());
    let source = out.clone();
    let asset = open(&source);
    let mut draft = Draft::new(&asset);
    draft.replace(0, b"text".to_vec());
    assert!(draft.render().is_err(), "a number is no text");
}

#[test]
fn core_app_and_custom_xml_are_fields() {
    let core = b"<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>T &amp; t</dc:title><dc:creator/></cp:coreProperties>";
    let app = b"<Properties><Application>Writer</Application></Properties>";
    let item = b"<a><b>one</b><c k='v'/></a>";
    let bytes = package(
        "",
        &[
            ("docProps/core.xml", core),
            ("docProps/app.xml", app),
            ("customXml/item1.xml", item),
            ("customXml/itemProps1.xml", b"<x>y</x>"),
        ],
    );
    assert_eq!(
        fields(&open(&bytes)),
        [
            ("title".into(), "docProps/core.xml", "T & t".into()),
            ("Application".into(), "docProps/app.xml", "Writer".into()),
            ("a/b".into(), "customXml item", "one".into()),
        ]
    );
    let out = changed(&bytes, |draft| {
        draft.replace(0, b"New".to_vec());
        draft.remove(1);
        draft.remove(2);
    });
    assert_eq!(fields(&open(&out)), [("title".into(), "docProps/core.xml", "New".into())]);
    assert!(String::from_utf8_lossy(&out).contains("<a><b></b><c k='v'/></a>"));
}

#[test]
fn words_are_those_that_people_see() {
    assert_eq!(
        words(
            "<w:p><w:r><w:t>a</w:t><w:tab/><w:t xml:space='preserve'> b&amp;</w:t><w:br/><w:t>c</w:t></w:r></w:p>\
             <w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>\
             <w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>shown</w:t></w:r></w:p>\
             <w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:del><w:r><w:delText>x</w:delText></w:r></w:del>\
             <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:t>kept</w:t></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
        ),
        "a\t b&\nc\nshown\nkept\ncell\n\n"
    );
}

#[test]
fn paragraphs_go_before_the_first_block_and_before_the_last_section() {
    let ends = || Ends { start: Some("S <&\n".into()), end: Some("E\n".into()) };
    for (body, expected) in [
        ("<w:p><w:r><w:t>x</w:t></w:r></w:p><w:sectPr><w:a/></w:sectPr>", "S <&\nx\nE\n"),
        ("<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>", "S <&\nx\nE\n"),
        ("", "S <&\nE\n"),
    ] {
        let out = changed(&package(body, &[]), |draft| draft.extend_text(ends()));
        assert_eq!(open(&out).text().unwrap().words, expected);
        let text = String::from_utf8_lossy(&out).into_owned();
        if body.contains("<w:a/>") {
            assert!(text.contains("E</w:t></w:r></w:p><w:sectPr><w:a/></w:sectPr></w:body>"));
        }
    }
    let empty = document("").replace("<w:body></w:body>", "<w:body/>");
    let files = [("[Content_Types].xml", TYPES), ("_rels/.rels", RELS), ("word/document.xml", &empty)];
    let bytes = archive(&files.map(|(name, text)| (name, text.as_bytes())));
    assert_eq!(open(&changed(&bytes, |draft| draft.extend_text(ends()))).text().unwrap().words, "S <&\nE\n");
}

#[test]
fn signed_and_sealed_packages_are_left_alone() {
    let signed = package("", &[("_xmlsignatures/origin.sigs", b"")]);
    let asset = open(&signed);
    let mut draft = Draft::new(&asset);
    draft.set(Carrier::Field, "Key", b"x".to_vec());
    assert!(
        matches!(draft.render().unwrap_err().problem, Problem::Unsupported(why) if why.contains("signature"))
    );
    let sealed = package("", &[("META-INF/content_credential.c2pa", b"manifest")]);
    let asset = open(&sealed);
    let (_, manifest) = asset.packets(Carrier::Manifest).next().unwrap();
    assert_eq!(asset.read(manifest).unwrap(), b"manifest");
}

#[test]
fn what_cannot_be_read_is_never_left_out() {
    for core in [&b"<a><b></a>"[..], b"\xFF\xFF", b""] {
        let bytes = package("", &[("docProps/core.xml", core)]);
        let asset = open(&bytes);
        assert!(matches!(asset.layout.packets[0].body, Body::Broken(_)), "{core:?}");
    }
    let without = archive(&[("word/document.xml", document("").as_bytes())]);
    assert!(open(&without).layout.damage.is_some());
    let plain = archive(&[("readme.txt", b"hello")]);
    for name in ["a.docx", "a.zip", "a.odt", "a.epub", "a.xlsx"] {
        let found = Asset::open(&plain, Some(name), &Limits::default());
        assert_eq!(found.unwrap_err().problem, Problem::Unrecognized, "{name}");
    }
}

#[test]
fn a_big_package_is_read_in_few_bytes() {
    let picture = vec![7; 4 << 20];
    let bytes =
        package("", &[("word/media/image1.png", &picture), ("docProps/custom.xml", PROPERTIES.as_bytes())]);
    let source = CountedFile::new(bytes);
    assert_eq!(fields(&open(&source)).len(), 1);
    let read = source.read();
    assert!(read < 64 << 10, "{read}");
}

#[test]
fn every_cut_of_a_package_is_damaged_or_refused() {
    let whole = package("<w:p/>", &[("docProps/custom.xml", PROPERTIES.as_bytes())]);
    for len in 1..whole.len() {
        let cut = whole[..len].to_vec();
        if let Ok(asset) = Asset::open(&cut, Some("a.docx"), &Limits::default()) {
            assert!(asset.layout.damage.is_some() && asset.layout.tiles(len as u64), "{len}");
            let _ = asset.text();
        }
    }
}

#[test]
fn samples_keep_their_essence_through_a_change() {
    for (name, bytes) in [
        ("river.docx", &include_bytes!("../../../../samples/docx/river.docx")[..]),
        ("river-chinese.docx", include_bytes!("../../../../samples/docx/river-chinese.docx")),
        ("levels.xlsx", include_bytes!("../../../../samples/xlsx/levels.xlsx")),
        ("river.pptx", include_bytes!("../../../../samples/pptx/river.pptx")),
        ("river.odt", include_bytes!("../../../../samples/odt/river.odt")),
        ("levels.ods", include_bytes!("../../../../samples/ods/levels.ods")),
        ("river.odp", include_bytes!("../../../../samples/odp/river.odp")),
        ("river.epub", include_bytes!("../../../../samples/epub/river.epub")),
        ("river-chinese.epub", include_bytes!("../../../../samples/epub/river-chinese.epub")),
    ] {
        let source = bytes.to_vec();
        let asset = Asset::open(&source, None, &Limits::default()).unwrap();
        assert!(name.ends_with(asset.format.name), "{name} is known without its name");
        let home = asset.format.home(Carrier::Field).unwrap().place;
        let mut draft = Draft::new(&asset);
        draft.set(Carrier::Field, "Key", b"{\"a\":\"b\"}".to_vec());
        let rendered = draft.render().unwrap();
        for segment in asset.layout.segments.iter().filter(|segment| segment.role == Role::Essence) {
            let kept = |piece: &Piece| matches!(piece, Piece::Keep(span) if span.start <= segment.span.start && segment.span.end <= span.end);
            assert!(rendered.pieces().iter().any(kept), "{name}: {segment:?}");
        }
        let out = rendered.to_bytes().unwrap();
        let after = Asset::open(&out, None, &Limits::default()).unwrap();
        assert!(after.layout.damage.is_none());
        let found = after.packets(Carrier::Field).find(|(_, packet)| packet.key == "Key").unwrap().1;
        assert_eq!((found.place, after.read(found).unwrap()), (home, b"{\"a\":\"b\"}".to_vec()), "{name}");
        if matches!(asset.format.content, Content::Text { .. }) {
            assert_eq!(asset.text().unwrap().words, after.text().unwrap().words);
        }
    }
    assert!(FORMATS.iter().any(|format| format.name == "odp"));
}
