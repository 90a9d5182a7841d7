//! What is broken, goes in circles or is large beyond sense.

use super::*;

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
