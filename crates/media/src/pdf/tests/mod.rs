mod damage;
mod encrypted;
mod marks;

use marks::page_words;

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
