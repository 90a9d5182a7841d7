//! The watermark that an order asks for.

use super::message::{self, Message};
use super::{key_of, label};
use crate::MarkError;
use indicia_core::{Binding, Context, Field, Mark, Order, Signal};
use indicia_media::Asset;
use indicia_watermark::{Key, Payload};

/// The watermark that an order asks for.
pub(super) struct Wanted {
    pub(super) key: Key,
    pub(super) payload: Payload,
    /// Which number of the label the id is, and the id.
    field: Field,
    id: String,
}

impl Wanted {
    /// What goes onto this file: the id of the order, or that of the label beside it.
    ///
    /// # Errors
    /// If the order says what no watermark says.
    pub(super) fn of(order: &Order, asset: &Asset<'_>, cx: &Context) -> Result<Self, MarkError> {
        let key = key_of(order);
        let field = message::record(order.role);
        let id = match order.claim.field(field) {
            "" => label::of(asset, cx).map(|label| label.claim.field(field).to_owned()).unwrap_or_default(),
            given => given.to_owned(),
        };
        let payload = message::payload(order, &key, &id)?;
        Ok(Self { key, payload, field, id })
    }

    /// Why another mark under the same key is not written over unasked.
    pub(super) fn taken(&self, what: &str, other: Payload) -> MarkError {
        MarkError::Refused(format!(
            "the {what} carries another watermark under this key already (payload {other}, id {}), and two would stand in each \
             other's way; --replace-label writes over it",
            Message::of(other).id_words()
        ))
    }

    /// The mark as it is to be found again.
    pub(super) fn mark(&self, algorithm: &str, place: String) -> Mark {
        let message = Message::of(self.payload);
        let mut mark = Mark {
            claim: message.claim.clone(),
            place,
            raw: self.payload.to_string(),
            signal: Some(Signal {
                payload: self.payload.to_string(),
                version: message.version,
                id: message.id_words(),
                key: self.key.id().to_string(),
                open: self.key == Key::public(),
                searched: false,
                attempts: 0,
                geometry: Vec::new(),
                spans: Vec::new(),
                frames: 1,
                frames_in_all: 1,
            }),
            binding: Some(binding(algorithm, self.payload)),
            ..Mark::default()
        };
        if self.field == Field::PropagationId {
            move_id(&mut mark, self.field, &self.id);
        }
        mark
    }
}

/// How a manifest names a mark.
pub(super) fn binding(algorithm: &str, payload: Payload) -> Binding {
    Binding { algorithm: algorithm.into(), value: payload.bits().to_be_bytes().to_vec() }
}

/// Says of an id that stands in the mark itself whose it is.
pub(super) fn move_id(mark: &mut Mark, field: Field, number: &str) {
    if mark.claim.field(Field::ContentId) == number {
        mark.claim.set(Field::ContentId, "");
        mark.claim.set(field, number);
    }
}
