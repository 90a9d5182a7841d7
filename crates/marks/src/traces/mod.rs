//! The lists of traces, and looking for them: every text of a file is passed over once with all of them.

mod list;
mod places;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::MarkError;
use indicia_core::{Claim, Mark, Status};
use indicia_media::Asset;
use list::List;
pub use list::{Row, rows};
use places::{Place, places};

/// Most traces told of one file; beyond that they say nothing new.
const MOST: usize = 48;

/// Bytes of a text around what was found that are shown with it.
const AROUND: usize = 40;

/// The traces in a file's metadata and words, each once for each place.
///
/// # Errors
/// [`MarkError::Blind`] if none was found and a place could not be read.
pub(crate) fn find(asset: &Asset<'_>) -> Result<Vec<Mark>, MarkError> {
    let mut marks = Vec::new();
    let mut unread = None;
    let mut visit = |place: Result<&Place<'_>, String>| match place {
        Ok(place) if marks.len() < MOST => marks.extend(List::of(place.region).matches(place)),
        Ok(_) => {}
        Err(why) => unread = unread.take().or(Some(why)),
    };
    places(asset, &mut visit);
    marks.truncate(MOST);
    match unread {
        Some(why) if marks.is_empty() => Err(MarkError::Blind(why)),
        _ => Ok(marks),
    }
}

impl List {
    /// The traces in one place.
    fn matches(&self, place: &Place<'_>) -> Vec<Mark> {
        let mut marks = Vec::new();
        // What a text as a whole says of a row is asked once, however often the row's words are in it.
        let mut admitted = BTreeMap::new();
        for hit in self.needles.find_overlapping_iter(place.text.as_bytes()) {
            for row in self.by_needle(hit.pattern().as_usize()) {
                let Some(test) = self.test(*row) else { continue };
                let open = admitted.entry(*row).or_insert_with(|| test.admits(place));
                let Some(found) = open.as_ref() else { continue };
                if test.is_at(&place.text, &hit.range()) {
                    marks.extend(self.mark(*row, place, found.clone().unwrap_or(hit.range())));
                    *open = None;
                }
            }
        }
        for row in self.by_key(place) {
            let admits = self.test(*row).and_then(|test| test.admits(place));
            let start = || 0..place.text.len().min(AROUND);
            marks.extend(admits.and_then(|found| self.mark(*row, place, found.unwrap_or_else(start))));
        }
        marks
    }

    fn mark(&self, row: usize, place: &Place<'_>, found: Range<usize>) -> Option<Mark> {
        let row = self.row(row)?;
        let status = row.tier.is_ground().then_some(Status::Suspected);
        Some(Mark {
            claim: Claim { status, ..Claim::default() },
            place: place.shown(),
            site: Some(place.site(&found)),
            raw: around(&place.text, found),
            trace: Some(row.trace()),
            ..Mark::default()
        })
    }
}

/// What was found, with some of the text before and after it.
fn around(text: &str, found: Range<usize>) -> String {
    let from = (0..=found.start.saturating_sub(AROUND / 2)).rev().find(|at| text.is_char_boundary(*at));
    let end = found.end.min(found.start + 4 * AROUND) + AROUND / 2;
    let to = (end.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at));
    let (from, to) = (from.unwrap_or(0), to.unwrap_or(text.len()));
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{}{}", cut(from > 0), text.get(from..to).unwrap_or_default().trim(), cut(to < text.len()))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[expect(dead_code, reason = "it is built into `build.rs`, which alone reads all of a row")]
mod written;
