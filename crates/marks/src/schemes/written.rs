//! The notice written in a text, as a line of its own before or after the words, or drawn on a page.

use crate::notice_line;
use crate::words::Elements;
use crate::written_pages;
use crate::written_words::{mark, ordered, says_the_same};
use crate::{MarkError, Scheme, Write};
use indicia_core::{Channel, Context, FormatError, Mark, MediaKind, Order, Position, Problem, Span};
use indicia_media::{Asset, Carrier, Content, Draft, Ends, TextPart};
use std::ops::Range;

/// Lines looked at from either end; empty ones do not count.
const LINES: usize = 3;

/// The row.
pub static SCHEME: Scheme = Scheme {
    name: "written",
    title: "written notice",
    channel: Channel::Explicit,
    kinds: &[MediaKind::Text, MediaKind::Document],
    default: true,
    decodes: false,
    misses: "",
    cite: "GB 45438-2025 clause 5.1; in other words than the standard's, by their sense",
    about: "A line of its own, such as 本内容由人工智能生成, that stands before the words or after them, where \
            whoever reads the text reads it. GB 45438-2025 wants 人工智能 or AI in it, together with 生成 or 合成. \
            It is copied along with the text and survives every change of format; whoever deletes the line \
            destroys it. The first and last three lines are read, headings, and the headers and footers of DOCX, \
            OpenDocument and web pages, and a line counts only if all of it is made of what notices consist of. A notice \
            elsewhere in the middle of a text, the corner mark and a notice in the page around the text are not seen. \
            Signs that are not shown are passed over; a line that only looks like a notice, since letters of another \
            script stand in it or its direction is turned, is told as a doubt. On the pages of a PDF it is drawn at the top of the first or the last \
            page, with its words beside the shapes for whoever copies or listens; words that others set in fonts \
            are not read there.",
    find,
    write: Write::Draft { change, confirm: None },
};

fn find(asset: &Asset<'_>, _: &Context) -> Result<Vec<Mark>, MarkError> {
    if matches!(asset.format.content, Content::Pages { .. }) {
        return written_pages::find(asset);
    }
    let page = Page::read(asset)?;
    let marks: Vec<Mark> =
        page.lines.iter().filter_map(|line| page.mark(asset, line).transpose()).collect::<Result<_, _>>()?;
    let marks = standing_out(asset, marks)?;
    let garbled =
        |line: &Line| page.words.get(line.range.clone()).is_some_and(|words| words.contains('\u{FFFD}'));
    if marks.is_empty() && page.lines.iter().any(garbled) {
        return Err(MarkError::Blind("the first or last lines cannot be decoded".into()));
    }
    Ok(marks)
}

fn change(order: &Order, draft: &mut Draft<'_>, _: &Context) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    if matches!(asset.format.content, Content::Pages { .. }) {
        return written_pages::change(order, draft);
    }
    let (words, reading) = ordered(order)?;
    let page = Page::read(asset)?;
    let (mut start, mut end) = (order.style.part.start(), order.style.part.end());
    for line in &page.lines {
        let Some(mark) = page.mark(asset, line)?.filter(|mark| !mark.is_doubtful()) else { continue };
        let stands =
            |position| mark.notice.as_ref().is_some_and(|notice| notice.positions.contains(&position));
        if says_the_same(&mark, &order.claim) {
            let good = Elements::of(&mark.raw).satisfy_gb45438() || !Elements::of(&words).satisfy_gb45438();
            start &= !(good && stands(Position::Start));
            end &= !(good && stands(Position::End));
        } else if order.replace {
            draft.cut(page.site_to_cut(asset, line)?);
        } else {
            return Err(MarkError::Refused(format!(
                "the {} already says {:?}, which is not what is to be written; ask for it to be replaced",
                line.place, mark.raw
            )));
        }
    }
    if !start && !end {
        return Ok(None);
    }
    if end && page.hides_end {
        return Err(MarkError::Refused(
            "the text ends in a comment without an end: a notice there is not seen".into(),
        ));
    }
    let line = format!("{words}\n");
    draft.extend_text(Ends { start: start.then(|| line.clone()), end: end.then_some(line) });
    let sides = [(start, Position::Start, "first line"), (end, Position::End, "last line")];
    let (positions, places): (Vec<_>, Vec<_>) =
        sides.iter().filter(|(wanted, ..)| *wanted).map(|(_, position, place)| (*position, *place)).unzip();
    Ok(Some(mark(&words, reading, positions, places.join(" and "), 0)))
}

/// Adds the notices in headings, headers and footers.
fn standing_out(asset: &Asset<'_>, mut marks: Vec<Mark>) -> Result<Vec<Mark>, MarkError> {
    let text = asset.text()?;
    for line in &text.standing_out {
        let words = line.words.trim();
        let Some(mut reading) = notice_line::read(words) else { continue };
        let (position, place) = match line.part {
            TextPart::Heading => (Position::Middle, "heading"),
            TextPart::Header => (Position::Start, "header"),
            TextPart::Footer => (Position::End, "footer"),
        };
        // A text about such content may be headed so.
        reading.sure &= !(line.part == TextPart::Heading && reading.is_bare);
        if let Some(known) = marks.iter_mut().find(|mark| mark.raw == words) {
            // One of the first or last lines may be a heading itself; a header stands beside them.
            if line.part != TextPart::Heading && !known.place.contains(place) {
                known.place = format!("{}, {place}", known.place);
                if let Some(notice) = known.notice.as_mut().filter(|one| !one.positions.contains(&position)) {
                    notice.positions.push(position);
                }
            }
            continue;
        }
        marks.push(mark(words, reading, vec![position], place.to_owned(), text.site(0..0).start));
    }
    Ok(marks)
}

/// The lines of a text that a notice is looked for in.
struct Page {
    /// The words, with spaces in place of comments; as long as those of the asset.
    words: String,
    lines: Vec<Line>,
    /// Whether what is put at the end would not be shown.
    hides_end: bool,
}

#[derive(Clone, Debug)]
struct Line {
    range: Range<usize>,
    positions: Vec<Position>,
    place: &'static str,
    /// In or beside a block of code, so that it may be an example.
    code: bool,
}

impl Page {
    fn read(asset: &Asset<'_>) -> Result<Self, MarkError> {
        let text = asset.text().map_err(|err| match err.problem {
            Problem::OverLimit { .. } => MarkError::Blind(format!("the text is too long: {err}")),
            _ => MarkError::Format(err),
        })?;
        let words = without_comments(asset, &text.words)?;
        // An HTML comment without an end hides all that follows it.
        let open = (asset.kind() == MediaKind::Document)
            .then(|| {
                line_starts(&words).find(|at| words.get(*at..).is_some_and(|rest| rest.starts_with("<!--")))
            })
            .flatten();
        let shown = words.get(..open.unwrap_or(words.len())).unwrap_or_default();
        let lines = edge_lines(shown);
        Ok(Self { lines, hides_end: open.is_some(), words })
    }

    fn mark(&self, asset: &Asset<'_>, line: &Line) -> Result<Option<Mark>, FormatError> {
        let words = self.words.get(line.range.clone()).unwrap_or_default().trim();
        let Some(mut reading) = notice_line::read(words) else { return Ok(None) };
        reading.sure &= !line.code;
        let site = asset.text()?.site(line.range.clone());
        let mark = mark(words, reading, line.positions.clone(), line.place.to_owned(), site.start);
        Ok(Some(Mark { site: Some(site), ..mark }))
    }

    /// The bytes of a line and its break, where these are known for certain and hold nothing else.
    fn site_to_cut(&self, asset: &Asset<'_>, line: &Line) -> Result<Span, MarkError> {
        let text = asset.text()?;
        let exact = text.site(0..text.words.len()).end == asset.source.size();
        if !exact || text.words.get(line.range.clone()) != self.words.get(line.range.clone()) {
            let why =
                format!("the notice in the {} cannot be taken out without touching other bytes", line.place);
            return Err(MarkError::Refused(why));
        }
        Ok(text.site(line.with_break(&self.words)))
    }
}

impl Line {
    /// The line with the break that ends it.
    fn with_break(&self, words: &str) -> Range<usize> {
        let rest = words.get(self.range.end..).unwrap_or_default();
        let len = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\r', '\n'])) };
        self.range.start..self.range.end + len
    }
}

/// The words with spaces in place of comments, which nobody reads. The length stays the same.
fn without_comments(asset: &Asset<'_>, words: &str) -> Result<String, MarkError> {
    let mut left = String::new();
    let mut from = 0;
    for (_, packet) in asset.packets(Carrier::Comment) {
        let body = asset.read(packet)?;
        let whole = format!("<!--{}-->", String::from_utf8_lossy(&body));
        let Some(at) = words.get(from..).and_then(|rest| rest.find(&whole)).map(|at| at + from) else {
            continue;
        };
        left.push_str(words.get(from..at).unwrap_or_default());
        // Byte by byte, so that every offset stays what it was.
        left.extend(whole.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        from = at + whole.len();
    }
    left.push_str(words.get(from..).unwrap_or_default());
    Ok(left)
}

fn line_starts(words: &str) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(words.match_indices('\n').map(|(at, _)| at + 1))
}

/// The first and the last lines that are not empty, without their breaks.
fn edge_lines(words: &str) -> Vec<Line> {
    let full = |range: &Range<usize>| words.get(range.clone()).is_some_and(|line| !line.trim().is_empty());
    let breaks = ['\n', '\r'];
    let mut start = 0;
    let forward = words.split(breaks).map(|line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    });
    let mut end = words.len();
    let backward = words.rsplit(breaks).map(|line| {
        let range = end - line.len()..end;
        end = range.start.saturating_sub(1);
        range
    });
    let first: Vec<_> = forward.filter(full).take(LINES).collect();
    let last: Vec<_> = backward.filter(full).take(LINES).collect();
    let places =
        [["first line", "second line", "third line"], ["last line", "second last line", "third last line"]];
    let place = |side: usize, at: usize| {
        places.get(side).and_then(|places| places.get(at)).copied().unwrap_or_default()
    };
    let fences = |range: &Range<usize>| {
        words
            .get(range.clone())
            .is_some_and(|line| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~"))
    };
    let only = first.len() == 1;
    // In a short text, a line belongs to the side that it is nearer to.
    let near_end = |one: &Range<usize>, at: usize| {
        last.iter().position(|other| other == one).is_some_and(|end| end < at)
    };
    let mut lines = Vec::new();
    for (at, one) in first.iter().enumerate().filter(|(at, one)| !near_end(one, *at)) {
        let positions = if only { vec![Position::Start, Position::End] } else { vec![Position::Start] };
        let code = first.iter().any(fences);
        lines.push(Line {
            range: one.clone(),
            positions,
            place: if only { "only line" } else { place(0, at) },
            code,
        });
    }
    let code = last.iter().any(fences);
    for (at, one) in last.iter().enumerate().rev() {
        if !lines.iter().any(|line: &Line| line.range == *one) {
            lines.push(Line {
                range: one.clone(),
                positions: vec![Position::End],
                place: place(1, at),
                code,
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{SCHEME, find};
    use crate::{MarkError, Write};
    use indicia_core::{
        Claim, Context, Gravity, Language, Limits, Mark, Order, Origin, Part, Position, Seen, Source, Status,
        Style,
    };
    use indicia_media::{Asset, Draft};

    fn open(source: &dyn Source) -> Asset<'_> {
        Asset::open(source, Some("a.md"), &Limits::default()).unwrap()
    }

    fn found(text: &str) -> Vec<Mark> {
        let source = text.as_bytes().to_vec();
        find(&open(&source), &Context::default()).unwrap()
    }

    fn order(part: Part) -> Order {
        let claim =
            Claim { status: Some(Status::Generated), origin: Some(Origin::Generated), ..Claim::default() };
        Order { claim, style: Style { part, ..Style::default() }, ..Order::default() }
    }

    /// The file as written and the mark as said to be there; `None` if nothing had to change.
    fn write_as(name: &str, bytes: &[u8], order: &Order) -> Result<Option<(Vec<u8>, Mark)>, MarkError> {
        let source = bytes.to_vec();
        let asset = Asset::open(&source, Some(name), &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        let Write::Draft { change, .. } = SCHEME.write else { panic!("not writable") };
        let Some(mark) = change(order, &mut draft, &Context::default())? else {
            assert!(draft.is_unchanged());
            return Ok(None);
        };
        Ok(Some((draft.render()?.to_bytes()?, mark)))
    }

    fn written(text: &str, order: &Order) -> String {
        String::from_utf8(write_as("a.md", text.as_bytes(), order).unwrap().unwrap().0).unwrap()
    }

    #[test]
    fn a_notice_is_found_at_either_end_with_its_bytes() {
        let text = "---\na: 1\n---\n\n本内容由AI生成\n\n# t\n\none\ntwo\nthree\nfour\n";
        let mark = &found(text)[0];
        let site = mark.site.unwrap();
        let start = text.find('本').unwrap() as u64;
        assert_eq!((site.start, site.len()), (start, "本内容由AI生成".len() as u64));
        assert_eq!((mark.place.as_str(), mark.raw.as_str()), ("first line", "本内容由AI生成"));
        assert_eq!(mark.notice.as_ref().unwrap().positions, [Position::Start]);
        assert!(mark.flaws.is_empty());
        let mark = &found("# t\n\none\ntwo\n\n(AI合成)\n")[0];
        assert_eq!((mark.place.as_str(), mark.claim.origin), ("last line", Some(Origin::Altered)));
        assert_eq!(mark.notice.as_ref().unwrap().positions, [Position::End]);
        assert_eq!(found("# t\n\nAI生成\n\na\nb\nc\nd\n")[0].place, "second line");
        assert_eq!(found("AI生成\n")[0].notice.as_ref().unwrap().positions, [Position::Start, Position::End]);
    }

    #[test]
    fn what_is_far_from_both_ends_hidden_or_no_notice_is_not_found() {
        assert!(found("a\nb\nc\nAI生成\nd\ne\nf\n").is_empty());
        assert!(found("<!-- AI生成 -->\n# t\n").is_empty());
        assert!(found("<!--\nAI生成\n-->\n# t\n").is_empty());
        assert!(found("# t\n<!-- open\nAI生成\n").is_empty());
        assert!(found("---\nAI: 生成\n---\n# t\n").is_empty());
        assert!(found("AI生成内容管理办法\n\n第一条\n").is_empty());
        assert_eq!(found("本文由AI生成 <!-- x -->\n# t\n").len(), 1);
    }

    #[test]
    fn headings_headers_and_footers_are_read_with_their_places() {
        let page = |body: &str| {
            let filling: String = (0..9).map(|line| format!("<p>line {line}</p>")).collect();
            let source =
                format!("<!DOCTYPE html><title>t</title><body>{filling}{body}{filling}").into_bytes();
            let asset = Asset::open(&source, Some("a.html"), &Limits::default()).unwrap();
            let marks = find(&asset, &Context::default()).unwrap();
            let told = |mark: &Mark| {
                (mark.place.clone(), mark.notice.as_ref().unwrap().positions.clone(), mark.is_doubtful())
            };
            marks.iter().map(told).collect::<Vec<_>>()
        };
        let told = |place: &str, position, doubtful| vec![(place.to_owned(), vec![position], doubtful)];
        assert_eq!(page("<h2>本内容由AI生成</h2>"), told("heading", Position::Middle, false));
        assert_eq!(page("<H3><b>AI生成</b></H3>"), told("heading", Position::Middle, true));
        assert_eq!(page("<header><p>本内容由AI生成</p></header>"), told("header", Position::Start, false));
        assert_eq!(page("<footer>本内容由AI生成</footer>"), told("footer", Position::End, false));
        assert_eq!(page("<p>本内容由AI生成</p>"), []);
        assert_eq!(page("<h2>AI生成内容标识办法发布</h2><footer>© 2026, AI news</footer>"), []);
        assert_eq!(page("<footer hidden>本内容由AI生成</footer>"), []);
    }

    #[test]
    fn a_comment_does_not_count_as_a_line() {
        assert_eq!(found("<!--\na\nb\nc\n-->\nAI生成\n# t\n\nx\ny\nz\n")[0].place, "first line");
    }

    #[test]
    fn flaws_say_what_the_standard_asks() {
        let flaw = |text: &str| {
            found(text)[0].flaws.iter().map(|flaw| (flaw.code, flaw.gravity)).collect::<Vec<_>>()
        };
        assert_eq!(flaw("AI-generated\n\nx\n"), [("words", Gravity::Deviation)]);
        assert_eq!(flaw("本文由AI创作\n\nx\n"), [("words", Gravity::Fault)]);
        assert_eq!(flaw("本文由ChatGPT生成\n\nx\n"), [("words", Gravity::Fault)]);
        assert_eq!(flaw("# AI生成\n\nx\n"), [("not-a-notice", Gravity::Doubt)]);
        assert_eq!(flaw("```\n本内容由AI生成\n```\n"), [("not-a-notice", Gravity::Doubt)]);
    }

    #[test]
    fn what_cannot_be_read_is_not_called_absent() {
        let source = b"na\xEFve, tr\xE8s caf\xE9".to_vec();
        assert!(matches!(SCHEME.look(&open(&source), &Context::default()).seen, Seen::Blind(_)));
        let mut late = b"words\n".repeat(2000);
        late.extend(b"na\xEFve, tr\xE8s caf\xE9");
        let asset = Asset::open(&late, Some("a.txt"), &Limits::default()).unwrap();
        assert!(matches!(find(&asset, &Context::default()), Err(MarkError::Blind(_))));
        let source = b"0123456789".to_vec();
        let limits = Limits { text: 9, ..Limits::default() };
        let asset = Asset::open(&source, Some("a.txt"), &limits).unwrap();
        assert!(matches!(find(&asset, &Context::default()), Err(MarkError::Blind(_))));
    }

    #[test]
    fn a_notice_is_written_once_at_each_asked_place() {
        let words = "本内容由人工智能生成";
        assert_eq!(written("# t\n", &order(Part::Start)), format!("{words}\n\n# t\n"));
        assert_eq!(written("# t\n", &order(Part::End)), format!("# t\n\n{words}\n"));
        let both = written("# t\r\nx", &order(Part::Both));
        assert_eq!(both, format!("{words}\r\n\r\n# t\r\nx\r\n\r\n{words}\r\n"));
        for part in [Part::Start, Part::End, Part::Both] {
            assert!(write_as("a.md", both.as_bytes(), &order(part)).unwrap().is_none());
        }
        let start = written("# t\n", &order(Part::Start));
        assert_eq!(written(&start, &order(Part::Both)), format!("{words}\n\n# t\n\n{words}\n"));
        let alone = format!("{words}\n");
        assert!(write_as("a.txt", alone.as_bytes(), &order(Part::Both)).unwrap().is_none());
    }

    /// Every claim, language and encoding comes back as it was ordered.
    #[test]
    fn what_is_written_is_found_again() {
        let body = "第一行\nsecond\n第三行\n四\n五\n六\n七\n";
        let gb = b"\xB5\xDA\xD2\xBB\n\xD0\xD0\n";
        let utf16: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(body.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for bytes in [body.as_bytes(), gb, &utf16] {
            for status in [Status::Generated, Status::Possible, Status::Suspected] {
                for origin in [Origin::Generated, Origin::Altered] {
                    for language in [Language::Chinese, Language::English, Language::Both] {
                        let mut order = order(Part::End);
                        (order.claim.status, order.claim.origin) = (Some(status), Some(origin));
                        order.style.language = language;
                        let (file, said) = write_as("a.txt", bytes, &order).unwrap().unwrap();
                        let asset = Asset::open(&file, Some("a.txt"), &Limits::default()).unwrap();
                        let marks = find(&asset, &Context::default()).unwrap();
                        assert_eq!(marks.len(), 1, "{said:?}");
                        assert!(!marks[0].is_doubtful());
                        assert_eq!(
                            (&marks[0].claim, &marks[0].raw, &marks[0].place, &marks[0].notice),
                            (&said.claim, &said.raw, &said.place, &said.notice)
                        );
                        assert_eq!(marks[0].claim.status, Some(status));
                        assert_eq!(marks[0].has("words"), language == Language::English);
                    }
                }
            }
        }
    }

    #[test]
    fn every_language_is_written_and_read_again_alone_and_beside_others() {
        for wording in crate::notices::wordings() {
            for language in [Language::Other, Language::English, Language::Both] {
                for status in [Status::Generated, Status::Possible, Status::Suspected] {
                    let mut order = order(Part::Start);
                    order.claim.status = Some(status);
                    (order.style.language, order.style.more) = (language, vec![wording.code.clone()]);
                    let said = write_as("a.txt", b"words\n", &order);
                    let (file, said) =
                        said.unwrap_or_else(|err| panic!("{} {language:?}: {err}", wording.code)).unwrap();
                    let asset = Asset::open(&file, Some("a.txt"), &Limits::default()).unwrap();
                    let marks = find(&asset, &Context::default()).unwrap();
                    assert_eq!(marks.len(), 1, "{}", said.raw);
                    assert!(!marks[0].is_doubtful(), "{}", said.raw);
                    assert_eq!(marks[0].claim.status, Some(status), "{}", said.raw);
                    assert!(
                        write_as("a.txt", &file, &order).unwrap().is_none(),
                        "{}: once is enough",
                        said.raw
                    );
                }
            }
        }
        let mut many = order(Part::Start);
        many.style.more =
            ["de", "es", "fr", "hi", "ja", "kk", "ko", "pt", "ru", "vi"].map(str::to_owned).to_vec();
        assert!(matches!(write_as("a.txt", b"words\n", &many), Err(MarkError::Order(_))));
    }

    #[test]
    fn a_notice_that_says_otherwise_is_not_silently_joined_by_another() {
        let text = "本内容疑似为人工智能生成合成\n\n# t\n\nx\n";
        let mut order = order(Part::Start);
        assert!(matches!(write_as("a.md", text.as_bytes(), &order), Err(MarkError::Refused(_))));
        order.replace = true;
        assert_eq!(written(text, &order), "本内容由人工智能生成\n\n# t\n\nx\n");
        let shared = "疑似AI生成合成 <!-- kept -->\n\n# t\n";
        assert!(matches!(write_as("a.md", shared.as_bytes(), &order), Err(MarkError::Refused(_))));
    }

    /// An English notice is there, but the standard asks for Chinese words.
    #[test]
    fn an_english_notice_does_not_stand_for_a_chinese_one() {
        assert_eq!(
            written("AI-generated\n\nx\n", &order(Part::Start)),
            "本内容由人工智能生成\n\nAI-generated\n\nx\n"
        );
    }

    #[test]
    fn own_words_must_have_both_elements_and_read_as_the_claim_does() {
        let with = |words: &str| {
            let mut order = order(Part::Start);
            order.style.text = Some(words.to_owned());
            write_as("a.md", b"x\n", &order)
        };
        assert!(with("本文由某某科技AI生成，仅供参考").unwrap().is_some());
        for (words, says) in [
            ("AI创作", "生成 or 合成"),
            ("智能生成", "人工智能 or AI"),
            ("AI-generated", "5.1"),
            ("AI生成内容管理办法", "other text"),
            ("本内容非AI生成", "other text"),
            ("疑似AI生成合成", "than the claim"),
            ("AI合成", "than the claim"),
            ("AI\n生成", "one line"),
        ] {
            match with(words) {
                Err(MarkError::Order(why)) => assert!(why.contains(says), "{why}"),
                other => panic!("{words}: {other:?}"),
            }
        }
    }

    #[test]
    fn nothing_is_written_of_what_is_not_generated_or_where_it_would_not_be_seen() {
        for status in [None, Some(Status::NotGenerated)] {
            let mut order = order(Part::Start);
            order.claim.status = status;
            assert!(matches!(write_as("a.md", b"x\n", &order), Err(MarkError::Order(_))));
        }
        let refused = write_as("a.md", b"x\n<!-- open\n", &order(Part::End));
        assert!(matches!(refused, Err(MarkError::Refused(_))));
    }
}
