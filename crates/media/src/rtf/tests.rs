use crate::{Asset, Draft, Layout};
use indicia_core::{Limits, Problem};

const WHOLE: &[u8] = b"{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\generator Riched20 10.0;}\r\n\
    {\\info{\\title A \\{b\\} \\'d6\\'d0\\u25991\\'ce\\'c4!}{\\author N}{\\creatim\\yr2026}{\\*\\company C}{\\doccomm \\uc0\\u-10179\\u-8704 x}}\
    {\\*\\userprops {\\propname AIGC}\\proptype30{\\staticval \\{\"Label\":\"1\"\\}}}\
    {\\*\\docvar {var}{value}}\\pard {\\pict\\bin4 {{{{}words {\\i title}\\par}tail";

fn layout(bytes: &[u8]) -> Layout {
    let bytes = bytes.to_vec();
    let asset = Asset::open(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "rtf");
    assert!(asset.layout.tiles(bytes.len() as u64));
    asset.layout
}

fn read(bytes: &[u8]) -> Vec<(String, &'static str, String)> {
    let source = bytes.to_vec();
    let text = |packet: &crate::Packet| {
        String::from_utf8(packet.read(&source, &Limits::default()).unwrap()).unwrap()
    };
    layout(bytes).packets.iter().map(|packet| (packet.key.clone(), packet.place, text(packet))).collect()
}

#[test]
fn every_text_about_a_document_is_read() {
    let info = "information group";
    let expected = [
        ("generator", "generator group", "Riched20 10.0"),
        // The two bytes after the character in Unicode: one stands in for it, the other is left.
        ("title", info, "A {b} 中文\u{FFFD}!"),
        ("author", info, "N"),
        ("company", info, "C"),
        ("doccomm", info, "\u{1F600}x"),
        ("AIGC", "user property", "{\"Label\":\"1\"}"),
        ("var", "document variable", "value"),
    ];
    let found = read(WHOLE);
    let found: Vec<_> =
        found.iter().map(|(key, place, text)| (key.as_str(), *place, text.as_str())).collect();
    assert_eq!(found, expected);
    let layout = layout(WHOLE);
    assert!(layout.damage.is_none());
    assert_eq!(layout.segments.last().unwrap().span.len(), 4, "the tail is told from the document");
    assert_eq!(layout.segments.iter().filter(|segment| segment.name == *b"INFO").count(), 4);
}

#[test]
fn a_cut_document_is_damaged_and_what_comes_before_is_read() {
    for cut in 5..WHOLE.len() - 4 {
        let layout = layout(&WHOLE[..cut]);
        assert!(layout.damage.is_some(), "{cut}");
    }
    assert!(!read(&WHOLE[..200]).is_empty());
}

#[test]
fn hostile_numbers_and_nesting_are_refused() {
    let damage = |bytes: &[u8]| layout(bytes).damage.unwrap().problem;
    assert!(matches!(damage(&[&b"{\\rtf1"[..], &b"{".repeat(100_000)].concat()), Problem::OverLimit { .. }));
    assert_eq!(damage(b"{\\rtf1\\bin2147483647 x}"), Problem::Truncated);
    assert_eq!(damage(b"{\\rtf1\\bin99999999999999 x"), Problem::Truncated);
    assert!(layout(b"{\\rtf1\\bin-5 x}").damage.is_none());
    assert!(layout(b"{\\rtf1\\u99999 ?\\uc-1\\'zz}").damage.is_none());
}

#[test]
fn nothing_is_written() {
    let source = WHOLE.to_vec();
    let asset = Asset::open(&source, None, &Limits::default()).unwrap();
    assert_eq!(Draft::new(&asset).render().unwrap().to_bytes().unwrap(), source);
    let mut draft = Draft::new(&asset);
    draft.remove(0);
    assert!(matches!(draft.render().unwrap_err().problem, Problem::Unsupported(_)));
}
