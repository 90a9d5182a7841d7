//! Marks drawn over pages.

use super::*;

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

pub(super) fn page_words(bytes: &Vec<u8>) -> Result<crate::PageWords, FormatError> {
    super::super::words(bytes, &read(bytes), &Limits::default())
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
    String::from_utf8(super::super::filter::inflate(&bytes[start..], &Limits::default()).unwrap()).unwrap()
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
