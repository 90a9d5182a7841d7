//! The written notice on the pages of a document: drawn, and read from what the pages say of their shapes.

use crate::MarkError;
use crate::notice_line;
use crate::visible::outline;
use crate::words::Elements;
use crate::written_words::{mark, ordered, says_the_same};
use indicia_core::{FormatError, Mark, Order, Position, Problem};
use indicia_media::{Asset, Draft, Ends, PageWords};

const FIRST: &str = "page 1";
const LAST: &str = "last page";

/// The notices on the first and the last page.
///
/// # Errors
/// [`MarkError::Blind`] if there is none: another may be written there in letters that are not read here.
pub(crate) fn find(asset: &Asset<'_>) -> Result<Vec<Mark>, MarkError> {
    let unread = |why: &str| {
        let title = asset.format.title;
        MarkError::Blind(format!(
            "the words of the pages of {title} are not decoded{why}: a person has to look"
        ))
    };
    let words = asset.page_words().map_err(|err| match err.problem {
        Problem::Io(_) => MarkError::Format(err),
        _ => unread(&format!(" ({err})")),
    })?;
    let marks = marks(words);
    if marks.is_empty() { Err(unread("")) } else { Ok(marks) }
}

/// Draws the notice where it is asked for and is not yet.
///
/// # Errors
/// If the order does not fit, or another notice is there.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>) -> Result<Option<Mark>, MarkError> {
    let (words, reading) = ordered(order)?;
    let refused = |err: FormatError| match err.problem {
        Problem::Io(_) => MarkError::Format(err),
        _ => MarkError::Refused(format!("{err}; --without written leaves the pages as they are")),
    };
    let there = draft.asset().page_words().map_err(refused)?;
    let (mut start, mut end) = (order.style.part.start(), order.style.part.end());
    // On the only page, one notice stands for both.
    let only = there.last.is_none();
    if only {
        (start, end) = (start || end, false);
    }
    for mark in marks(there).iter().filter(|mark| !mark.is_doubtful()) {
        if !says_the_same(mark, &order.claim) {
            return Err(MarkError::Refused(format!(
                "{} already says {:?}, which is not what is to be written, and cannot be taken out of the page: label \
                 the document it was made from",
                mark.place, mark.raw
            )));
        }
        let stands =
            |position| mark.notice.as_ref().is_some_and(|notice| notice.positions.contains(&position));
        let good = Elements::of(&mark.raw).satisfy_gb45438() || !Elements::of(&words).satisfy_gb45438();
        start &= !(good && stands(Position::Start));
        end &= !(good && stands(Position::End));
    }
    if !start && !end {
        return Ok(None);
    }
    let drawn = outline(&words, order.style.font.as_deref())?;
    let ends = Ends { start: start.then(|| drawn.clone()), end: end.then_some(drawn) };
    // Tried by itself, so that a page that cannot be drawn on is told from metadata that cannot be written.
    let mut trial = Draft::new(draft.asset());
    trial.mark_pages(ends.clone());
    trial.render().map_err(refused)?;
    draft.mark_pages(ends);
    let sides = [(start, Position::Start, FIRST), (only, Position::End, ""), (end, Position::End, LAST)];
    let wanted = || sides.iter().filter(|(wanted, ..)| *wanted);
    let positions = wanted().map(|(_, position, _)| *position).collect();
    let places: Vec<_> = wanted().map(|(.., place)| *place).filter(|place| !place.is_empty()).collect();
    Ok(Some(mark(&words, reading, positions, places.join(" and "), 0)))
}

/// The notices among the words of the pages.
fn marks(words: &PageWords) -> Vec<Mark> {
    let first: &[Position] =
        if words.last.is_none() { &[Position::Start, Position::End] } else { &[Position::Start] };
    let last = words.last.as_deref().unwrap_or_default();
    let sides = [(words.first.as_slice(), FIRST, first), (last, LAST, &[Position::End])];
    let mut marks = Vec::new();
    for (spans, place, positions) in sides {
        for span in spans {
            let span = span.trim();
            let Some(reading) = notice_line::read(span) else { continue };
            marks.push(mark(span, reading, positions.to_vec(), place.to_owned(), 0));
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use crate::schemes::written::SCHEME;
    use crate::{MarkError, Write};
    use indicia_core::{
        Claim, Context, Language, Limits, Mark, Order, Origin, Part, Position, Seen, Status, Style,
    };
    use indicia_media::{Asset, Draft};

    /// A document of so many empty pages.
    fn document(pages: usize) -> Vec<u8> {
        let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 3)).collect();
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            format!("<< /Type /Pages /Kids [{kids}] /Count {pages} /MediaBox [0 0 595 842] >>"),
        ];
        objects.extend((0..pages).map(|_| "<< /Type /Page /Parent 2 0 R >>".to_owned()));
        let (mut out, mut rows) = (b"%PDF-1.4\n".to_vec(), String::new());
        for (at, object) in objects.iter().enumerate() {
            rows += &format!("{:010} 00000 n \n", out.len());
            out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
        }
        let (start, size) = (out.len(), objects.len() + 1);
        out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n<< /Size {size} ").bytes());
        out.extend(format!("/Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
        out
    }

    fn order(part: Part) -> Order {
        let claim =
            Claim { status: Some(Status::Generated), origin: Some(Origin::Generated), ..Claim::default() };
        Order { claim, style: Style { part, ..Style::default() }, ..Order::default() }
    }

    #[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
    fn write(bytes: &Vec<u8>, order: &Order) -> Result<Option<(Vec<u8>, Mark)>, MarkError> {
        let asset = Asset::open(bytes, None, &Limits::default()).unwrap();
        let mut draft = Draft::new(&asset);
        let Write::Draft { change, .. } = SCHEME.write else { panic!("not writable") };
        let Some(mark) = change(order, &mut draft, &Context::default())? else {
            assert!(draft.is_unchanged());
            return Ok(None);
        };
        Ok(Some((draft.render()?.to_bytes()?, mark)))
    }

    #[expect(clippy::ptr_arg, reason = "a slice cannot become a dyn Source")]
    fn seen(bytes: &Vec<u8>) -> Seen {
        SCHEME.look(&Asset::open(bytes, None, &Limits::default()).unwrap(), &Context::default()).seen
    }

    fn found(bytes: &Vec<u8>) -> Vec<(String, String, Vec<Position>)> {
        let Seen::Present(marks) = seen(bytes) else { panic!("{:?}", seen(bytes)) };
        assert!(marks.iter().all(|mark| mark.flaws.is_empty()), "{marks:?}");
        let short = |mark: Mark| (mark.place, mark.raw, mark.notice.unwrap().positions);
        marks.into_iter().map(short).collect()
    }

    #[test]
    fn a_page_without_a_notice_is_never_called_so() {
        let Seen::Blind(why) = seen(&document(2)) else { panic!("{:?}", seen(&document(2))) };
        assert!(why.contains("a person has to look"), "{why}");
    }

    #[test]
    fn a_notice_is_drawn_once_on_each_page_asked_for() {
        let words = "本内容由人工智能生成".to_owned();
        let first = ("page 1".to_owned(), words.clone(), vec![Position::Start]);
        let last = ("last page".to_owned(), words.clone(), vec![Position::End]);
        let (start, said) = write(&document(3), &order(Part::Start)).unwrap().unwrap();
        assert_eq!((said.place.as_str(), &said.raw), ("page 1", &words));
        assert_eq!(found(&start), std::slice::from_ref(&first));
        let (end, said) = write(&document(3), &order(Part::End)).unwrap().unwrap();
        assert_eq!((said.place.as_str(), &said.raw), ("last page", &words));
        assert_eq!(found(&end), std::slice::from_ref(&last));
        let (both, _) = write(&start, &order(Part::Both)).unwrap().unwrap();
        assert_eq!(found(&both), [first, last]);
        for part in [Part::Start, Part::End, Part::Both] {
            assert!(write(&both, &order(part)).unwrap().is_none());
        }
    }

    #[test]
    fn a_refusal_says_that_the_metadata_can_be_labelled_alone() {
        let signed = String::from_utf8(document(1)).unwrap();
        // As long as what it stands in place of.
        let signed = signed.replace("<< /Type /Catalog /Pages 2 0 R >>", "<</Pages 2 0 R /Perms <<>>     >>");
        match write(&signed.into_bytes(), &order(Part::Start)) {
            Err(MarkError::Refused(why)) => {
                assert!(why.contains("signed") && why.contains("--without written"))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn on_the_only_page_one_notice_stands_for_both_ends() {
        for part in [Part::Start, Part::End, Part::Both] {
            let (bytes, said) = write(&document(1), &order(part)).unwrap().unwrap();
            let marks = found(&bytes);
            assert_eq!(marks.len(), 1, "{marks:?}");
            assert_eq!(marks[0].2, [Position::Start, Position::End]);
            assert_eq!(said.notice.unwrap().positions, [Position::Start, Position::End]);
            assert!(write(&bytes, &order(Part::Both)).unwrap().is_none());
        }
    }

    #[test]
    fn a_notice_that_says_otherwise_stays_and_no_other_joins_it() {
        let mut other = order(Part::Start);
        other.claim.status = Some(Status::Suspected);
        let (bytes, _) = write(&document(1), &other).unwrap().unwrap();
        let mut replacing = order(Part::Start);
        replacing.replace = true;
        for order in [order(Part::Start), replacing] {
            assert!(matches!(write(&bytes, &order), Err(MarkError::Refused(_))));
        }
    }

    #[test]
    fn every_wording_can_be_drawn_and_letters_without_outline_are_refused() {
        for status in [Status::Generated, Status::Possible, Status::Suspected] {
            for language in [Language::Chinese, Language::English, Language::Both] {
                let mut order = order(Part::Start);
                (order.claim.status, order.style.language) = (Some(status), language);
                let (bytes, said) = write(&document(1), &order).unwrap().unwrap();
                let Seen::Present(marks) = seen(&bytes) else { panic!("{said:?}") };
                assert_eq!((&marks[0].raw, &marks[0].claim), (&said.raw, &said.claim));
            }
        }
        let mut order = order(Part::Start);
        order.style.text = Some("本文由龘AI生成".to_owned());
        assert!(matches!(write(&document(1), &order), Err(MarkError::Order(_))));
    }
}
