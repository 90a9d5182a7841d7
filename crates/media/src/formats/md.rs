//! Markdown: front matter, words, and comments among them.

use crate::text::{self, Verdict, detect, narrow, take, unit};
use crate::text_front::{Notation, blocks};
use crate::text_splice::{self, JSON, MARK};
use crate::{
    Body, Carrier, Changes, Content, Format, Head, Home, Layout, Packet, Piece, Role, Segment, Text,
    text_comment, text_recognize,
};
use crate::{StandingOut, TextPart};
use indicia_core::{FormatError, Limits, MediaKind, Problem, Source, Span};

const EXTENSIONS: &[&str] = &["md", "markdown", "mdown", "mkd"];

/// Most comments listed in one file.
const COMMENTS: usize = 1 << 16;

pub(super) static FORMAT: Format = Format {
    name: "md",
    title: "Markdown",
    kind: MediaKind::Document,
    extensions: EXTENSIONS,
    mime: "text/markdown",
    cite: "CommonMark 0.31; RFC 7763",
    homes: &[Home { carrier: Carrier::FrontMatter, place: "front matter" }],
    no_notice: None,
    recognize,
    parse,
    splice,
    content: Content::Text { decode, no_change: None },
};

fn recognize(head: &Head<'_>) -> u32 {
    u32::from(text_recognize::is_markdown(head, EXTENSIONS))
}

/// Reads all of the file, up to [`Limits::text`]: a comment can stand anywhere.
fn parse(source: &dyn Source, limits: &Limits) -> Result<Layout, FormatError> {
    let size = source.size();
    let head = take(source, limits)?;
    let mut layout = Layout::default();
    let coding = match detect(&head, head.len() as u64 == size) {
        Verdict::Text(coding) => coding,
        Verdict::Damaged(coding, at) => {
            layout.damage = Some(FormatError::malformed(at, text::UNDECODABLE));
            coding
        }
        Verdict::Binary => return Err(FormatError::malformed(0, "not text")),
    };
    // What comes after the limit was not looked at, and there may be a label in it.
    if layout.damage.is_none() {
        layout.damage = text::within(source, limits).err();
    }
    let unit = unit(coding.encoding);
    let text = narrow(&head, coding.encoding);
    let span = |range: &std::ops::Range<usize>| {
        let at = |unit_at: usize| ((unit_at * unit) as u64).min(size);
        Span { start: at(range.start), end: at(range.end) }
    };
    let body = text_splice::body_of(coding.encoding);
    let cut = |layout: &mut Layout, end: u64, name: [u8; 4], role: Role| {
        let start = layout.segments.last().map_or(0, |segment| segment.span.end);
        if start < end {
            layout.segments.push(Segment { name, span: Span { start, end }, role });
        }
    };
    cut(&mut layout, coding.mark, MARK, Role::Structure);
    let first = usize::try_from(coding.mark).unwrap_or_default() / unit;
    let mut words = first;
    for block in blocks(&text, first) {
        let place = match block.notation {
            Notation::Json => JSON,
            Notation::Toml => "TOML front matter",
            Notation::Yaml if words > first => "second front matter",
            Notation::Yaml if block.all.start > first => "front matter after blank lines",
            Notation::Yaml => "front matter",
        };
        words = block.all.end;
        let inner = span(&block.body);
        let body = match block.notation {
            Notation::Toml => Body::Broken(FormatError::unsupported(inner.start, "front matter in TOML")),
            Notation::Json | Notation::Yaml => body.clone(),
        };
        layout.packets.push(Packet {
            carrier: Carrier::FrontMatter,
            key: String::new(),
            place,
            span: inner,
            body,
        });
        if !block.closed {
            // Its words are words too, as far as anyone can tell.
            layout.damage = Some(FormatError::malformed(inner.end, "front matter without its end"));
            words = first;
            break;
        }
        let all = span(&block.all);
        cut(&mut layout, all.start, *b"GAP ", Role::Structure);
        cut(&mut layout, all.end, *b"HEAD", Role::Metadata);
    }
    cut(&mut layout, size, *b"TEXT", Role::Essence);
    let (comments, more) = text_comment::comments(&text, words, COMMENTS);
    for inside in &comments {
        let (carrier, place, key) = (Carrier::Comment, "HTML comment", String::new());
        layout.packets.push(Packet { carrier, key, place, span: span(inside), body: body.clone() });
    }
    if more && layout.damage.is_none() {
        let at = layout.packets.last().map_or(0, |packet| packet.span.end);
        let problem = Problem::OverLimit { what: "comments", limit: COMMENTS as u64 };
        layout.damage = Some(FormatError::new(at, problem));
    }
    Ok(layout)
}

fn splice(
    source: &dyn Source,
    layout: &Layout,
    changes: &Changes,
    limits: &Limits,
) -> Result<Vec<Piece>, FormatError> {
    text_splice::splice(source, layout, changes, limits, true)
}

fn decode(source: &dyn Source, layout: &Layout, limits: &Limits) -> Result<Text, FormatError> {
    let mut text = text_splice::words(source, layout, limits)?;
    text.standing_out = headings(&text.words);
    Ok(text)
}

/// The headings (`CommonMark` 0.31, 4.2: ATX headings, 4.3: setext headings) that stand in no block of code and no comment.
fn headings(words: &str) -> Vec<StandingOut> {
    let (mut fenced, mut hidden) = (None, false);
    let mut headings = Vec::new();
    // The lines of the paragraph so far, which a line under it makes a heading.
    let mut paragraph: Vec<&str> = Vec::new();
    for line in words.lines() {
        let start = line.trim_start();
        let fence = ["```", "~~~"].into_iter().find(|fence| start.starts_with(fence));
        match (fenced, fence) {
            (None, Some(fence)) if !hidden => fenced = Some(fence),
            (Some(open), Some(fence)) if open == fence => fenced = None,
            _ => {}
        }
        hidden |= start.starts_with("<!--");
        let title = start.trim_start_matches('#');
        let depth = start.len() - title.len();
        let indent = line.len() - start.len();
        let is_heading = (1..=6).contains(&depth) && title.starts_with([' ', '\t']) && indent < 4;
        if fenced.is_some() || fence.is_some() || hidden {
            paragraph.clear();
        } else if is_heading {
            let words = title.trim().trim_end_matches('#').trim().to_owned();
            headings.push(StandingOut { part: TextPart::Heading, words });
            paragraph.clear();
        } else if !paragraph.is_empty() && indent < 4 && is_underline(start) {
            headings.push(StandingOut { part: TextPart::Heading, words: paragraph.join(" ") });
            paragraph.clear();
        } else if start.is_empty()
            || is_underline(start)
            || begins_another_block(start)
            || (paragraph.is_empty() && indent >= 4)
        {
            paragraph.clear();
        } else {
            paragraph.push(line.trim());
        }
        hidden &= !line.contains("-->");
    }
    headings
}

/// Whether a line is one of `=` or `-` alone.
fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    let of = |sign: char| !line.is_empty() && line.chars().all(|one| one == sign);
    of('=') || of('-')
}

/// Whether a line begins a block that a line under it makes no heading of: a quotation, an entry of a list, a table, HTML.
fn begins_another_block(line: &str) -> bool {
    let number = line.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let numbered = number.len() < line.len() && [". ", ") "].iter().any(|after| number.starts_with(after));
    numbered
        || line.starts_with(['>', '|', '<'])
        || ["- ", "* ", "+ "].iter().any(|sign| line.starts_with(sign))
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_with_a_line_under_them_are_headings() {
        let words = "Made by\nAI\n===\n\nTwo\n---\n\n---\n\n- entry\n---\n> said\n===\n1. one\n---\n    code\n===\n```\nin code\n---\n```\n| a |\n---\nno\n\n===\n";
        let found: Vec<_> = super::headings(words).into_iter().map(|line| line.words).collect();
        assert_eq!(found, ["Made by AI", "Two"]);
    }

    #[test]
    fn headings_in_code_and_comments_are_none() {
        let words = "# One\n\n####### no\n```\n# code\n```\n<!--\n# hidden\n-->\n## Two ##\n#tag\n";
        let found: Vec<_> = super::headings(words).into_iter().map(|line| line.words).collect();
        assert_eq!(found, ["One", "Two"]);
    }

    use crate::{Asset, Carrier, Changes, Draft, Ends, Piece, Role};
    use indicia_core::{Limits, Source, Span};

    fn open(source: &dyn Source) -> Asset<'_> {
        Asset::open(source, Some("a.md"), &Limits::default()).unwrap()
    }

    fn packets(text: &str) -> Vec<(Carrier, &'static str, String)> {
        let source = text.as_bytes().to_vec();
        let asset = open(&source);
        let read =
            |packet| asset.read(packet).map_or("broken".into(), |body| String::from_utf8(body).unwrap());
        asset.layout.packets.iter().map(|packet| (packet.carrier, packet.place, read(packet))).collect()
    }

    fn changed(bytes: &[u8], change: impl Fn(&mut Draft<'_>)) -> Vec<u8> {
        let source = bytes.to_vec();
        let asset = open(&source);
        let mut draft = Draft::new(&asset);
        change(&mut draft);
        draft.render().unwrap().to_bytes().unwrap()
    }

    fn with_front_matter(bytes: &[u8], body: &str) -> Vec<u8> {
        changed(bytes, |draft| draft.set(Carrier::FrontMatter, "", body.as_bytes().to_vec()))
    }

    fn without_first_packet(bytes: &[u8]) -> Vec<u8> {
        changed(bytes, |draft| draft.remove(0))
    }

    fn extended(bytes: &[u8], start: Option<&str>, end: Option<&str>) -> Vec<u8> {
        let ends = Ends { start: start.map(str::to_owned), end: end.map(str::to_owned) };
        changed(bytes, |draft| draft.extend_text(ends.clone()))
    }

    fn utf16(text: &str) -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn it_is_known_by_its_name_or_by_its_front_matter() {
        let name_of =
            |bytes: &[u8], name| crate::recognize(&bytes.to_vec(), name).ok().map(|format| format.name);
        assert_eq!(name_of(b"# x\n", Some("a.MD")), Some("md"));
        assert_eq!(name_of(b"# x\n", Some("a.markdown")), Some("md"));
        assert_eq!(name_of(b"---\na: 1\n---\n# x\n", None), Some("md"));
        assert_eq!(name_of(&utf16("---\na: 1\n---\n"), Some("README")), Some("md"));
        assert_eq!(name_of(b"---\nwords\n---\n", None), Some("txt"));
        assert_eq!(name_of(b"---\na: 1\n---\n", Some("a.yaml")), None);
        assert_eq!(name_of(b"---\na: 1\n---\n", Some("a.txt")), Some("txt"));
    }

    #[test]
    fn front_matter_and_comments_are_packets() {
        use Carrier::{Comment, FrontMatter};
        let text = "---\nAIGC:\n  Label: '1'\n---\n\n# t\n<!-- c -->\n";
        let expected = [
            (FrontMatter, "front matter", "AIGC:\n  Label: '1'\n".into()),
            (Comment, "HTML comment", " c ".into()),
        ];
        assert_eq!(packets(text), expected);
        assert_eq!(packets("---\na: 1\n---\n---\nb: 2\n---\n").get(1).unwrap().1, "second front matter");
        assert_eq!(packets("\n---\na: 1\n---\n")[0].1, "front matter after blank lines");
        assert_eq!(packets("{\"a\": 1}\nwords")[0], (FrontMatter, "JSON front matter", "{\"a\": 1}".into()));
        assert_eq!(packets("+++\na = 1\n+++\n")[0], (FrontMatter, "TOML front matter", "broken".into()));
        assert_eq!(packets("words\n```\n<!-- c -->\n```\n"), []);
    }

    #[test]
    fn every_encoding_gives_the_same_packets() {
        let text = "---\n标题: 生成\n---\n正文 <!-- 注 -->\n";
        let expected = packets(text);
        assert_eq!(expected.len(), 2);
        let big: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let gb = encoding_rs::GB18030.encode(text).0.into_owned();
        for source in [utf16(text), big, gb, [b"\xEF\xBB\xBF", text.as_bytes()].concat()] {
            let asset = open(&source);
            assert!(asset.layout.tiles(source.len() as u64) && asset.layout.damage.is_none());
            let read = |packet| String::from_utf8(asset.read(packet).unwrap()).unwrap();
            let found: Vec<_> = asset
                .layout
                .packets
                .iter()
                .map(|packet| (packet.carrier, packet.place, read(packet)))
                .collect();
            assert_eq!(found, expected);
            assert_eq!(asset.text().unwrap().words, "正文 <!-- 注 -->\n");
        }
    }

    #[test]
    fn every_cut_tiles_and_splices_to_itself() {
        let text = "\u{FEFF}---\nAIGC: {\"Label\":\"1\"}\n---\n\n---\nb: 1\n...\n# 题 <!-- c -->\n";
        for whole in [text.as_bytes().to_vec(), utf16(&text[3..]), text.replace('\n', "\r\n").into_bytes()] {
            for len in 1..=whole.len() {
                let source = whole[..len].to_vec();
                let Ok(asset) = Asset::open(&source, Some("a.md"), &Limits::default()) else { continue };
                assert!(asset.layout.tiles(len as u64), "{len}");
                let pieces =
                    (asset.format.splice)(&source, &asset.layout, &Changes::default(), &asset.limits);
                assert_eq!(pieces.unwrap(), [Piece::Keep(Span { start: 0, end: len as u64 })]);
                for packet in &asset.layout.packets {
                    assert!(packet.span.start <= packet.span.end && packet.span.end <= len as u64);
                    let _ = asset.read(packet);
                }
                let _ = asset.text();
            }
        }
    }

    /// A label in it is still reported, but that there is none cannot be said.
    #[test]
    fn front_matter_without_its_end_is_damage() {
        let source = b"---\nAIGC:\n  Label: '1'\n\nwords\n".to_vec();
        let asset = open(&source);
        assert_eq!(asset.layout.damage.as_ref().unwrap().at, 23);
        assert_eq!(asset.read(&asset.layout.packets[0]).unwrap(), b"AIGC:\n  Label: '1'\n");
        assert!(asset.layout.tiles(source.len() as u64));
    }

    #[test]
    fn front_matter_is_added_at_the_head_in_the_files_own_way() {
        assert_eq!(with_front_matter(b"# t\n", "a: 1\n"), b"---\na: 1\n---\n# t\n");
        assert_eq!(
            with_front_matter(b"# t\r\nx\r\n", "a: 1\nb: 2"),
            b"---\r\na: 1\r\nb: 2\r\n---\r\n# t\r\nx\r\n"
        );
        assert_eq!(with_front_matter(b"\xEF\xBB\xBF# t", "a: 1"), b"\xEF\xBB\xBF---\na: 1\n---\n# t");
        assert_eq!(with_front_matter(&utf16("题\r\n"), "a: 生"), utf16("---\r\na: 生\r\n---\r\n题\r\n"));
        assert_eq!(with_front_matter(b"\xD6\xD0\n", "a: 生"), b"---\na: \xC9\xFA\n---\n\xD6\xD0\n");
        assert_eq!(with_front_matter(b"---\nwords\n---\n", "a: 1"), b"---\na: 1\n---\n---\nwords\n---\n");
    }

    #[test]
    fn front_matter_is_replaced_and_taken_out_and_nothing_else_is_touched() {
        assert_eq!(with_front_matter(b"---\na: 1\n...\n# t\n", "a: 2"), b"---\na: 2\n...\n# t\n");
        assert_eq!(with_front_matter(b"---\n---\n# t\n", "a: 2"), b"---\na: 2\n---\n# t\n");
        assert_eq!(
            with_front_matter(b"---\r\na: 1\r\n---\r\nx\ny", "a: 1\r\nb: 2\n"),
            b"---\r\na: 1\r\nb: 2\r\n---\r\nx\ny"
        );
        assert_eq!(with_front_matter(b"--- \r\na: 1\n---\n", "a: 1\nb: 2\n"), b"--- \r\na: 1\nb: 2\n---\n");
        let (before, after) = (utf16("---\na: 1\n---\n题"), utf16("---\na: 生\n---\n题"));
        assert_eq!(with_front_matter(&before, "a: 生\n"), after);
        for text in ["# t\n", "\n\nwords", "\n", "x"] {
            let added = with_front_matter(text.as_bytes(), "a: 1");
            assert_eq!(without_first_packet(&added), text.as_bytes());
        }
        assert_eq!(without_first_packet(b"---\na: 1\n---\n\n---\nb: 1\n---\nx"), b"\n---\nb: 1\n---\nx");
    }

    #[test]
    fn what_would_break_the_file_is_refused() {
        let try_to = |bytes: &[u8], change: &dyn Fn(&mut Draft<'_>)| {
            let source = bytes.to_vec();
            let asset = open(&source);
            let mut draft = Draft::new(&asset);
            change(&mut draft);
            draft.render().is_err()
        };
        let set = |body: &'static [u8]| {
            move |draft: &mut Draft<'_>| draft.set(Carrier::FrontMatter, "", body.to_vec())
        };
        assert!(try_to(b"# t\n", &set(b"a: 1\n---\nb: 1")));
        assert!(try_to(b"---\na: 1\n---\n", &set(b"a: 1\n... \n")));
        assert!(try_to(b"# t\n", &set(b"\xFF")));
        assert!(try_to(b"+++\na = 1\n+++\n", &set(b"a: 1")));
        assert!(try_to(b"{\"a\": 1}\n", &set(b"a: 1")));
        assert!(try_to(b"<!--c-->\n", &|draft| draft.replace(0, b"x --> y".to_vec())));
        assert!(try_to(b"x\n", &|draft| draft.set(Carrier::Comment, "", b"x".to_vec())));
        assert!(try_to(b"x\n", &|draft| draft.replace(3, b"x".to_vec())));
    }

    #[test]
    fn comments_are_replaced_and_taken_out() {
        assert_eq!(changed(b"a <!--c--> b\n", |draft| draft.replace(0, b"d".to_vec())), b"a <!--d--> b\n");
        assert_eq!(without_first_packet(b"a <!--c--> b\n"), b"a  b\n");
        assert_eq!(without_first_packet(b"a <!--c-->\nb\n"), b"a \nb\n");
        assert_eq!(without_first_packet(b"a\r\n<!--c-->\r\nb\r\n"), b"a\r\nb\r\n");
        assert_eq!(without_first_packet(b"<!--c-->"), b"");
        assert_eq!(without_first_packet(b"<!--c--> b\n"), b" b\n");
        assert_eq!(without_first_packet(&utf16("a\n<!--c-->\nb")), utf16("a\nb"));
    }

    #[test]
    fn words_are_paragraphs_of_their_own_and_do_not_touch_the_rest() {
        assert_eq!(extended(b"# t\n", Some("S"), Some("E")), b"S\n\n# t\n\nE\n");
        assert_eq!(extended(b"\nx", Some("S"), Some("E")), b"S\n\nx\n\nE\n");
        assert_eq!(
            extended(b"---\na: 1\n---\n\nx\n\n", Some("S"), Some("E")),
            b"---\na: 1\n---\nS\n\nx\n\nE\n"
        );
        assert_eq!(
            extended(b"---\r\na: 1\r\n---\r\nx", Some("S"), None),
            b"---\r\na: 1\r\n---\r\nS\r\n\r\nx"
        );
        assert_eq!(extended(b"---\na: 1\n---\n", Some("S"), Some("E")), b"---\na: 1\n---\nS\n\nE\n");
        assert_eq!(extended(b"---\na: 1\n---", Some("S"), None), b"---\na: 1\n---\nS\n");
        assert_eq!(extended(b"---\na: 1\n---", None, Some("E")), b"---\na: 1\n---\nE\n");
        let both = changed(b"x\n", |draft| {
            draft.set(Carrier::FrontMatter, "", b"a: 1".to_vec());
            draft.extend_text(Ends { start: Some("S".into()), end: None });
        });
        assert_eq!(both, b"---\na: 1\n---\nS\n\nx\n");
    }

    #[test]
    fn what_is_over_a_limit_was_not_looked_at_and_that_is_said() {
        let source = b"---\na: 1\n---\nwords <!-- c -->\n".to_vec();
        let limits = Limits { text: 15, ..Limits::default() };
        let asset = Asset::open(&source, Some("a.md"), &limits).unwrap();
        assert_eq!(asset.layout.packets.len(), 1);
        assert!(asset.layout.damage.is_some() && asset.layout.tiles(source.len() as u64));
        assert_eq!(asset.layout.segments.last().unwrap().role, Role::Essence);
    }
}
