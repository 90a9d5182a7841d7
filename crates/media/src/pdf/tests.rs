use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{parse, splice};
use crate::{Body, Carrier, Changes, Layout, Piece, Put, Role};
use indicia_core::{FormatError, Limits, Problem, Source};

/// Objects by number, then a table, then a trailer with these words in it; spelled out by hand.
fn file(objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut rows = String::new();
    for (number, body) in objects {
        rows.push_str(&format!("{number} 1\n{:010} 00000 n \n", out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = out.len();
    out.extend(
        format!(
            "xref\n0 1\n0000000000 65535 f \n{rows}trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n"
        )
        .bytes(),
    );
    out
}

const CATALOG: (u32, &str) = (1, "<< /Type /Catalog /Pages 2 0 R >>");
const PAGES: (u32, &str) = (2, "<< /Type /Pages /Kids [] /Count 0 >>");

fn plain(info: &str) -> Vec<u8> {
    file(&[CATALOG, PAGES, (3, info)], "/Size 4 /Root 1 0 R /Info 3 0 R /ID [<0102> <0304>]")
}

fn read(bytes: &Vec<u8>) -> Layout {
    let layout = parse(bytes, &Limits::default()).unwrap();
    assert!(layout.tiles(bytes.size()), "{layout:?}");
    assert!(layout.packets.iter().all(|packet| packet.span.end <= bytes.size()), "{layout:?}");
    layout
}

fn fields(bytes: &Vec<u8>) -> Vec<(String, String)> {
    let layout = read(bytes);
    let value = |packet: &crate::Packet| match packet.read(bytes, &Limits::default()) {
        Ok(value) => String::from_utf8(value).unwrap(),
        Err(err) => format!("! {err}"),
    };
    layout.packets.iter().map(|packet| (packet.key.clone(), value(packet))).collect()
}

fn field<'a>(fields: &'a [(String, String)], key: &str) -> Option<&'a str> {
    fields.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
}

fn changed(bytes: &Vec<u8>, changes: &Changes) -> Result<Vec<u8>, FormatError> {
    let layout = read(bytes);
    let mut out = Vec::new();
    for piece in splice(bytes, &layout, changes, &Limits::default())? {
        match piece {
            Piece::Keep(span) => out.extend(Limits::default().take(bytes, span)?),
            Piece::New(new) => out.extend(new),
        }
    }
    Ok(out)
}

fn put(carrier: Carrier, key: &str, body: &str) -> Changes {
    let put = Put { carrier, key: key.to_owned(), body: body.as_bytes().to_vec() };
    Changes { added: vec![put], ..Changes::default() }
}

#[test]
fn every_field_of_the_info_dictionary_is_read() {
    let info = r"<< /AIGC (\173\042Label\042:\0421\042\175) /Title <FEFF4E2D> /A#20b (\(x\)\
y) /Trapped /True /Ref 4 0 R /None null >>";
    let bytes = file(&[CATALOG, PAGES, (3, info), (4, "(there)")], "/Size 5 /Root 1 0 R /Info 3 0 R");
    let fields = fields(&bytes);
    assert_eq!(field(&fields, "AIGC"), Some("{\"Label\":\"1\"}"));
    assert_eq!(field(&fields, "Title"), Some("中"));
    assert_eq!(field(&fields, "A b"), Some("(x)y"));
    assert_eq!(field(&fields, "Trapped"), Some("True"));
    assert_eq!(field(&fields, "Ref"), Some("there"));
    assert_eq!(fields.len(), 5);
    assert!(read(&bytes).damage.is_none());
}

#[test]
fn a_field_is_appended_and_nothing_else_changes() {
    let bytes = plain("<</Producer(kept \\(so\\))/Trapped/False>>");
    for value in ["{\"Label\":\"1\"}", "a ( \\ \n", "标识"] {
        let out = changed(&bytes, &put(Carrier::Field, "AIGC", value)).unwrap();
        assert!(out.starts_with(&bytes), "the file as it was comes first");
        let update = String::from_utf8_lossy(&out[bytes.len()..]).into_owned();
        assert!(update.starts_with("3 0 obj\n<</Producer(kept \\(so\\))/Trapped/False"), "{update}");
        assert!(update.contains("xref\n3 1\n") && update.contains("/Root 1 0 R"), "{update}");
        assert!(update.contains("/ID [<0102><") && !update.contains("<0304>"), "{update}");
        let layout = read(&out);
        assert!(layout.damage.is_none(), "{:?}", layout.damage);
        assert_eq!(field(&fields(&out), "AIGC"), Some(value));
        assert_eq!(field(&fields(&out), "Producer"), Some("kept (so)"));
        let essence = |layout: &Layout| -> Vec<_> {
            layout.segments.iter().filter(|part| part.role == Role::Essence).map(|part| part.span).collect()
        };
        assert_eq!(essence(&layout), essence(&read(&bytes)), "an update of metadata is metadata");
    }
}

#[test]
fn a_field_is_replaced_and_taken_out() {
    let bytes = plain("<</AIGC(old)/Producer(p)>>");
    let at = read(&bytes).packets.iter().position(|packet| packet.key == "AIGC").unwrap();
    let replaced = |value: Option<&str>| Changes {
        replaced: [(at, value.map(|value| value.as_bytes().to_vec()))].into(),
        ..Changes::default()
    };
    let out = changed(&bytes, &replaced(Some("new"))).unwrap();
    assert_eq!(fields(&out), [("AIGC".into(), "new".into()), ("Producer".into(), "p".into())]);
    let out = changed(&bytes, &replaced(None)).unwrap();
    assert_eq!(fields(&out), [("Producer".into(), "p".into())]);
}

#[test]
fn an_info_dictionary_and_a_metadata_stream_are_made_where_there_is_none() {
    let bytes = file(&[CATALOG, PAGES], "/Size 3 /Root 1 0 R");
    let out = changed(&bytes, &put(Carrier::Field, "AIGC", "x")).unwrap();
    assert_eq!(fields(&out), [("AIGC".into(), "x".into())]);
    let out = changed(&out, &put(Carrier::Xmp, "", "<x/>")).unwrap();
    let layout = read(&out);
    let xmp = layout.packets.iter().find(|packet| packet.carrier == Carrier::Xmp).unwrap();
    assert!(matches!(xmp.body, Body::Verbatim));
    assert_eq!(xmp.read(&out, &Limits::default()).unwrap(), b"<x/>");
    assert_eq!(field(&fields(&out), "AIGC"), Some("x"), "the Info dictionary is still named");
    assert!(String::from_utf8_lossy(&out).contains("\n/Metadata 4 0 R >>"));
}

#[test]
fn nothing_asked_is_nothing_changed() {
    let bytes = plain("<< /Title (t) >>");
    assert_eq!(changed(&bytes, &Changes::default()).unwrap(), bytes);
}

/// Cross-references and objects in streams without any filter, so that they can be spelled out here.
fn streams() -> Vec<u8> {
    let mut out = b"%PDF-1.5\n".to_vec();
    let pages = out.len();
    out.extend(b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n");
    let inner = "1 0 3 34 << /Type /Catalog /Pages 2 0 R >> << /AIGC (within) >>";
    let holder = out.len();
    let first = inner.find("<<").unwrap();
    out.extend(
        format!(
            "4 0 obj\n<< /Type /ObjStm /N 2 /First {first} /Length {} >>\nstream\n{inner}\nendstream\nendobj\n",
            inner.len()
        )
        .bytes(),
    );
    let start = out.len();
    let place = |kind: u8, second: usize, third: u8| {
        let [.., high, low] = u32::try_from(second).unwrap().to_be_bytes();
        [kind, high, low, third]
    };
    let rows = [
        place(0, 0, 255),
        place(2, 4, 0),
        place(1, pages, 0),
        place(2, 4, 1),
        place(1, holder, 0),
        place(1, start, 0),
    ]
    .concat();
    out.extend(
        format!(
            "5 0 obj\n<< /Type /XRef /W [1 2 1] /Size 6 /Root 1 0 R /Info 3 0 R /Length {} >>\nstream\n",
            rows.len()
        )
        .bytes(),
    );
    out.extend(rows);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF").bytes());
    out
}

#[test]
fn objects_within_streams_are_read_and_updated_by_a_stream() {
    let bytes = streams();
    assert_eq!(fields(&bytes), [("AIGC".into(), "within".into())]);
    assert!(read(&bytes).damage.is_none(), "{:?}", read(&bytes).damage);
    let at = Changes { replaced: [(0, Some(b"new".to_vec()))].into(), ..Changes::default() };
    let out = changed(&bytes, &at).unwrap();
    assert_eq!(fields(&out), [("AIGC".into(), "new".into())]);
    let update = String::from_utf8_lossy(&out[bytes.len()..]).into_owned();
    assert!(update.contains("/Type /XRef /W [1 8 2] /Index [3 1 6 1]"), "{update}");
}

#[test]
fn broken_cross_references_are_said_and_the_label_is_found_all_the_same() {
    let whole = plain("<< /AIGC (x) /Producer (p) >>");
    let text = String::from_utf8(whole.clone()).unwrap();
    let start = text.find("startxref\n").unwrap() + 10;
    let end = start + text[start..].find('\n').unwrap();
    for wrong in ["0", "7", "99999999", "18446744073709551615", "9223372036854775807", "x"] {
        let bytes = [&whole[..start], wrong.as_bytes(), &whole[end..]].concat();
        assert!(read(&bytes).damage.is_some(), "{wrong}");
        assert_eq!(field(&fields(&bytes), "AIGC"), Some("x"), "{wrong}");
        let refused = changed(&bytes, &put(Carrier::Field, "B", "y"));
        assert!(refused.is_err(), "{wrong}");
    }
    for (from, to) in [
        ("/Size", "/Prev -7 /Size"),
        ("/Size", "/Prev 5 /Size"),
        ("/Size", "/Prev 9223372036854775807 /Size"),
        ("trailer", "tra"),
        ("3 1\n", "3 99999999999\n"),
        ("3 1\n", "4 1\n"),
        ("/Root 1 0 R", "/Root 2 0 R"),
        ("/Root 1 0 R", "/Root 9 0 R"),
        ("/Info 3 0 R", "/Info 2 1 R /X 0"),
    ] {
        let bytes = text.replacen(from, to, 1).into_bytes();
        let layout = read(&bytes);
        let says = field(&fields(&bytes), "AIGC") == Some("x");
        assert!(layout.damage.is_some() || to.contains("/X"), "{to}");
        assert!(says || to.contains("/X"), "{to}: {:?}", fields(&bytes));
    }
}

#[test]
fn a_chain_that_runs_in_a_circle_is_damage() {
    let whole = plain("<< /AIGC (x) /Producer (p) >>");
    let text = String::from_utf8(whole).unwrap();
    let at = text.find("xref\n0 1").unwrap();
    let bytes = text.replacen("/Size", &format!("/Prev {at} /Size"), 1).into_bytes();
    let damage = read(&bytes).damage.unwrap();
    assert_eq!(damage.problem, Problem::Malformed("the chain of cross-references runs in a circle"));
    assert_eq!(field(&fields(&bytes), "AIGC"), Some("x"));
}

#[test]
fn other_bytes_before_and_after_are_damage() {
    let whole = plain("<< /AIGC (x) >>");
    for before in [b"junk\n".as_slice(), &[0; 900]] {
        let bytes = [before, &whole].concat();
        let layout = read(&bytes);
        assert!(layout.damage.is_some());
        assert_eq!(field(&fields(&bytes), "AIGC"), Some("x"));
        assert_eq!(layout.segments[0].span.len(), before.len() as u64);
    }
    let bytes = [&whole[..], b"junk"].concat();
    assert_eq!(read(&bytes).damage.unwrap().at, whole.len() as u64);
    assert!(read(&[&whole[..], b"\r\n\0 \n"].concat()).damage.is_none());
}

#[test]
fn a_file_cut_anywhere_is_damaged() {
    let labelled = changed(&plain("<< /Title (t) >>"), &put(Carrier::Field, "AIGC", "x")).unwrap();
    let before = plain("<< /Title (t) >>").len();
    for whole in [labelled, streams()] {
        let end = whole.len() - usize::from(whole.ends_with(b"\n"));
        for cut in 5..end {
            let bytes = whole[..cut].to_vec();
            let known = read(&bytes).damage.is_some();
            // An update that is gone altogether leaves the file before it, with or without its last line break.
            let earlier = cut == before || cut + 1 == before;
            assert!(known || earlier, "cut at {cut}");
        }
    }
}

#[test]
fn any_byte_may_be_anything() {
    for whole in [plain("<< /AIGC (x) /P /N /Q [1 2.5 <aa>] >>"), streams()] {
        for at in 0..whole.len() {
            for value in [0, 0xFF, b'9', b'<', b'(', b'%'] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Ok(layout) = parse(&bytes, &Limits::default()) {
                    assert!(layout.tiles(bytes.size()), "{at} {value}");
                    let _ = splice(&bytes, &layout, &put(Carrier::Field, "B", "y"), &Limits::default());
                }
            }
        }
    }
}

#[test]
fn what_is_nested_or_large_beyond_sense_is_refused() {
    let deep = format!("<< /A {}{} >>", "[".repeat(5000), "]".repeat(5000));
    assert!(read(&plain(&deep)).damage.is_some());
    let loops = file(
        &[CATALOG, PAGES, (3, "<< /A 4 0 R /AIGC (x) >>"), (4, "4 0 R")],
        "/Size 5 /Root 1 0 R /Info 3 0 R",
    );
    assert_eq!(field(&fields(&loops), "AIGC"), Some("x"));
    let long = plain(&format!("<< /A ({}) >>", "x".repeat(100_000)));
    let limits = Limits { block: 50_000, ..Limits::default() };
    assert!(parse(&long, &limits).unwrap().damage.is_some());
    let limits = Limits { segments: 3, ..Limits::default() };
    assert!(parse(&plain("<< /A [1 2 3 4] >>"), &limits).unwrap().damage.is_some());
}

#[test]
fn a_stream_that_inflates_without_end_is_refused() {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(&[b' '; 100_000]).unwrap();
    let data = deflated.finish().unwrap();
    let mut out = b"%PDF-1.5\n".to_vec();
    let start = out.len();
    out.extend(
        format!(
            "1 0 obj\n<< /Type /XRef /W [1 2 1] /Size 2 /Filter /FlateDecode /Length {} >>\nstream\n",
            data.len()
        )
        .bytes(),
    );
    out.extend(&data);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF").bytes());
    let limits = Limits { inflated: 1000, ..Limits::default() };
    let damage = parse(&out, &limits).unwrap().damage.unwrap();
    assert!(matches!(damage.problem, Problem::OverLimit { limit: 1000, .. }), "{damage}");
}

#[test]
fn a_manifest_is_known_and_never_changed() {
    let catalog = "<< /Type /Catalog /Pages 2 0 R /AF [4 0 R] >>";
    let bytes = file(
        &[
            (1, catalog),
            PAGES,
            (4, "<< /Type /Filespec /AFRelationship /C2PA_Manifest /EF << /F 5 0 R >> >>"),
            (5, "<< /Length 4 >>\nstream\njumb\nendstream"),
        ],
        "/Size 6 /Root 1 0 R",
    );
    let layout = read(&bytes);
    assert_eq!(layout.packets[0].carrier, Carrier::Manifest);
    assert_eq!(layout.packets[0].read(&bytes, &Limits::default()).unwrap(), b"jumb");
    let at = Changes { replaced: [(0, None)].into(), ..Changes::default() };
    assert!(changed(&bytes, &at).is_err());
}

#[test]
fn a_manifest_attached_to_a_page_of_a_certified_file_is_known() {
    let bytes = file(
        &[
            (1, "<< /Type /Catalog /Pages 2 0 R /Perms << >> >>"),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
            (3, "<< /Type /Page /Parent 2 0 R /Annots [<< /Subtype /FileAttachment /FS 4 0 R >>] >>"),
            (4, "<< /Type /Filespec /AFRelationship /C2PA_Manifest /EF << /F 5 0 R >> >>"),
            (5, "<< /Length 4 >>\nstream\njumb\nendstream"),
        ],
        "/Size 6 /Root 1 0 R",
    );
    assert_eq!(read(&bytes).packets[0].carrier, Carrier::Manifest);
}

/// The tree of embedded files and the pages may lead back to where they came from.
#[test]
fn trees_that_run_in_circles_come_to_an_end() {
    let bytes = file(
        &[
            (1, "<< /Type /Catalog /Pages 2 0 R /Perms << >> /Names << /EmbeddedFiles 3 0 R >> >>"),
            (2, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
            (3, "<< /Kids [3 0 R 3 0 R] >>"),
        ],
        "/Size 4 /Root 1 0 R",
    );
    assert!(matches!(read(&bytes).damage.unwrap().problem, Problem::OverLimit { .. }));
}

#[test]
fn a_certification_that_allows_no_change_is_respected() {
    for (permission, allowed) in [(1, false), (2, true), (3, true)] {
        let signature = format!(
            "<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P {permission} >> >>] >>"
        );
        let bytes = file(
            &[(1, "<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 3 0 R >> >>"), PAGES, (3, &signature)],
            "/Size 4 /Root 1 0 R",
        );
        assert_eq!(changed(&bytes, &put(Carrier::Field, "AIGC", "x")).is_ok(), allowed, "P {permission}");
    }
}

#[test]
fn an_encrypted_file_is_neither_called_empty_nor_written() {
    let bytes = file(
        &[CATALOG, PAGES, (3, "<< /AIGC (x) >>"), (4, "<< /Filter /Other /V 9 >>")],
        "/Size 5 /Root 1 0 R /Info 3 0 R /Encrypt 4 0 R",
    );
    let layout = read(&bytes);
    assert!(matches!(layout.packets[0].body, Body::Broken(_)), "{layout:?}");
    assert!(layout.damage.is_some());
    assert!(changed(&bytes, &put(Carrier::Field, "B", "y")).is_err());
}

/// The same file, labelled and then encrypted by qpdf in each way there is, with an empty user password.
#[test]
fn what_opens_without_a_password_is_read() {
    let files: [&[u8]; 5] = [
        include_bytes!("test-files/rc4-40.pdf"),
        include_bytes!("test-files/rc4-128.pdf"),
        include_bytes!("test-files/aes-128.pdf"),
        include_bytes!("test-files/aes-256.pdf"),
        include_bytes!("test-files/aes-256-streams.pdf"),
    ];
    for bytes in files.map(<[u8]>::to_vec) {
        assert!(read(&bytes).damage.is_none(), "{:?}", read(&bytes).damage);
        let fields = fields(&bytes);
        assert_eq!(field(&fields, "Title"), Some("Notes on the river"));
        assert!(
            field(&fields, "AIGC").is_some_and(|label| label.ends_with("\"ReservedCode2\":\"\"}")),
            "{fields:?}"
        );
        let refused = changed(&bytes, &put(Carrier::Field, "B", "y")).unwrap_err();
        assert_eq!(refused.problem, Problem::Unsupported("writing to an encrypted PDF; decrypt it first"));
    }
}

#[test]
fn what_needs_a_password_is_not_called_empty() {
    let bytes = include_bytes!("test-files/password.pdf").to_vec();
    let layout = read(&bytes);
    assert!(matches!(layout.damage.unwrap().problem, Problem::Unsupported(why) if why.contains("password")));
    // Names are no secret, and neither are numbers; strings are.
    let label = layout.packets.iter().find(|packet| packet.key == "AIGC").unwrap();
    assert!(matches!(label.body, Body::Broken(_)));
}

/// A table whose trailer names a stream that has more (7.5.8.4).
#[test]
fn a_hybrid_file_shows_what_it_hides_from_old_readers() {
    let mut bytes = b"%PDF-1.5\n".to_vec();
    let catalog = bytes.len();
    bytes.extend(b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    let info = bytes.len();
    bytes.extend(b"3 0 obj\n<< /AIGC (hidden) >>\nendobj\n");
    let stream = bytes.len();
    let row = format!("01{info:04X}00");
    bytes.extend(
        format!(
            "4 0 obj\n<< /Type /XRef /W [1 2 1] /Index [3 1] /Size 5 /Length {} >>\nstream\n",
            row.len() / 2
        )
        .bytes(),
    );
    bytes.extend((0..row.len()).step_by(2).map(|at| u8::from_str_radix(&row[at..at + 2], 16).unwrap()));
    bytes.extend(b"\nendstream\nendobj\n");
    let start = bytes.len();
    bytes.extend(
        format!(
            "xref\n0 2\n0000000000 65535 f \n{catalog:010} 00000 n \n3 1\n0000000000 65535 f \n\
             trailer\n<< /Size 5 /Root 1 0 R /Info 3 0 R /XRefStm {stream} >>\nstartxref\n{start}\n%%EOF\n"
        )
        .bytes(),
    );
    assert_eq!(fields(&bytes), [("AIGC".into(), "hidden".into())]);
    assert!(read(&bytes).damage.is_none(), "{:?}", read(&bytes).damage);
    let changes = Changes { replaced: [(0, Some(b"new".to_vec()))].into(), ..Changes::default() };
    let out = changed(&bytes, &changes).unwrap();
    let update = String::from_utf8_lossy(&out[bytes.len()..]).into_owned();
    assert!(update.contains("xref\n3 1\n") && !update.contains("XRefStm"), "{update}");
    assert_eq!(fields(&out), [("AIGC".into(), "new".into())]);
}

/// Sections that all have the same bytes read again would cost the square of the file's length.
#[test]
fn the_same_bytes_are_not_read_without_end() {
    let nested = "xref trailer << /Prev 1 /A ( ".repeat(400) + &" ) >>".repeat(400);
    let mut file = nested.into_bytes();
    file.splice(0..0, b"%PDF-1.4\n".iter().copied());
    file.extend(b"startxref\n9\n%%EOF\n");
    let limits = Limits { block: 1 << 12, ..Limits::default() };
    assert!(parse(&file, &limits).unwrap().damage.is_some());
    let words = [b"%PDF-1.4\n1 0 obj\n<<".as_slice(), &b"/Producer trailer << ".repeat(5_000)].concat();
    assert!(parse(&words, &Limits::default()).unwrap().damage.is_some());
}

/// A file of a gigabyte that counts what is read of it: a hole in the middle of a real file.
struct Hollow {
    head: Vec<u8>,
    tail: Vec<u8>,
    read: AtomicU64,
}

const SIZE: u64 = 1 << 30;

impl Source for Hollow {
    fn size(&self) -> u64 {
        SIZE
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        let tail = SIZE - self.tail.len() as u64;
        for (place, byte) in (at..).zip(buf) {
            let index = |from: u64| usize::try_from(place - from).unwrap();
            *byte = match place {
                place if place >= tail => self.tail[index(tail)],
                place if place < self.head.len() as u64 => self.head[index(0)],
                _ => 0,
            };
        }
        Ok(())
    }
}

#[test]
fn of_a_large_file_little_is_read() {
    let head =
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n3 0 obj\n<< /AIGC (x) >>\nendobj\n"
            .to_vec();
    let at = |number: &str| head.windows(number.len()).position(|part| part == number.as_bytes()).unwrap();
    let (catalog, info) = (at("1 0 obj"), at("3 0 obj"));
    // A hundred thousand rows, of which two are needed.
    let mut rows = "0000000000 65535 f \n".repeat(100_000);
    rows.replace_range(20..40, &format!("{catalog:010} 00000 n \n"));
    rows.replace_range(60..80, &format!("{info:010} 00000 n \n"));
    let table = format!("xref\n0 100000\n{rows}trailer\n<< /Size 100000 /Root 1 0 R /Info 3 0 R >>\n");
    let start = SIZE - (table.len() + format!("startxref\n{SIZE}\n%%EOF\n").len()) as u64;
    let tail = format!("{table}startxref\n{start:010}\n%%EOF\n").into_bytes();
    let source = Hollow { head, tail, read: AtomicU64::new(0) };
    let layout = parse(&source, &Limits::default()).unwrap();
    assert!(layout.damage.is_none(), "{:?}", layout.damage);
    assert_eq!(layout.packets[0].read(&source, &Limits::default()).unwrap(), b"x");
    let pieces = splice(&source, &layout, &put(Carrier::Field, "B", "y"), &Limits::default()).unwrap();
    assert_eq!(pieces[0].len(), SIZE);
    let read = source.read.load(Ordering::Relaxed);
    assert!(read < 200_000, "{read} bytes read");
}

/// A mark whose letter is a square of one em.
fn square(words: &str) -> crate::PageMark {
    use crate::PathStep::{Close, Line, Move};
    let corners = [Move([0.0, 0.0]), Line([1.0, 0.0]), Line([1.0, 1.0]), Line([0.0, 1.0]), Close];
    crate::PageMark { words: words.to_owned(), outline: corners.to_vec(), width: 1.0 }
}

fn marking(start: Option<&str>, end: Option<&str>) -> Changes {
    let ends = crate::Ends { start: start.map(square), end: end.map(square) };
    Changes { content: Some(crate::NewContent::Pages(ends)), ..Changes::default() }
}

fn page_words(bytes: &Vec<u8>) -> Result<crate::PageWords, FormatError> {
    super::words(bytes, &read(bytes), &Limits::default())
}

/// Two pages that have their box and their fonts from above, drawn with these operators.
fn two_pages(page: &str, content: &str) -> Vec<u8> {
    let length = content.len();
    file(
        &[
            CATALOG,
            (
                2,
                "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 300 200] /Resources << /Font << /F 9 0 R >> >> >>",
            ),
            (3, &format!("<< /Type /Page /Parent 2 0 R /Contents 5 0 R {page} >>")),
            (4, "<< /Type /Page /Parent 2 0 R /Contents [5 0 R] >>"),
            (5, &format!("<< /Length {length} >>\nstream\n{content}\nendstream")),
        ],
        "/Size 6 /Root 1 0 R",
    )
}

/// The operators that the newest update adds.
fn newest_drawing(bytes: &[u8]) -> String {
    let key = b"/Filter /FlateDecode /Length ";
    let at = memchr::memmem::rfind(bytes, key).unwrap();
    let start = at + memchr::memmem::find(&bytes[at..], b"stream\n").unwrap() + 7;
    String::from_utf8(super::filter::inflate(&bytes[start..], &Limits::default()).unwrap()).unwrap()
}

#[test]
fn a_mark_is_drawn_over_the_page_it_is_for_and_read_again() {
    let bytes = two_pages("", "q 0 0 5 5 re W n /OC /Layer BDC");
    assert_eq!(page_words(&bytes).unwrap(), crate::PageWords { first: vec![], last: Some(vec![]) });
    let start = changed(&bytes, &marking(Some("甲 (A)"), None)).unwrap();
    assert!(start.starts_with(&bytes));
    let words = page_words(&start).unwrap();
    assert_eq!((words.first, words.last), (vec!["甲 (A)".to_owned()], Some(vec![])));
    // The page leaves a state and a layer behind: the mark is subject to neither.
    let drawing = newest_drawing(&start);
    assert!(drawing.starts_with("\nEMC\nQ\nQ\nq\n1 0 0 1 0 0 cm\n"), "{drawing}");
    let spelled = String::from_utf8_lossy(&start);
    assert!(spelled.contains("/Font <</F 9 0 R") || spelled.contains("/Font << /F 9 0 R"), "{spelled}");
    let both = changed(&start, &marking(None, Some("乙"))).unwrap();
    let words = page_words(&both).unwrap();
    assert_eq!((words.first, words.last), (vec!["甲 (A)".to_owned()], Some(vec!["乙".to_owned()])));
}

#[test]
fn a_mark_stands_upright_in_the_upper_left_however_the_page_is_turned() {
    // 300 by 200: margins of 10, letters of 10, a plate of 17 by 17.
    for (turn, matrix, top) in [
        (0, "1 0 0 1 20 0", 200.0),
        (90, "0 1 -1 0 300 0", 280.0),
        (180, "-1 0 0 -1 300 200", 200.0),
        (-90, "0 -1 1 0 20 200", 280.0),
    ] {
        let page = format!("/Rotate {turn} /CropBox [20 -50 300 900]");
        let drawing = newest_drawing(&changed(&two_pages(&page, ""), &marking(Some("A"), None)).unwrap());
        assert!(drawing.contains(&format!("\n{matrix} cm\n")), "{turn}: {drawing}");
        assert!(drawing.contains(&format!("\n10 {} 17 17 re f\n", top - 27.0)), "{turn}: {drawing}");
    }
}

#[test]
fn what_a_span_stands_for_counts_only_if_something_is_painted_in_it() {
    let words = |content: &str| page_words(&two_pages("", content)).map(|words| words.first);
    assert_eq!(words("/Span <</ActualText (A)>> BDC 0 0 1 1 re f EMC").unwrap(), ["A"]);
    assert_eq!(words("/Span <</ActualText (A)>> BDC 0 0 1 1 re n EMC").unwrap(), [""; 0]);
    assert_eq!(words("<</ActualText (A)>> pop /Span /P BDC f EMC").unwrap(), [""; 0]);
    assert_eq!(words("% /Span <</ActualText (A)>> BDC f EMC").unwrap(), [""; 0]);
    assert_eq!(words("(/Span <</ActualText \\( (A)>> BDC f EMC) Tj").unwrap(), [""; 0]);
    let image = "BI /W 1 ID \u{1} EI \u{1} /Span <</ActualText (A)>> BDC f EMC \nEI /Span <</ActualText (B)>> BDC f EMC";
    assert_eq!(words(image).unwrap(), ["B"]);
    for broken in ["(", "<", "/Span <</ActualText", "BI ID x"] {
        assert!(words(broken).is_err(), "{broken}");
    }
    let coded = file(
        &[
            CATALOG,
            (2, "<< /Kids [3 0 R] /MediaBox [0 0 9 9] >>"),
            (3, "<< /Type /Page /Contents 4 0 R >>"),
            (4, "<< /Filter /LZWDecode /Length 1 >>\nstream\n1\nendstream"),
        ],
        "/Size 5 /Root 1 0 R",
    );
    assert!(matches!(page_words(&coded).unwrap_err().problem, Problem::Unsupported(_)));
    assert!(changed(&coded, &marking(Some("A"), None)).is_err());
}

#[test]
fn a_mark_is_not_drawn_where_it_would_break_something_or_not_be_seen() {
    let refused = |bytes: &Vec<u8>, part: &str| {
        let err = changed(bytes, &marking(Some("A"), None)).unwrap_err();
        assert!(err.to_string().contains(part), "{err}");
    };
    refused(&two_pages("", "Q 0 0 1 1 re f q"), "restores more");
    refused(&two_pages("", "BT (x) Tj"), "within a text");
    refused(&two_pages("/MediaBox [0 0 4 4]", ""), "so small a page");
    refused(&two_pages("/Rotate 45", ""), "turned");
    let signed = |catalog: &str| {
        let pages = "<< /Kids [3 0 R] /MediaBox [0 0 99 99] >>";
        file(&[(1, catalog), (2, pages), (3, "<< /Type /Page >>")], "/Size 4 /Root 1 0 R")
    };
    for form in
        ["/SigFlags 1 /Fields []", "/Fields [<< /FT /Sig /V << /Type /Sig >> >>]", "/Fields [<< /V << >> >>]"]
    {
        refused(&signed(&format!("<< /Pages 2 0 R /AcroForm << {form} >> >>")), "signed PDF");
    }
    let unsigned = signed("<< /Pages 2 0 R /AcroForm << /Fields [<< /FT /Sig >>] >> >>");
    assert!(changed(&unsigned, &marking(Some("A"), None)).is_ok());
}

#[test]
fn text_spelled_filters_are_undone() {
    let decoded = |filter: &str, data: &str| {
        let content = format!("<< /Filter /{filter} /Length {} >>\nstream\n{data}\nendstream", data.len());
        let objects = [
            CATALOG,
            (2, "<< /Kids [3 0 R] /MediaBox [0 0 99 99] >>"),
            (3, "<< /Type /Page /Contents 4 0 R >>"),
            (4, content.as_str()),
        ];
        page_words(&file(&objects, "/Size 5 /Root 1 0 R")).map(|words| words.first)
    };
    // The second was made by another program.
    let hex: String =
        "/Span <</ActualText (A)>> BDC f EMC".bytes().map(|byte| format!("{byte:02x} ")).collect();
    assert_eq!(decoded("ASCIIHexDecode", &(hex + ">")).unwrap(), ["A"]);
    assert_eq!(decoded("ASCII85Decode", "02lguDBM&(00s)iF^])cAU&;>-p]:G4s30[6Qft`786,~>").unwrap(), ["A"]);
    assert!(decoded("ASCII85Decode", "vvvvv~>").is_err());
}
