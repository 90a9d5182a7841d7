//! Plain text: words, in an encoding that only they tell.

use crate::text::{self, Verdict, detect};
use crate::text_splice::{self, MARK};
use crate::{
    Changes, Content, Format, Head, Layout, Piece, Role, Segment, Text, TextEncoding, text_recognize,
};
use indicia_core::{FormatError, Limits, MediaKind, Source, Span, Window};

const EXTENSIONS: &[&str] = &["txt", "text"];

pub(super) static FORMAT: Format = Format {
    name: "txt",
    title: "plain text",
    kind: MediaKind::Text,
    extensions: EXTENSIONS,
    mime: "text/plain",
    cite: "Unicode 16.0; GB 18030-2022",
    homes: &[],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Text { decode, no_change: None },
};

fn recognize(head: &Head<'_>) -> u32 {
    u32::from(text_recognize::is_plain(head, EXTENSIONS))
}

fn parse(source: &dyn Source, _: &Limits) -> Result<Layout, FormatError> {
    let mut window = Window::new(source);
    let head = window.up_to(0, 4096)?;
    let (coding, damage) = match detect(head, head.len() as u64 == source.size()) {
        Verdict::Text(coding) => (coding, None),
        Verdict::Damaged(coding, at) => (coding, Some(FormatError::malformed(at, text::UNDECODABLE))),
        Verdict::Binary => return Err(FormatError::malformed(0, "not text")),
    };
    let mut layout = Layout { damage, ..Layout::default() };
    let words =
        [(MARK, 0..coding.mark, Role::Structure), (*b"TEXT", coding.mark..source.size(), Role::Essence)];
    for (name, span, role) in words {
        let span = Span { start: span.start, end: span.end };
        if !span.is_empty() {
            layout.segments.push(Segment { name, span, role });
        }
    }
    // The head is enough for all but this: half a code unit at the end.
    let wide = matches!(coding.encoding, TextEncoding::Utf16Be | TextEncoding::Utf16Le);
    if wide && source.size() % 2 == 1 && layout.damage.is_none() {
        layout.damage = Some(FormatError::malformed(source.size() - 1, text::UNDECODABLE));
    }
    Ok(layout)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    text_splice::splice(source, layout, changes, limits, false)
}

fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    text_splice::words(source, layout, limits)
}

#[cfg(test)]
mod tests {
    use crate::{Asset, Changes, Draft, Ends, NewContent, Piece, Sites, TextEncoding};
    use indicia_core::{Limits, Problem, Span};

    fn name_of(bytes: &[u8], name: Option<&str>) -> Option<&'static str> {
        let bytes = bytes.to_vec();
        crate::recognize(&bytes, name).ok().map(|format| format.name)
    }

    fn extended(bytes: &[u8], start: Option<&str>, end: Option<&str>) -> Vec<u8> {
        let source = bytes.to_vec();
        let asset = Asset::open(&source, Some("a.txt"), &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        draft.extend_text(Ends { start: start.map(str::to_owned), end: end.map(str::to_owned) });
        draft.render().unwrap().to_bytes().unwrap()
    }

    #[test]
    fn only_a_text_without_another_name_is_plain_text() {
        for name in [Some("a.txt"), Some("A.TXT"), Some("a.text"), Some("README"), None] {
            assert_eq!(name_of("你好\n".as_bytes(), name), Some("txt"), "{name:?}");
        }
        for name in ["a.json", "a.svg", "a.html", "a.rs", "a.png", "a.csv", ".bashrc"] {
            assert_eq!(name_of(b"hello\n", Some(name)), None, "{name}");
        }
        for (bytes, name) in [
            (&b"<?xml version='1.0'?><svg/>"[..], Some("svg")),
            (b"\n<!DOCTYPE html>", Some("html")),
            (b"<?xml version='1.0'?><note/>", None),
            (b"caf\xE9 ol\xE9", None),
        ] {
            assert_eq!(name_of(bytes, None), name, "{bytes:02x?}");
        }
    }

    #[test]
    fn binary_data_is_not_text_whatever_its_name() {
        for bytes in [&b"\0\x01\x02\x03"[..], b"a\0b", b"\x01\x02\x03\x04\x05", b"PK\x03\x04\x14\0"] {
            assert_eq!(name_of(bytes, Some("a.txt")), None, "{bytes:02x?}");
            assert_eq!(name_of(bytes, Some("a.md")), None, "{bytes:02x?}");
        }
        assert_eq!(
            name_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some("a.txt")),
            name_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None)
        );
    }

    #[test]
    fn every_cut_still_tiles_and_splices_to_itself() {
        for whole in [
            &b"\xEF\xBB\xBF\xE4\xB8\xAD\xE6\x96\x87\n"[..],
            b"\xFF\xFE\x2D\x4E\n\0",
            b"\xD6\xD0\xCE\xC4\n",
            b"x",
        ] {
            for len in 1..=whole.len() {
                let source = whole[..len].to_vec();
                // A cut can leave bytes that are no text; that must be an error, no panic.
                let Ok(asset) = Asset::open(&source, Some("a.txt"), &Limits::default()) else { continue };
                assert!(asset.layout.tiles(len as u64), "{len}");
                let pieces =
                    (asset.format.splice)(&source, &asset.layout, &Changes::default(), &asset.limits);
                assert_eq!(pieces.unwrap(), [Piece::Keep(Span { start: 0, end: len as u64 })]);
                let _ = asset.text();
            }
        }
    }

    #[test]
    fn words_know_their_bytes() {
        for (bytes, start, encoding) in [
            (&b"\xEF\xBB\xBFa\xE4\xB8\xADb"[..], 3, TextEncoding::Utf8),
            (b"\xFF\xFEa\0\x2D\x4Eb\0", 2, TextEncoding::Utf16Le),
            (b"\xFE\xFF\0a\x4E\x2D\0b", 2, TextEncoding::Utf16Be),
            (b"a\xD6\xD0b", 0, TextEncoding::Gb18030),
        ] {
            let source = bytes.to_vec();
            let asset = Asset::open(&source, Some("a.txt"), &Limits::default()).unwrap();
            let text = asset.text().unwrap();
            assert_eq!((text.words.as_str(), text.sites), ("a中b", Sites::Coded { encoding, start }));
            let b = text.site(4..5);
            let size = source.len() as u64;
            assert_eq!(b, Span { start: size - text.site(0..1).len(), end: size });
        }
    }

    #[test]
    fn words_are_lines_of_their_own_in_the_files_own_way() {
        assert_eq!(extended(b"a\nb\n", Some("S"), Some("E")), b"S\na\nb\nE\n");
        assert_eq!(extended(b"a\r\nb", Some("S\n"), Some("E\n")), b"S\r\na\r\nb\r\nE\r\n");
        assert_eq!(extended(b"\xEF\xBB\xBFa", Some("S"), None), b"\xEF\xBB\xBFS\na");
        assert_eq!(extended(b"\xEF\xBB\xBF", None, Some("E")), b"\xEF\xBB\xBFE\n");
        assert_eq!(
            extended(b"\xFF\xFEa\0\r\0\n\0", Some("\u{751F}"), None),
            b"\xFF\xFE\x1F\x75\r\0\n\0a\0\r\0\n\0"
        );
        assert_eq!(extended(b"\xFE\xFF\0a", None, Some("b")), b"\xFE\xFF\0a\0\n\0b\0\n");
        assert_eq!(
            extended(b"\xD6\xD0\n", Some("生成"), Some("合成")),
            b"\xC9\xFA\xB3\xC9\n\xD6\xD0\n\xBA\xCF\xB3\xC9\n"
        );
    }

    #[test]
    fn bytes_can_be_cut_out_and_nothing_else_can_be_put_in() {
        let source = b"\xEF\xBB\xBFone\ntwo\nthree".to_vec();
        let asset = Asset::open(&source, Some("a.txt"), &Limits::default()).unwrap();
        let splice =
            |changes: &Changes| (asset.format.splice)(&source, &asset.layout, changes, &asset.limits);
        let cuts = vec![Span { start: 7, end: 16 }];
        let ends = Ends { start: None, end: Some("E".into()) };
        let pieces =
            splice(&Changes { cuts, content: Some(NewContent::Text(ends)), ..Changes::default() }).unwrap();
        assert_eq!(pieces, [Piece::Keep(Span { start: 0, end: 7 }), Piece::New(b"E\n".to_vec())]);
        for cuts in [
            vec![Span { start: 0, end: 3 }],
            vec![Span { start: 4, end: 8 }, Span { start: 6, end: 9 }],
            vec![Span { start: 9, end: 99 }],
        ] {
            assert!(splice(&Changes { cuts, ..Changes::default() }).is_err());
        }
        let put =
            crate::Put { carrier: crate::Carrier::FrontMatter, key: String::new(), body: b"a: 1".to_vec() };
        assert!(splice(&Changes { added: vec![put], ..Changes::default() }).is_err());
    }

    #[test]
    fn what_cannot_be_decoded_is_damage_and_is_not_written_on() {
        let source = b"na\xEFve, tr\xE8s caf\xE9".to_vec();
        let asset = Asset::open(&source, Some("a.txt"), &Limits::default()).unwrap();
        assert_eq!(asset.layout.damage.as_ref().map(|damage| damage.at), Some(2));
        assert!(asset.text().unwrap().words.contains('\u{FFFD}'));
        let mut draft = Draft::new(&asset);
        draft.extend_text(Ends { start: Some("S".into()), end: None });
        assert!(draft.render().is_err());
    }

    /// The head is plain ASCII, what comes after it is not even text: only the whole file tells.
    #[test]
    fn damage_beyond_the_head_stops_a_writer() {
        let mut source = b"words\n".repeat(2000);
        source.extend(b"na\xEFve, tr\xE8s caf\xE9");
        let asset = Asset::open(&source, Some("a.txt"), &Limits::default()).unwrap();
        assert!(asset.layout.damage.is_none() && asset.text().unwrap().words.contains('\u{FFFD}'));
        let mut draft = Draft::new(&asset);
        draft.extend_text(Ends { start: Some("S".into()), end: None });
        assert_eq!(draft.render().unwrap_err().at, 12_002);
        let mut late = b"words\n".repeat(2000);
        late.extend(b"\xD6\xD0\xCE\xC4\n");
        assert_eq!(
            Asset::open(&late, None, &Limits::default()).unwrap().text().unwrap().sites,
            Sites::Coded { encoding: TextEncoding::Gb18030, start: 0 }
        );
    }

    #[test]
    fn a_text_over_the_limit_is_not_decoded() {
        let source = b"0123456789".to_vec();
        let limits = Limits { text: 9, ..Limits::default() };
        let asset = Asset::open(&source, Some("a.txt"), &limits).unwrap();
        assert!(matches!(asset.text().unwrap_err().problem, Problem::OverLimit { limit: 9, .. }));
    }
}
