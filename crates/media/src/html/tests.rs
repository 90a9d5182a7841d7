use crate::{Asset, Carrier, Draft, Ends, Layout, Sites};
use indicia_core::{Limits, Problem, Source};

const PAGE: &str = "<!DOCTYPE html>\n<html lang=en>\n<head>\n  <meta charset=\"utf-8\">\n  <title>A &amp; B</title>\n  \
    <meta name=\"generator\" content='x \"y\" &#x4E2D;'>\n  <meta property=og:title content=bare>\n  \
    <meta name=ai-generated>\n  <script type=\"application/ld+json\">{\"@type\":\"Thing\"}</script>\n  \
    <script>var s = '<meta name=\"no\" content=\"no\">'</script>\n  <style>b > i {}</style>\n</head>\n<body class=c>\n\
    <!-- note --><h1>Ti<b>t</b>le</h1>one\n two<p>three<br>four<p hidden>no<div>f&ouml;&nbsp;</div>\n\
    <noscript>no</noscript><meta name=\"late\" content=\"1\"><dialog>no</dialog></body>\n</html>\n";

fn open<'a>(source: &'a dyn Source) -> Asset<'a> {
    let asset = Asset::open(source, Some("a.html"), &Limits::default()).unwrap();
    assert_eq!(asset.format.name, "html");
    assert!(asset.layout.tiles(source.size()));
    asset
}

fn read(bytes: &[u8]) -> Vec<(Carrier, String, &'static str, String)> {
    let source = bytes.to_vec();
    let asset = open(&source);
    let text = |packet| asset.read(packet).map_or("broken".into(), |body| String::from_utf8(body).unwrap());
    let all = asset.layout.packets.iter();
    all.map(|packet| (packet.carrier, packet.key.clone(), packet.place, text(packet))).collect()
}

fn layout(bytes: &[u8]) -> Layout {
    open(&bytes.to_vec()).layout
}

fn changed(bytes: &[u8], change: impl Fn(&mut Draft<'_>)) -> Result<Vec<u8>, Problem> {
    let source = bytes.to_vec();
    let asset = open(&source);
    let mut draft = Draft::new(&asset);
    change(&mut draft);
    Ok(draft.render().map_err(|err| err.problem)?.to_bytes().unwrap())
}

fn words(text: &str) -> String {
    let source = text.as_bytes().to_vec();
    let asset = open(&source);
    asset.text().unwrap().words.clone()
}

fn put(text: &str) -> String {
    let bytes = changed(text.as_bytes(), |draft| draft.set(Carrier::Field, "k", b"<\"&'>".to_vec())).unwrap();
    String::from_utf8(bytes).unwrap()
}

const NEW: &str = "<meta name=\"k\" content=\"&lt;&quot;&amp;&#39;&gt;\"/>";

#[test]
fn every_piece_of_metadata_is_found() {
    let found = read(PAGE.as_bytes());
    let found: Vec<_> =
        found.iter().map(|(c, key, place, text)| (*c, key.as_str(), *place, text.as_str())).collect();
    let meta = "HTML meta element";
    assert_eq!(
        found,
        [
            (Carrier::Field, "title", "HTML title element", "A & B"),
            (Carrier::Field, "generator", meta, "x \"y\" 中"),
            (Carrier::Field, "og:title", meta, "bare"),
            (Carrier::Field, "ai-generated", meta, ""),
            (Carrier::Blob, "ld+json", "HTML script element", "{\"@type\":\"Thing\"}"),
            (Carrier::Comment, "", "HTML comment", " note "),
            (Carrier::Field, "late", "HTML meta element in the body", "1"),
        ]
    );
    assert!(layout(PAGE.as_bytes()).damage.is_none());
}

#[test]
fn words_are_those_that_are_shown() {
    assert_eq!(words(PAGE), "Title\none two\nthree\nfour\nf&ouml;\u{A0}\n");
    assert_eq!(
        words("<html>just words<style>no</style> and <svg><title/>more</svg>"),
        "just words and more\n"
    );
    assert_eq!(words("<html><body style='display: none'><p>no</body>"), "");
    assert_eq!(words("<html><div hidden><div>no</div>no</div>yes</html>tail"), "yestail\n");
    assert_eq!(
        words(
            "<?xml version='1.0'?><html><head><script src='x'/></head><body>a<![CDATA[<b>]]></body></html>"
        ),
        "a<b>\n"
    );
    assert_eq!(words("<html><frameset><noframes>no</noframes></frameset></html>"), "");
    let source = PAGE.as_bytes().to_vec();
    let Sites::Within(span) = open(&source).text().unwrap().sites else { panic!() };
    let body = &PAGE[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
    assert!(body.starts_with("\n<!-- note") && body.ends_with("</dialog>"));
}

#[test]
fn a_new_element_goes_into_the_head_after_the_encoding() {
    assert_eq!(put(PAGE), PAGE.replace("\"utf-8\">", &format!("\"utf-8\">\n  {NEW}")));
    for (before, after) in [
        ("<html><head><title>t</title></head>", "<html><head>^<title>t</title></head>"),
        ("<html><title>t</title>", "<html>^<title>t</title>"),
        ("<!doctype html><p>x", "<!doctype html>^<p>x"),
        ("<p>x", "^<p>x"),
        ("<html>\r\n<head>\r\n</head>", "<html>\r\n<head>\r\n^\r\n</head>"),
        (
            "<html><head><meta http-equiv=Content-Type content='text/html; charset=utf-8'><b>",
            "<html><head><meta http-equiv=Content-Type content='text/html; charset=utf-8'>^<b>",
        ),
        // Words before it make the head part of the body.
        ("<!doctype html>words<html><head></head>", "<!doctype html>^words<html><head></head>"),
        ("words<!doctype html><html>", "^words<!doctype html><html>"),
        ("<!-- <head> --><html><head>", "<!-- <head> --><html><head>^"),
    ] {
        assert_eq!(put(before), after.replace('^', NEW), "{before}");
    }
    let bytes = changed(b"\xEF\xBB\xBF<p>x", |draft| draft.set(Carrier::Field, "k", b"v".to_vec())).unwrap();
    assert_eq!(bytes, b"\xEF\xBB\xBF<meta name=\"k\" content=\"v\"/><p>x");
}

#[test]
fn what_is_added_can_be_read_replaced_and_taken_out_again() {
    let there = |text: &str| {
        let asset = text.as_bytes().to_vec();
        let asset = open(&asset);
        asset.layout.packets.iter().position(|packet| packet.key == "k").unwrap()
    };
    for text in [PAGE, "<p>x", "<html><head>\n</head>"] {
        let labelled = put(text);
        assert!(read(labelled.as_bytes()).contains(&(
            Carrier::Field,
            "k".into(),
            "HTML meta element",
            "<\"&'>".into()
        )));
        let at = there(&labelled);
        let other = changed(labelled.as_bytes(), |draft| draft.replace(at, b"2".to_vec())).unwrap();
        assert_eq!(String::from_utf8(other).unwrap(), labelled.replace("&lt;&quot;&amp;&#39;&gt;", "2"));
        assert_eq!(changed(labelled.as_bytes(), |draft| draft.remove(at)).unwrap(), text.as_bytes());
    }
    let all = |draft: &mut Draft<'_>| (0..7).for_each(|at| draft.replace(at, b"a'\"b".to_vec()));
    let text = String::from_utf8(changed(PAGE.as_bytes(), all).unwrap()).unwrap();
    for part in [
        "<title>a'\"b</title>",
        "content='a&#39;&quot;b'>",
        "property=og:title content=\"a&#39;&quot;b\">",
        "<meta name=ai-generated content=\"a&#39;&quot;b\">",
        "ld+json\">a'\"b</script>",
        "<!--a'\"b-->",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(read(text.as_bytes()).iter().all(|found| found.3 == "a'\"b"));
    let odd =
        |at, body: &'static [u8]| changed(PAGE.as_bytes(), move |draft| draft.replace(at, body.to_vec()));
    assert!(odd(5, b"a--><p>").is_err() && odd(4, b"</script>").is_err() && odd(1, b"\0").is_err());
    assert!(changed(PAGE.as_bytes(), |draft| draft.set(Carrier::Xmp, "", b"x".to_vec())).is_err());
}

#[test]
fn words_go_to_both_ends_of_the_body() {
    let ends = |text: &str| {
        let ends = Ends { start: Some("a<b\nc\n".into()), end: Some("z\n".into()) };
        let bytes = changed(text.as_bytes(), |draft| draft.extend_text(ends.clone()))?;
        Ok::<_, Problem>(String::from_utf8(bytes).unwrap())
    };
    let (start, end) = ("<p>a&lt;b</p><p>c</p>", "<p>z</p>");
    let expected =
        PAGE.replace("class=c>", &format!("class=c>{start}")).replace("</body>", &format!("{end}</body>"));
    assert_eq!(ends(PAGE).unwrap(), expected);
    assert!(words(&expected).starts_with("a<b\nc\nTitle\n") && words(&expected).ends_with("\nz\n"));
    for (before, after) in [
        ("<!doctype html><title>t</title>x", "<!doctype html><title>t</title>^x$"),
        ("<html><body></body></html>", "<html><body>^$</body></html>"),
        ("<html><p>x</html>", "<html>^<p>x$</html>"),
        ("<html></html>", "<html>^$</html>"),
    ] {
        assert_eq!(ends(before).unwrap(), after.replace('^', start).replace('$', end), "{before}");
    }
    for refused in ["<html><frameset></frameset></html>", "<html><body hidden>x</body></html>"] {
        assert!(matches!(ends(refused), Err(Problem::Unsupported(_))), "{refused}");
    }
}

#[test]
fn pages_are_read_and_written_in_their_own_encoding() {
    let text = "<html><head><meta name=\"k\" content=\"中文\"></head><body>你好</body></html>";
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let mark = if big { [0xFE, 0xFF] } else { [0xFF, 0xFE] };
        let units =
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        mark.into_iter().chain(units).collect()
    };
    let gb = |text: &str| {
        let text = text.replace("<head>", "<head><meta charset=gb2312>");
        encoding_rs::GB18030.encode(&text).0.into_owned()
    };
    let after = text.replace("中文", "签").replace("你好", "<p>头</p>你好");
    for (before, after) in [
        (wide(text, true), wide(&after, true)),
        (wide(text, false), wide(&after, false)),
        (gb(text), gb(&after)),
    ] {
        let found = read(&before);
        assert_eq!(found[0].3, "中文");
        let change = |draft: &mut Draft<'_>| {
            draft.set(Carrier::Field, "k", "签".into());
            draft.extend_text(Ends { start: Some("头\n".into()), end: None });
        };
        assert_eq!(changed(&before, change).unwrap(), after);
    }
    // What an encoding lacks is put as a reference.
    let latin =
        b"<html><head><meta charset=iso-8859-1><meta name=k content='\xE9'></head><body>\xE9</body></html>";
    assert_eq!(read(latin)[0].3, "é");
    let change = |draft: &mut Draft<'_>| draft.set(Carrier::Field, "n", "中".into());
    let after = changed(latin, change).unwrap();
    assert!(memchr::memmem::find(&after, b"content=\"&#x4E2D;\"/><meta name=k content='\xE9'>").is_some());
    assert_eq!(read(&after)[0].3, "中");
    assert!(layout(b"<html><meta charset=utf-8>\xFF").damage.is_some());
    assert!(layout(b"<html><meta charset=iso-2022-jp>x").damage.is_some());
}

#[test]
fn a_manifest_is_known() {
    let text = "<html><head><script type=\"application/c2pa\"> Zm9v </script>\
                <link href=\"a.c2pa\" rel=\"x C2PA-manifest\"></head></html>";
    let found = read(text.as_bytes());
    assert_eq!((found[0].0, found[0].3.as_str()), (Carrier::Manifest, "foo"));
    assert_eq!((found[1].0, found[1].3.as_str()), (Carrier::Manifest, "broken"));
    assert!(changed(text.as_bytes(), |draft| draft.replace(0, b"x".to_vec())).is_err());
}

#[test]
fn a_page_is_known_by_its_start_or_by_its_name() {
    let name = |text: &str, name: Option<&str>| {
        let bytes = text.as_bytes().to_vec();
        crate::recognize(&bytes, name).ok().map(|format| format.name)
    };
    for text in [
        "\n<!DOCTYPE HTML PUBLIC \"x\">",
        "<html>",
        "\u{FEFF}<!-- c --><HTML lang=a>",
        "<head><title>",
        "<?xml version='1.0'?>\n<!DOCTYPE html><html>",
    ] {
        assert_eq!(name(text, None), Some("html"), "{text}");
        assert_eq!(name(text, Some("a.php")), Some("html"), "{text}");
    }
    assert_eq!(name("<p>x", Some("a.htm")), Some("html"));
    assert_eq!(name("words", Some("a.htm")), None);
    assert_eq!(name("<!doctype note><p>", None), None);
    assert_eq!(name("# <html>\n<html>", Some("a.md")), Some("md"));
}

#[test]
fn a_page_cut_within_something_is_damaged() {
    for (cut, is_damaged) in [
        ("<html><meta name=\"k\" content=\"", true),
        ("<html><!-- x", true),
        ("<html><script>x", true),
        ("<html><title>x", true),
        ("<html><p>x", false),
        ("<html><p", true),
    ] {
        let layout = layout(cut.as_bytes());
        assert_eq!(layout.damage.is_some(), is_damaged, "{cut}");
        assert_eq!(
            changed(cut.as_bytes(), |draft| draft.set(Carrier::Field, "a", vec![])).is_err(),
            is_damaged
        );
    }
    for cut in 1..PAGE.len() {
        let bytes = PAGE.as_bytes()[..cut].to_vec();
        if let Ok(asset) = Asset::open(&bytes, Some("a.html"), &Limits::default()) {
            assert!(asset.layout.tiles(cut as u64), "{cut}");
            let _ = asset.text();
        }
    }
}

#[test]
fn endless_and_huge_pages_are_refused() {
    let limits = Limits { text: 100, ..Limits::default() };
    let bytes = [b"<html>".to_vec(), b"<p>x".repeat(50)].concat();
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    assert!(matches!(asset.layout.damage.as_ref().unwrap().problem, Problem::OverLimit { limit: 100, .. }));
    assert!(asset.layout.tiles(bytes.len() as u64) && asset.text().is_err());
    let limits = Limits { segments: 10, ..Limits::default() };
    let bytes = [b"<html>".to_vec(), b"<!--x-->".repeat(50)].concat();
    let asset = Asset::open(&bytes, None, &limits).unwrap();
    assert!(asset.layout.damage.is_some() && asset.layout.packets.len() == 10);
    // Deep nesting costs nothing.
    let deep = [b"<html>".to_vec(), b"<div>".repeat(100_000), b"<svg>".repeat(1000), b"<!DOCTYPE ".to_vec()]
        .concat();
    assert!(layout(&deep).damage.is_some());
}
