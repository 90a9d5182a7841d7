//! The words that are signed (TC260-PG-202511A Annex A.1): pairs of the label, without braces.

use super::super::json::quoted;
use super::super::keys::Key;
use indicia_core::Claim;

/// A text that may have been signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// The parts of the label in it, in words.
    pub(super) parts: String,
    /// The text.
    pub(super) text: String,
    /// Who signs it: the name or code in the label.
    pub(super) signer: String,
}

/// The parts that a producer signs (Annex A.1).
const PRODUCERS: [Key; 3] = [Key::Label, Key::ContentProducer, Key::ProduceId];
/// The parts that a propagator signs: our reading, made after the producer's. No text and no verified sample
/// is known.
const PROPAGATORS: [Key; 3] = [Key::Label, Key::ContentPropagator, Key::PropagateId];

/// The texts that what is in a field may have signed, the likeliest first.
pub(super) fn of(field: Key, label: &str, claim: &Claim) -> Vec<Message> {
    let message = |keys: [Key; 3]| Message::new(keys, label, claim);
    match field {
        // Producers that fill both fields are known to write the same into both.
        Key::ReservedCode2 => vec![message(PROPAGATORS), message(PRODUCERS)],
        _ => vec![message(PRODUCERS)],
    }
}

/// The text that this program signs in a field.
pub(super) fn to_sign(field: Key, label: &str, claim: &Claim) -> Message {
    let keys = if field == Key::ReservedCode2 { PROPAGATORS } else { PRODUCERS };
    Message::new(keys, label, claim)
}

/// The parts of each of the messages, in words.
pub(super) fn all_parts(messages: &[Message]) -> String {
    let parts: Vec<_> = messages.iter().map(|message| message.parts.as_str()).collect();
    parts.join(", nor ")
}

impl Message {
    fn new(keys: [Key; 3], label: &str, claim: &Claim) -> Self {
        let value = |key: Key| key.field().map_or(label, |field| claim.field(field));
        let pairs = keys.map(|key| format!("\"{}\":{}", key.name(), quoted(value(key))));
        let [_, signer, _] = keys.map(|key| value(key).to_owned());
        let [one, two, three] = keys.map(Key::name);
        Self { parts: format!("{one}, {two} and {three}"), text: pairs.join(","), signer }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::keys::Key;
    use super::of;
    use indicia_core::{Claim, Field};

    #[test]
    fn three_pairs_without_braces() {
        let mut claim = Claim::default();
        claim.set(Field::Producer, "p");
        claim.set(Field::ContentId, "i\"j");
        claim.set(Field::Propagator, "q");
        let producers = "\"Label\":\"1\",\"ContentProducer\":\"p\",\"ProduceID\":\"i\\\"j\"";
        let propagators = "\"Label\":\"1\",\"ContentPropagator\":\"q\",\"PropagateID\":\"\"";
        let texts =
            |field| of(field, "1", &claim).into_iter().map(|message| message.text).collect::<Vec<_>>();
        assert_eq!(texts(Key::ReservedCode1), [producers]);
        assert_eq!(texts(Key::ReservedCode2), [propagators, producers]);
    }
}
