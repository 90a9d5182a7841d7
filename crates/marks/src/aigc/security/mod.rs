//! What secures a label: signatures in `ReservedCode1` and `ReservedCode2` (TC260-PG-202511A).
//!
//! The guide's text could not be read; what stands here is known through others who read it and from labels in
//! the wild. Not known: how content is chosen for a content binding (`CntSel`), what a propagator signs, and
//! whether the message is hashed once more before it is signed. Where that leaves a question open, the answer is
//! [`codes::SECURITY_UNSUPPORTED`]: could not look, never "holds".

mod algorithm;
mod document;
mod identity;
mod key;
mod message;
mod sign;
mod verify;

use super::codes;
use super::keys::Key;
use document::{About, Document, Reading, Signature};
use indicia_core::{Claim, Field, Gravity, Signature as Fitting};
use key::PublicKey;
use message::Message;

pub(super) use identity::identify;
pub use identity::{PinError, pinned_keys};
pub(super) use sign::secure;
pub use sign::{KeyError, signing_key};

/// Most signatures of one field that are verified: each takes time, and a file says how many there are. Two are the most seen.
const SIGNATURES: usize = 3;

/// What is found in a field: code, gravity, words.
type Finding = (&'static str, Gravity, String);

/// What was found in the fields of a label.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    /// All that is to be told.
    pub(super) findings: Vec<Finding>,
    /// The signatures over the label that fit it.
    pub(super) signatures: Vec<Fitting>,
}

/// What the security data in a label says of it. `label` is the value of `Label` as written; a label that is
/// ambiguous has a key twice with different values.
pub(super) fn inspect(label: &str, claim: &Claim, is_ambiguous: bool) -> Inspection {
    let mut inspection = Inspection::default();
    for (key, field) in
        [(Key::ReservedCode1, Field::ProducerSecurity), (Key::ReservedCode2, Field::PropagatorSecurity)]
    {
        let found = match document::read(claim.field(field)) {
            Reading::Other => Vec::new(),
            Reading::Unread(why) => vec![unread(&why)],
            Reading::Unsupported(why) => vec![unsupported(&why)],
            Reading::Whole(_) if is_ambiguous => {
                vec![unsupported(
                    "a key of the label stands there twice, and which of its values was signed cannot be told",
                )]
            }
            Reading::Whole(document) => {
                let messages = message::of(key, label, claim);
                of_document(&document, &messages, |signer, key| {
                    inspection.signatures.push(Fitting { field, signer, key });
                })
            }
        };
        let name = key.name();
        let named = found.into_iter().map(|(code, gravity, text)| (code, gravity, format!("{name}: {text}")));
        inspection.findings.extend(named);
    }
    inspection
}

fn unread(why: &str) -> Finding {
    (codes::SECURITY_UNREAD, Gravity::Deviation, format!("security data that cannot be read: {why}"))
}

fn unsupported(why: &str) -> Finding {
    let text = format!("security data that this program cannot verify: {why}; whether it holds is not known");
    (codes::SECURITY_UNSUPPORTED, Gravity::Note, text)
}

/// `fits` is told the signer, by what the label says, and the fingerprint of the key of each signature that fits.
fn of_document(
    document: &Document,
    messages: &[Message],
    mut fits: impl FnMut(String, String),
) -> Vec<Finding> {
    let mut found = Vec::new();
    for signature in document.signatures.iter().take(SIGNATURES) {
        found.push(match &signature.about {
            About::Label => of_label(document, signature, messages, &mut fits),
            About::Binding => of_binding(document, signature),
            About::Other(what) => unsupported(&format!("a signature over {what}")),
        });
    }
    match document.signatures.len() {
        0 => found.push(unsupported("it has no public signature over the label (PubSD of type DS)")),
        1..=SIGNATURES => {}
        all => found.push(unsupported(&format!("only {SIGNATURES} of its {all} signatures were looked at"))),
    }
    let binding_signed = document.signatures.iter().any(|signature| signature.about == About::Binding);
    if !document.bindings.is_empty() && !binding_signed {
        found.push(unsupported(CONTENT));
    }
    found
}

/// Why a content binding is never said to hold.
const CONTENT: &str =
    "it binds the content by a hash, and how the content is chosen for it (CntSel) is not published";

fn of_label(
    document: &Document,
    signature: &Signature,
    messages: &[Message],
    told: &mut dyn FnMut(String, String),
) -> Finding {
    let (algorithm, bytes, keys) = match verify::parts(document, signature) {
        Ok(parts) => parts,
        Err(verify::Trouble::Unread(why)) => return unread(&why),
        Err(verify::Trouble::Unsupported(why)) => return unsupported(&why),
    };
    for message in messages {
        let fits = |key: &PublicKey| Some((key.fingerprint(), verify::verify(key, &message.text, &bytes)?));
        if let Some((fingerprint, form)) = keys.iter().find_map(fits) {
            let text = format!(
                "the signature over {} fits, so that these were not changed since they were signed: {}, {}, key \
                 SHA-256 {fingerprint}",
                message.parts,
                algorithm.name(),
                form.words(),
            );
            told(message.signer.clone(), fingerprint);
            return (codes::SECURITY_VALID, Gravity::Note, text);
        }
    }
    match messages {
        [only] => {
            let text = format!(
                "the signature ({}) does not fit {}: one of them, the signature or the key was changed since, or \
                 something else was signed than the message of TC260-PG-202511A Annex A.1",
                algorithm.name(),
                only.parts
            );
            (codes::SECURITY_BROKEN, Gravity::Fault, text)
        }
        _ => unsupported(&format!(
            "the signature ({}) does not fit {}, and what a propagator signs is not published",
            algorithm.name(),
            message::all_parts(messages)
        )),
    }
}

fn of_binding(document: &Document, signature: &Signature) -> Finding {
    let (algorithm, bytes, keys) = match verify::parts(document, signature) {
        Ok(parts) => parts,
        Err(verify::Trouble::Unread(why)) => return unread(&why),
        Err(verify::Trouble::Unsupported(why)) => return unsupported(&why),
    };
    let texts = document.bindings.iter().map(super::json::Value::to_json);
    let fits = |text: String| keys.iter().find_map(|key| verify::verify(key, &text, &bytes));
    match texts.take(SIGNATURES).find_map(fits) {
        Some(form) => unsupported(&format!(
            "{CONTENT}; the signature over the binding itself fits ({}, {})",
            algorithm.name(),
            form.words()
        )),
        None => unsupported(&format!("{CONTENT}; the signature over the binding was not understood")),
    }
}

#[cfg(test)]
pub(super) mod tests;
