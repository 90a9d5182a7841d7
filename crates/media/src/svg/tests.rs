use crate::{Asset, Carrier, Draft, Layout};
use indicia_core::{Limits, Problem, Source};

const PACKET: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"r\"/></x:xmpmeta>";

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "svg");
    assert!(asset.layout.tiles(source.size()));
    asset
}

fn layout(text: &str) -> Layout {
    open(&text.as_bytes().to_vec()).layout
}

fn read(bytes: &[u8]) -> Vec<(Carrier, String, &'static str, String)> {
    let source = bytes.to_vec();
    let asset = open(&source);
    let text = |packet| asset.read(packet).map_or("broken".into(), |body| String::from_utf8(body).unwrap());
    let all = asset.layout.packets.iter();
    all.map(|packet| (packet.carrier, packet.key.clone(), packet.place, text(packet))).collect()
}

fn changed(bytes: &[u8], change: impl Fn(&mut Draft<'_>)) -> Result<Vec<u8>, Problem> {
    let source = bytes.to_vec();
    let asset = open(&source);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    Ok(draft.render().map_err(|err| err.problem)?.to_bytes().unwrap())
}

#[test]
fn every_piece_of_metadata_is_found() {
    let text = format!(
        "<?xml version='1.0'?><!-- made --><!DOCTYPE svg [<!ENTITY e 'boom'>]><svg xmlns:i='u' i:version=\"1 &amp; 2\" \
         data-gen='g' width='1'><title>T &lt;&e;</title><metadata>\n<?xpacket begin='' id='W'?>{PACKET}\n \
         <?xpacket end='w'?><c2pa:manifest xmlns:c2pa='c'>Zm9v</c2pa:manifest><i:own>x</i:own></metadata>\
         <g><desc>D<tspan>d</tspan></desc><metadata>words</metadata>{PACKET}</g><metadata><rdf:RDF/></metadata></svg>\n"
    );
    let found = read(text.as_bytes());
    let found: Vec<_> =
        found.iter().map(|(c, key, place, text)| (*c, key.as_str(), *place, text.as_str())).collect();
    let wrapped = format!("<?xpacket begin='' id='W'?>{PACKET}\n <?xpacket end='w'?>");
    let own = "attribute of the root element";
    assert_eq!(
        found,
        [
            (Carrier::Comment, "", "XML comment", " made "),
            (Carrier::Field, "i:version", own, "1 & 2"),
            (Carrier::Field, "data-gen", own, "g"),
            (Carrier::Field, "title", "title element", "T <&e;"),
            (Carrier::Xmp, "", "metadata element", wrapped.as_str()),
            (Carrier::Manifest, "", "c2pa:manifest element", "foo"),
            (Carrier::Blob, "own", "other metadata element", "<i:own>x</i:own>"),
            (Carrier::Field, "desc", "desc element within the drawing", "Dd"),
            (Carrier::Field, "metadata", "words in a metadata element", "words"),
            (Carrier::Xmp, "", "XMP elsewhere in the drawing", PACKET),
            (Carrier::Xmp, "", "metadata element", "<rdf:RDF/>"),
        ]
    );
    assert!(layout(&text).damage.is_none());
}

#[test]
fn what_xmp_takes_over_from_outside_is_declared_in_it() {
    let text = "<svg xmlns:rdf=\"r&amp;\" xmlns:a='q\"' xmlns:b='n'><metadata><rdf:RDF><a:c/></rdf:RDF></metadata></svg>";
    assert_eq!(
        read(text.as_bytes())[0].3,
        "<rdf:RDF xmlns:rdf=\"r&amp;\" xmlns:a=\"q&quot;\"><a:c/></rdf:RDF>"
    );
}

#[test]
fn xmp_goes_into_the_metadata_element_of_the_root() {
    let wrapped = format!("<?xpacket begin=\"\u{FEFF}\" id=\"W\"?>{PACKET}  \n<?xpacket end=\"w\"?>");
    for (before, after) in [
        ("<svg><g/></svg>", "<svg>{<metadata>^</metadata>}<g/></svg>"),
        (
            "<?xml version='1.0'?>\n<s:svg a='>'/>\n",
            "<?xml version='1.0'?>\n<s:svg a='>'{><s:metadata>^</s:metadata></s:svg>}\n",
        ),
        ("<svg><g><metadata/></g></svg>", "<svg>{<metadata>^</metadata>}<g><metadata/></g></svg>"),
        ("<svg><metadata id='m' /></svg>", "<svg><metadata id='m'{>^</metadata>}</svg>"),
        ("<svg><g/><metadata><a/> </metadata></svg>", "<svg><g/><metadata><a/> {^}</metadata></svg>"),
    ] {
        let bytes =
            changed(before.as_bytes(), |draft| draft.set(Carrier::Xmp, "", wrapped.clone().into())).unwrap();
        let expected = after.replace('^', PACKET).replace(['{', '}'], "");
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected, "{before}");
        let found = read(&bytes);
        let at = found.iter().position(|one| one.0 == Carrier::Xmp).unwrap();
        assert_eq!((found[at].2, found[at].3.as_str()), ("metadata element", PACKET));
        let other = PACKET.replace("r\"/", "s\"/");
        let bytes = changed(&bytes, |draft| draft.replace(at, other.clone().into())).unwrap();
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected.replace(PACKET, &other));
        let bare = changed(&bytes, |draft| draft.remove(at)).unwrap();
        let is_same = bare == before.as_bytes();
        assert!(
            is_same || before.contains("/>\n") || before.contains("id="),
            "{}",
            String::from_utf8_lossy(&bare)
        );
    }
    for broken in ["<x:xmpmeta>", "words", "<a/><b/>"] {
        assert!(changed(b"<svg/>", |draft| draft.set(Carrier::Xmp, "", broken.into())).is_err(), "{broken}");
    }
    assert!(changed(b"<svg/>", |draft| draft.set(Carrier::Field, "k", b"v".to_vec())).is_err());
}

#[test]
fn other_pieces_can_be_replaced_and_taken_out() {
    let text = "<svg i:v = '1' w='2'><!-- c --><title>t</title></svg>";
    let all = |draft: &mut Draft<'_>| (0..3).for_each(|at| draft.replace(at, b"'<".to_vec()));
    let after = "<svg i:v = '&#39;&lt;' w='2'><!--'<--><title>'&lt;</title></svg>";
    assert_eq!(changed(text.as_bytes(), all).unwrap(), after.as_bytes());
    let none = |draft: &mut Draft<'_>| (0..3).for_each(|at| draft.remove(at));
    assert_eq!(changed(text.as_bytes(), none).unwrap(), b"<svg w='2'></svg>");
    assert!(changed(text.as_bytes(), |draft| draft.replace(1, b"--".to_vec())).is_err());
}

#[test]
fn other_encodings_are_read_and_written() {
    let text = "<svg><title>中</title></svg>";
    let wide = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    assert_eq!(read(&wide(text))[0].3, "中");
    let bytes = changed(&wide(text), |draft| draft.set(Carrier::Xmp, "", PACKET.into())).unwrap();
    assert_eq!(bytes, wide(&text.replace("<svg>", &format!("<svg><metadata>{PACKET}</metadata>"))));
    assert_eq!(read(&bytes)[0].3, PACKET);
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><svg><title>\xE9</title></svg>";
    assert_eq!(read(latin)[0].3, "é");
    let packet = PACKET.replace("\"r\"", "\"中\"");
    let bytes = changed(latin, |draft| draft.set(Carrier::Xmp, "", packet.clone().into())).unwrap();
    assert_eq!(read(&bytes)[0].3, packet.replace('中', "&#x4E2D;"));
}

#[test]
fn a_broken_drawing_is_damaged_and_what_comes_before_is_read() {
    let whole = format!("<svg><metadata>{PACKET}</metadata><g><!-- x --></g></svg>");
    for cut in 5..whole.len() {
        let layout = layout(&whole[..cut]);
        assert!(layout.damage.is_some(), "{cut}");
        assert_eq!(
            layout.packets.iter().any(|packet| packet.carrier == Carrier::Xmp),
            cut >= 15 + PACKET.len(),
            "{cut}"
        );
    }
    for broken in
        ["<svg><g></svg>", "<svg/><svg/>", "<svg></svg>words", "<svg></svg></g>", "<svg><a b='></svg>"]
    {
        assert!(layout(broken).damage.is_some(), "{broken}");
        assert!(changed(broken.as_bytes(), |draft| draft.set(Carrier::Xmp, "", PACKET.into())).is_err());
    }
}

#[test]
fn entities_nesting_and_size_have_limits() {
    let laughs = "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><svg><title>&b;</title></svg>";
    assert_eq!(read(laughs.as_bytes())[0].3, "&b;");
    let deep = "<svg>".repeat(100_000);
    assert!(matches!(layout(&deep).damage.unwrap().problem, Problem::OverLimit { limit: 1024, .. }));
    let limits = Limits { text: 20, segments: 3, ..Limits::default() };
    let bytes = b"<svg><g/><g/><g/><g/><g/></svg>".to_vec();
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.as_ref().unwrap().problem, Problem::OverLimit { limit: 20, .. }));
    let bytes = b"<svg><!----><!----></svg>".to_vec();
    let asset = Asset::open(&bytes, None, &Limits { segments: 1, ..Limits::default() }).unwrap();
    assert!(asset.layout.damage.is_some());
}

#[test]
fn a_drawing_is_known_by_its_first_element() {
    let name =
        |bytes: &[u8], name: Option<&str>| crate::recognize(&bytes.to_vec(), name).ok().map(|one| one.name);
    for text in [
        "<svg/>",
        "\u{FEFF}<?xml version='1.0'?>\n<!-- c -->\n<svg:svg>",
        "<!DOCTYPE svg PUBLIC 'x' 'y'><svg>",
    ] {
        assert_eq!(name(text.as_bytes(), None), Some("svg"), "{text}");
    }
    let far = format!("<!--{}--><svg/>", "x".repeat(5000));
    assert_eq!(name(far.as_bytes(), Some("a.svg")), Some("svg"));
    for text in ["<note><svg/></note>", "<?xml version='1.0'?>", "\x1F\u{8B}"] {
        assert_ne!(name(text.as_bytes(), None), Some("svg"), "{text}");
    }
    assert!(name(b"\x1F\x8B\x08\0", Some("a.svgz")).is_none());
}
