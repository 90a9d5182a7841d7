//! What a log knows of a file: by its bytes, its media, its numbers, or the id in its watermark.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use indicia::records::{Content, Event, Hash, LogError, Reader, Record, Sought, Stored, VerifierKey};
use indicia::{Asset, Evidence, Field, Seen, Source};

use super::{key, record_of};

/// How a file led to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Every byte is the same.
    Content,
    /// The coded media are the same, whatever became of the metadata.
    Media,
    /// The id in its watermark.
    Watermark,
    /// A number in one of its marks.
    Number,
    /// A number that the user gave.
    Given,
}

impl Way {
    /// In words, after "found by".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Content => "its bytes",
            Self::Media => "its media, which are the same byte for byte",
            Self::Watermark => "the id in its watermark",
            Self::Number => "the number in its label",
            Self::Given => "the number given with --id",
        }
    }

    /// For machines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Media => "media",
            Self::Watermark => "watermark",
            Self::Number => "number",
            Self::Given => "given",
        }
    }
}

/// An entry about a file.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its number.
    pub(crate) index: u64,
    /// What happened, and when.
    pub(crate) event: Event,
    /// When.
    pub(crate) time: String,
    /// What it says.
    pub(crate) record: Record,
    /// How the file led to it.
    pub(crate) way: Way,
}

/// A log that is looked up.
#[derive(Debug)]
pub(crate) struct Finder(Mutex<Reader>);

impl Finder {
    /// Opens the log of a folder. `key` is whom to trust; without one, the own key, or else whom the log names itself.
    pub(crate) fn open(folder: &Path, key: Option<&VerifierKey>) -> Result<Self, String> {
        let mut reader = Reader::open(folder, key).map_err(|err| err.to_string())?;
        reader.hold_against(&key::seen()?).map_err(|err| err.to_string())?;
        Ok(Self(Mutex::new(reader)))
    }

    /// The entries about the publication of a file with these marks, each once, the latest first. Those that were withdrawn
    /// are left out.
    pub(crate) fn of(
        &self,
        source: &dyn Source,
        asset: Option<&Asset<'_>>,
        evidence: &Evidence,
        given: Option<&str>,
    ) -> Result<Vec<Found>, String> {
        let (content, media) = record_of::hashes(source, asset).map_err(|err| err.to_string())?;
        let mut sought = by_exact_marks(content, media, evidence);
        sought.extend(given.into_iter().flat_map(|id| {
            [Sought::ContentId(id.into()), Sought::PropagationId(id.into())].map(|one| (Way::Given, one))
        }));
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut found, mut withdrawn) = (Vec::<Found>::new(), Vec::new());
        for (way, sought) in sought {
            let stored = reader.find(&sought).map_err(|err: LogError| err.to_string())?;
            for Stored { index, entry, content } in stored {
                if entry.event == Event::Withdrawn {
                    withdrawn.extend(entry.concerns);
                } else if let Content::Held(record) = content
                    && found.iter().all(|found| found.index != index)
                {
                    let time = entry.time.to_string();
                    found.push(Found { index, event: entry.event, time, record: *record, way });
                }
            }
        }
        found.retain(|found| matches!(found.event, Event::Labelled | Event::Restored));
        found.retain(|found| !withdrawn.iter().any(|[first, last]| (first..=last).contains(&&found.index)));
        found.sort_by_key(|found| std::cmp::Reverse(found.index));
        Ok(found)
    }
}

/// What to look for, the surest first.
fn by_exact_marks(content: Hash, media: Option<Hash>, evidence: &Evidence) -> Vec<(Way, Sought)> {
    let mut sought = vec![(Way::Content, Sought::Content(content))];
    sought.extend(media.map(|media| (Way::Media, Sought::Media(media))));
    sought.extend(record_of::watermarks(evidence).map(|id| (Way::Watermark, Sought::Watermark(id))));
    for look in &evidence.looks {
        let Seen::Present(marks) = &look.seen else { continue };
        for mark in marks.iter().filter(|mark| !mark.is_doubtful()) {
            let (content, propagation) =
                (mark.claim.field(Field::ContentId), mark.claim.field(Field::PropagationId));
            let numbers = [Sought::ContentId(content.into()), Sought::PropagationId(propagation.into())];
            let held = numbers.into_iter().zip([content, propagation]).filter(|(_, id)| !id.is_empty());
            sought.extend(held.map(|(one, _)| (Way::Number, one)));
        }
    }
    sought
}
