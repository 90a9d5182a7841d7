//! The written notice on the pages of a document: drawn, and read from what the pages say of their shapes.

use crate::MarkError;
use crate::notice_line;
use crate::visible::outline;
use crate::words::Elements;
use crate::written_words::{mark, ordered, says_the_same};
use indicia_core::{Mark, Order, Position, Problem};
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
    let there = draft.asset().page_words()?;
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
    draft.mark_pages(Ends { start: start.then(|| drawn.clone()), end: end.then_some(drawn) });
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
