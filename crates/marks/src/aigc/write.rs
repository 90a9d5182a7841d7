//! Writing the label: what it is to say, then one label in its place and none anywhere else (clause 6.1 c).

mod erase;
mod terms;

use super::home::home;
use super::json::quoted;
use super::keys::Key;
use super::label;
use super::reading::{Place, readings};
use super::security;
use super::spots::{Sighting, Spot, property_readings, sightings, wanted};
use super::{NAME, codes};
use crate::MarkError;
use crate::front_matter::{self, blocks, with_block};
use crate::xmp;
use indicia_core::{Claim, Gravity, Limits, Mark, Order, Span, Status};
use indicia_media::{Carrier, Draft};

/// Puts the label that the order asks for on the file, in place of those that are there.
///
/// # Errors
/// [`MarkError::Order`] if the order does not say enough or asks for what a label cannot say;
/// [`MarkError::Refused`] if it would overwrite what it must not.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    let home = home(asset).ok_or_else(|| {
        let reason =
            "has no place for the label that this program can write: convert it to another format first";
        MarkError::Refused(format!("{} {reason}", asset.format.title))
    })?;
    let seen = sightings(asset);
    let found: Vec<&Sighting> = seen.found.iter().filter(|sighting| !sighting.mark.is_doubtful()).collect();
    if let Some((at, why)) = seen.unread.first() {
        return Err(MarkError::Refused(format!(
            "the file may have a label that cannot be read and would stay beside the new one: {why} (packet at byte {at})"
        )));
    }
    let labels: Vec<&Mark> = found.iter().map(|sighting| &sighting.mark).collect();
    let mut claim = terms::agreed(order, &labels)?;
    // What another file's label says is carried as it is: its signatures are its own.
    if let Some(key) = order.signing_key.as_ref().filter(|_| !order.carried) {
        let label = values(&claim).next().map_or("", |(_, value)| value).to_owned();
        security::secure(&mut claim, &label, order.role, key)?;
    }
    let json = json(&claim);
    let mut mark = written(&json, &asset.limits);
    if let [only] = found.as_slice()
        && says_the_same(&only.mark, &mark)
    {
        return Ok(None);
    }
    erase::refuse_what_cannot_go(&found)?;
    match home.carrier {
        Carrier::Field => {
            erase::erase(draft, &found, None)?;
            draft.set(Carrier::Field, "AIGC", json.into_bytes());
        }
        Carrier::FrontMatter => {
            erase::erase(draft, &found, Some(Carrier::FrontMatter))?;
            mark.raw = label::shown(&into_front_matter(draft, &yaml(&claim))?);
        }
        _ => {
            erase::erase(draft, &found, Some(Carrier::Xmp))?;
            into_xmp(draft, &json)?;
        }
    }
    let what = match home.carrier {
        Carrier::Field | Carrier::FrontMatter => "key AIGC",
        _ => "XMP property TC260:AIGC",
    };
    mark.place = format!("{}, {what}", home.place);
    Ok(Some(mark))
}

/// The seven values, in the order of Annex E b.
fn values(claim: &Claim) -> impl Iterator<Item = (Key, &str)> {
    Key::ALL.into_iter().map(|key| {
        let value = match (key.field(), claim.status) {
            (Some(field), _) => claim.field(field),
            (None, Some(Status::Possible)) => "2",
            (None, Some(Status::Suspected)) => "3",
            (None, _) => "1",
        };
        (key, value)
    })
}

/// The label that makes a claim: the bare JSON object of GB 45438-2025 Annex E b, compact.
pub fn json(claim: &Claim) -> String {
    let pairs: Vec<_> =
        values(claim).map(|(key, value)| format!("\"{}\":{}", key.name(), quoted(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// The block of TC260-PG-20258A 6.5.
fn yaml(claim: &Claim) -> String {
    let lines =
        values(claim).map(|(key, value)| format!("  {}: {}\n", key.name(), front_matter::quoted(value)));
    format!("AIGC:\n{}", lines.collect::<String>())
}

/// The label as it will be read back.
fn written(json: &str, limits: &Limits) -> Mark {
    let reading = readings(json, Place::Canonical, limits).into_iter().next();
    let mark = reading.map(|reading| label::mark(&reading, json, String::new(), Span { start: 0, end: 0 }));
    Mark { site: None, ..mark.unwrap_or_default() }
}

/// Whether a label that is there is in its place and as good as the new one would be.
fn says_the_same(there: &Mark, new: &Mark) -> bool {
    let would_stay =
        |code: &str, text: &str| new.flaws.iter().any(|flaw| flaw.code == code && flaw.text == text);
    there.claim == new.claim
        && !there.has(codes::CARRIER)
        && there.flaws.iter().all(|flaw| flaw.gravity == Gravity::Note || would_stay(flaw.code, &flaw.text))
}

fn into_xmp(draft: &mut Draft<'_>, json: &str) -> Result<(), MarkError> {
    let limits = draft.asset().limits;
    let packet = match draft.current(Carrier::Xmp, "")? {
        None => xmp::fresh(&NAME, json),
        Some(packet) => {
            let same =
                |property: &xmp::Property| NAME.is_exactly(property) || erase::holds_label(property, &limits);
            xmp::set(&packet, &NAME, json, &limits, &same, &wanted).map_err(|damage| unchangeable(&damage))?
        }
    };
    draft.set(Carrier::Xmp, "", packet);
    Ok(())
}

/// Why an XMP packet is left alone.
fn unchangeable(damage: &xmp::Damage) -> MarkError {
    MarkError::Refused(format!(
        "the file's XMP packet is broken and would be lost: {damage}; mend or remove it first"
    ))
}

/// Puts the block in, and gives it as it stands there.
fn into_front_matter(draft: &mut Draft<'_>, yaml: &str) -> Result<String, MarkError> {
    let limits = draft.asset().limits;
    let text = match draft.current(Carrier::FrontMatter, "")? {
        None => String::new(),
        Some(body) => erase::as_text(&body)?,
    };
    if text.trim_start().starts_with('{') {
        return Err(MarkError::Refused(
            "the file's front matter is JSON; TC260-PG-20258A 6.5 has YAML, which cannot be put into it"
                .into(),
        ));
    }
    let gone: Vec<_> = erase::label_blocks(&text, &limits);
    let text = with_block(&text, &gone, yaml);
    let block = erase::label_blocks(&text, &limits).into_iter().next().and_then(|site| text.get(site));
    let block = block.unwrap_or_default().trim_end().to_owned();
    draft.set(Carrier::FrontMatter, "", text.into_bytes());
    Ok(block)
}

#[cfg(test)]
mod tests;
