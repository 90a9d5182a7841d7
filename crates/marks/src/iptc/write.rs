//! Writing the source type and the AI properties.

use super::terms::AiUse;
use super::{BESIDE, SOURCE_TYPE, TERMS, Term, local, read, wanted};
use crate::MarkError;
use crate::xmp::{self, Property, PropertyName};
use indicia_core::{Claim, Field, Limits, Mark, Order, Origin, Status};
use indicia_media::{Carrier, Draft};

/// Writes the source type that fits the order, and what the order says of system and prompt.
///
/// # Errors
/// [`MarkError::Order`] if the vocabulary has no term for what is ordered; [`MarkError::Refused`] if the
/// file says otherwise and the order does not say to replace it, or its XMP cannot be changed.
pub(crate) fn change(order: &Order, draft: &mut Draft<'_>) -> Result<Option<Mark>, MarkError> {
    let asset = draft.asset();
    if asset.format.home(Carrier::Xmp).is_none() {
        return Err(MarkError::Refused(format!("{} has no place for XMP", asset.format.title)));
    }
    let term = ordered_term(&order.claim)?;
    let beside: Vec<(&PropertyName, Field, &str)> = BESIDE
        .iter()
        .map(|(name, field)| (name, *field, order.claim.field(*field)))
        .filter(|(.., value)| !value.is_empty())
        .collect();
    for (_, field, value) in &beside {
        writable(*field, value)?;
    }
    let limits = asset.limits;
    let packets: Vec<usize> = draft.packets(Carrier::Xmp).map(|(at, _)| at).collect();
    if !order.replace {
        for at in &packets {
            if let Some(body) = draft.body(*at)? {
                refuse_to_contradict(&body, term, &beside, &limits)?;
            }
        }
    }
    let uri = term.uri();
    let mut changed = false;
    for at in packets.into_iter().skip(1) {
        changed |= removed(draft, at, &beside, &limits)?;
    }
    let before = draft.current(Carrier::Xmp, "")?.map(std::borrow::Cow::into_owned);
    let mut packet = before.clone().unwrap_or_default();
    let source_type = (&SOURCE_TYPE, uri.as_str());
    for (name, value) in
        std::iter::once(source_type).chain(beside.iter().map(|(name, _, value)| (*name, *value)))
    {
        if !stands(&packet, name, value, &limits) {
            let same = |property: &Property| local(property) == name.local;
            packet =
                xmp::set(&packet, name, value, &limits, &same, &wanted).map_err(|damage| broken(&damage))?;
        }
    }
    if before.as_ref() != Some(&packet) {
        draft.set(Carrier::Xmp, "", packet.clone());
        changed = true;
    }
    let (marks, _) = read(&packet, &limits);
    Ok(marks.into_iter().next().map(|(mark, _)| mark).filter(|_| changed))
}

/// The term for what is ordered. There is none for a suspicion, and what is no AI is not this program's to say.
fn ordered_term(claim: &Claim) -> Result<&'static Term, MarkError> {
    let code = match (claim.status, claim.origin) {
        (Some(Status::Generated), Some(Origin::Generated)) => "trainedAlgorithmicMedia",
        (Some(Status::Generated), Some(Origin::Altered)) => "compositeWithTrainedAlgorithmicMedia",
        (Some(Status::Generated), None) => {
            return Err(MarkError::Order(
                "the order does not say whether the content was generated or altered; the digital source type \
                 has a term for each and none for both"
                    .into(),
            ));
        }
        (Some(Status::Possible | Status::Suspected), _) => {
            return Err(MarkError::Order(
                "the digital source type has no term for content that may be or is suspected to be generated"
                    .into(),
            ));
        }
        (Some(Status::NotGenerated) | None, _) => {
            return Err(MarkError::Order("the order does not say that the content is generated".into()));
        }
    };
    TERMS.iter().find(|term| term.code == code).ok_or_else(|| MarkError::Order(format!("no term {code}")))
}

/// Refuses what XML 1.0 cannot hold (2.2).
fn writable(field: Field, value: &str) -> Result<(), MarkError> {
    let bad = |sign: &char| {
        (sign.is_control() && !matches!(sign, '\n' | '\t' | '\r')) || matches!(sign, '\u{FFFE}' | '\u{FFFF}')
    };
    match value.chars().find(bad) {
        None => Ok(()),
        Some(sign) => {
            let code = u32::from(sign);
            Err(MarkError::Order(format!("{} holds U+{code:04X}, which XMP cannot hold", field.name())))
        }
    }
}

/// Refuses to overwrite what says something else.
fn refuse_to_contradict(
    packet: &[u8],
    term: &Term,
    beside: &[(&PropertyName, Field, &str)],
    limits: &Limits,
) -> Result<(), MarkError> {
    let (marks, _) = read(packet, limits);
    for (mark, _) in &marks {
        let there = mark.claim.field(Field::SourceType);
        let meant = Term::meant_by(there);
        if !there.is_empty() && meant != Some(term) {
            let says = match meant.map(|meant| meant.ai) {
                Some(AiUse::None) => "an origin without AI",
                Some(AiUse::Possible | AiUse::Unsaid) => "an origin that leaves open whether AI was used",
                Some(AiUse::Generated | AiUse::Altered) => "another use of AI",
                None => "something that is no term of the vocabulary",
            };
            return Err(MarkError::Refused(format!(
                "the file's DigitalSourceType is {there}, {says}; the order says {}; use --replace-label to \
                 replace it",
                term.code
            )));
        }
        for (name, field, value) in beside {
            let there = mark.claim.field(*field);
            if !there.is_empty() && there != value.trim() {
                return Err(MarkError::Refused(format!(
                    "the file's {} is {there}, the order says {value}; use --replace-label to replace it",
                    name.local
                )));
            }
        }
    }
    Ok(())
}

/// Whether exactly this stands there already.
fn stands(packet: &[u8], name: &PropertyName, value: &str, limits: &Limits) -> bool {
    let found = xmp::properties(packet, limits, &|other| wanted(other) && other.local == name.local);
    let [only] = found.properties.as_slice() else { return false };
    only.uri.as_deref() == Some(name.uri) && only.values == [value]
}

/// Takes out of a further packet what the first will say.
fn removed(
    draft: &mut Draft<'_>,
    at: usize,
    beside: &[(&PropertyName, Field, &str)],
    limits: &Limits,
) -> Result<bool, MarkError> {
    let Some(body) = draft.body(at)? else { return Ok(false) };
    let same = |property: &Property| {
        let name = local(property);
        name == SOURCE_TYPE.local || beside.iter().any(|(other, ..)| other.local == name)
    };
    if !xmp::properties(&body, limits, &wanted).properties.iter().any(same) {
        return Ok(false);
    }
    let left = xmp::remove(&body, limits, &same, &wanted).map_err(|damage| broken(&damage))?;
    draft.replace(at, left);
    Ok(true)
}

fn broken(damage: &xmp::Damage) -> MarkError {
    MarkError::Refused(format!(
        "the file's XMP packet is broken and would be lost: {damage}; mend or remove it first"
    ))
}
