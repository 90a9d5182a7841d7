//! What the new label is to say, between what is ordered and what the labels there say.

use super::codes;
use crate::MarkError;
use indicia_core::{Claim, Field, Mark, Order, Role, Status};

/// The parts that belong to the producer (Annex E d to f).
const PRODUCERS: [Field; 3] = [Field::Producer, Field::ContentId, Field::ProducerSecurity];
/// The parts that belong to the propagator (Annex E g to i).
const PROPAGATORS: [Field; 3] = [Field::Propagator, Field::PropagationId, Field::PropagatorSecurity];

/// The claim to write.
pub(super) fn agreed(order: &Order, labels: &[&Mark]) -> Result<Claim, MarkError> {
    for field in PRODUCERS.iter().chain(&PROPAGATORS) {
        writable(*field, order.claim.field(*field))?;
    }
    match order.role {
        _ if order.carried => carried(order, labels),
        Role::Producer => producers(order, labels),
        Role::Propagator => propagators(order, labels),
    }
}

/// Refuses what no carrier holds unchanged. Annex E j allows more than printable ASCII ("mainly").
fn writable(field: Field, value: &str) -> Result<(), MarkError> {
    let bad = |sign: &char| {
        sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    };
    match value.chars().find(bad) {
        None => Ok(()),
        Some(sign) => Err(MarkError::Order(format!(
            "{} holds the control character U+{:04X}, which Annex E j does not allow",
            field.name(),
            u32::from(sign)
        ))),
    }
}

fn required(order: &Order, field: Field, what: &str) -> Result<String, MarkError> {
    match order.claim.field(field) {
        "" => Err(MarkError::Order(format!("the order does not give the {what}"))),
        value => Ok(value.to_owned()),
    }
}

fn ordered_status(order: &Order) -> Result<Status, MarkError> {
    match order.claim.status {
        Some(Status::NotGenerated) => Err(MarkError::Order(
            "the label can say that content is, may be or is suspected to be generated (Annex E c); it cannot \
             say that it is not"
                .into(),
        )),
        Some(status) => Ok(status),
        None => Err(MarkError::Order("the order does not say whether the content is generated".into())),
    }
}

fn offset(mark: &Mark) -> u64 {
    mark.site.map_or(0, |site| site.start)
}

fn producers(order: &Order, labels: &[&Mark]) -> Result<Claim, MarkError> {
    let status = ordered_status(order)?;
    let producer = required(order, Field::Producer, "producer (name or code, Annex E d)")?;
    let own: Vec<&&Mark> =
        labels.iter().filter(|mark| mark.claim.field(Field::Producer) == producer).collect();
    let others = labels.iter().find(|mark| mark.claim.field(Field::Producer) != producer);
    if let Some(mark) = others.filter(|_| !order.replace) {
        let whose = match mark.claim.field(Field::Producer) {
            _ if mark.has(codes::MALFORMED) => "a label that cannot be read".to_owned(),
            "" => "a label that names no producer".to_owned(),
            other => format!("the label of another producer, {other}"),
        };
        return Err(MarkError::Refused(format!(
            "the file has {whose} at byte {} ({}); use --as propagator to add your own part, or --replace-label \
             to replace it",
            offset(mark),
            mark.place
        )));
    }
    let mut claim = Claim { status: Some(status), ..Claim::default() };
    let id = match order.claim.field(Field::ContentId) {
        "" => kept_id(&own)?,
        id => id.to_owned(),
    };
    // What secures a label is good only for the label that it was made for.
    let unchanged =
        own.iter().find(|mark| mark.claim.status == Some(status) && mark.claim.field(Field::ContentId) == id);
    let kept = unchanged.map_or("", |mark| mark.claim.field(Field::ProducerSecurity));
    let security = match order.claim.field(Field::ProducerSecurity) {
        "" => kept,
        ordered => ordered,
    };
    claim.set(Field::ProducerSecurity, security);
    // At first writing the producer is the propagator, too (Annex E note 1).
    claim.set(Field::Propagator, &producer);
    claim.set(Field::PropagationId, &id);
    let spread = own.iter().find(|mark| {
        let propagator = mark.claim.field(Field::Propagator);
        !propagator.is_empty() && propagator != producer
    });
    let same = unchanged.filter(|mark| mark.claim.field(Field::Propagator) == producer);
    if let Some(mark) = spread.or(same) {
        for field in PROPAGATORS {
            claim.set(field, mark.claim.field(field));
        }
    }
    if unchanged.is_none() {
        claim.set(Field::PropagatorSecurity, "");
    }
    if claim.field(Field::PropagationId).is_empty() && spread.is_none() {
        claim.set(Field::PropagationId, &id);
    }
    claim.set(Field::Producer, producer);
    claim.set(Field::ContentId, id);
    Ok(claim)
}

/// What the label of another file says, word for word; a file that says something else is not overwritten unasked.
fn carried(order: &Order, labels: &[&Mark]) -> Result<Claim, MarkError> {
    let mut claim = Claim { status: Some(ordered_status(order)?), ..Claim::default() };
    for field in PRODUCERS.into_iter().chain(PROPAGATORS) {
        claim.set(field, order.claim.field(field));
    }
    match labels.iter().find(|mark| mark.claim != claim).filter(|_| !order.replace) {
        None => Ok(claim),
        Some(mark) => Err(MarkError::Refused(format!(
            "the file has a label of its own at byte {} ({}), which says something else; --replace-label replaces it",
            offset(mark),
            mark.place
        ))),
    }
}

/// The number that the producer gave the content before.
fn kept_id(own: &[&&Mark]) -> Result<String, MarkError> {
    let mut ids: Vec<&str> = own.iter().map(|mark| mark.claim.field(Field::ContentId)).collect();
    ids.retain(|id| !id.is_empty());
    ids.sort_unstable();
    ids.dedup();
    match ids.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => Err(MarkError::Order("the order does not give the content's number (Annex E e)".into())),
        [one, two, ..] => Err(MarkError::Order(format!(
            "the file's labels give the content two numbers, {one} and {two}: say which"
        ))),
    }
}

fn propagators(order: &Order, labels: &[&Mark]) -> Result<Claim, MarkError> {
    let propagator = required(order, Field::Propagator, "propagator (name or code, Annex E g)")?;
    let id = required(order, Field::PropagationId, "propagator's number for the content (Annex E h)")?;
    let mut claim = match kept(order, labels)? {
        Some(kept) => kept,
        None => unlabelled(order)?,
    };
    claim.set(Field::Propagator, propagator);
    claim.set(Field::PropagationId, id);
    claim.set(Field::PropagatorSecurity, order.claim.field(Field::PropagatorSecurity));
    Ok(claim)
}

/// The part of the labels there that a propagator must not touch; `None` if there is no label to keep.
fn kept(order: &Order, labels: &[&Mark]) -> Result<Option<Claim>, MarkError> {
    if let Some(mark) = labels.iter().find(|mark| mark.claim.status.is_none()) {
        if order.replace {
            return Ok(None);
        }
        return Err(MarkError::Refused(format!(
            "what the label at byte {} ({}) says cannot be understood, so its producer's part cannot be kept; \
             use --replace-label to replace it",
            offset(mark),
            mark.place
        )));
    }
    let part = |mark: &Mark| {
        let mut claim = Claim { status: mark.claim.status, ..Claim::default() };
        for field in PRODUCERS {
            claim.set(field, mark.claim.field(field));
        }
        claim
    };
    let Some((first, rest)) = labels.split_first() else { return Ok(None) };
    if let Some(other) = rest.iter().find(|mark| part(mark) != part(first)) {
        return Err(MarkError::Refused(format!(
            "the file has labels that contradict each other, at byte {} ({}) and at byte {} ({}): which to keep \
             is not for a propagator to say",
            offset(first),
            first.place,
            offset(other),
            other.place
        )));
    }
    Ok(Some(part(first)))
}

/// What a propagator may say of a file without a label (Measures, article 6).
fn unlabelled(order: &Order) -> Result<Claim, MarkError> {
    match ordered_status(order)? {
        Status::Generated => Err(MarkError::Order(
            "the file has no producer's label, so a propagator can say that it may be generated (the user \
             declares it) or is suspected to be (traces were found), not that it is: Measures article 6"
                .into(),
        )),
        status => Ok(Claim { status: Some(status), ..Claim::default() }),
    }
}
