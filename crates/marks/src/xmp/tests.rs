use super::{Level, Name, PropertyName, fresh, properties, remove, set};
use indicia_core::{Limits, Problem};

const NAME: PropertyName =
    PropertyName { uri: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", local: "AIGC" };
const OTHER: &str = "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'>\n  \
                     <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>T &amp; <![CDATA[<x>]]></rdf:li></rdf:Alt></dc:title>\n</rdf:Description>";

fn is_it(name: &Name<'_>) -> bool {
    name.uri == Some(NAME.uri) && name.local == NAME.local
}

fn packet(inner: &str) -> String {
    format!(
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/'>\n\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{inner}</rdf:RDF>\n</x:xmpmeta>"
    )
}

fn described(inner: &str) -> String {
    packet(&format!("<rdf:Description rdf:about='' xmlns:T='{}'>{inner}</rdf:Description>", NAME.uri))
}

fn values(packet: &[u8]) -> Vec<String> {
    let found = properties(packet, &Limits::default(), &|name| is_it(name));
    found.properties.into_iter().flat_map(|property| property.values).collect()
}

fn put(packet: &[u8], value: &str) -> Vec<u8> {
    set(packet, &NAME, value, &Limits::default(), &|_| true, &|name| is_it(name)).unwrap()
}

fn taken(packet: &[u8]) -> Vec<u8> {
    remove(packet, &Limits::default(), &|_| true, &|name| is_it(name)).unwrap()
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let code = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(code).collect()
}

#[test]
fn every_form_of_a_property_is_read() {
    for inner in [
        "<T:AIGC>{\"a\":\"1\"}</T:AIGC>",
        "<T:AIGC>{&quot;a&quot;:&quot;1&quot;}</T:AIGC>",
        "<T:AIGC>{&#34;a&#x22;:\"1\"}</T:AIGC>",
        "<T:AIGC><![CDATA[{\"a\":\"1\"}]]></T:AIGC>",
        "<T:AIGC>{\"a\"<!-- c -->:<![CDATA[\"1\"]]>}</T:AIGC>",
        "<T:AIGC><rdf:Alt><rdf:li xml:lang='x-default'>{\"a\":\"1\"}</rdf:li></rdf:Alt></T:AIGC>",
        "<T:AIGC>\n <rdf:Bag>\n <rdf:li>{\"a\":\"1\"}</rdf:li>\n</rdf:Bag></T:AIGC>",
        "<T:AIGC rdf:parseType='Resource'><rdf:value>{\"a\":\"1\"}</rdf:value></T:AIGC>",
        "<T:AIGC><rdf:Description rdf:value='{\"a\":\"1\"}'/></T:AIGC>",
        "<T:AIGC rdf:resource='{\"a\":\"1\"}'/>",
        "<U:AIGC xmlns:U='http://www.tc260.org.cn/ns/AIGC/1.0/'>{\"a\":\"1\"}</U:AIGC>",
    ] {
        assert_eq!(values(described(inner).as_bytes()), ["{\"a\":\"1\"}"], "{inner}");
    }
    let attribute = packet(&format!(
        "<rdf:Description xmlns:T='{}' T:AIGC='{{\"a\":&quot;1\"}}' rdf:about=''/>",
        NAME.uri
    ));
    assert_eq!(values(attribute.as_bytes()), ["{\"a\":\"1\"}"]);
}

#[test]
fn a_list_gives_each_of_its_items() {
    let two = "<T:AIGC><rdf:Seq><rdf:li>a</rdf:li><rdf:li>b</rdf:li></rdf:Seq></T:AIGC><T:AIGC>c</T:AIGC>";
    assert_eq!(values(described(two).as_bytes()), ["a", "b", "c"]);
}

#[test]
fn the_namespace_decides_and_the_prefix_does_not() {
    let strange = packet(
        "<rdf:Description xmlns:TC260='http://example.org/'><TC260:AIGC>x</TC260:AIGC></rdf:Description>",
    );
    assert!(values(strange.as_bytes()).is_empty());
    // Not well-formed by namespaces, and found in the wild.
    let undeclared =
        packet("<rdf:Description xmlns:C260='http://www.tc260.org.cn/ns/AIGC/1.0/' TC260:AIGC='x'/>");
    let found = properties(undeclared.as_bytes(), &Limits::default(), &|name| {
        name.uri.is_none() && name.local == "AIGC"
    });
    assert_eq!((found.properties[0].values[0].as_str(), found.damage), ("x", None));
}

#[test]
fn where_a_name_stands_is_told() {
    let text = described(
        "<T:AIGC>a</T:AIGC><T:other><rdf:Description><T:AIGC>b</T:AIGC></rdf:Description></T:other>",
    );
    let found = properties(text.as_bytes(), &Limits::default(), &|name| is_it(name));
    let levels: Vec<_> = found.properties.iter().map(|one| (one.values[0].as_str(), one.level)).collect();
    assert_eq!(levels, [("a", Level::Top), ("b", Level::Nested)]);
    let stray = format!("<x><T:AIGC xmlns:T='{}'>a</T:AIGC></x>", NAME.uri);
    let found = properties(stray.as_bytes(), &Limits::default(), &|name| is_it(name));
    assert_eq!(found.properties[0].level, Level::Stray);
}

#[test]
fn sites_are_bytes_of_the_packet_in_every_coding() {
    let text = described("<T:中/><T:AIGC>{\"名\":\"值😀\"}</T:AIGC>") + "\0\0";
    let element = "<T:AIGC>{\"名\":\"值😀\"}</T:AIGC>";
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend_from_slice(text.as_bytes());
    let plain = (text.clone().into_bytes(), element.as_bytes().to_vec());
    let with_mark = (marked, element.as_bytes().to_vec());
    let little = (utf16(&text, false), utf16(element, false)[2..].to_vec());
    let big = (utf16(&text, true), utf16(element, true)[2..].to_vec());
    for (packet, element) in [plain, with_mark, little, big] {
        let found = properties(&packet, &Limits::default(), &|name| is_it(name));
        assert_eq!(found.damage, None);
        assert_eq!(found.properties[0].values, ["{\"名\":\"值😀\"}"]);
        assert_eq!(&packet[found.properties[0].site.clone()], element);
        let changed = put(&packet, "新<");
        assert_eq!(values(&changed), ["新<"]);
        assert_eq!(values(&put(&changed, "{\"名\":\"值😀\"}")), ["{\"名\":\"值😀\"}"]);
    }
}

#[test]
fn broken_wrappers_are_read_over() {
    let core = described("<T:AIGC>v</T:AIGC>");
    let core = core.split_once("?>\n").unwrap().1;
    for text in [
        format!("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'??>{core}<?xpacket end='w'??>"),
        format!("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'>{core}<?xpacket end='w'?>"),
        format!("{core}<?xpacket end='w'>"),
        format!("{core}<?xpacket end='w'?>\0\0\0"),
        core.to_owned(),
    ] {
        assert_eq!(values(text.as_bytes()), ["v"], "{text}");
        assert_eq!(values(&put(text.as_bytes(), "w")), ["w"], "{text}");
    }
}

#[test]
fn a_broken_packet_is_read_as_far_as_it_goes_and_never_changed() {
    let whole = described("<T:AIGC>v</T:AIGC><T:b>w</T:b>");
    for end in 1..whole.len() {
        let cut = &whole.as_bytes()[..end];
        let found = properties(cut, &Limits::default(), &|name| is_it(name));
        let complete = end >= whole.find("</T:AIGC>").unwrap() + 9;
        if complete {
            assert_eq!(values(cut), ["v"], "{end}");
        }
        let closed = end >= whole.len() - "</x:xmpmeta>".len() && found.damage.is_none();
        let refused = set(cut, &NAME, "x", &Limits::default(), &|_| true, &|name| is_it(name)).is_err();
        assert!(refused || closed, "{end}");
    }
    for broken in ["<T:AIGC>v</T:AIG>", "<T:AIGC a=b>v</T:AIGC>", "<T:AIGC>v"] {
        let text = described(broken);
        assert!(
            set(text.as_bytes(), &NAME, "x", &Limits::default(), &|_| true, &|name| is_it(name)).is_err()
        );
        assert!(remove(text.as_bytes(), &Limits::default(), &|_| true, &|name| is_it(name)).is_err());
    }
    let mut bytes = described("<T:AIGC>v</T:AIGC>").into_bytes();
    bytes.insert(30, 0xFF);
    assert_eq!(values(&bytes), ["v"]);
    let refused = set(&bytes, &NAME, "x", &Limits::default(), &|_| true, &|name| is_it(name)).unwrap_err();
    assert_eq!(refused.at, 30);
}

#[test]
fn limits_hold() {
    let deep = "<a>".repeat(100) + &"</a>".repeat(100);
    let found = properties(deep.as_bytes(), &Limits::default(), &|_| true);
    assert!(matches!(found.damage.unwrap().problem, Problem::OverLimit { limit: 64, .. }));
    let many: String = (0..2000).map(|at| format!(" xmlns:a{at}='b'")).collect();
    let found = properties(format!("<a{many}/>").as_bytes(), &Limits::default(), &|_| true);
    assert!(matches!(found.damage.unwrap().problem, Problem::OverLimit { .. }));
    let small = Limits { block: 10, ..Limits::default() };
    assert!(properties(deep.as_bytes(), &small, &|_| true).damage.is_some());
}

#[test]
fn no_entity_is_expanded() {
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>{}",
        described("<T:AIGC>&b;</T:AIGC>")
    );
    let bomb = bomb.replace("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>", "");
    assert_eq!(values(bomb.as_bytes()), ["&b;"]);
}

#[test]
fn setting_changes_the_property_and_nothing_else() {
    let before = described("<T:a>1</T:a>\n<T:AIGC>old</T:AIGC>\r\n<T:b>2</T:b>") + "\n<?xpacket end='r'?>";
    let after = String::from_utf8(put(before.as_bytes(), "new")).unwrap();
    assert_eq!(after, before.replace("<T:AIGC>old</T:AIGC>", "<T:AIGC>new</T:AIGC>"));
    assert_eq!(taken(after.as_bytes()), before.replace("<T:AIGC>old</T:AIGC>", "").into_bytes());
}

#[test]
fn a_new_property_goes_where_its_namespace_is_declared() {
    let before = described("<T:a>1</T:a>");
    let after = String::from_utf8(put(before.as_bytes(), "v")).unwrap();
    assert_eq!(after, before.replace("</T:a>", "</T:a><T:AIGC>v</T:AIGC>"));
}

#[test]
fn else_it_gets_a_description_of_its_own_that_speaks_of_the_same_thing() {
    let before = packet(&OTHER.replace("rdf:about=''", "rdf:about='uuid:1'"));
    let after = String::from_utf8(put(before.as_bytes(), "v")).unwrap();
    let new = "<rdf:Description rdf:about='uuid:1' xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\">\
               <TC260:AIGC>v</TC260:AIGC></rdf:Description></rdf:RDF>";
    assert_eq!(after, before.replace("</rdf:RDF>", new));
    let empty = "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' />";
    let after = String::from_utf8(put(empty.as_bytes(), "v")).unwrap();
    assert!(after.starts_with(
        "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description r:about=\"\""
    ));
    assert_eq!(values(after.as_bytes()), ["v"]);
}

#[test]
fn all_occurrences_become_one() {
    let before = packet(&format!(
        "<rdf:Description rdf:about='' xmlns:T='{0}' T:AIGC='a'>{1}<T:AIGC>b</T:AIGC></rdf:Description>\
         <rdf:Description rdf:about='' xmlns:U='{0}'><U:AIGC>c</U:AIGC></rdf:Description>",
        NAME.uri, "<T:x>1</T:x>"
    ));
    let after = String::from_utf8(put(before.as_bytes(), "v")).unwrap();
    assert_eq!(values(after.as_bytes()), ["v"]);
    assert_eq!(
        after,
        before.replace(" T:AIGC='a'", "").replace(">b<", ">v<").replace("<U:AIGC>c</U:AIGC>", "")
    );
}

#[test]
fn an_attribute_becomes_an_element() {
    let before =
        packet(&format!("<rdf:Description rdf:about=\"\" xmlns:T='{}' T:AIGC='a' T:b='1'/>", NAME.uri));
    let after = String::from_utf8(put(before.as_bytes(), "v")).unwrap();
    assert!(after.contains(" T:b='1'/><rdf:Description rdf:about=\"\" xmlns:TC260="), "{after}");
    assert_eq!(values(after.as_bytes()), ["v"]);
}

#[test]
fn a_prefix_declared_on_the_property_itself_is_declared_again() {
    let before =
        packet(&format!("<rdf:Description><U:AIGC xmlns:U='{}'>a</U:AIGC></rdf:Description>", NAME.uri));
    assert_eq!(values(&put(before.as_bytes(), "v")), ["v"]);
}

#[test]
fn padding_gives_and_takes_what_the_property_needs() {
    let padding = format!("\n{}\n", " ".repeat(300));
    let before = described("<T:AIGC>old</T:AIGC>") + &padding + "<?xpacket end=\"w\"?>";
    for value in ["a much longer value than before, with \"quotes\"", "", "old"] {
        let after = put(before.as_bytes(), value);
        assert_eq!((after.len(), values(&after)), (before.len(), vec![value.to_owned()]));
    }
    assert_eq!(put(&put(before.as_bytes(), "longer"), "old").len(), before.len());
    let too_long = "x".repeat(400);
    assert_eq!(put(before.as_bytes(), &too_long).len(), before.len() + 397);
    let read_only = before.replace("end=\"w\"", "end=\"r\"");
    assert_eq!(put(read_only.as_bytes(), "longer").len(), read_only.len() + 3);
    let wide = utf16(&before, false);
    assert_eq!(put(&wide, "longer").len(), wide.len());
}

#[test]
fn no_packet_gives_a_new_one() {
    let expected = "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
        <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
        xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\"><TC260:AIGC>{&quot;</TC260:AIGC></rdf:Description>\
        </rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";
    assert_eq!(String::from_utf8(fresh(&NAME, "{\"")).unwrap(), expected);
    assert_eq!(put(b"\0 \n", "{\""), expected.as_bytes());
    assert!(
        set(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", &NAME, "v", &Limits::default(), &|_| true, &|_| true)
            .is_err()
    );
}

proptest::proptest! {
    #[test]
    fn what_is_set_is_found(value in "[\\x20-\\x7E\\n\\r\\t<>&\"'中\u{1F600}\u{85}]{0,40}", spot in 0usize..6) {
        let packet = match spot {
            0 => described("<T:AIGC>old</T:AIGC>"),
            1 => described(""),
            2 => packet(OTHER),
            3 => packet(""),
            4 => packet(&format!("<rdf:Description T:AIGC='a' xmlns:T='{}'/>", NAME.uri)),
            _ => String::new(),
        };
        let after = put(packet.as_bytes(), &value);
        proptest::prop_assert_eq!(values(&after), [value.clone()]);
        if spot == 2 {
            let text = String::from_utf8(after.clone()).unwrap();
            proptest::prop_assert!(text.contains(OTHER));
            proptest::prop_assert_eq!(put(&after, &value), after);
        }
    }

    #[test]
    fn nothing_panics(text in "[<>/?!a:='\" x&;\\[\\]CDATrdf\u{4E2D}-]{0,120}") {
        let _ = properties(text.as_bytes(), &Limits::default(), &|_| true);
        let _ = remove(text.as_bytes(), &Limits::default(), &|_| true, &|_| true);
    }
}
