//! What a watermark says: claims to payloads, and back.

use crate::MarkError;
use indicia_core::{Claim, Field, Flaw, Gravity, Order, Role, Status};
use indicia_watermark::{Id, Key, Meaning, Payload, Status as Stated};

/// The version of the layout that this build writes.
const VERSION: u8 = 1;

/// What a payload says, in the words of claims.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) claim: Claim,
    pub(super) version: u8,
    /// What leads to the record; `None` if the version is not known.
    pub(super) id: Option<Id>,
    pub(super) flaws: Vec<Flaw>,
}

/// The payload of an order. `id` leads to the record; it may be empty.
pub(super) fn payload(order: &Order, key: &Key, id: &str) -> Result<Payload, MarkError> {
    let refused = |why: &str| Err(MarkError::Order(why.into()));
    let status = match order.claim.status {
        Some(Status::Generated) => Stated::Is,
        Some(Status::Possible) => Stated::MayBe,
        Some(Status::Suspected) => Stated::Suspected,
        Some(Status::NotGenerated) => {
            return refused("content of another origin gets no watermark that says it is generated");
        }
        None => {
            return refused(
                "a watermark says that content is, may be or is suspected to be generated; the order says none of these",
            );
        }
    };
    Payload::new(status, &Id::new(key, id))
        .map_err(|_| MarkError::Order("the number fits no watermark".into()))
}

/// The field of a claim that names the record of whoever gives the order.
pub(super) fn record(role: Role) -> Field {
    match role {
        Role::Producer => Field::ContentId,
        Role::Propagator => Field::PropagationId,
    }
}

impl Message {
    /// What these bits say.
    pub(super) fn of(payload: Payload) -> Self {
        let flaw = |code, text| vec![Flaw { code, gravity: Gravity::Deviation, text, at: 0 }];
        let (status, id) = match payload.meaning() {
            Meaning::UnknownVersion(version) => {
                let text = format!(
                    "its payload {payload} is of version {version}, which this build does not know: what it says is not guessed"
                );
                let flaws = flaw("watermark-version", text);
                return Self { version, flaws, ..Self::default() };
            }
            Meaning::Label { status, id } => (status, id),
        };
        let status = match status {
            Stated::Is => Some(Status::Generated),
            Stated::MayBe => Some(Status::Possible),
            Stated::Suspected => Some(Status::Suspected),
            Stated::Unstated => None,
        };
        let mut claim = Claim { status, ..Claim::default() };
        let mut flaws = Vec::new();
        match &id {
            Id::Literal(text) => claim.set(Field::ContentId, text.clone()),
            Id::Malformed(_) => {
                flaws =
                    flaw("watermark-id", format!("the id in its payload {payload} is none of this version"));
            }
            Id::None | Id::Digest(_) => {}
        }
        Self { claim, version: VERSION, id: Some(id), flaws }
    }

    /// What leads to the record, in words.
    pub(super) fn id_words(&self) -> String {
        match &self.id {
            None => "not known".into(),
            Some(Id::None) => "none".into(),
            Some(Id::Literal(text)) => text.clone(),
            Some(Id::Digest(value)) => format!("digest {value:014x}"),
            Some(Id::Malformed(value)) => format!("malformed {value:014x}"),
        }
    }
}
