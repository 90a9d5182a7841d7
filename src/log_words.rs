//! What people are told of what a log knows of a file.

use indicia::{Channel, Evidence, Seen};

use crate::escape::{escape, shortened};
use crate::ledger::Found;
use crate::printers::Entry;

/// Most entries that are told.
const MOST: usize = 3;

/// The lines under what the marks say, for a person or in a cell.
pub(crate) fn lines(entry: &Entry<'_>) -> Vec<String> {
    let facts = &entry.log;
    let mut lines: Vec<_> = restored(entry).into_iter().collect();
    for found in facts.found.iter().take(MOST) {
        lines.push(format!("in the log: {}", of(found)));
    }
    if let Some(more) = facts.found.len().checked_sub(MOST).filter(|more| *more > 0) {
        lines.push(format!("and {more} more entries of the log"));
    }
    if !facts.found.is_empty() && !has_metadata(&entry.report.evidence) && entry.output.is_none() {
        lines.push("its metadata labels are gone: `indicia label --restore` puts them back".into());
    }
    if let Some(number) = facts.entry {
        lines.push(format!("recorded as entry {number} of the log"));
    }
    lines
}

/// That labels were put back, if they were.
pub(crate) fn restored(entry: &Entry<'_>) -> Option<String> {
    let (number, way) = entry.log.restored?;
    Some(format!("labels put back from entry {number} of the log, found by {}", way.words()))
}

fn of(found: &Found) -> String {
    let word = |name: &str| found.record.claim.get(name).map(|value| shortened(value, 80));
    let said: Vec<_> = [
        word("status").map(|status| format!("status {status}")),
        word("producer").map(|name| format!("by {name}")),
        word("propagator").map(|name| format!("spread by {name}")),
        word("content_id").map(|id| format!("number {id}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
    format!(
        "entry {}, {} on {} as {}{said} (found by {})",
        found.index,
        found.event.name(),
        found.time,
        escape(&found.record.path),
        found.way.words()
    )
}

fn has_metadata(evidence: &Evidence) -> bool {
    let metadata = evidence.looks.iter().filter(|look| look.channel == Channel::Metadata);
    metadata.into_iter().any(|look| match &look.seen {
        Seen::Present(marks) => marks.iter().any(|mark| !mark.is_doubtful()),
        // What could not be looked for is not gone.
        Seen::Blind(_) => true,
        Seen::Absent => false,
    })
}
