//! The parts of the IPTC scheme: reading and writing the digital source type and the AI properties in XMP.

mod terms;
#[cfg(test)]
mod tests;
mod write;

use crate::MarkError;
use crate::xmp::{self, Level, Name, Property, PropertyName};
use indicia_core::{Claim, Field, Flaw, Gravity, Limits, Mark, Span};
use indicia_media::{Asset, Body, Carrier};

pub use terms::{AiUse, TERMS, Term};
pub(crate) use write::change;

/// It names an AI system or a prompt, and no source type says what the system did.
pub const NO_SOURCE_TYPE: &str = "no-source-type";
/// The source type is no term of the vocabulary.
pub const UNKNOWN_TERM: &str = "unknown-term";
/// The source type is a retired term.
pub const RETIRED_TERM: &str = "retired-term";
/// The source type is a term in another spelling than its full address.
pub const TERM_SPELLING: &str = "term-spelling";
/// The same as of the AIGC label: another place in the file could not be read.
pub const UNREAD: &str = crate::aigc::codes::UNREAD;

/// Namespace of the IPTC Extension schema.
const EXTENSION: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
/// Its usual prefix.
const PREFIX: &str = "Iptc4xmpExt";
/// The source type.
const SOURCE_TYPE: PropertyName = PropertyName { uri: EXTENSION, prefix: PREFIX, local: "DigitalSourceType" };
/// The properties beside it, with the parts of a claim that they are.
const BESIDE: [(PropertyName, Field); 4] = [
    (PropertyName { uri: EXTENSION, prefix: PREFIX, local: "AISystemUsed" }, Field::System),
    (PropertyName { uri: EXTENSION, prefix: PREFIX, local: "AISystemVersionUsed" }, Field::SystemVersion),
    (PropertyName { uri: EXTENSION, prefix: PREFIX, local: "AIPromptInformation" }, Field::Prompt),
    (PropertyName { uri: EXTENSION, prefix: PREFIX, local: "AIPromptWriterName" }, Field::PromptWriter),
];
/// Most characters of a value that a flaw quotes.
const QUOTED: usize = 80;

/// The source types on a file.
///
/// # Errors
/// [`MarkError::Blind`] if none was found and an XMP packet could not be read.
pub(crate) fn find(asset: &Asset<'_>) -> Result<Vec<Mark>, MarkError> {
    let mut marks = Vec::new();
    let mut unread = None;
    for (_, packet) in asset.packets(Carrier::Xmp) {
        let at = packet.span.start;
        let body = match asset.read(packet) {
            Ok(body) => body,
            Err(err) => {
                unread = unread.or(Some((at, err.to_string())));
                continue;
            }
        };
        let exact = matches!(packet.body, Body::Verbatim);
        let (found, damage) = read(&body, &asset.limits);
        for (mut mark, site) in found {
            let part = Span { start: at + site.start as u64, end: at + site.end as u64 };
            let site = if exact && part.end <= packet.span.end { part } else { packet.span };
            mark.site = Some(site);
            mark.place = format!("{}, {}", packet.place, mark.place);
            mark.flaws.iter_mut().for_each(|flaw| flaw.at = site.start);
            marks.push(mark);
        }
        if let Some(damage) = damage {
            unread = unread.or(Some((at, damage.to_string())));
        }
    }
    match (unread, marks.first_mut()) {
        (Some((at, why)), None) => Err(MarkError::Blind(format!(
            "a source type could stand in the XMP packet at byte {at}, which cannot be read: {why}"
        ))),
        (Some((at, why)), Some(mark)) => {
            let text = format!("the XMP packet at byte {at} may have more: {why}");
            mark.flaws.push(Flaw { code: UNREAD, gravity: Gravity::Note, text, at });
            Ok(marks)
        }
        (None, _) => Ok(marks),
    }
}

/// The marks in one packet with their bytes in it, and what keeps it from being read if that could hide one.
fn read(packet: &[u8], limits: &Limits) -> (Vec<(Mark, std::ops::Range<usize>)>, Option<xmp::Damage>) {
    let found = xmp::properties(packet, limits, &wanted);
    let beside: Vec<(Field, &Property, &str)> = found
        .properties
        .iter()
        .filter_map(|property| {
            let (_, field) = BESIDE.iter().find(|(name, _)| local(property) == name.local)?;
            let value = property.values.iter().find(|value| !value.trim().is_empty())?;
            Some((*field, property, value.as_str()))
        })
        .collect();
    let mut marks = Vec::new();
    for property in found.properties.iter().filter(|property| local(property) == SOURCE_TYPE.local) {
        for value in &property.values {
            marks.push((source_type(property, value), property.site.clone()));
        }
    }
    if let (true, Some((_, property, _))) = (marks.is_empty(), beside.first()) {
        let text =
            "it names an AI system or a prompt, but has no DigitalSourceType that says what the system did"
                .into();
        let flaws = vec![Flaw { code: NO_SOURCE_TYPE, gravity: Gravity::Deviation, text, at: 0 }];
        let place = format!("XMP property {}", property.name);
        marks.push((Mark { place, flaws, ..Mark::default() }, property.site.clone()));
    }
    if let Some((mark, _)) = marks.first_mut() {
        for (field, property, value) in beside {
            mark.claim.set(field, value.trim());
            let separator = if mark.raw.is_empty() { "" } else { "; " };
            mark.raw.push_str(&format!("{separator}{}: {}", local(property), shortened(value, 200)));
        }
    }
    // Names cannot be escaped in XML, so a packet without them has none, broken or not.
    let words = |damage: &xmp::Damage| {
        let words = xmp::words(packet);
        matches!(damage.problem, indicia_core::Problem::OverLimit { .. })
            || words.contains(SOURCE_TYPE.local)
            || words.contains("AISystem")
            || words.contains("AIPrompt")
    };
    let damage = found.damage.filter(words);
    (marks, damage)
}

/// What one source type says.
fn source_type(property: &Property, value: &str) -> Mark {
    let term = Term::meant_by(value);
    let shown = shortened(value, QUOTED);
    let mut flaws = Vec::new();
    let mut flaw = |code, gravity, text| flaws.push(Flaw { code, gravity, text, at: 0 });
    let mut claim = Claim::default();
    claim.set(Field::SourceType, value.trim());
    match term {
        None => {
            flaw(UNKNOWN_TERM, Gravity::Fault, format!("\"{shown}\" is no term of {}", terms::VOCABULARY))
        }
        Some(term) => {
            (claim.status, claim.origin) = term.meaning();
            if value != term.uri() {
                let text =
                    format!("it is written \"{shown}\"; the standard has the full address {}", term.uri());
                flaw(TERM_SPELLING, Gravity::Deviation, text);
            }
            match term.retired {
                Some("") => {
                    flaw(RETIRED_TERM, Gravity::Deviation, format!("the term {} is retired", term.code))
                }
                Some(by) => {
                    let text = format!("the term {} is retired; {by} took its place", term.code);
                    flaw(RETIRED_TERM, Gravity::Deviation, text);
                }
                None => {}
            }
        }
    }
    let place = format!("XMP property {}", property.name);
    Mark { claim, place, raw: shortened(value, 600), flaws, ..Mark::default() }
}

/// Properties of the file itself; those of its parts and sources speak of something else.
fn wanted(name: &Name<'_>) -> bool {
    let namespace = match name.uri {
        Some(uri) => uri.trim_end_matches('/') == EXTENSION.trim_end_matches('/'),
        None => name.prefix == PREFIX,
    };
    let known = name.local == SOURCE_TYPE.local || BESIDE.iter().any(|(other, _)| other.local == name.local);
    namespace && known && name.level == Level::Top
}

fn local(property: &Property) -> &str {
    property.name.rsplit(':').next().unwrap_or_default()
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
