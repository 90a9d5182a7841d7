//! Taking the labels of a file out of wherever they stand, and nothing else.

use std::ops::Range;

use super::{Sighting, Spot, blocks, property_readings, unchangeable, wanted};
use crate::MarkError;
use crate::aigc::keys::{names_it, speaks_of_it};
use crate::aigc::mappings::mapping;
use crate::aigc::reading::{Place, Reading, readings};
use crate::front_matter::with_block;
use crate::xmp::{self, Property};
use indicia_core::Limits;
use indicia_media::{Carrier, Draft, exif};

/// Refuses what would take other words with it.
pub(super) fn refuse_what_cannot_go(found: &[&Sighting]) -> Result<(), MarkError> {
    let stuck = found
        .iter()
        .find(|sighting| !sighting.is_alone || matches!(sighting.spot, Spot::FrontMatter(_, false)));
    match stuck {
        None => Ok(()),
        Some(sighting) => Err(MarkError::Refused(format!(
            "the label at byte {} ({}) stands among other words, which this program would have to rewrite; \
             take it out by hand first, since a file may have only one (clause 6.1 c)",
            sighting.mark.site.map_or(0, |site| site.start),
            sighting.mark.place
        ))),
    }
}

/// Takes every label out. Of the sort that `kept` names, the first packet is left to whoever puts the new one.
pub(super) fn erase(
    draft: &mut Draft<'_>,
    found: &[&Sighting],
    kept: Option<Carrier>,
) -> Result<(), MarkError> {
    let limits = draft.asset().limits;
    let first = kept.and_then(|carrier| draft.packets(carrier).find(|(_, packet)| packet.key.is_empty()));
    let first = first.map(|(at, _)| at);
    let mut done = Vec::new();
    for sighting in found {
        if done.contains(&&sighting.spot) {
            continue;
        }
        done.push(&sighting.spot);
        match sighting.spot {
            Spot::Body(span) => {
                // Offsets of words are those of the file only if all of it could be decoded.
                if draft.asset().text()?.words.contains(char::REPLACEMENT_CHARACTER) {
                    return Err(MarkError::Refused(format!(
                        "the label in the words at byte {} cannot be taken out: the text is not all in its encoding",
                        span.start
                    )));
                }
                draft.cut(span);
            }
            // The new value takes the place of the old.
            Spot::Packet(at) if kept.is_none() && is_first_field(draft, at) => {}
            Spot::Packet(at) => draft.remove(at),
            Spot::Xmp(at) | Spot::FrontMatter(at, _) if Some(at) == first => {}
            Spot::Xmp(at) => {
                let Some(body) = draft.body(at)? else { continue };
                let same = |property: &Property| holds_label(property, &limits);
                let left =
                    xmp::remove(&body, &limits, &same, &wanted).map_err(|damage| unchangeable(&damage))?;
                draft.replace(at, left);
            }
            Spot::FrontMatter(at, _) => {
                let Some(body) = draft.body(at)? else { continue };
                let text = as_text(&body)?;
                let left = with_block(&text, &label_blocks(&text, &limits), "");
                if left.trim().is_empty() {
                    draft.remove(at);
                } else {
                    draft.replace(at, left.into_bytes());
                }
            }
            Spot::Exif(at) => {
                let Some(body) = draft.body(at)? else { continue };
                let mut block = body.into_owned();
                let texts = exif::texts(&block, &limits);
                if let Some(damage) = texts.damage {
                    return Err(MarkError::Refused(format!(
                        "the file's Exif block is broken, so the label in it cannot be taken out: {damage}"
                    )));
                }
                for text in texts.texts.iter().filter(|text| is_label(&text.decoded(), &limits)) {
                    exif::blank(&mut block, text);
                }
                draft.replace(at, block);
            }
        }
    }
    Ok(())
}

fn is_first_field(draft: &Draft<'_>, at: usize) -> bool {
    draft
        .packets(Carrier::Field)
        .find(|(_, packet)| packet.key == "AIGC")
        .is_some_and(|(first, _)| first == at)
}

fn is_label(text: &str, limits: &Limits) -> bool {
    speaks_of_it(text) && readings(text, Place::Any, limits).iter().any(|reading| reading.is_all)
}

/// Whether a property is there to hold a label.
pub(super) fn holds_label(property: &Property, limits: &Limits) -> bool {
    let found: Vec<Reading> =
        property_readings(property, limits).into_iter().map(|(reading, _)| reading).collect();
    !found.is_empty() && found.iter().all(|reading| reading.is_all)
}

/// The blocks of front matter that hold a label.
pub(super) fn label_blocks(text: &str, limits: &Limits) -> Vec<Range<usize>> {
    let found = blocks(text, false, &names_it);
    let is_label =
        |block: &&crate::front_matter::Block| block.indent == 0 && mapping(text, block, limits).is_some();
    found.iter().filter(is_label).map(|block| block.site.clone()).collect()
}

/// Front matter as text.
pub(super) fn as_text(body: &[u8]) -> Result<String, MarkError> {
    String::from_utf8(body.to_vec())
        .map_err(|err| MarkError::Refused(format!("the file's front matter is no text: {err}")))
}
